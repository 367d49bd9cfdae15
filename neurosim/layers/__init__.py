"""The batched layer engine: samples in parallel, local variables for every learning rule.

State has shape (batch, units); projections are BLAS products, everything else fused numba
kernels. There is no autograd: a learning rule sees what biology would, a presynaptic trace,
a postsynaptic derivative and an error signal.
"""

from neurosim.layers.blas import single_threaded
from neurosim.layers.dsr import SpikeRepresentation
from neurosim.layers.network import FeedforwardNetwork
from neurosim.layers.optimiser import SGD
from neurosim.layers.ottt import OnlineTraces
from neurosim.layers.plasticity import Plasticity
from neurosim.layers.projection import FEEDBACKS, Dense
from neurosim.layers.rate import RateUnits

__all__ = [
    "FEEDBACKS",
    "SGD",
    "Dense",
    "FeedforwardNetwork",
    "OnlineTraces",
    "Plasticity",
    "RateUnits",
    "SpikeRepresentation",
    "single_threaded",
]
