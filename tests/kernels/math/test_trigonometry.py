"""Sine and cosine where their reduction is hardest, next to multiples of half of pi."""

import mpmath
import numpy as np
import pytest

from neurosim.kernels import math

mpmath.mp.dps = 50
TRUE = {"sin": mpmath.sin, "cos": mpmath.cos}


def hardest(precision, n=200):
    """Return the numbers up to the largest angle that are closest to multiples of half of pi.

    Every multiple is looked at, in integers: in units of 2**-240.
    """
    with mpmath.workprec(300):
        half_pi = int(mpmath.ldexp(mpmath.pi / 2, 240))
    last = int(math.LARGEST_ANGLE / 1.5707963267948966)
    candidates = {}
    for k in range(1, last + 1):
        exact = k * half_pi
        x = precision(k * 1.5707963267948966)
        for number in (np.nextafter(x, precision(0)), x, np.nextafter(x, precision(np.inf))):
            numerator, denominator = float(number).as_integer_ratio()
            candidates[float(number)] = abs((numerator << 240) // denominator - exact)
    return sorted(candidates, key=candidates.get)[:n]


@pytest.fixture(scope="module", params=[np.float64, np.float32], ids=["double", "single"])
def hard_cases(request):
    return request.param, hardest(request.param)


@pytest.mark.parametrize("name", TRUE)
def test_closest_numbers_to_multiples_of_half_of_pi(name, hard_cases):
    precision, angles = hard_cases
    for angle in [*angles, *(-angle for angle in angles)]:
        truth = TRUE[name](mpmath.mpf(angle))
        unit = float(np.spacing(precision(abs(float(truth)))))
        value = float(getattr(math, name)(precision(angle)))
        assert abs(mpmath.mpf(value) - truth) <= 2 * mpmath.mpf(unit), angle


def test_hardest_cases_cancel_many_bits(hard_cases):
    precision, angles = hard_cases
    # Less multiples of half of pi rounded to the same precision, no bit would be right here.
    closest = min(abs(mpmath.cos(angle)) for angle in angles if angle > 1000)
    assert closest < np.finfo(precision).eps


def test_sine_and_cosine_of_a_turn():
    shares = np.concatenate([np.linspace(0, 1, 4001), 0.25 * np.arange(5) + 1e-9])
    for share in shares[shares <= 1].tolist():
        sine, cosine = math.of_turn(share)
        angle = 2 * mpmath.pi * mpmath.mpf(share)
        assert abs(sine - mpmath.sin(angle)) < 3e-16
        assert abs(cosine - mpmath.cos(angle)) < 3e-16
