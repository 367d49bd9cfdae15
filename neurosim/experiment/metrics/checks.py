"""What a measure may be given."""

import numpy as np

from neurosim.errors import ParameterError

__all__ = ["checked_matrix", "checked_shares"]


def checked_matrix(matrix, *, least=1):
    """Return `matrix` as an array, square and of at least so many tasks."""
    matrix = np.asarray(matrix, float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ParameterError(f"accuracy matrix must be square; got shape {matrix.shape}")
    if len(matrix) < least:
        raise ParameterError(f"this measure needs at least {least} tasks; got {len(matrix)}")
    return matrix


def checked_shares(values, name):
    """Return `values`, all between 0 and 1."""
    if not np.all((values >= 0) & (values <= 1)):
        wrong = values[~((values >= 0) & (values <= 1))].flat[0]
        raise ParameterError(f"{name} must be shares between 0 and 1; got {wrong}")
    return values
