"""The folder FILE.d beside a trace file that is being written: segments and who is alive.

FILE itself is the first segment. The others stand in FILE.d, each a whole HDF5 file, together
with a lock that the operating system drops when the writing process ends, however it ends.
"""

import contextlib
import json
import os
import time
import weakref
from pathlib import Path

from neurosim.errors import TraceFileError

__all__ = ["PART", "RunFolder", "RunLock"]

# Ending of a file that is not whole yet.
PART = ".part"
_SUFFIX = ".segment.h5"
_LOCK = "lock"
# Locks of this process; a forked child must not keep its parent's run alive.
_HELD = weakref.WeakSet()


class RunFolder:
    """Names and removes the files of FILE.d; everything else in there is left alone.

    Parameters
    ----------
    path : Path
        The trace file.
    """

    def __init__(self, path):
        self.path = Path(f"{path}.d")

    def segment(self, run, number):
        """Return the path of segment `number` (2, 3, ...) of a run."""
        return self.path / f"{run}.{number:08d}{_SUFFIX}"

    def merging(self, run):
        """Return the path under which the segments of a run become one file."""
        return self.path / f"{run}.merged{_SUFFIX}{PART}"

    def segments(self, run):
        """Return the paths of a run's segments from 2 on, up to the first one missing."""
        found = []
        with contextlib.suppress(OSError):
            found = sorted(self.path.glob(f"{run}.[0-9]*{_SUFFIX}"))
        numbered = enumerate(found, 2)
        return [path for number, path in numbered if path == self.segment(run, number)]

    def about(self):
        """Return what the last run to lock the folder said about itself; {} if unknown."""
        try:
            about = json.loads((self.path / _LOCK).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return about if isinstance(about, dict) else {}

    def is_alive(self):
        """Tell whether a process is writing or completing the file now."""
        lock = RunLock(self)
        if not lock.try_to_take(create=False):
            return lock.is_held_elsewhere
        lock.release()
        return False

    def clear(self, keep_run=None):
        """Remove segments and half-written files, except those of run `keep_run`."""
        with contextlib.suppress(OSError):
            for path in self.path.iterdir():
                ours = path.name.endswith((_SUFFIX, _SUFFIX + PART))
                if ours and path.name.partition(".")[0] != keep_run:
                    path.unlink(missing_ok=True)

    def remove(self):
        """Remove everything of ours, and the folder if nothing else is in it."""
        self.clear()
        with contextlib.suppress(OSError):
            (self.path / _LOCK).unlink(missing_ok=True)
            self.path.rmdir()


class RunLock:
    """The lock of a folder; while a process holds it, its run is alive.

    Parameters
    ----------
    folder : RunFolder
    """

    def __init__(self, folder):
        self.path = folder.path / _LOCK
        self.is_held_elsewhere = False
        self._file = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.release()

    def take(self, about):
        """Take the lock and leave a note of who holds it.

        Parameters
        ----------
        about : dict
            What `RunFolder.about` returns from now on.

        Raises
        ------
        TraceFileError
            Where another process holds it.
        """
        # Someone who only looks whether a run is alive holds the lock for an instant.
        for _ in range(20):
            if self.try_to_take(create=True):
                break
            time.sleep(0.01)
        else:
            file = str(self.path.parent).removesuffix(".d")
            raise TraceFileError(f"{file} is being written by another run; choose another name")
        # The lock holds without the note, should the disk be full already.
        with contextlib.suppress(OSError):
            self._file.truncate(0)
            self._file.write(json.dumps(about).encode())

    def try_to_take(self, create):
        """Return whether the lock is ours now."""
        fcntl = _fcntl()
        self.is_held_elsewhere = False
        if create:
            self.path.parent.mkdir(exist_ok=True)
        # Looking needs no more than reading; creating must not cut off what another run wrote.
        try:
            file = self.path.open("a+b" if create else "rb", buffering=0)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.is_held_elsewhere = True
            file.close()
            return False
        # Between opening and locking, the holder before us may have removed the folder.
        if not self._still_there(file):
            file.close()
            return False
        self._file = file
        _HELD.add(self)
        return True

    def release(self):
        """Give the lock back."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _still_there(self, file):
        try:
            return os.path.samestat(self.path.stat(), os.fstat(file.fileno()))
        except FileNotFoundError:
            return False


def _fcntl():
    try:
        import fcntl
    except ImportError:
        raise NotImplementedError(
            "trace files need a POSIX system (fcntl.flock); elsewhere call the protocol from "
            "Python without an output file, or use the Windows Subsystem for Linux"
        ) from None
    return fcntl


def _leave_to_parent():
    for lock in list(_HELD):
        lock.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)
