"""Measures from the accuracy matrix."""

import numpy as np

from neurosim.errors import ParameterError
from neurosim.experiment.metrics.checks import checked_matrix, checked_shares

__all__ = [
    "average_accuracy",
    "average_incremental_accuracy",
    "backward_transfer",
    "forgetting",
    "forward_transfer",
    "intransigence",
    "learning_accuracy",
]


def average_accuracy(matrix):
    """Return ACC, the mean accuracy over tasks after the last experience.

    Parameters
    ----------
    matrix : array_like, shape (T, T)
        Only the last row is read.

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        Where the matrix is not square or an entry read is no share.

    Examples
    --------
    >>> from neurosim.experiment.metrics import average_accuracy
    >>> average_accuracy([[0.9, 0.1], [0.7, 0.8]])
    0.75
    """
    return float(np.mean(checked_shares(checked_matrix(matrix)[-1], "accuracies")))


def backward_transfer(matrix):
    """Return BWT, what later learning did to earlier tasks: mean of ``R[T, j] − R[j, j]``, j < T.

    Parameters
    ----------
    matrix : array_like, shape (T, T)
        At least two tasks.

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        Where the matrix is not square, of one task only, or an entry read is no share.

    Notes
    -----
    Lopez-Paz and Ranzato 2017, divided by T − 1.

    Examples
    --------
    >>> from neurosim.experiment.metrics import backward_transfer
    >>> round(backward_transfer([[0.9, 0.1], [0.7, 0.8]]), 12)
    -0.2
    """
    matrix = checked_matrix(matrix, least=2)
    last = checked_shares(matrix[-1], "accuracies")
    learned = checked_shares(np.diag(matrix), "accuracies")
    return float(np.mean((last - learned)[:-1]))


def forward_transfer(matrix, initial):
    """Return FWT, what earlier learning did for later tasks: mean of ``R[j − 1, j] − b_j``, j ≥ 2.

    Parameters
    ----------
    matrix : array_like, shape (T, T)
    initial : array_like, shape (T,)
        Accuracies b of the untrained model.

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        As in :func:`backward_transfer`, or where `initial` is not of that shape.

    Notes
    -----
    Lopez-Paz and Ranzato 2017, divided by T − 1, with b measured before any learning.

    Examples
    --------
    >>> from neurosim.experiment.metrics import forward_transfer
    >>> round(forward_transfer([[0.9, 0.3], [0.7, 0.8]], [0.1, 0.1]), 12)
    0.2
    """
    matrix = checked_matrix(matrix, least=2)
    initial = np.asarray(initial, float)
    if initial.shape != (len(matrix),):
        raise ParameterError(
            f"initial accuracies must have shape ({len(matrix)},); got {initial.shape}"
        )
    before = checked_shares(np.diag(matrix, 1), "accuracies")
    return float(np.mean(before - checked_shares(initial, "initial accuracies")[1:]))


def forgetting(matrix):
    """Return the mean over j < T of ``max_{l < T} R[l, j] − R[T, j]``.

    Parameters
    ----------
    matrix : array_like, shape (T, T)

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        As in :func:`backward_transfer`; all entries are read.

    Notes
    -----
    Chaudhry et al. 2018, "Riemannian walk". The best accuracy may lie before the task was
    learned; the difference to what was first learned is −BWT.

    Examples
    --------
    >>> from neurosim.experiment.metrics import forgetting
    >>> matrix = [[0.9, 0.1, 0.1], [0.95, 0.8, 0.1], [0.7, 0.8, 0.9]]
    >>> round(forgetting(matrix), 12)
    0.125
    """
    matrix = checked_shares(checked_matrix(matrix, least=2), "accuracies")
    return float(np.mean((matrix[:-1].max(axis=0) - matrix[-1])[:-1]))


def average_incremental_accuracy(matrix):
    """Return the mean over i of the mean accuracy on tasks 1 … i after experience i.

    Parameters
    ----------
    matrix : array_like, shape (T, T)
        The lower triangle is read.

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        Where the matrix is not square or an entry read is no share.

    Examples
    --------
    >>> from neurosim.experiment.metrics import average_incremental_accuracy
    >>> average_incremental_accuracy([[0.9, 0.1], [0.7, 0.8]])
    0.825
    """
    matrix = checked_matrix(matrix)
    seen = [checked_shares(row[: number + 1], "accuracies") for number, row in enumerate(matrix)]
    return float(np.mean([np.mean(row) for row in seen]))


def learning_accuracy(matrix):
    """Return the mean accuracy on tasks just learned, the mean of ``R[j, j]``.

    Parameters
    ----------
    matrix : array_like, shape (T, T)

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        Where the matrix is not square or an entry read is no share.

    Examples
    --------
    >>> from neurosim.experiment.metrics import learning_accuracy
    >>> learning_accuracy([[0.9, 0.1], [0.7, 0.8]])
    0.8500000000000001
    """
    return float(np.mean(checked_shares(np.diag(checked_matrix(matrix)), "accuracies")))


def intransigence(matrix, joint):
    """Return the mean over tasks of ``R_joint[k] − R[k, k]``, the inability to learn new tasks.

    Parameters
    ----------
    matrix : array_like, shape (T, T)
    joint : array_like, shape (T,)
        Accuracy on each task of a model trained on it and all earlier ones together.

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        Where the matrix is not square, `joint` not of that shape, or an entry read is no share.

    Notes
    -----
    Chaudhry et al. 2018, "Riemannian walk", averaged over tasks.

    Examples
    --------
    >>> from neurosim.experiment.metrics import intransigence
    >>> round(intransigence([[0.9, 0.1], [0.7, 0.8]], [0.95, 0.95]), 12)
    0.1
    """
    matrix = checked_matrix(matrix)
    joint = np.asarray(joint, float)
    if joint.shape != (len(matrix),):
        raise ParameterError(f"joint must have shape ({len(matrix)},); got {joint.shape}")
    learned = checked_shares(np.diag(matrix), "accuracies")
    return float(np.mean(checked_shares(joint, "joint accuracies") - learned))
