"""Monitors that write to a trace file: the same numbers, and memory that does not grow."""

import tracemalloc

import numpy as np
import pytest
from brian2 import (
    EventMonitor,
    Network,
    NeuronGroup,
    PopulationRateMonitor,
    SpikeMonitor,
    StateMonitor,
    defaultclock,
    ms,
    mV,
    set_device,
    start_scope,
)

from neurosim import stream
from neurosim.errors import ParameterError
from neurosim.traces import MemoryTraces, TraceFile, TraceWriter


@pytest.fixture(autouse=True)
def device():
    set_device("neurosim")
    start_scope()
    defaultclock.dt = 0.1 * ms


def record(traces=None):
    group = NeuronGroup(
        5,
        "dv/dt = (20*mV - v)/(5*ms) : volt\nn : integer",
        threshold="v > 15*mV",
        reset="v = 0*mV; n += 1",
        events={"half": "v > 7*mV and v < 8*mV"},
        method="exact",
        name="exc",
    )
    group.v = np.arange(5) * 2 * mV
    monitors = [
        SpikeMonitor(group, variables=["v"]),
        EventMonitor(group, "half"),
        StateMonitor(group, ["v", "n"], record=[3, 1]),
        PopulationRateMonitor(group),
    ]
    if traces is not None:
        for monitor in monitors:
            stream(monitor, traces)
    network = Network(group, *monitors)
    network.run(30 * ms)
    network.run(20 * ms)
    return monitors


def test_file_holds_what_monitors_would(tmp_path):
    spikes, half, state, rate = record()
    with TraceWriter(tmp_path / "run.h5", protocol="demo", parameters={}, seed=0) as traces:
        streamed = record(traces)
    file = TraceFile(tmp_path / "run.h5")
    for monitor, population in ((spikes, "exc"), (half, "exc_half")):
        nodes, times = file.spikes(population)
        assert len(nodes) > 10
        np.testing.assert_array_equal(nodes, monitor.i)
        np.testing.assert_allclose(times, monitor.t / ms, rtol=1e-12)
    np.testing.assert_array_equal(file["exc/v"].values, spikes.v_)
    assert file["exc/v"].units == "V"
    report = file.report("exc.v")
    np.testing.assert_array_equal(report.node_ids, [1, 3])
    np.testing.assert_array_equal(report.values, state.v_[[1, 0]].T.astype(np.float32))
    np.testing.assert_allclose(report.times_ms, state.t / ms, atol=1e-9)
    np.testing.assert_array_equal(file.report("exc.n").values, state.n[[1, 0]].T)
    np.testing.assert_array_equal(file["exc/rate"].values, rate.rate_[:])
    assert [len(monitor.t) for monitor in streamed] == [0, 0, 0, 0]
    np.testing.assert_array_equal(streamed[0].count, spikes.count)


def test_memory_is_bounded(tmp_path):
    group = NeuronGroup(1000, "dv/dt = -v/(5*ms) : 1", method="exact")
    group.v = 1
    monitor = StateMonitor(group, "v", record=True)
    with TraceWriter(
        tmp_path / "run.h5", protocol="demo", parameters={}, seed=0, buffer_bytes=1 << 22
    ) as traces:
        stream(monitor, traces, "exc")
        network = Network(group, monitor)
        network.run(1 * ms)
        tracemalloc.start()
        try:
            network.run(1 * 1000 * ms)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    # 80 MB were recorded.
    assert peak < 40e6
    assert TraceFile(tmp_path / "run.h5").report("exc.v").values.shape == (10010, 1000)


def test_wrong_use_is_named():
    traces = MemoryTraces(protocol="demo", parameters={}, seed=0)
    group = NeuronGroup(1, "v : 1")
    with pytest.raises(ParameterError, match="expected a SpikeMonitor"):
        stream(group, traces)
    set_device("runtime")
    group = NeuronGroup(1, "v : 1")
    monitor = StateMonitor(group, "v", record=True)
    with pytest.raises(NotImplementedError, match="set_device"):
        stream(monitor, traces)


def test_what_is_recorded_from_python_cannot_be_streamed():
    from brian2 import check_units

    @check_units(x=1, result=1)
    def uncompilable(x):
        return np.array([float(str(value)) for value in np.atleast_1d(x)])

    uncompilable.stateless = True
    group = NeuronGroup(1, "v : 1\ny = uncompilable(v) : 1")
    monitor = StateMonitor(group, "y", record=True)
    stream(monitor, MemoryTraces(protocol="demo", parameters={}, seed=0))
    with pytest.raises(NotImplementedError, match="cannot stream"):
        Network(group, monitor).run(1 * ms, namespace={"uncompilable": uncompilable})
