"""CUBA with ``LifRef``, advanced by exponential Euler (``exp_auto``).

It holds currents constant over a step, where Brian 2 solves the linear equations exactly.
"""

import brainpy as bp

from benchmarks.engine.peers.brainpy.networks import BalancedNetwork
from benchmarks.engine.peers.brainpy.simulation import Simulation
from benchmarks.engine.peers.parameters import ms, mV


def build(given, rng):
    """Return the network."""
    neurons = bp.dyn.LifRef(
        given.N,
        V_rest=given.E_l / mV,
        V_th=given.V_t / mV,
        V_reset=given.V_r / mV,
        tau=given.tau_m / ms,
        tau_ref=given.tau_rp / ms,
        V_initializer=bp.init.Uniform(given.V_r / mV, given.V_t / mV),
        method="exp_auto",
    )
    network = BalancedNetwork(
        neurons,
        given.p,
        (given.w_e / mV, given.w_i / mV),
        (given.tau_e / ms, given.tau_i / ms),
        (bp.dyn.CUBA.desc(), bp.dyn.CUBA.desc()),
        rng,
    )
    return Simulation(network, [given.N])
