"""Every measure that is defined for what was measured."""

from functools import partial

import numpy as np

from neurosim.errors import ParameterError
from neurosim.experiment.metrics.checks import NotMeasuredError, checked_matrix, measured_shares
from neurosim.experiment.metrics.curve import (
    checked_curve,
    learning_curve_area,
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


def summary(
    matrix, initial, curve=None, iterations=None, ends=None, *, windows=(10, 100), n_evaluations=10
):
    """Return every measure that is defined for what was measured.

    Parameters
    ----------
    matrix : array_like, shape (T, T)
        NaN where nothing was measured: of a jointly trained model only the last row is finite.
        Measures that need more are absent then, as are those of two tasks where there is one.
    initial : array_like, shape (T,)
        NaN where nothing was measured.
    curve, iterations, ends : array_like, optional
        See :func:`minimum_accuracy`; measures at task boundaries are absent unless each
        experience was evaluated while it was learned.
    windows : sequence of int
        Windows of WF and WP; those longer than the curve are left out.
    n_evaluations : int
        Evaluations of each experience that count to LCA, which is left out where an experience
        has fewer.

    Returns
    -------
    dict of str to float

    Raises
    ------
    ParameterError
        Where shapes do not fit or a value is no share.

    Examples
    --------
    >>> from neurosim.experiment.metrics import summary
    >>> sorted(summary([[0.9]], [0.1]))
    ['average_accuracy', 'average_incremental_accuracy', 'learning_accuracy']
    """
    matrix = measured_shares(checked_matrix(matrix), "accuracies")
    initial = np.asarray(initial, float)
    if initial.shape != (len(matrix),):
        raise ParameterError(
            f"initial accuracies must have shape ({len(matrix)},); got {initial.shape}"
        )
    measured_shares(initial, "initial accuracies")
    measures = _of_matrix(matrix, initial)
    if curve is not None and len(curve):
        measures |= _of_windows(curve, windows)
        # Tasks that were learned together end together; there are no boundaries then.
        if len(ends) == 1 or np.ptp(ends) > 0:
            measures |= _of_boundaries(matrix, curve, iterations, ends, n_evaluations)
    return _defined(measures)


def _of_matrix(matrix, initial):
    return {
        "average_accuracy": partial(average_accuracy, matrix),
        "average_incremental_accuracy": partial(average_incremental_accuracy, matrix),
        "learning_accuracy": partial(learning_accuracy, matrix),
        "backward_transfer": partial(backward_transfer, matrix),
        "forward_transfer": partial(forward_transfer, matrix, initial),
        "forgetting": partial(forgetting, matrix),
    }


def _of_windows(curve, windows):
    measures = {}
    for window in windows:
        if window <= len(curve):
            measures[f"windowed_forgetting_{window}"] = partial(windowed_forgetting, curve, window)
            measures[f"windowed_plasticity_{window}"] = partial(windowed_plasticity, curve, window)
    return measures


def _of_boundaries(matrix, curve, iterations, ends, n_evaluations):
    curve, iterations, ends = checked_curve(curve, iterations, ends)
    evaluated = np.searchsorted(iterations, [0, *ends], side="right")
    fewest = np.diff(evaluated).min()
    measures = {}
    if fewest >= 1:
        measures["minimum_accuracy"] = partial(minimum_accuracy, curve, iterations, ends)
        measures["worst_case_accuracy"] = partial(worst_case_accuracy, curve, iterations, ends)
        measures["stability_gap"] = partial(stability_gap, matrix, curve, iterations, ends)
    if fewest >= n_evaluations:
        measures[f"learning_curve_area_{n_evaluations}"] = partial(
            learning_curve_area, curve, iterations, ends, n_evaluations
        )
    return measures


def _defined(measures):
    values = {}
    for name, measure in measures.items():
        try:
            values[name] = measure()
        except NotMeasuredError:
            continue
    return values
