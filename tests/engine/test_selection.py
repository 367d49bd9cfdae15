"""What cannot be recorded is refused in one line, before anything is made or written."""

import numpy as np
import pytest
from brian2 import (
    Network,
    NeuronGroup,
    SpikeMonitor,
    Synapses,
    magic_network,
    ms,
    mV,
    set_device,
    start_scope,
)

from neurosim.engine.selection import selected
from neurosim.errors import NeurosimError, ParameterError, TraceFileError
from neurosim.traces import MemoryTraces, record


@pytest.fixture(autouse=True)
def device():
    set_device("neurosim")
    start_scope()
    yield
    set_device("runtime")


@pytest.fixture
def network():
    cells = NeuronGroup(
        10,
        "dv/dt = -v/(5*ms) : 1\ng : 1 (shared)\nrate : 1",
        threshold="v > 1",
        events={"half": "v > 0.5"},
        method="exact",
        name="cells",
        dt=0.1 * ms,
    )
    quiet = NeuronGroup(3, "rate : 1", name="quiet")
    synapses = Synapses(cells, cells, "w : 1", on_pre="v_post += w", name="synapses")
    synapses.connect(j="i")
    empty = Synapses(cells, cells, "w : 1", name="empty")
    monitor = SpikeMonitor(cells, name="monitor")
    return Network(cells, quiet, synapses, empty, monitor)


WRONG = {
    "no dot": ("cells", {}, "'cells'; expected 'object.variable'"),
    "no variable": ("cells.", {}, "expected 'object.variable'"),
    "unknown group": ("cell.v", {}, "no group 'cell'; it has cells, empty, quiet, synapses$"),
    "a monitor by name": ("monitor.i", {}, "no group 'monitor'.*give the monitor itself"),
    "a pathway": ("synapses_pre.delay", {}, "no group 'synapses_pre'"),
    "unknown variable": ("cells.u", {}, "'cells' has no 'u'; it has spikes, rate, half, .*, v"),
    "time": ("cells.t", {}, "has no 't'"),
    "internal": ("cells._spikespace", {}, "has no '_spikespace'"),
    "no threshold": ("quiet.spikes", {}, "'quiet' has no 'spikes'; it has i, rate$"),
    "two meanings": ("cells.rate", {}, "may be the rate or the variable; give a monitor"),
    "no synapses": ("empty.w", {}, "'empty' has no synapses yet"),
    "twice": (["cells.v", "cells.v"], {}, "what names 'cells.v' twice"),
    "a number": ([3], {}, "what holds 3; expected text such as 'cells.v'"),
    "empty": ([], {}, "what is empty"),
    "no unit": ("cells.v", {"every": 1}, "every of 'cells.v' is 1; expected a time"),
    "other unit": ("cells.v", {"every": 1 * mV}, r"is 1\. \* mvolt; expected a time"),
    "no number": ("cells.v", {"every": "1 ms"}, "is '1 ms'; expected a time"),
    "several": ("cells.v", {"every": [1, 2] * ms}, "expected a time"),
    "negative": ("cells.v", {"every": -1 * ms}, "is -1. ms; expected a time of more than 0 s"),
    "zero": ("cells.v", {"every": 0 * ms}, "expected a time of more than 0 s"),
    "nan": ("cells.v", {"every": np.nan * ms}, "expected a time of more than 0 s"),
    "negative for spikes": ("cells.spikes", {"every": -1 * ms}, "more than 0 s"),
    "below dt": ("cells.v", {"every": 0.05 * ms}, "multiple of the time step, 100. us"),
    "no multiple": ("synapses.w", {"every": 0.25 * ms}, "is 250. us; expected a multiple"),
    "events": ("cells.half", {"every": {"cells.half": 1 * ms}}, "events are all recorded"),
    "every of another": ("cells.v", {"every": {"cells.u": 1 * ms}}, "'cells.u', which is not"),
    "index of another": ("cells.v", {"index": {"v": 1}}, "index is given for 'v', which is not"),
    "out of range": ("cells.v", {"index": [0, 10]}, "holds 10; expected numbers from 0 to 9"),
    "negative index": ("cells.v", {"index": -1}, "holds -1; expected numbers from 0 to 9"),
    "index twice": ("cells.v", {"index": [1, 2, 1]}, "index of 'cells.v' holds 1 twice"),
    "mask": ("cells.v", {"index": np.ones(10, bool)}, "expected a number, several, or a slice"),
    "fraction": ("cells.v", {"index": 1.5}, "is 1.5; expected a number, several, or a slice"),
    "two dimensions": ("cells.v", {"index": [[1]]}, "expected a number, several, or a slice"),
    "nobody": ("cells.v", {"index": slice(20, 30)}, "selects none of 10"),
    "of one number": ("cells.g", {"index": 0}, "it is one number for all"),
    "wrong protocol": ("cells.v", {"protocol": ""}, "protocol must be a non-empty string"),
    "wrong seed": ("cells.v", {"seed": -1}, "seed must be an integer"),
}


@pytest.mark.parametrize(("what", "options", "message"), WRONG.values(), ids=WRONG)
def test_refused_before_anything_is_made(network, tmp_path, what, options, message):
    before = set(network.objects)
    with pytest.raises(NeurosimError, match=message) as caught:
        record(network, what, to=tmp_path / "run.h5", **options)
    assert "\n" not in str(caught.value)
    assert network.objects == before
    assert list(tmp_path.iterdir()) == []


def test_rate_of_strangers(network):
    group = NeuronGroup(5, "v : 1", threshold="v > 1", name="others")
    network.add(group)
    with pytest.raises(ParameterError, match="a rate is that of neighbours"):
        selected(network, ["others.rate"], None, [0, 2])
    [found] = selected(network, ["others.rate"], None, [2, 1])
    assert found.indices.tolist() == [1, 2]


def test_part_of_another_group(network):
    with pytest.raises(ParameterError, match="is a part of 'quiet'"):
        selected(network, ["cells.v"], None, network["quiet"][0:1])
    with pytest.raises(ParameterError, match="is a part of 'synapses'"):
        selected(network, ["cells.v"], None, network["synapses"][0, :])


def test_interval_for_everything_leaves_out_events(network):
    found = selected(network, ["cells.spikes", "cells.v", "synapses.w"], 2 * ms, None)
    assert [selection.n_steps for selection in found] == [1, 20, 20]


def test_wrong_files_and_networks(network, tmp_path):
    (tmp_path / "run.h5").write_text("mine")
    with pytest.raises(TraceFileError, match=r"run\.h5 exists already"):
        record(network, "cells.v", to=tmp_path / "run.h5")
    assert (tmp_path / "run.h5").read_text() == "mine"
    with pytest.raises(TraceFileError, match="does not exist"):
        record(network, "cells.v", to=tmp_path / "no" / "run.h5")
    with pytest.raises(ParameterError, match="to is None; expected a path"):
        record(network, "cells.v", to=None)
    traces = MemoryTraces(protocol="demo", parameters={}, seed=0)
    with pytest.raises(ParameterError, match="seed is 3, but to is no path"):
        record(network, "cells.v", to=traces, seed=3)
    with pytest.raises(ParameterError, match="overwrite is True, but to is no path"):
        record(network, "cells.v", to=traces, overwrite=True)
    with pytest.raises(ParameterError, match="net is of type dict"):
        record({}, "cells.v", to=traces)
    with pytest.raises(ParameterError, match=r"give Network\(collect\(\)\)"):
        record(magic_network, "cells.v", to=traces)
    set_device("runtime")
    with pytest.raises(NotImplementedError, match="set_device"):
        record(network, "cells.v", to=traces)


def test_same_thing_twice(network):
    traces = MemoryTraces(protocol="demo", parameters={}, seed=0)
    monitor, stranger = network["monitor"], SpikeMonitor(network["cells"], name="stranger")
    with pytest.raises(ParameterError, match="monitor 'stranger' is not in the network"):
        record(network, stranger, to=traces)
    with pytest.raises(ParameterError, match="spikes/cells is being recorded into this file"):
        record(network, ["cells.spikes", monitor], to=traces)
    first = record(network, monitor, to=traces)
    before = set(network.objects)
    with pytest.raises(ParameterError, match="monitor 'monitor' is being recorded already"):
        record(network, monitor, to=traces)
    with pytest.raises(ParameterError, match="spikes/cells is being recorded into this file"):
        record(network, ["cells.v", "cells.spikes"], to=traces)
    assert network.objects == before
    other = MemoryTraces(protocol="demo", parameters={}, seed=0)
    assert record(network, "cells.spikes", to=other).places == ["spikes/cells"]
    first.close()
    assert isinstance(first.traces, MemoryTraces)
    record(network, ["cells.v", "cells.spikes"], to=traces).close()
