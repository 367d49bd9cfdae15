"""The Brian 2 device ``"neurosim"``: in-memory arrays, a compiled loop."""

import gc
import itertools
import os
import sys
import time
import weakref

from neurosim.engine import turns
from neurosim.engine.brian import (
    DynamicArrayVariable,
    Group,
    Network,
    RuntimeDevice,
    TextReport,
    all_devices,
    cache_folders,
    codegen_targets,
    count_synapses_in_blocks,
    finish_run,
    get_device,
    get_local_namespace,
    second,
)
from neurosim.engine.cache import EXTENSIONS, cache_folder
from neurosim.engine.codeobject import NumbaCodeObject
from neurosim.engine.loop import Loop
from neurosim.engine.queue import DeliveryQueue
from neurosim.engine.recorded_rows import RecordedRows
from neurosim.engine.replay import Replay
from neurosim.engine.reuse import Memory, register_reuse
from neurosim.engine.routing import register_routes
from neurosim.engine.shared_traces import Arrays, SharedTraces
from neurosim.errors import ParameterError

__all__ = ["NeurosimDevice", "register", "source_of"]


class NeurosimDevice(RuntimeDevice):
    """Behaves like Brian 2's runtime device and runs like a standalone one.

    State is NumPy arrays that can be read and set at any moment; ``run()`` turns every code object
    of the schedule into one compiled function.
    """

    def __init__(self):
        super().__init__()
        # A count of its own: the dictionary shrinks when objects die.
        self._serials = itertools.count()
        self._created = weakref.WeakKeyDictionary()
        self.sources = weakref.WeakKeyDictionary()
        self.arrays = Arrays(self.arrays)
        self._traces = weakref.WeakKeyDictionary()
        self._seed = int.from_bytes(os.urandom(7), "little")
        self._epoch = 0
        self.is_seeded = False
        self.reinit()
        self.current_network = None
        self.memory = Memory()
        # Whether any object has come into being since the last run.
        self.has_new_arrays = True

    def add_array(self, var):
        """Allocate an array, and note when its owner came into being."""
        super().add_array(var)
        if isinstance(var, DynamicArrayVariable) and var.ndim > 1:
            self.arrays[var] = RecordedRows(var.size, var.dtype)
        self.has_new_arrays = True
        owner = var.owner
        if owner is not None:
            owner = getattr(owner.__repr__, "__self__", owner)
            if owner not in self._created:
                self._created[owner] = next(self._serials)

    def creation_order(self, code):
        """Return a number that rises with the creation of the objects that own code."""
        owner = getattr(code.owner.__repr__, "__self__", code.owner)
        return self._created.get(owner, -1)

    def traces_of(self, synapses):
        """Return what is kept per neuron for a Synapses object."""
        if synapses not in self._traces:
            self._traces[synapses] = SharedTraces(synapses, self.arrays)
        return self._traces[synapses]

    def spike_queue(self, source_start, source_end):
        """Return a queue whose arrays the compiled loop reads."""
        return DeliveryQueue(source_start, source_end)

    def code_object_class(self, codeobj_class=None, fallback_pref="codegen.target"):
        """Return our class whatever target is preferred, but NumPy's for string expressions."""
        if codeobj_class is not None or fallback_pref != "codegen.target":
            return super().code_object_class(codeobj_class, fallback_pref)
        return NumbaCodeObject

    def activate(self, build_on_run=True, **options):
        """Become the current device; options that say how to build are without meaning here."""
        super().activate(build_on_run=build_on_run, **options)
        self.reinit()

    def reinit(self):
        """Forget the runs that :meth:`run` would repeat."""
        self._replay = Replay()
        self.has_been_run = False

    def run(self, directory=None, results_directory=None, with_output=True, run_args=None):
        """Repeat the runs made since ``set_device("neurosim", build_on_run=False)``.

        Parameters
        ----------
        directory, results_directory, with_output
            Accepted for scripts of standalone devices; nothing is written.
        run_args : dict or sequence of str, optional
            Values put in before the first run: by variable such as ``neurongroup.tau`` or by
            TimedArray; or texts such as ``"neurongroup.tau=0.01"``, in SI units.

        Raises
        ------
        ParameterError
            Where nothing has run yet, or a name or value cannot be used.
        NotImplementedError
            Where the script changed a variable between its runs.
        """
        self._replay.repeat(self, run_args)

    def apply_run_args(self):
        """Raise: values are put in just before the first run, nowhere else."""
        raise NotImplementedError(
            "device.apply_run_args() is not supported: run_args are put in just before the first "
            "run; to let earlier code depend on them, put the script into a function and call it"
        )

    def insert_code(self, slot, code):
        """Raise: there is no C++ to insert code into."""
        raise NotImplementedError(
            f"device.insert_code({slot!r}, ...) is not supported: no C++ is generated; use a "
            "network_operation, or a function with an implementation for the target 'numba'"
        )

    def seed(self, seed=None):
        """Restart all random streams."""
        super().seed(seed)
        self.is_seeded = seed is not None
        self._seed = int.from_bytes(os.urandom(7), "little") if seed is None else int(seed)
        self._epoch = 0

    def random_key(self):
        """Return what the streams of the current run depend on: seed and number of the run."""
        return self._seed, self._epoch

    def set_random_key(self, seed, epoch):
        """Go back to a seed and a number of the run; see :meth:`random_key`."""
        self._seed, self._epoch = seed, epoch

    def begin_epoch(self):
        """Let the streams of the next run be others than those of the last."""
        self._epoch += 1

    def set_epoch(self, epoch):
        """Let the next run draw the numbers it would draw after `epoch` runs."""
        self._epoch = epoch

    def get_random_state(self):
        """Return the state of all random streams."""
        return {**super().get_random_state(), "seed": self._seed, "epoch": self._epoch}

    def set_random_state(self, state):
        """Go back to a state of the random streams."""
        super().set_random_state(state)
        self._seed, self._epoch = state["seed"], state["epoch"]

    def network_run(
        self,
        network,
        duration,
        report=None,
        report_period=10 * second,
        namespace=None,
        profile=None,
        level=0,
    ):
        """Run a network; see :meth:`brian2.Network.run`."""
        if profile is None:
            profile = self.build_options.get("profile", False)
        if namespace is None:
            namespace = get_local_namespace(level=level + 2)
        if duration < 0:
            raise ValueError(
                f"Function 'run' expected a non-negative duration but got '{duration}'"
            )
        if not self.build_on_run:
            self._replay.note(self, network, duration, namespace)
        if profile:
            Network.run.original_function(
                network, duration, report, report_period, namespace, profile, level + 1
            )
        else:
            self.run_now(network, duration, namespace, report, report_period)
        if not self.build_on_run:
            self._replay.finish()
        self.has_been_run = True

    def run_now(self, network, duration, namespace, report=None, report_period=10 * second):
        """Run a network; its names are looked up in a dictionary."""
        t_start, t_end = network.t, network.t + duration
        collect, self.has_new_arrays = self.has_new_arrays, False
        if collect:
            gc.collect()  # warns of objects that are in no network
        self.begin_epoch()
        self.memory.begin_run()
        objects = network.sorted_objects
        network._clocks = {obj.clock for obj in objects}
        if turns.current is not None:
            turns.current.check_own([*objects, *network._clocks])
        for clock in network._clocks:
            clock.set_interval(network.t, t_end)
        network.before_run(namespace)
        if not objects:
            return
        reporter = _Reporter(report, report_period, t_start, duration)
        clocks = sorted(network._clocks, key=lambda clock: clock.name)
        loop = Loop.of(self, [obj for obj in objects if obj.active], clocks)
        self.sources[network] = loop.program.source
        try:
            self.run_loop(network, loop, float(t_start), float(t_end), reporter.look)
        finally:
            loop.end()
        for obj in objects:
            if isinstance(obj, Group):
                obj._check_for_invalid_states()
        reporter.finish(self._last_run_time, self._last_run_completed_fraction)
        finish_run(network, collect)
        network._profiling_info = None

    def run_loop(self, network, loop, start, end, look=None):
        """Run a loop that is ready, to the end or until somebody stops it.

        Parameters
        ----------
        network : Network
        loop : Loop
        start, end : float
            In seconds.
        look : callable, optional
            Called now and then with the time reached, in seconds.
        """
        started = time.time()
        network._stopped = Network._globally_stopped = False

        def is_stopped():
            limit = self._maximum_run_time
            if limit is not None and time.time() - started > float(limit):
                network._stopped = True
            return network._stopped or Network._globally_stopped

        def look_on(now):
            network.t_ = now
            if look is not None:
                look(now)

        self.current_network, Network._globally_running = network, True
        try:
            loop.run(is_stopped, look_on)
        finally:
            self.current_network, Network._globally_running = None, False
        network.t_ = loop.now() if is_stopped() else end
        self._last_run_time = time.time() - started
        length = end - start
        self._last_run_completed_fraction = (network.t_ - start) / length if length > 0 else 1.0


class _Reporter:
    """Brian 2's progress reports."""

    def __init__(self, report, period, start, duration):
        self.callback = _report_callback(report)
        self.period, self.start, self.duration = float(period), start, duration
        self.began = self.last = time.time()
        if self.callback:
            self.callback(0 * second, 0.0, start, duration)

    def look(self, now):
        current = time.time()
        if self.callback and current > self.last + self.period:
            done = (now - float(self.start)) / float(self.duration)
            self.callback((current - self.began) * second, done, self.start, self.duration)
            self.last = current

    def finish(self, took, fraction):
        if self.callback:
            self.callback(took * second, fraction, self.start, self.duration)


def _report_callback(report):
    if report is None:
        return None
    if report in ("text", "stdout"):
        return TextReport(sys.stdout)
    if isinstance(report, str) and report == "stderr":
        return TextReport(sys.stderr)
    if isinstance(report, str):
        raise ValueError(f'Do not know how to handle report argument "{report}".')
    if callable(report):
        return report
    raise TypeError(
        "Do not know how to handle report argument, it has to be one of 'text', 'stdout', "
        f"'stderr', or a callable function/object, but it is of type {type(report)}"
    )


def register():
    """Make the device and the target known to Brian 2."""
    codegen_targets.add(NumbaCodeObject)
    # For clear_cache("numba").
    cache_folders["numba"] = (str(cache_folder()), EXTENSIONS)
    if "neurosim" not in all_devices:
        register_routes()
        register_reuse()
        count_synapses_in_blocks(lambda: isinstance(get_device(), NeurosimDevice))
        all_devices["neurosim"] = NeurosimDevice()


def source_of(network):
    """Return the text of a network's loop; see :func:`neurosim.engine.source`."""
    source = all_devices["neurosim"].sources.get(network)
    if source is None:
        raise ParameterError(
            f"network {network.name!r} has no loop yet; run it with set_device('neurosim')"
        )
    return source
