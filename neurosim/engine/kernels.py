"""Functions of compiled code, made from snippets: text that depends on structure alone.

Constants, parameters, sizes and names of objects never enter the text; they come in as arguments.
"""

import functools
import math
import re
from dataclasses import dataclass

from neurosim.engine.angles import VECTOR_FUNCTIONS
from neurosim.engine.blocks import names_in
from neurosim.engine.brian import (
    DEFAULT_FUNCTIONS,
    ArrayVariable,
    AuxiliaryVariable,
    Constant,
    DynamicArrayVariable,
    Function,
    Subexpression,
)
from neurosim.engine.elements import indented
from neurosim.engine.functions import resolve_function
from neurosim.engine.snippets import EMITTERS
from neurosim.kernels.delays import past
from neurosim.kernels.functions import time_of_steps
from neurosim.kernels.math import power

__all__ = ["Argument", "Kernel", "current_value", "make_kernel", "plain"]

# Names a body refers to that are arrays of the engine, not variables of Brian 2.
_ENGINE_ARRAYS = (
    "_random",
    "_drawn",
    "_fill",
    "_clock",
    "_ring",
    "_delays",
    "_begin",
    "_until",
    "_order",
    "_left_at",
    "_ordered_post",
    "_ordered_pre",
    "_due",
    "_buffer",
    "_places",
    "_step",
    "_delay_of",
    "_first_of",
    "_last_of",
    "_following",
    "_event_synapse",
    "_event_at",
    "_rows",
    "_far_of",
    "_near_of",
    "_far_range",
    "_far_values",
    "_near_sums",
    "_share",
    "_saved",
)


# Functions of the engine that bodies call, by the names they have there.
_OWN = {
    "time_of_steps": time_of_steps,
    "_power": power,
    "_square_root": math.sqrt,
    **VECTOR_FUNCTIONS,
}


@dataclass(frozen=True)
class Argument:
    """One argument of a kernel.

    Attributes
    ----------
    kind : {"array", "constant", "engine", "function"}
        An array of the device, the value of a constant, an array the engine keeps for this code
        object, or an array that belongs to a function.
    source : Variable or str or ndarray
    """

    kind: str
    source: object


@dataclass(frozen=True)
class Kernel:
    """A function and what it is called with.

    Attributes
    ----------
    name : str
        Of the template it came from.
    lines : tuple of str
        Body of the function.
    arguments : dict of str to Argument
        By the names they have in the body.
    callables : dict of str to callable
        Functions the body calls, by the names they have in it.
    definitions : tuple of str
        Text of functions that users gave as text.
    """

    name: str
    lines: tuple
    arguments: dict
    callables: dict
    definitions: tuple

    def source(self, name):
        """Return the function's text under a name."""
        head = f"def {name}({', '.join(self.arguments)}):"
        return "\n".join([head, *indented(["widest_vectors()", *self.lines])])


def make_kernel(snippet, owner, codeobj_class, emit=None):
    """Return the kernel of a snippet.

    Parameters
    ----------
    snippet : Snippet
    owner : Group
        Owner of the code object, whom functions may ask for a clock.
    codeobj_class : type
        Whose function implementations to use.
    emit : callable, optional
        An emitter other than the template's own.

    Returns
    -------
    Kernel
    """
    body = (emit or EMITTERS[snippet.template])(snippet)
    names = names_in(body)
    lines, arguments = _rename_arrays(body, snippet, names)
    callables, definitions, bound = {}, {}, {}
    called_names = names | names_in([*snippet.scalar, *snippet.vector])
    # Sums that are taken apart call the one where the user wrote the other.
    both = {name: DEFAULT_FUNCTIONS[name] for name in ("sin", "cos") if name in names}
    for name, variable in sorted({**both, **snippet.variables}.items()):
        if isinstance(variable, Function):
            called = variable.implementations[codeobj_class].name or name
            if called not in called_names:
                continue
            resolved = resolve_function(name, variable, owner, codeobj_class)
            callables.update(resolved.callables)
            definitions.update(dict.fromkeys(resolved.definitions))
            if resolved.arguments:
                bound[called] = tuple(resolved.arguments)
            arguments.update(
                {key: Argument("function", value) for key, value in resolved.arguments.items()}
            )
        elif isinstance(variable, Constant) and name in names:
            arguments[name] = Argument("constant", variable)
    for name in names:
        if name in _ENGINE_ARRAYS or name.startswith(("_record_", "_kept_")):
            arguments[name] = Argument("engine", name)
    histories = snippet.keywords["histories"]
    for name, variable in histories.items():
        variables = variable.owner.variables
        ring = f"_history_{variable.name}"
        arguments[name] = Argument("array", variables[ring])
        arguments[f"{name}_state"] = Argument("array", variables[f"{ring}_state"])
    if histories:
        arguments["_history_t"] = Argument("array", owner.clock.variables["t"])
        callables["past"] = past
    callables.update({name: function for name, function in _OWN.items() if name in names})
    lines = _rename_inputs(lines, bound, arguments, callables)
    ordered = dict(sorted(arguments.items()))
    return Kernel(snippet.template, tuple(lines), ordered, callables, tuple(definitions))


def _rename_inputs(lines, bound, arguments, callables):
    """Give functions with arrays names that do not depend on how many others there are.

    Parameters
    ----------
    lines : list of str
    bound : dict of str to tuple of str
        By the name a function is called by, which Brian 2 has given it, the names of its arrays.
    arguments, callables : dict
        Changed with the lines.
    """
    renamed = {}
    for number, (called, arrays) in enumerate(bound.items(), 1):
        function = callables.pop(called)
        renamed[called] = f"_{function.__name__}"
        callables[renamed[called]] = function
        for array in arrays:
            renamed[array] = array.replace(called, f"_input_{number}", 1)
            arguments[renamed[array]] = arguments.pop(array)
    return _with_words(lines, renamed)


def _with_words(lines, renamed):
    """Return lines with other names, dict of str to str."""
    if not renamed:
        return lines
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, renamed)) + r")\b")
    return [pattern.sub(lambda found: renamed[found[1]], line) for line in lines]


def _rename_arrays(lines, snippet, names):
    """Give arrays names without those of their objects, so that equal structures share text."""
    by_name = {}
    for variable in snippet.variables.values():
        is_array = isinstance(variable, ArrayVariable) and not isinstance(
            variable, Subexpression | AuxiliaryVariable
        )
        if is_array:
            by_name.setdefault(snippet.get_array_name(variable), variable)
    for variable in snippet.keywords.values():
        if isinstance(variable, ArrayVariable):
            by_name.setdefault(snippet.get_array_name(variable), variable)
    arguments, renamed = {}, {}
    for old in sorted(set(by_name) & names, key=lambda name: (by_name[name].name, name)):
        base = f"_array_{by_name[old].name}"
        new, number = base, 1
        while new in arguments:
            number += 1
            new = f"{base}_{number}"
        renamed[old] = new
        arguments[new] = Argument("array", by_name[old])
    return _with_words(lines, renamed), arguments


def current_value(device, argument):
    """Return what to pass for an array or constant argument now."""
    variable = argument.source
    if argument.kind == "constant":
        return plain(variable.value)
    if isinstance(variable, DynamicArrayVariable):
        return device.get_value(variable, access_data=True)
    return device.get_value(variable)


@functools.singledispatch
def plain(value):
    """Return a number as Python's own."""
    # numpy scalars and 0-d arrays; numba would compile anew for each of their types.
    return plain(value.item())


@plain.register
def _(value: bool):
    return value


@plain.register
def _(value: int):
    return value


@plain.register
def _(value: float):
    return value
