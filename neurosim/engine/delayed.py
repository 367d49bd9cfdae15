"""``delayed(x, delay)`` in equations: a variable's value of some time ago."""

from neurosim.engine.brian import ArrayVariable, Function, Quantity, Subexpression, second
from neurosim.engine.codeobject import NumbaCodeObject
from neurosim.engine.functions import Bound
from neurosim.engine.history import history_of
from neurosim.errors import ParameterError
from neurosim.kernels.delays import past

__all__ = ["delayed", "follow_delay", "remember"]


def _not_here(variable, delay):
    raise NotImplementedError(
        "delayed(...) can only be used in code that runs in every step, on the device 'neurosim': "
        "call set_device('neurosim'), and do not profile the run"
    )


#: In equations and statements, the value that a variable had a delay ago: ``delayed(x_pre, d)``.
delayed = Function(
    _not_here,
    arg_units=[None, second],
    return_unit=lambda variable, delay: variable,
    arg_names=["variable", "delay"],
)
delayed.implementations.add_implementation(NumbaCodeObject, code=Bound(past))


def follow_delay(pathway, variable):
    """Let a pathway take the delay of each spike from a variable of its synapses.

    The variable may change in any way during a run: with time, with spikes, by a learning rule. A
    spike takes the delay of the step in which it is sent, rounded to whole steps; a negative delay
    is taken for none.

    Parameters
    ----------
    pathway : brian2.synapses.synapses.SynapticPathway
        Such as ``synapses.pre``.
    variable : str
        Name of a variable of the synapses with the dimension of time.

    Raises
    ------
    ParameterError
        Where there is no such variable, or it is no time.

    Examples
    --------
    >>> from brian2 import NeuronGroup, Synapses, ms
    >>> from neurosim import follow_delay
    >>> group = NeuronGroup(2, "v : 1", threshold="v > 1", reset="v = 0")
    >>> synapses = Synapses(group, group, "d : second", on_pre="v += 0.1", on_post="d *= 0.9")
    >>> synapses.connect()
    >>> synapses.d = 5 * ms
    >>> follow_delay(synapses.pre, "d")
    """
    synapses = pathway.synapses
    known = synapses.variables.get(variable)
    if not isinstance(known, ArrayVariable) or isinstance(known, Subexpression):
        raise ParameterError(f"synapses {synapses.name!r} have no state variable {variable!r}")
    if known.dim is not second.dim or known.owner.name != synapses.name:
        raise ParameterError(
            f"variable {variable!r} of {synapses.name!r} cannot be a delay; expected a variable of "
            "the synapses themselves with the dimension of time"
        )
    vars(pathway.__repr__.__self__)["_followed"] = known


def remember(group, variable, longest=None, history=None):
    """Say how much of a variable's past is kept, and what it was before the first run.

    Needed only where delays may grow during a run, or where the past before the first run is not
    the value at its beginning.

    Parameters
    ----------
    group : Group
    variable : str
        Name of a state variable of the group.
    longest : Quantity, optional
        Longest delay it will be read with.
    history : Quantity, array_like or callable, optional
        Values of shape () or (n,), or a function of times (a Quantity of shape (n_times,), all
        before the first run) that returns them with shape (n_times,) or (n_times, n).

    Raises
    ------
    ParameterError
        Where there is no such variable, or `longest` is not a positive time.

    Examples
    --------
    >>> from brian2 import NeuronGroup, ms
    >>> from neurosim import remember
    >>> group = NeuronGroup(2, "dx/dt = -delayed(x, 3*ms)/(5*ms) : 1", method="euler")
    >>> remember(group, "x", history=lambda t: 1 + t / (10 * ms))
    """
    known = group.variables.get(variable)
    if known is None or not hasattr(known, "get_value") or not getattr(known, "array", False):
        raise ParameterError(f"group {group.name!r} has no state variable {variable!r}")
    kept = history_of(known)
    if longest is not None:
        seconds = Quantity(longest)
        if seconds.dim is not second.dim or seconds.ndim or not float(seconds) > 0:
            raise ParameterError(f"longest is {longest!r}, expected a positive time such as 10*ms")
        kept.longest = float(seconds)
    if history is not None:
        kept.initial = history
