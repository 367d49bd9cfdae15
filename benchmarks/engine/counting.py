"""How much work a network did, whatever ran it: neuron updates and synaptic events."""

import numpy as np
from brian2 import NeuronGroup, SpatialNeuron, SpikeMonitor, Synapses

__all__ = ["describe"]


def describe(objects, n_steps):
    """Return the sizes of a network and what it did.

    Parameters
    ----------
    objects : list of BrianObject
        After the run. Sources of synapses without a SpikeMonitor count as silent.
    n_steps : int

    Returns
    -------
    dict
        ``updates``: how often a variable with a differential equation was advanced, and
        ``neuron_updates``: a neuron; ``events``: synapses that acted on a spike, plus synapses
        summed over in every step; ``spikes``: by monitor; ``fan_out``, ``targets``, ``synapses``:
        of the Synapses object with most events.
    """
    monitors = [obj for obj in objects if isinstance(obj, SpikeMonitor)]
    counts = {monitor.source.name: np.asarray(monitor.count[:]) for monitor in monitors}
    groups = [obj for obj in objects if isinstance(obj, NeuronGroup | SpatialNeuron)]
    synapses = [obj for obj in objects if isinstance(obj, Synapses)]
    events = {obj.name: _events(obj, counts, n_steps) for obj in synapses}
    main = max(synapses, key=lambda obj: events[obj.name], default=None)
    return {
        "updates": sum(len(obj) * _n_variables(obj) for obj in groups) * n_steps,
        "neuron_updates": sum(len(obj) for obj in groups) * n_steps,
        "neurons": max(len(obj) for obj in groups),
        "events": sum(events.values()),
        "spikes": [int(counts[monitor.source.name].sum()) for monitor in monitors],
        "sizes": [len(monitor.source) for monitor in monitors],
        "fan_out": 0 if main is None else _fan_out(main),
        "targets": 0 if main is None else len(main.target),
        "synapses": 0 if main is None else len(main),
    }


def _n_variables(group):
    # A cable's potential is advanced beside its equations.
    return len(group.equations.diff_eq_names) + isinstance(group, SpatialNeuron)


def _events(synapses, counts, n_steps):
    """Return how many synapses acted."""
    n_events = n_steps * len(synapses) * len(synapses.summed_updaters)
    for pathway in synapses._pathways:
        is_forward = pathway.prepost == "pre"
        name = (synapses.source if is_forward else synapses.target).name
        degrees = synapses.N_outgoing_pre if is_forward else synapses.N_incoming_post
        n_events += int(np.dot(counts.get(name, 0), np.asarray(degrees[:])))
    return n_events


def _fan_out(synapses):
    """Return the mean number of synapses of a source that has any."""
    degrees = np.asarray(synapses.N_outgoing_pre[:])
    return len(synapses) / max(np.count_nonzero(degrees), 1)
