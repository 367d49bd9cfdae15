"""Hebbian orthogonal projection (Xiao et al., ICLR 2024)."""

from neurosim.models.hlop.circuit import LateralCircuit
from neurosim.models.hlop.diagnostics import (
    non_orthonormality,
    optimal_residual,
    residual_energy,
)
from neurosim.models.hlop.model import HebbianOrthogonalProjection

__all__ = [
    "HebbianOrthogonalProjection",
    "LateralCircuit",
    "non_orthonormality",
    "optimal_residual",
    "residual_energy",
]
