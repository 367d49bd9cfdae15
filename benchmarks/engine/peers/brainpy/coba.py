"""COBA with ``LifRef``, advanced by exponential Euler (``exp_auto``)."""

import brainpy as bp

from benchmarks.engine.peers.brainpy.networks import BalancedNetwork, leaky_neurons
from benchmarks.engine.peers.brainpy.simulation import Simulation
from benchmarks.engine.peers.parameters import ms, mV


def build(given, rng):
    """Return the network."""
    network = BalancedNetwork(
        leaky_neurons(given),
        given.p,
        (given.w_e, given.w_i),
        (given.tau_e / ms, given.tau_i / ms),
        (bp.dyn.COBA.desc(E=given.E_e / mV), bp.dyn.COBA.desc(E=given.E_i / mV)),
        rng,
    )
    network.set_conductances(rng.normal(4, 1.5, given.N), rng.normal(20, 12, given.N))
    return Simulation(network, [given.N])
