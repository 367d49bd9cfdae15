"""What the scripts for NEST share."""

import nest

__all__ = ["Simulation", "connect_randomly", "start"]


def start(workload, given, random, cache):
    """Set one thread, the workload's time step and the seed; there is nothing to compile."""
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.resolution = given.TIME_STEP * 1e3
    nest.local_num_threads = 1
    nest.rng_seed = random
    nest.print_time = False


def connect_randomly(sources, targets, probability, model, **synapse):
    """Connect with a probability, neurons with themselves too, as Brian 2 does."""
    nest.Connect(
        sources,
        targets,
        {"rule": "pairwise_bernoulli", "p": probability, "allow_autapses": True},
        {"synapse_model": model, **synapse},
    )


class Simulation:
    """A network that is built.

    Parameters
    ----------
    populations : list of nest.NodeCollection
        Their spikes are recorded, in memory.
    """

    def __init__(self, populations):
        self._sizes = [len(population) for population in populations]
        self._recorders = []
        for population in populations:
            self._recorders.append(nest.Create("spike_recorder"))
            nest.Connect(population, self._recorders[-1])

    def prepare(self, n_steps, cache):
        """Build what NEST builds before its loop: tables of connections and targets."""
        nest.Prepare()
        # The tables are built on the first occasion, not by Prepare.
        nest.Run(nest.min_delay)
        self._before = [recorder.n_events for recorder in self._recorders]

    def run(self, n_steps):
        """Run the loop."""
        nest.Run(n_steps * nest.resolution)
        nest.Cleanup()

    def spike_counts(self):
        """Return the numbers of spikes since `prepare`, and of neurons."""
        now = [recorder.n_events for recorder in self._recorders]
        counts = [after - before for after, before in zip(now, self._before, strict=True)]
        return list(zip(counts, self._sizes, strict=True))
