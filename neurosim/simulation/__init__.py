"""A compiled network in the hand: trials, sweeps, snapshots."""

from neurosim.simulation.simulation import Simulation
from neurosim.simulation.snapshot import Snapshot
from neurosim.simulation.trials import Responses

__all__ = ["Responses", "Simulation", "Snapshot"]
