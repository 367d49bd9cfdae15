"""From segments to one file, in bounded memory, so that a kill or a full disk loses nothing."""

import contextlib
import signal
import threading
from pathlib import Path

import h5py
import numpy as np

from neurosim.errors import TraceWriteError
from neurosim.traces.catalogue import catalogue_of, open_segment
from neurosim.traces.folder import RunFolder, RunLock
from neurosim.traces.layout import build
from neurosim.traces.storage import GuardedFile, check_room, write_error

__all__ = ["complete_file", "deferred_interrupt", "merge_segments"]

# Rows that cannot be copied as chunks go through memory in blocks of this size.
_BLOCK_BYTES = 8 << 20


def complete_file(path):
    """Make one file of what a killed run left; a finished file stays as it is.

    The file keeps ``complete`` 0 and holds everything that was flushed. It is put in place whole,
    so that killing this too does no harm.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    bool
        Whether the file is one whole HDF5 file now; False where its run is still alive, or its
        folder cannot be written (`TraceFile` reads it all the same).

    Raises
    ------
    TraceFileError
        Where there is no such trace file.
    TraceWriteError
        Where the disk has no room for the merged file; what was flushed stays readable.

    Examples
    --------
    >>> from neurosim.traces import TraceWriter, complete_file
    >>> with TraceWriter("done.h5", protocol="demo", parameters={}, seed=0):
    ...     pass
    >>> complete_file("done.h5")
    True
    """
    path = Path(path).resolve()
    catalogue = catalogue_of(path)
    folder = RunFolder(path)
    if not catalogue.segment and folder.about().get("run") != catalogue.header["run"]:
        return True
    lock = RunLock(folder)
    try:
        if not lock.try_to_take(create=True):
            return False
    except OSError:
        return not catalogue.segment
    with lock:
        # Another process may have finished the file before the lock was ours.
        catalogue = catalogue_of(path)
        if catalogue.segment:
            merge_segments(catalogue, {"complete": 0, "ending": "killed"})
        folder.remove()
    return True


def merge_segments(catalogue, ending):
    """Replace a trace file by one that holds all segments; the segments stay.

    Parameters
    ----------
    catalogue : Catalogue
        Of a run whose lock the caller holds.
    ending : dict
        Root attributes that tell how the run ended.

    Raises
    ------
    TraceWriteError
        Where the disk is full; nothing is changed then.
    KeyboardInterrupt
        Where Ctrl-C was pressed meanwhile; nothing is changed then either.
    """
    path = catalogue.path
    scratch = RunFolder(path).merging(catalogue.header["run"])
    header = catalogue.header | ending | {"segment": 0}
    try:
        check_room(path, sum(file.stat().st_size for file in catalogue.files))
        with deferred_interrupt() as was_interrupted, GuardedFile(scratch) as guarded:
            _write_merged(catalogue, header, guarded, was_interrupted)
        if guarded.error is not None:
            raise write_error(path, guarded.error) from guarded.error
        scratch.replace(path)
    except OSError as error:
        _discard(scratch)
        if isinstance(error, TraceWriteError):
            raise
        raise write_error(path, error) from error
    except BaseException:
        _discard(scratch)
        raise


def _write_merged(catalogue, header, guarded, was_interrupted):
    """Write all of it, or stop early where the disk or the user says so."""

    def should_stop():
        return guarded.error is not None or was_interrupted()

    with h5py.File(guarded, "w") as merged:
        build(merged, header, catalogue.groups, [e.dataset for e in catalogue.entries.values()])
        rows_written = dict.fromkeys(catalogue.entries, 0)
        for file in catalogue.files:
            with open_segment(file, catalogue.header["run"]) as segment:
                for name, entry in catalogue.entries.items():
                    if any(part == file for part, _ in entry.parts):
                        source, start = segment[name], rows_written[name]
                        _append(merged[name], start, source, should_stop)
                        rows_written[name] += source.shape[0] if source.shape else 1
                    if should_stop():
                        return
        for report in merged.get("report", {}).values():
            _set_stop(report)


def _append(target, start, source, should_stop):
    """Copy all rows of one data set into another from row `start` on."""
    if not source.size:
        return
    if not source.shape:
        target[()] = source[()]
        return
    n_copied = _copy_chunks(target, start, source, should_stop)
    row_bytes = max(1, int(np.prod(source.shape[1:], dtype=np.int64)) * source.dtype.itemsize)
    # In steps of whole chunks: a chunk written in two steps would be compressed twice.
    step = max(1, _BLOCK_BYTES // row_bytes)
    if target.chunks and step > target.chunks[0]:
        step -= step % target.chunks[0]
    while n_copied < len(source) and not should_stop():
        stop = min(len(source), n_copied + step - (start + n_copied) % step)
        target[start + n_copied : start + stop] = source[n_copied:stop]
        n_copied = stop


def _copy_chunks(target, start, source, should_stop):
    """Copy whole chunks as compressed bytes where they fall on chunks; return the rows copied."""
    chunks = source.chunks
    if not chunks or target.chunks != chunks or start % chunks[0]:
        return 0
    if source.dtype != target.dtype or h5py.check_vlen_dtype(source.dtype):
        return 0
    n_rows = len(source) // chunks[0] * chunks[0]
    for index in range(source.id.get_num_chunks()):
        info = source.id.get_chunk_info(index)
        row, *rest = info.chunk_offset
        if row < n_rows and not should_stop():
            mask, data = source.id.read_direct_chunk(info.chunk_offset)
            target.id.write_direct_chunk((start + row, *rest), data, mask)
    return n_rows


def _set_stop(report):
    """Let the time of a report end with its rows."""
    start, _, step = report["mapping/time"][()]
    report["mapping/time"][1] = start + len(report["data"]) * step


@contextlib.contextmanager
def deferred_interrupt():
    """Hold Ctrl-C back while HDF5 calls Python code: an exception there could crash it.

    Yields a function that tells whether it was pressed; KeyboardInterrupt follows at the end.
    """
    pressed = []
    in_main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, lambda *_: pressed.append(True)) if in_main else None
    try:
        yield lambda: bool(pressed)
    finally:
        if in_main:
            signal.signal(signal.SIGINT, before or signal.SIG_DFL)
    if pressed:
        raise KeyboardInterrupt


def _discard(scratch):
    with contextlib.suppress(OSError):
        scratch.unlink(missing_ok=True)
