"""What is done for one element, in parts: reads, statements, writes."""

import ast
from dataclasses import dataclass

__all__ = ["Assignment", "Block", "names_in"]


def names_in(lines):
    """Return the names that lines of code mention."""
    tree = ast.parse("\n".join(lines) or "pass")
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


@dataclass(frozen=True)
class Assignment:
    """One statement.

    Attributes
    ----------
    variable, operation : str
        What is assigned to, and how: ``"="``, ``"+="``, ...
    lines : tuple of str
    guard : str or None
        Name of the condition under which the statement counts.
    """

    variable: str
    operation: str
    lines: tuple
    guard: str | None = None

    def text(self):
        """Return the lines, with their condition."""
        if self.guard is None:
            return list(self.lines)
        return [f"if {self.guard}:", *(f"    {line}" for line in self.lines)]

    def reads(self):
        """Return the names whose values matter."""
        names = names_in(self.text())
        # Assigned to on every way, or else the old value matters.
        is_whole = self.operation == "=" and self.guard is None and len(self.lines) == 1
        if is_whole and self.variable not in names_in([self.lines[0].partition("=")[2].strip()]):
            names.discard(self.variable)
        return names


@dataclass(frozen=True)
class Block:
    """Code of one element.

    Attributes
    ----------
    loads : tuple of (str, str)
        Names and the array elements they are read from, indices first.
    assignments : tuple of Assignment
    stores : tuple of (str, str)
        Names and the array elements they are written to.
    """

    loads: tuple
    assignments: tuple
    stores: tuple

    def lines(self):
        """Return the code."""
        return [
            *(f"{name} = {element}" for name, element in self.loads),
            *(line for assignment in self.assignments for line in assignment.text()),
            *(f"{element} = {name}" for name, element in self.stores),
        ]
