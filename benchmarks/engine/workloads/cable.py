"""Action potentials that travel along an axon of 1000 compartments.

Hodgkin and Huxley (1952), J Physiol 117:500-544: the squid axon with potentials relative to rest;
a constant current into one end makes it fire. Threshold and refractoriness are Brian 2's: a
compartment spikes when m rises above one half.
"""

from brian2 import (
    Cylinder,
    SpatialNeuron,
    SpikeMonitor,
    cm,
    defaultclock,
    ms,
    msiemens,
    mV,
    ohm,
    seed,
    uA,
    uF,
    um,
)

DURATION = 100 * ms
TIME_STEP = 0.01 * ms
# Six rates, and the decay of m, n and h.
EXPONENTIALS = 9
RATE_TOLERANCE = 0.02

E_l, E_K, E_Na = 10.613 * mV, -12 * mV, 115 * mV
g_l = 0.3 * msiemens / cm**2
g_Na = 120 * msiemens / cm**2
g_K = 36 * msiemens / cm**2

equations = """
Im = g_l*(E_l - v) + g_Na*m**3*h*(E_Na - v) + g_K*n**4*(E_K - v) : amp/meter**2
I : amp (point current)
dm/dt = alpha_m*(1 - m) - beta_m*m : 1
dn/dt = alpha_n*(1 - n) - beta_n*n : 1
dh/dt = alpha_h*(1 - h) - beta_h*h : 1
alpha_m = 1/exprel((25*mV - v)/(10*mV))/ms : Hz
beta_m = 4*exp(-v/(18*mV))/ms : Hz
alpha_h = 0.07*exp(-v/(20*mV))/ms : Hz
beta_h = 1/(exp((30*mV - v)/(10*mV)) + 1)/ms : Hz
alpha_n = 0.1/exprel((10*mV - v)/(10*mV))/ms : Hz
beta_n = 0.125*exp(-v/(80*mV))/ms : Hz
"""


def build(random=1):
    """Return the objects of the network."""
    seed(random)
    defaultclock.dt = TIME_STEP
    neuron = SpatialNeuron(
        Cylinder(length=10 * cm, diameter=476 * um, n=1000),
        equations,
        threshold="m > 0.5",
        refractory="m > 0.4",
        method="exponential_euler",
        Cm=1 * uF / cm**2,
        Ri=35.4 * ohm * cm,
    )
    neuron.v, neuron.m, neuron.n, neuron.h = 0 * mV, 0.05, 0.32, 0.6
    neuron.I[0] = 5 * uA
    return [neuron, SpikeMonitor(neuron)]
