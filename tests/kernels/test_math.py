"""Elementary functions against mpmath, and against what IEEE 754 says of special values."""

import mpmath
import numba
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from neurosim.kernels import math

LARGE = float(np.finfo(float).max)
mpmath.mp.dps = 40

# Name, true function, and the range of arguments with a finite result.
FUNCTIONS = {
    "exp": (mpmath.exp, -746.0, 709.78),
    "expm1": (mpmath.expm1, -750.0, 709.78),
    "exprel": (lambda x: mpmath.expm1(x) / x if x else mpmath.mpf(1), -1e300, 709.78),
    "log": (mpmath.log, 5e-324, LARGE),
    "log1p": (mpmath.log1p, -1 + 2.0**-53, LARGE),
    "tanh": (mpmath.tanh, -1e300, 1e300),
}


def error_in_ulp(name, x):
    value = float(getattr(math, name)(x))
    truth = FUNCTIONS[name][0](mpmath.mpf(x))
    unit = max(float(np.spacing(abs(float(truth)))), 5e-324)
    return float(abs(mpmath.mpf(value) - truth) / unit)


def grid(name, n=3000):
    low, high = FUNCTIONS[name][1:]
    points = np.concatenate(
        [
            np.linspace(max(low, -50), min(high, 50), n),
            np.linspace(-2, 2, n),
            np.linspace(max(low, -1000), min(high, 1000), n),
            np.geomspace(5e-324, min(high, 1e300), n),
            -np.geomspace(5e-324, min(-low, 1e300), n) if low < 0 else [1.0],
        ]
    )
    return points[(points >= low) & (points <= high)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_at_most_two_units_in_the_last_place_on_a_grid(name):
    worst = max(grid(name).tolist(), key=lambda x: error_in_ulp(name, x))
    assert error_in_ulp(name, worst) <= 2, worst


@pytest.mark.parametrize("name", FUNCTIONS)
def test_at_most_two_units_in_the_last_place_anywhere(name):
    low, high = FUNCTIONS[name][1:]

    @settings(max_examples=300, deadline=None, derandomize=True)
    @given(st.floats(low, high))
    @example(0.34657359027997264)  # half of ln 2
    @example(0.7071067811865476)
    @example(1.4142135623730951)
    @example(1e-8)
    def check(x):
        assert error_in_ulp(name, x) <= 2

    check()


INF, NAN = float("inf"), float("nan")


@pytest.mark.parametrize(
    ("name", "x", "expected"),
    [
        ("exp", INF, INF),
        ("exp", -INF, 0.0),
        ("exp", NAN, NAN),
        ("exp", 709.79, INF),
        ("exp", LARGE, INF),
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
    ],
)
def test_special_values(name, x, expected):
    value = float(getattr(math, name)(x))
    np.testing.assert_array_equal(value, expected)
    assert np.signbit(value) == np.signbit(expected) or np.isnan(expected)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_whole_and_single_precision_numbers(name):
    function = getattr(math, name)
    for x in (1, True, np.int32(1), np.float32(1), np.uint8(1)):
        assert float(function(x)) == float(function(1.0))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_loops_have_vector_instructions(name):
    function = getattr(math, name)

    @numba.njit(error_model="numpy")
    def loop(x, y):
        for i in range(len(x)):
            y[i] = function(x[i])

    loop(np.ones(4), np.ones(4))
    [assembly] = loop.inspect_asm().values()
    if "vmulpd" not in assembly and "mulpd" not in assembly and "fmul" not in assembly:
        pytest.skip("this processor has vector instructions this test does not know")
    packed = assembly.count("mulpd") + assembly.count(".2d")
    # A scalar rest of the loop has about as many instructions once more.
    assert packed >= assembly.count("mulsd") > 0


def test_sine_and_cosine_of_a_turn():
    shares = np.concatenate([np.linspace(0, 1, 4001), 0.25 * np.arange(5) + 1e-9])
    for share in shares[shares <= 1].tolist():
        sine, cosine = math.of_turn(share)
        angle = 2 * mpmath.pi * mpmath.mpf(share)
        assert abs(sine - mpmath.sin(angle)) < 3e-16
        assert abs(cosine - mpmath.cos(angle)) < 3e-16
