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
from autograder.collect.known_class import NOBODY_YET, KnownClass, write_known
from autograder.collect.log import log_rows
from autograder.collect.members import Refused
from autograder.collect.people import settle
from autograder.collect.person import Roster
from autograder.collect.put_newer import put_newer
from autograder.collect.quarantine import FOLDER, set_aside
from autograder.collect.rows import Collected, Row, Story
from autograder.collect.scan import Contents, Notebook, look_through
from autograder.collect.sections import Sections, with_roster, without_usable_id
from autograder.collect.select_version import choose
from autograder.collect.submission_store import Shelf
from autograder.collect.taking import Taken
from autograder.collect.telling import Owners, how_to_choose, row_of, rows_of_the_others, sentences_about
from autograder.collect.true_times import take_true_times
from autograder.collect.which_assignment import read_once, settle_assignments
from autograder.collect.whose import whose
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
            known = whose(contents, self.roster, self.class_)
            self.chosen.unclear += known.unclear
            self.story.rows += known.told
            notebooks = self.read(known.notebooks)
            self.told_to_take(notebooks)
            settled = settle_assignments(notebooks, self.assignments.handouts, self.chosen, self.is_chosen)
            choose(settled, self.chosen, self.shelf, self.taken)
            self.story.sentences += take_true_times(self.chosen.winners, self.roster, self.times, self.zone)
            with nullcontext() if self.dry else writing_to(beside):
                for notebook in self.progress(self.chosen.winners, "putting in place"):
                    self.put(notebook)
                named = attempts.numbered(self.chosen.attempts)
                self.story.rows += rows_of_the_others(self.chosen, contents, self.roster, named, known.owners)
                self.story.sentences += sentences_about(contents, self.chosen.winners, self.roster, self.times.odd)
                self.story.sentences += how_to_choose(named, beside, self.dry)
                sections = self.sections()
                self.story.sentences += sections.told
                accounts = self.accounts(sections, known.owners)
                if not self.dry:
                    set_aside(beside / FOLDER, [member for found in contents for member, _ in found.refused])
                    done = {(one.student, one.slug) for one in self.chosen.winners}
                    attempts.lay_out(beside / attempts.FOLDER, named, done)
                    self.keep_ids(sections)
                    log_rows(beside, self.story.in_order())
        return Collected(self.story.in_order(), tuple(self.story.sentences), self.shelf.root, self.dry, accounts)

    def look(self, path: Path, stack: ExitStack) -> Contents:
        """Return what is in one download."""
        parcel = without_wrapping(open_parcel(path, stack, self.zone))
        if parcel.trouble:
            self.story.rows.append(Row(rows.BROKEN, parcel.name, remark=parcel.trouble))
        return look_through(parcel, self.assignments.known, self.trusted.get(path, False))

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

    def accounts(self, sections: Sections, owners: Owners) -> tuple[Account, ...]:
        """Return for each assignment the sum in which everybody counts once."""
        known = Accounts(self.shelf, self.assignments.handouts, self.story.rows, self.chosen.winners, owners)
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
