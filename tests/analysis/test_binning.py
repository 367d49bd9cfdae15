"""Spikes of trace files and their numbers in bins."""

import brian2
import numpy as np
import pytest

from neurosim.analysis import bin_edges, population_counts, recorded_spikes, spike_counts
from neurosim.errors import ParameterError, UnknownNameError
from neurosim.traces import TraceFile, TraceWriter


def test_counts_are_those_of_numpy_histogram(rng):
    times, neurons = rng.uniform(-1, 3, 5000), rng.integers(0, 7, 5000)
    counts = spike_counts(times, neurons, n_neurons=7, start=0.5, stop=2.5, bin_width=0.1)
    edges = bin_edges(0.5, 2.5, 0.1)
    for neuron in range(7):
        expected, _ = np.histogram(times[neurons == neuron], edges)
        np.testing.assert_array_equal(counts[neuron], expected)
    population = population_counts(times, start=0.5, stop=2.5, bin_width=0.1)
    np.testing.assert_array_equal(population, counts.sum(axis=0))


def test_spikes_on_a_grid_of_times_fall_into_the_later_bin():
    # k·dt in floating point lies on either side of the edge it stands for.
    steps = np.arange(1000)
    counts = population_counts(steps * 0.0001, stop=0.1, bin_width=0.001)
    np.testing.assert_array_equal(counts, 10)


def test_spikes_of_a_file_come_in_seconds_and_in_order(tmp_path):
    with TraceWriter(tmp_path / "run.h5", protocol="demo", parameters={}, seed=0) as traces:
        traces.append_spikes("exc", [4, 0], [30.0, 1.5])
        traces.append_spikes("exc", [2], [2.0])
    times, neurons = recorded_spikes(TraceFile(tmp_path / "run.h5"), "exc")
    np.testing.assert_array_equal(times, [0.0015, 0.002, 0.03])
    np.testing.assert_array_equal(neurons, [0, 2, 4])
    with pytest.raises(UnknownNameError, match="'inh'.*exc"):
        recorded_spikes(TraceFile(tmp_path / "run.h5"), "inh")


def test_times_of_brian_are_seconds_and_other_units_are_refused():
    times = [1, 12] * brian2.ms
    counts = population_counts(times, stop=20 * brian2.ms, bin_width=10 * brian2.ms)
    np.testing.assert_array_equal(counts, [1, 1])
    with pytest.raises(ParameterError, match="times must be in seconds"):
        population_counts([1, 2] * brian2.mV, stop=1, bin_width=0.1)
    with pytest.raises(ParameterError, match="bin_width must be in seconds"):
        population_counts(times, stop=1, bin_width=10 * brian2.Hz)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"times": [0.1, np.nan]}, r"times must be finite; got nan at position \(1,\)"),
        ({"times": [[0.1, 0.2]]}, "times must have one dimension"),
        ({"neurons": [0]}, "neurons must name one neuron per spike"),
        ({"neurons": [0, 3]}, "between 0 and n_neurons − 1 = 2; got 3"),
        ({"neurons": [0, -1]}, "between 0 and n_neurons − 1 = 2; got -1"),
        ({"neurons": [0.0, 1.0]}, "neurons must be whole numbers; got dtype float64"),
        ({"n_neurons": 0}, "n_neurons must be a whole number ≥ 1; got 0"),
        ({"stop": -1.0}, r"start must lie before stop; got start = 0.0, stop = -1.0"),
        ({"stop": None}, "stop must be a number of seconds; got None"),
        ({"bin_width": 0.0}, "bin_width must be a positive number of seconds; got 0.0"),
        ({"bin_width": 0.3}, "bin_width must divide the window of 1 s; got 0.3 s"),
        ({"bin_width": "wide"}, "bin_width must be a number of seconds; got 'wide'"),
    ],
)
def test_bad_spikes_are_named(change, message):
    arguments = {"times": [0.1, 0.2], "neurons": [0, 1], "n_neurons": 3, "stop": 1.0}
    arguments |= {"bin_width": 0.1} | change
    with pytest.raises(ParameterError, match=message):
        spike_counts(arguments.pop("times"), arguments.pop("neurons"), **arguments)
