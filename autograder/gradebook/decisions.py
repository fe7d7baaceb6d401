"""What an instructor has decided about the grades of a class: one file beside the gradebook, which grading applies.

Each line of `decisions.jsonl` is one decision: what, for whom, why, when and by whom, and what it changed. Lines are
only ever added, one that takes a decision back among them, so the file is the audit log, too. Points of the judge are
nowhere lost: what counts is made from them and from this file, each time anew.
"""

from __future__ import annotations

import datetime
import json
from dataclasses import asdict, dataclass, field

DROP, POINTS, ACCEPT, EXTEND, ATTEMPT, REGRADE = "drop", "points", "accept", "extend", "attempt", "regrade"
UNDO, ASIDE, BACK = "undo", "marks set aside", "marks given back"
ON_CELLS = (DROP, POINTS, ACCEPT)
Marks = dict[str, dict[str, float]]  # by grade id, then by student


@dataclass(frozen=True)
class Decision:
    """One line of the file.

    number      from 1 on
    what        one of the kinds above
    cell        the grade id of the check or the written answer that it is about
    student     the one person that it is about; empty: everybody
    points      `points`: how many there are; `accept`: how many are given, None all; `drop`: None to everybody, 0 to
                nobody
    until       `extend`, `attempt`: the time in UTC until when the work may be handed in
    answer      `accept`: the digest of the answer; `attempt`: of the first attempt's file
    earlier     `extend`, `attempt`: the extension in seconds that there was before
    undoes      `undo`: the number of the decision that is taken back
    marks       points given by hand that were set aside, or given back
    changes     by student, the points of the assignment before and after
    """

    number: int
    what: str
    assignment: str
    cell: str = ""
    student: str = ""
    points: float | None = None
    until: str = ""
    answer: str = ""
    earlier: float | None = None
    undoes: int = 0
    reason: str = ""
    when: str = ""
    who: str = ""
    marks: Marks = field(default_factory=dict)
    changes: dict[str, dict[str, float]] = field(default_factory=dict)

    def as_line(self) -> str:
        """Return the line of the file; what is empty is left out."""
        told = {name: value for name, value in asdict(self).items() if value not in ("", 0, {})}
        if self.what in ON_CELLS:
            told["points"] = self.points  # 0 and none at all are two decisions
        return json.dumps({name: value for name, value in told.items() if value is not None}, ensure_ascii=False)


@dataclass(frozen=True)
class Decided:
    """What counts for one graded cell of one submission.

    score   the points; None where a person has still to give them
    most    the most points that can be had
    status  "accepted" or "dropped", empty where the judge's own stays
    says    what the learner is told of it
    fixed   whether a mark by hand does not count beside it
    look    whether a person has to look at it again
    """

    score: float | None
    most: float
    status: str = ""
    says: str = ""
    fixed: bool = False
    look: bool = False


@dataclass(frozen=True)
class Decisions:
    """All decisions about a class, in the order in which they were taken."""

    lines: tuple[Decision, ...] = ()

    def __post_init__(self) -> None:
        """Find out which were taken back."""
        object.__setattr__(self, "undone", {one.undoes for one in self.lines if one.what == UNDO})

    undone: set[int] = field(init=False, default_factory=set, compare=False)

    def with_one(self, decision: Decision) -> Decisions:
        """Return these decisions and one more."""
        return Decisions((*self.lines, decision))

    def latest(self, what: str, slug: str, cell: str = "", student: str = "") -> Decision | None:
        """Return the last decision of a kind that holds."""
        about = slug, cell, student
        holds = (one for one in reversed(self.lines) if one.what == what and one.number not in self.undone)
        return next((one for one in holds if (one.assignment, one.cell, one.student) == about), None)

    def cells(self, slug: str) -> set[str]:
        """Return the graded cells of an assignment about which something was decided, be it taken back or not."""
        return {one.cell for one in self.lines if one.what in ON_CELLS and one.assignment == slug}

    def extended(self, slug: str) -> set[str]:
        """Return the students whose time was ever decided about."""
        return {one.student for one in self.lines if one.what in (EXTEND, ATTEMPT) and one.assignment == slug}

    def extension(self, slug: str, student: str, attempt: str, due: datetime.datetime | None) -> float | None:
        """Return by how many seconds the due date is put off for somebody, who has handed in the file `attempt`."""
        given = [self.latest(kind, slug, student=student) for kind in (EXTEND, ATTEMPT)]
        hold = [one for one in given if one and (one.what == EXTEND or attempt not in ("", one.answer))]
        if due is None or not hold:
            mine = (one for one in self.lines if one.what in (EXTEND, ATTEMPT))
            return next((one.earlier for one in mine if (one.assignment, one.student) == (slug, student)), None)
        until = max(datetime.datetime.fromisoformat(one.until) for one in hold)
        return max(0.0, (until - due).total_seconds())

    def marks(self, slug: str) -> Marks:
        """Return the marks by hand that are set aside."""
        kept: Marks = {}
        for line in (one for one in self.lines if one.assignment == slug and one.what in (ASIDE, BACK)):
            for cell, marks in line.marks.items():
                mine = kept.setdefault(cell, {})
                for student, mark in marks.items():
                    mine.pop(student, None) if line.what == BACK else mine.update({student: mark})
        return kept

    def most(self, slug: str, cell: str, released: float) -> float:
        """Return the most points of a graded cell, which has so many in the release."""
        dropped, changed = self.latest(DROP, slug, cell), self.latest(POINTS, slug, cell)
        if dropped and dropped.points is not None:
            return 0.0
        return released if changed is None or changed.points is None else changed.points

    def decide(self, slug: str, cell: str, student: str, judged: float | None, released: float, answer: str) -> Decided:
        """Return what counts for a cell, of which the judge has given so many points of those in the release.

        answer  the digest of the answer that the cell is about
        """
        most = self.most(slug, cell, released)
        dropped, accepted = self.latest(DROP, slug, cell), self.latest(ACCEPT, slug, cell, student)
        if dropped is not None:
            says = "it counts for nobody" if dropped.points is not None else "everybody has its points"
            return Decided(most, most, "dropped", with_reason(f"This task was dropped: {says}.", dropped), fixed=True)
        if accepted is not None and accepted.answer == answer:
            score = most if accepted.points is None else min(accepted.points, most)
            return Decided(score, most, "accepted", with_reason("A person has accepted this answer.", accepted), True)
        counts = judged if judged is None or most == released else scaled(judged, released, most)
        changed = self.latest(POINTS, slug, cell)
        says = f"This task counts {most:g} points, and {released:g} in the notebook." if most != released else ""
        told = with_reason(says, changed) if changed and says else ""
        return Decided(counts, most, says=told, look=accepted is not None and counts != most)


def scaled(judged: float, released: float, most: float) -> float:
    """Return the same share of other points; a task that had none gives all that it has now to nobody."""
    return judged * most / released if released else 0.0


def with_reason(text: str, decision: Decision) -> str:
    """Return a sentence with the reason behind it, if there is one."""
    return f"{text} {decision.reason}".strip()
