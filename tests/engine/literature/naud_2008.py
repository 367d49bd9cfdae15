"""Firing patterns of the adaptive exponential integrate-and-fire neuron.

Naud, Marcille, Clopath and Gerstner (2008), Biol Cybern 99:335-347, table 1 and figure 4; model
of Brette and Gerstner (2005), J Neurophysiol 94:3637-3642. Tonic spiking does not adapt,
adaptation lengthens the intervals, an initial burst is followed by slower spikes, regular
bursting goes on with groups, and a transient ends.
"""

import numpy as np
from brian2 import NeuronGroup, SpikeMonitor, StateMonitor, ms, mV, nS, pA, pF, run, start_scope

# C, g_L, E_L, V_T, Delta_T, a, tau_w, b, V_r, I
PATTERNS = {
    "tonic": (200, 10, -70, -50, 2, 2, 30, 0, -58, 500),
    "adapting": (200, 12, -70, -50, 2, 2, 300, 60, -58, 500),
    "initial burst": (130, 18, -58, -50, 2, 4, 150, 120, -50, 400),
    "regular bursting": (200, 10, -58, -50, 2, 2, 120, 100, -46, 210),
    "transient": (100, 10, -65, -50, 2, 10, 90, 100, -47, 180),
    "delayed regular bursting": (100, 10, -65, -50, 2, -10, 90, 30, -47, 110),
}
UNITS = {"C": pF, "g_L": nS, "E_L": mV, "V_T": mV, "Delta_T": mV, "a": nS, "tau_w": ms}
UNITS |= {"b": pA, "V_r": mV, "I": pA}

equations = """
dV/dt = (-g_L*(V - E_L) + g_L*Delta_T*exp((V - V_T)/Delta_T) - w + I)/C : volt
dw/dt = (a*(V - E_L) - w)/tau_w : amp
C : farad (constant)
g_L : siemens (constant)
E_L : volt (constant)
V_T : volt (constant)
Delta_T : volt (constant)
a : siemens (constant)
tau_w : second (constant)
b : amp (constant)
V_r : volt (constant)
I : amp (constant)
"""


def main(duration=500 * ms):
    """Return the spikes of all patterns and traces."""
    start_scope()
    neurons = NeuronGroup(
        len(PATTERNS),
        equations,
        threshold="V > 0*mV",
        reset="V = V_r; w += b",
        method="euler",
    )
    for (name, unit), column in zip(
        UNITS.items(), np.transpose(list(PATTERNS.values())), strict=True
    ):
        setattr(neurons, name, column * unit)
    neurons.V = "E_L"
    spikes = SpikeMonitor(neurons, variables=["w"])
    trace = StateMonitor(neurons, ("V", "w"), record=True)
    run(duration)
    return {
        "i": spikes.i[:],
        "t": spikes.t / ms,
        "w_at_spike": spikes.w / pA,
        "V": trace.V / mV,
        "w": trace.w / pA,
    }


if __name__ == "__main__":
    spikes = main()
    for number, name in enumerate(PATTERNS):
        print(name, np.diff(spikes["t"][spikes["i"] == number]).round(1)[:12])
