"""Brunel's network: spikes are steps of the potential, which ANNarchy writes as an assignment.

Each neuron's input is a binomial number, as in Brian 2's PoissonInput.
"""

from math import exp

import ANNarchy as ann

from benchmarks.engine.peers.annarchy.simulation import Simulation, connect_randomly, new_network
from benchmarks.engine.peers.parameters import ms, mV


def build(given, rng):
    """Return the network."""
    network = new_network(given, rng)
    model = ann.Neuron(
        parameters={
            "decay": exp(-given.TIME_STEP / given.tau),
            "theta": given.theta / mV,
            "V_r": given.V_r / mV,
            "J": given.J / mV,
        },
        # What no equation holds is zero again after each step: here g_exc and g_inh.
        equations=f"""
            drawn = Binomial({given.C_E}, {given.external_rate * given.TIME_STEP})
            v = decay*v + g_exc - g_inh + J*drawn
        """,
        spike="v > theta",
        reset="v = V_r",
        refractory=given.tau_rp / ms,
    )
    n = given.N_E + given.N_I
    neurons = network.create(n, model)
    projections = (
        (neurons[: given.N_E], "exc", given.J / mV),
        (neurons[given.N_E :], "inh", given.g * given.J / mV),
    )
    for sources, kind, weight in projections:
        connect_randomly(
            network, sources, neurons, kind, given.epsilon, weight, delays=given.D / ms
        )

    def initialize():
        neurons.v = rng.uniform(0, given.theta / mV, n)

    return Simulation(network, [neurons], initialize)
