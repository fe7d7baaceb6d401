"""The collection: what is done with the downloads, step by step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from autograder.collect import attempts, rows
from autograder.collect.answers import BLANK
from autograder.collect.archives import open_parcel
from autograder.collect.assignments import Assignments, read_assignments
from autograder.collect.handed_in import Times, read_times
from autograder.collect.identity import identify
from autograder.collect.known_class import NOBODY_YET, KnownClass, read_known, write_known
from autograder.collect.log import log_rows
from autograder.collect.members import Refused
from autograder.collect.people import settle
from autograder.collect.person import Person, Roster
from autograder.collect.put_newer import put_newer
from autograder.collect.quarantine import FOLDER, set_aside
from autograder.collect.roster import read_roster
from autograder.collect.rows import Collected, Row, Story
from autograder.collect.scan import Contents, Notebook, look_through, note_groups
from autograder.collect.select_version import Chosen, choose, read_once, settle_assignments
from autograder.collect.sentences import said_of, said_of_blank, without_times
from autograder.collect.submission_store import Shelf
from autograder.collect.taking import Taken, read_taken
from autograder.collect.times import sane
from autograder.collect.wrapped import unwrapped, without_wrapping
from autograder.course.assignment import asked_for, slugs
from autograder.course.clocks import OddTime, in_utc, zone_of
from autograder.errors import UserError
from autograder.gradebook.class_list import Listed, keep_class
from autograder.progress import each
from autograder.storage.locks import alone_in, writing_to
from autograder.storage.timestamps import trust_timestamps

SEVERAL = "The times of --times were not used, for these are several assignments; collect each by itself."


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
    ).run(files)


def zone_asked_for(name: str | None) -> dt.tzinfo | None:
    """Return the zone of a name; None for none. Raises UserError for one that is not known."""
    try:
        return None if name is None else zone_of(name)
    except OddTime as odd:
        raise UserError(f"--timezone {name}: {odd}.") from None


@dataclass
class Collection:
    """One run.

    shelf     where submissions go
    given     the assignment that all of it is for
    trusted   for each download whether a `timestamp.txt` in it is believed
    dry       whether nothing is written
    class_    who has been filed under which id before
    taken     what somebody has chosen to count
    times     when work was handed in, from a file that says it
    zone      the zone of times that name none; None: this machine's
    """

    shelf: Shelf
    assignments: Assignments
    roster: Roster | None
    given: str | None
    trusted: dict[Path, bool]
    dry: bool
    console: Console
    class_: KnownClass = NOBODY_YET
    taken: Taken = Taken()
    times: Times = field(default_factory=Times)
    zone: dt.tzinfo | None = None
    story: Story = field(default_factory=Story)
    chosen: Chosen = field(default_factory=Chosen)

    def run(self, paths: list[Path]) -> Collected:
        """Collect the downloads and return what became of them."""
        beside = self.shelf.root.parent
        with ExitStack() as stack:
            stack.enter_context(nullcontext() if self.dry else alone_in(beside))
            contents = [self.look(path, stack) for path in paths]
            settle(contents, self.roster)
            self.chosen.unclear += [pair for found in contents for pair in found.unclear]
            notebooks = self.read(self.known_people(contents))
            self.told_to_take(notebooks)
            known = settle_assignments(notebooks, self.assignments.handouts, self.chosen, self.is_chosen)
            choose(known, self.chosen, self.shelf, self.taken)
            self.true_times()
            with nullcontext() if self.dry else writing_to(beside):
                for notebook in self.progress(self.chosen.winners, "putting in place"):
                    self.put(notebook)
                named = attempts.numbered(self.chosen.attempts)
                self.tell(contents, named)
                if not self.dry:
                    set_aside(beside / FOLDER, [member for found in contents for member, _ in found.refused])
                    settled = {(one.student, one.slug) for one in self.chosen.winners}
                    attempts.lay_out(beside / attempts.FOLDER, named, settled)
                    self.keep_ids()
                    log_rows(beside, self.story.in_order())
        return Collected(self.story.in_order(), tuple(self.story.sentences), self.shelf.root, self.dry)

    def look(self, path: Path, stack: ExitStack) -> Contents:
        """Return what is in one download."""
        parcel = without_wrapping(open_parcel(path, stack, self.zone))
        if parcel.trouble:
            self.story.rows.append(Row(rows.BROKEN, parcel.name, remark=parcel.trouble))
        return look_through(parcel, self.assignments.known, self.trusted.get(path, False))

    def known_people(self, contents: list[Contents]) -> list[Notebook]:
        """Return the notebooks of everybody whose id is known; somebody without a notebook is told."""
        everybody = {one: claim for found in contents for one, claim in found.people.items()}
        notebooks = [notebook for found in contents for notebook in found.notebooks]
        ids = identify([*everybody, *(notebook.who for notebook in notebooks)], self.roster, self.class_)
        for notebook in notebooks:
            who = ids[notebook.who]
            notebook.student = who.identity
            notebook.notes += [who.note] if who.note else []
            if not who.identity:
                self.chosen.unclear.append((notebook, who.problem))
        with_notebook = {notebook.who for notebook in notebooks}
        note_groups(notebooks)
        for one in (one for one in everybody if one not in with_notebook):
            self.without_notebook(one[0], ids[one].identity or one[2] or one[3], contents)
        return [notebook for notebook in notebooks if notebook.student]

    def without_notebook(self, batch: str, name: str, contents: list[Contents]) -> None:
        """Tell of somebody who handed in no notebook."""
        download = next(found.parcel.name for found in contents if found.parcel.batch == batch)
        self.story.rows.append(Row(rows.NO_NOTEBOOK, download, student=name, remark="Only other files were handed in."))

    def read(self, notebooks: list[Notebook]) -> list[Notebook]:
        """Read each notebook once; return those that can be read and have an assignment or may get one."""
        return [
            notebook
            for notebook in self.progress(notebooks, "reading")
            if read_once(notebook, self.assignments, self.given, self.chosen)
        ]

    def true_times(self) -> None:
        """Take the times of Moodle's grading worksheet and those of a file of times, which are about one assignment."""
        people = {person.identity: person for person in self.roster.people} if self.roster else {}
        mine = [one for one in self.chosen.winners if one.claim.kind == "Moodle" and one.student in people]
        if len({one.slug for one in mine}) == 1:
            for one in mine:
                one.handed_in = self.in_worksheet(people[one.student]) or one.handed_in
        known = {id(one): time for one in self.chosen.winners if (time := self.times.of(one, self.roster))}
        if len({one.slug for one in self.chosen.winners if id(one) in known}) > 1:
            self.story.sentences.append(SEVERAL)
            return
        for one in self.chosen.winners:
            one.handed_in = known.get(id(one), one.handed_in)

    def in_worksheet(self, person: Person) -> dt.datetime | None:
        """Return when the worksheet says that somebody has handed in; why it is not read, is told."""
        time = person.handed_in
        try:
            return sane(in_utc(time, self.zone) if time is not None and time.tzinfo is None else time)
        except OddTime as odd:
            self.story.sentences.append(f"The worksheet's time of {person.identity} was not read: {odd}.")
        except (ValueError, OverflowError, OSError):
            pass
        return None

    def told_to_take(self, notebooks: list[Notebook]) -> None:
        """Say which of the files that were chosen is not there."""
        if missing := self.taken.missing(notebooks):
            raise UserError(f"No notebook in these downloads is {missing[0]}; --take wants one as it is listed.")

    def is_chosen(self, notebook: Notebook) -> bool:
        """Say whether somebody has chosen a notebook to count, now or before."""
        there = self.shelf.there(notebook.student, notebook.slug)
        return self.taken.means(notebook) or (there is not None and there.digest == notebook.digest)

    def put(self, notebook: Notebook) -> None:
        """Put a notebook in its place, if it is newer than what is there."""
        if notebook.work.blank:
            notebook.notes.append(BLANK)
        try:
            handout = self.assignments.handouts[notebook.slug]
            result, remark = put_newer(notebook, self.shelf, handout, self.dry)
        except Refused as error:
            self.chosen.refused.append((notebook, str(error)))
            return
        if result == rows.UNCLEAR:
            self.chosen.unclear.append((notebook, remark))
            self.chosen.attempts.append(notebook)
            return
        self.story.rows.append(row_of(notebook, result, " ".join([remark, *notebook.notes]).strip()))

    def keep_ids(self) -> None:
        """Keep who is in the class, under which ids, once somebody has been filed under those of a roster."""
        filed = {one.student for one in self.story.rows if one.result in rows.FILED}
        if self.roster and filed:
            write_known(self.shelf.root, self.roster, self.class_)
            people = [one for one in self.roster.people if one.identity]
            keep_class(self.shelf.root.parent, (Listed(one.identity, *one.listed) for one in people))

    def tell(self, contents: list[Contents], named: list[tuple[str, Notebook]]) -> None:
        """Add the rows of what did not come through, and sentences about the downloads.

        named  the notebooks among which a person has to choose, with the names under which they can be graded
        """
        lies = {id(one): f" It is {name} in {attempts.FOLDER}." for name, one in named}
        told = [(rows.LEFT_OUT, self.chosen.left_out), (rows.UNCLEAR, self.chosen.unclear)]
        for result, pairs in [*told, (rows.QUARANTINED, self.chosen.refused)]:
            self.story.rows += [row_of(one, result, f"{why}{lies.get(id(one), '')}") for one, why in pairs]
        if self.roster:
            self.story.sentences.append(self.roster.told)
            unclear = [one for one in self.roster.people if one.problem]
            self.story.rows += [
                Row(rows.UNCLEAR, self.roster.name, "", one.called, "", remark=one.problem) for one in unclear
            ]
        for found in contents:
            name = found.parcel.name
            for member, why in found.refused:
                self.story.rows.append(Row(rows.QUARANTINED, name, member.path, remark=why))
            self.story.sentences += [*said_of(found), *found.odd]
        self.story.sentences += [*without_times(contents), *self.times.odd]
        self.story.sentences += said_of_blank(self.chosen.winners)
        if named:
            beside = self.shelf.root.parent
            self.story.sentences.append(
                attempts.HOW_TO_CHOOSE.format(beside / attempts.FOLDER, beside / attempts.GRADED)
            )

    def progress(self, notebooks: list[Notebook], what: str) -> Iterable[Notebook]:
        """Go through notebooks, and show how far it is."""
        return each(self.console, what, notebooks)


def row_of(notebook: Notebook, result: str, remark: str) -> Row:
    """Return the row of a notebook."""
    return Row(
        result,
        notebook.parcel.name,
        notebook.member.path,
        notebook.student,
        notebook.slug,
        notebook.handed_in,
        notebook.claim.late,
        remark,
    )
