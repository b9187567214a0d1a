"""OData's query options: read by a grammar, kept to what an index answers, turned into look-ups of ours."""
