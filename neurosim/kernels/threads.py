"""Threads that run the same compiled loop meet between its parts.

Each waits in compiled code, without Python's lock: a look at a number in memory takes less than
the shortest call of the operating system. Who waits long lets others have the processor.
"""

import sys

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from neurosim.kernels.compiled import inlined_kernel, kernel

__all__ = ["BARRIER_LENGTH", "GIVEN_UP", "meet"]

# Places in a barrier, in cache lines of their own: threads that have come, meetings so far,
# whether some thread has given up.
_COME, _MEETINGS, GIVEN_UP = 0, 8, 16
#: Number of elements of a barrier.
BARRIER_LENGTH = 24

# About 10 µs; a part of a step takes less where threads pay.
_LOOKS = 4096


def _pointer(context, builder, signature, arguments):
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.gep(array.data, [arguments[1]])


@intrinsic
def _read(typing_context, array, place):
    """Return an element as other threads have left it."""

    def generate(context, builder, signature, arguments):
        pointer = _pointer(context, builder, signature, arguments)
        return builder.load_atomic(pointer, "seq_cst", 8)

    return types.int64(array, types.int64), generate


@intrinsic
def _write(typing_context, array, place, value):
    """Set an element for all threads."""

    def generate(context, builder, signature, arguments):
        pointer = _pointer(context, builder, signature, arguments)
        builder.store_atomic(arguments[2], pointer, "seq_cst", 8)
        return context.get_dummy_value()

    return types.none(array, types.int64, types.int64), generate


@intrinsic
def _add(typing_context, array, place, value):
    """Add to an element and return what it was, in one step for all threads."""

    def generate(context, builder, signature, arguments):
        pointer = _pointer(context, builder, signature, arguments)
        return builder.atomic_rmw("add", pointer, arguments[2], "seq_cst")

    return types.int64(array, types.int64, types.int64), generate


@intrinsic
def _give_way(typing_context):
    """Let another thread have the processor."""
    name = "SwitchToThread" if sys.platform == "win32" else "sched_yield"

    def generate(context, builder, signature, arguments):
        kind = ir.FunctionType(ir.IntType(32), [])
        builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [])
        return context.get_dummy_value()

    return types.none(), generate


@inlined_kernel
def _wait(barrier, meeting):
    looks = 0
    while _read(barrier, _MEETINGS) == meeting:
        if _read(barrier, GIVEN_UP) != 0:
            return
        looks += 1
        if looks > _LOOKS:
            _give_way()


@kernel
def meet(barrier, n_threads):
    """Wait until all threads have come here; what they wrote before is then seen by all.

    Parameters
    ----------
    barrier : ndarray of int64, shape (BARRIER_LENGTH,)
        Zeros at first.
    n_threads : int

    Returns
    -------
    bool
        False where a thread has given up, by writing 1 at `GIVEN_UP`.

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.kernels.threads import BARRIER_LENGTH, meet
    >>> meet(np.zeros(BARRIER_LENGTH, np.int64), 1)
    True
    """
    meeting = _read(barrier, _MEETINGS)
    if _add(barrier, _COME, 1) == n_threads - 1:
        _write(barrier, _COME, 0)
        _write(barrier, _MEETINGS, meeting + 1)
    else:
        _wait(barrier, meeting)
    return _read(barrier, GIVEN_UP) == 0
