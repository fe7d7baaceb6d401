"""What is told of a collection: a row for each notebook and each file that was not taken."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.collect.account import Account
from autograder.collect.times import as_nbgrader
from autograder.storage.safe_text import one_line, shown

NEW, REPLACED, UNCHANGED, TIMED = "new", "replaced", "unchanged", "time noted"
OLDER, LEFT_OUT = "older", "left out"
UNCLEAR, QUARANTINED, NO_NOTEBOOK, BROKEN = "unclear", "quarantined", "no notebook", "broken"
FILED = (NEW, REPLACED, TIMED, UNCHANGED)
TO_LOOK_AT = (UNCLEAR, QUARANTINED, NO_NOTEBOOK, BROKEN)
COLOURS = {NEW: "green", REPLACED: "cyan", TIMED: "cyan", **dict.fromkeys(TO_LOOK_AT, "bold red")}
ORDER = (NEW, REPLACED, TIMED, UNCHANGED, OLDER, LEFT_OUT, UNCLEAR, NO_NOTEBOOK, QUARANTINED, BROKEN)
MOST_ROWS = 400  # in the terminal; the CSV file has all
MOST_CELL = 300
OFTEN, LONG = 3, 40  # a remark of so many letters in so many rows is said once, below the table


@dataclass(frozen=True)
class Row:
    """What happened to one file.

    result     one of ORDER
    download   the zip, tar or folder that it is from, and `file` its path in there
    handed_in  when, with its zone, if that is known
    late       whether the platform calls it late
    """

    result: str
    download: str
    file: str = ""
    student: str = ""
    slug: str = ""
    handed_in: dt.datetime | None = None
    late: bool = False
    remark: str = ""


@dataclass
class Story:
    """All rows as they come, and sentences about whole downloads."""

    rows: list[Row] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)

    def in_order(self) -> tuple[Row, ...]:
        """Return the rows: first what went well, at the end what needs a look."""
        return tuple(sorted(self.rows, key=lambda row: (ORDER.index(row.result), row.slug, row.student, row.file)))


@dataclass(frozen=True)
class Collected:
    """What became of the downloads.

    rows       what happened to each file: first what went well, at the end what needs a look
    sentences  about whole downloads
    out        the folder of the submissions
    dry        whether nothing was written
    accounts   for each assignment the sum in which everybody of the class counts once
    """

    rows: tuple[Row, ...]
    sentences: tuple[str, ...]
    out: Path
    dry: bool
    accounts: tuple[Account, ...] = ()

    @property
    def counts(self) -> Counter[str]:
        """Return how often each thing happened."""
        return Counter(row.result for row in self.rows)

    @property
    def complete(self) -> bool:
        """Say whether all went through, and nothing needs a look."""
        return not any(self.counts[result] for result in TO_LOOK_AT)

    @property
    def exit_code(self) -> int:
        """Return 0 where all went through, 1 where something needs a look, 2 where nothing could be read."""
        nothing = set(self.counts) == {BROKEN}
        return 2 if nothing else 0 if self.complete else 1


def clean(text: str) -> str:
    """Return a cell in which nothing but text is left."""
    return one_line(text)[:MOST_CELL]


def when(row: Row) -> str:
    """Return when something was handed in, if that is known."""
    return as_nbgrader(row.handed_in) if row.handed_in else ""


def show(console: Console, found: Collected) -> None:
    """Print what happened: a table for each assignment, then what needs a look, then sentences and counts."""
    told = [row for row in found.rows if row.result != UNCHANGED][-MOST_ROWS:]
    for slug in sorted({row.slug for row in told if row.result not in TO_LOOK_AT}):
        console.print(table_of(slug, [row for row in told if row.slug == slug and row.result not in TO_LOOK_AT]))
    show_what_is_odd(console, found)
    if len(told) == MOST_ROWS:
        console.print("There are more rows; all are in collected.csv.")
    for sentence in found.sentences:
        console.print(shown(sentence), highlight=False, soft_wrap=True)
    for account in found.accounts:
        console.print(shown(account.sentence), highlight=False, style="bold", soft_wrap=True)
    parts = [f"{found.counts[result]} {result}" for result in ORDER if found.counts[result]]
    console.print(", ".join(parts) or "Nothing was found.", highlight=False, style="bold", soft_wrap=True)
    if found.dry:
        console.print("This was a dry run: nothing was written.")


def show_what_is_odd(console: Console, found: Collected) -> None:
    """Print what needs a look."""
    if look := [row for row in found.rows if row.result in TO_LOOK_AT][-MOST_ROWS:]:
        console.print(table_of("To look at", look))


def table_of(title: str, rows: list[Row]) -> Table:
    """Return the table of what happened to the notebooks of one assignment, or of what needs a look."""
    table = Table(title=shown(title), title_justify="left")
    table.add_column("student", overflow="fold")
    table.add_column("handed in", no_wrap=True)
    table.add_column("from", overflow="fold")
    table.add_column("what happened", overflow="fold")
    notes = said_once(rows)
    table.caption, table.caption_justify = "\n".join(f"note {n}: {shown(text)}" for text, n in notes.items()), "left"
    for row in rows:
        remark = clean(row.remark)
        remark = f"note {notes[remark]}" if remark in notes else shown(remark)
        time = f"{row.handed_in.astimezone():%Y-%m-%d %H:%M}" if row.handed_in else ""
        colour = COLOURS.get(row.result, "default")
        result = f"[{colour}]{row.result}[/]" + (f": {remark}" if remark else "")
        late = " late" if row.late else ""
        table.add_row(shown(clean(row.student)), f"{time}{late}".strip(), shown(clean(source(row))), result)
    return table


def said_once(rows: list[Row]) -> dict[str, int]:
    """Return the remarks that would fill many rows, such as the names of a group in the row of each, with numbers."""
    often = Counter(clean(row.remark) for row in rows)
    return {text: n for n, text in enumerate((text for text in often if worth_a_note(text, often[text])), 1)}


def worth_a_note(text: str, count: int) -> bool:
    """Say whether a remark is better said once below the table."""
    return count >= OFTEN and len(text) >= LONG


def source(row: Row) -> str:
    """Return where a file came from; its whole name matters only where something is odd."""
    plain = row.result in (NEW, REPLACED, TIMED) and not row.remark
    return row.download if plain or not row.file else f"{row.download}: {row.file}"
