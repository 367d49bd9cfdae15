"""Record 10^8 values and watch the memory of the process, and the speed.

    python benchmarks/traces/memory.py

Three kinds of rows, each 10^8 values: a report of noise (float32, SONATA, not compressed), noise as
an ordinary trace (float64 rounded to three digits, compressed), spikes. Each runs in a process of
its own.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from neurosim.traces import TraceFile, TraceWriter

N_VALUES = 100_000_000
N_COLUMNS = 1_000


def report(traces, rng, n_rows):
    """Record rows of a report."""
    rows = rng.normal(-65, 5, (n_rows, N_COLUMNS)).astype(np.float32)
    for _ in range(N_VALUES // rows.size):
        traces.append_report("exc.v", rows, step_ms=0.1, units="mV", description="Potential")


def trace(traces, rng, n_rows):
    """Record rows of an ordinary trace."""
    rows = rng.normal(size=(n_rows, N_COLUMNS)).round(3)
    for _ in range(N_VALUES // rows.size):
        traces.append("net/noise", rows, dims=("step", "unit"), description="Noise")


def spikes(traces, rng, n_rows):
    """Record spikes, two values each, ordered in time."""
    n_spikes = n_rows * N_COLUMNS
    node_ids = rng.integers(0, 10_000, n_spikes)
    times = np.sort(rng.random(n_spikes))
    for number in range(N_VALUES // (2 * n_spikes)):
        traces.append_spikes("exc", node_ids, times + number)


KINDS = {"report": report, "trace": trace, "spikes": spikes}


def resident_mb():
    """Return the largest resident memory so far in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def one(kind, path):
    """Record one kind; print its line of the table."""
    rng = np.random.default_rng(0)
    with TraceWriter(f"{path}.warm", protocol="warm", parameters={}, seed=0) as traces:
        traces.flush()
    before = resident_mb()
    began = time.monotonic()
    traces = TraceWriter(path, protocol="memory", parameters={}, seed=0)
    KINDS[kind](traces, rng, 100)
    recorded = time.monotonic()
    n_segments = traces._on_disk[0]
    traces.close()
    closed = time.monotonic()
    grown = resident_mb() - before
    size = Path(path).stat().st_size / 1e6
    assert TraceFile(path).complete
    print(
        f"{kind:8s} {recorded - began:8.1f} s {closed - recorded:8.1f} s "
        f"{N_VALUES / (closed - began) / 1e6:8.1f} {n_segments:9d} {size:9.0f} {grown:9.0f}"
    )


def main():
    """Print the table."""
    print("10^8     recording   closing  M values/s segments      MB   resident growth MB")
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as folder:
            script = [sys.executable, __file__, kind, str(Path(folder) / "run.h5")]
            subprocess.run(script, check=True)


if __name__ == "__main__":
    one(*sys.argv[1:]) if len(sys.argv) > 1 else main()
