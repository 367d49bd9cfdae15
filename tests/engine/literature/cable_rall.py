"""A passive cable against the solutions of the cable equation.

Rall (1959), Exp Neurol 1:491-527, and Koch (1999), Biophysics of Computation, chapter 2. A
constant current into the sealed end of a cable of length L gives, in the end, the potential I
R_inf cosh((L - x)/lambda)/sinh(L/lambda); a brief charge Q into the middle of a long cable
spreads as Q/(c_m pi d) exp(-x^2/(4 D t) - t/tau)/sqrt(4 pi D t) with D = lambda^2/tau.
"""

import numpy as np
from brian2 import (
    Cylinder,
    SpatialNeuron,
    StateMonitor,
    cm,
    defaultclock,
    metre,
    mm,
    ms,
    mV,
    nA,
    ohm,
    run,
    siemens,
    start_scope,
    uF,
    um,
)

d = 1 * um
C_m, R_i, g_L = 1 * uF / cm**2, 100 * ohm * cm, 1e-4 * siemens / cm**2
tau = C_m / g_L
length_constant = np.sqrt(d / (4 * g_L * R_i))
R_infinite = length_constant * 4 * R_i / (np.pi * d**2)

equations = """
Im = -g_L*v : amp/metre**2
I : amp (point current)
"""


def cable(length, n):
    """Return a cable at rest, zero volts."""
    start_scope()
    return SpatialNeuron(Cylinder(length=length, diameter=d, n=n), equations, Cm=C_m, Ri=R_i)


def main(length=1 * mm, n=200, current=0.01 * nA, duration=200 * ms):
    """Return the potential that a constant current into one end leaves, and the solution."""
    defaultclock.dt = 0.1 * ms
    neuron = cable(length, n)
    neuron.I[0] = current
    monitor = StateMonitor(neuron, "v", record=[0, n // 2, n - 1])
    run(duration)
    x, L = neuron.distance / length_constant, length / length_constant
    return {
        "v": neuron.v / mV,
        "exact": current * R_infinite * np.cosh(L - x) / np.sinh(L) / mV,
        "trace": monitor.v / mV,
    }


def pulse(length=6 * mm, n=601, current=1 * nA, duration=10 * ms):
    """Return the potential after a short pulse, at five places, and the solution."""
    defaultclock.dt = 0.01 * ms
    neuron = cable(length, n)
    middle = n // 2
    places = middle + np.array([0, 10, 20, 40, 80])
    monitor = StateMonitor(neuron, "v", record=places)
    neuron.I[neuron.morphology[length / 2]] = current
    run(defaultclock.dt)
    neuron.I = 0 * nA
    run(duration)
    # The charge enters on average half a step after zero.
    t = monitor.t - defaultclock.dt / 2
    x = (neuron.distance[places] - neuron.distance[middle])[:, np.newaxis]
    D = length_constant**2 / tau
    late = t > 1 * ms
    charge = current * defaultclock.dt
    profile = np.exp(-(x**2) / (4 * D * t[late]) - t[late] / tau)
    exact = charge / (C_m * np.pi * d) * profile / np.sqrt(4 * np.pi * D * t[late])
    return {"v": monitor.v[:, late] / mV, "exact": exact / mV}


if __name__ == "__main__":
    for result in (main(), pulse()):
        error = np.abs(result["v"] - result["exact"]).max() / result["exact"].max()
        print(f"largest error {error:.2%}; length constant {length_constant / metre * 1e3:.2f} mm")
