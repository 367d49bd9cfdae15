"""Elementary functions without branches, which LLVM turns into vector instructions.

The C library's functions are called one number at a time; these are arithmetic alone, so that a
loop over neurons computes four or eight of them at once, and twice as many in single precision. At
most 2 units in the last place from the true value; infinities, NaN and subnormal numbers as IEEE
754 has them. float32 gives float32; whole numbers and booleans are computed in double precision.

The polynomials are Chebyshev fits made with mpmath, their errors below 2e-17 (1e-9 in single
precision).
"""

from neurosim.kernels.math.exponentials import exp, expm1, exprel, sigmoid, tanh
from neurosim.kernels.math.logarithms import log, log1p
from neurosim.kernels.math.powers import power
from neurosim.kernels.math.trigonometry import LARGEST_ANGLE, cos, of_turn, sin
from neurosim.kernels.math.words import uniform

__all__ = [
    "LARGEST_ANGLE",
    "cos",
    "exp",
    "expm1",
    "exprel",
    "log",
    "log1p",
    "of_turn",
    "power",
    "sigmoid",
    "sin",
    "tanh",
    "uniform",
]
