"""Who handed in what, told from the names that a learning platform, a colleague or nbgrader gives to files.

Each transport looks at the way of a file in the download and says whose it is, or nothing where the name is not one
of its own. The first transport that knows most of a download reads it; `folder_claim` reads the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from autograder.collect.claim import CANVAS as OF_CANVAS
from autograder.collect.claim import MOODLE as OF_MOODLE
from autograder.collect.claim import Claim
from autograder.collect.exchange import exchange_claim
from autograder.collect.folders import MOST_OF_IT, folder_claim, is_drive_folder, repository_claim, repository_title
from autograder.collect.gradescope import gradescope_claims, metadata_in
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
    return Claim(OF_MOODLE, name, number, f"{name}_{number}", file)


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
    return Claim(OF_CANVAS, "" if nameless else name, user, user, RESUBMITTED.sub("", found["file"]), "", late, order)


Transport = Callable[[tuple[str, ...], list[str]], Claim | None]
TRANSPORTS: list[Transport] = [moodle_claim, exchange_claim, canvas_claim]
BY_TOP = (moodle_claim, exchange_claim)  # all that is in a folder with such a name is of one hand-in


def claims(members: list[Member], known: list[str], download: str = "") -> list[Claim]:
    """Return for each member of one download whose it is."""
    made = claims_of_all(members, known, download)
    pairs = zip(members, made, strict=True)
    return [replace(one, guessed=member.guessed and not one.name.isascii()) for member, one in pairs]


def claims_of_all(members: list[Member], known: list[str], download: str) -> list[Claim]:
    """Return for each member whose it is by the names as they were read."""
    if metadata := metadata_in(members):
        return gradescope_claims(members, metadata)
    whole = [member.parts for member in members]
    transport, ways = by_platform(whole)
    if transport is not None:
        return [transport(way, known) or folder_claim(way, known) for way in ways]
    if title := repository_title(download, whole):
        return [repository_claim(way, title, known) for way in whole]
    *_, ways = peeled(whole, 2, known)
    ways = [way[1:] for way in ways] if is_drive_folder(ways, known) else ways
    return [folder_claim(way, known) for way in ways]


def is_whole_download(members: list[Member]) -> bool:
    """Say whether files are what a platform hands out for a class."""
    return metadata_in(members) is not None or by_platform([member.parts for member in members])[0] is not None


def by_platform(ways: list[tuple[str, ...]]) -> tuple[Transport | None, list[tuple[str, ...]]]:
    """Return the platform that made a download, if one did, and the ways without what lies around its names."""
    for peel in peeled(ways, 1):
        for transport in TRANSPORTS:
            if knows(transport, peel):
                return transport, peel
    return None, ways


def knows(transport: Transport, ways: list[tuple[str, ...]]) -> bool:
    """Say whether a transport knows most of what lies at the top of a download."""
    tops = {way[:1] if transport in BY_TOP else way for way in ways}
    tops = {top for top in tops if not WORKSHEET.fullmatch(top[-1])}
    mine = [top for top in tops if transport((*top, "") if transport in BY_TOP else top, [])]
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
