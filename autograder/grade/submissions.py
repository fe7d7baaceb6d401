"""Finds the submissions in nbgrader's layout, and remembers which of them are graded as they stand."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from nbgrader.utils import parse_utc

from autograder.errors import UserError

MOST_BYTES = 60 << 20
LEFT_BEHIND = re.compile(r"\.|__MACOSX|__pycache__")


@dataclass(frozen=True)
class Found:
    """One submission: whose, for what, and the notebook in it, if there is one."""

    student: str
    slug: str
    folder: Path
    notebook: Path | None
    note: str = ""

    def data(self) -> bytes | None:
        """Return the bytes of the notebook; no more of a file that is far too large than shows it to be so."""
        if self.notebook is None:
            return None
        try:
            with self.notebook.open("rb") as file:
                return file.read(MOST_BYTES)
        except OSError:  # it went away, or its disk is broken: one row without points, not a stopped class
            return None

    def timestamp(self) -> datetime.datetime | None:
        """Return when it was handed in, if nbgrader or the instructor left a note of that and it can be read."""
        path = self.folder / "timestamp.txt"
        try:
            return parse_utc(path.read_text(encoding="utf-8")[:100].strip()) if is_plain_file(path) else None
        except (ValueError, OverflowError, OSError):
            return None


def find_submissions(folder: Path, known: list[str], slug: str | None, student: str | None) -> list[Found]:
    """Return all submissions below a folder, in order, those of one assignment or student if one is named.

    A folder is a submission if it has the name of a `known` assignment or holds a notebook.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}; give the folder that holds one folder for each student.")
    found = [
        found_in(place)
        for owner in folders_in(folder)
        if student in (None, owner.name)
        for place in folders_in(owner)
        if slug in (None, place.name) and (place.name in known or any(place.glob("*.ipynb")))
    ]
    if not found:
        what = "".join([f" of {slug}" if slug else "", f" by {student}" if student else ""])
        raise UserError(f"There are no submissions{what} in {folder}; they go to STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb.")
    return found


def folders_in(folder: Path) -> list[Path]:
    """Return the folders in a folder, without links and what archives and editors leave behind."""
    return [p for p in sorted(folder.iterdir()) if p.is_dir() and not p.is_symlink() and not LEFT_BEHIND.match(p.name)]


def found_in(place: Path) -> Found:
    """Return the submission in a folder: the notebook of the right name, else the likeliest one."""
    slug = place.name
    notebooks = [path for path in sorted(place.glob("*.ipynb")) if is_plain_file(path)]
    exact = [path for path in notebooks if path.stem == slug]
    alike = [path for path in notebooks if path.stem.lower().startswith(slug.lower())]
    chosen = (exact or alike or (notebooks if len(notebooks) == 1 else []) or [None])[0]
    note = ""
    if chosen is None and notebooks:
        note = f"There are {len(notebooks)} notebooks in what was handed in, and none is called {slug}.ipynb."
    elif chosen is not None and not exact:
        note = f"The notebook was called {chosen.name}; it was taken for {slug}.ipynb."
    return Found(place.parent.name, slug, place, chosen, note)


def is_plain_file(path: Path) -> bool:
    """Say whether a path is a file itself, which we may read: no link to one, no device, no pipe."""
    try:
        return stat.S_ISREG(path.lstat().st_mode) and os.access(path, os.R_OK)
    except OSError:
        return False


# ---------------------------------------------------------------- what was graded already
@dataclass(frozen=True)
class Memory:
    """Remembers, in one small file for each submission, what its results were made from."""

    root: Path

    def path(self, found: Found) -> Path:
        """Return the file of a submission."""
        return self.root / "state" / found.student / f"{found.slug}.json"

    def knows(self, found: Found, made_from: str) -> bool:
        """Say whether a submission was graded from exactly this, and its results are still there."""
        results = [
            self.root / "autograded" / found.student / found.slug / f"{found.slug}.ipynb",
            self.root / "feedback" / found.student / found.slug / f"{found.slug}.html",
        ]
        try:
            kept = json.loads(self.path(found).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return kept.get("made_from") == made_from and all(path.is_file() for path in results)

    def keep(self, found: Found, made_from: str) -> None:
        """Remember that a submission is graded."""
        path = self.path(found)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"made_from": made_from}) + "\n", encoding="utf-8")


def made_from(found: Found, data: bytes | None, *others: str) -> str:
    """Return a fingerprint of all that a submission's results depend on."""
    digest = hashlib.sha256()
    for part in (data or b"", found.note.encode(), str(found.timestamp()).encode(), *(o.encode() for o in others)):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()
