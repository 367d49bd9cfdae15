"""A network that is recorded until somebody ends it; as a script, into the file that is named."""

import sys

from brian2 import Network, NeuronGroup, Synapses, ms, prefs, second, set_device

from neurosim.traces import TraceWriter, record

WHAT = ["cells.spikes", "cells.v", "synapses.w"]
N = 50


def recorded(path):
    """Record a network whose every number is known: v rises by 1 per step and is reset at 10."""
    prefs.codegen.target = "numpy"
    set_device("neurosim")
    cells = NeuronGroup(N, "v : 1", threshold="v > 9", reset="v = 0", name="cells", dt=0.1 * ms)
    cells.run_regularly("v += 1", when="start", order=1)
    synapses = Synapses(cells, cells, "w : 1", on_pre="w += 1", name="synapses", dt=0.1 * ms)
    synapses.connect(j="i")
    network = Network(cells, synapses)
    with (
        TraceWriter(path, protocol="endless", parameters={}, seed=0, flush_seconds=0.1) as traces,
        record(network, WHAT, to=traces, every={"synapses.w": 1 * ms}),
    ):
        network.run(1e5 * second)


if __name__ == "__main__":
    recorded(sys.argv[1])
