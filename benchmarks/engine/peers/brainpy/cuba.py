"""CUBA with ``LifRef``, advanced by exponential Euler (``exp_auto``).

It holds currents constant over a step, where Brian 2 solves the linear equations exactly.
"""

import brainpy as bp

from benchmarks.engine.peers.brainpy.networks import BalancedNetwork, leaky_neurons
from benchmarks.engine.peers.brainpy.simulation import Simulation
from benchmarks.engine.peers.parameters import ms, mV


def build(given, rng):
    """Return the network."""
    network = BalancedNetwork(
        leaky_neurons(given),
        given.p,
        (given.w_e / mV, given.w_i / mV),
        (given.tau_e / ms, given.tau_i / ms),
        (bp.dyn.CUBA.desc(), bp.dyn.CUBA.desc()),
        rng,
    )
    return Simulation(network, [given.N])
