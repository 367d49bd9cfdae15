"""Figures of criticality: tails with their fits, decay of correlations, scaling of avalanches."""

import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

from neurosim.analysis.checks import checked_activity
from neurosim.errors import ParameterError
from neurosim.plots.panels import panel

__all__ = ["avalanche_scaling", "collapsed_shapes", "regression_slopes", "tail_distribution"]


def tail_distribution(values, *, fit=None, name="size", units="events", axes=None, title=None):
    """Draw how many values are at least as large as each, with a power law fitted to them.

    The complementary cumulative distribution needs no bins; a density that falls as
    x^(−exponent) makes it fall as x^(1 − exponent).

    Parameters
    ----------
    values : array_like of int, shape (n_values,)
        Sizes or durations of avalanches.
    fit : PowerLawFit, optional
        From :func:`neurosim.analysis.fit_power_law`; drawn over the range it was fitted to.
    name, units : str
        What the values are.
    axes : matplotlib.axes.Axes, optional
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ParameterError
        Where values are no whole numbers, or none is above 0.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from neurosim.plots import tail_distribution
    >>> tail_distribution([1, 1, 2, 7], axes=Figure().subplots()).get_xlabel()
    'size (events)'
    """
    values = checked_activity(values, "values")
    values = np.sort(values[values > 0])
    if not len(values):
        raise ParameterError("values must hold one above 0; got none")
    axes = panel(axes, title)
    seen = np.unique(values)
    share = 1 - np.searchsorted(values, seen) / len(values)
    axes.loglog(seen, share, ".", color="0.5", ms=3, rasterized=True)
    if fit is not None:
        last = fit.x_max or seen[-1]
        x = np.unique(np.geomspace(fit.x_min, last, 200).round())
        above = np.mean(values > last) if fit.x_max else 0.0
        inside = np.mean((values >= fit.x_min) & (values <= last))
        label = f"exponent {fit.exponent:.2f} ± {fit.standard_error:.2f}"
        line = above + inside * (1 - fit.cumulative(x - 1))
        axes.loglog(x, line, color="tab:red", lw=1.2, label=label)
        axes.legend(fontsize=8, frameon=False)
    axes.set_xlabel(f"{name} ({units})")
    axes.set_ylabel(f"share of {name}s ≥ x")
    return axes


def regression_slopes(estimate, *, step=None, axes=None, title=None):
    """Draw the regression slopes of activity over their lag with the fitted exponential.

    Parameters
    ----------
    estimate : BranchingEstimate
        From :func:`neurosim.analysis.multistep_regression`.
    step : float, optional
        Width of a bin in seconds; None counts lags in steps.
    axes : matplotlib.axes.Axes, optional
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from neurosim.analysis import multistep_regression
    >>> from neurosim.plots import regression_slopes
    >>> estimate = multistep_regression([3, 1, 4, 1, 5, 9, 2, 6, 5, 3], n_lags=3)
    >>> regression_slopes(estimate, step=0.004, axes=Figure().subplots()).get_xlabel()
    'lag (ms)'
    """
    axes = panel(axes, title)
    scale = 1 if step is None else 1000 * float(step)
    lags = np.linspace(1, len(estimate.lags), 200)
    axes.plot(estimate.lags * scale, estimate.slopes, ".", color="0.5", ms=3)
    fitted = estimate.amplitude * estimate.m**lags
    axes.plot(lags * scale, fitted, color="tab:red", lw=1.2, label=f"m = {estimate.m:.3f}")
    axes.axhline(0, color="0.8", lw=0.7, zorder=0)
    axes.set_xlabel("lag (steps)" if step is None else "lag (ms)")
    axes.set_ylabel("regression slope")
    axes.legend(fontsize=8, frameon=False)
    return axes


def avalanche_scaling(noise, *, axes=None, title=None):
    """Draw mean size over duration beside the slope that the distributions demand.

    Parameters
    ----------
    noise : CracklingNoise
        From :func:`neurosim.analysis.crackling_noise`.
    axes : matplotlib.axes.Axes, optional
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> from neurosim.analysis import avalanches, crackling_noise
    >>> from neurosim.plots import avalanche_scaling
    >>> found = avalanches(np.tile([0, 1, 0, 2, 2, 0], 10))
    >>> noise = crackling_noise(
    ...     found, size_exponent=1.5, duration_exponent=2.0, durations=(1, 2))
    >>> avalanche_scaling(noise, axes=Figure().subplots()).get_ylabel()
    'mean size (events)'
    """
    axes = panel(axes, title)
    durations = noise.durations.astype(float)
    axes.loglog(durations, noise.mean_sizes, ".", color="0.5", ms=4)
    # Both lines through the middle of the data.
    middle = np.exp(np.log(durations).mean()), np.exp(np.log(noise.mean_sizes).mean())
    for exponent, style, what in (
        (noise.exponent, "-", "fitted"),
        (noise.predicted, "--", "predicted"),
    ):
        line = middle[1] * (durations / middle[0]) ** exponent
        axes.loglog(durations, line, style, lw=1.2, label=f"{what} {exponent:.2f}")
    # Often less than a decade: powers of ten alone would say too little.
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("duration (bins)")
    axes.set_ylabel("mean size (events)")
    axes.legend(fontsize=8, frameon=False, title="exponent", title_fontsize=8)
    return axes


def collapsed_shapes(collapse, *, axes=None, title=None):
    """Draw mean courses of avalanches of all durations, scaled onto each other.

    Parameters
    ----------
    collapse : ShapeCollapse
        From :func:`neurosim.analysis.shape_collapse`.
    axes : matplotlib.axes.Axes, optional
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes
        Darker courses are of longer avalanches.

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> from neurosim.analysis import avalanches, shape_collapse
    >>> from neurosim.plots import collapsed_shapes
    >>> courses = [np.r_[0, np.arange(1, n) * np.arange(n - 1, 0, -1), 0] for n in (20, 40)]
    >>> collapse = shape_collapse(avalanches(np.concatenate(courses * 10)), durations=(5, 50))
    >>> collapsed_shapes(collapse, axes=Figure().subplots()).get_xlabel()
    'time / duration'
    """
    axes = panel(axes, title)
    shades = np.linspace(0.8, 0.2, len(collapse.durations))
    for shape, shade in zip(collapse.shapes, shades, strict=True):
        axes.plot(collapse.phases, shape, color=str(shade), lw=0.6)
    label = f"mean, exponent {collapse.exponent:.2f}"
    axes.plot(collapse.phases, collapse.shapes.mean(axis=0), color="tab:red", lw=1.5, label=label)
    axes.set_xlim(0, 1)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("time / duration")
    axes.set_ylabel("events / durationᵞ⁻¹")
    axes.legend(fontsize=8, frameon=False, loc="lower center")
    return axes
