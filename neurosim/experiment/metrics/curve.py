"""Measures from the accuracies while learning (continual evaluation)."""

import numpy as np

from neurosim.errors import ParameterError
from neurosim.experiment.metrics.checks import checked_matrix, checked_shares

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
    iterations = np.asarray(iterations)
    ends = np.asarray(ends)
    if curve.ndim != 2 or iterations.shape != curve.shape[:1] or ends.shape != curve.shape[1:]:
        raise ParameterError(
            f"curve must have shape (n_evaluations, T), with as many iterations and T ends; got "
            f"{curve.shape}, {iterations.shape} and {ends.shape}"
        )
    if np.any(np.diff(iterations) <= 0) or np.any(np.diff(ends) <= 0):
        raise ParameterError("iterations and ends must increase")
    checked_shares(curve[np.isfinite(curve)], "accuracies of the curve")
    return curve, iterations, ends


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
        raise ParameterError(f"min-ACC needs at least 2 tasks; got {len(ends)}")
    worst = []
    for task, end in enumerate(ends[:-1]):
        values = curve[iterations > end, task]
        if not np.isfinite(values).any():
            raise ParameterError(f"task {task} was not evaluated after iteration {end}")
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
    return float(curve[-1, -1] / n_tasks + (1 - 1 / n_tasks) * minimum)


def _windowed_change(curve, window, sign):
    """Largest fall (sign 1) or rise (−1) within `window` successive evaluations, per task."""
    curve = np.asarray(curve, float)
    if curve.ndim != 2:
        raise ParameterError(f"curve must have shape (n_evaluations, T); got {curve.shape}")
    if window < 2:
        raise ParameterError(f"window must hold at least 2 evaluations; got {window!r}")
    checked_shares(curve[np.isfinite(curve)], "accuracies of the curve")
    changes = []
    for column in curve.T:
        values = sign * column[np.isfinite(column)]
        if len(values) == 0:
            continue
        span = min(window, len(values))
        # The largest A_i − A_j with i < j < i + window: a value against the smallest one of
        # the window it opens.
        padded = np.concatenate([values, np.full(span - 1, np.inf)])
        smallest = np.lib.stride_tricks.sliding_window_view(padded, span).min(axis=1)
        changes.append(np.max(values - smallest))
    if not changes:
        raise ParameterError("the curve holds no accuracy")
    return float(np.mean(changes))


def windowed_forgetting(curve, window):
    """Return WF^w, the largest fall of accuracy within w successive evaluations, mean over tasks.

    Parameters
    ----------
    curve : array_like, shape (n_evaluations, T)
        NaN where a task was not evaluated.
    window : int
        w, at least 2; published values are 10 and 100.

    Returns
    -------
    float

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
    if n_evaluations < 1:
        raise ParameterError(f"n_evaluations must be at least 1; got {n_evaluations!r}")
    means = []
    for task, (start, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
        values = curve[(iterations > start) & (iterations <= end), task][:n_evaluations]
        if len(values) == 0:
            raise ParameterError(f"task {task} was not evaluated while it was learned")
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

    Notes
    -----
    After De Lange et al., ICLR 2023, who show the gap; the average over switches is ours.

    Examples
    --------
    >>> from neurosim.experiment.metrics import stability_gap
    >>> curve = [[0.9, 0.1], [0.3, 0.5], [0.6, 0.8]]
    >>> stability_gap([[0.9, 0.1], [0.6, 0.8]], curve, [10, 15, 20], [10, 20])
    0.6000000000000001
    """
    matrix = checked_matrix(matrix, least=2)
    curve, iterations, ends = checked_curve(curve, iterations, ends)
    gaps = []
    for number in range(1, len(ends)):
        during = (iterations > ends[number - 1]) & (iterations <= ends[number])
        if not during.any():
            raise ParameterError(f"nothing was evaluated while experience {number} was learned")
        lowest = curve[during, :number].min(axis=0)
        gaps.extend(matrix[number - 1, :number] - lowest)
    return float(np.mean(gaps))
