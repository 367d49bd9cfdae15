"""Firing rates: of neurons, of populations, smoothed, and around stimuli."""

import numpy as np
from scipy.signal import fftconvolve

from neurosim.analysis.binning import bin_edges, population_counts
from neurosim.analysis.checks import (
    checked_count,
    checked_duration,
    checked_seconds,
    checked_spikes,
    checked_window,
)
from neurosim.errors import ParameterError

__all__ = ["firing_rates", "peristimulus_histogram", "population_rate", "smoothed_rate"]


def firing_rates(times, neurons, *, n_neurons, start=0.0, stop):
    """Return every neuron's mean firing rate over a window.

    Parameters
    ----------
    times : array_like, shape (n_spikes,)
        In seconds.
    neurons : array_like of int, shape (n_spikes,)
    n_neurons : int
    start, stop : float
        In seconds; spikes in [start, stop) count.

    Returns
    -------
    ndarray, shape (n_neurons,)
        In Hz; 0 for silent neurons.

    Raises
    ------
    ParameterError
        Where the spikes are no such arrays or the window is empty.

    Examples
    --------
    >>> from neurosim.analysis import firing_rates
    >>> firing_rates([0.1, 0.6, 1.2], [0, 0, 2], n_neurons=3, stop=2.0)
    array([1. , 0. , 0.5])
    """
    times, neurons, n_neurons = checked_spikes(times, neurons, n_neurons)
    start, stop = checked_window(start, stop)
    inside = (times >= start) & (times < stop)
    return np.bincount(neurons[inside], minlength=n_neurons) / (stop - start)


def population_rate(times, *, n_neurons, start=0.0, stop, bin_width):
    """Return the population's mean rate in bins of time.

    Parameters
    ----------
    times : array_like, shape (n_spikes,)
        Spikes of all neurons, in seconds.
    n_neurons : int
        Silent ones included.
    start, stop, bin_width : float
        In seconds, see :func:`spike_counts`.

    Returns
    -------
    edges : ndarray, shape (n_bins + 1,)
        In seconds.
    rates : ndarray, shape (n_bins,)
        Spikes per neuron and second, in Hz.

    Raises
    ------
    ParameterError

    Examples
    --------
    >>> from neurosim.analysis import population_rate
    >>> population_rate([0.1, 0.2, 0.7], n_neurons=2, stop=1.0, bin_width=0.5)
    (array([0. , 0.5, 1. ]), array([2., 1.]))
    """
    n_neurons = checked_count(n_neurons, "n_neurons")
    edges = bin_edges(start, stop, bin_width)
    counts = population_counts(times, start=start, stop=stop, bin_width=bin_width)
    return edges, counts / (n_neurons * float(bin_width))


def smoothed_rate(times, *, n_neurons, start=0.0, stop, step, width, kernel="gaussian"):
    """Return the population's rate, each spike spread out by a kernel of area 1.

    Parameters
    ----------
    times : array_like, shape (n_spikes,)
        Spikes of all neurons, in seconds.
    n_neurons : int
    start, stop : float
        In seconds.
    step : float
        Distance of the samples in seconds; spikes are taken at the middle of the sample they
        fall into, so that it should be small against `width`.
    width : float
        Standard deviation of the Gaussian, time constant of the exponential, half the width of
        the rectangle; in seconds.
    kernel : {'gaussian', 'exponential', 'rectangular'}, default='gaussian'
        The exponential is causal: a spike raises the rate after it only.

    Returns
    -------
    sample_times : ndarray, shape (n_samples,)
        Middles of the samples, in seconds.
    rates : ndarray, shape (n_samples,)
        In Hz. Near the ends the rate is divided by the share of the kernel that lies in the
        window, so that a constant rate stays constant.

    Raises
    ------
    ParameterError

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.analysis import smoothed_rate
    >>> times = np.arange(0.0005, 1, 0.001)
    >>> sample_times, rates = smoothed_rate(times, n_neurons=10, stop=1.0, step=0.001, width=0.02)
    >>> np.allclose(rates, 100)
    True
    """
    n_neurons = checked_count(n_neurons, "n_neurons")
    edges = bin_edges(start, stop, step)
    counts = population_counts(times, start=start, stop=stop, bin_width=step)
    weights = _kernel(kernel, checked_duration(width, "width") / float(step))
    reach = len(weights) // 2
    inside = slice(reach, reach + len(counts))
    spread = fftconvolve(counts.astype(float), weights)[inside]
    present = fftconvolve(np.ones(len(counts)), weights)[inside]
    # The transform leaves rounding errors of either sign where nothing fired.
    rates = np.maximum(spread, 0) / (present * n_neurons * float(step))
    return (edges[:-1] + edges[1:]) / 2, rates


def _kernel(name, width):
    """Return weights of sum 1 at whole steps −reach … reach; `width` is counted in steps."""
    reaches = {"gaussian": 5 * width, "exponential": 20 * width, "rectangular": width}
    if name not in reaches:
        raise ParameterError(f"kernel must be one of {', '.join(reaches)}; got {name!r}")
    steps = np.arange(-int(np.ceil(reaches[name])), int(np.ceil(reaches[name])) + 1)
    if name == "gaussian":
        weights = np.exp(-0.5 * (steps / width) ** 2)
    elif name == "exponential":
        weights = np.where(steps >= 0, np.exp(-np.maximum(steps, 0) / width), 0.0)
    else:
        weights = (np.abs(steps) <= width).astype(float)
    return weights / weights.sum()


def peristimulus_histogram(times, onsets, *, before=0.0, after, bin_width, n_neurons=1):
    """Return the rate around stimuli, and the spikes in each trial it is the mean of (PSTH).

    Parameters
    ----------
    times : array_like, shape (n_spikes,)
        In seconds.
    onsets : array_like, shape (n_trials,)
        Times of the stimuli in seconds; windows may overlap.
    before, after : float
        The window is [onset − before, onset + after), in seconds.
    bin_width : float
        In seconds; a whole number of bins fills the window.
    n_neurons : int, default=1
        Neurons whose spikes `times` holds.

    Returns
    -------
    edges : ndarray, shape (n_bins + 1,)
        In seconds relative to the onset.
    rates : ndarray, shape (n_bins,)
        Mean over trials, in Hz per neuron.
    counts : ndarray of int64, shape (n_trials, n_bins)
        Spikes of all neurons in each trial.

    Raises
    ------
    ParameterError
        Where there is no trial, or the window is no whole number of bins.

    Examples
    --------
    >>> from neurosim.analysis import peristimulus_histogram
    >>> edges, rates, counts = peristimulus_histogram(
    ...     [0.1, 1.1, 1.3], [0.0, 1.0], after=0.4, bin_width=0.2)
    >>> rates
    array([5. , 2.5])
    >>> counts
    array([[1, 0],
           [1, 1]])
    """
    times = np.sort(checked_seconds(times))
    onsets = checked_seconds(onsets, "onsets")
    if not len(onsets):
        raise ParameterError("onsets must hold at least one trial; got none")
    n_neurons = checked_count(n_neurons, "n_neurons")
    edges = bin_edges(-float(before), after, bin_width)
    # One part in 10^6 of a bin is lent to rounding, as everywhere in binning.py.
    limits = onsets[:, None] + edges - 1e-6 * float(bin_width)
    counts = np.diff(np.searchsorted(times, limits), axis=1)
    return edges, counts.mean(axis=0) / (n_neurons * float(bin_width)), counts
