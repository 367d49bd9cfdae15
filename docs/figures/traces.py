"""The figures of docs/traces.md: ``python docs/figures/traces.py [FOLDER]``.

Without a folder they replace the ones beside this script.
"""

import sys
import tempfile
from pathlib import Path

from brian2 import (
    Network,
    NeuronGroup,
    Synapses,
    ms,
    mV,
    second,
    seed,
    set_device,
)
from matplotlib.figure import Figure

from neurosim import analysis, plots
from neurosim.plots.panels import COLUMN_WIDTH
from neurosim.traces import TraceFile, record

N_CELLS, STOP = 400, 4.0


def record_bursts(path):
    """Record a population that excites itself into bursts, and tires.

    Cells are driven by noise and excite each other; each spike leaves a current that holds its
    cell back for a third of a second.
    """
    seed(4)
    cells = NeuronGroup(
        N_CELLS,
        """
        dv/dt = (-53*mV - v + g - w)/(15*ms) + 3*mV*xi*sqrt(2/(15*ms)) : volt (unless refractory)
        dg/dt = -g/(5*ms) : volt
        dw/dt = -w/(300*ms) : volt
        """,
        threshold="v > -50*mV",
        reset="v = -60*mV; w += 1*mV",
        refractory=3 * ms,
        method="euler",
        name="cells",
    )
    cells.v = -60 * mV
    synapses = Synapses(cells, cells, on_pre="g_post += 1.4*mV", delay=1.5 * ms)
    synapses.connect(p=0.1)
    network = Network(cells, synapses)
    every, index = {"cells.v": 1 * ms, "cells.w": 10 * ms}, {"cells.v": [0, 1, 2]}
    with record(network, ["cells.spikes", *every], to=path, every=every, index=index):
        network.run(STOP * second)


def draw_recording(traces, path):
    """Draw spikes with their rate, potentials of three cells, and the mean adaptation."""
    figure = Figure(figsize=(2 * COLUMN_WIDTH, 3.4), layout="constrained")
    spikes, potential, adaptation = figure.subplot_mosaic("AB;AC").values()
    times, neurons = analysis.recorded_spikes(traces, "cells")
    plots.raster_with_rate(
        times, neurons, n_neurons=N_CELLS, stop=STOP, bin_width=0.01, axes=spikes
    )
    v, w = traces.report("cells.v"), traces.report("cells.w")
    plots.variable_traces(v.times_ms / 1000, 1000 * v.values, name="v", units="mV", axes=potential)
    potential.set_xlim(1, 2)
    mean = 1000 * w.values.mean(axis=1)
    plots.variable_traces(w.times_ms / 1000, mean, name="mean w", units="mV", axes=adaptation)
    adaptation.set_xlim(0, STOP)
    figure.savefig(path, dpi=150)


def main(folder):
    """Make all figures in `folder`."""
    set_device("neurosim")
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "bursts.h5"
        record_bursts(path)
        traces = TraceFile(path)
        draw_recording(traces, folder / "traces_recording.png")
        plots.overview(traces).savefig(folder / "traces_overview.png", dpi=100)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
