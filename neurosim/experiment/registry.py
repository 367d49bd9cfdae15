"""The one place that finds protocols and models: by walking their packages."""

import importlib
import importlib.util
import pkgutil
import sys
from pathlib import Path

from neurosim.errors import ParameterError, UnknownNameError
from neurosim.experiment.parameters import closest

__all__ = [
    "broken",
    "find_model",
    "find_protocol",
    "load_protocol",
    "model",
    "models",
    "protocols",
    "register_protocol",
]

_models = {}
_protocols = {}
_broken = {}


def model(name):
    """Register a model class under a name.

    Parameters
    ----------
    name : str
        What ``--set model=`` takes.

    Returns
    -------
    callable
        Class decorator.

    Raises
    ------
    ParameterError
        Where another class has the name.
    """

    def register(model_class):
        _register(_models, "model", name, model_class)
        return model_class

    return register


def register_protocol(protocol):
    """Register a protocol under its own name."""
    _register(_protocols, "protocol", protocol.name, protocol)


def _register(register, what, name, entry):
    known = register.get(name)
    # A module that is run as a script or loaded again brings the same thing once more.
    if known is not None and _origin(known) != _origin(entry):
        raise ParameterError(
            f"{what} {name!r} is defined twice: {_origin(known)} and {_origin(entry)}"
        )
    register[name] = entry


def _origin(entry):
    module = sys.modules.get(entry.__module__)
    file = getattr(module, "__file__", None)
    return f"{Path(file).resolve() if file else entry.__module__}:{entry.__qualname__}"


def _import_all(package_name):
    package = importlib.import_module(package_name)
    for found in pkgutil.iter_modules(package.__path__, package_name + "."):
        try:
            importlib.import_module(found.name)
            _broken.pop(found.name, None)
        except Exception as error:  # a broken module must not hide the others
            _broken[found.name] = error


def protocols():
    """Return all protocols by name."""
    _import_all("neurosim.protocols")
    return dict(sorted(_protocols.items()))


def models():
    """Return all model classes by name."""
    _import_all("neurosim.models")
    return dict(sorted(_models.items()))


def broken():
    """Return what went wrong in modules that could not be imported, by module name."""
    return dict(_broken)


def find_protocol(name):
    """Return the protocol called `name`.

    Parameters
    ----------
    name : str
        Never a path: names come out of trace files, and reading one executes nothing.

    Returns
    -------
    Protocol

    Raises
    ------
    UnknownNameError
        With the closest name there is.

    Examples
    --------
    >>> from neurosim.experiment.registry import find_protocol
    >>> find_protocol("sequential_digits").name
    'sequential_digits'
    """
    return _find(name, "protocol", protocols())


def find_model(name):
    """Return the model class called `name`.

    Parameters
    ----------
    name : str

    Returns
    -------
    type

    Raises
    ------
    UnknownNameError
        With the closest name there is.

    Examples
    --------
    >>> from neurosim.experiment.registry import find_model
    >>> find_model("hlpo")
    Traceback (most recent call last):
    neurosim.errors.UnknownNameError: there is no model 'hlpo'; did you mean 'hlop'?
    """
    return _find(name, "model", models())


def _find(name, what, known):
    if name in known:
        return known[name]
    for module, error in _broken.items():
        if module.rpartition(".")[2] == name:
            raise UnknownNameError(f"{what} {name!r} cannot be imported: {error}") from error
    hint = closest(name, known) or f"; there are {', '.join(known)}"
    raise UnknownNameError(f"there is no {what} {name!r}{hint}")


def load_protocol(path):
    """Return the protocol that a script defines.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Protocol

    Raises
    ------
    UnknownNameError
        Where there is no such file, or it does not define exactly one protocol.
    """
    path = Path(path)
    if not path.is_file():
        raise UnknownNameError(f"there is no protocol script {str(path)!r}")
    module = _execute_script(path)
    defined = [
        entry
        for entry in vars(module).values()
        if getattr(entry, "is_protocol", False) and entry.__module__ == path.stem
    ]
    if len(defined) != 1:
        names = ", ".join(entry.name for entry in defined) or "none"
        raise UnknownNameError(f"{path} must define one protocol; it defines {names}")
    return defined[0]


def _execute_script(path):
    # As for `python script.py`, modules beside the script can be imported.
    folder = str(path.parent.resolve())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    # Under its own name, so that what it defines can be looked up by its module.
    is_new = sys.modules.setdefault(path.stem, module) is module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        if is_new:
            del sys.modules[path.stem]
        raise
    return module
