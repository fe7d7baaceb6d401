"""What the course's own code means by a name, whatever the learner's cells have made of it.

All cells share their names. Where a cell of the learner's gives `str` a value of its own, code that was handed out with
the notebook still means Python's, and by `np` the module that the notebook has imported.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterable, Mapping
from typing import Any

NAME = "_given"  # in the notebook's names


class Given:
    """The names as the course's own code means them, as attributes."""

    def __init__(self, space: Mapping[str, Any]) -> None:
        """Begin with Python's own; `space` holds the notebook's names."""
        self._space, self._kept = space, dict[str, Any]()

    def keep(self, names: Iterable[str]) -> None:
        """Remember what the course's code has just imported under these names."""
        self._kept.update({name: self._space[name] for name in names if name in self._space})

    def __getattr__(self, name: str) -> Any:
        """Return what a name means."""
        for known in (self._kept, vars(builtins), self._space):
            if name in known:
                return known[name]
        raise NameError(f"name {name!r} is not defined")


class ByAttribute(ast.NodeTransformer):
    """Reads some names as attributes of what is given."""

    def __init__(self, names: Collection[str]) -> None:
        """Read these names so."""
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Return the attribute in place of a name that is read."""
        if node.id not in self.names or not isinstance(node.ctx, ast.Load):
            return node
        return ast.Attribute(ast.Name(NAME, ast.Load()), node.id, ast.Load())


def as_given(tree: ast.Module, names: Collection[str]) -> ast.Module:
    """Return code of the course's in which these names mean what is given; those that it binds itself stay."""
    names = set(names) - bound_in(tree)
    return ast.fix_missing_locations(ByAttribute(names).visit(tree)) if names else tree


def bound_in(tree: ast.AST) -> set[str]:
    """Return the names that a tree gives a meaning anywhere, as an argument or an import too."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.ExceptHandler):
            found.add(node.name or "")
    return found
