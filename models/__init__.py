"""Models from the literature, one folder each, found by name through the registry."""
