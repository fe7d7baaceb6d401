"""What is in Python that was read: all nodes, those given to magics too, and the names that cells bind."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

from autograder.grade.intake.python_source import Source, read

MAGICS = ("run_line_magic", "run_cell_magic")
OPTIONS = re.compile(r"(?:\s*-{1,2}[\w-]+(?:[ =]\d+)?(?=\s))*\s*")  # of a magic, before its Python: `-n 1 -r 3 `
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
BLOCKS = (ast.If, ast.Try, ast.TryStar, ast.With, ast.AsyncWith)  # run once, if at all, like what stands in none


def nodes(*trees: ast.AST) -> Iterator[ast.AST]:
    """Yield every node of trees, and of the Python that their magics are given: `%time x = f()`, `%%capture`."""
    for tree in trees:
        for node in ast.walk(tree):
            yield node
            for text in given_to_magic(node):
                yield from nodes(*(read(text).statements or ()))


def given_to_magic(node: ast.AST) -> list[str]:
    """Return the texts that a call gives to a magic, without the options before them; none for any other node."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MAGICS:
        texts = [part.value for part in node.args[1:] if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        return [OPTIONS.sub("", text, count=1) for text in texts]
    return []


def run_once(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements and those inside their blocks and magics, but not what a function, class or loop holds."""
    waiting = list(statements)[::-1]
    while waiting:
        node = waiting.pop()
        yield node
        inside: list[ast.stmt] = []
        if isinstance(node, BLOCKS):
            parts = [node, *getattr(node, "handlers", ())]
            inside = [
                one for part in parts for name in ("body", "orelse", "finalbody") for one in getattr(part, name, ())
            ]
        elif isinstance(node, ast.Expr | ast.Assign):
            inside = [one for text in given_to_magic(node.value) for one in read(text).statements or ()]
        waiting += inside[::-1]


def defined(cells: Sequence[Source]) -> dict[str, list[ast.stmt]]:
    """Return, for each name that cells define outside of functions, the statements that define it."""
    found: dict[str, list[ast.stmt]] = {}
    for node in run_once(one for cell in cells for one in cell.statements or ()):
        if isinstance(node, DEFINITIONS):
            found.setdefault(node.name, []).append(node)
        for target in targets(node):
            for part in ast.walk(target):
                if isinstance(part, ast.Name):
                    found.setdefault(part.id, []).append(node)
    return found


def targets(node: ast.AST) -> list[ast.expr]:
    """Return what a statement gives a value to, if it is an assignment with one."""
    if isinstance(node, ast.AnnAssign):
        return [node.target] if node.value is not None else []
    return node.targets if isinstance(node, ast.Assign) else []
