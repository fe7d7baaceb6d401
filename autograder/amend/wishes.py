"""What an instructor wants to change, and the decision that it comes to. What cannot be meant is refused here."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course.assignment import Trusted
from autograder.course.deadlines import LIKE, in_utc
from autograder.errors import UserError
from autograder.gradebook.decided_notebook import judged, name_of, read_notebook
from autograder.gradebook.decisions import (
    ACCEPT,
    ATTEMPT,
    DROP,
    EXTEND,
    ON_CELLS,
    POINTS,
    REGRADE,
    UNDO,
    Decision,
    Decisions,
)
from autograder.gradebook.points import Points
from autograder.gradebook.store import Store

KINDS = (DROP, POINTS, ACCEPT, EXTEND, ATTEMPT, REGRADE, UNDO)
EVERYBODY, NOBODY = "everybody", "nobody"


@dataclass(frozen=True)
class Settings:
    """What is to be changed, and where.

    course_root  the folder with `_config.yml`
    what         one of KINDS
    assignment   the assignment; `undo` knows it by itself
    check        the name of a check or of a written answer, for `drop`, `points`, `accept` and `regrade`
    student      the one person, for `accept`, `extend` and `attempt`
    points       `points`: how many it counts; `accept`: how many are given, None all
    to           `drop`: who gets the points, EVERYBODY who has handed in, or NOBODY
    until        `extend`, `attempt`: when the work is due then, with a time zone
    number       `undo`: which decision is taken back
    reason       why; of `drop`, `points` and `accept` learners read it on their page
    out          where the results are; None: `_build/grading` of the course
    db           the gradebook's address; None: the variable ATTENTION_DB, else `gradebook.db` in `out`
    submissions  `regrade`: the folder that was graded; None: `submitted` in `out`
    timeout, memory, pictures, sandbox, jobs: as in grading, for `regrade`
    """

    course_root: Path
    what: str
    assignment: str = ""
    check: str = ""
    student: str = ""
    points: float | None = None
    to: str = EVERYBODY
    until: str = ""
    number: int = 0
    reason: str = ""
    out: Path | None = None
    db: str | None = None
    submissions: Path | None = None
    timeout: float = 30.0
    memory: int = 2048
    pictures: bool = False
    sandbox: bool = True
    jobs: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if self.what not in KINDS:
            raise UserError(f"There is no {self.what!r} among what can be amended; there are: {', '.join(KINDS)}.")
        if self.what == ACCEPT and not self.reason.strip():
            raise UserError("Give a reason for accepting an answer by hand; it is kept, and the learner reads it.")
        if self.what == DROP and self.to not in (EVERYBODY, NOBODY):
            raise UserError(f"The points of a dropped question go to {EVERYBODY} or to {NOBODY}, not to {self.to!r}.")
        if self.points is not None and not 0 <= self.points < math.inf:
            raise UserError(f"{self.points:g} is no number of points; give one from 0.")
        if self.what == POINTS and self.points is None:
            raise UserError("Say how many points the question counts.")


def assignment_of(settings: Settings, decisions: Decisions) -> str:
    """Return the assignment that is meant. Raises UserError for a decision that cannot be taken back."""
    if settings.what != UNDO:
        return settings.assignment
    kinds = (*ON_CELLS, EXTEND, ATTEMPT)
    hold = {one.number: one for one in decisions.lines if one.what in kinds and one.number not in decisions.undone}
    if settings.number not in hold:
        there = ", ".join(map(str, hold)) or "none"
        raise UserError(f"There is no decision {settings.number} to be taken back; those that hold: {there}.")
    return hold[settings.number].assignment


def decision(settings: Settings, trusted: Trusted, store: Store, points: dict[str, Points]) -> Decision:
    """Return the decision that is wanted; `points` is what the gradebook holds. Raises UserError for one in vain."""
    slug, what, student = trusted.slug, settings.what, settings.student
    if what == UNDO:
        return Decision(0, UNDO, slug, undoes=settings.number, reason=settings.reason)
    if what in (*ON_CELLS, REGRADE):
        cell = cell_of(trusted, settings.check)
        if what != ACCEPT:
            given = {DROP: None if settings.to == EVERYBODY else 0.0, POINTS: settings.points, REGRADE: None}[what]
            return Decision(0, what, slug, cell, points=given, reason=settings.reason)
        most = store.decisions.most(slug, cell, store.released[slug][cell])
        if settings.points is not None and settings.points > most:
            raise UserError(f"{settings.check} has {most:g} points; {settings.points:g} cannot be given for it.")
        answer = judged(marked(store, slug, student, points)).answers[cell]
        return Decision(0, what, slug, cell, student, settings.points, answer=answer, reason=settings.reason)
    due = store.gradebook.find_assignment(slug).duedate
    until = later_than(due, settings.until, slug)
    more = Decision(0, what, slug, student=student, until=until, reason=settings.reason)
    more = replace(more, earlier=earlier(store, slug, student, points))
    if what == EXTEND:
        if due is None:
            raise UserError(f"{slug} has no due date, so there is nothing to extend.")
        require_known(store, student)
        return more
    return replace(more, answer=judged(marked(store, slug, student, points)).attempt)


def cell_of(trusted: Trusted, name: str) -> str:
    """Return the grade id of a check or a written answer, which is named by it or by its beginning."""
    cells = [found for cell in trusted.release.cells if (found := name_of(cell))]
    names = {short(cell): cell for cell in cells}
    if name in cells or name in names:
        return names.get(name, name)
    raise UserError(f"{trusted.slug} has no graded question {name}; there are: {', '.join(names)}.")


def short(cell: str) -> str:
    """Return the name of a graded cell in short: of a check what `check("...")` is called with."""
    return cell if cell.startswith("written-") else cell.partition("-")[0]


def marked(store: Store, slug: str, student: str, points: dict[str, Points]) -> dict:
    """Return somebody's marked notebook. Raises UserError where there is none."""
    notebook = read_notebook(store.root, student, slug) if student in points else None
    if notebook is None:
        raise UserError(f"Nothing of {student or 'nobody'} has been graded for {slug} in {store.root}.")
    return notebook


def require_known(store: Store, student: str) -> None:
    """Raise UserError for somebody whom the gradebook does not know."""
    if student not in store.absent(()):
        raise UserError(f"There is no student {student} in the gradebook; see the ids in grades.csv.")


def later_than(due: datetime.datetime | None, text: str, slug: str) -> str:
    """Return a time in UTC. Raises UserError for one that cannot be read, or is not after the due date."""
    if not text:
        if due is None:
            return ""
        raise UserError(f"{slug} has a due date, so say with --until when it is due then; {LIKE}.")
    try:
        until = in_utc(text, slug)
    except UserError:
        raise UserError(f"--until is {text!r}, no date, time and zone; {LIKE}.") from None
    if due is not None and until <= due:
        raise UserError(f"--until is not after the due date, {due:%Y-%m-%d %H:%M} UTC.")
    return until.isoformat()


def earlier(store: Store, slug: str, student: str, points: dict[str, Points]) -> float | None:
    """Return the extension in seconds that somebody has already, if any, from whoever gave it."""
    mine = (one for one in store.decisions.lines if one.student == student and one.assignment == slug and one.until)
    if first := next(mine, None):
        return first.earlier
    extension = store.gradebook.find_submission(slug, student).extension if student in points else None
    return extension.total_seconds() if extension else None
