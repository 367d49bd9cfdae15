"""Experiments, one script each, found by name through the registry."""
