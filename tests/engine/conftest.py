"""Running one network on Brian 2's NumPy target and on the device."""

import gc

import brian2
import numpy as np
import pytest
from brian2 import Network, StateMonitor, prefs, seed, set_device, start_scope

import neurosim  # noqa: F401 - registers the device
from neurosim.engine import loop
from neurosim.engine.compiler import compile_program


@pytest.fixture(autouse=True)
def brian_as_it_was(tmp_path_factory, monkeypatch, pytestconfig):
    """Leave device and preferences as they were, and keep compiled loops for all tests."""
    for name in pytestconfig.getoption("--without"):
        prefs[f"devices.neurosim.{name}"] = False
    prefs["devices.neurosim.threads"] = pytestconfig.getoption("--threads")
    folder = tmp_path_factory.getbasetemp() / "loops"
    monkeypatch.setenv("NEUROSIM_CACHE", str(folder))
    dtype = prefs.core.default_float_dtype
    yield
    prefs.core.default_float_dtype = dtype
    set_device("runtime")


def prepare(device, dtype=np.float64):
    """Choose a device and forget all objects."""
    # Objects get the names of those that are gone, and names decide the order of what has the
    # same place in the schedule.
    gc.collect()
    # Compiled functions stay; every run of Brian 2's looks through all objects that are not frozen.
    gc.freeze()
    prefs.codegen.target = "numpy"
    prefs.core.default_float_dtype = dtype
    set_device(device)
    start_scope()
    brian2.defaultclock.dt = 0.1 * brian2.ms
    # Random connections, which both devices draw from NumPy.
    seed(1)


@pytest.fixture(name="prepare")
def prepare_fixture():
    """Choose a device and forget all objects: ``prepare(device, dtype)``."""
    return prepare


def arrays_of(objects):
    """Return every array of some objects: by the object's place and the variable's name."""
    return {
        f"{number} {name}": np.array(variable.get_value())
        for number, obj in enumerate(objects)
        for name, variable in getattr(obj, "variables", {}).items()
        if getattr(variable, "array", False) and not name.startswith("_")
    }


def run_network(device, build, durations, dtype=np.float64, eventful=True):
    """Return every array of a network after each run.

    A last element of what `build` returns that is a function is called with the network between
    the first run and the second.
    """
    prepare(device, dtype)
    objects = build()
    is_change = callable(objects[-1]) and not isinstance(objects[-1], brian2.BrianObject)
    change = objects.pop() if is_change else lambda network: None
    network = Network(objects)
    states = [arrays_of(objects)]
    for number, duration in enumerate(durations):
        if number == 1:
            change(network)
        network.run(duration * brian2.ms)
        states.append(arrays_of(objects))
    if eventful:
        assert_eventful(states, objects)
    return states[1:]


def assert_eventful(states, objects):
    """Assert that a run has shown something: an array has changed, every monitor has recorded."""
    first, last = states[0], states[-1]
    clocks = ("t", "t_in_timesteps")
    changed = [
        name
        for name, values in last.items()
        if name.split()[1] not in clocks and not np.array_equal(values, first[name])
    ]
    assert changed
    for number, obj in enumerate(objects):
        if isinstance(obj, StateMonitor):
            rows = [last[f"{number} {name}"] for name in obj.record_variables]
            assert any(np.any(values != values[:1]) for values in rows), f"{obj.name} saw no change"
        elif f"{number} count" in last:
            assert last[f"{number} count"].sum() > 0, f"{obj.name} saw no event"
        elif f"{number} rate" in last:
            assert last[f"{number} rate"].sum() > 0, f"{obj.name} saw no spike"


def assert_agrees(actual, expected, tolerance):
    """Assert that two sets of arrays agree, to a share of each array's largest number."""
    assert actual.keys() == expected.keys()
    for name, values in expected.items():
        assert actual[name].dtype == values.dtype, name
        assert actual[name].shape == values.shape, name
        if values.dtype.kind == "f" and values.size:
            scale = np.nanmax(np.abs(values[np.isfinite(values)]), initial=0)
            np.testing.assert_allclose(
                actual[name], values, rtol=0, atol=tolerance * scale, err_msg=name
            )
        else:
            np.testing.assert_array_equal(actual[name], values, err_msg=name)


@pytest.fixture
def compare():
    """Run a network both ways and compare every array after every run."""

    def compare(build, durations=(5,), dtype=np.float64, tolerance=1e-12, eventful=True):
        expected = run_network("runtime", build, durations, dtype, eventful)
        actual = run_network("neurosim", build, durations, dtype, eventful)
        for after_run, states in zip(actual, expected, strict=True):
            assert_agrees(after_run, states, tolerance)
        assert any(values.dtype == dtype for values in expected[-1].values())
        return actual[-1]

    return compare


@pytest.fixture
def loop_of(compare, monkeypatch):
    """Compare a network, and return the text of its last loop: ``loop_of(build)``."""
    texts = []

    def compile_and_note(program):
        texts.append(program.source)
        return compile_program(program)

    monkeypatch.setattr(loop, "compile_program", compile_and_note)

    def compare_and_return(build, **options):
        compare(build, durations=(4, 4), **options)
        return texts[-1]

    return compare_and_return
