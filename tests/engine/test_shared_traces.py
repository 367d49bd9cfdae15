"""Traces kept per neuron: the same numbers as with Brian 2, and only where that is certain."""

import numpy as np
import pytest
from brian2 import (
    Network,
    NeuronGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    ms,
    network_operation,
    prefs,
    second,
)

import neurosim  # noqa: F401 - registers the device

TRACES = """
w : 1
dx/dt = -x/(4*ms) : 1 (event-driven)
dy/dt = -y/(7*ms) : 1 (event-driven)
"""
ON_PRE = "g_post += w; x += 0.1; w = clip(w - 0.2*y, 0, 1)"
ON_POST = "w = clip(w + x, 0, 1); y += 0.3"


def spikes(n, seed, n_spikes=60, last=9):
    """Return a source of random spikes, at most one per neuron and step."""
    rng = np.random.default_rng(seed)
    cells = rng.choice(n * last * 10, n_spikes, replace=False)
    return SpikeGeneratorGroup(n, cells % n, cells // n * 0.1 * ms)


def forcing(trigger, group):
    """Return synapses by which a trigger makes each neuron fire."""
    synapses = Synapses(trigger, group, on_pre="fire_post = 1")
    synapses.connect(j="i")
    return synapses


def network(
    traces=TRACES, on_pre=ON_PRE, on_post=ON_POST, connect=None, change=None, delay=None, **options
):
    """Return a function that builds sources and targets with plastic synapses between them."""

    def build():
        source, trigger = spikes(6, 1), spikes(5, 2)
        target = NeuronGroup(
            5,
            "dg/dt = -g/(5*ms) : 1\nu : 1\nd : 1 (constant)\nfire : 1",
            threshold="fire > 0",
            reset="fire = 0",
            method="exact",
        )
        target.u = "0.1*i"
        forced = forcing(trigger, target)
        synapses = Synapses(source, target, traces, on_pre=on_pre, on_post=on_post, **options)
        synapses.connect(**({"condition": "i != j"} if connect is None else connect))
        synapses.w = "0.3 + 0.05*i - 0.04*j"
        if delay is not None:
            synapses.delay = delay
        further = [change(synapses)] if change else []
        return [source, trigger, target, forced, synapses, SpikeMonitor(target), *further]

    return build


def coupled():
    return network(TRACES + "dz/dt = (x - z)/(3*ms) : 1 (event-driven)", "x += 0.1; z -= 0.01*x")


def two_pathways():
    pathways = {"first": "x += 0.1; g_post += w", "second": "w = clip(w - y*x, 0, 1)"}
    return network(on_pre=pathways, delay=None)


def guarded():
    """What neurons receive while refractory is lost."""

    def build():
        source, trigger = spikes(6, 1), spikes(5, 2)
        target = NeuronGroup(
            5,
            "dg/dt = -g/(5*ms) : 1 (unless refractory)\nfire : 1",
            threshold="fire > 0",
            reset="fire = 0",
            refractory=1 * ms,
            method="exact",
        )
        forced = forcing(trigger, target)
        synapses = Synapses(source, target, TRACES, on_pre=ON_PRE, on_post=ON_POST)
        synapses.connect(n=2)
        synapses.w = "0.3 + 0.05*i - 0.04*j"
        return [source, trigger, target, forced, synapses, SpikeMonitor(target)]

    return build


def recurrent():
    """Neurons are sources and targets, among them their own."""

    def build():
        trigger = spikes(5, 2)
        group = NeuronGroup(5, "g : 1\nfire : 1", threshold="fire > 0", reset="fire = 0")
        forced = forcing(trigger, group)
        synapses = Synapses(group, group, TRACES, on_pre=ON_PRE, on_post=ON_POST, delay=0.3 * ms)
        synapses.connect()
        synapses.w = 0.5
        return [trigger, group, forced, synapses, SpikeMonitor(group)]

    return build


def subgroups():
    def build():
        trigger = spikes(9, 2)
        group = NeuronGroup(9, "g : 1\nfire : 1", threshold="fire > 0", reset="fire = 0")
        forced = forcing(trigger, group)
        synapses = Synapses(group[1:4], group[5:], TRACES, on_pre=ON_PRE, on_post=ON_POST)
        synapses.connect()
        synapses.w = "0.3 + 0.05*i - 0.04*j"
        return [trigger, group, forced, synapses, SpikeMonitor(group)]

    return build


KEPT = {
    "pair": network(),
    "all_to_all": network(connect={}),
    "with_delay": network(delay="0.7*ms"),
    "delay_by_source": network(delay="0.1*ms*i"),
    "nearest_neighbour": network(on_pre="g_post += w; x = 1", on_post="w += 0.1*x; y = 1"),
    "read_before_changed": network(on_pre="w += 0.1*x; x += 0.1; g_post += w*x; x += 0.2"),
    "coupled": coupled(),
    "two_pathways": two_pathways(),
    "guarded": guarded(),
    "recurrent": recurrent(),
    "subgroups": subgroups(),
    "only_one_side": network(on_pre="g_post += w; x += 0.1", on_post="w += x; y += w"),
    "reads_the_target": network(on_pre="g_post += w*u_post; x += 0.1; w += y*u_post"),
    "writes_the_target": network(on_pre="x += 0.1; u_post = 0.9*u_post + w; w += 0.1*u_post*y"),
    "saturates": network(on_pre="g_post += 0.5*(w - g_post); x += 0.1; w += 0.1*y"),
    "created_by_target": network(connect={"i": [3, 0, 1, 0, 2], "j": [0, 0, 3, 4, 4]}),
    "set_to_zero": network(change=lambda s: lambda net: setattr(s, "x", 0)),
}


def unlike(synapses):
    def change(net):
        synapses.x = "0.1*i + 0.01*j"

    return change


def more_synapses(synapses):
    def change(net):
        synapses.connect(i=[0, 1], j=[0, 1])

    return change


def other_delays(synapses):
    def change(net):
        synapses.delay = "0.2*ms*(1 + j)"

    return change


NOT_KEPT = {
    "by_synapse": network(on_pre="g_post += w; x += w", on_post="w += x; y += w"),
    "changed_on_both_sides": network(on_pre="x += 0.1; y = 0", on_post="x = 0; y += 0.3; w += y"),
    "decays_by_synapse": network(
        """w : 1
        dx/dt = -x/((1 + w)*ms) : 1 (event-driven)
        dy/dt = -y/((1 + u_post)*ms) : 1 (event-driven)"""
    ),
    "unlike_values": network(change=unlike),
    # Equal values, but of different moments.
    "set_for_a_neuron": network(change=lambda s: lambda net: setattr(s, "x", "0.1*int(i == 2)")),
    "monitored": network(change=lambda s: StateMonitor(s, ["w", "x", "y"], record=True)),
    "last_update_read": network(on_post="w = clip(w + x, 0, 1) + 0.01*(t - lastupdate)/ms; y += 1"),
}


# The rest takes seconds each to compile and is left to the slow pass.
FAST = ("pair", "guarded", "recurrent", "by_synapse")


def slowly(names):
    return [name if name in FAST else pytest.param(name, marks=pytest.mark.slow) for name in names]


@pytest.mark.parametrize("name", slowly(KEPT))
def test_kept_traces_are_those_of_every_synapse(name, loop_of):
    assert "_kept_" in loop_of(KEPT[name])


@pytest.mark.parametrize("name", slowly(NOT_KEPT))
def test_what_differs_between_synapses_is_not_kept(name, loop_of):
    source = loop_of(NOT_KEPT[name])
    assert "_kept_x" not in source
    assert "_kept_y" not in source


ONE_SIDE = {
    "delays_differ": network(delay="0.1*ms*(1 + j)"),
    "delays_differ_much": network(delay="0.1*ms*((7*i + 3*j) % 11)", connect={"n": 3}),
    "delays_change": network(delay="0.2*ms", change=other_delays),
    "delays_differ_and_coupled": network(
        TRACES + "dz/dt = (y - z)/(3*ms) : 1 (event-driven)",
        on_pre="g_post += w; x += 0.1; w = clip(w - 0.2*z, 0, 1)",
        delay="0.1*ms*(1 + j)",
    ),
}


@pytest.mark.parametrize("name", ONE_SIDE)
def test_where_delays_differ_the_other_side_is_kept(name, loop_of):
    source = loop_of(ONE_SIDE[name])
    assert "_kept_x" not in source
    assert "_kept_y" in source


def test_two_events_of_one_synapse_in_one_step(prepare):
    """Sent with a delay of 5 ms and with one of 4 ms, before that became 1 ms.

    Brian 2's own queue is too short for them once the delay is 1 ms.
    """
    prepare("neurosim")
    source = SpikeGeneratorGroup(2, [0, 0, 1], [1, 2, 2] * ms)
    target = NeuronGroup(3, "g : 1")
    synapses = Synapses(source, target, "w : 1", on_pre="g_post += w; w = 2*w + 1")
    synapses.connect()
    net = Network(source, target, synapses)
    for delay, duration in ((5, 1.5), (4, 1.5), (1, 5)):
        synapses.delay = delay * ms
        net.run(duration * ms)
    np.testing.assert_array_equal(synapses.w, [3, 3, 3, 1, 1, 1])
    np.testing.assert_array_equal(target.g, [1, 1, 1])


ALL = {**KEPT, **NOT_KEPT, **ONE_SIDE}


@pytest.mark.parametrize("name", slowly(ALL))
def test_without_the_preference_nothing_is_kept(name, loop_of):
    prefs.devices.neurosim.shared_traces = False
    try:
        assert "_kept_" not in loop_of(ALL[name])
    finally:
        prefs.devices.neurosim.shared_traces = True


@pytest.mark.parametrize("name", slowly(["pair", "with_delay", "guarded", "delays_differ"]))
def test_single_precision(name, loop_of):
    loop_of(ALL[name], dtype=np.float32, tolerance=1e-5)


def test_one_side_alone_is_kept_beside_what_is_not(loop_of):
    source = loop_of(KEPT["only_one_side"])
    assert "_kept_x" in source
    assert "_kept_y" not in source


def test_new_synapses(loop_of):
    # They begin with a trace of 0, the others of the same neuron do not.
    assert "_kept_" not in loop_of(network(change=more_synapses))


def test_python_may_read_and_write_at_any_moment(compare):
    def build():
        objects = network()()
        synapses = objects[4]

        @network_operation(dt=0.5 * ms)
        def look(t):
            # Reading alone has the values of single synapses written.
            assert np.all(np.isfinite(synapses.x))
            if abs(t / ms - 3) < 0.01:
                synapses.x = "0.1*i + 0.01*j"
            if abs(t / ms - 5) < 0.01:
                synapses.x = 0

        return [*objects, look]

    compare(build, durations=(4, 4))


def run_pair(prepare, device, work):
    prepare(device)
    objects = KEPT["pair"]()
    return work(Network(objects), objects[4])


@pytest.mark.parametrize("name", ["store", "time_constant", "inactive"])
def test_between_runs(name, prepare):
    def store(net, synapses):
        net.run(3 * ms)
        net.store()
        net.run(3 * ms)
        first = np.array(synapses.x), np.array(synapses.lastupdate), np.array(synapses.w)
        net.restore()
        net.run(3 * ms)
        return [*first, np.array(synapses.x), np.array(synapses.lastupdate)]

    def inactive(net, synapses):
        net.run(2 * ms)
        synapses.post.active = False
        net.run(2 * ms)
        synapses.post.active = True
        net.run(2 * ms)
        return [np.array(synapses.x), np.array(synapses.y), np.array(synapses.w)]

    def time_constant(net, synapses):
        net.run(2 * ms, namespace={"tau": 4 * ms})
        net.run(2 * ms, namespace={"tau": 1 * ms})
        net.run(2 * ms, namespace={"tau": 1 * ms})
        return [np.array(synapses.x), np.array(synapses.w), np.array(synapses.lastupdate)]

    work = {"store": store, "inactive": inactive, "time_constant": time_constant}[name]
    results = []
    for device in ("runtime", "neurosim"):
        prepare(device)
        traces = TRACES.replace("(4*ms)", "tau") if name == "time_constant" else TRACES
        objects = network(traces)()
        results.append(work(Network(objects), objects[4]))
    for expected, actual in zip(*results, strict=True):
        np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-12 * np.abs(expected).max())


def test_a_run_that_nobody_looks_into_goes_on_where_it_was(prepare):
    prepare("neurosim")
    objects = KEPT["pair"]()
    net = Network(objects)
    for _ in range(4):
        net.run(2 * ms)
    in_parts = np.array(objects[4].x)
    prepare("neurosim")
    objects = KEPT["pair"]()
    Network(objects).run(8 * ms)
    np.testing.assert_array_equal(in_parts, objects[4].x)
    assert float(np.max(objects[4].lastupdate / second)) > 0
