"""Additive plasticity with ``stdp_synapse_hom``, without weight dependence, and ``iaf_cond_exp``.

NEST updates weights when the source fires, for the target's spikes since the last time. That spike
transmits the weight after the depression it causes; Brian 2's workload transmits before, which
makes it fire more. Parameters are shared by all synapses. Poisson inputs pass through
``parrot_neuron``, because synapses of generators cannot learn.
"""

import nest

from benchmarks.engine.peers.nest.simulation import Simulation, connect_randomly
from benchmarks.engine.peers.parameters import Hz, ms, mV

LEAK = 10.0  # nS, the unit of conductances


def build(given, rng):
    """Return the network."""
    largest = LEAK * given.largest / given.p
    generator = nest.Create("poisson_generator", {"rate": given.rate / Hz})
    inputs = nest.Create("parrot_neuron", given.N_inputs)
    neurons = nest.Create(
        "iaf_cond_exp",
        given.N_neurons,
        {
            "g_L": LEAK,
            "C_m": LEAK * given.tau_m / ms,
            "E_L": given.V_rest / mV,
            "V_m": given.V_rest / mV,
            "E_ex": given.E_e / mV,
            "V_th": given.V_t / mV,
            "V_reset": given.V_r / mV,
            "t_ref": 0.0,
            "tau_syn_ex": given.tau_e / ms,
            "tau_minus": given.tau_y / ms,
        },
    )
    nest.CopyModel(
        "stdp_synapse_hom",
        "plastic",
        {
            "tau_plus": given.tau_x / ms,
            "lambda": given.A_x,
            "alpha": -given.A_y / given.A_x,
            "mu_plus": 0.0,
            "mu_minus": 0.0,
            "Wmax": largest,
        },
    )
    nest.Connect(generator, inputs, syn_spec={"delay": 0.1})
    connect_randomly(
        inputs, neurons, given.p, "plastic", weight=nest.random.uniform(0, largest), delay=0.1
    )
    return Simulation([neurons, inputs])
