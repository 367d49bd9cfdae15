"""Which programs measure: one command per simulator.

A command is called with the arguments of :mod:`benchmarks.engine.measure` and writes its record.
A simulator that lives in a virtual environment of its own, because its requirements contradict
ours, is one more entry: that environment's interpreter and a script that takes the same arguments,
builds the network of the same name in its own language and writes a record with the same keys.
"""

import os
import sys

__all__ = ["REFERENCE", "SIMULATORS", "environment"]


def _brian(name):
    return [sys.executable, "-m", "benchmarks.engine.measure", name]


SIMULATORS = {name: _brian(name) for name in ("neurosim", "cpp_standalone", "cython", "numpy")}

# The one that others are compared with.
REFERENCE = "cpp_standalone"


def environment():
    """Return the environment of a measuring process: one thread in every library."""
    single = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    return {**os.environ, **dict.fromkeys(single, "1")}
