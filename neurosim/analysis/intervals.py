"""Irregularity of spike trains, from the intervals between spikes."""

import numpy as np

from neurosim.analysis.checks import checked_spikes

__all__ = [
    "coefficients_of_variation",
    "interspike_intervals",
    "local_coefficients_of_variation",
    "local_variations",
]


def interspike_intervals(times, neurons, *, n_neurons):
    """Return the intervals between successive spikes of each neuron.

    Parameters
    ----------
    times : array_like, shape (n_spikes,)
        In seconds, in any order.
    neurons : array_like of int, shape (n_spikes,)
    n_neurons : int

    Returns
    -------
    intervals : ndarray, shape (n_intervals,)
        In seconds; neuron after neuron, in order of time.
    owners : ndarray of int64, shape (n_intervals,)
        The neuron each interval belongs to.

    Raises
    ------
    ParameterError

    Examples
    --------
    >>> from neurosim.analysis import interspike_intervals
    >>> interspike_intervals([0.0, 0.5, 2.0, 0.25], [1, 0, 0, 1], n_neurons=2)
    (array([1.5 , 0.25]), array([0, 1]))
    """
    times, neurons, _ = checked_spikes(times, neurons, n_neurons)
    order = np.lexsort((times, neurons))
    times, neurons = times[order], neurons[order]
    same = neurons[1:] == neurons[:-1]
    return np.diff(times)[same], neurons[1:][same]


def coefficients_of_variation(times, neurons, *, n_neurons):
    """Return every neuron's CV, standard deviation over mean of its intervals.

    Parameters
    ----------
    times : array_like, shape (n_spikes,)
        In seconds.
    neurons : array_like of int, shape (n_spikes,)
    n_neurons : int

    Returns
    -------
    ndarray, shape (n_neurons,)
        NaN with fewer than two intervals. 1 for a Poisson process, 0 for a clock, 1/√k for
        gamma-distributed intervals of order k. The standard deviation is the unbiased one
        (divided by n − 1); at few intervals CV is biased to low values all the same.

    Raises
    ------
    ParameterError

    Examples
    --------
    >>> from neurosim.analysis import coefficients_of_variation
    >>> coefficients_of_variation([0.0, 1.0, 2.0, 3.0], [0, 0, 0, 0], n_neurons=2)
    array([ 0., nan])
    """
    intervals, owners = interspike_intervals(times, neurons, n_neurons=n_neurons)
    number = np.bincount(owners, minlength=n_neurons)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(owners, intervals, minlength=n_neurons) / number
        squares = np.bincount(owners, (intervals - mean[owners]) ** 2, minlength=n_neurons)
        return np.where(number > 1, np.sqrt(squares / (number - 1)) / mean, np.nan)


def local_coefficients_of_variation(times, neurons, *, n_neurons):
    """Return every neuron's CV2, which slow changes of its rate do not raise.

    CV2 is the mean of ``2 |I[j + 1] − I[j]| / (I[j + 1] + I[j])`` over successive intervals.

    Parameters
    ----------
    times : array_like, shape (n_spikes,)
        In seconds.
    neurons : array_like of int, shape (n_spikes,)
    n_neurons : int

    Returns
    -------
    ndarray, shape (n_neurons,)
        1 for a Poisson process; NaN with fewer than two intervals.

    Raises
    ------
    ParameterError

    Notes
    -----
    Holt, Softky, Koch and Douglas 1996, "Comparison of discharge variability in vitro and in
    vivo in cat visual cortex neurons".

    Examples
    --------
    >>> from neurosim.analysis import local_coefficients_of_variation
    >>> local_coefficients_of_variation([0.0, 1.0, 4.0], [0, 0, 0], n_neurons=1)
    array([1.])
    """
    return _mean_of_contrasts(times, neurons, n_neurons, lambda contrast: 2 * np.abs(contrast))


def local_variations(times, neurons, *, n_neurons):
    """Return every neuron's LV, the mean of ``3 ((I[j] − I[j + 1]) / (I[j] + I[j + 1]))²``.

    Parameters
    ----------
    times : array_like, shape (n_spikes,)
        In seconds.
    neurons : array_like of int, shape (n_spikes,)
    n_neurons : int

    Returns
    -------
    ndarray, shape (n_neurons,)
        1 for a Poisson process, 3 / (2k + 1) for gamma-distributed intervals of order k; NaN
        with fewer than two intervals.

    Raises
    ------
    ParameterError

    Notes
    -----
    Shinomoto, Shima and Tanji 2003, "Differences in spiking patterns among cortical neurons".

    Examples
    --------
    >>> from neurosim.analysis import local_variations
    >>> local_variations([0.0, 1.0, 4.0], [0, 0, 0], n_neurons=1)
    array([0.75])
    """
    return _mean_of_contrasts(times, neurons, n_neurons, lambda contrast: 3 * contrast**2)


def _mean_of_contrasts(times, neurons, n_neurons, measure):
    intervals, owners = interspike_intervals(times, neurons, n_neurons=n_neurons)
    same = owners[1:] == owners[:-1]
    difference, total = np.diff(intervals)[same], (intervals[1:] + intervals[:-1])[same]
    # Three spikes at one time have no difference and no total; they count as regular.
    contrast = np.divide(difference, total, out=np.zeros_like(total), where=total > 0)
    number = np.bincount(owners[1:][same], minlength=n_neurons)
    total = np.bincount(owners[1:][same], measure(contrast), minlength=n_neurons)
    with np.errstate(invalid="ignore"):
        return np.where(number > 0, total / np.maximum(number, 1), np.nan)
