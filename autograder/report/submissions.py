"""What the report is made from: the gradebook, the marked notebooks, and who has handed in nothing.

All grades of an assignment come in one query, so that a thousand submissions take no thousand of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Gradebook

from autograder.collect.submission_store import Shelf
from autograder.gradebook.class_list import absent
from autograder.gradebook.marked_notebook import Marked, marked_path, read_marked
from autograder.gradebook.points import Points, read_points
from autograder.storage.safe_files import entries
from autograder.storage.safe_text import readable


@dataclass(frozen=True)
class Verdict:
    """What became of one check of one submission; `names` are the known mistakes that its results equal."""

    check: str
    title: str
    score: float
    max_score: float
    status: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Submission:
    """One graded submission.

    late     seconds after the due date
    verdicts in the order of the notebook
    answers  the text of each cell with an answer in code, by grade id
    """

    student: str
    score: float
    max_score: float
    needs_manual_grade: bool
    late: float
    unreadable: str
    verdicts: tuple[Verdict, ...]
    answers: dict[str, str]


@dataclass(frozen=True)
class Class:
    """All that is known of one assignment: what was graded, and who has no verdict or handed in nothing.

    missing  the names of those who handed in nothing, by id; empty where the gradebook has none
    groups   with whom somebody has handed in one work, as `collect` has noted it
    """

    slug: str
    submissions: tuple[Submission, ...]
    failed: tuple[str, ...]
    missing: Mapping[str, str]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_class(gradebook: Gradebook, root: Path, slug: str, step: Callable[[], None] = lambda: None) -> Class:
    """Return what is known of an assignment; `step` is called for each submission."""
    points = read_points(gradebook, slug)
    graded, failed = [], students_in(root / "submitted", slug) - set(points)
    for student, found in sorted(points.items()):
        submission = read_submission(root, slug, student, found)
        graded += [submission] if submission else []
        failed |= set() if submission else {student}
        step()
    missing = absent(gradebook.db, {*(one.student for one in graded), *failed})
    groups = groups_in(root / "submitted", slug, [one.student for one in graded])
    return Class(slug, tuple(graded), tuple(sorted(failed)), dict(sorted(missing.items())), groups)


def groups_in(folder: Path, slug: str, students: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return with whom somebody has handed in one work: others of whom the same is noted, for both are one group."""
    shelf = Shelf(folder)
    noted = {one: there.group for one in students if (there := shelf.there(one, slug)) and there.group}
    mates = {
        one: tuple(two for two in group if two != one and one in noted.get(two, ())) for one, group in noted.items()
    }
    return {one: group for one, group in mates.items() if group}


def students_in(folder: Path, slug: str) -> set[str]:
    """Return the students of whom a submission lies in nbgrader's folder."""
    return {readable(owner.name) for owner in entries(folder) if (owner / slug).is_dir()}


def read_submission(root: Path, slug: str, student: str, points: Points) -> Submission | None:
    """Return a submission with what the judge wrote into it; None where its marked notebook is not there."""
    marked = read_marked(marked_path(root, student, slug))
    if marked is None:
        return None
    try:
        verdicts = tuple(with_points(marked, points))
    except (KeyError, TypeError):  # graded with another key, or by another release
        return None
    about = points.manual, points.late, marked.unreadable, verdicts, marked.answers
    return Submission(student, points.score, points.max_score, *about)


def with_points(marked: Marked, points: Points) -> Iterator[Verdict]:
    """Yield what became of each check: points from the gradebook, all else from the marked notebook."""
    for grade_id, about in marked.verdicts.items():
        names = tuple(about["names"])
        yield Verdict(about["check"], about["title"], *points.grades[grade_id], about["status"], names)
