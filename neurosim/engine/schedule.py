"""The schedule of a network as steps of its loop, and how each is computed."""

import weakref

from neurosim.engine.brian import is_plain_runner, prefs
from neurosim.engine.codeobject import NumbaCodeObject
from neurosim.engine.delivery_plans import DeliveryPlans, strong
from neurosim.engine.history import history_of, longest_delay
from neurosim.engine.program import Step
from neurosim.engine.sharing import emit_shared, sharing_of
from neurosim.engine.streaming import stream_of
from neurosim.engine.sum_plans import SumPlans
from neurosim.engine.team import n_cores
from neurosim.errors import ParameterError

__all__ = ["Plans", "all_steps"]

# Elements or target neurons from which threads pay; measured.
_SMALLEST_SHARED = 32768


class Plans:
    """How each object of a schedule is computed in a run, chosen from code and data.

    Parameters
    ----------
    objects : sequence of BrianObject
        Active objects in the order of the schedule, after their ``before_run``.
    traces_of : callable
        Returns the shared traces of a Synapses object.

    Attributes
    ----------
    deliveries : DeliveryPlans
    sums : SumPlans
    n_threads : int
        Threads to share work, where there is any to share.
    """

    def __init__(self, objects, traces_of):
        self.deliveries = DeliveryPlans(objects, traces_of)
        self.sums = SumPlans(objects)
        asked = prefs["devices.neurosim.threads"]
        self.n_threads = asked or n_cores()
        self._smallest = 0 if asked else _SMALLEST_SHARED

    def emitter(self, obj, code):
        """Return the emitter of a code object, None where its template's own will do."""
        return self.deliveries.emitters(obj).get(code.template_name) or self.sums.emitter(code)

    def still_hold(self):
        """Return whether nothing has happened that may call for other emitters."""
        return self.deliveries.still_hold() and self.sums.still_hold()

    def steps(self, obj, code, clock):
        """Return the steps of a code object."""
        emitter, sharing = self.emitter(obj, code), None
        if emitter is None and self.n_threads > 1:
            sharing = sharing_of(code.code)
        if sharing is None or sharing.size < self._smallest:
            return [Step(code.kernel(emitter), clock, code)]
        if sharing.kind == "targets":
            return [Step(code.kernel(), clock, code, sharing)]
        steps = [Step(code.kernel(emit_shared), clock, code, sharing)]
        if code.template_name == "threshold":
            steps.append(Step(code.join_kernel(), clock, code))
        return steps


def all_steps(objects, clocks, plans):
    """Return the steps of all objects, and before them those that keep past values.

    Parameters
    ----------
    objects : sequence of BrianObject
        Active objects in the order of the schedule, after their ``before_run``.
    clocks : sequence of Clock
    plans : Plans

    Returns
    -------
    list of Step
    """
    steps = [step for obj in objects for step in _steps(obj, clocks.index(obj.clock), plans)]
    needed = _delays_needed(steps)
    for history, delay in needed.items():
        history.prepare(delay)
    return [_history_step(history, clocks) for history in needed] + steps


def _steps(obj, clock, plans):
    """Return the steps of an object."""
    codes = [strong(code) for code in obj.code_objects]
    if not is_plain_runner(obj) or not all(isinstance(code, NumbaCodeObject) for code in codes):
        if stream_of(obj) is not None:
            raise NotImplementedError(
                f"'{obj.name}' records what cannot be compiled, and cannot stream it to a trace "
                "file; record the variables it is made of"
            )
        return [Step(None, clock, weakref.ref(obj))]
    return [step for code in codes for step in plans.steps(obj, code, clock)]


def _delays_needed(steps):
    """Return the longest delay that variables are read with, by history."""
    needed = {}
    for step in steps:
        if isinstance(step.owner, NumbaCodeObject):
            for variable, text in step.owner.code.keywords["delays"]:
                history = history_of(variable)
                longest = longest_delay(step.owner, text, history)
                needed[history] = max(needed.get(history, 0.0), longest)
    return needed


def _history_step(history, clocks):
    if history.clock not in clocks:
        raise ParameterError(
            f"delayed(...) reads {history.name}, which is not in the network; add it"
        )
    return Step(history.kernel, clocks.index(history.clock), history)
