"""What a run costs over its steps: the first, an unchanged second one, one with other constants.

``python -m benchmarks.engine.second_run [--device runtime]`` prints medians over 50 runs of one
step of a network of ten objects (two groups, three synapses, five monitors).
"""

import argparse
import statistics
import time

import brian2
from brian2 import (
    Network,
    NeuronGroup,
    PopulationRateMonitor,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    ms,
    mV,
)

import neurosim  # noqa: F401 - registers the device


def build():
    """Return a network of ten objects."""
    groups = [
        NeuronGroup(
            n,
            "dv/dt = (E - v + g)/tau : volt (unless refractory)\ndg/dt = -g/(5*ms) : volt",
            threshold="v > -50*mV",
            reset="v = -60*mV",
            refractory=5 * ms,
            method="exact",
        )
        for n in (800, 200)
    ]
    excitation, inhibition = groups
    synapses = [
        Synapses(excitation, excitation, on_pre="g += w"),
        Synapses(excitation, inhibition, on_pre="g += w"),
        Synapses(inhibition, excitation, on_pre="g -= 9*w"),
    ]
    for projection in synapses:
        projection.connect(p=0.02)
    monitors = [
        *map(SpikeMonitor, groups),
        *map(PopulationRateMonitor, groups),
        StateMonitor(excitation, "v", record=[0, 1]),
    ]
    return Network(*groups, *synapses, *monitors)


def run_and_time(network, **changed):
    """Return the milliseconds one step took, less those of the loop itself."""
    names = {"E": -49 * mV, "tau": 20 * ms, "w": 0.4 * mV, **changed}
    started = time.perf_counter()
    network.run(0.1 * ms, namespace=names)
    device = brian2.get_device()
    return (time.perf_counter() - started - (device._last_run_time or 0)) * 1e3


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--device", default="neurosim", choices=["neurosim", "runtime"])
    brian2.set_device(parser.parse_args().device)
    network = build()
    first = run_and_time(network)
    unchanged = [run_and_time(network) for _ in range(50)]
    changed = [run_and_time(network, w=(0.3 + 0.01 * k) * mV) for k in range(50)]
    print(f"first run          {first:8.1f} ms")
    print(f"unchanged          {statistics.median(unchanged):8.1f} ms")
    print(f"changed constants  {statistics.median(changed):8.1f} ms")


if __name__ == "__main__":
    main()
