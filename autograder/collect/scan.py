"""Goes through one download: which notebooks are in it, whose they are, what is dangerous, what is left out."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from autograder.collect import zips
from autograder.collect.answers import Marks, Work
from autograder.collect.archives import Parcel
from autograder.collect.claim import EXCHANGE, LOOSE, OWN_IDS, Claim
from autograder.collect.identity import Caller, caller
from autograder.collect.members import Member, Refused
from autograder.collect.platforms import claims, is_whole_download
from autograder.collect.screening import screened
from autograder.collect.times import sane, written_in_one_go
from autograder.course.clocks import OddTime
from autograder.storage import timestamps
from autograder.storage.exchange_secret import MOST_BYTES as MOST_SECRET
from autograder.storage.exchange_secret import NAME as SECRET

MOST_ZIP = 50 << 20  # bytes of a zip that somebody hands in
MOST_EACH = 50  # notebooks in the zips of one person in one download
BY_ITSELF = "It looks like a whole download of a platform; give it to collect by itself, if you made it."
NESTED = "It is a zip inside a zip that was handed in, which is not looked into."


@dataclass
class Notebook:
    """A notebook in a download, and what becomes known of it on its way.

    marks  what tells its cells from others; None where it cannot be read as a notebook
    work   what of that is the learner's
    taken  whether somebody has chosen it to count; `over`: the digests of those instead of which
    group  the ids of everybody whose work it is, where these are several
    secret what nbgrader's exchange gave the learner to find the feedback by
    """

    parcel: Parcel
    member: Member
    claim: Claim
    handed_in: dt.datetime | None = None
    digest: str = ""
    marks: Marks | None = None
    work: Work = Work()
    taken: bool = False
    over: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    secret: bytes = b""
    slug: str = ""
    student: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def who(self) -> Caller:
        """Return what tells the person from others."""
        return caller(self.parcel.batch, self.claim)


@dataclass
class Contents:
    """What was found in one download.

    refused  pairs of a file and the sentence why it was not taken
    people   everybody who is in the download, with a notebook or without
    others   how many files of which ending were left out
    unpacked how many notebooks came out of somebody's zips
    unclear  notebooks of whom nobody can tell whose they are, each with the reason
    odd      sentences about times that are not read
    claimed  what is said of files that were not taken, by their paths
    owners   who are behind these files
    """

    parcel: Parcel
    notebooks: list[Notebook] = field(default_factory=list)
    refused: list[tuple[Member, str]] = field(default_factory=list)
    people: dict[Caller, Claim] = field(default_factory=dict)
    others: Counter = field(default_factory=Counter)
    unpacked: Counter = field(default_factory=Counter)
    unclear: list[tuple[Notebook, str]] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    claimed: dict[str, Claim] = field(default_factory=dict)
    owners: dict[str, list[Caller]] = field(default_factory=dict)


def look_through(parcel: Parcel, known: list[str], trusted: bool = False) -> Contents:
    """Return what is in a download.

    known    the assignments that can be graded
    trusted  whether a `timestamp.txt` in it is believed
    """
    found = Contents(parcel)
    safe = [member for member in parcel.members if not member.danger and not member.left_behind]
    found.refused += [(member, member.danger) for member in parcel.members if member.danger]
    said = dict(zip((member.path for member in safe), claims(safe, known, parcel.name), strict=True))
    for member in safe:
        sort(found, member, said[member.path])
    found.claimed |= claims_of_refused(found, safe, said, known)
    set_times(found)
    note_secrets(found, safe, said)
    if trusted:
        believe_timestamps(found, safe, said)
    parcel.kind = Counter(claim.kind for claim in said.values()).most_common(1)[0][0] if said else ""
    return found


def claims_of_refused(
    found: Contents, safe: list[Member], said: dict[str, Claim], known: list[str]
) -> dict[str, Claim]:
    """Return whose the dangerous notebooks and zips are, where they leave it as it is whose the others are."""
    odd = [one for one, _ in found.refused if (one.is_notebook or one.is_zip) and ".." not in one.parts]
    said_again = claims([*safe, *odd], known, found.parcel.name) if odd else []
    if said_again[: len(safe)] != list(said.values()):
        return {}
    return {one.path: claim for one, claim in zip(odd, said_again[len(safe) :], strict=True)}


def sort(found: Contents, member: Member, claim: Claim) -> None:
    """Put one file where it belongs."""
    if claim.kind != LOOSE:
        found.people.setdefault(caller(found.parcel.batch, claim), claim)
    if member.holds_notebook():
        found.notebooks.append(Notebook(found.parcel, member, claim))
    elif member.is_zip:
        look_inside(found, member, claim)
    else:
        leave_out(found, member)


def look_inside(found: Contents, outer: Member, claim: Claim) -> None:
    """Find the notebooks in a zip that somebody handed in."""
    try:
        members = screened(zips.inside(outer, MOST_ZIP))
    except Refused as error:
        found.refused.append((outer, str(error)))
        found.claimed[outer.path] = claim
        return
    if claim.kind == LOOSE and is_whole_download([member for member in members if not member.danger]):
        found.refused.append((outer, BY_ITSELF))
        return
    who = caller(found.parcel.batch, claim)
    for member in members:
        shown = replace(member, path=f"{outer.path}/{member.path}")
        found.claimed[shown.path] = claim
        if member.danger:
            found.refused.append((shown, member.danger))
        elif member.left_behind:
            continue
        elif member.is_zip:
            found.refused.append((shown, NESTED))
        elif not member.holds_notebook():
            leave_out(found, member)
        elif found.unpacked[who] == MOST_EACH:
            found.refused.append((shown, f"One person's zips may hold {MOST_EACH} notebooks; these hold more."))
        else:
            found.unpacked[who] += 1
            found.notebooks.append(Notebook(found.parcel, shown, replace(claim, file=member.path)))


def leave_out(found: Contents, member: Member) -> None:
    """Count a file that is no notebook."""
    stem, dot, ending = member.name.rpartition(".")
    found.others[ending.lower()[:10] if stem and dot else "without an ending"] += 1


def set_times(found: Contents) -> None:
    """Note when the notebooks were handed in, unless the times are those of the download itself."""
    times = [one.member.time for one in found.notebooks if one.member.time]
    in_one_go = written_in_one_go(times)
    for one in found.notebooks:
        one.handed_in = one.claim.handed_in or (None if in_one_go else one.member.time)


def note_secrets(found: Contents, safe: list[Member], said: dict[str, Claim]) -> None:
    """Note the secret that nbgrader's exchange has put beside a notebook."""
    beside = {said[one.path].folder: one for one in safe if one.name == SECRET and said[one.path].kind == EXCHANGE}
    for one in found.notebooks:
        if one.claim.kind == EXCHANGE and one.claim.folder in beside:
            with suppress(Refused):
                one.secret = beside[one.claim.folder].read(MOST_SECRET)


def note_groups(notebooks: Sequence[Notebook]) -> None:
    """Note on each notebook whose work it is, where one file is that of several people."""
    works: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in notebooks:
        works[one.parcel.batch, one.member.path] |= {one.student} - {""}
    for one in notebooks:
        people = works[one.parcel.batch, one.member.path]
        one.group = tuple(sorted(people)) if len(people) > 1 else ()


def believe_timestamps(found: Contents, safe: list[Member], said: dict[str, Claim]) -> None:
    """Take the times from nbgrader's own `timestamp.txt` where the course says that they are believed."""
    times = {}
    for member in safe:
        if member.name == timestamps.NAME and said[member.path].kind in OWN_IDS:
            times[caller(found.parcel.batch, said[member.path]), said[member.path].folder, said[member.path].slug] = (
                time_in(found, member)
            )
    for one in found.notebooks:
        one.handed_in = times.get((one.who, one.claim.folder, one.claim.slug)) or one.handed_in


def time_in(found: Contents, member: Member) -> dt.datetime | None:
    """Return the time in a `timestamp.txt`; why it is not read, is told."""
    try:
        return sane(timestamps.time_in(member.read(timestamps.MOST_BYTES)))
    except (Refused, ValueError) as error:
        why = error if isinstance(error, OddTime | Refused) else "it is no text"
        found.odd.append(f"{found.parcel.name}: {member.path} was not read as a time: {str(why).rstrip('.')}.")
        return None
