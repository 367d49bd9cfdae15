"""Event-driven variables of synapses kept once per neuron while a loop runs.

The arrays of the synapses are behind then; whoever reads one of them first has them written. What
is written is what Brian 2 would have stored: each synapse's value at its own last event.
"""

import re
import weakref

import numpy as np

from neurosim.engine.brian import (
    DEFAULT_FUNCTIONS,
    Constant,
    get_identifiers,
)

__all__ = ["Arrays", "SharedTraces"]

_INDICES = {"pre": "_synaptic_pre", "post": "_synaptic_post"}
# Values of a neuron's synapses that differ by less than this share of the largest are equal.
_EQUAL = 1e-14


class Arrays(weakref.WeakKeyDictionary):
    """The arrays of a device, which write what is kept per neuron when they are asked for it."""

    def __init__(self, arrays=()):
        super().__init__(arrays)
        self.behind = weakref.WeakKeyDictionary()
        self._watches, self._watched = weakref.WeakSet(), frozenset()

    def watch(self, variables):
        """Return a :class:`Watch` of the arrays of some variables."""
        watch = Watch(frozenset(map(id, variables)))
        self._watches.add(watch)
        self._watched = frozenset().union(*(known.identities for known in self._watches))
        return watch

    def unnoted(self, variable):
        """Return an array, without noting that somebody has asked for it."""
        watched, self._watched = self._watched, frozenset()
        try:
            array = self[variable]
        finally:
            self._watched = watched
        return getattr(array, "data", array) if hasattr(array, "resize_along_first") else array

    def __getitem__(self, variable):
        if id(variable) in self._watched:
            for watch in self._watches:
                watch.is_touched |= id(variable) in watch.identities
        if self.behind:
            traces = self.behind.get(variable)
            if traces is not None:
                traces.write_back()
        return super().__getitem__(variable)


class Watch:
    """Notes whether somebody has asked for certain arrays.

    Attributes
    ----------
    identities : frozenset of int
        Of the variables; one that another variable has by now does no harm.
    is_touched : bool
    """

    def __init__(self, identities):
        self.identities = identities
        self.is_touched = False


class SharedTraces:
    """What a loop keeps per neuron for one Synapses object.

    Parameters
    ----------
    synapses : Synapses
    arrays : Arrays
        Of the device.

    Attributes
    ----------
    sides : dict of str to str
        The variables kept, and the side of the neurons that keep them.
    constants : dict of str to float
        Those that bring the variables to the present.
    """

    def __init__(self, synapses, arrays):
        self._device_arrays = arrays
        variables = synapses.variables
        self._names = sorted(synapses.event_driven.diff_eq_names)
        self._variables = {name: variables[name] for name in [*self._names, "lastupdate"]}
        self._index_variables = {side: variables[name] for side, name in _INDICES.items()}
        self.sides, self.constants, self._updates = {}, {}, {}
        self._kept = {}
        self._n_synapses = 0
        self._is_behind = self._is_whole = False

    def begin(self, sides, is_whole, pathway, variables):
        """Take the variables over for a run; return whether that can be done.

        Parameters
        ----------
        sides : dict of str to str
        is_whole : bool
            Whether the time of the last event is kept per neuron, too.
        pathway : SynapticPathway
            Whose abstract code begins with the updates.
        variables : dict
            Of its code object, by the names in the code.
        """
        updates = _updates(pathway.abstract_code, self._names)
        constants = _constants(updates, variables)
        is_known = (sides, is_whole, updates) == (self.sides, self._is_whole, self._updates)
        is_known = is_known and constants == self.constants and bool(self._kept)
        if self._is_behind and is_known:
            return True
        self.write_back()
        if not (is_known and self._still_fit()):
            self.sides, self._updates, self.constants = dict(sides), updates, constants
            self._is_whole = is_whole
            if not self._take_over():
                self._kept = {}
                return False
        self._is_behind = True
        for name in self._kept_names():
            self._device_arrays.behind[self._variables[name]] = self
        return True

    def keeps(self, variable):
        """Return whether a variable of the synapses is behind while the loop runs."""
        return any(self._variables[name] is variable for name in self._kept_names())

    def _kept_names(self):
        return [*self.sides, *(["lastupdate"] if self._is_whole else [])]

    def is_untouched(self):
        """Return whether nobody has asked for the arrays of the synapses since the run began."""
        return self._is_behind

    def arrays(self):
        """Return the arrays of kernels by the names they have in them."""
        return self._kept

    def whole_state(self):
        """Return what neurons keep, by name; nothing where it is not known, or not wanted."""
        return dict(self._kept)

    def set_whole_state(self, state):
        """Go back to what :meth:`whole_state` has returned, with the arrays of the synapses then.

        Values brought to the present in other steps would differ in their last bits.
        """
        self._is_behind = False
        for variable in self._variables.values():
            self._device_arrays.behind.pop(variable, None)
        self._n_synapses = self._n_synapses_now()
        self._kept = {name: values.copy() for name, values in state.items()}

    def write_back(self):
        """Bring the arrays of the synapses up to date."""
        if not self._is_behind:
            return
        self._is_behind = False
        for variable in self._variables.values():
            self._device_arrays.behind.pop(variable, None)
        last = self._array("lastupdate")
        at = last
        if self._is_whole:
            at = np.maximum(last, self._of_synapses("_kept_event_pre", "pre"))
            at = np.maximum(at, self._of_synapses("_kept_event_post", "post"))
        values = self._values(at)
        # Where nothing has happened Brian 2 would have stored nothing.
        is_new = at > last if self._is_whole else np.ones(len(last), bool)
        for name, value in values.items():
            array = self._array(name)
            array[is_new] = value[is_new]
        last[is_new] = at[is_new]

    def _array(self, name):
        return self._old(self._variables[name])

    def _indices(self, side):
        return self._old(self._index_variables[side])

    def _old(self, variable):
        """Return the array of the synapses there were when the variables were taken over.

        Arrays are written while new synapses are made, when some are longer already.
        """
        array = self._device_arrays[variable]
        return getattr(array, "data", array)[: self._n_synapses]

    def _of_synapses(self, name, side):
        return self._kept[name][self._indices(side)]

    def _values(self, at):
        """Return the values of synapses at some times, from those of the neurons."""
        values = {}
        for side in ("pre", "post"):
            names = [name for name, kept in self.sides.items() if kept == side]
            if names:
                now = {name: self._of_synapses(f"_kept_{name}", side) for name in names}
                elapsed = at - self._of_synapses(f"_kept_valid_{side}", side)
                values.update(self._after(now, elapsed))
        return values

    def _after(self, values, elapsed):
        """Return what becomes of variables of one side in some time."""
        space = {**_functions(), **self.constants, **values, "t": elapsed, "lastupdate": 0.0}
        return {
            name: np.broadcast_to(eval(self._updates[name], {}, space), elapsed.shape)
            for name in values
        }

    def _still_fit(self):
        """Whether the arrays of the synapses hold what they were given."""
        last = self._array("lastupdate")
        sizes = {len(self._kept[f"_kept_{name}"]) for name in self.sides}
        if self._n_synapses_now() != self._n_synapses or not sizes:
            return False
        if self._is_whole:
            events = np.maximum(
                self._of_synapses("_kept_event_pre", "pre"),
                self._of_synapses("_kept_event_post", "post"),
            )
            if np.any(events > last):
                return False
        return all(
            _is_equal(self._array(name), value, np.max(np.abs(value), initial=0.0))
            for name, value in self._values(last).items()
        )

    def _n_synapses_now(self):
        array = self._device_arrays[self._variables["lastupdate"]]
        return len(getattr(array, "data", array))

    def _take_over(self):
        """Find the values of the neurons; return whether all synapses agree on them."""
        self._n_synapses = self._n_synapses_now()
        last = self._array("lastupdate")
        kept = {}
        for side in ("pre", "post"):
            indices = self._indices(side)
            n_neurons = int(indices.max(initial=-1)) + 1
            valid = np.full(n_neurons, -np.inf)
            np.maximum.at(valid, indices, last)
            kept[f"_kept_valid_{side}"] = valid
            kept[f"_kept_event_{side}"] = np.full(n_neurons, -np.inf)
            names = [name for name, where in self.sides.items() if where == side]
            now = {name: self._array(name) for name in names}
            for name, value in self._after(now, valid[indices] - last).items():
                of_neurons = np.zeros(n_neurons, self._array(name).dtype)
                of_neurons[indices] = value
                if not _is_equal(of_neurons[indices], value, np.max(np.abs(value), initial=0.0)):
                    return False
                kept[f"_kept_{name}"] = of_neurons
        self._kept = kept
        return True


def _is_equal(values, others, scale):
    precision = _EQUAL if values.dtype == np.float64 else 1e-6
    with np.errstate(invalid="ignore"):
        return bool(np.all(np.abs(values - others) <= precision * scale))


def _updates(abstract_code, names):
    """Return the expressions that bring variables to the present, compiled, by variable."""
    found = dict(re.findall(r"^_(\w+) = (.*)$", abstract_code, re.MULTILINE))
    return {name: found[name] for name in names}


def _constants(updates, variables):
    """Return the values of all constants that the updates mention."""
    values = {}
    for name in {name for text in updates.values() for name in get_identifiers(text)}:
        variable = variables.get(name)
        is_scalar = getattr(variable, "scalar", False) and name not in ("t", "lastupdate")
        if isinstance(variable, Constant) or is_scalar:
            values[name] = float(np.asarray(variable.get_value()).item())
    return values


def _functions():
    return {
        name: function.pyfunc
        for name, function in DEFAULT_FUNCTIONS.items()
        if not function.auto_vectorise
    }
