"""Static rules: library calls that would answer a task, found in the text of the submission.

A check may forbid names such as `layers.Attention`. The judge reads the solution cell, and every function
or class of the learner's that the cell uses, however many steps away; other cells may use what they like.
This is a rule of the exercise, told in its TODO, not a fence: the sandbox is the fence. A name that stands nowhere in
the text is seen only when it is called: `run/library_watch.py`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TypeGuard

from autograder.grade.intake.bindings import defined, imported, nodes, run_once, string, targets
from autograder.grade.intake.python_source import Source, read_all
from autograder.grade.run.library_watch import LIBRARIES

Aliases = dict[str, set[str]]  # what each name stands for: {"L": {"keras.layers"}, "h": {"a.f", "b.f"}}
MOST_WAYS = 200  # to write one name out
IMPORTS = ("__import__", "import_module", "importlib.import_module")
SPACES = ("globals", "locals")
GETTERS = ("attrgetter", "operator.attrgetter")


class TooManyNames(Exception):
    """A name may stand for more others than are looked at."""


def forbidden_use(solution: str, others: Iterable[str], forbidden: tuple[str, ...]) -> str | None:
    """Return the first forbidden dotted name that the solution uses, directly or through the learner's helpers.

    `others` are the learner's other cells.
    """
    cells = read_all([solution, *others])
    return used_by(cells[:1], cells, forbidden)


def used_by(answers: Iterable[Source], cells: Sequence[Source], forbidden: tuple[str, ...]) -> str | None:
    """Return the first forbidden dotted name that some of the learner's cells use; what was not read is passed over."""
    definitions, aliases = names_in(tuple(cells))
    rules = (*forbidden, *from_stars(aliases[0].get("*", ()), forbidden, definitions))
    names: set[str] = set()
    visited: set[int] = set()
    for answer in answers:
        waiting: list[ast.stmt] = list(answer.statements or ())
        while waiting:
            node = waiting.pop()
            if id(node) in visited:
                continue
            visited.add(id(node))
            written, mentions, local = told_by(node)
            for name in (way for one in written for way in reversed(written_out(one, [*aliases, local]))):
                if any(is_what(name, rule) for rule in rules):
                    return name
            for name in mentions - names:
                names.add(name)
                waiting += definitions.get(name, [])
    return None


@lru_cache(maxsize=1024)
def told_by(statement: ast.stmt) -> tuple[tuple[str, ...], frozenset[str], Aliases]:
    """Return the dotted names of a statement in order, the names it mentions, and its own; many checks ask for one."""
    below = list(nodes(statement))
    written = tuple(name for name in dict.fromkeys(map(dotted, below)) if name)
    return written, frozenset(map(mentioned, below)) - {""}, assigned(below)


def is_what(name: str, rule: str) -> bool:
    """Say whether a dotted name is what a rule forbids, also where it is kept: `keras.src.layers.x.Attention`."""
    if name == rule or name.endswith(f".{rule}"):
        return True
    (library, *inner), (module, _, last) = name.split("."), rule.rpartition(".")
    return library in LIBRARIES and inner[-1:] == [last] and f".{module}." in f".{'.'.join(inner)}"


# ---------------------------------------------------------------- what names stand for
@lru_cache(maxsize=1)
def names_in(cells: tuple[Source, ...]) -> tuple[dict[str, list[ast.stmt]], list[Aliases]]:
    """Return what defines each name, and what names stand for; each check of one notebook asks for the same cells."""
    return defined(cells), aliases_of(cells)


def aliases_of(cells: Iterable[Source]) -> list[Aliases]:
    """Return what names stand for everywhere: those that are imported, wherever that is, and other names of them."""
    statements = [one for cell in cells for one in cell.statements or ()]
    return [imported(nodes(*statements)), assigned(run_once(statements))]


def assigned(found: Iterable[ast.AST]) -> Aliases:
    """Return what names stand for that are given what another name stands for: `L = keras.layers`."""
    aliases: Aliases = {}
    for target, value in (pair for node in found for pair in pairs(node)):
        if isinstance(target, ast.Name) and dotted(value):
            aliases.setdefault(target.id, set()).add(dotted(value))
    return aliases


def pairs(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield what gets which value in an assignment: `a, b = c, d` gives two."""
    value = getattr(node, "value", None)
    for target in targets(node):
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            yield from zip(target.elts, value.elts, strict=True)
        elif value is not None:
            yield target, value


def from_stars(stars: Iterable[str], forbidden: tuple[str, ...], own: Iterable[str]) -> list[str]:
    """Return the last parts of forbidden names that stand alone after `from keras.layers import *`."""
    modules = [star.removesuffix(".*") for star in stars if star != ".*"]
    parts = [rule.rpartition(".") for rule in forbidden]
    return [name for module, _, name in parts if name not in own and any(one.endswith(module) for one in modules)]


# ---------------------------------------------------------------- names
def written_out(name: str, aliases: Sequence[Aliases]) -> list[str]:
    """Return a name and all that it may stand for; a name that stands for itself (`x = x.T`) is followed once."""
    ways: dict[str, frozenset[str]] = {name: frozenset()}  # with what was written out on the way there
    waiting = [name]
    while waiting:
        way = waiting.pop()
        first, _, rest = way.partition(".")
        done = ways[way] | {first}
        for other in set().union(*(some.get(first, ()) for some in aliases)) if first not in ways[way] else ():
            longer = f"{other}.{rest}" if rest else other
            if longer not in ways:
                ways[longer] = done
                waiting.append(longer)
        if len(ways) > MOST_WAYS:
            raise TooManyNames(name)
    return list(ways)


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` for such an expression, also where it is written with `getattr`, or imports `a.b` by its name."""
    first, parts = taken_apart(node)
    name = string(first.args[0]) if isinstance(first, ast.Call) and first.args and is_call(first, IMPORTS) else ""
    name = name or mentioned(first)
    return ".".join([name, *parts]) if name else ""


def mentioned(node: ast.AST) -> str:
    """Return the name of a global or a module, also of one that is looked up: `globals()["x"]`, `sys.modules["x"]`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Subscript) and (is_call(node.value, SPACES) or is_modules(node.value)):
        return string(node.slice)
    return ""


def is_call(node: ast.AST, names: Sequence[str]) -> TypeGuard[ast.Call]:
    """Say whether a node calls one of these by its plain name."""
    return isinstance(node, ast.Call) and plain(node.func) in names


def plain(node: ast.AST) -> str:
    """Return `a.b.c` for just that."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *parts[::-1]]) if isinstance(node, ast.Name) else ""


def is_modules(node: ast.AST) -> bool:
    """Say whether a node is `sys.modules`."""
    return isinstance(node, ast.Attribute) and node.attr == "modules" and isinstance(node.value, ast.Name)


def taken_apart(node: ast.AST) -> tuple[ast.AST, list[str]]:
    """Return an expression without the attributes that are taken of it, and their names."""
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        elif is_getattr(node):
            parts.append(string(node.args[1]))
            node = node.args[0]
        elif isinstance(node, ast.Call) and node.args and is_call(node.func, GETTERS) and node.func.args:
            parts += string(node.func.args[0]).split(".")[::-1]
            node = node.args[0]
        elif isinstance(node, ast.Subscript) and string(node.slice) and (owner := looked_into(node.value)) is not None:
            parts.append(string(node.slice))
            node = owner
        else:
            return node, parts[::-1]


def looked_into(node: ast.AST) -> ast.expr | None:
    """Return what it is whose attributes `vars(x)` and `x.__dict__` hold."""
    if isinstance(node, ast.Attribute) and node.attr == "__dict__":
        return node.value
    return node.args[0] if is_call(node, ("vars",)) and node.args else None


def is_getattr(node: ast.AST) -> TypeGuard[ast.Call]:
    """Say whether a node is `getattr(x, "name")`."""
    if not isinstance(node, ast.Call) or len(node.args) < 2 or not string(node.args[1]):
        return False
    return isinstance(node.func, ast.Name) and node.func.id == "getattr"
