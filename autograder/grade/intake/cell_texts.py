"""What a submitted cell says: code, prose, the stub as it was released, or nothing."""

from __future__ import annotations

import ast
import re
from typing import Any

from nbformat import NotebookNode

from autograder.grade.intake.python_source import read
from autograder.grade.intake.read_notebook import SubmittedCell
from autograder.storage.safe_text import HIDDEN

DEFINES = re.compile(r"^(?:async +)?(?:def|class) +(\w+)", re.MULTILINE)
FENCE = re.compile(r"\A\s*```[a-zA-Z]*\n(.*?)\n?```\s*\Z", re.DOTALL)


def released_id(cell: NotebookNode) -> str:
    """Return nbgrader's id of a cell of the release."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def is_code(cell: NotebookNode) -> bool:
    """Say whether a cell of the release holds code."""
    return cell.cell_type == "code"


def code_of(cell: SubmittedCell) -> str:
    """Return a cell's text as code, without the fence of a cell that was turned into text."""
    fenced = FENCE.match(cell.text) if cell.kind != "code" else None
    return fenced[1] if fenced else cell.text


def trimmed(text: str) -> str:
    """Return text without what editors change: trailing blanks and empty lines at the ends."""
    return "\n".join(line.rstrip() for line in text.strip().split("\n"))


def same_program(mine: str, released: str) -> bool:
    """Say whether a text is the program that was released, but for comments and where its lines break."""
    try:
        return same(read(mine).statements or (), read(released).statements) and bool(read(mine).statements)
    except RecursionError:  # what was released is not that deep
        return False


def same(mine: Any, released: Any) -> bool:
    """Say whether two trees are equal, wherever they stand; it ends at the first difference."""
    if type(mine) is not type(released):
        return False
    if isinstance(mine, ast.AST):
        return all(same(getattr(mine, name, None), getattr(released, name, None)) for name in mine._fields)
    if isinstance(mine, list | tuple):
        return len(mine) == len(released) and all(map(same, mine, released))
    return repr(mine) == repr(released)


def is_open(own: SubmittedCell, cell: NotebookNode) -> bool:
    """Say whether the cell of a written answer holds none."""
    return not says_something(own) or trimmed(own.text) == trimmed(cell.source)


def says_something(own: SubmittedCell) -> bool:
    """Say whether there is something to be seen in a cell."""
    return bool(HIDDEN.sub("", own.text).strip())


def is_prose(own: SubmittedCell) -> bool:
    """Say whether a cell of the learner's own holds text: words, a picture, or in a code cell what is no program."""
    if own.kind != "code" or not says_something(own):
        return says_something(own)
    source = read(own.text)
    if source.statements is None:
        return not source.runs
    return all(isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant) for one in source.statements)


def as_text(own: SubmittedCell) -> str:
    """Return what a cell says as Markdown; what stands in a code cell is shown as it is."""
    if own.kind != "code":
        return own.text
    fence = "`" * (1 + max((len(one) for one in re.findall("`+", own.text)), default=2))
    return f"{fence}text\n{own.text}\n{fence}"
