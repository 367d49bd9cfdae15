"""Past values of variables, for ``delayed(x, delay)`` in equations.

Brian 2 delays spikes, not values: a summed ``x_pre`` is undelayed. Here the past of a variable that
some code reads with a delay is kept in a ring, which is itself an array of the variable's group:
stored, restored and deleted with it.
"""

import ast
import operator

import numpy as np

from neurosim.engine.brian import ArrayVariable, Constant, Quantity, Subexpression, second
from neurosim.engine.kernels import Argument, Kernel
from neurosim.errors import ParameterError
from neurosim.kernels.delays import DT, NEXT, REFUSED, WIDTH

__all__ = ["History", "history_of", "longest_delay"]

# Share of a step by which times may differ and still be the same.
_NEAR = 1e-6


class _Histories(dict):
    """Histories by variable, kept in a group; left out where the group is pickled."""

    def __reduce__(self):
        return _Histories, ()


def history_of(variable):
    """Return the history of a variable, made when first asked for.

    Parameters
    ----------
    variable : ArrayVariable
    """
    owner = variable.owner.__repr__.__self__
    histories = vars(owner).setdefault("_histories", _Histories())
    if variable.name not in histories:
        histories[variable.name] = History(variable)
    return histories[variable.name]


class History:
    """The ring of a variable's past values, and the step that fills it.

    In a schedule it stands where code objects stand.

    Attributes
    ----------
    longest : float
        Seconds that are kept whatever delays there are now.
    initial : callable or ndarray or None
        The past before the first run, see :func:`neurosim.remember`.
    """

    template_name = "history"
    draws = False

    def __init__(self, variable):
        self.variable = variable
        self.longest = 0.0
        self.initial = None
        variables = variable.owner.variables
        name = f"_history_{variable.name}"
        variables.add_dynamic_array(name, size=0, dtype=variable.dtype)
        variables.add_array(f"{name}_state", size=4, dtype=np.float64, read_only=True)
        self.ring, self.state = variables[name], variables[f"{name}_state"]
        self.kernel = self._make_kernel()

    @property
    def clock(self):
        """The clock of the variable's group."""
        return self.variable.owner.clock

    def _make_kernel(self):
        lines = (
            "_first = _clock_timestep[0] % (len(_ring) // len(_values)) * len(_values)",
            "for _element in range(len(_values)):",
            "    _ring[_first + _element] = _values[_element]",
            f"_state[{NEXT}] = _clock_timestep[0] + 1",
        )
        arguments = {
            "_clock_timestep": Argument("array", self.clock.variables["timestep"]),
            "_ring": Argument("array", self.ring),
            "_state": Argument("array", self.state),
            "_values": Argument("array", self.variable),
        }
        return Kernel("history", lines, arguments, {}, ())

    def prepare(self, needed):
        """Make the ring long enough for a run, and fill it where the past is not known yet.

        Parameters
        ----------
        needed : float
            Longest delay of the run in seconds.

        Raises
        ------
        ParameterError
            Where a part of the past is needed that was not kept.
        """
        values, dt = np.asarray(self.variable.get_value()), float(self.clock.dt_)
        state = self.state.get_value()
        # One row more for interpolation, one that is written while others are read.
        n_rows = int(np.ceil(max(needed, self.longest) / dt - _NEAR)) + 2
        step = int(self.clock.variables["timestep"].get_value()[0])
        steps = np.arange(step - n_rows + 1, step)
        is_continued = (
            state[WIDTH] == len(values) > 0
            and abs(state[NEXT] * state[DT] - step * dt) < _NEAR * dt
        )
        if is_continued and state[DT] == dt and len(self.ring.get_value()) >= n_rows * len(values):
            return
        rows = self._kept(steps * dt) if is_continued else self._initial(steps * dt)
        ring = np.zeros((n_rows, len(values)), self.variable.dtype)
        ring[steps % n_rows] = rows
        self.ring.resize(ring.size)
        self.ring.set_value(ring.ravel())
        state[:] = (dt, step, len(values), 0.0)

    def _initial(self, times):
        """Return values at times before the first run, shape (n_times, n_elements)."""
        values = np.asarray(self.variable.get_value(), float)
        if self.initial is None:
            return np.broadcast_to(values, (len(times), len(values)))
        given = self.initial(times * second) if callable(self.initial) else self.initial
        given = self._without_unit(given)
        if callable(self.initial) and given.ndim == 1:
            given = given[:, np.newaxis]
        try:
            return np.broadcast_to(given, (len(times), len(values)))
        except ValueError:
            raise ParameterError(
                f"history of {self.name} has shape {given.shape}, which does not fit "
                f"{len(times)} times and {len(values)} elements"
            ) from None

    def _without_unit(self, given):
        if isinstance(given, Quantity) or self.variable.dim.is_dimensionless:
            quantity = Quantity(given)
            if quantity.dim is not self.variable.dim:
                raise ParameterError(
                    f"history of {self.name} has unit {quantity.dim}, expected {self.variable.dim}"
                )
            return np.asarray(quantity, float)
        raise ParameterError(
            f"history of {self.name} has no unit, expected values in {self.variable.dim}"
        )

    def _kept(self, times):
        """Return values at times from the ring as it was, shape (n_times, n_elements)."""
        dt, following, width, _ = self.state.get_value()
        rows = np.asarray(self.ring.get_value(), float).reshape(-1, int(width))
        n_rows = len(rows)
        position = np.clip(times / dt, None, following - 1)
        oldest = following - n_rows + 1
        early = position < oldest - _NEAR
        if early.any() and following >= n_rows and not callable(self.initial):
            raise ParameterError(
                f"{-(times[0] - following * dt) * 1e3:g} ms of the past of {self.name} are needed "
                f"and {(n_rows - 1) * dt * 1e3:g} ms were kept; call neurosim.remember(group, "
                f"{self.variable.name!r}, longest) before the first run"
            )
        position = np.clip(position, oldest, None)
        below = np.floor(position + _NEAR).astype(int)
        share = np.clip(position - below, 0, 1)[:, np.newaxis]
        upper = np.minimum(below + 1, int(following) - 1)
        kept = rows[below % n_rows] * (1 - share) + rows[upper % n_rows] * share
        if early.any() and callable(self.initial):
            kept[early] = self._initial(times[early])
        return kept

    @property
    def name(self):
        """Variable and group, for messages."""
        return f"{self.variable.name!r} of {self.variable.owner.name!r}"

    def check(self, value_of=operator.methodcaller("get_value")):
        """Raise ParameterError where the last steps asked for a delay that cannot be served.

        Parameters
        ----------
        value_of : callable
            Returns the array of a variable.
        """
        state = value_of(self.state)
        refused = float(state[REFUSED])
        if refused == 0:
            return
        state[REFUSED] = 0.0
        rows = len(value_of(self.ring)) // int(state[WIDTH])
        kept = (rows - 2) * state[DT]
        raise ParameterError(
            f"a delay of {refused * 1e3:g} ms was asked for, and {kept * 1e3:g} ms of the past of "
            f"{self.name} are kept; delays must not be negative, and where they grow during a run "
            f"call neurosim.remember(group, {self.variable.name!r}, longest) before it"
        )


def longest_delay(code, text, history):
    """Return the longest delay that code reads with now, in seconds.

    Parameters
    ----------
    code : NumbaCodeObject
    text : str
        The expression of the delay.
    history : History

    Raises
    ------
    ParameterError
        Where a delay is negative or not a number, or cannot be known before the run.
    """
    names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    values = {}
    for name in names:
        variable = code.variables.get(name)
        is_array = isinstance(variable, ArrayVariable) and not isinstance(variable, Subexpression)
        if isinstance(variable, Constant):
            values[name] = np.asarray(variable.value, float)
        elif is_array and (variable.scalar or text.strip() == name):
            values[name] = np.asarray(variable.get_value(), float)
        elif history.longest > 0:
            return history.longest
        else:
            raise ParameterError(
                f"how long {text!r} can be in delayed({history.variable.name}, {text}) is not "
                f"known before the run; call neurosim.remember(group, "
                f"{history.variable.name!r}, longest)"
            )
    delays = np.atleast_1d(eval(compile(text, "<delay>", "eval"), {"__builtins__": {}}, values))
    wrong = delays[~(delays >= 0)]
    if len(wrong):
        raise ParameterError(
            f"delay {text!r} in '{code.owner.name}' is {wrong[0]:g} s; expected 0 s or more"
        )
    return float(delays.max(initial=0.0))
