"""What a marked notebook says to the gradebook, and what the gradebook says to a page: plain data, without a notebook.

So a notebook with a learner's text in it is read where that may fail, and the gradebook is written where it may not.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task

from autograder.gradebook.marked_notebook import verdict_of

LOG = logging.getLogger("autograder.grade")
LOG.setLevel(logging.ERROR)
NO_ANSWER = "No response."  # nbgrader's own comment on a cell that was left as it was


@dataclass(frozen=True)
class Scores:
    """What nbgrader's SaveAutoGrades takes from a marked notebook.

    attempt   the digest of the submitted file
    grades    by grade id: the automatic score, None where a person gives it, and whether a person has to look
    comments  by grade id: the automatic comment
    """

    attempt: str
    grades: dict[str, tuple[float | None, bool]]
    comments: dict[str, str | None]


def scores_of(notebook: NotebookNode) -> Scores:
    """Return what a marked notebook says to the gradebook, by nbgrader's own rules."""
    grades, comments = {}, {}
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if is_grade(cell):
            grades[name] = determine_grade(cell, LOG)[0], bool(verdict_of(cell).get("look"))
        if is_solution(cell) or is_task(cell):
            untouched = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell) and not is_task(cell)
            comments[name] = NO_ANSWER if untouched else None
    return Scores(notebook.metadata["autograder"]["attempt"], grades, comments)


def scores_from(told: dict[str, Any]) -> Scores:
    """Return scores from JSON."""
    grades = {name: (score, bool(look)) for name, (score, look) in told["grades"].items()}
    return Scores(told["attempt"], grades, told["comments"])


@dataclass(frozen=True)
class OnPage:
    """What nbgrader's GetGrades reads for a page: points of the notebook and of its cells, and comments.

    waiting  the grade ids of what a person has still to look at
    """

    score: float
    max_score: float
    late_penalty: float
    grades: dict[str, tuple[float, float]]
    comments: dict[str, str | None]
    waiting: list[str] = field(default_factory=list)


def put_into(notebook: NotebookNode, points: OnPage) -> dict[str, float]:
    """Write points and comments into the cells of a notebook; return what nbgrader's page is told besides."""
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if is_solution(cell) or is_task(cell):
            about["comment"] = points.comments[about["grade_id"]]
        if is_grade(cell) or is_task(cell):
            about["score"], about["points"] = points.grades[about["grade_id"]]
            about["waits"] = about["grade_id"] in points.waiting
    return {"score": points.score, "max_score": points.max_score, "late_penalty": points.late_penalty}
