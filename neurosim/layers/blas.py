"""Matrix products whose bits do not depend on the number of threads.

OpenBLAS cuts a product into other pieces for other thread counts and so rounds differently.
Models therefore compute under one BLAS thread; independent runs share the cores instead.
"""

import functools
import threading

from threadpoolctl import ThreadpoolController

__all__ = ["single_threaded"]

_lock = threading.Lock()
_depth = 0
_limiter = None


@functools.cache
def _controller():
    return ThreadpoolController()


def _enter():
    # The limit is global to the process, so the first caller sets it and the last one lifts
    # it: two models learning in two threads must not undo each other's limit.
    global _depth, _limiter
    with _lock:
        if _depth == 0:
            _limiter = _controller().limit(limits=1, user_api="blas")
            _limiter.__enter__()
        _depth += 1


def _leave():
    global _depth, _limiter
    with _lock:
        _depth -= 1
        if _depth == 0:
            _limiter.__exit__(None, None, None)
            _limiter = None


def single_threaded(function):
    """Make a function run its matrix products in one BLAS thread.

    Parameters
    ----------
    function : callable
        Any function; nesting is free.

    Returns
    -------
    callable
        The same function with the limit around each call.

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.layers.blas import single_threaded
    >>> product = single_threaded(np.matmul)
    >>> product(np.eye(2), np.ones((2, 1))).tolist()
    [[1.0], [1.0]]
    """

    @functools.wraps(function)
    def limited(*args, **kwargs):
        _enter()
        try:
            return function(*args, **kwargs)
        finally:
            _leave()

    return limited
