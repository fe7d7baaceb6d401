"""The log of all collections, `collected.csv` beside the submissions: every run adds its rows, and none is taken away.

So whatever was unclear once can be looked up, even if the next run was one with the wrong roster. A table in its place
that is not ours, or that another program has saved anew, is kept under another name.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable
from itertools import count
from pathlib import Path

from autograder.collect.rows import Row, clean, when
from autograder.collect.times import as_nbgrader
from autograder.storage.safe_files import read_plain, write_new
from autograder.storage.safe_text import table_text

NAME = "collected.csv"
COLUMNS = (
    *("run", "collected", "student_id", "assignment", "handed_in", "late"),
    *("result", "download", "file", "remark"),
)
MOST_BYTES = 100 << 20


def log_rows(folder: Path, rows: Iterable[Row]) -> Path:
    """Add the rows of a run to the log of a folder, and return the log."""
    path = folder / NAME
    before = earlier_text(path)
    head = table_text(COLUMNS, [])
    if before is None or not before.startswith(head):
        keep_aside(path)
        before = head
    run, now = last_run(before) + 1, as_nbgrader(dt.datetime.now(dt.UTC))
    lines = [dict(zip(COLUMNS, (run, now, *cells(row)), strict=True)) for row in rows]
    return write_new(path, before + table_text(COLUMNS, lines).removeprefix(head))


def cells(row: Row) -> list[str]:
    """Return what a row says, as text that no spreadsheet takes for formulas."""
    late = "late" if row.late else ""
    told = (row.student, row.slug, when(row), late, row.result, row.download, row.file, row.remark)
    return [clean(cell) for cell in told]


def earlier_text(path: Path) -> str | None:
    """Return what stands in the log; None where there is none that can be gone on with."""
    try:
        return read_plain(path, MOST_BYTES).decode("utf-8")
    except (OSError, ValueError):
        return None


def last_run(text: str) -> int:
    """Return the number of the last run in a log."""
    numbers = [line[0] for line in csv.reader(io.StringIO(text, newline="")) if line and line[0].isdecimal()]
    return max(map(int, numbers), default=0)


def keep_aside(path: Path) -> None:
    """Give whatever lies in the place of the log another name."""
    if path.exists() or path.is_symlink():
        names = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(1))
        path.rename(next(name for name in names if not name.exists()))
