"""CUBA with ANNarchy's exponential method.

It holds currents constant over a step, where Brian 2 solves the linear equations exactly.
"""

import ANNarchy as ann

from benchmarks.engine.peers.annarchy.simulation import Simulation, connect_randomly, new_network
from benchmarks.engine.peers.parameters import ms, mV

EQUATIONS = """
tau_m * dv/dt = E_l - v + g_exc - g_inh : exponential
tau_e * dg_exc/dt = -g_exc : exponential
tau_i * dg_inh/dt = -g_inh : exponential
"""


def build(given, rng):
    """Return the network."""
    network = new_network(given, rng)
    parameters = {name: getattr(given, name) / ms for name in ("tau_m", "tau_e", "tau_i")}
    parameters |= {name: getattr(given, name) / mV for name in ("V_t", "V_r", "E_l")}
    model = ann.Neuron(
        parameters=parameters,
        equations=EQUATIONS,
        spike="v > V_t",
        reset="v = V_r",
        refractory=given.tau_rp / ms,
    )
    neurons = network.create(given.N, model)
    n_excitatory = int(0.8 * given.N)
    sources = neurons[:n_excitatory], neurons[n_excitatory:]
    connect_randomly(network, sources[0], neurons, "exc", given.p, given.w_e / mV)
    connect_randomly(network, sources[1], neurons, "inh", given.p, -given.w_i / mV)

    def initialize():
        neurons.v = rng.uniform(given.V_r / mV, given.V_t / mV, given.N)

    return Simulation(network, [neurons], initialize)
