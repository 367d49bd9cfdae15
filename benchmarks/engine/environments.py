"""Virtual environments of the simulators that neurosim is compared with.

    python -m benchmarks.engine.environments nest neuron annarchy brainpy

makes ``build/benchmarks/environments/NAME`` from ``benchmarks/engine/peers/NAME/requirements.txt``
with this interpreter's ``venv`` and pip. Each has one of its own: their requirements are pinned to
what was measured, and cannot all be had beside neurosim's (Brian 2 2.9 does not import under
numpy 2.4, with which the others were measured; a release of BrainPy's jax goes with one release of
jaxlib). NEURON and ANNarchy compile what they simulate and need a C++ compiler, ANNarchy also to be
installed; CMake comes with its requirements.
"""

import argparse
import shutil
import subprocess
import sys
import venv
from pathlib import Path

__all__ = ["NAMES", "SCRIPTS", "is_ready", "main", "make", "python"]

NAMES = ("nest", "neuron", "annarchy", "brainpy")

SCRIPTS = Path(__file__).with_name("peers")
FOLDER = Path(__file__).parents[2] / "build" / "benchmarks" / "environments"


def _folder(name):
    return FOLDER / name


def _requirements(name):
    return SCRIPTS / name / "requirements.txt"


def _installed(name):
    """Return the file that holds the requirements an environment was made from."""
    return _folder(name) / "installed-requirements.txt"


def python(name):
    """Return the interpreter of an environment."""
    return _folder(name) / "bin" / "python"


def is_ready(name):
    """Return whether an environment is there, whole, with the requirements of today."""
    there = _installed(name)
    return there.exists() and there.read_text() == _requirements(name).read_text()


def make(name):
    """Make an environment anew.

    Parameters
    ----------
    name : str
        One of `NAMES`.

    Raises
    ------
    subprocess.CalledProcessError
        If pip ends with an error; the environment does not count as ready then.
    """
    shutil.rmtree(_folder(name), ignore_errors=True)
    venv.create(_folder(name), with_pip=True)
    install = [str(python(name)), "-m", "pip", "install", "--quiet"]
    subprocess.run([*install, "-r", str(_requirements(name))], check=True)
    # Written last: an environment without it is not whole.
    _installed(name).write_text(_requirements(name).read_text())


def main(arguments=None):
    """Make the environments that are named and not there yet."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.engine.environments", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("names", nargs="+", metavar="NAME", help=f"of {', '.join(NAMES)}")
    options = parser.parse_args(arguments)
    wrong = [name for name in options.names if name not in NAMES]
    if wrong:
        parser.error(f"no environment {wrong[0]!r}; there are {', '.join(NAMES)}")
    for name in options.names:
        if is_ready(name):
            print(f"{name}: is there")
            continue
        try:
            make(name)
        except subprocess.CalledProcessError as error:
            sys.exit(f"{name}: pip ended with status {error.returncode}")
        print(f"{name}: {_folder(name)}")


if __name__ == "__main__":
    main()
