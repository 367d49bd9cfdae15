"""Figures of variables: their course, and their spectra."""

import numpy as np

from neurosim.plots.panels import checked_lengths, panel

__all__ = ["spectrum", "variable_traces"]


def variable_traces(times, values, *, name="value", units="1", axes=None, title=None, most=8):
    """Draw variables of single neurons over time.

    Parameters
    ----------
    times : array_like, shape (n_steps,)
        In seconds.
    values : array_like, shape (n_steps,) or (n_steps, n_neurons)
    name : str, default='value'
        Of the variable, beside its axis.
    units : str, default='1'
    axes : matplotlib.axes.Axes, optional
    title : str, optional
    most : int, default=8
        Neurons drawn, the first ones.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ParameterError
        Where there are not as many rows as times.

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> from neurosim.plots import variable_traces
    >>> axes = variable_traces(
    ...     [0.0, 0.001], np.eye(2), name="v", units="mV", axes=Figure().subplots())
    >>> axes.get_ylabel()
    'v (mV)'
    """
    checked_lengths(times=times, values=values)
    axes = panel(axes, title)
    values = np.asarray(values)
    axes.plot(times, values[:, :most] if values.ndim > 1 else values, lw=0.8)
    axes.set_xlabel("time (s)")
    axes.set_ylabel(name if units == "1" else f"{name} ({units})")
    return axes


def spectrum(frequencies, power, *, units="Hz²/Hz", label=None, axes=None, title=None):
    """Draw a power spectral density on logarithmic axes.

    Parameters
    ----------
    frequencies : array_like, shape (n_frequencies,)
        In Hz, as from :func:`neurosim.analysis.power_spectrum`; 0, which has no logarithm, is
        left out.
    power : array_like, shape (n_frequencies,) or (n_frequencies, n_variables)
    units : str, default='Hz²/Hz'
        Of the density; that of the rate is the default.
    label : str, optional
        For a legend; call again with the same axes to compare.
    axes : matplotlib.axes.Axes, optional
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ParameterError
        Where there are not as many rows of power as frequencies.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from neurosim.plots import spectrum
    >>> axes = spectrum([0.0, 1.0, 2.0], [5.0, 4.0, 2.0], axes=Figure().subplots())
    >>> axes.get_ylabel()
    'power (Hz²/Hz)'
    """
    checked_lengths(frequencies=frequencies, power=power)
    axes = panel(axes, title)
    frequencies, power = np.asarray(frequencies, float), np.asarray(power, float)
    above = frequencies > 0
    axes.loglog(frequencies[above], power[above], lw=1, label=label)
    axes.set_xlabel("frequency (Hz)")
    axes.set_ylabel(f"power ({units})")
    if label:
        axes.legend(fontsize=8, frameon=False)
    return axes
