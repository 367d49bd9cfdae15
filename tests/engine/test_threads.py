"""Networks run by several threads: the same bits, whatever their number."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from brian2 import (
    EventMonitor,
    Network,
    NeuronGroup,
    PoissonGroup,
    PopulationRateMonitor,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    TimedArray,
    linked_var,
    ms,
    network_operation,
    prefs,
)
from brian2.core.preferences import PreferenceError

from neurosim.engine.compiler import compile_program
from neurosim.engine.program import Program
from neurosim.engine.sharing import shares_of
from neurosim.engine.team import Team
from neurosim.kernels.threads import BARRIER_LENGTH, meet

# Elements are dealt out in blocks of 512: three for this many, so that one of four gets none.
N = 1300


def cells(n=N, **options):
    group = NeuronGroup(
        n,
        """dv/dt = (1.1 - v + 0.3*g)/(10*ms) + 0.4*xi*ms**-0.5 : 1 (unless refractory)
        dg/dt = -g/(3*ms) : 1""",
        threshold="v > 1",
        reset="v = 0.1*rand()",
        refractory=1.2 * ms,
        method="euler",
        **options,
    )
    group.v = "rand()"
    return group


def recurrent():
    """Noise, refractoriness, delays that differ, random transmission, all monitors."""
    group = cells()
    synapses = Synapses(group, group, "w : 1", on_pre="g_post += w*int(rand() < 0.7)")
    synapses.connect(p=0.02)
    synapses.w = "0.1*rand()"
    synapses.delay = "0.1*ms*(1 + i % 7)"
    inhibition = Synapses(group[1000:], group[:1100], on_pre="v_post -= 0.05", delay=0.4 * ms)
    inhibition.connect(p=0.05)
    monitors = [
        SpikeMonitor(group),
        SpikeMonitor(group[600:], variables="g"),
        PopulationRateMonitor(group),
        StateMonitor(group, ["v", "g"], record=[0, 511, 512, 1299]),
    ]
    return [group, synapses, inhibition, *monitors]


def in_no_order():
    """Synapses whose targets are in no order, some twice."""
    group = cells()
    rng = np.random.default_rng(1)
    synapses = Synapses(group, group, "w : 1", on_pre="g_post = 0.9*g_post + w", delay=0.3 * ms)
    synapses.connect(i=rng.integers(0, N, 9000), j=rng.integers(0, N, 9000))
    synapses.w = "0.01 + 0.1*rand()"
    return [group, synapses, SpikeMonitor(group)]


def driven():
    """Random input, plasticity, what is done now and then, two clocks, other events."""
    source = PoissonGroup(1100, 400 * ms**-1 / 1000)
    group = cells(events={"high": "g > 0.5"})
    synapses = Synapses(
        source,
        group,
        """w : 1
        dx/dt = -x/(5*ms) : 1 (event-driven)""",
        on_pre="g_post += w; x += 0.1",
        on_post="w = clip(w + x, 0, 0.5)",
    )
    synapses.connect(p=0.01)
    synapses.w = 0.2
    group.run_regularly("g *= 0.5 + 0.5*rand()", dt=1 * ms)
    slow = NeuronGroup(700, "dy/dt = (I(t, i % 3) - y)/ms : 1", method="euler", dt=0.3 * ms)
    slow.namespace["I"] = TimedArray([[0, 1, 2], [3, 4, 5]], dt=2 * ms)
    high = EventMonitor(group, "high", "g")
    return [source, group, synapses, slow, high, StateMonitor(slow, "y", record=[0, 699])]


def with_python():
    """Python in between reads and changes what threads have computed."""
    group = cells()
    synapses = Synapses(group, group, on_pre="g_post += 0.05", delay=0.5 * ms)
    synapses.connect(p=0.02)

    @network_operation(dt=0.7 * ms)
    def kick():
        group.v[::100] = np.array(group.v)[::100] * 0.5 + 0.1

    return [group, synapses, kick, SpikeMonitor(group), StateMonitor(group, "v", record=[5, 600])]


def sums():
    """Summed variables and synapses with dynamics of their own."""
    group = NeuronGroup(N, "dv/dt = (1 - v + 0.1*I)/(5*ms) : 1\nI : 1", method="euler")
    group.v = "rand()"
    synapses = Synapses(
        group, group, "ds/dt = (v_pre - s)/ms : 1 (clock-driven)\nI_post = s : 1 (summed)"
    )
    synapses.connect(p=0.002)
    return [group, synapses, StateMonitor(group, "I", record=[0, 1000])]


def other_delays(objects):
    """Change delays while events are under way, which are then delivered as they were sent."""
    objects[1].delay = "0.1*ms*(1 + j % 5)"


def one_delay(objects):
    """The same where all synapses have one delay."""
    objects[1].delay = 0.9 * ms


NETWORKS = {
    "recurrent": (recurrent, other_delays),
    "in_no_order": (in_no_order, one_delay),
    "driven": (driven, None),
    "with_python": (with_python, one_delay),
    "sums": (sums, None),
}


@pytest.fixture
def threads():
    """Set the number of threads: ``threads(n)``."""

    def choose(number):
        prefs.devices.neurosim.threads = number

    yield choose
    prefs.devices.neurosim.threads = 0


@pytest.fixture
def arrays(prepare, threads):
    """Return all arrays of a network after two runs: ``arrays(name, n_threads)``."""

    def run(name, number, dtype=np.float64):
        build, change = NETWORKS[name]
        threads(number)
        prepare("neurosim", dtype)
        objects = build()
        network = Network(objects)
        network.run(4 * ms)
        if change:
            change(objects)
        network.run(4.3 * ms)
        return {
            f"{place} {name}": np.array(variable.get_value())
            for place, obj in enumerate(objects)
            for name, variable in getattr(obj, "variables", {}).items()
            # Behind the last event the space for events holds what earlier steps have left there.
            if getattr(variable, "array", False) and not name.endswith("space")
        }

    return run


def assert_same_bits(actual, expected):
    assert actual.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(actual[name], values, err_msg=name)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow) if name in ("driven", "sums") else name
        for name in NETWORKS
    ],
)
def test_same_bits_for_any_number_of_threads(name, arrays):
    alone = arrays(name, 1)
    counts = [values.sum() for array, values in alone.items() if array.endswith(" count")]
    assert all(count > 0 for count in counts)
    for number in (2, 3, 4):
        assert_same_bits(arrays(name, number), alone)


def test_single_precision(arrays):
    assert_same_bits(arrays("recurrent", 2, np.float32), arrays("recurrent", 1, np.float32))


def test_many_threads_of_a_small_group(arrays):
    assert_same_bits(arrays("with_python", 7), arrays("with_python", 1))


def test_small_networks_are_left_to_one_thread(prepare, threads):
    threads(0)
    prepare("neurosim")
    names = {thread.name for thread in threading.enumerate()}
    group = cells()

    @network_operation(dt=1 * ms)
    def look():
        names.update(thread.name for thread in threading.enumerate())

    Network(group, look).run(2 * ms)
    assert not any(name.startswith("neurosim") for name in names)


def test_threads_are_gone_after_a_run(prepare, threads):
    threads(3)
    prepare("neurosim")
    during = set()
    group = cells()

    @network_operation(dt=1 * ms)
    def look():
        during.update(thread.name for thread in threading.enumerate())

    Network(group, look).run(2 * ms)
    assert sum(name.startswith("neurosim") for name in during) == 2
    assert not any(thread.name.startswith("neurosim") for thread in threading.enumerate())


def test_linked_variables_of_other_neurons(prepare, threads):
    """What reads neurons of another thread waits for them."""

    def run(number):
        threads(number)
        prepare("neurosim")
        first = NeuronGroup(N, "dv/dt = (1 - v)/(5*ms) + 0.1*xi*ms**-0.5 : 1", method="euler")
        second = NeuronGroup(
            N, "du/dt = (v - u)/ms : 1\nv : 1 (linked)", method="euler", threshold="u > 0.4"
        )
        second.v = linked_var(first, "v", index=np.arange(N)[::-1])
        monitor = SpikeMonitor(second)
        Network(first, second, monitor).run(5 * ms)
        return np.array(second.u), np.array(monitor.i)

    for actual, expected in zip(run(2), run(1), strict=True):
        assert len(expected)
        np.testing.assert_array_equal(actual, expected)


def test_a_restored_network_goes_on_as_it_did(prepare, threads):
    def run(number):
        threads(number)
        prepare("neurosim")
        objects = recurrent()
        network = Network(objects)
        network.run(2 * ms)
        network.store()
        network.run(3 * ms)
        first = np.array(objects[0].v)
        network.restore(restore_random_state=True)
        network.run(3 * ms)
        return first, np.array(objects[0].v)

    once, again = run(2)
    np.testing.assert_array_equal(once, run(1)[0])
    np.testing.assert_array_equal(again, once)


FORKING = """
import os, sys
from brian2 import NeuronGroup, Network, SpikeMonitor, ms, prefs, set_device, seed
import neurosim

prefs.devices.neurosim.threads = 2
set_device("neurosim")
seed(3)
group = NeuronGroup(1300, "dv/dt = (1.2 - v)/ms : 1", threshold="v > 1", reset="v = 0",
                    method="exact")
group.v = "rand()"
spikes = SpikeMonitor(group)
network = Network(group, spikes)
network.run(1*ms)
child = os.fork()
network.run(1*ms)
# One write for each line, whatever buffers standard output has: two processes share it.
os.write(1, b"%d\\n" % spikes.num_spikes)
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_process_that_forks_and_its_child_go_on(tmp_path):
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKING],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
    )
    assert result.returncode == 0, result.stderr
    first, second = map(int, result.stdout.split())
    assert first == second > 0


def test_shares_cover_all_elements_once():
    for size in (0, 1, 511, 512, 513, 5000):
        for n_threads in (1, 2, 3, 7):
            edges = shares_of(size, n_threads)
            assert edges[0] == 0
            assert edges[-1] == size
            assert np.all(np.diff(edges) >= 0)
            assert all(edge % 512 == 0 for edge in edges[:-1] if edge < size)


def test_all_threads_see_what_others_have_done():
    barrier, numbers = np.zeros(BARRIER_LENGTH, np.int64), np.zeros(3, np.int64)
    wrong = []

    def count(thread):
        for step in range(1, 200):
            numbers[thread] = step
            meet(barrier, 3)
            if not np.all(numbers == step):
                wrong.append((thread, step, numbers.copy()))
            meet(barrier, 3)

    meet(np.zeros(BARRIER_LENGTH, np.int64), 1)
    others = [threading.Thread(target=count, args=(thread,)) for thread in range(3)]
    for thread in others:
        thread.start()
    for thread in others:
        thread.join(60)
    assert wrong == []
    assert np.all(numbers == 199)


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_an_error_in_one_thread_ends_all(failing):
    source = (
        "@compiled\n"
        "def run(thread, n_threads, barrier, n_steps, failing):\n"
        "    for step in range(n_steps):\n"
        "        if step == 3 and thread == failing:\n"
        "            raise ValueError('in one thread')\n"
        "        if not meet(barrier, n_threads):\n"
        "            return -1\n"
        "    return n_steps\n"
    )
    function = compile_program(Program(source, (), {"meet": meet}, False, True))
    team = Team(3)
    try:
        assert team.run(function, [[9]] * 3, 5) == 5
        with pytest.raises(ValueError, match="in one thread"):
            team.run(function, [[failing]] * 3, 5)
        assert team.run(function, [[9]] * 3, 5) == 5
    finally:
        team.close()


@pytest.mark.parametrize("number", [-1, 1.5, "two"])
def test_a_wrong_number_of_threads(number):
    with pytest.raises(PreferenceError, match="threads"):
        prefs["devices.neurosim.threads"] = number
