"""A sweep: one compiled network at every point of a grid, in threads that share nothing.

Each thread has copies of the arrays that a run writes, and calls the same compiled loop, which
holds no lock of Python's. The points are those of a grid: its axes, its folder, its results.
"""

import contextlib
import functools
import hashlib
import itertools
import json
import queue
import tempfile
import threading
import warnings
from dataclasses import dataclass
from inspect import Parameter as Signature
from pathlib import Path
from typing import Annotated

import numpy as np

from neurosim.cancellation import Cancelled, cancelled_by
from neurosim.engine.brian import Quantity, prefs, second
from neurosim.errors import ParameterError
from neurosim.experiment.kinds import kind_of
from neurosim.experiment.parameters import Parameter, plain_values
from neurosim.grid.axes import axes_of
from neurosim.grid.definition import Definition
from neurosim.grid.driver import checked_shard, checked_timeout, compute
from neurosim.grid.executors import Executor, in_threads, n_processors
from neurosim.grid.point import DONE, Outcome, Variable, outcome_of
from neurosim.simulation.responses import reader
from neurosim.simulation.swept import SEED, swept_name

__all__ = ["run_sweep"]

_THREADS = "devices.neurosim.threads"


def run_sweep(
    sim, prepared, device, vary, duration, *, record, zipped, out, workers, timeout, **how
):
    """Sweep a network; see :meth:`neurosim.Simulation.sweep`."""
    workers = _checked_workers(workers)
    timeout, how["shard"] = checked_timeout(timeout), checked_shard(how["shard"])
    if out is None and (how["shard"] is not None or how["resume"]):
        raise ParameterError("shard and resume need a folder; give out=DIR")
    vary = {name: _listed(values) for name, values in vary.items()}
    with _alone(sim, prepared):
        swept = {name: swept_name(sim, prepared, name, vary[name]) for name in vary}
        definition = _definition(sim, prepared, device, swept, vary, zipped, duration, record)
        executor = _Replicas(sim, prepared, device, swept, definition, duration, workers, timeout)
        if out is None:
            with tempfile.TemporaryDirectory() as folder:
                return _computed(definition, executor, Path(folder) / "sweep", how).load()
        return _computed(definition, executor, out, how)


def _computed(definition, executor, out, how):
    order = executor.order if executor.deep else None
    report = compute(definition, executor, out, order=order, **how)
    if report.n_failed:
        warnings.warn(
            f"{report.n_failed} of {report.n_points} points failed; {executor.first_failure}",
            stacklevel=4,
        )
    return report.open()


def _checked_workers(workers):
    if workers is None:
        return n_processors()
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise ParameterError(f"workers must be a whole number ≥ 1; got {workers!r}")
    return workers


def _listed(values):
    """Return values that can be gone through twice."""
    return values if isinstance(values, str) or not np.iterable(values) else list(values)


@contextlib.contextmanager
def _alone(sim, prepared):
    """Have a loop for one thread, and everything as it was afterwards."""
    known = prefs[_THREADS]
    prefs[_THREADS] = 1
    prepared.close_shared()
    prepared.prepare()
    before, constants = sim.snapshot(), prepared.constants()
    try:
        yield
    finally:
        for name, value in constants.items():
            prepared.set_constant(name, value)
        sim.restore(before)
        prefs[_THREADS] = known
        # What is kept ready is for one thread.
        if known != 1:
            prepared.close()


@dataclass(frozen=True)
class _Network:
    """What stands in a grid's definition where a protocol stands otherwise."""

    name: str
    parameters: dict

    def plain(self, values):
        """Return parameter values as JSON holds them."""
        return plain_values(self.parameters, values)


def _definition(sim, prepared, device, swept, vary, zipped, duration, record):
    """Return what the sweep is, as a grid."""
    if not swept:
        raise ParameterError("a sweep needs an axis, as in {'seed': range(10)}")
    # A network that was given no name has another one each time it is made.
    label = "sweep"
    fixed = {
        "duration": _parameter("duration", label, Annotated[Quantity, second]),
        "state": _parameter("state", label, str),
        SEED: _parameter(SEED, label, int),
    }
    table = {**fixed, **{name: known.parameter for name, known in swept.items()}}
    axes = axes_of(table, vary, zipped)
    seed, epoch = device.random_key()
    numbers = () if SEED in swept else (epoch,)
    values = {"duration": duration, "state": _digest(sim, prepared, numbers), SEED: seed}
    traces = _recorded(sim, record, swept)
    rest = {name: value for name, value in values.items() if name not in swept}
    return Definition(_Network(label, table), None, axes, rest, traces, metrics_only=True)


def _parameter(name, label, annotation):
    return Parameter(name, label, kind_of(annotation), Signature.empty, "")


def _recorded(sim, record, swept):
    """Return the names of what is recorded as those of traces; raise where they cannot be."""
    if isinstance(record, str) or not record:
        raise ParameterError(f"record must list what is kept, as in ['cells.rate']; got {record!r}")
    for name in record:
        if reader(sim, name).dims is None:
            raise ParameterError(
                f"record: {name!r} differs in length between points, and the results of a grid "
                "hold arrays only; record counts or rates"
            )
        if name in swept:
            raise ParameterError(
                f"record: {name!r} varies, too; record it with a StateMonitor instead"
            )
    if len(set(record)) < len(record):
        raise ParameterError(f"record: a name stands twice in {list(record)}")
    return tuple(name.replace(".", "/") for name in record)


def _digest(sim, prepared, numbers):
    """Return what tells this network, as it stands, from others."""
    digest = hashlib.blake2b(digest_size=12)
    snapshot = sim.snapshot()
    for path, array in sorted(snapshot.arrays.items()):
        # Brian 2's own generator is for set-up; no run of ours draws from it.
        if path != "_numpy_random":
            digest.update(f"{path} {array.dtype} {array.shape}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
    constants = {name: repr(value) for name, value in sorted(prepared.constants().items())}
    digest.update(json.dumps([constants, snapshot.t, *numbers]).encode())
    digest.update(prepared.source.encode())
    return digest.hexdigest()


class _Replicas(Executor):
    """Points on copies of one loop, in threads."""

    needs_reference = False

    def __init__(self, sim, prepared, device, swept, definition, duration, n_workers, timeout):
        self._sim, self._prepared = sim, prepared
        self._definition, self._duration = definition, duration
        self._n_workers, self._timeout = n_workers, timeout
        self.deep = [known for known in swept.values() if known.is_deep]
        self._plain = [known for known in swept.values() if not known.is_deep]
        seed, epoch = device.random_key()
        self._key = seed, epoch + 1
        self._has_seed = SEED in swept
        self._readers = [name.replace("/", ".", 1) for name in definition.traces]
        self._start = sim.snapshot()
        self._ended = threading.Event()
        self.first_failure = ""

    def __enter__(self):
        # What cannot be swept is told before anything is written.
        self._make(self._definition.values(0))
        return self

    def order(self, point):
        """Return the positions of a point on the axes for which a run is prepared anew."""
        axes = self._definition.axes
        positions = np.unravel_index(point, self._definition.shape)
        names = {known.name for known in self.deep}
        return tuple(
            int(position)
            for axis, position in zip(axes, positions, strict=True)
            if names & {parameter.name for parameter in axis.parameters}
        )

    def outcomes(self, tasks, folder):
        """Yield the outcome of every task, and None now and then while there is none."""
        for _, group in itertools.groupby(tasks, lambda task: self.order(task.point)):
            first = next(group)
            free = self._make(self._definition.values(first.point))
            compute = functools.partial(self._compute, free)
            tasks = itertools.chain([first], group)  # noqa: B031
            for outcome in in_threads(tasks, compute, self._n_workers, self._ended):
                if outcome is not None and outcome.status != DONE and not self.first_failure:
                    self.first_failure = f"point {outcome.point}: {outcome.message}"
                yield outcome

    def _make(self, values):
        """Return copies of the loop for a point and its like, with what reads them."""
        self._sim.restore(self._start)
        for known in self.deep:
            known.give_to(self._sim, values[known.name])
        readers = [reader(self._sim, name) for name in self._readers]
        monitors = {known.rows_of.name for known in readers if known.rows_of is not None}
        changed = [known.variable for known in self._plain if known.variable is not None]
        free = queue.SimpleQueue()
        for replica in self._prepared.replicas(self._n_workers, self._duration, changed, monitors):
            free.put((replica, [reader(self._sim, name) for name in self._readers]))
        return free

    def _compute(self, free, task):
        replica, readers = free.get()

        def compute():
            with cancelled_by(self._check):
                return Outcome(task.point, DONE, self._variables(task.point, replica, readers))

        try:
            return outcome_of(task.point, compute, timeout=self._timeout)
        finally:
            free.put((replica, readers))

    def _check(self):
        if self._ended.is_set():
            raise Cancelled("the sweep has been ended")

    def _variables(self, point, replica, readers):
        """Compute a point and return what is kept of it."""
        values = self._definition.values(point)
        replica.begin(*((values[SEED], 1) if self._has_seed else self._key))
        for known in self._plain:
            known.give(replica, values[known.name])
        for known in readers:
            known.begin(replica)
        replica.run()
        start = self._start.t
        ends = start, start + float(self._duration)
        return {
            name: Variable(
                np.asarray(known.end(replica, *ends), float),
                known.dims,
                known.units,
                known.description,
            )
            for name, known in zip(self._definition.traces, readers, strict=True)
        }
