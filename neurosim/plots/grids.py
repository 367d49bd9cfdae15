"""Figures of grids: a line with a band over seeds, heat maps, small multiples."""

import numpy as np
from matplotlib.figure import Figure

from neurosim.experiment.outputs import check_output, save_figure
from neurosim.grid.table import read_table
from neurosim.plots.panels import COLUMN_WIDTH, panel

__all__ = ["draw_grid", "grid_figure", "heat_map", "line_with_band"]

_MOST_METRICS, _MOST_PANELS = 4, 6
# Of a figure with one panel for each metric, so that no place stays empty.
_N_COLUMNS = {1: 1, 2: 2, 3: 3, 4: 2}


def line_with_band(
    x, values, *, xlabel="", ylabel="", label=None, over="seeds", axes=None, title=None
):
    """Draw means over seeds as a line, in a band of one standard deviation to either side.

    Parameters
    ----------
    x : array_like, shape (n,)
        Numbers, or text for classes side by side.
    values : array_like, shape (n, n_seeds)
        NaN where a point is missing.
    xlabel, ylabel : str
    label : str, optional
        For a legend; call again with the same axes to compare.
    over : str, default='seeds'
        What there are several of at each place.
    axes : matplotlib.axes.Axes, optional
        New ones by default.
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from neurosim.plots import line_with_band
    >>> axes = line_with_band([0, 1], [[1.0, 3.0], [2.0, 2.0]], axes=Figure().subplots())
    >>> axes.lines[0].get_ydata()
    array([2., 2.])
    """
    axes = panel(axes, title)
    x, values = np.asarray(x), np.asarray(values, float)
    is_number = x.dtype.kind in "iuf"
    place = x if is_number else np.arange(len(x))
    order = np.argsort(place, kind="stable")
    place, values = place[order], values[order]
    mean, deviation = _over_seeds(values)
    [line] = axes.plot(place, mean, marker="o", ms=3.5, lw=1.4, label=label)
    if values.shape[1] > 1:
        axes.fill_between(
            place,
            mean - deviation,
            mean + deviation,
            color=line.get_color(),
            alpha=0.25,
            linewidth=0,
        )
        ylabel = f"{ylabel}\nmean ± s.d. of {values.shape[1]} {over}"
    if not is_number:
        axes.set_xticks(place, [str(label) for label in x], rotation=30, ha="right")
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    if label:
        axes.legend(fontsize=8, frameon=False)
    return axes


def heat_map(x, y, values, *, xlabel="", ylabel="", label="", limits=None, axes=None, title=None):
    """Draw a value for each pair of two parameters; what is missing stays grey.

    Parameters
    ----------
    x : array_like, shape (n_x,)
    y : array_like, shape (n_y,)
        Numbers, which need not be evenly spaced, or text.
    values : array_like, shape (n_y, n_x)
    xlabel, ylabel, label : str
        `label` says what the colours mean; '' draws no colour bar.
    limits : (float, float), optional
        Values at the ends of the colours.
    axes : matplotlib.axes.Axes, optional
        New ones by default.
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from neurosim.plots import heat_map
    >>> axes = heat_map(
    ...     [1, 10], ["a", "b"], [[0, 1], [2, 3]], xlabel="lr", axes=Figure().subplots())
    >>> [text.get_text() for text in axes.get_xticklabels()]
    ['1', '10']
    """
    axes = panel(axes, title)
    values = np.ma.masked_invalid(np.asarray(values, float))
    low, high = limits or (None, None)
    axes.set_facecolor("0.8")
    image = axes.imshow(values, origin="lower", aspect="auto", cmap="viridis", vmin=low, vmax=high)
    for axis, labels, name in ((axes.xaxis, x, xlabel), (axes.yaxis, y, ylabel)):
        _name_cells(axis, np.asarray(labels))
        axis.set_label_text(name)
    if label:
        axes.figure.colorbar(image, ax=axes, label=label)
    return axes


def grid_figure(table):
    """Draw the metrics of a grid: lines over one parameter, heat maps over two, and many of them.

    The axis called `seed` is averaged over. Of more than two other axes, the first two span each
    map and the rest make columns.

    Parameters
    ----------
    table : neurosim.grid.table.Table

    Returns
    -------
    matplotlib.figure.Figure
    """
    axes, _ = table.without_seed()
    metrics = table.metrics[:_MOST_METRICS]
    if not metrics:
        return _empty_figure()
    if not axes:
        return _seed_figure(table, metrics)
    places = list(np.ndindex(*(len(axis.values) for axis in axes[2:])))[:_MOST_PANELS]
    # Maps of one metric stand side by side; where each has but one panel, metrics do.
    n_columns = len(places) if len(places) > 1 else _N_COLUMNS[len(metrics)]
    n_rows = -(-len(metrics) * len(places) // n_columns)
    size = (0.4 + COLUMN_WIDTH * n_columns, 2.7 * n_rows)
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(n_rows, n_columns, squeeze=False)
    rows = panels if len(places) > 1 else panels.reshape(-1, 1)
    for row, metric in zip(rows, metrics, strict=True):
        values = table.over_seeds(metric.values)
        name = metric.name if metric.units == "1" else f"{metric.name} ({metric.units})"
        if len(axes) == 1:
            line_with_band(axes[0].values, values, xlabel=axes[0].label, ylabel=name, axes=row[0])
            continue
        _row_of_maps(row, axes, places, _over_seeds(values)[0], name)
    _say_what_is_left_out(figure, table, axes)
    return figure


def draw_grid(path, picture, *, overwrite=False):
    """Draw the figure of a grid's folder.

    Parameters
    ----------
    path : str or Path
        Folder of the grid.
    picture : str or Path
        Image to write; its suffix names the format.
    overwrite : bool, default=False

    Raises
    ------
    GridFolderError
        Where the folder is not that of a grid.
    TraceFileError
        Where the image exists or cannot be written.
    """
    check_output(picture, overwrite=overwrite)
    save_figure(grid_figure(read_table(path)), picture)


def _row_of_maps(row, axes, places, means, name):
    """Draw one metric: a map for each combination of the third and further axes."""
    known = means[np.isfinite(means)]
    limits = (known.min(), known.max()) if known.size else None
    for place_axes, place in zip(row, places, strict=True):
        fixed = ", ".join(
            f"{axis.label} = {axis.text(position)}"
            for axis, position in zip(axes[2:], place, strict=True)
        )
        is_first, is_last = place_axes is row[0], place_axes is row[-1]
        heat_map(
            axes[0].values,
            axes[1].values,
            means[(slice(None), slice(None), *place)].T,
            xlabel=axes[0].label,
            ylabel=axes[1].label if is_first else "",
            # All maps of a row share their colours, so that they can be compared.
            label=name if is_last else "",
            limits=limits,
            axes=place_axes,
            title=fixed or None,
        )


def _over_seeds(values):
    """Return mean and standard deviation along the last axis, NaN where nothing is known."""
    known = np.isfinite(values)
    count = known.sum(axis=-1)
    total = np.where(known, values, 0).sum(axis=-1)
    mean = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    squares = np.where(known, (values - mean[..., None]) ** 2, 0).sum(axis=-1)
    deviation = np.divide(squares, count, out=np.full(total.shape, np.nan), where=count > 0)
    return mean, np.sqrt(deviation)


def _name_cells(axis, labels, most=8):
    step = -(-len(labels) // most)
    texts = [f"{label:.4g}" if labels.dtype.kind in "iuf" else str(label) for label in labels]
    axis.set_ticks(range(0, len(labels), step), texts[::step])


def _seed_figure(table, metrics):
    """Draw metrics seed by seed, where nothing else varies."""
    figure = Figure(figsize=(COLUMN_WIDTH, 2.4 * len(metrics)), layout="constrained")
    for metric_axes, metric in zip(
        figure.subplots(len(metrics), 1, squeeze=False)[:, 0], metrics, strict=True
    ):
        values = table.over_seeds(metric.values)
        name = metric.name if metric.units == "1" else f"{metric.name} ({metric.units})"
        line_with_band(
            table.axes[0].values, values[:, None], xlabel="seed", ylabel=name, axes=metric_axes
        )
    return figure


def _empty_figure():
    figure = Figure(figsize=(4.6, 2.6), layout="constrained")
    axes = figure.subplots()
    axes.text(0.5, 0.5, "no point has recorded a metric", ha="center")
    axes.set_axis_off()
    return figure


def _say_what_is_left_out(figure, table, axes):
    n_maps = int(np.prod([len(axis.values) for axis in axes[2:]]))
    texts = []
    if len(table.metrics) > _MOST_METRICS:
        texts.append(f"first {_MOST_METRICS} of {len(table.metrics)} metrics")
    if n_maps > _MOST_PANELS:
        texts.append(f"first {_MOST_PANELS} of {n_maps} maps")
    if texts:
        figure.suptitle(", ".join(texts), fontsize="small")
