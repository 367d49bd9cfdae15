"""Independent computations side by side on the cores of one machine."""

import concurrent.futures
import threading

__all__ = ["Cancelled", "side_by_side"]


class Cancelled(Exception):
    """Raised inside a computation that has been told to stop."""


def side_by_side(functions):
    """Call functions in threads of their own and return their results in order.

    Compiled kernels and matrix products release Python's global lock, so computations that
    consist of them share the cores. When one fails, or Ctrl-C arrives, the others are told to
    stop and awaited before the exception goes on.

    Parameters
    ----------
    functions : sequence of callable
        Each is called with one argument, ``check()``, which it calls now and then; it raises
        inside the computation when that should stop.

    Returns
    -------
    list

    Examples
    --------
    >>> from neurosim.experiment.threads import side_by_side
    >>> side_by_side([lambda check: 1, lambda check: 2])
    [1, 2]
    """
    stop = threading.Event()

    def check():
        if stop.is_set():
            raise Cancelled

    with concurrent.futures.ThreadPoolExecutor(max(len(functions), 1)) as pool:
        futures = [pool.submit(function, check) for function in functions]
        try:
            _await_all(futures)
        except BaseException:
            stop.set()
            raise
    return [future.result() for future in futures]


def _await_all(futures):
    waiting = set(futures)
    while waiting:
        # A bounded wait, because Ctrl-C reaches a thread between waits only on some systems.
        done, waiting = concurrent.futures.wait(
            waiting, timeout=0.2, return_when=concurrent.futures.FIRST_EXCEPTION
        )
        for future in done:
            future.result()
