"""Who handed in what, told from the names that a learning platform, a colleague or nbgrader gives to files.

Each transport looks at the way of a file in the download and says whose it is, or nothing where the name is not one
of its own. The first transport that knows most of a download reads it; `folder_claim` reads the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from autograder.collect.members import Member

MOODLE = re.compile(
    r"(?P<name>[^_/]+)(?:_(?P<number>\d+))?_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?", re.DOTALL
)
CANVAS = re.compile(
    r"(?:(?P<name>.+?)_)??(?:(?P<late>late)_)?(?P<user>\d+|anon_\w+?)_(?P<attachment>\d+)_(?P<file>.+)",
    re.IGNORECASE | re.DOTALL,
)
CANVAS_TEXT = re.compile(
    r"(?:(?P<name>.+?)_)??(?:(?P<late>late)_)?(?P<user>\d+|anon_\w+?)_(?P<file>(?:text|link)\.html)", re.IGNORECASE
)
RESUBMITTED = re.compile(r"-\d+(?=\.[^.]+$|$)")
WORKSHEET = re.compile(r".*\.csv", re.IGNORECASE)
MOST_OF_IT = 0.5  # the share of a download that a transport must know


@dataclass(frozen=True)
class Claim:
    """What a transport says of a file.

    kind    the transport
    name    the person's name as it stands there; empty where there is none
    number  the platform's number for the person; empty where there is none
    folder  tells one hand-in of this download from another
    file    what the file was called when it was handed in
    slug    the assignment, where a folder says it
    late    whether the platform says that it came late
    order   the platform's number for the file, which grows with every file handed in
    """

    kind: str
    name: str
    number: str
    folder: str
    file: str
    slug: str = ""
    late: bool = False
    order: int = 0


def moodle_claim(parts: tuple[str, ...], _: list[str]) -> Claim | None:
    """Read `Full Name_123_assignsubmission_file/NAME`, or the same in one name where folders are switched off.

    The number is the participant's in this assignment, not in the course; with anonymous submissions the name is
    "Participant". Moodle writes a `_` in a name as a space. Older ones put the group and a hyphen before the name,
    and a `_` behind the folder's; for group work the name is the group's. Text typed into the page comes as
    `…_assignsubmission_onlinetext/onlinetext.html`.
    https://github.com/moodle/moodle/blob/main/mod/assign/classes/downloader.php
    """
    found = MOODLE.fullmatch(parts[0])
    if not found:
        return None
    file = "/".join(parts[1:]) or found["file"] or ""
    name, number = found["name"].strip(), found["number"] or ""  # those without a group have no number
    return Claim("Moodle", name, number, f"{name}_{number}", file)


def canvas_claim(parts: tuple[str, ...], _: list[str]) -> Claim | None:
    """Read `lastnamefirstname_LATE_USER_ATTACHMENT_NAME`.

    The name is the person's "sortable name" with all but letters and digits taken out. `LATE` is there only for
    late ones. With anonymous grading there is `anon_` and five characters in place of name and number. A file handed
    in again under the same name gets `-1`, `-2` and so on; the number of the attachment grows as well.
    https://github.com/instructure/canvas-lms/blob/master/lib/content_zipper.rb
    """
    found = (CANVAS_TEXT.fullmatch(parts[0]) or CANVAS.fullmatch(parts[0])) if len(parts) == 1 else None
    if not found:
        return None
    name, user = found["name"] or "", found["user"]
    nameless = name.lower() == "late"
    late = bool(found["late"]) or nameless
    order = int(found.groupdict().get("attachment", "0")[:18])
    return Claim("Canvas", "" if nameless else name, user, user, RESUBMITTED.sub("", found["file"]), "", late, order)


def folder_claim(parts: tuple[str, ...], known: list[str]) -> Claim:
    """Read nbgrader's `STUDENT/ASSIGNMENT/NAME`, or `ASSIGNMENT/STUDENT/NAME`, `STUDENT/NAME`, or a loose `NAME`."""
    slugs = [part for part in parts[:-1] if part in known]
    rest = [part for part in parts[:-1] if part not in known]
    slug = slugs[0] if slugs else ""
    if rest:
        return Claim("folders", rest[0], "", rest[0], "/".join([*rest[1:], parts[-1]]), slug)
    return Claim("loose files", loose_name(parts[-1], known), "", "/".join(parts), parts[-1], slug)


def loose_name(file: str, known: list[str]) -> str:
    """Return the name of a person in the name of a loose notebook: what is left without assignment and ending."""
    stem = re.sub(r"\.(?:ipynb(?:\.txt|\.json)?|zip)$", "", file, flags=re.IGNORECASE)
    for slug in sorted(known, key=len, reverse=True):
        stem = re.sub(re.escape(slug).replace("_", r"[ _\-]+"), " ", stem, flags=re.IGNORECASE)
    stem = re.sub(r"(?:\s*\(\d+\)|-Copy\d*|^Copy of )", "", stem.strip(), flags=re.IGNORECASE)
    return stem.strip(" _-–.,")


Transport = Callable[[tuple[str, ...], list[str]], Claim | None]
TRANSPORTS: list[Transport] = [moodle_claim, canvas_claim]


def claims(members: list[Member], known: list[str]) -> list[Claim]:
    """Return for each member of one download whose it is."""
    whole = [member.parts for member in members]
    transport, ways = by_platform(whole)
    if transport is None:
        *_, ways = peeled(whole, 2, known)
        return [folder_claim(way, known) for way in ways]
    return [transport(way, known) or folder_claim(way, known) for way in ways]


def by_platform(ways: list[tuple[str, ...]]) -> tuple[Transport | None, list[tuple[str, ...]]]:
    """Return the platform that made a download, if one did, and the ways without what lies around its names."""
    for peel in peeled(ways, 1):
        for transport in TRANSPORTS:
            if knows(transport, peel):
                return transport, peel
    return None, ways


def knows(transport: Transport, ways: list[tuple[str, ...]]) -> bool:
    """Say whether a transport knows most of what lies at the top of a download."""
    tops = {way[:1] if transport is moodle_claim else way for way in ways}
    tops = {top for top in tops if not WORKSHEET.fullmatch(top[-1])}
    mine = [top for top in tops if transport(top, [])]
    return bool(mine) and len(mine) > MOST_OF_IT * len(tops)


def peeled(ways: list[tuple[str, ...]], left: int, stays: Sequence[str] = ()) -> Iterator[list[tuple[str, ...]]]:
    """Give the ways as they are, then without the folders around everything, one after the other.

    left   how many parts every way keeps: with two, a person's own folder stays
    stays  folders that are never taken away
    """
    yield ways
    while ways and len({way[0] for way in ways}) == 1 and ways[0][0] not in stays and shortest(ways, stays) > left:
        ways = [way[1:] for way in ways]
        yield ways


def shortest(ways: list[tuple[str, ...]], stays: Sequence[str]) -> int:
    """Return how many parts the shortest way has, without the folders that stay."""
    return min(sum(part not in stays for part in way) for way in ways)
