"""Losses on a read-out, each with its gradient."""

import numpy as np

__all__ = ["cross_entropy", "squared_error"]


def cross_entropy(readout, targets):
    """Return the mean cross-entropy of softmax(readout) and its gradient.

    Parameters
    ----------
    readout : ndarray, shape (n_samples, n_classes)
    targets : ndarray of int, shape (n_samples,)

    Returns
    -------
    loss : float
    gradient : ndarray, shape (n_samples, n_classes)
        With respect to `readout`, of its dtype.

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.layers.loss import cross_entropy
    >>> loss, gradient = cross_entropy(np.zeros((1, 2)), np.array([0]))
    >>> round(loss, 4), gradient.tolist()
    (0.6931, [[-0.5, 0.5]])
    """
    n_samples = len(targets)
    rows = np.arange(n_samples)
    shifted = readout - readout.max(axis=1, keepdims=True)
    exponentials = np.exp(shifted)
    totals = exponentials.sum(axis=1, keepdims=True)
    loss = float(np.mean(np.log(totals[:, 0]) - shifted[rows, targets]))
    gradient = exponentials / totals
    gradient[rows, targets] -= 1
    gradient /= n_samples
    return loss, gradient


def squared_error(readout, targets):
    """Return the mean squared distance of `readout` to one-hot targets, and its gradient.

    The mean runs over samples and classes, as in the OTTT reference code.

    Parameters
    ----------
    readout : ndarray, shape (n_samples, n_classes)
    targets : ndarray of int, shape (n_samples,)

    Returns
    -------
    loss : float
    gradient : ndarray, shape (n_samples, n_classes)

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.layers.loss import squared_error
    >>> squared_error(np.zeros((1, 2)), np.array([0]))[0]
    0.5
    """
    difference = readout.copy()
    difference[np.arange(len(targets)), targets] -= 1
    gradient = difference * readout.dtype.type(2 / difference.size)
    return float(np.mean(difference**2)), gradient
