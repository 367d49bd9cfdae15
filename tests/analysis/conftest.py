"""The random generator of a test's own, and processes whose measures theory knows."""

import importlib.util
from pathlib import Path

import pytest

from neurosim.randomness import generator


@pytest.fixture
def rng(request):
    return generator(0, request.node.name)


@pytest.fixture(scope="session")
def processes():
    """The module `processes.py` of this folder."""
    place = Path(__file__).with_name("processes.py")
    spec = importlib.util.spec_from_file_location("processes", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
