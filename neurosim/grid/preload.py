"""What a Dask worker loads when it starts: ``dask worker ADDRESS --preload neurosim.grid.preload``.

Brian 2 can only be imported in a process' main thread, where preloads run; points run in another.
"""

import threading

from neurosim.grid.worker import with_one_thread

__all__ = ["dask_setup"]


def dask_setup(worker):
    """Import Brian 2 and mark the process as one that computes points; Dask calls it.

    Parameters
    ----------
    worker : distributed.Worker
    """
    if threading.current_thread() is threading.main_thread():
        import brian2  # noqa: F401, for its effect

        with_one_thread()
        worker.neurosim_preloaded = True
