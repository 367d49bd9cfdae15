"""All that the engine takes from Brian 2, public and private, in one place.

Nothing else in the engine imports from ``brian2``; a new release of Brian 2 is met here.
"""

import functools

from neurosim.engine import arrival

# The device registers when Brian 2 arrives, and needs this module whole.
arrival.hold()

import brian2
from brian2.codegen.codeobject import CodeObject, check_compiler_kwds, constant_or_scalar
from brian2.codegen.generators.base import CodeGenerator
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from brian2.codegen.targets import codegen_targets
from brian2.core.base import BrianObject, BrianObjectException
from brian2.core.functions import DEFAULT_FUNCTIONS, Function, FunctionImplementationContainer
from brian2.core.namespace import get_local_namespace
from brian2.core.network import Network, TextReport
from brian2.core.preferences import prefs
from brian2.core.variables import (
    ArrayVariable,
    AuxiliaryVariable,
    Constant,
    DynamicArrayVariable,
    Subexpression,
    get_dtype_str,
)
from brian2.devices.device import Device, RuntimeDevice, all_devices, get_device
from brian2.groups.group import Group
from brian2.input.binomial import BinomialFunction
from brian2.input.timedarray import TimedArray, _find_K
from brian2.parsing.rendering import NodeRenderer
from brian2.units import Quantity, second
from brian2.utils.logger import get_logger
from brian2.utils.stringtools import get_identifiers, word_substitute

__all__ = [
    "DEFAULT_FUNCTIONS",
    "ArrayVariable",
    "AuxiliaryVariable",
    "BinomialFunction",
    "BrianObject",
    "BrianObjectException",
    "CodeGenerator",
    "CodeObject",
    "Constant",
    "DynamicArrayVariable",
    "Function",
    "Group",
    "Network",
    "NodeRenderer",
    "NumpyCodeObject",
    "Quantity",
    "RuntimeDevice",
    "Subexpression",
    "TextReport",
    "TimedArray",
    "add_numpy_implementation",
    "all_devices",
    "brian2",
    "check_compiler_kwds",
    "codegen_targets",
    "complete_implementations",
    "constant_or_scalar",
    "find_K",
    "get_device",
    "get_dtype_str",
    "get_identifiers",
    "get_local_namespace",
    "get_logger",
    "is_plain_runner",
    "prefs",
    "route_code_objects",
    "second",
    "word_substitute",
]

find_K = _find_K


def is_plain_runner(obj):
    """Return whether an object does nothing in a step but call its code objects."""
    return type(obj).run is BrianObject.run


def complete_implementations(codeobj_class):
    """Let functions without an implementation for a class be used by their Python text.

    Brian 2 does so for its NumPy target alone; the class then has to compile it, or to say that
    it cannot.

    Parameters
    ----------
    codeobj_class : type
    """
    find = FunctionImplementationContainer.__getitem__

    @functools.wraps(find)
    def find_or_add(self, key):
        try:
            return find(self, key)
        except KeyError:
            if key is not codeobj_class:
                raise
            function = self._function.pyfunc
            # Under check_units stands the function itself, without units.
            self.add_implementation(key, code=getattr(function, "_orig_func", function))
            return find(self, key)

    FunctionImplementationContainer.__getitem__ = find_or_add


def route_code_objects(codeobj_class, choose):
    """Let a function choose the class of code objects that would be of a certain one.

    Parameters
    ----------
    codeobj_class : type
    choose : callable
        ``choose(owner, template_name, variables)`` returns a class.
    """
    make = Device.code_object

    @functools.wraps(make)
    def make_of_chosen_class(self, **options):
        if self.code_object_class(options.get("codeobj_class")) is codeobj_class:
            options["codeobj_class"] = choose(
                options["owner"], options["template_name"], options["variables"]
            )
        return make(self, **options)

    Device.code_object = make_of_chosen_class


def add_numpy_implementation(function):
    """Make a function usable by Brian 2's NumPy target, as Brian 2 does on the fly."""
    if not any(key in (NumpyCodeObject, "numpy") for key in function.implementations):
        function.implementations.add_numpy_implementation(function.pyfunc)


arrival.release()
