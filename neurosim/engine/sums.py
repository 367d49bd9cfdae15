"""Summed variables as sums of products: a matrix–vector product where everybody meets everybody.

What is computed once per source, once per target and once per synapse is found by
:mod:`neurosim.engine.coupling`. Three layouts, chosen from the data before each run:

``"product"``
    All sources times all targets, as ``connect()`` makes them, the targets of a source side by
    side. Without a factor per synapse the sum over sources is the same for all targets.
``"rows"``
    The synapses of a target one after the other; only their sources are looked up.
``"synapses"``
    In the order in which they are stored, where each has factors of its own.
"""

import re
from dataclasses import dataclass

import numpy as np

from neurosim.engine.angles import calls_only_own_angles
from neurosim.engine.brian import Function
from neurosim.engine.coupling import taken_apart
from neurosim.engine.elements import indented, repeated

__all__ = ["Sum", "SummedByColumns"]

# Sums kept side by side, because an addition waits for the one before it.
_LANES = 4
_PRE, _POST = "_presynaptic_idx", "_postsynaptic_idx"


class Sum:
    """A summed variable that can be taken apart.

    Attributes
    ----------
    columns : list of Column
    loads : dict of str to dict of str to str
        By side, the names read from arrays and their elements.
    far_index, near_index : str
        Names of the index of the source and of the target.
    """

    def __init__(self, snippet):
        block = snippet.keywords["block"]
        is_post = snippet.keywords["_index_var"].name == "_synaptic_post"
        self.snippet = snippet
        self.near_index, self.far_index = (_POST, _PRE) if is_post else (_PRE, _POST)
        sides = _sides(block.loads, self.near_index, self.far_index)
        self.loads = {side: {} for side in ("near", "synaptic", "far")}
        for name, element in block.loads:
            if name not in (_PRE, _POST) and sides[name] in self.loads:
                self.loads[sides[name]][name] = element
        self.columns = []
        target = snippet.get_array_name(snippet.keywords["_target_var"])
        # What reads the sum while it grows cannot be taken apart.
        reads_itself = any(element.startswith(f"{target}[") for _, element in block.loads)
        is_clear = all(side in self.loads for side in sides.values())
        if _is_plain(snippet) and is_clear and not reads_itself:
            self.columns = taken_apart(block.assignments, sides)
        if any(_calls(column.synaptic) for column in self.columns):
            # Worse than before: several functions of a synapse instead of one.
            self.columns = []

    @property
    def has_synaptic_factors(self):
        return any(column.synaptic for column in self.columns)

    @property
    def saves_functions(self):
        """Whether functions are called once per neuron instead of once per synapse."""
        return any(_calls(column.far) or _calls(column.near) for column in self.columns)


def _sides(loads, near_index, far_index):
    """Return by name on which side an array is read; "mixed" where that is not clear."""
    sides = {near_index: "near", far_index: "far"}
    sides.update(dict.fromkeys(("_idx", "_vectorisation_idx"), "synaptic"))
    for name, element in loads:
        if name in (_PRE, _POST):
            continue
        index = element.partition("[")[2]
        of_index = {sides[known] for known in re.findall(r"\w+", index) if known in sides}
        sides[name] = of_index.pop() if len(of_index) == 1 else "mixed"
    return sides


def _is_plain(snippet):
    """Return whether code computes floating point numbers by functions without memory."""
    functions = [known for known in snippet.variables.values() if isinstance(known, Function)]
    is_float = np.dtype(snippet.keywords["_target_var"].dtype).kind == "f"
    draws = snippet.keywords["n_sites"] > 0
    has_memory = any(not known.stateless for known in functions)
    own_angles = calls_only_own_angles(snippet.variables)
    return is_float and own_angles and not (draws or has_memory)


def _calls(text):
    return "(" in re.sub(r"(?<!\w)\(", "", text)


@dataclass(frozen=True)
class SummedByColumns:
    """The emitter of a summed variable in a layout; equal ones give equal text.

    Attributes
    ----------
    layout : {"product", "rows", "synapses"}
    """

    layout: str

    def __call__(self, snippet):
        """Return the body of the kernel."""
        return [*snippet.scalar_part(), *_Writer(Sum(snippet)).lines(self.layout)]


class _Writer:
    """Writes the body of one sum."""

    def __init__(self, parts):
        self.sum = parts
        snippet = parts.snippet
        self.target = snippet.get_array_name(snippet.keywords["_target_var"])
        self.start = snippet.keywords["_target_start"]
        self.size = snippet.value(snippet.keywords["_target_size_name"])
        self.columns = list(enumerate(parts.columns))

    def lines(self, layout):
        return [*self._far_values(), *getattr(self, f"_{layout}")()]

    def _far_values(self):
        """Compute what is needed of each source, unless it is a variable as it stands."""
        computed = [
            f"_far_values[_far, {number}] = {column.far}"
            for number, column in self.columns
            if column.far and self._far_element(column) is None
        ]
        if not computed:
            return []
        return repeated("for _far in range(len(_far_values)):", [*self._read_far(), *computed])

    def _far_element(self, column):
        """Return the array element that a column reads from a source, None if it is computed."""
        element = self.sum.loads["far"].get(column.far)
        is_plain = element is not None and element.endswith(f"[{self.sum.far_index}]")
        return element if is_plain else None

    def _read_far(self):
        return [f"{self.sum.far_index} = uint64(_far)", *_read(self.sum.loads["far"])]

    def _read_near(self):
        return [f"{self.sum.near_index} = uint64(_target)", *_read(self.sum.loads["near"])]

    def _far_value(self, number, column):
        element = self._far_element(column) or f"_far_values[{self.sum.far_index}, {number}]"
        return element if column.far else ""

    def _contribution(self, number, column):
        """Return what a synapse adds to a column."""
        factors = [f"({f})" for f in (column.synaptic, self._far_value(number, column)) if f]
        return " * ".join(factors) or "1.0"

    def _add_near(self, sums):
        """Return the lines that store the sum of a target, given those of its columns."""
        total = " + ".join(f"({column.near}) * {sums[number]}" for number, column in self.columns)
        return [*self._read_near(), f"{self.target}[{self.sum.near_index}] = {total}"]

    def _every_target(self, lines):
        return repeated(f"for _target in range({self.start}, {self.start} + {self.size}):", lines)

    def _rows(self):
        adding = [(n, c) for n, c in self.columns if c.far or c.synaptic]
        counted = [n for n, c in self.columns if not (c.far or c.synaptic)]
        sums = {n: f"_near_sums[{n}, _target - {self.start}]" for n, _ in self.columns}
        loop = [
            f"_start, _stop = _rows[_target - {self.start}], _rows[_target - {self.start} + 1]",
            *(f"{sums[n]} = float(_stop - _start)" for n in counted),
            *(self._row(adding, sums) if adding else []),
        ]
        return [
            f"for _target in range({self.start}, {self.start} + {self.size}):",
            *indented(loop),
            *self._every_target(self._add_near(sums)),
        ]

    def _row(self, adding, sums):
        """Return the loop over the synapses of a target."""
        look = self._look_up()

        def add(lane, place):
            return [
                *[line.replace("_place", place) for line in look],
                *(f"_sum_{n}_{lane} += {self._contribution(n, c)}" for n, c in adding),
            ]

        lanes = range(_LANES)
        return [
            *(f"_sum_{n}_{lane} = 0.0" for n, _ in adding for lane in lanes),
            f"_whole = _start + (_stop - _start) // {_LANES} * {_LANES}",
            f"for _place in range(_start, _whole, {_LANES}):",
            *indented([line for lane in lanes for line in add(lane, f"(_place + {lane})")]),
            "for _place in range(_whole, _stop):",
            *indented(add(0, "_place")),
            *(
                f"{sums[n]} = " + " + ".join(f"_sum_{n}_{lane}" for lane in lanes)
                for n, _ in adding
            ),
        ]

    def _look_up(self):
        """Return the lines that find source and factors of the synapse at a place."""
        lines = []
        if self.sum.has_synaptic_factors:
            # Rows in another order than that of storage are not made for such sums.
            lines = ["_idx = uint64(_place)", *_read(self.sum.loads["synaptic"])]
        if any(column.far for _, column in self.columns):
            lines.append(f"{self.sum.far_index} = uint64(_far_of[uint64(_place)])")
        return lines

    def _product(self):
        plain = [(n, c) for n, c in self.columns if not c.synaptic]
        matrix = [(n, c) for n, c in self.columns if c.synaptic]
        first, last = "_far_range[0]", "_far_range[1]"
        sums, lines = {}, []
        for number, column in plain:
            sums[number] = f"_sum_{number}" if column.far else f"float({last} - {first})"
        with_source = [(n, c) for n, c in plain if c.far]
        if with_source:
            lines += [
                *(f"_sum_{n} = 0.0" for n, _ in with_source),
                f"for _far in range({first}, {last}):",
                f"    {self.sum.far_index} = uint64(_far)",
                *(f"    _sum_{n} += {self._far_value(n, c)}" for n, c in with_source),
            ]
        if matrix:
            sums.update({n: f"_near_sums[{n}, _target - {self.start}]" for n, _ in matrix})
            lines += ["_near_sums[:] = 0.0", *self._matrix_product(matrix, first, last)]
        return [*lines, *self._every_target(self._add_near(sums))]

    def _matrix_product(self, matrix, first, last):
        """Return the loop over all synapses, row by row of what is stored."""
        names = {n: f"_value_{n}" for n, c in matrix if c.far}
        values = [f"{names[n]} = {self._far_value(n, c)}" for n, c in matrix if c.far]
        return [
            f"_row_length = uint64({self.size})",
            f"for _far in range({first}, {last}):",
            f"    {self.sum.far_index} = uint64(_far)",
            *indented(values),
            f"    _row = uint64(_far - {first}) * _row_length",
            "    for _column in range(_row_length):",
            "        _idx = uint64(_row + _column)",
            *indented(_read(self.sum.loads["synaptic"]), 2),
            *(
                f"        _near_sums[{n}, _column] += ({c.synaptic})"
                + (f" * {names[n]}" if c.far else "")
                for n, c in matrix
            ),
        ]

    def _synapses(self):
        sums = {n: f"_near_sums[{n}, _target - {self.start}]" for n, _ in self.columns}
        indices = {self.sum.near_index: "_near_of", self.sum.far_index: "_far_of"}
        return [
            "_near_sums[:] = 0.0",
            "for _place in range(len(_near_of)):",
            "    _idx = uint64(_place)",
            *(f"    {name} = uint64({array}[_idx])" for name, array in indices.items()),
            *indented(_read(self.sum.loads["synaptic"])),
            *(
                f"    _near_sums[{n}, uint64({self.sum.near_index} - {self.start})] += "
                f"{self._contribution(n, c)}"
                for n, c in self.columns
            ),
            *self._every_target(self._add_near(sums)),
        ]


def _read(loads):
    return [f"{name} = {element}" for name, element in loads.items()]
