"""The propagated spike of the squid giant axon.

Hodgkin and Huxley (1952), J Physiol 117:500-544: equations 26 and following, axon 17 of the
section on the propagated action potential (radius 238 um, 35.4 ohm cm, 18.5 degrees Celsius).
They computed 18.8 m/s and measured 21.2 m/s.
"""

import numpy as np
from brian2 import (
    Cylinder,
    Network,
    SpatialNeuron,
    SpikeMonitor,
    StateMonitor,
    cm,
    defaultclock,
    metre,
    ms,
    msiemens,
    mV,
    ohm,
    second,
    start_scope,
    uA,
    uF,
    um,
)

C_m, R_i = 1 * uF / cm**2, 35.4 * ohm * cm
g_Na, g_K, g_L = 120 * msiemens / cm**2, 36 * msiemens / cm**2, 0.3 * msiemens / cm**2
# Potentials count from rest, upwards.
E_Na, E_K, E_L = 115 * mV, -12 * mV, 10.613 * mV
phi = 3 ** ((18.5 - 6.3) / 10)

equations = """
Im = g_L*(E_L - v) + g_Na*m**3*h*(E_Na - v) + g_K*n**4*(E_K - v) : amp/metre**2
I : amp (point current)
dm/dt = phi*(alpha_m*(1 - m) - beta_m*m) : 1
dh/dt = phi*(alpha_h*(1 - h) - beta_h*h) : 1
dn/dt = phi*(alpha_n*(1 - n) - beta_n*n) : 1
alpha_m = 1/exprel((25*mV - v)/(10*mV))/ms : Hz
beta_m = 4*exp(-v/(18*mV))/ms : Hz
alpha_h = 0.07*exp(-v/(20*mV))/ms : Hz
beta_h = 1/(exp((30*mV - v)/(10*mV)) + 1)/ms : Hz
alpha_n = 0.1/exprel((10*mV - v)/(10*mV))/ms : Hz
beta_n = 0.125*exp(-v/(80*mV))/ms : Hz
"""


def main(length=20 * cm, n=400, duration=14 * ms, dt=0.01 * ms):
    """Excite one end; return potentials, spikes and the speed between two places, in m/s."""
    start_scope()
    defaultclock.dt = dt
    axon = SpatialNeuron(
        Cylinder(length=length, diameter=2 * 238 * um, n=n),
        equations,
        Cm=C_m,
        Ri=R_i,
        method="exponential_euler",
        threshold="v > 50*mV",
        refractory="v > 20*mV",
        threshold_location=3 * n // 4,
    )
    axon.h, axon.m, axon.n = 0.596, 0.053, 0.318
    spikes = SpikeMonitor(axon)
    monitor = StateMonitor(axon, "v", record=[0, n // 4, 3 * n // 4])
    network = Network(axon, spikes, monitor)
    network.run(2 * ms)
    axon.I[axon.morphology[0 * cm : length / 50]] = 4 * uA
    network.run(1 * ms)
    axon.I = 0 * uA
    network.run(duration - 3 * ms)
    peaks = monitor.t[np.argmax(monitor.v[1:], axis=1)]
    speed = length / 2 / (peaks[1] - peaks[0])
    return {
        "v": monitor.v / mV,
        "t": spikes.t / ms,
        "speed": np.array(speed / (metre / second)),
        "profile": axon.v / mV,
    }


if __name__ == "__main__":
    print(f"{main()['speed']:.1f} m/s")
