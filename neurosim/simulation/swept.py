"""Names that a sweep varies: what each is, which values it may have, how a copy is given one."""

import re
from dataclasses import dataclass
from inspect import Parameter as Signature
from typing import Annotated

import numpy as np

from neurosim.engine.brian import Quantity, Synapses, TimedArray, get_unit
from neurosim.errors import ParameterError, UnknownNameError
from neurosim.experiment.kinds import NotOfKind, kind_of
from neurosim.experiment.limits import Range
from neurosim.experiment.parameters import Parameter
from neurosim.experiment.quantities import QuantityKind, read_quantity
from neurosim.simulation.responses import split_name
from neurosim.simulation.values import checked_value

__all__ = ["SEED", "Swept", "swept_name"]

SEED = "seed"
_KINDS = {"b": bool, "i": int, "u": int, "f": float}


@dataclass(frozen=True)
class Swept:
    """A name that varies.

    Attributes
    ----------
    parameter : Parameter
    variable : ArrayVariable or None
        None for a constant, and for the seed.
    is_deep : bool
        Whether a run has to be prepared anew for each value.
    """

    parameter: Parameter
    variable: object = None
    is_deep: bool = False

    @property
    def name(self):
        """Constant, ``"object.variable"``, or ``"seed"``."""
        return self.parameter.name

    def give(self, replica, value):
        """Give a copy of the loop a value."""
        number = np.asarray(value).item()
        if self.variable is not None:
            replica.set_variable(self.variable, number)
        elif self.name != SEED:
            replica.set_constant(self.name, number)

    def give_to(self, sim, value):
        """Give the simulation itself a value."""
        if self.variable is not None:
            self.variable.get_value()[:] = np.asarray(value).item()
        else:
            sim.set(**{self.name: value})


def swept_name(sim, prepared, name, values):
    """Return what a name of a sweep is.

    Parameters
    ----------
    sim : Simulation
    prepared : Prepared
        Its loop, ready.
    name : str
    values : str or sequence
        Given for it; a unit is chosen to fit them.

    Returns
    -------
    Swept

    Raises
    ------
    UnknownNameError, ParameterError
        Where it cannot vary.
    """
    label = "the sweep"
    if name == SEED:
        kind = kind_of(Annotated[int, Range(0, None)])
        return Swept(Parameter(name, label, kind, Signature.empty, ""))
    if "." in name:
        variable = _variable(sim, prepared, name)
        kind = _kind(variable.dim, np.dtype(variable.dtype).kind, values)
        is_deep = prepared.needs_preparation(variable)
        return Swept(Parameter(name, label, kind, Signature.empty, ""), variable, is_deep)
    known = sim.look_up(name)
    if isinstance(known, TimedArray):
        raise ParameterError(f"{name!r} is a TimedArray; a sweep varies numbers")
    kind = _kind(known.dim, np.asarray(known.value).dtype.kind, values)
    is_deep = not prepared.is_only_read(name)
    return Swept(_Constant(name, label, kind, Signature.empty, "", known), None, is_deep)


@dataclass(frozen=True)
class _Constant(Parameter):
    """A constant, with what it is compared to."""

    known: object = None

    def check(self, value):
        value = super().check(value)
        checked_value(self.name, self.known, value)
        return value


def _variable(sim, prepared, name):
    owner, what = split_name(name)
    obj = sim[owner]
    if isinstance(obj, Synapses) and what == "delay":
        # Brian 2 keeps it with the pathway.
        obj = obj.pre
    variable = obj.variables.get(what)
    if variable is None or not getattr(variable, "array", False):
        raise UnknownNameError(f"{owner!r} has no variable {what!r}")
    if variable.read_only:
        raise ParameterError(f"{name!r} is read-only")
    if not prepared.reads(variable) and not prepared.needs_preparation(variable):
        raise UnknownNameError(
            f"{name!r} is read by no statement of a run, and would vary without effect"
        )
    return variable


def _kind(dimension, letter, values):
    if dimension.is_dimensionless:
        return kind_of(_KINDS[letter])
    return QuantityKind(_unit(dimension, values))


def _unit(dimension, values):
    """Return the unit in which values are best told; the SI unit where they have other units."""
    try:
        if isinstance(values, str):
            quantity = read_quantity(re.split(r"[,:]", values)[0])
        else:
            quantity = Quantity(values)
    except (NotOfKind, TypeError, ValueError):
        return get_unit(dimension)
    if getattr(quantity, "dim", None) is not dimension:
        return get_unit(dimension)
    return quantity.get_best_unit()
