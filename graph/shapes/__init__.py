"""What goes out and comes in: one class for each of Graph's types that is served, the only list of their properties.

The OpenAPI document, ``$metadata``, ``$select`` and the check of bodies are all made from these.
"""
