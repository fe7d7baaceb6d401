"""Reads a submitted file, however damaged, into plain cells. Nothing but text is taken from it."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.grade.intake.pictures import attached, pasted_into
from autograder.storage.safe_files import MOST_BYTES, TOO_LARGE

MOST_CELLS = 1000
MOST_TEXT = 200_000  # characters of one cell
MOST_PARTS = 1_000_000  # lists and objects in the file: each takes twenty times the memory of its two brackets
MOST_DIGITS = 1000  # Python takes long over a number of more digits; no notebook needs one
MARKS = [  # the longer mark first: that of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
EMPTY = "The submitted file is empty. Was it saved before it was handed in?"
NO_CELLS = "The submitted notebook has no cells."
SURROGATES = re.compile("[\ud800-\udfff]")
MERGE_MARK = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)
NO_NOTEBOOKS = {  # how a text begins that is something else than a notebook, and what is said of it
    ("<!doctype", "<html"): "The submitted file is a web page, not a notebook (.ipynb).",
    ("version https://git-lfs",): "The submitted file is a pointer of Git LFS: it says where the notebook is kept, and "
    "does not hold it. Fetch the notebook with `git lfs pull`, and hand in that file.",
    ("PK\x03\x04",): "The submitted file is a zip archive or an Office document, not a notebook (.ipynb).",
    ("%pdf-",): "The submitted file is a PDF, not a notebook (.ipynb).",
}
BROKEN = "The submitted file is broken or cut off: it is not a complete notebook."
UNMERGED = (
    "The submitted file holds two versions that git could not merge: there are lines that begin with <<<<<<< or "
    ">>>>>>>. Keep one version of each such part, save the notebook and hand it in again."
)


class Unreadable(Exception):
    """The file is no notebook; the text says so in a sentence for the learner."""


@dataclass(frozen=True)
class SubmittedCell:
    """A cell as it was submitted: "code" or "markdown", its text, and nbgrader's id if one was left.

    pictures  by the names that stand behind `attachment:` in the text, as they came: in base64, and not looked at
    """

    kind: str
    text: str
    grade_id: str = ""
    pictures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Submission:
    """The cells of a submitted notebook, and notes on what was odd about the file."""

    cells: tuple[SubmittedCell, ...] = ()
    notes: tuple[str, ...] = ()
    unreadable: str = field(default="")


def read_submission(data: bytes) -> Submission:
    """Return the submission in the bytes of a file; one that cannot be read has no cells and says why."""
    try:
        text, notes = decode(data)
        raw = raw_cells(parse(text))
    except Unreadable as error:
        return Submission(unreadable=str(error))
    if len(raw) > MOST_CELLS:
        notes.append(f"Only the first {MOST_CELLS} of {len(raw)} cells were read.")
    cells = [cell for one in raw[:MOST_CELLS] for cell in [submitted_cell(one)] if cell]
    if not cells:
        return Submission(unreadable=NO_CELLS)
    return Submission(tuple(cells), tuple(notes))


def decode(data: bytes) -> tuple[str, list[str]]:
    """Return the file as text."""
    if not data.strip(b"\x00 \t\r\n"):
        raise Unreadable(EMPTY)
    if len(data) > MOST_BYTES:
        raise Unreadable(TOO_LARGE.format(-(-len(data) >> 20), MOST_BYTES >> 20))
    encoding = next((name for mark, name in MARKS if data.startswith(mark)), None)
    if encoding is None and b"\x00" in data[:4]:
        encoding = "utf-16-le" if data[1:2] == b"\x00" else "utf-16-be"
    try:
        text = data.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace"), ["Some characters of the file could not be read."]
    name = (encoding or "utf-8")[:6].upper()
    odd = name.startswith(("UTF-16", "UTF-32"))
    return text.lstrip("\ufeff"), [f"The file was saved as {name}; it was read all the same."] if odd else []


def parse(text: str) -> dict[str, Any]:
    """Return the notebook as data."""
    if text.count("[") + text.count("{") > MOST_PARTS:
        raise Unreadable(
            "The submitted file has far more parts than a notebook. Clear the outputs, save and hand it in again."
        )
    try:
        notebook = json.loads(text, parse_int=whole_number)
    except RecursionError:
        raise Unreadable("The submitted file is nested too deeply to be a notebook.") from None
    except ValueError:
        raise Unreadable(why_no_notebook(text)) from None
    if not isinstance(notebook, dict) or not ("cells" in notebook or "worksheets" in notebook):
        raise Unreadable("The submitted file is not a notebook: it holds no cells.")
    return notebook


def why_no_notebook(text: str) -> str:
    """Return what is to be said of a text that is no JSON."""
    start = text.lstrip()[:40].lower()
    for beginnings, sentence in NO_NOTEBOOKS.items():
        if start.startswith(tuple(one.lower() for one in beginnings)):
            return sentence
    return UNMERGED if MERGE_MARK.search(text) else BROKEN


def whole_number(digits: str) -> int:
    """Return a whole number of a file; one that is absurdly long says nothing and becomes 0."""
    return int(digits) if len(digits) <= MOST_DIGITS else 0


def raw_cells(notebook: dict[str, Any]) -> list[Any]:
    """Return the cells of a notebook of any version; before version 4 they lie in worksheets."""
    sheets = notebook.get("worksheets")
    parts = [notebook] + (sheets if isinstance(sheets, list) else [])
    lists = [part.get("cells") for part in parts if isinstance(part, dict)]
    return [cell for cells in lists if isinstance(cells, list) for cell in cells]


def submitted_cell(raw: Any) -> SubmittedCell | None:
    """Return one cell, or None where it is none."""
    if not isinstance(raw, dict):
        return None
    source = raw.get("source", raw.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return None
    kind = "code" if raw.get("cell_type") == "code" else "markdown"
    if kind == "markdown" and raw.get("cell_type") == "heading":
        source = f"# {source}"
    pictures = attached(raw.get("attachments")) if kind == "markdown" else {}
    if kind == "markdown":
        source, pasted = pasted_into(source)
        pictures |= pasted
    text = SURROGATES.sub("\ufffd", source[:MOST_TEXT])
    return SubmittedCell(kind, text, grade_id(raw.get("metadata")), pictures)


def grade_id(metadata: Any) -> str:
    """Return nbgrader's id in a cell's metadata, empty where there is none."""
    inner = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    found = inner.get("grade_id") if isinstance(inner, dict) else None
    return found if isinstance(found, str) else ""
