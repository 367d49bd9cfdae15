"""What several tests of trace files share."""

import importlib.util
from pathlib import Path

import pytest

from neurosim.traces import TraceWriter


@pytest.fixture(scope="session")
def killed_run():
    """The module that starts, kills and checks runs."""
    place = Path(__file__).with_name("killed_run.py")
    spec = importlib.util.spec_from_file_location("killed_run", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def new_writer(tmp_path):
    """Return a function that begins a trace file in the test's folder."""

    def begin(name="run.h5", **options):
        defaults = {"protocol": "test", "parameters": {"tasks": 2}, "seed": 3}
        return TraceWriter(tmp_path / name, **(defaults | options))

    return begin
