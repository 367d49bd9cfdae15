"""Direction maps in barrel cortex from spike-timing-dependent plasticity.

After Kremer, Leger, Goodman, Brette and Bourdieu (2011), J Neurosci 31:10689-10700, reduced:
whiskers that an edge deflects one after the other excite layer 4; its neurons, selective for
directions and laid out by barrel, excite layer 2/3 of the same and of neighbouring barrels
through plastic synapses. The neuron's barrel, position and preferred direction are expressions of
its index.
"""

import numpy as np
from brian2 import (
    Hz,
    NeuronGroup,
    SpikeMonitor,
    Synapses,
    defaultclock,
    ms,
    mV,
    run,
    second,
    seed,
    start_scope,
)

M4, M23, n_barrels = 10, 12, 3  # edges of a barrel in neurons, barrels along an edge
w_max, A_pre, A_post = 6 * mV, 0.025, -0.0275
tau_e, tau_m, tau_pre, tau_post = 2 * ms, 10 * ms, 5 * ms, 25 * ms
stimulus_length, interval, v_edge = 100 * ms, 10 * ms, 4.0

layer4_equations = """
rate = int(offset**2 < 0.25)*clip(cos(direction - selectivity), 0, inf)*60*Hz : Hz
offset = (barrel_x + 0.5 - bar_x)*cos(direction) + (barrel_y + 0.5 - bar_y)*sin(direction) : 1
bar_x = start_x + cos(direction)*(t - start)*v_edge/stimulus_length : 1
bar_y = start_y + sin(direction)*(t - start)*v_edge/stimulus_length : 1
barrel_x : integer (constant)
barrel_y : integer (constant)
selectivity : 1 (constant)
direction : 1 (shared)
start_x : 1 (shared)
start_y : 1 (shared)
start : second (shared)
"""
layer23_equations = """
dv/dt = (g - v)/tau_m : volt (unless refractory)
dg/dt = -g/tau_e : volt
dv_t/dt = (4*mV - v_t)/(50*ms) : volt
barrel : integer (constant)
"""


def main(duration=2 * second, random=1, rule="random"):
    """Return spikes of both layers and weights; "regular" leaves only arithmetic to chance."""
    start_scope()
    defaultclock.dt = 0.2 * ms
    seed(random)
    n4, n23 = M4**2 * n_barrels**2, M23**2 * n_barrels**2
    chance = "rand() < rate*dt" if rule == "random" else "rate*t - floor(rate*t) < rate*dt"
    layer4 = NeuronGroup(n4, layer4_equations, threshold=chance, reset="")
    layer4.barrel_x = "(i // (M4**2)) % n_barrels"
    layer4.barrel_y = "i // (M4**2 * n_barrels)"
    layer4.selectivity = "(i % (M4**2))/(1.0*M4**2)*2*pi"
    layer4.run_regularly(
        """
        direction = int(7.99*((t/stimulus_length)*0.618 - floor((t/stimulus_length)*0.618)))*pi/4
        start_x = 3*int(cos(direction) < 0)
        start_y = 3*int(sin(direction) < 0)
        start = t
        """,
        dt=stimulus_length,
    )
    layer23 = NeuronGroup(
        n23,
        layer23_equations,
        threshold="v > v_t",
        reset="v = 0*mV; v_t += 1.6*mV",
        refractory=2 * ms,
        method="euler",
    )
    layer23.v_t = 4 * mV
    layer23.barrel = "i // M23**2"
    feedforward = Synapses(
        layer4,
        layer23,
        """
        w : volt
        dx_i/dt = -x_i/tau_pre : 1 (event-driven)
        dx_j/dt = -x_j/tau_post : 1 (event-driven)
        """,
        on_pre="""
        g_post += w
        x_i += A_pre
        w = clip(w + x_j*w_max, 0*mV, w_max)
        """,
        on_post="""
        x_j += A_post
        w = clip(w + x_i*w_max, 0*mV, w_max)
        """,
    )
    feedforward.connect(condition="barrel_post == barrel_x_pre + n_barrels*barrel_y_pre", p=0.5)
    feedforward.w = "rand()*w_max"
    recurrent = Synapses(layer23, layer23, on_pre="g_post += 0.03*mV", delay=0.6 * ms)
    recurrent.connect(p="0.1*exp(-abs(barrel_pre - barrel_post))")
    spikes4, spikes23 = SpikeMonitor(layer4), SpikeMonitor(layer23)
    run(duration)
    return {
        "i4": spikes4.i[:],
        "t4": spikes4.t / ms,
        "i23": spikes23.i[:],
        "t23": spikes23.t / ms,
        "w": feedforward.w / mV,
    }


if __name__ == "__main__":
    result = main()
    print(
        "rates of layers 4 and 2/3:",
        len(result["i4"]) / 900 / 2 * Hz,
        len(result["i23"]) / 1296 / 2,
    )
    print("weights:", np.histogram(result["w"], 5)[0])
