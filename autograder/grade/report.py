"""What became of a class: the table and the two CSV files, from the gradebook and the marked notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.grade.judge.telling import the_point
from autograder.gradebook.class_list import called
from autograder.gradebook.marked_notebook import Marked, marked_path, read_marked
from autograder.gradebook.points import Points
from autograder.storage.safe_text import one_line, shown, write_table

GRADES = ("student_id", "assignment", "score", "max_score", "needs_manual_grade", "seconds_late", "status")
CHECKS = ("student_id", "assignment", "check", "score", "max_score", "status", "diagnosis")
RIGHT = ("right", "accepted", "dropped")  # these cost nobody points
COUNTED = {"unfinished": "not finished", "timeout": "ran out of time", "not_run": "not run"}
UNGRADED = ("no verdict", "not readable", "missing")
MOST_TOLD = 2
MOST_NAMED = 10
MOST_SHOWN = 200  # rows of an assignment in a terminal


@dataclass(frozen=True)
class Row:
    """The result of one submission.

    score, max_score  points, the written answers among them as far as they are graded; None where there is no verdict
    manual            whether a person has still to grade a written answer
    late              seconds after the due date
    status            "graded", "waits for a person", "not readable", "no verdict", or "missing" of who has handed in
                      nothing
    checks            one for each check, with the columns of CHECKS; the diagnosis is what the learner reads
    penalty           points that being late has cost, which are taken off the score already
    blank             the grade ids of written answers that were left as they were
    """

    student: str
    slug: str
    score: float | None
    max_score: float | None
    manual: bool
    late: float
    status: str
    checks: tuple[dict, ...] = ()
    penalty: float = 0.0
    blank: tuple[str, ...] = ()


@dataclass(frozen=True)
class Others:
    """Whom grading one student leaves out: how many are out of date, and how many were never graded."""

    changed: int = 0
    new: int = 0


@dataclass(frozen=True)
class Graded:
    """What became of a class.

    rows       the result of each submission that was looked for, graded this time or earlier
    graded     how many were run and judged this time
    unchanged  how many were graded before, and have not changed since
    late       how many penalties for being late have changed
    problems   sentences about what was passed over and what could not be graded
    out        the folder with grades.csv, checks.csv, feedback/ and, unless it is elsewhere, the gradebook
    missing    who of the class has handed in nothing: by assignment, names by id
    others     whom grading one student left out
    decided    how many results have changed by what was decided (`autograder amend`)
    """

    rows: tuple[Row, ...]
    graded: int
    unchanged: int
    late: int
    problems: tuple[str, ...]
    out: Path
    missing: dict[str, dict[str, str]] = field(default_factory=dict)
    others: Others = Others()
    decided: int = 0

    @property
    def complete(self) -> bool:
        """Say whether every submission has a verdict."""
        return all(row.score is not None for row in self.rows)


def read_row(root: Path, student: str, slug: str, points: Points | None) -> Row:
    """Return the result of one submission as it is stored; `points` is what the gradebook holds of it, if anything."""
    marked = read_marked(marked_path(root, student, slug))
    if marked is None or points is None:  # never graded, or not all of its results are there
        return no_verdict(student, slug)
    try:
        checks = check_rows(marked, points, student, slug)
    except KeyError:
        return no_verdict(student, slug)
    status = "not readable" if marked.unreadable else "waits for a person" if points.manual else "graded"
    about = points.manual, points.late, status, checks, points.penalty, marked.blank
    return Row(student, slug, points.score, points.max_score, *about)


def no_verdict(student: str, slug: str) -> Row:
    """Return the row of a submission that was not graded."""
    return Row(student, slug, None, None, False, 0.0, "no verdict")


def rows_of_nobody(missing: Mapping[str, Iterable[str]]) -> list[Row]:
    """Return the rows of those in the class who have handed in nothing: they have no points, and not 0 of them."""
    return [replace(no_verdict(one, slug), status="missing") for slug, people in missing.items() for one in people]


def check_rows(marked: Marked, points: Points, student: str, slug: str) -> tuple[dict, ...]:
    """Return the rows of all checks: scores from the gradebook, diagnoses from the marked notebook."""
    rows = []
    for grade_id, about in marked.verdicts.items():
        values = (student, slug, about["check"], *points.grades[grade_id], about["status"], about["diagnosis"])
        rows.append(dict(zip(CHECKS, values, strict=True)))
    return tuple(rows)


def write_csv(root: Path, rows: Iterable[Row]) -> None:
    """Write grades.csv and checks.csv, sorted by student and assignment."""
    rows = sorted(rows, key=lambda row: (row.student, row.slug))
    grades = [
        dict(zip(GRADES, (r.student, r.slug, r.score, r.max_score, r.manual, r.late, r.status), strict=True))
        for r in rows
    ]
    write_table(root / "grades.csv", GRADES, grades)
    write_table(root / "checks.csv", CHECKS, [check for row in rows for check in row.checks])


def show(console: Console, found: Graded) -> None:
    """Print the table, where to open things, how many were graded and what could not be."""
    show_rows(console, found.rows, found.out)
    console.print(f"{found.graded} graded, {found.unchanged} unchanged since they were graded.", highlight=False)
    if found.late:
        console.print(f"{found.late} with a new penalty for being late.", highlight=False)
    if found.decided:
        console.print(f"{found.decided} changed by what was decided with `autograder amend`.", highlight=False)
    for slug, people in found.missing.items():
        if people:
            console.print(one_line(nothing_from(slug, people)), markup=False, highlight=False, soft_wrap=True)
    show_problems(console, found)


def show_problems(console: Console, found: Graded) -> None:
    """Print what could not be graded, and who is left."""
    for sentence in about_others(found.others):
        console.print(one_line(sentence), markup=False, style="bold", highlight=False, soft_wrap=True)
    for problem in found.problems:
        console.print(one_line(problem), style="red", markup=False, highlight=False)


def nothing_from(slug: str, people: Mapping[str, str]) -> str:
    """Return the sentence that says who has handed in nothing."""
    names = called(people)
    more = f" and {len(names) - MOST_NAMED} more (all are in grades.csv)" if len(names) > MOST_NAMED else ""
    return f"Missing in {slug}, no notebook handed in: {', '.join(names[:MOST_NAMED])}{more}."


def about_others(others: Others) -> list[str]:
    """Return the sentences about whom grading one student left out."""
    why = "graded with another release, key, secret, time limit or memory than now, or handed in anew since"
    counts = [(others.changed, f"out of date ({why})"), (others.new, "not graded yet")]
    told = [f"{count} other{'s are' if count > 1 else ' is'} {what}" for count, what in counts if count]
    return [f"{'; '.join(told)}: run `autograder grade` without --student."] if told else []


def show_rows(console: Console, rows: tuple[Row, ...], root: Path) -> None:
    """Print the table and where to open things."""
    for slug in sorted({row.slug for row in rows}):
        some, others = first_of([row for row in rows if row.slug == slug])
        table = Table(title=shown(slug), title_justify="left")
        table.add_column("student", no_wrap=True)
        table.add_column("points", no_wrap=True, justify="right")
        table.add_column("what went wrong")
        for row in some:
            points = "–" if row.score is None else f"{row.score:g} / {row.max_score:g}"
            table.add_row(shown(row.student), points, shown(what_went_wrong(row)))
        console.print(table)
        if others:
            console.print(f"{others} more, each with a verdict, are in grades.csv.", highlight=False)
    for what, path in [("feedback pages", "feedback"), ("grades", "grades.csv"), ("every check", "checks.csv")]:
        console.print(f"{what}: {shown(str(root / path))}", highlight=False, soft_wrap=True)


def first_of(rows: list[Row]) -> tuple[list[Row], int]:
    """Return the rows to show and how many are left out: of a large class first who has no verdict, then others."""
    if len(rows) <= MOST_SHOWN:
        return rows, 0
    first = sorted(rows, key=lambda row: row.status not in UNGRADED)
    some = first[: max(MOST_SHOWN, sum(row.status in UNGRADED for row in rows))]
    return some, len(rows) - len(some)


def what_went_wrong(row: Row) -> str:
    """Return in a few words what cost points and what still waits."""
    if row.status == "no verdict":
        return "no verdict"
    if row.status == "not readable":
        return row.checks[0]["diagnosis"] if row.checks else row.status
    words = []
    for status, word in COUNTED.items():
        names = [check["check"] for check in row.checks if check["status"] == status]
        few = f" ({', '.join(names)})" if len(names) <= 2 else ""
        words += [f"{len(names)} {word}{few}"] if names else []
    wrong = [check for check in row.checks if check["status"] not in (*RIGHT, *COUNTED)]
    told = [f"{check['check']}: {the_point(check['diagnosis'])}" for check in wrong[:MOST_TOLD]]
    more = [f"{len(wrong) - MOST_TOLD} more wrong"] if len(wrong) > MOST_TOLD else []
    blank = [f"{len(row.blank)} written answer{'s' * (len(row.blank) > 1)} left blank"] if row.blank else []
    late = [f"late, {row.penalty:g} off"] if row.penalty else []
    return "; ".join(told + more + words + blank + late + (["waits for a person"] if row.manual else [])) or "nothing"
