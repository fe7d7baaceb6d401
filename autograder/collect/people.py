"""Brings what a download calls people together with the class: groups, people with several names, guessed letters.

A group's work is the work of each of its members. Gradescope lists them; Moodle and Canvas name the group alone
(Canvas beside the number of one member), so a column `group` of the roster says who is in it: Canvas's export of a
group set has `group_name`, Moodle's worksheet `Group`.
https://github.com/instructure/canvas-lms/blob/master/lib/content_zipper.rb

Names that are in no known code page are tried in the usual ones. The roster decides: where one person has such a
name, it is that person; where nobody has, or two have, it is for somebody to look at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from autograder.collect.claim import CANVAS, LOOSE, MOODLE, Claim
from autograder.collect.folders import MOST_OF_IT
from autograder.collect.identity import caller
from autograder.collect.names import cut, key
from autograder.collect.person import PLATFORMS, Person, Roster
from autograder.collect.scan import Contents

CODE_PAGES = ("cp437", "cp850", "cp852", "cp1252", "cp1250", "cp1251", "cp932", "cp936", "cp949")
READ_AS = "The names in this archive are not in UTF-8; they were read as {}."
UNREAD = "Its name is not in UTF-8, so its letters are not known; {}."


@dataclass(frozen=True)
class Settled:
    """A claim that is one person's, and what is to be remarked."""

    claim: Claim
    note: str = ""


def settle(contents: list[Contents], roster: Roster | None) -> None:
    """Give each notebook to everybody whose work it is; what nobody can be given is `unclear`, with the reason."""
    for found in contents:
        people, found.people = list(found.people.values()), {}
        teams = roster is not None and is_of_teams(people, roster)
        for claim in people:
            for one in settled(claim, roster, teams):
                if not one.claim.problem:
                    found.people.setdefault(caller(found.parcel.batch, one.claim), one.claim)
        for path in {member.path for member, _ in found.refused} & set(found.claimed):
            theirs = [one.claim for one in settled(found.claimed[path], roster, teams) if not one.claim.problem]
            found.owners[path] = [caller(found.parcel.batch, one) for one in theirs if roster or one.kind != LOOSE]
        notebooks, found.notebooks = found.notebooks, []
        for notebook in notebooks:
            for one in settled(notebook.claim, roster, teams):
                mine = replace(notebook, claim=one.claim, notes=[*notebook.notes, *([one.note] if one.note else [])])
                if one.claim.problem:
                    found.unclear.append((mine, one.claim.problem))
                else:
                    found.notebooks.append(mine)


def is_of_teams(people: list[Claim], roster: Roster) -> bool:
    """Say whether Moodle calls most in a download like a group: one who does so alone may have taken its name."""
    named = [bool(group_of(one, roster)) for one in people if one.kind == MOODLE and one.number]
    return sum(named) > MOST_OF_IT * len(named)


def settled(claim: Claim, roster: Roster | None, teams: bool) -> list[Settled]:
    """Return for each person whose work a file is a claim of one's own; `teams`: Moodle's names are those of groups."""
    if claim.problem:
        return [Settled(claim)]
    if claim.members:
        return of_members(claim, roster)
    group = group_of(claim, roster) if roster and (teams or claim.kind != MOODLE) else []
    if group:
        return of_group(claim, group)
    by_number = claim.kind == CANVAS and roster is None
    return [read(claim, roster)] if claim.guessed and not by_number else [Settled(claim)]


def of_members(claim: Claim, roster: Roster | None) -> list[Settled]:
    """Return the claims of those whom the platform lists; each has the first name that the roster knows."""
    names = [next((name for name in one if roster and roster.who(name)), one[0]) for one in claim.members]
    note = group_note("", names) if len(names) > 1 else ""
    return [Settled(replace(claim, name=name, members=()), note) for name in dict.fromkeys(names)]


def of_group(claim: Claim, group: list[Person]) -> list[Settled]:
    """Return the claims of those whom the roster lists."""
    note = group_note(claim.name, [one.called for one in group])
    numbers = [dict(sorted(one.numbers)).get(claim.kind, "") for one in group]
    pairs = zip(group, numbers, strict=True)
    return [Settled(replace(claim, name=called(one, claim), number=number), note) for one, number in pairs]


def called(person: Person, claim: Claim) -> str:
    """Return by which name somebody is found in the roster: on a platform by no id, elsewhere by the id."""
    return next(iter(person.names), person.called) if claim.kind in PLATFORMS else person.called


def group_note(name: str, members: Iterable[str]) -> str:
    """Return that several people have handed it in."""
    return f"Group work{f' of {cut(name)}' if name else ''}: {', '.join(sorted(members))}."


def group_of(claim: Claim, roster: Roster) -> list[Person]:
    """Return who is in the group that a claim names; nobody where it names none, or may name a person as well."""
    named = [one for one in roster.people if key(claim.name) in map(key, one.groups)] if key(claim.name) else []
    if claim.kind == CANVAS:  # there learners may name themselves like a group, but nobody takes another's number
        known = any(kind == CANVAS for one in roster.people for kind, _ in one.numbers)
        sure = not known or any((CANVAS, claim.number) in one.numbers for one in named)
        return named if sure and (known or not roster.who(claim.name)) else []
    return named if not roster.who(claim.name) else []


def read(claim: Claim, roster: Roster | None) -> Settled:
    """Return the claim with the name that somebody in the roster has, in whatever code page."""
    if roster is None:
        return Settled(replace(claim, problem=UNREAD.format("give the class with --roster, which tells them")))
    found: dict[str, tuple[str, str]] = {}
    for page in CODE_PAGES:
        try:
            name = claim.name.encode("cp437").decode(page)
        except UnicodeError:
            continue
        for person in roster.who(name, claim.kind, claim.number):
            found.setdefault(person.called, (name, page))
    if len(found) != 1:
        who = "nobody in the roster has it in a usual code page" if not found else f"it may be {' or '.join(found)}"
        return Settled(replace(claim, problem=UNREAD.format(who)))
    ((name, page),) = found.values()
    return Settled(replace(claim, name=name, guessed=False), READ_AS.format(page.upper()))
