"""Spectra of processes with known power."""

import numpy as np
import pytest

from neurosim.analysis import population_spectrum, power_spectrum
from neurosim.errors import ParameterError


def test_poisson_population_has_a_flat_spectrum(processes, rng):
    times, _ = processes.renewal_spikes(rng, n_neurons=50, rate=10.0, stop=200.0)
    frequencies, power = population_spectrum(
        times, n_neurons=50, stop=200.0, bin_width=0.001, segment=0.5
    )
    band = (frequencies > 5) & (frequencies < 450)
    assert power[band].mean() == pytest.approx(2 * 10 / 50, rel=0.02)
    halves = np.array_split(power[band], 2)
    assert halves[0].mean() == pytest.approx(halves[1].mean(), rel=0.04)


def test_modulated_population_has_its_peak_and_its_power(rng):
    rate, depth, frequency, n_neurons, stop = 20.0, 0.5, 38.0, 100, 100.0
    times = rng.uniform(0, stop, rng.poisson(rate * n_neurons * stop * (1 + depth)))
    kept = rng.random(len(times)) * (1 + depth) < 1 + depth * np.sin(2 * np.pi * frequency * times)
    frequencies, power = population_spectrum(
        times[kept], n_neurons=n_neurons, stop=stop, bin_width=0.001, segment=1.0
    )
    assert frequencies[power.argmax()] == frequency
    # A sine of amplitude a has the power a²/2, spread by the window over neighbours.
    near = np.abs(frequencies - frequency) <= 3
    found = (power[near] - 2 * rate / n_neurons).sum() * (frequencies[1] - frequencies[0])
    assert found == pytest.approx((rate * depth) ** 2 / 2, rel=0.05)


def test_the_integral_is_the_variance_of_each_variable(rng):
    values = rng.standard_normal((50_000, 3)) * [1.0, 2.0, 5.0]
    frequencies, power = power_spectrum(values, step=0.002, segment=0.4)
    assert frequencies[-1] == 250
    assert power.shape == (len(frequencies), 3)
    np.testing.assert_allclose(power.sum(axis=0) * frequencies[1], values.var(axis=0), rtol=0.03)


@pytest.mark.parametrize(
    ("values", "segment", "message"),
    [
        (np.ones(100), 2.0, "segment must be between 2 steps and the recording's 1 s; got 2 s"),
        (np.ones(100), 0.01, "segment must be between 2 steps"),
        (np.full(100, np.nan), 0.5, "values must be finite"),
        (np.ones((5, 5, 5)), 0.02, "values must have one or two dimensions"),
    ],
)
def test_bad_recordings_are_named(values, segment, message):
    with pytest.raises(ParameterError, match=message):
        power_spectrum(values, step=0.01, segment=segment)
