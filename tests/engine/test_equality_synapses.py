"""Synapses without delays: statements, summed variables, dynamics of their own, connections."""

import numpy as np
import pytest
from brian2 import (
    NeuronGroup,
    PopulationRateMonitor,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    ms,
)

TIMES = [0.2, 0.5, 0.5, 1.1, 1.7, 2.4, 2.4, 3.9]


def drive():
    return SpikeGeneratorGroup(4, [0, 1, 2, 0, 2, 1, 3, 3], TIMES * ms)


def firing(n, level=2, method="exact"):
    """Return neurons that fire by themselves, each at a time of its own."""
    group = NeuronGroup(
        n,
        "dv/dt = (2.2 - v)/(2*ms) : 1\nx : 1\nlevel = 0.1 + 0.2*i : 1",
        threshold=f"v > {level}",
        reset="v = 0",
        method=method,
    )
    group.v = np.arange(n) * 2 / n
    return group


def clock_driven_synapses():
    source = drive()
    group = NeuronGroup(3, "I : 1\ndv/dt = (I - v)/(3*ms) : 1", method="euler")
    synapses = Synapses(
        source,
        group,
        """dg/dt = -g/(2*ms) : 1 (clock-driven)
        w : 1
        I_post = g*w : 1 (summed)""",
        on_pre="g += 1",
        method="exact",
    )
    synapses.connect()
    synapses.w = "i + 0.5*j"
    return [source, group, synapses, StateMonitor(group, ["v", "I"], record=True)]


def gap_junctions():
    group = NeuronGroup(
        4,
        "dv/dt = (v0 - v + I)/(3*ms) : 1\nI : 1\nv0 : 1",
        threshold="v > 1.5",
        reset="v = 0",
        method="euler",
    )
    group.v0 = [1, 2.5, 3, 0]
    junction = Synapses(group, group, "w : 1\nI_post = w*(v_pre - v_post) : 1 (summed)")
    junction.connect(condition="i != j")
    junction.w = "0.1*(i + j)"
    return [group, junction, SpikeMonitor(group), StateMonitor(group, "v", record=True)]


def several_sums_into_subgroups():
    """Sums of one Synapses into two variables, and of another into the rest of the group."""
    group = firing(7)
    target = NeuronGroup(6, "I : 1\nJ : 1\ndv/dt = (I - J - v)/(2*ms) : 1", method="euler")
    middle, rest = target[1:4], target[4:]
    first = Synapses(
        group[2:6],
        middle,
        """dg/dt = -g/(2*ms) : 1 (clock-driven)
        I_post = g*v_pre : 1 (summed)
        J_post = 0.1*g**2 : 1 (summed)""",
        on_pre="g += 1",
        method="exact",
    )
    first.connect(condition="(i + j) % 2 == 0")
    second = Synapses(group, rest, "J_post = v_pre*(1 + 0.1*i) : 1 (summed)")
    second.connect(condition="i % 2 == j")
    # What no synapse sums keeps what it was given.
    target.I, target.J = 0.3, 0.7
    monitor = StateMonitor(target, ["I", "J", "v"], record=True)
    return [group, target, first, second, monitor]


def synapses_between_subgroups():
    group = firing(8)
    first, second = group[:3], group[3:]
    synapses = Synapses(first, second, "w : 1", on_pre="v_post += w", on_post="w += 0.1")
    synapses.connect(condition="(i + j) % 2 == 0")
    synapses.w = 0.2
    synapses.delay = "0.1*ms*j"
    rate = PopulationRateMonitor(second)
    return [group, synapses, SpikeMonitor(first), SpikeMonitor(second), rate]


def several_pathways():
    source = drive()
    group = NeuronGroup(4, "v : 1\nu : 1")
    synapses = Synapses(
        source,
        group,
        "w : 1",
        on_pre={"up": "v_post += w", "down": "v_post *= 0.5; u_post += v_post"},
        delay={"down": 0.4 * ms},
    )
    synapses.connect(j="i")
    synapses.w = 2
    synapses.up.order, synapses.down.order = 1, -2
    return [source, group, synapses, StateMonitor(group, ["v", "u"], record=True)]


def pathways_of_several_synapses_in_order():
    """Three objects that act on one variable in one step; their orders decide the outcome."""
    source = drive()
    group = NeuronGroup(3, "v : 1")
    adding = Synapses(source, group, on_pre="v_post += 1", order=2, name="adding")
    halving = Synapses(source, group, on_pre="v_post *= 0.5", order=-1, name="halving")
    setting = Synapses(
        source,
        group,
        "w : 1",
        on_pre={"first": "w = v_post", "last": "w -= v_post"},
        name="setting",
    )
    for synapses in (adding, halving, setting):
        synapses.connect()
    setting.first.order, setting.last.order = -5, 5
    return [source, group, adding, halving, setting, StateMonitor(setting, "w", record=True)]


def multisynaptic():
    source = drive()
    group = NeuronGroup(4, "v : 1")
    synapses = Synapses(source, group, "w : 1", on_pre="v += w", multisynaptic_index="k")
    synapses.connect(i=[0, 1, 2], j=[0, 1, 3], n=3)
    synapses.w = "k + 1"
    synapses.delay = "k*0.3*ms"
    return [source, group, synapses, StateMonitor(group, "v", record=True)]


def synapses_onto_resting_neurons():
    """What arrives during a refractory period is lost on variables that rest, and only there."""
    group = NeuronGroup(
        6,
        """dv/dt = (2.2 - v)/(2*ms) : 1 (unless refractory)
        du/dt = -u/(3*ms) : 1
        dw/dt = -w/(3*ms) : 1 (unless refractory)""",
        threshold="v > 2",
        reset="v = 0",
        refractory="0.4*ms + 0.3*ms*(i % 3)",
        method="exact",
    )
    group.v = np.arange(6) / 3
    synapses = Synapses(
        group,
        group,
        on_pre="v_post += 0.3; u_post += 1; w_post -= 0.5",
        on_post="w_pre += 0.1",
    )
    synapses.connect(condition="i != j")
    synapses.delay = "0.1*ms*(1 + (i + j) % 4)"
    return [group, synapses, StateMonitor(group, ["v", "u", "w"], record=True), SpikeMonitor(group)]


def custom_events_across_synapses():
    """Pathways that answer to other events than spikes, from subgroups and with delays."""
    group = NeuronGroup(
        6,
        "dv/dt = (2.5 - v)/(2*ms) : 1\nn_high : integer\nu : 1",
        threshold="v > 2",
        reset="v = 0",
        events={"high": "v > 1.5 and v < 1.6", "low": "v < 0.12"},
        method="exact",
    )
    group.v = np.arange(6) / 3
    group.run_on_event("high", "n_high += 1")
    synapses = Synapses(
        group[1:4],
        group[2:],
        "w : 1",
        on_pre={"spiking": "u_post += 1", "rising": "u_post += 0.1*w; w += n_high_pre"},
        on_post={"falling": "w += 1"},
        on_event={"spiking": "spike", "rising": "high", "falling": "low"},
        delay={"rising": 0.5 * ms},
    )
    synapses.connect(condition="i <= j")
    synapses.spiking.delay = "0.2*ms*j"
    return [
        group,
        synapses,
        StateMonitor(group, "u", record=True),
        StateMonitor(synapses, "w", True),
    ]


def writing_on_both_sides():
    """Statements that read and write variables of source and target, and say where they are."""
    group = firing(5)
    target = NeuronGroup(4, "dv/dt = -v/ms : 1\nlevel : 1\nhits : integer", method="exact")
    target.level = [0.1, 0.2, 0.3, 0.4]
    synapses = Synapses(
        group,
        target,
        """w : 1
        n : integer
        strong : boolean
        share : 1 (shared)
        product = w*t/ms + level_pre*i : 1""",
        on_pre="""n += 1
        strong = product + level_post > 0.7
        x_pre += 0.01*level_post
        v_post += w*share*(1 + 0.1*i) - 0.02*j/N_post
        hits_post += 1 + int(strong)
        w += 0.01*int(not strong)*int(n > 1)""",
    )
    synapses.connect(j="k for k in range(N_post) if (i + k) % 3 != 1")
    synapses.w, synapses.share = "0.1 + i/N_pre", 0.7
    synapses.run_regularly("share = 0.7 + 0.1*sin(t/ms)", dt=0.5 * ms)
    return [group, target, synapses, StateMonitor(synapses, ["w", "n", "strong"], record=True)]


def regular_work_of_synapses():
    source = drive()
    group = NeuronGroup(3, "v : 1")
    synapses = Synapses(source, group, "w : 1\ng : 1", on_pre="g += w; v_post += g")
    synapses.connect(p=1)
    synapses.w = "0.1*(1 + i + j)"
    synapses.run_regularly("w = clip(w*1.1, 0, 0.5)", dt=0.3 * ms, when="end")
    synapses.run_regularly("g *= 0.9", dt=0.1 * ms, when="start", order=-1)
    some = synapses[1:3, :]
    return [source, group, synapses, StateMonitor(synapses, ["w", "g"], record=some)]


def connections_drawn_by_chance():
    """Probabilities and samples, drawn alike on both devices; every neuron fires in every step."""
    group = NeuronGroup(12, "x : 1", threshold="True")
    target = NeuronGroup(9, "y : 1")
    sparse = Synapses(group, target, "w : 1", on_pre="y_post += w", name="sparse")
    sparse.connect(condition="i != j", p="0.1 + 0.05*(j % 3)")
    sparse.w = "rand()"
    sampled = Synapses(group, group, on_pre="x_post += 1", name="sampled")
    sampled.connect(j="k for k in sample(N_post, p=0.3) if k != i")
    fixed = Synapses(group, target, on_pre="y_post += 0.01", name="fixed")
    fixed.connect(j="k for k in sample(N_post, size=3)")
    return [group, target, sparse, sampled, fixed, StateMonitor(target, "y", record=True)]


def connections_by_generators():
    group = firing(6)
    ring = Synapses(group, group, on_pre="x_post += 1")
    ring.connect(j="(i + k) % N_post for k in range(-1, 2) if k != 0")
    wide = Synapses(group[:3], group, on_pre="x_post += 0.1")
    wide.connect(j="k for k in range(i, i + 9) if k % 2 == 0", skip_if_invalid=True)
    twice = Synapses(group, group, on_pre="x_post += 0.01")
    twice.connect(j="i", n="1 + i % 3")
    return [group, ring, wide, twice, StateMonitor(group, "x", record=True)]


def no_events():
    group = NeuronGroup(3, "v : 1\nI : 1", threshold="v > 1", reset="v = 0")
    group.I = 5
    synapses = Synapses(group, group, on_pre="v += 1")
    synapses.connect()
    return [group, synapses, SpikeMonitor(group), SpikeMonitor(group, record=False)]


def no_synapses():
    """Nothing arrives and sums are 0."""
    group = firing(3)
    target = NeuronGroup(3, "v : 1\nI : 1", threshold="t > 0.4*ms")
    target.I = 5
    model = """w : 1
    dg/dt = -g/ms : 1 (clock-driven)
    I_post = g*w : 1 (summed)"""
    empty = Synapses(
        group, target, model, on_pre="g += 1; v_post += w", on_post="w += 1", method="exact"
    )
    empty.connect(condition="False")
    empty.run_regularly("w += 1", dt=0.2 * ms)
    return [group, target, empty, StateMonitor(empty, "w", record=True), SpikeMonitor(group)]


def synapses_of_both_precisions():
    group = firing(4)
    target = NeuronGroup(3, "I : 1\nv : 1", dtype={"I": np.float32, "v": np.float64})
    synapses = Synapses(
        group,
        target,
        """w : 1
        n : integer
        dg/dt = -g/(2*ms) : 1 (clock-driven)
        da/dt = -a/(3*ms) : 1 (event-driven)
        I_post = g*w : 1 (summed)""",
        on_pre="g += 0.3; a += 0.1; v_post += w*a; n += 1",
        method="exact",
        dtype={"w": np.float32, "g": np.float64, "a": np.float32, "n": np.int64},
    )
    synapses.connect()
    synapses.w = "0.1 + 0.2*i + 0.3*j"
    return [group, target, synapses, StateMonitor(target, ["I", "v"], record=True)]


NETWORKS = [
    clock_driven_synapses,
    gap_junctions,
    several_sums_into_subgroups,
    synapses_between_subgroups,
    several_pathways,
    pathways_of_several_synapses_in_order,
    multisynaptic,
    synapses_onto_resting_neurons,
    custom_events_across_synapses,
    writing_on_both_sides,
    regular_work_of_synapses,
    connections_drawn_by_chance,
    connections_by_generators,
    synapses_of_both_precisions,
]
# The rest in single precision is slow and shows the same.


@pytest.mark.parametrize("build", NETWORKS)
def test_device_agrees_with_numpy(build, compare):
    tolerance = 1e-6 if build is synapses_of_both_precisions else 1e-12
    compare(build, durations=(2.3, 0, 3), tolerance=tolerance)


@pytest.mark.slow
@pytest.mark.parametrize("build", NETWORKS)
def test_device_agrees_in_single_precision(build, compare):
    compare(build, durations=(2.3, 0, 3), dtype=np.float32, tolerance=1e-5)


@pytest.mark.parametrize("build", [no_events, no_synapses])
def test_silence_agrees_with_numpy(build, compare):
    compare(build, durations=(2.3, 0, 3), eventful=False)
