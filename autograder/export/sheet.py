"""A table in a CSV file: read as a learning platform wrote it, written so that no spreadsheet runs anything.

Everything is UTF-8 without a byte order mark: neither Canvas nor Moodle needs one (both pass over it).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from autograder.collect.tables import read_table
from autograder.errors import UserError
from autograder.storage.safe_text import as_given, harmless

NUMBER = re.compile(r"-?(?:\d+(?:[.,]\d+)*%?)?")  # a lone minus stands for "none" on both platforms


@dataclass
class Sheet:
    """The names of the columns and the rows; all rows have as many cells as there are columns."""

    columns: list[str]
    rows: list[list[str]]
    delimiter: str = ","

    def column(self, name: str) -> int | None:
        """Return the place of a column, whatever its capitals."""
        names = [one.strip().casefold() for one in self.columns]
        return names.index(name.casefold()) if name.casefold() in names else None

    def as_csv(self, ids: Collection[str] = ()) -> str:
        """Return the text of the file; in the columns `ids` the platform finds people by what it gave itself."""
        places = {place for place, name in enumerate(self.columns) if name.strip() in ids}
        file = io.StringIO(newline="")
        writer = csv.writer(file, delimiter=self.delimiter)
        for row in [self.columns, *self.rows]:
            writer.writerow((as_given if n in places else safe)(cell, self.delimiter) for n, cell in enumerate(row))
        return file.getvalue()


def read_sheet(path: Path) -> Sheet:
    """Read a CSV file. Raises UserError where it is none."""
    table, delimiter = read_table(path, "give the CSV file that the platform wrote")
    lines = [line for line in table if any(line)]
    if not lines:
        raise UserError(f"The roster {path} is empty.")
    width = len(lines[0])
    return Sheet(lines[0], [(line + [""] * width)[:width] for line in lines[1:]], delimiter)


def safe(cell: str, delimiter: str = ",") -> object:
    """Return a cell that a spreadsheet shows and does not compute; numbers stay numbers."""
    return cell if NUMBER.fullmatch(cell) else harmless(cell, delimiter)


def points_text(value: float) -> str:
    """Return points without the noise of binary fractions: at most four decimals, none that is not needed."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def as_number(text: str) -> float | None:
    """Return the number in a cell of a platform's, which may have a decimal comma."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None
