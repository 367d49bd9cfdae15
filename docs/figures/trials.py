"""The figures of docs/trials.md: ``python docs/figures/trials.py [FOLDER]``.

Without a folder they replace the ones beside this script.
"""

import sys
from pathlib import Path

import numpy as np
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    SpikeMonitor,
    Synapses,
    ms,
    seed,
    set_device,
)
from matplotlib.figure import Figure

import neurosim
from neurosim.plots import line_with_band
from neurosim.plots.panels import COLUMN_WIDTH

N_INPUTS, N_CELLS = 60, 12
SHOWN = np.arange(0, 180, 11.25)
TRAINED, N_TRAINING, N_REPETITIONS = (40, 80), 40, 20
# The one that prefers 60 degrees.
CELL = 4
TIMES = {"duration": 200 * ms, "rest": 50 * ms, "keep": ["synapses.w"]}
PREFERRED = np.arange(N_INPUTS) * 180 / N_INPUTS


def input_rates(angle):
    """Return a row with the rate of each input for each of the orientations, in degrees."""
    angle = np.asarray(angle)[..., None]
    return (2 + 48 * np.exp(4 * (np.cos(2 * np.radians(angle - PREFERRED)) - 1))) * Hz


def tuned_network():
    """Return a simulation of cells that hear the inputs around their own orientation.

    A cell's spike strengthens the inputs that came just before and weakens the others.
    """
    seed(3)
    inputs = PoissonGroup(N_INPUTS, 0 * Hz, name="inputs")
    cells = NeuronGroup(
        N_CELLS,
        "dv/dt = -v/(20*ms) : 1",
        threshold="v > 1",
        reset="v = 0",
        method="exact",
        name="cells",
    )
    synapses = Synapses(
        inputs,
        cells,
        """
        w : 1
        dbefore/dt = -before/(20*ms) : 1 (event-driven)
        """,
        on_pre={"transmit": "v_post += w", "trace": "before = 1"},
        on_post="w = clip(w + rate*(before - 0.4), 0, 0.3)",
        name="synapses",
    )
    synapses.connect()
    synapses.w = "0.12*exp(3*(cos(2*pi*(i/60.0 - j/12.0)) - 1))"
    spikes = SpikeMonitor(cells, record=False)
    network = Network(inputs, cells, synapses, spikes)
    return neurosim.Simulation(network, {"rate": 0.002})


def tuning(sim):
    """Return the rates of all cells, shape (orientations, repetitions, cells)."""
    angles = np.repeat(SHOWN, N_REPETITIONS)
    responses = sim.trials(
        {"inputs.rates": input_rates(angles)}, record=["cells.rate"], learn=False, **TIMES
    )
    return np.asarray(responses["cells.rate"]).reshape(len(SHOWN), N_REPETITIONS, N_CELLS)


def train(sim, angle):
    """Show one orientation while synapses learn."""
    angles = np.full(N_TRAINING, angle)
    sim.trials({"inputs.rates": input_rates(angles)}, **TIMES)


def draw(sim, path):
    """Draw tuning and weights of a cell at first, and trained in two ways from there."""
    figure = Figure(figsize=(2 * COLUMN_WIDTH, 2.6), layout="constrained")
    left, right = figure.subplots(1, 2)

    def add(label):
        line_with_band(
            SHOWN,
            tuning(sim)[:, :, CELL],
            xlabel="orientation (°)",
            ylabel="rate (Hz)",
            label=label,
            over="trials",
            axes=left,
        )
        weights = np.asarray(sim["synapses"].w).reshape(N_INPUTS, N_CELLS)
        right.plot(PREFERRED, weights[:, CELL], lw=1.4)

    add("before")
    start = sim.snapshot()
    for angle in TRAINED:
        sim.restore(start)
        train(sim, angle)
        add(f"trained at {angle}°")
        left.axvline(angle, color=left.lines[-1].get_color(), lw=0.8, ls=":")
    for axes in (left, right):
        axes.set_xticks([0, 45, 90, 135, 180])
    right.set_xlabel("orientation the input prefers (°)")
    right.set_ylabel("weight")
    figure.savefig(path, dpi=150)


def main(folder):
    """Make all figures in `folder`."""
    set_device("neurosim")
    draw(tuned_network(), folder / "trials_tuning.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
