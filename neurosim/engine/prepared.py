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
)
from neurosim.engine.codeobject import NumbaCodeObject
from neurosim.engine.loop import Loop

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
        if self._plans.deliveries.traces or not all(map(_is_simple, loop.steps)):
            # More than code depends on it.
            self.close()
            return
        number = np.asarray(value).item()
        for step in loop.steps:
            known = step.owner.variables.get(name)
            if isinstance(known, Constant):
                known.value = number
        loop.arguments.set_constant(name, number)


def _is_simple(step):
    """Whether a step's constants reach nothing but its kernel."""
    is_code = isinstance(step.owner, NumbaCodeObject)
    return is_code and step.owner.template_name != "spatialstateupdate"
