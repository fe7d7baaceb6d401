"""Static rules: library calls that would answer a task, found in the text of the submission.

A check may forbid names such as `layers.Attention`. The judge reads the solution cell, and every function
or class of the learner's that the cell uses, however many steps away; other cells may use what they like.
This is a rule of the exercise, told in its TODO, not a fence: the sandbox is the fence.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from autograder.grade.intake.python_source import defined, statements, statements_of_all


def forbidden_use(solution: str, others: Iterable[str], forbidden: tuple[str, ...]) -> str | None:
    """Return the first forbidden dotted name that the solution uses, directly or through the learner's helpers.

    `others` are the learner's other cells; text that is not Python is passed over.
    """
    cells = list(others)
    definitions, aliases = defined(cells), imported(statements_of_all([solution, *cells]))
    rules = (*forbidden, *from_stars(aliases, forbidden, definitions))
    waiting, seen = statements(solution), set[str]()
    while waiting:
        node = waiting.pop()
        for name in dotted_names(node, aliases):
            rule = next((rule for rule in rules if name == rule or name.endswith(f".{rule}")), None)
            if rule:
                return name
        for name in used_names(node) - seen:
            seen.add(name)
            waiting += definitions.get(name, [])
    return None


def from_stars(aliases: dict[str, str], forbidden: tuple[str, ...], own: Iterable[str]) -> list[str]:
    """Return the last parts of forbidden names that stand alone after `from keras.layers import *`."""
    star = aliases.get("*", "").removesuffix(".*")
    parts = [rule.rpartition(".") for rule in forbidden]
    return [name for module, _, name in parts if star.endswith(module) and star and name not in own]


def imported(nodes: Iterable[ast.stmt]) -> dict[str, str]:
    """Return what each imported name stands for: {"L": "keras.layers", "MHA": "keras.layers.MultiHeadAttention"}."""
    found = {}
    for node in (inner for outer in nodes for inner in ast.walk(outer)):
        if isinstance(node, ast.Import):
            for item in node.names:
                found[item.asname or item.name.split(".")[0]] = item.name if item.asname else item.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom):
            for item in node.names:
                found[item.asname or item.name] = f"{node.module or ''}.{item.name}"
    return found


def dotted_names(node: ast.AST, aliases: dict[str, str]) -> set[str]:
    """Return the names used below a node, with imported parts written out."""
    found = set()
    for inner in ast.walk(node):
        name = dotted(inner)
        if name:
            first, _, rest = name.partition(".")
            found.add(".".join(part for part in (aliases.get(first, first), rest) if part))
        if isinstance(inner, ast.Call) and dotted(inner.func) == "getattr" and len(inner.args) >= 2:
            owner, attribute = dotted(inner.args[0]), inner.args[1]
            if owner and isinstance(attribute, ast.Constant) and isinstance(attribute.value, str):
                found.add(f"{aliases.get(owner, owner)}.{attribute.value}")
    return found


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` for such an expression, else nothing."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def used_names(node: ast.AST) -> set[str]:
    """Return the plain names that a statement reads."""
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
