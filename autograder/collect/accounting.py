"""Where everybody is after a collection: for each assignment a sum in which each person of the class counts once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from autograder.collect import attempts, rows
from autograder.collect.account import Account
from autograder.collect.answers import Handout, marks_in
from autograder.collect.rows import Row
from autograder.collect.scan import Notebook
from autograder.collect.submission_store import Shelf
from autograder.storage.safe_files import entries, is_folder

ANSWERS, BLANK, UNREADABLE, ABSENT = "with answers", "blank", "not readable", "absent"
TO_LOOK_AT = {  # what is to be looked at of somebody of whom nothing was put in place, the likeliest to be work first
    rows.UNCLEAR: "to look at",
    rows.QUARANTINED: "quarantined",
    rows.NO_NOTEBOOK: "without a notebook",
}
ORDER = (ANSWERS, BLANK, UNREADABLE, *TO_LOOK_AT.values(), ABSENT)


@dataclass(frozen=True)
class Accounts:
    """What is known after a collection.

    shelf     where submissions lie
    handouts  what was handed out, by assignment
    winners   the notebooks that this run has chosen
    owners    whose the files of a row are, where it is not one person's
    """

    shelf: Shelf
    handouts: Mapping[str, Handout]
    told: Collection[Row]
    winners: Iterable[Notebook]
    owners: Mapping[tuple[str, str], Collection[str]] = field(default_factory=dict)

    def of(self, class_: Collection[str], in_trouble: Collection[str] = ()) -> tuple[Account, ...]:
        """Return the sum of each assignment of which there is something in this run.

        class_      the ids of the class; empty where it is not known
        in_trouble  what those are called whose rows in the roster have no usable id
        """
        slugs = sorted({row.slug for row in self.told if row.slug}) or [""]
        return tuple(self.account(slug, class_, in_trouble) for slug in slugs)

    def account(self, slug: str, class_: Collection[str], in_trouble: Collection[str]) -> Account:
        """Return the sum of one assignment."""
        filed, odd = self.filed(slug), self.waiting(slug) | self.odd(slug)
        named = {who for who, _ in self.rows_of_people(slug)}
        people = set(class_) or {*filed, *named} - set(in_trouble)
        where = Counter(filed.get(one) or odd.get(one, ABSENT) for one in people)
        where[TO_LOOK_AT[rows.UNCLEAR]] += len(in_trouble)
        known = {*people, *in_trouble}
        looked_at = [row for row in self.told if row.result in TO_LOOK_AT and row.slug in ("", slug)]
        nobodys = [row for row in looked_at if not known & set(self.whose(row))]
        counts = {one: where[one] for one in ORDER if where[one]}
        strangers = tuple(sorted(set(filed) - people))
        return Account(slug, len(people) + len(in_trouble), bool(class_), counts, strangers, len(nobodys))

    def whose(self, row: Row) -> Collection[str]:
        """Return whose the file of a row is."""
        return self.owners.get((row.download, row.file)) or ([row.student] if row.student else [])

    def rows_of_people(self, slug: str) -> Iterator[tuple[str, Row]]:
        """Yield who and what for each row of an assignment, or of none that is known."""
        for row in self.told:
            if row.slug in ("", slug):
                yield from ((one, row) for one in self.whose(row))

    def odd(self, slug: str) -> dict[str, str]:
        """Return what is to be looked at of each person."""
        found: dict[str, str] = {}
        for result in reversed(TO_LOOK_AT):
            found |= {who: TO_LOOK_AT[result] for who, row in self.rows_of_people(slug) if row.result == result}
        return found

    def waiting(self, slug: str) -> dict[str, str]:
        """Return those among whose notebooks an earlier run left the choice to a person."""
        folders = [one for one in entries(self.shelf.root.parent / attempts.FOLDER) if slug and is_folder(one / slug)]
        return {one.name.rpartition("__")[0]: TO_LOOK_AT[rows.UNCLEAR] for one in folders}

    def filed(self, slug: str) -> dict[str, str]:
        """Return of whom something is filed, and of what kind it is; of this run, whether it was written or not."""
        if not slug:
            return {}
        put = {row.student for row in self.told if row.slug == slug and row.result in rows.FILED}
        works = {one.student: one.work for one in self.winners if one.slug == slug and one.student in put}
        for folder in entries(self.shelf.root):
            if folder.name not in works and is_folder(folder) and self.shelf.there(folder.name, slug):
                works[folder.name] = self.handouts[slug].work(marks_in(self.shelf.data(folder.name, slug)))
        return {who: BLANK if work.blank else ANSWERS if work.readable else UNREADABLE for who, work in works.items()}
