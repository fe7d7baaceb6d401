"""Reads Gradescope's export of a programming assignment: a folder for each hand-in, and a file that says whose it is.

    submission_metadata.yml
    submission_4711/NAME

    submission_4711:
      :submitters:
      - {:name: Ann Lee, :sid: '1001', :email: ann@example.org}
      :created_at: 2026-11-20 10:00:00.000000000 Z

Several submitters are a group. People may change how they are called, so the student number counts first, then the
e-mail. The file is of Gradescope's making; it is all the same read as text, lists and tables alone, so that nothing
in it can make objects, and up to a size.
https://gradescope-autograders.readthedocs.io/en/latest/submission_metadata/ (the same data for one hand-in)
https://help.gradescope.com/article/gm5cmcz19k-instructor-assignment-programming
"""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from typing import Any

import yaml

from autograder.collect.claim import GRADESCOPE, LOOSE, Claim
from autograder.collect.members import Member, Refused
from autograder.collect.times import sane
from autograder.course.clocks import OddTime, read_time

METADATA = "submission_metadata.yml"
SUBMISSION = re.compile(r"(?:submission_)?\d+(?:\.\w+)?")
MOST_BYTES = 30 << 20
MOST_MEMBERS, MOST_DEPTH = 50, 50
PLAIN = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # knows text, lists and tables; what else is there, is text
NOT_READ = METADATA + " cannot be read ({}), so nothing says whose it is; export it from Gradescope again."
NOT_IN_IT = METADATA + " does not say whose it is; put it into a folder with the person's id."


def metadata_in(members: list[Member]) -> Member | None:
    """Return the file that says whose all other files are, where a download is an export of Gradescope's."""
    found = min((one for one in members if one.name == METADATA), key=lambda one: len(one.parts), default=None)
    if found is None:
        return None
    above = found.parts[:-1]
    others = [one.parts[len(above) :] for one in members if one is not found and one.parts[: len(above)] == above]
    whole = len(others) == len(members) - 1 and others
    return found if whole and all(SUBMISSION.fullmatch(way[0]) for way in others) else None


def gradescope_claims(members: list[Member], metadata: Member) -> list[Claim]:
    """Return for each file of an export whose it is."""
    try:
        table, problem = read_metadata(metadata), NOT_IN_IT
    except Refused as error:
        table, problem = {}, NOT_READ.format(str(error).rstrip("."))
    skip = len(metadata.parts) - 1
    return [claim(member.parts[skip:], table, problem) for member in members]


def read_metadata(metadata: Member) -> dict[str, Any]:
    """Return the table of submissions. Raises Refused where there is none."""
    data, depth = metadata.read(MOST_BYTES), 0
    try:
        for event in yaml.parse(data, PLAIN):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MOST_DEPTH:  # it would take more than there is of the stack, which no error tells
                raise Refused("it is nested far too deep")
        table = yaml.load(data, PLAIN)
    except (yaml.YAMLError, ValueError, RecursionError):
        raise Refused("it is no YAML") from None
    if not isinstance(table, dict):
        raise Refused("it holds no table of submissions")
    return table


def claim(parts: tuple[str, ...], table: dict[str, Any], problem: str) -> Claim:
    """Return whose a file in the folder of a submission is."""
    if parts == (METADATA,):
        return Claim(LOOSE, "", "", METADATA, METADATA)
    about = table.get(parts[0], table.get(parts[0].rpartition(".")[0]))
    about = about if isinstance(about, dict) else {}
    people = about.get(":submitters")
    people = [one for one in people if isinstance(one, dict)][:MOST_MEMBERS] if isinstance(people, list) else []
    members = tuple(filter(None, map(called, people)))
    file = "/".join(parts[1:]) or parts[0]
    time = created(about.get(":created_at"))
    order = int(time.timestamp() * 1_000_000) if time else 0
    name = members[0][0] if members else ""
    if not name:
        return Claim(GRADESCOPE, "", "", parts[0], file, problem=problem)
    return Claim(GRADESCOPE, name, "", parts[0], file, order=order, handed_in=time, members=members)


def called(submitter: dict[str, Any]) -> tuple[str, ...]:
    """Return what stands for somebody, the surest first."""
    words = (submitter.get(key) for key in (":sid", ":email", ":name"))
    return tuple(word.strip() for word in words if isinstance(word, str) and word.strip() not in ("", "null", "~"))


def created(time: object) -> dt.datetime | None:
    """Return when a submission was made; Rails writes text, or a table with the time in UTC in it."""
    text = time.get("utc", time.get("time")) if isinstance(time, dict) else time
    with suppress(OddTime):
        return sane(read_time(text, dt.UTC)) if isinstance(text, str) else None
    return None
