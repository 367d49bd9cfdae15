"""Coupled phase oscillators synchronise above a critical coupling.

Kuramoto (1975), Lecture Notes in Physics 39:420-422; Strogatz (2000), Physica D 143:1-20. With
natural frequencies that follow a Lorentz distribution of width gamma the order parameter is r =
sqrt(1 - K_c/K) for K > K_c = 2 gamma, and of the order of 1/sqrt(N) below. Frequencies stand at
the quantiles of the distribution.
"""

import numpy as np
from brian2 import (
    NeuronGroup,
    StateMonitor,
    Synapses,
    defaultclock,
    ms,
    run,
    second,
    seed,
    start_scope,
)

gamma = 1 / second


def main(K=4.0, N=200, duration=20 * second, random=1):
    """Return the phases of the last time and the order parameter over time."""
    start_scope()
    defaultclock.dt = 10 * ms
    seed(random)
    oscillators = NeuronGroup(
        N,
        """
        dtheta/dt = omega + coupling*K/second/N : 1
        omega : Hz (constant)
        coupling : 1
        """,
        method="rk4",
    )
    oscillators.theta = "2*pi*rand()"
    oscillators.omega = "gamma*tan(pi*((i + 0.5)/N - 0.5))"
    every_pair = Synapses(
        oscillators, oscillators, "coupling_post = sin(theta_pre - theta_post) : 1 (summed)"
    )
    every_pair.connect()
    monitor = StateMonitor(oscillators, "theta", record=True, dt=100 * ms)
    run(duration)
    order = np.abs(np.exp(1j * monitor.theta).mean(axis=0))
    return {"theta": monitor.theta[:], "order": order}


if __name__ == "__main__":
    for K in (1.0, 3.0, 4.0, 8.0):
        print(K, main(K)["order"][-100:].mean(), np.sqrt(max(0, 1 - 2 / K)))
