"""What is collected, and where it goes: what was asked for is checked before anything is opened."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from autograder.collect import attempts
from autograder.collect.assignments import read_assignments
from autograder.collect.collection import Collection
from autograder.collect.handed_in import Times, read_times
from autograder.collect.known_class import read_known
from autograder.collect.roster import read_roster
from autograder.collect.rows import Collected
from autograder.collect.submission_store import Shelf
from autograder.collect.taking import read_taken
from autograder.collect.wrapped import unwrapped
from autograder.course.assignment import asked_for, slugs
from autograder.course.clocks import OddTime, zone_of
from autograder.errors import UserError
from autograder.gradebook.class_list import read_class
from autograder.storage.timestamps import trust_timestamps


@dataclass(frozen=True)
class Settings:
    """What is collected, and where it goes.

    course_root  the folder with `_config.yml`, `solutions` and `exercises`
    files        the downloads: zips, tars, folders, notebooks
    out          where submissions go; None: `_build/grading/submitted` of the course
    assignment   what all of it is for; None: each notebook says so itself
    roster       a CSV file or an .xlsx with the class
    dry          whether nothing is written
    id_column    the column of the roster that holds the ids; empty: seen from its name
    take         files in the downloads that are to count where somebody handed in several
    times        a file that says when work was handed in: Canvas's submissions as JSON, or a CSV file
    remove_unlisted  whether those leave the class whom this roster of it does not list any more
    timezone     the zone of times that name none, such as Europe/Berlin; None: this machine's
    """

    course_root: Path
    files: tuple[Path, ...]
    out: Path | None = None
    assignment: str | None = None
    roster: Path | None = None
    dry: bool = False
    id_column: str = ""
    take: tuple[str, ...] = ()
    times: Path | None = None
    timezone: str | None = None
    remove_unlisted: bool = False


def collect_all(settings: Settings, console: Console) -> Collected:
    """Sort downloads into STUDENT/ASSIGNMENT/ and return what became of them. Raises UserError where nothing can be.

    console  shows how far it is; the results are for whoever called this to show
    """
    for path in settings.files:
        if not path.exists():
            raise UserError(f"There is no {path}; give a zip, a tar, a folder or a notebook.")
    root, known = settings.course_root, slugs(settings.course_root)
    grading = root / "_build" / "grading"
    out = (settings.out or grading / "submitted").resolve()
    given = asked_for(settings.assignment, known) if settings.assignment else None
    if out.exists() and not out.is_dir():
        raise UserError(f"{out} is no folder; give another one with --out.")
    for path in settings.files:
        if path.resolve() == out or out in path.resolve().parents:
            raise UserError(f"{path} is where submissions go; collect from another place, or give another --out.")
    if settings.id_column and not settings.roster:
        raise UserError("--id-column is about a column of the roster; give the roster with --roster.")
    if settings.remove_unlisted and not settings.roster:
        raise UserError("--remove-unlisted is about who is not on the roster; give the roster with --roster.")
    class_ = read_known(out)
    zone = zone_asked_for(settings.timezone)
    files = [inside for path in dict.fromkeys(settings.files) for inside in unwrapped(path)]
    return Collection(
        shelf=Shelf(out),
        assignments=read_assignments(root, known),
        roster=read_roster(settings.roster, settings.id_column, class_) if settings.roster else None,
        class_=class_,
        taken=read_taken(settings.take, out.parent / attempts.FOLDER),
        given=given,
        trusted={path: trust_timestamps(root, path, grading) for path in files},
        dry=settings.dry,
        console=console,
        times=read_times(settings.times, zone) if settings.times else Times(),
        zone=zone,
        listed=read_class(out.parent),
        remove=settings.remove_unlisted,
    ).run(files)


def zone_asked_for(name: str | None) -> dt.tzinfo | None:
    """Return the zone of a name; None for none. Raises UserError for one that is not known."""
    try:
        return None if name is None else zone_of(name)
    except OddTime as odd:
        raise UserError(f"--timezone {name}: {odd}.") from None
