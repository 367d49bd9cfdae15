"""The engine beside Brian 2's own targets, on the same scripts, in one run.

    python -m benchmarks.engine --help

from the root of the repository. See :mod:`benchmarks.engine.__main__`.
"""
