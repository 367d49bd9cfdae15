"""Which code is compiled and which runs through Brian 2's NumPy target.

Set-up code runs once and is not worth compiling; an object whose functions numba cannot compile
becomes an island of Python in the schedule.
"""

from neurosim.engine.brian import (
    Function,
    NumpyCodeObject,
    add_numpy_implementation,
    get_logger,
    route_code_objects,
)
from neurosim.engine.codeobject import NumbaCodeObject
from neurosim.engine.functions import is_compilable
from neurosim.engine.snippets import EMITTERS

__all__ = ["islands", "register_routes"]

#: Owner and function of all code that ran from Python because numba cannot compile the function.
islands = []

logger = get_logger(__name__)


def register_routes():
    """Let every code object of our class pass by here before it is made."""
    route_code_objects(NumbaCodeObject, _class_for)


def _class_for(owner, template_name, variables):
    """Return the class to make a code object with."""
    functions = {
        name: variable for name, variable in variables.items() if isinstance(variable, Function)
    }
    if template_name in EMITTERS:
        foreign = [
            name
            for name, function in functions.items()
            if not is_compilable(function, owner, NumbaCodeObject)
        ]
        if not foreign:
            return NumbaCodeObject
        islands.append((owner.name, foreign[0]))
        logger.warn(
            f"Function '{foreign[0]}' cannot be compiled; '{owner.name}' runs from Python, step by "
            "step. Give it an implementation for the target 'numba' to avoid this.",
            f"python_island_{foreign[0]}",
            once=True,
        )
    for function in functions.values():
        add_numpy_implementation(function)
    return NumpyCodeObject
