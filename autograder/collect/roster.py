"""The list of the class: a CSV file with one row a person, in the columns of whoever wrote it.

Read are Canvas's gradebook export (`Student`, `ID`, `SIS Login ID`), Moodle's list of participants and its grading
worksheet (`Identifier`, `Full name`, `ID number`, `Email address`, `Last modified (submission)`), nbgrader's own
(`id`, `first_name`, `last_name`, `email`, `lms_user_id`), and what looks like them.
https://community.canvaslms.com/t5/Instructor-Guide/How-do-I-export-grades-in-the-Gradebook/ta-p/809
https://github.com/moodle/moodle/blob/main/mod/assign/gradingtable.php
https://nbgrader.readthedocs.io/en/stable/user_guide/managing_the_database.html
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Hashable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dateutil.parser import parse

from autograder.collect.names import bare_key, is_safe_id, key
from autograder.collect.times import sane
from autograder.errors import UserError
from autograder.storage.safe_files import read_plain

MOST_BYTES = 20 << 20
IDS = [  # the first of these columns that has something in every row is the id
    *("student_id", "student id", "id number", "idnumber", "sis login id", "login id", "username", "user name"),
    *("sis user id", "id", "student number", "matriculation number", "email address", "email", "e-mail", "identifier"),
]
FULL = ("full name", "fullname", "name", "student", "student name", "student_name", "display name")
FIRST = ("first name", "first_name", "firstname", "given name")
LAST = ("last name", "last_name", "lastname", "surname", "family name")
EMAILS = ("email address", "email", "e-mail")
NUMBERS = {  # a platform's own number for somebody; Moodle's is another one in every assignment
    "Canvas": ("lms_user_id", "canvas id", "canvas user id", "canvas_user_id"),
    "Moodle": ("identifier",),
}
PLATFORMS = tuple(NUMBERS)
TIME = "last modified (submission)"
NOBODY = re.compile(r"points possible|student, test", re.IGNORECASE)  # rows of Canvas's export that are no person


@dataclass(frozen=True)
class Person:
    """Somebody in the class.

    identity  the id that everything is filed under
    names     the name in both orders
    ids       all else that may stand for the person, in small letters: e-mail, login, other ids
    numbers   pairs of a platform and its number for the person
    handed_in when, as Moodle's grading worksheet has it
    listed    first name, last name and e-mail, as the roster has them; a name in one piece is all last name
    """

    identity: str
    names: tuple[str, ...]
    ids: tuple[str, ...]
    numbers: frozenset[tuple[str, str]]
    handed_in: dt.datetime | None = None
    listed: tuple[str, str, str] = ("", "", "")

    @property
    def known_as(self) -> tuple[str, ...]:
        """Return all that may stand for the person."""
        return tuple(dict.fromkeys((*self.names, *self.ids)))


class Roster:
    """The class, looked up by what a download calls somebody."""

    def __init__(self, people: Iterable[Person], told: str = "") -> None:
        """Make the roster of these people; `told` says where their ids are from."""
        self.told = told
        self.people = list(people)
        self.numbers = indexed((number, one) for one in self.people for number in one.numbers)
        self.ids = indexed((other, one) for one in self.people for other in one.ids)
        self.names = [
            indexed((same(name), one) for one in self.people for name in one.names) for same in (key, bare_key)
        ]

    def who(self, name: str, kind: str = "", number: str = "") -> list[Person]:
        """Return everybody whom a platform's number or a name fits: more than one where it is ambiguous.

        On a platform learners may choose how they are called, so there nobody is taken for somebody else's id.
        """
        by_number = self.numbers.get((kind, number), [])
        by_name = ([] if kind in PLATFORMS else self.ids.get(name.casefold(), [])) or self.by_name(name)
        if by_number and by_name and by_number[0] not in by_name:
            return [*by_number, *by_name]
        return by_number or by_name

    def by_name(self, name: str) -> list[Person]:
        """Return everybody whom a name fits as it is written, else without accents, else without Moodle's group."""
        exact, bare = self.names
        parts = name.split("-")
        tails = ["-".join(parts[at:]) for at in range(1, len(parts))]
        looked_up = [exact.get(key(name)), bare.get(bare_key(name)), *(exact.get(key(tail)) for tail in tails)]
        return next((found for found in looked_up if found), [])


def indexed(pairs: Iterable[tuple[Hashable, Person]]) -> dict[Hashable, list[Person]]:
    """Return people by what they are looked up with, each once."""
    found: dict[Hashable, list[Person]] = {}
    for label, one in pairs:
        people = found.setdefault(label, [])
        if label and one not in people:
            people.append(one)
    return found


def read_roster(path: Path) -> Roster:
    """Return the class in a CSV file; raises UserError where it cannot be told who is in it."""
    rows = read_rows(path)
    column = id_column(path, rows)
    people = [person(row, column) for row in rows]
    seen: dict[str, int] = {}
    for line, one in enumerate(people, 2):
        if not is_safe_id(one.identity):
            raise UserError(f"{path}: the id {one.identity!r} cannot be the name of a folder; change it.")
        if seen.setdefault(one.identity.casefold(), line) != line:
            raise UserError(f"{path}: two rows have the id {one.identity!r}; every person needs one of their own.")
    return Roster(people, f"{path.name}: {len(people)} people; their ids are those of its column {column!r}.")


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of people, by the names of the columns in small letters."""
    lines, _ = read_table(path, "give a CSV file")
    columns = [" ".join(cell.split()).lower() for cell in lines[0]] if lines else []
    rows = [dict(zip(columns, (cell.strip() for cell in line), strict=False)) for line in lines[1:] if any(line)]
    somebody = [row for row in rows if any(row.get(name) for name in (*IDS, *FULL, *FIRST, *LAST))]
    return [row for row in somebody if not NOBODY.match(row.get("student", ""))]


def read_table(path: Path, advice: str) -> tuple[list[list[str]], str]:
    """Return the lines of a CSV file and its delimiter; `advice` is what to give where it cannot be read."""
    try:
        text = decoded_table(read_plain(path, MOST_BYTES))
    except (OSError, ValueError):
        raise UserError(f"The roster {path} cannot be read; {advice}.") from None
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
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


def id_column(path: Path, rows: list[dict[str, str]]) -> str:
    """Return the column that holds the ids."""
    if not rows:
        raise UserError(f"The roster {path} lists nobody; it needs a line of column names and one for each person.")
    found = next((name for name in IDS if all(row.get(name) for row in rows)), None)
    if found is None:
        there = ", ".join(name for name in rows[0] if name)
        raise UserError(f"The roster {path} lacks a column with everybody's id, such as student_id; it has: {there}.")
    return found


def person(row: dict[str, str], column: str) -> Person:
    """Return the person in a row."""
    names = [row[name] for name in FULL if row.get(name)]
    first = next((row[name] for name in FIRST if row.get(name)), "")
    last = next((row[name] for name in LAST if row.get(name)), "")
    names += [f"{first} {last}", f"{last} {first}"] if first and last else []
    for name in list(names):
        if name.count(",") == 1:
            names.append(" ".join(reversed([part.strip() for part in name.split(",")])))
        elif len(words := name.split()) > 1:
            names.append(" ".join([words[-1], *words[:-1]]))
    emails = [row[name] for name in EMAILS if row.get(name)]
    others = [row[name] for name in IDS if row.get(name)] + emails + [email.split("@")[0] for email in emails]
    ids = tuple(dict.fromkeys(other.casefold() for other in others))
    about = platform_numbers(row), time_handed_in(row.get(TIME, "")), listed(row, first, last, emails)
    return Person(row[column], tuple(dict.fromkeys(names)), ids, *about)


def listed(row: dict[str, str], first: str, last: str, emails: list[str]) -> tuple[str, str, str]:
    """Return first name, last name and e-mail; where a name in one piece is parted is not guessed."""
    whole = next((row[name] for name in FULL if row.get(name)), "")
    if not (first or last):
        last, _, first = (part.strip() for part in (whole if whole.count(",") == 1 else f"{whole},").partition(","))
    return first, last, next((email for email in emails if "@" in email), "")


def platform_numbers(row: dict[str, str]) -> frozenset[tuple[str, str]]:
    """Return a person's numbers; `ID` is Canvas's own in its export, which has a column `Student` as well."""
    columns = [(kind, name) for kind, names in NUMBERS.items() for name in names]
    columns += [("Canvas", "id")] if "student" in row else []
    found = [(kind, re.search(r"\d+$", row.get(name, ""))) for kind, name in columns]
    return frozenset((kind, match[0]) for kind, match in found if match)


def time_handed_in(text: str) -> dt.datetime | None:
    """Return the time in Moodle's grading worksheet, which is without a zone and taken for this machine's."""
    with suppress(ValueError, OverflowError, OSError):
        return sane(parse(text).astimezone(dt.UTC)) if re.search(r"\d", text) else None
    return None
