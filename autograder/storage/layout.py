"""Finds the submissions in nbgrader's layout: STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import UserError
from autograder.storage import timestamps
from autograder.storage.safe_files import is_plain_file, read_notebook
from autograder.storage.safe_text import readable

LEFT_BEHIND = re.compile(r"\.|__MACOSX$|__pycache__$")
NOTEBOOK = re.compile(r".*\.ipynb(?:\.txt|\.json)?", re.IGNORECASE | re.DOTALL)  # some browsers add an ending
LAYOUT = "they go to STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb"


@dataclass(frozen=True)
class Found:
    """One submission: whose, for what, and the notebook in it, if there is one.

    note     what the learner should know about how it was found
    trusted  whether the time beside it is believed
    """

    student: str
    slug: str
    folder: Path
    notebook: Path | None
    note: str = ""
    trusted: bool = False

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
    slug, student   only this assignment, only this student
    trusted         whether a `timestamp.txt` is believed
    """

    known: list[str]
    slug: str | None = None
    student: str | None = None
    trusted: bool = False
    passed_over: list[str] = field(default_factory=list)

    def below(self, folder: Path) -> list[Found]:
        """Return all submissions below a folder, in order.

        A folder is a submission if it has the name of a `known` assignment or holds a notebook.
        """
        if not folder.is_dir():
            what = f"{folder} is no folder" if folder.exists() else f"There is no folder {folder}"
            raise UserError(f"{what}; give the folder that holds one folder for each student.")
        found = [one for owner in self.folders_in(folder) for one in self.by_student(owner)]
        if not found:
            what = "".join([f" of {self.slug}" if self.slug else "", f" by {self.student}" if self.student else ""])
            raise UserError(f"There are no submissions{what} in {folder}; {LAYOUT}.")
        return found

    def by_student(self, owner: Path) -> list[Found]:
        """Return the submissions in the folder of one student."""
        student = readable(owner.name)
        if self.student not in (None, student):
            return []
        found = []
        for place in self.folders_in(owner):
            wanted = self.slug in (None, place.name)
            if wanted and (place.name in self.known or any(NOTEBOOK.fullmatch(p.name) for p in entries(place))):
                found.append(self.found_in(place, student))
        for slug in self.known:  # a link in its place is not followed, and still a submission
            if (owner / slug).is_symlink() and self.slug in (None, slug):
                found.append(Found(student, slug, owner / slug, None, "What was handed in is a link to a folder."))
        if not found and self.slug is None:
            self.passed_over.append(f"{student} has no folder with the name of an assignment.")
        return sorted(found, key=lambda one: one.slug)

    def folders_in(self, folder: Path) -> list[Path]:
        """Return the folders in a folder, without links and what archives and editors leave behind."""
        try:
            inside = sorted(folder.iterdir())
        except OSError:
            self.passed_over.append(f"{readable(str(folder))} cannot be read.")
            return []
        return [path for path in inside if path.is_dir() and not path.is_symlink() and not LEFT_BEHIND.match(path.name)]

    def found_in(self, place: Path, student: str) -> Found:
        """Return the submission in a folder: the notebook of the right name, else the likeliest one."""
        slug = readable(place.name)
        named = [path for path in entries(place) if NOTEBOOK.fullmatch(path.name)]
        notebooks = [path for path in named if is_plain_file(path)]
        exact = [path for path in notebooks if path.name == f"{slug}.ipynb"]
        alike = [path for path in notebooks if path.name.lower().startswith(slug.lower())]
        likely = exact or alike or (notebooks if len(notebooks) == 1 else named if not notebooks else [])
        chosen = likely[0] if likely else None
        note = ""
        if chosen is None and notebooks:
            note = f"There are {len(notebooks)} notebooks in what was handed in, and none is called {slug}.ipynb."
        elif chosen is not None and chosen.name != f"{slug}.ipynb":
            more = f", the first of {len(likely)} with such names" if len(likely) > 1 else ""
            note = f"The notebook was called {readable(chosen.name)}{more}; it was taken for {slug}.ipynb."
        return Found(student, slug, place, chosen, note, self.trusted)


def entries(folder: Path) -> list[Path]:
    """Return what is in a folder, in order; nothing where it cannot be read."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
