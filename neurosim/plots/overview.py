"""A figure of any trace file: spikes, reports, curves and metrics."""

import functools

import numpy as np
from matplotlib.figure import Figure

from neurosim.plots.spikes import raster
from neurosim.plots.variables import variable_traces
from neurosim.plots.weights import weight_evolution

__all__ = ["overview"]

_MOST_PANELS = 6
# What a panel can show and memory can hold, however long the run was.
_MOST_SPIKES, _MOST_ROWS = 200_000, 20_000
# Brian 2 records in these, where values of neurons have many zeros behind the point.
_SCALED = {"V", "A", "S", "F", "C", "J"}
_PREFIXES = "mµnpf"


def overview(traces):
    """Draw what a trace file holds: spikes, reports, curves, synaptic weights, metrics as bars.

    A curve is drawn over the coordinate of its dimension where its group holds one.

    Long recordings are thinned out to every n-th spike or row, which the panel's title says. Small
    values in V, A, S, F, C or J are drawn in thousandths, millionths, ..., as the label says.

    Parameters
    ----------
    traces : TraceFile or MemoryTraces

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from neurosim.plots import overview
    >>> from neurosim.traces import MemoryTraces
    >>> with MemoryTraces(protocol="demo", parameters={}, seed=0) as traces:
    ...     traces.append_spikes("exc", [0, 1], [0.1, 0.2])
    >>> overview(traces).axes[0].get_title()
    'spikes of exc'
    """
    panels = [functools.partial(_spikes, traces, name) for name in traces.populations]
    panels += [functools.partial(_report, traces, name) for name in traces.reports]
    for trace in traces.values():
        if _is_curve(trace) and not _is_label(traces, trace):
            panels.append(functools.partial(_curve, traces, trace))
        elif len(trace.shape) == 2 and trace.dims[1] == "synapse" and _coordinate(traces, trace):
            panels.append(functools.partial(_weights, traces, trace))
    panels = panels[:_MOST_PANELS]
    if traces.metrics:
        panels.append(functools.partial(_metrics, traces))
    figure = Figure(figsize=(8, 2.6 * max(len(panels), 1)), layout="constrained")
    grid = figure.subplots(max(len(panels), 1), 1, squeeze=False)[:, 0]
    for draw, axes in zip(panels, grid, strict=False):
        draw(axes)
    if not panels:
        grid[0].text(0.5, 0.5, "no spikes, reports, curves or metrics", ha="center")
        grid[0].set_axis_off()
    return figure


def _spikes(traces, name, axes):
    node_ids, times_ms = traces.spikes(name)
    every = -(-len(times_ms) // _MOST_SPIKES) or 1
    title = f"spikes of {name}" + _thinned(every, "spike")
    raster(times_ms[::every] / 1000, node_ids[::every], axes=axes, title=title)


def _report(traces, name, axes):
    report = traces.report(name)
    every = -(-report.n_steps // _MOST_ROWS) or 1
    blocks = [
        report.rows(start, min(start + every * 1000, report.n_steps))[::every]
        for start in range(0, report.n_steps, every * 1000)
    ]
    values = np.concatenate(blocks) if blocks else report.values
    title = name + _thinned(every, "row")
    times = report.times_ms[::every] / 1000
    factor, units = _readable(values, report.units)
    variable_traces(times, factor * values, units=units, axes=axes, title=title)


def _readable(values, units):
    """Return what to multiply values by, and the units they then have."""
    largest = np.max(np.abs(values), initial=0, where=np.isfinite(values))
    if units not in _SCALED or not 0 < largest < 0.1:
        return 1, units
    exponent = min(int(np.ceil(-np.log10(largest) / 3)), len(_PREFIXES))
    return 1000**exponent, _PREFIXES[exponent - 1] + units


def _is_curve(trace):
    is_metric = "metrics" in trace.name.split("/")
    is_number = np.issubdtype(trace.dtype, np.number)
    return is_number and not is_metric and len(trace.shape) == 1 and len(trace) > 1


def _coordinate(traces, trace):
    """Return the trace that holds the coordinate of a trace's first dimension, or None."""
    group, _, own = trace.name.rpartition("/")
    name = f"{group}/{trace.dims[0]}"
    return traces[name] if own != trace.dims[0] and name in traces else None


def _is_label(traces, trace):
    """Whether a trace is a coordinate, or says which unit each element of one belongs to."""
    if trace.name.rpartition("/")[2] == trace.dims[0]:
        return True
    return np.issubdtype(trace.dtype, np.integer) and _coordinate(traces, trace) is not None


def _every(trace):
    """Return the step with which rows are shown, and those rows."""
    every = -(-len(trace) // _MOST_ROWS) or 1
    blocks = [
        trace[start : start + every * 1000][::every] for start in range(0, len(trace), every * 1000)
    ]
    return every, np.concatenate(blocks)


def _curve(traces, trace, axes):
    every, values = _every(trace)
    along, places = _coordinate(traces, trace), np.arange(len(values)) * every
    label = trace.dims[0]
    if along is not None:
        places, label = _every(along)[1], f"{label} ({along.units})"
    axes.plot(places, values, lw=0.8)
    axes.set_xlabel(label)
    axes.set_ylabel("value" if trace.units == "1" else f"value ({trace.units})")
    axes.set_title(trace.name + _thinned(every, "row"))


def _weights(traces, trace, axes):
    every, weights = _every(trace)
    times = _every(_coordinate(traces, trace))[1] / 1000
    weight_evolution(times, weights, axes=axes, title=trace.name + _thinned(every, "row"))


def _metrics(traces, axes):
    names = list(traces.metrics)
    axes.barh(names, [traces.metrics[name] for name in names], color="0.4")
    axes.axvline(0, color="black", lw=0.8)
    axes.invert_yaxis()
    axes.set_title("metrics")


def _thinned(every, what):
    return "" if every == 1 else f" (one {what} in {every})"
