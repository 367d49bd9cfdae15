"""Associative memories on plain arrays: store patterns, recall them from parts."""

import importlib
import pkgutil


def load():
    """Import every module, so that all memories are registered."""
    for found in pkgutil.iter_modules(__path__, f"{__name__}."):
        importlib.import_module(found.name)
