"""How each summed variable is computed in a run: chosen from expression and synapses."""

import numpy as np

from neurosim.engine.brian import SummedVariableUpdater, prefs
from neurosim.engine.codeobject import NumbaCodeObject
from neurosim.engine.sums import Sum, SummedByColumns

__all__ = ["SumPlans"]


class SumPlans:
    """The emitters of all summed variables of a schedule that can be taken apart.

    Parameters
    ----------
    objects : sequence of BrianObject
        Active objects in the order of the schedule, after their ``before_run``.
    """

    def __init__(self, objects):
        self._layouts = {}
        if not prefs["devices.neurosim.lowering"]:
            return
        for obj in objects:
            code = _code_of(obj)
            layout = None if code is None else _layout_of(code)
            if layout is not None:
                self._layouts[id(code)] = layout

    def emitter(self, code):
        """Return the emitter of a code object, None where its template's own will do."""
        layout = self._layouts.get(id(code))
        return None if layout is None else layout.emitter

    def still_hold(self):
        """Return whether no synapses have been made since."""
        return all(layout.is_current() for layout in self._layouts.values())

    def arrays(self):
        """Return the arrays of the kernels, by identity of a code object and name."""
        return {
            (code, name): array
            for code, layout in self._layouts.items()
            for name, array in layout.arrays.items()
        }


def _code_of(obj):
    if not isinstance(obj, SummedVariableUpdater):
        return None
    codes = [getattr(code.__repr__, "__self__", code) for code in obj.code_objects]
    compiled = [code for code in codes if isinstance(code, NumbaCodeObject)]
    return compiled[0] if len(compiled) == len(codes) == 1 else None


def _layout_of(code):
    """Return the layout of a sum: that of the last run where the synapses are the same."""
    known = code.namespace.get("_sum_layout")
    if known is None or not known.is_current() or not known.has_same_synapses():
        parts = Sum(code.code)
        known = _Layout(code, parts) if parts.columns else None
        if known is not None:
            code.namespace["_sum_layout"] = known
    return None if known is None or known.emitter is None else known


class _Layout:
    """The synapses of one sum, laid out for it.

    Attributes
    ----------
    emitter : SummedByColumns or None
        None where nothing is gained.
    arrays : dict of str to ndarray
    """

    def __init__(self, code, parts):
        snippet = code.code
        names = ("_synaptic_pre", "_synaptic_post")
        near, far = names if parts.near_index == "_presynaptic_idx" else names[::-1]
        variables = snippet.keywords["owner"].variables
        self._variables = variables[near], variables[far]
        self._near, self._far = (np.array(known.get_value()) for known in self._variables)
        self._start = int(snippet.keywords["_target_start"])
        size = variables[snippet.keywords["_target_size_name"]].get_value()
        self._size = int(np.asarray(size).item())
        n_far = int(self._far.max(initial=-1)) + 1
        n_columns = len(parts.columns)
        self.arrays = {
            "_far_values": np.zeros((n_far, n_columns)),
            "_near_sums": np.zeros((n_columns, self._size)),
        }
        self.emitter = self._choose(parts, near == "_synaptic_post")

    def is_current(self):
        """Return whether there are as many synapses as there were."""
        return len(self._variables[0].get_value()) == len(self._near)

    def has_same_synapses(self):
        """Return whether the synapses are those that there were."""
        known = self._near, self._far
        return all(
            np.array_equal(variable.get_value(), array)
            for variable, array in zip(self._variables, known, strict=True)
        )

    def _choose(self, parts, is_post):
        everybody = self._everybody(is_post)
        if everybody is not None and (is_post or not parts.has_synaptic_factors):
            self.arrays["_far_range"] = everybody
            return SummedByColumns("product")
        is_ordered = bool(np.all(self._near[1:] >= self._near[:-1]))
        if is_ordered or not parts.has_synaptic_factors:
            self._make_rows(is_ordered)
            return SummedByColumns("rows")
        if parts.saves_functions:
            self.arrays.update({"_near_of": self._near, "_far_of": self._far})
            return SummedByColumns("synapses")
        return None

    def _everybody(self, is_post):
        """Return first and last source where every source meets every target, in order."""
        first, last = (int(self._far[0]), int(self._far[-1]) + 1) if len(self._far) else (0, 0)
        if len(self._near) != (last - first) * self._size or not len(self._near):
            return None
        ends = np.arange(first, last), np.arange(self._start, self._start + self._size)
        expected = np.meshgrid(*ends, indexing="ij" if is_post else "xy", copy=False)
        is_full = all(
            np.array_equal(indices.reshape(grid.shape), grid)
            for indices, grid in zip((self._far, self._near), expected, strict=True)
        )
        return np.array([first, last]) if is_full else None

    def _make_rows(self, is_ordered):
        order = slice(None) if is_ordered else np.argsort(self._near, kind="stable")
        self.arrays["_far_of"] = self._far[order]
        edges = np.arange(self._start, self._start + self._size + 1)
        self.arrays["_rows"] = np.searchsorted(self._near[order], edges).astype(np.int64)
