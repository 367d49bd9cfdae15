"""CUBA with ``iaf_psc_exp``, whose linear equations are solved exactly."""

import nest

from benchmarks.engine.peers.nest.simulation import Simulation, connect_randomly
from benchmarks.engine.peers.parameters import ms, mV

RESISTANCE = 0.1  # GOhm, so that pA make mV


def build(given, rng):
    """Return the network."""
    n_excitatory = int(0.8 * given.N)
    neurons = nest.Create(
        "iaf_psc_exp",
        given.N,
        {
            "C_m": given.tau_m / ms / RESISTANCE,
            "tau_m": given.tau_m / ms,
            "E_L": given.E_l / mV,
            "V_th": given.V_t / mV,
            "V_reset": given.V_r / mV,
            "t_ref": given.tau_rp / ms,
            "tau_syn_ex": given.tau_e / ms,
            "tau_syn_in": given.tau_i / ms,
        },
    )
    neurons.V_m = rng.uniform(given.V_r / mV, given.V_t / mV, given.N)
    sources = neurons[:n_excitatory], neurons[n_excitatory:]
    for population, weight in zip(sources, (given.w_e, given.w_i), strict=True):
        connect_randomly(
            population,
            neurons,
            given.p,
            "static_synapse",
            weight=weight / mV / RESISTANCE,
            delay=0.1,
        )
    return Simulation([neurons])
