"""What may be kept between processes: text, and functions that are the same everywhere."""

import math

import numpy as np
import pytest

from neurosim.engine.compiler import _is_ours
from neurosim.kernels.random_streams import rand


def function_of(module):
    def function(x):
        return x

    function.__module__ = module
    return function


@pytest.mark.parametrize("module", ["mathutils", "numpy_extras", "builtins_of_mine", "__main__"])
def test_functions_of_modules_with_similar_names_are_the_users(module):
    assert not _is_ours(function_of(module))


@pytest.mark.parametrize("function", [rand, math.sin, np.exp, abs])
def test_functions_of_libraries_are_known(function):
    assert _is_ours(function)
