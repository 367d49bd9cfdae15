"""The triplet rule of plasticity at 100 000 synapses.

Pfister and Gerstner (2006), J Neurosci 26:9673-9682: equations 3 and 4, all-to-all spike
interaction, parameters of visual cortex (table 4); inputs and neurons of :mod:`stdp_sparse`.
"""

from brian2 import ms

from .stdp_all_to_all import *  # noqa: F403 - the parameters, where the equations find them
from .stdp_all_to_all import DURATION, EXPONENTIALS, RATE_TOLERANCE, build_network

__all__ = ["DURATION", "EXPONENTIALS", "RATE_TOLERANCE", "build"]

tau_plus, tau_x, tau_minus, tau_y = 16.8 * ms, 101 * ms, 33.7 * ms, 125 * ms
# A tenth of the paper's, so that neurons do not run away within the second.
A_2_plus, A_3_plus = 5e-11, 6.2e-4
A_2_minus, A_3_minus = 7e-4, 2.3e-5

plasticity = """
w : 1
dr_1/dt = -r_1/tau_plus : 1 (event-driven)
dr_2/dt = -r_2/tau_x : 1 (event-driven)
do_1/dt = -o_1/tau_minus : 1 (event-driven)
do_2/dt = -o_2/tau_y : 1 (event-driven)
"""
# The slow traces are read as they were just before the spike.
on_pre = """
g_e_post += w
w = clip(w - g_max*o_1*(A_2_minus + A_3_minus*r_2), 0, g_max)
r_1 += 1
r_2 += 1
"""
on_post = """
w = clip(w + g_max*r_1*(A_2_plus + A_3_plus*o_2), 0, g_max)
o_1 += 1
o_2 += 1
"""


def build(random=1):
    """Return the objects of the network."""
    return build_network(random, 0.1, plasticity, on_pre, on_post)
