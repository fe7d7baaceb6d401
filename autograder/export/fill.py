"""Fills scores into a table that a platform wrote. Cells without a score of ours stay as they are: an empty one
would wipe out what the platform has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from autograder.export.matching import Matches, match
from autograder.export.results import Result
from autograder.export.sheet import Sheet, as_number, points_text

MOST_NAMED = 10
NOT_FOUND = (
    "In the gradebook and not in the roster: {}. A row is found by the id, or by the e-mail address that the list "
    "of the class has."
)


@dataclass(frozen=True)
class Wishes:
    """What the command line asks for.

    only_finished  leave out whom a person has still to grade
    scale          turn points into the platform's, where it counts out of another number
    column         the platform's name of the assignment
    """

    only_finished: bool = False
    scale: bool = False
    column: str | None = None


@dataclass
class Export:
    """The text of a file, and what is to be told about it."""

    text: str
    notes: list[str] = field(default_factory=list)
    count: int = 0


def fill(
    sheet: Sheet,
    people: list[int],
    place: int,
    results: Mapping[str, Result],
    most: Callable[[int], float | None],
    wishes: Wishes,
    kept: Callable[[int], bool],
) -> tuple[dict[int, Result], list[str]]:
    """Write scores into a column; return the results by row, and what is to be told.

    people  the rows that are people
    most    gives the points that the platform counts out of in a row, where it says so
    kept    says whether the platform's cell must stay
    """
    emails = {student: result.email for student, result in results.items()}
    matches, written, notes = match(results, sheet, people, emails), {}, []
    others: set[tuple[float, float]] = set()
    locked = []
    for row, student in sorted(matches.rows.items()):
        result, out_of = results[student], most(row)
        if kept(row):
            locked.append(student)
        elif not (wishes.only_finished and result.needs_manual_grade):
            score = result.score
            if out_of is not None and abs(out_of - result.max_score) > 1e-9:
                others.add((out_of, result.max_score))
                score = score * out_of / result.max_score if wishes.scale else score
            sheet.rows[row][place], written[row] = points_text(score), result
    for out_of, ours in sorted(others) if not wishes.scale else []:
        notes.append(
            f"The platform counts out of {points_text(out_of)} and the notebook out of {points_text(ours)}: points are "
            f"written as they are; set the platform to {points_text(ours)}, or use --scale."
        )
    notes += notes_on_matching(matches)
    notes += [f"Left as the platform has it, excused or locked: {named(locked)}."] if locked else []
    return written, notes


def notes_on_matching(matches: Matches) -> list[str]:
    """Return in sentences who was not matched surely."""
    kinds = [
        (matches.missing, NOT_FOUND),
        (matches.ambiguous, "Several people could be meant, so nothing was written for {}."),
        (matches.by_name, "Found by name only, without an id: {}."),
        (matches.by_email, "Found by their e-mail address, for their id is not in the roster: {}."),
    ]
    return [sentence.format(named(students)) for students, sentence in kinds if students]


def named(students: list[str]) -> str:
    """Return the first few of many names."""
    more = f" and {len(students) - MOST_NAMED} more" if len(students) > MOST_NAMED else ""
    return ", ".join(sorted(students)[:MOST_NAMED]) + more


def points(sheet: Sheet, row: int, place: int | None) -> float | None:
    """Return the number in a cell, if there is one above zero."""
    found = as_number(sheet.rows[row][place]) if place is not None else None
    return found if found and found > 0 else None
