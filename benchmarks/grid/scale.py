"""A grid of 100 000 points: how soon it starts, what it keeps in memory, how fast it is written.

Points are not run: their outcomes are handed over as a sweep of one compiled network does, so that
what is measured is the grid and not a protocol. ``python benchmarks/grid/scale.py [POINTS]``.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import neurosim
from neurosim.grid import open as open_grid
from neurosim.grid.definition import define
from neurosim.grid.folder import GridFolder
from neurosim.grid.point import DONE, Outcome, Variable
from neurosim.grid.store import Store


@neurosim.protocol
def cheap(run, *, gain: float = 1.0): ...


def peak_mb():
    """Return the largest resident memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def outcome(point):
    """Return what a point with three metrics leaves."""
    values = {f"metrics/{name}": Variable(np.float64(point), (), "1", name) for name in "abc"}
    return Outcome(point, DONE, values)


def main(n_points):
    """Print the measurements."""
    with tempfile.TemporaryDirectory() as place:
        before, began = peak_mb(), time.perf_counter()
        definition = define(
            cheap, {"gain": f"0:1:{n_points // 100}", "seed": "0:100"}, metrics_only=True
        )
        folder = GridFolder(Path(place) / "g")
        with folder.claimed(definition, resume=False, shard=None):
            store = Store(folder, definition)
            tasks = store.tasks(cheap)
            first = next(tasks)
            print(
                f"first of {definition.n_points} points after {time.perf_counter() - began:.2f} s"
            )
            print(f"manifest {folder.manifest.stat().st_size / 1e6:.2f} MB")
            began = time.perf_counter()
            store.record(outcome(first.point))
            for task in tasks:
                store.record(outcome(task.point))
            store.close()
        rate = definition.n_points / (time.perf_counter() - began)
        print(f"{rate:.0f} outcomes/s recorded, memory grew by {peak_mb() - before:.0f} MB")
        began = time.perf_counter()
        with open_grid(folder.path) as found:
            mean = float(found["a"].mean())
        print(f"results opened and averaged in {time.perf_counter() - began:.2f} s ({mean:.1f})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
