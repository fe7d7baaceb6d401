"""Says of a learner's cell that stopped what is to be done: why Python could not read it, and what is missing since."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nbformat import NotebookNode

from autograder.learner.check import about_odd_sign

MERGE_MARKS = [re.compile(rf"^{sign}{{7}}(?: |$)", re.MULTILINE) for sign in "<>"]
LINE = re.compile(r"line (\d+)\)$")
UNDEFINED = re.compile(r"Python said: NameError: name '(\w+)' is not defined")
DEFINES = r"^[ \t]*(?:(?:def|class)[ \t]+{0}\b|(?:import|from)\b.*\b{0}\b|{0}[ \t]*(?:,.*)?=)"
UNMERGED = (
    "The cell with your answer holds two versions that git could not merge, between a line with <<<<<<< and one with "
    ">>>>>>>. Keep one of the two and take the lines with these signs out."
)


def why_no_python(text: str, name: str, value: str) -> str | None:
    """Return a sentence about a cell that Python could not read, where more is known than what Python said.

    text         of the cell
    name, value  of the error
    """
    if name not in ("SyntaxError", "IndentationError", "TabError"):
        return None
    if all(mark.search(text) for mark in MERGE_MARKS):
        return UNMERGED
    line = LINE.search(value)
    where = f"Line {line[1]} of the cell with your answer" if line else "The cell with your answer"
    return about_odd_sign(value, where) or None


def why_undefined(sentence: str, cells: Iterable[NotebookNode]) -> str | None:
    """Return a sentence about a name that is not there because the cell that would define it stopped, if so.

    sentence  what is said of the answer
    cells     those of the notebook that were run, in order
    """
    name = UNDEFINED.search(sentence)
    if name is None:
        return None
    defines = re.compile(DEFINES.format(re.escape(name[1])), re.MULTILINE)
    for cell in cells:
        stop = next((one for one in cell.get("outputs", ()) if one.output_type == "error"), None)
        if stop is not None and defines.search(cell.source):
            return (
                f"`{name[1]}` is not there, because the cell that defines it stopped before it was done: "
                f"{stop.ename}: {stop.evalue}"
            )
    return None
