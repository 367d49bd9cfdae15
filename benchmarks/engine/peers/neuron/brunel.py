"""Brunel's network with cells in NMODL that draw their input from outside themselves.

NEURON keeps an object for each of the 15.6 million connections, about 300 bytes.
"""

from neuron import h

from benchmarks.engine.peers.neuron.simulation import Simulation, connect_randomly, new_cells
from benchmarks.engine.peers.parameters import ms, mV


def build(given, rng):
    """Return the network."""
    section = h.Section(name="dummy")
    h.tau_BrunelCell, h.tau_rp_BrunelCell = given.tau / ms, given.tau_rp / ms
    for name in ("theta", "V_r", "J"):
        setattr(h, f"{name}_BrunelCell", getattr(given, name) / mV)
    h.mean_BrunelCell = given.C_E * given.external_rate * given.TIME_STEP
    n = given.N_E + given.N_I
    cells = new_cells(h.BrunelCell, n, section)
    key = int(rng.integers(2**31))
    for number, cell in enumerate(cells):
        cell.stream.set_ids(key, number, 0)
    sources = range(given.N_E), range(given.N_E, n)
    parts, J = [section, cells], given.J / mV
    for numbers, weight in zip(sources, (J, -given.g * J), strict=True):
        parts.append(
            connect_randomly(numbers, cells, given.epsilon, lambda w=weight: w, given.D / ms, rng)
        )

    def initialize():
        for cell in cells:
            cell.u = rng.uniform(0, given.theta) / mV

    return Simulation([n], initialize, parts)
