"""What the scripts for ANNarchy share."""

import ANNarchy as ann

__all__ = ["Simulation", "connect_randomly", "new_network", "start"]


def start(workload, given, random, cache):
    """Do nothing: ANNarchy compiles when the network is there."""


def new_network(given, rng):
    """Return an empty network of one thread."""
    network = ann.Network(dt=given.TIME_STEP * 1e3, seed=int(rng.integers(2**31)))
    network.config(num_threads=1, dtype=ann.float64, suppress_warnings=True)
    return network


def connect_randomly(network, sources, targets, kind, probability, weights, **options):
    """Connect with a probability, neurons with themselves too, as Brian 2 does."""
    synapse = options.pop("synapse", None)
    projection = network.connect(sources, targets, kind, synapse)
    projection.connect_fixed_probability(
        probability,
        weights,
        allow_self_connections=True,
        storage_format="csr",
        **options,
    )


class Simulation:
    """A network that is built.

    Parameters
    ----------
    network : ANNarchy.Network
    populations : list of ANNarchy.Population
        Their spikes are recorded.
    initialize : callable
        Sets initial values, which exist only after compilation.
    """

    def __init__(self, network, populations, initialize):
        self._network, self._populations, self._initialize = network, populations, initialize
        self._monitors = [network.monitor(group, "spike") for group in populations]

    def prepare(self, n_steps, cache):
        """Compile, build the connections, and set initial values."""
        self._network.compile(directory=f"{cache}/", silent=True)
        self._initialize()

    def run(self, n_steps):
        """Run the loop."""
        self._network.simulate(n_steps * self._network.dt)

    def spike_counts(self):
        """Return the numbers of spikes and of neurons."""
        spikes = [monitor.get("spike") for monitor in self._monitors]
        counts = [sum(map(len, of_neurons.values())) for of_neurons in spikes]
        return [(n, group.size) for n, group in zip(counts, self._populations, strict=True)]
