"""COBA with cells in NMODL, advanced by exponential Euler as in Brian 2."""

from neuron import h

from benchmarks.engine.peers.neuron.simulation import Simulation, connect_randomly, new_cells
from benchmarks.engine.peers.parameters import ms, mV


def build(given, rng):
    """Return the network."""
    section = h.Section(name="dummy")
    for name in ("tau_m", "tau_e", "tau_i", "tau_rp"):
        setattr(h, f"{name}_CobaCell", getattr(given, name) / ms)
    for name in ("V_t", "V_r", "E_l", "E_e", "E_i"):
        setattr(h, f"{name}_CobaCell", getattr(given, name) / mV)
    cells = new_cells(h.CobaCell, given.N, section)
    n_excitatory = int(0.8 * given.N)
    sources = range(n_excitatory), range(n_excitatory, given.N)
    parts = [section, cells]
    for numbers, weight in zip(sources, (given.w_e, -given.w_i), strict=True):
        parts += connect_randomly(numbers, cells, given.p, lambda w=weight: w, h.dt, rng)

    def initialize():
        for cell in cells:
            cell.u = rng.uniform(given.V_r, given.V_t) / mV
            cell.g_e, cell.g_i = rng.normal(4, 1.5), rng.normal(20, 12)

    return Simulation([given.N], initialize, parts)
