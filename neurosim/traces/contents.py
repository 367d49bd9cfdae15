"""The reading interface: what is in a recording, wherever it is kept."""

import difflib
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from neurosim.errors import UnknownNameError
from neurosim.traces.values import as_read

__all__ = ["Contents", "Report", "Trace"]


class _UnknownTraceError(UnknownNameError, KeyError):
    """A mapping's missing key, told in a sentence."""

    def __str__(self):
        return str(self.args[0])


@dataclass(frozen=True)
class Trace:
    """A named array with dimensions and units; its values are read when asked for.

    Attributes
    ----------
    name : str
        ``"group/name"``.
    dims : tuple of str
    units : str
    description : str
    shape : tuple of int
    dtype : numpy.dtype
    """

    name: str
    dims: tuple
    units: str
    description: str
    shape: tuple
    dtype: np.dtype
    _source: Any = field(repr=False, compare=False)

    @property
    def values(self):
        """All values, ndarray of shape `shape`."""
        return self._source._values(self.name)

    def __getitem__(self, rows):
        """Read a slice of rows without reading the others, then index as NumPy does."""
        if isinstance(rows, slice) and rows.step in (None, 1) and self.shape:
            start, stop, _ = rows.indices(self.shape[0])
            return self._source._values(self.name, start, max(start, stop))
        return self.values[rows]

    def __len__(self):
        if not self.shape:
            raise TypeError(f"trace {self.name!r} is a scalar and has no length")
        return self.shape[0]

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype=dtype)


@dataclass(frozen=True)
class Report:
    """Regularly sampled variables of neurons.

    Attributes
    ----------
    name : str
    node_ids : ndarray of uint64, shape (n_nodes,)
        Neurons, as the columns of `values`.
    start_ms, step_ms : float
        Time of the first row, and between rows, in milliseconds.
    n_steps : int
        Number of rows.
    units, description : str
    """

    name: str
    node_ids: np.ndarray
    start_ms: float
    step_ms: float
    n_steps: int
    units: str
    description: str
    _source: Any = field(repr=False, compare=False)

    @property
    def values(self):
        """All rows, ndarray of float32, shape (n_steps, n_nodes)."""
        return self.rows(0, self.n_steps)

    @property
    def times_ms(self):
        """Time of each row in milliseconds, shape (n_steps,)."""
        return self.start_ms + np.arange(self.n_steps) * self.step_ms

    def rows(self, start, stop):
        """Return the rows from `start` to before `stop` without reading the others."""
        return self._source._values(f"report/{self.name}/data", start, stop)


class Contents(Mapping):
    """A mapping from ``"group/name"`` to `Trace`, and beside it spikes, reports and attributes.

    `TraceFile` and `MemoryTraces` share it.
    """

    @abstractmethod
    def _datasets(self):
        """Return {path: Dataset} of everything, SONATA groups included."""

    @abstractmethod
    def _rows(self, path, start, stop):
        """Return rows of a data set as stored, or all of it where `start` is None."""

    @property
    @abstractmethod
    def attributes(self):
        """Root attributes, dict."""

    @property
    def complete(self):
        """Whether the run reached its end."""
        return bool(self.attributes["complete"])

    def __getitem__(self, name):
        dataset = self._dataset(name)
        attributes = dataset.attributes
        dtype = np.dtype(bool) if attributes.get("dtype") == "bool" else dataset.dtype
        labels = attributes.get("units", "1"), attributes.get("long_name", "")
        return Trace(name, dataset.dims, *labels, dataset.shape, dtype, self)

    def __iter__(self):
        return (path for path, dataset in self._datasets().items() if not dataset.is_sonata)

    def __len__(self):
        return sum(1 for _ in self)

    def __repr__(self):
        return (
            f"<{type(self).__name__} of {self.attributes['protocol']!r}: {len(self)} traces, "
            f"{len(self.populations)} populations, {len(self.reports)} reports>"
        )

    @property
    def metrics(self):
        """Scalars that stand in a group called ``metrics``, dict of name to number."""
        found = {}
        for name, trace in self.items():
            if not trace.shape and name.split("/")[-2] == "metrics":
                found[name] = trace.values.item()
        return found

    @property
    def populations(self):
        """Names of the populations whose spikes were recorded, tuple of str."""
        return self._below("spikes", "timestamps")

    @property
    def reports(self):
        """Names of the reports, tuple of str."""
        return self._below("report", "data")

    def spikes(self, population, start=None, stop=None):
        """Return the spikes of a population in the order in which they were recorded.

        Parameters
        ----------
        population : str
        start, stop : int, optional
            Only the spikes from number `start` to before `stop`, without reading the others.

        Returns
        -------
        node_ids : ndarray of uint64, shape (n_spikes,)
        times_ms : ndarray of float64, shape (n_spikes,)

        Raises
        ------
        UnknownNameError
        """
        self._check_known("population", population, self.populations)
        group = f"spikes/{population}"
        return tuple(
            self._values(f"{group}/{word}", start, stop) for word in ("node_ids", "timestamps")
        )

    def n_spikes(self, population):
        """Return how many spikes of a population there are, without reading them."""
        self._check_known("population", population, self.populations)
        return self._datasets()[f"spikes/{population}/timestamps"].shape[0]

    def report(self, name):
        """Return a report.

        Parameters
        ----------
        name : str

        Returns
        -------
        Report
            Its values are read when asked for.

        Raises
        ------
        UnknownNameError
        """
        self._check_known("report", name, self.reports)
        data = self._datasets()[f"report/{name}/data"]
        start, _, step = self._values(f"report/{name}/mapping/time").tolist()
        node_ids = self._values(f"report/{name}/mapping/node_ids")
        labels = data.attributes.get("units", "1"), data.attributes.get("long_name", "")
        return Report(name, node_ids, start, step, data.shape[0], *labels, self)

    def ragged(self, name):
        """Return the rows of a ragged trace.

        Parameters
        ----------
        name : str

        Returns
        -------
        list of ndarray

        Raises
        ------
        UnknownNameError
            Where the trace does not exist or is not ragged.
        """
        starts_name = self._dataset(name).attributes.get("row_starts")
        if starts_name is None:
            raise UnknownNameError(f"trace {name!r} is not ragged; read its values")
        starts = self._values(starts_name)
        return np.split(self._values(name), starts[1:]) if len(starts) else []

    def _values(self, path, start=None, stop=None):
        return as_read(self._rows(path, start, stop), self._datasets()[path].attributes)

    def _dataset(self, name):
        dataset = self._datasets().get(name)
        if dataset is None or dataset.is_sonata:
            self._check_known("trace", name, tuple(self))
        return dataset

    def _below(self, group, data):
        paths = (path.split("/") for path in self._datasets())
        return tuple(words[1] for words in paths if words[0] == group and words[2:] == [data])

    def _check_known(self, what, name, known):
        if name in known:
            return
        close = difflib.get_close_matches(str(name), known, n=3, cutoff=0.5) or sorted(known)[:8]
        there = f"; there is {', '.join(close)}" if close else f"; there is no {what} at all"
        raise _UnknownTraceError(f"no {what} {name!r}{there}")
