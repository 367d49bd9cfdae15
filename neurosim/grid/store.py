"""From outcomes to results: what is done, what is left, and when it is written."""

import contextlib
import time

import numpy as np

from neurosim.errors import ParameterError
from neurosim.grid.batches import write_batch
from neurosim.grid.point import DONE, PENDING, Outcome, Task, harvest
from neurosim.grid.results import merge, read_status

__all__ = ["Store"]

_MOST_WAITING = 1000
_BATCH_SECONDS = 1.0
_MERGE_SECONDS = 5.0
# Renewing the results shall cost at most a twentieth of the time.
_MERGE_SHARE = 20


class Store:
    """Keeps outcomes: in batches at once, in the results now and then.

    Whoever computes points, whether by running a protocol or one compiled network, hands their
    outcomes to :meth:`record` and closes the store.

    Parameters
    ----------
    folder : GridFolder
        Claimed by this process.
    definition : Definition
    shard : tuple of int or None
        Number, from 1, and number of shards.

    Attributes
    ----------
    status : ndarray of int8, shape (n_points,)
        As far as this process knows.
    recorded_traces : set of str
        Names of metrics and wanted traces that this process has met.
    known_traces : set of str
        Names of traces of points in which a wanted one was missing.
    """

    def __init__(self, folder, definition, shard=None):
        self.folder = folder
        self.definition = definition
        number, count = shard or (1, 1)
        self._points = range(number - 1, definition.n_points, count)
        self._waiting = []
        self._last_write = self._last_merge = time.monotonic()
        self._merge_takes = 0.0
        self.known_traces = set()
        self.recorded_traces = set()
        folder.clean(lambda point: point in self._points)
        with folder.wait_for_results():
            merge(folder.results, definition, folder.batches())
        self.status = read_status(folder.results, definition.n_points)
        self._had_failed = self.status > DONE

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    @property
    def n_points(self):
        """Number of points that are this process' to compute."""
        return len(self._points)

    @property
    def n_done(self):
        """Number of those that are done."""
        return int(np.count_nonzero(self.own_status == DONE))

    @property
    def n_failed(self):
        """Number of those that failed, in whatever way."""
        return int(np.count_nonzero(self.own_status > DONE))

    @property
    def own_status(self):
        """Status of the points that are this process' to compute, ndarray of int8."""
        return self.status[self._points.start :: self._points.step]

    def has_begun(self):
        """Return whether any point of this process was computed before."""
        return bool(np.any(self.own_status != PENDING))

    def tasks(self, protocol, order=None):
        """Yield the points that are missing or have failed; those found finished are recorded.

        Parameters
        ----------
        protocol : Protocol or dict or None
            What the worker shall be given of it. None where workers find a point's values by its
            number; their tasks hold none.
        order : callable, optional
            Points come in the order of what it returns for their numbers; by default in their own.

        Yields
        ------
        Task
        """
        points = self._points if order is None else sorted(self._points, key=order)
        for point in points:
            if self.status[point] == DONE:
                continue
            task = self._task(point, protocol)
            outcome = None if self.definition.metrics_only else harvest(task)
            if outcome is None:
                yield task
            else:
                self.record(outcome)

    def _task(self, point, protocol):
        definition = self.definition
        values = {}
        if protocol is not None:
            values = definition.protocol.plain(definition.values(point))
        output = None if definition.metrics_only else str(self.folder.point(point))
        return Task(point, protocol, values, definition.traces, output, self.folder.token)

    def record(self, outcome):
        """Keep an outcome; at most a second's or a thousand points' wait in memory.

        Parameters
        ----------
        outcome : Outcome

        Raises
        ------
        TraceWriteError
            Where the disk is full.
        """
        point = outcome.point
        if outcome.status == DONE and self._had_failed[point]:
            self.folder.forget_report(point)
        elif outcome.status != DONE:
            self._report(outcome)
        self.known_traces.update(outcome.known)
        self.recorded_traces.update(outcome.variables)
        self._waiting.append(self._named(outcome))
        self.status[point] = outcome.status
        now = time.monotonic()
        if len(self._waiting) >= _MOST_WAITING or now - self._last_write >= _BATCH_SECONDS:
            self.write()

    def write(self):
        """Put what is waiting on the disk, and into the results if it is time."""
        if self._waiting:
            write_batch(self.folder.new_batch(), self._waiting)
            self._waiting = []
        self._last_write = time.monotonic()
        since = self._last_write - self._last_merge
        if since >= max(_MERGE_SECONDS, _MERGE_SHARE * self._merge_takes):
            lock = self.folder.results_lock()
            # Where another shard is at it, it is done for us.
            if lock.try_to_take():
                try:
                    self._merge()
                finally:
                    lock.release()

    def close(self):
        """Put everything into the results."""
        self.write()
        with self.folder.wait_for_results():
            self._merge()
        with contextlib.suppress(OSError):
            self.folder.logs.parent.rmdir()

    def _merge(self):
        began = time.monotonic()
        merge(self.folder.results, self.definition, self.folder.batches())
        self._last_merge = time.monotonic()
        self._merge_takes = self._last_merge - began

    def _named(self, outcome):
        """Return an outcome whose variables have the names of the results."""
        named = {}
        for path, variable in outcome.variables.items():
            name = self.definition.result_name(path)
            if name in named:
                raise ParameterError(
                    f"two metrics or traces of a point have the name {name!r} in the results; "
                    f"rename {path!r} in the protocol"
                )
            named[name] = variable
        return Outcome(outcome.point, outcome.status, named)

    def _report(self, outcome):
        values = self.definition.protocol.plain(self.definition.values(outcome.point))
        lines = [f"point {outcome.point}: {outcome.message}", "", "parameters:"]
        lines += [f"  {name} = {value}" for name, value in values.items()]
        self.folder.report(outcome.point, "\n".join([*lines, "", outcome.report, ""]))
