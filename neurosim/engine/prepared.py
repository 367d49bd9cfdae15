"""A network that is prepared once and run many times.

A run of Brian 2 begins with checks of everything, which take longer than a short trial. Here they
are left out as long as nothing but numbers has changed: values of variables, constants, contents of
TimedArrays, spikes of generators. What else has changed is found by a few cheap questions, and one
run is then prepared anew.
"""

import operator

import numpy as np

from neurosim.engine.brian import (
    Constant,
    SpikeGeneratorGroup,
    SynapticPathway,
    go_on,
    is_library_code,
    second,
)
from neurosim.engine.codeobject import NumbaCodeObject
from neurosim.engine.loop import Loop
from neurosim.engine.replica import Replica

__all__ = ["Prepared"]


class Prepared:
    """A network and its loop, which stays ready between runs.

    Parameters
    ----------
    device : NeurosimDevice
    network : Network
    namespace : dict
        Where names are looked up.
    """

    def __init__(self, device, network, namespace):
        self.device, self.network, self.namespace = device, network, namespace
        self._loop = None

    def run(self, duration):
        """Run for some time.

        Parameters
        ----------
        duration : Quantity
        """
        if self._is_ready():
            self._run_again(float(duration))
            return
        self.close()
        self.device.run_now(self.network, duration, self.namespace)
        self._open()

    def prepare(self):
        """Be ready for a run, which draws the numbers it would draw without this."""
        if self._is_ready():
            return
        key = self.device.random_key()
        self.run(0 * second)
        self.device.set_random_key(*key)

    def replicas(self, number, duration, changed=(), recorded=()):
        """Return copies of the loop that are ready for a run from here.

        The network must not run as long as they are used.

        Parameters
        ----------
        number : int
        duration : Quantity
        changed, recorded : collection
            See :class:`Replica`.

        Raises
        ------
        NotImplementedError
            Where a run needs Python.
        """
        self.prepare()
        loop = self._loop
        if loop is None or loop.program.has_python:
            raise NotImplementedError(
                f"{self._why_python()}, so that this network cannot be swept in threads; make a "
                "protocol of it and run neurosim.grid.grid, whose points run in processes"
            )
        start = float(self.network.t_)
        for clock in self._clocks:
            go_on(clock, start, start + float(duration))
        self._prepare_generators()
        loop.begin_again()
        return [Replica(loop, changed, recorded) for _ in range(number)]

    def reads(self, variable):
        """Return whether a statement of the loop reads or writes a variable."""
        arguments = () if self._loop is None else self._loop.program.arguments
        return any(argument.source is variable for _, argument in arguments)

    @property
    def source(self):
        """Text of the loop."""
        return "" if self._loop is None else self._loop.program.source

    def constants(self):
        """Return the values of all names that statements of the loop read, dict."""
        read = {
            argument.source.name
            for _, argument in (() if self._loop is None else self._loop.program.arguments)
            if argument.kind == "constant"
        }
        return {name: value for name, value in self.namespace.items() if name in read}

    def _why_python(self):
        """Say what in the network needs Python during a run."""
        for obj in self.network.sorted_objects:
            if not is_library_code(type(obj).before_run):
                return f"{obj.name!r} has code of its own before a run"
        if self._loop is None:
            return "delays change during a run, or no object is active"
        names = [repr(step.owner().name) for step in self._loop.steps if step.kernel is None]
        return f"{', '.join(names)} run{'s' * (len(names) == 1)} Python in every step"

    def needs_preparation(self, variable):
        """Return whether a run has to be prepared anew once a variable was given other values."""
        is_kept = any(known.keeps(variable) for known in self._plans.deliveries.traces.values())
        return is_kept or id(variable) in self._watch.identities

    def close_shared(self):
        """Let go of the loop where several threads would share its work."""
        if self._loop is not None and self._loop.program.is_shared:
            self.close()

    def close(self):
        """Let go of the loop."""
        if self._loop is not None and self._loop.plans is self._plans:
            self._loop.end()
        self._loop = None

    def _open(self):
        """Keep the loop of the last run ready for the next."""
        network = self.network
        self._members = list(network.objects)
        self._objects = network.sorted_objects
        self._clocks = sorted({obj.clock for obj in self._objects}, key=lambda clock: clock.name)
        self._state = self._what_must_stay()
        # Code of other people may do anything before a run.
        if not all(is_library_code(type(obj).before_run) for obj in self._objects):
            return
        active = [obj for obj in self._objects if obj.active]
        if not active:
            return
        loop = Loop.of(self.device, active, self._clocks)
        if loop.plans.deliveries.changing:
            # Events are back in their queues only where a run has ended.
            loop.end()
            return
        loop.pause()
        self._loop, self._plans = loop, loop.plans
        self._generators = [obj for obj in active if isinstance(obj, SpikeGeneratorGroup)]
        self._event_spaces = [
            step.owner.code.keywords["eventspace_variable"]
            for step in loop.steps
            if getattr(step.owner, "template_name", None) == "threshold"
        ]
        self._pathways = [obj for obj in active if isinstance(obj, SynapticPathway)]
        # What the layout of synapses is made of.
        self._watch = self.device.arrays.watch(
            [
                variable
                for pathway in self._pathways
                for variable in (pathway._delays, pathway.synapse_sources)
            ]
        )

    def _what_must_stay(self):
        """Return what code was chosen for, but for arrays."""
        return (
            [obj.active for obj in self._objects],
            [getattr(clock, "dt_", None) for clock in self._clocks],
            sum(len(obj.contained_objects) for obj in self._members),
        )

    def _is_ready(self):
        return (
            self._loop is not None
            and self._loop.plans is self._plans
            and not self.device.has_new_arrays
            and len(self._members) == len(self.network.objects)
            and all(map(operator.is_, self._members, self.network.objects))
            and self._state == self._what_must_stay()
            and (not self._watch.is_touched or self._has_same_synapses())
            and self._plans.still_hold()
        )

    def _has_same_synapses(self):
        """Return whether pathways are laid out for the synapses and delays there are.

        Whoever reads or sets a weight asks for the synapses, too, and changes none.
        """
        holds = all(
            pathway.queue.holds_for(
                pathway._delays.get_value(),
                pathway.source.clock.dt_,
                pathway.synapse_sources.get_value(),
            )
            for pathway in self._pathways
        )
        self._watch.is_touched = False
        return holds

    def _run_again(self, duration):
        device, network, loop = self.device, self.network, self._loop
        start = float(network.t_)
        end = start + duration
        for clock in self._clocks:
            go_on(clock, start, end)
        device.begin_epoch()
        self._prepare_generators()
        loop.begin_again()
        self._watch.is_touched = False
        try:
            device.run_loop(network, loop, start, end)
        finally:
            loop.pause()
            for variable in self._event_spaces:
                # Else the last step's events would be delivered again by the next run.
                device.get_value(variable)[-1] = 0
        if network.t_ < end:
            # Somebody has stopped it; protocols raise here after Ctrl-C.
            network.after_run()

    def _prepare_generators(self):
        changed = [group for group in self._generators if group._spikes_changed]
        for group in changed:
            group.before_run(self.namespace)
        if changed:
            self._loop.bind()

    def codes(self):
        """Return the code objects that were made for the network."""
        known = [code for obj in self.network.sorted_objects for code in obj.code_objects]
        return [getattr(code.__repr__, "__self__", code) for code in known]

    def set_constant(self, name, value):
        """Give a constant of the namespace another value of the same kind.

        Parameters
        ----------
        name : str
        value : Quantity or float or int or bool
        """
        self.namespace[name] = value
        loop = self._loop
        if loop is None:
            return
        if not self.is_only_read(name):
            self.close()
            return
        number = np.asarray(value).item()
        for step in loop.steps:
            known = step.owner.variables.get(name)
            if isinstance(known, Constant):
                known.value = number
        loop.arguments.set_constant(name, number)

    def is_only_read(self, name):
        """Return whether nothing but the code of the loop depends on a constant."""
        traces = self._plans.deliveries.traces.values()
        is_kept = any(name in known.constants for known in traces)
        return not is_kept and all(map(_is_simple, self._loop.steps))


def _is_simple(step):
    """Whether a step's constants reach nothing but its kernel."""
    is_code = isinstance(step.owner, NumbaCodeObject)
    return is_code and step.owner.template_name != "spatialstateupdate"
