"""Functions of equations, against their definitions."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from neurosim.kernels.functions import time_of_steps, timestep


@settings(deadline=None)
@given(st.integers(-3, 10**6), st.sampled_from([1e-4, 5e-5, 1e-3, 2.5e-5, 0.1 / 3]), st.data())
@example(0, 1e-4, None)
def test_comparing_times_is_counting_steps(steps, dt, data):
    limit = time_of_steps(steps, dt)
    near = (steps + np.arange(-3, 4) / 2 - 1e-3) * dt
    times = [*near, *np.nextafter(near, 1), *np.nextafter(near, -1), limit - 1e-3 * dt]
    if data is not None:
        times.append(data.draw(st.floats(-1e3, 1e3)))
    for time in times:
        assert (timestep(time, dt) >= steps) == (time + 1e-3 * dt >= limit)
    assert np.trunc(limit / dt) >= steps
    assert np.trunc(np.nextafter(limit, -np.inf) / dt) < steps
