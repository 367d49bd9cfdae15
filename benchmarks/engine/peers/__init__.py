"""The workloads in the languages of other simulators.

One folder per simulator with ``requirements.txt``, ``simulation.py`` (what its scripts share) and
one script per workload, with the name it has in :mod:`benchmarks.engine.workloads`. They are
written as users of the tool would write them for speed, on one thread, in double precision, and run
in the tool's own environment, which knows neither Brian 2 nor neurosim.

``simulation.start(workload, given, random, cache)``
    starts the tool and compiles what is compiled before a network is built. ``given`` has the
    parameters of the workload in SI units (see :mod:`.parameters`); ``random`` is the seed;
    ``cache`` a folder for compiled code.
``build(given, rng)`` of a script
    returns the network, an object with the methods ``prepare(n_steps, cache)``, which compiles and
    does what is done once, ``run(n_steps)``, and ``spike_counts()``, which returns the numbers of
    spikes and of neurons of each recorded group. ``rng`` is a NumPy generator.

Networks are the same in distribution: sizes, connection probabilities, parameters, initial values.
Each tool keeps its integration method and its shortest delay; what differs stands in the scripts.
COBA, CUBA, COBAHH, Brunel's network and sparse plasticity are written for all four; the other
workloads for none.
"""
