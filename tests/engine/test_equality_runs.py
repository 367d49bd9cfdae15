"""What happens between and during runs: changes, store and restore, stops, Python in the loop."""

import numpy as np
import pytest
from brian2 import (
    NeuronGroup,
    PopulationRateMonitor,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    TimedArray,
    defaultclock,
    ms,
    network_operation,
)


def drive():
    times = [0.2, 0.5, 0.5, 1.1, 1.7, 2.2, 2.2, 3.9]
    return SpikeGeneratorGroup(4, [0, 1, 2, 0, 2, 1, 3, 3], times * ms)


def plastic():
    """Return a source, a target that fires, and plastic synapses with delays between them."""
    source = drive()
    group = NeuronGroup(
        3,
        "dv/dt = (1.5 + 0.2*i - v)/(2*ms) : 1 (unless refractory)",
        threshold="v > 1.2",
        reset="v = 0",
        refractory=0.3 * ms,
        method="exact",
    )
    synapses = Synapses(
        source,
        group,
        "w : 1\nda/dt = -a/(2*ms) : 1 (event-driven)",
        on_pre="v_post += 0.1*w; a += 1",
        on_post="w += 0.1*a",
    )
    synapses.connect()
    synapses.pre.delay, synapses.post.delay = "0.3*ms*i + 0.5*ms*j", "0.4*ms*(i + 1)"
    return [source, group, synapses, StateMonitor(synapses, "w", record=True), SpikeMonitor(group)]


def changed_state():
    group = NeuronGroup(3, "dv/dt = -v/(2*ms) : 1\nn : integer\nhigh : boolean", method="exact")
    group.v = [1, 2, 3]
    group.run_regularly("n += int(high)", dt=0.2 * ms)

    def change(network):
        group.v[1] = 7
        group.v["i == 2"] = "v + t/ms"
        group.high[:2] = True

    return [group, StateMonitor(group, ["v", "n"], record=True), change]


def inactive_objects():
    objects = plastic()

    def change(network):
        objects[2].post.active = False
        objects[3].active = False
        network.run(0.9 * ms)
        objects[2].post.active = objects[3].active = True
        objects[0].active = objects[1].resetter["spike"].active = False
        network.run(0.9 * ms)
        objects[0].active = objects[1].resetter["spike"].active = True

    return [*objects, change]


def sleeping_pathway():
    """Spikes go on being sent while their delivery is switched off."""
    source = drive()
    group = NeuronGroup(2, "v : 1")
    synapses = Synapses(source, group, on_pre="v_post += 1 + i")
    synapses.connect()
    synapses.delay = "0.2*ms + 0.5*ms*j"

    def change(network):
        synapses.pre.active = False
        network.run(0.3 * ms)
        synapses.pre.active = True

    return [source, group, synapses, change]


def stored_and_restored():
    """Two ways on from one moment with spikes under way, and back to the first moment."""
    objects = plastic()

    def change(network):
        network.store("middle")
        network.run(1.4 * ms)
        objects[2].w = "w + 0.3*i"
        network.restore("middle")
        network.run(0.8 * ms)
        network.store()
        network.run(1.1 * ms)
        network.restore()
        network.run(0.4 * ms)
        network.restore("middle")

    return [*objects, change]


def restored_under_other_delays():
    """What is under way keeps the delay it was sent with, what is sent later has the new one."""
    objects = plastic()

    def change(network):
        network.store()
        # So chosen that no synapse has two events in one step, of which NumPy would count one.
        objects[2].pre.delay = "0.3*ms*j"
        network.run(1.4 * ms)
        network.restore()
        network.run(0.3 * ms)
        objects[2].post.delay = "1*ms"

    return [*objects, change]


def stored_to_a_file(tmp_path):
    objects = plastic()
    path = tmp_path / "network"

    def change(network):
        network.store(filename=path)
        network.run(1.4 * ms)
        network.restore(filename=path)

    return [*objects, change]


def changed_step():
    """Steps of 0.1, then of 0.05, then of 0.2 ms, for all that counts in steps."""
    table = TimedArray([0, 1, 3, -1, 2, 0.5], dt=0.4 * ms)
    group = NeuronGroup(
        4,
        "dv/dt = (table(t) + 1.5 - v)/ms : 1 (unless refractory)",
        threshold="v > 1",
        reset="v = 0",
        refractory=0.4 * ms,
        method="exponential_euler",
        namespace={"table": table},
    )
    group.v = np.arange(4) / 4
    synapses = Synapses(group, group, on_pre="v_post += 0.1")
    synapses.connect(condition="i != j")
    group.run_regularly("v *= 0.99")

    def change(network):
        defaultclock.dt = 0.05 * ms
        network.run(1.1 * ms)
        defaultclock.dt = 0.2 * ms
        network.run(1.2 * ms)

    recorded = StateMonitor(group, "v", record=True)
    return [group, synapses, recorded, SpikeMonitor(group), PopulationRateMonitor(group), change]


def changed_step_with_spikes_under_way():
    """An event under way keeps the time it still has to wait."""
    objects = plastic()

    def change(network):
        defaultclock.dt = 0.05 * ms
        network.run(1.1 * ms)
        defaultclock.dt = 0.1 * ms

    return [*objects, change]


def objects_added_and_removed():
    objects = plastic()
    extra = NeuronGroup(2, "dx/dt = (i - x)/ms : 1", method="exact")

    def change(network):
        network.add(extra)
        network.run(0.5 * ms)
        network.remove(objects[4], extra)
        objects[1].v = "v + 0.1*i"

    return [*objects, change]


def changed_schedule():
    source = drive()
    group = NeuronGroup(2, "v : 1\nu : 1", threshold="v > 2", reset="v = 0; u += 1")
    synapses = Synapses(source, group, on_pre="v_post += 1.2")
    synapses.connect()

    def change(network):
        network.schedule = ["start", "resets", "synapses", "groups", "thresholds", "end"]

    return [source, group, synapses, StateMonitor(group, ["v", "u"], record=True), change]


def stopped_and_going_on():
    """Python stops two runs before their ends, once from a clock of its own."""
    objects = plastic()
    stops = []

    @network_operation(dt=0.3 * ms, when="after_thresholds")
    def look(t):
        if stops and t > stops[0]:
            stops.pop(0)
            networks[0].stop()

    networks = []

    def change(network):
        networks.append(network)
        stops.extend([2.9 * ms, 3.5 * ms])
        network.run(4 * ms)
        network.run(4 * ms)
        assert 3.5 * ms < network.t < 4 * ms

    return [*objects, look, change]


def python_and_delays_on_several_clocks():
    """Python sets states and inputs, in three places of the schedule and on three clocks."""
    source, group, synapses, *monitors = plastic()
    slow = NeuronGroup(2, "dx/dt = (1 - x)/ms : 1", method="euler", dt=0.25 * ms)
    back = Synapses(group, slow, on_pre="x_post -= 0.2", delay=0.35 * ms)
    back.connect()
    log = NeuronGroup(4, "value : 1\ncommon : 1 (shared)")

    @network_operation(dt=0.1 * ms, when="start")
    def first():
        log.value[0] += group.v[0]

    @network_operation(dt=0.25 * ms, when="after_synapses")
    def second(t):
        log.value[1] += slow.x[1] * t / ms
        synapses.w[0, 1] = synapses.w[0, 1] + 0.1

    @network_operation(dt=0.4 * ms, when="end")
    def third():
        log.value[2] += synapses.w[0, 1][0]
        group.v[2] = 1.19

    return [source, group, synapses, slow, back, log, first, second, third, *monitors]


NETWORKS = [
    changed_state,
    inactive_objects,
    sleeping_pathway,
    stored_and_restored,
    restored_under_other_delays,
    changed_step,
    changed_step_with_spikes_under_way,
    objects_added_and_removed,
    changed_schedule,
    stopped_and_going_on,
    python_and_delays_on_several_clocks,
]
# The rest in single precision is slow and shows the same.


@pytest.mark.parametrize("build", NETWORKS)
def test_device_agrees_with_numpy(build, compare):
    compare(build, durations=(2.3, 0, 3))


@pytest.mark.slow
@pytest.mark.parametrize("build", NETWORKS)
def test_device_agrees_in_single_precision(build, compare):
    compare(build, durations=(2.3, 0, 3), dtype=np.float32, tolerance=1e-5)


def test_files_restore_as_in_numpy(compare, tmp_path):
    compare(lambda: stored_to_a_file(tmp_path), durations=(2.3, 3))


def test_many_short_runs_agree_with_numpy(compare):
    # Shorter than a step, of one step, and of no whole number of steps.
    compare(plastic, durations=(0.1, 0.04, 0.26, 0, 0.1, 1.13, 0.07, 0.1, 0.2, 2))
