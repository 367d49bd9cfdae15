"""What figures of measures show is what they were given, in the units their axes name."""

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from neurosim import plots
from neurosim.analysis import (
    avalanches,
    crackling_noise,
    fit_power_law,
    multistep_regression,
    population_rate,
    power_law_sample,
    shape_collapse,
)
from neurosim.errors import ParameterError
from neurosim.plots.panels import COLUMN_WIDTH


@pytest.fixture
def axes():
    return Figure(figsize=(COLUMN_WIDTH, 2.4), layout="constrained").subplots()


def spikes(n=300):
    rng = np.random.default_rng(0)
    return rng.uniform(0, 2, n), rng.integers(0, 20, n)


def courses():
    return [np.r_[0, np.arange(1, n) * np.arange(n - 1, 0, -1), 0] for n in (20, 30, 40)]


def found_avalanches():
    return avalanches(np.concatenate(courses() * 10))


# Every public figure of one Axes, by name, with what it needs.
DRAWN = {
    "accuracy_curves": lambda **o: plots.accuracy_curves([1, 2], np.eye(2), [1, 2], **o),
    "accuracy_matrix": lambda **o: plots.accuracy_matrix(np.eye(2), **o),
    "avalanche_scaling": lambda **o: plots.avalanche_scaling(
        crackling_noise(
            found_avalanches(), size_exponent=1.5, duration_exponent=2.0, durations=(5, 50)
        ),
        **o,
    ),
    "collapsed_shapes": lambda **o: plots.collapsed_shapes(
        shape_collapse(found_avalanches(), durations=(5, 50)), **o
    ),
    "heat_map": lambda **o: plots.heat_map([1, 2], [3, 4], np.eye(2), xlabel="g", ylabel="w", **o),
    "line_with_band": lambda **o: plots.line_with_band(
        [1, 2], np.eye(2), xlabel="g", ylabel="r", **o
    ),
    "peristimulus": lambda **o: plots.peristimulus([-0.1, 0, 0.1], [1.0, 5.0], **o),
    "raster": lambda **o: plots.raster(*spikes(), **o),
    "raster_with_rate": lambda **o: plots.raster_with_rate(
        *spikes(), n_neurons=20, stop=2.0, bin_width=0.1, **o
    ),
    "regression_slopes": lambda **o: plots.regression_slopes(
        multistep_regression(np.arange(50) % 7, n_lags=5), **o
    ),
    "spectrum": lambda **o: plots.spectrum([0.0, 1.0, 2.0], [1.0, 2.0, 3.0], **o),
    "tail_distribution": lambda **o: plots.tail_distribution([1, 1, 2, 7], **o),
    "variable_traces": lambda **o: plots.variable_traces([0.0, 1.0], np.eye(2), **o),
    "weight_evolution": lambda **o: plots.weight_evolution([0.0, 1.0], np.eye(2), **o),
    "weight_matrix": lambda **o: plots.weight_matrix(np.eye(2), **o),
}


def test_no_public_figure_is_left_out():
    assert set(plots.__all__) == set(DRAWN) | {"grid_figure", "overview", "sequence_figure"}


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_axes_are_those_given_with_names_and_a_title(name, axes):
    returned = DRAWN[name](axes=axes, title="mine")
    assert returned is axes
    assert axes.get_title() == "mine"
    # The raster stands above another panel that names the time.
    assert (axes.figure.axes[-1] if name == "raster_with_rate" else axes).get_xlabel()
    assert axes.get_ylabel()
    axes.figure.draw_without_rendering()


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_made_axes_are_one_column_wide_and_nothing_is_cut_off(name):
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    axes = DRAWN[name]()
    try:
        assert axes.figure in [plt.figure(number) for number in plt.get_fignums()]
        assert axes.figure.get_size_inches()[0] == pytest.approx(COLUMN_WIDTH)
        axes.figure.draw_without_rendering()
        for part in axes.figure.axes:
            box, page = part.get_tightbbox(), axes.figure.bbox
            assert box.x0 >= -1
            assert box.y0 >= -1
            assert box.x1 <= page.x1 + 1
            assert box.y1 <= page.y1 + 1
    finally:
        plt.close(axes.figure)


@pytest.mark.parametrize("free", [True, False])
def test_the_raster_stands_above_its_rate(axes, free):
    if free:
        axes = Figure().add_axes([0.2, 0.2, 0.7, 0.6])
    times, neurons = spikes()
    plots.raster_with_rate(times, neurons, n_neurons=20, stop=2.0, bin_width=0.1, axes=axes)
    np.testing.assert_array_equal(
        axes.collections[0].get_offsets(), np.column_stack([times, neurons])
    )
    _, below = axes.figure.axes
    axes.figure.draw_without_rendering()
    assert below.get_position().y1 < axes.get_position().y0
    assert (below.get_position().x0, below.get_position().x1) == pytest.approx(
        (axes.get_position().x0, axes.get_position().x1)
    )
    # Nothing is cut off by the figure's edge.
    box = below.get_tightbbox()
    assert free or (box.y0 >= 0 and box.x0 >= 0)
    [stairs] = below.patches
    edges, rates = population_rate(times, n_neurons=20, stop=2.0, bin_width=0.1)
    np.testing.assert_allclose(stairs.get_data().values, rates)
    np.testing.assert_allclose(stairs.get_data().edges, edges)
    assert below.get_xlim() == axes.get_xlim() == (0, 2)


def test_a_response_is_drawn_in_milliseconds(axes):
    plots.peristimulus([-0.1, 0, 0.1], [1.0, 5.0], axes=axes)
    np.testing.assert_allclose(axes.patches[0].get_data().edges, [-100, 0, 100])


@pytest.mark.parametrize(
    ("low", "high", "limits"), [(0, 2, (0, 2)), (-2, 0, (-2, 0)), (-1, 3, (-3, 3))]
)
def test_weights_of_a_list_stand_where_their_synapses_are(axes, low, high, limits):
    plots.weight_matrix([low, high], sources=[0, 2], targets=[1, 0], shape=(3, 2), axes=axes)
    shown = np.ma.filled(axes.images[0].get_array(), np.nan)
    expected = np.full((3, 2), np.nan)
    expected[0, 1], expected[2, 0] = low, high
    np.testing.assert_array_equal(shown, expected)
    assert axes.images[0].get_clim() == limits


def test_weights_of_one_pair_add_up(axes):
    plots.weight_matrix([1, 2, 5], sources=[0, 0, 1], targets=[1, 1, 0], axes=axes)
    assert axes.images[0].get_array()[0, 1] == 3


def test_every_time_has_a_histogram_of_all_weights(axes):
    weights = np.random.default_rng(0).random((4, 50))
    plots.weight_evolution([0.0, 1.0, 3.0, 4.0], weights, n_bins=10, axes=axes)
    shares = axes.collections[0].get_array().reshape(10, 4)
    np.testing.assert_allclose(shares.sum(axis=0), 100)
    np.testing.assert_allclose(axes.lines[0].get_ydata(), weights.mean(axis=1))


@pytest.mark.parametrize("x_max", [None, 100])
def test_the_fit_runs_through_the_tail_it_was_fitted_to(axes, x_max):
    values = power_law_sample(20_000, exponent=2.0, x_min=2, seed=0)
    fit = fit_power_law(values, x_min=4, x_max=x_max)
    plots.tail_distribution(values, fit=fit, axes=axes)
    seen, line = axes.lines
    np.testing.assert_allclose(seen.get_ydata(), [np.mean(values >= x) for x in seen.get_xdata()])
    assert line.get_xdata()[0] == 4
    assert line.get_xdata()[-1] == (x_max or values.max())
    for x, share in zip(line.get_xdata()[:60], line.get_ydata()[:60], strict=True):
        assert share == pytest.approx(np.mean(values >= x), rel=0.1)


def test_slopes_and_scaling_are_drawn_with_their_fits(axes):
    rng = np.random.default_rng(0)
    estimate = multistep_regression(rng.poisson(10, 500).cumsum() % 50, n_lags=6)
    plots.regression_slopes(estimate, step=0.004, axes=axes)
    np.testing.assert_allclose(axes.lines[0].get_xdata(), [4, 8, 12, 16, 20, 24])
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), estimate.slopes)
    assert axes.lines[1].get_ydata()[0] == pytest.approx(estimate.amplitude * estimate.m)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plots.raster([0.1, 0.2], [1]), "times has 2, neurons has 1"),
        (lambda: plots.peristimulus([0.0, 0.1], [1.0, 2.0]), "rates has 2, bins has 1"),
        (lambda: plots.variable_traces([0.0], np.eye(2)), "times has 1, values has 2"),
        (lambda: plots.spectrum([1.0], [1.0, 2.0]), "frequencies has 1, power has 2"),
        (lambda: plots.weight_matrix([1.0]), "a list of weights needs sources and targets"),
        (
            lambda: plots.weight_matrix([1.0], sources=[3], targets=[0], shape=(2, 2)),
            "sources must lie between 0 and 1; got 3",
        ),
        (lambda: plots.weight_matrix(np.ones((2, 2, 2))), "must be a matrix or a list"),
        (lambda: plots.weight_evolution([1.0, 0.0], np.eye(2)), "two ascending times"),
        (lambda: plots.tail_distribution([0, 0]), "values must hold one above 0"),
    ],
)
def test_what_does_not_fit_is_named(call, message):
    with pytest.raises(ParameterError, match=message):
        call()
