"""All that Brian 2 and the engine keep once for the whole process, to be put away and taken out.

Names of objects, the current device, preferences, the default clock, random numbers: several
networks in one process see each other through them. The places are private to Brian 2, and the
same in 2.9, 2.10 and 2.11.
"""

import copy
import functools
import random
import sys

import numpy as np

from neurosim.engine.brian import BrianObject, Network, all_devices, prefs

__all__ = ["begin_anew", "find_names_in_threads", "read_globals", "write_globals"]

# As attributes of the package stand other things under these names: a device, NumPy's core.
_device_module, _names, _tracking, _magic = (
    sys.modules[f"brian2.{name}"]
    for name in ("devices.device", "core.names", "core.tracking", "core.magic")
)

_ATTRIBUTES = (
    (_device_module, "active_device"),
    (_device_module, "previous_devices"),
    (_device_module, "runtime_device"),
    (Network, "_globally_running"),
    (Network, "_globally_stopped"),
    (BrianObject, "_scope_current_key"),
    (_tracking.InstanceFollower, "instance_sets"),
    (_magic.magic_network, "__dict__"),
)
_PREFERENCES = ("prefs", "prefs_unvalidated")
# Those that others register, and those that build programs on disk, stay one for the process.
_DEVICES = ("runtime", "neurosim")


def read_globals():
    """Return the present state, for :func:`write_globals`."""
    return (
        [getattr(holder, name) for holder, name in _ATTRIBUTES],
        {name: vars(prefs)[name] for name in _PREFERENCES},
        {name: all_devices[name] for name in _DEVICES},
        np.random.get_state(),  # noqa: NPY002, that of Brian 2
        random.getstate(),
    )


def write_globals(state):
    """Go back to a state that :func:`read_globals` has returned."""
    attributes, preferences, devices, numpy_state, python_state = state
    for (holder, name), value in zip(_ATTRIBUTES, attributes, strict=True):
        setattr(holder, name, value)
    vars(prefs).update(preferences)
    all_devices.update(devices)
    np.random.set_state(numpy_state)  # noqa: NPY002, that of Brian 2
    random.setstate(python_state)


def begin_anew():
    """Let what follows find things as they are now, and change nothing of them.

    Objects that exist keep their names taken; devices are new, the current one of the same kind and
    with the same step; random streams begin by themselves, as in a new process.

    Returns
    -------
    dict of str to Device
        The new devices.
    """
    _tracking.InstanceFollower.instance_sets = _copied_sets()
    Network._globally_running = Network._globally_stopped = False
    _magic.magic_network.__dict__ = _new_magic_network()
    vars(prefs).update({name: copy.copy(vars(prefs)[name]) for name in _PREFERENCES})
    np.random.set_state(np.random.RandomState().get_state())  # noqa: NPY002, that of Brian 2
    random.seed()
    devices = {name: type(all_devices[name])() for name in _DEVICES}
    _put_in_place(devices)
    return devices


def _copied_sets():
    """Return what is known of all objects, independent of what will be known."""
    follower = _tracking.InstanceFollower
    sets = type(follower.instance_sets)(_tracking.InstanceTrackerSet)
    for kind, known in list(follower.instance_sets.items()):
        for obj in [reference() for reference in list(known)]:
            if obj is not None:
                sets[kind].add(obj)
    return sets


def _new_magic_network():
    """Return the attributes of a magic network that has not run."""
    new = object.__new__(_magic.MagicNetwork)
    Network.__init__(new, name="magicnetwork")
    new._previous_refs = set()
    return vars(new)


def _put_in_place(devices):
    """Let new devices stand where the old ones stand."""
    replaced = {id(all_devices[name]): devices[name] for name in devices}
    active = _device_module.active_device
    if id(active) in replaced:
        # Set before it is activated, so that its clock is kept by it.
        _device_module.active_device = new = replaced[id(active)]
        new.activate(build_on_run=active.build_on_run, **active.build_options)
        if "dt" in active.defaultclock.variables:
            new.defaultclock.dt = active.defaultclock.dt
    _device_module.previous_devices = [
        (replaced.get(id(device), device), *options)
        for device, *options in _device_module.previous_devices
    ]
    _device_module.runtime_device = devices["runtime"]
    all_devices.update(devices)


@functools.cache
def find_names_in_threads():
    """Let Brian 2 find free names although another thread may collect objects meanwhile.

    It asks weak references twice, and fails where an object has gone in between.
    """
    find = _names.find_name

    @functools.wraps(find)
    def find_name(name, names=None):
        if names is None:
            alive = [reference() for reference in list(_names.Nameable.__instances__())]
            names = {obj.name for obj in alive if hasattr(obj, "name")}
        return find(name, names)

    _names.find_name = _device_module.find_name = find_name
