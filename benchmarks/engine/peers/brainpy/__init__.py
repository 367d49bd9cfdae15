"""BrainPy, which lets XLA compile its step and a loop over steps; CPU, double precision.

Spikes meet synapses through ``EventCSRLinear``. The loop is compiled once for a stretch of steps
and called for each stretch; spikes are returned as a matrix of steps by neurons, BrainPy's way to
record them. XLA runs on one thread as far as its flags go.
"""
