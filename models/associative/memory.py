"""What all associative memories have in common."""

from abc import ABC, abstractmethod

import numpy as np

from neurosim.errors import ParameterError

__all__ = ["AssociativeMemory", "find_memory", "memories", "memory"]

_memories = {}


def memory(name):
    """Register a class of memories under a name.

    Parameters
    ----------
    name : str
        What protocols call it.

    Returns
    -------
    callable
        Class decorator.
    """

    def register(memory_class):
        memory_class.name = name
        _memories[name] = memory_class
        return memory_class

    return register


def memories():
    """Return all classes of memories by name."""
    from neurosim.models import associative

    associative.load()
    return dict(sorted(_memories.items()))


def find_memory(name):
    """Return the class of memories with this name.

    Raises
    ------
    ParameterError
        Where there is none.
    """
    known = memories()
    if name not in known:
        raise ParameterError(f"memory is {name!r}; expected one of {', '.join(known)}")
    return known[name]


class AssociativeMemory(ABC):
    """A memory of patterns over units.

    A constructor takes the number of units and, by keyword, what is particular to the memory, each
    with a default, and ``seed`` where anything is drawn.

    Parameters
    ----------
    n_units : int

    Attributes
    ----------
    name : str
        Under which it is registered.
    values : tuple of int or None
        Values a unit of a pattern has: (0, 1), (-1, 1), (-1, 0, 1); None for any number.
    dtype : numpy.dtype
        Of recalled patterns.
    n_stored : int
        Patterns stored since the last reset.
    """

    name = ""
    values = (0, 1)
    dtype = np.dtype(np.uint8)

    def __init__(self, n_units):
        if isinstance(n_units, bool) or not isinstance(n_units, int | np.integer) or n_units < 1:
            raise ParameterError(f"n_units must be a whole number ≥ 1; got {n_units!r}")
        self.n_units = int(n_units)
        self.n_stored = 0

    @property
    @abstractmethod
    def n_synapses(self):
        """Number of synapses, for capacities in bits per synapse."""

    @property
    @abstractmethod
    def bits_per_synapse(self):
        """Bits of memory that a synapse takes in this implementation."""

    @abstractmethod
    def random_patterns(self, n_patterns, rng):
        """Return random patterns of the kind the memory is made for.

        Parameters
        ----------
        n_patterns : int
        rng : numpy.random.Generator

        Returns
        -------
        ndarray, shape (n_patterns, n_units)
        """

    def store(self, patterns):
        """Store patterns, in addition to those that are stored.

        Parameters
        ----------
        patterns : array_like, shape (n_patterns, n_units) or (n_units,)

        Raises
        ------
        ParameterError
            Where shape or values are not those of this memory.
        """
        checked = self.checked(patterns, "patterns")
        self._store(checked)
        self.n_stored += len(checked)

    @abstractmethod
    def _store(self, patterns):
        """Store checked patterns, shape (n_patterns, n_units)."""

    def recall(self, cues, steps=None):
        """Return the patterns that cues lead to.

        Parameters
        ----------
        cues : array_like, shape (n_cues, n_units) or (n_units,)
            Parts of patterns, or patterns with mistakes; what is unknown is 0.
        steps : int, optional
            Updates at most; by default as many as the memory is known to need.

        Returns
        -------
        ndarray, shape of the cues
        """
        cues = np.asarray(cues)
        if steps is not None and (isinstance(steps, bool) or int(steps) != steps or steps < 0):
            raise ParameterError(f"steps must be a whole number ≥ 0; got {steps!r}")
        recalled = self._recall(self.checked(cues, "cues", with_unknown=True), steps)
        return recalled.reshape(cues.shape)

    @abstractmethod
    def _recall(self, cues, steps):
        """Return recalled patterns for checked cues, shape (n_cues, n_units)."""

    @abstractmethod
    def energy(self, states):
        """Return the energy of states; the lower, the more familiar.

        Parameters
        ----------
        states : array_like, shape (n_states, n_units) or (n_units,)

        Returns
        -------
        ndarray of float64, shape (n_states,)
        """

    @abstractmethod
    def reset(self):
        """Forget everything."""

    def checked(self, patterns, what, *, with_unknown=False):
        """Return patterns as an array of shape (n_patterns, n_units).

        Parameters
        ----------
        patterns : array_like
        what : str
            What they are called in messages.
        with_unknown : bool, default=False
            Whether units may be 0 where 0 is no value of a pattern.

        Raises
        ------
        ParameterError
        """
        array = np.atleast_2d(np.asarray(patterns))
        if array.ndim != 2 or array.shape[1] != self.n_units:
            raise ParameterError(
                f"{what} have shape {np.shape(patterns)}; expected rows of {self.n_units} units"
            )
        if self.values is not None:
            allowed = (*self.values, 0) if with_unknown else self.values
            wrong = ~np.isin(array, allowed)
            if wrong.any():
                known = ", ".join(map(str, sorted(set(allowed))))
                raise ParameterError(f"{what} hold {array[wrong][0]!r}; expected {known}")
        elif not np.all(np.isfinite(array)):
            raise ParameterError(f"{what} are not all finite")
        return array.astype(self.dtype)
