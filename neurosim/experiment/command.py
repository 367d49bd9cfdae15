"""Running protocols from a command line, as a script or by name."""

import argparse
import os
import signal
import sys
import textwrap
from pathlib import Path

from neurosim.errors import NeurosimError, ParameterError
from neurosim.experiment.parameters import resolve

__all__ = ["add_run_options", "guarded", "run_named", "run_script"]

INTERRUPTED, TERMINATED = 130, 143


def guarded(action):
    """Call `action` and return the exit status its outcome stands for.

    The user's errors give one line on standard error and their own status (2 for bad input),
    Ctrl-C gives 130; anything else is ours and keeps its traceback.

    Parameters
    ----------
    action : callable
        Returns a status or None.

    Returns
    -------
    int
    """
    previous = signal.signal(signal.SIGTERM, _terminate)
    try:
        return action() or 0
    except NeurosimError as error:
        _complain(f"error: {' '.join(str(error).split())}")
        return error.exit_status
    except KeyboardInterrupt as interrupt:
        _complain(" ".join(["interrupted", *getattr(interrupt, "__notes__", [])]))
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone; writing to it at exit would complain once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    finally:
        signal.signal(signal.SIGTERM, previous)


def _terminate(number, frame):
    # As an exception, so that files are closed on the way out.
    raise SystemExit(TERMINATED)


def _complain(text):
    print(f"neurosim: {text}", file=sys.stderr)


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
    """
    given = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise ParameterError(f"--set takes NAME=VALUE; got {setting!r}")
        if name in given:
            raise ParameterError(f"--set gives parameter {name!r} twice")
        given[name] = text
    _run(protocol, given, options)


def run_script(protocol, arguments):
    """Run a protocol whose parameters are options, and return the exit status."""
    parser = argparse.ArgumentParser(
        prog=Path(sys.argv[0]).name,
        description=protocol.description,
        epilog=parameter_help(protocol),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_run_options(parser)
    for name in protocol.parameters:
        flags = {f"--{name}", f"--{name.replace('_', '-')}"}
        parser.add_argument(*sorted(flags), dest=f"set {name}", help=argparse.SUPPRESS)

    def action():
        options = parser.parse_args(arguments)
        given = {
            name: getattr(options, f"set {name}")
            for name in protocol.parameters
            if getattr(options, f"set {name}") is not None
        }
        _run(protocol, given, options)

    return guarded(action)


def _run(protocol, texts, options):
    values = resolve(protocol.parameters, protocol.name, texts, texts=True)
    output = Path(options.output or f"{protocol.name}.h5")
    try:
        result = protocol.run(
            values,
            output=output,
            overwrite=options.overwrite,
            progress=not options.no_progress,
            draw=not options.no_figure,
        )
    except KeyboardInterrupt as interrupt:
        if output.exists():
            interrupt.add_note(f"- what was recorded is in {output}")
        raise
    for path in (result.output, result.figure):
        if path is not None and not options.no_progress:
            print(f"wrote {path}")


def parameter_help(protocol):
    """Return a table of a protocol's parameters: type, allowed values, default, meaning."""
    lines = ["parameters:"]
    for name, parameter in protocol.parameters.items():
        default = (
            "required"
            if parameter.is_required
            else f"default {parameter.kind.text(parameter.default)}"
        )
        lines.append(f"  {name} : {parameter.kind.name} ({default})")
        lines += textwrap.wrap(
            parameter.description, 90, initial_indent="      ", subsequent_indent="      "
        )
    return "\n".join(lines)
