"""A recording that stays in memory, for calls without an output file."""

import time

import numpy as np

from neurosim.errors import ParameterError
from neurosim.traces.contents import Contents
from neurosim.traces.header import run_header
from neurosim.traces.recorder import Recorder

__all__ = ["MemoryTraces"]


class MemoryTraces(Recorder, Contents):
    """Record as `TraceWriter` does, keep everything in memory, read as `TraceFile` does.

    Parameters
    ----------
    protocol : str
    parameters : mapping
    seed : int

    Raises
    ------
    ParameterError
        Where one of them is not what `TraceWriter` takes.

    Examples
    --------
    >>> from neurosim.traces import MemoryTraces
    >>> with MemoryTraces(protocol="demo", parameters={}, seed=0) as traces:
    ...     traces.write("hlop/metrics/acc", 0.93, description="Mean accuracy")
    >>> traces.metrics
    {'hlop/metrics/acc': 0.93}
    """

    def __init__(self, *, protocol, parameters, seed):
        super().__init__()
        self._header = run_header(protocol, parameters, seed)
        self._started = time.monotonic()

    # One recording is never another, whatever both hold; a mapping would compare its arrays.
    __eq__, __hash__ = object.__eq__, object.__hash__

    @property
    def attributes(self):
        """Root attributes as a trace file would have them, dict."""
        return dict(self._header)

    def flush(self):
        """Do nothing: what is recorded is there."""

    def close(self, complete=True):
        """End the recording.

        Parameters
        ----------
        complete : bool, default=True
            Whether the run reached its end.

        Raises
        ------
        ParameterError
            Where traces of a complete run differ in size along a dimension they share.
        """
        if self._closed:
            return
        self._closed = True
        self._header["wall_time_s"] = time.monotonic() - self._started
        disagreement = self._dimensions.disagreement() if complete else ""
        self._header["complete"] = int(complete and not disagreement)
        if disagreement:
            raise ParameterError(disagreement)

    def _recorded(self, n_bytes):
        """Nothing is bounded here."""

    def _datasets(self):
        found = {path: column.dataset_so_far() for path, column in self._columns.items()}
        for path, clock in self._groups.items():
            if path.startswith("report/"):
                dataset, _ = clock.time_dataset(0, self._columns[f"{path}/data"].n_rows)
                found[dataset.path] = dataset
        return found

    def _rows(self, path, start, stop):
        if path.endswith("/mapping/time") and path.startswith("report/"):
            report = path.removesuffix("/mapping/time")
            n_rows = self._columns[f"{report}/data"].n_rows
            return self._groups[report].time_dataset(0, n_rows)[1]
        column = self._columns[path]
        if not column.dataset.grows:
            values = column.rows(0, 1)
            return np.array(values[start:stop] if values.ndim else values)
        start = 0 if start is None else start
        return column.rows(start, column.n_rows if stop is None else stop).copy()
