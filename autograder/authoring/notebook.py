"""From cells to the solved notebook, nbgrader's source: metadata, ids, hints, points from the key."""

from __future__ import annotations

from dataclasses import replace

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.authoring.agreement import require_same_checks
from autograder.authoring.setup_cell import setup_text
from autograder.authoring.source import Cell
from autograder.course.answer_key import AnswerKey

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def solved_notebook(cells: list[Cell], key: AnswerKey, exercises_url: str) -> NotebookNode:
    """Return the solved notebook with nbgrader's metadata; points come from the key."""
    require_same_checks(cells, key)
    setup = setup_text(key.chapter, exercises_url, [name.rpartition("/")[2] for name in key.beside])
    cells = [replace(c, text=setup) if c.role == "setup" else c for c in cells]
    cells = with_hints(cells, key)
    ids = unique_ids([cell.id for cell in cells])
    made = [make_cell(cell, identity, key) for cell, identity in zip(cells, ids, strict=True)]
    return new_notebook(cells=made, metadata=METADATA)


def with_hints(cells: list[Cell], key: AnswerKey) -> list[Cell]:
    """Put the key's hints of each task, folded, into a cell before it."""
    found = []
    for cell in cells:
        if cell.role == "solution" and cell.name in key.by_name:
            found.append(Cell("markdown", folded(key[cell.name].hints), "hints", cell.name))
        found.append(cell)
    return found


def folded(hints: tuple[str, ...]) -> str:
    """Return hints as Markdown that a notebook shows closed, one fold inside another."""
    text = ""
    for number, hint in reversed(list(enumerate(hints, 1))):
        text = f"<details><summary>Hint {number}</summary>\n\n{hint}\n\n{text}</details>"
    return text


def unique_ids(ids: list[str]) -> list[str]:
    """Number the second and later occurrences of an id (two free cells with one text)."""
    seen: dict[str, int] = {}
    found = []
    for identity in ids:
        seen[identity] = seen.get(identity, 0) + 1
        found.append(identity if seen[identity] == 1 else f"{identity}-{seen[identity]}")
    return found


# How a cell is told to show itself folded: to JupyterLab, and to Colab.
FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}


def make_cell(cell: Cell, identity: str, key: AnswerKey) -> NotebookNode:
    """Return one notebook cell."""
    metadata = grading(cell, identity, key) | (FOLDED if cell.folded else {})
    make = new_markdown_cell if cell.kind == "markdown" else new_code_cell
    return make(cell.text, id=identity, metadata=nbformat.from_dict(metadata))


def grading(cell: Cell, identity: str, key: AnswerKey) -> dict:
    """Return nbgrader's metadata for a cell, empty for prose and free code."""
    flags = {
        "solution": {"solution": True},
        "check": {"grade": True, "locked": True},
        "written": {"grade": True, "solution": True},
        "locked": {"locked": True},
        "setup": {"locked": True},
    }.get(cell.role)
    if flags is None:
        return {}
    base = {"grade": False, "locked": False, "solution": False, "task": False, "schema_version": 3}
    grade_id = key[cell.name].grade_id if cell.role == "check" else identity
    points = {"check": lambda: key[cell.name].max_score, "written": lambda: cell.points}.get(cell.role)
    score = {"points": whole_as_integer(points())} if points else {}
    return {"nbgrader": {**base, **flags, **score, "grade_id": grade_id}}


def whole_as_integer(points: float) -> int | float:
    """Return whole points as an integer, as nbgrader's own tools write them."""
    return int(points) if points == int(points) else points
