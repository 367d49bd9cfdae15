"""One point of a grid: a run of the protocol, and what the grid keeps of it."""

import contextlib
import io
import json
import os
import platform
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from neurosim.cancellation import TimeIsUp, cancelled_by, time_limit
from neurosim.errors import ParameterError
from neurosim.experiment.registry import find_protocol, load_protocol
from neurosim.traces import TraceFile
from neurosim.traces.folder import RunFolder
from neurosim.traces.header import parameters_json

__all__ = [
    "DIED",
    "DONE",
    "FAILED",
    "PENDING",
    "TIMED_OUT",
    "Outcome",
    "PlaceError",
    "Task",
    "Variable",
    "harvest",
    "outcome_of",
    "run_point",
    "variables_of",
]

# Values of the variable `status`.
PENDING, DONE, FAILED, TIMED_OUT, DIED = range(5)


class PlaceError(ParameterError):
    """No point of the grid can be computed where this one was tried: the grid ends."""


@dataclass(frozen=True)
class Task:
    """What a worker needs to compute a point.

    Attributes
    ----------
    point : int
        Its number.
    protocol : Protocol or dict
        The protocol, or the reference by which another process finds it.
    values : dict
        All parameters, as JSON holds them.
    traces : tuple of str
        Traces that the outcome shall hold.
    output : str or None
        Where the trace file shall be, as an absolute path; None to keep none.
    token : str
        Marks the scratch files of this grid's process.
    """

    point: int
    protocol: object
    values: dict
    traces: tuple = ()
    output: str | None = None
    token: str = ""


@dataclass(frozen=True)
class Variable:
    """A metric or a trace of one point.

    Attributes
    ----------
    values : ndarray
    dims : tuple of str
        Names of its own dimensions, ``"group:dimension"``; empty for a metric.
    units, description : str
    """

    values: np.ndarray
    dims: tuple = ()
    units: str = "1"
    description: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a point.

    Attributes
    ----------
    point, status : int
    variables : dict of str to Variable
        By the path of the trace, ``"group/name"``.
    message : str
        What went wrong, in one line; '' where nothing did.
    report : str
        Traceback and log of a point that failed.
    known : tuple of str
        Names of all traces of the point, where one of the wanted ones is missing.
    """

    point: int
    status: int
    variables: dict = field(default_factory=dict)
    message: str = ""
    report: str = ""
    known: tuple = ()


def run_point(task, *, keeps_log=True, timeout=None):
    """Run the protocol with a point's parameters; whatever it raises becomes the outcome.

    The run is the one that ``neurosim run`` makes. Its trace file is written under a scratch name
    and renamed when whole.

    Parameters
    ----------
    task : Task
    keeps_log : bool, default=True
        Whether what the point prints is kept for the report; threads share one output.
    timeout : float or None
        Seconds after which the point ends where it looks at the time.

    Returns
    -------
    Outcome

    Examples
    --------
    >>> import neurosim
    >>> from neurosim.grid.point import Task, run_point
    >>> @neurosim.protocol
    ... def hike(run, *, steps: int = 3):
    ...     run.metric("distance", 2.0 * steps)
    >>> run_point(Task(0, hike, {"steps": 4})).variables["metrics/distance"].values
    array(8.)
    """
    log = io.StringIO()

    def compute():
        with _into(log) if keeps_log else contextlib.nullcontext():
            return _computed(task)

    return outcome_of(task.point, compute, timeout=timeout, printed=log.getvalue)


def outcome_of(point, compute, *, timeout=None, printed=str):
    """Return the outcome that a function returns, or what it raises as one.

    Parameters
    ----------
    point : int
    compute : callable
        Without arguments; returns an Outcome.
    timeout : float or None
        Seconds after which it ends where it looks at the time.
    printed : callable
        Returns what the point has printed, as text; by default nothing.

    Raises
    ------
    PlaceError
    """
    try:
        with cancelled_by(None if timeout is None else time_limit(timeout)):
            return compute()
    except PlaceError:
        raise
    except TimeIsUp as error:
        return _ended(point, TIMED_OUT, str(error), printed())
    except Exception as error:
        message = " ".join(f"{type(error).__name__}: {error}".split())
        return _ended(point, FAILED, message, printed())


def _ended(point, status, message, printed):
    """Return the outcome of a point that the exception being handled has ended."""
    report = f"{traceback.format_exc()}\nlog:\n{printed}"
    return Outcome(point, status, message=message, report=report)


@contextlib.contextmanager
def _into(log):
    """Let what is printed go to `log`, and to where it went before as well."""
    with (
        contextlib.redirect_stdout(_Both(sys.stdout, log)),
        contextlib.redirect_stderr(_Both(sys.stderr, log)),
    ):
        yield


class _Both(io.TextIOBase):
    """A text stream that keeps a copy of what passes."""

    def __init__(self, stream, copy):
        self.stream, self.copy = stream, copy

    def write(self, text):
        self.copy.write(text)
        return self.stream.write(text)

    def flush(self):
        self.stream.flush()


def _computed(task):
    protocol = task.protocol
    if isinstance(protocol, dict):
        protocol = _found(**protocol)
    if task.output is None:
        return _outcome(task.point, protocol.run(task.values).traces, task.traces)
    target = Path(task.output)
    scratch = target.with_name(f"{target.stem}.{task.token}.part")
    if not target.parent.parent.is_dir():
        raise PlaceError(
            f"{platform.node()} does not see the folder {target.parent.parent}: workers need a "
            "file system in common, or --metrics-only"
        )
    target.parent.mkdir(exist_ok=True)
    try:
        run = protocol.run(task.values, output=scratch, overwrite=True, draw=False)
        outcome = _outcome(task.point, run.traces, task.traces)
    except BaseException:
        # An unfinished recording is of no use here: the point is repeated whole.
        scratch.unlink(missing_ok=True)
        RunFolder(scratch).remove()
        raise
    scratch.replace(target)
    return outcome


_loaded = {}


def _found(name=None, script=None):
    """Return a protocol by its reference; a script is run once in a process."""
    if (name, script) not in _loaded:
        _loaded[name, script] = find_protocol(name) if name else load_protocol(script)
    return _loaded[name, script]


def _outcome(point, traces, wanted):
    variables, missing = variables_of(traces, wanted)
    known = tuple(name for name in traces if "metrics" not in name.split("/")) if missing else ()
    return Outcome(point, DONE, variables, known=known)


def variables_of(traces, wanted):
    """Return metrics and wanted traces of a recording.

    Parameters
    ----------
    traces : Contents
        A TraceFile or MemoryTraces.
    wanted : sequence of str

    Returns
    -------
    variables : dict of str to Variable
        Sorted by name, so that they do not depend on the order of recording.
    missing : list of str
        Wanted traces that there are not.

    Raises
    ------
    ParameterError
        Where a wanted trace holds text.
    """
    names = [*traces.metrics, *(name for name in wanted if name in traces)]
    found = {}
    for name in sorted(names):
        trace = traces[name]
        if trace.dtype.kind not in "biuf":
            raise ParameterError(
                f"trace {name!r} holds text; the results of a grid hold numbers only"
            )
        # With a colon, which neither parameters nor traces can have in their names.
        group = name.rpartition("/")[0].replace("/", ".")
        dims = tuple(f"{group}:{dim}" for dim in trace.dims)
        values = np.asarray(trace.values)
        # Failed points are NaN, for which integers and truth values have no room.
        if values.dtype.kind != "f":
            values = values.astype(np.float64)
        found[name] = Variable(values, dims, trace.units, trace.description)
    return found, [name for name in wanted if name not in traces]


def harvest(task):
    """Return the outcome of a point whose trace file is there already, or None.

    Parameters
    ----------
    task : Task

    Returns
    -------
    Outcome or None
        None where there is no file, or not of a finished run with these parameters.
    """
    if not os.path.exists(task.output):  # noqa: PTH110, a Path for each point takes longer
        return None
    try:
        traces = TraceFile(task.output)
        expected = json.loads(parameters_json(task.values))
        if traces.complete and traces.parameters == expected:
            return _outcome(task.point, traces, task.traces)
    except OSError:
        pass  # whatever stands there, the point is computed again
    return None
