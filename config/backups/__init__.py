"""Backups of the database, and what a restored one may still do (docs/decisions/0052)."""
