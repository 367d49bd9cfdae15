"""NEST's own neurons and synapses, which are compiled into it.

Spikes arrive one step after they would in Brian 2: NEST has no connection without a delay.
"""
