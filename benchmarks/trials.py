"""What a trial costs: 1000 trials of 10 ms on a network of 100 neurons.

    python -m benchmarks.trials [--trials 1000] [--theirs 20] [--targets cython,numpy]

A trial sets potentials, another constant and the rates of an input, runs, and reads the number of
spikes. On Brian 2's own targets each trial is a ``run()``; as many as ``--theirs`` are timed, after
one that compiles. The loop's own time is told apart: what is left is what calling it costs.
"""

import argparse
import os
import statistics
import time

import brian2
import numpy as np
from brian2 import Hz, Network, NeuronGroup, PoissonGroup, SpikeMonitor, Synapses, ms

import neurosim

N_NEURONS, N_INPUTS = 100, 50


def build():
    """Return a network and its objects by name."""
    brian2.start_scope()
    brian2.seed(1)
    inputs = PoissonGroup(N_INPUTS, 50 * Hz, name="inputs")
    cells = NeuronGroup(
        N_NEURONS,
        "dv/dt = (drive - v)/(10*ms) : 1",
        threshold="v > 1",
        reset="v = 0",
        method="exact",
        name="cells",
    )
    synapses = Synapses(inputs, cells, on_pre="v_post += 0.1", name="synapses")
    synapses.connect(p=0.2)
    spikes = SpikeMonitor(cells, record=False, name="spikes")
    objects = [inputs, cells, synapses, spikes]
    return Network(objects), {obj.name: obj for obj in objects}


def stimuli(n_trials):
    """Return rates and drives of every trial."""
    rng = np.random.default_rng(0)
    return rng.uniform(0, 100, (n_trials, N_INPUTS)) * Hz, rng.uniform(0.8, 1.2, n_trials)


def time_simulation(n_trials):
    """Return the seconds of every trial on a Simulation, and of its loop."""
    brian2.set_device("neurosim")
    network, objects = build()
    sim = neurosim.Simulation(network, {"drive": 1.0})
    rates, drives = stimuli(n_trials)
    times = []
    for trial in range(n_trials):
        started = time.perf_counter()
        sim.set(drive=drives[trial])
        objects["cells"].v_ = 0.0
        objects["inputs"].rates_ = rates[trial]
        sim.run(10 * ms)
        int(objects["spikes"].num_spikes)
        times.append((time.perf_counter() - started, brian2.device._last_run_time))
    return times


def time_overhead(n_runs=500):
    """Return the seconds a bare run costs over its loop, for the network of ten objects."""
    from brian2 import mV

    from benchmarks.engine.second_run import build as build_ten

    brian2.set_device("neurosim")
    sim = neurosim.Simulation(build_ten(), {"E": -49 * mV, "tau": 20 * ms, "w": 0.4 * mV})
    times = []
    for _ in range(n_runs):
        started = time.perf_counter()
        sim.run(1 * ms)
        times.append(time.perf_counter() - started - brian2.device._last_run_time)
    return times


def time_brian(target, n_trials):
    """Return the seconds of every trial on a target of Brian 2's, and of its loop."""
    brian2.set_device("runtime")
    brian2.prefs.codegen.target = target
    network, objects = build()
    rates, drives = stimuli(n_trials + 1)
    times = []
    for trial in range(n_trials + 1):
        started = time.perf_counter()
        objects["cells"].v = 0.0
        objects["inputs"].rates = rates[trial]
        network.run(10 * ms, namespace={"drive": drives[trial]})
        int(objects["spikes"].num_spikes)
        times.append((time.perf_counter() - started, brian2.device._last_run_time))
    return times[1:]


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--theirs", type=int, default=20)
    parser.add_argument("--targets", default="cython,numpy")
    options = parser.parse_args()
    print("| trials on | ms per trial | of it the loop, ms | trials |")
    print("|---|---|---|---|")
    rows = [("neurosim.Simulation", time_simulation(options.trials))]
    for target in filter(None, options.targets.split(",")):
        rows.append((f"Brian 2, {target}", time_brian(target, options.theirs)))
    for name, times in rows:
        whole, loop = (statistics.median(column) * 1e3 for column in zip(*times, strict=True))
        print(f"| {name} | {whole:.3g} | {loop:.3g} | {len(times)} |")
    overhead = statistics.median(time_overhead()) * 1e6
    print(f"\nA bare run of ten objects costs {overhead:.0f} µs over its loop.")
    print(f"Brian 2 {brian2.__version__}, load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
