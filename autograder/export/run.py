"""Writes the files of an export: one for each assignment, and on stderr what is to be known about it."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path

from nbgrader.api import Gradebook
from rich.console import Console
from rich.progress import track

from autograder.course.chapters import find_root
from autograder.errors import UserError
from autograder.export.canvas import canvas
from autograder.export.fill import Export, Wishes, named
from autograder.export.json_file import as_json
from autograder.export.moodle import moodle
from autograder.export.nbgrader_csv import nbgrader_csv
from autograder.export.results import Result, outdated, results
from autograder.export.sheet import Sheet, read_sheet
from autograder.gradebook.database import db_url, reaching, shown
from autograder.gradebook.gradebook import read_gradebook, submitted_assignments
from autograder.storage.folders import results_folder
from autograder.storage.locks import cannot_write
from autograder.storage.safe_files import write_new
from autograder.storage.safe_text import UNPRINTABLE

STDOUT = Path("-")


def export_all(args: argparse.Namespace) -> int:
    """Write a file for each assignment that is asked for; return 0."""
    course_root = find_root()
    out = results_folder(args.out, course_root)
    url = db_url(out, args.db)
    console = Console(stderr=True)
    with closing(read_gradebook(url)) as gradebook, reaching(url):
        for slug in wanted(gradebook, args, shown(url)):
            quiet = not console.is_terminal
            found = list(track(results(gradebook, out, slug), slug, console=console, transient=True, disable=quiet))
            export = made(args, gradebook, found, slug)
            ending = "json" if args.format == "json" else "csv"
            put(export, args.to or out / f"{args.format}_{slug}.{ending}", console)
            for note in [*export.notes, *state(args, found), *late(gradebook, course_root, slug)]:
                console.print(UNPRINTABLE.sub("", note), markup=False, highlight=False, soft_wrap=True)
    return 0


def wanted(gradebook: Gradebook, args: argparse.Namespace, where: str) -> list[str]:
    """Return the assignments to export. Raises UserError where there are none, or too many for one file."""
    there = submitted_assignments(gradebook)
    if not there:
        raise UserError(f"The gradebook {where} holds no submissions yet; run `autograder grade` first.")
    if args.assignment and args.assignment not in there:
        raise UserError(f"No submissions of {args.assignment} have been graded; there are: {', '.join(there)}.")
    chosen = [args.assignment] if args.assignment else there
    if len(chosen) > 1 and (args.to or args.roster):
        raise UserError(f"Several assignments have been graded; choose one with --assignment: {', '.join(there)}.")
    return chosen


def made(args: argparse.Namespace, gradebook: Gradebook, found: list[Result], slug: str) -> Export:
    """Return the file of one assignment."""
    wishes = Wishes(args.only_finished, args.scale, args.column)
    sheet: Sheet | None = read_sheet(args.roster) if args.roster and args.format in ("canvas", "moodle") else None
    by_student = {one.student: one for one in found}
    return {
        "canvas": lambda: canvas(by_student, slug, sheet, wishes),
        "moodle": lambda: moodle(by_student, slug, sheet, wishes),
        "nbgrader": lambda: nbgrader_csv(gradebook, [slug], wishes),
        "json": lambda: as_json(found, wishes),
    }[args.format]()


def put(export: Export, to: Path, console: Console) -> None:
    """Write a file, or print it."""
    if to == STDOUT:
        sys.stdout.buffer.write(export.text.encode("utf-8", "replace"))
        sys.stdout.flush()
        return
    try:
        write_new(to, export.text)
    except OSError as error:
        raise UserError(cannot_write(to.parent, error.strerror or str(error))) from None
    console.print(f"{export.count} rows with a grade: {to}", markup=False, highlight=False, soft_wrap=True)


def state(args: argparse.Namespace, found: list[Result]) -> list[str]:
    """Return in sentences how far the grading has come."""
    waiting = sum(one.needs_manual_grade for one in found)
    unknown = [one.student for one in found if not any(task.title for task in one.tasks)]
    notes = []
    if waiting:
        what = "were left out" if args.only_finished else "are in with their points so far (--only-finished: left out)"
        notes.append(f"{waiting} of {len(found)} submissions wait for a person to grade written answers; they {what}.")
    if unknown and args.format in ("moodle", "json"):
        notes.append(f"The marked notebooks of these are not in --out, so no diagnosis is told: {named(unknown)}.")
    return notes


def late(gradebook: Gradebook, course_root: Path, slug: str) -> list[str]:
    """Return the sentence for penalties that are not what they would be now."""
    if not outdated(gradebook.find_assignment(slug), course_root):
        return []
    return [f"Penalties for being late in {slug} are out of date; run `autograder grade` again, then export."]
