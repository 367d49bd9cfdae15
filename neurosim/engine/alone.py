"""One code object run by itself for one step: outside a loop, and as a target of other devices."""

import numpy as np

from neurosim.engine.brian import compute_in_double, get_device
from neurosim.engine.compiler import compile_program
from neurosim.engine.elements import new_draws, new_room
from neurosim.engine.kernels import current_value
from neurosim.engine.program import make_single
from neurosim.engine.recording import make_buffer
from neurosim.engine.snippets import emit_delivery
from neurosim.engine.spatial import SPATIAL_SCRATCH, emit_spatial_preparation

__all__ = ["prepare_spatial", "run_alone"]


def run_alone(code):
    """Run a code object for one step.

    Parameters
    ----------
    code : NumbaCodeObject
    """
    if code.code.keywords["histories"]:
        raise NotImplementedError(
            f"delayed(...) in '{code.owner.name}' needs the whole network in one loop: call "
            "set_device('neurosim') and do not profile the run"
        )
    if code.template_name == "synapses_push_spikes":
        code.owner.push_spikes()
    elif code.template_name == "synapses":
        queue = code.variables["_queue"]
        _Alone.of(code, emit_delivery)({"_due": queue.peek()})
        queue.advance()
    else:
        _Alone.of(code)({})


def prepare_spatial(code):
    """Compute what stays constant in the cable equation during a run.

    Parameters
    ----------
    code : NumbaCodeObject
    """
    # The systems are ill-conditioned: small differences of large numbers.
    for name in SPATIAL_SCRATCH:
        compute_in_double(code.variables[name])
    _Alone(code, emit_spatial_preparation)({})


class _Alone:
    """A code object's function and what the engine keeps for it between steps."""

    def __init__(self, code, emit=None):
        self.kernel = code.kernel(emit)
        self.function = compile_program(make_single(self.kernel))
        self.buffer = make_buffer(code)
        self.arrays = {}
        if code.draws:
            # From NumPy's global generator, which every device's seed() restarts.
            key = np.random.randint(1 << 62)  # noqa: NPY002
            self.arrays["_random"] = np.array([key, 0], np.uint64)
            self.arrays["_drawn"] = new_draws(code.n_sites)
        if "_saved" in self.kernel.arguments:
            self.arrays["_saved"] = new_room(len(code.code.saved_elements()))

    @classmethod
    def of(cls, code, emit=None):
        """Return the one of a code object, made when it first runs."""
        if "_alone" not in code.namespace:
            code.namespace["_alone"] = cls(code, emit)
        return code.namespace["_alone"]

    def __call__(self, further):
        arrays, device = {**self.arrays, **further}, get_device()
        if self.buffer is not None:
            self.buffer.begin(1)
            arrays.update(self.buffer.arrays())
        values = []
        for argument in self.kernel.arguments.values():
            if argument.kind == "engine":
                values.append(arrays[argument.source])
            elif argument.kind == "function":
                values.append(argument.source)
            else:
                values.append(current_value(device, argument))
        self.function(*values)
        if "_random" in arrays:
            arrays["_random"][1] += np.uint64(1)
        if self.buffer is not None:
            self.buffer.flush()
