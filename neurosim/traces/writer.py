"""Writing a trace file while the run goes on."""

import os
import time
from pathlib import Path

from neurosim.errors import ParameterError, TraceFileError, TraceWriteError
from neurosim.traces.catalogue import catalogue_of
from neurosim.traces.folder import PART, RunFolder, RunLock
from neurosim.traces.header import run_header
from neurosim.traces.merge import merge_segments
from neurosim.traces.recorder import Recorder
from neurosim.traces.segment import segment_image
from neurosim.traces.storage import put_in_place

__all__ = ["TraceWriter"]


class TraceWriter(Recorder):
    """Record a run into one HDF5 file that a kill at any moment leaves readable.

    What is recorded waits in memory until `flush`, which is also called when enough is waiting or
    some time has passed. Each flush writes a whole HDF5 file, a segment, and renames it into
    place: the first one to `path` itself, the others into the folder ``path + ".d"``. `close`
    makes one file of them. As a context manager it closes the file, marked incomplete where an
    exception ended the run.

    Parameters
    ----------
    path : str or Path
        Of the file.
    protocol : str
        Name of the protocol.
    parameters : mapping
        Its parameters; what JSON does not know becomes text.
    seed : int
    overwrite : bool, default=False
        Whether an existing file may be replaced. It stays until the first flush.
    buffer_bytes : int, default=16 MiB
        Memory that may wait to be written.
    flush_seconds : float, default=5.0
        Time after which what is recorded next causes a flush.

    Raises
    ------
    TraceFileError
        Before anything is written: where `path` exists and `overwrite` is false, is a folder or is
        being written by another run, or its folder is missing or cannot be written.
    ParameterError
        Where protocol, parameters or seed are not what a header holds.

    Examples
    --------
    >>> from neurosim.traces import TraceFile, TraceWriter
    >>> with TraceWriter("demo.h5", protocol="demo", parameters={"n": 2}, seed=0) as traces:
    ...     for loss in (0.9, 0.5):
    ...         traces.append("net/loss", loss, dims=("iteration",), description="Loss")
    ...     traces.append_spikes("exc", [0, 1], [0.1, 0.2])
    >>> TraceFile("demo.h5")["net/loss"].values
    array([0.9, 0.5])
    """

    def __init__(
        self,
        path,
        *,
        protocol,
        parameters,
        seed,
        overwrite=False,
        buffer_bytes=16 << 20,
        flush_seconds=5.0,
    ):
        super().__init__()
        # Through a symbolic link, the file it points to is written, not the link replaced.
        self.path = Path(path).resolve()
        self.overwrite = overwrite
        self.buffer_bytes = buffer_bytes
        self.flush_seconds = flush_seconds
        self._header = run_header(protocol, parameters, seed) | {"ending": ""}
        self._started = self._last_flush = time.monotonic()
        self._waiting_bytes = 0
        # Number of segments on disk, and how many rows of each data set they hold. Replaced as
        # one object: an interrupt in the midst of a flush must not tear the two apart.
        self._on_disk = (0, {})
        self._failure = None
        self._folder = RunFolder(self.path)
        self._lock = RunLock(self._folder)
        self._check_target(path)
        self._claim(path)

    def flush(self):
        """Return when everything recorded so far survives the death of this process.

        Raises
        ------
        TraceWriteError
            Where the disk is full. What was flushed before stays readable.
        """
        if not self._closed:
            self._flush(whole_chunks=False)

    def close(self, complete=True):
        """Flush, and make one file of all segments.

        Parameters
        ----------
        complete : bool, default=True
            Whether the run reached its end.

        Raises
        ------
        TraceWriteError
            Where the disk is full; what was flushed stays readable.
        ParameterError
            Where traces of a complete run differ in size along a dimension they share. The file
            is finished all the same, marked incomplete.
        """
        if self._closed:
            return
        self._closed = True
        disagreement = self._dimensions.disagreement() if complete else ""
        complete = complete and not disagreement
        ending = {"complete": int(complete), "ending": "finished" if complete else "interrupted"}
        try:
            if complete or self._columns or self._on_disk[0]:
                self._finish(ending)
        finally:
            # A run of which nothing reached the disk leaves no file, and an older one as it was.
            if not self._on_disk[0]:
                self._folder.remove()
            self._lock.release()
        if disagreement:
            raise ParameterError(disagreement)

    def __exit__(self, error_type, error, traceback):
        try:
            self.close(complete=error_type is None)
        except (TraceWriteError, ParameterError) as failure:
            if error is None:
                raise
            # What ended the run matters more than what happened to its file.
            if str(failure) != str(error):
                error.add_note(str(failure))

    def _check_target(self, path):
        if self.path.is_dir():
            raise TraceFileError(f"{path} is a folder; expected the name of a file")
        if self.path.exists() and not self.path.is_file():
            raise TraceFileError(f"{path} is not a regular file")
        if self.path.exists() and not self.overwrite:
            raise TraceFileError(f"{path} exists already; overwrite=True (--overwrite) replaces it")
        if not self.path.parent.is_dir():
            raise TraceFileError(f"cannot write {path}: folder {self.path.parent} does not exist")
        if not os.access(self.path.parent, os.W_OK | os.X_OK):
            raise TraceFileError(f"cannot write {path}: folder {self.path.parent} is read-only")

    def _claim(self, path):
        about = {key: self._header[key] for key in ("run", "protocol", "created")}
        try:
            self._lock.take(about)
        except TraceFileError:
            raise
        except OSError as error:
            raise TraceFileError(f"cannot write {path}: {error.strerror or error}") from error

    def _recorded(self, n_bytes):
        self._waiting_bytes += n_bytes
        waited = time.monotonic() - self._last_flush
        if self._waiting_bytes >= self.buffer_bytes or waited >= self.flush_seconds:
            self._flush(whole_chunks=True)

    def _flush(self, whole_chunks, ending=None):
        """Write what is waiting as one segment, or as the finished file where `ending` is given."""
        if self._failure is not None:
            raise TraceWriteError(str(self._failure))
        number, rows_on_disk = self._on_disk
        self._discard_written(rows_on_disk)
        upto = self._rows_to_write(rows_on_disk, whole_chunks)
        if number and not upto:
            return
        try:
            self._put_segment(number + 1, rows_on_disk, upto, ending)
        except TraceWriteError as error:
            self._failure = error
            raise
        self._on_disk = (number + 1, rows_on_disk | upto)
        self._discard_written(self._on_disk[1])
        self._last_flush = time.monotonic()
        self._waiting_bytes = sum(column.waiting_bytes for column in self._columns.values())
        if not number:
            # The old file is gone now, and so may be what its run had left beside it.
            self._folder.clear(keep_run=self._header["run"])

    def _rows_to_write(self, rows_on_disk, whole_chunks):
        upto = {}
        for path, column in self._columns.items():
            start = rows_on_disk.get(path, 0)
            stop = column.whole_chunks(start) if whole_chunks else column.n_rows
            # A data set without rows is written once, so that it exists.
            if stop > start or path not in rows_on_disk:
                upto[path] = stop
        return upto

    def _put_segment(self, number, rows_on_disk, upto, ending):
        contents, groups = [], {}
        for path, stop in upto.items():
            start = rows_on_disk.get(path, 0)
            contents.append(self._columns[path].contents(start, stop))
            group = "/".join(path.split("/")[:2])
            if group in self._groups:
                groups[group] = self._groups[group].attributes()
            if path.startswith("report/") and path.endswith("/data"):
                contents.append(self._groups[group].time_dataset(start, stop))
        header = self._header | {"segment": number, "wall_time_s": self._wall_time()}
        if ending is not None:
            header |= ending | {"segment": 0}
        target = self.path if number == 1 else self._folder.segment(header["run"], number)
        image = segment_image(header, groups, contents)
        scratch = self._folder.segment(header["run"], number)
        put_in_place(image, target, scratch.with_name(scratch.name + PART))

    def _finish(self, ending):
        if self._on_disk[0] == 0:
            # Everything is still in memory: one write makes the finished file.
            self._flush(whole_chunks=False, ending=ending)
        else:
            self._flush(whole_chunks=False)
            ending = ending | {"wall_time_s": self._wall_time()}
            try:
                merge_segments(catalogue_of(self.path), ending)
            except TraceWriteError as error:
                raise TraceWriteError(
                    f"{error}; everything recorded is safe in segments: free some space, then "
                    f"`neurosim show {self.path}` makes one file of them"
                ) from error
        self._folder.remove()

    def _discard_written(self, rows_on_disk):
        for path, n_rows in rows_on_disk.items():
            self._columns[path].discard(n_rows)

    def _wall_time(self):
        return time.monotonic() - self._started
