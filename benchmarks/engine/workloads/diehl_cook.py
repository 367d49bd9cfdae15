"""Unsupervised learning of images by competing neurons.

After Diehl and Cook (2015), Front Comput Neurosci 9:99, and their published script: 784 Poisson
inputs, 400 excitatory neurons with adaptive thresholds, each of which drives one of 400
inhibitory neurons that inhibits all others; triplet plasticity at the 313 600 input synapses,
whose delays are random up to 10 ms. Images stand for 350 ms, followed by 150 ms of silence. They
are random bars here, as bright as handwritten digits; weights are not rescaled between images.
"""

import numpy as np
from brian2 import (
    Hz,
    NeuronGroup,
    PoissonGroup,
    SpikeMonitor,
    Synapses,
    TimedArray,
    defaultclock,
    ms,
    mV,
    second,
    seed,
)

DURATION = 5 * second
TIME_STEP = 0.5 * ms
EXPONENTIALS = 0
# How soon neurons inhibit each other hangs on single spikes.
RATE_TOLERANCE = 0.25

N_pixels, N_neurons = 784, 400
E_rest, E_reset, E_threshold = -65 * mV, -65 * mV, -72 * mV
I_rest, I_reset, I_threshold = -60 * mV, -45 * mV, -40 * mV
tau_E, tau_I, tau_theta = 100 * ms, 10 * ms, 1e7 * ms
theta_step = 0.05 * mV
tau_x, tau_y_1, tau_y_2 = 20 * ms, 20 * ms, 40 * ms
nu_pre, nu_post, w_max = 1e-4, 1e-2, 1.0
# In Hz: 255 levels, divided by 8 and multiplied by the intensity, which the script raises to 3.
brightest = 255 / 8 * 3

currents = """
dg_e/dt = -g_e/(1*ms) : 1
dg_i/dt = -g_i/(2*ms) : 1
"""
excitatory_equations = (
    """
dv/dt = (E_rest - v + g_e*(0*mV - v) + g_i*(-100*mV - v))/tau_E : volt (unless refractory)
dtheta/dt = -theta/tau_theta : volt
"""
    + currents
)
inhibitory_equations = (
    """
dv/dt = (I_rest - v + g_e*(0*mV - v) + g_i*(-85*mV - v))/tau_I : volt (unless refractory)
"""
    + currents
)
plasticity = """
w : 1
y_2_before : 1
dx/dt = -x/tau_x : 1 (event-driven)
dy_1/dt = -y_1/tau_y_1 : 1 (event-driven)
dy_2/dt = -y_2/tau_y_2 : 1 (event-driven)
"""
on_pre = """
g_e_post += w
x = 1
w = clip(w - nu_pre*y_1, 0, w_max)
"""
on_post = """
y_2_before = y_2
w = clip(w + nu_post*x*y_2_before, 0, w_max)
y_1 = 1
y_2 = 1
"""


def bars(random, n_images=10):
    """Return the rates of the inputs in time, in steps of 50 ms: one row per step."""
    rng = np.random.default_rng(random)
    rates = np.zeros((n_images, 10, 28, 28))
    for image in rates:
        for row in rng.choice(28, 3, replace=False):
            # Seven steps of the image, three of silence; pixels are on or off.
            image[:7, row, 4:24] = brightest
        image[:7, 4:24, rng.choice(28)] = brightest
    return TimedArray(rates.reshape(-1, N_pixels) * Hz, dt=50 * ms)


def build_neurons():
    """Return the excitatory and the inhibitory neurons."""
    excitatory = NeuronGroup(
        N_neurons,
        excitatory_equations,
        threshold="v > theta + E_threshold",
        reset="v = E_reset; theta += theta_step",
        refractory=5 * ms,
        method="euler",
    )
    inhibitory = NeuronGroup(
        N_neurons,
        inhibitory_equations,
        threshold="v > I_threshold",
        reset="v = I_reset",
        refractory=2 * ms,
        method="euler",
    )
    excitatory.v, excitatory.theta = E_rest - 40 * mV, 20 * mV
    inhibitory.v = I_rest - 40 * mV
    return excitatory, inhibitory


def build(random=1):
    """Return the objects of the network."""
    seed(random)
    defaultclock.dt = TIME_STEP
    inputs = PoissonGroup(N_pixels, "images(t, i)", namespace={"images": bars(random)})
    excitatory, inhibitory = build_neurons()
    learned = Synapses(inputs, excitatory, plasticity, on_pre=on_pre, on_post=on_post)
    learned.connect()
    learned.w = "0.3*rand()"
    learned.pre.delay = "rand()*10*ms"
    drive = Synapses(excitatory, inhibitory, on_pre="g_e_post += 10.4")
    drive.connect(j="i")
    competition = Synapses(inhibitory, excitatory, on_pre="g_i_post += 17.0")
    competition.connect("i != j")
    groups = [inputs, excitatory, inhibitory]
    monitors = [SpikeMonitor(excitatory), SpikeMonitor(inhibitory), SpikeMonitor(inputs)]
    return [*groups, learned, drive, competition, *monitors]
