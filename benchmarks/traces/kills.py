"""Kill a recording run at 200 random moments and check what each left.

    python benchmarks/traces/kills.py [number of kills]

Every second run writes over an older file; every second killed file is completed by a process
that is killed as well. Prints what was left, in which phase the kills fell, and fails at the
first acknowledged chunk that is missing or file that a plain reader cannot open.
"""

import collections
import importlib.util
import sys
import tempfile
import time
from pathlib import Path

from neurosim.traces import TraceWriter

HARNESS = Path(__file__).parents[2] / "tests" / "traces" / "killed_run.py"


def load_harness():
    """Return the module with which the tests kill runs."""
    spec = importlib.util.spec_from_file_location("killed_run", HARNESS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def old_file(folder):
    """Return the bytes of a finished file of another run."""
    path = folder / "old.h5"
    with TraceWriter(path, protocol="old", parameters={}, seed=0) as traces:
        traces.write("old/metrics/acc", 0.5, description="Accuracy")
    return path.read_bytes()


def phase(lines):
    """Name the moment at which the ledger ends."""
    last = lines[-1].split()[0]
    return {
        "begin": "creating the file",
        "created": "before the first flush was acknowledged",
        "flushed": "recording and flushing",
        "closing": "finalising",
        "closed": "after the end",
    }[last]


def main(n_kills=200):
    """Print a table of phases and outcomes."""
    harness = load_harness()
    outcomes = collections.Counter()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        old = old_file(folder)
        duration_s = harness.whole_run(folder)[1]
        for seed in range(n_kills):
            before = old if seed % 2 else None
            path, lines = harness.kill_once(folder, seed, 1.1 * duration_s, before)
            if seed % 4 < 2 and path.exists():
                harness.kill_completion(path, seed, 0.3 * duration_s)
            found = harness.check(path, lines, before)
            outcomes[phase(lines), found] += 1
            path.unlink(missing_ok=True)
    print(f"{'killed while':42s} {'left':12s} kills")
    for (moment, found), count in sorted(outcomes.items()):
        print(f"{moment:42s} {found:12s} {count:5d}")
    print(f"{n_kills} kills, nothing lost, {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
