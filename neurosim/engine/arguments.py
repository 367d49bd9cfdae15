"""What a loop's function is called with."""

from neurosim.engine.kernels import current_value, plain

__all__ = ["Arguments"]


class Arguments:
    """The arguments of a program for each thread: clocks, their ends, arrays, constants.

    Parameters
    ----------
    device : NeurosimDevice
    program : Program
    clocks : sequence of Clock
    """

    def __init__(self, device, program, clocks):
        self._device, self._program, self._clocks = device, program, clocks
        # Timestep, time and step of every clock, then the ends.
        self._first_end = 3 * len(clocks)
        self._places, self._constants = {}, {}
        for place, owner, argument in self.described():
            if argument.kind == "engine":
                self._places[id(owner), argument.source] = place
            elif argument.kind == "constant":
                self._constants.setdefault(argument.source.name, []).append(place)
        self.of_threads = []

    def described(self):
        """Yield place, owner and description of each argument but those of the clocks."""
        first = self._first_end + len(self._clocks)
        for place, (owner, argument) in enumerate(self._program.arguments, first):
            yield place, owner, argument

    def of_clocks(self):
        """Return the places of the number of steps, the time and the end of each clock."""
        return [
            (3 * number, 3 * number + 1, self._first_end + number)
            for number in range(len(self._clocks))
        ]

    def places(self, name):
        """Return where a constant of the user's stands; nowhere where no statement reads it."""
        return self._constants.get(name, [])

    def bind(self, engine_arrays):
        """Fetch all arrays and constants as they are now; resizing moves arrays.

        Parameters
        ----------
        engine_arrays : list of dict
            For each thread, the arrays the engine keeps, by identity of a code object and name.
        """
        clocks = [array for clock in self._clocks for array in _arrays_of(clock)]
        ends = [int(clock._i_end) for clock in self._clocks]
        values = [
            None if argument.kind == "engine" else self._value(argument)
            for _, argument in self._program.arguments
        ]
        self.of_threads = []
        for known in engine_arrays:
            own = [
                known[id(owner), argument.source] if value is None else value
                for (owner, argument), value in zip(self._program.arguments, values, strict=True)
            ]
            # Every thread goes by a clock of its own, which kernels read, too.
            copies = {id(array): array.copy() for array in clocks} if self.of_threads else {}
            bound = [*clocks, *ends, *own]
            self.of_threads.append([copies.get(id(value), value) for value in bound])

    def _value(self, argument):
        if argument.kind == "function":
            return argument.source
        return current_value(self._device, argument)

    def take_ends(self):
        """Take over when the clocks end."""
        ends = [int(clock._i_end) for clock in self._clocks]
        for bound in self.of_threads:
            bound[self._first_end : self._first_end + len(ends)] = ends

    def replace(self, code, name, array):
        """Put another array of the engine, which the first thread alone uses, in its place.

        Parameters
        ----------
        code : int
            Identity of the code object it is kept for.
        name : str
        array : ndarray
        """
        place = self._places.get((code, name))
        if place is not None:
            self.of_threads[0][place] = array

    def set_constant(self, name, value):
        """Give a constant of the user's another value.

        Parameters
        ----------
        name : str
        value : float or int or bool
        """
        for place in self.places(name):
            for bound in self.of_threads:
                bound[place] = plain(value)


def _arrays_of(clock):
    names = ("timestep", "t", "dt" if "dt" in clock.variables else "times")
    return [clock.variables[name].get_value() for name in names]
