"""COBA with ANNarchy's exponential method, which is exponential Euler."""

import ANNarchy as ann

from benchmarks.engine.peers.annarchy.simulation import Simulation, connect_randomly, new_network
from benchmarks.engine.peers.parameters import ms, mV

EQUATIONS = """
tau_m * dv/dt = E_l - v + g_exc*(E_e - v) + g_inh*(E_i - v) : exponential
tau_e * dg_exc/dt = -g_exc : exponential
tau_i * dg_inh/dt = -g_inh : exponential
"""


def build(given, rng):
    """Return the network."""
    network = new_network(given, rng)
    parameters = {name: getattr(given, name) / ms for name in ("tau_m", "tau_e", "tau_i")}
    potentials = ("V_t", "V_r", "E_l", "E_e", "E_i")
    parameters |= {name: getattr(given, name) / mV for name in potentials}
    model = ann.Neuron(
        parameters=parameters,
        equations=EQUATIONS,
        spike="v > V_t",
        reset="v = V_r",
        refractory=given.tau_rp / ms,
    )
    neurons = network.create(given.N, model)
    n_excitatory = int(0.8 * given.N)
    connect_randomly(network, neurons[:n_excitatory], neurons, "exc", given.p, given.w_e)
    connect_randomly(network, neurons[n_excitatory:], neurons, "inh", given.p, given.w_i)

    def initialize():
        neurons.v = rng.uniform(given.V_r / mV, given.V_t / mV, given.N)
        neurons.g_exc = rng.normal(4, 1.5, given.N)
        neurons.g_inh = rng.normal(20, 12, given.N)

    return Simulation(network, [neurons], initialize)
