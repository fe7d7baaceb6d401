"""Text that others wrote, shown as text: in a terminal, in a spreadsheet, on a page, as a name.

All text of others that leaves by one of these ways goes through here. What acts or hides (an escape code, a mark that
turns the direction of reading, a letter of no width) is written out, as `\\x1b` or `\\u200b`: two names that differ by
it alone stay two, and are seen to be.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
from functools import lru_cache
from pathlib import Path

from rich.markup import escape

from autograder.storage.safe_files import write_new

CONTROLS = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\ufffe\uffff\ud800-\udfff"
)
NO_WIDTH = (  # what Unicode calls format characters and ignorable by default, and blanks that are no spaces
    r"\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
    r"\U000110bd\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
ACTING = re.compile(f"[{CONTROLS}]")
HIDDEN = re.compile(f"[{CONTROLS}{NO_WIDTH}]")
# A formula begins a cell, or what another program takes for a cell since it separates cells by another sign. The last
# four signs are wide forms, as in Japan. Inside of a text, a number that a bracket closes is one: no formula goes on
# with a bracket that nothing has opened, and diagnoses are full of them. Without it, the next cell could go on with it.
LEAD, SIGNS = r"(?:[^\S\t\r\n]|\")*", r"=@\uff1d\uff0b\uff0d\uff20"
NUMBER = r"[+\-](?:\d+\.?\d*|\.\d+|inf|nan)(?:[eE][+\-]?\d+)?j?\s*[])}]"
SEPARATORS = ",;|\t\r\n"
SIGNED_ID = re.compile(r"[+\-@][\w.+\-@]*")
MOST_LETTERS, MOST_BYTES, KEPT_BYTES = 128, 255, 100  # of an id: nbgrader's column, a file's name, what stays of more


def plain(text: str) -> str:
    """Return text in which nothing acts or hides; its lines and tabs stay."""
    return HIDDEN.sub(written_out, text)


def one_line(text: str) -> str:
    """Return text in one line in which nothing acts or hides."""
    return plain(" ".join(re.split(r"[\t\n\r]+", text)))


def written_out(found: re.Match[str]) -> str:
    """Return a sign as Python writes it."""
    return found[0].encode("unicode_escape").decode("ascii")


# ---------------------------------------------------------------- in a terminal
def shown(text: str) -> str:
    """Return text that a terminal shows as it is, in one line; rich's own marks in it are letters."""
    return escape(one_line(text))


# ---------------------------------------------------------------- in a spreadsheet
def write_table(path: Path, columns: tuple[str, ...], rows: list[dict]) -> None:
    """Write a CSV file whose cells no spreadsheet takes for formulas."""
    write_new(path, table_text(columns, rows))


def table_text(columns: tuple[str, ...], rows: list[dict]) -> str:
    """Return the text of a CSV file whose cells no spreadsheet takes for formulas."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, columns)
    writer.writeheader()
    writer.writerows({name: harmless(value) for name, value in row.items()} for row in rows)
    return file.getvalue()


def harmless(value: object, delimiter: str = ",") -> object:
    """Return a cell that a spreadsheet shows as text, whichever sign it separates cells by; numbers stay numbers."""
    return formulas(delimiter).sub("'", plain(value)) if isinstance(value, str) else value


@lru_cache
def formulas(delimiter: str) -> re.Pattern[str]:
    """Return the places before formulas in a cell of a file with this delimiter, which the file's own quotes hide."""
    others = re.escape(SEPARATORS.replace(delimiter, ""))
    return re.compile(rf"^(?=[\t\r\n]|{LEAD}[{SIGNS}+\-])|(?<=[{others}])(?={LEAD}(?:[{SIGNS}]|(?!{NUMBER})[+\-]))")


def as_given(value: object, delimiter: str = ",") -> object:
    """Return an id as the platform gave it, since it is to find the person by it, unless it could do harm.

    Where a sign begins it and no more than letters, digits and `. _ - + @` follow, there is nothing to call: at worst
    a spreadsheet shows an error. Letters of no width stay: to take them away would be to name nobody. Anything else
    that acts is made harmless all the same, and that person's row is then for a person to import: whoever opens the
    file has not asked for the formula.
    """
    if not isinstance(value, str) or ACTING.search(value):
        return harmless(value, delimiter)
    calls_nothing = SIGNED_ID.fullmatch(value) or not formulas(delimiter).search(value)
    return value if calls_nothing else harmless(value, delimiter)


# ---------------------------------------------------------------- as a name
def readable(name: str) -> str:
    """Return the id that somebody with a folder of this name has: visible text that every file and gradebook can hold.

    Bytes that are no UTF-8 and signs that nobody sees are written out; what is then too long is cut, with a digest.
    """
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    text = re.sub(r"[\t\n]", written_out, plain(text))
    if len(text) <= MOST_LETTERS and len(text.encode()) <= MOST_BYTES:
        return text
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return f"{text.encode()[:KEPT_BYTES].decode('utf-8', 'ignore')}-{digest}"


def same_place(path: str) -> str:
    """Return what two names have in common that some file systems take for one: case and ways of writing accents."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
