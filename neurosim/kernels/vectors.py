"""How wide the vector instructions of a compiled function are."""

import llvmlite.binding
from numba import types
from numba.extending import intrinsic

__all__ = ["widest_vectors"]

# LLVM keeps to 256 bits, because the first processors with 512 slowed down for them. Those that
# have this extension (Intel since Ice Lake, AMD since Zen 4) do not.
_ARE_WIDE = bool(llvmlite.binding.get_host_cpu_features().get("avx512vbmi2"))


@intrinsic
def widest_vectors(typing_context):
    """Let the function that calls this use the widest vectors that cost nothing.

    Loops compute the same numbers, eight at once where it was four.

    Examples
    --------
    >>> import numba
    >>> import numpy as np
    >>> from neurosim.kernels.vectors import widest_vectors
    >>> @numba.njit
    ... def double(x):
    ...     widest_vectors()
    ...     for i in range(len(x)):
    ...         x[i] *= 2
    >>> x = np.arange(3.0)
    >>> double(x)
    >>> x
    array([0., 2., 4.])
    """

    def generate(context, builder, signature, arguments):
        if _ARE_WIDE:
            # llvmlite's own method knows attributes without values alone.
            set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.none(), generate
