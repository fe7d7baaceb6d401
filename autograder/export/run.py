"""Writes the files of an export: one for each assignment, and tells what is to be known about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook
from rich.console import Console

from autograder.course.chapters import by_number
from autograder.errors import UserError
from autograder.export.canvas import canvas
from autograder.export.fill import Export, Wishes, named
from autograder.export.formats import FORMATS
from autograder.export.json_file import as_json
from autograder.export.moodle import moodle
from autograder.export.nbgrader_csv import nbgrader_csv
from autograder.export.results import Result, results
from autograder.export.sheet import Sheet, read_sheet
from autograder.gradebook.class_list import absent, called
from autograder.gradebook.database import db_url, reaching, shown
from autograder.gradebook.gradebook import read_gradebook, submitted_assignments
from autograder.gradebook.late_penalty import penalties_outdated
from autograder.progress import steps
from autograder.storage.folders import results_folder
from autograder.storage.locks import cannot_write
from autograder.storage.safe_files import write_new

NO_FILE = Path("-")
OF_THE_MISSING = {
    "canvas": "their cells are left as Canvas has them",
    "moodle": "the file has no row for them, so that Moodle keeps what it has",
    "nbgrader": "the file has no score for them, and no time",
    "json": "the file lists them under `missing`",
}


@dataclass(frozen=True)
class Settings:
    """What is exported, and how.

    course_root    the folder with `_config.yml`
    format         one of FORMATS
    out            where the results are; None: `_build/grading` of the course
    db             the gradebook's address; None: the variable ATTENTION_DB, else `gradebook.db` in `out`
    assignment     the only one that is exported; None: each into a file of its own
    roster         the platform's own file, to be filled in
    to             the file to write; None: FORMAT_SLUG.csv or .json in `out`; NO_FILE: none
    column         what Canvas calls the assignment; None: what fits its name
    only_finished  whether those are left out whose written answers a person has still to grade
    scale          whether points are turned into the platform's, where it counts out of another number
    """

    course_root: Path
    format: str
    out: Path | None = None
    db: str | None = None
    assignment: str | None = None
    roster: Path | None = None
    to: Path | None = None
    column: str | None = None
    only_finished: bool = False
    scale: bool = False


@dataclass(frozen=True)
class Exported:
    """The grades of one assignment in a platform's format.

    path   the file that was written, None where none was to be
    text   what is in it
    count  how many rows have a grade
    notes  sentences about what is to be known: who was not found, who waits, what is out of date
    """

    assignment: str
    path: Path | None
    text: str
    count: int
    notes: tuple[str, ...]


def exports(settings: Settings, console: Console) -> Iterator[Exported]:
    """Write a file for each assignment that is asked for, and yield what it holds. Raises UserError where none can be.

    console  shows how far it is
    """
    if settings.format not in FORMATS:
        raise UserError(f"There is no format {settings.format}; there are: {', '.join(FORMATS)}.")
    out = results_folder(settings.out, settings.course_root)
    url = db_url(out, settings.db)
    with closing(read_gradebook(url)) as gradebook, reaching(url):
        for slug in wanted(gradebook, settings, shown(url)):
            with steps(console, f"reading {slug}", gradebook.find_assignment(slug).num_submissions) as step:
                found = [(one, step(1))[0] for one in results(gradebook, out, slug)]
            missing = absent(gradebook.db, [one.student for one in found])
            export = made(settings, gradebook, found, slug, missing)
            ending = "json" if settings.format == "json" else "csv"
            path = written(export, settings.to or out / f"{settings.format}_{slug}.{ending}")
            notes = (*export.notes, *state(settings, found), *late(gradebook, settings.course_root, slug))
            notes = (*notes, *nothing_from(settings.format, missing))
            yield Exported(slug, path, export.text, export.count, notes)


def wanted(gradebook: Gradebook, settings: Settings, where: str) -> list[str]:
    """Return the assignments to export. Raises UserError where there are none, or too many for one file."""
    there = submitted_assignments(gradebook)
    if not there:
        raise UserError(f"The gradebook {where} holds no submissions yet; run `autograder grade` first.")
    slug = by_number(settings.assignment, there) if settings.assignment else None
    if slug and slug not in there:
        raise UserError(f"No submissions of {settings.assignment} have been graded; there are: {', '.join(there)}.")
    chosen = [slug] if slug else there
    if len(chosen) > 1 and (settings.to or settings.roster):
        raise UserError(f"Several assignments have been graded; choose one with --assignment: {', '.join(there)}.")
    return chosen


def made(
    settings: Settings, gradebook: Gradebook, found: list[Result], slug: str, missing: Mapping[str, str]
) -> Export:
    """Return the file of one assignment."""
    wishes = Wishes(settings.only_finished, settings.scale, settings.column)
    sheet: Sheet | None = (
        read_sheet(settings.roster) if settings.roster and settings.format in ("canvas", "moodle") else None
    )
    by_student = {one.student: one for one in found}
    return {
        "canvas": lambda: canvas(by_student, slug, sheet, wishes),
        "moodle": lambda: moodle(by_student, slug, sheet, wishes),
        "nbgrader": lambda: nbgrader_csv(gradebook, [slug], wishes),
        "json": lambda: as_json(found, wishes, slug, missing),
    }[settings.format]()


def written(export: Export, to: Path) -> Path | None:
    """Write a file and return where it is, unless none is to be written."""
    if to == NO_FILE:
        return None
    try:
        return write_new(to, export.text)
    except OSError as error:
        raise UserError(cannot_write(to.parent, error.strerror or str(error))) from None


def state(settings: Settings, found: list[Result]) -> list[str]:
    """Return in sentences how far the grading has come."""
    waiting = sum(one.needs_manual_grade for one in found)
    unknown = [one.student for one in found if not any(task.title for task in one.tasks)]
    notes = []
    if waiting:
        what = (
            "were left out" if settings.only_finished else "are in with their points so far (--only-finished: left out)"
        )
        notes.append(f"{waiting} of {len(found)} submissions wait for a person to grade written answers; they {what}.")
    if unknown and settings.format in ("moodle", "json"):
        notes.append(f"The marked notebooks of these are not in --out, so no diagnosis is told: {named(unknown)}.")
    return notes


def nothing_from(format: str, missing: Mapping[str, str]) -> list[str]:
    """Return the sentence about who has handed in nothing, and what the file holds of them."""
    return [f"Missing, no notebook handed in: {named(called(missing))}; {OF_THE_MISSING[format]}."] if missing else []


def late(gradebook: Gradebook, course_root: Path, slug: str) -> list[str]:
    """Return the sentence for penalties that are not what they would be now."""
    if not penalties_outdated(gradebook.find_assignment(slug), course_root):
        return []
    return [f"Penalties for being late in {slug} are out of date; run `autograder grade` again, then export."]
