"""Reads the first sheet of an .xlsx as text, with limits, and tells what else a file from a spreadsheet may be.

An .xlsx is a zip of XML. openpyxl reads it (and takes defusedxml, which nbconvert needs, against XML bombs); what the
zip unpacks to is looked at first. Formulas count with the value that the spreadsheet last saw in them.
https://openpyxl.readthedocs.io/en/stable/optimized.html
"""

from __future__ import annotations

import io
import re
import zipfile
from itertools import islice
from pathlib import Path
from typing import Any

from autograder.collect.members import BROKEN
from autograder.errors import UserError

ZIP, OLE, HTML, PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", (b"<html", b"<!doctype html", b"<table"), b"%PDF"
WORKBOOK, OPEN_DOCUMENT = "xl/workbook.xml", "content.xml"
MOST_UNPACKED = 200 << 20
MOST_ROWS, MOST_COLUMNS = 20_000, 200
ZEROS = re.compile("0+")  # a format that shows a number with as many digits


def other_kind(data: bytes) -> str:
    """Return what a file is that is neither text nor an .xlsx; empty where it may be one of them."""
    if data.startswith(OLE):
        return "an old or an encrypted Excel file"
    if data.startswith(PDF):
        return "a PDF"
    if data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(HTML):
        return "a web page"
    if data.startswith(ZIP) and not is_spreadsheet(data):
        return "an OpenDocument sheet" if OPEN_DOCUMENT in names_in(data) else "a zip, or an .xlsx that is broken"
    return ""


def is_spreadsheet(data: bytes) -> bool:
    """Say whether a file is an .xlsx, whatever it is called."""
    return data.startswith(ZIP) and WORKBOOK in names_in(data)


def names_in(data: bytes) -> list[str]:
    """Return the names in a zip; none where it is broken."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.namelist()
    except BROKEN:
        return []


def read_spreadsheet(path: Path, data: bytes) -> list[list[str]]:
    """Return the lines of the first sheet that holds something."""
    from openpyxl import load_workbook  # takes a third of a second to import

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(info.file_size for info in archive.infolist()) > MOST_UNPACKED:
            raise UserError(f"The roster {path} unpacks to far more than a list of a class; save it as CSV (UTF-8).")
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        return next((lines for sheet in book.worksheets if (lines := lines_of(sheet))), [])
    except Exception:  # a damaged one raises errors of many kinds, and all mean the same
        raise UserError(f"The roster {path} is a broken .xlsx; save it again, or as CSV (UTF-8).") from None


def lines_of(sheet: Any) -> list[list[str]]:
    """Return the lines of a sheet as text, and none that is empty."""
    sheet.reset_dimensions()  # what a file says of its own size is often wrong
    rows = islice(sheet.iter_rows(), MOST_ROWS)
    lines = [[text_of(cell) for cell in row[:MOST_COLUMNS]] for row in rows if row]
    return [line for line in lines if any(line)]


def text_of(cell: Any) -> str:
    """Return what a cell shows: no `.0` behind a whole number, and the zeros that its format puts before it."""
    value, look = cell.value, str(getattr(cell, "number_format", "") or "")
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and ZEROS.fullmatch(look):
        return str(value).zfill(len(look))
    return str(value)
