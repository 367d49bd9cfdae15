"""Measures from the accuracies while learning (continual evaluation)."""

from numbers import Integral

import numpy as np

from neurosim.errors import ParameterError
from neurosim.experiment.metrics.checks import (
    NotMeasuredError,
    checked_matrix,
    checked_shares,
    measured_shares,
)

__all__ = [
    "learning_curve_area",
    "minimum_accuracy",
    "stability_gap",
    "windowed_forgetting",
    "windowed_plasticity",
    "worst_case_accuracy",
]


def checked_curve(curve, iterations, ends):
    """Return checked arrays: accuracies, when they were measured, when experiences ended."""
    curve = np.asarray(curve, float)
    iterations = np.asarray(iterations, float)
    ends = np.asarray(ends, float)
    if curve.ndim != 2 or iterations.shape != curve.shape[:1] or ends.shape != curve.shape[1:]:
        raise ParameterError(
            f"curve must have shape (n_evaluations, T), with as many iterations and T ends; got "
            f"{curve.shape}, {iterations.shape} and {ends.shape}"
        )
    for name, counts in (("iterations", iterations), ("ends", ends)):
        # A comparison with NaN is false, so these are refused with those that fall.
        wrong = np.flatnonzero(~(np.diff(counts, prepend=-np.inf) > 0))
        if len(wrong):
            raise ParameterError(f"{name} must increase; number {wrong[0]} is {counts[wrong[0]]:g}")
    return measured_shares(curve, "accuracies of the curve"), iterations, ends


def minimum_accuracy(curve, iterations, ends):
    """Return min-ACC, the mean over earlier tasks of their worst accuracy since they were learned.

    Parameters
    ----------
    curve : array_like, shape (n_evaluations, T)
        Accuracies while learning; NaN where a task was not evaluated.
    iterations : array_like of int, shape (n_evaluations,)
        Iterations done at each evaluation.
    ends : array_like of int, shape (T,)
        Iterations done when each experience ended.

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        Where shapes do not fit or an earlier task was never evaluated after its end.

    Notes
    -----
    De Lange, van de Ven and Tuytelaars, "Continual evaluation for lifelong learning", ICLR
    2023: min over the evaluations n with ``|T_i| < n``, mean over the first T − 1 tasks.

    Examples
    --------
    >>> from neurosim.experiment.metrics import minimum_accuracy
    >>> curve = [[0.9, 0.1], [0.3, 0.5], [0.6, 0.8]]
    >>> minimum_accuracy(curve, [10, 15, 20], [10, 20])
    0.3
    """
    curve, iterations, ends = checked_curve(curve, iterations, ends)
    if len(ends) < 2:
        raise NotMeasuredError(f"min-ACC needs at least 2 tasks; got {len(ends)}")
    worst = []
    for task, end in enumerate(ends[:-1]):
        values = curve[iterations > end, task]
        if np.isnan(values).all():
            raise NotMeasuredError(f"task {task} was not evaluated after iteration {end:g}")
        worst.append(np.nanmin(values))
    return float(np.mean(worst))


def worst_case_accuracy(curve, iterations, ends):
    """Return WC-ACC, ``A(E_T)/T + (1 − 1/T) min-ACC`` at the last evaluation.

    Parameters
    ----------
    curve, iterations, ends : array_like
        See :func:`minimum_accuracy`.

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        As in :func:`minimum_accuracy`, or where the last evaluation leaves out the last task.

    Notes
    -----
    De Lange et al., ICLR 2023.

    Examples
    --------
    >>> from neurosim.experiment.metrics import worst_case_accuracy
    >>> curve = [[0.9, 0.1], [0.3, 0.5], [0.6, 0.8]]
    >>> round(worst_case_accuracy(curve, [10, 15, 20], [10, 20]), 12)
    0.55
    """
    minimum = minimum_accuracy(curve, iterations, ends)
    curve, _, ends = checked_curve(curve, iterations, ends)
    n_tasks = len(ends)
    if np.isnan(curve[-1, -1]):
        raise NotMeasuredError(f"task {n_tasks - 1} was not evaluated at the last iteration")
    return float(curve[-1, -1] / n_tasks + (1 - 1 / n_tasks) * minimum)


def _windowed_change(curve, window, sign):
    """Largest fall (sign 1) or rise (−1) within `window` successive evaluations, per task."""
    curve = np.asarray(curve, float)
    if curve.ndim != 2:
        raise ParameterError(f"curve must have shape (n_evaluations, T); got {curve.shape}")
    if not isinstance(window, Integral) or window < 2:
        raise ParameterError(f"window must hold at least 2 evaluations; got {window!r}")
    measured_shares(curve, "accuracies of the curve")
    changes = []
    for column in curve.T:
        values = sign * column[~np.isnan(column)]
        if len(values):
            # The largest A_i − A_j with i < j < i + window: a value against the smallest one
            # of the window it opens.
            changes.append(np.max(values - _smallest_ahead(values, min(window, len(values)))))
    if not changes:
        raise NotMeasuredError("the curve holds no accuracy")
    return float(np.mean(changes))


def _smallest_ahead(values, span):
    """Return the smallest of each value and the span − 1 after it, as far as there are any.

    The minimum over twice as many values is that of two minima, so the cost grows with the
    logarithm of the span.
    """
    smallest = values.copy()
    covered = 1
    while covered < span:
        step = min(covered, span - covered)
        smallest[:-step] = np.minimum(smallest[:-step], smallest[step:])
        covered += step
    return smallest


def windowed_forgetting(curve, window):
    """Return WF^w, the largest fall of accuracy within w successive evaluations, mean over tasks.

    Parameters
    ----------
    curve : array_like, shape (n_evaluations, T)
        NaN where a task was not evaluated; such evaluations do not count in its windows.
    window : int
        w, at least 2; published values are 10 and 100.

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        Where `window` is below 2, the curve has no two dimensions, is empty or holds something
        else than shares.

    Notes
    -----
    De Lange et al., ICLR 2023: for each task the maximum over training of
    ``A_i − A_j``, i < j within a window.

    Examples
    --------
    >>> from neurosim.experiment.metrics import windowed_forgetting
    >>> round(windowed_forgetting([[0.9], [0.8], [0.3]], 2), 12)
    0.5
    """
    return _windowed_change(curve, window, 1)


def windowed_plasticity(curve, window):
    """Return WP^w, the largest rise of accuracy within w successive evaluations, mean over tasks.

    Parameters
    ----------
    curve : array_like, shape (n_evaluations, T)
    window : int
        See :func:`windowed_forgetting`.

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        As in :func:`windowed_forgetting`.

    Notes
    -----
    De Lange et al., ICLR 2023: for each task the maximum over training of
    ``A_j − A_i``, i < j within a window.

    Examples
    --------
    >>> from neurosim.experiment.metrics import windowed_plasticity
    >>> round(windowed_plasticity([[0.2], [0.8], [0.9]], 2), 12)
    0.6
    """
    return _windowed_change(curve, window, -1)


def learning_curve_area(curve, iterations, ends, n_evaluations):
    """Return LCA, the mean accuracy over the first evaluations of the task being learned.

    Parameters
    ----------
    curve, iterations, ends : array_like
        See :func:`minimum_accuracy`.
    n_evaluations : int
        How many evaluations of each experience count, β; an experience with fewer counts with
        those it has.

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        Where shapes do not fit, `n_evaluations` is below 1 or a task was not evaluated while it
        was learned.

    Notes
    -----
    De Lange et al., ICLR 2023; the original of Chaudhry et al. 2019 (A-GEM) also counts the
    accuracy before the first batch.

    Examples
    --------
    >>> from neurosim.experiment.metrics import learning_curve_area
    >>> curve = [[0.5, 0.1], [0.9, 0.1], [0.3, 0.5], [0.6, 0.8]]
    >>> learning_curve_area(curve, [5, 10, 15, 20], [10, 20], 1)
    0.5
    """
    curve, iterations, ends = checked_curve(curve, iterations, ends)
    if not isinstance(n_evaluations, Integral) or n_evaluations < 1:
        raise ParameterError(f"n_evaluations must be at least 1; got {n_evaluations!r}")
    means = []
    for task, (start, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
        values = curve[(iterations > start) & (iterations <= end), task][:n_evaluations]
        if len(values) == 0 or np.isnan(values).any():
            raise NotMeasuredError(f"task {task} was not evaluated while it was learned")
        means.append(np.mean(values))
    return float(np.mean(means))


def stability_gap(matrix, curve, iterations, ends):
    """Return how far earlier tasks fall in the course of the next experience, mean over all.

    For each experience k ≥ 2 and earlier task j: ``R[k − 1, j]`` minus the smallest accuracy on
    j while k was learned.

    Parameters
    ----------
    matrix : array_like, shape (T, T)
    curve, iterations, ends : array_like
        See :func:`minimum_accuracy`.

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        Where shapes do not fit, there is one task only, or an earlier task was never evaluated
        while a later one was learned.

    Notes
    -----
    After De Lange et al., ICLR 2023, who show the gap; the average over switches is ours.
    Where curve and matrix are measured on different samples, their difference enters the gap.

    Examples
    --------
    >>> from neurosim.experiment.metrics import stability_gap
    >>> curve = [[0.9, 0.1], [0.3, 0.5], [0.6, 0.8]]
    >>> stability_gap([[0.9, 0.1], [0.6, 0.8]], curve, [10, 15, 20], [10, 20])
    0.6000000000000001
    """
    matrix = checked_matrix(matrix, least=2)
    curve, iterations, ends = checked_curve(curve, iterations, ends)
    if len(ends) != len(matrix):
        raise ParameterError(f"curve must have {len(matrix)} tasks like matrix; got {len(ends)}")
    gaps = []
    for number in range(1, len(ends)):
        during = (iterations > ends[number - 1]) & (iterations <= ends[number])
        earlier = curve[during, :number]
        if np.isnan(earlier).all(axis=0).any():
            raise NotMeasuredError(
                f"an earlier task was not evaluated while experience {number} was learned"
            )
        before = checked_shares(matrix[number - 1, :number], "accuracies")
        gaps.extend(before - np.nanmin(earlier, axis=0))
    return float(np.mean(gaps))
