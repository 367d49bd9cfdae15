"""Spikes and reports as libsonata, a reader that knows nothing of us, sees them."""

import h5py
import libsonata
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neurosim.errors import ParameterError
from neurosim.traces import MemoryTraces, TraceFile

QUICK = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
BLOCKS = st.lists(
    st.lists(st.tuples(st.integers(0, 2**40), st.floats(0, 1e9, width=64)), max_size=20),
    min_size=1,
    max_size=4,
)


@QUICK
@given(blocks=BLOCKS, flushes=st.booleans())
def test_spikes(new_writer, blocks, flushes):
    with new_writer(overwrite=True) as writer:
        for block in blocks:
            writer.append_spikes("exc", [node for node, _ in block], [time for _, time in block])
            if flushes:
                writer.flush()
    everything = [spike for block in blocks for spike in block]
    population = libsonata.SpikeReader(str(writer.path))["exc"]
    assert population.time_units == "ms"
    times = [time for _, time in everything]
    assert population.sorting == ("by_time" if times == sorted(times) else "none")
    found = population.get_dict()
    assert found["node_ids"].tolist() == [node for node, _ in everything]
    assert found["timestamps"].tolist() == times
    with h5py.File(writer.path) as plain:
        sorting = plain["spikes/exc"].attrs.get_id("sorting")
        assert h5py.check_enum_dtype(sorting.dtype) == {"none": 0, "by_id": 1, "by_time": 2}
        assert plain["spikes/exc/node_ids"].dtype == np.uint64
        assert set(plain["spikes/exc"]) == {"timestamps", "node_ids"}


@pytest.mark.parametrize("step_ms", [0.1, 0.025, 1.0, 1 / 3])
@pytest.mark.parametrize("start_ms", [0.0, 17.3])
def test_report(new_writer, step_ms, start_ms):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(501, 3))
    nodes = [2, 5, 11]
    with new_writer() as writer:
        for start in range(0, 501, 100):
            writer.append_report(
                "exc.v",
                rows[start : start + 100],
                node_ids=nodes,
                start_ms=start_ms + start * step_ms,
                step_ms=step_ms,
                units="mV",
                description="Potential",
            )
            writer.flush()
    report = libsonata.ElementReportReader(str(writer.path))["exc.v"]
    frame = report.get()
    assert report.data_units == "mV"
    assert report.time_units == "ms"
    assert report.sorted
    assert report.get_node_ids() == nodes
    np.testing.assert_array_equal(frame.data, rows.astype(np.float32))
    np.testing.assert_allclose(frame.times, start_ms + np.arange(501) * step_ms, rtol=1e-12)
    np.testing.assert_array_equal(frame.ids, [[node, 0] for node in nodes])
    ours = TraceFile(writer.path).report("exc.v")
    np.testing.assert_array_equal(ours.values, frame.data)
    np.testing.assert_allclose(ours.times_ms, frame.times, rtol=1e-12)
    with h5py.File(writer.path) as plain:
        assert set(plain["report"]) == {"exc.v"}
        assert set(plain["report/exc.v"]) == {"data", "mapping"}
        assert plain["report/exc.v/data"].dtype == np.float32
        assert set(plain["report/exc.v/mapping"]) == {
            "node_ids",
            "index_pointers",
            "element_ids",
            "time",
        }


def test_libsonata_opens_while_the_run_goes_on(new_writer):
    with new_writer() as writer:
        writer.append_spikes("exc", [1], [0.5])
        writer.append_report("exc.v", np.eye(2), step_ms=1.0, units="mV", description="Potential")
        writer.flush()
        assert libsonata.SpikeReader(str(writer.path))["exc"].get() == [(1, 0.5)]
        frame = libsonata.ElementReportReader(str(writer.path))["exc.v"].get()
        np.testing.assert_array_equal(frame.data, np.eye(2))


REPORT = {"units": "mV", "description": "Potential"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"values": np.zeros((2, 3)), "step_ms": 0.1}, "2 columns; got 3"),
        ({"values": np.zeros((2, 2)), "step_ms": 0.2}, "step_ms .* was 0.1 so far; got 0.2"),
        ({"values": np.zeros((2, 2)), "start_ms": 7.0}, "must go on at .*; got 7.0"),
        ({"values": np.zeros((2, 2)), "node_ids": [0, 2]}, "differ from those"),
        ({"values": np.zeros((2, 2)), "units": "nA"}, "units .* 'mV' so far; got 'nA'"),
        ({"values": np.zeros((2, 2, 2))}, "shape \\(n_steps, n_nodes\\)"),
        ({"values": [["a", "b"]]}, "must be numbers"),
    ],
)
def test_report_that_does_not_go_on(options, message):
    traces = MemoryTraces(protocol="test", parameters={}, seed=0)
    traces.append_report("exc.v", np.ones((3, 2)), step_ms=0.1, **REPORT)
    with pytest.raises(ParameterError, match=message):
        traces.append_report("exc.v", **(REPORT | options))
    np.testing.assert_array_equal(traces.report("exc.v").values, np.ones((3, 2)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "need step_ms"),
        ({"step_ms": 0.0}, "step_ms .* must be > 0; got 0.0"),
        ({"step_ms": np.nan}, "must be a finite number"),
        ({"step_ms": 0.1, "start_ms": "soon"}, "start_ms .* 'soon'"),
        ({"step_ms": 0.1, "node_ids": [1]}, "2 columns but 1 node_ids"),
        ({"step_ms": 0.1, "node_ids": [1, 1]}, "must ascend"),
        ({"step_ms": 0.1, "node_ids": [-1, 1]}, "must be >= 0; got -1"),
    ],
)
def test_bad_report(options, message):
    traces = MemoryTraces(protocol="test", parameters={}, seed=0)
    with pytest.raises(ParameterError, match=message):
        traces.append_report("exc.v", np.ones((3, 2)), **REPORT, **options)
    assert traces.reports == ()


@pytest.mark.parametrize(
    ("nodes", "times", "message"),
    [
        ([1, 2], [0.1], "2 numbers"),
        ([1.5], [0.1], "must be integers"),
        ([-1], [0.1], ">= 0; got -1"),
        ([1], [np.nan], "finite; got nan"),
        ([1], ["soon"], "1 numbers"),
    ],
)
def test_bad_spikes(nodes, times, message):
    traces = MemoryTraces(protocol="test", parameters={}, seed=0)
    with pytest.raises(ParameterError, match=message):
        traces.append_spikes("exc", nodes, times)
    assert traces.populations == ()
