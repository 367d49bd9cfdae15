"""Elementary functions against mpmath, and against what IEEE 754 says of special values."""

import mpmath
import numba
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from neurosim.kernels import math

mpmath.mp.dps = 50
INF, NAN = float("inf"), float("nan")


def exprel(x):
    return mpmath.expm1(x) / x if x else mpmath.mpf(1)


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


# Name, true function, and the range of arguments with a finite result in double precision.
FUNCTIONS = {
    "exp": (mpmath.exp, -746.0, 709.78),
    "expm1": (mpmath.expm1, -750.0, 709.78),
    "exprel": (exprel, -1e300, 709.78),
    "log": (mpmath.log, 5e-324, INF),
    "log1p": (mpmath.log1p, -1 + 2.0**-53, INF),
    "tanh": (mpmath.tanh, -1e300, 1e300),
    "sigmoid": (sigmoid, -750.0, 1e300),
    "sin": (mpmath.sin, -math.LARGEST_ANGLE, math.LARGEST_ANGLE),
    "cos": (mpmath.cos, -math.LARGEST_ANGLE, math.LARGEST_ANGLE),
}
# The same in single precision where it is narrower.
SINGLE_RANGES = {
    "exp": (-105.0, 88.7),
    "expm1": (-110.0, 88.7),
    "exprel": (-1e38, 88.7),
    "log1p": (-1 + 2.0**-24, INF),
    "sigmoid": (-110.0, 1e38),
}
PRECISIONS = (np.float64, np.float32)


@pytest.fixture(params=PRECISIONS, ids=["double", "single"])
def precision(request):
    return request.param


def limits(name, precision):
    info = np.finfo(precision)
    low, high = FUNCTIONS[name][1:]
    if precision == np.float32:
        low, high = SINGLE_RANGES.get(name, (low, high))
    least = float(info.smallest_subnormal)
    low = least if 0 < low < least else max(low, float(info.min))
    return float(precision(low)), float(precision(min(high, float(info.max))))


def error_in_ulp(name, x, precision):
    value = getattr(math, name)(precision(x))
    truth = FUNCTIONS[name][0](mpmath.mpf(x))
    assert isinstance(value, np.float32 if precision == np.float32 else float)
    unit = float(np.spacing(precision(abs(float(truth)))))
    return float(abs(mpmath.mpf(float(value)) - truth) / mpmath.mpf(unit))


def grid(name, precision, n=1000):
    low, high = limits(name, precision)
    least = float(np.finfo(precision).smallest_subnormal)
    points = np.concatenate(
        [
            np.linspace(max(low, -50), min(high, 50), n),
            np.linspace(-2, 2, n),
            np.linspace(max(low, -1000), min(high, 1000), n),
            np.linspace(max(low, -1e5), min(high, 1e5), n),
            np.geomspace(least, min(high, 1e300), n),
            -np.geomspace(least, min(-low, 1e300), n) if low < 0 else [1.0],
        ]
    ).astype(precision)
    return points[(points >= low) & (points <= high)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_at_most_two_units_in_the_last_place_on_a_grid(name, precision):
    errors = {x: error_in_ulp(name, x, precision) for x in grid(name, precision).tolist()}
    worst = max(errors, key=errors.get)
    assert errors[worst] <= 2, worst


@pytest.mark.parametrize("name", FUNCTIONS)
def test_at_most_two_units_in_the_last_place_anywhere(name, precision):
    low, high = limits(name, precision)

    @settings(max_examples=300, deadline=None, derandomize=True)
    @given(st.floats(low, high, width=8 * np.dtype(precision).itemsize))
    @example(0.34657359027997264)  # half of ln 2
    @example(0.7071067811865476)
    @example(1.4142135623730951)
    @example(0.7853981633974483)  # an eighth of a turn
    @example(1e-8)
    def check(x):
        x = float(precision(x))
        assert error_in_ulp(name, x, precision) <= 2

    check()


@pytest.mark.parametrize(
    ("name", "x", "expected"),
    [
        ("exp", INF, INF),
        ("exp", -INF, 0.0),
        ("exp", NAN, NAN),
        ("exp", 709.79, INF),
        ("exp", 1e308, INF),
        ("exp", -745.14, 0.0),
        ("exp", 0.0, 1.0),
        ("expm1", INF, INF),
        ("expm1", -INF, -1.0),
        ("expm1", NAN, NAN),
        ("expm1", 0.0, 0.0),
        ("expm1", -0.0, -0.0),
        ("expm1", 5e-324, 5e-324),
        ("exprel", 0.0, 1.0),
        ("exprel", INF, INF),
        ("exprel", -INF, 0.0),
        ("exprel", NAN, NAN),
        ("log", 0.0, -INF),
        ("log", -0.0, -INF),
        ("log", -1.0, NAN),
        ("log", -INF, NAN),
        ("log", INF, INF),
        ("log", NAN, NAN),
        ("log", 1.0, 0.0),
        ("log1p", -1.0, -INF),
        ("log1p", -1.5, NAN),
        ("log1p", INF, INF),
        ("log1p", NAN, NAN),
        ("log1p", 0.0, 0.0),
        ("log1p", -0.0, -0.0),
        ("tanh", INF, 1.0),
        ("tanh", -INF, -1.0),
        ("tanh", NAN, NAN),
        ("tanh", 0.0, 0.0),
        ("tanh", -0.0, -0.0),
        ("sigmoid", INF, 1.0),
        ("sigmoid", -INF, 0.0),
        ("sigmoid", NAN, NAN),
        ("sigmoid", 0.0, 0.5),
        ("sigmoid", -0.0, 0.5),
        ("sigmoid", 1e308, 1.0),
        ("sigmoid", -1e308, 0.0),
        ("sin", INF, NAN),
        ("sin", -INF, NAN),
        ("sin", NAN, NAN),
        ("sin", 0.0, 0.0),
        ("sin", -0.0, -0.0),
        ("sin", 5e-324, 5e-324),
        ("sin", -5e-324, -5e-324),
        ("cos", INF, NAN),
        ("cos", -INF, NAN),
        ("cos", NAN, NAN),
        ("cos", 0.0, 1.0),
        ("cos", -0.0, 1.0),
        ("cos", 5e-324, 1.0),
    ],
)
def test_special_values(name, x, expected, precision):
    with np.errstate(over="ignore"):
        x, expected = precision(x), precision(expected)
    value = getattr(math, name)(x)
    np.testing.assert_array_equal(value, expected)
    assert np.signbit(value) == np.signbit(expected) or np.isnan(expected)


@pytest.mark.parametrize(("name", "largest"), [("exp", 88.72283), ("expm1", 88.72283)])
def test_largest_results_of_single_precision(name, largest):
    largest = np.float32(largest)
    assert error_in_ulp(name, float(largest), np.float32) <= 2
    assert getattr(math, name)(np.nextafter(largest, np.float32(INF))) == INF


@pytest.mark.parametrize("name", ["expm1", "log1p", "tanh", "sin"])
def test_the_smallest_numbers_stay(name, precision):
    info = np.finfo(precision)
    # Some have halves that are not exact.
    for x in (info.smallest_subnormal, info.tiny / 3, info.tiny, np.nextafter(info.tiny, 1)):
        assert getattr(math, name)(precision(x)) == precision(x)
        assert getattr(math, name)(precision(-x)) == precision(-x)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_whole_numbers_in_double_precision(name):
    function = getattr(math, name)

    @numba.njit
    def compiled(x):
        return function(x)

    for x in (1, True, np.int32(1), np.uint8(1), np.float64(1)):
        assert function(x) == function(1.0) == compiled(x)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_loops_have_vector_instructions(name, precision):
    function = getattr(math, name)

    @numba.njit(error_model="numpy")
    def loop(x, y):
        for i in range(len(x)):
            y[i] = function(x[i])

    loop(np.ones(4, precision), np.ones(4, precision))
    [assembly] = loop.inspect_asm().values()
    suffix, lanes = ("d", ".2d") if precision == np.float64 else ("s", ".4s")
    if f"mulp{suffix}" not in assembly and "fmul" not in assembly:
        pytest.skip("this processor has vector instructions this test does not know")
    packed = assembly.count(f"mulp{suffix}") + assembly.count(lanes)
    # A scalar rest of the loop has about as many instructions once more.
    assert packed >= assembly.count(f"muls{suffix}") > 0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_single_precision_is_not_widened(name):
    function = getattr(math, name)

    @numba.njit(error_model="numpy")
    def loop(x, y):
        for i in range(len(x)):
            y[i] = function(x[i])

    loop(np.ones(4, np.float32), np.ones(4, np.float32))
    [code] = loop.inspect_llvm().values()
    assert "fpext" not in code
    assert "fptrunc" not in code


def test_numbers_of_two_precisions_are_refused_where_one_is_meant():
    from neurosim.kernels.math.floats import fma

    @numba.njit
    def mixed(x):
        return fma(x, x, 1.0)

    with pytest.raises(numba.TypingError, match="fma of .*expected numbers of one precision"):
        mixed(np.float32(1))
