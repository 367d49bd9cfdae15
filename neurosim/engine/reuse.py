"""What was prepared for the last run and still holds for the next.

Before every run Brian 2 checks units, resolves names and generates code for every object, although
most runs differ from the one before in nothing, or in the value of a constant. Here each piece of
that preparation is remembered together with all it was made from: the names it resolved, the
attributes of the objects, the preferences. Where all of that is as it was the result holds; where
only values of constants differ, the code gets the new values.
"""

import operator
import weakref
from dataclasses import dataclass

from neurosim.engine.brian import (
    Constant,
    Function,
    Quantity,
    get_device,
    name_refractory_periods,
    prefs,
    route_preparation,
)
from neurosim.engine.codeobject import NumbaCodeObject

__all__ = ["Memory", "register_reuse"]


def register_reuse():
    """Let all preparation of objects pass by here."""
    route_preparation(_remember_or_prepare, _note)
    name_refractory_periods(lambda: hasattr(get_device(), "memory"))


def _note(group, name, further, variable):
    memory = getattr(get_device(), "memory", None)
    if memory is not None:
        memory.note(_strong(group), name, further, variable)


def _remember_or_prepare(kind, owner, group, run_namespace, prepare):
    """Return what a preparation returns, from memory where it still holds.

    Parameters
    ----------
    kind : str
        Which preparation of `owner` it is.
    owner : BrianObject
    group : Group
        In whose context names are resolved.
    run_namespace : dict
    prepare : callable

    Returns
    -------
    object
    """
    memory = getattr(get_device(), "memory", None)
    if memory is None:
        return prepare()
    owner, group = _strong(owner), _strong(group)
    return memory.get(kind, owner, group, run_namespace, prepare)


def _strong(obj):
    """Return the object behind a weak proxy."""
    return obj.__repr__.__self__


@dataclass
class _Record:
    """A result and what it was made from."""

    result: object
    attributes: object
    resolved: list

    def holds(self, owner, group, run_namespace):
        """Return whether the result still holds; its constants then have their new values."""
        if not self.attributes.hold(owner, group):
            return False
        values = {}
        for context, name, further, old in self.resolved:
            resolver = context()
            if resolver is None:
                return False
            internal = further.get(name, getattr(resolver, "variables", {}).get(name))
            if internal is not None:
                if internal is not old:
                    return False
                continue
            try:
                new = resolver._resolve_external(name, run_namespace)
            except KeyError:
                return False
            if not _is_interchangeable(old, new):
                return False
            if resolver is group and isinstance(new, Constant):
                values[name] = new.value
        self._take(values)
        return True

    def _take(self, values):
        for name, value in values.items():
            # Names resolved for checks alone are not among the code's.
            variable = self.result.variables.get(name) if self.result is not None else None
            if isinstance(variable, Constant) and variable.value != value:
                variable.value = value


def _is_interchangeable(old, new):
    """Whether code made with one can be used with the other, given the other's value."""
    if new is old:
        return True
    if isinstance(old, Constant) and isinstance(new, Constant):
        return old.dim is new.dim and old.dtype == new.dtype and type(old.value) is type(new.value)
    # Brian 2 wraps a Python function anew each time its name is resolved.
    return type(old) is type(new) is Function and old.pyfunc is new.pyfunc


# Set by every run, and read by none of what is remembered.
_OF_NO_INTEREST = frozenset(
    (
        "codeobj",
        "_code_objects",
        "_network",
        "eventspace",
        "_previous_dt",
        "_remembered",
        "_histories",
    )
)


@dataclass
class _Attributes:
    """What code may depend on of the objects themselves.

    Compared by identity, which is fast and, for what cannot be changed in place, enough; the rest
    is compared by value.
    """

    objects: list
    values: tuple

    @classmethod
    def of(cls, owner, group):
        """Return those of an object and the group in whose context its code is made."""
        # Clocks with a list of times have no step.
        objects, values = [], [getattr(getattr(owner, "clock", None), "dt_", None)]
        for obj in (owner, group):
            attributes = vars(obj)
            objects += [value for name, value in attributes.items() if name not in _OF_NO_INTEREST]
            variables = attributes.get("variables")
            if variables is not None:
                objects += [
                    variable
                    for name, variable in variables._variables.items()
                    if not name.startswith("_history_")
                ]
            for name in ("events", "event_codes"):
                values += attributes.get(name, {}).values()
        values += [(value.tobytes(), value.dim) for value in objects if type(value) is Quantity]
        return cls(objects, tuple(values))

    def hold(self, owner, group):
        """Return whether they are still the same."""
        now = self.of(owner, group)
        return (
            len(now.objects) == len(self.objects)
            and all(map(operator.is_, now.objects, self.objects))
            and now.values == self.values
        )


class _Records(dict):
    """What is remembered of one object, by kind; left out where the object is pickled."""

    def __reduce__(self):
        return _Records, ()


class Memory:
    """Finds what is remembered; it is kept in the objects themselves, and goes with them."""

    def __init__(self):
        self._preferences = None
        self._version = 0
        self._recording = []
        # What was resolved for statements that run once, by name.
        self._used_at_setup = {}

    def begin_run(self):
        """Forget everything where a preference has changed since the last run."""
        preferences = dict(prefs.prefs)
        if preferences != self._preferences:
            self._version += 1
            self._preferences = preferences

    def uses_at_setup(self, name):
        """Return the names of the objects in whose set-up a name was used, as text."""
        return ", ".join(sorted(self._used_at_setup.get(name, ())))

    def note(self, group, name, further, variable):
        """Note that a name was resolved."""
        if not self._recording and isinstance(variable, Constant):
            self._used_at_setup.setdefault(name, set()).add(group.name)
        for resolved in self._recording:
            resolved[id(group), name] = (weakref.ref(group), name, further or {}, variable)

    def get(self, kind, owner, group, run_namespace, prepare):
        """Return the result of a preparation; see :func:`_remember_or_prepare`."""
        records = vars(owner).setdefault("_remembered", _Records())
        version, record = records.get(kind, (None, None))
        if version == self._version and record.holds(owner, group, run_namespace):
            return record.result
        resolved = {}
        self._recording.append(resolved)
        try:
            result = prepare()
        finally:
            self._recording.pop()
        # Code of Brian 2's own targets has taken the values of constants over.
        if result is None or isinstance(result, NumbaCodeObject):
            record = _Record(result, _Attributes.of(owner, group), list(resolved.values()))
            records[kind] = self._version, record
        else:
            records.pop(kind, None)
        return result
