"""One collection, step by step: from the downloads to the folder of submissions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from autograder.collect import attempts, rows
from autograder.collect.account import Account
from autograder.collect.accounting import Accounts
from autograder.collect.answers import BLANK
from autograder.collect.archives import open_parcel
from autograder.collect.assignments import Assignments
from autograder.collect.chosen import Chosen
from autograder.collect.handed_in import Times
from autograder.collect.identity import identify
from autograder.collect.known_class import NOBODY_YET, KnownClass, write_known
from autograder.collect.log import log_rows
from autograder.collect.members import Refused
from autograder.collect.people import settle
from autograder.collect.person import Roster
from autograder.collect.put_newer import put_newer
from autograder.collect.quarantine import FOLDER, set_aside
from autograder.collect.rows import Collected, Row, Story
from autograder.collect.scan import Contents, Notebook, look_through, note_groups
from autograder.collect.sections import Sections, with_roster, without_usable_id
from autograder.collect.select_version import choose
from autograder.collect.submission_store import Shelf
from autograder.collect.taking import Taken
from autograder.collect.telling import how_to_choose, row_of, rows_of_the_others, sentences_about
from autograder.collect.true_times import take_true_times
from autograder.collect.which_assignment import read_once, settle_assignments
from autograder.collect.wrapped import without_wrapping
from autograder.errors import UserError
from autograder.gradebook.class_list import Listed, keep_class
from autograder.progress import each
from autograder.storage.locks import alone_in, writing_to


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
    listed    the class as earlier rosters list it
    remove    whether those leave the class whom the roster does not list any more
    owners    whose the files are that were not taken, by download and path
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
    listed: Sequence[Listed] = ()
    remove: bool = False
    owners: dict[tuple[str, str], list[str]] = field(default_factory=dict)
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
            self.story.sentences += take_true_times(self.chosen.winners, self.roster, self.times, self.zone)
            with nullcontext() if self.dry else writing_to(beside):
                for notebook in self.progress(self.chosen.winners, "putting in place"):
                    self.put(notebook)
                named = attempts.numbered(self.chosen.attempts)
                self.story.rows += rows_of_the_others(self.chosen, contents, self.roster, named, self.owners)
                self.story.sentences += sentences_about(contents, self.chosen.winners, self.roster, self.times.odd)
                self.story.sentences += how_to_choose(named, beside)
                sections = self.sections()
                self.story.sentences += sections.told
                accounts = self.accounts(sections)
                if not self.dry:
                    set_aside(beside / FOLDER, [member for found in contents for member, _ in found.refused])
                    settled = {(one.student, one.slug) for one in self.chosen.winners}
                    attempts.lay_out(beside / attempts.FOLDER, named, settled)
                    self.keep_ids(sections)
                    log_rows(beside, self.story.in_order())
        return Collected(self.story.in_order(), tuple(self.story.sentences), self.shelf.root, self.dry, accounts)

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
        self.know_owners(contents)
        for one in (one for one in everybody if one not in with_notebook):
            self.without_notebook(one[0], ids[one].identity or one[2] or one[3], contents)
        return [notebook for notebook in notebooks if notebook.student]

    def know_owners(self, contents: list[Contents]) -> None:
        """Note whose the files are that were not taken: apart from the others, of whom they decide nothing."""
        ids = identify(
            [one for found in contents for who in found.owners.values() for one in who], self.roster, self.class_
        )
        for found in contents:
            for path, who in found.owners.items():
                people = sorted({ids[one].identity for one in who} - {""})
                self.owners[found.parcel.name, path] = people

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

    @property
    def counts_as_class(self) -> bool:
        """Say whether the roster is one of this class: somebody has been filed under an id of it."""
        return self.roster is not None and any(one.result in rows.FILED for one in self.story.rows)

    def sections(self) -> Sections:
        """Return the class, with the roster in it if it is one of this class."""
        if self.roster and self.counts_as_class:
            return with_roster(self.listed, self.roster, self.remove, self.dry)
        return Sections(tuple(self.listed))

    def accounts(self, sections: Sections) -> tuple[Account, ...]:
        """Return for each assignment the sum in which everybody counts once."""
        known = Accounts(self.shelf, self.assignments.handouts, self.story.rows, self.chosen.winners, self.owners)
        listed = [one.identity for one in self.roster.people if one.identity] if self.roster else []
        unclear = without_usable_id(self.roster, sections.people) if self.roster else []
        return known.of({*(one.id for one in sections.here), *listed}, unclear)

    def keep_ids(self, sections: Sections) -> None:
        """Keep who is in the class, under which ids, once somebody has been filed under those of a roster."""
        if self.roster and self.counts_as_class:
            write_known(self.shelf.root, self.roster, self.class_)
            keep_class(self.shelf.root.parent, sections.people)

    def progress(self, notebooks: list[Notebook], what: str) -> Iterable[Notebook]:
        """Go through notebooks, and show how far it is."""
        return each(self.console, what, notebooks)
