"""The one place that says how a kernel is compiled.

No fast-math: reassociation and NaN folding change results. ``error_model="numpy"`` makes
division by zero follow NumPy. ``nogil`` lets independent runs share a process.
"""

from numba import njit

__all__ = ["inlined_kernel", "kernel"]

kernel = njit(cache=True, nogil=True, error_model="numpy")

# For small functions called in loops that LLVM is to vectorise: a call left in them prevents it.
inlined_kernel = njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
