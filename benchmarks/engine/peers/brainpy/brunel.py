"""Brunel's network with ``LifRef`` and delta synapses behind a delay.

External input is a binomial number per step and neuron; BrainPy's own PoissonInput would also reach
refractory neurons.
"""

import brainpy as bp
import brainpy.math as bm

from benchmarks.engine.peers.brainpy.simulation import Simulation, random_connections
from benchmarks.engine.peers.parameters import ms, mV


class Network(bp.DynSysGroup):
    """One group of neurons, of which those at the end inhibit."""

    def __init__(self, given, rng):
        super().__init__()
        n, J = given.N_E + given.N_I, given.J / mV
        self.n_excitatory = given.N_E
        self.neurons = bp.dyn.LifRef(
            n,
            V_rest=0.0,
            V_th=given.theta / mV,
            V_reset=given.V_r / mV,
            tau=given.tau / ms,
            tau_ref=given.tau_rp / ms,
            V_initializer=bp.init.Uniform(0.0, given.theta / mV),
            method="exp_auto",
        )
        self.delay_steps = round(given.D / given.TIME_STEP)
        self.past = bm.LengthDelay(self.neurons.spike, self.delay_steps)
        seeds = rng.integers(2**31, size=2)
        self.excitation = bp.dyn.HalfProjDelta(
            random_connections(given.N_E, n, given.epsilon, J, int(seeds[0])), self.neurons
        )
        self.inhibition = bp.dyn.HalfProjDelta(
            random_connections(given.N_I, n, given.epsilon, -given.g * J, int(seeds[1])),
            self.neurons,
        )
        probability = given.external_rate * given.TIME_STEP
        self.neurons.add_inp_fun(
            "external",
            lambda *_: J * bm.random.binomial(given.C_E, probability, (n,)),
            category="delta",
        )

    def update(self):
        """Deliver what was fired a delay ago, advance the neurons, return their spikes."""
        arriving = self.past(self.delay_steps)
        self.excitation(arriving[: self.n_excitatory])
        self.inhibition(arriving[self.n_excitatory :])
        spikes = self.neurons()
        self.past.update(spikes)
        return (spikes,)


def build(given, rng):
    """Return the network."""
    return Simulation(Network(given, rng), [given.N_E + given.N_I])
