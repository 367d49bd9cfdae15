"""Threads that take turns find in Brian 2 what each would find in a process of its own."""

import concurrent.futures
import itertools
import multiprocessing
import random
import threading

import brian2
import numpy as np
import pytest
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    defaultclock,
    get_device,
    ms,
    network_operation,
    prefs,
    run,
    seed,
    set_device,
    start_scope,
)

from neurosim import Simulation
from neurosim.engine import turns as turns_module
from neurosim.engine.turns import taking_turns
from neurosim.errors import ParameterError

CLOCK = brian2.Clock(dt=1 * ms, name="shared_clock")


def own_step(number):
    """Networks with another default step each, which monitors without one of their own take."""
    set_device("neurosim")
    defaultclock.dt = (number + 1) * 0.1 * ms
    group = NeuronGroup(1, "dv/dt = -v/(10*ms) : 1", method="euler")
    group.v = 1
    monitor = StateMonitor(group, "v", record=True)
    network = Network(group, monitor)
    for _ in range(3):
        network.run(12 * ms)
    return np.array(monitor.v), np.array(monitor.t), float(defaultclock.dt)


def unnamed_objects(number):
    """Names that Brian 2 gives decide the order of what happens at the same time."""
    set_device("neurosim")
    group = NeuronGroup(1, "v : 1")
    network = Network(group)

    def change(term):
        @network_operation
        def add_term():
            group.v = group.v[:] * 0.9 + term

        return add_term

    network.add([change(term) for term in range(12 + number)])
    for _ in range(3):
        network.run(0.2 * ms)
    return [obj.name for obj in network.sorted_objects], float(group.v[0])


def random_numbers(number):
    """Draws while the network is made, in the loop, and by NumPy and Python."""
    set_device("neurosim")
    seed(number)
    random.seed(number)
    group = NeuronGroup(5, "dv/dt = -v/(10*ms) + xi*ms**-0.5 : 1", method="euler")
    group.v = "rand()"
    drawn = []
    network = Network(group)
    for _ in range(4):
        network.run(5 * ms)
        group.v = "v + rand()"
        drawn += [np.random.rand(), np.random.randn(), random.random()]  # noqa: NPY002
    return np.array(group.v), drawn


def python_in_the_loop(number):
    """Network operations, and code that runs regularly."""
    set_device("neurosim")
    group = NeuronGroup(2, "v : 1")
    group.run_regularly("v += i + 1", dt=0.5 * ms)
    seen = []

    @network_operation(dt=1 * ms)
    def look():
        seen.append((get_device().current_network.name, float(group.v[1]), len(seen)))
        group.v += number

    network = Network(group, look)
    network.run(6 * ms)
    return seen, np.array(group.v)


def magic(number):
    """Networks that find their objects, in scopes of their own, twice."""
    set_device("neurosim")
    prefs.core.default_float_dtype = np.float32 if number % 2 else np.float64
    found = []
    for _ in range(2):
        start_scope()
        group = NeuronGroup(1 + number, "dv/dt = 1/ms : 1", method="euler")
        run(2 * ms)
        run(1 * ms)
        found.append((float(brian2.magic_network.t), np.array(group.v), group.v[:].dtype.name))
    return found, prefs.core.default_float_dtype.__name__


def other_devices(number):
    """The runtime device, which never gives its turn up, between runs of the other."""
    found = []
    for device in ("runtime", "neurosim", "runtime"):
        set_device(device)
        prefs.codegen.target = "numpy"
        seed(number)
        group = NeuronGroup(3, "dv/dt = (number - v)/(10*ms) : 1", method="euler")
        group.v = "rand()"
        network = Network(group)
        network.run(3 * ms)
        found.append((type(get_device()).__name__, np.array(group.v)))
    return found


def simulations(number):
    """Trials: many short runs of one loop that stays ready."""
    set_device("neurosim")
    seed(number)
    inputs = PoissonGroup(20, 0 * Hz, name="inputs")
    cells = NeuronGroup(4, "dv/dt = -v/tau : 1", threshold="v > 1", reset="v = 0", method="exact")
    synapses = Synapses(inputs, cells, "w : 1", on_pre="v += w")
    synapses.connect()
    synapses.w = "0.2*rand()"
    tau = 10 * ms
    sim = Simulation(Network(inputs, cells, synapses, SpikeMonitor(cells, name="spikes")))
    rates = np.linspace(50, 200, 30)[:, np.newaxis] * np.ones(20) * Hz
    responses = sim.trials({"inputs.rates": rates}, 20 * ms, rest=5 * ms, record=["spikes.count"])
    try:
        sim.set(number=3)
    except LookupError as error:
        return responses["spikes.count"], str(error), float(tau)


PIECES = [
    own_step,
    unnamed_objects,
    random_numbers,
    python_in_the_loop,
    magic,
    other_devices,
    simulations,
]
N_THREADS = 3


def plain(value):
    """Return a result as something that compares bit for bit."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def in_process_of_its_own(piece, number):
    """Return a result of a process that has done nothing else with Brian 2."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()

    def answer():
        try:
            theirs.send(plain(piece(number)))
        except BaseException as error:
            theirs.send(repr(error))

    process = context.Process(target=answer)
    process.start()
    result = ours.recv()
    process.join()
    return result


def in_threads(calls, n_threads=N_THREADS):
    """Return the results of functions that threads call, each with a Brian 2 of its own."""

    def call(turns, function):
        with turns.world():
            return plain(function())

    with taking_turns() as turns, concurrent.futures.ThreadPoolExecutor(n_threads) as pool:
        futures = [pool.submit(call, turns, function) for function in calls]
    return [future.result() for future in futures]


@pytest.fixture(autouse=True)
def eager(monkeypatch):
    """Let turns be given up for loops as short as those here."""
    monkeypatch.setattr(turns_module, "_SHORTEST", 0.0)


@pytest.fixture
def undisturbed():
    """Fail where Brian 2 is not afterwards as it was before."""

    def state():
        names = {obj().name for obj in set(brian2.Nameable.__instances__()) if obj() is not None}
        numbers = np.random.get_state()  # noqa: NPY002
        return (
            get_device(),
            get_device().defaultclock,
            float(defaultclock.dt),
            dict(prefs.prefs),
            brian2.magic_network.t_,
            numbers[1].tolist(),
            random.getstate(),
            list(brian2.devices.device_module.previous_devices),
            sorted(name for name in names if "shared" in name),
        )

    before = state()
    yield
    assert state() == before


@pytest.fixture(params=["runtime", "neurosim"])
def device_before(request):
    """The device that is set when threads begin to take turns."""
    set_device(request.param)
    defaultclock.dt = 0.2 * ms
    yield request.param
    set_device("runtime")
    defaultclock.dt = 0.1 * ms


def test_threads_begin_with_the_device_and_step_there_are(device_before, undisturbed):
    def begin():
        group = NeuronGroup(1, "v : 1")
        group.run_regularly("v += 1")
        Network(group).run(1 * ms)
        step, mine = float(defaultclock.dt), get_device()
        defaultclock.dt = 0.5 * ms
        set_device("runtime")
        return step, float(group.v[0]), type(mine).__name__, mine is not before

    before = get_device()
    name = type(before).__name__
    assert in_threads([begin, begin]) == [[0.2e-3, 5.0, name, True]] * 2


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.__name__)
def test_each_thread_computes_what_a_process_of_its_own_would(piece, undisturbed):
    expected = [in_process_of_its_own(piece, number) for number in range(N_THREADS)]
    assert not any(isinstance(result, str) for result in expected), expected
    found = in_threads([lambda number=number: piece(number) for number in range(N_THREADS)])
    assert found == expected


def test_pieces_of_all_kinds_do_not_disturb_each_other(undisturbed):
    expected = [in_process_of_its_own(piece, 2) for piece in PIECES]
    assert in_threads([lambda piece=piece: piece(2) for piece in PIECES], 7) == expected


def test_an_error_in_one_thread_leaves_the_others_alone(undisturbed):
    def failing():
        set_device("neurosim")
        defaultclock.dt = 7 * ms
        prefs.codegen.target = "cython"
        group = NeuronGroup(1, "v : 1")

        @network_operation
        def fail():
            raise ValueError("seven")

        Network(group, fail).run(20 * ms)

    with pytest.raises(ValueError, match="seven"):
        in_threads([failing])
    expected = in_process_of_its_own(own_step, 1)

    def tolerant():
        with pytest.raises(ValueError, match="seven"):
            failing()

    assert in_threads([tolerant, lambda: own_step(1), tolerant])[1] == expected


def test_without_a_seed_threads_draw_different_numbers(undisturbed):
    def draw():
        set_device("neurosim")
        group = NeuronGroup(1, "dv/dt = xi*ms**-0.5 : 1", method="euler")
        group.v = "rand()"
        first = float(group.v[0])
        Network(group).run(1 * ms)
        return first, float(group.v[0]), np.random.rand(), random.random()  # noqa: NPY002

    drawn = np.array(in_threads([draw] * 3))
    assert all(len(set(column)) == 3 for column in drawn.T)


def test_loops_run_while_others_have_their_turn():
    """Two networks meet in the middle of their loops, which neither could alone."""
    meeting = threading.Barrier(2, timeout=60)
    names = []

    def meet():
        set_device("neurosim")
        group = NeuronGroup(1, "v : 1")

        @network_operation(dt=1 * ms)
        def arrive():
            names.append(group.name)

        network = Network(group, arrive)
        network.run(1 * ms)
        # Compiled by now: the turn is given up where the loop runs.
        loop = get_device()
        original = loop.run_loop

        def waiting_loop(network, loop, *arguments):
            function = loop.function

            class Waits:
                signatures = function.signatures

                def __call__(self, *values):
                    if not met:
                        met.append(meeting.wait())
                    return function(*values)

            met = []
            loop.function = Waits()
            try:
                return original(network, loop, *arguments)
            finally:
                loop.function = function

        loop.run_loop = waiting_loop
        network.run(1 * ms)

    in_threads([meet, meet], 2)
    # That of an object of another test may be taken, but never that of the other thread.
    assert len(names) == 4
    assert len(set(names)) == 1


def test_short_loops_keep_their_turn_and_yet_keep_nobody_waiting(monkeypatch):
    monkeypatch.setattr(turns_module, "_SHORTEST", 10.0)
    order = []

    def count(name, until):
        set_device("neurosim")
        sim = Simulation(Network(NeuronGroup(1, "dv/dt = -v/(10*ms) : 1", method="exact")))
        while not until():
            sim.run(1 * ms)
            order.append(name)

    with taking_turns() as turns, concurrent.futures.ThreadPoolExecutor(2) as pool:

        def call(*arguments):
            with turns.world():
                count(*arguments)

        # The first one ends only when the second has had its turn.
        first = pool.submit(call, "first", lambda: "second" in order)
        pool.submit(call, "second", lambda: order.count("second") >= 3)
        first.result(timeout=60)
    n_changes = sum(a != b for a, b in itertools.pairwise(order))
    assert order[0] == "first"
    assert n_changes < len(order) / 2


def test_what_threads_would_share_is_refused():
    def share():
        set_device("neurosim")
        group = NeuronGroup(1, "v : 1", clock=CLOCK)
        Network(group).run(2 * ms)

    with pytest.raises(ParameterError, match="'shared_clock' was made outside of the protocol's"):
        in_threads([share])


def test_turns_are_taken_by_one_set_of_threads_at_a_time():
    with (
        taking_turns(),
        pytest.raises(ParameterError, match="share Brian 2 already"),
        taking_turns(),
    ):
        pass
    with taking_turns():
        pass
