"""The one reader of learners' Python: what IPython would run, and why a cell was not read.

A text is read as IPython reads it: its own transformer makes Python of magics, shell commands and questions. What
cannot be read is an answer of its own, never "nothing there": a text that is no Python cannot run either, but one that
is too long or too deep may, and whoever looks for something in it has not looked.
"""

from __future__ import annotations

import ast
import threading
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

# A parsed program takes two hundred times the memory of its text, and each magic is a reading of the whole cell: so
# at most 20 MB and a few seconds a notebook, where those of the course have 25,000 characters and cells of 170 lines.
MOST_TEXT, MOST_LINES = 20_000, 2000  # of a cell
MOST_OF_ALL = 100_000  # characters of all cells of a notebook together
MOST_MAGICS = 20  # of a cell
MOST_REMEMBERED = 4000  # characters
NO_PYTHON = "it is not Python"
TOO_LONG = f"it is longer than {MOST_TEXT:,} characters or {MOST_LINES:,} lines"
TOO_MUCH = f"the cells up to it are longer than {MOST_OF_ALL:,} characters together"
TOO_DEEP = "it is nested too deeply"
TOO_MANY_MAGICS = f"it holds more than {MOST_MAGICS} magics"

ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Source:
    """A text as Python: its statements, or None and why they were not read; `runs` says whether it may run then."""

    statements: tuple[ast.stmt, ...] | None
    why: str = ""
    runs: bool = True

    @property
    def unseen(self) -> bool:
        """Say whether something may run that was not read."""
        return self.statements is None and self.runs


def parse(text: str) -> ast.Module:
    """Return what `ast.parse` returns, and raise what it raises, but never in two threads at once.

    CPython counts the depth of a tree once for all threads: two that build trees at a time can end in
    "SystemError: AST constructor recursion depth mismatch" (python/cpython issue 106905).
    """
    with ONE_AT_A_TIME:
        return ast.parse(text)


# ---------------------------------------------------------------- reading
def read(text: str) -> Source:
    """Return a cell as Python. Most are the release's, the same in every submission, and each is asked for often."""
    return remembered(text) if len(text) <= MOST_REMEMBERED else read_anew(text)


def read_all(texts: Iterable[str]) -> list[Source]:
    """Return the cells of a notebook as Python, as many of them as are not too much together."""
    found, left = [], MOST_OF_ALL
    for text in texts:
        left -= min(len(text), MOST_TEXT)
        found.append(read(text) if left >= 0 else Source(None, TOO_MUCH))
    return found


def read_anew(text: str) -> Source:
    """Return a cell as Python."""
    if len(text) > MOST_TEXT or text.count("\n") >= MOST_LINES:
        return Source(None, TOO_LONG)
    try:
        return Source(tuple(parse(transformer().transform_cell(text)).body))
    except TooManyMagics:
        return Source(None, TOO_MANY_MAGICS)
    except (RecursionError, MemoryError):
        return Source(None, TOO_DEEP)
    except Exception:  # IPython does not run a cell on which its transformer fails, in whatever way
        return Source(None, NO_PYTHON, runs=False)


remembered = lru_cache(maxsize=256)(read_anew)


class TooManyMagics(Exception):
    """There are more magics in a cell than are worth a reading each."""


@lru_cache(maxsize=1)
def transformer() -> Any:
    """Return IPython's transformer of cells, which ends after a few magics instead of hundreds."""
    from IPython.core.inputtransformer2 import TransformerManager  # takes long to import, and the command line is quick

    warnings.filterwarnings("ignore", "`make_tokens_by_line`")  # of ends of lines that only IPython takes for such

    class Bounded(TransformerManager):
        def do_token_transforms(self, lines: list[str]) -> list[str]:
            """Transform one magic after the other."""
            for _ in range(MOST_MAGICS + 1):
                changed, lines = self.do_one_token_transform(lines)
                if not changed:
                    return lines
            raise TooManyMagics

    return Bounded()
