"""Floor 1: everything that meets Brian 2."""
