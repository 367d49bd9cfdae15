"""What a cheap point costs: a sweep of one network, beside Brian 2 in a pool of processes.

    python -m benchmarks.grid.sweep [--points 10000] [--theirs 100] [--workers 2] [--out FILE]

1000 integrate-and-fire neurons run for 0.2 s at every point of a grid of drive and time constant;
the mean rate is kept. Brian 2's Cython target is timed twice: with a network made anew at every
point, as scripts do, and with one network per process that is restored. Processes are started and
code is compiled before the clock starts. A loop written by hand says what the machine can do. All
compute the same numbers.
"""

import argparse
import itertools
import json
import multiprocessing
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numba
import numpy as np

N, DURATION, STEP = 1000, 0.2, 1e-4
MODEL = "dv/dt = (drive - v)/tau : 1"


def points(n_points):
    """Return the axes of the grid: drives, and time constants in ms."""
    n_drives = round(n_points**0.5)
    return np.linspace(0.8, 1.8, n_drives), np.linspace(5, 25, -(-n_points // n_drives))


def build():
    """Return a network, its group and its monitor."""
    from brian2 import Network, NeuronGroup, SpikeMonitor, start_scope

    start_scope()
    group = NeuronGroup(N, MODEL, threshold="v > 1", reset="v = 0", method="exact", name="cells")
    group.v = np.linspace(0, 0.9, N)
    spikes = SpikeMonitor(group, record=False, name="spikes")
    return Network(group, spikes), group, spikes


def time_ours(n_points, workers, out):
    """Return seconds to prepare, seconds of the sweep, and the mean rates."""
    from brian2 import ms, second, set_device

    import neurosim

    set_device("neurosim")
    started = time.perf_counter()
    # Both must outlive the lines that made them.
    network, *_objects = build()
    sim = neurosim.Simulation(network, {"drive": 1.0, "tau": 10 * ms})
    ready = time.perf_counter()
    drives, taus = points(n_points)
    found = sim.sweep(
        {"drive": drives, "tau": taus * ms},
        DURATION * second,
        record=["spikes.mean_rate"],
        workers=workers,
        out=out,
    )
    return ready - started, time.perf_counter() - ready, found["spikes.mean_rate"].values.ravel()


_known = {}


def _prepare():
    import brian2

    brian2.prefs.codegen.target = "cython"
    brian2.BrianLogger.log_level_error()
    _known["network"] = build()
    network = _known["network"][0]
    network.store()
    network.run(STEP * brian2.second, namespace={"drive": 1.0, "tau": 10 * brian2.ms})


def _restored(point):
    import brian2

    drive, tau = point
    network, _, spikes = _known["network"]
    network.restore()
    network.run(DURATION * brian2.second, namespace={"drive": drive, "tau": tau * brian2.ms})
    return float(np.mean(spikes.count)) / DURATION


def _made_anew(point):
    import brian2

    drive, tau = point
    network, _, spikes = build()
    network.run(DURATION * brian2.second, namespace={"drive": drive, "tau": tau * brian2.ms})
    return float(np.mean(spikes.count)) / DURATION


def time_theirs(function, n_points, workers):
    """Return seconds for points on Brian 2 in a pool of processes, and the mean rates."""
    grid = list(itertools.product(*points(n_points)))
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers, _prepare) as pool:
        # Every process has compiled, or loaded what was compiled.
        pool.map(function, grid[: 4 * workers], chunksize=1)
        started = time.perf_counter()
        rates = pool.map(function, grid, chunksize=1)
        return time.perf_counter() - started, np.array(rates)


@numba.njit(nogil=True, error_model="numpy")
def _by_hand(drive, tau):
    v, n_spikes = np.linspace(0, 0.9, N), 0
    decay = np.exp(-STEP / tau)
    for _ in range(round(DURATION / STEP)):
        for k in range(N):
            v[k] = drive + (v[k] - drive) * decay
        for k in range(N):
            if v[k] > 1:
                v[k] = 0.0
                n_spikes += 1
    return n_spikes / N / DURATION


def time_by_hand(n_points, workers):
    """Return seconds of a loop written by hand, in threads, and the mean rates."""
    grid = [(drive, tau * 1e-3) for drive, tau in itertools.product(*points(n_points))]
    _by_hand(*grid[0])
    with ThreadPoolExecutor(workers) as pool:
        started = time.perf_counter()
        rates = list(pool.map(lambda point: _by_hand(*point), grid))
        return time.perf_counter() - started, np.array(rates)


def main():
    """Time all of them, one after the other, and print milliseconds per point."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--theirs", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    workers = options.workers
    result = {}
    with tempfile.TemporaryDirectory() as folder:
        preparing, seconds, _ = time_ours(options.points, workers, Path(folder) / "sweep")
        result |= {"preparing_s": preparing, "ours_ms": 1e3 * seconds / options.points}
        # The points that the others compute, to compare the numbers.
        *_, rates = time_ours(options.theirs, workers, Path(folder) / "same")
    for name, function in (("anew", _made_anew), ("restored", _restored)):
        seconds, their_rates = time_theirs(function, options.theirs, workers)
        np.testing.assert_allclose(rates, their_rates)
        result[f"{name}_ms"] = 1e3 * seconds / options.theirs
    seconds, _ = time_by_hand(options.points, workers)
    result["by_hand_ms"] = 1e3 * seconds / options.points
    result |= {"load": os.getloadavg()[0], "points": options.points, "workers": workers}
    print(json.dumps(result, indent=1))
    if options.out is not None:
        options.out.write_text(json.dumps(result))


if __name__ == "__main__":
    main()
