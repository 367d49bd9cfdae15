"""What recording costs, beside h5py writing the same array alone.

    python -m benchmarks.engine.recording [--repeat 5] [--folder FOLDER]

from the root of the repository. The network is COBA, 4000 neurons for 1 s in 10 000 steps, without
its spike monitor. Variants take turns in one process; a cost is the wall time of ``run()``, and of
closing the file, above that of the same network without monitors in the same repetition.

state, memory
    A StateMonitor of all v at every step: 320 MB, float64.
state, file; closed
    The same streamed to a trace file: 160 MB, float32, not compressed because SONATA reports are
    not; then with the time of closing the file too.
h5py
    h5py writing a ready array of that type and size alone, with the chunks of the trace file: all
    rows at once, or as they come, 128 rows at a time.
spikes, memory; file; closed
    A SpikeMonitor.
ten idle monitors
    StateMonitors of all v whose clock ticks in the very first step alone, which is not timed.
"""

import argparse
import statistics
import tempfile
import time
import warnings
from pathlib import Path

import brian2
import h5py
import numpy as np
from brian2 import Network, SpikeMonitor, StateMonitor

from benchmarks.engine import workloads
from neurosim.traces import record
from neurosim.traces.columns import chunk_shape

COBA = workloads.load("coba")
N_STEPS, ROWS_AT_ONCE = 10_000, 128


def build(make_monitors):
    """Return COBA with monitors of its neurons, compiled and one step old, and the monitors."""
    neurons, *synapses, _ = COBA.build()
    neurons_and_monitors = make_monitors(neurons)
    network = Network(neurons, *synapses, *neurons_and_monitors)
    run(network, brian2.defaultclock.dt)
    return network, neurons_and_monitors


def have_memory_at_hand():
    """Touch and free memory: the first touch of a page in a virtual machine takes far longer."""
    np.ones(N_STEPS * COBA.N)


def run(network, duration):
    """Run a network; return the seconds its loop took."""
    have_memory_at_hand()
    network.run(duration, namespace=vars(COBA))
    return brian2.get_device()._last_run_time


def no_monitors(neurons):
    """Return no monitors."""
    return []


def all_potentials(neurons):
    """Return a monitor of all v at every step."""
    return [StateMonitor(neurons, "v", record=True)]


def spikes(neurons):
    """Return a spike monitor."""
    return [SpikeMonitor(neurons)]


def idle(neurons):
    """Return monitors that record nothing but, some of them, in the very first step."""
    dt = 2 * COBA.DURATION
    return [StateMonitor(neurons, "v", record=True, dt=dt) for _ in range(10)]


def recorded(make_monitors):
    """Return the seconds of a run with monitors."""
    network, _ = build(make_monitors)
    return run(network, COBA.DURATION)


def streamed(make_monitors, path):
    """Return the seconds of a run that streams to a file, and with those of closing the file."""
    network, [monitor] = build(make_monitors)
    with record(network, monitor, to=path, overwrite=True):
        took = run(network, COBA.DURATION)
        started = time.perf_counter()
    return took, took + time.perf_counter() - started


def written(dtype, n_at_once, path, **storage):
    """Return the seconds h5py takes to write as many values alone."""
    shape = N_STEPS, COBA.N
    rows = np.random.default_rng(1).normal(size=shape).astype(dtype)
    chunks = chunk_shape(rows.dtype, shape)
    path.unlink(missing_ok=True)
    have_memory_at_hand()
    started = time.perf_counter()
    with h5py.File(path, "w") as file:
        data = file.create_dataset("v", shape=shape, dtype=dtype, chunks=chunks, **storage)
        for first in range(0, N_STEPS, n_at_once):
            data[first : first + n_at_once] = rows[first : first + n_at_once]
    return time.perf_counter() - started


def repetition(path):
    """Return the seconds of everything, once."""
    bare = recorded(no_monitors)
    potentials, potentials_closed = streamed(all_potentials, path)
    events, events_closed = streamed(spikes, path)
    return {
        "loop without monitors": bare,
        "state, memory": recorded(all_potentials) - bare,
        "state, file": potentials - bare,
        "state, file, closed": potentials_closed - bare,
        "h5py, float32, at once": written("f4", N_STEPS, path),
        "h5py, float32, as they come": written("f4", ROWS_AT_ONCE, path),
        "h5py, float64, at once": written("f8", N_STEPS, path),
        "h5py, float64, as they come": written("f8", ROWS_AT_ONCE, path),
        "spikes, memory": recorded(spikes) - bare,
        "spikes, file": events - bare,
        "spikes, file, closed": events_closed - bare,
        "ten idle monitors": recorded(idle) - bare,
    }


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeat", type=int, default=5, help="repetitions")
    parser.add_argument("--folder", help="where files are written; by default a temporary one")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    brian2.prefs.codegen.target = "numpy"
    brian2.set_device("neurosim")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder) / "recording.h5"
        repetition(path)  # compiles
        records = [repetition(path) for _ in range(options.repeat)]
    print("| what | s, median | least | largest |\n|---|---|---|---|")
    for name in records[0]:
        found = sorted(record[name] for record in records)
        cells = (f"{value:.4f}" for value in (statistics.median(found), found[0], found[-1]))
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
