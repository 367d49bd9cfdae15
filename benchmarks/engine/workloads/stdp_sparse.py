"""Additive spike-timing-dependent plasticity at 100 000 synapses, a tenth of all possible ones.

See :mod:`stdp_all_to_all`.
"""

from .stdp_all_to_all import *  # noqa: F403 - the parameters, where the equations find them
from .stdp_all_to_all import (
    DURATION,
    EXPONENTIALS,
    build_network,
    on_post,
    on_pre,
    plasticity,
)

__all__ = ["DURATION", "EXPONENTIALS", "RATE_TOLERANCE", "build"]

p = 0.1
# In some simulators a spike transmits the weight after the depression it causes: 65 instead of
# 74 Hz.
RATE_TOLERANCE = 0.2


def build(random=1):
    """Return the objects of the network."""
    return build_network(random, p, plasticity, on_pre, on_post)
