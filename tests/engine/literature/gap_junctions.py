"""Electrically coupled integrate-and-fire neurons, and what network operations do to them.

Lewis and Rinzel (2003), J Comput Neurosci 14:283-309: a junction passes current in proportion to
the difference of potentials and, at every spike, a fixed share of its height. Below threshold the
difference of two coupled cells decays with the rate 1/tau + 2 w/tau, their mean with 1/tau. A
network operation hands a current from one cell to the next and stops the run when all have fired.
"""

import numpy as np
from brian2 import (
    NeuronGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    ms,
    network_operation,
    run,
    start_scope,
    stop,
)

tau, w = 10 * ms, 0.2

equations = """
dv/dt = (drive - v + junction)/tau : 1
junction : 1
drive : 1
"""


def coupled(n):
    """Return a chain of cells joined by junctions, and the junctions."""
    cells = NeuronGroup(n, equations, threshold="v > 1", reset="v = 0", method="euler")
    junctions = Synapses(
        cells,
        cells,
        "junction_post = w*(v_pre - v_post) : 1 (summed)",
        on_pre="v_post += 0.02",
    )
    junctions.connect(condition="abs(i - j) == 1")
    return cells, junctions


def decay(duration=20 * ms):
    """Return the potentials of two cells below threshold, and the time."""
    start_scope()
    cells, junctions = coupled(2)  # noqa: RUF059
    cells.v = [0.9, 0.1]
    monitor = StateMonitor(cells, "v", record=True)
    run(duration)
    return {"v": monitor.v[:], "t": monitor.t / ms}


def main(n=6, longest=500 * ms):
    """Drive one cell after the other until all have fired; return spikes and when that was."""
    start_scope()
    cells, junctions = coupled(n)  # noqa: RUF059
    spikes = SpikeMonitor(cells)
    monitor = StateMonitor(cells, ("v", "drive"), record=True)

    @network_operation(dt=10 * ms)
    def hand_on(t):
        driven = int(t / (10 * ms)) % n
        cells.drive = np.where(np.arange(n) == driven, 2.0, 0.0)
        if np.all(spikes.count > 0):
            stop()

    run(longest)
    return {
        "i": spikes.i[:],
        "t": spikes.t / ms,
        "v": monitor.v[:],
        "drive": monitor.drive[:],
        "end": np.array(monitor.t[-1] / ms),
    }


if __name__ == "__main__":
    print(main()["end"], "ms until all have fired")
