"""Running one network on Brian 2's NumPy target and on the device."""

import brian2
import numpy as np
import pytest
from brian2 import Network, prefs, set_device, start_scope

import neurosim  # noqa: F401 - registers the device


@pytest.fixture(autouse=True)
def brian_as_it_was(tmp_path_factory, monkeypatch):
    """Leave device and preferences as they were, and keep compiled loops for all tests."""
    folder = tmp_path_factory.getbasetemp() / "loops"
    monkeypatch.setenv("NEUROSIM_CACHE", str(folder))
    dtype = prefs.core.default_float_dtype
    yield
    prefs.core.default_float_dtype = dtype
    set_device("runtime")


def run_network(device, build, durations, dtype=np.float64):
    """Return every array of a network after runs: by object and variable."""
    prefs.codegen.target = "numpy"
    prefs.core.default_float_dtype = dtype
    set_device(device)
    start_scope()
    brian2.defaultclock.dt = 0.1 * brian2.ms
    objects = build()
    change = objects.pop() if callable(objects[-1]) else lambda: None
    network = Network(objects)
    for number, duration in enumerate(durations):
        if number == 1:
            change()
        network.run(duration * brian2.ms)
    states = {}
    for number, obj in enumerate(objects):
        for name, variable in obj.variables.items():
            if getattr(variable, "array", False) and not name.startswith("_"):
                states[f"{number} {name}"] = np.array(variable.get_value())
    return states


@pytest.fixture
def compare():
    """Run a network both ways and compare every array."""

    def compare(build, durations=(5,), dtype=np.float64, tolerance=1e-12):
        expected = run_network("runtime", build, durations, dtype)
        actual = run_network("neurosim", build, durations, dtype)
        assert expected.keys() == actual.keys()
        for name, values in expected.items():
            if values.dtype.kind == "f" and values.size:
                scale = np.nanmax(np.abs(values[np.isfinite(values)]), initial=0)
                np.testing.assert_allclose(
                    actual[name], values, rtol=0, atol=tolerance * scale, err_msg=name
                )
            else:
                np.testing.assert_array_equal(actual[name], values, err_msg=name)
        return actual

    return compare
