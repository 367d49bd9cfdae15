"""Ending what a thread computes, between two steps of it.

A thread cannot be ended from outside. Loops that may take long call :func:`check` now and then;
whoever started them has said with :func:`cancelled_by` what that does.
"""

import contextlib
import threading
import time

__all__ = ["Cancelled", "TimeIsUp", "cancelled_by", "check", "current_check", "time_limit"]


class Cancelled(BaseException):
    """Raised inside a computation that has been told to stop.

    Like KeyboardInterrupt it passes by ``except Exception``.
    """


class TimeIsUp(Cancelled):
    """Raised inside a computation that has taken longer than it may."""


_of_thread = threading.local()


def current_check():
    """Return what :func:`check` calls in this thread, None for nothing.

    Returns
    -------
    callable or None
    """
    return getattr(_of_thread, "check", None)


def check():
    """Raise :class:`Cancelled` where this thread's computation should end.

    Examples
    --------
    >>> from neurosim.cancellation import check
    >>> check()
    """
    known = current_check()
    if known is not None:
        known()


@contextlib.contextmanager
def cancelled_by(function):
    """Let :func:`check` call a function in this thread, and what it called before as well.

    Parameters
    ----------
    function : callable or None
        Without arguments; raises :class:`Cancelled` to end the computation. None adds nothing.

    Examples
    --------
    >>> from neurosim.cancellation import Cancelled, cancelled_by, check
    >>> def stop():
    ...     raise Cancelled("enough")
    >>> with cancelled_by(stop):
    ...     check()
    Traceback (most recent call last):
    neurosim.cancellation.Cancelled: enough
    """
    outer = current_check()

    def both():
        outer()
        function()

    _of_thread.check = function or outer if None in (function, outer) else both
    try:
        yield
    finally:
        _of_thread.check = outer


def time_limit(seconds):
    """Return a function that raises :class:`TimeIsUp` some time after now.

    Parameters
    ----------
    seconds : float
        Of wall time.

    Returns
    -------
    callable

    Examples
    --------
    >>> from neurosim.cancellation import cancelled_by, check, time_limit
    >>> with cancelled_by(time_limit(60)):
    ...     check()
    """
    end = time.monotonic() + seconds

    def look():
        if time.monotonic() > end:
            raise TimeIsUp(f"took longer than {seconds:g} s")

    return look
