"""The trusted side of a chapter: its release, its answer key, the files beside the notebook."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from autograder.course.answer_key import AnswerKey, Later, load_key
from autograder.course.chapters import by_number
from autograder.course.judging_code import judging_files
from autograder.course.reference import public_spec
from autograder.errors import UserError


@dataclass(frozen=True)
class Trusted:
    """All that grading one assignment needs, none of it from a learner."""

    slug: str
    release: NotebookNode
    key: AnswerKey
    files: dict[str, bytes]
    fingerprint: str

    @cached_property
    def public(self) -> dict[str, dict[str, Any]]:
        """Return the public cases of every check: those that learners have in reference.json.

        Two mistakes together are taken from there, because it takes seconds to make them again.
        """
        public = {check.name: public_spec(check) for check in self.key.checks}
        for name, spec in public.items():
            spec["known"]["two"] = Later(partial(self.released_pairs, name))
        return public

    def released_pairs(self, name: str) -> dict[str, Any]:
        """Return the table of two mistakes together that was released for a check."""
        released = json.loads(self.files.get("reference.json", b"{}")).get("checks", {})
        known = released.get(name, {}).get("known", {})
        names = [mistake.name for mistake in self.key[name].misconceptions]
        return known.get("two", {}) if known.get("names") == names else {}  # else released before the key was changed

    @property
    def max_score(self) -> float:
        """Return the points of the whole notebook."""
        return sum(float(c.metadata.nbgrader.points) for c in self.release.cells if is_grade(c))


def slugs(course_root: Path) -> list[str]:
    """Return the assignments that can be graded: those with a release and a key."""
    found = [p.parent.name for p in course_root.glob("exercises/*/*.ipynb") if p.stem == p.parent.name]
    return sorted(slug for slug in found if key_path(course_root, slug).is_file())


def asked_for(given: str, known: list[str]) -> str:
    """Return the assignment that is meant, by its slug or its number. Raises UserError where it is not known."""
    slug = by_number(given, known)
    if slug not in known:
        raise UserError(f"There is no released assignment {given}; there are: {', '.join(known) or 'none'}.")
    return slug


def key_path(course_root: Path, slug: str) -> Path:
    """Return where the answer key of an assignment is."""
    return course_root / "solutions" / f"{slug}_key.py"


@dataclass
class Releases:
    """The trusted sides of assignments, for whoever needs them more than once: read again when a file has changed."""

    known: dict[tuple[Path, str], tuple[list[tuple[Path, int]], Trusted]] = field(default_factory=dict)

    def load(self, course_root: Path, slug: str) -> Trusted:
        """Return the trusted side of an assignment. Raises UserError for one that is not released."""
        stamps = [(path, path.stat().st_mtime_ns) for path in released_paths(course_root, slug)]
        found = self.known.get((course_root, slug))
        if found is None or found[0] != stamps:
            found = self.known[course_root, slug] = stamps, load_trusted(course_root, slug)
        return found[1]


def released_paths(course_root: Path, slug: str) -> list[Path]:
    """Return the files that decide about a verdict. Raises UserError for an assignment that is not released."""
    if slug not in slugs(course_root):
        known = ", ".join(slugs(course_root)) or "none yet; run `autograder build`"
        raise UserError(f"There is no released assignment {slug} with an answer key; there are: {known}.")
    return trusted_paths(course_root, slug)


def trusted_paths(course_root: Path, slug: str) -> list[Path]:
    """Return the files that decide about a verdict."""
    own = [path for path in (course_root / "exercises" / slug).glob("*") if path.is_file()]
    return sorted([*own, key_path(course_root, slug), *judging_files()])


def course_files(course_root: Path, slug: str) -> dict[str, bytes]:
    """Return the files of a course that decide about a verdict, by their paths in it: enough to load them elsewhere."""
    inside = [path for path in released_paths(course_root, slug) if path.is_relative_to(course_root)]
    own = [path for path in inside if path not in set(judging_files())]
    return {path.relative_to(course_root).as_posix(): path.read_bytes() for path in own}


def load_trusted(course_root: Path, slug: str) -> Trusted:
    """Read the trusted side of an assignment and make sure that its parts agree. Raises UserError where they do not."""
    digest = hashlib.sha256()
    for path in released_paths(course_root, slug):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    folder = course_root / "exercises" / slug
    release = nbformat.read(folder / f"{slug}.ipynb", as_version=4)
    files = {p.name: p.read_bytes() for p in folder.glob("*") if p.is_file() and p.suffix != ".ipynb"}
    trusted = Trusted(slug, release, load_key(key_path(course_root, slug)), files, digest.hexdigest())
    require_same_points(trusted)
    return trusted


def require_same_points(trusted: Trusted) -> None:
    """Raise UserError where the release and the key differ in their checks or points."""
    again = "run `autograder build` so that release and key agree"
    points = {
        c.metadata.nbgrader.grade_id: float(c.metadata.nbgrader.points) for c in trusted.release.cells if is_check(c)
    }
    for grade_id, score in points.items():
        check = trusted.key.by_grade_id.get(grade_id)
        if check is None and score:
            raise UserError(f"{trusted.slug}: the answer key has no check {grade_id}; {again}.")
        if check is not None and abs(check.max_score - score) > 1e-9:
            raise UserError(
                f"{trusted.slug}: {grade_id} has {score:g} points in the release and not in the key; {again}."
            )
    missing = sorted(set(trusted.key.by_grade_id) - set(points))
    if missing:
        raise UserError(f"{trusted.slug}: the release has no check {missing[0]}; {again}.")


def is_check(cell: NotebookNode) -> bool:
    """Say whether a cell of the release is graded by running it."""
    return cell.cell_type == "code" and is_grade(cell) and not is_solution(cell)
