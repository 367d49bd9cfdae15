"""Additive spike-timing-dependent plasticity, 1000 Poisson inputs to each of 1000 neurons.

Song and Abbott (2001), Neuron 32:339-350, after Song, Miller and Abbott (2000), Nat Neurosci
3:919-926, whose one neuron stands here 1000 times. Conductances are in units of the leak.
"""

from brian2 import (
    Hz,
    NeuronGroup,
    PoissonGroup,
    SpikeMonitor,
    Synapses,
    defaultclock,
    ms,
    mV,
    second,
    seed,
)

DURATION = 1 * second
TIME_STEP = 0.1 * ms
EXPONENTIALS = 1
# A hundredth more input, which is chance, makes neurons near threshold fire a tenth more.
RATE_TOLERANCE = 0.15

N_inputs, N_neurons = 1000, 1000
rate = 15 * Hz
tau_m, tau_e = 10 * ms, 5 * ms
V_rest, V_t, V_r, E_e = -74 * mV, -54 * mV, -60 * mV, 0 * mV
tau_x, tau_y = 20 * ms, 20 * ms
largest = 0.01
A_x = 0.01
A_y = -1.05 * A_x

equations = """
dv/dt = (V_rest - v + g_e*(E_e - v))/tau_m : volt
dg_e/dt = -g_e/tau_e : 1
"""
plasticity = """
w : 1
dx/dt = -x/tau_x : 1 (event-driven)
dy/dt = -y/tau_y : 1 (event-driven)
"""
on_pre = """
g_e_post += w
x += A_x*g_max
w = clip(w + y, 0, g_max)
"""
on_post = """
y += A_y*g_max
w = clip(w + x, 0, g_max)
"""


def build_network(random, probability, plasticity, on_pre, on_post):
    """Return the objects of a network of plastic synapses between inputs and neurons."""
    seed(random)
    defaultclock.dt = TIME_STEP
    inputs = PoissonGroup(N_inputs, rates=rate)
    neurons = NeuronGroup(
        N_neurons, equations, threshold="v > V_t", reset="v = V_r", method="exponential_euler"
    )
    neurons.v = V_rest
    # Fewer inputs are stronger, so that their sum stays.
    g_max = largest / probability
    synapses = Synapses(
        inputs, neurons, plasticity, on_pre=on_pre, on_post=on_post, namespace={"g_max": g_max}
    )
    synapses.connect(p=probability)
    synapses.w = "rand()*g_max"
    return [inputs, neurons, synapses, SpikeMonitor(neurons), SpikeMonitor(inputs, record=False)]


def build(random=1):
    """Return the objects of the network."""
    return build_network(random, 1, plasticity, on_pre, on_post)
