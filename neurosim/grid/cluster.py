"""Points on a Dask cluster: one on this machine, or the one behind an address."""

import asyncio
import contextlib
import logging
import queue
import time

from neurosim.errors import MissingExtraError, NeurosimError
from neurosim.grid.executors import Executor
from neurosim.grid.point import DIED, TIMED_OUT, Outcome, run_point

__all__ = ["PRELOAD", "ClusterError", "Dask"]

PRELOAD = "neurosim.grid.preload"
_CONNECT_SECONDS = 5.0
_TICK_SECONDS = 0.5


class ClusterError(NeurosimError, RuntimeError):
    """A Dask cluster cannot be reached, or its workers cannot compute points."""


class Dask(Executor):
    """Points on the workers of a Dask cluster, which need a file system in common with us.

    Parameters
    ----------
    address : str
        Of the scheduler, as ``"tcp://host:8786"``; ``"local"`` starts a cluster of one-thread
        workers on this machine.
    n_workers : int
        Workers of a local cluster.
    timeout : float or None
        Seconds after which a point is given up; its worker is restarted by its nanny.
    """

    def __init__(self, address, n_workers, timeout=None):
        self.address = address
        self.n_workers = n_workers
        self.timeout = timeout
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        try:
            import distributed
        except ImportError:
            raise MissingExtraError(
                "--dask needs dask.distributed: pip install 'neurosim[dask]'"
            ) from None
        # What goes wrong is told in one line of ours; theirs would stand beside it.
        log = logging.getLogger("distributed")
        self._stack.callback(log.setLevel, log.level)
        log.setLevel(logging.CRITICAL)
        with self._stack:
            self._client = self._connected(distributed)
            self._check_workers()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *error):
        self._stack.close()

    def _connected(self, distributed):
        address = self.address
        if address == "local":
            address = self._stack.enter_context(
                distributed.LocalCluster(
                    n_workers=self.n_workers,
                    threads_per_worker=1,
                    preload=[PRELOAD],
                    dashboard_address=":0",
                )
            )
        try:
            if self.address != "local":
                asyncio.run(asyncio.wait_for(_ask(address), _CONNECT_SECONDS))
            client = distributed.Client(address, timeout=_CONNECT_SECONDS)
        except Exception as error:  # of what is no scheduler, anything can be read
            raise ClusterError(
                f"cannot reach a Dask scheduler at {self.address!r}; "
                "expected an address such as tcp://host:8786, or local"
            ) from error
        return self._stack.enter_context(client)

    def _check_workers(self):
        try:
            self._client.wait_for_workers(1, timeout=_CONNECT_SECONDS)
        except TimeoutError:
            raise ClusterError(
                f"the Dask scheduler at {self.address} has no workers: dask worker {self.address} "
                f"--nthreads 1 --preload {PRELOAD}"
            ) from None
        # By its name and not by value, so that a worker without neurosim says just that.
        for worker, complaint in self._client.run(_complaint, on_error="return").items():
            if isinstance(complaint, ImportError):
                raise ClusterError(f"Dask worker {worker} cannot import neurosim: {complaint}")
            if complaint:
                raise ClusterError(
                    f"Dask worker {worker} {complaint}; start it as: dask worker "
                    f"{self._client.scheduler.address} --nthreads 1 --preload {PRELOAD}"
                )

    def outcomes(self, tasks, folder):
        """Yield the outcome of every task."""
        run = _Run(self._client, f"neurosim-{folder.token}", self.timeout)
        tasks = iter(tasks)
        while True:
            # Workers may come and go: twice as many points as there are threads are under way.
            room = 2 * max(1, len(self._client.nthreads()))
            while len(run.running) < room and (task := next(tasks, None)) is not None:
                run.submit(task)
            if not run.running:
                return
            yield from run.ended()


async def _ask(address):
    """Raise unless a scheduler is at an address: a client waits for ever for one that is silent."""
    import distributed
    from distributed.comm import connect

    security = distributed.Security().get_connection_args("client")
    comm = await connect(address, timeout=_CONNECT_SECONDS, **security)
    try:
        await comm.write({"op": "identity", "reply": True})
        answer = await comm.read()
    finally:
        comm.abort()
    if not isinstance(answer, dict) or answer.get("type") != "Scheduler":
        raise ValueError(f"{address} is no scheduler")


class _Run:
    """Points under way on a cluster, and what is known of those that do not return."""

    def __init__(self, client, topic, timeout):
        self.client = client
        self.topic = topic
        self.timeout = timeout
        self.running = {}
        self._done = queue.SimpleQueue()
        # When and on which worker each point began, told by the workers.
        self._began = {}
        self._lost = queue.SimpleQueue()
        client.subscribe_topic(topic, self._note)

    def submit(self, task):
        future = self.client.submit(_compute, task, self.topic, pure=False)
        self.running[task.point] = future
        future.add_done_callback(lambda future: self._done.put((task.point, future)))

    def _note(self, event):
        _, message = event
        point, worker = message["point"], message["worker"]
        if point in self._began:
            # Dask gives the work of a dead worker to another; a point that kills its worker would
            # go on killing.
            self._lost.put(point)
        self._began[point] = time.monotonic(), worker

    def ended(self):
        """Return outcomes of points that have ended since, or None where there is none."""
        found = []
        with contextlib.suppress(queue.Empty):
            point, future = self._done.get(timeout=_TICK_SECONDS)
            while True:
                if self.running.get(point) is future:
                    found.append(self._result(point, future))
                point, future = self._done.get_nowait()
        with contextlib.suppress(queue.Empty):
            while True:
                point = self._lost.get_nowait()
                if point in self.running:
                    found.append(self._given_up(point, DIED, "its worker died"))
        return found + self._overdue() or [None]

    def _result(self, point, future):
        from distributed.scheduler import KilledWorker

        try:
            outcome = future.result()
        except KilledWorker:
            return self._given_up(point, DIED, "its worker died")
        self._forget(point)
        return outcome

    def _overdue(self):
        if self.timeout is None:
            return []
        now = time.monotonic()
        late = [
            point
            for point, (began, _) in list(self._began.items())
            if point in self.running and now - began > self.timeout
        ]
        return [
            self._given_up(point, TIMED_OUT, f"took longer than {self.timeout:g} s")
            for point in late
        ]

    def _given_up(self, point, status, message):
        _, worker = self._began.get(point, (0.0, None))
        self.running[point].cancel(force=True)
        if worker is not None:
            self._restart(worker)
        self._forget(point)
        return Outcome(point, status, message=message)

    def _restart(self, worker):
        # A worker that has died meanwhile, or that has no nanny, cannot be restarted.
        with contextlib.suppress(ValueError, TimeoutError, KeyError):
            self.client.restart_workers([worker], timeout=30)

    def _forget(self, point):
        del self.running[point]
        self._began.pop(point, None)


def _complaint(dask_worker):
    """Return what keeps a worker from computing points, '' for nothing."""
    if dask_worker.state.nthreads != 1:
        return f"has {dask_worker.state.nthreads} threads, and Brian 2 is global to a process"
    if not getattr(dask_worker, "neurosim_preloaded", False):
        return f"was started without --preload {PRELOAD}"
    return ""


def _compute(task, topic):
    """Compute a point on a worker."""
    from distributed import get_worker

    from neurosim.grid.point import PlaceError

    worker = get_worker()
    complaint = _complaint(worker)
    if complaint:
        raise PlaceError(f"Dask worker {worker.address} {complaint}")
    worker.log_event(topic, {"point": task.point, "worker": worker.address})
    return run_point(task)
