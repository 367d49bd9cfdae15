"""Connecting: what a neuron is told of its synapses, against counting them."""

import numpy as np
from brian2 import NeuronGroup, Synapses


def test_synapses_of_neurons_are_counted_over_several_calls(prepare):
    prepare("neurosim")
    sources, targets = NeuronGroup(1100, "v : 1"), NeuronGroup(1000, "v : 1")
    synapses = Synapses(sources, targets[200:], "w : 1", multisynaptic_index="k")
    synapses.connect(i=[3, 3, 7], j=[0, 0, 5])
    # More than one block.
    synapses.connect("i >= 100", p=0.9, n=2)
    synapses.connect(condition="i == 2*j")
    pre, post = np.array(synapses.i), np.array(synapses.j)
    assert len(synapses) > 1 << 20
    outgoing = np.bincount(pre, minlength=1100)
    # Counted by neurons of the whole group.
    incoming = np.bincount(200 + post, minlength=1000)
    np.testing.assert_array_equal(synapses.N_outgoing_pre, outgoing)
    np.testing.assert_array_equal(synapses.N_incoming_post, incoming)
    np.testing.assert_array_equal(np.array(synapses.N_outgoing), outgoing[pre])
    # Synapses between the same neurons are numbered.
    assert np.array(synapses.k[3, 0]).tolist() == [0, 1]
