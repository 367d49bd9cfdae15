"""Additive plasticity with cells in NMODL, whose connections keep weights and traces.

Spikes of a neuron reach its synapses by FOR_NETCONS, NEURON's way to visit those that arrive.
Inputs are NetStim, whose intervals are exponential in continuous time.
"""

from neuron import h

from benchmarks.engine.peers.neuron.simulation import (
    Simulation,
    connect_randomly,
    new_cells,
    register,
)
from benchmarks.engine.peers.parameters import Hz, ms, mV


def new_inputs(given, random, first):
    """Return Poisson sources that are registered."""
    inputs = []
    for number in range(given.N_inputs):
        source = h.NetStim()
        source.interval, source.number = 1e3 / (given.rate / Hz), 1e9
        source.start, source.noise = 0, 1
        source.noiseFromRandom123(random, number)
        register(first + number, h.NetCon(source, None))
        inputs.append(source)
    return inputs


def build(given, rng):
    """Return the network."""
    section = h.Section(name="dummy")
    largest = given.largest / given.p
    for name in ("tau_m", "tau_e", "tau_x", "tau_y"):
        setattr(h, f"{name}_PlasticCell", getattr(given, name) / ms)
    for name in ("V_t", "V_r", "V_rest", "E_e"):
        setattr(h, f"{name}_PlasticCell", getattr(given, name) / mV)
    h.A_x_PlasticCell, h.A_y_PlasticCell, h.w_max_PlasticCell = given.A_x, given.A_y, largest
    n = given.N_neurons
    cells = new_cells(h.PlasticCell, n, section)
    inputs = new_inputs(given, int(rng.integers(2**31)), n)
    synapses = connect_randomly(
        range(n, n + given.N_inputs), cells, given.p, lambda: rng.uniform(0, largest), h.dt, rng
    )
    return Simulation([n, given.N_inputs], lambda: None, [section, cells, inputs, synapses])
