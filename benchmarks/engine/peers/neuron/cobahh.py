"""COBAHH with a section per neuron, channels in NMODL and two ExpSyn.

The potential is advanced by Crank-Nicolson's method, the gates by exponential Euler.
"""

from math import pi, sqrt

from neuron import h

from benchmarks.engine.peers.neuron.simulation import Simulation, connect_randomly, register
from benchmarks.engine.peers.parameters import ms, mV, nS

CM2 = 1e-4  # m2


def new_neuron(given, number):
    """Return a section, its excitatory and its inhibitory synapse, and its detector of spikes."""
    section = h.Section(name=f"neuron{number}")
    section.L = section.diam = sqrt(given.area / pi) * 1e6
    section.cm = given.C_m / given.area * CM2 * 1e6
    section.insert("traub")
    synapses = []
    for tau, reversal in ((given.tau_e, given.E_e), (given.tau_i, given.E_i)):
        synapse = h.ExpSyn(section(0.5))
        synapse.tau, synapse.e = tau / ms, reversal / mV
        synapses.append(synapse)
    detector = h.Detector(section(0.5))
    register(number, h.NetCon(detector, None))
    return section, *synapses, detector


def build(given, rng):
    """Return the network."""
    for name in ("g_l", "g_Na", "g_K"):
        setattr(h, f"{name}_traub", getattr(given, name) / given.area * CM2)
    for name in ("E_l", "E_Na", "E_K", "V_T"):
        setattr(h, f"{name}_traub", getattr(given, name) / mV)
    h.V_spike_Detector, h.tau_rp_Detector = given.V_spike / mV, given.tau_rp / ms
    neurons = [new_neuron(given, number) for number in range(given.N)]
    _, excitatory, inhibitory, _ = zip(*neurons, strict=True)
    n_excitatory = int(0.8 * given.N)
    uS = 1e3 * nS
    projections = (
        (range(n_excitatory), excitatory, given.w_e / uS),
        (range(n_excitatory, given.N), inhibitory, given.w_i / uS),
    )
    parts = [neurons]
    for numbers, synapses, weight in projections:
        parts += connect_randomly(numbers, synapses, given.p, lambda w=weight: w, h.dt, rng)

    def initialize():
        for section, from_e, from_i, _ in neurons:
            section.v = given.E_l / mV + rng.normal(-5, 5)
            from_e.g = rng.normal(4, 1.5) * 10 * nS / uS
            from_i.g = rng.normal(20, 12) * 10 * nS / uS
        # The matrix and the recorded state start from these values.
        h.fcurrent()

    return Simulation([given.N], initialize, parts)
