"""Figures of grids show the numbers that the grid holds."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from neurosim.grid.table import Coordinate, Metric, Table
from neurosim.plots import grid_figure, heat_map, line_with_band


def table(**axes):
    """Return a grid whose metric is NaN at its first place."""
    coordinates = tuple(Coordinate(name, "1", np.asarray(values)) for name, values in axes.items())
    shape = tuple(len(axis.values) for axis in coordinates)
    values = np.random.default_rng(0).normal(size=shape)
    values[(0,) * len(shape)] = np.nan
    metric = Metric("level", "mV", "level", values)
    return Table(coordinates, (metric,), np.ones(shape, np.int8))


def test_a_line_is_the_mean_and_its_band_the_deviation():
    values = np.array([[1.0, 3.0, np.nan], [5.0, 5.0, 5.0], [np.nan] * 3])
    axes = line_with_band([2, 1, 3], values, xlabel="K", ylabel="r", axes=Figure().subplots())
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), [1, 2, 3])
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), [5, 2, np.nan])
    band = axes.collections[0].get_paths()[0].vertices
    assert {(2.0, 1.0), (2.0, 3.0), (1.0, 5.0)} <= {tuple(map(float, vertex)) for vertex in band}
    assert "3 seeds" in axes.get_ylabel()


def test_lines_are_compared_in_colours_of_their_own():
    axes = Figure().subplots()
    for label in ("before", "after"):
        line_with_band([0, 1], [[1, 2], [2, 3]], label=label, over="trials", axes=axes)
    colours = [line.get_color() for line in axes.lines]
    assert len(set(colours)) == 2
    bands = [tuple(band.get_facecolor()[0][:3]) for band in axes.collections]
    assert bands == [to_rgb(colour) for colour in colours]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["before", "after"]
    assert axes.get_ylabel().endswith("of 2 trials")


def test_one_value_for_each_place_has_no_band():
    axes = line_with_band(["a", "b"], [[1.0], [2.0]], axes=Figure().subplots())
    assert not axes.collections
    assert [text.get_text() for text in axes.get_xticklabels()] == ["a", "b"]


def test_a_map_shows_each_value_in_its_cell():
    values = np.array([[0.0, np.nan, 2.0], [3.0, 4.0, 5.0]])
    axes = heat_map([1, 10, 100], ["a", "b"], values, label="r", axes=Figure().subplots())
    shown = axes.images[0].get_array()
    np.testing.assert_array_equal(shown.filled(np.nan), values)
    assert [text.get_text() for text in axes.get_xticklabels()] == ["1", "10", "100"]
    assert len(axes.figure.axes) == 2


def test_one_parameter_gives_a_line_of_means_over_seeds():
    grid = table(seed=range(5), K=[0.0, 1.0, 2.0])
    [axes] = grid_figure(grid).axes
    expected = np.nanmean(grid.metrics[0].values, axis=0)
    np.testing.assert_allclose(axes.lines[0].get_ydata(), expected, rtol=1e-14)
    assert axes.get_xlabel() == "K"
    assert "level (mV)" in axes.get_ylabel()


def test_two_parameters_give_a_map_and_more_give_many():
    grid = table(K=range(3), mode=["a", "b"], seed=range(2))
    figure = grid_figure(grid)
    shown = figure.axes[0].images[0].get_array()
    expected = np.nanmean(grid.metrics[0].values, axis=-1).T
    np.testing.assert_allclose(shown, expected, rtol=1e-14)
    figure = grid_figure(
        table(K=range(3), noise=range(4), size=[10, 20], mode=["a", "b", "c", "d"])
    )
    maps = [axes for axes in figure.axes if axes.images and axes.get_title()]
    assert [axes.get_title() for axes in maps][:2] == ["size = 10, mode = a", "size = 10, mode = b"]
    assert len(maps) == 6
    assert figure.get_suptitle() == "first 6 of 8 maps"
    assert len({axes.images[0].get_clim() for axes in maps}) == 1


@pytest.mark.parametrize(
    ("n_metrics", "shape"), [(1, (1, 1)), (2, (1, 2)), (3, (1, 3)), (4, (2, 2))]
)
def test_metrics_stand_side_by_side_without_an_empty_place(n_metrics, shape):
    grid = table(K=range(3), noise=range(4), seed=range(2))
    [metric] = grid.metrics
    metrics = tuple(replace(metric, name=f"m{number}") for number in range(n_metrics))
    figure = grid_figure(replace(grid, metrics=metrics))
    maps = [axes for axes in figure.axes if axes.images]
    assert maps[0].get_subplotspec().get_gridspec().get_geometry() == shape
    assert len(maps) == n_metrics
    bars = [axes.get_ylabel() for axes in figure.axes if not axes.images]
    assert bars == [f"m{number} (mV)" for number in range(n_metrics)]


@pytest.mark.parametrize("axes", [{"seed": range(4)}, {"K": [1]}, {"mode": ["a"], "K": [1, 2]}])
def test_small_grids_are_drawn(axes, tmp_path):
    grid_figure(table(**axes)).savefig(tmp_path / "grid.png")


def test_a_grid_without_metrics_says_so():
    grid = table(K=[1, 2])
    [axes] = grid_figure(Table(grid.axes, (), grid.status)).axes
    assert "no point has recorded a metric" in axes.texts[0].get_text()
