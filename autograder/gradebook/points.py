"""What the gradebook holds about a whole class, in few queries: a thousand submissions take no thousand of them."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import Select, func, select

from autograder.gradebook.scores import OnPage


@dataclass
class Points:
    """What the gradebook holds about one submission; `grades` gives points and most points by grade id.

    waiting  the grade ids of what a person has still to look at
    """

    late: float
    penalty: float = 0.0
    grades: dict[str, tuple[float, float]] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)

    @property
    def manual(self) -> bool:
        """Say whether a person has still to look at something."""
        return bool(self.waiting)

    @property
    def score(self) -> float:
        """Return all points, without those that being late has cost."""
        return sum(score for score, _ in self.grades.values()) - self.penalty

    @property
    def max_score(self) -> float:
        """Return the most points that could be had."""
        return sum(most for _, most in self.grades.values())


def read_points(gradebook: Gradebook, slug: str, students: Collection[str] | None = None) -> dict[str, Points]:
    """Return what the gradebook holds about the submissions of an assignment, of all students or some, by student."""
    owner, points = SubmittedAssignment.student_id, {}
    about = select(owner, SubmittedAssignment.timestamp, SubmittedAssignment.extension, Assignment.duedate)
    for name, *times in gradebook.db.execute(of_class(about.select_from(SubmittedAssignment), slug, students)):
        points[name] = Points(seconds_late(*times))
    notebooks = select(owner, SubmittedNotebook.late_submission_penalty).select_from(SubmittedNotebook)
    notebooks = notebooks.join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
    for name, penalty in gradebook.db.execute(of_class(notebooks, slug, students)):
        points[name].penalty += penalty or 0.0
    most = func.coalesce(GradeCell.__table__.c.max_score, TaskCell.__table__.c.max_score)
    cells = of_cells(select(owner, BaseCell.name, Grade.__table__.c.needs_manual_grade, Grade.score, most), Grade)
    cells = cells.outerjoin(GradeCell.__table__, GradeCell.__table__.c.id == BaseCell.id)
    cells = cells.outerjoin(TaskCell.__table__, TaskCell.__table__.c.id == BaseCell.id)
    for name, cell, manual, score, max_score in gradebook.db.execute(of_class(cells, slug, students)):
        points[name].grades[cell] = score, max_score
        points[name].waiting += [cell] if manual else []
    return points


def read_for_pages(gradebook: Gradebook, slug: str, students: Collection[str]) -> dict[str, OnPage]:
    """Return what their pages show of the submissions of some students, by student."""
    found = {
        student: OnPage(points.score, points.max_score, points.penalty, points.grades, {}, points.waiting)
        for student, points in read_points(gradebook, slug, students).items()
    }
    comments = of_cells(select(SubmittedAssignment.student_id, BaseCell.__table__.c.name, Comment.comment), Comment)
    for student, cell, comment in gradebook.db.execute(of_class(comments, slug, students)):
        found[student].comments[cell] = comment
    return found


def of_cells(query: Select[Any], what: Any) -> Select[Any]:
    """Return a query for grades or comments with the cell, the notebook and the submission that they belong to."""
    return (
        query.select_from(what)
        .join(BaseCell.__table__, what.cell_id == BaseCell.id)
        .join(SubmittedNotebook, what.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
    )


def of_class(query: Select[Any], slug: str, students: Collection[str] | None) -> Select[Any]:
    """Return a query for one assignment, and for some students if they are named."""
    query = query.join(Assignment, SubmittedAssignment.assignment_id == Assignment.id).where(Assignment.name == slug)
    return query if students is None else query.where(SubmittedAssignment.student_id.in_(students))


def seconds_late(
    timestamp: datetime.datetime | None, extension: datetime.timedelta | None, due: datetime.datetime | None
) -> float:
    """Return how many seconds after its due date a submission came, as nbgrader counts them."""
    if timestamp is None or due is None:
        return 0
    return max(0, (timestamp - due - (extension or datetime.timedelta())).total_seconds())
