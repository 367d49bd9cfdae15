"""The spikes under way on all pathways of a loop, as arrays of its kernels."""

from neurosim.engine.brian import SynapticPathway
from neurosim.engine.calendar_queue import (
    CalendarQueue,
    emit_calendar_delivery,
    emit_calendar_push,
)
from neurosim.engine.codeobject import NumbaCodeObject
from neurosim.engine.snippets import ORDERED

__all__ = ["Pathways", "changing_delays", "key_of", "pathway_emitters"]

_TEMPLATES = ("synapses", "synapses_push_spikes")
_NEURONS = {"_ordered_post": "_synaptic_post", "_ordered_pre": "_synaptic_pre"}


def key_of(pathway):
    """Return what identifies a pathway, whether it is given itself or by a proxy."""
    return id(pathway.__repr__.__self__)


def changing_delays(objects):
    """Return the pathways whose delays compiled code changes during a run, by key.

    Parameters
    ----------
    objects : sequence of BrianObject
    """
    codes = [code.__repr__.__self__ for obj in objects for code in obj.code_objects]
    written = {
        id(variable)
        for code in codes
        if isinstance(code, NumbaCodeObject)
        for variable in code.code.keywords["written"]
    }
    return {
        key_of(obj): obj
        for obj in objects
        if isinstance(obj, SynapticPathway)
        and ("_followed" in vars(obj) or id(obj._delays) in written)
    }


def pathway_emitters(obj, changing):
    """Return emitters by template for a pathway whose delays change; none for other objects."""
    if key_of(obj) not in changing:
        return {}
    return {"synapses": emit_calendar_delivery, "synapses_push_spikes": emit_calendar_push}


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
        self._ordered = {}
        self.end()

    def begin(self, changing):
        """Prepare for a run.

        Parameters
        ----------
        changing : dict
            See :func:`changing_delays`.
        """
        self._pathways = {id(step.owner): _pathway(step.owner) for step in self.steps}
        for key in {key_of(pathway) for pathway in self._pathways.values()} & changing.keys():
            sources = changing[key].synapse_sources.get_value()
            self._calendars[key] = CalendarQueue(changing[key].queue, sources)

    def end(self):
        """Give events back to the queues and let go of the pathways."""
        for calendar in getattr(self, "_calendars", {}).values():
            calendar.close()
        self._pathways, self._calendars = {}, {}

    def arrays(self):
        """Return the arrays as they are now, by identity of a code object and name."""
        return {
            (id(step.owner), name): array
            for step in self.steps
            for name, array in self._arrays_of(step).items()
        }

    def _arrays_of(self, step):
        pathway = self._pathways[id(step.owner)]
        calendar = self._calendars.get(key_of(pathway))
        if calendar is not None:
            delays = vars(pathway.__repr__.__self__).get("_followed", pathway._delays)
            return {**calendar.arrays(), "_delay_of": delays.get_value()}
        arrays = pathway.queue.arrays()
        order = arrays["_order"]
        for name in step.kernel.arguments.keys() & set(ORDERED.values()):
            known_order, neurons = self._ordered.get((id(step.owner), name), (None, None))
            if known_order is not order:
                neurons = pathway.synapses.variables[_NEURONS[name]].get_value()[order]
                self._ordered[id(step.owner), name] = order, neurons
            arrays[name] = neurons
        return arrays

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
