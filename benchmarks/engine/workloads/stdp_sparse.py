"""Additive spike-timing-dependent plasticity at 100 000 synapses, a tenth of all possible ones.

See :mod:`stdp_all_to_all`.
"""

from .stdp_all_to_all import *  # noqa: F403 - the parameters, where the equations find them
from .stdp_all_to_all import (
    DURATION,
    EXPONENTIALS,
    RATE_TOLERANCE,
    build_network,
    on_post,
    on_pre,
    plasticity,
)

__all__ = ["DURATION", "EXPONENTIALS", "RATE_TOLERANCE", "build"]


def build(random=1):
    """Return the objects of the network."""
    return build_network(random, 0.1, plasticity, on_pre, on_post)
