"""One name per function, whatever the precision of its argument."""

import functools

import numpy as np

from neurosim.kernels.compiled import inlined_kernel

__all__ = ["keeps_precision"]


class _Function:
    """A kernel that can be called from Python and from compiled code, in both precisions.

    Compiled code sees the kernel itself, which numba compiles for each type of argument. Python
    sees float32 come out where it went in, which a kernel alone would turn into Python's float.
    """

    def __init__(self, function):
        functools.update_wrapper(self, function)
        self._kernel = inlined_kernel(function)

    @property
    def _numba_type_(self):
        return self._kernel._numba_type_

    def __call__(self, *arguments):
        is_single = all(isinstance(argument, np.float32) for argument in arguments)
        kind = np.float32 if is_single else np.float64
        value = self._kernel(*map(kind, arguments))
        return np.float32(value) if is_single else value


def keeps_precision(function):
    """Compile a function of numbers whose result is single where all arguments are.

    Parameters
    ----------
    function : callable
        Of one or more numbers, with branch-free arithmetic of either precision.

    Returns
    -------
    callable
        For Python and for code that numba compiles. Numbers of single precision give one of single
        precision; others, whole numbers and booleans are computed in double precision.

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.kernels.math import exp
    >>> exp(np.float32(0)), exp(0.0), exp(False)
    (np.float32(1.0), 1.0, 1.0)
    """
    return _Function(function)
