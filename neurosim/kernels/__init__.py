"""Floor 0: numba kernels on plain arrays, without knowledge of networks or models."""
