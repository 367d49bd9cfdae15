"""What one run prepared and the next uses again: nothing stale, nothing kept alive."""

import gc
import weakref

import numpy as np
import pytest
from brian2 import (
    BinomialFunction,
    BrianObjectException,
    DimensionMismatchError,
    Network,
    NeuronGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    TimedArray,
    check_units,
    defaultclock,
    implementation,
    ms,
    mV,
    prefs,
    run,
    seed,
    set_device,
    start_scope,
)

from neurosim.engine import source


@pytest.fixture(autouse=True)
def device():
    set_device("neurosim")
    start_scope()
    defaultclock.dt = 0.1 * ms


def decaying(**options):
    group = NeuronGroup(2, "dv/dt = (level - v)/tau : 1", method="exact", **options)
    group.v = [1, 2]
    return group


def codes_of(network):
    return [code.__repr__.__self__ for obj in network.sorted_objects for code in obj.code_objects]


def test_unchanged_network_keeps_code_and_loop():
    group = NeuronGroup(
        3, "dv/dt = (2 - v)/tau : 1", threshold="v > 1", reset="v = 0", method="exact"
    )
    synapses = Synapses(group, group, "w : 1", on_pre="v_post += w*scale")
    synapses.connect()
    network = Network(group, synapses, SpikeMonitor(group), StateMonitor(group, "v", record=True))
    network.run(1 * ms, namespace={"tau": 2 * ms, "scale": 0.5})
    before = codes_of(network)
    for tau in (2 * ms, 3 * ms):
        network.run(1 * ms, namespace={"tau": tau, "scale": 0.5})
        assert all(new is old for new, old in zip(codes_of(network), before, strict=True))


def test_constants_have_their_new_values():
    group = decaying()
    network = Network(group)
    values, expected = [], np.array([1.0, 2.0])
    for tau, level in ((2 * ms, 0), (5 * ms, 0), (5 * ms, 3), (1 * ms, -1)):
        network.run(1 * ms, namespace={"tau": tau, "level": level})
        expected = level + (expected - level) * np.exp(-float(1 * ms / tau))
        values.append((np.array(group.v), expected))
    for actual, closed_form in values:
        np.testing.assert_allclose(actual, closed_form, rtol=1e-12)


def test_constants_of_a_group_namespace_may_change_too():
    group = decaying(namespace={"tau": 2 * ms, "level": 0})
    network = Network(group)
    network.run(1 * ms)
    group.namespace["tau"] = 4 * ms
    network.run(1 * ms)
    np.testing.assert_allclose(group.v, np.array([1, 2]) * np.exp(-0.75), rtol=1e-12)


def test_constant_with_other_units_fails_as_in_a_first_run():
    group = decaying()
    network = Network(group)
    network.run(1 * ms, namespace={"tau": 2 * ms, "level": 0})
    with pytest.raises(BrianObjectException) as failure:
        network.run(1 * ms, namespace={"tau": 2 * mV, "level": 0})
    assert isinstance(failure.value.__cause__, DimensionMismatchError)


def test_constant_that_has_gone_fails_as_in_a_first_run():
    group = decaying()
    network = Network(group)
    network.run(1 * ms, namespace={"tau": 2 * ms, "level": 0})
    with pytest.raises(BrianObjectException) as failure:
        network.run(1 * ms, namespace={"tau": 2 * ms})
    assert "level" in str(failure.value.__cause__)


def test_integer_that_becomes_a_fraction():
    group = NeuronGroup(1, "x : 1")
    group.run_regularly("x = n // 2")
    network = Network(group)
    network.run(0.1 * ms, namespace={"n": 5})
    assert group.x[0] == 2
    network.run(0.1 * ms, namespace={"n": 7.5})
    assert group.x[0] == 3


def test_replaced_function_and_timed_array():
    group = NeuronGroup(1, "x : 1")
    group.run_regularly("x = change(2.0) + table(t)")
    network = Network(group)

    @implementation("numba", lambda value: value + 1)
    @check_units(value=1, result=1)
    def change(value):
        return value + 1

    network.run(0.1 * ms, namespace={"change": change, "table": TimedArray([10], dt=1 * ms)})
    assert group.x[0] == 13

    @check_units(value=1, result=1)
    def other(value):
        return value * 10

    network.run(0.1 * ms, namespace={"change": other, "table": TimedArray([10], dt=1 * ms)})
    assert group.x[0] == 30
    network.run(0.1 * ms, namespace={"change": other, "table": TimedArray([70], dt=1 * ms)})
    assert group.x[0] == 90


def test_text_does_not_depend_on_the_names_of_functions_with_arrays():
    def text():
        group = NeuronGroup(3, "dv/dt = (a(t) - v*b(t, i))/ms : 1\nn : 1", method="euler")
        group.run_regularly("n = c() + 100*d()")
        seed(3)
        network = Network(group)
        network.run(
            1 * ms,
            namespace={
                "a": TimedArray([1.0, 2.0], dt=1 * ms),
                "b": TimedArray([[1.0, 2.0, 3.0]], dt=1 * ms),
                "c": BinomialFunction(10, 0.5),
                "d": BinomialFunction(20, 0.3),
            },
        )
        kept.append((network, group))
        return source(network)

    kept = []
    assert text() == text()
    for name in "vn":
        values = [np.array(getattr(group, name)) for _, group in kept]
        np.testing.assert_array_equal(*values)


def test_new_dt_reaches_timed_arrays_and_delays():
    values = [0, 1, 2, 3]
    results = {}
    for name in ("runtime", "neurosim"):
        set_device(name)
        prefs.codegen.target = "numpy"
        table = TimedArray(values, dt=0.3 * ms)
        group = NeuronGroup(1, "x : 1", dt=0.1 * ms)
        group.run_regularly("x = x*2 + table(t)")
        network = Network(group)
        network.run(0.3 * ms, namespace={"table": table})
        group.clock.dt = 0.15 * ms
        network.run(0.6 * ms, namespace={"table": table})
        results[name] = float(group.x[0])
    assert results["neurosim"] == results["runtime"]


def test_refractory_period_changes_without_new_text():
    def make(period):
        group = NeuronGroup(
            1, "v : 1", threshold="True", reset="v += 1", refractory=period, name="same"
        )
        network = Network(group)
        network.run(10 * ms)
        return group.v[0], source(network)

    many, first = make(1 * ms)
    few, second = make(5 * ms)
    assert (many, few) == (10, 2)
    assert first == second


def test_magic_run_follows_objects_that_come_and_go():
    first = NeuronGroup(1, "dv/dt = 1/ms : 1", method="euler")
    second = NeuronGroup(1, "dw/dt = 1/ms : 1", method="euler")
    run(1 * ms)
    del second
    run(1 * ms)
    np.testing.assert_allclose(first.v, 2)


def test_nothing_outlives_its_network():
    def run_and_refer():
        # In a function of its own, for Brian 2 looks at local names and frames keep what it saw.
        group = decaying()
        firing = NeuronGroup(2, "x : 1", threshold="x > 1", reset="x = 0")
        pathway = Synapses(firing, group, on_pre="v_post += 1")
        pathway.connect()
        network = Network(group, firing, pathway, SpikeMonitor(firing))
        for _ in range(2):
            network.run(1 * ms, namespace={"tau": 2 * ms, "level": 0})
        return [weakref.ref(obj) for obj in (network, group, pathway, firing)]

    references = run_and_refer()
    gc.collect()
    assert [reference() for reference in references] == [None] * 4
