"""The file of an instructor's decisions: read whole, and only ever added to, a line at a time."""

from __future__ import annotations

import datetime
import getpass
import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from autograder.errors import UserError
from autograder.gradebook.decisions import Decision, Decisions

NAME = "decisions.jsonl"


def read_decisions(folder: Path) -> Decisions:
    """Return the decisions about a class, none where there is no file. Raises UserError where it cannot be read."""
    path = folder / NAME
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Decisions()
    whole, _, torn = data.rpartition(b"\n")  # a line without an end was never finished, and nothing was done by it
    lines = []
    for number, line in enumerate(whole.splitlines(), 1):
        try:
            lines.append(Decision(**json.loads(line)))
        except (ValueError, TypeError):
            raise UserError(f"Line {number} of {path} cannot be read; put it right: grading goes by it.") from None
    return Decisions(tuple(lines))


def signed(decision: Decision, before: Decisions) -> Decision:
    """Return a decision with its number, the time and who takes it."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    number = max((one.number for one in before.lines), default=0) + 1
    return replace(decision, number=number, when=now, who=user())


def user() -> str:
    """Return who is at the keyboard."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # such as a number without a name, in a container
        return str(os.getuid())


def append(folder: Path, decision: Decision) -> Decision:
    """Add a line to the file, whole or not at all, and return the decision as it is written there."""
    decision, path = signed(decision, read_decisions(folder)), folder / NAME
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    with os.fdopen(handle, "r+b") as file:
        there = file.read()
        file.seek(there.rfind(b"\n") + 1)
        file.truncate()
        file.write(f"{decision.as_line()}\n".encode("utf-8", "replace"))
        file.flush()
        os.fsync(handle)
    return decision


def keep_marks(folder: Path, slug: str, what: str, marks: Mapping[str, Mapping[str, float]]) -> None:
    """Note the marks by hand that are set aside, or given back; nothing where there are none."""
    if marks:
        append(folder, Decision(0, what, slug, marks={cell: dict(by) for cell, by in marks.items()}))
