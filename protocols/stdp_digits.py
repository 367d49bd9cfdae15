"""Handwritten digits, told apart by a spiking network that learns without labels."""

from typing import Annotated

import numpy as np

import neurosim
from neurosim.data import digits
from neurosim.experiment.parameters import Range

__all__ = ["stdp_digits"]

# A population after Diehl and Cook (2015), Front Comput Neurosci 9:99, with the inhibitory layer
# folded into lateral inhibition and currents in the place of conductances. Values in units of the
# distance between rest and threshold, and chosen on seeds 100 to 102.
EQUATIONS = """
dv/dt = (g - v)/(100*ms) : 1 (unless refractory)
dg/dt = -g/(5*ms) : 1
dtheta/dt = -theta/(10000*second) : 1
"""
INHIBITION = 1.0
SYNAPSE = """
w : 1
dx/dt = -x/(20*ms) : 1 (event-driven)
"""
PATHWAYS = {"transmit": "g_post += w; x = 1"}
# The second half of the rule of Diehl and Cook: what came just before is strengthened, what did not
# is weakened, so that weights stay bounded without being normalised.
LEARN = "w = clip(w + learning_rate*(x - offset), 0, 1)"
OFFSET = 0.4


def draw(traces):
    """Draw what each neuron has learned, and accuracy by number of training images."""
    from matplotlib.figure import Figure

    weights = traces["stdp/weights"].values
    figure = Figure(figsize=(6.5, 3), layout="constrained")
    fields, curve = figure.subplots(1, 2)
    n_columns = int(np.ceil(np.sqrt(weights.shape[1])))
    n_rows = -(-weights.shape[1] // n_columns)
    picture = np.full((n_rows * 9, n_columns * 9), np.nan)
    for neuron, field in enumerate(weights.T.reshape(-1, 8, 8)):
        row, column = divmod(neuron, n_columns)
        picture[row * 9 : row * 9 + 8, column * 9 : column * 9 + 8] = field
    shown = fields.imshow(picture, cmap="magma", vmin=0, vmax=1)
    fields.set_title("Receptive fields", fontsize=9)
    fields.set_axis_off()
    figure.colorbar(shown, ax=fields, label="Weight", shrink=0.8)
    counts, accuracy = traces["stdp/images"].values, traces["stdp/accuracy"].values
    curve.plot(counts, accuracy, "o-", color="black", markersize=4)
    curve.axhline(0.1, color="grey", linestyle=":", linewidth=1, label="chance")
    curve.set(xlabel="Training images", ylabel="Test accuracy", ylim=(0, 1), xlim=(0, None))
    curve.spines[["top", "right"]].set_visible(False)
    curve.legend(frameon=False, fontsize=8)
    return figure


@neurosim.protocol(figure=draw)
def stdp_digits(
    run,
    *,
    neurons: Annotated[int, Range(10, 1000)] = 50,
    training: Annotated[int, Range(10, 1437)] = 400,
    testing: Annotated[int, Range(10, 360)] = 150,
    blocks: Annotated[int, Range(1, 20)] = 4,
    presentation_ms: Annotated[float, Range(10, 1000)] = 150.0,
    rest_ms: Annotated[float, Range(0, 1000)] = 50.0,
    peak_rate: Annotated[float, Range(1, 500)] = 120.0,
    learning_rate: Annotated[float, Range(0, 1)] = 0.02,
    theta_step: Annotated[float, Range(0, 10)] = 0.05,
    seed: int = 0,
):
    """Learn handwritten digits by spike-timing-dependent plasticity, and classify others.

    Each image is shown as rates of 64 Poisson inputs for a while. Neurons that inhibit each other
    learn what made them fire. A neuron then stands for the class of training images it answers
    most; the class of a test image is the one whose neurons answer most. Labels are used for
    nothing else.

    Parameters
    ----------
    neurons : int
        Number of learning neurons.
    training, testing : int
        Numbers of images.
    blocks : int
        Training is done in so many blocks, with a test after each.
    presentation_ms, rest_ms : float
        Time each image is shown, and time without input after it, in ms.
    peak_rate : float
        Rate of an input under a white pixel, in Hz.
    learning_rate : float
        Largest change of a weight per spike.
    theta_step : float
        What each spike adds to its neuron's threshold.
    seed : int
        Fixes the split of the images, the weights at first, and all spikes.
    """
    from brian2 import Hz, ms, set_device

    data = digits(size=8, seed=seed)
    set_device("neurosim")
    try:
        sim = _simulation(neurons, learning_rate, theta_step, seed)
        order = np.random.default_rng(seed).permutation(len(data.train_targets))[:training]
        rates = data.train_stimuli[order] * peak_rate * Hz
        targets = data.train_targets[order]
        test_rates = data.test_stimuli[:testing] * peak_rate * Hz
        times = {"duration": presentation_ms * ms, "rest": rest_ms * ms or None}
        done = 0
        for part in np.array_split(np.arange(training), blocks):
            sim.set(theta_step=theta_step)
            sim.trials(
                {"inputs.rates": rates[part]},
                **times,
                labels=targets[part],
                traces=run,
                progress=run.shows_progress,
            )
            done += len(part)
            # Neither weights nor thresholds change while the network is asked.
            sim.set(theta_step=0)
            asked = {**times, "record": ["cells.count"], "learn": False}
            known = sim.trials({"inputs.rates": rates[:done]}, **asked)
            classes = _classes(known["cells.count"], targets[:done], data.n_classes)
            test = sim.trials({"inputs.rates": test_rates}, **asked)
            guesses = _guesses(test["cells.count"], classes, data.n_classes)
            accuracy = float(np.mean(guesses == data.test_targets[:testing]))
            run.append("stdp/images", done, dims=("block",), description="Training images shown")
            run.append("stdp/accuracy", accuracy, dims=("block",), description="Test accuracy")
            run.say(f"{done} images: accuracy {accuracy:.3f}")
        weights = np.array(sim["synapses"].w).reshape(64, neurons)
    finally:
        set_device("runtime")
    run.write("stdp/weights", weights, dims=("input", "neuron"), description="Weights at the end")
    run.write("stdp/class", classes, dims=("neuron",), description="Class each neuron stands for")
    run.metric("accuracy", accuracy, description="Test accuracy at the end")
    run.metric("spikes_per_image", float(test["cells.count"].sum(axis=1).mean()))


def _simulation(neurons, learning_rate, theta_step, seed):
    """Return the network, ready for trials."""
    import brian2
    from brian2 import Hz, Network, NeuronGroup, PoissonGroup, SpikeMonitor, Synapses, ms

    brian2.start_scope()
    brian2.defaultclock.dt = 0.5 * ms
    brian2.seed(seed)
    inputs = PoissonGroup(64, 0 * Hz, name="inputs")
    cells = NeuronGroup(
        neurons,
        EQUATIONS,
        threshold="v > 1 + theta",
        reset="v = 0; theta += theta_step",
        refractory=5 * ms,
        method="exact",
        name="cells",
    )
    synapses = Synapses(inputs, cells, SYNAPSE, on_pre=PATHWAYS, on_post=LEARN, name="synapses")
    synapses.connect()
    synapses.w = "0.3 + 0.3*rand()"
    lateral = Synapses(cells, cells, on_pre="v_post -= inhibition", name="lateral")
    lateral.connect(condition="i != j")
    spikes = SpikeMonitor(cells, record=False, name="spikes")
    names = {
        "learning_rate": learning_rate,
        "offset": OFFSET,
        "theta_step": theta_step,
        "inhibition": INHIBITION,
    }
    return neurosim.Simulation(Network(inputs, cells, synapses, lateral, spikes), names)


def _classes(counts, targets, n_classes):
    """Return the class each neuron answered most, by its mean number of spikes."""
    return np.argmax(_means(counts, targets, n_classes), axis=0)


def _guesses(counts, classes, n_classes):
    """Return for each trial the class whose neurons answered most on average."""
    return np.argmax(_means(counts.T, classes, n_classes), axis=0)


def _means(rows, kinds, n_kinds):
    """Return the mean of the rows of each kind, zero where there are none."""
    members = np.arange(n_kinds)[:, np.newaxis] == kinds
    return members @ rows / np.maximum(members.sum(axis=1, keepdims=True), 1)


if __name__ == "__main__":
    stdp_digits.main()
