"""What a measure may be given."""

import numpy as np

from neurosim.errors import ParameterError

__all__ = ["NotMeasuredError", "checked_matrix", "checked_shares", "measured_shares"]


class NotMeasuredError(ParameterError):
    """A measure needs a value that was not measured, so it is not defined."""


def checked_matrix(matrix, *, least=1):
    """Return `matrix` as an array, square and of at least so many tasks."""
    matrix = np.asarray(matrix, float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ParameterError(f"accuracy matrix must be square; got shape {matrix.shape}")
    if len(matrix) < least:
        raise NotMeasuredError(f"this measure needs at least {least} tasks; got {len(matrix)}")
    return matrix


def checked_shares(values, name):
    """Return `values`, all between 0 and 1."""
    measured_shares(values, name)
    if np.isnan(values).any():
        raise NotMeasuredError(f"{name} must be shares between 0 and 1; got nan")
    return values


def measured_shares(values, name):
    """Return `values`, all between 0 and 1 or NaN where nothing was measured."""
    wrong = values[(values < 0) | (values > 1)]
    if wrong.size:
        raise ParameterError(f"{name} must be shares between 0 and 1; got {wrong.flat[0]}")
    return values
