"""Canvas's gradebook as CSV: scores are filled into the file that Canvas exported, which carries its ids.

`Student,ID,SIS User ID,SIS Login ID,Section,ASSIGNMENT (ID)`, then perhaps a row that says what is posted by hand,
then a row `    Points Possible`, then a row for each person. Only the columns about people and the one of the
assignment are written: other columns would take back what has changed in Canvas since. A blank cell wipes out a
score there, so what Canvas has stays where we have none.
https://community.canvaslms.com/t5/Instructor-Guide/How-do-I-import-grades-in-the-Gradebook/ta-p/807
https://github.com/instructure/canvas-lms/blob/master/lib/gradebook_importer.rb
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from autograder.collect.names import key
from autograder.errors import UserError
from autograder.export.fill import Export, Wishes, fill, points
from autograder.export.results import Result
from autograder.export.sheet import Sheet

PEOPLE = ("Student", "LastName", "FirstName", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account")
ABOUT = (*PEOPLE, "Section")
FOUND_BY = PEOPLE[3:]  # Canvas finds people by these, and never by their names
POINTS = "points possible"
POSTED = re.compile(r"\s*(?:Muted|Manual Posting.*)?\s*", re.IGNORECASE)
OF_CANVAS = re.compile(r"EX|N/A", re.IGNORECASE)  # excused; not assigned to this person
WITH_ID = re.compile(r"(.*?)\s*\(\d+\)")
GET_IT = "export the gradebook there (Grades, Export) and give the file with --roster"


def canvas(results: Mapping[str, Result], slug: str, sheet: Sheet | None, wishes: Wishes) -> Export:
    """Return the file for Canvas's Grades, Import. Raises UserError without Canvas's own file."""
    if sheet is None:
        raise UserError(f"Canvas wants its own ids: {GET_IT}.")
    if sheet.columns[0] not in PEOPLE or not {"ID", "Section"} <= set(sheet.columns):
        raise UserError(f"The roster is no gradebook of Canvas: it has no columns Student, ID and Section; {GET_IT}.")
    column = assignment_column(sheet, slug, wishes.column)
    sheet = only(sheet, column)
    place = len(sheet.columns) - 1
    above = next((row for row in sheet.rows if POINTS in row[0].casefold()), None)
    out_of = points(Sheet(sheet.columns, [above]), 0, place) if above else None
    people = [row for row, cells in enumerate(sheet.rows) if is_person(cells)]

    def kept(row: int) -> bool:
        return bool(OF_CANVAS.fullmatch(sheet.rows[row][place].strip()))

    written, notes = fill(sheet, people, place, results, lambda _: out_of, wishes, kept)
    return Export(sheet.as_csv(FOUND_BY), notes, len(written))


def is_person(cells: list[str]) -> bool:
    """Say whether a row is somebody's: not the points, not what is posted by hand, not Canvas's test student."""
    return POINTS not in cells[0].casefold() and not all(map(POSTED.fullmatch, cells)) and cells[0] != "Student, Test"


def only(sheet: Sheet, column: int) -> Sheet:
    """Return the columns about people and one more."""
    places = [place for place, name in enumerate(sheet.columns) if name in ABOUT] + [column]
    rows = [[row[place] for place in places] for row in sheet.rows]
    return Sheet([sheet.columns[place] for place in places], rows, sheet.delimiter)


def assignment_column(sheet: Sheet, slug: str, wanted: str | None) -> int:
    """Return the column of an assignment: the one that was asked for, else the one that is called like it."""
    titles = {place: bare(name) for place, name in enumerate(sheet.columns) if WITH_ID.fullmatch(name)}
    for same in (str, key, lambda name: key(name).lstrip("0123456789")):
        names = {place: {same(title), same(sheet.columns[place])} for place, title in titles.items()}
        found = [place for place in names if same(wanted or slug) in names[place]]
        if len(found) == 1:
            return found[0]
    there = ", ".join(sheet.columns[place] for place in titles) or "none"
    raise UserError(
        f"No one column of the roster is called {wanted or slug}; name it with --column. There are: {there}."
    )


def bare(name: str) -> str:
    """Return the title of a column without Canvas's id."""
    found = WITH_ID.fullmatch(name)
    return found[1] if found else name
