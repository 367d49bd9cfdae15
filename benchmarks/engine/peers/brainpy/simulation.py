"""What the scripts for BrainPy share."""

import os
from math import gcd

# Read when jax is imported.
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import brainpy as bp
import brainpy.math as bm
import jax
import numba
import numpy as np

__all__ = ["Simulation", "random_connections", "start"]

# Steps that are compiled as one loop, at most.
_STRETCH = 1000


def start(workload, given, random, cache):
    """Set double precision, the time step, the seed and where compiled code is kept."""
    bm.set_platform("cpu")
    bm.enable_x64()
    bm.set_dt(given.TIME_STEP * 1e3)
    bm.random.seed(random)
    numba.config.CACHE_DIR = str(cache)
    jax.config.update("jax_compilation_cache_dir", str(cache))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)


def random_connections(n_sources, n_targets, probability, weight, seed):
    """Return connections, neurons with themselves too, as in Brian 2.

    BrainPy gives each source the same number of targets, where Brian 2 draws each connection.
    ``weight`` is a number or a function of the number of synapses.
    """
    connect = bp.conn.FixedProb(probability, include_self=True, seed=seed, allow_multi_conn=False)
    # A number stays one, instead of an array of its copies.
    make = weight if np.isscalar(weight) else lambda shape: weight(shape[0])
    return bp.dnn.EventCSRLinear(connect(n_sources, n_targets), make)


class Simulation:
    """A network that is built.

    Parameters
    ----------
    network : brainpy.DynSysGroup
        Its ``update`` returns the spikes of each recorded group.
    sizes : list of int
        Of the groups.
    """

    def __init__(self, network, sizes):
        self._network, self._sizes = network, sizes
        self._loop = bm.jit(lambda steps: bm.for_loop(network.step_run, steps))

    def prepare(self, n_steps, cache):
        """Compile the loop by running a stretch, and go back to the state before it."""
        self._stretch = gcd(n_steps, _STRETCH)
        variables = self._network.vars().unique()
        before = {name: variable.value for name, variable in variables.items()}
        self._run_stretch(0)
        for name, variable in variables.items():
            variable.value = before[name]

    def _run_stretch(self, first):
        spikes = self._loop(bm.arange(first, first + self._stretch))
        return [np.asarray(bm.as_jax(of_group)) for of_group in spikes]

    def run(self, n_steps):
        """Run the loop."""
        self._spikes = [self._run_stretch(n) for n in range(0, n_steps, self._stretch)]

    def spike_counts(self):
        """Return the numbers of spikes and of neurons."""
        counts = [
            sum(map(np.count_nonzero, of_group)) for of_group in zip(*self._spikes, strict=True)
        ]
        return list(zip(counts, self._sizes, strict=True))
