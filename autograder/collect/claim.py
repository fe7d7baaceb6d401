"""What a download says of one of its files: whose it is, when it came, what it was called."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

FOLDERS, LOOSE, MOODLE, CANVAS = "folders", "loose files", "Moodle", "Canvas"
EXCHANGE, REPOSITORIES, GRADESCOPE = "nbgrader's exchange", "repositories", "Gradescope"
OWN_IDS = (FOLDERS, EXCHANGE)  # there the name of a folder is the id


@dataclass(frozen=True)
class Claim:
    """What a transport says of a file.

    kind      the transport
    name      the person's name as it stands there; empty where there is none
    number    the platform's number for the person; empty where there is none
    folder    tells one hand-in of this download from another
    file      what the file was called when it was handed in
    slug      the assignment, where a folder says it
    late      whether the platform says that it came late
    order     the platform's number for the file, which grows with every file handed in
    handed_in when, where the platform says it
    members   for each who handed it in together all that the platform calls them by, the surest first
    guessed   whether the letters of the name are guessed, as those of code page 437
    problem   why nobody can tell whose it is, in a sentence
    """

    kind: str
    name: str
    number: str
    folder: str
    file: str
    slug: str = ""
    late: bool = False
    order: int = 0
    handed_in: dt.datetime | None = None
    members: tuple[tuple[str, ...], ...] = ()
    guessed: bool = False
    problem: str = ""
