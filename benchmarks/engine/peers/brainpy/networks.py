"""What COBA, CUBA and COBAHH have in common."""

import brainpy as bp

from benchmarks.engine.peers.brainpy.simulation import random_connections
from benchmarks.engine.peers.parameters import ms, mV

__all__ = ["BalancedNetwork", "leaky_neurons"]


def leaky_neurons(given):
    """Return the integrate-and-fire neurons of COBA and CUBA, at random potentials."""
    return bp.dyn.LifRef(
        given.N,
        V_rest=given.E_l / mV,
        V_th=given.V_t / mV,
        V_reset=given.V_r / mV,
        tau=given.tau_m / ms,
        tau_ref=given.tau_rp / ms,
        V_initializer=bp.init.Uniform(given.V_r / mV, given.V_t / mV),
        method="exp_auto",
    )


class BalancedNetwork(bp.DynSysGroup):
    """Neurons of which four fifths excite, with exponential synapses.

    Parameters
    ----------
    neurons : brainpy.dyn.NeuDyn
    probability : float
        Of connections.
    weights, taus, outputs : pair
        Of excitation and inhibition: weights of spikes, time constants in ms, and
        descriptions of what they do to the potential.
    rng : numpy.random.Generator
    """

    def __init__(self, neurons, probability, weights, taus, outputs, rng):
        super().__init__()
        n = neurons.num
        self.neurons, self.n_excitatory = neurons, int(0.8 * n)
        sizes = (self.n_excitatory, n - self.n_excitatory)
        self.excitation, self.inhibition = (
            bp.dyn.HalfProjAlignPostMg(
                comm=random_connections(size, n, probability, weight, int(rng.integers(2**31))),
                syn=bp.dyn.Expon.desc(n, tau=tau),
                out=output,
                post=neurons,
            )
            for size, weight, tau, output in zip(sizes, weights, taus, outputs, strict=True)
        )

    def set_conductances(self, excitatory, inhibitory):
        """Set initial values, one per neuron."""
        self.excitation.refs["syn"].g.value = excitatory
        self.inhibition.refs["syn"].g.value = inhibitory

    def update(self):
        """Deliver the spikes of the step before, advance the neurons, return their spikes."""
        spikes = self.neurons.spike.value
        self.excitation(spikes[: self.n_excitatory])
        self.inhibition(spikes[self.n_excitatory :])
        return (self.neurons(),)
