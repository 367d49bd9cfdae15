"""Computing a grid: points out, outcomes in, whatever computes them."""

import contextlib
import math
from dataclasses import dataclass
from pathlib import Path

from neurosim.errors import MissingExtraError, ParameterError
from neurosim.experiment.progress import Progress
from neurosim.grid.definition import define
from neurosim.grid.executors import Processes, Serial, n_processors
from neurosim.grid.folder import GridFolder, GridFolderError
from neurosim.grid.point import DONE
from neurosim.grid.store import Store
from neurosim.grid.threads import Threads

__all__ = ["GridReport", "checked_shard", "checked_timeout", "compute", "grid", "open_results"]


@dataclass(frozen=True)
class GridReport:
    """How a grid stands after it was computed.

    Attributes
    ----------
    path : Path
        Its folder.
    n_points, n_done, n_failed : int
        Of the whole grid, or of the shard.
    n_computed : int
        Points computed this time.
    absent_traces : tuple of str
        Wanted traces that no point has recorded.
    known_traces : tuple of str
        Traces that there are, where one of those wanted is missing.
    """

    path: Path
    n_points: int
    n_done: int
    n_failed: int
    n_computed: int
    absent_traces: tuple = ()
    known_traces: tuple = ()

    def open(self):
        """Return the results, xarray.Dataset; see :func:`open_results`."""
        return open_results(self.path)


def grid(
    protocol,
    vary,
    *,
    out,
    fixed=None,
    zipped=(),
    traces=(),
    metrics_only=False,
    workers=None,
    threads=False,
    dask=None,
    timeout=None,
    shard=None,
    resume=False,
    progress=False,
):
    """Run a protocol at every point of a grid and gather what the points measured.

    A point is the run with its parameters, bit for bit. What is finished stays finished: a grid
    that was killed or interrupted goes on with ``resume=True``, which computes what is missing and
    what has failed.

    Parameters
    ----------
    protocol : Protocol or str
        A protocol, its name, or the path of its script.
    vary : mapping of str to str or iterable
        Values of each varied parameter. A text is read as on the command line: ``"a,b"``,
        ``"start:stop"`` (whole numbers, without stop) or ``"start:stop:n"`` (evenly spaced, with
        both ends).
    out : str or Path
        Folder of the grid.
    fixed : mapping, optional
        Values of other parameters.
    zipped : sequence of sequence of str
        Parameters that vary together, along one dimension.
    traces : sequence of str
        Traces that the results shall hold beside the metrics.
    metrics_only : bool, default=False
        Whether points keep no trace file of their own.
    workers : int, optional
        Worker processes or threads; as many as there are processors by default. 0 computes points
        one by one in this process.
    threads : bool, default=False
        Whether workers are threads. Points of protocols whose module imports Brian 2 take turns,
        and run side by side while the device ``"neurosim"`` computes.
    dask : str, optional
        Address of a Dask scheduler, or ``"local"`` for a cluster on this machine.
    timeout : float, optional
        Seconds after which a point is given up. Without worker processes it ends only where it
        looks at the time: between slices of a compiled loop, and where it records or its progress
        moves on.
    shard : tuple of int, optional
        ``(k, n)`` computes the k-th of n parts, k from 1.
    resume : bool, default=False
        Whether to go on with a grid that the folder holds; begins one where it holds none.
    progress : bool, default=False
        Whether to show a progress bar.

    Returns
    -------
    GridReport

    Raises
    ------
    ParameterError, UnknownNameError
        Before anything is written.
    GridFolderError
        Where the folder holds something else, or another process computes this grid.
    TraceWriteError
        Where the disk is full.

    Examples
    --------
    >>> import neurosim
    >>> from neurosim.grid import grid
    >>> @neurosim.protocol
    ... def trek(run, *, steps: int = 3, pace: float = 1.0):
    ...     run.metric("distance", steps * pace)
    >>> report = grid(trek, {"pace": "0:1:3", "seed": range(2)}, out="treks", workers=0)
    >>> report.n_done
    6
    >>> report.open().distance.sel(pace=0.5).values
    array([1.5, 1.5])
    """
    definition = define(
        protocol, vary, fixed=fixed, zipped=zipped, traces=traces, metrics_only=metrics_only
    )
    shard = checked_shard(shard)
    executor = _executor(definition.protocol, workers, threads, dask, checked_timeout(timeout))
    given = definition.protocol
    if executor.needs_reference:
        given = definition.reference
        if given is None:
            raise ParameterError(
                f"protocol {definition.protocol.name} stands in no file where a worker process "
                "could find it: put it into a script, or use workers=0"
            )
    return compute(
        definition, executor, out, given=given, shard=shard, resume=resume, progress=progress
    )


def compute(
    definition, executor, out, *, given=None, order=None, shard=None, resume=False, progress=False
):
    """Compute the points of a grid that are missing, by whatever executor, into a folder.

    Parameters
    ----------
    definition : Definition
    executor : Executor
    out : str or Path
    given : Protocol or dict, optional
        What the executor is told of the protocol.
    order : callable, optional
        Points are computed in the order of what it returns for their numbers.
    shard, resume, progress
        See :func:`grid`.

    Returns
    -------
    GridReport
    """
    folder = GridFolder(out)
    folder.check(definition, resume=resume, shard=shard)
    with (
        executor,
        folder.claimed(definition, resume=resume, shard=shard),
        Store(folder, definition, shard) as store,
    ):
        if shard is not None and not resume and store.has_begun():
            raise GridFolderError(
                f"{folder.path}: shard {shard[0]}/{shard[1]} was begun already; --resume goes on "
                "with it"
            )
        try:
            tasks = store.tasks(given, order)
            n_computed = _compute(store, executor, tasks, folder, progress)
        except BaseException as error:
            error.add_note(f"what is done is in {folder.path}, and --resume goes on with it")
            raise
    return _report(store, n_computed)


def _compute(store, executor, tasks, folder, progress):
    n_computed = n_failed = 0
    with Progress(store.n_points, "grid", is_wanted=progress) as bar:
        bar.update(store.n_done)
        with contextlib.closing(executor.outcomes(tasks, folder)) as outcomes:
            for outcome in outcomes:
                if outcome is None:
                    store.write()
                    continue
                store.record(outcome)
                n_computed += 1
                n_failed += outcome.status != DONE
                bar.update(1)
                bar.set(failed=n_failed)
    return n_computed


def _report(store, n_computed):
    recorded = store.recorded_traces
    absent = tuple(name for name in store.definition.traces if name not in recorded)
    if not store.known_traces:
        absent = ()
    return GridReport(
        store.folder.path,
        store.n_points,
        store.n_done,
        store.n_failed,
        n_computed,
        absent,
        tuple(sorted(store.known_traces)),
    )


def _executor(protocol, workers, threads, dask, timeout):
    if workers is not None and (isinstance(workers, bool) or workers < 0):
        raise ParameterError(f"workers must be a whole number ≥ 0; got {workers!r}")
    if threads and dask is not None:
        raise ParameterError(f"threads and dask exclude each other; got dask {dask!r} and threads")
    if dask is not None:
        from neurosim.grid.cluster import Dask

        return Dask(dask, workers or n_processors(), timeout)
    if workers == 0:
        return Serial(timeout)
    if threads:
        return Threads(workers or n_processors(), protocol, timeout)
    return Processes(workers or n_processors(), timeout)


def checked_shard(shard):
    """Return number and count of a shard, or None; raise ParameterError where they do not fit."""
    if shard is None:
        return None
    number, count = shard
    if not 1 <= number <= count:
        raise ParameterError(f"shard must be k/N with 1 ≤ k ≤ N; got {number}/{count}")
    return int(number), int(count)


def checked_timeout(timeout):
    """Return a timeout in seconds, or None; raise ParameterError where it is no such number."""
    if timeout is not None and not (math.isfinite(timeout) and timeout > 0):
        raise ParameterError(f"timeout must be a number of seconds > 0; got {timeout!r}")
    return timeout


def open_results(path):
    """Return the results of a grid, finished or not, as one labelled data set.

    ``xarray.open_dataset("DIR/results.nc", engine="h5netcdf")`` does the same without neurosim.

    Parameters
    ----------
    path : str or Path
        Folder of the grid.

    Returns
    -------
    xarray.Dataset
        A dimension for each axis; metrics and chosen traces as variables, NaN where a point is not
        done; `status` of each point.

    Raises
    ------
    GridFolderError
        Where the folder is not that of a grid.
    MissingExtraError
        Where xarray is not installed.
    """
    folder = GridFolder(path)
    folder.content()
    try:
        import xarray
    except ImportError:
        raise MissingExtraError("results need xarray: pip install 'neurosim[grid]'") from None
    if not folder.results.exists():
        raise GridFolderError(f"{folder.path} holds no results yet")
    return xarray.open_dataset(folder.results, engine="h5netcdf")
