"""Scripts written for standalone devices: ``device.build()`` and ``device.run(run_args=...)``.

With ``build_on_run=False`` a standalone device only notes what a script does, and runs it all when
asked to, as often as asked to. Here ``run()`` runs at once whatever the script was written for, so
that nothing is left to do for ``build()``; the state before the first run is kept, and
``device.run()`` goes back to it and repeats the runs.
"""

import contextlib
import hashlib
from dataclasses import dataclass

import numpy as np

from neurosim.engine.brian import Network, TimedArray, VariableView, fail_for_dimension_mismatch
from neurosim.errors import ParameterError

__all__ = ["Replay"]

_NAME = "before the first run"


@dataclass(frozen=True)
class _Run:
    network: object
    objects: frozenset
    duration: object
    namespace: dict


class Replay:
    """The runs of a script since the device was activated, and the state before the first."""

    def __init__(self):
        self.runs = []
        self._epoch = None
        self._digests = None
        self._changed = None

    def note(self, device, network, duration, namespace):
        """Note a run that is about to begin.

        Parameters
        ----------
        device : NeurosimDevice
        network : Network
        duration : Quantity
        namespace : dict
        """
        objects = frozenset(network.objects)
        known = any(run.network is network for run in self.runs)
        if not known:
            Network.store(network, _NAME)
        if not self.runs:
            self._epoch = device.random_key()[1]
        elif self._changed is None and known:
            self._changed = _difference(self._digests, _digests(objects))
        # Names are looked up again in each repetition, with the values they have now.
        self.runs.append(_Run(network, objects, duration, dict(namespace)))

    def finish(self):
        """Note the state after a run."""
        self._digests = _digests(self.runs[-1].objects)

    def repeat(self, device, run_args):
        """Go back to the state before the first run, put values in, and run again.

        Parameters
        ----------
        device : NeurosimDevice
        run_args : dict or sequence of str or None
            By variable view or TimedArray; or texts such as ``"neurongroup.tau=0.01"``.

        Raises
        ------
        ParameterError
            Where nothing has run yet, or a name or value cannot be used.
        NotImplementedError
            Where the script changed a variable between its runs.
        """
        if not self.runs:
            raise ParameterError(
                "device.run() repeats the runs of a script, but nothing has been run since "
                "set_device('neurosim', build_on_run=False); call run(duration) first"
            )
        if self._changed is not None:
            raise NotImplementedError(
                f"device.run() repeats the runs of a script, but {self._changed} was changed "
                "between two of them; put the script into a function of what varies, and call it"
            )
        if device.is_seeded:
            device.set_epoch(self._epoch)
        with contextlib.ExitStack() as afterwards:
            networks = {id(run.network): run for run in self.runs}
            for run in networks.values():
                afterwards.enter_context(_populated(run))
                Network.restore(run.network, _NAME)
            objects = set().union(*(run.objects for run in self.runs))
            for target, value in _pairs(run_args, objects):
                _put(target, value, afterwards)
            for run in self.runs:
                with _populated(run):
                    device.run_now(run.network, run.duration, run.namespace)


@contextlib.contextmanager
def _populated(run):
    """Give a magic network, which forgets its objects after each run, those of a run."""
    before = set(run.network.objects)
    run.network.objects |= run.objects
    try:
        yield
    finally:
        run.network.objects.clear()
        run.network.objects |= before


def _digests(objects):
    return {
        (obj.name, name): hashlib.blake2b(np.ascontiguousarray(value.get_value())).digest()
        for part in objects
        for obj in (part, *part.contained_objects)
        for name, value in getattr(obj, "variables", {}).items()
        if getattr(value, "array", False) and not value.read_only
    }


def _difference(before, after):
    for key, digest in after.items():
        if before.get(key, digest) != digest:
            return f"variable {key[1]!r} of {key[0]!r}"
    return None


def _pairs(run_args, objects):
    """Return pairs of target and value, whichever way they were given."""
    if not run_args:
        return []
    if hasattr(run_args, "items"):
        return list(run_args.items())
    groups = {obj.name: obj for obj in objects}
    pairs = []
    for text in run_args:
        place, _, value = text.partition("=")
        name, _, variable = place.rpartition(".")
        if name not in groups or variable not in groups[name].variables:
            raise ParameterError(
                f"run_args: {text!r} names no variable; expected 'group.variable=value' with a "
                f"group among {', '.join(sorted(groups))}"
            )
        try:
            number = {"True": True, "False": False}.get(value, value) or float(value)
            number = number if isinstance(number, bool) else float(number)
        except ValueError:
            raise ParameterError(f"run_args: {value!r} in {text!r} is not a number") from None
        pairs.append((groups[name].state(variable, use_units=False), number))
    return pairs


def _put(target, value, afterwards):
    if isinstance(target, VariableView):
        target[:] = value
    elif isinstance(target, TimedArray):
        fail_for_dimension_mismatch(value, target.dim, "run_args: value for a TimedArray")
        given = np.asarray(value, float)
        if given.shape not in ((), target.values.shape):
            raise ParameterError(
                f"run_args: values of shape {given.shape} for TimedArray {target.name!r}, "
                f"expected {target.values.shape}"
            )
        # Values hold for these runs only.
        afterwards.callback(target.values.__setitem__, ..., target.values.copy())
        target.values[...] = given
    else:
        raise ParameterError(
            f"run_args: key {target!r} is of type {type(target).__name__}, expected a variable "
            "such as neurongroup.v, or a TimedArray"
        )
