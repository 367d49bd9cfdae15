"""Ctrl-C during a Brian 2 run, as a protocol needs it.

Brian 2 turns the first SIGINT of a run into a stop: ``run()`` returns normally and a script goes
on. A protocol would go on to its next trial, so while one executes, an interrupted run raises
KeyboardInterrupt once it has returned, with a consistent state. Brian 2's handler and its
``Network.after_run`` are private contacts; they are the same in 2.9, 2.10 and 2.11.
"""

import contextlib
import functools
import importlib.abc
import importlib.util
import sys

__all__ = ["raising_interrupts"]


@contextlib.contextmanager
def raising_interrupts():
    """Let Brian 2 runs that Ctrl-C has stopped raise KeyboardInterrupt.

    Brian 2 is not imported for it; where it is imported inside, it is changed on arrival.

    Examples
    --------
    >>> from neurosim.engine.interrupt import raising_interrupts
    >>> with raising_interrupts():
    ...     pass
    """
    finder = None
    undo = contextlib.ExitStack()
    if "brian2" in sys.modules:
        _change(sys.modules["brian2"], undo)
    else:
        finder = _OnArrival(lambda module: _change(module, undo))
        sys.meta_path.insert(0, finder)
    try:
        with undo:
            yield
    finally:
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)


def _change(brian2, undo):
    """Make the interrupt handler remember, and the end of a run raise; `undo` puts back."""
    handler, network = brian2._InterruptHandler, brian2.Network
    handle, finish = handler.__call__, network.after_run
    interrupted = []

    @functools.wraps(handle)
    def remember(self, *signal):
        if network._globally_running and not network._globally_stopped:
            interrupted.append(signal)
        return handle(self, *signal)

    @functools.wraps(finish)
    def raise_afterwards(self):
        finish(self)
        if interrupted:
            interrupted.clear()
            raise KeyboardInterrupt

    undo.callback(setattr, handler, "__call__", handle)
    undo.callback(setattr, network, "after_run", finish)
    handler.__call__ = remember
    network.after_run = raise_afterwards


class _OnArrival(importlib.abc.MetaPathFinder):
    """Calls a function with Brian 2's package when it has been imported."""

    def __init__(self, function):
        self.function = function

    def find_spec(self, fullname, path=None, target=None):
        if fullname != "brian2":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None:
            execute = spec.loader.exec_module

            def execute_and_change(module):
                execute(module)
                self.function(module)

            spec.loader.exec_module = execute_and_change
        return spec
