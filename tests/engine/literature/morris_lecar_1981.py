"""Two classes of excitability in the Morris-Lecar neuron.

Morris and Lecar (1981), Biophys J 35:193-213; parameters of Rinzel and Ermentrout (1998), in
Methods in Neuronal Modeling, table 7.1. In the first regime the rate rises from zero at a
saddle-node; in the second it jumps to a finite value at a Hopf bifurcation.
"""

import numpy as np
from brian2 import (
    NeuronGroup,
    SpikeMonitor,
    StateMonitor,
    cm,
    defaultclock,
    ms,
    msiemens,
    mV,
    run,
    second,
    start_scope,
    uA,
    uF,
)

g_L, g_K = 2 * msiemens / cm**2, 8 * msiemens / cm**2
E_L, E_K, E_Ca = -60 * mV, -84 * mV, 120 * mV
C, V_1, V_2 = 20 * uF / cm**2, -1.2 * mV, 18 * mV

equations = """
dV/dt = (I - g_L*(V - E_L) - g_Ca*m_inf*(V - E_Ca) - g_K*w*(V - E_K))/C : volt
dw/dt = phi*cosh((V - V_3)/(2*V_4))*(w_inf - w) : 1
m_inf = 0.5*(1 + tanh((V - V_1)/V_2)) : 1
w_inf = 0.5*(1 + tanh((V - V_3)/V_4)) : 1
I : amp/metre**2
"""
REGIMES = {
    "saddle-node": {
        "phi": 0.067 / ms,
        "g_Ca": 4 * msiemens / cm**2,
        "V_3": 12 * mV,
        "V_4": 17.4 * mV,
    },
    "Hopf": {"phi": 0.04 / ms, "g_Ca": 4.4 * msiemens / cm**2, "V_3": 2 * mV, "V_4": 30 * mV},
}


def main(regime="saddle-node", currents=tuple(range(30, 131, 5)), duration=2 * second, dt=0.1 * ms):
    """Return the rate at each current (uA/cm2) and traces; the first second is left out."""
    start_scope()
    defaultclock.dt = dt
    phi, g_Ca, V_3, V_4 = REGIMES[regime].values()
    neurons = NeuronGroup(
        len(currents), equations, threshold="V > 0*mV", refractory="V > -10*mV", method="rk4"
    )
    neurons.namespace.update({"phi": phi, "g_Ca": g_Ca, "V_3": V_3, "V_4": V_4})
    neurons.namespace.update({"g_L": g_L, "g_K": g_K, "E_L": E_L, "E_K": E_K, "E_Ca": E_Ca})
    neurons.namespace.update({"C": C, "V_1": V_1, "V_2": V_2})
    neurons.V = E_L
    neurons.w = "w_inf"
    neurons.I = np.array(currents) * uA / cm**2
    monitor = StateMonitor(neurons, ("V", "w"), record=True, dt=10 * dt)
    spikes = SpikeMonitor(neurons)
    run(duration)
    late = spikes.t > duration / 2
    count = np.bincount(spikes.i[late], minlength=len(currents))
    return {
        "rate": count / float(duration / 2),
        "i": spikes.i[:],
        "t": spikes.t / ms,
        "V": monitor.V / mV,
        "w": monitor.w[:],
    }


if __name__ == "__main__":
    for regime in REGIMES:
        print(regime, main(regime)["rate"])
