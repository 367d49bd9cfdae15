"""Where synapses stand, against NumPy's sort by three keys."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosim.engine.synapse_layout import SynapseLayout

DT = 1e-4


@st.composite
def pathways(draw):
    """Return delays in steps, sources, and the neurons listened to."""
    n_neurons = draw(st.integers(1, 6))
    sources = draw(st.lists(st.integers(0, 7), max_size=15))
    if draw(st.booleans()):
        sources.sort()
    kind = draw(st.sampled_from(["one", "equal", "different"]))
    n_delays = 1 if kind == "one" else len(sources)
    values = st.just(draw(st.integers(0, 5))) if kind == "equal" else st.integers(0, 5)
    delays = draw(st.lists(values, min_size=n_delays, max_size=n_delays))
    first = draw(st.integers(0, 2))
    return np.array(delays, float), np.array(sources, np.int32), range(first, first + n_neurons)


@settings(max_examples=200, deadline=None)
@given(pathways())
def test_synapses_stand_by_longest_delay_source_and_index(pathway):
    delays, sources, neurons = pathway
    layout = SynapseLayout(delays * DT, DT, sources, neurons)
    steps = np.broadcast_to(delays, sources.shape)
    order = np.lexsort((np.arange(len(sources)), sources, -steps))
    order = order[np.isin(sources[order], neurons)]
    np.testing.assert_array_equal(layout.order, order)
    assert layout.order.dtype == np.int32
    assert layout.is_ordered == (order.tolist() == list(range(len(order))))
    of_neuron = [set(steps[sources == neuron]) for neuron in neurons]
    assert layout.is_even == all(len(found) <= 1 for found in of_neuron)
    for row, delay in enumerate(layout.delays):
        for column, neuron in enumerate(neurons):
            mine = layout.between(layout.begin[row, column], layout.end[row, column])
            expected = np.flatnonzero((sources == neuron) & (steps == delay))
            np.testing.assert_array_equal(mine, expected)


@settings(max_examples=200, deadline=None)
@given(pathways(), st.data())
def test_layout_holds_for_what_it_was_made_of_and_for_nothing_else(pathway, data):
    delays, sources, neurons = pathway
    layout = SynapseLayout(delays * DT, DT, sources, neurons)
    delays, sources = delays.copy(), sources.copy()
    assert layout.holds_for(delays * DT, DT, sources)
    assert not layout.holds_for(delays * DT, 2 * DT, sources)
    assert not layout.holds_for(delays * DT, DT, np.append(sources, np.int32(neurons.start)))
    for values in (delays, sources):
        if len(values):
            place = data.draw(st.integers(0, len(values) - 1))
            values[place] += data.draw(st.sampled_from([-1, 1, 3]))
            assert not layout.holds_for(delays * DT, DT, sources)


@pytest.mark.parametrize("delay", [np.array([3 * DT]), np.full(1000, 3 * DT)])
def test_synapses_in_order_take_no_memory_of_their_number(delay):
    sources = np.repeat(np.arange(10, dtype=np.int32), 100)
    layout = SynapseLayout(delay, DT, sources, range(10))
    assert layout.is_ordered
    assert layout.is_even
    kept = [value for value in vars(layout).values() if isinstance(value, np.ndarray)]
    assert max(len(value.ravel()) for value in kept) <= 10
    assert all(value.base is None or value.base.size <= 10 for value in kept)
