"""Sparsely connected excitation and inhibition: rate and irregularity by their balance."""

import itertools
from typing import Annotated

import numpy as np

import neurosim
from neurosim import analysis
from neurosim.experiment.parameters import Range
from neurosim.randomness import generator

__all__ = ["balanced_network", "mean_field_rate"]

# Model A of Brunel (2000), J Comput Neurosci 8:183, in seconds and millivolts. Neurons are fewer
# than there, and synapses stronger in proportion, so that the mean input is the same.
TAU, REFRACTORY, DELAY = 0.02, 0.002, 0.0015
THRESHOLD, RESET, JUMP = 20.0, 10.0, 0.5
N_EXCITATORY, N_INHIBITORY = 2000, 500
FROM_EXCITATORY, FROM_INHIBITORY = 200, 50
# The rate of each of a neuron's external inputs that alone brings its mean to the threshold.
THRESHOLD_RATE = THRESHOLD / (JUMP * FROM_EXCITATORY * TAU)
# Left out of what is measured.
TRANSIENT = 0.2


@neurosim.protocol
def balanced_network(
    run,
    *,
    g: Annotated[float, Range(0, 20)] = 5.0,
    drive: Annotated[float, Range(0, 10)] = 2.0,
    duration: Annotated[float, Range(0.3, 1000)] = 1.0,
    seed: int = 0,
):
    """Measure rate and irregularity of a sparse network of excitation and inhibition.

    2000 excitatory and 500 inhibitory neurons hear a tenth of each population, and as many
    external inputs as excitatory neurons (Brunel 2000).

    Parameters
    ----------
    g : float
        How many times stronger inhibitory synapses are. There are four times fewer of them: above
        4 inhibition prevails.
    drive : float
        Rate of the external inputs, where 1 alone brings the mean potential to the threshold.
    duration : float
        Simulated time in seconds; the first 0.2 s count for nothing.
    seed : int
        Fixes connections, potentials at first, and external inputs.
    """
    import brian2

    brian2.set_device("neurosim")
    try:
        spikes = _spikes(g, drive, duration, seed)
    finally:
        brian2.set_device("runtime")
    neurons, times = np.asarray(spikes.i), np.asarray(spikes.t)
    n_neurons = N_EXCITATORY + N_INHIBITORY
    run.append_spikes("neurons", neurons, times * 1000)
    late = times >= TRANSIENT
    times, neurons = times[late], neurons[late]
    cv = analysis.coefficients_of_variation(times, neurons, n_neurons=n_neurons)
    rate = len(times) / n_neurons / (duration - TRANSIENT)
    run.metric("rate", rate, units="Hz", description="Mean rate of all neurons")
    if np.any(np.isfinite(cv)):
        run.metric("cv", np.nanmean(cv), description="Coefficient of variation of intervals")
    theory = mean_field_rate(g, drive)
    run.metric("mean_field_rate", theory, units="Hz", description="Rate by theory")
    run.say(f"{rate:.1f} Hz, {theory:.1f} Hz by theory")


def _spikes(g, drive, duration, seed):
    """Run the network and return its spike monitor."""
    import brian2
    from brian2 import Hz, Network, NeuronGroup, PoissonInput, SpikeMonitor, ms, mV, second

    brian2.start_scope()
    brian2.defaultclock.dt = 0.1 * ms
    brian2.seed(seed)
    rng = generator(seed, "balanced network")
    neurons = NeuronGroup(
        N_EXCITATORY + N_INHIBITORY,
        "dv/dt = -v/tau : volt (unless refractory)",
        threshold="v > threshold",
        reset="v = reset",
        refractory=REFRACTORY * second,
        method="exact",
        namespace={"tau": TAU * second, "threshold": THRESHOLD * mV, "reset": RESET * mV},
    )
    neurons.v = rng.uniform(0, THRESHOLD, len(neurons)) * mV
    excitation = _synapses(neurons, neurons[:N_EXCITATORY], FROM_EXCITATORY, JUMP * mV, rng)
    inhibition = _synapses(neurons, neurons[N_EXCITATORY:], FROM_INHIBITORY, -g * JUMP * mV, rng)
    outside = PoissonInput(
        neurons, "v", FROM_EXCITATORY, drive * THRESHOLD_RATE * Hz, weight=JUMP * mV
    )
    spikes = SpikeMonitor(neurons)
    Network(neurons, excitation, inhibition, outside, spikes).run(duration * second)
    return spikes


def _synapses(neurons, sources, n_sources, weight, rng):
    """Connect every neuron to as many sources, drawn without repetition."""
    from brian2 import Synapses, second

    synapses = Synapses(
        sources,
        neurons,
        on_pre="v_post += weight",
        delay=DELAY * second,
        namespace={"weight": weight},
    )
    order = rng.random((len(neurons), len(sources))).argsort(axis=1)
    synapses.connect(i=order[:, :n_sources].ravel(), j=np.arange(len(neurons)).repeat(n_sources))
    return synapses


def mean_field_rate(g, drive):
    """Return the rate at which the network sustains itself, by the diffusion approximation.

    Each neuron takes its input for white noise with the mean and variance that the rate of all
    neurons gives it (Brunel 2000). Where several rates do, as below g = 4, the highest is
    returned.

    Parameters
    ----------
    g : float
        Strength of inhibitory synapses relative to excitatory ones.
    drive : float
        Rate of the external inputs relative to the one that brings the mean to the threshold.

    Returns
    -------
    float
        In Hz.

    Examples
    --------
    >>> from neurosim.protocols.balanced_network import mean_field_rate
    >>> round(mean_field_rate(g=5.0, drive=0.0), 3)
    0.0
    """
    from scipy.optimize import brentq

    def excess(rate):
        return _response(rate, g, drive) - rate

    rates = np.linspace(1 / REFRACTORY, 0, 1001)
    for upper, lower in itertools.pairwise(rates):
        if excess(lower) >= 0:
            return float(brentq(excess, lower, upper))
    return 0.0


def _response(rate, g, drive):
    """Return the rate of a neuron in a network that fires at `rate`."""
    from scipy.integrate import quad
    from scipy.special import erfcx

    inhibited = FROM_INHIBITORY / FROM_EXCITATORY * g
    outside = drive * THRESHOLD_RATE
    mean = FROM_EXCITATORY * JUMP * TAU * (outside + rate * (1 - inhibited))
    variance = FROM_EXCITATORY * JUMP**2 * TAU * (outside + rate * (1 + inhibited * g))
    if variance == 0:
        return 0.0
    low, high = (np.array([RESET, THRESHOLD]) - mean) / np.sqrt(variance)
    # erfcx(-u) is exp(u²)(1 + erf(u)), which overflows where the rate is zero to all digits.
    if high > 25:
        return 0.0
    passage = quad(lambda u: erfcx(-u), low, high)[0]
    return 1 / (REFRACTORY + TAU * np.sqrt(np.pi) * passage)


if __name__ == "__main__":
    balanced_network.main()
