"""The list of the class: a CSV file or an .xlsx with one row a person, in the columns of whoever wrote it.

Read are Canvas's gradebook export (`Student`, `ID`, `SIS Login ID`), Moodle's list of participants and its grading
worksheet (`Identifier`, `Full name`, `ID number`, `Email address`, `Last modified (submission)`), nbgrader's own
(`id`, `first_name`, `last_name`, `email`, `lms_user_id`), and what looks like them, in the languages of headings.py.
https://community.canvaslms.com/t5/Instructor-Guide/How-do-I-export-grades-in-the-Gradebook/ta-p/809
https://github.com/moodle/moodle/blob/main/mod/assign/gradingtable.php
https://nbgrader.readthedocs.io/en/stable/user_guide/managing_the_database.html
"""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from dateutil.parser import parse

from autograder.collect.headings import by_heading, english, plain_heading
from autograder.collect.id_column import IDS, choose_column
from autograder.collect.id_problems import with_problems
from autograder.collect.known_class import NOBODY_YET, KnownClass
from autograder.collect.person import Person, Roster
from autograder.collect.tables import read_lines
from autograder.errors import UserError

FULL = ("full name", "fullname", "name", "student", "student name", "student_name", "display name")
FIRST = ("first name", "first_name", "firstname", "given name")
LAST = ("last name", "last_name", "lastname", "surname", "family name")
EMAILS = ("email address", "email", "e-mail")
NUMBERS = {  # a platform's own number for somebody; Moodle's is another one in every assignment
    "Canvas": ("lms_user_id", "canvas id", "canvas user id", "canvas_user_id"),
    "Moodle": ("identifier",),
}
GROUPS = ("group", "groups", "group_name", "team")
TIME = "last modified (submission)"
LINE = "line of the file"  # no heading is called so: it is the key of the number of a row's line
NOBODY = re.compile(r"points possible|student, test", re.IGNORECASE)  # rows of Canvas's export that are no person
PARTICIPANT = re.compile(  # how Moodle numbers people in an assignment
    r"(?:participante?|partecipante|teilnehmer(?:/?-?:?in)?|deelnemer|참[가여]자|参加者|参与者)\s*\d+",
    re.IGNORECASE,
)
DOTTED = re.compile(r"\b\d{1,2}\.\d{1,2}\.\d{4}")  # day first, wherever dates are written so
SLASHED = re.compile(r"\b(\d{1,2})/(\d{1,2})/\d{4}")  # day first in Europe, month first in the United States


def read_roster(path: Path, asked: str = "", known: KnownClass = NOBODY_YET) -> Roster:
    """Return the class in a file; raises UserError where it cannot be told who is in it.

    asked  the column with the ids, as whoever gives the file says
    known  who has been filed under which id before
    """
    titles, rows = read_rows(path, asked)
    column = choose_column(path, titles, rows, asked, known)
    called = titles[column]
    people = [replace(person(row, column), line=int(row[LINE])) for row in rows]
    people = with_problems(path, called, people, known)
    there = sum(not one.problem for one in people)
    told = f"{path.name}: {there} {'person' if there == 1 else 'people'}; their ids are those of its column {called!r}."
    unread = sum(1 for row in rows if not_read(row.get(TIME, "")))
    if unread:
        told += f" {unread} of its times could not be read; set Moodle to English and download it again."
    return Roster(people, told, path.name, called)


def read_rows(path: Path, asked: str = "") -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return the columns, by their English names as they stand in the file, and the rows of people by the same."""
    lines = [(number, line) for number, line in enumerate(read_lines(path), 1) if any(map(str.strip, line))]
    if len(lines) < 2:
        raise UserError(f"The roster {path} lists nobody; it needs a line of column names and one for each person.")
    heads = [(english(cell), plain_heading(cell)) for cell in lines[0][1]]
    titles: dict[str, str] = {}
    for name, title in heads:
        if name:
            titles.setdefault(name, title)
    telling = {*IDS, *FULL, *FIRST, *LAST, *([english(asked)] if asked else [])}
    if not telling & set(titles):
        there = ", ".join(titles.values()) or "nothing"
        raise UserError(
            f"No column of the roster {path} has a name that is known here (its first line holds: {there}); "
            "call them student_id, name and email, or say with --id-column which one holds the ids."
        )
    rows = [row_of([name for name, _ in heads], number, line) for number, line in lines[1:]]
    somebody = [row for row in rows if any(row.get(name) for name in telling)]
    return without_participants(titles, [row for row in somebody if not NOBODY.match(row.get("student", ""))])


def row_of(columns: list[str], number: int, line: list[str]) -> dict[str, str]:
    """Return the cells of a row by the English names of their columns; where two have one, the first that is filled."""
    return {LINE: str(number)} | by_heading(columns, line)


def without_participants(titles: dict[str, str], rows: list[dict]) -> tuple[dict[str, str], list[dict]]:
    """Give Moodle's numbers in an assignment the name that they have in English; some languages call them `ID`."""
    numbers = [row.get("id", "") for row in rows]
    if "identifier" in titles or not any(numbers) or not all(PARTICIPANT.fullmatch(one) for one in numbers if one):
        return titles, rows
    renamed = {"identifier" if name == "id" else name: title for name, title in titles.items()}
    return renamed, [{"identifier" if name == "id" else name: cell for name, cell in row.items()} for row in rows]


def person(row: dict[str, str], column: str) -> Person:
    """Return the person in a row."""
    names = names_in(row)
    emails = [row[name] for name in EMAILS if row.get(name)]
    others = [row[name] for name in {**dict.fromkeys(IDS), column: None} if row.get(name)]
    others += emails + [email.split("@")[0] for email in emails]
    ids = tuple(dict.fromkeys(other.casefold() for other in others))
    groups = tuple(one.strip() for name in GROUPS for one in re.split("[,;]", row.get(name, "")) if one.strip())
    about = platform_numbers(row), time_handed_in(row.get(TIME, "")), groups, listed(row, emails)
    return Person(row.get(column, ""), tuple(dict.fromkeys(names)), ids, *about)


def names_in(row: dict[str, str]) -> list[str]:
    """Return a person's name, in both orders."""
    first, last = first_and_last(row)
    halves = {first, last} if first and last else set()
    names = [row[name] for name in FULL if row.get(name) and row[name] not in halves]
    names += [f"{first} {last}", f"{last} {first}"] if halves else []
    for name in list(names):
        if name.count(",") == 1:
            names.append(" ".join(reversed([part.strip() for part in name.split(",")])))
        elif len(words := name.split()) > 1:
            names.append(" ".join([words[-1], *words[:-1]]))
    return names


def listed(row: dict[str, str], emails: list[str]) -> tuple[str, str, str]:
    """Return first name, last name and e-mail; where a name in one piece is parted is not guessed."""
    whole = next((row[name] for name in FULL if row.get(name)), "")
    first, last = first_and_last(row)
    if not (first or last):
        last, _, first = (part.strip() for part in (whole if whole.count(",") == 1 else f"{whole},").partition(","))
    return first, last, next((email for email in emails if "@" in email), "")


def first_and_last(row: dict[str, str]) -> tuple[str, str]:
    """Return first and last name, as far as they have columns; `name` beside a column for one is the other."""
    whole, first, last = (next((row[name] for name in names if row.get(name)), "") for names in (FULL, FIRST, LAST))
    part = first or last
    if whole and part and not (first and last) and part.casefold() not in whole.casefold():
        return (first, whole) if first else (whole, last)
    return first, last


def platform_numbers(row: dict[str, str]) -> frozenset[tuple[str, str]]:
    """Return a person's numbers; `ID` is Canvas's own in its export, which has a column `Student` as well."""
    columns = [(kind, name) for kind, names in NUMBERS.items() for name in names]
    columns += [("Canvas", "id")] if "student" in row else []
    found = [(kind, re.search(r"\d+$", row.get(name, ""))) for kind, name in columns]
    return frozenset((kind, match[0]) for kind, match in found if match)


def time_handed_in(text: str) -> dt.datetime | None:
    """Return the time in Moodle's grading worksheet, which is without a zone."""
    dotted, slashed = DOTTED.search(text), SLASHED.search(text)
    if not re.search(r"\d", text) or (slashed and max(int(slashed[1]), int(slashed[2])) <= 12):
        return None
    with suppress(ValueError, OverflowError, OSError):
        return parse(text, dayfirst=bool(dotted))
    return None


def not_read(text: str) -> bool:
    """Say whether a time stands there and is not understood."""
    return bool(re.search(r"\d", text)) and time_handed_in(text) is None
