"""Finds the submissions in nbgrader's layout: STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb.

Whoever has something there gets a row or a sentence: what is not looked into is told by `left_out`.
"""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.errors import UserError
from autograder.storage import timestamps
from autograder.storage.left_out import (
    A_LINK,
    LEFT_BEHIND,
    UNREADABLE,
    alike,
    beside_people,
    hidden_work,
    instead_of_folder,
    is_link,
)
from autograder.storage.safe_files import entries, is_folder, is_plain_file, may_be_listed, read_notebook
from autograder.storage.safe_text import readable

NOTEBOOK = re.compile(r".*\.ipynb(?:\.txt|\.json)?", re.IGNORECASE | re.DOTALL)  # some browsers add an ending
MOST_TOLD = 5
LAYOUT = "they go to STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb"


@dataclass(frozen=True)
class Found:
    """One submission: whose, for what, and the notebook in it, if there is one.

    note     what the learner should know about how it was found
    trusted  whether the time beside it is believed
    refused  why it is not graded, for then nothing of it is
    """

    student: str
    slug: str
    folder: Path
    notebook: Path | None
    note: str = ""
    trusted: bool = False
    refused: str = ""

    def read(self) -> tuple[bytes | None, str]:
        """Return the bytes of the notebook, if there is one that can be read, and what is to be said of it."""
        if self.notebook is None:
            return None, self.note
        data, problem = read_notebook(self.notebook)
        return data, problem or self.note

    def timestamp(self) -> datetime.datetime | None:
        """Return when it was handed in, if a note of that is there, believed and readable."""
        return timestamps.read_timestamp(self.folder / timestamps.NAME) if self.trusted else None


@dataclass
class Search:
    """What is looked for below a folder; `passed_over` says in sentences what was not looked into.

    known           the assignments that can be graded
    slug, students  only this assignment, only these students; none: all
    trusted         whether a `timestamp.txt` is believed
    results         where results go, whose file system may take two names for one
    """

    known: list[str]
    slug: str | None = None
    students: tuple[str, ...] = ()
    trusted: bool = False
    results: Path | None = None
    passed_over: list[str] = field(default_factory=list)
    without_folder: list[str] = field(default_factory=list)

    def below(self, folder: Path) -> list[Found]:
        """Return all submissions below a folder, in order.

        A folder is a submission if it has the name of a `known` assignment or holds a notebook.
        """
        if not folder.is_dir():
            what = f"{folder} is no folder" if folder.exists() else f"There is no folder {folder}"
            raise UserError(f"{what}; give the folder that holds one folder for each student.")
        if not may_be_listed(folder):
            raise UserError(f"{folder} cannot be read; change its permissions.")
        people = [path for path in entries(folder) if not LEFT_BEHIND.match(path.name)]
        owners, links = ([one for one in people if kind(one) and self.is_wanted(one)] for kind in (is_folder, is_link))
        found = [one for owner in owners for one in self.by_student(owner)]
        if len(self.without_folder) == 1:
            self.passed_over.append(f"{self.without_folder[0]} has no folder with the name of an assignment.")
        elif self.without_folder:
            some = ", ".join(self.without_folder)
            self.passed_over.append(f"{some} have no folder with the name of an assignment.")
        handed_in = sorted({self.slug or "", *(one.slug for one in found)} & set(self.known))
        found += [Found(readable(one.name), slug, one / slug, None, A_LINK) for one in links for slug in handed_in]
        self.passed_over += beside_people(folder, self.known)
        self.passed_over += odd_times(found)
        nobody = self.without_any(found)
        if not found:
            what = "".join([f" of {self.slug}" if self.slug else "", f" by {' or '.join(nobody)}" if nobody else ""])
            told = " ".join(["", *self.passed_over[:MOST_TOLD]])
            raise UserError(f"There are no submissions{what} in {folder}; {LAYOUT}.{told}")
        if nobody:
            what = f" of {self.slug}" if self.slug else ""
            self.passed_over.append(f"There are no submissions{what} by {' or '.join(nobody)} in {folder}.")
        return self.told_apart(found, [one for one in people if is_folder(one) or is_link(one)])

    def is_wanted(self, owner: Path) -> bool:
        """Say whether a folder may be that of somebody whose work is looked for."""
        return not self.students or not {owner.name, readable(owner.name)}.isdisjoint(self.students)

    def without_any(self, found: list[Found]) -> list[str]:
        """Return who was asked for and has nothing there."""
        there = {name for one in found for name in (one.student, one.folder.parent.name)}
        return [one for one in dict.fromkeys(self.students) if one not in there]

    def told_apart(self, found: list[Found], owners: list[Path]) -> list[Found]:
        """Return what was found; of people who would get one id or one folder, nothing is graded."""
        names = defaultdict(list)
        for owner in owners:
            names[readable(owner.name)].append(owner.name)
        for earlier in entries(self.results / "state") if self.results else ():
            names[earlier.name] = names[earlier.name] or [earlier.name]
        told, refused = alike(names, self.results)
        self.passed_over += told
        once = {(one.student, one.slug): replace(one, refused=refused.get(one.student, "")) for one in found}
        return sorted(once.values(), key=lambda one: (one.student, one.slug))

    def by_student(self, owner: Path) -> list[Found]:
        """Return the submissions in the folder of one student."""
        student, found = readable(owner.name), []
        if not may_be_listed(owner):
            self.passed_over.append(f"The folder of {student} cannot be read; change its permissions.")
            return []
        for place in entries(owner):
            if not is_folder(place) or LEFT_BEHIND.match(place.name):
                continue
            wanted = self.slug in (None, place.name)
            if wanted and (place.name in self.known or any(NOTEBOOK.fullmatch(p.name) for p in entries(place))):
                found.append(self.found_in(place, student))
        for slug in self.known:  # nothing else in its place is followed or read, and it is still a submission
            if self.slug in (None, slug) and (note := instead_of_folder(owner / slug)):
                found.append(Found(student, slug, owner / slug, None, note))
        self.passed_over += hidden_work(owner, self.known)
        if not found and self.slug is None:
            self.without_folder.append(student)
        return sorted(found, key=lambda one: one.slug)

    def found_in(self, place: Path, student: str) -> Found:
        """Return the submission in a folder: the notebook of the right name, else the likeliest one."""
        slug = readable(place.name)
        if not may_be_listed(place):
            return Found(student, slug, place, None, UNREADABLE, self.trusted)
        named = [path for path in entries(place) if NOTEBOOK.fullmatch(path.name)]
        notebooks = [path for path in named if is_plain_file(path)]
        exact = [path for path in notebooks if path.name == f"{slug}.ipynb"]
        similar = [path for path in notebooks if path.name.lower().startswith(slug.lower())]
        likely = exact or similar or (notebooks if len(notebooks) == 1 else named if not notebooks else [])
        chosen = likely[0] if likely else None
        note = ""
        if chosen is None and notebooks:
            note = f"There are {len(notebooks)} notebooks in what was handed in, and none is called {slug}.ipynb."
        elif chosen is not None and chosen.name != f"{slug}.ipynb":
            more = f", the first of {len(likely)} with such names" if len(likely) > 1 else ""
            note = f"The notebook was called {readable(chosen.name)}{more}; it was taken for {slug}.ipynb."
        return Found(student, slug, place, chosen, note, self.trusted)


def odd_times(found: list[Found]) -> Iterator[str]:
    """Yield a sentence for each reason why times are not read that are believed; who has none is never late."""
    reasons = defaultdict(list)
    for one in found:
        if one.trusted and (why := timestamps.what_is_odd(one.folder / timestamps.NAME)):
            reasons[why].append(one.student)
    for why, students in sorted(reasons.items()):
        names = f"{', '.join(sorted(students)[:MOST_TOLD])}{' …' if len(students) > MOST_TOLD else ''}"
        yield f"{timestamps.NAME} of {names} was not read, so nothing says when that was handed in: {why}."
