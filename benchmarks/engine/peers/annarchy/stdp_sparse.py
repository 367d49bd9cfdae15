"""Additive plasticity with ANNarchy's ``STDP``, which is the workload's rule.

Traces are event-driven and kept per synapse. Inputs are a PoissonPopulation.
"""

import ANNarchy as ann

from benchmarks.engine.peers.annarchy.simulation import Simulation, connect_randomly, new_network
from benchmarks.engine.peers.parameters import Hz, ms, mV

EQUATIONS = """
tau_m * dv/dt = V_rest - v + g_exc*(E_e - v) : exponential
tau_e * dg_exc/dt = -g_exc : exponential
"""


def build(given, rng):
    """Return the network."""
    network = new_network(given, rng)
    parameters = {name: getattr(given, name) / ms for name in ("tau_m", "tau_e")}
    parameters |= {name: getattr(given, name) / mV for name in ("V_t", "V_r", "V_rest", "E_e")}
    model = ann.Neuron(parameters=parameters, equations=EQUATIONS, spike="v > V_t", reset="v = V_r")
    neurons = network.create(given.N_neurons, model)
    inputs = network.create(ann.PoissonPopulation(given.N_inputs, rates=given.rate / Hz))
    largest = given.largest / given.p
    rule = ann.STDP(
        tau_plus=given.tau_x / ms,
        tau_minus=given.tau_y / ms,
        A_plus=given.A_x,
        A_minus=-given.A_y,
        w_max=largest,
    )
    connect_randomly(
        network, inputs, neurons, "exc", given.p, ann.Uniform(0, largest), synapse=rule
    )

    def initialize():
        neurons.v = given.V_rest / mV

    return Simulation(network, [neurons, inputs], initialize)
