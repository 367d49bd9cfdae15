"""Inputs and recordings: spike generators, Poisson groups, monitors of every kind, functions."""

import numpy as np
import pytest
from brian2 import (
    Clock,
    EventMonitor,
    Function,
    NeuronGroup,
    PoissonGroup,
    PoissonInput,
    PopulationRateMonitor,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    check_units,
    implementation,
    kHz,
    ms,
    mV,
)


def drive(**options):
    times = [0.2, 0.5, 0.5, 1.1, 1.7, 2.4, 2.4, 3.9]
    return SpikeGeneratorGroup(4, [0, 1, 2, 0, 2, 1, 3, 3], times * ms, **options)


def periodic_input():
    source = SpikeGeneratorGroup(3, [0, 2, 1], [0.1, 0.4, 0.4] * ms, period=0.7 * ms)
    return [source, SpikeMonitor(source)]


def input_on_a_coarse_clock():
    """Several spikes of a source, several sources, and the end of a period in one step."""
    source = SpikeGeneratorGroup(
        5, [4, 0, 2, 2, 1, 3], [0, 0.1, 0.2, 0.6, 0.9, 1.2] * ms, period=1.25 * ms, dt=0.25 * ms
    )
    group = NeuronGroup(3, "v : 1")
    synapses = Synapses(source, group, on_pre="v_post += 1 + i", delay=0.5 * ms)
    synapses.connect(condition="i > j")
    return [source, group, synapses, SpikeMonitor(source), PopulationRateMonitor(source)]


def changed_input():
    source = drive()

    def change(network):
        source.set_spikes([1, 0], [5.1, 4.2] * ms)

    return [source, SpikeMonitor(source), change]


def input_changed_again_and_again():
    """To a period, to another one, and to none, with spikes under way."""
    source = drive()
    group = NeuronGroup(2, "v : 1")
    synapses = Synapses(source, group, on_pre="v_post += 1 + i + 3*j")
    synapses.connect(condition="i > 0")
    synapses.delay = "0.3*ms*(1 + j)"

    def change(network):
        source.set_spikes([1, 2, 0], [0.1, 0.3, 0.3] * ms, period=0.5 * ms)
        network.run(1.3 * ms)
        source.set_spikes([3, 0], [0, 0.6] * ms, period=1.1 * ms)
        network.run(2 * ms)
        # Now 5.6 ms; a spike of the past is never sent.
        source.set_spikes([0, 1, 2, 1], [0.3, 6, 6, 7] * ms)

    return [source, group, synapses, SpikeMonitor(source), change]


def poisson_groups_that_always_fire():
    """Rates of 0 and of more than one spike per step leave nothing to chance."""
    source = PoissonGroup(5, rates="(i % 2)*20*kHz")
    given = PoissonGroup(3, rates=np.array([0, 11, 0]) * kHz)
    group = NeuronGroup(3, "v : 1\nu : 1")
    first = Synapses(source[1:4], group, on_pre="v_post += 1 + i", delay=0.3 * ms)
    first.connect()
    second = Synapses(given, group, on_pre="u_post += 1")
    second.connect(j="i")
    certain = PoissonInput(group, "u", N=7, rate=10 * kHz, weight=0.5)
    monitors = [SpikeMonitor(source), PopulationRateMonitor(given), StateMonitor(group, "v", True)]
    return [source, given, group, first, second, certain, *monitors]


def population():
    group = NeuronGroup(
        8,
        "dv/dt = (2.2 - v)/(2*ms) : 1\nn : integer\nhigh = v > 1 : boolean\nshare : 1 (shared)",
        threshold="v > 1.6",
        reset="v = 0; n += 1",
        events={"middle": "v > 0.8 and v < 0.9"},
        method="exact",
    )
    group.v = np.arange(8) / 5
    group.run_regularly("share += 0.1", dt=0.3 * ms)
    return group


def monitors_of_subgroups():
    group = population()
    part, end = group[2:6], group[7:]
    return [
        group,
        SpikeMonitor(part, variables=["v", "n", "high"]),
        SpikeMonitor(end, variables="n", record=False),
        EventMonitor(part, "middle", variables=["v", "share"]),
        PopulationRateMonitor(part),
        PopulationRateMonitor(end),
        StateMonitor(part, ["v", "n", "high"], record=[0, 3]),
        StateMonitor(end, "v", record=True),
    ]


def monitors_at_other_times():
    group = population()
    return [
        group,
        StateMonitor(group, ["v", "share"], record=[7, 2, 2], dt=0.3 * ms),
        StateMonitor(group, ["v", "n"], record=True, when="after_resets", order=-1),
        StateMonitor(group, "n", record=5, clock=Clock(dt=1 * ms)),
        SpikeMonitor(group, variables=["v"], when="after_resets"),
        SpikeMonitor(group, variables=["v"], when="after_thresholds", order=-2),
        PopulationRateMonitor(group),
    ]


def monitors_of_synapses():
    source, group = drive(), population()
    synapses = Synapses(
        source,
        group,
        """dg/dt = -g/ms : 1 (clock-driven)
        w : 1
        hits : integer
        doubled = 2*g*w : 1""",
        on_pre="g += w; hits += 1",
        method="exact",
    )
    synapses.connect(condition="(i + j) % 3 != 0")
    synapses.w = "i + 0.1*j"
    return [
        source,
        group,
        synapses,
        StateMonitor(synapses, ["g", "doubled"], record=synapses[:2, 1:5]),
        StateMonitor(synapses, ["hits", "w"], record=[5, 0], dt=0.5 * ms, when="end"),
    ]


@check_units(x=1, y=mV, result=mV)
def squashed(x, y):
    return np.tanh(x) * y + 2 * mV * np.sin(x)


@implementation(
    "numba",
    """
from numba import njit

@njit
def half_wave(x, level):
    if x < level:
        return 0.0
    return x - level
""",
)
@check_units(x=1, level=1, result=1)
def half_wave(x, level):
    return np.where(x < level, 0.0, x - level)


def functions_of_the_user():
    """Python functions that are compiled, one that brings text of its own, one without units."""
    namespace = {
        "squashed": squashed,
        "half_wave": half_wave,
        "cubed": Function(lambda x: x * x * x, arg_units=[1], return_unit=1),
    }
    group = NeuronGroup(
        4,
        """dv/dt = (squashed(x, 3*mV) - v)/(2*ms) : volt
        dx/dt = (cubed(0.5 - x) + half_wave(sin(t/ms), 0.2))/ms : 1""",
        threshold="half_wave(x, 0.1*i) > 0.4",
        reset="x = -cubed(x)",
        method="euler",
        namespace=namespace,
    )
    group.x = np.arange(4) / 5
    synapses = Synapses(
        group,
        group,
        "w = half_wave(x_pre, 0.3) : 1",
        on_pre="x_post += 0.1*w + cubed(0.1*j)",
        namespace=namespace,
    )
    synapses.connect(condition="i != j")
    synapses.delay = 0.2 * ms
    return [group, synapses, StateMonitor(group, ["v", "x"], record=True), SpikeMonitor(group)]


NETWORKS = [
    periodic_input,
    input_on_a_coarse_clock,
    changed_input,
    input_changed_again_and_again,
    poisson_groups_that_always_fire,
    monitors_of_subgroups,
    monitors_at_other_times,
    monitors_of_synapses,
    functions_of_the_user,
]
# The rest in single precision is slow and shows the same.
# Times are kept in double, so that these have nothing in single precision.
ONLY_TIMES = [periodic_input, changed_input]


@pytest.mark.parametrize("build", NETWORKS)
def test_device_agrees_with_numpy(build, compare):
    compare(build, durations=(2.3, 0, 3))


@pytest.mark.slow
@pytest.mark.parametrize("build", [known for known in NETWORKS if known not in ONLY_TIMES])
def test_device_agrees_in_single_precision(build, compare):
    compare(build, durations=(2.3, 0, 3), dtype=np.float32, tolerance=1e-5)


@check_units(x=1, result=1)
def rounded_by_python(x):
    # numba cannot compile this; NumPy's target needs no compiler.
    return np.array([float(f"{value:.3f}") for value in np.atleast_1d(x)])


def test_python_islands_agree_with_numpy(compare, caplog):
    """What cannot be compiled runs from Python in its place, of which one warning tells."""

    def build():
        source = drive()
        group = NeuronGroup(
            4,
            "dv/dt = (2.5 - v)/(2*ms) : 1\nx : 1",
            threshold="v > 2",
            reset="v = 0.1*rounded_by_python(x)",
            method="exact",
            namespace={"rounded_by_python": rounded_by_python},
        )
        group.v = np.arange(4) / 2
        group.run_regularly("x = rounded_by_python(v + 0.0001)", dt=0.3 * ms)
        synapses = Synapses(source, group, on_pre="v_post += 0.2", delay=0.5 * ms)
        synapses.connect()
        return [source, group, synapses, StateMonitor(group, ["v", "x"], record=True)]

    compare(build, durations=(2.3, 0, 3))
    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len([text for text in told if "'rounded_by_python' cannot be compiled" in text]) == 1
