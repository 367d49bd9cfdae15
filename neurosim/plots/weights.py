"""Figures of synaptic weights: who is connected to whom, and how weights change."""

import numpy as np

from neurosim.errors import ParameterError
from neurosim.plots.panels import checked_lengths, panel

__all__ = ["weight_evolution", "weight_matrix"]


def weight_matrix(
    weights, *, sources=None, targets=None, shape=None, units="1", axes=None, title=None
):
    """Draw weights as a matrix, a row for each source and a column for each target.

    Parameters
    ----------
    weights : array_like, shape (n_sources, n_targets) or (n_synapses,)
        Of a matrix, NaN where there is no synapse.
    sources, targets : array_like of int, shape (n_synapses,), optional
        Neurons that each of a list of weights connects (Brian 2's ``S.i`` and ``S.j``). Weights
        of the same pair are added up.
    shape : tuple of int, optional
        Numbers of source and target neurons; for a list, by default the highest that are named.
    units : str, default='1'
    axes : matplotlib.axes.Axes, optional
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes
        Weights of one sign run from white to dark; of both signs from blue through white at 0
        to red. No synapse is grey.

    Raises
    ------
    ParameterError
        Where a list of weights comes without sources and targets as long, or with neurons
        outside of `shape`.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from neurosim.plots import weight_matrix
    >>> axes = weight_matrix(
    ...     [0.5, 1.0], sources=[0, 1], targets=[2, 0], axes=Figure().subplots())
    >>> axes.images[0].get_array().shape
    (2, 3)
    """
    matrix = np.asarray(weights, float)
    if matrix.ndim == 1:
        matrix = _from_list(matrix, sources, targets, shape)
    elif matrix.ndim != 2:
        raise ParameterError(f"weights must be a matrix or a list; got shape {matrix.shape}")
    axes = panel(axes, title, height=2.8)
    present = matrix[np.isfinite(matrix)]
    low, high = (present.min(), present.max()) if present.size else (0.0, 1.0)
    if low < 0 < high:
        most = max(-low, high)
        colors = {"cmap": "RdBu_r", "vmin": -most, "vmax": most}
    elif low < 0:
        colors = {"cmap": "Blues_r", "vmin": low, "vmax": 0}
    else:
        colors = {"cmap": "Reds", "vmin": 0, "vmax": high or 1.0}
    axes.set_facecolor("0.85")
    image = axes.imshow(matrix, aspect="auto", interpolation="nearest", **colors)
    axes.set_xlabel("target neuron")
    axes.set_ylabel("source neuron")
    label = "weight" if units == "1" else f"weight ({units})"
    axes.figure.colorbar(image, ax=axes, label=label)
    return axes


def _from_list(weights, sources, targets, shape):
    if sources is None or targets is None:
        raise ParameterError("a list of weights needs sources and targets; got None")
    checked_lengths(weights=weights, sources=sources, targets=targets)
    sources, targets = np.asarray(sources, int), np.asarray(targets, int)
    if shape is None:
        shape = (sources.max(initial=0) + 1, targets.max(initial=0) + 1)
    for name, ids, number in zip(("sources", "targets"), (sources, targets), shape, strict=True):
        if ((ids < 0) | (ids >= number)).any():
            wrong = ids[(ids < 0) | (ids >= number)][0]
            raise ParameterError(f"{name} must lie between 0 and {number - 1}; got {wrong}")
    matrix, there = np.zeros(shape), np.zeros(shape, bool)
    np.add.at(matrix, (sources, targets), weights)
    there[sources, targets] = True
    return np.where(there, matrix, np.nan)


def weight_evolution(times, weights, *, n_bins=40, units="1", axes=None, title=None):
    """Draw how the distribution of weights changes: a histogram for each time, and the mean.

    Parameters
    ----------
    times : array_like, shape (n_times,)
        In seconds, ascending; two or more.
    weights : array_like, shape (n_times, n_synapses)
    n_bins : int, default=40
        Of the histograms, from the least to the largest weight of all times.
    units : str, default='1'
    axes : matplotlib.axes.Axes, optional
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ParameterError
        Where there are not as many rows as times, fewer than two, or times do not ascend.

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> from neurosim.plots import weight_evolution
    >>> axes = weight_evolution([0.0, 1.0], np.eye(2), units="nS", axes=Figure().subplots())
    >>> axes.get_ylabel()
    'weight (nS)'
    """
    times, weights = np.asarray(times, float), np.asarray(weights, float)
    checked_lengths(times=times, weights=weights)
    if len(times) < 2 or weights.ndim != 2 or (np.diff(times) <= 0).any():
        raise ParameterError(
            "weights must be given at two ascending times or more, a row each; "
            f"got times of shape {times.shape} and weights of shape {weights.shape}"
        )
    axes = panel(axes, title)
    low, high = weights.min(), weights.max()
    edges = np.linspace(low, high if high > low else low + 1, n_bins + 1)
    counts = np.stack([np.histogram(row, edges)[0] for row in weights]) / weights.shape[1]
    middles = (times[1:] + times[:-1]) / 2
    borders = np.concatenate([times[:1], middles, times[-1:]])
    mesh = axes.pcolormesh(borders, edges, 100 * counts.T, cmap="Greys", vmin=0, rasterized=True)
    axes.plot(times, weights.mean(axis=1), color="tab:red", lw=1.2, label="mean")
    axes.legend(fontsize=8, loc="upper left", framealpha=0.8)
    axes.set_xlim(times[0], times[-1])
    axes.set_xlabel("time (s)")
    axes.set_ylabel("weight" if units == "1" else f"weight ({units})")
    axes.figure.colorbar(mesh, ax=axes, label="synapses (%)")
    return axes
