"""From a program's text to a compiled function, kept in a folder of the user's."""

import functools
import hashlib
import linecache
import sys
from pathlib import Path

import llvmlite
import numba
import numpy as np

from neurosim import kernels
from neurosim.engine.cache import EntryCache, usable_folder, write_whole
from neurosim.kernels.vectors import widest_vectors

__all__ = ["compile_program"]

_OPTIONS = {"nogil": True, "error_model": "numpy"}
# Rises where what is stored under the same text would be another thing.
_FORMAT = 2
_known = {}


def compile_program(program):
    """Return the compiled ``run`` function of a program.

    Equal text gives the same function within a process, and across processes what numba has
    stored beside the text.

    Parameters
    ----------
    program : Program

    Returns
    -------
    callable
    """
    foreign = {
        name: function for name, function in program.callables.items() if not _is_ours(function)
    }
    # What a user's function does is not in the text, so its text says nothing of equality.
    key = _digest(program.source, sorted(map(_described, program.callables.items())))
    if not foreign and key in _known:
        return _known[key]
    path = None if foreign else _written(program.source, key)
    function = _execute(program, path, key)
    if path is not None:
        function._cache = EntryCache(path.parent, key)
    if not foreign:
        _known[key] = function
    return function


def _is_ours(function):
    # Whole names: a user's module may well be called mathutils or numpy_extras.
    module = getattr(function, "__module__", None) or ""
    package = module.partition(".")[0]
    return (
        module.startswith("neurosim.kernels.")
        or package in ("numpy", "math", "builtins")
        or isinstance(function, np.ufunc)
    )


def _described(item):
    name, function = item
    place = getattr(function, "__module__", ""), getattr(function, "__qualname__", repr(function))
    return name, *place


@functools.cache
def _environment():
    """Return what the meaning of a text depends on besides the text."""
    files = sorted(Path(kernels.__file__).parent.rglob("*.py"))
    called = [file.read_bytes() for file in files]
    versions = (
        _FORMAT,
        numba.__version__,
        llvmlite.__version__,
        np.__version__,
        sys.version_info[:3],
    )
    return repr((versions, sorted(_OPTIONS.items()), called)).encode()


def _digest(source, names):
    digest = hashlib.sha256(_environment())
    digest.update(repr((source, names)).encode())
    return digest.hexdigest()[:32]


def _written(source, key):
    """Return the path of the text in the cache folder; None where there is no writing."""
    folder = usable_folder()
    if folder is None:
        return None
    path = folder / f"{key}.loop.py"
    try:
        if not path.exists():
            write_whole(path, source.encode())
    except OSError:
        return None
    return path


def _compiled_as(key):
    """Return the decorator of functions in a text, which names what it makes after the text.

    numba numbers functions on from the start of each process, and stores names with their numbers.
    Of a function that is loaded and one that is compiled here under the same name and number LLVM
    would keep the first, for both.
    """

    def decorate(function):
        function.__name__ = function.__qualname__ = f"{function.__name__}_{key[:16]}"
        return numba.njit(**_OPTIONS)(function)

    return decorate


def _execute(program, path, key):
    name = str(path) if path else f"<neurosim loop {len(linecache.cache)}>"
    namespace = {
        # numba's entries name a module that can be imported in the next process.
        "__name__": "neurosim.engine.compiler",
        "__file__": name,
        "compiled": _compiled_as(key),
        "widest_vectors": widest_vectors,
        "inf": np.inf,
        "nan": np.nan,
        **{kind: getattr(np, kind) for kind in ("float32", "int32", "int64", "uint8", "uint64")},
        **program.callables,
    }
    if path is None:
        lines = program.source.splitlines(keepends=True)
        linecache.cache[name] = (len(program.source), None, lines, name)
    exec(compile(program.source, name, "exec"), namespace)
    return namespace["run"]
