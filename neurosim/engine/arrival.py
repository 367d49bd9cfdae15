"""Doing something when Brian 2 is imported, without importing it."""

import importlib.abc
import importlib.util
import sys

__all__ = ["hold", "release", "when_brian_arrives"]

# Calls that wait for :func:`release`; None where calls are made at once.
_held = None


def when_brian_arrives(function):
    """Call a function with the ``brian2`` package: now, or when it has been imported.

    Brian 2 takes a second or two to import, which a program that never uses it should not pay.

    Parameters
    ----------
    function : callable

    Returns
    -------
    callable
        Takes the wish back, if it has not been granted yet.

    Examples
    --------
    >>> from neurosim.engine.arrival import when_brian_arrives
    >>> forget = when_brian_arrives(lambda brian2: None)
    >>> forget()
    """
    if "brian2" in sys.modules and _is_whole(sys.modules["brian2"]):
        function(sys.modules["brian2"])
        return lambda: None
    finder = _OnArrival(function)
    sys.meta_path.insert(0, finder)

    def forget():
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)

    return forget


def hold():
    """Let calls wait: the module that imports Brian 2 itself is not whole yet."""
    global _held
    _held = []


def release():
    """Make the calls that have waited."""
    global _held
    waiting, _held = _held or [], None
    for function, module in waiting:
        function(module)


def _call(function, module):
    if _held is None:
        function(module)
    else:
        _held.append((function, module))


def _is_whole(module):
    return not getattr(getattr(module, "__spec__", None), "_initializing", False)


class _OnArrival(importlib.abc.MetaPathFinder):
    """Finds the package as everyone else would, and adds a call to its execution."""

    def __init__(self, function):
        self.function = function

    def find_spec(self, fullname, path=None, target=None):
        if fullname != "brian2":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None:
            execute = spec.loader.exec_module

            def execute_and_call(module):
                execute(module)
                _call(self.function, module)

            spec.loader.exec_module = execute_and_call
        return spec
