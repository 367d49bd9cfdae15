"""A script of 100 neurons and 100 ms, of which importing and compiling take nearly all the time.

The model is that of :mod:`cuba` with connections as strong as there, and a trace of five neurons.
"""

from brian2 import StateMonitor, ms

from .cuba import *  # noqa: F403 - the parameters, where the equations find them
from .cuba import EXPONENTIALS
from .cuba import build as build_large

__all__ = ["DURATION", "EXPONENTIALS", "RATE_TOLERANCE", "build"]

DURATION = 100 * ms
# A few hundred spikes.
RATE_TOLERANCE = 0.5


def build(random=1):
    """Return the objects of the network."""
    neurons, *others = build_large(random, N=100, p=0.2)
    return [neurons, *others, StateMonitor(neurons, "v", record=range(5))]
