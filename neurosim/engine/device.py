"""The Brian 2 device ``"neurosim"``: in-memory arrays, a compiled loop."""

import gc
import itertools
import os
import sys
import time
import weakref

from neurosim.engine.brian import (
    Group,
    Network,
    RuntimeDevice,
    TextReport,
    all_devices,
    cache_folders,
    codegen_targets,
    finish_run,
    get_local_namespace,
    second,
)
from neurosim.engine.cache import EXTENSIONS, cache_folder
from neurosim.engine.codeobject import NumbaCodeObject
from neurosim.engine.loop import Loop
from neurosim.engine.queue import DeliveryQueue
from neurosim.engine.reuse import Memory, register_reuse
from neurosim.engine.routing import register_routes
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
        self._seed = int.from_bytes(os.urandom(7), "little")
        self._epoch = 0
        self.current_network = None
        self.memory = Memory()
        # Whether any object has come into being since the last run.
        self._is_new = True

    def add_array(self, var):
        """Allocate an array, and note when its owner came into being."""
        super().add_array(var)
        self._is_new = True
        owner = var.owner
        if owner is not None:
            owner = getattr(owner.__repr__, "__self__", owner)
            if owner not in self._created:
                self._created[owner] = next(self._serials)

    def creation_order(self, code):
        """Return a number that rises with the creation of the objects that own code."""
        owner = getattr(code.owner.__repr__, "__self__", code.owner)
        return self._created.get(owner, -1)

    def spike_queue(self, source_start, source_end):
        """Return a queue whose arrays the compiled loop reads."""
        return DeliveryQueue(source_start, source_end)

    def code_object_class(self, codeobj_class=None, fallback_pref="codegen.target"):
        """Return our class whatever target is preferred, but NumPy's for string expressions."""
        if codeobj_class is not None or fallback_pref != "codegen.target":
            return super().code_object_class(codeobj_class, fallback_pref)
        return NumbaCodeObject

    def seed(self, seed=None):
        """Restart all random streams."""
        super().seed(seed)
        self._seed = int.from_bytes(os.urandom(7), "little") if seed is None else int(seed)
        self._epoch = 0

    def random_key(self):
        """Return what the streams of the current run depend on: seed and number of the run."""
        return self._seed, self._epoch

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
        if profile:
            return Network.run.original_function(
                network, duration, report, report_period, namespace, profile, level + 1
            )
        t_start, t_end = network.t, network.t + duration
        if duration < 0:
            raise ValueError(
                f"Function 'run' expected a non-negative duration but got '{duration}'"
            )
        collect, self._is_new = self._is_new, False
        if collect:
            gc.collect()  # warns of objects that are in no network
        self._epoch += 1
        self.memory.begin_run()
        objects = network.sorted_objects
        network._clocks = {obj.clock for obj in objects}
        for clock in network._clocks:
            clock.set_interval(network.t, t_end)
        network.before_run(namespace)
        if not objects:
            return None
        reporter = _Reporter(report, report_period, t_start, duration)
        self.current_network = network
        clocks = sorted(network._clocks, key=lambda clock: clock.name)
        loop = Loop.of(self, [obj for obj in objects if obj.active], clocks)
        self.sources[network] = loop.program.source
        try:
            self._run_loop(network, loop, reporter, t_start, t_end)
        finally:
            loop.end()
            self.current_network = None
        for obj in objects:
            if isinstance(obj, Group):
                obj._check_for_invalid_states()
        reporter.finish(self._last_run_time, self._last_run_completed_fraction)
        finish_run(network, collect)
        network._profiling_info = None
        return None

    def _run_loop(self, network, loop, reporter, t_start, t_end):
        started = time.time()

        def is_stopped():
            limit = self._maximum_run_time
            if limit is not None and time.time() - started > float(limit):
                network._stopped = True
            return network._stopped or Network._globally_stopped

        def look(now):
            network.t_ = now
            reporter.look(now)

        Network._globally_running = True
        try:
            loop.run(is_stopped, look)
        finally:
            Network._globally_running = False
        network.t_ = loop.now() if is_stopped() else float(t_end)
        self._last_run_time = time.time() - started
        length = t_end - t_start
        self._last_run_completed_fraction = (network.t - t_start) / length if length > 0 else 1.0


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
        all_devices["neurosim"] = NeurosimDevice()


def source_of(network):
    """Return the text of a network's loop; see :func:`neurosim.engine.source`."""
    source = all_devices["neurosim"].sources.get(network)
    if source is None:
        raise ParameterError(
            f"network {network.name!r} has no loop yet; run it with set_device('neurosim')"
        )
    return source
