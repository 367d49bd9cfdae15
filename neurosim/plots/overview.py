"""A figure of any trace file: spikes, reports and metrics."""

import numpy as np
from matplotlib.figure import Figure

__all__ = ["overview", "raster", "report_traces"]

_MOST_PANELS = 6


def raster(axes, node_ids, times_ms, *, title=None):
    """Draw a spike raster.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    node_ids : array_like of int, shape (n_spikes,)
    times_ms : array_like, shape (n_spikes,)
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from neurosim.plots import raster
    >>> raster(Figure().subplots(), [0, 1], [2.0, 5.0]).get_xlabel()
    'time (ms)'
    """
    # Dots that fit: fewer spikes can be larger.
    size = float(np.clip(2e4 / max(len(times_ms), 1), 0.2, 8))
    axes.scatter(times_ms, node_ids, s=size, c="black", marker="o", linewidths=0, rasterized=True)
    axes.set_xlabel("time (ms)")
    axes.set_ylabel("neuron")
    if title:
        axes.set_title(title)
    return axes


def report_traces(axes, times_ms, values, *, units="1", title=None, most=8):
    """Draw reported variables of single neurons over time.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    times_ms : array_like, shape (n_steps,)
    values : array_like, shape (n_steps, n_neurons)
    units : str
    title : str, optional
    most : int, default=8
        Neurons drawn, the first ones.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> from neurosim.plots import report_traces
    >>> axes = report_traces(Figure().subplots(), [0.0, 1.0], np.eye(2), units="mV")
    >>> axes.get_ylabel()
    'value (mV)'
    """
    axes.plot(times_ms, np.asarray(values)[:, :most], lw=0.8)
    axes.set_xlabel("time (ms)")
    axes.set_ylabel("value" if units == "1" else f"value ({units})")
    if title:
        axes.set_title(title)
    return axes


def overview(traces):
    """Draw what a trace file holds: a raster per population, reports, metrics as bars.

    Parameters
    ----------
    traces : TraceFile or MemoryTraces

    Returns
    -------
    matplotlib.figure.Figure
    """
    panels = [("raster", name) for name in traces.populations]
    panels += [("report", name) for name in traces.reports]
    panels = panels[:_MOST_PANELS]
    if traces.metrics:
        panels.append(("metrics", None))
    figure = Figure(figsize=(8, 2.6 * max(len(panels), 1)), layout="constrained")
    grid = figure.subplots(max(len(panels), 1), 1, squeeze=False)[:, 0]
    if not panels:
        grid[0].text(0.5, 0.5, "no spikes, reports or metrics", ha="center")
        grid[0].set_axis_off()
    for axes, (what, name) in zip(grid, panels, strict=False):
        if what == "raster":
            raster(axes, *traces.spikes(name), title=f"spikes of {name}")
        elif what == "report":
            report = traces.report(name)
            report_traces(axes, report.times_ms, report.values, units=report.units, title=name)
        else:
            names = list(traces.metrics)
            axes.barh(names, [traces.metrics[name] for name in names], color="0.4")
            axes.invert_yaxis()
            axes.set_title("metrics")
    return figure
