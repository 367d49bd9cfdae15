r"""What this machine can do at best with a workload's bare arithmetic, in this process.

    python -m benchmarks.engine.limits --neurons 4000 --targets 4000 --synapses 300000 \
        --fan-out 80 --output FILE

Three loops of hand-written numba code, of the workload's own sizes, without all else a simulation
needs (random numbers, refractoriness, plasticity, monitors, the queue of spikes):

``event_s``
    Per synaptic event: sources drawn at random add one weight to their random targets, which lie
    side by side: one list, read in stretches of the mean number of synapses per source.
``update_s``
    Per variable of a neuron and step: v = a v + b g + c, g = d g, and the comparison of v with a
    threshold; LLVM makes it vector instructions.
``exponential_s``
    Per exponential: that of :mod:`neurosim.kernels.math`, a polynomial in vector instructions.

The fastest of several passes and repetitions counts, because a limit is a limit. It bounds networks
of spikes well; sums over synapses in every step can be faster, where they follow their targets.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from numba import njit

from neurosim.kernels.math import exp

__all__ = ["limit_seconds", "main"]

_PASSES = 5


@njit(error_model="numpy")
def _scatter(targets, sources, fan_out, weight, total):
    for source in sources:
        for k in range(source * fan_out, (source + 1) * fan_out):
            total[targets[k]] += weight


@njit(error_model="numpy")
def _update(v, g, is_above, a, b, c, d, theta, n_steps):
    for _ in range(n_steps):
        for i in range(len(v)):
            new = a * v[i] + b * g[i] + c
            v[i] = new
            g[i] = d * g[i]
            is_above[i] = new > theta


@njit(error_model="numpy")
def _exponentials(x, y, n_steps):
    for _ in range(n_steps):
        for i in range(len(x)):
            y[i] = exp(x[i])


def _fastest(function, *arguments):
    """Return the shortest time of a call in seconds; the first call compiles."""
    function(*arguments)
    times = []
    for _ in range(_PASSES):
        started = time.perf_counter()
        function(*arguments)
        times.append(time.perf_counter() - started)
    return min(times)


def event_seconds(n_targets, n_synapses, fan_out, rng):
    """Return the time per synaptic event."""
    fan_out = max(round(fan_out), 1)
    n_sources = max(n_synapses // fan_out, 1)
    targets = rng.integers(0, n_targets, n_sources * fan_out, dtype=np.int32)
    n_spikes = 5_000_000 // fan_out + 1
    sources = rng.integers(0, n_sources, n_spikes)
    total = np.zeros(n_targets)
    return _fastest(_scatter, targets, sources, fan_out, 0.5, total) / (n_spikes * fan_out)


def neuron_seconds(n_neurons, rng):
    """Return the times per updated variable and per exponential."""
    n_steps = 5_000_000 // n_neurons + 1
    v, g = rng.random(n_neurons), rng.random(n_neurons)
    is_above = np.zeros(n_neurons, np.bool_)
    # No decay: subnormal numbers would be slow.
    update = _fastest(_update, v, g, is_above, 0.9, 0.1, 0.01, 1.0, 2.0, n_steps)
    exponential = _fastest(_exponentials, -rng.random(n_neurons), v, n_steps)
    return update / (2 * n_neurons * n_steps), exponential / (n_neurons * n_steps)


def limit_seconds(limits, work, exponentials):
    """Return the time in which the machine's limits would let a workload be done.

    Parameters
    ----------
    limits : dict
        A record of this module.
    work : dict
        See :func:`benchmarks.engine.counting.describe`.
    exponentials : int
        Per neuron and step.
    """
    return (
        limits["event_s"] * work["events"]
        + limits["update_s"] * work["updates"]
        + limits["exponential_s"] * exponentials * work["neuron_updates"]
    )


def main(arguments=None):
    """Measure and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name in ("neurons", "targets", "synapses"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--fan-out", type=float, required=True)
    parser.add_argument("--output", type=Path, required=True, help="JSON file to write")
    options = parser.parse_args(arguments)
    rng = np.random.default_rng(0)
    event = 0.0
    if options.synapses:
        event = event_seconds(options.targets, options.synapses, options.fan_out, rng)
    update, exponential = neuron_seconds(options.neurons, rng)
    record = {
        "status": "ok",
        "event_s": event,
        "update_s": update,
        "exponential_s": exponential,
    }
    options.output.write_text(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
