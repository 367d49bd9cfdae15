"""Brunel's network with ``iaf_psc_delta``, solved exactly.

Weights are kept once per model of synapse (``static_synapse_hom_w``) instead of once per synapse.
Each neuron's input is one Poisson process of the summed rate.
"""

import nest

from benchmarks.engine.peers.nest.simulation import Simulation, connect_randomly
from benchmarks.engine.peers.parameters import Hz, ms, mV


def build(given, rng):
    """Return the network."""
    n = given.N_E + given.N_I
    neurons = nest.Create(
        "iaf_psc_delta",
        n,
        {
            "C_m": 1.0,
            "tau_m": given.tau / ms,
            "E_L": 0.0,
            "V_th": given.theta / mV,
            "V_reset": given.V_r / mV,
            "t_ref": given.tau_rp / ms,
        },
    )
    neurons.V_m = rng.uniform(0, given.theta / mV, n)
    delay, weight = given.D / ms, given.J / mV
    nest.CopyModel("static_synapse_hom_w", "excitatory", {"weight": weight, "delay": delay})
    nest.CopyModel(
        "static_synapse_hom_w", "inhibitory", {"weight": -given.g * weight, "delay": delay}
    )
    connect_randomly(neurons[: given.N_E], neurons, given.epsilon, "excitatory")
    connect_randomly(neurons[given.N_E :], neurons, given.epsilon, "inhibitory")
    external = nest.Create("poisson_generator", {"rate": given.C_E * given.external_rate / Hz})
    nest.Connect(external, neurons, syn_spec={"synapse_model": "excitatory"})
    return Simulation([neurons])
