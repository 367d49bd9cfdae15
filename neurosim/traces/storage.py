"""Bytes on disk: whole files put in place at once, and a full disk as an ordinary error."""

import contextlib
import errno
import os
import shutil

from neurosim.errors import TraceWriteError

__all__ = ["GuardedFile", "check_room", "put_in_place", "write_error"]

# What the file system needs beside the bytes themselves: directory entries, block lists.
_MARGIN_BYTES = 1 << 20


def check_room(path, n_bytes):
    """Raise TraceWriteError unless a file of `n_bytes` can be written at `path`.

    Parameters
    ----------
    path : Path
        In a folder that exists.
    n_bytes : int

    Raises
    ------
    TraceWriteError
        Where the disk has less room, or this process may not write files of that size.
    """
    free = shutil.disk_usage(path.parent).free
    if free < n_bytes + _MARGIN_BYTES:
        raise TraceWriteError(
            f"cannot write {path}: {n_bytes / 1e6:.3g} MB needed, {free / 1e6:.3g} MB free"
        )
    limit = _size_limit()
    if n_bytes > limit:
        raise TraceWriteError(
            f"cannot write {path}: {n_bytes / 1e6:.3g} MB needed, but this process may write "
            f"files of {limit / 1e6:.3g} MB only (ulimit -f)"
        )


def put_in_place(data, path, scratch):
    """Write a whole file under a scratch name, then rename it; on error nothing is left behind.

    Parameters
    ----------
    data : bytes-like
    path : Path
        Where the file shall be; it is there either whole or as it was before.
    scratch : Path
        On the same file system.

    Raises
    ------
    TraceWriteError
    """
    try:
        check_room(path, len(data))
        with scratch.open("wb", buffering=0) as file:
            rest = memoryview(data)
            while rest:
                rest = rest[file.write(rest) :]
        scratch.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)
        if isinstance(error, OSError) and not isinstance(error, TraceWriteError):
            raise write_error(path, error) from error
        raise


def write_error(path, error):
    """Return the TraceWriteError of one line for an OSError."""
    hints = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk quota is used up",
        errno.EFBIG: "the file would be larger than this process may write (ulimit -f)",
    }
    return TraceWriteError(
        f"cannot write {path}: {hints.get(error.errno, error.strerror or error)}"
    )


class GuardedFile:
    """A file HDF5 writes through and never sees fail, because a failed write can crash it.

    After the first error what is written goes to memory, so that HDF5 reads back what it wrote
    and can close; whoever writes looks at `error` after each step and gives up.

    Parameters
    ----------
    path : Path

    Attributes
    ----------
    error : OSError or None
        The first one.
    """

    def __init__(self, path):
        self._file = path.open("w+b", buffering=0)
        self._position = 0
        self._size = 0
        self._kept = []
        self.error = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def seek(self, offset, whence=os.SEEK_SET):
        """Move to `offset` from the start, the position or the end."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = base + offset
        return self._position

    def tell(self):
        """Return the position."""
        return self._position

    def write(self, data):
        """Write all of `data`, to memory where the disk refuses."""
        data = bytes(data)
        if self.error is None:
            try:
                self._file.seek(self._position)
                rest = memoryview(data)
                while rest:
                    rest = rest[self._file.write(rest) :]
            except OSError as error:
                self.error = error
        if self.error is not None:
            self._kept.append((self._position, data))
        self._position += len(data)
        self._size = max(self._size, self._position)
        return len(data)

    def readinto(self, buffer):
        """Read what was written; zeros where nothing was."""
        view = memoryview(buffer).cast("B")
        view[:] = bytes(len(view))
        start, stop = self._position, min(self._position + len(view), self._size)
        self._file.seek(start)
        filled = 0
        while filled < stop - start:
            n_read = self._file.readinto(view[filled : stop - start])
            if not n_read:
                break
            filled += n_read
        for position, data in self._kept:
            first, last = max(position, start), min(position + len(data), stop)
            if first < last:
                view[first - start : last - start] = data[first - position : last - position]
        self._position = max(start, stop)
        return self._position - start

    def read(self, size=-1):
        """Return up to `size` bytes."""
        available = max(0, self._size - self._position)
        buffer = bytearray(available if size < 0 else min(size, available))
        self.readinto(buffer)
        return bytes(buffer)

    def truncate(self, size=None):
        """Set the size of the file."""
        self._size = self._position if size is None else size
        if self.error is None:
            try:
                self._file.truncate(self._size)
            except OSError as error:
                self.error = error
        return self._size

    def flush(self):
        """Nothing waits here."""

    def close(self):
        """Close the file on disk."""
        try:
            self._file.close()
        except OSError as error:
            self.error = self.error or error


def _size_limit():
    try:
        import resource
    except ImportError:
        return float("inf")
    soft, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    return float("inf") if soft == resource.RLIM_INFINITY else soft
