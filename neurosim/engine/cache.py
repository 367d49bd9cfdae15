"""Compiled loops kept on disk: text for people to read, machine code for the next process.

An entry is one file: a digest, then what numba made of one text for one signature and processor.
numba unpickles what it reads and runs it, so an entry counts only in a folder that belongs to the
user alone, and only with the digest it was written with: a file cut short or overwritten is
compiled anew.
"""

import contextlib
import hashlib
import os
import pickle
import stat
import tempfile
from pathlib import Path

import pooch
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from neurosim.engine.brian import get_logger

__all__ = ["EXTENSIONS", "EntryCache", "cache_folder", "usable_folder", "write_whole"]

#: Ends of the names of all files in the folder.
EXTENSIONS = (".loop.py", ".loop.bin")

_DIGEST_BYTES = hashlib.sha256().digest_size

logger = get_logger(__name__)


def cache_folder():
    """Return the folder of compiled loops: ``$NEUROSIM_CACHE`` or the user's cache folder."""
    given = os.environ.get("NEUROSIM_CACHE")
    return Path(given) if given else Path(pooch.os_cache("neurosim")) / "loops"


def usable_folder():
    """Return the folder, made where it is missing; None where it cannot or must not be used.

    Nothing is read from a folder that others own or may write to, because entries are executed.
    """
    folder = cache_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except OSError as error:
        logger.debug(f"compiled loops are not kept: {error}")
        return None
    is_own = not hasattr(os, "getuid") or status.st_uid == os.getuid()
    if is_own and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return folder
    logger.warn(
        f"Compiled loops are not kept: the folder '{folder}' belongs to another user or can be "
        "written to by others. Make one of your own (mode 0700) and name it in NEUROSIM_CACHE.",
        "foreign_cache",
        once=True,
    )
    return None


def write_whole(path, content):
    """Write a file so that other processes see all of it or nothing.

    Parameters
    ----------
    path : Path
    content : bytes

    Raises
    ------
    OSError
        Where it cannot be written; nothing is left behind.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, suffix="".join(path.suffixes[-2:]))
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


class EntryCache:
    """Stands where numba expects the cache of a compiled function.

    Parameters
    ----------
    folder : Path
    key : str
        Of the text and all that its meaning depends on but signature and processor.
    """

    def __init__(self, folder, key):
        self.folder = folder
        self.key = key
        self.cache_path = str(folder)

    def _path(self, signature, codegen):
        # str, because what a type pickles to is not the same in every process.
        parts = repr((str(signature), codegen.magic_tuple()))
        return (
            self.folder / f"{self.key}_{hashlib.sha256(parts.encode()).hexdigest()[:16]}.loop.bin"
        )

    def load_overload(self, signature, target_context):
        """Return what was compiled for a signature, None where it is not there whole."""
        target_context.refresh()
        path = self._path(signature, target_context.codegen())
        try:
            content = path.read_bytes()
        except OSError:
            return None
        digest, payload = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
        if hashlib.sha256(payload).digest() != digest:
            logger.debug(f"'{path}' is damaged; it is compiled anew")
            return None
        return CompileResult._rebuild(target_context, *pickle.loads(payload))

    def save_overload(self, signature, result):
        """Keep what was compiled for a signature, where it can be written."""
        if result.lifted or result.library.has_dynamic_globals:
            return
        payload = dumps(result._reduce())
        path = self._path(signature, result.codegen)
        try:
            write_whole(path, hashlib.sha256(payload).digest() + payload)
        except OSError as error:
            logger.debug(f"'{path}' is not kept: {error}")

    def enable(self):
        """Do nothing: always enabled."""

    def disable(self):
        """Do nothing: a function without a cache gets none."""

    def flush(self):
        """Do nothing: other processes may read the entries."""
