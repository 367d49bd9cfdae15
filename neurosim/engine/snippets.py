"""The work of one code object in one step, as the body of a compiled function.

One emitter per template of Brian 2's runtime targets. A body is a list of lines that refers to
arrays by the names of Brian 2's device and to further arrays by names that start with an
underscore; :mod:`neurosim.engine.kernels` makes a function of it.
"""

import copy
import re

import numpy as np

from neurosim.engine.angles import calls_only_own_angles
from neurosim.engine.brian import Function, constant_or_scalar
from neurosim.engine.elements import every_element, every_hit, indented

__all__ = ["EMITTERS", "ORDERED", "Snippet", "emit_delivery"]


class Snippet:
    """What a template of ours returns: code of scalars and of elements, and its surroundings.

    Attributes
    ----------
    template : str
    scalar, vector : list of str
        Lines run once per step, and once per element.
    variables, indices : dict
        Brian 2's variables and their indices, by name.
    keywords : dict
        What the object handed to the template.
    """

    # Brian 2 asks every code for these blocks; ours is not text but made into a kernel.
    before_run = run = after_run = ""

    def __init__(self, template, scalar, vector, variables, indices, get_array_name, keywords):
        self.template = template
        self.scalar = scalar
        self.vector = vector
        self.variables = variables
        self.indices = indices
        self.get_array_name = get_array_name
        self.keywords = keywords
        self.is_shared = False

    def shared(self):
        """Return the same for a thread that does its share of the elements alone."""
        snippet = copy.copy(self)
        snippet.is_shared = True
        return snippet

    def array(self, name):
        """Return the array name of a variable."""
        return self.get_array_name(self.variables[name])

    def value(self, name):
        """Return the text of a constant or a scalar variable."""
        return constant_or_scalar(name, self.variables[name])

    def event_space(self):
        """Return the array name of the events this code produces or answers to."""
        return self.get_array_name(self.keywords["eventspace_variable"])

    def scalar_part(self):
        """Return the scalar code with its index for random numbers."""
        return ["_vectorisation_idx = 1", *self.scalar]

    def element_part(self):
        """Return the vector code of element ``_idx``."""
        return ["_vectorisation_idx = int64(_idx)", *self.vector]

    def elements(self):
        """Return the first element and the one after the last, as text."""
        return ("_share[0]", "_share[1]") if self.is_shared else ("0", self.value("N"))

    def every_element(self, lines):
        """Return a loop that runs lines for every element ``_idx``."""
        return every_element(lines, self.elements(), self.keywords["blocks"])

    def saved_elements(self):
        """Return the array elements that code writes, if it can be done twice; else none."""
        if not calls_only_own_angles(self.variables):
            return ()
        stores = self.keywords["block"].stores
        kinds = {np.dtype(self.variables[name].dtype).kind for name, _ in stores}
        # Of others not every value is a floating point number.
        is_clear = kinds <= {"f", "b"} and all(e.endswith("[_idx]") for _, e in stores)
        return tuple(element for _, element in stores) if is_clear else ()

    def every_hit(self, lines):
        """Return a loop that runs lines for every element for which ``_cond`` becomes true."""
        elements, blocks = self.elements(), self.keywords["blocks"]
        functions = [known for known in self.variables.values() if isinstance(known, Function)]
        # Functions with a memory are called once for each element.
        if all(known.stateless or known.auto_vectorise for known in functions):
            return every_hit(self.element_part(), lines, elements, blocks)
        lines = [*self.element_part(), "if _cond:", *indented(lines)]
        return every_element(lines, elements, blocks)


def _state_update(s):
    elements, blocks = s.elements(), s.keywords["blocks"]
    loop = every_element(s.element_part(), elements, blocks, s.saved_elements())
    return [*s.scalar_part(), *loop]


def _threshold(s):
    events = s.event_space()
    fired = [f"{events}[_n_events] = _idx", "_n_events += 1"]
    if s.keywords["_uses_refractory"]:
        fired += [
            f"{s.array('not_refractory')}[_idx] = False",
            f"{s.array('lastspike')}[_idx] = {s.value('t')}",
        ]
    # Threads write theirs where their elements begin.
    found = "_share[2]" if s.is_shared else f"{events}[{s.value('N')}]"
    return [
        *s.scalar_part(),
        f"_n_events = {s.elements()[0]}",
        *s.every_hit(fired),
        f"{found} = _n_events",
    ]


def _reset(s):
    events = s.event_space()
    return [
        *s.scalar_part(),
        f"for _event in range({events}[len({events}) - 1]):",
        f"    _idx = {events}[_event]",
        *indented(s.element_part()),
    ]


def _push(s):
    events = s.event_space()
    return [
        "_slot = _clock[0] % len(_ring)",
        "_width = _ring.shape[1] - 1",
        "_n_events = 0",
        f"for _event in range({events}[len({events}) - 1]):",
        f"    _source = {events}[_event] - _clock[1]",
        "    if 0 <= _source < _width:",
        "        _ring[_slot, _n_events] = _source",
        "        _n_events += 1",
        "_ring[_slot, _width] = _n_events",
    ]


def _synapses(s):
    """Deliver events: those left from an earlier run first, then by age, source and synapse.

    Left events stand before the others in the arrays that are indexed by position.
    """
    return [
        *s.scalar_part(),
        "_now = _clock[0]",
        "_width = _ring.shape[1] - 1",
        "for _delay in range(-1, len(_delays)):",
        "    _slot = 0 if _delay < 0 else (_now - _delays[_delay]) % len(_ring)",
        "    _n_events = 1 if _delay < 0 else _ring[_slot, _width]",
        "    for _event in range(_n_events):",
        "        if _delay < 0:",
        "            _first = _clock[2]",
        "            _last = _first",
        "            while _last < len(_left_at) and _left_at[_last] <= _now:",
        "                _last += 1",
        "            _clock[2] = _last",
        "        else:",
        "            _source = _ring[_slot, _event]",
        "            _first = _begin[_delay, _source]",
        "            _last = _until[_delay, _source]",
        "        for _position in range(_first, _last):",
        *indented(_by_position(s), 3),
        "_clock[0] = _now + 1",
        "_ring[(_now + 1) % len(_ring), _width] = 0",
    ]


#: Arrays of neurons in the order of delivery, by the names indices have in code.
ORDERED = {"_postsynaptic_idx": "_ordered_post", "_presynaptic_idx": "_ordered_pre"}


def _by_position(s):
    """Return the element part of an event at a position, with as few detours as it needs."""
    lines = []
    for line in s.element_part():
        name, _, value = line.partition(" = ")
        if name in ORDERED and value.endswith("[_idx])"):
            line = f"{name} = uint64({ORDERED[name]}[_position])"
        lines.append(line)
    draws = s.keywords["n_sites"] > 0
    if not draws:
        lines.remove("_vectorisation_idx = int64(_idx)")
    if re.search(r"\b_idx\b", "\n".join(lines)):
        lines.insert(0, "_idx = _order[_position]")
    return lines


def emit_delivery(s):
    """Return the body of ``synapses`` for a list of synapses, ``_due``, instead of a queue."""
    return [
        *s.scalar_part(),
        "for _position in range(len(_due)):",
        "    _idx = _due[_position]",
        *indented(s.element_part()),
    ]


def _summed(s):
    target = s.get_array_name(s.keywords["_target_var"])
    index = s.get_array_name(s.keywords["_index_var"])
    size = s.value(s.keywords["_target_size_name"])
    start = s.keywords["_target_start"]
    return [
        f"for _target in range({start}, {start} + {size}):",
        f"    {target}[_target] = 0",
        *s.scalar_part(),
        *s.every_element([*s.element_part(), f"{target}[uint64({index}[_idx])] += _synaptic_var"]),
    ]


def _state_monitor(s):
    names = sorted(s.keywords["_recorded_variables"])
    return [
        "_row = _fill[0]",
        f"_record_t[_row] = {s.value('_clock_t')}",
        *s.scalar_part(),
        f"for _column in range(len({s.array('_indices')})):",
        f"    _idx = {s.array('_indices')}[_column]",
        *indented(s.element_part()),
        *[f"    _record_{name}[_row, _column] = _to_record_{name}" for name in names],
        "_fill[0] = _row + 1",
    ]


def _spike_monitor(s):
    events = s.event_space()
    names = sorted(s.keywords["record_variables"])
    start, stop = s.value("_source_start"), s.value("_source_stop")
    return [
        "_row = _fill[0]",
        "_n_recorded = 0",
        f"for _event in range({events}[len({events}) - 1]):",
        f"    if {start} <= {events}[_event] < {stop}:",
        "        _n_recorded += 1",
        "if _n_recorded > 0:",
        *indented(s.scalar_part()),
        f"    for _event in range({events}[len({events}) - 1]):",
        f"        _idx = {events}[_event]",
        f"        if {start} <= _idx < {stop}:",
        *indented(s.element_part(), 3),
        *[f"            _record_{name}[_row] = _to_record_{name}" for name in names],
        f"            {s.array('count')}[_idx - {start}] += 1",
        "            _row += 1",
        "_fill[0] = _row",
    ]


def _rate_monitor(s):
    events = s.array("_spikespace")
    start, stop = s.value("_source_start"), s.value("_source_stop")
    return [
        "_n_spikes = 0",
        f"for _event in range({events}[len({events}) - 1]):",
        f"    if {start} <= {events}[_event] < {stop}:",
        "        _n_spikes += 1",
        "_row = _fill[0]",
        f"_record_t[_row] = {s.value('_clock_t')}",
        f"_record_rate[_row] = _n_spikes / {s.value('_clock_dt')} "
        f"/ {s.value('_num_source_neurons')}",
        "_fill[0] = _row + 1",
    ]


def _spike_generator(s):
    events, last = s.array("_spikespace"), s.value("_lastindex")
    bins = s.array("_timebins")
    return [
        f"_bin = {s.value('t_in_timesteps')}",
        f"if {s.value('_period_bins')} > 0:",
        f"    _bin %= {s.value('_period_bins')}",
        f"    if {last} > 0 and {bins}[{last} - 1] >= _bin:",
        f"        {last} = 0",
        "_n_events = 0",
        f"for _entry in range({last}, len({bins})):",
        f"    if {bins}[_entry] > _bin:",
        "        break",
        f"    {events}[_n_events] = {s.array('neuron_index')}[_entry]",
        "    _n_events += 1",
        f"{events}[{s.value('N')}] = _n_events",
        f"{last} += _n_events",
    ]


#: By Brian 2's template names.
EMITTERS = {
    "stateupdate": _state_update,
    "threshold": _threshold,
    "reset": _reset,
    "synapses_push_spikes": _push,
    "synapses": _synapses,
    "summed_variable": _summed,
    "statemonitor": _state_monitor,
    "spikemonitor": _spike_monitor,
    "ratemonitor": _rate_monitor,
    "spikegenerator": _spike_generator,
}
