"""All that the engine takes from Brian 2, public and private, in one place.

Nothing else in the engine imports from ``brian2``; a new release of Brian 2 is met here.
"""

import functools
import math

from neurosim.engine import arrival

# The device registers when Brian 2 arrives, and needs this module whole.
arrival.hold()

import brian2
import numpy as np
from brian2.codegen.codeobject import CodeObject, check_compiler_kwds, constant_or_scalar
from brian2.codegen.generators.base import CodeGenerator
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from brian2.codegen.targets import codegen_targets
from brian2.core.base import BrianObject, BrianObjectException
from brian2.core.clocks import Clock
from brian2.core.functions import DEFAULT_FUNCTIONS, Function, FunctionImplementationContainer
from brian2.core.magic import MagicNetwork
from brian2.core.namespace import get_local_namespace
from brian2.core.network import Network, TextReport, _get_all_objects
from brian2.core.preferences import BrianPreference, prefs
from brian2.core.variables import (
    ArrayVariable,
    AuxiliaryVariable,
    Constant,
    DynamicArrayVariable,
    Subexpression,
    Variables,
    VariableView,
    get_dtype_str,
)
from brian2.devices.device import Device, RuntimeDevice, all_devices, get_device
from brian2.equations.equations import Equations, check_subexpressions
from brian2.groups import neurongroup
from brian2.groups.group import CodeRunner, Group
from brian2.groups.neurongroup import StateUpdater
from brian2.input.binomial import BinomialFunction
from brian2.input.spikegeneratorgroup import SpikeGeneratorGroup
from brian2.input.timedarray import TimedArray, _find_K
from brian2.monitors import EventMonitor, PopulationRateMonitor, StateMonitor
from brian2.parsing.rendering import NodeRenderer
from brian2.synapses import synapses
from brian2.synapses.synapses import SummedVariableUpdater, Synapses, SynapticPathway
from brian2.units import Hz, Quantity, second
from brian2.units.fundamentalunits import (
    DimensionMismatchError,
    fail_for_dimension_mismatch,
    get_unit,
    get_unit_for_display,
)
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
    "DimensionMismatchError",
    "DynamicArrayVariable",
    "EventMonitor",
    "Function",
    "Group",
    "Hz",
    "MagicNetwork",
    "Network",
    "NodeRenderer",
    "NumpyCodeObject",
    "PopulationRateMonitor",
    "Quantity",
    "RuntimeDevice",
    "SpikeGeneratorGroup",
    "StateMonitor",
    "Subexpression",
    "SummedVariableUpdater",
    "Synapses",
    "SynapticPathway",
    "TextReport",
    "TimedArray",
    "VariableView",
    "add_numpy_implementation",
    "all_devices",
    "all_objects",
    "brian2",
    "cache_folders",
    "check_compiler_kwds",
    "codegen_targets",
    "complete_implementations",
    "compute_in_double",
    "constant_or_scalar",
    "count_synapses_in_blocks",
    "fail_for_dimension_mismatch",
    "find_K",
    "finish_run",
    "get_device",
    "get_dtype_str",
    "get_identifiers",
    "get_local_namespace",
    "get_logger",
    "get_unit",
    "go_on",
    "is_library_code",
    "is_own_array",
    "is_plain_runner",
    "is_same_time",
    "name_refractory_periods",
    "prefs",
    "route_code_objects",
    "route_preparation",
    "second",
    "unit_text",
    "word_substitute",
]

find_K = _find_K
cache_folders = brian2._cache_dirs_and_extensions


def is_same_time(clock, other):
    """Return whether two clocks tick together in the current step."""
    if hasattr(clock, "same_time"):  # since 2.10
        return clock.same_time(other)
    t, other_t = clock.t_, other.t_
    return abs(t - other_t) / min(clock.dt_, other.dt_) < Clock.epsilon_dt


def compute_in_double(variable):
    """Let the array of a variable have double precision whatever it was declared with."""
    arrays = get_device().arrays
    if arrays[variable].dtype == "float32":
        arrays[variable] = arrays[variable].astype("float64")


def unit_text(variable):
    """Return the SI unit of a variable as text, ``"1"`` where it has none."""
    return "1" if variable.dim.is_dimensionless else str(get_unit_for_display(variable.dim))


def all_objects(network):
    """Return the objects of a network and all that are contained in them."""
    return _get_all_objects(network.objects)


def is_own_array(variable, owner):
    """Return whether a variable is an array that belongs to an object."""
    is_array = isinstance(variable, ArrayVariable) and not isinstance(variable, Subexpression)
    return is_array and variable.owner is not None and variable.owner.name == owner.name


def go_on(clock, start, end):
    """Let a clock run from one time to another, in seconds, as ``set_interval`` does.

    Where it stands at the start already, which is so in most cases, in a hundredth of the time.
    """
    variables = clock.variables
    dt = float(variables["dt"].get_value()[0]) if "dt" in variables else 0.0
    if dt == 0 or abs(float(variables["t"].get_value()[0]) - start) > Clock.epsilon_dt * dt:
        clock.set_interval(start * second, end * second)
        return
    last = round(end / dt)
    is_whole = abs(last * dt - end) / dt <= Clock.epsilon_dt
    clock._i_end = last if is_whole else math.ceil(end / dt)


def is_library_code(function):
    """Return whether a function is Brian 2's own."""
    return function.__module__.partition(".")[0] == "brian2"


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


def route_preparation(around, note):
    """Let functions stand around what Brian 2 prepares for each object before a run.

    Parameters
    ----------
    around : callable
        ``around(kind, owner, group, run_namespace, prepare)`` returns what ``prepare()`` returns.
    note : callable
        ``note(group, name, additional_variables, variable)`` is told of every name resolved.
    """
    make_code = CodeRunner.create_default_code_object
    check_units, resolve = Equations.check_units, Group._resolve

    @functools.wraps(make_code)
    def create_default_code_object(self, run_namespace):
        return around(
            "code", self, self.group, run_namespace, lambda: make_code(self, run_namespace)
        )

    @functools.wraps(check_units)
    def check_units_around(self, group, run_namespace):
        around(
            "units", group, group, run_namespace, lambda: check_units(self, group, run_namespace)
        )

    @functools.wraps(check_subexpressions)
    def check_subexpressions_around(group, equations, run_namespace):
        around(
            "subexpressions",
            group,
            group,
            run_namespace,
            lambda: check_subexpressions(group, equations, run_namespace),
        )

    @functools.wraps(resolve)
    def resolve_and_note(
        self, identifier, run_namespace, user_identifier=True, additional_variables=None
    ):
        variable = resolve(self, identifier, run_namespace, user_identifier, additional_variables)
        note(self, identifier, additional_variables, variable)
        return variable

    CodeRunner.create_default_code_object = create_default_code_object
    Equations.check_units = check_units_around
    neurongroup.check_subexpressions = synapses.check_subexpressions = check_subexpressions_around
    Group._resolve = resolve_and_note


def name_refractory_periods(is_wanted):
    """Let code refer to a constant refractory period by name, not by its value.

    Brian 2 writes the number into the code, which would then be compiled for every value.

    Parameters
    ----------
    is_wanted : callable
        Returns whether to do so now.
    """
    update = StateUpdater.update_abstract_code

    @functools.wraps(update)
    def update_and_name(self, run_namespace):
        update(self, run_namespace)
        period = self.group._refractory
        if not isinstance(period, Quantity) or not is_wanted():
            return
        text = self._get_refractory_code(run_namespace)
        named = text.replace(str(float(period)), "_refractory_period")
        self.abstract_code = named + self.abstract_code.removeprefix(text)
        self.variables = Variables(None)
        self.variables.add_constant("_refractory_period", float(period), second.dim)

    StateUpdater.update_abstract_code = update_and_name


def count_synapses_in_blocks(is_wanted):
    """Let synapses of neurons be counted some at a time.

    NumPy counts a copy in 64 bits, which for all of them is twice their own memory.

    Parameters
    ----------
    is_wanted : callable
        Returns whether to do so now.
    """
    count, at_once = synapses.Synapses._update_synapse_numbers, 1 << 20

    @functools.wraps(count)
    def count_in_blocks(self, old_num_synapses):
        if not is_wanted():
            count(self, old_num_synapses)
            return
        # Counts none, and does everything else.
        count(self, len(self))
        for neurons, number in (("_synaptic_pre", "N_outgoing"), ("_synaptic_post", "N_incoming")):
            neurons = self.variables[neurons].get_value()
            total = self.variables[number].get_value()
            for first in range(old_num_synapses, len(neurons), at_once):
                total += np.bincount(neurons[first : first + at_once], minlength=len(total))

    synapses.Synapses._update_synapse_numbers = count_in_blocks


def finish_run(network, collect):
    """Do what Brian 2 does at the end of a run, with or without looking for unused objects.

    Parameters
    ----------
    network : Network
    collect : bool
        False where no object has come into being since the last run.
    """
    if collect or not isinstance(network, MagicNetwork):
        network.after_run()
    else:
        Network.after_run(network)
        network.objects.clear()


def add_numpy_implementation(function):
    """Make a function usable by Brian 2's NumPy target, as Brian 2 does on the fly."""
    if not any(key in (NumpyCodeObject, "numpy") for key in function.implementations):
        function.implementations.add_numpy_implementation(function.pyfunc)


prefs.register_preferences(
    "devices.neurosim",
    "Preferences of the device of neurosim",
    vector_math=BrianPreference(
        default=True,
        docs="""
        Whether exp, expm1, exprel, log, log1p, tanh, powers, and in state updates sin and cos are
        computed by branch-free functions that compilers turn into vector instructions (at most 2
        units in the last place off) instead of those of the C library.
        """,
    ),
    shared_traces=BrianPreference(
        default=True,
        docs="""
        Whether event-driven variables of synapses that depend on the source or the target neuron
        alone, such as the traces of plasticity, are kept once per neuron while a network runs.
        """,
    ),
    lowering=BrianPreference(
        default=True,
        docs="""
        Whether summed variables are taken apart into what is computed once per source, once per
        target and once per synapse: where everybody is connected to everybody, a matrix-vector
        product; the sine of a difference, two sums. Sums are then rounded in another order.
        """,
    ),
    threads=BrianPreference(
        default=0,
        docs="""
        Number of threads that run a network together: 0 for as many as there are processors where
        a group is large enough for that to pay, and one otherwise. Results do not depend on it.
        """,
        validator=lambda number: isinstance(number, int) and 0 <= number <= 1024,
    ),
)

arrival.release()
