"""Summed variables taken apart: the numbers of Brian 2, and the layout that was meant."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, StateMonitor, Synapses, ms, network_operation, prefs

from neurosim import delayed

GROUP = """
dx/dt = (drive - x + 0.1*y)/(3*ms) : 1
drive : 1 (constant)
y : 1
z : 1
k : 1 (shared)
count : integer (constant)
"""


def neurons(n, first=0.0, **options):
    group = NeuronGroup(n, GROUP, method="euler", **options)
    group.x = f"{first} + 0.37*i"
    group.drive = "1 + 0.2*i"
    group.k = 0.7
    group.count = "i % 3"
    return group


def summed(expression, connect=None, variables="", target="y_post", change=None, take=None):
    """Return a function that builds two groups and synapses with a summed variable."""

    def build():
        source, goal = neurons(6), neurons(5, 0.2)
        watch = StateMonitor(goal if target.endswith("post") else source, ["x", "y"], record=True)
        ends = take(source, goal) if take else (source, goal)
        model = f"w : 1\n{variables}\n{target} = {expression} : 1 (summed)"
        synapses = Synapses(*ends, model)
        synapses.connect(**(connect or {}))
        synapses.w = "0.3 + 0.05*i - 0.04*j"
        return [source, goal, synapses, watch, *([change(synapses)] if change else [])]

    return build


SPARSE = {"i": [3, 0, 1, 0, 2, 5], "j": [0, 0, 3, 4, 4, 0]}
PART = {"take": lambda source, goal: (source[1:4], goal[2:])}

#: What is built, and a mark of the layout it must get.
LAYOUTS = {
    "everybody": (summed("sin(x_pre - x_post)"), "_far_range"),
    "everybody_shared": (summed("k_post*(x_pre - x_post)/(1 + count_post)"), "_far_range"),
    "everybody_weights": (summed("w*x_pre"), "_near_sums"),
    "everybody_weights_diffusive": (summed("w*(x_pre - x_post)"), "_near_sums"),
    "everybody_into_sources": (summed("tanh(x_post)", target="y_pre"), "_far_range"),
    "everybody_weights_into_sources": (summed("w*tanh(x_post)", target="y_pre"), "_rows"),
    "everybody_of_subgroups": (summed("w*cos(x_pre - x_post)", **PART), "_near_sums"),
    "some": (summed("x_pre - x_post", {"condition": "(i + j) % 3 != 0"}), "_rows"),
    "some_of_subgroups": (summed("x_pre - x_post", {"condition": "i != j"}, **PART), "_rows"),
    "some_in_no_order": (summed("x_pre**2 - 1", SPARSE), "_rows"),
    "some_weights_of_functions": (summed("w*sin(x_post - x_pre - k_pre)", SPARSE), "_near_of"),
    "same_pair_twice": (summed("x_pre", {"n": 2}), "_rows"),
    "number_of_synapses": (summed("1 + 0*x_post", SPARSE), "_rows"),
    "integers": (summed("count_pre*x_post", SPARSE), "_rows"),
    "subexpression": (summed("w*gap", variables="gap = x_pre - x_post : 1"), "_near_sums"),
    "own_index": (summed("(1 + 0.1*i)*x_pre"), "_near_sums"),
}

LEFT = {
    "constant": summed("3", SPARSE),
    "not_separable": summed("exp(-(x_pre - x_post)**2)"),
    "function_of_synapse": summed("sin(x_pre - x_post - w)"),
    "random": summed("rand()*0 + x_pre"),
    "some_weights": summed("w*x_pre", SPARSE),
    "many_terms": summed("*".join(f"cos({n}*x_pre - x_post)" for n in range(1, 5))),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_sums_agree_in_the_layout_meant_for_them(name, loop_of):
    build, mark = LAYOUTS[name]
    assert mark in loop_of(build, eventful=name != "number_of_synapses")


@pytest.mark.parametrize("name", LEFT)
def test_what_cannot_be_taken_apart_agrees_too(name, loop_of):
    text = loop_of(LEFT[name])
    assert not any(mark in text for mark in ("_far_of", "_far_range", "_near_of"))


@pytest.mark.parametrize("name", ["everybody", "everybody_weights", "some"])
def test_without_the_preference_nothing_is_taken_apart(name, loop_of):
    prefs.devices.neurosim.lowering = False
    try:
        text = loop_of(LAYOUTS[name][0])
    finally:
        prefs.devices.neurosim.lowering = True
    assert "_far_of" not in text
    assert "_far_range" not in text


@pytest.mark.parametrize("name", ["everybody_weights", "some", "some_weights_of_functions"])
def test_single_precision(name, loop_of):
    loop_of(LAYOUTS[name][0], dtype=np.float32, tolerance=1e-5)


def more_synapses(synapses):
    def change(net):
        synapses.connect(i=[0, 1], j=[0, 1])
        synapses.w = "0.1*i"

    return change


def other_weights(synapses):
    def change(net):
        synapses.w = "0.1*i + 0.2"

    return change


@pytest.mark.parametrize("change", [more_synapses, other_weights])
@pytest.mark.parametrize("connect", [None, SPARSE])
def test_changes_between_runs(change, connect, loop_of):
    loop_of(summed("w*sin(x_pre - x_post)", connect, change=change))


def growing():
    group = neurons(4)
    synapses = Synapses(group, group, "y_post = x_pre - x_post : 1 (summed)")
    synapses.connect()

    @network_operation(dt=1 * ms)
    def grow():
        synapses.connect(i=[0, 1], j=[2, 3])

    return [group, synapses, grow]


def reading_itself():
    group = neurons(4)
    synapses = Synapses(group, group, "y_post = x_pre + 0.1*y_pre : 1 (summed)")
    synapses.connect(condition="i < j")
    return [group, synapses]


def delaying():
    group = neurons(4)
    model = "y_post = sin(delayed(x_pre, 0.4*ms) - x_post) : 1 (summed)"
    synapses = Synapses(group, group, model)
    synapses.connect()
    return [group, synapses]


# Brian 2's targets have no delayed values, go on without the new synapses until the next run, and
# read old sums or none, depending on the target.
@pytest.mark.parametrize("build", [growing, reading_itself, delaying])
def test_the_preference_changes_nothing(build, prepare):
    def run(lowering):
        prepare("neurosim")
        prefs.devices.neurosim.lowering = lowering
        try:
            group, *others = build()
            Network(group, *others).run(4 * ms, namespace={"delayed": delayed, "ms": ms})
        finally:
            prefs.devices.neurosim.lowering = True
        assert np.any(group.y != 0)
        return np.array([group.x, group.y])

    np.testing.assert_allclose(run(True), run(False), rtol=0, atol=1e-12)


def test_other_synapses_restored(prepare):
    """Restoring brings back pairs of the same number that are not those of the last run."""

    def pairs(i, j):
        prepare("neurosim")
        group = NeuronGroup(4, "x : 1\ny : 1")
        group.x = [1, 2, 4, 8]
        synapses = Synapses(group, group, "y_post = x_pre : 1 (summed)", name="pairs")
        synapses.connect(i=i, j=j)
        net = Network(group, synapses)
        net.run(0.1 * ms)
        return group, synapses, net

    group, synapses, net = pairs([0, 1, 2], [1, 2, 3])
    synapses.variables["_synaptic_pre"].get_value()[:] = [3, 3, 0]
    net.run(0.1 * ms)
    np.testing.assert_array_equal(group.y, [0, 8, 8, 1])


def test_a_silent_neuron_gets_nothing(prepare):
    prepare("neurosim")
    group = NeuronGroup(3, "x : 1\ny : 1")
    group.x, group.y = [1, 2, 4], 7
    synapses = Synapses(group, group, "y_post = x_pre : 1 (summed)")
    synapses.connect(i=[0, 2], j=[1, 1])
    Network(group, synapses).run(0.1 * ms)
    np.testing.assert_array_equal(group.y, [0, 5, 0])


def test_no_synapses_at_all(compare):
    def build():
        group = neurons(4)
        synapses = Synapses(group, group, "y_post = x_pre : 1 (summed)")
        synapses.connect(condition="False")
        return [group, synapses, StateMonitor(group, "x", record=True)]

    compare(build)
