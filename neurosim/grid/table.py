"""The results of a grid as `neurosim show` prints and draws them: axes and metrics."""

from dataclasses import dataclass, field

import h5py
import numpy as np

from neurosim.grid.folder import GridFolder, GridFolderError
from neurosim.grid.point import DIED, DONE, FAILED, PENDING, TIMED_OUT
from neurosim.grid.results import STATUS
from neurosim.traces.layout import dims_of

__all__ = ["SEED", "Coordinate", "Metric", "Table", "describe", "read_table"]

# The axis over which results are averaged.
SEED = "seed"
_MOST_ROWS = 50
_WORDS = {PENDING: "pending", FAILED: "failed", TIMED_OUT: "timed out", DIED: "died"}


@dataclass(frozen=True)
class Coordinate:
    """An axis: what its dimension is called, and its values.

    Attributes
    ----------
    name, units : str
    values : ndarray, shape (n,)
        Numbers, truth values or text.
    beside : dict of str to Coordinate
        Parameters that vary together with it.
    """

    name: str
    units: str
    values: np.ndarray
    beside: dict = field(default_factory=dict)

    @property
    def is_number(self):
        """Whether values lie on a line."""
        return self.values.dtype.kind in "iuf"

    @property
    def label(self):
        """Name and units."""
        return self.name if self.units == "1" else f"{self.name} ({self.units})"

    def text(self, position):
        """Return the value at a position as text."""
        value = self.values[position]
        return f"{value:.6g}" if self.is_number else str(value)


@dataclass(frozen=True)
class Metric:
    """A number for each point.

    Attributes
    ----------
    name, units, description : str
    values : ndarray of float64, shape of the grid
        NaN where a point is not done.
    """

    name: str
    units: str
    description: str
    values: np.ndarray


@dataclass(frozen=True)
class Table:
    """Axes, metrics and status of a grid.

    Attributes
    ----------
    axes : tuple of Coordinate
    metrics : tuple of Metric
    status : ndarray of int8, shape of the grid
    """

    axes: tuple
    metrics: tuple
    status: np.ndarray

    def without_seed(self):
        """Return the axes but for the seed, and its position among all or None."""
        names = [axis.name for axis in self.axes]
        seed = names.index(SEED) if SEED in names else None
        return tuple(axis for axis in self.axes if axis.name != SEED), seed

    def over_seeds(self, values):
        """Return values with the seeds along the last axis, of length 1 where there are none."""
        _, seed = self.without_seed()
        return values[..., None] if seed is None else np.moveaxis(values, seed, -1)


def read_table(path):
    """Return axes and metrics of a grid.

    Parameters
    ----------
    path : str or Path
        Folder of the grid.

    Returns
    -------
    Table

    Raises
    ------
    GridFolderError
        Where the folder is not that of a grid, or holds no results yet.
    """
    folder = GridFolder(path)
    axes = folder.content()["axes"]
    if not folder.results.exists():
        raise GridFolderError(f"{folder.path} holds no results yet")
    with h5py.File(folder.results, "r", locking=False) as file:
        coordinates = tuple(_coordinate(file, axis) for axis in axes)
        metrics = tuple(
            Metric(name, file[name].attrs["units"], file[name].attrs["long_name"], file[name][()])
            for name in file.attrs["variables"].split()
            if len(dims_of(file[name])) == len(axes)
        )
        return Table(coordinates, metrics, file[STATUS][()])


def _coordinate(file, axis):
    first, *others = (_values(file[parameter["name"]]) for parameter in axis)
    return Coordinate(*first, {name: Coordinate(name, *rest) for name, *rest in others})


def _values(dataset):
    values = dataset.asstr()[()] if dataset.dtype.kind == "O" else dataset[()]
    if dataset.attrs.get("dtype") == "bool":
        values = values.astype(bool)
    name = dataset.name.rpartition("/")[2]
    return name, dataset.attrs.get("units", "1"), values


def describe(path):
    """Tell in text how a grid stands, with a table of its metrics.

    Parameters
    ----------
    path : str or Path
        Folder of the grid.

    Returns
    -------
    str
        Metrics are means over seeds, with the standard deviation where there are several.

    Raises
    ------
    GridFolderError

    Examples
    --------
    >>> import neurosim
    >>> from neurosim.grid import grid
    >>> from neurosim.grid.table import describe
    >>> @neurosim.protocol
    ... def ramble(run, *, pace: float = 1.0):
    ...     run.metric("distance", 3 * pace, units="km")
    >>> report = grid(ramble, {"pace": "1,2", "seed": "0:3"}, out="rambles", workers=0)
    >>> print(describe("rambles"))
    /.../rambles: 6 of 6 points done
      protocol    ramble
      axes        pace: 2 values, 1 to 2
                  seed: 3 values, 0 to 2
    <BLANKLINE>
    pace  distance (km)
       1          3 ± 0
       2          6 ± 0
    """
    folder = GridFolder(path)
    content = folder.content()
    table = read_table(path)
    n_done = np.count_nonzero(table.status == DONE)
    state = [f"{n_done} of {table.status.size} points done"]
    for status, word in _WORDS.items():
        n_points = np.count_nonzero(table.status == status)
        state += [f"{n_points} {word}"] if n_points else []
    rows = [("protocol", [content["protocol"]])]
    rows.append(("parameters", [f"{name} = {v}" for name, v in content["fixed"].items()]))
    rows.append(("axes", [_brief(axis) for axis in table.axes]))
    lines = [f"{folder.path}: {', '.join(state)}"]
    for title, texts in rows:
        for number, text in enumerate(texts):
            lines.append(f"  {title if number == 0 else '':<10}  {text}")
    return "\n".join([*lines, "", *_rows(table)])


def _brief(axis):
    first, last = axis.text(0), axis.text(len(axis.values) - 1)
    names = ", ".join([axis.label, *(other.label for other in axis.beside.values())])
    values = "1 value" if len(axis.values) == 1 else f"{len(axis.values)} values"
    return f"{names}: {values}, {first if first == last else f'{first} to {last}'}"


def _rows(table):
    axes, seed = table.without_seed()
    title = [axis.label for axis in axes]
    title += [m.name if m.units == "1" else f"{m.name} ({m.units})" for m in table.metrics]
    columns = [table.over_seeds(metric.values) for metric in table.metrics]
    shape = tuple(len(axis.values) for axis in axes)
    rows = [title]
    for number, place in enumerate(np.ndindex(*shape)):
        if number == _MOST_ROWS:
            break
        row = [axis.text(position) for axis, position in zip(axes, place, strict=True)]
        rows.append([*row, *(_mean(values[place], seed is not None) for values in columns)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in rows]
    n_more = int(np.prod(shape)) - _MOST_ROWS
    return lines + ([f"... and {n_more} rows more, in results.nc"] if n_more > 0 else [])


def _mean(values, has_seeds):
    known = values[np.isfinite(values)]
    if not known.size:
        return "nan"
    return f"{known.mean():.4g} ± {known.std():.2g}" if has_seeds else f"{known.mean():.4g}"
