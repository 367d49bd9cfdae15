"""Which packages a protocol may import, found in its code without running it."""

import dis
import sys
import sysconfig
import types

__all__ = ["may_import"]

_INSTALLED = tuple({sysconfig.get_path(kind) for kind in ("stdlib", "purelib", "platlib")})
# Beside the user's own modules; the rest of the house imports only for those who ask for it.
_OURS = ("neurosim.models", "neurosim.protocols")


def may_import(function, package):
    """Return whether a function's module imports a package, or a module of the user's it uses does.

    Import statements count wherever they stand. What is found by name while the function runs, or
    imported by installed packages, is not seen.

    Parameters
    ----------
    function : function
    package : str

    Returns
    -------
    bool

    Examples
    --------
    >>> from neurosim.experiment.imports import may_import
    >>> def late():
    ...     import wave
    >>> may_import(late, "wave"), may_import(late, "xml")
    (True, False)
    """
    waiting, seen = [function.__globals__], set()
    while waiting:
        namespace = waiting.pop()
        if id(namespace) in seen:
            continue
        seen.add(id(namespace))
        own = namespace.get("__name__")
        for value in [function, *namespace.values()]:
            module = _module_of(value)
            if module.partition(".")[0] == package:
                return True
            if any(_imports(code, package) for code in _codes(value) if module == own):
                return True
            if module != own and _is_of_users(module):
                waiting.append(vars(sys.modules[module]))
    return False


def _module_of(value):
    """Return the name of the module a value is, or comes from; '' where it is none's."""
    if isinstance(value, types.ModuleType):
        return value.__name__
    module = getattr(value, "__module__", None) or type(value).__module__
    return module if isinstance(module, str) else ""


def _is_of_users(module):
    if module.partition(".")[0] == "neurosim":
        return module.startswith(_OURS) and module in sys.modules
    file = getattr(sys.modules.get(module), "__file__", None)
    return file is not None and not file.startswith(_INSTALLED)


def _codes(value):
    """Yield the code of a function, or of the methods of a class, with all that is nested."""
    members = vars(value).values() if isinstance(value, type) else [value]
    for member in members:
        # A protocol or a decorated function holds the one that was written.
        for layer in (member, getattr(member, "function", None), getattr(member, "fget", None)):
            while layer is not None:
                code = getattr(layer, "__code__", None)
                if isinstance(code, types.CodeType):
                    yield from _nested(code)
                layer = getattr(layer, "__wrapped__", None)


def _nested(code):
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _nested(constant)


def _imports(code, package):
    return any(
        step.opname == "IMPORT_NAME" and step.argval.partition(".")[0] == package
        for step in dis.get_instructions(code)
    )
