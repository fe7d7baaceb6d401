"""The class of several rosters: each section has its own, a newer one takes the place of the earlier.

A roster is a newer one of those sections of which it lists at least half. Whoever is not on it any more stays in the
class and is told, until somebody asks that such people be taken out. Who comes from another section has moved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count

from autograder.collect.person import Person, Roster
from autograder.gradebook.class_list import Listed, called

SAME = 0.5  # the share of a section that a newer roster of it lists
MOST_NAMES = 10
STAY = (
    "{} not on {} any more and {} in the class: {}. To take out of the class who is not on this roster, "
    "collect again with --remove-unlisted."
)


@dataclass(frozen=True)
class Sections:
    """The class after a roster: everybody, with those who were taken out, and what is to be told."""

    people: tuple[Listed, ...] = ()
    told: tuple[str, ...] = ()

    @property
    def here(self) -> list[Listed]:
        """Return who is in the class."""
        return [one for one in self.people if not one.left]


def with_roster(kept: Sequence[Listed], roster: Roster, remove: bool, dry: bool) -> Sections:
    """Return the class with a roster in it.

    kept    the class so far
    remove  whether those are taken out who are not on the roster any more
    dry     whether this is only told
    """
    listed = {one.identity: one for one in roster.people if one.identity}
    before = {one.id: one for one in kept if not one.left}
    earlier = newer_of(before.values(), listed)
    name = free_name(roster.name, {one.section for one in before.values()} - earlier)
    new = {who: Listed(who, *one.listed, section=name) for who, one in listed.items()}
    moved = [one for who, one in before.items() if who in listed and one.section not in earlier]
    gone = [one for who, one in before.items() if who not in listed and one.section in earlier]
    troubled = [one for one in roster.people if one.problem]
    unlisted = [one for one in gone if not any(is_row_of(one, row) for row in troubled)]
    if remove:
        new |= {one.id: replace(one, left=True) for one in unlisted}
    else:
        new |= {one.id: replace(one, section=name) for one in unlisted}
    new |= {one.id: replace(one, section=name) for one in gone if one not in unlisted}
    people = {one.id: one for one in kept} | new
    told = [*told_of_moved(moved, name), *told_of_unlisted(unlisted, roster.name, remove, dry)]
    sections = Counter(one.section for one in people.values() if not one.left)
    if len(sections) > 1:
        parts = ", ".join(f"{number} of {section or 'an earlier roster'}" for section, number in sections.items())
        told.append(f"The class has {sections.total()} people: {parts}.")
    return Sections(tuple(people.values()), tuple(told))


def newer_of(before: Iterable[Listed], listed: Iterable[str]) -> set[str]:
    """Return the sections of which a roster with these ids is a newer one."""
    people, ids = list(before), set(listed)
    whole = Counter(one.section for one in people)
    there = Counter(one.section for one in people if one.id in ids)
    return {section for section in whole if there[section] >= SAME * whole[section]}


def free_name(name: str, taken: set[str]) -> str:
    """Return the name of a section: that of the roster's file, with a number where another section has it."""
    names = (name if number == 1 else f"{name} ({number})" for number in count(1))
    return next(one for one in names if one not in taken)


def without_usable_id(roster: Roster, kept: Sequence[Listed]) -> list[str]:
    """Return what those are called whose row in the roster has no usable id, and who are not in the class already."""
    troubled = [one for one in roster.people if one.problem]
    return [row.called for row in troubled if not any(is_row_of(one, row) for one in kept if not one.left)]


def is_row_of(one: Listed, row: Person) -> bool:
    """Say whether a row without a usable id fits somebody in the class, by e-mail, another id or the name."""
    name = f"{one.first_name} {one.last_name}".strip()
    words = {one.id.casefold(), one.email.casefold()} - {""}
    return bool(words & set(row.ids) or (name and Roster([row]).by_name(name)))


def told_of_moved(moved: list[Listed], to: str) -> list[str]:
    """Return who has come from another section."""
    by_section: dict[str, list[Listed]] = {}
    for one in moved:
        by_section.setdefault(one.section, []).append(one)
    return [
        f"Moved from {section or 'an earlier roster'} to {to}: {names_of(people)}."
        for section, people in by_section.items()
    ]


def told_of_unlisted(unlisted: list[Listed], name: str, remove: bool, dry: bool) -> list[str]:
    """Return who is not on a newer roster any more, and what becomes of them."""
    if not unlisted:
        return []
    if remove:
        what = "Would be taken out of the class" if dry else "Taken out of the class"
        return [f"{what}, for {name} does not list them any more: {names_of(unlisted)}."]
    many = len(unlisted) > 1
    who = f"{len(unlisted)} people are" if many else "1 person is"
    return [STAY.format(who, name, "stay" if many else "stays", names_of(unlisted))]


def names_of(people: list[Listed]) -> str:
    """Return the first few of many people, by id, with their names."""
    names = called({one.id: f"{one.first_name} {one.last_name}".strip() for one in people})
    return ", ".join(names[:MOST_NAMES]) + (f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else "")
