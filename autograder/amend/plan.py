"""What will change, and for whom: told before anything is done, and kept with the decision."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from autograder.amend.wishes import short
from autograder.gradebook.decisions import ACCEPT, ASIDE, ATTEMPT, DROP, EXTEND, POINTS, REGRADE, UNDO, Decision
from autograder.gradebook.points import Points

CLOSE = 1e-9


@dataclass(frozen=True)
class Change:
    """The points of one submission before and after, each with the most that could be had."""

    student: str
    before: float
    after: float
    most_before: float
    most_after: float


@dataclass(frozen=True)
class Plan:
    """What will change.

    decision   what is decided; without number and time until it is done
    changes    for whom points change, or how many could be had
    unchanged  for how many nothing changes
    notes      sentences about what is to be known besides
    """

    decision: Decision
    changes: tuple[Change, ...]
    unchanged: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Amended:
    """What was decided.

    plan     what changes, for whom
    applied  whether it was done
    file     where all decisions are written down
    """

    plan: Plan
    applied: bool
    file: Path
    notes: tuple[str, ...] = field(default=())


def compare(decision: Decision, before: dict[str, Points], after: dict[str, Points], notes: list[str]) -> Plan:
    """Return the plan from what the gradebook holds and would hold."""
    changes = [
        Change(student, one.score, after[student].score, one.max_score, after[student].max_score)
        for student, one in sorted(before.items())
        if differ(one, after[student])
    ]
    return Plan(decision, tuple(changes), len(before) - len(changes), tuple(notes))


def differ(one: Points, other: Points) -> bool:
    """Say whether the points of a submission, or the most that could be had, are others."""
    return abs(one.score - other.score) > CLOSE or abs(one.max_score - other.max_score) > CLOSE


def cells_changed(before: dict[str, Points], after: dict[str, Points]) -> dict[str, list[str]]:
    """Return whose points for each graded cell change."""
    found: dict[str, list[str]] = defaultdict(list)
    for student, one in sorted(before.items()):
        for cell, (score, _) in one.grades.items():
            if abs(score - after[student].grades[cell][0]) > CLOSE:
                found[cell].append(student)
    return dict(found)


def sentences(plan: Plan) -> list[str]:
    """Return the plan for a person to read: who gets the same change stands in one line."""
    groups: dict[str, list[str]] = defaultdict(list)
    for one in plan.changes:
        groups[step(one)].append(one.student)
    lines = [f"{said(plan.decision)}."]
    lines += [f"  {what}: {', '.join(people)} ({len(people)})" for what, people in groups.items()]
    if not plan.changes:
        lines.append("  nothing changes for anybody now")
    elif plan.unchanged:
        lines.append(f"  nothing changes for {plan.unchanged}")
    return [*lines, *(f"  {note}" for note in plan.notes)]


def step(one: Change) -> str:
    """Return in words how the points of a submission change."""
    out_of = f" of {one.most_before:g}, now of {one.most_after:g}" if one.most_before != one.most_after else ""
    return f"{one.after - one.before:+.4g} points{out_of}"


def said(decision: Decision) -> str:
    """Return a decision in words."""
    question, until = (
        f"{short(decision.cell)} in {decision.assignment}",
        f"until {decision.until} UTC" if decision.until else "",
    )
    given = "all points" if decision.points is None else f"{decision.points:g} points"
    words = {
        DROP: f"drop {question}, its points to {'everybody' if decision.points is None else 'nobody'}",
        POINTS: f"{question} counts {decision.points or 0:g} points",
        ACCEPT: f"accept the answer of {decision.student} to {question}, with {given}",
        EXTEND: f"{decision.student} has time for {decision.assignment} {until}",
        ATTEMPT: f"{decision.student} may hand in {decision.assignment} once more {until}".strip(),
        REGRADE: f"grade {question} again",
    }
    others = {UNDO: f"take back decision {decision.undoes}", ASIDE: "marks by hand were set aside"}
    return words.get(decision.what) or others.get(decision.what) or "marks by hand were given back"
