"""Electrically coupled integrate-and-fire neurons.

After Lewis and Rinzel (2003), J Comput Neurosci 14:283-309, as in Brian 2's own example: a
junction passes current in proportion to the difference of potentials. 1000 neurons of differing
drive, each coupled to 20 others on average.
"""

from brian2 import NeuronGroup, SpikeMonitor, Synapses, defaultclock, ms, second, seed

DURATION = 1 * second
TIME_STEP = 0.1 * ms
EXPONENTIALS = 0
RATE_TOLERANCE = 0.05

N, p = 1000, 0.02
tau, w = 10 * ms, 0.02

equations = """
dv/dt = (drive - v + junction)/tau : 1
junction : 1
drive : 1 (constant)
"""


def build(random=1):
    """Return the objects of the network."""
    seed(random)
    defaultclock.dt = TIME_STEP
    cells = NeuronGroup(N, equations, threshold="v > 1", reset="v = 0", method="exact")
    cells.v = "rand()"
    cells.drive = "1.05 + 0.1*rand()"
    junctions = Synapses(cells, cells, "junction_post = w*(v_pre - v_post) : 1 (summed)")
    junctions.connect("i != j", p=p)
    return [cells, junctions, SpikeMonitor(cells)]
