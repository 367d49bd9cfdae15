"""Code objects of the target ``"numba"``: compiled alone, or fused into a network's loop."""

import weakref

from neurosim.engine.brian import BrianObject, NumpyCodeObject, check_compiler_kwds, get_device
from neurosim.engine.functions import register_functions
from neurosim.engine.generator import NumbaCodeGenerator
from neurosim.engine.history import history_of
from neurosim.engine.kernels import make_kernel
from neurosim.engine.sharing import join_kernel
from neurosim.engine.snippets import EMITTERS, Snippet
from neurosim.engine.spatial import SPATIAL_VARIABLES, emit_spatial_update

__all__ = ["NumbaCodeObject"]

EMITTERS["spatialstateupdate"] = emit_spatial_update

# Variables of Brian 2 that each template reads or writes by name.
_USED = {
    "spatialstateupdate": SPATIAL_VARIABLES,
    "stateupdate": {"N"},
    "threshold": {"N"},
    "summed_variable": {"N"},
    "synapses": {"_queue"},
    "statemonitor": {"t", "_clock_t", "_indices", "N"},
    "spikemonitor": {"N", "_clock_t", "count", "_source_start", "_source_stop"},
    "ratemonitor": {
        "N",
        "t",
        "rate",
        "_clock_t",
        "_clock_dt",
        "_spikespace",
        "_num_source_neurons",
        "_source_start",
        "_source_stop",
    },
    "spikegenerator": {
        "_spikespace",
        "neuron_index",
        "_timebins",
        "_period_bins",
        "_lastindex",
        "t_in_timesteps",
        "N",
    },
}


class _Template:
    """Answers what Brian 2 asks of a template, and returns snippets instead of text."""

    iterate_all = frozenset()
    writes_read_only = frozenset()
    template_source = ""

    def __init__(self, name):
        self.name = name
        self.variables = set(_USED.get(name, ()))
        self.allows_scalar_write = name == "stateupdate"

    def __call__(self, scalar_code, vector_code, *, variables, variable_indices, **keywords):
        get_array_name = keywords.pop("get_array_name")
        # Code lives with its object, and must not keep it alive.
        keywords = {key: _weak(value) for key, value in keywords.items()}
        return Snippet(
            self.name,
            _single_block(scalar_code),
            _single_block(vector_code),
            variables,
            variable_indices,
            get_array_name,
            keywords,
        )


def _single_block(code):
    [lines] = code.values() if isinstance(code, dict) else [code]
    return lines


def _weak(value):
    is_object = isinstance(value, BrianObject) and not isinstance(value, weakref.ProxyType)
    return weakref.proxy(value) if is_object else value


class _Templates:
    """Stands where Brian 2 expects a templater: templates are its attributes."""

    def __getattr__(self, name):
        if name in EMITTERS:
            return _Template(name)
        # Code that runs once; the code object will be NumPy's.
        return getattr(NumpyCodeObject.templater, name)


class NumbaCodeObject(NumpyCodeObject):
    """One piece of work of an object in a step.

    It holds a snippet; the loop makes kernels of all snippets of a network.
    """

    class_name = "numba"
    generator_class = NumbaCodeGenerator
    templater = _Templates()

    def __init__(
        self,
        owner,
        code,
        variables,
        variable_indices,
        template_name,
        template_source,
        compiler_kwds,
        name="numba_code_object*",
    ):
        check_compiler_kwds(compiler_kwds, [], "numba")
        super().__init__(
            owner,
            code,
            variables,
            variable_indices,
            template_name,
            template_source,
            compiler_kwds={},
            name=name,
        )

    def variables_to_namespace(self):
        """Need no namespace: kernels get their arguments when they are called."""
        self.nonconstant_values = []

    def compile_block(self, block):
        """Compile nothing yet: a network's loop is compiled as a whole."""
        return None

    def kernel(self, emit=None):
        """Return the kernel of this code object, made once for each emitter.

        Parameters
        ----------
        emit : callable, optional
            An emitter other than the template's own.
        """
        kernels = self.namespace.setdefault("_kernels", {})
        if emit not in kernels:
            for variable in self.code.keywords["histories"].values():
                history_of(variable)
            kernels[emit] = make_kernel(self.code, self.owner, type(self), emit)
        return kernels[emit]

    def join_kernel(self):
        """Return the kernel that puts together the events that threads have found, made once."""
        kernels = self.namespace.setdefault("_kernels", {})
        if "join" not in kernels:
            kernels["join"] = join_kernel(self.code)
        return kernels["join"]

    @property
    def draws(self):
        """Whether this code draws random numbers."""
        return self.n_sites > 0

    @property
    def n_sites(self):
        """Number of calls in this code that draw random numbers."""
        return self.code.keywords["n_sites"]

    def run_block(self, block):
        """Prepare for a run, run one step alone, or clean up after a run."""
        if block == "before_run" and self.template_name == "synapses_push_spikes":
            self.owner.initialise_queue()
        elif block == "before_run" and self.template_name == "spatialstateupdate":
            from neurosim.engine.alone import prepare_spatial

            prepare_spatial(self)
        elif block == "after_run" and self.template_name == "threshold":
            # Else the last step's events would be delivered again by the next run.
            get_device().get_value(self.code.keywords["eventspace_variable"])[-1] = 0
        elif block == "run":
            from neurosim.engine.alone import run_alone

            run_alone(self)


register_functions(NumbaCodeObject)
