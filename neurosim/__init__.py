"""neurosim: biologically plausible neural simulation, from protocol to trace file."""

from neurosim._version import __version__

__all__ = ["__version__"]
