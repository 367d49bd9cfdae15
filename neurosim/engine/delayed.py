"""``delayed(x, delay)`` in equations: a variable's value of some time ago."""

from neurosim.engine.brian import Function, Quantity, second
from neurosim.engine.codeobject import NumbaCodeObject
from neurosim.engine.functions import Bound
from neurosim.engine.history import history_of
from neurosim.errors import ParameterError
from neurosim.kernels.delays import past

__all__ = ["delayed", "remember"]


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
