"""Fast oscillation of a network whose neurons fire slowly and irregularly.

Brunel and Hakim (1999), Neural Comput 11:1621-1671, figures 2 and 3: inhibition alone, delayed by
2 ms, of noisy integrate-and-fire neurons. The population oscillates with a period of a few
delays, while its neurons fire once in tens of periods.
"""

import numpy as np
from brian2 import (
    Hz,
    NeuronGroup,
    PopulationRateMonitor,
    SpikeMonitor,
    Synapses,
    ms,
    mV,
    run,
    seed,
    start_scope,
)

V_r, theta, tau, tau_rp = 10 * mV, 20 * mV, 20 * ms, 2 * ms
mu, sigma = 25 * mV, 1 * mV


def main(N=5000, C=1000, J=0.1 * mV, delay=2 * ms, duration=300 * ms, random=1):
    """Return spikes and the rate of the population."""
    start_scope()
    seed(random)
    neurons = NeuronGroup(
        N,
        "dV/dt = (mu - V + sigma*sqrt(tau)*xi)/tau : volt",
        threshold="V > theta",
        reset="V = V_r",
        refractory=tau_rp,
        method="euler",
    )
    neurons.V = V_r
    inhibition = Synapses(neurons, neurons, on_pre="V += -J", delay=delay)
    inhibition.connect(p=C / N)
    spikes = SpikeMonitor(neurons)
    rate = PopulationRateMonitor(neurons)
    run(duration)
    return {
        "i": spikes.i[:],
        "t": spikes.t / ms,
        "rate": rate.rate / Hz,
        "smooth": rate.smooth_rate(width=1 * ms) / Hz,
    }


def oscillation(rate, dt=0.1e-3, skip=1000):
    """Return the frequency (Hz) above 50 Hz at which a rate has the largest power."""
    late = rate[skip:] - rate[skip:].mean()
    power = np.abs(np.fft.rfft(late)) ** 2
    frequency = np.fft.rfftfreq(len(late), dt)
    return frequency[frequency > 50][np.argmax(power[frequency > 50])]


if __name__ == "__main__":
    result = main()
    print("rate", result["rate"][1000:].mean(), "frequency", oscillation(result["rate"]))
