"""What threads gain, by the size of the network: CUBA with 80 synapses per neuron.

    python -m benchmarks.engine.threads [--sizes 4000,16000,100000] [--threads 2] [--repeat 5]

One thread and several take turns in one process, on the same network from the same state. The
results must be the same bits; the table says so. On a machine whose processors are not idle the
figures say nothing about threads.
"""

import argparse
import hashlib
import os
import statistics

import brian2
import numpy as np

import neurosim  # noqa: F401 - registers the device
from benchmarks.engine.workloads import cuba

SIZES = "4000,8000,16000,32000,64000,100000"


def digest(objects):
    """Return a digest of all that a run has computed."""
    neurons, *_, spikes = objects
    arrays = [neurons.v, neurons.g_e, neurons.g_i, spikes.i, spikes.t]
    parts = [np.ascontiguousarray(np.asarray(array)).tobytes() for array in arrays]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def measure(size, n_threads, repeat, duration):
    """Return loop times by number of threads, and whether results were the same."""
    brian2.start_scope()
    objects = cuba.build(N=size, p=80 / size)
    network = brian2.Network(objects)
    network.store()
    times, digests = {1: [], n_threads: []}, set()
    # The first round compiles.
    for round_number in range(repeat + 1):
        for number, known in times.items():
            brian2.prefs.devices.neurosim.threads = number
            network.restore()
            network.run(duration, namespace=vars(cuba))
            digests.add(digest(objects))
            if round_number:
                known.append(brian2.device._last_run_time)
    return times, len(digests) == 1


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", default=SIZES)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    brian2.set_device("neurosim")
    print("| neurons | one thread, ms | several, ms | gain | same bits |")
    print("|---|---|---|---|---|")
    for size in map(int, options.sizes.split(",")):
        duration = min(0.1 * 100_000 / size, 0.5) * brian2.second
        times, is_same = measure(size, options.threads, options.repeat, duration)
        one, several = times[1], times[options.threads]
        gains = sorted(a / b for a, b in zip(one, several, strict=True))
        medians = [f"{statistics.median(known) * 1e3:.1f}" for known in (one, several)]
        gain = f"{statistics.median(gains):.2f} [{gains[0]:.2f}, {gains[-1]:.2f}]"
        print(f"| {size} | {' | '.join(medians)} | {gain} | {'yes' if is_same else 'no'} |")
    print(f"\n{options.threads} threads, load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
