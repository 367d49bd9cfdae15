"""The queue of spikes against Brian 2's own in Python, event by event."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosim.engine.queue import DeliveryQueue

DT = 1e-4


class Reference:
    """Events in a list, delivered in the order of Brian 2's queue, written as plainly as can be."""

    def __init__(self):
        self.events, self.now, self.sent = [], 0, 0

    def push(self, sources, delays, synapse_sources):
        for source in sources:
            for synapse in np.flatnonzero(synapse_sources == source):
                self.events.append((self.now + delays[synapse], self.sent, int(synapse)))
                self.sent += 1

    def due(self):
        mine = sorted(event for event in self.events if event[0] == self.now)
        self.events = [event for event in self.events if event[0] != self.now]
        self.now += 1
        return [synapse for _, _, synapse in mine]


@settings(max_examples=60, deadline=None)
@given(
    st.data(),
    st.integers(1, 5),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), max_size=12),
)
def test_queue_delivers_what_a_list_of_events_delivers(data, n_sources, synapses):
    synapse_sources = np.array([source % n_sources for source, _ in synapses], np.int64)
    delays = np.array([delay for _, delay in synapses], np.int64)
    queue, reference = DeliveryQueue(0, n_sources), Reference()
    queue.prepare(delays * DT, DT, synapse_sources)
    for _ in range(20):
        if data.draw(st.integers(0, 5)) == 0:
            # Between runs: delays change, or the state goes through store and restore.
            delays = data.draw(st.permutations(list(delays)))
            delays = np.array(delays, np.int64)
            if data.draw(st.booleans()):
                state = queue._full_state()
                queue = DeliveryQueue(0, n_sources)
                queue._restore_from_full_state(state)
            queue.prepare(delays * DT, DT, synapse_sources)
        sources = sorted(data.draw(st.sets(st.integers(0, n_sources - 1))))
        reference.push(sources, delays, synapse_sources)
        queue.push(np.array(sources, np.int64))
        assert sorted(queue.peek().tolist()) == sorted(reference.due())
        queue.advance()


def test_order_is_by_age_then_source_then_synapse():
    queue = DeliveryQueue(0, 2)
    queue.prepare(np.array([2, 0, 1, 0]) * DT, DT, np.array([0, 1, 0, 0]))
    delivered = []
    for sources in ([0], [0], [1, 0]):
        queue.push(np.array(sources))
        delivered.append(queue.peek().tolist())
        queue.advance()
    assert delivered == [[3], [2, 3], [0, 2, 1, 3]]


def test_a_new_step_moves_events_to_the_nearest_one():
    queue = DeliveryQueue(0, 1)
    queue.prepare(np.array([10 * DT]), DT, np.array([0]))
    queue.push(np.array([0]))
    queue.advance()
    queue.prepare(np.array([10 * DT]), 3 * DT, np.array([0]))
    # Nine steps of DT are three of 3 DT.
    steps = []
    for step in range(5):
        if len(queue.peek()):
            steps.append(step)
        queue.advance()
    assert steps == [3]


def test_sources_outside_the_subgroup_are_ignored():
    queue = DeliveryQueue(2, 4)
    queue.prepare(np.zeros(3), DT, np.array([2, 3, 3]))
    queue.push(np.array([0, 1, 3, 7]))
    assert queue.peek().tolist() == [1, 2]
