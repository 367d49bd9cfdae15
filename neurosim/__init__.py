"""neurosim: biologically plausible neural simulation, from protocol to trace file."""

from neurosim._version import __version__
from neurosim.engine import register_device
from neurosim.experiment.model import Model, Response
from neurosim.experiment.parameters import OneOf, Range
from neurosim.experiment.protocol import Protocol, protocol
from neurosim.experiment.registry import model
from neurosim.experiment.run import Result, Run

__all__ = [
    "Model",
    "OneOf",
    "Protocol",
    "Range",
    "Response",
    "Result",
    "Run",
    "__version__",
    "model",
    "protocol",
]


def __dir__():
    return sorted(__all__)


register_device()
