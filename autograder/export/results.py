"""The results of one assignment as they stand in the gradebook, with the diagnoses of the marked notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, SubmittedAssignment

from autograder.gradebook.marked_notebook import marked_path, read_marked

CHECK, WRITTEN = "check", "written answer"


@dataclass(frozen=True)
class Task:
    """One graded cell of one submission.

    score          the points so far; a written answer that nobody has read yet has 0
    status         of a check: what the judge found; of a written answer: "waits for a person" or "graded"
    misconceptions the names of the known mistakes that the results equal
    """

    name: str
    title: str
    kind: str
    score: float
    max_score: float
    status: str
    misconceptions: tuple[str, ...]
    diagnosis: str
    needs_manual_grade: bool


@dataclass(frozen=True)
class Result:
    """One submission. All numbers are nbgrader's; `raw_score` is without the penalty for being late."""

    student: str
    assignment: str
    email: str
    raw_score: float
    max_score: float
    late_penalty: float
    seconds_late: float
    needs_manual_grade: bool
    tasks: tuple[Task, ...]

    @property
    def score(self) -> float:
        """Return the points that count, as nbgrader counts them."""
        return max(0.0, self.raw_score - self.late_penalty)


def results(gradebook: Gradebook, root: Path, slug: str) -> Iterator[Result]:
    """Return the results of an assignment, sorted by student."""
    for submission in sorted(gradebook.assignment_submissions(slug), key=lambda one: one.student_id):
        yield Result(
            submission.student_id,
            slug,
            submission.student.email or "",
            submission.score,
            submission.max_score,
            submission.late_submission_penalty or 0.0,
            submission.total_seconds_late,
            bool(submission.needs_manual_grade),
            tuple(tasks(submission, verdicts(root, submission.student_id, slug))),
        )


def tasks(submission: SubmittedAssignment, found: dict[str, dict[str, Any]]) -> Iterator[Task]:
    """Return the graded cells of a submission: those of the marked notebook in its order, then all others by name."""
    grades = {grade.name: grade for notebook in submission.notebooks for grade in notebook.grades}
    for name in [*(name for name in found if name in grades), *sorted(set(grades) - set(found))]:
        grade, about = grades[name], found.get(name, {})
        marked_here = grade.cell_type == "code" and grade.auto_score is not None if not found else name in found
        by_hand = "waits for a person" if grade.needs_manual_grade else "graded"
        yield Task(
            about.get("check", name),
            about.get("title", ""),
            CHECK if marked_here else WRITTEN,
            grade.score,
            grade.max_score,
            about.get("status", "") if marked_here else by_hand,
            tuple(about.get("names", ())),
            about.get("diagnosis", ""),
            bool(grade.needs_manual_grade),
        )


def verdicts(root: Path, student: str, slug: str) -> dict[str, dict[str, Any]]:
    """Return what the judge wrote into the marked notebook, by grade id; nothing where the notebook is not here."""
    marked = read_marked(marked_path(root, student, slug))
    return marked.verdicts if marked else {}
