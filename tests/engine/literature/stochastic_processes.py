"""Stochastic differential equations against their moments.

Kloeden and Platen (1992), Numerical Solution of Stochastic Differential Equations, sections 4.4
and 4.9. The Ornstein-Uhlenbeck process has the variance sigma^2 (1 - exp(-2 t/tau)) and the
correlation exp(-lag/tau). Brian 2 reads multiplicative noise as Stratonovich's: dX/dt = a X + b X
xi has a logarithm with the mean a t and the variance b^2 t, by Heun's method as by Milstein's.
"""

import numpy as np
from brian2 import NeuronGroup, StateMonitor, defaultclock, ms, run, second, seed, start_scope

tau, sigma = 10 * ms, 0.5
a, b = 1 / second, 0.5 / second**0.5


def main(N=4000, duration=40 * ms, lag=10 * ms, random=1):
    """Return the values of an Ornstein-Uhlenbeck process at a few times."""
    start_scope()
    defaultclock.dt = 0.05 * ms
    seed(random)
    process = NeuronGroup(N, "dx/dt = -x/tau + sigma*sqrt(2/tau)*xi : 1", method="euler")
    monitor = StateMonitor(process, "x", record=True, dt=lag)
    run(duration)
    return {"x": monitor.x[:], "t": monitor.t / ms}


def geometric(method="milstein", N=4000, duration=1 * second, dt=2 * ms, random=1):
    """Return the logarithm of geometric Brownian motion at the end."""
    start_scope()
    defaultclock.dt = dt
    seed(random)
    process = NeuronGroup(N, "dX/dt = a*X + b*X*xi : 1", method=method)
    process.X = 1
    run(duration)
    return {"log": np.log(process.X[:])}


if __name__ == "__main__":
    print("variances", main()["x"].var(axis=0))
    for method in ("heun", "milstein"):
        print(method, geometric(method)["log"].mean(), geometric(method)["log"].var())
