"""The threads that run a loop together."""

import os
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np

from neurosim.kernels.threads import BARRIER_LENGTH, GIVEN_UP

__all__ = ["Team", "n_cores"]


def n_cores():
    """Return the number of processors this process may use; ``NUMBA_NUM_THREADS`` lowers it."""
    has_affinity = hasattr(os, "sched_getaffinity")
    n_usable = len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
    return max(min(n_usable, numba.config.NUMBA_NUM_THREADS), 1)


class Team:
    """Threads for one run; the one that makes it is their first.

    Parameters
    ----------
    n_threads : int
    """

    def __init__(self, n_threads):
        self.n_threads = n_threads
        # Made for a run and not kept: a process that forks would go on without them.
        self._others = ThreadPoolExecutor(n_threads - 1, "neurosim") if n_threads > 1 else None

    def run(self, function, arguments, *what):
        """Call a function in all threads and return what the first one returned.

        Parameters
        ----------
        function : callable
            That of a program: takes thread, number of threads and barrier, then `what`, then the
            thread's arguments; in a team of one only the last two.
        arguments : list of list
            One for each thread.
        """
        if self._others is None:
            return function(*what, *arguments[0])
        barrier = np.zeros(BARRIER_LENGTH, np.int64)

        def call(thread):
            try:
                return function(thread, self.n_threads, barrier, *what, *arguments[thread])
            except BaseException:
                # Nobody has to wait for this thread any longer.
                barrier[GIVEN_UP] = 1
                raise

        calls = [self._others.submit(call, thread) for thread in range(1, self.n_threads)]
        try:
            done = call(0)
        finally:
            errors = [other.exception() for other in calls]
        for error in errors:
            if error is not None:
                raise error
        return done

    def close(self):
        """Let the threads go."""
        if self._others is not None:
            self._others.shutdown()
