"""The width of vector instructions: the same numbers, in wider registers where there are some."""

import llvmlite.binding
import numba
import numpy as np

from neurosim.kernels.math import exp
from neurosim.kernels.vectors import widest_vectors


@numba.njit(error_model="numpy")
def narrow(x, y):
    for i in range(len(x)):
        y[i] = exp(x[i]) / (1.0 + x[i] * x[i])


@numba.njit(error_model="numpy")
def wide(x, y):
    widest_vectors()
    for i in range(len(x)):
        y[i] = exp(x[i]) / (1.0 + x[i] * x[i])


def test_wider_vectors_compute_the_same_bits():
    # Not a multiple of any width.
    x = np.random.default_rng(1).normal(size=1003) * 20
    first, second = np.zeros_like(x), np.zeros_like(x)
    narrow(x, first)
    wide(x, second)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(first, np.exp(x) / (1 + x * x), rtol=1e-15)


def test_the_widest_registers_that_cost_nothing_are_used():
    x = np.zeros(4)
    wide(x, x.copy())
    [assembly] = wide.inspect_asm().values()
    # 512 bits are asked for on Intel's Ice Lake and AMD's Zen 4, and what came after them.
    is_recent = bool(llvmlite.binding.get_host_cpu_features().get("avx512vbmi2"))
    assert ("zmm" in assembly) == is_recent
