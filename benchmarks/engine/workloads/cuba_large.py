"""CUBA with 100 000 neurons of 80 synapses each: the same activity, out of the caches.

See :mod:`cuba`; the weights stay, because each neuron has as many synapses there.
"""

from .cuba import *  # noqa: F403 - the parameters, where the equations find them
from .cuba import DURATION, EXPONENTIALS, RATE_TOLERANCE
from .cuba import build as build_small

__all__ = ["DURATION", "EXPONENTIALS", "RATE_TOLERANCE", "build"]

N = 100_000


def build(random=1):
    """Return the objects of the network."""
    return build_small(random, N=N, p=80 / N)
