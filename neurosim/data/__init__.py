"""Labelled stimuli: embedded ones, and those found on the machine or downloaded."""

from neurosim.data.dataset import Dataset, standardised
from neurosim.data.digits import digits
from neurosim.data.idx import read_idx
from neurosim.data.mnist_files import fashion_mnist, mnist

__all__ = ["Dataset", "digits", "fashion_mnist", "mnist", "read_idx", "standardised"]
