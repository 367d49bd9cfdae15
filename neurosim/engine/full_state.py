"""The whole state of a network as plain arrays and numbers, and back.

Spikes under way are kept as the queues hold them, so that they are delivered in the same order.
"""

import numpy as np

from neurosim.engine.brian import (
    DynamicArrayVariable,
    SpikeGeneratorGroup,
    SynapticPathway,
    TimedArray,
    all_objects,
    is_own_array,
)
from neurosim.engine.streaming import is_instrument
from neurosim.errors import ParameterError

__all__ = ["read_state", "write_state"]

_TIMED, _RANDOM = "_timed_arrays", "_numpy_random"


def read_state(device, network, namespace):
    """Return copies of all arrays of a network, and the numbers its next run depends on.

    Parameters
    ----------
    device : NeurosimDevice
    network : Network
        That has run before.
    namespace : dict
        Where TimedArrays are found.

    Returns
    -------
    arrays : dict of str to ndarray
    numbers : dict
        As JSON can hold it.
    """
    owners = _owners(network)
    arrays = {path: np.array(v.get_value()) for path, v in _variables(owners).items()}
    for pathway, path in _pathways(owners):
        state = pathway.queue.whole_state()
        arrays.update({f"{path}/{name}": np.array(values) for name, values in state.items()})
    for traces, path in _traces(device, owners):
        state = traces.whole_state()
        arrays.update({f"{path}/{name}": np.array(values) for name, values in state.items()})
    for name, timed in _timed_arrays(namespace).items():
        arrays[f"{_TIMED}/{name}"] = np.array(timed.values)
    kind, keys, *position = np.random.get_state()  # noqa: NPY002 - that of Brian 2
    arrays[_RANDOM] = keys
    seed, epoch = device.random_key()
    generators = {
        owner.name: {
            "previous_dt": None if owner._previous_dt is None else float(owner._previous_dt),
            "spikes_changed": bool(owner._spikes_changed),
        }
        for owner in owners
        if isinstance(owner, SpikeGeneratorGroup)
    }
    return arrays, {
        "t": float(network.t_),
        "seed": seed,
        "epoch": epoch,
        "numpy_random": [kind, *position],
        "generators": generators,
    }


def write_state(device, network, namespace, arrays, numbers, keep=()):
    """Give a network a state.

    Parameters
    ----------
    device : NeurosimDevice
    network : Network
        That has run before.
    namespace : dict
    arrays, numbers : dict
        See :func:`read_state`.
    keep : collection of str
        Paths of arrays that stay as they are.

    Raises
    ------
    ParameterError
        Where the state is that of a network with other objects, or of another size.
    """
    owners = _owners(network)
    variables, timed = _variables(owners), _timed_arrays(namespace)
    _check(variables, timed, arrays)
    for path, variable in variables.items():
        if path not in keep:
            _write(device, variable, arrays[path])
    for name, known in timed.items():
        if f"{_TIMED}/{name}" not in keep:
            known.values[...] = arrays[f"{_TIMED}/{name}"]
    for owner in owners:
        if isinstance(owner, SpikeGeneratorGroup) and f"{owner.name}/spike_time" not in keep:
            state = numbers["generators"][owner.name]
            owner._previous_dt = state["previous_dt"]
            owner._spikes_changed = state["spikes_changed"]
            owner._spike_time = owner.variables["spike_time"].get_value().copy()
            owner._neuron_index = owner.variables["neuron_index"].get_value().copy()
    for pathway, path in _pathways(owners):
        names = ("clock", "ring", "left_at", "left", "dt")
        state = {name: arrays[f"{path}/{name}"] for name in names}
        pathway.queue.set_whole_state(state, pathway._delays, pathway.synapse_sources)
    for traces, path in _traces(device, owners):
        names = [name for name in arrays if name.startswith(f"{path}/")]
        traces.set_whole_state({name.rpartition("/")[2]: arrays[name] for name in names})
    network.t_ = numbers["t"]
    device.set_random_key(numbers["seed"], numbers["epoch"])
    kind, *position = numbers["numpy_random"]
    np.random.set_state((kind, arrays[_RANDOM], *position))  # noqa: NPY002 - that of Brian 2


def _owners(network):
    """Return all objects that have arrays of their own, clocks among them, by name.

    Monitors that a recording has made, and clocks for them alone, are no part of the state: it is
    the same with a recording and without.
    """
    objects = [obj for obj in all_objects(network) if not is_instrument(obj)]
    owners = {obj.name: obj for obj in objects if hasattr(obj, "variables")}
    owners.update({obj.clock.name: obj.clock for obj in objects})
    return [owners[name] for name in sorted(owners)]


def _variables(owners):
    return {
        f"{owner.name}/{name}": variable
        for owner in owners
        for name, variable in owner.variables.items()
        # Delays stand with the pathway and are said to belong to the synapses.
        if is_own_array(variable, owner) or variable is getattr(owner, "_delays", None)
    }


def _pathways(owners):
    return [
        (owner, f"{owner.name}/_queue")
        for owner in owners
        if isinstance(owner, SynapticPathway) and owner.queue is not None
    ]


def _traces(device, owners):
    """Return what neurons keep for plastic synapses, and the paths it is found under."""
    return [
        (device.traces_of(owner), f"{owner.name}/_traces")
        for owner in owners
        if getattr(owner, "event_driven", None) is not None
    ]


def _timed_arrays(namespace):
    return {name: known for name, known in namespace.items() if isinstance(known, TimedArray)}


def _check(variables, timed, arrays):
    own = {*variables, *(f"{_TIMED}/{name}" for name in timed)}
    internal = ("/_queue/", "/_traces/")
    given = {path for path in arrays if not any(part in path for part in internal)} - {_RANDOM}
    for what, paths in (("lacks", own - given), ("has", given - own)):
        if paths:
            raise ParameterError(
                f"the snapshot {what} {min(paths)!r}, which the network "
                f"{'has' if what == 'lacks' else 'lacks'}; it is that of another network"
            )
    for path, variable in variables.items():
        is_fixed = not isinstance(variable, DynamicArrayVariable)
        if is_fixed and arrays[path].shape != variable.get_value().shape:
            raise ParameterError(
                f"the snapshot's {path!r} has shape {arrays[path].shape}; the network's has "
                f"{variable.get_value().shape}"
            )


def _write(device, variable, values):
    known = device.arrays.unnoted(variable)
    # What the layout of synapses is made of would be looked through again by the next run.
    if known.shape == values.shape and np.array_equal(known, values):
        return
    if isinstance(variable, DynamicArrayVariable):
        variable.resize(values.shape if values.ndim > 1 else len(values))
    variable.get_value()[...] = values
