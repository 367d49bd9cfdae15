"""Spike timing is reliable when the input fluctuates.

Mainen and Sejnowski (1995), Science 268:1503-1506, figure 1: neurons with a little noise of their
own drift apart under a constant current, and fire together under one fluctuating current common
to all. The common input is an Ornstein-Uhlenbeck process of one neuron, linked to all the others.
"""

from brian2 import (
    NeuronGroup,
    SpikeMonitor,
    StateMonitor,
    linked_var,
    ms,
    run,
    seed,
    start_scope,
)

tau, tau_input, sigma = 10 * ms, 5 * ms, 0.02


def main(fluctuation=1.0, N=25, duration=1000 * ms, random=1):
    """Return the spikes of all neurons and the common input."""
    start_scope()
    seed(random)
    source = NeuronGroup(
        1,
        "dx/dt = -x/tau_input + fluctuation*(2/tau_input)**0.5*xi : 1",
        method="euler",
    )
    neurons = NeuronGroup(
        N,
        """
        dv/dt = (1.2 + current - v)/tau + sigma*(2/tau)**0.5*xi : 1 (unless refractory)
        current : 1 (linked)
        """,
        threshold="v > 1",
        reset="v = 0",
        refractory=5 * ms,
        method="euler",
    )
    neurons.current = linked_var(source, "x")
    neurons.v = "rand()"
    spikes = SpikeMonitor(neurons)
    monitor = StateMonitor(neurons, ("current", "v"), record=[0, N - 1])
    run(duration)
    return {"i": spikes.i[:], "t": spikes.t / ms, "current": monitor.current[:], "v": monitor.v[:]}


if __name__ == "__main__":
    for fluctuation in (0.0, 1.0):
        print(fluctuation, len(main(fluctuation)["i"]) / 25, "spikes per neuron")
