"""Independent computations side by side on the cores of one machine."""

import concurrent.futures
import threading

from neurosim.cancellation import Cancelled, cancelled_by, check, current_check

__all__ = ["side_by_side"]


def side_by_side(functions):
    """Call functions in threads of their own and return their results in order.

    Compiled kernels and matrix products release Python's global lock, so computations that
    consist of them share the cores. When one fails, or Ctrl-C arrives, the others are told to
    stop and awaited before the exception goes on.

    Parameters
    ----------
    functions : sequence of callable
        Each is called with one argument, ``check()``, which it calls now and then; it raises
        :class:`neurosim.cancellation.Cancelled` inside the computation when that should stop, also
        where the caller has been told to.

    Returns
    -------
    list

    Examples
    --------
    >>> from neurosim.experiment.threads import side_by_side
    >>> side_by_side([lambda check: 1, lambda check: 2])
    [1, 2]
    """
    stop, outer = threading.Event(), current_check()

    def look():
        if stop.is_set():
            raise Cancelled("another computation beside this one has failed")

    def call(function):
        # Also what does not know of `check` calls it, such as records and progress of a run.
        with cancelled_by(outer), cancelled_by(look):
            return function(check)

    with concurrent.futures.ThreadPoolExecutor(max(len(functions), 1)) as pool:
        futures = [pool.submit(call, function) for function in functions]
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
