"""Time and memory before the first step of large networks: connecting, and the first step.

    python -m benchmarks.engine.set_up [--workloads cuba_large] [--repeat 5]

from the root of the repository prints medians; simulators take turns, each measurement in a
process of its own with one thread. One repetition before fills the caches of compiled code and is
not counted.

connect s
    Running the script up to ``run()``. C++: the whole of the program, which connects, and runs one
    step.
first step s
    Wall time of ``run(dt)``: on runtime devices what is left of preparation; compiled code comes
    from the cache.
imports, connected, peak MB
    Resident memory of the process after imports, after connecting, and the largest one until the
    step has ended. C++: that of the program alone, which imports nothing.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

from benchmarks.engine.measure import choose
from benchmarks.engine.simulators import environment

SIMULATORS = ("neurosim", "cpp_standalone", "numpy")
ROOT = Path(__file__).parents[2]
COLUMNS = ("connect_s", "first_step_s", "imports_mb", "connected_mb", "peak_mb")


def resident_mb(field="VmRSS"):
    """Return the resident memory of this process; with ``"VmHWM"`` the largest so far."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def measure(simulator, workload, cache):
    """Return the record of one measurement in this process."""
    from brian2 import Network, defaultclock, device

    from benchmarks.engine import workloads

    warnings.simplefilter("ignore")
    choose(simulator, cache)
    module = workloads.load(workload)
    imports = resident_mb()
    started = time.perf_counter()
    network = Network(module.build())
    connected = time.perf_counter()
    resident = resident_mb()
    network.run(defaultclock.dt, namespace=vars(module))
    ended = time.perf_counter()
    if simulator == "cpp_standalone":
        peak = int((cache / "memory").read_text()) / 1024
        return {"connect_s": device.timers["run_binary"], "peak_mb": peak}
    values = connected - started, ended - connected, imports, resident, resident_mb("VmHWM")
    return dict(zip(COLUMNS, values, strict=True))


def measure_apart(simulator, workload, folder):
    """Return the record of one measurement in a process of its own."""
    cache = folder / f"{simulator}-{workload}"
    cache.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "benchmarks.engine.set_up", "--measure"]
    done = subprocess.run(
        [*command, simulator, workload, str(cache)],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def row_of(workload, simulator, found, reference):
    """Return a row of the table: medians, and the peak relative to that of the C++ program."""
    medians = {column: statistics.median(record[column] for record in found) for column in found[0]}
    cells = [f"{medians[name]:.3g}" if name in medians else "" for name in COLUMNS]
    grown = medians["peak_mb"] - medians.get("imports_mb", 0)
    ratio = medians["peak_mb"] / reference
    return f"| {' | '.join([workload, simulator, *cells, f'{grown:.3g}', f'{ratio:.2f}'])} |"


def compare(workload, repeat, folder):
    """Print the rows of one workload."""
    records = {simulator: [] for simulator in SIMULATORS}
    for number in range(repeat + 1):
        for simulator, found in records.items():
            record = measure_apart(simulator, workload, folder)
            if number > 0:
                found.append(record)
    reference = statistics.median(record["peak_mb"] for record in records["cpp_standalone"])
    for simulator, found in records.items():
        print(row_of(workload, simulator, found, reference), flush=True)


def main():
    """Measure and print the table, or measure once."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--workloads", default="cuba_large,brunel", help="with commas between")
    parser.add_argument("--repeat", type=int, default=5, help="repetitions")
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        simulator, workload, cache = options.measure
        print(json.dumps(measure(simulator, workload, Path(cache))))
        return
    titles = ("connect s", "first step s", "imports MB", "connected MB", "peak MB")
    titles = ("workload", "simulator", *titles, "peak less imports MB", "peak / C++")
    print(f"| {' | '.join(titles)} |\n|{'---|' * len(titles)}")
    with tempfile.TemporaryDirectory() as folder:
        for workload in options.workloads.split(","):
            compare(workload, options.repeat, Path(folder))


if __name__ == "__main__":
    main()
