"""Izhikevich's neuron: cell classes, and a network of 1000.

Izhikevich (2003), IEEE Trans Neural Netw 14:1569-1572: equations 1-3, the classes of figure 2,
and the network of figure 3 with the parameters of its program. Regular spiking adapts,
intrinsically bursting begins with a burst, chattering bursts all along, fast spiking is fast and
does not adapt; the network switches between rhythms of about 10 and 40 Hz. Numbers are millivolts
and milliseconds.
"""

import numpy as np
from brian2 import (
    NeuronGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    defaultclock,
    ms,
    run,
    seed,
    start_scope,
)

# a, b, c, d
CLASSES = {
    "RS": (0.02, 0.2, -65, 8),
    "IB": (0.02, 0.2, -55, 4),
    "CH": (0.02, 0.2, -50, 2),
    "FS": (0.1, 0.2, -65, 2),
    "LTS": (0.02, 0.25, -65, 2),
}

equations = """
dv/dt = (0.04*v**2 + 5*v + 140 - u + I)/ms : 1
du/dt = a*(b*v - u)/ms : 1
I : 1
a : 1
b : 1
c : 1
d : 1
"""
reset = "v = c; u += d"


def classes(current=10, duration=300 * ms):
    """Give every class a step of current at 20 ms and return spikes and traces."""
    start_scope()
    defaultclock.dt = 0.1 * ms
    neurons = NeuronGroup(len(CLASSES), equations, threshold="v >= 30", reset=reset, method="euler")
    for name, column in zip("abcd", np.transpose(list(CLASSES.values())), strict=True):
        setattr(neurons, name, column)
    neurons.v = -65
    neurons.u = "b*v"
    spikes = SpikeMonitor(neurons)
    trace = StateMonitor(neurons, ("v", "u"), record=True)
    run(20 * ms)
    neurons.I = current
    run(duration)
    return {"i": spikes.i[:], "t": spikes.t / ms, "v": trace.v[:], "u": trace.u[:]}


def main(N=1000, duration=1000 * ms, random=1):
    """Run the network under thalamic noise and return its spikes."""
    start_scope()
    # v makes two steps per millisecond, as in the paper.
    defaultclock.dt = 0.5 * ms
    seed(random)
    N_e = int(0.8 * N)
    neurons = NeuronGroup(
        N,
        equations + "noise : 1 (constant)",
        threshold="v >= 30",
        reset=reset,
        method="euler",
    )
    excitatory, inhibitory = neurons[:N_e], neurons[N_e:]
    excitatory.a, excitatory.b = 0.02, 0.2
    excitatory.c, excitatory.d = "-65 + 15*rand()**2", "8 - 6*((c + 65)/15)"
    inhibitory.a = "0.02 + 0.08*rand()"
    inhibitory.b = "0.25 - 0.05*(a - 0.02)/0.08"
    inhibitory.c, inhibitory.d = -65, 2
    excitatory.noise, inhibitory.noise = 5, 2
    neurons.v = -65
    neurons.u = "b*v"
    neurons.run_regularly("I = noise*randn()", dt=1 * ms)
    synapses = Synapses(neurons, neurons, "w : 1", on_pre="I_post += w")
    synapses.connect()
    synapses.w[f"i < {N_e}"] = f"0.5*rand()*1000/{N}"
    synapses.w[f"i >= {N_e}"] = f"-rand()*1000/{N}"
    spikes = SpikeMonitor(neurons)
    run(duration)
    return {"i": spikes.i[:], "t": spikes.t / ms}


if __name__ == "__main__":
    spikes = classes()
    for number, name in enumerate(CLASSES):
        print(name, np.diff(spikes["t"][spikes["i"] == number]).round(1)[:8])
    print(len(main()["i"]) / 1000, "spikes per neuron in one second")
