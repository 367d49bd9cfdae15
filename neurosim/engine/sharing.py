"""Which work of a step several threads share, and who does what.

Elements are dealt out in whole blocks of drawn numbers, neighbours to the same thread. What is
computed for an element does not depend on who computes it, events are put together in the order of
their elements, and what arrives at a neuron is added by the thread of that neuron in the order in
which one thread would: the results are the same, bit for bit, for any number of threads.
"""

import ast
from dataclasses import dataclass

import numpy as np

from neurosim.engine.brian import Function
from neurosim.engine.kernels import Argument, Kernel
from neurosim.engine.snippets import EMITTERS
from neurosim.kernels.random_streams import DRAWN_AT_ONCE

__all__ = [
    "Sharing",
    "emit_shared",
    "join_kernel",
    "shares_of",
    "sharing_of",
    "size_of",
    "thread_arrays",
]

_TARGET = "_postsynaptic_idx"

# Numbers in a thread's share, a cache line: first element, the one after the last, and the one
# after the last event it has found.
_SHARE_LENGTH = 8


@dataclass(frozen=True)
class Sharing:
    """How a piece of work is dealt out.

    Attributes
    ----------
    kind : {"elements", "targets"}
        By the elements of a group, or by the neurons that events arrive at.
    size : int
        Number of these.
    is_local : bool
        Whether nothing is read or written but what belongs to the element.
    """

    kind: str
    size: int
    is_local: bool = False


def shares_of(size, n_threads):
    """Return the first elements of all threads' shares, and the number of elements.

    Examples
    --------
    >>> shares_of(3000, 2).tolist()
    [0, 1536, 3000]
    """
    n_blocks = -(-size // DRAWN_AT_ONCE)
    edges = np.arange(n_threads + 1) * n_blocks // n_threads
    return np.minimum(edges * DRAWN_AT_ONCE, size)


def sharing_of(snippet):
    """Return how a piece of work can be dealt out, None where one thread has to do it.

    Parameters
    ----------
    snippet : Snippet

    Returns
    -------
    Sharing or None
    """
    functions = [known for known in snippet.variables.values() if isinstance(known, Function)]
    has_memory = any(not (known.stateless or known.auto_vectorise) for known in functions)
    if has_memory or _writes_scalars(snippet.scalar):
        return None
    if snippet.template in ("stateupdate", "threshold"):
        return _by_element(snippet)
    return _by_target(snippet) if snippet.template == "synapses" else None


def _writes_scalars(lines):
    """Return whether scalar code changes arrays, which all threads would do."""
    tree = ast.parse("\n".join(lines) or "pass")
    assigned = [node for node in ast.walk(tree) if isinstance(node, ast.Assign | ast.AugAssign)]
    targets = [
        target
        for node in assigned
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    return any(isinstance(target, ast.Subscript) for target in targets)


def _places(block):
    """Return loads and stores as arrays and indices; indices are no places of their own."""
    loads = [_place(element) for name, element in block.loads if not name.endswith("_idx")]
    return loads, [_place(element) for _, element in block.stores]


def _place(element):
    array, _, index = element.partition("[")
    return array, index.rstrip("])")


def _by_element(snippet):
    loads, stores = _places(snippet.keywords["block"])
    written = {array for array, _ in stores}
    is_own = all(index == "_idx" for _, index in stores)
    if not is_own or any(array in written and index != "_idx" for array, index in loads):
        return None
    is_local = all(index in ("_idx", "0") for _, index in loads)
    return Sharing("elements", size_of(snippet, "elements"), is_local)


def _by_target(snippet):
    """Return it where events change nothing but target neurons."""
    loads, stores = _places(snippet.keywords["block"])
    written = {array for array, _ in stores}
    is_clear = all(index == _TARGET for _, index in stores) and not any(
        array in written and index != _TARGET for array, index in loads
    )
    size = size_of(snippet, "targets")
    return Sharing("targets", size) if is_clear and size else None


def size_of(snippet, kind):
    """Return the number of elements, or of target neurons, there are now; 0 where not clear."""
    if kind == "elements":
        return int(np.asarray(snippet.variables["N"].get_value()).item())
    names = [name for name, _ in snippet.keywords["block"].stores]
    sizes = {len(snippet.variables[name].get_value()) for name in names}
    return sizes.pop() if len(sizes) == 1 else 0


def emit_shared(snippet):
    """Return the body of a kernel that does a thread's share."""
    return EMITTERS[snippet.template](snippet.shared())


def join_kernel(snippet):
    """Return the kernel that puts together the events that threads have found.

    Parameters
    ----------
    snippet : Snippet
        Of the threshold.
    """
    lines = (
        "_n_events = 0",
        "for _thread in range(len(_shares)):",
        "    for _event in range(_shares[_thread, 0], _shares[_thread, 2]):",
        "        _events[_n_events] = _events[_event]",
        "        _n_events += 1",
        "_events[len(_events) - 1] = _n_events",
    )
    arguments = {
        "_events": Argument("array", snippet.keywords["eventspace_variable"]),
        "_shares": Argument("engine", "_shares"),
    }
    return Kernel("join_events", lines, arguments, {}, ())


def thread_arrays(steps, known, n_threads):
    """Return what threads have of their own for the steps they share.

    Parameters
    ----------
    steps : sequence of Step
    known : dict
        The arrays of the engine, by identity of a code object and name.
    n_threads : int

    Returns
    -------
    list of dict
        One for each thread. The first one has the streams of random numbers that are known.
    """
    of_threads = [{} for _ in range(n_threads)]
    for step in steps:
        if step.sharing is None:
            continue
        code = id(step.owner)
        shares = np.zeros((n_threads, _SHARE_LENGTH), np.int64)
        edges = shares_of(size_of(step.owner.code, step.sharing.kind), n_threads)
        shares[:, 0], shares[:, 1] = edges[:-1], edges[1:]
        for arrays, share in zip(of_threads, shares, strict=True):
            arrays[code, "_share"], arrays[code, "_shares"] = share, shares
        for arrays in of_threads[1:]:
            for name in ("_random", "_drawn", "_saved"):
                if (code, name) in known:
                    arrays[code, name] = known[code, name].copy()
    return of_threads
