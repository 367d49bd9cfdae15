"""The writing interface: what a run may record, checked before anything is kept."""

from abc import ABC, abstractmethod

import numpy as np

from neurosim.errors import ParameterError
from neurosim.traces import sonata
from neurosim.traces.columns import ARRAY_OVERHEAD, Column, Dataset
from neurosim.traces.names import (
    Dimensions,
    check_dims,
    check_population,
    check_text,
    check_trace_name,
)
from neurosim.traces.values import cast, joined_rows, storable

__all__ = ["Recorder"]


class Recorder(ABC):
    """What `TraceWriter` and `MemoryTraces` have in common; see the methods.

    A rejected call leaves everything as it was.
    """

    def __init__(self):
        self._columns = {}
        self._groups = {}
        self._dimensions = Dimensions()
        self._closed = False

    def __enter__(self):
        return self

    def __exit__(self, error_type, error, traceback):
        self.close(complete=error_type is None)

    @abstractmethod
    def flush(self):
        """Return when everything recorded so far is safe."""

    @abstractmethod
    def close(self, complete=True):
        """End the recording; further writing is an error, closing again is not."""

    @abstractmethod
    def _recorded(self, n_bytes):
        """Take note that `n_bytes` more are waiting."""

    def write(self, name, values, *, dims=(), units="1", description):
        """Record a whole trace at once.

        Parameters
        ----------
        name : str
            ``"group/name"``; groups may nest. A scalar in a group called ``metrics`` is a metric.
        values : array_like
            Integers, floats, booleans or strings, of any shape.
        dims : tuple of str, default=()
            One name for each dimension. A trace with ``dims=(name,)`` that bears the name of a
            dimension of its group is the coordinate of that dimension.
        units : str, default='1'
            Units of the values, '1' where they have none.
        description : str
            What the values are.

        Raises
        ------
        ParameterError
            Where the name is taken or not allowed, the type cannot be stored, or a dimension has
            another size in another trace of the group.

        Examples
        --------
        >>> from neurosim.traces import MemoryTraces
        >>> traces = MemoryTraces(protocol="demo", parameters={}, seed=0)
        >>> traces.write("hlop/task", ["a", "b"], dims=("task",), description="Task names")
        >>> traces.write("hlop/accuracy", [0.9, 0.8], dims=("task",), description="Accuracy")
        >>> traces["hlop/accuracy"].dims
        ('task',)
        """
        self._check_open(name)
        check_trace_name(name)
        if name in self._columns:
            raise ParameterError(f"trace {name!r} is already written; its name is taken")
        array, attributes = storable(name, values)
        dims = check_dims(name, dims, array.ndim)
        attributes |= _labels(name, units, description)
        dataset = Dataset(name, dims, array.dtype, array.shape, False, attributes)
        self._dimensions.check(dataset)
        self._keep([dataset], [array])

    def append(self, name, rows, *, dims, units="1", description):
        """Record further rows of a trace that grows along its first dimension.

        Parameters
        ----------
        name : str
            ``"group/name"``.
        rows : array_like
            Shape (n_rows, ...) with as many dimensions as `dims`, or a single row without the
            first. The type of the first rows holds for all.
        dims : tuple of str
            Names of the dimensions; the first one grows.
        units, description : str
            As in `write`, the same in every call.

        Raises
        ------
        ParameterError
            As in `write`, and where rows, dims or units do not fit the earlier ones.

        Examples
        --------
        >>> from neurosim.traces import MemoryTraces
        >>> traces = MemoryTraces(protocol="demo", parameters={}, seed=0)
        >>> for loss in (0.9, 0.5):
        ...     traces.append("hlop/loss", loss, dims=("iteration",), description="Loss")
        >>> traces["hlop/loss"].values
        array([0.9, 0.5])
        """
        self._check_open(name)
        check_trace_name(name)
        array, attributes = storable(name, rows)
        if not isinstance(dims, str) and len(dims) == array.ndim + 1:
            array = array[np.newaxis]
        dims = check_dims(name, dims, array.ndim)
        if not dims:
            raise ParameterError(f"trace {name!r} needs a dimension to grow along; got dims=()")
        attributes |= _labels(name, units, description)
        dataset = Dataset(name, dims, array.dtype, array.shape, True, attributes)
        self._keep([dataset], [self._fit(dataset, array)])

    def append_ragged(self, name, rows, *, dims, units="1", description):
        """Record further rows of different lengths.

        The values stand one after the other in trace `name`; the position at which each row
        begins stands in trace ``name + "_row_start"``. The last row ends with the values.

        Parameters
        ----------
        name : str
            ``"group/name"``.
        rows : list of array_like, each of shape (n_items,)
        dims : tuple of two str
            Name of the dimension that counts rows, and of the one that counts items.
        units, description : str
            As in `write`.

        Raises
        ------
        ParameterError
            As in `append`.

        Examples
        --------
        >>> from neurosim.traces import MemoryTraces
        >>> traces = MemoryTraces(protocol="demo", parameters={}, seed=0)
        >>> traces.append_ragged("net/waves", [[1.5, 2.0], [], [3.0]], dims=("trial", "wave"),
        ...                      units="ms", description="Times of waves")
        >>> traces["net/waves_row_start"].values
        array([0, 2, 2])
        >>> [row.tolist() for row in traces.ragged("net/waves")]
        [[1.5, 2.0], [], [3.0]]
        """
        self._check_open(name)
        check_trace_name(name)
        row_dim, item_dim = check_dims(name, dims, 2)
        column = self._columns.get(name)
        values, lengths, attributes = joined_rows(name, rows, column)
        starts = (0 if column is None else column.n_rows) + np.cumsum([0, *lengths])[:-1]
        starts_name = f"{name}_row_start"
        attributes |= _labels(name, units, description) | {"row_starts": starts_name}
        labels = _labels(starts_name, "1", f"Position in {name} at which each row begins")
        datasets = [
            Dataset(name, (item_dim,), values.dtype, values.shape, True, attributes),
            Dataset(starts_name, (row_dim,), starts.dtype, starts.shape, True, labels),
        ]
        if column is None and starts_name in self._columns:
            raise ParameterError(f"trace {name!r} needs the name {starts_name!r}, which is taken")
        if datasets[1].name in (row_dim, item_dim):
            raise ParameterError(f"a dimension of {name!r} must not be called {datasets[1].name!r}")
        arrays = [self._fit(*pair) for pair in zip(datasets, (values, starts), strict=True)]
        self._keep(datasets, arrays)

    def append_spikes(self, population, node_ids, times_ms, *, description=None):
        """Record spikes as SONATA ``/spikes/<population>``.

        Parameters
        ----------
        population : str
        node_ids : array_like of int, shape (n_spikes,)
            0-based numbers of the neurons.
        times_ms : array_like of float, shape (n_spikes,)
            Times in milliseconds, finite; in any order, best ascending.
        description : str, optional

        Raises
        ------
        ParameterError
            Where the arrays differ in length, or hold what is no node or time.

        Examples
        --------
        >>> from neurosim.traces import MemoryTraces
        >>> traces = MemoryTraces(protocol="demo", parameters={}, seed=0)
        >>> traces.append_spikes("exc", [3, 1], [0.5, 0.75])
        >>> traces.spikes("exc")
        (array([3, 1], dtype=uint64), array([0.5 , 0.75]))
        """
        self._check_open(population)
        check_population(population, "population")
        node_ids = sonata.checked_node_ids(f"spikes of {population!r}", node_ids)
        times = sonata.checked_times(population, node_ids, times_ms)
        group = f"spikes/{population}"
        if group not in self._groups:
            text = f"Spikes of population {population}" if description is None else description
            check_text(group, "description", text)
            self._groups[group] = sonata.SpikeOrder(text)
        self._groups[group].see(times)
        self._keep(sonata.spike_datasets(population), [times, node_ids])

    def append_report(
        self,
        name,
        values,
        *,
        node_ids=None,
        start_ms=None,
        step_ms=None,
        units,
        description,
    ):
        """Record regularly sampled variables of neurons as SONATA ``/report/<name>``.

        Parameters
        ----------
        name : str
            For example ``"exc.v"``.
        values : array_like of float, shape (n_steps, n_nodes) or (n_nodes,)
            Stored as float32.
        node_ids : array_like of int, shape (n_nodes,), optional
            0-based and ascending; 0, 1, ... where left out.
        start_ms : float, optional
            Time of the first row in milliseconds, 0 where left out. A later call goes on where
            the one before ended, and may leave it out too.
        step_ms : float
            Time between rows; later calls may leave it out.
        units : str
            Of the values, for example 'mV'.
        description : str

        Raises
        ------
        ParameterError
            Where shape, nodes, step or units do not fit the earlier rows, or a call does not go
            on where the one before ended.

        Examples
        --------
        >>> from neurosim.traces import MemoryTraces
        >>> traces = MemoryTraces(protocol="demo", parameters={}, seed=0)
        >>> for v in (-65.0, -64.5):
        ...     traces.append_report("exc.v", [[v, v]], step_ms=0.1, units="mV",
        ...                          description="Membrane potential")
        >>> traces.report("exc.v").times_ms
        array([0. , 0.1])
        """
        self._check_open(name)
        check_population(name, "report")
        values = sonata.checked_rows(name, values)
        clock = self._groups.get(f"report/{name}")
        data = sonata.report_dataset(name, values, _labels(name, units, description))
        if clock is not None:
            column = self._columns[data.path]
            clock.check_continues(column.n_rows, start_ms, step_ms)
            sonata.check_same_report(clock, column.dataset, data, node_ids)
            self._keep([data], [values])
            return
        start_ms = 0.0 if start_ms is None else start_ms
        node_ids = sonata.checked_columns(name, node_ids, values.shape[1])
        self._groups[f"report/{name}"] = sonata.ReportClock(name, start_ms, step_ms, node_ids)
        datasets, arrays = sonata.mapping(name, node_ids)
        self._keep([*datasets, data], [*arrays, values])

    def _fit(self, dataset, array):
        """Return rows as the type of their column, or raise; changes nothing."""
        column = self._columns.get(dataset.path)
        if column is None:
            self._dimensions.check(dataset)
            return array
        _check_same(column.dataset, dataset)
        self._dimensions.check_growth(dataset.path, column.n_rows + len(array))
        return cast(dataset.path, array, column.dataset.dtype)

    def _keep(self, datasets, arrays):
        """Take over checked values, creating the columns that are new."""
        for dataset, array in zip(datasets, arrays, strict=True):
            column = self._columns.get(dataset.path)
            if column is None:
                self._dimensions.add(dataset)
                column = self._columns[dataset.path] = Column(dataset)
            elif dataset.dims and dataset.grows:
                self._dimensions.grow(dataset.path, column.n_rows + len(array))
            column.add(array)
        self._recorded(sum(array.nbytes + ARRAY_OVERHEAD for array in arrays))

    def _check_open(self, name):
        if self._closed:
            raise ParameterError(f"trace {name!r} cannot be written: the recording is closed")


def _labels(name, units, description):
    check_text(name, "units", units)
    check_text(name, "description", description)
    return {"units": units, "long_name": description}


def _check_same(old, new):
    """Raise ParameterError unless rows of `new` can go on where those of `old` ended."""
    name = old.path
    if not old.grows:
        raise ParameterError(f"trace {name!r} is already written whole; it cannot grow")
    if old.dims != new.dims:
        raise ParameterError(f"dims of trace {name!r} were {old.dims!r} so far; got {new.dims!r}")
    if old.shape[1:] != new.shape[1:]:
        raise ParameterError(
            f"rows of trace {name!r} have shape {old.shape[1:]} so far; got {new.shape[1:]}"
        )
    for label in ("units", "dtype", "row_starts"):
        before, now = old.attributes.get(label), new.attributes.get(label)
        if before != now:
            raise ParameterError(f"{label} of trace {name!r} was {before!r} so far; got {now!r}")
