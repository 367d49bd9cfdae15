"""Which programs measure: one command per simulator.

Brian 2's targets and neurosim run in this interpreter (:mod:`benchmarks.engine.measure`). The peers
live in virtual environments of their own (:mod:`benchmarks.engine.environments`), where scripts in
their own languages build the networks of the same names (:mod:`benchmarks.engine.peers`). Both
kinds of command take the same options and write records with the same keys, of which a peer's
lacks ``work``.
"""

import json
import os
import sys

from benchmarks.engine import environments, workloads
from benchmarks.engine.peers import parameters

__all__ = ["BRIAN", "PEERS", "REFERENCE", "command", "environment", "has"]

BRIAN = ("neurosim", "cpp_standalone", "cython", "numpy")
PEERS = environments.NAMES

# The one that others are compared with.
REFERENCE = "cpp_standalone"


def has(simulator, workload):
    """Return whether a simulator has a script of a workload.

    Examples
    --------
    >>> has("nest", "coba"), has("nest", "cable")
    (True, False)
    """
    if simulator in BRIAN:
        return True
    return (environments.SCRIPTS / simulator / f"{workload}.py").exists()


def command(simulator, workload):
    """Return what to run for one measurement, to which options are added.

    Parameters
    ----------
    simulator : str
        One of `BRIAN` or `PEERS`; a peer's environment must be there.
    workload : str

    Returns
    -------
    list of str
    """
    if simulator in BRIAN:
        return [sys.executable, "-m", "benchmarks.engine.measure", simulator, workload]
    values = parameters.describe(workloads.load(workload))
    script = [str(environments.python(simulator)), "-m", "benchmarks.engine.peers.measure"]
    return [*script, simulator, workload, "--parameters", json.dumps(values)]


def environment(simulator):
    """Return the environment of a measuring process: one thread in every library.

    Those of the peers are activated, because CMake looks for Python there.
    """
    single = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    found = {**os.environ, **dict.fromkeys(single, "1")}
    if simulator in PEERS:
        binaries = environments.python(simulator).parent
        found["VIRTUAL_ENV"] = str(binaries.parent)
        found["PATH"] = os.pathsep.join([str(binaries), found.get("PATH", os.defpath)])
    return found
