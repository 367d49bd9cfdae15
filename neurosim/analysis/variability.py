"""How counts vary and vary together: Fano factors, correlations; synchrony of potentials."""

import numpy as np

from neurosim.analysis.checks import checked_array
from neurosim.errors import ParameterError

__all__ = ["fano_factors", "pairwise_correlations", "synchrony"]


def fano_factors(counts):
    """Return the Fano factor of every neuron, variance over mean of its counts.

    Parameters
    ----------
    counts : array_like, shape (n_neurons, n_samples)
        Spikes in bins (:func:`spike_counts`) or in trials.

    Returns
    -------
    ndarray, shape (n_neurons,)
        1 for a Poisson process; the variance is the unbiased one. NaN for silent neurons.

    Raises
    ------
    ParameterError
        Where `counts` are not finite, not of that shape, negative, or of fewer than two samples.

    Examples
    --------
    >>> from neurosim.analysis import fano_factors
    >>> fano_factors([[1, 3], [2, 2], [0, 0]])
    array([ 1.,  0., nan])
    """
    counts = _counts(counts)
    mean = counts.mean(axis=1)
    with np.errstate(invalid="ignore"):
        return np.where(mean > 0, counts.var(axis=1, ddof=1) / np.where(mean > 0, mean, 1), np.nan)


def pairwise_correlations(counts):
    """Return Pearson's correlation of the binned counts of every pair of neurons.

    Parameters
    ----------
    counts : array_like, shape (n_neurons, n_bins)

    Returns
    -------
    ndarray, shape (n_neurons, n_neurons)
        Symmetric, 1 on the diagonal; NaN in rows and columns of neurons whose counts are
        constant. The mean over pairs is ``np.nanmean(matrix[np.triu_indices(n_neurons, 1)])``.

    Raises
    ------
    ParameterError
        As in :func:`fano_factors`.

    Notes
    -----
    Correlations grow with the width of the bins until these exceed the time scale on which
    neurons are correlated; a value means little without its bin width.

    Examples
    --------
    >>> from neurosim.analysis import pairwise_correlations
    >>> pairwise_correlations([[0, 1, 2], [0, 2, 4], [1, 1, 1]]).round(12)
    array([[ 1.,  1., nan],
           [ 1.,  1., nan],
           [nan, nan, nan]])
    """
    counts = _counts(counts)
    constant = np.ptp(counts, axis=1) == 0
    centred = counts - counts.mean(axis=1, keepdims=True)
    lengths = np.where(constant, np.nan, np.linalg.norm(centred, axis=1))
    centred /= lengths[:, None]
    matrix = np.clip(centred @ centred.T, -1, 1)
    np.fill_diagonal(matrix, np.where(constant, np.nan, 1.0))
    return matrix


def synchrony(values):
    """Return Golomb's χ of a variable, such as the membrane potential, of many neurons.

    χ² is the variance over time of the population's mean, divided by the mean over neurons of
    the variance over time.

    Parameters
    ----------
    values : array_like, shape (n_steps, n_neurons)
        As in `Report.values`. Cut spikes off or smooth the values first where spikes are so
        high that they make up the variance.

    Returns
    -------
    float
        1 where all neurons move together, about 1/√n_neurons where they are independent.

    Raises
    ------
    ParameterError
        Where `values` are not finite, of fewer than two steps, or constant.

    Notes
    -----
    Golomb and Rinzel 1994, "Clustering in globally coupled inhibitory neurons"; Golomb 2007,
    "Neuronal synchrony measures", Scholarpedia 2(1):1347.

    Examples
    --------
    >>> from neurosim.analysis import synchrony
    >>> synchrony([[0.0, 0.0], [1.0, 1.0]])
    1.0
    >>> synchrony([[0.0, 1.0], [1.0, 0.0]])
    0.0
    """
    values = checked_array(values, "values", 2)
    if len(values) < 2:
        raise ParameterError(f"values must have at least 2 steps; got {len(values)}")
    single = values.var(axis=0).mean()
    if single == 0:
        raise ParameterError("values must vary in time; all are constant")
    return float(np.sqrt(values.mean(axis=1).var() / single))


def _counts(counts):
    counts = checked_array(counts, "counts", 2)
    if counts.shape[1] < 2:
        raise ParameterError(f"counts must have at least 2 samples; got shape {counts.shape}")
    if (counts < 0).any():
        raise ParameterError(f"counts must not be negative; got {counts.min():g}")
    return counts
