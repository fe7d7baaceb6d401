"""Reads Python as learners write it, with magics and with errors, in a process of many threads."""

from __future__ import annotations

import ast
import re
import threading
from collections.abc import Iterable
from functools import lru_cache

MAGIC = re.compile(r"^([ \t]*)[%!?].*$", re.MULTILINE)
MOST_REMEMBERED = 4000  # characters; a parsed program takes two hundred times its memory

ONE_AT_A_TIME = threading.Lock()


def parse(text: str) -> ast.Module:
    """Return what `ast.parse` returns, and raise what it raises, but never in two threads at once.

    CPython counts the depth of a tree once for all threads: two that build trees at a time can end in
    "SystemError: AST constructor recursion depth mismatch" (python/cpython issue 106905).
    """
    with ONE_AT_A_TIME:
        return ast.parse(text)


def statements(text: str) -> list[ast.stmt]:
    """Return the statements of a cell, none where it is not Python; magics and shell commands are passed over.

    Most cells are the release's, the same in every submission, and each is asked for many times.
    """
    return list(remembered(text) if len(text) <= MOST_REMEMBERED else parsed(text))


@lru_cache(maxsize=256)
def remembered(text: str) -> list[ast.stmt]:
    """Return the statements of a short cell, parsed once."""
    return parsed(text)


def parsed(text: str) -> list[ast.stmt]:
    """Return the statements of a cell."""
    for version in (text, MAGIC.sub(r"\1pass", text)):
        try:
            return parse(version).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return []


def statements_of_all(texts: Iterable[str]) -> list[ast.stmt]:
    """Return the statements of several cells."""
    return [node for text in texts for node in statements(text)]


def defined(texts: Iterable[str]) -> dict[str, list[ast.stmt]]:
    """Return, for each name that the cells define at their top level, the statements that define it."""
    found: dict[str, list[ast.stmt]] = {}
    for node in statements_of_all(texts):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                for part in ast.walk(target):
                    if isinstance(part, ast.Name):
                        found.setdefault(part.id, []).append(node)
    return found
