"""Reads a table that somebody made in a spreadsheet or took from a platform: CSV in its many forms, or .xlsx."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from autograder.collect import spreadsheets
from autograder.errors import UserError
from autograder.storage.safe_files import read_plain

MOST_BYTES = 20 << 20
SEPARATOR = re.compile(r'\s*"?sep=(?P<sign>[^"\r\n])"?[\s,;]*', re.IGNORECASE)  # Excel's own first line
DELIMITERS = ",;\t"


def read_table(path: Path, advice: str) -> tuple[list[list[str]], str]:
    """Return the lines of a CSV file and its delimiter; `advice` is what to give where it cannot be read."""
    data = read_bytes(path, advice)
    if spreadsheets.other_kind(data) or spreadsheets.is_spreadsheet(data):
        raise UserError(f"The roster {path} is a spreadsheet and no CSV file; {advice}.")
    return read_csv(path, data)


def read_lines(path: Path) -> list[list[str]]:
    """Return the lines of a CSV file or of the first sheet of an .xlsx, whatever the name of the file ends with."""
    data = read_bytes(path, "give a CSV file or an .xlsx")
    if kind := spreadsheets.other_kind(data):
        raise UserError(f"The roster {path} is {kind}; save it as .xlsx or as CSV (UTF-8), and give that.")
    if spreadsheets.is_spreadsheet(data):
        return spreadsheets.read_spreadsheet(path, data)
    return read_csv(path, data)[0]


def read_bytes(path: Path, advice: str) -> bytes:
    """Return what is in a file; `advice` is what to give where it cannot be read."""
    try:
        return read_plain(path, MOST_BYTES)
    except (OSError, ValueError):
        raise UserError(f"The roster {path} cannot be read; {advice}.") from None


def read_csv(path: Path, data: bytes) -> tuple[list[list[str]], str]:
    """Return the lines of CSV and the delimiter: the one that its first line names, else the most frequent there."""
    text = decoded_table(data)
    head, _, rest = text.partition("\n")
    named = SEPARATOR.fullmatch(head.rstrip("\r"))
    if named:
        text = rest
    delimiter = named["sign"] if named else max(DELIMITERS, key=head.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)), delimiter
    except csv.Error as error:
        raise UserError(f"The roster {path} is no CSV file ({error}).") from None


def decoded_table(data: bytes) -> str:
    """Return a file as text: UTF-8, UTF-16 as Excel writes it, else the code page of western Windows."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
