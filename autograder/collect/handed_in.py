"""When work was handed in, from a file that says it: Canvas's own data as JSON, or a table.

Canvas's downloads tell of late ones only that they are. Its API has the times:

    GET /api/v1/courses/COURSE/assignments/ASSIGNMENT/submissions?per_page=100

gives a list with `user_id` and `submitted_at` for each person, in UTC. A CSV file needs a column that says who, as a
roster has, and one that says when; times without a zone are those of the zone that is given.
https://developerdocs.instructure.com/services/canvas/resources/submissions
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.collect.claim import CANVAS
from autograder.collect.headings import by_heading
from autograder.collect.id_column import IDS
from autograder.collect.names import key
from autograder.collect.person import Roster
from autograder.collect.roster import FIRST, FULL, LAST, NUMBERS
from autograder.collect.scan import Notebook
from autograder.collect.tables import read_table
from autograder.collect.times import sane
from autograder.course.clocks import OddTime, read_time
from autograder.errors import UserError
from autograder.storage.safe_files import read_plain

MOST_BYTES = 50 << 20
WHEN = ("submitted_at", "submitted at", "handed_in", "handed in", "submission time", "last modified (submission)")
NUMBER = ("user_id", *NUMBERS[CANVAS])
NO_TABLE = "{} has no column that says when, such as submitted_at, beside one that says who; name them so."


@dataclass
class Times:
    """The times in a file.

    by_number  by Canvas's number
    by_word    by what else stands for a person; more than one where it may be several people's
    odd        sentences about what was not read
    """

    by_number: dict[str, dt.datetime] = field(default_factory=dict)
    by_word: dict[str, set[dt.datetime]] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)

    def of(self, notebook: Notebook, roster: Roster | None) -> dt.datetime | None:
        """Return when a notebook was handed in; None where the file does not say it, or may mean somebody else."""
        people = [one for one in roster.people if one.identity == notebook.student] if roster else []
        numbers = {number for one in people for kind, number in one.numbers if kind == CANVAS}
        numbers |= {notebook.claim.number} if notebook.claim.kind == CANVAS else set()
        found = {self.by_number[number] for number in numbers if number in self.by_number}
        if not found:
            words = {notebook.student, notebook.claim.name, *(word for one in people for word in one.known_as)}
            found = {time for word in words for time in self.by_word.get(key(word), ())}
        return found.pop() if len(found) == 1 else None

    def add(self, who: Iterable[str], number: str, when: str, zone: dt.tzinfo | None, where: str) -> None:
        """Note the time of one row."""
        try:
            time = sane(read_time(when, zone))
        except OddTime as odd:
            self.odd.append(f"{where} was not read: {odd}.")
            return
        if time is None:
            return
        if number:
            self.by_number[number] = time
        for word in {key(one) for one in who if key(one)}:
            self.by_word.setdefault(word, set()).add(time)


def read_times(path: Path, zone: dt.tzinfo | None) -> Times:
    """Return the times in a file. Raises UserError where there are none."""
    try:
        data = read_plain(path, MOST_BYTES)
    except (OSError, ValueError):
        raise UserError(f"{path} cannot be read; give Canvas's submissions as JSON, or a CSV file.") from None
    times, any_row = Times(), False
    rows = from_canvas(path, data) if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{") else from_table(path)
    for line, (who, number, when) in enumerate(rows, 1):
        any_row = True
        if any(char.isdigit() for char in when):
            times.add(who, number, when, zone, f"{path.name}, entry {line}")
    if not any_row:
        raise UserError(NO_TABLE.format(path))
    return times


def from_canvas(path: Path, data: bytes) -> Iterator[tuple[list[str], str, str]]:
    """Yield who, Canvas's number and when, from the submissions of one assignment."""
    try:
        read = json.loads(data)
    except (ValueError, RecursionError):
        raise UserError(f"{path} is no JSON; give what Canvas's API returns for the submissions.") from None
    entries: list[Any] = read if isinstance(read, list) else [read]
    entries = [one for entry in entries for one in (entry if isinstance(entry, list) else [entry])]  # several pages
    rows = [one for one in entries if isinstance(one, dict) and isinstance(one.get("user_id"), int | str)]
    if len({one.get("assignment_id") for one in rows}) > 1:
        raise UserError(f"{path} is about several assignments; give the submissions of one.")
    for one in rows:
        yield [], str(one["user_id"]), str(one.get("submitted_at") or "")


def from_table(path: Path) -> Iterator[tuple[list[str], str, str]]:
    """Yield who, Canvas's number and when, from a CSV file."""
    lines, _ = read_table(path, "give a CSV file")
    for line in filter(any, lines[1:]):
        row = by_heading(lines[0], line)
        when = next((row[name] for name in WHEN if row.get(name)), None)
        if when is None and not any(name in row for name in WHEN):
            raise UserError(NO_TABLE.format(path))
        first, last = (next((row[name] for name in names if row.get(name)), "") for names in (FIRST, LAST))
        names = [f"{first} {last}"] if first and last else []
        number = next((row[name] for name in NUMBER if row.get(name)), "")
        yield [*(row[name] for name in (*IDS, *FULL) if row.get(name)), *names], number, when or ""
