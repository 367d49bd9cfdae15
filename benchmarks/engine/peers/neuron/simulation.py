"""What the scripts for NEURON share."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
from neuron import h

__all__ = ["Simulation", "connect_randomly", "new_cells", "start"]

_MECHANISMS = Path(__file__).with_name("mechanisms")
_context = h.ParallelContext()


def start(workload, given, random, cache):
    """Compile and load the workload's mechanisms, and set the time step."""
    libraries = list(cache.glob("*/libnrnmech.so"))
    if not libraries:
        for file in _MECHANISMS.glob(f"{workload}*.mod"):
            shutil.copy(file, cache)
        compiler = Path(sys.executable).with_name("nrnivmodl")
        subprocess.run([str(compiler)], cwd=cache, check=True, capture_output=True)
        libraries = list(cache.glob("*/libnrnmech.so"))
    h.nrn_load_dll(str(libraries[0]))
    h.dt = given.TIME_STEP * 1e3
    # Crank-Nicolson.
    h.secondorder = 2
    h.CVode().queue_mode(True)


def new_cells(process, n, section, first=0):
    """Return point processes in one section, that send their spikes under ids of their own."""
    cells = [process(section(0.5)) for _ in range(n)]
    for number, cell in enumerate(cells, first):
        register(number, h.NetCon(cell, None))
    return cells


def register(number, detector):
    """Give spikes a number under which targets connect to them."""
    _context.set_gid2node(number, _context.id())
    _context.cell(number, detector)


def connect_randomly(sources, targets, probability, weight, delay, rng):
    """Connect with a probability, neurons with themselves too, as Brian 2 does.

    Parameters
    ----------
    sources : range
        Numbers of spikes.
    targets : list of point processes
    probability : float
    weight : callable
        Returns a weight at each call.
    delay : float
        In ms.
    rng : numpy.random.Generator

    Returns
    -------
    list of NetCon
        They last as long as somebody holds them.
    """
    connections = []
    connect = _context.gid_connect
    for source in sources:
        for number in np.flatnonzero(rng.random(len(targets)) < probability):
            connection = connect(source, targets[number])
            connection.delay = delay
            connection.weight[0] = weight()
            connections.append(connection)
    return connections


class Simulation:
    """A network that is built.

    Parameters
    ----------
    sizes : list of int
        Of the groups, whose spikes are numbered one after the other.
    initialize : callable
        Sets initial values, after those of the mechanisms.
    parts : object
        What must not be forgotten while the network is simulated.
    """

    def __init__(self, sizes, initialize, parts):
        self._sizes, self._initialize, self._parts = sizes, initialize, parts

    def prepare(self, n_steps, cache):
        """Set initial values and record all spikes."""
        self._times, self._numbers = h.Vector(), h.Vector()
        _context.spike_record(-1, self._times, self._numbers)
        _context.set_maxstep(10)
        h.finitialize()
        self._initialize()

    def run(self, n_steps):
        """Run the loop."""
        _context.psolve(n_steps * h.dt)

    def spike_counts(self):
        """Return the numbers of spikes and of neurons."""
        edges = np.cumsum([0, *self._sizes])
        counts, _ = np.histogram(self._numbers.as_numpy(), edges)
        return list(zip(counts, self._sizes, strict=True))
