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
    "Simulation",
    "Snapshot",
    "__version__",
    "delayed",
    "follow_delay",
    "model",
    "protocol",
    "remember",
]


def __getattr__(name):
    # Brian 2 takes a second or two to import, which most commands should not pay.
    if name in ("delayed", "follow_delay", "remember"):
        from neurosim.engine import delayed

        return getattr(delayed, name)
    if name in ("Simulation", "Snapshot"):
        from neurosim import simulation

        return getattr(simulation, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted(__all__)


register_device()
