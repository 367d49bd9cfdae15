"""COBAHH with ``hh_cond_exp_traub``, integrated with an adaptive Runge-Kutta-Fehlberg method.

Its channels are those of the workload. It says a spike at the peak of the potential, above V_T + 30
mV, instead of at the crossing of -20 mV. Conductances are zero at first: they cannot be set.
"""

import nest

from benchmarks.engine.peers.nest.simulation import Simulation, connect_randomly
from benchmarks.engine.peers.parameters import ms, mV, nS, pF


def build(given, rng):
    """Return the network."""
    n_excitatory = int(0.8 * given.N)
    neurons = nest.Create(
        "hh_cond_exp_traub",
        given.N,
        {
            "C_m": given.C_m / pF,
            "g_L": given.g_l / nS,
            "g_Na": given.g_Na / nS,
            "g_K": given.g_K / nS,
            "E_L": given.E_l / mV,
            "E_Na": given.E_Na / mV,
            "E_K": given.E_K / mV,
            "E_ex": given.E_e / mV,
            "E_in": given.E_i / mV,
            "V_T": given.V_T / mV,
            "t_ref": given.tau_rp / ms,
            "tau_syn_ex": given.tau_e / ms,
            "tau_syn_in": given.tau_i / ms,
            # The model would start in equilibrium.
            "Act_m": 0.0,
            "Act_n": 0.0,
            "Inact_h": 0.0,
        },
    )
    neurons.V_m = given.E_l / mV + rng.normal(-5, 5, given.N)
    sources = neurons[:n_excitatory], neurons[n_excitatory:]
    for population, weight in zip(sources, (given.w_e, -given.w_i), strict=True):
        connect_randomly(
            population, neurons, given.p, "static_synapse", weight=weight / nS, delay=0.1
        )
    return Simulation([neurons])
