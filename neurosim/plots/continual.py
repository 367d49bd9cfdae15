"""Figures of sequential learning: accuracy matrices and accuracies while learning."""

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from neurosim.plots.panels import panel

__all__ = ["accuracy_curves", "accuracy_matrix", "sequence_figure"]


def accuracy_matrix(matrix, *, axes=None, title=None):
    """Draw an accuracy matrix as a heat map with its values in percent.

    Parameters
    ----------
    matrix : ndarray, shape (T, T)
        Accuracies between 0 and 1; rows after experience i, columns on task j.
    axes : matplotlib.axes.Axes, optional
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> from neurosim.plots import accuracy_matrix
    >>> axes = accuracy_matrix(np.eye(2), axes=Figure().subplots())
    >>> axes.get_xlabel()
    'tested on task'
    """
    axes = panel(axes, title, height=2.6)
    percent = 100 * np.asarray(matrix)
    n_rows, n_tasks = percent.shape
    image = axes.imshow(percent, vmin=0, vmax=100, cmap="viridis", aspect="equal")
    if n_tasks <= 12:
        for (row, column), value in np.ndenumerate(percent):
            if np.isfinite(value):
                # Dark ground from below 60 % asks for light figures.
                color = "white" if value < 60 else "black"
                axes.text(
                    column, row, f"{value:.0f}", ha="center", va="center", fontsize=7, color=color
                )
    step = max(1, n_tasks // 10)
    axes.set_xticks(range(0, n_tasks, step), range(1, n_tasks + 1, step))
    axes.set_yticks(range(0, n_rows, step), range(1, n_rows + 1, step))
    axes.set_xlabel("tested on task")
    axes.set_ylabel("after learning task")
    axes.figure.colorbar(image, ax=axes, label="accuracy (%)", fraction=0.046, pad=0.03)
    return axes


def accuracy_curves(iterations, curve, ends, *, axes=None, title=None):
    """Draw each task's accuracy over the whole course of learning.

    Parameters
    ----------
    iterations : ndarray, shape (n_evaluations,)
    curve : ndarray, shape (n_evaluations, T)
        Accuracies between 0 and 1, NaN before a task has begun.
    ends : ndarray, shape (T,)
        Iterations at which experiences ended, drawn as boundaries.
    axes : matplotlib.axes.Axes, optional
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> from neurosim.plots import accuracy_curves
    >>> axes = accuracy_curves([1, 2], np.eye(2), [1, 2], axes=Figure().subplots())
    >>> axes.get_ylabel()
    'accuracy (%)'
    """
    axes = panel(axes, title)
    curve = np.asarray(curve)
    n_tasks = curve.shape[1]
    colors = matplotlib.colormaps["turbo"](np.linspace(0.05, 0.95, n_tasks))
    for task in range(n_tasks):
        axes.plot(iterations, 100 * curve[:, task], color=colors[task], lw=1.2, label=task + 1)
    for end in ends[:-1]:
        axes.axvline(end, color="0.8", lw=0.7, zorder=0)
    axes.set_ylim(0, 102)
    axes.set_xlim(0, ends[-1])
    axes.set_xlabel("mini-batches learned")
    axes.set_ylabel("accuracy (%)")
    if n_tasks <= 12:
        axes.legend(
            title="task", fontsize=7, title_fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5)
        )
    return axes


def sequence_figure(traces):
    """Draw every model's accuracy matrix above its accuracies while learning.

    Parameters
    ----------
    traces : Mapping of str to Trace
        Traces of a run of :func:`neurosim.experiment.comparison.compare`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    suffix = "/accuracy_matrix"
    names = [path.removesuffix(suffix) for path in traces if path.endswith(suffix)]
    figure = Figure(figsize=(6.2 * len(names), 8.2), layout="constrained")
    grid = figure.subplots(2, len(names), squeeze=False, height_ratios=(1.35, 1))
    for column, name in enumerate(names):
        matrix = traces[f"{name}/accuracy_matrix"].values
        title = f"{name}: ACC {100 * np.mean(matrix[-1]):.1f} %"
        if np.isfinite(matrix).all() and len(matrix) > 1:
            change = (matrix[-1] - np.diag(matrix))[:-1]
            title += f", BWT {100 * np.mean(change):+.1f} points"
        accuracy_matrix(matrix, axes=grid[0, column], title=title)
        if f"{name}/curve/accuracy" in traces:
            accuracy_curves(
                traces[f"{name}/curve/iteration"].values,
                traces[f"{name}/curve/accuracy"].values,
                traces[f"{name}/experience_end"].values,
                axes=grid[1, column],
            )
        else:
            grid[1, column].set_axis_off()
    return figure
