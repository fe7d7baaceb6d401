"""Parses Python text in a process of many threads."""

from __future__ import annotations

import ast
import threading

ONE_AT_A_TIME = threading.Lock()


def parse(text: str) -> ast.Module:
    """Return what `ast.parse` returns, and raise what it raises, but never in two threads at once.

    CPython counts the depth of a tree once for all threads: two that build trees at a time can end in
    "SystemError: AST constructor recursion depth mismatch" (python/cpython issue 106905).
    """
    with ONE_AT_A_TIME:
        return ast.parse(text)
