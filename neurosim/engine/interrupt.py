"""Ctrl-C during a Brian 2 run, as a protocol needs it.

Brian 2 turns the first SIGINT of a run into a stop: ``run()`` returns normally and a script goes
on. A protocol would go on to its next trial, so while one executes, an interrupted run raises
KeyboardInterrupt once it has returned, with a consistent state. Brian 2's handler and its
``Network.after_run``, the last call of a run, are private contacts; they are the same in 2.9, 2.10
and 2.11.
"""

import contextlib
import functools
import threading

from neurosim.engine.arrival import when_brian_arrives

__all__ = ["raising_interrupts"]


@contextlib.contextmanager
def raising_interrupts():
    """Let Brian 2 runs that Ctrl-C has stopped raise KeyboardInterrupt.

    Brian 2 is not imported for it; where it is imported inside, it is changed on arrival. May be
    nested and entered by several threads; Brian 2 is as it was when the last one has left.

    Examples
    --------
    >>> from neurosim.engine.interrupt import raising_interrupts
    >>> with raising_interrupts():
    ...     pass
    """
    _change.enter()
    try:
        yield
    finally:
        _change.leave()


class _Change:
    """The change of Brian 2, made by the first who enters and undone by the last who leaves."""

    def __init__(self):
        self.lock = threading.Lock()
        self.n_inside = 0
        self.undo = contextlib.ExitStack()

    def enter(self):
        with self.lock:
            self.n_inside += 1
            if self.n_inside > 1:
                return
            self.undo.callback(when_brian_arrives(self.make))

    def leave(self):
        with self.lock:
            self.n_inside -= 1
            if self.n_inside == 0:
                self.undo.close()

    def make(self, brian2):
        """Make the interrupt handler remember, and the end of a run raise."""
        handler, network = brian2._InterruptHandler, brian2.Network
        handle, finish = handler.__call__, network.after_run
        interrupted = threading.Event()

        @functools.wraps(handle)
        def remember(self, *signal):
            was_stopped = network._globally_stopped
            handle(self, *signal)
            if network._globally_stopped and not was_stopped:
                interrupted.set()

        @functools.wraps(finish)
        def raise_afterwards(self, *arguments, **keywords):
            finish(self, *arguments, **keywords)
            if interrupted.is_set():
                interrupted.clear()
                raise KeyboardInterrupt

        handler.__call__, network.after_run = remember, raise_afterwards
        self.undo.callback(setattr, handler, "__call__", handle)
        self.undo.callback(setattr, network, "after_run", finish)


_change = _Change()
