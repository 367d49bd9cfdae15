"""Spikes of a recording, and how many of them fall into bins of time."""

import numpy as np

from neurosim.analysis.checks import (
    checked_duration,
    checked_seconds,
    checked_spikes,
    checked_window,
)
from neurosim.errors import ParameterError

__all__ = ["bin_edges", "population_counts", "recorded_spikes", "spike_counts"]

# A time within this share of a bin below an edge lies on the edge: 0.3 s is the beginning of
# the fourth bin of 0.1 s, although 0.3 / 0.1 is below 3 in floating point.
_ROUNDING = 1e-6


def recorded_spikes(traces, population):
    """Return the spikes of a population of a trace file, in seconds, in order of time.

    Parameters
    ----------
    traces : TraceFile or MemoryTraces
        Trace files keep milliseconds; every measure of `neurosim.analysis` takes seconds.
    population : str

    Returns
    -------
    times : ndarray of float64, shape (n_spikes,)
        In seconds, ascending.
    neurons : ndarray of int64, shape (n_spikes,)

    Raises
    ------
    UnknownNameError
        Where no such population was recorded.

    Examples
    --------
    >>> from neurosim.analysis import recorded_spikes
    >>> from neurosim.traces import MemoryTraces
    >>> with MemoryTraces(protocol="demo", parameters={}, seed=0) as traces:
    ...     traces.append_spikes("exc", [3, 1], [2.0, 1.5])
    >>> recorded_spikes(traces, "exc")
    (array([0.0015, 0.002 ]), array([1, 3]))
    """
    neurons, times_ms = traces.spikes(population)
    order = np.argsort(times_ms, kind="stable")
    return times_ms[order] / 1000, neurons[order].astype(np.int64)


def bin_edges(start, stop, bin_width):
    """Return the edges of bins that fill a window.

    Parameters
    ----------
    start, stop : float
        In seconds.
    bin_width : float
        In seconds; a whole number of bins must fill the window.

    Returns
    -------
    ndarray, shape (n_bins + 1,)

    Raises
    ------
    ParameterError
        Where the window is empty or no whole number of bins.

    Examples
    --------
    >>> from neurosim.analysis import bin_edges
    >>> bin_edges(1.0, 2.0, 0.25)
    array([1.  , 1.25, 1.5 , 1.75, 2.  ])
    """
    start, stop = checked_window(start, stop)
    bin_width = checked_duration(bin_width, "bin_width")
    n_bins = round((stop - start) / bin_width)
    if n_bins < 1 or abs(n_bins * bin_width - (stop - start)) > _ROUNDING * bin_width * n_bins:
        raise ParameterError(
            f"bin_width must divide the window of {stop - start:g} s; got {bin_width:g} s"
        )
    return start + bin_width * np.arange(n_bins + 1)


def spike_counts(times, neurons, *, n_neurons, start=0.0, stop, bin_width):
    """Count the spikes of every neuron in bins of time.

    Parameters
    ----------
    times : array_like, shape (n_spikes,)
        In seconds, in any order.
    neurons : array_like of int, shape (n_spikes,)
        Between 0 and `n_neurons` − 1.
    n_neurons : int
    start, stop : float
        Window in seconds; spikes before `start`, and from `stop` on, are not counted.
    bin_width : float
        In seconds; a spike on an edge belongs to the later bin.

    Returns
    -------
    ndarray of int64, shape (n_neurons, n_bins)

    Raises
    ------
    ParameterError
        Where the spikes are no such arrays, or the window is no whole number of bins.

    Examples
    --------
    >>> from neurosim.analysis import spike_counts
    >>> spike_counts([0.05, 0.1, 0.15], [0, 1, 1], n_neurons=2, stop=0.2, bin_width=0.1)
    array([[1, 0],
           [0, 2]])
    """
    times, neurons, n_neurons = checked_spikes(times, neurons, n_neurons)
    n_bins = len(bin_edges(start, stop, bin_width)) - 1
    bins, inside = _bins(times, start, bin_width, n_bins)
    flat = np.bincount(neurons[inside] * n_bins + bins, minlength=n_neurons * n_bins)
    return flat.reshape(n_neurons, n_bins)


def population_counts(times, *, start=0.0, stop, bin_width):
    """Count all spikes in bins of time, whichever neuron they belong to.

    Parameters
    ----------
    times : array_like, shape (n_spikes,)
        In seconds, in any order.
    start, stop, bin_width : float
        As in :func:`spike_counts`.

    Returns
    -------
    ndarray of int64, shape (n_bins,)

    Raises
    ------
    ParameterError
        Where times are not finite, or the window is no whole number of bins.

    Examples
    --------
    >>> from neurosim.analysis import population_counts
    >>> population_counts([0.05, 0.1, 0.15], stop=0.2, bin_width=0.1)
    array([1, 2])
    """
    times = checked_seconds(times)
    n_bins = len(bin_edges(start, stop, bin_width)) - 1
    return np.bincount(_bins(times, start, bin_width, n_bins)[0], minlength=n_bins)


def _bins(times, start, bin_width, n_bins):
    """Return the bin of every spike in the window, and which spikes those are."""
    bins = np.floor((times - float(start)) / float(bin_width) + _ROUNDING).astype(np.int64)
    inside = (bins >= 0) & (bins < n_bins)
    return bins[inside], inside
