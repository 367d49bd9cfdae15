"""Fixtures shared by tests of the command line."""

import subprocess
import sys

import pytest


def pytest_addoption(parser):
    """Let the equality of networks be tested with optimisations off, and with several threads."""
    group = parser.getgroup("neurosim")
    group.addoption("--without", action="append", default=[], help="an optimisation to turn off")
    group.addoption("--threads", type=int, default=0, help="threads of every network")


SCRIPT = '''
"""A protocol for tests."""
from typing import Annotated

import numpy as np

import neurosim


def draw(traces):
    from matplotlib.figure import Figure

    figure = Figure()
    figure.subplots().plot(traces["walk/path"].values)
    return figure


@neurosim.protocol(figure=draw)
def walk(
    run,
    *,
    steps: Annotated[int, neurosim.Range(1, None)] = 5,
    rate: Annotated[float, neurosim.Range(0, None)] = 0.5,
    fail: bool = False,
    seed: int = 0,
):
    """Walk at random.

    Parameters
    ----------
    steps : int
        How many steps to take.
    """
    rng = np.random.default_rng(seed)
    with run.progress(steps, "walking") as bar:
        for _ in range(steps):
            run.append("walk/path", rng.random(1), dims=("step",), units="mm",
                       description="position")
            bar.update(1)
    run.append_spikes("walkers", [0, 1], [1.0, 2.5])
    run.say(f"took {steps} steps")
    if fail:
        raise ValueError("seven")
    run.metric("rate", rate, description="the rate")


if __name__ == "__main__":
    walk.main()
'''


@pytest.fixture(scope="session", autouse=True)
def everything_registered():
    """Import models and protocols once: tests replace the registers by copies of themselves."""
    from neurosim.experiment import registry

    registry.models()
    registry.protocols()


@pytest.fixture
def script(tmp_path, monkeypatch):
    """A protocol script `walk.py` in an empty folder that is the current one."""
    from neurosim.experiment import registry

    monkeypatch.setattr(registry, "_protocols", dict(registry._protocols))
    monkeypatch.delitem(sys.modules, "walk", raising=False)
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "walk.py"
    path.write_text(SCRIPT)
    yield path
    sys.modules.pop("walk", None)


@pytest.fixture
def start():
    """Start Python with arguments; whatever still runs is killed at the end."""
    running = []

    def start(*arguments, **options):
        process = subprocess.Popen(
            [sys.executable, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()
