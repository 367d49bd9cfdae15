"""A protocol is one typed function: a call, a script, a command and a grid point."""

import contextlib
import inspect
import sys
from pathlib import Path

from neurosim.engine.interrupt import raising_interrupts
from neurosim.errors import ParameterError
from neurosim.experiment.outputs import check_output, save_figure
from neurosim.experiment.parameters import parameter_table, plain_values, resolve
from neurosim.experiment.registry import register_protocol
from neurosim.experiment.run import Result, Run
from neurosim.traces import MemoryTraces, TraceFile, TraceWriter

__all__ = ["Protocol", "protocol"]


def protocol(function=None, *, figure=None):
    """Make a protocol of a function and register it under the function's name.

    Parameters
    ----------
    function : callable
        ``function(run, *, name: type = default, ...)``; see :class:`Run`.
    figure : callable, optional
        Draws a matplotlib figure from the traces alone, so that it can be drawn again from the
        file.

    Returns
    -------
    Protocol

    Raises
    ------
    TypeError
        Where the signature is not that of a protocol.

    Examples
    --------
    >>> import neurosim
    >>> @neurosim.protocol
    ... def walk(run, *, steps: int = 3):
    ...     '''Add up steps.'''
    ...     run.metric("distance", float(steps))
    >>> walk(steps=5).metrics
    {'distance': 5.0}
    """
    if function is None:
        return lambda function: protocol(function, figure=figure)
    made = Protocol(function, figure)
    register_protocol(made)
    return made


class Protocol:
    """An experiment with typed parameters.

    Calling it runs it and keeps the traces in memory; :meth:`run` writes them to a file;
    :meth:`main` is its command line.

    Attributes
    ----------
    name, summary, description : str
        From the function's name and docstring.
    parameters : dict of str to Parameter
    figure : callable or None
    """

    is_protocol = True

    def __init__(self, function, figure=None):
        self.function = function
        self.figure = figure
        self.name = self.__name__ = function.__name__
        self.__module__ = function.__module__
        self.__qualname__ = function.__qualname__
        self.__doc__ = function.__doc__ or ""
        self.parameters = parameter_table(function)

    def __reduce__(self):
        # By name, as functions are: worker processes find it where it is defined.
        return self.__qualname__

    @property
    def __signature__(self):
        """What a call takes, for help and completion."""
        keyword_only = inspect.Parameter.KEYWORD_ONLY
        return inspect.Signature(
            [
                inspect.Parameter(name, keyword_only, default=parameter.default)
                for name, parameter in self.parameters.items()
            ]
        )

    @property
    def summary(self):
        """First line of the docstring."""
        return self.description.partition("\n")[0]

    @property
    def description(self):
        """The docstring up to its sections."""
        text = "\n".join(line.strip() for line in self.__doc__.strip().splitlines())
        return text.partition("\nParameters\n")[0].strip()

    def __repr__(self):
        return f"<protocol {self.name}({', '.join(self.parameters)})>"

    def __call__(self, **values):
        """Run with parameters `values`, keep the traces in memory; return a :class:`Result`."""
        return self.run(values)

    def run(
        self, values=None, /, *, output=None, overwrite=False, progress=False, draw=True, **more
    ):
        """Run with parameters and write the traces to a file.

        Parameters
        ----------
        values : dict, optional
            Parameters by name, for instance those of a trace file.
        output : str or Path, optional
            The trace file; in memory by default.
        overwrite : bool, default=False
            Whether files of these names may be replaced.
        progress : bool, default=False
            Whether to show progress and what the protocol says.
        draw : bool, default=True
            Whether to draw the figure beside the output.
        **more
            Parameters by name.

        Returns
        -------
        Result

        Raises
        ------
        UnknownNameError, ParameterError
            Before anything is written.
        TraceFileError
            Where a file exists already or cannot be written, before anything is computed.

        Examples
        --------
        >>> import neurosim
        >>> @neurosim.protocol
        ... def walk(run, *, steps: int = 3):
        ...     run.metric("distance", steps)
        >>> walk.run(output="walk.h5", steps=5).traces.metrics
        {'metrics/distance': 5}
        """
        given = dict(values or {})
        for name in more:
            if name in given:
                raise ParameterError(f"parameter {name!r} of {self.name} is given twice")
        return self._execute(
            resolve(self.parameters, self.name, given | more),
            None if output is None else Path(output),
            overwrite=overwrite,
            progress=progress,
            draw=draw,
        )

    def main(self, arguments=None):
        """Be a script: read the command line, run, and end the process with its status."""
        from neurosim.experiment.command import run_script

        sys.exit(run_script(self, sys.argv[1:] if arguments is None else arguments))

    def plain(self, values):
        """Return parameter values as JSON holds them."""
        return plain_values(self.parameters, values)

    def _execute(self, values, output, *, overwrite, progress, draw):
        picture = None
        if output is not None:
            check_output(output, overwrite=overwrite)
            if draw and self.figure is not None:
                picture = _beside(output)
                check_output(picture, overwrite=overwrite)
        about = {"protocol": self.name, "parameters": self.plain(values), "seed": values["seed"]}
        if output is None:
            sink = MemoryTraces(**about)
        else:
            sink = TraceWriter(output, **about, overwrite=overwrite)
        run = Run(values, sink, shows_progress=progress)
        with _naming_what_is_kept(output), sink, raising_interrupts():
            self.function(run, **self._listed(values))
        traces = sink if output is None else TraceFile(output)
        if picture is not None:
            self._draw(traces, picture, output)
        return Result(self.name, values, run.metrics, traces, output, picture)

    def _draw(self, traces, picture, output):
        try:
            save_figure(self.figure(traces), picture)
        except Exception as error:
            error.add_note(f"the run is complete and its traces are in {output}")
            raise

    def _listed(self, values):
        """Return the values without a seed that the function does not list."""
        listed = inspect.signature(self.function).parameters
        return {name: value for name, value in values.items() if name in listed}


def _beside(output):
    """Return the path of the figure that belongs to a trace file."""
    if output.suffix in (".h5", ".hdf5"):
        return output.with_suffix(".png")
    return output.with_name(f"{output.name}.png")


@contextlib.contextmanager
def _naming_what_is_kept(output):
    """Note on whatever ends the run early where its recording is."""
    before = _version(output)
    try:
        yield
    except BaseException as error:
        if _version(output) != before:
            error.add_note(f"what was recorded is in {output}")
        raise


def _version(path):
    """Return what tells a file from the one that was there before."""
    if path is None or not path.exists():
        return None
    status = path.stat()
    return status.st_ino, status.st_mtime_ns, status.st_size
