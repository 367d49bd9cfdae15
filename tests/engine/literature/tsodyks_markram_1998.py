"""Short-term depression and facilitation under regular trains.

Tsodyks, Pawelzik and Markram (1998), Neural Comput 10:821-835: equations 2.1-2.5. A spike raises
the utilisation u by U(1 - u), releases u*x of the resources x, which come back with tau_d, while
u decays with tau_f. Under a regular train the release tends to a value in closed form; see
`steady_release`.
"""

import numpy as np
from brian2 import (
    NeuronGroup,
    SpikeGeneratorGroup,
    StateMonitor,
    Synapses,
    ms,
    mV,
    run,
    start_scope,
)

# U, tau_d, tau_f in ms: depressing, facilitating and mixed.
KINDS = {"depressing": (0.5, 800, 20), "facilitating": (0.15, 130, 530), "mixed": (0.3, 400, 300)}
tau_s, tau_m, A = 3 * ms, 20 * ms, 25 * mV


def steady_release(rate, U, tau_d, tau_f):
    """Return the release at each spike of a long train (rate in Hz, times in ms)."""
    interval = 1000 / rate
    decay_f, decay_d = np.exp(-interval / tau_f), np.exp(-interval / tau_d)
    u = U / (1 - (1 - U) * decay_f)
    x = (1 - decay_d) / (1 - (1 - u) * decay_d)
    return u * x


def main(rates=(5, 10, 20, 40), duration=3000):
    """Return the release at the last spike, kinds by rates, and traces of the neurons."""
    start_scope()
    n = len(rates)
    times = [np.arange(100, duration, 1000 / rate) for rate in rates]
    trains = SpikeGeneratorGroup(
        n,
        np.concatenate([np.full(len(t), k) for k, t in enumerate(times)]),
        np.concatenate(times) * ms,
    )
    neurons = NeuronGroup(
        n * len(KINDS),
        """
        dv/dt = (I - v)/tau_m : volt
        dI/dt = -I/tau_s : volt
        """,
        method="exact",
    )
    synapses = Synapses(
        trains,
        neurons,
        """
        du/dt = -u/tau_f : 1 (event-driven)
        dx/dt = (1 - x)/tau_d : 1 (event-driven)
        U : 1
        tau_f : second
        tau_d : second
        release : 1
        """,
        on_pre="""
        u += U*(1 - u)
        release = u*x
        x -= release
        I_post += A*release
        """,
    )
    synapses.connect("i == j % N_pre")
    synapses.x = 1
    for name, column in zip(
        ("U", "tau_d", "tau_f"), zip(*KINDS.values(), strict=True), strict=True
    ):
        values = np.repeat(column, n)[synapses.j]
        setattr(synapses, name, values if name == "U" else values * ms)
    trace = StateMonitor(neurons, "v", record=True, dt=1 * ms)
    run(duration * ms)
    return {
        "release": synapses.release[np.argsort(synapses.j)].reshape(len(KINDS), n),
        "v": trace.v / mV,
    }


if __name__ == "__main__":
    rates = (5, 10, 20, 40)
    measured = main(rates)["release"]
    for row, (kind, parameters) in zip(measured, KINDS.items(), strict=True):
        expected = [steady_release(rate, *parameters) for rate in rates]
        print(kind, row.round(4), np.round(expected, 4))
