"""Who has been filed under which id so far, kept beside the submissions in `roster.json`.

With it a later roster is held to the ids of the first: somebody who has an id and would get another one, because a
column, a spreadsheet or a hand has changed it, is found by name, e-mail or another id. Without the file, as after a
collection without a roster, the names of the folders say who is there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from autograder.collect.names import is_safe_id
from autograder.collect.person import Person, Roster, indexed
from autograder.storage.safe_files import entries, is_folder, read_plain, write_new

FILE = "roster.json"
MOST_BYTES = 20 << 20
OF_ONE_ASSIGNMENT = re.compile(r"\D+\s\d+")  # "Participant 11" is somebody else in the next assignment


@dataclass(frozen=True)
class KnownClass:
    """The class so far: for each id what else its owner is known as, and the column that the ids are from.

    column  as it is called in the first roster, in small letters; empty where there was none
    """

    column: str = ""
    people: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def has(self, identity: str) -> bool:
        """Say whether somebody is filed under an id."""
        return identity.casefold() in {one.casefold() for one in self.people}


NOBODY_YET = KnownClass()


def read_known(submitted: Path) -> KnownClass:
    """Return the class whose submissions lie in a folder."""
    folders: dict[str, tuple[str, ...]] = {
        path.name: () for path in entries(submitted) if is_folder(path) and is_safe_id(path.name)
    }
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        kept = json.loads(read_plain(submitted.parent / FILE, MOST_BYTES))
        people = {one: tuple(map(str, words)) for one, words in kept["people"].items() if one in folders}
        return KnownClass(str(kept["id_column"]), {**folders, **people})
    return KnownClass("", folders)


def write_known(submitted: Path, roster: Roster, known: KnownClass) -> None:
    """Keep who has been filed under which id; the column stays that of the first roster."""
    folders = {path.name for path in entries(submitted) if is_folder(path)}
    people = {one: words for one, words in known.people.items() if one in folders}
    people |= {one.identity: lasting(one) for one in roster.people if one.identity in folders}
    kept = {"id_column": known.column or roster.column, "people": dict(sorted(people.items()))}
    write_new(submitted.parent / FILE, json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


def lasting(person: Person) -> tuple[str, ...]:
    """Return what somebody is known as in every assignment."""
    return tuple(word for word in person.known_as if word in person.names or not OF_ONE_ASSIGNMENT.fullmatch(word))


def renamed(people: Iterable[Person], known: KnownClass) -> dict[Person, str]:
    """Return the people of a roster who are filed already, under the id that is given here."""
    listed = list(people)
    named = {one.identity.casefold() for one in listed}
    filed = {one.casefold() for one in known.people}
    new = Roster(one for one in listed if one.identity and one.identity.casefold() not in filed)
    numbered = indexed((without_zeros(one.identity), one) for one in new.people)
    found: dict[Person, str] = {}
    for identity, words in known.people.items():
        same_number = numbered.get(without_zeros(identity), [])
        if identity.casefold() not in named and (person := same_person(identity, words, new, same_number)):
            found.setdefault(person, identity)
    return found


def same_person(identity: str, words: tuple[str, ...], new: Roster, same_number: list[Person]) -> Person | None:
    """Return the only one of a roster's people who is the owner of an id, by another id, an e-mail or the name."""
    spelt = [identity, *words]
    by_id = [one for word in spelt for one in new.ids.get(word.casefold(), [])]
    by_id += new.numbers.get(("Canvas", identity), [])
    by_id += same_number
    by_name = [one for word in spelt for one in new.by_name(word) if not other_address(words, one)]
    fits = dict.fromkeys(by_id) or dict.fromkeys(by_name)
    return next(iter(fits)) if len(fits) == 1 else None


def without_zeros(identity: str) -> str:
    """Return a number as a spreadsheet leaves it, without zeros before it or `.0` behind; empty for all else."""
    found = re.fullmatch(r"0*([1-9]\d*)(?:\.0+)?", identity)
    return found[1] if found else ""


def other_address(words: tuple[str, ...], person: Person) -> bool:
    """Say whether two people of one name both have an e-mail address, and not the same."""
    mine, theirs = ({word for word in ids if "@" in word} for ids in (words, person.ids))
    return bool(mine and theirs and not mine & theirs)
