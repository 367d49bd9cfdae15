"""Points side by side in threads of this process."""

import contextlib
import importlib.abc
import signal
import sys
import threading

from neurosim.cancellation import Cancelled, cancelled_by
from neurosim.engine.arrival import when_brian_arrives
from neurosim.errors import ParameterError
from neurosim.experiment.imports import may_import
from neurosim.grid.executors import Executor, in_threads
from neurosim.grid.point import PlaceError, run_point

__all__ = ["Threads"]


class Threads(Executor):
    """Points side by side in threads, for work that releases Python's lock.

    Layer models do so in their kernels. A protocol whose module imports Brian 2 gets a Brian 2 of
    its own in each point; points take turns, and run their loops side by side
    (:mod:`neurosim.engine.turns`).

    Parameters
    ----------
    n_workers : int
    protocol : Protocol
        What all tasks run.
    timeout : float or None
        Seconds after which a point ends where it looks at the time: at slice boundaries of a
        compiled loop, and where it records or its progress moves on.
    """

    needs_reference = False

    def __init__(self, n_workers, protocol, timeout=None):
        self.n_workers = n_workers
        self.timeout = timeout
        self._takes_turns = may_import(protocol.function, "brian2")
        self._stack = contextlib.ExitStack()
        self._stop = threading.Event()

    def __enter__(self):
        if self._takes_turns:
            self._world = self._stack.enter_context(_turns()).world
            self._stack.enter_context(_plain_interrupts())
        else:
            self._world = contextlib.nullcontext
            self._stack.enter_context(_Refusal())
        return self

    def __exit__(self, *error):
        self._stack.close()

    def outcomes(self, tasks, folder):
        """Yield the outcome of every task."""
        return in_threads(tasks, self._compute, self.n_workers, self._stop)

    def _compute(self, task):
        self._check()
        with self._world(), cancelled_by(self._check):
            return run_point(task, keeps_log=False, timeout=self.timeout)

    def _check(self):
        if self._stop.is_set():
            raise Cancelled("the grid has been ended")


def _turns():
    """Return what lets threads take turns, with Brian 2 imported here: workers cannot do it."""
    if "brian2" not in sys.modules and not _is_main_thread():
        raise ParameterError(
            "this protocol imports Brian 2, which can be done in the main thread of a program "
            "only: import brian2 there first"
        )
    from neurosim.engine.turns import taking_turns

    return taking_turns()


@contextlib.contextmanager
def _plain_interrupts():
    """Let Ctrl-C end the grid, where Brian 2 would stop the network that has its turn."""
    if not _is_main_thread():
        yield
        return
    known = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, known)


def _is_main_thread():
    return threading.current_thread() is threading.main_thread()


class _Refusal(importlib.abc.MetaPathFinder):
    """Refuses networks, and imports of Brian 2, in threads that have not waited for their turn."""

    def __enter__(self):
        self.undo = contextlib.ExitStack()
        sys.meta_path.insert(0, self)
        self.undo.callback(sys.meta_path.remove, self)
        self.undo.callback(when_brian_arrives(self.change))

    def __exit__(self, *error):
        self.undo.close()

    def find_spec(self, fullname, path=None, target=None):
        """Find nothing; raise where a worker imports Brian 2, which would fail half-way."""
        if fullname == "brian2":
            self.check()

    def change(self, brian2):
        """Let networks be refused."""
        original = brian2.Network.run

        def run(network, *arguments, **keywords):
            self.check()
            return original(network, *arguments, **keywords)

        brian2.Network.run = run
        self.undo.callback(setattr, brian2.Network, "run", original)

    @staticmethod
    def check():
        """Raise in a worker."""
        if not _is_main_thread():
            raise PlaceError(
                "this protocol uses Brian 2, but nothing in its module says so, and threads have "
                "to take turns for it: put 'import brian2' at its head, or leave --threads out"
            )
