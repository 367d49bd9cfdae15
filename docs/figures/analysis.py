"""The figures of docs/analysis.md: ``python docs/figures/analysis.py [FOLDER]``.

Without a folder they replace the ones beside this script.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    StateMonitor,
    Synapses,
    defaultclock,
    ms,
    mV,
    second,
    seed,
    set_device,
)
from matplotlib.figure import Figure

from neurosim import analysis, plots
from neurosim.plots.panels import COLUMN_WIDTH
from neurosim.randomness import generator
from neurosim.traces import TraceFile, record


def figure(rows=1, columns=1, height=2.5):
    """Return a figure of panels, each as wide as a column of text."""
    size = (COLUMN_WIDTH * columns, height * rows)
    return Figure(figsize=size, layout="constrained").subplots(rows, columns)


def oscillating_network(path):
    """Run the network of Brunel and Hakim (1999) and record spikes and potentials.

    Inhibition alone, delayed by 2 ms: the population oscillates, its neurons fire irregularly.
    """
    seed(1)
    neurons = NeuronGroup(
        2000,
        "dV/dt = (25*mV - V + 1*mV*sqrt(tau)*xi)/tau : volt",
        threshold="V > 20*mV",
        reset="V = 10*mV",
        refractory=2 * ms,
        method="euler",
        namespace={"tau": 20 * ms},
        name="neurons",
    )
    neurons.V = 10 * mV
    inhibition = Synapses(neurons, neurons, on_pre="V += -0.1*mV", delay=2 * ms)
    inhibition.connect(p=0.5)
    network = Network(neurons, inhibition)
    what, first = ["neurons.spikes", "neurons.V"], {"neurons.V": range(100)}
    with record(network, what, to=path, index=first, protocol="brunel_hakim"):
        network.run(2 * second)


def draw_network(path, folder):
    """Draw the raster with its rate, and the spectrum beside that of the potentials."""
    oscillating_network(path)
    traces = TraceFile(path)
    times, neurons = analysis.recorded_spikes(traces, "neurons")
    report = traces.report("neurons.V")
    left, right = figure(columns=2, height=2.9)
    shown = (times >= 1) & (times < 1.1)
    plots.raster_with_rate(
        times[shown],
        neurons[shown],
        n_neurons=2000,
        start=1.0,
        stop=1.1,
        bin_width=0.001,
        axes=left,
    )
    frequencies, power = analysis.population_spectrum(
        times, n_neurons=2000, start=0.2, stop=2.0, bin_width=0.001, segment=0.2
    )
    plots.spectrum(frequencies, power, label="population rate", axes=right)
    left.figure.savefig(folder / "analysis_network.png", dpi=150)
    rates = analysis.firing_rates(times, neurons, n_neurons=2000, start=0.2, stop=2.0)
    cv = analysis.coefficients_of_variation(times, neurons, n_neurons=2000)
    late = round(200 / report.step_ms)
    chi = analysis.synchrony(report.values[late:])
    print(f"rate {rates.mean():.1f} Hz, CV {np.nanmean(cv):.2f}, chi {chi:.2f}")
    print(f"peak of the spectrum at {frequencies[power.argmax()]:.0f} Hz")


def draw_weights(folder):
    """Draw how additive STDP splits the weights of Poisson inputs (Song and Abbott 2001).

    20 neurons hear the same 200 inputs through weights that begin at random.
    """
    seed(2)
    defaultclock.dt = 0.1 * ms
    inputs = PoissonGroup(200, rates=15 * Hz)
    neuron = NeuronGroup(
        20,
        """
        dv/dt = (-74*mV - v - g*v)/(10*ms) : volt
        dg/dt = -g/(5*ms) : 1
        """,
        threshold="v > -54*mV",
        reset="v = -60*mV",
        method="euler",
    )
    neuron.v = -74 * mV
    synapses = Synapses(
        inputs,
        neuron,
        """
        w : 1
        dbefore/dt = -before/(20*ms) : 1 (event-driven)
        dafter/dt = -after/(20*ms) : 1 (event-driven)
        """,
        on_pre="g_post += 0.05*w; before += 0.01; w = clip(w - after, 0, 1)",
        on_post="after += 0.0105; w = clip(w + before, 0, 1)",
    )
    synapses.connect()
    synapses.w = "rand()"
    monitor = StateMonitor(synapses, "w", record=True, dt=2 * second)
    Network(inputs, neuron, synapses, monitor).run(100 * second)
    left, right = figure(columns=2)
    plots.weight_evolution(np.asarray(monitor.t), monitor.w.T, n_bins=25, axes=left)
    plots.weight_matrix(synapses.w, sources=synapses.i, targets=synapses.j, axes=right)
    left.figure.savefig(folder / "analysis_weights.png", dpi=150)


def draw_response(folder):
    """Draw the response of 20 Poisson neurons to a stimulus that comes 100 times."""
    rng = generator(0, "response")
    onsets = np.arange(1, 101) * 1.0
    quiet = rng.uniform(0, 102, rng.poisson(20 * 5 * 102))
    delays = [rng.gamma(4, 0.01, rng.poisson(20 * 3)) for _ in onsets]
    evoked = np.concatenate([onset + delay for onset, delay in zip(onsets, delays, strict=True)])
    edges, rates, _ = analysis.peristimulus_histogram(
        np.concatenate([quiet, evoked]),
        onsets,
        before=0.1,
        after=0.3,
        bin_width=0.005,
        n_neurons=20,
    )
    axes = plots.peristimulus(edges, rates, axes=figure())
    axes.figure.savefig(folder / "analysis_response.png", dpi=150)


def draw_branching(folder):
    """Draw slopes over lag of a branching process seen whole, and of one event in fifty."""
    rng, activity = generator(0, "branching"), [1000]
    for _ in range(30_000):
        activity.append(rng.poisson(0.98 * activity[-1] + 20))
    seen = rng.binomial(activity, 0.02)
    panels = figure(columns=2)
    for axes, what, title in zip(
        panels, (activity, seen), ("all events", "one event in 50"), strict=True
    ):
        estimate = analysis.multistep_regression(what, n_lags=150)
        naive = analysis.naive_branching_parameter(what)
        plots.regression_slopes(estimate, step=0.004, axes=axes, title=title)
        print(f"{title}: naive {naive:.3f}, multistep {estimate.m:.3f}, true 0.98")
    panels[0].figure.savefig(folder / "analysis_branching.png", dpi=150)


def critical_avalanches(n_avalanches=100_000, longest=400):
    """Return avalanches of a critical branching process, each of one ancestor."""
    rng = generator(0, "avalanches")
    course = np.zeros((n_avalanches, longest + 1), np.int64)
    course[:, 0] = 1
    for step in range(longest):
        course[:, step + 1] = rng.poisson(course[:, step])
    course = course[course[:, -1] == 0]
    lengths = (course > 0).sum(axis=1) + 1
    one_by_one = course[np.arange(longest + 1) < lengths[:, None]]
    return analysis.avalanches(np.concatenate([[0], one_by_one]))


def draw_avalanches(folder):
    """Draw distributions of avalanches with their fits, their scaling and their shape."""
    found = critical_avalanches()
    size = analysis.fit_power_law(found.sizes, x_min=10, x_max=1000)
    duration = analysis.fit_power_law(found.durations, x_min=20, x_max=200)
    noise = analysis.crackling_noise(
        found,
        size_exponent=size.exponent,
        duration_exponent=duration.exponent,
        durations=(20, 200),
    )
    collapse = analysis.shape_collapse(found, durations=(20, 60), least=30)
    panels = figure(rows=2, columns=2)
    plots.tail_distribution(found.sizes, fit=size, axes=panels[0, 0])
    plots.tail_distribution(
        found.durations, fit=duration, name="duration", units="bins", axes=panels[0, 1]
    )
    plots.avalanche_scaling(noise, axes=panels[1, 0])
    plots.collapsed_shapes(collapse, axes=panels[1, 1])
    panels[0, 0].figure.savefig(folder / "analysis_avalanches.png", dpi=150)
    for alternative in ("exponential", "lognormal", "cutoff"):
        print(analysis.compare_tails(found.sizes, size, alternative))


def main(folder):
    """Make all figures in `folder`."""
    set_device("neurosim")
    with tempfile.TemporaryDirectory() as scratch:
        draw_network(Path(scratch) / "network.h5", folder)
    draw_weights(folder)
    draw_response(folder)
    draw_branching(folder)
    draw_avalanches(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
