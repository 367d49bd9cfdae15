"""Scripts written for standalone devices: built when told to, run again with other values."""

import numpy as np
import pytest
from brian2 import (
    DimensionMismatchError,
    Network,
    NeuronGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    TimedArray,
    device,
    ms,
    mV,
    profiling_summary,
    run,
    seed,
    set_device,
    start_scope,
)

from neurosim.errors import ParameterError


@pytest.fixture(autouse=True)
def standalone_script():
    set_device("neurosim", directory="output", build_on_run=False)
    start_scope()


def decay():
    group = NeuronGroup(2, "dv/dt = -v/tau : 1\ntau : second (constant)", method="exact")
    group.v = [1, 2]
    group.tau = 2 * ms
    return group


def test_script_with_build_at_its_end(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    group = decay()
    monitor = StateMonitor(group, "v", record=True)
    run(1 * ms)
    run(1 * ms)
    device.build(directory="output", compile=True, run=True, debug=False)
    assert device.has_been_run
    np.testing.assert_allclose(group.v, np.array([1, 2]) * np.exp(-1), rtol=1e-12)
    assert monitor.v.shape == (2, 20)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("as_text", [False, True])
def test_other_values_in_each_repetition(as_text):
    group = decay()
    monitor = StateMonitor(group, "v", record=True)
    run(1 * ms)
    run(2 * ms)
    device.build(run=False)
    for tau in (1, 3, 2):
        values = {group.tau: tau * ms} if not as_text else [f"{group.name}.tau={tau / 1000}"]
        device.run(run_args=values)
        np.testing.assert_allclose(group.v, np.array([1, 2]) * np.exp(-3 / tau), rtol=1e-12)
        assert monitor.v.shape == (2, 30)
        np.testing.assert_allclose(monitor.t / ms, np.arange(30) * 0.1)


def test_arrays_of_values():
    group = decay()
    run(1 * ms)
    device.run(run_args={group.v: [5, 7], group.tau: [1, 2] * ms})
    np.testing.assert_allclose(group.v, [5 * np.exp(-1), 7 * np.exp(-0.5)], rtol=1e-12)


def test_values_of_a_timed_array_hold_for_one_repetition():
    table = TimedArray([1, 2], dt=0.1 * ms)
    group = NeuronGroup(1, "x : 1")
    group.run_regularly("x += table(t)")
    run(0.2 * ms)
    assert group.x[0] == 3
    device.run(run_args={table: [10, 20]})
    assert group.x[0] == 30
    device.run()
    assert group.x[0] == 3


def test_spikes_under_way_are_those_of_the_beginning():
    group = NeuronGroup(2, "v : 1", threshold="t < dt/2", reset="v += 10")
    synapses = Synapses(group, group, "w : 1", on_pre="v_post += w", delay=0.3 * ms)
    synapses.connect(i=[0], j=[1])
    synapses.w = 1
    monitor = SpikeMonitor(group)
    network = Network(group, synapses, monitor)
    network.run(0.2 * ms)
    network.run(0.5 * ms)
    for weight in (1, 4):
        device.run(run_args={synapses.w: weight})
        np.testing.assert_array_equal(group.v, [10, 10 + weight])
        assert monitor.num_spikes == 2


def test_seeded_repetitions_are_equal_and_others_are_not():
    group = NeuronGroup(3, "dv/dt = xi/ms**0.5 : 1", method="euler")
    seed(4)
    run(1 * ms)
    first = np.array(group.v)
    device.run()
    np.testing.assert_array_equal(group.v, first)
    seed()
    device.run()
    assert np.all(np.array(group.v) != first)


def test_nothing_to_repeat():
    with pytest.raises(ParameterError, match=r"call run\(duration\) first"):
        device.run()


def test_change_between_runs_is_named():
    group = decay()
    run(1 * ms)
    group.v = 7
    run(1 * ms)
    np.testing.assert_allclose(group.v, 7 * np.exp(-0.5), rtol=1e-12)
    with pytest.raises(NotImplementedError, match=r"'v' of 'neurongroup.*into a function"):
        device.run()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda group: {"v": 1}, ParameterError, "type str, expected a variable"),
        (lambda group: {group.tau: 3 * mV}, DimensionMismatchError, "tau"),
        (lambda group: ["nobody.v=1"], ParameterError, "names no variable"),
        (lambda group: [f"{group.name}.u=1"], ParameterError, "names no variable"),
        (lambda group: [f"{group.name}.v=much"], ParameterError, "'much'"),
    ],
)
def test_wrong_values(make, error, message):
    group = decay()
    run(1 * ms)
    with pytest.raises(error, match=message):
        device.run(run_args=make(group))


def test_what_needs_generated_c_code_is_named():
    with pytest.raises(NotImplementedError, match="network_operation"):
        device.insert_code("main", "int x;")
    with pytest.raises(NotImplementedError, match="run_args"):
        device.apply_run_args()


def test_profile_of_a_run():
    group = decay()
    run(1 * ms, profile=True)
    summary = profiling_summary()
    assert any("stateupdater" in name for name in summary.names)
    np.testing.assert_allclose(group.v, np.array([1, 2]) * np.exp(-0.5), rtol=1e-12)
