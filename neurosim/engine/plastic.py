"""Delivery of events to plastic synapses, in loops that become vector instructions.

An event is handled in three loops over blocks of its synapses: values are gathered from where
indices say; new ones are computed; they are written, and what neurons receive is added up, one
synapse after the other. Only the middle loop costs arithmetic, and only without indirect access
can a compiler know that nothing it writes is read later. What is the same for all synapses of the
event, such as the trace of its own neuron, is done once.
"""

import re
from dataclasses import dataclass

from neurosim.engine.brian import get_dtype_str, word_substitute
from neurosim.engine.elements import indented
from neurosim.engine.snippets import ORDERED
from neurosim.engine.trace_analysis import PathwayCode

__all__ = ["AT_ONCE", "MOST_ROWS", "PlasticDelivery", "is_plastic"]

#: Synapses in a block, and values kept of each between the loops at most.
AT_ONCE, MOST_ROWS = 512, 24

_INDICES = {"pre": "_ordered_pre", "post": "_ordered_post"}
_OTHER = {"pre": "post", "post": "pre"}
_ADDITION = re.compile(r"(\w+) ([+-])= (.*)")
_CONVERTED_ADDITION = re.compile(r"(\w+) = (\w+)\(\1 ([+-]) \((.*)\)\)")


def is_plastic(snippet):
    """Return whether an event changes variables of synapses."""
    return any(element.endswith("[_idx]") for _, element in snippet.keywords["block"].stores)


@dataclass(frozen=True)
class PlasticDelivery:
    """Emits the body of ``synapses``.

    Attributes
    ----------
    side : {"pre", "post"}
        Of the neurons whose events these are.
    names : tuple of str
        Of the event-driven variables.
    sides : tuple of (str, str)
        Those that are kept per neuron, and the side of it.
    is_whole : bool
        Whether all that depends on the time of a synapse's last event is kept per neuron.
    is_even : bool
        Whether an event reaches all synapses of its neuron in one step.
    is_ordered : bool
        Whether synapses are stored in the order of delivery.
    """

    side: str
    names: tuple = ()
    sides: tuple = ()
    is_whole: bool = False
    is_even: bool = True
    is_ordered: bool = False

    def __call__(self, s):
        """Return the lines."""
        return _Body(self, s).lines()


class _Body:
    """The code of one event, being put together."""

    def __init__(self, plan, s):
        self.plan, self.s = plan, s
        self.block = s.keywords["block"]
        self.own = [name for name, side in plan.sides if side == plan.side]
        self.code = PathwayCode.of(plan.side, s, plan.names) if plan.sides else None
        self.other = self._needed([name for name, side in plan.sides if side != plan.side])
        self.is_whole = plan.is_whole
        kept = {name for name, _ in plan.sides} | ({"lastupdate"} if self.is_whole else set())
        self.loads = {name: e for name, e in self.block.loads if name not in kept}
        self.stores = {name: e for name, e in self.block.stores if name not in kept}
        self.position = "_start + _k" if plan.is_even else "_places[_k]"
        self.n_rows = 0
        self.added = self._added()

    def lines(self):
        """Return the body of the kernel."""
        before, body, after = self._parts()
        loops = self._split(body) if self._can_split() else self._unsplit()
        loops = [line for loop in loops if loop for line in _over_positions(loop)]
        if self.plan.is_even:
            delivery = self._event_by_event(before, loops, after)
        else:
            delivery = self._many_at_once(loops)
        return [
            *self.s.scalar_part(),
            "_now = _clock[0]",
            "_width = _ring.shape[1] - 1",
            *delivery,
            "_clock[0] = _now + 1",
            "_ring[(_now + 1) % len(_ring), _width] = 0",
        ]

    def _event_by_event(self, before, loops, after):
        """Return code that deals with the synapses of one event after those of another."""
        return [
            "for _delay in range(len(_delays)):",
            "    _slot = (_now - _delays[_delay]) % len(_ring)",
            "    for _event in range(_ring[_slot, _width]):",
            "        _source = _ring[_slot, _event]",
            "        _first = _begin[_delay, _source]",
            "        _last = _until[_delay, _source]",
            "        if _first == _last:",
            "            continue",
            *indented(before, 2),
            f"        for _start in range(_first, _last, {AT_ONCE}):",
            f"            _n_positions = min({AT_ONCE}, _last - _start)",
            *indented(loops, 3),
            *indented(after, 2),
        ]

    def _many_at_once(self, loops):
        """Return code that deals with the synapses of many events together.

        Events left from before delays changed come first, and one by one, because two of them may
        be at one synapse.
        """
        return [
            "_delay, _event, _n_events, _slot = -1, 0, 0, 0",
            "_position, _last = _clock[2], _clock[2]",
            "while _last < len(_left_at) and _left_at[_last] <= _now:",
            "    _last += 1",
            "_clock[2] = _last",
            "while _delay < len(_delays):",
            "    _n_positions = 0",
            f"    while _n_positions < (1 if _delay < 0 else {AT_ONCE}):",
            "        if _position < _last:",
            "            _places[_n_positions] = _position",
            "            _n_positions += 1",
            "            _position += 1",
            "        elif _event < _n_events:",
            "            _source = _ring[_slot, _event]",
            "            _position, _last = _begin[_delay, _source], _until[_delay, _source]",
            "            _event += 1",
            "        else:",
            "            _delay += 1",
            "            if _delay == len(_delays):",
            "                break",
            "            _slot = (_now - _delays[_delay]) % len(_ring)",
            "            _event, _n_events = 0, _ring[_slot, _width]",
            *indented(loops),
        ]

    def _needed(self, names):
        """Return those traces that the user's code reads, or that decay by them."""
        reads = set().union(*(part.reads() for part in self.code.body)) if names else set()
        while True:
            needed = [name for name in names if name in reads]
            further = reads.union(*(self.code.updates[name].reads() for name in needed))
            if further == reads:
                return needed
            reads = further

    def _row(self):
        """Return a place for a value of the current synapse."""
        self.n_rows += 1
        return f"_buffer[{self.n_rows - 1}, _k]"

    # What is done once per event.

    def _parts(self):
        """Return what is done before the synapses, for a synapse, and after them."""
        before, body = ["_neuron = _source + _clock[1]"] if self.plan.sides else [], []
        if self.own:
            before += [
                f"_valid = _kept_valid_{self.plan.side}[_neuron]",
                *(f"{name} = _kept_{name}[_neuron]" for name in self.own),
                *self._updates(self.own),
            ]
        body += self._updates(self.other)
        versions = {}
        for number, part in enumerate(self._assignments()):
            name = part.variable
            if name in self.own:
                # Synapses are dealt with later, and see what holds where their statement stands.
                new, old = f"_{name}_{number}", versions.get(name, name)
                versions[name] = new
                before += [f"{new} = {old}", *_renamed(part.text(), versions)]
            elif name in self.added:
                place, value = self.added[name].place, self.added[name].value
                body += _renamed([f"{place} = {value}"], versions)
            else:
                body += _renamed(part.text(), versions)
        after = [f"_kept_{name}[_neuron] = {versions.get(name, name)}" for name in self.own]
        after += [f"_kept_valid_{self.plan.side}[_neuron] = t"] if self.own else []
        after += [f"_kept_event_{self.plan.side}[_neuron] = t"] if self.is_whole else []
        return before, body, after

    def _assignments(self):
        """Return the statements but those that bring to the present what is kept per neuron."""
        assignments = self.block.assignments
        if not self.plan.sides:
            return assignments
        kept = {name for name, _ in self.plan.sides}
        prefix = assignments[: 2 * len(self.plan.names)]
        kept |= {name for name in self.plan.names if _is_overwritten(name, self.code.body)}
        prefix = [part for part in prefix if part.variable.removeprefix("_") not in kept]
        return [*prefix, *self.code.body, *([] if self.is_whole else assignments[-1:])]

    def _updates(self, names):
        """Return lines that bring traces to the present from the time ``_valid``."""
        lines = [line for name in names for line in self.code.updates[name].lines]
        lines = _renamed(lines, {"lastupdate": "_valid"})
        return lines + [f"{name} = {self._converted(name, f'_{name}')}" for name in names]

    def _converted(self, name, text):
        """Return the text of a value with the type of a variable."""
        dtype = get_dtype_str(self.s.variables[name].dtype)
        return text if dtype == "float64" else f"{dtype}({text})"

    # What is done for each synapse.

    def _can_split(self):
        """Whether values can be gathered before, and written after, what is computed."""
        elements = [element for _, element in self.block.loads]
        arrays = [element.partition("[")[0] for element in elements]
        variables = self.s.variables
        return (
            all(name in self.added or e.endswith("[_idx]") for name, e in self.stores.items())
            and all(arrays.count(e.partition("[")[0]) <= 1 for e in self.stores.values())
            and all(
                get_dtype_str(variables[name].dtype) in ("float64", "float32", "int32", "bool")
                for name in {**self.loads, **self.stores}
                if name not in ORDERED
            )
            and self.n_rows + len(self.loads) + len(self.stores) + len(self.other) < MOST_ROWS
        )

    def _unsplit(self):
        """Return one loop that does everything."""
        self.added = {}
        body = [*self._read_other(), *self._parts()[1]]
        lines = [*body, *(f"{element} = {name}" for name, element in self.stores.items())]
        return [self._with_loads(lines, self.loads)]

    def _split(self, body):
        """Return the three loops."""
        gathered, direct, computed = [], {}, []
        read = {n: e for n, e in self.loads.items() if not _is_overwritten(n, self._assignments())}
        for name, element in read.items():
            if self._is_direct(element):
                direct[name] = element
            elif name not in self.added and name not in ORDERED and _mentions(body, name):
                place = self._row()
                gathered.append(f"{place} = {element}")
                computed.append(f"{name} = {self._converted(name, place)}")
        for line in self._read_other():
            name, _, value = line.partition(" = ")
            if name != "_other":
                place = self._row()
                line = f"{place} = {value}"
                converted = place if name == "_valid" else self._converted(name, place)
                computed.append(f"{name} = {converted}")
            gathered.append(line)
        computed += body
        written = []
        for name, element in self.stores.items():
            if name in self.added:
                continue
            if self._is_direct(element):
                computed.append(f"{element} = {name}")
            else:
                place = self._row()
                computed.append(f"{place} = {name}")
                written.append(f"{element} = {place}")
        for name, part in self.added.items():
            written += self._addition(name, part)
        return [
            self._with_loads(gathered, {}),
            self._with_loads(computed, direct),
            self._with_loads(written, {}),
        ]

    def _is_direct(self, element):
        return self.plan.is_ordered and self.plan.is_even and element.endswith("[_idx]")

    def _read_other(self):
        """Return lines that read the traces of the neuron on the other side."""
        side = _OTHER[self.plan.side]
        if not self.other:
            return []
        return [
            f"_other = uint64({_INDICES[side]}[{self.position}])",
            f"_valid = _kept_valid_{side}[_other]",
            *(f"{name} = _kept_{name}[_other]" for name in self.other),
        ]

    def _addition(self, name, part):
        condition, lines = part.guard, []
        if condition is not None:
            lines.append(f"{condition} = {self.loads[condition]}")
        lines.append(f"{name} = {self.loads[name]}")
        lines += [f"if {condition}:", f"    {part.line}"] if condition else [part.line]
        return [*lines, f"{self.stores[name]} = {name}"]

    def _with_loads(self, lines, loads):
        """Return lines with those before them that read what they need."""
        # Last things first, because elements are found by indices that are read, too.
        for name, element in reversed(list(loads.items())):
            if name not in ORDERED and _mentions(lines, name):
                lines = [f"{name} = {element}", *lines]
        for name, array in ORDERED.items():
            if _mentions(lines, name):
                is_neuron = self.loads.get(name, "").endswith("[_idx])")
                value = f"uint64({array}[{self.position}])" if is_neuron else self.loads[name]
                lines = [f"{name} = {value}", *lines]
        position = self.position if self.plan.is_ordered else f"_order[{self.position}]"
        if _mentions(lines, "_vectorisation_idx"):
            lines = [f"_vectorisation_idx = {position}", *lines]
        if _mentions(lines, "_idx"):
            # Unsigned, because numba lets negative indices count from the end.
            lines = [f"_idx = uint64({position})", *lines]
        return lines

    def _added(self):
        """Return what is added to variables of neurons, by name, where all of it can come last."""
        added = {}
        arrays = [element.partition("[")[0] for _, element in self.block.loads]
        for name, element in self.stores.items():
            if element.endswith("[_idx]"):
                continue
            parts = [part for part in self.block.assignments if part.variable == name]
            others = [part for part in self.block.assignments if part.variable != name]
            index = element.partition("[")[2].rstrip("]")
            addition = _Addition.of(parts[0], self._row) if len(parts) == 1 else None
            if (
                addition is None
                or _mentions([addition.value], name)
                or index not in ORDERED
                or any(name in part.reads() for part in others)
                or arrays.count(element.partition("[")[0]) != 1
                or addition.guard in self.stores
            ):
                return {}
            added[name] = addition
        return added


@dataclass(frozen=True)
class _Addition:
    """Something added to a variable of a neuron: where its value waits, and what adds it."""

    place: str
    value: str
    line: str
    guard: str | None

    @classmethod
    def of(cls, part, new_row):
        """Return it, or None where an assignment is nothing of the kind."""
        if len(part.lines) != 1 or "#" in part.lines[0]:
            return None
        plain = _ADDITION.fullmatch(part.lines[0])
        converted = _CONVERTED_ADDITION.fullmatch(part.lines[0])
        if plain and plain[1] == part.variable:
            place = new_row()
            return cls(place, plain[3], f"{plain[1]} {plain[2]}= {place}", part.guard)
        if converted and converted[1] == part.variable:
            name, kind, sign, value = converted.groups()
            place = new_row()
            return cls(place, value, f"{name} = {kind}({name} {sign} {place})", part.guard)
        return None


def _is_overwritten(name, parts):
    """Return whether statements give a variable a new value before they read it."""
    for part in parts:
        if name in part.reads():
            return False
        if part.variable == name:
            return True
    return False


def _over_positions(lines):
    return ["for _k in range(_n_positions):", *indented(lines)]


def _renamed(lines, names):
    return [word_substitute(line, names) for line in lines]


def _mentions(lines, name):
    return re.search(rf"\b{name}\b", "\n".join(lines)) is not None
