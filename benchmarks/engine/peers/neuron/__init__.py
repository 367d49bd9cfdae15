"""NEURON with mechanisms of ours in NMODL (``mechanisms/``), which nrnivmodl compiles.

Integrate-and-fire neurons are point processes that hold their own potential, all in one section, so
that no membrane equation is solved for them; a step is written out as a procedure. Hodgkin-Huxley
neurons are sections. Fixed time step, the queue of events sorted in bins of a step. Connections
have a delay of one step where the workload has none.
"""
