"""Forms, one module for each group of pages."""
