"""Running protocols from a command line, as a script or by name."""

import argparse
import os
import signal
import sys
import textwrap
import threading
from pathlib import Path

from neurosim.errors import NeurosimError, ParameterError
from neurosim.experiment.parameters import resolve

__all__ = ["Parser", "add_run_options", "guarded", "parameter_help", "run_named", "run_script"]

INTERRUPTED, TERMINATED = 130, 143
# Options that every way to run a protocol has, by the number of their values.
_OWN = {"--help": 0, "--output": 1, "--overwrite": 0, "--no-progress": 0, "--no-figure": 0}


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are the user's, told in one line like all others."""

    def __init__(self, **options):
        super().__init__(**options, allow_abbrev=False)

    def error(self, message):
        """Raise instead of printing the usage and leaving."""
        raise ParameterError(f"{message} ({self.prog} --help)")


class _Terminated(KeyboardInterrupt):
    """SIGTERM, which ends a run as Ctrl-C does."""


def guarded(action):
    """Call `action` and return the exit status its outcome stands for.

    The user's errors give one line on standard error and their own status (2 for bad input),
    Ctrl-C gives 130 and SIGTERM 143; anything else is ours and keeps its traceback.

    Parameters
    ----------
    action : callable
        Returns a status or None.

    Returns
    -------
    int
    """
    # Text that the terminal's encoding lacks must not end a run.
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    restore = _catch_termination()
    try:
        status = action() or 0
        sys.stdout.flush()
        return status
    except NeurosimError as error:
        _complain(f"error: {error}", error)
        return error.exit_status
    except _Terminated as signalled:
        _complain("terminated", signalled)
        return TERMINATED
    except KeyboardInterrupt as interrupt:
        _complain("interrupted", interrupt)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone; writing to it at exit would complain once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    finally:
        restore()


def _catch_termination():
    """Turn SIGTERM into an exception; return what undoes that."""
    if threading.current_thread() is not threading.main_thread():
        return lambda: None  # only the main thread can
    previous = signal.signal(signal.SIGTERM, _terminate)
    return lambda: signal.signal(signal.SIGTERM, previous)


def _terminate(number, frame):
    # As an exception, so that files are closed on the way out; once is enough.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise _Terminated


def _complain(text, error):
    sentences = "; ".join([text, *getattr(error, "__notes__", [])])
    print(f"neurosim: {' '.join(sentences.split())}", file=sys.stderr)


def add_run_options(parser):
    """Add the options that every way to run a protocol has."""
    parser.add_argument("--output", metavar="FILE", help="trace file (default: NAME.h5 here)")
    parser.add_argument("--overwrite", action="store_true", help="replace existing files")
    parser.add_argument("--no-progress", action="store_true", help="show no progress, say nothing")
    parser.add_argument("--no-figure", action="store_true", help="draw no figure")


def run_named(protocol, settings, options):
    """Run a protocol with ``name=value`` settings.

    Parameters
    ----------
    protocol : Protocol
    settings : sequence of str
    options : argparse.Namespace
        Of :func:`add_run_options`.

    Raises
    ------
    ParameterError, UnknownNameError
        Where a setting is none, or a parameter is unknown or not allowed.
    """
    pairs = []
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise ParameterError(f"--set takes NAME=VALUE; got {setting!r}")
        pairs.append((name.strip(), text))
    _run(protocol, pairs, options)


def run_script(protocol, arguments):
    """Run a protocol whose parameters are options, and return the exit status.

    Parameters
    ----------
    protocol : Protocol
    arguments : list of str

    Returns
    -------
    int
    """

    def action():
        parser = Parser(
            prog=Path(sys.argv[0]).name,
            usage="%(prog)s [--PARAMETER VALUE ...] [options]",
            description=protocol.description,
            epilog=parameter_help(protocol, "--"),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        add_run_options(parser)
        pairs, rest = _parameter_options(protocol, arguments)
        _run(protocol, pairs, parser.parse_args(rest))

    return guarded(action)


def _parameter_options(protocol, arguments):
    """Split a script's arguments into (name, text) of parameters, and the run's own options.

    What is no option of every run is a parameter, known or not; its text is the next argument
    even where that begins with a minus sign, as in ``--rate -1e-3``.
    """
    pairs, rest = [], []
    waiting = list(arguments)
    while waiting:
        argument = waiting.pop(0)
        flag, equals, text = argument.partition("=")
        if not flag.startswith("--") or flag in _OWN:
            rest.append(argument)
            if _OWN.get(flag) and not equals and waiting:
                rest.append(waiting.pop(0))
            continue
        name = flag.removeprefix("--").replace("-", "_")
        if not equals:
            has_value = waiting and not waiting[0].startswith("--")
            if not has_value and name in protocol.parameters:
                raise ParameterError(f"parameter '{name}' needs a value: {flag} VALUE")
            text = waiting.pop(0) if has_value else ""
        pairs.append((name, text))
    return pairs, rest


def _run(protocol, pairs, options):
    given = {}
    for name, text in pairs:
        if name in given:
            raise ParameterError(f"parameter '{name}' is given twice: {given[name]!r}, {text!r}")
        given[name] = text
    output = Path(f"{protocol.name}.h5" if options.output is None else options.output)
    result = protocol.run(
        resolve(protocol.parameters, protocol.name, given, texts=True),
        output=output,
        overwrite=options.overwrite,
        progress=not options.no_progress,
        draw=not options.no_figure,
    )
    for path in (result.output, result.figure_path):
        if path is not None and not options.no_progress:
            print(f"wrote {path}")


def parameter_help(protocol, prefix=""):
    """Return a table of a protocol's parameters: type, allowed values, default, meaning.

    Parameters
    ----------
    protocol : Protocol
    prefix : str
        Stands before each name.

    Returns
    -------
    str
    """
    lines = ["parameters:"]
    for name, parameter in protocol.parameters.items():
        default = "required"
        if not parameter.is_required:
            default = f"default {parameter.kind.text(parameter.default) or 'empty'}"
        lines.append(f"  {prefix}{name} : {parameter.kind.name} ({default})")
        lines += textwrap.wrap(
            parameter.description, 90, initial_indent="      ", subsequent_indent="      "
        )
    return "\n".join(lines)
