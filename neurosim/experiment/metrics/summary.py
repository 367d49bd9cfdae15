"""Every measure that is defined for what was measured."""

import numpy as np

from neurosim.experiment.metrics.checks import checked_matrix
from neurosim.experiment.metrics.curve import (
    checked_curve,
    minimum_accuracy,
    stability_gap,
    windowed_forgetting,
    windowed_plasticity,
    worst_case_accuracy,
)
from neurosim.experiment.metrics.matrix import (
    average_accuracy,
    average_incremental_accuracy,
    backward_transfer,
    forgetting,
    forward_transfer,
    learning_accuracy,
)

__all__ = ["summary"]


def summary(matrix, initial, curve=None, iterations=None, ends=None, *, windows=(10, 100)):
    """Return every measure that is defined for what was measured.

    Parameters
    ----------
    matrix : array_like, shape (T, T)
        Of a jointly trained model only the last row is finite; measures that need more are
        absent then, as are those of two tasks where there is one.
    initial : array_like, shape (T,)
    curve, iterations, ends : array_like, optional
        See :func:`minimum_accuracy`.
    windows : sequence of int
        Windows of WF and WP; those longer than the curve are left out.

    Returns
    -------
    dict of str to float

    Examples
    --------
    >>> from neurosim.experiment.metrics import summary
    >>> sorted(summary([[0.9]], [0.1]))
    ['average_accuracy', 'average_incremental_accuracy', 'learning_accuracy']
    """
    matrix = checked_matrix(matrix)
    measures = {"average_accuracy": average_accuracy(matrix)}
    if not np.isfinite(matrix).all():
        return measures
    measures["average_incremental_accuracy"] = average_incremental_accuracy(matrix)
    measures["learning_accuracy"] = learning_accuracy(matrix)
    if len(matrix) < 2:
        return measures
    measures["backward_transfer"] = backward_transfer(matrix)
    measures["forward_transfer"] = forward_transfer(matrix, initial)
    measures["forgetting"] = forgetting(matrix)
    if curve is None or len(curve) == 0:
        return measures
    measures.update(_curve_measures(matrix, curve, iterations, ends))
    for window in windows:
        if window <= len(curve):
            measures[f"windowed_forgetting_{window}"] = windowed_forgetting(curve, window)
            measures[f"windowed_plasticity_{window}"] = windowed_plasticity(curve, window)
    return measures


def _curve_measures(matrix, curve, iterations, ends):
    _, iterations, ends = checked_curve(curve, iterations, ends)
    # Measures at task boundaries need an evaluation within each experience.
    inside = [
        np.any((iterations > start) & (iterations <= end))
        for start, end in zip([0, *ends[:-1]], ends, strict=True)
    ]
    if not all(inside):
        return {}
    return {
        "minimum_accuracy": minimum_accuracy(curve, iterations, ends),
        "worst_case_accuracy": worst_case_accuracy(curve, iterations, ends),
        "stability_gap": stability_gap(matrix, curve, iterations, ends),
    }
