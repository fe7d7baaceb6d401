"""What is in Python that was read: all nodes, those of texts that it runs too, and the names that cells bind."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

from autograder.grade.intake.python_source import Source, read

MAGICS = ("run_line_magic", "run_cell_magic")
RUNNERS = ("eval", "exec", "compile")
OPTIONS = re.compile(r"(?:\s*-{1,2}[\w-]+(?:[ =]\d+)?(?=\s))*\s*")  # of a magic, before its Python: `-n 1 -r 3 `
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
BLOCKS = (ast.If, ast.Try, ast.TryStar, ast.With, ast.AsyncWith)  # run once, if at all, like what stands in none


def nodes(*trees: ast.AST) -> Iterator[ast.AST]:
    """Yield every node of trees, and of the Python that they run: `%time x = f()`, `%%capture`, `eval("f()")`."""
    for tree in trees:
        for node in every_node(tree):
            yield node
            if isinstance(node, ast.Call):
                for text in run_as_text(node):
                    yield from nodes(*(read(text).statements or ()))


def every_node(tree: ast.AST) -> list[ast.AST]:
    """Return what `ast.walk` yields, faster, and without contexts such as `ast.Load`, which say nothing here."""
    found = [tree]
    for node in found:  # it grows meanwhile
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                found += [one for one in value if isinstance(one, ast.AST)]
            elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
                found.append(value)
    return found


def run_as_text(node: ast.AST) -> list[str]:
    """Return the texts that a call runs: of a magic, without the options before them, or of `eval` and its like."""
    if not isinstance(node, ast.Call):
        return []
    if isinstance(node.func, ast.Attribute) and node.func.attr in MAGICS:
        return [OPTIONS.sub("", text, count=1) for text in map(string, node.args[1:]) if text]
    runs = isinstance(node.func, ast.Name) and node.func.id in RUNNERS
    return [text for text in map(string, node.args[:1]) if text] if runs else []


def string(node: ast.AST) -> str:
    """Return a string that is written out, also in pieces: `"Atten" + "tion"`; nothing for any other expression."""
    pieces: list[str] = []
    waiting: list[ast.AST] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            pieces.append(one.value)
        elif isinstance(one, ast.BinOp) and isinstance(one.op, ast.Add):
            waiting += [one.right, one.left]
        elif isinstance(one, ast.JoinedStr):
            waiting += one.values[::-1]
        elif isinstance(one, ast.FormattedValue):
            waiting.append(one.value)
        else:
            return ""
    return "".join(pieces)


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
            inside = [one for text in run_as_text(node.value) for one in read(text).statements or ()]
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


def imported(found: Iterable[ast.AST]) -> dict[str, set[str]]:
    """Return what each imported name stands for: {"L": {"keras.layers"}, "A": {"keras.layers.Attention"}}."""
    aliases: dict[str, set[str]] = {}
    for node in found:
        if isinstance(node, ast.Import):
            for item in node.names:
                first = item.name.split(".")[0]
                aliases.setdefault(item.asname or first, set()).add(item.name if item.asname else first)
        elif isinstance(node, ast.ImportFrom):
            for item in node.names:
                aliases.setdefault(item.asname or item.name, set()).add(f"{node.module or ''}.{item.name}")
    return aliases


def targets(node: ast.AST) -> list[ast.expr]:
    """Return what a statement gives a value to, if it is an assignment with one."""
    if isinstance(node, ast.AnnAssign):
        return [node.target] if node.value is not None else []
    return node.targets if isinstance(node, ast.Assign) else []
