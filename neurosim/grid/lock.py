"""Locks of a grid's folder, which the operating system drops when their owner dies."""

import contextlib
import os
import time

__all__ = ["Lock", "waiting"]


class Lock:
    """A lock on a file, held by one process at a time and by nobody after its death.

    Parameters
    ----------
    path : Path
        Created where it is missing; it stays behind, empty.

    Examples
    --------
    >>> from pathlib import Path
    >>> from neurosim.grid.lock import Lock
    >>> lock = Lock(Path("here.lock"))
    >>> lock.try_to_take(), Lock(Path("here.lock")).try_to_take()
    (True, False)
    >>> lock.release()
    """

    def __init__(self, path):
        self.path = path
        self._descriptor = None

    def try_to_take(self):
        """Return whether the lock is ours now."""
        # Not inherited by child processes, which must not keep the lock of a dead parent.
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(descriptor)
        except OSError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self):
        """Give the lock back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@contextlib.contextmanager
def waiting(path):
    """Hold the lock of a file, once whoever holds it now has let go.

    Parameters
    ----------
    path : Path
    """
    lock = Lock(path)
    while not lock.try_to_take():
        time.sleep(0.02)
    try:
        yield
    finally:
        lock.release()


def _lock(descriptor):
    try:
        import fcntl
    except ImportError:
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
