"""From Brian 2's statements to lines of Python that numba compiles.

The text is scalar code for one element inside an explicit loop: index arrays are read first, then
every array variable used, once, into a local of the same name; then the statements run on locals;
then what was written is stored. numba infers types where C declares them, so every assignment to a
variable that is not float64 carries its conversion.
"""

import ast

import numpy as np

from neurosim.engine.blocks import Assignment, Block
from neurosim.engine.brian import (
    ArrayVariable,
    CodeGenerator,
    Function,
    NodeRenderer,
    Subexpression,
    get_dtype_str,
    prefs,
    word_substitute,
)
from neurosim.engine.functions import Bound
from neurosim.kernels.delays import past

__all__ = ["NumbaCodeGenerator", "NumbaNodeRenderer"]

_CONVERSIONS = {
    "float32": "float32",
    "int32": "int32",
    "int64": "int64",
    "uint8": "uint8",
    "uint64": "uint64",
    "bool": "bool",
}

# Powers up to this one are products.
_LARGEST_PRODUCT = 16


class NumbaNodeRenderer(NodeRenderer):
    """Renders expressions; `calls` collects what each function call in them needs."""

    def __init__(self, generator):
        super().__init__(auto_vectorise=generator.auto_vectorise)
        self.generator = generator

    def render_BinOp(self, node):
        """Render an operation; an integer to a power that may be negative becomes a float."""
        if isinstance(node.op, ast.Pow) and self._is_exponential(node.left):
            # Algebra makes exp(a*v) to exp(v/mV)**b, and powers are slow.
            argument = self.render_element_parentheses(node.left.args[0])
            return f"exp({self.render_element_parentheses(node.right)} * {argument})"
        if isinstance(node.op, ast.Pow) and not _is_whole(node.right):
            base = self.render_node(node.left)
            exponent = self.render_element_parentheses(node.right)
            return _power(base, exponent, _literal(node.right))
        return super().render_BinOp(node)

    def render_Compare(self, node):
        """Render a comparison; one of whole steps of time with a fixed number needs no division."""
        is_single = len(node.ops) == 1 and isinstance(node.ops[0], ast.GtE)
        steps = getattr(node.comparators[0], "id", None)
        if is_single and _is_call(node.left, "timestep") and steps in self.generator.invariants:
            time, dt = (self.render_node(argument) for argument in node.left.args)
            return f"({time}) + 1e-3 * {dt} >= {self.generator.time_of_steps(steps, dt)}"
        return super().render_Compare(node)

    def _is_exponential(self, node):
        return _is_call(node, "exp") and prefs["devices.neurosim.vector_math"]

    def render_Call(self, node):
        """Render a call, with the further arguments that the function's implementation needs."""
        if self.generator.reads_history(node.func.id):
            return self.generator.history_call(node, self)
        text = super().render_Call(node)
        further = self.generator.further_arguments(node.func.id)
        return f"{text[:-1]}{', ' if text[-2] != '(' and further else ''}{further})"


def _power(base, exponent, value):
    """Return the text of a power whose exponent is no whole number from 0, or is not known yet."""
    if not prefs["devices.neurosim.vector_math"]:
        return f"float({base}) ** {exponent}"
    if value is None or 2 * value != int(2 * value) or abs(value) > _LARGEST_PRODUCT:
        return f"_power(float({base}), {exponent})"
    whole, is_half = divmod(int(2 * abs(value)), 2)
    # The sum makes the square root of negative zero that of zero, as powers have it.
    factors = [f"float({base}) ** {whole}"] * (whole > 0)
    factors += [f"_square_root(float({base}) + 0.0)"] * is_half
    product = " * ".join(factors) or "1.0"
    return f"1.0 / ({product})" if value < 0 else f"({product})"


def _literal(node):
    """Return the value of a number written as such, None for anything else."""
    sign, node = (-1, node.operand) if _is_negative(node) else (1, node)
    is_number = isinstance(node, ast.Constant) and isinstance(node.value, int | float)
    return sign * node.value if is_number else None


def _is_negative(node):
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)


def _is_call(node, name):
    return isinstance(node, ast.Call) and getattr(node.func, "id", None) == name


def _is_whole(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, int) and node.value >= 0


class NumbaCodeGenerator(CodeGenerator):
    """Brian 2's code generator for the target ``"numba"``."""

    class_name = "numba"

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        #: Number of calls so far that draw random numbers; each is a stream of its own.
        self.n_sites = 0
        #: Functions that draw for many elements at once, by the number of the call.
        self.blocks = {}
        #: Variables read with a delay, by the names of their rings, and the delays' expressions.
        self.histories = {}
        self.delays = []
        self._definitions = {}
        self.written = []
        #: Scalars made from those Brian 2 has moved out of the loop, with their definitions.
        self.invariants, self.further_scalars = set(), {}
        #: The code of one element in parts.
        self.block = None

    def further_arguments(self, name):
        """Return what a call of function `name` gets behind its own arguments, as text."""
        # Implementations may have names of their own, which stand in the text by now.
        names = {called: own for own, called in self.func_name_replacements.items()}
        function = self.variables.get(names.get(name, name))
        if not isinstance(function, Function):
            return ""
        code = function.implementations[self.codeobj_class].get_code(self.owner)
        if not isinstance(code, Bound):
            return ""
        if name in self.auto_vectorise:
            self.n_sites += 1
            if code.block is not None:
                self.blocks[self.n_sites] = code.block.__name__
            return ", ".join(["_random", str(self.n_sites), *code.arguments])
        return ", ".join(code.arguments)

    def time_of_steps(self, steps, dt):
        """Return the name of a scalar: see :func:`neurosim.kernels.functions.time_of_steps`."""
        name = f"_time_of{steps}"
        self.further_scalars[name] = f"{name} = time_of_steps({steps}, {dt})"
        return name

    def reads_history(self, name):
        """Return whether a function reads past values."""
        function = self.variables.get(name)
        if not isinstance(function, Function):
            return False
        code = function.implementations[self.codeobj_class].get_code(self.owner)
        return isinstance(code, Bound) and code.function is past

    def history_call(self, node, renderer):
        """Return the text that reads a variable's past."""
        name, delay = node.args
        variable = self.variables.get(name.id) if isinstance(name, ast.Name) else None
        if not isinstance(variable, ArrayVariable) or isinstance(variable, Subexpression):
            raise SyntaxError(
                f"delayed({ast.unparse(name)}, ...): expected the name of a state variable. "
                "In differential equations integrated in several stages, and for subexpressions, "
                "write y = delayed(x, delay) : 1 (constant over dt) and use y."
            )
        rings = {id(known): ring for ring, known in self.histories.items()}
        ring = rings.get(id(variable), f"_history_{len(self.histories) + 1}")
        self.histories[ring] = variable
        # Brian 2 may have moved what is the same for all elements out of the loop.
        text = ast.unparse(delay)
        self.delays.append((variable, word_substitute(text, self._definitions)))
        element = self.variable_indices[name.id]
        return (
            f"past({ring}, {ring}_state, {element}, {renderer.render_node(delay)}, _history_t[0])"
        )

    def translate_expression(self, expr):
        """Return the Python text of an expression."""
        expr = word_substitute(expr, self.func_name_replacements)
        return NumbaNodeRenderer(self).render_expr(expr).strip()

    def translate_statement(self, statement):
        """Return the lines of one statement."""
        dtype = self._dtype(statement)
        if statement.used_boolean_variables and np.issubdtype(dtype, np.floating):
            code = self._cases(statement, dtype)
        else:
            code = self._assignment(statement, statement.expr, dtype)
        return f"{code}  # {statement.comment}" if statement.comment else code

    def _dtype(self, statement):
        variable = self.variables.get(statement.var)
        return np.dtype(getattr(variable, "dtype", statement.dtype))

    def _assignment(self, statement, expression, dtype):
        text = self.translate_expression(expression)
        conversion = _CONVERSIONS.get(get_dtype_str(dtype))
        name, operation = statement.var, statement.op.replace(":=", "=")
        if operation == "=":
            return f"{name} = {conversion}({text})" if conversion else f"{name} = {text}"
        if conversion:
            return f"{name} = {conversion}({name} {operation[:-1]} ({text}))"
        return f"{name} {operation} {text}"

    def _cases(self, statement, dtype):
        """Return branches on boolean variables, each with its simplified expression."""
        lines, branch = [], "if"
        simplified = statement.boolean_simplified_expressions
        for number, (values, expression) in enumerate(simplified.items(), 1):
            tests = [name if value else f"not {name}" for name, value in values]
            last = number == len(simplified) and number > 1
            lines.append("else:" if last else f"{branch} {' and '.join(tests)}:")
            lines.append(f"    {self._assignment(statement, expression, dtype)}")
            branch = "elif"
        return "\n".join(lines)

    def translate_one_statement_sequence(self, statements, scalar=False):
        """Return the lines of a block: reads, statements, writes."""
        read, write, indices, guards = self.arrays_helper(statements)
        return self._block(statements, read, write, indices, guards).lines()

    def translate_statement_sequence(self, scalar_statements, vector_statements):
        """Return scalar and vector lines by block; scalars used by both are read once."""
        scalar_code, vector_code = {}, {}
        self._definitions = {
            statement.var: f"({statement.expr})"
            for statements in scalar_statements.values()
            for statement in statements
            if statement.var.startswith("_lio")
        }
        for block, statements in scalar_statements.items():
            sc_read, sc_write, sc_indices, sc_guards = self.arrays_helper(statements)
            rows = vector_statements[block]
            ve_read, ve_write, ve_indices, ve_guards = self.arrays_helper(rows)
            for name in sorted(ve_read):
                if self.variables[name].scalar and name not in ve_write:
                    sc_read.add(name)
                    ve_read.remove(name)
            self.invariants = {part.var for part in statements if part.var.startswith("_lio")}
            scalar = self._block(statements, sc_read, sc_write, sc_indices, sc_guards)
            self.block = self._block(rows, ve_read, ve_write, ve_indices, ve_guards)
            scalar_code[block] = [*scalar.lines(), *self.further_scalars.values()]
            vector_code[block] = self.block.lines()
        return scalar_code, vector_code, self.determine_keywords()

    def _block(self, statements, read, write, indices, guards):
        # Unsigned, because numba lets negative indices count from the end, which takes time.
        loads = tuple((name, f"uint64({self._element(name)})") for name in sorted(indices))
        loads += tuple((name, self._element(name)) for name in sorted(read))
        assignments = tuple(
            Assignment(
                statement.var,
                statement.op.replace(":=", "="),
                tuple(self.translate_statement(statement).splitlines()),
                guards.get(statement.var),
            )
            for statement in statements
        )
        self.written += [self.variables[name] for name in sorted(write)]
        # Sorted, because of two names for one array the later write holds.
        return Block(loads, assignments, tuple((n, self._element(n)) for n in sorted(write)))

    def _element(self, name):
        return f"{self.get_array_name(self.variables[name])}[{self.variable_indices[name]}]"

    def determine_keywords(self):
        """Hand the number of drawing calls and what is read with a delay to the code object."""
        return {
            "n_sites": self.n_sites,
            "blocks": self.blocks,
            "histories": self.histories,
            "delays": self.delays,
            "written": self.written,
            "block": self.block,
        }
