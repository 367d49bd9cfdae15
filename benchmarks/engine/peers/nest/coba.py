"""COBA with ``iaf_cond_exp``, which integrates with an adaptive Runge-Kutta-Fehlberg method."""

import nest

from benchmarks.engine.peers.nest.simulation import Simulation, connect_randomly
from benchmarks.engine.peers.parameters import ms, mV

LEAK = 10.0  # nS, the unit of conductances


def build(given, rng):
    """Return the network."""
    n_excitatory = int(0.8 * given.N)
    neurons = nest.Create(
        "iaf_cond_exp",
        given.N,
        {
            "g_L": LEAK,
            "C_m": LEAK * given.tau_m / ms,
            "E_L": given.E_l / mV,
            "E_ex": given.E_e / mV,
            "E_in": given.E_i / mV,
            "V_th": given.V_t / mV,
            "V_reset": given.V_r / mV,
            "t_ref": given.tau_rp / ms,
            "tau_syn_ex": given.tau_e / ms,
            "tau_syn_in": given.tau_i / ms,
        },
    )
    neurons.V_m = rng.uniform(given.V_r / mV, given.V_t / mV, given.N)
    # The few negative ones matter: without the neurons they excite, activity may never start.
    neurons.g_ex = LEAK * rng.normal(4, 1.5, given.N)
    neurons.g_in = LEAK * rng.normal(20, 12, given.N)
    sources = neurons[:n_excitatory], neurons[n_excitatory:]
    # Negative weights go to the inhibitory conductance.
    for population, weight in zip(sources, (given.w_e, -given.w_i), strict=True):
        connect_randomly(
            population, neurons, given.p, "static_synapse", weight=weight * LEAK, delay=0.1
        )
    return Simulation([neurons])
