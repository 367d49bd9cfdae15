"""COBAHH with ANNarchy's exponential method, which is exponential Euler."""

import ANNarchy as ann

from benchmarks.engine.peers.annarchy.simulation import Simulation, connect_randomly, new_network
from benchmarks.engine.peers.parameters import ms, mV, nS, pF

EQUATIONS = """
waited = waited + 1.0
u = v - V_T
a_m = 0.32*(13.0 - u)/(exp((13.0 - u)/4.0) - 1.0)
b_m = 0.28*(u - 40.0)/(exp((u - 40.0)/5.0) - 1.0)
a_n = 0.032*(15.0 - u)/(exp((15.0 - u)/5.0) - 1.0)
b_n = 0.5*exp((10.0 - u)/40.0)
a_h = 0.128*exp((17.0 - u)/18.0)
b_h = 4.0/(1.0 + exp((40.0 - u)/5.0))
dm/dt = a_m*(1.0 - m) - b_m*m : exponential
dn/dt = a_n*(1.0 - n) - b_n*n : exponential
dh/dt = a_h*(1.0 - h) - b_h*h : exponential
C_m * dv/dt = gbar_l*(E_l - v) + g_exc*(E_e - v) + g_inh*(E_i - v) + gbar_Na*m*m*m*h*(E_Na - v) + gbar_K*n*n*n*n*(E_K - v) : exponential
tau_e * dg_exc/dt = -g_exc : exponential
tau_i * dg_inh/dt = -g_inh : exponential
"""  # noqa: E501 - an equation is a line


def build(given, rng):
    """Return the network."""
    network = new_network(given, rng)
    parameters = {name: getattr(given, name) / ms for name in ("tau_e", "tau_i")}
    potentials = ("V_T", "V_spike", "E_l", "E_Na", "E_K", "E_e", "E_i")
    parameters |= {name: getattr(given, name) / mV for name in potentials}
    # Names that begin with g_ are those of targets.
    parameters |= {f"gbar_{ion}": getattr(given, f"g_{ion}") / nS for ion in ("l", "Na", "K")}
    parameters["C_m"] = given.C_m / pF
    parameters["n_refractory"] = float(round(given.tau_rp / given.TIME_STEP))
    # ANNarchy's own refractory period would stop the potential, which is not reset here.
    model = ann.Neuron(
        parameters=parameters,
        equations=EQUATIONS,
        spike="(v > V_spike) and (waited >= n_refractory)",
        reset="waited = 0.0",
    )
    neurons = network.create(given.N, model)
    n_excitatory = int(0.8 * given.N)
    connect_randomly(network, neurons[:n_excitatory], neurons, "exc", given.p, given.w_e / nS)
    connect_randomly(network, neurons[n_excitatory:], neurons, "inh", given.p, given.w_i / nS)

    def initialize():
        neurons.waited = parameters["n_refractory"]
        neurons.v = given.E_l / mV + rng.normal(-5, 5, given.N)
        neurons.g_exc = 10 * rng.normal(4, 1.5, given.N)
        neurons.g_inh = 10 * rng.normal(20, 12, given.N)

    return Simulation(network, [neurons], initialize)
