"""Ranks of matrices made with them, and Lyapunov exponents that are known."""

import numpy as np
import pytest

from neurosim.analysis import divergence_rate, filtered_spikes, kernel_quality, state_rank
from neurosim.errors import ParameterError


@pytest.mark.parametrize("rank", [1, 7, 40])
def test_rank_of_gaussian_vectors(rng, rank):
    states = rng.standard_normal((60, rank)) @ rng.standard_normal((rank, 40))
    assert state_rank(states) == rank
    noisy = states + 1e-6 * rng.standard_normal(states.shape)
    assert state_rank(noisy) == 40
    assert state_rank(noisy, tolerance=1e-4) == rank


def test_kernel_quality_of_separating_and_generalising_states(rng):
    different = rng.standard_normal((50, 30))
    directions = rng.standard_normal((2, 5, 30))
    similar = np.stack([rng.standard_normal((50, 5)) @ basis for basis in directions])
    quality = kernel_quality(different, similar)
    assert (quality.separation, quality.generalisation, quality.difference) == (30, 5.0, 25.0)
    assert kernel_quality(different, similar[0]).generalisation == 5.0


def test_filtered_spikes_are_sums_of_exponentials(rng):
    times, neurons = rng.uniform(-0.1, 1.2, 300), rng.integers(0, 5, 300)
    samples = np.sort(rng.uniform(0, 1, 40))
    states = filtered_spikes(times, neurons, n_neurons=5, time_constant=0.03, samples=samples)
    age = samples[:, None] - times
    weights = np.where(age >= 0, np.exp(-age / 0.03), 0)
    direct = weights @ (neurons[:, None] == np.arange(5))
    np.testing.assert_allclose(states, direct, rtol=1e-12, atol=1e-15)


def test_logistic_map_has_the_exponent_ln_2(rng):
    n_pairs, n_steps = 400, 40
    courses = np.empty((2, n_pairs, n_steps, 1))
    # The angle's map doubles; its invariant density is reached at once from uniform angles.
    start = np.sin(np.pi * rng.uniform(0, 0.5, n_pairs)) ** 2
    state = np.stack([start, start + 1e-10])
    for step in range(n_steps):
        courses[:, :, step, 0] = state
        state = 4 * state * (1 - state)
    found = divergence_rate(*courses, step=1.0)
    assert abs(found.rate - np.log(2)) < 4 * found.standard_error
    assert found.standard_error < 0.02
    assert 15 < found.window[1] < 35


def test_lorenz_system_has_its_published_exponent(rng):
    # 0.9056 at σ = 10, ρ = 28, β = 8/3 (Sprott 2003, "Chaos and time-series analysis").
    def slope(x):
        return np.stack(
            [
                10 * (x[..., 1] - x[..., 0]),
                x[..., 0] * (28 - x[..., 2]) - x[..., 1],
                x[..., 0] * x[..., 1] - 8 / 3 * x[..., 2],
            ],
            axis=-1,
        )

    def advanced(x, step=0.01):
        first = slope(x)
        second = slope(x + step / 2 * first)
        third = slope(x + step / 2 * second)
        return x + step / 6 * (first + 2 * second + 2 * third + slope(x + step * third))

    state = rng.normal([0, 0, 25], 1, (200, 3))
    for _ in range(1000):
        state = advanced(state)
    pair = np.stack([state, state + 1e-9 * rng.standard_normal(state.shape)])
    courses = []
    for _ in range(1500):
        courses.append(pair)
        pair = advanced(pair)
    courses = np.stack(courses, axis=2)
    # Two time units turn the disturbance into the growing direction; by 14 it is still small.
    found = divergence_rate(*courses, step=0.01, window=(200, 1400))
    assert found.rate == pytest.approx(0.9056, abs=4 * found.standard_error)
    assert found.standard_error < 0.03


def test_contraction_is_negative_and_meeting_runs_end_the_window():
    decay = 1e-3 * np.exp(-2.0 * 0.1 * np.arange(50))
    first = np.zeros((3, 50, 2)) + np.arange(3)[:, None, None]
    second = first + decay[:, None]
    found = divergence_rate(first, second, step=0.1)
    assert found.rate == pytest.approx(-2.0, rel=1e-6)
    second[0, 30:] = first[0, 30:]
    assert divergence_rate(first, second, step=0.1).window == (0, 30)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: state_rank([1.0]), "states must have 2 dimension"),
        (lambda: state_rank([[1.0]], tolerance=1.0), "tolerance must be at least 0 and below 1"),
        (lambda: kernel_quality(np.ones((2, 3)), np.ones((2, 4))), "states of 3 neurons"),
        (
            lambda: filtered_spikes([0.1], [0], n_neurons=1, time_constant=0.1, samples=[1, 0]),
            "samples must ascend",
        ),
        (lambda: divergence_rate(np.ones((1, 9, 1)), np.zeros((1, 9, 1)), step=1), "single pair"),
        (
            lambda: divergence_rate(np.ones((2, 9, 1)), np.ones((2, 9, 1)), step=1, window=(0, 9)),
            "two of 9 steps or more at which all pairs differ",
        ),
        (lambda: divergence_rate(np.ones((2, 9, 1)), np.ones((2, 8, 1)), step=1), "shape of first"),
    ],
)
def test_bad_states_are_named(call, message):
    with pytest.raises(ParameterError, match=message):
        call()
