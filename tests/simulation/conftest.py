"""The device in every test of simulations."""

import pytest
from brian2 import set_device


@pytest.fixture(autouse=True)
def device(tmp_path_factory, monkeypatch):
    """Use the device in every test, with compiled loops kept for all of them."""
    folder = tmp_path_factory.getbasetemp() / "loops"
    monkeypatch.setenv("NEUROSIM_CACHE", str(folder))
    yield
    set_device("runtime")
