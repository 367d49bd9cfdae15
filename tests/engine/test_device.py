"""The device as a user meets it: several runs, Python in between, random numbers, errors."""

import logging

import brian2
import numpy as np
import pytest
from brian2 import (
    Network,
    NeuronGroup,
    PoissonInput,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    check_units,
    defaultclock,
    ms,
    network_operation,
    prefs,
    second,
    seed,
    set_device,
    start_scope,
)
from brian2.core.base import BrianObjectException

from neurosim import engine
from neurosim.errors import ParameterError


@pytest.fixture(autouse=True)
def on_the_device():
    prefs.codegen.target = "numpy"
    set_device("neurosim")
    start_scope()
    defaultclock.dt = 0.1 * ms


def decaying(n=3):
    group = NeuronGroup(n, "dv/dt = -v/(10*ms) : 1", method="exact")
    group.v = np.arange(n) + 1
    return group


def test_exponential_decay_is_exact():
    group = decaying()
    Network(group).run(20 * ms)
    np.testing.assert_allclose(group.v, np.array([1, 2, 3]) * np.exp(-2.0), rtol=1e-12)


def test_magic_run_uses_the_callers_names():
    tau = 5 * ms  # noqa: F841 - found by name
    group = NeuronGroup(1, "dv/dt = -v/tau : 1", method="exact")
    group.v = 1
    brian2.run(5 * ms)
    np.testing.assert_allclose(group.v, np.exp(-1.0), rtol=1e-12)


def test_python_runs_where_it_stands_in_the_schedule():
    group = NeuronGroup(1, "x : 1\ny : 1")
    seen = []

    @network_operation(dt=0.5 * ms, when="start")
    def before(t):
        seen.append((float(t / ms), group.x[0]))
        group.x = -1

    group.run_regularly("y += x; x += 1", when="groups")
    Network(group, before).run(1.2 * ms)
    # At 0, 0.5 and 1 ms x is set to −1, and every step adds it to y before it grows.
    assert [round(t, 6) for t, _ in seen] == [0, 0.5, 1.0]
    assert [x for _, x in seen] == [0, 4, 4]
    assert group.y[0] == sum([-1, 0, 1, 2, 3] * 2 + [-1, 0])


def test_python_can_stop_a_network_and_it_can_go_on():
    group = decaying(1)

    @network_operation(dt=0.1 * ms)
    def stop(t):
        if t >= 0.5 * ms and not stopped:
            stopped.append(t)
            network.stop()

    stopped = []
    monitor = StateMonitor(group, "v", record=True)
    network = Network(group, stop, monitor)
    network.run(2 * ms)
    assert float(network.t / ms) == pytest.approx(0.6)
    assert len(monitor.t) == 6
    network.run(1.4 * ms)
    assert len(monitor.t) == 20
    np.testing.assert_allclose(group.v, np.exp(-0.2), rtol=1e-12)


def test_reports_begin_at_zero_and_end_at_one():
    reports = []
    network = Network(decaying())
    network.run(5 * ms, report=lambda *report: reports.append(report))
    assert reports[0][1] == 0.0
    assert reports[-1][1] == 1.0
    assert reports[-1][3] == 5 * ms
    with pytest.raises(ValueError, match="report argument"):
        network.run(1 * ms, report="loudly")


def stochastic(monitors=False):
    group = NeuronGroup(50, "dv/dt = -v/(5*ms) + sigma*xi/sqrt(ms) : 1\nsigma : 1", method="euler")
    group.sigma = 0.3
    objects = [group, PoissonInput(group, "v", 10, 50 * brian2.Hz, weight=0.1)]
    if monitors:
        objects.append(StateMonitor(group, "v", record=True))
    return Network(objects), group


def test_the_seed_fixes_every_number_and_monitors_change_none():
    results = []
    for monitors in (False, True, False):
        start_scope()
        seed(5)
        network, group = stochastic(monitors)
        network.run(3 * ms)
        results.append(np.array(group.v))
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])
    seed(6)
    network, group = stochastic()
    network.run(3 * ms)
    assert not np.array_equal(results[0], group.v)


def test_creation_order_goes_on_when_objects_die():
    device = brian2.get_device()

    def order(group):
        return device._created[group]

    first = NeuronGroup(1, "v : 1")
    numbers = [order(NeuronGroup(1, "v : 1")) for _ in range(3)]
    last = NeuronGroup(1, "v : 1")
    assert order(first) < numbers[0] < numbers[1] < numbers[2] < order(last)


def test_restore_goes_on_with_fresh_numbers_or_repeats_them():
    seed(1)
    network, group = stochastic()
    network.run(1 * ms)
    network.store()
    outcomes = []
    for repeat in (False, False, True, True):
        network.restore(restore_random_state=repeat)
        network.run(1 * ms)
        outcomes.append(np.array(group.v))
    assert not np.array_equal(outcomes[0], outcomes[1])
    np.testing.assert_array_equal(outcomes[2], outcomes[3])


def test_spikes_under_way_survive_store_and_restore():
    def build():
        start_scope()
        source = SpikeGeneratorGroup(2, [0, 1, 0], [0.3, 0.8, 0.9] * ms)
        target = NeuronGroup(2, "v : 1", name="target_cells")
        synapses = Synapses(source, target, on_pre="v += 1 + i")
        synapses.connect()
        synapses.delay = "(1 + 2*j + i)*0.5*ms"
        return Network(source, target, synapses), target

    network, target = build()
    network.run(4 * ms)
    expected = np.array(target.v)
    network, target = build()
    network.run(1 * ms)
    network.store()
    for _ in range(2):
        network.restore()
        network.run(3 * ms)
        np.testing.assert_array_equal(target.v, expected)


def test_noise_has_the_variance_of_its_equation():
    seed(2)
    group = NeuronGroup(4000, "dv/dt = -v/(2*ms) + xi/sqrt(ms) : 1", method="euler")
    Network(group).run(20 * ms)
    # Ornstein–Uhlenbeck: σ²τ/2 = 1, and a step of Euler–Maruyama is 2.5 % off.
    assert np.mean(group.v) == pytest.approx(0, abs=5 / np.sqrt(4000))
    assert np.var(group.v) == pytest.approx(1, abs=0.025 + 5 * np.sqrt(2 / 4000))


@check_units(x=1, result=1)
def scaled(x):
    return brian2.sin(x) * 2 * (3 * ms / (1 * ms))


@check_units(x=1, result=1)
def uncompilable(x):
    import json

    return np.asarray(json.loads(json.dumps(np.asarray(x).tolist()))) * 3.0


def test_python_functions_are_compiled_with_their_units():
    group = NeuronGroup(3, "x : 1", namespace={"scaled": scaled})
    group.x = [0, 0.5, 1]
    group.run_regularly("x = scaled(x)")
    Network(group).run(0.1 * ms)
    np.testing.assert_allclose(group.x, 6 * np.sin([0, 0.5, 1]), rtol=1e-14)


def test_what_cannot_be_compiled_runs_from_python_with_one_warning(caplog):
    group = NeuronGroup(3, "x : 1\ndv/dt = -v/ms : 1", namespace={"uncompilable": uncompilable})
    group.x, group.v = [1, 2, 3], 1
    group.run_regularly("x = uncompilable(x)", dt=0.2 * ms)
    with caplog.at_level(logging.WARNING, "brian2"):
        network = Network(group)
        network.run(0.3 * ms)
        network.run(0.1 * ms)
    np.testing.assert_array_equal(group.x, [9, 18, 27])
    assert "@compiled\ndef stateupdate_1" in engine.source(network)


def test_source_is_readable_and_the_same_for_other_constants():
    sources = []
    for tau in (3 * ms, 7 * ms):
        start_scope()
        group = NeuronGroup(4, "dv/dt = (a - v)/tau : 1\na : 1", method="euler")
        network = Network(group)
        network.run(0.1 * ms, namespace={"tau": tau})
        sources.append(engine.source(network))
    assert sources[0] == sources[1]
    assert "def stateupdate_1(" in sources[0]
    assert "for _idx in range(N):" in sources[0]
    with pytest.raises(ParameterError, match="no loop yet"):
        engine.source(Network(decaying()))


def test_long_recordings_pass_through_small_buffers(monkeypatch):
    from neurosim.engine import recording

    monkeypatch.setattr(recording, "_MOST_ROWS", 7)
    monkeypatch.setattr(recording, "_BYTES", 1)
    group = NeuronGroup(2, "v = t/ms + i : 1", threshold="True")
    states, spikes = StateMonitor(group, "v", record=True), SpikeMonitor(group, variables=["v"])
    Network(group, states, spikes).run(10 * ms)
    times = np.arange(100) * 0.1
    np.testing.assert_allclose(states.v, [times, times + 1], atol=1e-12)
    np.testing.assert_array_equal(spikes.i, [0, 1] * 100)
    np.testing.assert_allclose(spikes.v, np.ravel([times, times + 1], order="F"), atol=1e-12)


def test_division_by_zero_is_no_error():
    group = NeuronGroup(2, "x : 1\ny : 1")
    group.x = [0, -1]
    group.run_regularly("y = 1/x + log(x)")
    Network(group).run(0.1 * ms)
    assert np.isnan(group.y[0]) or np.isinf(group.y[0])
    assert np.isnan(group.y[1])


def test_wrong_scripts_fail_as_brian_fails():
    group = NeuronGroup(2, "dv/dt = -v/tau_of_nobody : 1", method="euler")
    with pytest.raises(BrianObjectException) as caught:
        Network(group).run(1 * ms, namespace={})
    assert "tau_of_nobody" in str(caught.value.__cause__ or caught.value)
    with pytest.raises(ValueError, match="non-negative duration"):
        Network(decaying()).run(-1 * second)


def test_functions_written_with_the_np_of_a_star_import_are_compiled(caplog):
    # "from brian2 import *" gives an np and functions such as where that know units.
    names = {"np": brian2.numpy_, "where": brian2.numpy_.where, "check_units": check_units}
    exec(
        "@check_units(x=1, result=1)\n"
        "def squashed(x):\n"
        "    return np.sin(x) + where(x > 1.0, 2.0, np.pi)\n",
        names,
    )
    group = NeuronGroup(2, "x : 1", namespace={"squashed": names["squashed"]})
    group.x = [0.5, 2]
    group.run_regularly("x = squashed(x)")
    with caplog.at_level(logging.WARNING, "brian2"):
        Network(group).run(0.1 * ms)
    np.testing.assert_allclose(group.x, [np.sin(0.5) + np.pi, np.sin(2) + 2], rtol=1e-15)
    assert "cannot be compiled" not in caplog.text
