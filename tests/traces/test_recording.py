"""Recording from a network: the numbers monitors in memory have, at bounded memory."""

import tracemalloc

import h5py
import numpy as np
import pytest
import xarray
from brian2 import (
    EventMonitor,
    Network,
    NeuronGroup,
    PopulationRateMonitor,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    defaultclock,
    ms,
    mV,
    prefs,
    seed,
    set_device,
    start_scope,
)

from neurosim.engine import loop
from neurosim.engine.compiler import compile_program
from neurosim.errors import ParameterError
from neurosim.experiment.run import Run
from neurosim.traces import MemoryTraces, TraceFile, TraceWriter, record


@pytest.fixture(autouse=True, scope="module")
def device(tmp_path_factory):
    """Use the device, with compiled loops kept for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEUROSIM_CACHE", str(tmp_path_factory.getbasetemp() / "loops"))
        yield
    set_device("runtime")


def build(device="neurosim", monitors=False):
    """Return a network with plastic synapses, and monitors of what tests record of it."""
    prefs.codegen.target = "numpy"
    set_device(device)
    start_scope()
    defaultclock.dt = 0.1 * ms
    seed(3)
    cells = NeuronGroup(
        8,
        "dv/dt = (20*mV - v)/(5*ms) + sigma*xi/sqrt(ms) : volt\nn : integer\ntwice = 2*v : volt",
        threshold="v > 15*mV",
        reset="v = 0*mV; n += 1",
        events={"half": "v > 7*mV and v < 8*mV"},
        method="euler",
        name="cells",
        # Devices draw other numbers.
        namespace={"sigma": (1 if device == "neurosim" else 0) * mV},
    )
    cells.v = np.arange(8) * 2 * mV
    synapses = Synapses(
        cells,
        cells,
        """w : 1
        dx/dt = -x/(20*ms) : 1 (event-driven)
        dy/dt = -y/(20*ms) : 1 (event-driven)""",
        on_pre="v_post += w*mV; x += 1; w = clip(w - 0.01*y, 0, 1)",
        on_post="y += 1; w = clip(w + 0.01*x, 0, 1)",
        method="exact",
        name="synapses",
    )
    synapses.connect(condition="i != j")
    synapses.w = "0.1 + 0.01*i"
    kept = {}
    if monitors:
        kept = {
            "spikes": SpikeMonitor(cells, variables=["v"]),
            "half": EventMonitor(cells, "half"),
            "v": StateMonitor(cells, ["v", "n", "twice"], record=[3, 1], dt=0.2 * ms),
            "rate": PopulationRateMonitor(cells),
            "part": PopulationRateMonitor(cells[2:5]),
            "w": StateMonitor(synapses, ["w", "x"], record=True, dt=1 * ms),
        }
    return Network(cells, synapses, *kept.values()), kept


@pytest.fixture(scope="module")
def kept():
    """What monitors keep in memory, of a run in which nothing else is recorded."""
    network, monitors = build(monitors=True)
    run(network)
    return monitors


NEURONS, SYNAPSES = ("cells.v", "cells.n", "cells.twice"), ("synapses.w", "synapses.x")
EVERYTHING = ["cells.spikes", "cells.half", *NEURONS, "cells.rate", *SYNAPSES]
OPTIONS = {
    "every": {name: (0.2 if name in NEURONS else 1) * ms for name in NEURONS + SYNAPSES},
    "index": {name: [3, 1] for name in NEURONS},
}


def run(network, durations=(20, 10.3)):
    for duration in durations:
        network.run(duration * ms)


def check(file, kept):
    """Assert that a file holds what monitors kept in memory."""
    for name, population in (("spikes", "cells"), ("half", "cells_half")):
        nodes, times = file.spikes(population)
        assert len(nodes) > 10
        np.testing.assert_array_equal(nodes, kept[name].i)
        np.testing.assert_allclose(times, kept[name].t / ms, rtol=1e-12)
    for variable in ("v", "n", "twice"):
        report = file.report(f"cells.{variable}")
        np.testing.assert_array_equal(report.node_ids, [1, 3])
        values = getattr(kept["v"], f"{variable}_")[[1, 0]]
        assert values.any()
        np.testing.assert_array_equal(report.values, values.T.astype(np.float32))
        np.testing.assert_allclose(report.times_ms, kept["v"].t / ms, atol=1e-9)
    assert file.report("cells.v").units == "V"
    np.testing.assert_array_equal(file["cells/rate"].values, kept["rate"].rate_[:])
    np.testing.assert_allclose(file["cells/time"].values, kept["rate"].t / ms, atol=1e-9)
    check_synapses(file, kept["w"])


def check_synapses(file, monitor):
    for variable in ("w", "x"):
        trace = file[f"synapses/{variable}/{variable}"]
        assert trace.dims == ("time", "synapse")
        values = getattr(monitor, variable).T
        assert (values[-1] != values[0]).all()
        np.testing.assert_array_equal(trace.values, values)
        times = file[f"synapses/{variable}/time"]
        assert times.units == "ms"
        np.testing.assert_allclose(times.values, monitor.t / ms, atol=1e-9)


def test_file_holds_what_monitors_keep(kept, tmp_path):
    """Of the same noise: recording changes no number of the run."""
    network, _ = build()
    with record(network, EVERYTHING, to=tmp_path / "run.h5", **OPTIONS):
        run(network)
    file = TraceFile(tmp_path / "run.h5")
    assert file.complete
    check(file, kept)
    pairs = [(i, j) for i in range(8) for j in range(8) if i != j]
    ends = [file[f"synapses/w/{end}"].values for end in ("source", "target")]
    assert sorted(zip(*ends, strict=True)) == pairs
    assert not (tmp_path / "run.h5.d").exists()


def test_brian_gives_the_same():
    """Brian 2's NumPy target, without noise, records the same spikes and weights."""
    network, kept = build("runtime", monitors=True)
    network.run(15 * ms)
    network, _ = build()
    network["cells"].namespace["sigma"] = 0 * mV
    traces = MemoryTraces(protocol="demo", parameters={}, seed=0)
    with record(network, EVERYTHING, to=traces, **OPTIONS):
        network.run(15 * ms)
    nodes, times = traces.spikes("cells")
    assert len(nodes) > 10
    np.testing.assert_array_equal(nodes, kept["spikes"].i)
    np.testing.assert_allclose(times, kept["spikes"].t / ms, rtol=1e-12)
    for variable in ("w", "x"):
        values = getattr(kept["w"], variable).T
        np.testing.assert_allclose(
            traces[f"synapses/{variable}/{variable}"].values, values, rtol=0, atol=1e-12
        )


def test_parts_of_groups(kept):
    network, _ = build()
    cells, synapses = network["cells"], network["synapses"]
    traces = MemoryTraces(protocol="demo", parameters={}, seed=0)
    index = {
        "cells.spikes": [6, 1],
        "cells.half": 2,
        "cells.v": cells[1:4],
        "cells.rate": slice(2, 5),
        "synapses.w": synapses[0, :],
    }
    with record(network, list(index), to=traces, every={"synapses.w": 1 * ms}, index=index):
        run(network)
    for name, population, wanted in (("spikes", "cells", [1, 6]), ("half", "cells_half", [2])):
        nodes, times = traces.spikes(population)
        chosen = np.isin(kept[name].i, wanted)
        assert 0 < chosen.sum() < len(chosen)
        np.testing.assert_array_equal(nodes, kept[name].i[chosen])
        np.testing.assert_allclose(times, (kept[name].t / ms)[chosen], rtol=1e-12)
    report = traces.report("cells.v")
    np.testing.assert_array_equal(report.node_ids, [1, 2, 3])
    np.testing.assert_array_equal(report.values[::2, [2, 0]], kept["v"].v_.T.astype(np.float32))
    np.testing.assert_array_equal(traces["cells/rate"].values, kept["part"].rate_[:])
    np.testing.assert_array_equal(traces["synapses/w/source"].values, np.zeros(7))
    np.testing.assert_array_equal(traces["synapses/w/target"].values, range(1, 8))
    chosen = np.flatnonzero(np.asarray(synapses.i) == 0)
    # Where x is not recorded, it is kept per neuron, and rounded otherwise.
    np.testing.assert_allclose(traces["synapses/w/w"].values, kept["w"].w[chosen].T, rtol=1e-12)


def test_rate_at_an_interval(kept):
    """Means of whole intervals, counted from time 0, whatever runs they fall into."""
    network, _ = build()
    traces = MemoryTraces(protocol="demo", parameters={}, seed=0)
    every = OPTIONS["every"] | {"cells.rate": 2 * ms}
    with record(network, EVERYTHING, to=traces, every=every, index=OPTIONS["index"]):
        run(network)
    np.testing.assert_allclose(traces["cells/time"].values, np.arange(0, 30, 2), atol=1e-9)
    counts = np.bincount((np.rint(kept["spikes"].t / (0.1 * ms)) // 20).astype(int))
    assert len(counts) == 16
    np.testing.assert_allclose(traces["cells/rate"].values, counts[:15] / 8 * 500, atol=1e-9)


def test_one_number_for_all_neurons():
    start_scope()
    group = NeuronGroup(4, "dv/dt = -v/(5*ms) : 1\ng : 1 (shared)", method="exact", name="cells")
    group.g = 3
    network = Network(group)
    traces = MemoryTraces(protocol="demo", parameters={}, seed=0)
    with record(network, "cells.g", to=traces):
        network.run(1 * ms)
    np.testing.assert_array_equal(traces.report("cells.g").values, np.full((10, 1), 3))


def test_monitors_of_the_users_own(kept, tmp_path):
    """They hand on what they record, with further variables, and then keep it again."""
    network, monitors = build(monitors=True)
    given = [monitors[name] for name in ("spikes", "half", "v", "rate", "w")]
    with record(network, given, to=tmp_path / "run.h5"):
        run(network)
    file = TraceFile(tmp_path / "run.h5")
    check(file, kept)
    np.testing.assert_array_equal(file["cells/v"].values, kept["spikes"].v_)
    assert file["cells/v"].units == "V"
    assert [len(monitor.t) for monitor in given] == [0] * 5
    np.testing.assert_array_equal(monitors["spikes"].count, kept["spikes"].count)
    np.testing.assert_array_equal(monitors["part"].rate, kept["part"].rate)
    network.run(10 * ms)
    assert [len(monitor.t) for monitor in given[2:]] == [50, 100, 10]


def test_network_is_as_it_was(tmp_path):
    network, _ = build()
    before = {obj.name for obj in network.objects}
    recording = record(network, EVERYTHING, to=tmp_path / "run.h5", **OPTIONS)
    assert len(network.objects) == len(before) + len(EVERYTHING)
    network.run(1 * ms)
    recording.close()
    recording.close()
    assert {obj.name for obj in network.objects} == before
    network.run(1 * ms)
    assert len(TraceFile(tmp_path / "run.h5").report("cells.v").values) == 5


def test_header_says_what_was_given(tmp_path):
    network, _ = build()
    with record(network, EVERYTHING, to=tmp_path / "plain.h5", **OPTIONS):
        network.run(1 * ms)
    about = TraceFile(tmp_path / "plain.h5").attributes
    assert (about["protocol"], about["seed"]) == (network.name, 3)
    options = {"protocol": "mine", "parameters": {"tau": 5 * ms}, "seed": 9}
    with record(network, EVERYTHING, to=str(tmp_path / "run.h5"), **OPTIONS, **options):
        network.run(1 * ms)
    file = TraceFile(tmp_path / "run.h5")
    assert file.attributes["protocol"] == "mine"
    assert file.parameters == {"tau": "5. ms"}
    assert file.attributes["seed"] == 9


def test_phases_of_a_protocol(kept, tmp_path):
    """Two recordings of one run go on in the same places; what is between is in neither."""
    network, _ = build()
    what = ["cells.spikes", "synapses.w"]
    with TraceWriter(tmp_path / "run.h5", protocol="demo", parameters={}, seed=0) as writer:
        sink = Run({"seed": 0}, writer)
        for duration in (20, 5):
            with record(network, what, to=sink, every=1 * ms):
                network.run(duration * ms)
            network.run(2 * ms)
        other = record(network, what, to=sink, index={"synapses.w": range(1, 56)})
        with pytest.raises(ParameterError, match="differ from those of its first rows"):
            network.run(1 * ms)
        other.close()
    file = TraceFile(tmp_path / "run.h5")
    # The noise of each run is other, and the first was the same here and there.
    np.testing.assert_allclose(file["synapses/w/w"].values[:20], kept["w"].w.T[:20], rtol=1e-12)
    np.testing.assert_allclose(
        file["synapses/w/time"].values, [*range(20), *range(22, 27)], atol=1e-9
    )


def test_weights_open_in_xarray(kept, tmp_path):
    network, _ = build()
    with record(network, EVERYTHING, to=tmp_path / "run.h5", **OPTIONS):
        run(network)
    data = xarray.open_dataset(tmp_path / "run.h5", engine="h5netcdf", group="synapses/w")
    assert data["w"].dims == ("time", "synapse")
    of_one = data["w"].where((data["source"] == 2) & (data["target"] == 5), drop=True)
    synapses = network["synapses"]
    number = np.flatnonzero((np.asarray(synapses.i) == 2) & (np.asarray(synapses.j) == 5))
    np.testing.assert_array_equal(of_one, kept["w"].w[number].T)
    data.close()


def test_loop_calls_no_python(monkeypatch):
    """Nothing that is recorded makes the loop return to Python for a step."""
    programs = []

    def compile_and_note(program):
        programs.append(program)
        return compile_program(program)

    monkeypatch.setattr(loop, "compile_program", compile_and_note)
    network, _ = build()
    traces = MemoryTraces(protocol="demo", parameters={}, seed=0)
    with record(network, EVERYTHING, to=traces, **OPTIONS):
        run(network)
    assert programs
    assert not any(program.has_python for program in programs)


def test_memory_is_bounded(tmp_path):
    """Ten times the values take no more memory, neither here nor in the buffers of the loop."""
    group = NeuronGroup(
        1000, "dv/dt = -v/(5*ms) : 1", threshold="v > 2", method="exact", name="cells"
    )
    group.v = 1
    synapses = Synapses(group, group, "w : 1", on_pre="w += 1", name="synapses")
    synapses.connect(j="(i + k) % 1000 for k in range(5)")
    network = Network(group, synapses)
    peaks = []
    with TraceWriter(
        tmp_path / "run.h5", protocol="demo", parameters={}, seed=0, buffer_bytes=1 << 22
    ) as traces:
        what = ["cells.v", "cells.rate", "synapses.w"]
        with record(network, what, to=traces, every={"synapses.w": 1 * ms}):
            network.run(1 * ms)
            for duration in (150, 1500):
                tracemalloc.start()
                try:
                    network.run(duration * ms)
                    peaks.append(tracemalloc.get_traced_memory()[1])
                finally:
                    tracemalloc.stop()
    # The second run records 180 MB.
    assert peaks[1] < 1.5 * peaks[0] < 60e6
    with h5py.File(tmp_path / "run.h5") as file:
        assert file["report/cells.v/data"].shape == (16510, 1000)
        assert file["synapses/w/w"].shape == (1651, 5000)


def test_what_is_recorded_from_python_is_refused():
    from brian2 import check_units

    @check_units(x=1, result=1)
    def uncompilable(x):
        return np.array([float(str(value)) for value in np.atleast_1d(x)])

    uncompilable.stateless = True
    group = NeuronGroup(1, "v : 1\ny = uncompilable(v) : 1", name="cells")
    network = Network(group)
    traces = MemoryTraces(protocol="demo", parameters={}, seed=0)
    with (
        record(network, "cells.y", to=traces),
        pytest.raises(NotImplementedError, match="cannot stream"),
    ):
        network.run(1 * ms, namespace={"uncompilable": uncompilable})
