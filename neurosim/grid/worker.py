"""What a worker process is told before its first point, and how it computes one."""

import faulthandler
import multiprocessing
import os
import sys
import threading
from pathlib import Path

from neurosim.engine.arrival import when_brian_arrives
from neurosim.grid.point import run_point

__all__ = ["compute", "last_words", "prepare", "with_one_thread"]

_log = None


def prepare(logs):
    """Make a process a worker: what it prints goes to a file, and it dies with its parent.

    Parameters
    ----------
    logs : str
        Folder of the file.
    """
    global _log
    path = Path(logs) / f"{os.getpid()}.log"
    _log = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC, 0o666)
    # Also what compiled code prints, so that something is known of a worker that crashed.
    for stream in (1, 2):
        os.dup2(_log, stream)
    sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115, lives as the process does
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
    faulthandler.enable()
    threading.Thread(target=_die_with_parent, daemon=True).start()
    with_one_thread()


def _die_with_parent():
    # A parent that was killed cannot say so; its end of a pipe closes.
    multiprocessing.parent_process().join()
    os._exit(1)


def with_one_thread():
    """Let networks of this process keep to one thread: other points have the other cores."""

    def choose(brian2):
        brian2.prefs.devices.neurosim.threads = 1

    when_brian_arrives(choose)


def compute(task):
    """Compute a point in a worker process.

    Parameters
    ----------
    task : Task

    Returns
    -------
    Outcome
    """
    os.ftruncate(_log, 0)
    os.write(_log, b"point %d\n" % task.point)
    return run_point(task)


def last_words(logs, point):
    """Return what the worker that computed a point last had printed, '' if unknown.

    Parameters
    ----------
    logs : Path
    point : int

    Returns
    -------
    str
    """
    for path in Path(logs).glob("*.log"):
        first, _, rest = path.read_text(errors="replace").partition("\n")
        if first == f"point {point}":
            return rest
    return ""
