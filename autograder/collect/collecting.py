"""The collection: what is done with the downloads, step by step."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import track

from autograder.collect import rows
from autograder.collect.archives import open_parcel
from autograder.collect.assignments import Assignments, read_assignments
from autograder.collect.identity import identify
from autograder.collect.members import Refused
from autograder.collect.quarantine import FOLDER, set_aside
from autograder.collect.roster import Roster, read_roster
from autograder.collect.rows import Collected, Row, Story
from autograder.collect.scan import Contents, Notebook, look_through
from autograder.collect.select_version import Chosen, choose, read_once, settle_assignments, version
from autograder.collect.sentences import said_of, without_times
from autograder.collect.submission_store import Shelf, digest_of
from autograder.course.assignment import slugs
from autograder.errors import UserError
from autograder.gradebook.class_list import Listed, keep_class
from autograder.storage.locks import alone_in, writing_to
from autograder.storage.timestamps import trust_timestamps


@dataclass(frozen=True)
class Settings:
    """What is collected, and where it goes.

    course_root  the folder with `_config.yml`, `solutions` and `exercises`
    files        the downloads: zips, tars, folders, notebooks
    out          where submissions go; None: `_build/grading/submitted` of the course
    assignment   what all of it is for; None: each notebook says so itself
    roster       a CSV file with the class
    dry          whether nothing is written
    """

    course_root: Path
    files: tuple[Path, ...]
    out: Path | None = None
    assignment: str | None = None
    roster: Path | None = None
    dry: bool = False


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
    if settings.assignment and settings.assignment not in known:
        there = ", ".join(known) or "none"
        raise UserError(f"There is no released assignment {settings.assignment}; there are: {there}.")
    if out.exists() and not out.is_dir():
        raise UserError(f"{out} is no folder; give another one with --out.")
    for path in settings.files:
        if path.resolve() == out or out in path.resolve().parents:
            raise UserError(f"{path} is where submissions go; collect from another place, or give another --out.")
    return Collection(
        shelf=Shelf(out),
        assignments=read_assignments(root, known),
        roster=read_roster(settings.roster) if settings.roster else None,
        given=settings.assignment,
        trusted={path: trust_timestamps(root, path, grading) for path in settings.files},
        dry=settings.dry,
        console=console,
    ).run(list(dict.fromkeys(settings.files)))


@dataclass
class Collection:
    """One run.

    shelf     where submissions go
    given     the assignment that all of it is for
    trusted   for each download whether a `timestamp.txt` in it is believed
    dry       whether nothing is written
    """

    shelf: Shelf
    assignments: Assignments
    roster: Roster | None
    given: str | None
    trusted: dict[Path, bool]
    dry: bool
    console: Console
    story: Story = field(default_factory=Story)
    chosen: Chosen = field(default_factory=Chosen)

    def run(self, paths: list[Path]) -> Collected:
        """Collect the downloads and return what became of them."""
        beside = self.shelf.root.parent
        with ExitStack() as stack:
            stack.enter_context(nullcontext() if self.dry else alone_in(beside))
            contents = [self.look(path, stack) for path in paths]
            notebooks = self.read(self.known_people(contents))
            choose(settle_assignments(notebooks, self.chosen), self.chosen)
            self.true_times()
            with nullcontext() if self.dry else writing_to(beside):
                for notebook in self.progress(self.chosen.winners, "putting in place"):
                    self.put(notebook)
                self.tell(contents)
                if not self.dry:
                    set_aside(beside / FOLDER, [member for found in contents for member, _ in found.refused])
                    rows.write_rows(beside / "collected.csv", self.story.in_order())
                    if self.roster:
                        keep_class(beside, (Listed(one.identity, *one.listed) for one in self.roster.people))
        return Collected(self.story.in_order(), tuple(self.story.sentences), self.shelf.root, self.dry)

    def look(self, path: Path, stack: ExitStack) -> Contents:
        """Return what is in one download."""
        parcel = open_parcel(path, stack)
        if parcel.trouble:
            self.story.rows.append(Row(rows.BROKEN, parcel.name, remark=parcel.trouble))
        return look_through(parcel, self.assignments.known, self.trusted.get(path, False))

    def known_people(self, contents: list[Contents]) -> list[Notebook]:
        """Return the notebooks of everybody whose id is known; somebody without a notebook is told."""
        everybody = {one: claim for found in contents for one, claim in found.people.items()}
        notebooks = [notebook for found in contents for notebook in found.notebooks]
        ids = identify([*everybody, *(notebook.who for notebook in notebooks)], self.roster)
        for notebook in notebooks:
            who = ids[notebook.who]
            notebook.student = who.identity
            notebook.notes += [who.note] if who.note else []
            if not who.identity:
                self.chosen.unclear.append((notebook, who.problem))
        with_notebook = {notebook.who for notebook in notebooks}
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
        """Take the times of Moodle's grading worksheet, which is about one assignment."""
        people = {person.identity: person for person in self.roster.people} if self.roster else {}
        mine = [one for one in self.chosen.winners if one.claim.kind == "Moodle" and one.student in people]
        if len({one.slug for one in mine}) == 1:
            for one in mine:
                one.handed_in = people[one.student].handed_in or one.handed_in

    def put(self, notebook: Notebook) -> None:
        """Put a notebook in its place, if it is newer than what is there."""
        try:
            result, remark = self.put_newer(notebook)
        except Refused as error:
            self.chosen.refused.append((notebook, str(error)))
            return
        self.story.rows.append(row_of(notebook, result, " ".join([remark, *notebook.notes]).strip()))

    def put_newer(self, notebook: Notebook) -> tuple[str, str]:
        """Put a notebook in its place if it is newer; return what happened, and a remark."""
        mine, where = version(notebook), (notebook.student, notebook.slug)
        there = self.shelf.there(*where)
        if there is not None and there.digest == mine.digest:
            if not self.shelf.lacks_time(*where, mine):
                return rows.UNCHANGED, ""
            if not self.dry:
                self.shelf.put_time(*where, mine)
            return rows.TIMED, "The notebook was there already."
        newer = True if there is None else mine.newer_than(there)
        if newer is None:
            why = "Another one lies there, and nothing says which is newer; delete the one that does not count."
            return rows.UNCLEAR, why
        if not newer:
            return rows.OLDER, "A newer one is there already, and stays."
        data = notebook.member.read()
        if digest_of(data) != mine.digest:
            raise Refused("The download was changed while it was read; run this again.")
        if not self.dry:
            self.shelf.put(*where, data, mine)
        return (rows.NEW, "") if there is None else (rows.REPLACED, "It is newer than the one that was there.")

    def tell(self, contents: list[Contents]) -> None:
        """Add the rows of what did not come through, and sentences about the downloads."""
        told = [(rows.LEFT_OUT, self.chosen.left_out), (rows.UNCLEAR, self.chosen.unclear)]
        for result, pairs in [*told, (rows.QUARANTINED, self.chosen.refused)]:
            self.story.rows += [row_of(notebook, result, why) for notebook, why in pairs]
        self.story.sentences += [self.roster.told] if self.roster else []
        for found in contents:
            name = found.parcel.name
            for member, why in found.refused:
                self.story.rows.append(Row(rows.QUARANTINED, name, member.path, remark=why))
            self.story.sentences += said_of(found)
        self.story.sentences += without_times(contents)

    def progress(self, notebooks: list[Notebook], what: str) -> Iterable[Notebook]:
        """Go through notebooks with a bar that shows how far it is."""
        return track(notebooks, what, console=self.console, transient=True, disable=not self.console.is_terminal)


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
