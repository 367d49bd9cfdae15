"""The parameters of a workload as plain numbers, for scripts that know no Brian 2."""

from numbers import Real
from types import SimpleNamespace

__all__ = ["Hz", "describe", "mV", "ms", "nS", "namespace", "pA", "pF"]

ms, mV, nS, pA, pF, Hz = 1e-3, 1e-3, 1e-9, 1e-12, 1e-12, 1.0


def describe(module):
    """Return the numbers in a workload's module, in SI units.

    Parameters
    ----------
    module : module
        See :mod:`benchmarks.engine.workloads`.

    Returns
    -------
    dict of str to float
        Quantities and plain numbers; neither units nor texts.
    """
    from brian2 import Quantity, Unit

    found = {}
    for name, value in vars(module).items():
        is_quantity = isinstance(value, Quantity) and not isinstance(value, Unit)
        if (is_quantity and value.ndim == 0) or isinstance(value, Real):
            found[name] = int(value) if isinstance(value, int) else float(value)
    return found


def namespace(values):
    """Return what `describe` gave with its names as attributes.

    Examples
    --------
    >>> given = namespace({"tau": 0.02})
    >>> round(given.tau / ms)
    20
    """
    return SimpleNamespace(**values)
