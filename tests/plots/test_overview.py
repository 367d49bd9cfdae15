"""The figure of any trace file, whatever it holds."""

import numpy as np
import pytest

from neurosim.plots import overview
from neurosim.traces import MemoryTraces


@pytest.fixture
def traces():
    with MemoryTraces(protocol="demo", parameters={}, seed=0) as traces:
        yield traces


def titles(figure):
    return [axes.get_title() for axes in figure.axes]


def test_every_kind_of_recording_has_a_panel(traces):
    traces.append_spikes("exc", [0, 4, 2], [1.0, 2.0, 5.5])
    rows = np.arange(8.0).reshape(4, 2)
    about = {"units": "mV", "description": "potential"}
    traces.append_report("exc.v", rows, node_ids=[3, 7], start_ms=2.0, step_ms=0.5, **about)
    traces.write("net/loss", [3.0, 2.0, 1.0], dims=("iteration",), units="nA", description="loss")
    traces.write("net/weights", np.eye(2), dims=("from", "to"), description="no curve")
    traces.write("net/metrics/acc", 0.5, dims=(), description="accuracy")
    figure = overview(traces)
    assert titles(figure) == ["spikes of exc", "exc.v", "net/loss", "metrics"]
    raster, report, loss, metrics = figure.axes
    np.testing.assert_array_equal(
        raster.collections[0].get_offsets(), [[0.001, 0], [0.002, 4], [0.0055, 2]]
    )
    np.testing.assert_array_equal(report.lines[1].get_xdata(), [0.002, 0.0025, 0.003, 0.0035])
    np.testing.assert_array_equal(report.lines[1].get_ydata(), rows[:, 1])
    assert report.get_ylabel() == "value (mV)"
    np.testing.assert_array_equal(loss.lines[0].get_ydata(), [3.0, 2.0, 1.0])
    assert (loss.get_xlabel(), loss.get_ylabel()) == ("iteration", "value (nA)")
    assert [bar.get_width() for bar in metrics.patches] == [0.5]


def test_coordinates_name_the_places_and_have_no_panel(traces):
    weights = np.arange(6.0).reshape(3, 2)
    traces.write("net/rate", [5.0, 7.0], dims=("time",), units="Hz", description="rate")
    traces.write("net/time", [10.0, 20.0], dims=("time",), units="ms", description="time")
    traces.write("s/w", weights, dims=("time", "synapse"), description="weights")
    traces.write("s/time", [0.0, 100.0, 200.0], dims=("time",), units="ms", description="time")
    traces.write("s/synapse", [0, 1], dims=("synapse",), description="number")
    traces.write("s/source", [4, 2], dims=("synapse",), description="source")
    figure = overview(traces)
    assert titles(figure)[:2] == ["net/rate", "s/w"]
    rate, changes = figure.axes[:2]
    np.testing.assert_array_equal(rate.lines[0].get_xdata(), [10, 20])
    assert rate.get_xlabel() == "time (ms)"
    np.testing.assert_array_equal(changes.lines[0].get_ydata(), weights.mean(axis=1))
    np.testing.assert_allclose(changes.lines[0].get_xdata(), [0, 0.1, 0.2])
    # The colour bar of the weights is all there is besides.
    assert len(figure.axes) == 3


def test_long_recordings_are_thinned_and_say_so(traces, monkeypatch):
    n = 45_000
    traces.append_spikes("exc", np.arange(n) % 10, np.arange(n) / 10)
    values = np.arange(n, dtype=float)
    about = {"units": "mV", "description": "potential"}
    traces.append_report("v", values[:, None], node_ids=[0], start_ms=0, step_ms=1, **about)
    traces.write("net/loss", values, dims=("iteration",), description="loss")
    monkeypatch.setitem(overview.__globals__, "_MOST_SPIKES", 20_000)
    figure = overview(traces)
    assert titles(figure) == [
        "spikes of exc (one spike in 3)",
        "v (one row in 3)",
        "net/loss (one row in 3)",
    ]
    raster, report, loss = figure.axes
    assert len(raster.collections[0].get_offsets()) == n // 3
    np.testing.assert_array_equal(report.lines[0].get_xdata(), values[::3] / 1000)
    np.testing.assert_array_equal(loss.lines[0].get_xdata(), values[::3])
    for axes in (report, loss):
        np.testing.assert_array_equal(axes.lines[0].get_ydata(), values[::3])


def test_a_file_without_anything_to_draw_says_so(traces):
    assert overview(traces).axes[0].texts[0].get_text().startswith("no spikes")


@pytest.mark.parametrize(
    ("largest", "units", "factor", "label"),
    [
        (0.07, "V", 1e3, "mV"),
        (0.2, "V", 1, "V"),
        (5e-4, "V", 1e6, "µV"),
        (3e-10, "A", 1e12, "pA"),
        (0.0, "V", 1, "V"),
        (0.07, "mV", 1, "mV"),
        (1e-20, "S", 1e15, "fS"),
    ],
)
def test_small_values_are_drawn_in_units_that_fit(traces, largest, units, factor, label):
    values = np.array([[largest], [-largest / 2], [np.nan]])
    about = {"units": units, "description": "small"}
    traces.append_report("x", values, node_ids=[0], start_ms=0.0, step_ms=1.0, **about)
    [axes] = overview(traces).axes
    assert axes.get_ylabel() == f"value ({label})"
    expected = factor * np.float32(values[:, 0])
    np.testing.assert_allclose(axes.lines[0].get_ydata(), expected, rtol=1e-6)
