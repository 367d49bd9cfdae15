"""ANNarchy, which turns equations into C++ and compiles them with its default flags.

Synapses are stored in compressed rows, by source where nothing changes at the target's spikes: what
ANNarchy chooses itself for ``storage_format="auto"``. Double precision, one thread.
"""
