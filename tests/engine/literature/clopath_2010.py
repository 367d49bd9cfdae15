"""Voltage-based plasticity: the outcome of pairings depends on their frequency.

Clopath, Büsing, Vasilaki and Gerstner (2010), Nat Neurosci 13:344-352: equations 1-4, the neuron
of the methods, parameters of visual cortex; the protocol is that of figure 2b (data of Sjöström
et al. 2001). A presynaptic spike comes 10 ms before or after a postsynaptic one, five pairs in a
row, 15 times. Pre before post gives potentiation that grows with frequency and vanishes at the
lowest; post before pre gives depression at low and potentiation at high frequencies.

The paper lets the filtered voltage of potentiation lag behind by 5 ms, so that a spike does not
meet its own trace; here the filter is read 5 ms before the pulse and kept while the spike lasts.
"""

import numpy as np
from brian2 import (
    NeuronGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    defaultclock,
    ms,
    mV,
    nS,
    pA,
    pF,
    run,
    start_scope,
)

C, g_L, E_L = 281 * pF, 30 * nS, -70.6 * mV
Delta_T = 2 * mV
a, b, tau_w = 4 * nS, 80.5 * pA, 144 * ms
I_spike, tau_z = 400 * pA, 40 * ms
V_T_rest, V_T_max, tau_V_T = -50.4 * mV, 30.4 * mV, 50 * ms
V_spike, V_reset, spike_length = 33 * mV, -60 * mV, 2 * ms

A_LTD, A_LTP = 14e-5 / mV, 8e-5 / mV**2 / ms
theta_minus, theta_plus = -70.6 * mV, -45.3 * mV
tau_x, tau_minus, tau_plus = 15 * ms, 10 * ms, 7 * ms

neuron_equations = """
du/dt = int(not in_spike)*(g_L*(E_L - u) + g_L*Delta_T*exp((u - V_T)/Delta_T) - w_ad + z
                           + I)/C : volt
dw_ad/dt = (a*(u - E_L)*int(not in_spike) - w_ad)/tau_w : amp
dz/dt = -z/tau_z : amp
dV_T/dt = (V_T_rest - V_T)/tau_V_T : volt
du_minus/dt = (u - u_minus)/tau_minus : volt
du_plus/dt = (u - u_plus)/tau_plus : volt
u_plus_lagged : volt
I : amp
in_spike : boolean
end : second
"""

synapse_equations = """
dx/dt = -x/tau_x : 1 (clock-driven)
dw/dt = A_LTP*x*clip(u_post - theta_plus, 0*mV, inf*mV)*clip(
        u_plus_lagged_post - theta_minus, 0*mV, inf*mV)*int(in_spike_post) : 1 (clock-driven)
"""


def main(frequencies=(0.1, 10, 20, 30, 40, 50), lag=10, pairs=5, repetitions=15):
    """Return the relative weight changes: a row for pre before post, one for post before pre."""
    start_scope()
    defaultclock.dt = 0.1 * ms
    n = len(frequencies)
    # At the lowest frequency each pair stands alone.
    counts = np.array([1 if f < 1 else pairs for f in frequencies] * 2)
    neuron = np.repeat(np.arange(2 * n), counts)
    number = np.concatenate([np.arange(count) for count in counts])
    post = 50 + number * 1000 / np.tile(frequencies, 2)[neuron]
    pre = np.where(neuron < n, post - lag, post + lag)
    inputs = SpikeGeneratorGroup(2 * n, neuron, pre * ms)
    electrodes = SpikeGeneratorGroup(2 * n, neuron, (post - 6) * ms)
    neurons = NeuronGroup(
        2 * n,
        neuron_equations,
        threshold="u > 20*mV and not in_spike",
        reset="""
        u = V_spike
        in_spike = True
        end = t + spike_length
        w_ad += b
        z = I_spike
        V_T = V_T_max
        """,
        events={"end": "in_spike and t >= end - dt/2"},
        method="euler",
    )
    neurons.run_on_event("end", "u = V_reset; in_spike = False")
    neurons.u = neurons.u_minus = neurons.u_plus = E_L
    neurons.V_T = V_T_rest
    # Strong enough to reach the threshold that the last spike has raised.
    pulses = Synapses(
        electrodes,
        neurons,
        on_pre={
            "read": "u_plus_lagged_post = u_plus_post",
            "on": "I_post = 25*nA",
            "off": "I_post = 0*nA",
        },
        delay={"read": 0 * ms, "on": 5 * ms, "off": 6.5 * ms},
    )
    pulses.connect("i == j")
    synapses = Synapses(
        inputs,
        neurons,
        synapse_equations,
        on_pre="""
        w -= A_LTD*clip(u_minus_post - theta_minus, 0*mV, inf*mV)
        x += ms/tau_x
        """,
        method="euler",
    )
    synapses.connect("i == j")
    spikes = SpikeMonitor(neurons)
    trace = StateMonitor(neurons, ("u", "u_minus", "u_plus"), record=[n - 1, 2 * n - 1])
    weight = StateMonitor(synapses, ("w", "x"), record=True, dt=1 * ms)
    run(600 * ms)
    return {
        "change": (synapses.w[:] * repetitions * pairs / counts).reshape(2, n),
        "i": spikes.i[:],
        "t": spikes.t / ms,
        "u": trace.u / mV,
        "u_minus": trace.u_minus / mV,
        "u_plus": trace.u_plus / mV,
        "w": weight.w[:],
        "x": weight.x[:],
    }


if __name__ == "__main__":
    print("relative weight change, rows: pre-post, post-pre")
    print(np.round(main()["change"], 3))
