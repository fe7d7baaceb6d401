"""Under which id somebody is filed: the roster's, or one made from what the download calls the person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.collect.claim import OWN_IDS, Claim
from autograder.collect.known_class import NOBODY_YET, KnownClass
from autograder.collect.names import as_id, cut, is_safe_id
from autograder.collect.person import Roster
from autograder.storage.safe_text import same_place

NO_NAME = "Nothing says whose it is; put it into a folder with the person's id, or name it after the person."
WITHOUT = "The ids of this class are from a roster, and none of them is said here; give the roster with --roster."
NAMELESS = {"participant"}  # what Moodle calls everybody where names are hidden
MOST_SHOWN = 5


@dataclass(frozen=True)
class Who:
    """The id that somebody is filed under; empty where it is not known, with the reason in a sentence.

    sure  whether the platform's own number says so
    """

    identity: str
    problem: str = ""
    note: str = ""
    sure: bool = False


Caller = tuple[str, str, str, str]  # download, transport, name, number


def caller(download: str, claim: Claim) -> Caller:
    """Return what tells one person of a download from another."""
    return download, claim.kind, claim.name, claim.number


def identify(callers: Iterable[Caller], roster: Roster | None, known: KnownClass = NOBODY_YET) -> dict[Caller, Who]:
    """Return for everybody in the downloads the id to file them under.

    known  the class so far: where its ids are from a roster, nobody new gets another kind of id without one
    """
    everybody = sorted(set(callers))
    found = {one: by_roster(one, roster) for one in everybody} if roster else by_download(everybody)
    if known.column and not roster:
        found = {one: who if known.has(who.identity) else Who("", who.problem or WITHOUT) for one, who in found.items()}
    return without_claims_of_two(found)


def by_roster(one: Caller, roster: Roster) -> Who:
    """Return the id of the person in the roster whom a download means."""
    _, kind, name, number = one
    if not name and not number:
        return Who("", NO_NAME)
    fits = roster.who(name, kind, number)
    what = cut(name or number)
    if not fits:
        return Who(
            "", f"Nobody in the roster fits {what!r}; add a row, or a column that has this name (of a group: `group`)."
        )
    if len(set(fits)) > 1:
        ids = sorted({person.called for person in fits})
        shown = ", ".join(ids[:MOST_SHOWN]) + (" …" if len(ids) > MOST_SHOWN else "")
        return Who("", f"Several people in the roster fit {what!r}: {shown}.")
    return Who(fits[0].identity, fits[0].problem, sure=(kind, number) in fits[0].numbers)


def by_download(everybody: list[Caller]) -> dict[Caller, Who]:
    """Return ids made from names and numbers; people of one name in Moodle are told apart by their numbers."""
    made = {one: from_name(one) for one in everybody}
    for same in by_id(made).values():
        if len(same) > 1:
            made |= {one: numbered(one) for one in same if one[1] == "Moodle"}
    return made


def by_id(found: dict[Caller, Who]) -> dict[tuple[str, str, str], list[Caller]]:
    """Return who would get which id, for each download by itself."""
    alike: dict[tuple[str, str, str], list[Caller]] = defaultdict(list)
    for one, who in found.items():
        if who.identity:
            alike[one[0], one[1], same_place(who.identity)].append(one)
    return alike


def without_claims_of_two(found: dict[Caller, Who]) -> dict[Caller, Who]:
    """Return who is who; where two people of one download would get one id, nobody does but the one who is sure."""
    settled = dict(found)
    for same in by_id(found).values():
        sure = [one for one in same if found[one].sure]
        if len(same) > 1:
            settled |= {one: shared(one, same) for one in same if [one] != sure}
    return settled


def from_name(one: Caller) -> Who:
    """Return an id for a person, as long as nobody else has it.

    Canvas's number is the person's for good. Moodle's is another one in each assignment, so the name is taken.
    """
    _, kind, name, number = one
    if kind == "Canvas":
        return Who(as_id(number))
    if kind == "Moodle" and (not as_id(name) or name.casefold() in NAMELESS):
        return Who(f"{as_id(name) or 'participant'}_{number}")
    if kind in OWN_IDS and is_safe_id(name) and not name.startswith("-"):
        return Who(name)
    return Who(as_id(name)) if as_id(name) else Who("", NO_NAME)


def numbered(one: Caller) -> Who:
    """Return the id of somebody whose name others have as well."""
    _, _, name, number = one
    note = f"Several people are called {cut(name)}, so Moodle's number was added; a roster keeps them apart for good."
    return Who(f"{as_id(name)}_{number}", note=note)


def shared(one: Caller, same: list[Caller]) -> Who:
    """Return that several names would come to one id."""
    mine, other = (" ".join(filter(None, who[2:])) for who in (one, next(who for who in same if who != one)))
    return Who("", f"{cut(mine)!r} and {cut(other)!r} would get the same id; give a roster that tells them apart.")
