"""Flat dictionaries of arrays whose names are paths, as a model's state is kept."""

__all__ = ["nest", "part"]


def nest(path, arrays):
    """Return `arrays` with ``path/`` before each name.

    Examples
    --------
    >>> from neurosim.models.continual.states import nest, part
    >>> nest("a", {"x": 1})
    {'a/x': 1}
    >>> part("a", {"a/x": 1, "b/x": 2})
    {'x': 1}
    """
    return {f"{path}/{name}": array for name, array in arrays.items()}


def part(path, state):
    """Return what :func:`nest` put under `path`."""
    prefix = f"{path}/"
    return {
        name.removeprefix(prefix): array for name, array in state.items() if name.startswith(prefix)
    }
