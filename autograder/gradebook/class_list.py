"""The class as its roster lists it: kept beside the gradebook, and in nbgrader's table of students.

So whoever hands in nothing is known too. Collecting writes the list, grading puts it into the gradebook.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from nbgrader.api import Student, SubmittedAssignment
from sqlalchemy import delete, insert, select, update

from autograder.errors import UserError
from autograder.gradebook.score_rows import Db
from autograder.storage.safe_files import write_new
from autograder.storage.safe_text import readable

NAME = "class_list.json"
STUDENTS = Student.__table__
FIELDS = ("id", "first_name", "last_name", "email")


@dataclass(frozen=True)
class Listed:
    """Somebody on the roster, with what nbgrader's table of students has of a person; empty where it is not known.

    section  the roster that lists the person
    left     whether the person was taken out of the class
    """

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    section: str = ""
    left: bool = False


def keep_class(folder: Path, people: Iterable[Listed]) -> None:
    """Write the list of the class beside the gradebook, in place of an earlier one."""
    rows = [asdict(one) for one in people]
    write_new(folder / NAME, json.dumps(rows, ensure_ascii=False, indent=1) + "\n")


def read_class(folder: Path) -> list[Listed]:
    """Return the list of the class, nobody where there is none. Raises UserError where it cannot be read."""
    path = folder / NAME
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return []
    try:
        return [Listed(**row) for row in json.loads(text)]
    except (ValueError, TypeError):
        raise UserError(f"{path} cannot be read; collect again with --roster.") from None


def put_students(db: Db, people: Iterable[Listed]) -> None:
    """Write the class into nbgrader's table of students; what the list does not know of somebody stays.

    Who was taken out of the class is taken out of the table as well, unless something of theirs was graded.
    """
    known = {row.id: row._mapping for row in db.execute(select(STUDENTS))}
    handed_in = set(db.execute(select(SubmittedAssignment.student_id).distinct()).scalars())
    for one in people:
        student, about = readable(one.id), {name: getattr(one, name) for name in FIELDS if getattr(one, name)}
        about["id"] = student
        if one.left:
            if student in known and student not in handed_in:
                db.execute(delete(STUDENTS).where(STUDENTS.c.id == student))
        elif student not in known:
            db.execute(insert(STUDENTS).values(**about))
        elif any(known[student][name] != value for name, value in about.items()):
            db.execute(update(STUDENTS).where(STUDENTS.c.id == student).values(**about))


def called(people: Mapping[str, str]) -> list[str]:
    """Return the ids of people, each with the name behind it where one is known."""
    return [f"{student} ({name})" if name else student for student, name in sorted(people.items())]


def absent(db: Db, here: Iterable[str]) -> dict[str, str]:
    """Return the students of the gradebook who are not among those that are here, with their names."""
    rows = db.execute(select(STUDENTS).order_by(STUDENTS.c.id)).all()
    present = set(here)
    return {row.id: " ".join(filter(None, [row.first_name, row.last_name])) for row in rows if row.id not in present}
