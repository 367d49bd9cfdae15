"""Where points are computed: in this process or in processes of this machine.

An executor is entered before anything is written, and then yields outcomes of tasks in the order in
which they end. It takes a task only when it can soon compute it, so that memory stays flat.
"""

import concurrent.futures
import multiprocessing
import os
import shutil
from abc import ABC, abstractmethod

from neurosim.errors import MissingExtraError, ParameterError
from neurosim.grid.point import DIED, TIMED_OUT, Outcome, run_point
from neurosim.grid.worker import compute, last_words, prepare

__all__ = ["Executor", "Processes", "Serial", "in_threads", "n_processors"]

_TICK_SECONDS = 0.5
# Pools that break one after the other, without a point done, are not tried for ever.
_MOST_BROKEN_POOLS = 3


def n_processors():
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Executor(ABC):
    """Computes points; a context manager.

    Attributes
    ----------
    needs_reference : bool
        Whether other processes must find the protocol.
    """

    needs_reference = True

    def __enter__(self):
        return self

    def __exit__(self, *error):
        """Give everything back, at once where there was an error."""
        return False

    @abstractmethod
    def outcomes(self, tasks, folder):
        """Yield the outcome of every task, and None now and then while there is none.

        Parameters
        ----------
        tasks : iterator of Task
        folder : GridFolder
            Claimed by this process.

        Yields
        ------
        Outcome or None
        """


class Serial(Executor):
    """One point after the other, in this process.

    Parameters
    ----------
    timeout : float or None
        Seconds after which a point ends where it looks at the time; see :class:`Threads`.
    """

    needs_reference = False

    def __init__(self, timeout=None):
        self.timeout = timeout

    def outcomes(self, tasks, folder):
        """Yield the outcome of every task."""
        for task in tasks:
            yield run_point(task, timeout=self.timeout)


class Processes(Executor):
    """Points side by side in worker processes, which may hang, crash or run out of memory.

    Parameters
    ----------
    n_workers : int
    timeout : float or None
        Seconds after which a point is given up.
    """

    def __init__(self, n_workers, timeout=None):
        self.n_workers = n_workers
        self.timeout = timeout
        self._pool = None
        self._n_broken = 0

    def __enter__(self):
        try:
            import pebble
        except ImportError:
            raise MissingExtraError(
                "worker processes need pebble: pip install 'neurosim[grid]' (or --workers 0)"
            ) from None
        self._new_pool = pebble.ProcessPool
        return self

    def __exit__(self, *error):
        self._end_pool()

    def outcomes(self, tasks, folder):
        """Yield the outcome of every task."""
        folder.logs.mkdir(parents=True, exist_ok=True)
        try:
            for task, future in _in_flight(
                tasks, lambda t: self._submit(t, folder), self.n_workers
            ):
                yield None if task is None else self._outcome(task, future, folder)
            self._end_pool(gently=True)
        finally:
            self._end_pool()
            shutil.rmtree(folder.logs, ignore_errors=True)

    def _submit(self, task, folder):
        if self._pool is None:
            # Not by fork: threads of this process may hold locks that a copy would wait for.
            self._pool = self._new_pool(
                max_workers=self.n_workers,
                initializer=prepare,
                initargs=(str(folder.logs),),
                context=multiprocessing.get_context("spawn"),
            )
        return self._pool.schedule(compute, args=(task,), timeout=self.timeout)

    def _outcome(self, task, future, folder):
        import pebble

        try:
            outcome = future.result()
        except concurrent.futures.process.BrokenProcessPool as error:
            return self._after_broken_pool(task, folder, error)
        except concurrent.futures.TimeoutError:
            message = f"took longer than {self.timeout:g} s"
            return self._ended(task, TIMED_OUT, message, folder)
        except pebble.ProcessExpired as error:
            message = f"the worker process died with exit code {error.exitcode}"
            return self._ended(task, DIED, message, folder)
        self._n_broken = 0
        return outcome

    def _ended(self, task, status, message, folder):
        log = last_words(folder.logs, task.point)
        return Outcome(task.point, status, message=message, report=f"log:\n{log}")

    def _after_broken_pool(self, task, folder, error):
        """Return the outcome from a new pool: this point may have had no part in it."""
        self._end_pool()
        self._n_broken += 1
        if self._n_broken > _MOST_BROKEN_POOLS:
            raise ParameterError(
                f"worker processes end before they compute anything ({error}); "
                f"see {folder.logs}, or try --workers 0"
            ) from error
        return self._outcome(task, self._submit(task, folder), folder)

    def _end_pool(self, *, gently=False):
        if self._pool is not None:
            pool, self._pool = self._pool, None
            # Workers that end by themselves give back what belongs to the system.
            (pool.close if gently else pool.stop)()
            pool.join()


def in_threads(tasks, compute, n_workers, ended):
    """Compute tasks in threads.

    Parameters
    ----------
    tasks : iterator of Task
    compute : callable
        Returns the outcome of a task.
    n_workers : int
    ended : threading.Event
        Set where nobody wants further outcomes: what is under way should look at it now and then,
        and is waited for.

    Yields
    ------
    Outcome or None
        None now and then, while there is no outcome.
    """
    pool = concurrent.futures.ThreadPoolExecutor(n_workers)
    try:
        for task, future in _in_flight(tasks, lambda task: pool.submit(compute, task), n_workers):
            yield None if task is None else future.result()
    except BaseException:
        ended.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _in_flight(tasks, submit, n_workers):
    """Keep workers busy.

    Parameters
    ----------
    tasks : iterator of Task
    submit : callable
        Returns the future of a task.
    n_workers : int

    Yields
    ------
    tuple of (Task or None, Future or None)
        Of those done, and of nobody now and then.
    """
    # One more than there are workers each, so that none waits for us.
    room = 2 * n_workers
    running = {}
    tasks = iter(tasks)
    while True:
        while len(running) < room and (task := next(tasks, None)) is not None:
            running[submit(task)] = task
        if not running:
            return
        done, _ = concurrent.futures.wait(
            running, timeout=_TICK_SECONDS, return_when=concurrent.futures.FIRST_COMPLETED
        )
        for future in done:
            yield running.pop(future), future
        if not done:
            yield None, None
