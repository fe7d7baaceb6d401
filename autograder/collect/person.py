"""Somebody in the class, and the class looked up by what a download calls somebody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from autograder.collect.names import bare_key, key

PLATFORMS = ("Canvas", "Moodle")


@dataclass(frozen=True)
class Person:
    """Somebody in the class.

    identity  the id that everything is filed under; empty where it is not known, and `problem` says why
    names     the name in both orders
    ids       all else that may stand for the person, in small letters: e-mail, login, other ids
    numbers   pairs of a platform and its number for the person
    handed_in when, as Moodle's grading worksheet has it
    groups    the names of the groups that the person is in
    listed    first name, last name and e-mail, as the roster has them; a name in one piece is all last name
    line      where the person stands in the list
    """

    identity: str
    names: tuple[str, ...]
    ids: tuple[str, ...]
    numbers: frozenset[tuple[str, str]]
    handed_in: dt.datetime | None = None
    groups: tuple[str, ...] = ()
    listed: tuple[str, str, str] = ("", "", "")
    line: int = 0
    problem: str = ""

    @property
    def known_as(self) -> tuple[str, ...]:
        """Return all that may stand for the person."""
        return tuple(dict.fromkeys((*self.names, *self.ids)))

    @property
    def called(self) -> str:
        """Return the id, else the name, else the place in the list."""
        return self.identity or next(iter(self.known_as), f"line {self.line}")


class Roster:
    """The class, looked up by what a download calls somebody."""

    def __init__(self, people: Iterable[Person], told: str = "", name: str = "", column: str = "") -> None:
        """Make the roster of these people; `told` says where their ids are from: a column of a file."""
        self.told, self.name, self.column = told, name, column
        self.people = list(people)
        self.numbers = indexed((number, one) for one in self.people for number in one.numbers)
        self.ids = indexed((other, one) for one in self.people for other in one.ids)
        self.names = [
            indexed((same(name), one) for one in self.people for name in one.names) for same in (key, bare_key)
        ]

    def who(self, name: str, kind: str = "", number: str = "") -> list[Person]:
        """Return everybody whom a platform's number or a name fits: more than one where it is ambiguous.

        On a platform learners may choose how they are called, so there nobody is taken for somebody else's id.
        """
        by_number = self.numbers.get((kind, number), [])
        by_name = ([] if kind in PLATFORMS else self.ids.get(name.casefold(), [])) or self.by_name(name)
        if by_number and by_name and by_number[0] not in by_name:
            return [*by_number, *by_name]
        return by_number or by_name

    def by_name(self, name: str) -> list[Person]:
        """Return everybody whom a name fits as it is written, else without accents, else without Moodle's group."""
        exact, bare = self.names
        parts = name.split("-")
        tails = ["-".join(parts[at:]) for at in range(1, len(parts))]
        looked_up = [exact.get(key(name)), bare.get(bare_key(name)), *(exact.get(key(tail)) for tail in tails)]
        return next((found for found in looked_up if found), [])


def indexed(pairs: Iterable[tuple[Hashable, Person]]) -> dict[Hashable, list[Person]]:
    """Return people by what they are looked up with, each once."""
    found: dict[Hashable, list[Person]] = {}
    for label, one in pairs:
        people = found.setdefault(label, [])
        if label and one not in people:
            people.append(one)
    return found
