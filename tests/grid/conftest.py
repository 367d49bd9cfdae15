"""A tiny protocol whose points can be made to fail, hang or die, and what grids are compared by."""

import os
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

import neurosim

PROTOCOL = '''
"""A protocol whose points do what files in a folder tell them to do."""
import os
import signal
import time
from pathlib import Path

import numpy as np

import neurosim


@neurosim.protocol
def meter(run, *, gain: float = 1.0, shift: int = 0, mode: str = "plain", folder: str = "",
          seed: int = 0):
    """Measure.

    Parameters
    ----------
    gain : float
        Factor of everything.
    """
    if folder:
        with open(f"{folder}/ledger", "a") as ledger:
            ledger.write(f"{gain!r} {shift} {seed}\\\\n")
        trouble(Path(folder), shift)
    rng = np.random.default_rng([seed, shift])
    wave = gain * rng.normal(size=4 + shift % 3)
    run.write("net/wave", wave, dims=("step",), units="mV", description="a wave")
    run.metric("level", float(wave.sum()), units="mV", description="sum of the wave")
    run.metric("net/count", len(wave))
    if mode == "more":
        run.metric("extra", 1.5)


def trouble(folder, shift):
    if (folder / f"slow-{shift}").exists():
        time.sleep(float((folder / f"slow-{shift}").read_text()))
    if (folder / f"fail-{shift}").exists():
        print("about to fail")
        raise ValueError("seven\\\\nlines")
    if (folder / f"die-{shift}").exists():
        print("last words", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    if (folder / f"hang-{shift}").exists():
        time.sleep(600)
    if (folder / f"eat-{shift}").exists():
        np.empty(6 << 30, np.int8)


if __name__ == "__main__":
    meter.main()
'''.replace("\\\\", "\\")

ROOT = Path(neurosim.__file__).parents[1]


@pytest.fixture
def meter(tmp_path, monkeypatch):
    """Path of the protocol's script, in an empty folder that is the current one."""
    from neurosim.experiment import registry
    from neurosim.grid import point

    monkeypatch.setattr(registry, "_protocols", dict(registry._protocols))
    monkeypatch.setattr(point, "_loaded", {})
    monkeypatch.delitem(sys.modules, "meter", raising=False)
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "meter.py"
    path.write_text(PROTOCOL)
    yield str(path)
    sys.modules.pop("meter", None)


@pytest.fixture
def orders(tmp_path):
    """A folder whose files tell points what to do; see `trouble` in the protocol."""
    folder = tmp_path / "orders"
    folder.mkdir()
    return folder


@pytest.fixture
def start_grid(start):
    """Start ``neurosim grid`` with arguments in a process of its own."""

    def start_grid(*arguments, **options):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        return start("-m", "neurosim", "grid", *arguments, env=environment, **options)

    return start_grid


@pytest.fixture
def run_command():
    """Return a function that runs a command in this process and returns its status."""
    from neurosim.cli import main

    def run_command(*arguments):
        try:
            return main([str(argument) for argument in arguments])
        except SystemExit as end:
            return end.code

    return run_command


@pytest.fixture
def data_of():
    """Return a function that returns all data and attributes of a grid's results as bytes."""

    def data_of(folder):
        found = {}
        with h5py.File(Path(folder) / "results.nc", "r") as file:
            found["/"] = {key: str(value) for key, value in file.attrs.items()}
            for name, dataset in file.items():
                values = dataset[()]
                raw = values.tolist() if values.dtype.kind == "O" else values.tobytes()
                labels = {
                    key: np.asarray(value).tolist()
                    for key, value in dataset.attrs.items()
                    if key not in ("REFERENCE_LIST", "DIMENSION_LIST")
                }
                found[name] = (str(values.dtype), values.shape, raw, labels)
        return found

    return data_of


@pytest.fixture
def computed(orders):
    """Return a function that returns what was computed, in order, as lines of the ledger."""
    ledger = orders / "ledger"
    return lambda: ledger.read_text().splitlines() if ledger.exists() else []


@pytest.fixture
def wait_until():
    """Return a function that waits for a condition; it fails where a process ends before."""

    def wait_until(condition, process=None, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            if process is not None and process.poll() is not None and not condition():
                raise RuntimeError(f"ended with {process.returncode}: {process.stderr.read()}")
            if time.monotonic() > end:
                raise TimeoutError(f"waited {seconds} s in vain")
            time.sleep(0.005)

    return wait_until
