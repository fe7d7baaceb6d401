"""Which column of a roster holds the ids: chosen once for a class, and the same from then on.

Everything of a person is filed under the id: submissions, marks, feedback. So whichever column the first roster gave
the ids of is kept beside the submissions (known_class.py), and a roster that would give others is refused.
"""

from __future__ import annotations

from pathlib import Path

from autograder.collect.headings import english
from autograder.collect.known_class import KnownClass
from autograder.errors import UserError

IDS = [  # the first of these columns that has something in nearly every row is the id
    *("student_id", "student id", "id number", "idnumber", "sis login id", "login id", "username", "user name"),
    *("sis user id", "id", "student number", "matriculation number", "email address", "email", "e-mail", "identifier"),
    "github_username",
]
NEARLY_ALL, HALF = 0.9, 0.5  # of the rows
Rows = list[dict[str, str]]


def choose_column(path: Path, titles: dict[str, str], rows: Rows, asked: str, known: KnownClass) -> str:
    """Return the column that holds the ids.

    titles  the columns, by their English names as they stand in the file
    asked   the column that whoever gives the roster names; empty for none
    known   the class so far, with the column that its ids are from
    """
    there = ", ".join(titles.values())
    if not rows:
        raise UserError(f"The roster {path} lists nobody; it needs a line of column names and one for each person.")
    if asked:
        if english(asked) not in titles:
            raise UserError(f"The roster {path} has no column {asked!r}; name another with --id-column: {there}.")
        return english(asked)
    if english(known.column) in titles:
        return english(known.column)
    usable = usable_columns(titles, rows)
    if known.column:
        same = next((name for name in usable if known_share(name, rows, known) >= HALF), None)
        if same is None:
            raise UserError(
                f"The ids of this class are from a column {known.column!r}, and the roster {path} has none (but: "
                f"{there}); give one that has it, or say with --id-column which column holds the same ids."
            )
        return same
    if not usable:
        raise UserError(
            f"The roster {path} lacks a column with everybody's id, such as student_id; it has: {there}. "
            "Say with --id-column which one it is."
        )
    return usable[0]


def usable_columns(titles: dict[str, str], rows: Rows) -> list[str]:
    """Return the columns that may hold ids: those with another one in nearly every row, else in half of them."""
    shares = {name: share(name, rows) for name in IDS if name in titles}
    nearly = [name for name, found in shares.items() if found >= NEARLY_ALL or found * len(rows) >= len(rows) - 1 > 0]
    return nearly or [name for name, found in shares.items() if found >= HALF]


def share(name: str, rows: Rows) -> float:
    """Return the share of the rows that have something of their own in a column."""
    return len({row[name].casefold() for row in rows if row.get(name)}) / len(rows)


def known_share(name: str, rows: Rows, known: KnownClass) -> float:
    """Return the share of the ids in a column under which somebody is filed already."""
    ids = {row[name].casefold() for row in rows if row.get(name)}
    return len(ids & {one.casefold() for one in known.people}) / len(ids)
