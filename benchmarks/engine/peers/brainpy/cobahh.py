"""COBAHH with ``CondNeuGroup`` and BrainPy's channels of Traub and Miles (1991).

Exponential Euler (``exp_auto``) for channels; synaptic currents are taken at the potential before
the step. Conductances are per area, in mS/cm2.
"""

import brainpy as bp
import brainpy.math as bm
import numpy as np

from benchmarks.engine.peers.brainpy.networks import BalancedNetwork
from benchmarks.engine.peers.brainpy.simulation import Simulation
from benchmarks.engine.peers.parameters import ms, mV


class Neurons(bp.dyn.CondNeuGroup):
    """Sodium, potassium and leak, and a time without spikes after each."""

    def __init__(self, given):
        n, density, shift = given.N, given.area * 10, given.V_T / mV
        super().__init__(n, C=1.0)
        self.INa = bp.dyn.INa_TM1991(n, g_max=given.g_Na / density, E=given.E_Na / mV, V_sh=shift)
        self.IK = bp.dyn.IK_TM1991(n, g_max=given.g_K / density, E=given.E_K / mV, V_sh=shift)
        self.IL = bp.dyn.IL(n, E=given.E_l / mV, g_max=given.g_l / density)
        self.threshold, self.tau_rp = given.V_spike / mV, given.tau_rp / ms
        self.last = bm.Variable(bm.full(n, -1e7))

    def update(self, x=None):
        """Advance, and say a spike where the potential is above threshold."""
        super().update(x)
        # Half a step less, because times are rounded.
        has_waited = bp.share["t"] - self.last >= self.tau_rp - 0.5 * bp.share["dt"]
        potential = self.V.value
        self.spike.value = bm.logical_and(has_waited, potential > self.threshold)
        self.last.value = bm.where(self.spike, bp.share["t"], self.last)
        return self.spike.value


def build(given, rng):
    """Return the network."""
    neurons = Neurons(given)
    neurons.V.value = bm.asarray(given.E_l / mV + rng.normal(-5, 5, given.N))
    # All closed, where BrainPy would start in equilibrium.
    for gate in (neurons.INa.p, neurons.INa.q, neurons.IK.p):
        gate.value = bm.zeros(given.N)
    # From S per neuron to mS/cm2.
    density = given.area * 10
    network = BalancedNetwork(
        neurons,
        given.p,
        (given.w_e / density, given.w_i / density),
        (given.tau_e / ms, given.tau_i / ms),
        (bp.dyn.COBA.desc(E=given.E_e / mV), bp.dyn.COBA.desc(E=given.E_i / mV)),
        rng,
    )
    unit = 10e-9 / density
    network.set_conductances(
        unit * np.asarray(rng.normal(4, 1.5, given.N)), unit * rng.normal(20, 12, given.N)
    )
    return Simulation(network, [given.N])
