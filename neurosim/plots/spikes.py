"""Figures of spikes: rasters, rates, and responses to stimuli."""

import numpy as np

from neurosim.analysis import population_rate
from neurosim.plots.panels import checked_lengths, panel

__all__ = ["peristimulus", "raster", "raster_with_rate"]


def raster(times, neurons, *, axes=None, title=None):
    """Draw a spike raster.

    Parameters
    ----------
    times : array_like, shape (n_spikes,)
        In seconds.
    neurons : array_like of int, shape (n_spikes,)
    axes : matplotlib.axes.Axes, optional
        Made by pyplot, one column wide, where None; so for all figures of one Axes.
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ParameterError
        Where there are not as many neurons as times.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from neurosim.plots import raster
    >>> raster([0.002, 0.005], [0, 1], axes=Figure().subplots()).get_xlabel()
    'time (s)'
    """
    checked_lengths(times=times, neurons=neurons)
    axes = panel(axes, title)
    # Dots that fit: fewer spikes can be larger.
    size = float(np.clip(2e4 / max(len(times), 1), 0.2, 8))
    axes.scatter(times, neurons, s=size, c="black", marker="o", linewidths=0, rasterized=True)
    axes.set_xlabel("time (s)")
    axes.set_ylabel("neuron")
    return axes


def raster_with_rate(
    times, neurons, *, n_neurons, start=0.0, stop, bin_width, axes=None, title=None
):
    """Draw a spike raster above the population's rate.

    Parameters
    ----------
    times : array_like, shape (n_spikes,)
        In seconds.
    neurons : array_like of int, shape (n_spikes,)
    n_neurons : int
    start, stop, bin_width : float
        Window and bins of the rate in seconds, as for
        :func:`neurosim.analysis.population_rate`.
    axes : matplotlib.axes.Axes, optional
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes
        The raster's, which give their lower third to the rate's, ``axes.figure.axes[-1]``.

    Raises
    ------
    ParameterError
        Where the spikes are no such arrays or the window is no whole number of bins.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from neurosim.plots import raster_with_rate
    >>> axes = raster_with_rate(
    ...     [0.2, 0.5], [0, 1], n_neurons=2, stop=1.0, bin_width=0.1, axes=Figure().subplots())
    >>> axes.figure.axes[-1].get_ylabel()
    'rate (Hz)'
    """
    edges, rates = population_rate(
        times, n_neurons=n_neurons, start=start, stop=stop, bin_width=bin_width
    )
    axes = raster(times, neurons, axes=panel(axes, title, height=2.8))
    axes.set_xlim(float(start), float(stop))
    axes.set_ylim(-0.5, n_neurons - 0.5)
    axes.set_xlabel("")
    axes.tick_params(labelbottom=False)
    below = _split_off(axes)
    below.stairs(rates, edges, color="0.4", fill=True)
    below.set_ylim(bottom=0)
    below.set_xlabel("time (s)")
    below.set_ylabel("rate (Hz)")
    return axes


def _split_off(axes):
    """Return new axes in the lower third of `axes`, which keep the rest, with the same times."""
    spec = axes.get_subplotspec()
    if spec is not None:
        upper, lower = spec.subgridspec(2, 1, height_ratios=(2, 1), hspace=0.08)
        axes.set_subplotspec(upper)
        return axes.figure.add_subplot(lower, sharex=axes)
    left, bottom, width, height = axes.get_position().bounds
    axes.set_position([left, bottom + 0.38 * height, width, 0.62 * height])
    return axes.figure.add_axes([left, bottom, width, 0.32 * height], sharex=axes)


def peristimulus(edges, rates, *, axes=None, title=None):
    """Draw a rate around a stimulus, which comes at time 0 (PSTH).

    Parameters
    ----------
    edges : array_like, shape (n_bins + 1,)
        In seconds, as from :func:`neurosim.analysis.peristimulus_histogram`.
    rates : array_like, shape (n_bins,)
        In Hz.
    axes : matplotlib.axes.Axes, optional
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ParameterError
        Where there is not one edge more than there are rates.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from neurosim.plots import peristimulus
    >>> axes = peristimulus([-0.1, 0.0, 0.1], [2.0, 9.0], axes=Figure().subplots())
    >>> axes.get_xlabel(), axes.get_ylabel()
    ('time from stimulus (ms)', 'rate (Hz)')
    """
    checked_lengths(rates=rates, bins=edges[1:])
    axes = panel(axes, title)
    edges_ms = 1000 * np.asarray(edges, float)
    axes.stairs(rates, edges_ms, color="0.4", fill=True)
    if edges_ms[0] < 0:
        axes.axvline(0, color="tab:red", lw=1)
    axes.set_xlim(edges_ms[0], edges_ms[-1])
    axes.set_ylim(bottom=0)
    axes.set_xlabel("time from stimulus (ms)")
    axes.set_ylabel("rate (Hz)")
    return axes
