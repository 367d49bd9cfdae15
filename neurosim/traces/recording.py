"""Recording what happens in a network into a trace file while it runs."""

import contextlib
import os

from neurosim.engine.interrupt import raising_interrupts
from neurosim.errors import ParameterError
from neurosim.traces.writer import TraceWriter

__all__ = ["Recording", "record"]


def record(
    net,
    what,
    *,
    to,
    every=None,
    index=None,
    protocol=None,
    parameters=None,
    seed=None,
    overwrite=False,
):
    """Record spikes, variables, rates and weights of a network to disk while it runs.

    What is recorded leaves memory as the run goes on, and nothing in a step is done by Python.

    Parameters
    ----------
    net : brian2.Network or Simulation
        On the device ``"neurosim"``. It gets the monitors that are needed, until the recording is
        closed. The run does not depend on them, but for rounding where an event-driven variable
        is recorded, which is then kept for each synapse.
    what : str, monitor, or sequence of these
        ``"cells.spikes"``, or another event of `cells` by its name; ``"cells.v"``, a variable;
        ``"cells.rate"``, the rate of the population; ``"synapses.w"``, a variable of synapses. Or
        a monitor of the network, which then hands on what it records and keeps nothing but
        `count`.
    to : str, Path, TraceWriter, MemoryTraces or Run
        A path is a trace file of its own, which the recording closes.
    every : Quantity or dict of str to Quantity, optional
        Time from one row to the next, a multiple of the group's time step; for all texts in
        `what` but events, or by text. Rates become means over it. By default every step.
    index : int, slice, sequence of int, part of the group, or dict of str to these, optional
        Which neurons or synapses (``cells[10:20]``, ``synapses[0, :]`` work as well); for all texts
        in `what`, or by text. By default all. Synapses must have been connected.
    protocol, parameters, seed : str, mapping, int, optional
        Where `to` is a path, what the file says about the run; by default the name of the network,
        nothing, and the seed of the device's random streams.
    overwrite : bool, default=False
        Where `to` is a path, whether an existing file may be replaced.

    Returns
    -------
    Recording
        Use it in a ``with`` statement, or close it.

    Raises
    ------
    UnknownNameError, ParameterError
        Where a name, unit, interval or index is wrong, or two things would go to the same place.
    TraceFileError
        Where the file exists already, or cannot be written there.
    NotImplementedError
        On another device. In each case nothing was written, and the network is as it was.

    Examples
    --------
    >>> from brian2 import Network, NeuronGroup, ms, set_device
    >>> from neurosim.traces import TraceFile, record
    >>> set_device("neurosim")
    >>> group = NeuronGroup(3, "dv/dt = (2 - v)/(10*ms) : 1", threshold="v > 1", reset="v = 0",
    ...                     method="exact", name="cells")
    >>> net = Network(group)
    >>> with record(net, ["cells.spikes", "cells.v"], to="run.h5", every=1*ms,
    ...             index={"cells.v": [0, 2]}):
    ...     net.run(20*ms)
    >>> file = TraceFile("run.h5")
    >>> nodes, times_ms = file.spikes("cells")
    >>> nodes.tolist(), times_ms.round(1).tolist()
    ([0, 1, 2, 0, 1, 2], [6.9, 6.9, 6.9, 13.9, 13.9, 13.9])
    >>> file.report("cells.v").values.shape
    (20, 2)
    >>> set_device("runtime")
    """
    # Brian 2 takes a second or two to import, which whoever reads a file should not pay.
    from neurosim.engine.instruments import Instruments

    instruments = Instruments(net, what, every, index)
    about = {"protocol": protocol, "parameters": parameters, "seed": seed}
    if isinstance(to, str | os.PathLike):
        defaults = {
            "protocol": instruments.network.name,
            "parameters": {},
            "seed": instruments.seed,
        }
        given = {key: value for key, value in about.items() if value is not None}
        traces = own = TraceWriter(to, **defaults | given, overwrite=overwrite)
    else:
        traces, own = _checked_traces(to, about, overwrite), None
    try:
        instruments.install(traces)
    except BaseException:
        if own is not None:
            own.close(complete=False)
        raise
    return Recording(traces, instruments, is_own=own is not None)


class Recording:
    """What is being recorded; made by :func:`record`.

    In a ``with`` block Ctrl-C raises KeyboardInterrupt once the run it stopped has returned.
    Closing takes the monitors out of the network again, and finishes the file where `record` was
    given a path; a block that an exception has left marks it incomplete.

    Parameters
    ----------
    traces : TraceWriter, MemoryTraces or Run
    instruments : Instruments
        The monitors.
    is_own : bool
        Whether closing the recording closes `traces`.

    Attributes
    ----------
    traces : TraceWriter, MemoryTraces or Run
        Where everything goes; other things may be written there, too.
    places : list of str
        Where in the file, such as ``"spikes/cells"``.
    """

    def __init__(self, traces, instruments, *, is_own):
        self.traces = traces
        self.places = list(instruments.places)
        self._instruments, self._is_own = instruments, is_own
        self._block = contextlib.ExitStack()

    def __repr__(self):
        return f"<Recording of {', '.join(self.places)}>"

    def __enter__(self):
        self._block.enter_context(raising_interrupts())
        return self

    def __exit__(self, error_type, error, traceback):
        self._block.close()
        self._instruments.remove()
        if self._is_own:
            self.traces.__exit__(error_type, error, traceback)

    def flush(self):
        """Return when everything recorded so far survives the death of this process.

        Raises
        ------
        TraceWriteError
            Where the disk is full.
        """
        self.traces.flush()

    def close(self, complete=True):
        """End the recording; closing again does nothing.

        Parameters
        ----------
        complete : bool, default=True
            Whether the run reached its end.

        Raises
        ------
        TraceWriteError
            Where the disk is full; what was flushed stays readable.
        """
        self._instruments.remove()
        if self._is_own:
            self.traces.close(complete=complete)


def _checked_traces(to, about, overwrite):
    methods = ("write", "append", "append_spikes", "append_report", "flush")
    if not all(hasattr(to, method) for method in methods):
        raise ParameterError(
            f"to is {to!r}; expected a path, a TraceWriter, MemoryTraces or the Run of a protocol"
        )
    for name, value in {**about, "overwrite": overwrite or None}.items():
        if value is not None:
            raise ParameterError(
                f"{name} is {value!r}, but to is no path; its file says already where it came from"
            )
    return to
