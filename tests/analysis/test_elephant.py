"""Elephant's measures through the adapter against their definitions, ours against Elephant's."""

import subprocess
import sys

import numpy as np
import pytest

from neurosim.analysis import (
    coefficients_of_variation,
    fano_factors,
    filtered_spikes,
    interspike_intervals,
    local_coefficients_of_variation,
    local_variations,
    spike_counts,
)
from neurosim.errors import ParameterError

pytest.importorskip("elephant", reason="the extra 'elephant' is not installed")
from elephant import statistics

from neurosim.analysis import elephant as adapter


@pytest.fixture
def spikes(rng):
    times, neurons = rng.uniform(-0.2, 2.2, 200), rng.integers(0, 5, 200)
    return times, np.where(neurons == 4, 3, neurons)


def test_trains_hold_the_spikes_of_the_window(spikes):
    times, neurons = spikes
    trains = adapter.neo_trains(*spikes, n_neurons=5, stop=2.0)
    for neuron, train in enumerate(trains):
        own = np.sort(times[(neurons == neuron) & (times >= 0) & (times < 2)])
        np.testing.assert_array_equal(train.rescale("s").magnitude, own)
        assert (float(train.t_start), float(train.t_stop)) == (0.0, 2.0)
    assert len(trains) == 5
    assert len(trains[4]) == 0


def edit_cost(first, second, scale):
    """Cost of the cheapest edit, by dynamic programming over both trains."""
    table = np.add.outer(np.arange(len(first) + 1.0), np.arange(len(second) + 1.0))
    for i, a in enumerate(first, 1):
        for j, b in enumerate(second, 1):
            moved = table[i - 1, j - 1] + abs(a - b) / scale
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, moved)
    return table[-1, -1]


def test_victor_purpura_distances_are_costs_of_edits(spikes):
    trains = [t.magnitude for t in adapter.neo_trains(*spikes, n_neurons=5, stop=2.0)]
    found = adapter.victor_purpura_distances(*spikes, n_neurons=5, stop=2.0, time_scale=0.05)
    expected = [[edit_cost(a, b, 0.05) for b in trains] for a in trains]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_van_rossum_distances_are_integrals(spikes):
    inside = (spikes[0] >= 0) & (spikes[0] < 2)
    found = adapter.van_rossum_distances(*spikes, n_neurons=5, stop=2.0, time_constant=0.02)
    step = 2e-5
    states = filtered_spikes(
        spikes[0][inside],
        spikes[1][inside],
        n_neurons=5,
        time_constant=0.02,
        samples=np.arange(0, 2.3, step),
    )
    difference = states[:, :, None] - states[:, None, :]
    expected = np.sqrt((difference**2).sum(axis=0) * step * 2 / 0.02)
    np.testing.assert_allclose(found, expected, atol=0.02)


def test_tiling_and_contrast_know_equal_and_independent_trains(rng):
    same = np.sort(rng.uniform(0, 100, 1000))
    other = rng.uniform(0, 100, 1000)
    times = np.concatenate([same, same, other])
    neurons = np.repeat([0, 1, 2], 1000)
    tiling = adapter.spike_time_tiling(times, neurons, n_neurons=4, stop=100.0, window=0.005)
    assert tiling[0, 1] == pytest.approx(1)
    # Independent trains: mean 0; a share of 0.1 of 1000 spikes is known to about 0.01.
    assert abs(tiling[0, 2]) < 0.05
    assert np.isnan(tiling[3]).all()
    options = {"n_neurons": 2, "stop": 100.0}
    equal = adapter.spike_contrast_synchrony(times[:2000], neurons[:2000], **options)
    apart = adapter.spike_contrast_synchrony(times[1000:], neurons[1000:] - 1, **options)
    assert equal > 0.9
    assert apart < 0.8
    with pytest.raises(ParameterError, match="two that fire in the window; got 1"):
        adapter.spike_contrast_synchrony(same, np.zeros(1000, int), **options)


def test_our_irregularity_is_elephants(spikes):
    intervals, owners = interspike_intervals(*spikes, n_neurons=4)
    counts = spike_counts(*spikes, n_neurons=4, stop=2.0, bin_width=0.1)
    for neuron in range(4):
        own = intervals[owners == neuron]
        for ours, theirs in (
            (local_coefficients_of_variation, statistics.cv2),
            (local_variations, statistics.lv),
            (coefficients_of_variation, lambda values: np.std(values, ddof=1) / np.mean(values)),
        ):
            value = ours(*spikes, n_neurons=4)[neuron]
            assert value == pytest.approx(theirs(own), rel=1e-12)
    expected = counts.var(axis=1, ddof=1) / counts.mean(axis=1)
    np.testing.assert_allclose(fano_factors(counts), expected)


def test_without_elephant_the_extra_is_named():
    code = (
        "import sys; sys.modules['elephant.spike_train_correlation'] = None\n"
        "import neurosim.analysis.elephant"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "MissingExtraError" in done.stderr
    assert "pip install 'neurosim[elephant]'" in done.stderr
