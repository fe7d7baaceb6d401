"""Which row of a platform's table belongs to which student of the gradebook; nobody is guessed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from autograder.collect.headings import by_heading
from autograder.collect.names import key
from autograder.collect.roster import IDS, person
from autograder.export.sheet import Sheet


@dataclass
class Matches:
    """Rows and students that belong together, and those that do not.

    by_name    students whose name fitted and no id
    by_email   students whose id fitted nothing, and whose e-mail address did
    ambiguous  students whom several rows fit, or whose row fits others as well
    missing    students whom no row fits
    """

    rows: dict[int, str] = field(default_factory=dict)
    by_name: list[str] = field(default_factory=list)
    by_email: list[str] = field(default_factory=list)
    ambiguous: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def match(students: Iterable[str], sheet: Sheet, people: list[int], emails: Mapping[str, str] | None = None) -> Matches:
    """Match students with those rows of a table that are people: by an id, else by what only they are called.

    emails  the address of each student; it is looked for where the id is in no row, for a class may be filed under ids,
            such as student numbers, that the platform does not write
    """
    cells = {row: cells_of(sheet, row) for row in people}
    ids = looked_up(cells, lambda one: [one.get(name, "") for name in IDS], str.casefold)
    names = looked_up(cells, known_as, key)
    addresses = looked_up(cells, lambda one: [word for word in known_as(one) if "@" in word], str.casefold)
    found, matches = defaultdict(list), Matches()
    for student in sorted(students):
        rows = ids.get(student.casefold()) or names.get(key(student), set())
        if not rows and (email := (emails or {}).get(student, "").strip().casefold()):
            rows = addresses.get(email, set())
            matches.by_email += [student] if len(rows) == 1 else []
        if len(rows) == 1:
            found[next(iter(rows))].append(student)
        else:
            (matches.ambiguous if rows else matches.missing).append(student)
        if len(rows) == 1 and student.casefold() not in ids and student not in matches.by_email:
            matches.by_name.append(student)
    for row, same in found.items():
        if len(same) == 1:
            matches.rows[row] = same[0]
        else:
            matches.ambiguous += same
    matches.by_name = [one for one in matches.by_name if one in matches.rows.values()]
    matches.by_email = [one for one in matches.by_email if one in matches.rows.values()]
    return matches


def cells_of(sheet: Sheet, row: int) -> dict[str, str]:
    """Return the cells of a row by the English names of the columns."""
    return by_heading(sheet.columns, sheet.rows[row])


def known_as(cells: dict[str, str]) -> list[str]:
    """Return all that may stand for a person: names, e-mail, ids, and a name with Moodle's number behind it."""
    column = next((name for name in IDS if cells.get(name)), "")
    if not column:
        return []
    one = person(cells, column)
    logins = [name.split("@")[0] for name in one.known_as if "@" in name]
    return [*one.known_as, *logins, *(f"{name} {number}" for name in one.known_as for _, number in one.numbers)]


def looked_up(
    cells: dict[int, dict[str, str]],
    words: Callable[[dict[str, str]], list[str]],
    same: Callable[[str], str],
) -> dict[str, set[int]]:
    """Return the rows by each word that stands for them, compared by what `same` leaves of it."""
    found = defaultdict(set)
    for row, one in cells.items():
        for word in filter(None, map(same, words(one))):
            found[word].add(row)
    return found
