"""The results of a grid as one labelled netCDF-4 file, renewed as points come in."""

import contextlib
import math

import h5py
import numpy as np

from neurosim.errors import DataError, TraceWriteError
from neurosim.grid.batches import Batch, Column
from neurosim.grid.point import DONE, PENDING
from neurosim.traces.columns import TEXT, Dataset
from neurosim.traces.layout import build
from neurosim.traces.merge import deferred_interrupt
from neurosim.traces.storage import GuardedFile, check_room, write_error

__all__ = ["RESULTS_FORMAT", "STATUS", "merge", "read_status"]

RESULTS_FORMAT = "neurosim-grid-results"
STATUS = "status"
_MEANINGS = "pending done failed timed_out died"
# What goes through memory at once.
_BLOCK_BYTES = 8 << 20
_MOST_BATCHES = 200


def read_status(path, n_points):
    """Return the status of every point.

    Parameters
    ----------
    path : Path
        Of the results, which may be missing.
    n_points : int

    Returns
    -------
    ndarray of int8, shape (n_points,)

    Raises
    ------
    DataError
        Where the file is not the results of such a grid.
    """
    if not path.exists():
        return np.full(n_points, PENDING, np.int8)
    try:
        with h5py.File(path, "r", locking=False) as file:
            status = file[STATUS][()].ravel()
            is_ours = file.attrs.get("format") == RESULTS_FORMAT and status.size == n_points
    except (OSError, KeyError) as error:
        raise DataError(f"{path} cannot be read: {error}") from error
    if not is_ours:
        raise DataError(f"{path} does not hold the results of this grid")
    return status


def merge(path, definition, batches):
    """Put batches into the results and remove them.

    The file is written under another name and renamed, so that a reader or a kill finds the old
    one or the new one. Merging a batch twice changes nothing.

    Parameters
    ----------
    path : Path
        Of the results.
    definition : Definition
    batches : list of Path

    Raises
    ------
    TraceWriteError
        Where the disk is full; nothing is changed then.
    """
    for start in range(0, max(len(batches), 1), _MOST_BATCHES):
        some = batches[start : start + _MOST_BATCHES]
        with contextlib.ExitStack() as stack:
            opened = [Batch(batch) for batch in some]
            for batch in opened:
                stack.callback(batch.close)
            base = None
            if path.exists():
                base = stack.enter_context(h5py.File(path, "r", locking=False))
            _replace(path, _Merged(definition, base, opened))
        for batch in some:
            batch.unlink(missing_ok=True)


def _replace(path, merged):
    scratch = path.with_name(f"{path.name}.part")
    try:
        check_room(path, merged.n_bytes)
        with deferred_interrupt(), GuardedFile(scratch) as guarded:
            merged.write(guarded)
        if guarded.error is not None:
            raise write_error(path, guarded.error) from guarded.error
        scratch.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)
        if isinstance(error, OSError) and not isinstance(error, TraceWriteError):
            raise write_error(path, error) from error
        raise


class _Merged:
    """What the file will hold: old results, and over them the batches."""

    def __init__(self, definition, base, batches):
        self.definition = definition
        self.base = base
        self.batches = batches
        n_points = definition.n_points
        self.status = np.full(n_points, PENDING, np.int8)
        if base is not None:
            self.status[:] = base[STATUS][()].ravel()
        # Rows of each batch that count: a finished point stays finished.
        self.counting = []
        for batch in batches:
            counts = (batch.status == DONE) | (self.status[batch.points] != DONE)
            self.status[batch.points[counts]] = batch.status[counts]
            self.counting.append(counts)
        self.columns = self._columns()

    @property
    def n_bytes(self):
        """Upper bound of the size of all variables."""
        rows = sum(_row_bytes(column) for column in self.columns.values())
        return self.definition.n_points * (rows + 1)

    def _columns(self):
        n_axes = len(self.definition.shape)
        found = {}
        if self.base is not None:
            for name in self.base.attrs["variables"].split():
                found[name] = Column.of_dataset(self.base[name], n_axes)
        for batch in self.batches:
            for name, column in batch.columns.items():
                found[name] = found[name].joined(column, name) if name in found else column
        return dict(sorted(found.items()))

    def write(self, target):
        """Write everything into a file object; stop where it has met an error."""
        dims = tuple(axis.name for axis in self.definition.axes)
        shape = self.definition.shape
        coordinates = [
            _coordinate(axis, number)
            for axis in self.definition.axes
            for number in range(len(axis.parameters))
        ]
        beside = " ".join(
            parameter.name for axis in self.definition.axes for parameter in axis.parameters[1:]
        )
        beside = {"coordinates": beside} if beside else {}
        flags = {
            "long_name": "What became of each point",
            "flag_values": np.arange(len(_MEANINGS.split()), dtype=np.int8),
            "flag_meanings": _MEANINGS,
        }
        datasets = [dataset for dataset, _ in coordinates]
        datasets.append(Dataset(STATUS, dims, np.dtype(np.int8), shape, attributes=flags | beside))
        sizes = self._sizes()
        for name, column in self.columns.items():
            own = tuple(sizes[dim] for dim in column.dims)
            attributes = column.attributes | beside
            datasets.append(
                Dataset(name, dims + column.dims, column.dtype, shape + own, attributes=attributes)
            )
        with h5py.File(target, "w") as file:
            build(file, self._header(), {}, datasets)
            for dataset, values in coordinates:
                file[dataset.path][...] = values
            file[STATUS][...] = self.status.reshape(shape)
            for name in self.columns:
                self._fill(file[name], name, target)

    def _header(self):
        return {
            "format": RESULTS_FORMAT,
            "protocol": self.definition.protocol.name,
            "parameters": self.definition.fixed_json(),
            "variables": " ".join(self.columns),
        }

    def _sizes(self):
        """Return the size of each dimension that traces have beside the axes."""
        sizes = {}
        for column in self.columns.values():
            for dim, size in zip(column.dims, column.sizes, strict=True):
                sizes[dim] = max(size, sizes.get(dim, 0))
        return sizes

    def _fill(self, dataset, name, target):
        """Write one variable in blocks of points."""
        n_axes = len(self.definition.shape)
        own = dataset.shape[n_axes:]
        row_bytes = math.prod(own) * dataset.dtype.itemsize
        for place, start, stop in _blocks(self.definition.shape, row_bytes):
            if target.error is not None:
                return
            block = np.full((stop - start, *own), np.nan, dataset.dtype)
            if self.base is not None and name in self.base:
                old = self.base[name]
                sizes = old.shape[n_axes:]
                values = old[place].reshape(stop - start, *sizes)
                block[(slice(None), *map(slice, sizes))] = values
            for batch, counts in zip(self.batches, self.counting, strict=True):
                _put(block, start, stop, batch, counts, name)
            length = place[-1].stop - place[-1].start
            inner = self.definition.shape[len(place) :]
            dataset[place] = block.reshape(length, *inner, *own)


def _put(block, start, stop, batch, counts, name):
    """Put a batch's rows of points `start` to `stop` into a block."""
    first, last = np.searchsorted(batch.points, (start, stop))
    rows = np.flatnonzero(counts[first:last])
    if not rows.size:
        return
    targets = batch.points[first:last][rows] - start
    block[targets] = np.nan
    if name in batch.columns:
        values = batch.rows(name, first, last)[rows]
        block[(targets, *map(slice, values.shape[1:]))] = values


def _blocks(shape, row_bytes):
    """Yield (index, first point, last point + 1) of parts that fit in memory, in order."""
    depth = len(shape)
    while depth > 1 and math.prod(shape[depth - 1 :]) * row_bytes <= _BLOCK_BYTES:
        depth -= 1
    outer, length, inner = shape[: depth - 1], shape[depth - 1], math.prod(shape[depth:])
    step = max(1, _BLOCK_BYTES // max(1, inner * row_bytes))
    start = 0
    for index in np.ndindex(*outer):
        for first in range(0, length, step):
            last = min(first + step, length)
            stop = start + (last - first) * inner
            yield (*index, slice(first, last)), start, stop
            start = stop


def _row_bytes(column):
    return math.prod(column.sizes) * column.dtype.itemsize


def _coordinate(axis, number):
    """Return data set and values of one of an axis' parameters."""
    parameter, values = axis.parameters[number], axis.values[number]
    kind = parameter.kind
    attributes = {"long_name": parameter.description or parameter.name}
    if kind.is_number and None not in values:
        array = np.array([kind.number(value) for value in values])
        attributes["units"] = kind.units
    elif all(isinstance(value, bool) for value in values):
        array = np.array(values, np.int8)
        attributes["dtype"] = "bool"
    else:
        array = np.array([kind.text(value) for value in values], TEXT)
    if array.dtype == TEXT:
        # Text, and whole numbers beyond 64 bits.
        array = array.astype(str).astype(TEXT)
    dataset = Dataset(parameter.name, (axis.name,), array.dtype, array.shape, attributes=attributes)
    return dataset, array
