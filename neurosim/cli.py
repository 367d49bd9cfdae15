"""The command line: ``neurosim list | run | grid | show | export``."""

import sys

from neurosim._version import __version__
from neurosim.errors import UnknownNameError
from neurosim.experiment.command import Parser, add_run_options, guarded, parameter_help, run_named
from neurosim.experiment.outputs import check_output
from neurosim.experiment.registry import broken, find_protocol, load_protocol, models, protocols
from neurosim.grid.command import add_grid_command
from neurosim.grid.folder import is_grid

__all__ = ["main"]


def main(arguments=None):
    """Run a command and return its exit status: 0, 2 for bad input, 130 after Ctrl-C.

    Parameters
    ----------
    arguments : list of str, optional
        The process's own by default.

    Returns
    -------
    int

    Examples
    --------
    >>> from neurosim.cli import main
    >>> main(["--version"])
    Traceback (most recent call last):
    SystemExit: 0
    """
    arguments = sys.argv[1:] if arguments is None else arguments

    def action():
        options, unknown = _parser().parse_known_args(arguments)
        if unknown:
            hint = "; a parameter is given as --set NAME=VALUE" if options.action is _run else ""
            raise UnknownNameError(f"there is no argument {unknown[0]!r}{hint}")
        return options.action(options)

    return guarded(action)


def _parser():
    parser = Parser(prog="neurosim", description="Biologically plausible neural simulation.")
    parser.add_argument("--version", action="version", version=f"neurosim {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("list", help="name the protocols and models there are")
    command.set_defaults(action=_list)

    command = commands.add_parser(
        "run",
        help="run a protocol",
        add_help=False,
        description="Run a protocol, by name or from a script, and write its trace file.",
    )
    command.add_argument("protocol", metavar="PROTOCOL", nargs="?", help="name or path of a script")
    command.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="a parameter's value; may be given for several",
    )
    add_run_options(command)
    command.add_argument("-h", "--help", action="store_true", help="show this, or PROTOCOL's own")
    command.set_defaults(action=_run, parser=command)

    add_grid_command(commands)

    command = commands.add_parser("show", help="show what a trace file or a grid holds")
    command.add_argument("file", metavar="FILE", help="a trace file, or the folder of a grid")
    command.add_argument("--figure", metavar="PNG", help="also draw the run's or grid's figure")
    command.add_argument("--overwrite", action="store_true", help="replace an existing PNG")
    command.set_defaults(action=_show)

    command = commands.add_parser("export", help="write a trace file in another format")
    command.add_argument("file", metavar="FILE")
    command.add_argument("--to", required=True, choices=("csv", "neo", "nwb"))
    command.add_argument("--output", metavar="PATH")
    command.add_argument("--overwrite", action="store_true", help="replace existing files")
    command.set_defaults(action=_export)
    return parser


def _list(options):
    known = {"protocols": protocols(), "models": models()}
    for title, entries in known.items():
        print(f"{title}:")
        for name, entry in entries.items():
            line = (entry.__doc__ or "").strip().partition("\n")[0]
            print(f"  {name:24s} {line}".rstrip())
    for module, error in broken().items():
        print(f"cannot import {module}: {error}", file=sys.stderr)


def _run(options):
    if options.protocol is None:
        if not options.help:
            raise UnknownNameError("run needs a PROTOCOL; `neurosim list` names them")
        options.parser.print_help()
        return
    is_script = options.protocol.endswith(".py")
    protocol = (load_protocol if is_script else find_protocol)(options.protocol)
    if options.help:
        options.parser.print_help()
        print(f"\n{protocol.name}: {protocol.description}\n")
        print(parameter_help(protocol))
        return
    run_named(protocol, options.set, options)


def _show(options):
    from neurosim.traces import complete_file, describe

    if options.figure:
        check_output(options.figure, overwrite=options.overwrite)
    if is_grid(options.file):
        _show_grid(options)
        return
    complete_file(options.file)
    print(describe(options.file))
    if options.figure:
        # matplotlib takes half a second to import, so only figures pay for it.
        from neurosim.plots.files import draw_file

        draw_file(options.file, options.figure, overwrite=options.overwrite)
        print(f"wrote {options.figure}")


def _show_grid(options):
    from neurosim.grid.table import describe

    print(describe(options.file))
    if options.figure:
        from neurosim.plots.grids import draw_grid

        draw_grid(options.file, options.figure, overwrite=options.overwrite)
        print(f"wrote {options.figure}")


def _export(options):
    from neurosim.traces import complete_file, export

    complete_file(options.file)
    for path in export(
        options.file, to=options.to, output=options.output, overwrite=options.overwrite
    ):
        print(f"wrote {path}")


if __name__ == "__main__":
    sys.exit(main())
