"""Looks at the names of the files in an archive: what is dangerous about each, and which cannot be told apart."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from autograder.collect import names
from autograder.collect.members import Member
from autograder.storage.safe_text import same_place

TWICE = "There are several files of this name in the archive, so nobody can say which is meant."
ALIKE = "Its name differs from another's only in capitals or in the way accents are written."


def screened(members: list[Member]) -> list[Member]:
    """Return the members of an archive, each with what is dangerous about it."""
    return without_doubles([with_danger_of_name(member) for member in members])


def with_danger_of_name(member: Member) -> Member:
    """Return a member with what is dangerous about its name."""
    sentence = "" if member.danger else names.danger(member.path)
    return replace(member, danger=sentence, inert=True) if sentence else member


def without_doubles(members: list[Member]) -> list[Member]:
    """Return the members; those that cannot be told apart by name are dangerous."""
    exact = Counter(member.parts for member in members)
    alike = Counter(same_place("/".join(parts)) for parts in exact)

    def told(member: Member) -> Member:
        place = same_place("/".join(member.parts))
        sentence = TWICE if exact[member.parts] > 1 else ALIKE if alike[place] > 1 else ""
        if not sentence or member.danger:
            return member
        return replace(member, danger=sentence, inert=True)

    return [told(member) for member in members]
