"""Functions in equations, and what stands for them in compiled code."""

import functools
import math
import types
from dataclasses import dataclass, field

import numba
import numpy as np

from neurosim.engine.brian import (
    DEFAULT_FUNCTIONS,
    BinomialFunction,
    Quantity,
    TimedArray,
    brian2,
    complete_implementations,
    find_K,
    prefs,
    word_substitute,
)
from neurosim.kernels import distributions, functions, random_streams
from neurosim.kernels import math as vector_math

__all__ = ["Bound", "Resolved", "is_compilable", "register_functions", "resolve_function"]


@dataclass(frozen=True)
class Bound:
    """A compiled function together with arrays that every call of it gets.

    Attributes
    ----------
    function : callable
        Compiled by numba; takes the call's own arguments, then the arrays. Where Brian 2 adds the
        element to the arguments, a random stream and the number of the call come after it.
    arguments : dict of str to ndarray
        By names that are unique to the function.
    block : callable, optional
        Of a function that draws random numbers: what draws them for a block of elements. Takes
        room for them, first and last element, stream, number of the call, and the arrays.
    """

    function: object
    arguments: dict = field(default_factory=dict)
    block: object = None


@dataclass
class Resolved:
    """What a kernel needs to call a function: see :class:`neurosim.engine.kernels.Kernel`."""

    callables: dict = field(default_factory=dict)
    definitions: list = field(default_factory=list)
    arguments: dict = field(default_factory=dict)


_DEFAULTS = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    # numpy's, because those of the math module raise where numpy gives NaN or infinity.
    "arcsin": np.arcsin,
    "arccos": np.arccos,
    "arctan": math.atan,
    "exp": np.exp,
    "log": np.log,
    "log10": np.log10,
    "expm1": np.expm1,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "ceil": np.ceil,
    "floor": np.floor,
    "abs": abs,
    "sign": functions.sign,
    "exprel": functions.exprel,
    "clip": functions.clip,
    "int": functions.int_,
    "timestep": functions.timestep,
    "rand": random_streams.rand,
    "randn": random_streams.randn,
    "poisson": distributions.poisson,
}


# With a counterpart that LLVM turns into vector instructions.
_VECTORS = {
    "exp": vector_math.exp,
    "expm1": vector_math.expm1,
    "exprel": vector_math.exprel,
    "log": vector_math.log,
    "log1p": vector_math.log1p,
    "tanh": vector_math.tanh,
}


_BLOCKS = {"rand": random_streams.rand_block, "randn": random_streams.randn_block}


def _default(name, owner):
    """Return what stands for a function of Brian 2's now."""
    chosen = _VECTORS if prefs["devices.neurosim.vector_math"] else {}
    return Bound(chosen.get(name, _DEFAULTS[name]), block=_BLOCKS.get(name))


def register_functions(codeobj_class):
    """Give Brian 2's own functions an implementation for a class of code objects.

    Parameters
    ----------
    codeobj_class : type

    Raises
    ------
    NotImplementedError
        Where Brian 2 has a function that this module does not know.
    """
    for name, function in DEFAULT_FUNCTIONS.items():
        if name not in _DEFAULTS:
            raise NotImplementedError(f"function {name!r} of Brian 2 has no compiled counterpart")
        # Brian 2 would otherwise find the NumPy implementation through the base class.
        function.implementations.add_dynamic_implementation(
            codeobj_class, code=functools.partial(_default, name)
        )
    complete_implementations(codeobj_class)
    TimedArray.implementations["numba"] = (_timed_array, _timed_array_2d)
    BinomialFunction.implementations["numba"] = _binomial


def _subdivision(dt, owner):
    factor = find_K(owner.clock.dt_, dt)
    return dt / factor, float(factor)


def _timed_array(values, dt, name):
    def implementation(owner):
        epsilon, factor = _subdivision(dt, owner)
        arguments = {f"{name}_values": values, f"{name}_epsilon": epsilon, f"{name}_factor": factor}
        return Bound(functions.timed_array, arguments)

    return implementation


def _timed_array_2d(values, dt, name):
    def implementation(owner):
        epsilon, factor = _subdivision(dt, owner)
        arguments = {f"{name}_values": values, f"{name}_epsilon": epsilon, f"{name}_factor": factor}
        return Bound(functions.timed_array_2d, arguments)

    return implementation


def _binomial(n, p, use_normal, name):
    table = {f"{name}_table": distributions.binomial_table(n, p)}
    return Bound(distributions.binomial, table, distributions.binomial_block), None


def resolve_function(name, variable, owner, codeobj_class):
    """Return what stands for a function in compiled code.

    Parameters
    ----------
    name : str
        In the code.
    variable : Function
    owner : Group
    codeobj_class : type

    Returns
    -------
    Resolved

    Raises
    ------
    NotImplementedError
        Where numba cannot compile it; names the function.
    """
    implementation = variable.implementations[codeobj_class]
    called = implementation.name or name
    code = implementation.get_code(owner)
    resolved = Resolved()
    if isinstance(code, Bound):
        resolved.callables[called] = code.function
        resolved.arguments.update(code.arguments)
        if code.block is not None:
            resolved.callables[code.block.__name__] = code.block
    elif isinstance(code, str):
        _resolve_text(resolved, code, implementation, owner, codeobj_class)
    elif code is not None:
        resolved.callables[called] = _compiled(name, code)
    return resolved


def _resolve_text(resolved, code, implementation, owner, codeobj_class):
    for dependency_name, dependency in (implementation.dependencies or {}).items():
        inner = resolve_function(dependency_name, dependency, owner, codeobj_class)
        resolved.callables.update(inner.callables)
        resolved.definitions += inner.definitions
        own = dependency.implementations[codeobj_class].name
        if own and own != dependency_name:
            code = word_substitute(code, {dependency_name: own})
    for key, value in (implementation.get_namespace(owner) or {}).items():
        resolved.callables[key] = value
    resolved.definitions.append(code)


def _compiled(name, function):
    if isinstance(function, numba.core.dispatcher.Dispatcher):
        return function
    return _dispatcher(function)


@functools.cache
def _dispatcher(function):
    function = getattr(function, "_orig_func", function)
    if isinstance(function, types.FunctionType):
        function = _without_units(function)
    return numba.njit(nogil=True, error_model="numpy")(function)


def _without_units(function):
    """Return a function whose global names mean numbers and compiled functions.

    Values arrive in SI units, so a unit in the text is its number.
    """
    known = {id(default.pyfunc): name for name, default in DEFAULT_FUNCTIONS.items()}
    plain = dict(function.__globals__)
    for name in function.__code__.co_names:
        value = plain.get(name)
        if isinstance(value, Quantity) and value.ndim == 0:
            plain[name] = float(value)
        elif value is brian2.numpy_:
            # What "from brian2 import *" calls np; for plain numbers it is NumPy.
            plain[name] = np
        elif id(value) in known:
            plain[name] = _DEFAULTS[known[id(value)]]
        elif callable(value) and value is getattr(brian2.numpy_, name, None):
            plain[name] = getattr(np, name, value)
    return types.FunctionType(
        function.__code__, plain, function.__name__, function.__defaults__, function.__closure__
    )


def is_compilable(variable, owner, codeobj_class):
    """Return whether numba can compile a function for numbers.

    Parameters
    ----------
    variable : Function
    owner : Group
    codeobj_class : type

    Returns
    -------
    bool
    """
    code = variable.implementations[codeobj_class].get_code(owner)
    if code is None or isinstance(code, Bound | str | numba.core.dispatcher.Dispatcher):
        return True
    n_arguments = len(variable._arg_units) + bool(variable.auto_vectorise)
    numbers = (numba.float64,) * n_arguments
    try:
        dispatcher = _dispatcher(code)
        dispatcher.compile(numbers)
        result = dispatcher.overloads[numbers].signature.return_type
    except Exception:  # numba has no common base for what it cannot compile
        return False
    return isinstance(result, numba.types.Number | numba.types.Boolean)
