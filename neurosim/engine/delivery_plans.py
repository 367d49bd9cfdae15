"""How the events of each pathway are delivered in a run: chosen from code and data."""

from neurosim.engine.brian import SynapticPathway, prefs
from neurosim.engine.calendar_queue import emit_calendar_delivery, emit_calendar_push
from neurosim.engine.codeobject import NumbaCodeObject
from neurosim.engine.plastic import PlasticDelivery, is_plastic
from neurosim.engine.trace_analysis import PathwayCode, sides_of

__all__ = ["DeliveryPlans", "changing_delays", "key_of", "strong"]


def key_of(pathway):
    """Return what identifies a pathway, whether it is given itself or by a proxy."""
    return id(strong(pathway))


def strong(obj):
    """Return the object behind a weak proxy."""
    return getattr(obj.__repr__, "__self__", obj)


def changing_delays(objects):
    """Return the pathways whose delays compiled code changes during a run, by key.

    Parameters
    ----------
    objects : sequence of BrianObject
    """
    written = {
        id(variable)
        for obj in objects
        for code in _codes(obj)
        for variable in code.code.keywords["written"]
    }
    return {
        key_of(obj): obj
        for obj in objects
        if isinstance(obj, SynapticPathway)
        and ("_followed" in vars(obj) or id(obj._delays) in written)
    }


class DeliveryPlans:
    """The emitters of all pathways of a schedule.

    Parameters
    ----------
    objects : sequence of BrianObject
        Active objects in the order of the schedule, after their ``before_run``.
    traces_of : callable
        Returns the shared traces of a Synapses object.

    Attributes
    ----------
    changing : dict
        See :func:`changing_delays`.
    traces : dict of int to SharedTraces
        By key of a pathway.
    """

    def __init__(self, objects, traces_of):
        self.changing = changing_delays(objects)
        self.traces = {}
        self._plans, self._layouts = {}, []
        pathways = {}
        for obj in objects:
            code = _delivery(obj)
            if code is not None and key_of(obj) not in self.changing:
                pathways.setdefault(id(strong(obj.synapses)), []).append((strong(obj), code))
                self._layouts.append((obj.queue, obj.queue.state_of_layout()))
        read = _read_elsewhere(objects) if pathways else set()
        for of_synapses in pathways.values():
            self._plan(of_synapses, read, traces_of)

    def emitters(self, obj):
        """Return emitters by template for an object; none where the templates' own will do."""
        key = key_of(obj)
        if key in self.changing:
            return {"synapses": emit_calendar_delivery, "synapses_push_spikes": emit_calendar_push}
        return {"synapses": self._plans[key]} if key in self._plans else {}

    def still_hold(self):
        """Return whether nothing has happened that may call for other emitters."""
        return all(traces.is_untouched() for traces in self.traces.values()) and all(
            queue.state_of_layout() is layout for queue, layout in self._layouts
        )

    def _plan(self, pathways, read, traces_of):
        synapses = strong(pathways[0][0].synapses)
        sides, names, is_whole = {}, (), False
        if synapses.event_driven is not None and prefs["devices.neurosim.shared_traces"]:
            names = tuple(sorted(synapses.event_driven.diff_eq_names))
            sides = _sides(pathways, names, read)
        if sides:
            traces = traces_of(synapses)
            are_even = all(pathway.queue.is_even() for pathway, _ in pathways)
            is_whole = are_even and len(sides) == len(names)
            pathway, code = pathways[0]
            if traces.begin(sides, is_whole, pathway, code.variables):
                self.traces.update({key_of(pathway): traces for pathway, _ in pathways})
            else:
                sides, is_whole = {}, False
        for pathway, code in pathways:
            if sides or is_plastic(code.code):
                self._plans[key_of(pathway)] = PlasticDelivery(
                    pathway.prepost,
                    names if sides else (),
                    tuple(sorted(sides.items())),
                    is_whole,
                    pathway.queue.is_even(),
                    pathway.queue.is_ordered(),
                )


def _sides(pathways, names, read):
    """Return the variables that can be kept per neuron, as far as code and delays tell."""
    synapses = strong(pathways[0][0].synapses)
    uneven = frozenset(pathway.prepost for pathway, _ in pathways if not pathway.queue.is_even())
    free = tuple(name for name in names if id(synapses.variables[name]) not in read)
    # Analysed once for the same code, which would take longer than all else before a run.
    snippets = [code.code for _, code in pathways]
    question = snippets, uneven, free
    known = pathways[0][1].namespace.get("_sides")
    if known is None or known[0] != question:
        expressions = synapses.event_driven.get_substituted_expressions(synapses.variables)
        codes = [PathwayCode.of(pathway.prepost, code.code, names) for pathway, code in pathways]
        depend_on_time = any("t" in expression.identifiers for _, expression in expressions)
        are_clear = None not in codes and not depend_on_time
        sides = sides_of(codes, names, uneven, free) if are_clear else {}
        known = pathways[0][1].namespace["_sides"] = question, sides
    sides = known[1]
    are_all = len(sides) == len(names) and not uneven
    return {} if are_all and id(synapses.variables["lastupdate"]) in read else sides


def _read_elsewhere(objects):
    """Return the identities of all arrays that other code than that of events uses."""
    return {
        id(argument.source)
        for obj in objects
        for code in _codes(obj)
        if code.template_name != "synapses"
        for argument in code.kernel().arguments.values()
        if argument.kind == "array"
    }


def _codes(obj):
    codes = [strong(code) for code in obj.code_objects]
    return [code for code in codes if isinstance(code, NumbaCodeObject)]


def _delivery(obj):
    """Return the code of an object that handles its events in the loop, or None."""
    if not isinstance(obj, SynapticPathway):
        return None
    codes = _codes(obj)
    if len(codes) < len(obj.code_objects):
        return None
    return next((code for code in codes if code.template_name == "synapses"), None)
