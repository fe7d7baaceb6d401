"""Text that others wrote, shown as text: in a terminal, in a spreadsheet, as a name."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from rich.markup import escape

from autograder.storage.safe_files import write_new

FORMULA = re.compile(r"^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")  # the last four are wide forms, as in Japan
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def write_table(path: Path, columns: tuple[str, ...], rows: list[dict]) -> None:
    """Write a CSV file whose cells no spreadsheet takes for formulas."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, columns)
    writer.writeheader()
    writer.writerows({name: harmless(value) for name, value in row.items()} for row in rows)
    write_new(path, file.getvalue())


def harmless(value: object) -> object:
    """Return text that a spreadsheet shows as text."""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and FORMULA.match(text) else value


def shown(text: str) -> str:
    """Return text that a terminal shows as it is."""
    return escape(UNPRINTABLE.sub("", text))


def readable(name: str) -> str:
    """Return a name as text that every file and gradebook can hold: bytes that are no UTF-8 are written out."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
