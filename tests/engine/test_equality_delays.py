"""Delays: of every kind, with plasticity, across runs, changed while spikes are under way."""

import numpy as np
import pytest
from brian2 import (
    Clock,
    NeuronGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    ms,
    network_operation,
)

TIMES = [0.2, 0.5, 0.5, 1.1, 1.7, 2.2, 2.2, 3.9]


def drive():
    return SpikeGeneratorGroup(4, [0, 1, 2, 0, 2, 1, 3, 3], TIMES * ms)


def delays(kind):
    def build():
        source = drive()
        group = NeuronGroup(5, "dv/dt = -v/(4*ms) : 1", method="exact")
        synapses = Synapses(source, group, "w : 1", on_pre="v += w")
        synapses.connect(i=[0, 0, 1, 2, 2, 3, 3, 0], j=[4, 1, 1, 0, 2, 3, 0, 0])
        synapses.w = np.arange(8) + 0.3
        if kind == "heterogeneous":
            synapses.delay = np.array([3, 0, 1.24, 0.36, 7, 0.1, 0.1, 2]) * 0.3 * ms
        elif kind == "homogeneous":
            synapses.delay = 0.7 * ms
        return [source, group, synapses, StateMonitor(group, "v", record=True)]

    build.__name__ = f"{kind}_delays"
    return build


def scalar_delay():
    source = drive()
    group = NeuronGroup(4, "v : 1")
    synapses = Synapses(source, group, on_pre="v += 1 + i", delay=0.55 * ms)
    synapses.connect(condition="abs(i - j) <= 1")
    return [source, group, synapses, StateMonitor(group, "v", record=True)]


def changed_delays():
    objects = delays("heterogeneous")()

    def change(network):
        objects[2].delay = np.array([0, 1, 2, 3, 4, 5, 6, 7]) * 0.2 * ms

    return [*objects, change]


def delays_changed_again_and_again():
    """Longer, shorter, by expression and back, with spikes under way each time."""
    source = SpikeGeneratorGroup(4, [0, 1, 2, 3, 0], [0, 0.2, 0.3, 0.5, 0.8] * ms, period=0.9 * ms)
    group = NeuronGroup(3, "v : 1")
    synapses = Synapses(source, group, "w : 1", on_pre={"near": "v += w", "far": "v -= 0.1*w"})
    synapses.connect()
    synapses.w = "1 + i + 0.3*j"
    synapses.far.delay = "0.4*ms*j"
    synapses.near.delay = "0.3*ms + rand()*ms"

    def change(network):
        for near, far in (
            ("1.1*ms - 0.2*ms*i", "2*ms"),
            ("0*ms", "0.1*ms*i"),
            ("(w % 3)*ms", "0.7*ms"),
        ):
            synapses.near.delay, synapses.far.delay = near, far
            network.run(0.7 * ms)

    return [source, group, synapses, StateMonitor(group, "v", record=True), change]


def plasticity():
    source, target = drive(), SpikeGeneratorGroup(3, [0, 1, 2, 0], [0.4, 1, 1.8, 2.6] * ms)
    synapses = Synapses(
        source,
        target,
        """w : 1
        dapre/dt = -apre/(2*ms) : 1 (event-driven)
        dapost/dt = -apost/(3*ms) : 1 (event-driven)""",
        on_pre="apre += 0.1; w = clip(w + apost, 0, 1)",
        on_post="apost -= 0.12; w = clip(w + apre, 0, 1)",
    )
    synapses.connect()
    synapses.w = "0.1 + 0.02*i + 0.05*j"
    synapses.pre.delay = "0.2*ms*i"
    synapses.post.delay = 0.3 * ms
    return [source, target, synapses, StateMonitor(synapses, ["w"], record=True)]


def plasticity_of_multiple_synapses():
    """Every pair has two or three synapses with delays of their own, on both of its sides."""
    source = drive()
    group = NeuronGroup(
        3,
        "dv/dt = (1.5 + 0.2*i - v)/(2*ms) : 1",
        threshold="v > 1.2",
        reset="v = 0",
        method="exact",
    )
    synapses = Synapses(
        source,
        group,
        """w : 1
        dapre/dt = -apre/(2*ms) : 1 (event-driven)
        dapost/dt = -apost/(3*ms) : 1 (event-driven)
        dmean/dt = (w - mean)/(1*ms) : 1 (clock-driven)""",
        on_pre="v_post += 0.2*w; apre += 0.1; w = clip(w + apost + 0.01*mean, 0, 1)",
        on_post={"post": "apost -= 0.12", "late": "w = clip(w + apre, 0, 1)"},
        multisynaptic_index="k",
        method="exact",
    )
    synapses.connect(n="2 + (i + j) % 2")
    synapses.w = "0.1 + 0.2*k + 0.05*i"
    synapses.pre.delay = "0.3*ms*k + 0.1*ms*i"
    synapses.post.delay = "0.2*ms*(2 - k)"
    synapses.late.delay = 0.6 * ms
    recorded = StateMonitor(synapses, ["w", "mean"], record=True)
    return [source, group, synapses, recorded, SpikeMonitor(group)]


def delays_of_plastic_subgroups():
    """Parts of one group as source and target; spikes of other parts use none of its delays."""
    group = NeuronGroup(
        9, "dv/dt = (3 - v)/(2*ms) : 1", threshold="v > 2", reset="v = 0", method="exact"
    )
    group.v = np.arange(9) * 2 / 9
    synapses = Synapses(
        group[2:5],
        group[4:8],
        "w : 1\nda/dt = -a/ms : 1 (event-driven)",
        on_pre="v_post += w; a += 1",
        on_post="w += 0.01*a",
    )
    synapses.connect(condition="i + 2 != j + 4")
    synapses.w = 0.05
    synapses.pre.delay, synapses.post.delay = "0.2*ms + 0.4*ms*j", "0.3*ms*i"
    return [group, synapses, SpikeMonitor(group), StateMonitor(synapses, "w", record=True)]


def synapses_onto_synapses():
    """Modulation with delays of synapses with delays: by spikes, and by a sum over synapses."""
    source = drive()
    group = NeuronGroup(3, "v : 1")
    fast = Synapses(source, group, "w : 1\ngain : 1", on_pre="v += w*(1 + gain)")
    fast.connect()
    fast.w = 1
    fast.delay = "0.2*ms*(1 + i)"
    modulator = SpikeGeneratorGroup(2, [0, 1, 0], [0.3, 1.5, 2.2] * ms)
    onto = Synapses(modulator, fast, on_pre="w_post *= 1.5")
    onto.connect(j="k for k in range(i, N_post, 2)")
    onto.delay = "0.1*ms*(j % 7)"
    summing = Synapses(
        modulator,
        fast,
        "ds/dt = -s/ms : 1 (clock-driven)\ngain_post = s : 1 (summed)",
        on_pre="s += 1",
        delay=0.4 * ms,
        method="exact",
    )
    summing.connect(j="k for k in range(i, N_post, 3)")
    return [source, group, fast, modulator, onto, summing, StateMonitor(group, "v", record=True)]


def delays_between_clocks():
    """A source, a target and synapses with steps of 0.25, 0.1 and 0.2 ms."""
    slow = NeuronGroup(
        4,
        "dv/dt = (2.2 - v)/(2*ms) : 1",
        threshold="v > 1.8",
        reset="v = 0",
        method="euler",
        dt=0.25 * ms,
    )
    slow.v = [0, 0.5, 1, 1.5]
    fast = NeuronGroup(
        3,
        "dv/dt = -v/ms : 1",
        threshold="v > 0.3",
        reset="v -= 0.2",
        method="exact",
        dt=0.1 * ms,
    )
    synapses = Synapses(
        slow,
        fast,
        "w : 1\ndg/dt = -g/ms : 1 (clock-driven)",
        on_pre="v_post += w; g += 1",
        on_post="w += 0.01*g",
        method="exact",
        clock=Clock(dt=0.2 * ms),
    )
    synapses.connect()
    synapses.w = 0.4
    synapses.pre.delay, synapses.post.delay = "0.3*ms*j", "0.15*ms*i"
    monitors = [StateMonitor(synapses, ["w", "g"], record=True), SpikeMonitor(fast)]
    return [slow, fast, synapses, *monitors]


def delays_beside_python():
    """Python in the middle of steps, on a clock of its own, changes state under way."""
    objects = delays_between_clocks()
    slow, fast, synapses = objects[:3]
    seen = NeuronGroup(1, "total : 1\nn : integer")

    @network_operation(dt=0.35 * ms, when="before_synapses")
    def look(t):
        seen.total += float(np.sum(synapses.w[:])) * (t / ms)
        fast.v = fast.v[:] * 0.9

    @network_operation(dt=0.1 * ms, when="after_thresholds")
    def count():
        seen.n += 1
        slow.v[int(seen.n[0]) % 4] += 0.01

    return [*objects, seen, look, count]


def synapses_added_between_runs():
    source = drive()
    group = NeuronGroup(4, "v : 1")
    synapses = Synapses(source, group, "w : 1", on_pre="v += w")
    synapses.connect(i=[0, 1, 2], j=[0, 0, 1])
    synapses.w, synapses.delay = [1, 2, 3], [0.3, 1.4, 2.1] * ms

    def change(network):
        synapses.connect(i=[3, 3, 1], j=[3, 2, 2])
        synapses.w["i == 3"] = "4 + j"
        synapses.delay["i == 3"] = "0.9*ms - 0.2*ms*j"
        synapses.w[1, 2] = 9

    return [source, group, synapses, change]


homogeneous, heterogeneous = delays("homogeneous"), delays("heterogeneous")
NETWORKS = [
    delays("no"),
    homogeneous,
    heterogeneous,
    scalar_delay,
    changed_delays,
    delays_changed_again_and_again,
    plasticity,
    plasticity_of_multiple_synapses,
    delays_of_plastic_subgroups,
    synapses_onto_synapses,
    delays_between_clocks,
    delays_beside_python,
    synapses_added_between_runs,
]
# The rest in single precision is slow and shows the same.


@pytest.mark.parametrize("build", NETWORKS)
def test_device_agrees_with_numpy(build, compare):
    compare(build, durations=(2.3, 0, 3))


@pytest.mark.slow
@pytest.mark.parametrize("build", NETWORKS)
def test_device_agrees_in_single_precision(build, compare):
    compare(build, durations=(2.3, 0, 3), dtype=np.float32, tolerance=1e-5)


@pytest.mark.parametrize("change_delays", [False, True], ids=["kept", "changed"])
def test_spikes_cross_the_end_of_a_run(change_delays, compare):
    counts = []

    def build():
        source = SpikeGeneratorGroup(3, [0, 1, 2, 1], [0.1, 0.6, 0.9, 1] * ms)
        group = NeuronGroup(2, "n : integer")
        synapses = Synapses(source, group, on_pre="n += 1")
        synapses.connect()
        synapses.delay = "(2 + i + 4*j)*0.3*ms"

        def change(network):
            counts.append(list(group.n))
            if change_delays:
                synapses.delay = "0.1*ms*j"

        return [source, group, synapses, change]

    # No neuron spikes after the first run, in which some of 8 events arrive.
    last = compare(build, durations=(1.2, 0.4, 5))
    assert counts == [[1, 0], [1, 0]]
    np.testing.assert_array_equal(last["1 n"], [4, 4])
