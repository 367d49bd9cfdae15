"""Variables: types, subexpressions, tables of time, links, work done at regular times."""

import numpy as np
import pytest
from brian2 import (
    NeuronGroup,
    SpikeMonitor,
    StateMonitor,
    TimedArray,
    linked_var,
    ms,
    mV,
)


def integers_and_booleans():
    group = NeuronGroup(
        5,
        """dv/dt = -v/(3*ms) : 1
        n : integer
        high : boolean
        share : 1 (shared)""",
        threshold="v < 0.5 and not high",
        reset="high = True; n += 2",
        method="exact",
    )
    group.v = np.linspace(0.4, 1.4, 5)
    group.run_regularly("share += 0.5; n = n*2 - i//2; high = n > 9", dt=0.7 * ms)
    return [group, StateMonitor(group, ["n", "high", "share"], record=True)]


def whole_numbers_below_zero():
    """Division and remainder of negative integers, powers, comparisons, truth values."""
    group = NeuronGroup(
        6,
        """n : integer
        m : integer
        quotient = n // 3 : integer
        rest = n % 3 : integer
        ratio = n/4 + m**2 : 1
        odd = (n % 2 == 1) or (m < 0 and not n > 2) : boolean""",
        threshold="odd and m != 3",
        reset="m -= 2; n = n + m",
    )
    group.n, group.m = [-7, -3, -1, 0, 2, 5], [3, 1, -1, 0, 2, -4]
    group.run_regularly("n = n + 1 - 3*int(odd); m = (m + n) % 7 - 3", dt=0.4 * ms)
    names = ["n", "m", "quotient", "rest", "ratio", "odd"]
    return [group, StateMonitor(group, names, record=True), SpikeMonitor(group)]


def both_precisions():
    """Variables of both precisions in one group, each of which must keep its own."""
    group = NeuronGroup(
        4,
        """dx/dt = (y - x)/(2*ms) : 1
        dy/dt = (sin(x + t/ms) - y)/(3*ms) : 1
        total : 1
        n : integer""",
        threshold="y > 0.5",
        reset="n += 1; total += x; y = 0",
        method="rk2",
        dtype={"x": np.float32, "y": np.float64, "total": np.float32, "n": np.int64},
    )
    group.x = [0.1, 1.3, -0.7, 2]
    return [group, StateMonitor(group, ["x", "y", "total", "n"], record=True)]


def constant_over_dt():
    group = NeuronGroup(
        3,
        """dv/dt = (u - v)/(2*ms) : 1
        u = t/ms + i : 1 (constant over dt)
        w = cos(x)*u : 1 (constant over dt)
        dx/dt = (w - x)/ms : 1""",
        threshold="v > 1.2",
        reset="v -= u",
        method="rk2",
    )
    return [group, StateMonitor(group, ["v", "u", "w", "x"], record=True), SpikeMonitor(group)]


def nested_subexpressions():
    group = NeuronGroup(
        4,
        """dv/dt = (drive - v)/tau : 1
        drive = gain*wave + 0.1*i : 1
        wave = sin(phase)**2 : 1
        phase = t/ms + i/N : 1
        gain = 1 + 0.5*int(v < level) : 1
        level : 1 (shared)
        tau : second (constant)""",
        threshold="v > level*wave",
        reset="v = wave - drive/2",
        method="euler",
    )
    group.level, group.tau = 0.7, [1, 2, 3, 4] * ms
    group.run_regularly("level = 0.7 + 0.1*cos(t/ms)", dt=0.3 * ms)
    return [group, SpikeMonitor(group, variables=["drive", "phase"])]


def timed_arrays():
    current = TimedArray([0, 1, 3, -1, 2], dt=0.9 * ms, name="current_table")
    table = TimedArray(np.arange(12).reshape(4, 3) * 0.5, dt=1.1 * ms, name="two_table")
    group = NeuronGroup(
        3,
        "dv/dt = (current_table(t) + two_table(t, i) - v)/(2*ms) : 1",
        method="euler",
        namespace={"current_table": current, "two_table": table},
    )
    return [group, StateMonitor(group, "v", record=True)]


def timed_arrays_at_other_times():
    """Before their first row and beyond their last one, on a coarser clock, in a reset."""
    level = TimedArray([0.5, 0.9, 0.2, 1.4, 0.7, 0.3], dt=0.25 * ms)
    table = TimedArray([[1, 2], [3, 4], [0.5, -1]] * mV, dt=0.7 * ms)
    group = NeuronGroup(
        4,
        """dx/dt = (level(t - 1*ms) + level(t*9) - x)/ms : 1
        y : volt
        column : integer""",
        threshold="x > level(t)",
        reset="x = 0.1*level(t + 3*ms)",
        method="rk4",
        namespace={"level": level, "table": table},
    )
    group.column = [0, 1, 1, 0]
    group.run_regularly("y += table(t - 0.3*ms, column)", dt=0.35 * ms)
    return [group, StateMonitor(group, ["x", "y"], record=True), SpikeMonitor(group)]


def linked_and_subgroups():
    source = NeuronGroup(6, "dx/dt = (i - x)/(4*ms) : 1", method="exact")
    target = NeuronGroup(3, "y : 1 (linked)\ndz/dt = (y - z)/ms : 1", method="euler")
    target.y = linked_var(source, "x", index=[5, 1, 3])
    part = source[2:5]
    part.run_regularly("x += 1", dt=1.5 * ms)
    return [source, target, StateMonitor(part, "x", record=True), StateMonitor(target, "z", [0])]


def links_to_subgroups():
    """Links to a subgroup, to one value for all, to a shared variable, and through a link."""
    source = NeuronGroup(
        6, "dx/dt = (i - x)/(4*ms) : 1\ncommon : 1 (shared)\nn : integer", method="exact"
    )
    single = NeuronGroup(1, "dg/dt = -g/(2*ms) : 1", method="exact")
    target = NeuronGroup(
        3,
        """y : 1 (linked)
        common : 1 (linked)
        g : 1 (linked)
        number : integer (linked)
        dz/dt = (y*common + g*number - z)/ms : 1
        seen : 1""",
        threshold="z > 0.5 + g",
        reset="z = 0; seen += y",
        method="euler",
    )
    further = NeuronGroup(2, "w : 1 (linked)\ndu/dt = (w - u)/ms : 1", method="euler")
    part = source[1:4]
    target.y, target.number = linked_var(part, "x"), linked_var(part, "n", index=[2, 0, 0])
    target.common, target.g = linked_var(source, "common"), linked_var(single, "g")
    further.w = linked_var(target, "y", index=[2, 1])
    source.n, source.common, single.g = np.arange(6), 0.5, 2
    part.run_regularly("n += 1; x *= 0.9", dt=0.5 * ms)
    source.run_regularly("common = 0.5 + 0.1*sin(t/ms)", dt=0.3 * ms)
    return [source, single, target, further, StateMonitor(further, "u", True), SpikeMonitor(target)]


def regular_work_in_order():
    """Several pieces of regular work at one time, whose order decides the outcome."""
    group = NeuronGroup(3, "x : 1\ny : 1\ncommon : 1 (shared)")
    group.x = [1, 2, 3]
    group.run_regularly("common += 1; x *= 2", dt=0.2 * ms, when="start", order=1)
    group.run_regularly("x -= 1", dt=0.3 * ms, when="start", order=-1)
    group.run_regularly("y = x + common", dt=0.1 * ms, when="end")
    group[1:].run_regularly("x = x % 7", dt=0.4 * ms, when="after_groups", order=3)
    return [group, StateMonitor(group, ["x", "y", "common"], record=True, when="end", order=1)]


NETWORKS = [
    integers_and_booleans,
    whole_numbers_below_zero,
    both_precisions,
    constant_over_dt,
    nested_subexpressions,
    timed_arrays,
    timed_arrays_at_other_times,
    linked_and_subgroups,
    links_to_subgroups,
    regular_work_in_order,
]
# The rest in single precision is slow and shows the same.


@pytest.mark.parametrize("build", NETWORKS)
def test_device_agrees_with_numpy(build, compare):
    # Single precision has few digits also where only one variable of a network has it.
    tolerance = 1e-6 if build is both_precisions else 1e-12
    compare(build, durations=(2.3, 0, 3), tolerance=tolerance)


@pytest.mark.slow
@pytest.mark.parametrize("build", NETWORKS)
def test_device_agrees_in_single_precision(build, compare):
    compare(build, durations=(2.3, 0, 3), dtype=np.float32, tolerance=1e-5)
