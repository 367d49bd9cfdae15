"""A synfire chain carries strong, synchronous volleys and loses weak, dispersed ones.

Diesmann, Gewaltig and Aertsen (1999), Nature 402:529-533, figures 2 and 3: ten groups of 100
noisy integrate-and-fire neurons, all of a group exciting all of the next. A volley of a spikes
with standard deviation sigma that starts inside the basin of attraction becomes one spike per
neuron, with a spread of about half a millisecond; outside it dies within a few groups.
"""

from brian2 import (
    NeuronGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    Synapses,
    ms,
    mV,
    run,
    seed,
    start_scope,
)
from numpy.random import default_rng

V_rest, V_t, V_r = -70 * mV, -55 * mV, -70 * mV
tau_m, tau_psp = 10 * ms, 0.325 * ms
n_groups, group_size = 10, 100
# An alpha-shaped current per input; height as published for 0.14-mV potentials of 20 000 synapses.
weight = 4.86 * mV
mean_drive, noise = 25.27 * mV / ms, 39.24 * mV / ms**0.5

equations = """
dv/dt = (V_rest - v + x)/tau_m : volt (unless refractory)
dx/dt = (y - x)/tau_psp : volt
dy/dt = -y/tau_psp + mean_drive + noise*xi : volt
"""


def main(spikes_in_volley=100, sigma=1 * ms, duration=110 * ms, random=1):
    """Send a volley at 50 ms and return the spikes of the chain."""
    start_scope()
    seed(random)
    neurons = NeuronGroup(
        n_groups * group_size,
        equations,
        threshold="v > V_t",
        reset="v = V_r",
        refractory=1 * ms,
        method="euler",
    )
    neurons.v = "V_r + rand()*(V_t - V_r)"
    times = 50 + default_rng(random).standard_normal(spikes_in_volley) * float(sigma / ms)
    volley = SpikeGeneratorGroup(spikes_in_volley, range(spikes_in_volley), times * ms)
    chain = Synapses(neurons, neurons, on_pre="y += weight", delay=5 * ms)
    chain.connect(
        j="k for k in range((i//group_size + 1)*group_size, (i//group_size + 2)*group_size)"
        " if i < N_pre - group_size"
    )
    entry = Synapses(volley, neurons[:group_size], on_pre="y += weight")
    entry.connect()
    spikes = SpikeMonitor(neurons)
    run(duration)
    return {"i": spikes.i[:], "t": spikes.t / ms}


if __name__ == "__main__":
    for spikes_in_volley, sigma in ((100, 1), (48, 0), (40, 4)):
        spikes = main(spikes_in_volley, sigma * ms)
        last = (spikes["i"] >= 900) & (spikes["t"] > 95)
        print(f"a={spikes_in_volley} sigma={sigma} ms: {last.sum()} spikes in the last group")
