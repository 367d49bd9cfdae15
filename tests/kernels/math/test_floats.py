"""Arithmetic in two parts, and everything on a processor that cannot multiply and add in one."""

import json
import os
import platform
import subprocess
import sys
from fractions import Fraction

import mpmath
import numba
import numpy as np
import pytest

from neurosim.kernels.math import floats

mpmath.mp.dps = 50

# Angles up to the largest, the hardest among them, and arguments of powers.
ARGUMENTS = [
    *np.linspace(-20, 20, 161).tolist(),
    *(100000.0, 52174.0, 37362.0, 1.5707963267948966, 3.141592653589793, 6.283185307179586),
    *(355.0, 710.0, 51748.34485136767, 98174.77042468104, 60868.35766392801),
]
WITHOUT_FMA = """
import json, sys
import numpy as np
from neurosim.kernels import math
from neurosim.kernels.math.floats import _has_fma
from numba.core.registry import cpu_target

assert not _has_fma(cpu_target.target_context)
arguments = json.load(sys.stdin)
results = {}
for name in ("exp", "log", "tanh", "sigmoid", "sin", "cos"):
    function = getattr(math, name)
    for kind in (np.float64, np.float32):
        values = [float(function(kind(x))) for x in arguments]
        results[f"{name} {kind.__name__}"] = values
results["power float64"] = [math.power(abs(x) + 0.1, 20 * np.sign(x)) for x in arguments]
json.dump(results, sys.stdout)
"""
TRUE = {
    "exp": mpmath.exp,
    "log": mpmath.log,
    "tanh": mpmath.tanh,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "sin": mpmath.sin,
    "cos": mpmath.cos,
}


@pytest.mark.parametrize("precision", [np.float64, np.float32])
def test_products_in_two_parts_are_exact(precision):
    @numba.njit
    def product(x, y):
        return floats.two_product(x, y)

    rng = np.random.default_rng(2)
    for x, y in rng.normal(size=(500, 2)).astype(precision):
        high, low = product(x, y)
        exact = Fraction(float(x)) * Fraction(float(y))
        assert Fraction(float(high)) + Fraction(float(low)) == exact


def test_polynomials_start_with_the_highest_power():
    @numba.njit
    def value(x):
        return floats.polynomial(x, (2.0, 3.0, 5.0))

    assert value(10.0) == 235.0


def true_value(name, kind, x):
    if name == "power":
        return mpmath.mpf(abs(x) + 0.1) ** int(20 * np.sign(x))
    x = float(kind(x))
    return TRUE[name](mpmath.mpf(x)) if name != "log" or x > 0 else None


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="always has FMA")
def test_two_units_in_the_last_place_without_fma(tmp_path):
    environment = {
        **os.environ,
        "NUMBA_CPU_NAME": "nehalem",
        "NUMBA_CPU_FEATURES": "",
        "NUMBA_CACHE_DIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_FMA],
        input=json.dumps(ARGUMENTS),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for key, values in json.loads(done.stdout).items():
        name, kind = key.split()
        kind = getattr(np, kind)
        for x, value in zip(ARGUMENTS, values, strict=True):
            truth = true_value(name, kind, x)
            with np.errstate(over="ignore"):
                nearest = kind(float(truth)) if truth is not None else np.nan
            if not np.isfinite(nearest):
                continue
            error = abs(mpmath.mpf(value) - truth) / mpmath.mpf(float(np.spacing(abs(nearest))))
            assert error <= 2, (key, x)
