"""Applies decisions to the rows of nbgrader's tables, whatever is there: what counts, and how long there was time.

The same is done after each grading and when something is decided; done twice it changes nothing. A mark by hand that
a decision overrules is set aside, and comes back when the decision is taken back.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbgrader import api
from nbgrader.api import Assignment, BaseCell, Grade, GradeCell, SubmittedAssignment, SubmittedNotebook, TaskCell
from sqlalchemy import Select, select, update

from autograder.gradebook.decided_notebook import Judged, Notebook, judged
from autograder.gradebook.decisions import Decided, Decisions, Marks
from autograder.gradebook.score_rows import Db

GRADES, SUBMISSIONS, NOTEBOOKS = Grade.__table__, SubmittedAssignment.__table__, api.Notebook.__table__


@dataclass
class Applied:
    """What applying decisions has changed.

    people  whose points or time have changed
    stale   who has changed an answer that was accepted, with its grade id
    aside   the marks by hand that were set aside, and those that were given back
    """

    people: set[str] = field(default_factory=set)
    stale: list[tuple[str, str]] = field(default_factory=list)
    aside: Marks = field(default_factory=dict)
    back: Marks = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """What is applied: the decisions about one assignment, whose cells have so many points in the release.

    students  these only; None: everybody who has handed in something
    read      gives the marked notebook of a student, if there is one
    """

    slug: str
    decisions: Decisions
    released: Mapping[str, float]
    read: Callable[[str], Notebook | None]
    students: Collection[str] | None = None


def apply(db: Db, task: Task) -> Applied:
    """Write what counts into the gradebook, in the transaction that has begun; say what that has changed."""
    applied = Applied()
    set_most_points(db, task)
    cells = task.decisions.cells(task.slug)
    if not cells and not task.decisions.extended(task.slug):
        return applied
    rows: dict[str, list[Any]] = {}
    for row in db.execute(grade_rows(task, cells)):
        rows.setdefault(row.student_id, []).append(row)
    for submission in db.execute(submission_rows(task)).all():
        student = submission.student_id
        notebook = task.read(student)
        found = judged(notebook) if notebook else None
        set_extension(db, task, submission, found.attempt if found else "", applied)
        if found is not None:
            set_grades(db, task, student, found, rows.get(student, []), applied)
    return applied


def set_most_points(db: Db, task: Task) -> None:
    """Write the most points of each graded cell."""
    here = select(BaseCell.__table__.c.id, BaseCell.__table__.c.name).select_from(BaseCell.__table__)
    for id_, name in db.execute(of_assignment(here, BaseCell.__table__.c.notebook_id, task.slug)).all():
        if name in task.released:
            most = task.decisions.most(task.slug, name, task.released[name])
            for table in (GradeCell.__table__, TaskCell.__table__):
                db.execute(update(table).where(table.c.id == id_, table.c.max_score != most).values(max_score=most))


def of_assignment(query: Select[Any], notebook: Any, slug: str) -> Select[Any]:
    """Return a query for what belongs to the notebook of an assignment."""
    query = query.join(NOTEBOOKS, notebook == NOTEBOOKS.c.id)
    return query.join(Assignment.__table__, Assignment.id == NOTEBOOKS.c.assignment_id).where(Assignment.name == slug)


def grade_rows(task: Task, cells: Collection[str]) -> Select[Any]:
    """Return the query for the grades of the cells about which something was decided."""
    columns = GRADES.c.id, GRADES.c.auto_score, GRADES.c.manual_score, GRADES.c.needs_manual_grade
    query = select(SUBMISSIONS.c.student_id, BaseCell.__table__.c.name, *columns).select_from(GRADES)
    query = query.join(BaseCell.__table__, GRADES.c.cell_id == BaseCell.__table__.c.id)
    query = query.join(SubmittedNotebook.__table__, GRADES.c.notebook_id == SubmittedNotebook.__table__.c.id)
    query = query.join(SUBMISSIONS, SubmittedNotebook.__table__.c.assignment_id == SUBMISSIONS.c.id)
    return of_some(query.where(BaseCell.__table__.c.name.in_(cells)), task)


def submission_rows(task: Task) -> Select[Any]:
    """Return the query for submissions and their time."""
    columns = SUBMISSIONS.c.id, SUBMISSIONS.c.student_id, SUBMISSIONS.c.extension, Assignment.duedate
    return of_some(select(*columns).select_from(SUBMISSIONS), task)


def of_some(query: Select[Any], task: Task) -> Select[Any]:
    """Return a query for the assignment, and for some students if they are named."""
    query = query.join(Assignment.__table__, SUBMISSIONS.c.assignment_id == Assignment.id)
    query = query.where(Assignment.name == task.slug)
    return query if task.students is None else query.where(SUBMISSIONS.c.student_id.in_(task.students))


def set_extension(db: Db, task: Task, row: Any, attempt: str, applied: Applied) -> None:
    """Write by how much the due date is put off for somebody about whom that was decided."""
    if row.student_id not in task.decisions.extended(task.slug):
        return
    seconds = task.decisions.extension(task.slug, row.student_id, attempt, row.duedate)
    right = datetime.timedelta(seconds=seconds) if seconds is not None else None
    if right != row.extension:
        applied.people.add(row.student_id)
        db.execute(update(SUBMISSIONS).where(SUBMISSIONS.c.id == row.id).values(extension=right))


def set_grades(db: Db, task: Task, student: str, found: Judged, rows: list[Any], applied: Applied) -> None:
    """Write what counts for the cells of one submission."""
    decided, marks = found.decided(task.decisions, task.slug, student), task.decisions.marks(task.slug)
    for row in rows:
        if one := decided.get(row.name):
            set_aside = marks.get(row.name, {}).get(student)
            mark = row.manual_score
            if one.fixed and mark is not None:
                applied.aside.setdefault(row.name, {})[student] = mark
                mark = None
            elif not one.fixed and set_aside is not None:
                applied.back.setdefault(row.name, {})[student] = set_aside
                mark = set_aside if mark is None else mark
            asked = found.scores.grades[row.name][1] or one.score is None or one.look
            set_row(db, row, one, mark, asked, student, applied)
            if one.look:
                applied.stale.append((student, row.name))


def set_row(db: Db, row: Any, one: Decided, mark: float | None, asked: bool, student: str, applied: Applied) -> None:
    """Write one grade, where it is another now; whom a person has read stays read."""
    back = mark is not None and row.manual_score is None
    asks = not (one.fixed or back) and (asked if mark is None else bool(row.needs_manual_grade))
    right = {"auto_score": one.score, "manual_score": mark, "needs_manual_grade": asks}
    if right != {name: getattr(row, name) for name in right}:
        applied.people.add(student)
        db.execute(update(GRADES).where(GRADES.c.id == row.id).values(**right))
