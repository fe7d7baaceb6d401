"""The names that the set-up and the given code of a notebook brought, and those that a learner's code gave away."""

from __future__ import annotations

import ast
from typing import Any

GIVEN = ("setup", "locked-")  # how the names of these cells begin
OVERWRITTEN = (
    "Your code uses the name `{}` for something else now ({}). Choose another name there, then press Restart Python: "
    "the set-up gives `{}` its meaning back."
)


class Given:
    """Knows the functions and modules that the set-up and the given code brought."""

    def __init__(self) -> None:
        """Begin with none."""
        self.names: dict[str, Any] = {}

    def note(self, cell: str, names: dict[str, Any]) -> None:
        """Note what there is by name when such a cell has run; earlier cells are those of the notebook itself."""
        if cell.startswith(GIVEN):
            self.names |= {name: value for name, value in names.items() if is_tool(value) and name[0] != "_"}

    def overwritten(self, source: str, names: dict[str, Any]) -> str:
        """Return a sentence about a name that a cell uses and that is no function or module any more, or nothing."""
        for name in sorted(used(source) & self.names.keys() & names.keys()):
            if not is_tool(names[name]):
                return OVERWRITTEN.format(name, type(names[name]).__name__, name)
        return ""


def is_tool(value: object) -> bool:
    """Say whether something is there to be called or to be looked into: a function, a class, a module."""
    return callable(value) or type(value).__name__ == "module"


def used(source: str) -> set[str]:
    """Return the names that a cell reads; none of what is no Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return set()
    return {one.id for one in ast.walk(tree) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
