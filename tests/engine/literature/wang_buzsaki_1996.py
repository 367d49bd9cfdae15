"""Gamma oscillation of a network of mutually inhibiting interneurons.

Wang and Buzsáki (1996), J Neurosci 16:6402-6413: single cells fire from near zero up to high
rates (figure 1B); 100 cells with 60 inputs each synchronise when the current is 1 uA/cm2 and
alike for all (figure 5), and less when it differs more than a little (figure 6: the standard
deviation 0.1 uA/cm2 is too much). A cell's area is that of one square centimetre, so that
densities are numbers.
"""

from brian2 import (
    NeuronGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    defaultclock,
    ms,
    msiemens,
    mV,
    run,
    seed,
    start_scope,
    uA,
    uF,
)
from numpy import linspace

C = 1 * uF
g_L, g_Na, g_K, g_syn = 0.1 * msiemens, 35 * msiemens, 9 * msiemens, 0.1 * msiemens
E_L, E_Na, E_K, E_syn = -65 * mV, 55 * mV, -90 * mV, -75 * mV
phi = 5
alpha_s, beta_s = 12 / ms, 0.1 / ms

equations = """
dv/dt = (I - g_L*(v - E_L) - g_Na*m_inf**3*h*(v - E_Na) - g_K*n**4*(v - E_K)
         - g_syn*S*(v - E_syn))/C : volt
m_inf = alpha_m/(alpha_m + beta_m) : 1
alpha_m = 1/exprel(-(v + 35*mV)/(10*mV))/ms : Hz
beta_m = 4*exp(-(v + 60*mV)/(18*mV))/ms : Hz
dh/dt = phi*(alpha_h*(1 - h) - beta_h*h) : 1
alpha_h = 0.07*exp(-(v + 58*mV)/(20*mV))/ms : Hz
beta_h = 1/(exp(-(v + 28*mV)/(10*mV)) + 1)/ms : Hz
dn/dt = phi*(alpha_n*(1 - n) - beta_n*n) : 1
alpha_n = 0.1/exprel(-(v + 34*mV)/(10*mV))/ms : Hz
beta_n = 0.125*exp(-(v + 44*mV)/(80*mV))/ms : Hz
ds/dt = alpha_s/(1 + exp(-v/(2*mV)))*(1 - s) - beta_s*s : 1
S : 1
I : amp
"""


def cells(n):
    """Return cells at rest that count as firing while they are above zero."""
    group = NeuronGroup(n, equations, threshold="v > 0*mV", refractory="v > 0*mV", method="rk4")
    group.v = "-70*mV + rand()*20*mV"
    group.h = "alpha_h/(alpha_h + beta_h)"
    group.n = "alpha_n/(alpha_n + beta_n)"
    return group


def main(N=100, inputs=60, spread=0.0, duration=500 * ms, dt=0.05 * ms, random=1):
    """Run the network and return spikes and a few traces."""
    start_scope()
    defaultclock.dt = dt
    seed(random)
    network = cells(N)
    network.I = f"(1 + {spread}*randn())*uA"
    synapses = Synapses(network, network, "S_post = s_pre/N_incoming : 1 (summed)")
    synapses.connect(p=inputs / N)
    spikes = SpikeMonitor(network)
    trace = StateMonitor(network, ("v", "s", "S"), record=[0, N // 2])
    run(duration)
    return {
        "i": spikes.i[:],
        "t": spikes.t / ms,
        "v": trace.v / mV,
        "s": trace.s[:],
        "S": trace.S[:],
    }


def frequency_current(currents=(0.1, 0.2, 0.5, 1, 2, 5, 10, 20), duration=500 * ms):
    """Return the rates of single cells."""
    start_scope()
    defaultclock.dt = 0.02 * ms
    seed(1)
    group = cells(len(currents))
    group.I = currents * uA
    spikes = SpikeMonitor(group)
    run(duration)
    return {"current": currents, "rate": spikes.count / duration, "t": spikes.t / ms}


if __name__ == "__main__":
    print(frequency_current(tuple(linspace(0, 5, 11)))["rate"])
    for spread in (0, 0.1):
        print(spread, len(main(spread=spread)["i"]) / 100 / 0.5, "Hz")
