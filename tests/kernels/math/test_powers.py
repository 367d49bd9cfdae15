"""Powers against mpmath, and in special cases against C99 through Python and NumPy."""

import itertools

import mpmath
import numba
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from neurosim.kernels.math import power

mpmath.mp.dps = 50
INF, NAN = float("inf"), float("nan")


@pytest.fixture(params=[np.float64, np.float32], ids=["double", "single"])
def precision(request):
    return request.param


def assert_close(x, y, precision):
    """Compare with mpmath, the result being finite or infinite."""
    info = np.finfo(precision)
    value = float(power(precision(x), precision(y)))
    truth = mpmath.mpf(x) ** mpmath.mpf(y)
    largest = mpmath.mpf(float(info.max))
    if abs(truth) >= largest * (1 + mpmath.mpf(float(info.eps)) / 4):
        assert value == (INF if truth > 0 else -INF), (x, y)
        return
    unit = float(np.spacing(precision(min(abs(truth), largest))))
    # At the largest number spacing is infinite.
    unit = unit if np.isfinite(unit) else float(info.max * info.eps / 2)
    if np.isinf(value):
        assert abs(truth) >= largest * (1 - mpmath.mpf(float(info.eps))), (x, y)
        return
    assert abs(mpmath.mpf(value) - truth) <= 2 * mpmath.mpf(unit), (x, y)


def test_two_units_in_the_last_place_over_the_whole_range(precision):
    rng = np.random.default_rng(4)
    info = np.finfo(precision)
    low, high = np.log(float(info.smallest_subnormal)), np.log(float(info.max))
    n = 1500
    bases = np.concatenate(
        [np.exp(rng.uniform(low, high, n)), rng.uniform(0.4, 2.5, n), 1 + rng.normal(0, 1e-5, n)]
    ).astype(precision)
    bases = bases[(bases > 0) & (bases != 1)]
    # Exponents for which results lie all over the range, and the same as in models.
    exponents = rng.uniform(low, high, len(bases)) / np.log(bases.astype(float))
    with np.errstate(over="ignore"):
        exponents = exponents.astype(precision)
    for x, y in zip(bases.tolist(), exponents.tolist(), strict=True):
        assert_close(x, y, precision)
    for x, y in itertools.product(bases[:200].tolist(), (-2.0, -0.5, 1 / 3, 1.0, 2.0, 3.7)):
        assert_close(x, float(precision(y)), precision)


def test_two_units_in_the_last_place_anywhere(precision):
    width = 8 * np.dtype(precision).itemsize
    least = float(np.finfo(precision).smallest_subnormal)
    numbers = st.floats(least, float(np.finfo(precision).max), width=width)

    @settings(max_examples=400, deadline=None, derandomize=True)
    @given(numbers, st.floats(-50, 50, width=width))
    @example(1.4142135623730951, 3.0)
    @example(0.7071067811865476, -3.0)
    @example(2.0, -1074.0)
    @example(2.0, -149.0)
    def check(x, y):
        assert_close(float(precision(x)), float(precision(y)), precision)

    check()


SPECIAL = [
    *(sign * x for x in (0.0, 0.5, 1.0, 2.0, 2.5, 3.0, 1e30, 1e-30, INF) for sign in (1, -1)),
    *(sign * x for x in (5e-324, 1e300, 2.0**53, 2.0**53 - 1, 2.0**52 - 0.5) for sign in (1, -1)),
    *(2.0**24, 2.0**24 - 1, 1 + 2.0**-23, 1 - 2.0**-24, 1 + 2.0**-52, NAN),
]


def test_special_cases_of_c99(precision):
    with np.errstate(all="ignore"):
        pairs = np.array(list(itertools.product(SPECIAL, repeat=2)), precision)
        # Of arrays, because NumPy takes roots of single numbers, with another sign of zero.
        for (x, y), expected in zip(pairs, np.power(*pairs.T), strict=True):
            value = power(x, y)
            is_same = abs(value - expected) <= 2 * np.spacing(abs(expected))
            assert is_same or value == expected or (np.isnan(value) and np.isnan(expected)), (x, y)
            assert np.signbit(value) == np.signbit(expected) or np.isnan(expected), (x, y)


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        (0.0, -1.0, INF),
        (-0.0, -1.0, -INF),
        (-0.0, -2.0, INF),
        (-0.0, 3.0, -0.0),
        (-0.0, 0.5, 0.0),
        (-1.0, INF, 1.0),
        (-1.0, -INF, 1.0),
        (1.0, NAN, 1.0),
        (NAN, 0.0, 1.0),
        (NAN, 1.0, NAN),
        (0.5, -INF, INF),
        (2.0, -INF, 0.0),
        (-INF, 3.0, -INF),
        (-INF, -3.0, -0.0),
        (-INF, 0.5, INF),
        (-INF, NAN, NAN),
        (-2.0, 0.5, NAN),
        (-8.0, 3.0, -512.0),
    ],
)
def test_listed_cases(x, y, expected, precision):
    value = power(precision(x), precision(y))
    np.testing.assert_array_equal(value, precision(expected))
    assert np.signbit(value) == np.signbit(expected) or np.isnan(expected)


@pytest.mark.parametrize(
    "kinds", list(itertools.product([np.float32, np.float64, np.int64], repeat=2))
)
def test_single_precision_where_both_have_it(kinds):
    @numba.njit
    def compiled(x, y):
        return power(x, y)

    x, y = (kind(3) for kind in kinds)
    is_single = kinds == (np.float32, np.float32)
    assert isinstance(power(x, y), np.float32 if is_single else float)
    assert compiled(x, y) == power(x, y)
    [signature] = compiled.nopython_signatures
    assert signature.return_type == (numba.float32 if is_single else numba.float64)


def test_loops_have_vector_instructions():
    @numba.njit(error_model="numpy")
    def loop(x, y):
        for i in range(len(x)):
            y[i] = power(x[i], y[i])

    loop(np.ones(4), np.ones(4))
    [assembly] = loop.inspect_asm().values()
    if "mulpd" not in assembly and "fmul" not in assembly:
        pytest.skip("this processor has vector instructions this test does not know")
    packed = assembly.count("mulpd") + assembly.count(".2d")
    # A scalar rest of the loop has about as many instructions once more.
    assert packed >= assembly.count("mulsd") > 0
