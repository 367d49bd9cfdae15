"""The spikes under way on all pathways of a loop, as arrays of its kernels."""

import numpy as np

from neurosim.engine.calendar_queue import CalendarQueue
from neurosim.engine.delivery_plans import key_of
from neurosim.engine.plastic import AT_ONCE, MOST_ROWS
from neurosim.engine.sharing import shares_of, size_of
from neurosim.engine.snippets import ORDERED

__all__ = ["Pathways"]

_TEMPLATES = ("synapses", "synapses_push_spikes")
_NEURONS = {"_ordered_post": "_synaptic_post", "_ordered_pre": "_synaptic_pre"}


class Pathways:
    """What a loop needs to know of its pathways; refers to them during a run alone.

    Parameters
    ----------
    steps : sequence of Step
    """

    def __init__(self, steps):
        self.steps = [
            step
            for step in steps
            if step.kernel is not None and step.owner.template_name in _TEMPLATES
        ]
        # Kept between runs, because it takes as long as the synapses are many.
        self._ordered, self._shared = {}, {}
        # One for all, because pathways are served one after the other.
        self._scratch = {
            "_buffer": np.zeros((MOST_ROWS, AT_ONCE)),
            "_places": np.zeros(AT_ONCE, np.int64),
        }
        self.end()

    def begin(self, plans):
        """Prepare for a run.

        Parameters
        ----------
        plans : DeliveryPlans
        """
        self._traces, changing = plans.traces, plans.changing
        self._pathways = {id(step.owner): _pathway(step.owner) for step in self.steps}
        for key in {key_of(pathway) for pathway in self._pathways.values()} & changing.keys():
            sources = changing[key].synapse_sources.get_value()
            self._calendars[key] = CalendarQueue(changing[key].queue, sources)

    def end(self):
        """Give events back to the queues and let go of the pathways."""
        for calendar in getattr(self, "_calendars", {}).values():
            calendar.close()
        self._pathways, self._calendars, self._traces = {}, {}, {}

    def arrays(self, n_threads=1):
        """Return the arrays as they are now, for each thread.

        Parameters
        ----------
        n_threads : int

        Returns
        -------
        list of dict
            By identity of a code object and name.
        """
        of_threads = [{} for _ in range(n_threads)]
        for step in self.steps:
            if step.sharing is None:
                parts = [self._arrays_of(step)] * n_threads
            else:
                parts = self._shared_arrays_of(step, n_threads)
            for arrays, part in zip(of_threads, parts, strict=True):
                arrays.update({(id(step.owner), name): array for name, array in part.items()})
        return of_threads

    def _shared_arrays_of(self, step, n_threads):
        """Return the arrays of threads that deliver to some of the target neurons each."""
        pathway = self._pathways[id(step.owner)]
        layout = pathway.queue.state_of_layout()
        known_layout, parts = self._shared.get(id(step.owner), (None, ()))
        if known_layout is not layout or len(parts) != n_threads:
            targets = pathway.synapses.variables["_synaptic_post"].get_value()
            edges = shares_of(size_of(step.owner.code, "targets"), n_threads)
            numbers = np.searchsorted(edges[1:-1], targets, "right").astype(np.int16)
            parts = pathway.queue.arrays_of_parts(numbers, n_threads)
            for name in step.kernel.arguments.keys() & set(ORDERED.values()):
                neurons = pathway.synapses.variables[_NEURONS[name]].get_value()
                self._gather_for(parts, name, neurons, pathway.queue)
            self._shared[id(step.owner)] = layout, parts
        clocks = pathway.queue.clocks_of_parts(parts)
        return [{**arrays, "_clock": clock} for arrays, clock in zip(parts, clocks, strict=True)]

    def _gather_for(self, parts, name, neurons, queue):
        """Give threads the neurons of their synapses by place, for one order one array."""
        gathered = {}
        for arrays in parts:
            order = arrays["_order"]
            if id(order) not in gathered:
                is_stored = queue.is_ordered() and order is queue.layout.order
                gathered[id(order)] = neurons if is_stored else neurons[order]
            arrays[name] = gathered[id(order)]

    def _arrays_of(self, step):
        pathway = self._pathways[id(step.owner)]
        calendar = self._calendars.get(key_of(pathway))
        if calendar is not None:
            delays = vars(pathway.__repr__.__self__).get("_followed", pathway._delays)
            return {**calendar.arrays(), "_delay_of": delays.get_value()}
        queue, is_read = pathway.queue, step.kernel.arguments.keys()
        names = is_read & set(ORDERED.values())
        is_gathered = bool(names) and not queue.is_ordered()
        arrays = queue.arrays("_order" in is_read or is_gathered)
        if key_of(pathway) in self._traces:
            arrays.update(self._traces[key_of(pathway)].arrays())
        arrays.update(self._scratch)
        for name in names:
            neurons = pathway.synapses.variables[_NEURONS[name]].get_value()
            if is_gathered:
                neurons = self._gathered(step, name, arrays["_order"], neurons)
            arrays[name] = neurons
        return arrays

    def _gathered(self, step, name, order, neurons):
        known_order, known = self._ordered.get((id(step.owner), name), (None, None))
        if known_order is not order:
            known = neurons[order]
            self._ordered[id(step.owner), name] = order, known
        return known

    def take_new_delays(self):
        """Let delays that Python has changed hold for the spikes sent from now on."""
        for pathway in {key_of(known): known for known in self._pathways.values()}.values():
            if key_of(pathway) not in self._calendars:
                pathway.queue.prepare(
                    pathway._delays.get_value(),
                    pathway.source.clock.dt_,
                    pathway.synapse_sources.get_value(),
                )

    def make_room(self):
        """Grow what the next step may fill; return whether arrays have changed."""
        has_grown = False
        for calendar in self._calendars.values():
            has_grown |= calendar.make_room()
        return has_grown


def _pathway(code):
    """Return the pathway whose queue a code object serves."""
    pathway = code.code.keywords.get("pathway")
    return code.owner if pathway is None else pathway
