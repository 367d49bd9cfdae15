"""What a name stands for in a network that is held ready."""

from neurosim.engine.brian import (
    Constant,
    EventMonitor,
    PopulationRateMonitor,
    SpikeGeneratorGroup,
    StateMonitor,
    TimedArray,
)
from neurosim.engine.streaming import is_instrument
from neurosim.errors import UnknownNameError

__all__ = ["find_constant", "find_object", "find_paths", "objects_of_time"]


def find_object(network, name):
    """Return the object of a network with this name.

    Raises
    ------
    UnknownNameError
        Where there is none.
    """
    objects = {obj.name: obj for obj in network.sorted_objects}
    if name not in objects:
        raise UnknownNameError(
            f"the network has no object {name!r}; it has {', '.join(sorted(objects))}"
        )
    return objects[name]


def find_constant(prepared, name):
    """Return the constant or TimedArray that a name in equations stands for.

    Parameters
    ----------
    prepared : Prepared
    name : str

    Raises
    ------
    UnknownNameError
        Where no statement of a run reads the name.
    """
    known = prepared.namespace.get(name)
    if isinstance(known, TimedArray):
        return known
    for code in prepared.codes():
        variable = code.variables.get(name)
        if isinstance(variable, Constant):
            return variable
    used = prepared.device.memory.uses_at_setup(name)
    if used:
        raise UnknownNameError(
            f"{name!r} is read by no statement of a run; it was used when {used} was made, "
            "and cannot vary any more"
        )
    raise UnknownNameError(f"{name!r} is read by no statement of network {prepared.network.name!r}")


def find_paths(arrays, keep):
    """Return the paths of variables that are named, or belong to an object that is.

    Parameters
    ----------
    arrays : collection of str
        Paths there are, such as ``"cells/v"``.
    keep : str or iterable of str
        Such as ``"cells.v"`` or ``"cells"``.

    Raises
    ------
    UnknownNameError
    """
    kept = set()
    for text in [keep] if isinstance(keep, str) else keep:
        path = text.replace(".", "/", 1)
        matches = {known for known in arrays if known == path or known.startswith(f"{path}/")}
        if not matches:
            raise UnknownNameError(f"keep: the network has no variable {text!r}")
        kept |= matches
    return kept


def objects_of_time(network):
    """Return the names of what cannot go back where time goes on: clocks, monitors, generators."""
    kinds = EventMonitor | StateMonitor | PopulationRateMonitor | SpikeGeneratorGroup
    objects = [obj for obj in network.sorted_objects if not is_instrument(obj)]
    timed = [obj for obj in objects if isinstance(obj, kinds)]
    return {obj.name for obj in [*timed, *(obj.clock for obj in objects)]}
