"""Grades a class anew beside its results, so that one sees what a mended key changes before anything is changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from nbgrader.api import SubmittedAssignment
from rich.console import Console
from sqlalchemy import select

from autograder.amend.wishes import Settings
from autograder.grade.result_cache import Memory
from autograder.grade.session import grade_class
from autograder.grade.settings import Settings as Grading
from autograder.gradebook.decided_notebook import judged, read_notebook, take_back
from autograder.gradebook.marked_notebook import marked_path
from autograder.gradebook.points import Points
from autograder.gradebook.store import Result, Store


@dataclass(frozen=True)
class Regraded:
    """What grading anew has found.

    results  of those whose verdicts are others now
    same     who got the same verdicts
    left     who has handed in something else since, or could not be graded: `autograder grade` sees to them
    memory   what is remembered of the new results, by student
    """

    results: tuple[Result, ...]
    same: tuple[str, ...]
    left: tuple[str, ...]
    memory: dict[str, bytes]


@contextmanager
def graded_beside(settings: Settings, out: Path, console: Console) -> Iterator[Path]:
    """Grade the assignment into a folder that is gone afterwards, with the secret and the submissions of the class."""
    with TemporaryDirectory(prefix="regrade-") as name:
        folder = Path(name)
        if (out / "course_secret").is_file():
            shutil.copy(out / "course_secret", folder)
        if settings.submissions is None:  # the class's own folder, whose times are believed
            (folder / "submitted").symlink_to(out / "submitted")
        grading = Grading(
            settings.course_root,
            settings.submissions,
            folder,
            db=f"sqlite:///{folder / 'gradebook.db'}",
            jobs=settings.jobs,
            assignment=settings.assignment,
            timeout=settings.timeout,
            memory=settings.memory,
            pictures=settings.pictures,
            sandbox=settings.sandbox,
        )
        grade_class(grading, console)
        yield folder


def regraded(folder: Path, slug: str, store: Store, points: dict[str, Points]) -> Regraded:
    """Compare what was graded in a folder with the results of the class."""
    results, same, left, memory = [], [], [], {}
    times = submission_times(store, slug)
    for student in sorted(points):
        old, new = read_notebook(store.root, student, slug), read_notebook(folder, student, slug)
        remembered = Memory(folder).path_of(student, slug)
        if old is None or new is None or attempt(old) != attempt(new) or not remembered.is_file():
            left.append(student)
            continue
        memory[student] = remembered.read_bytes()
        if as_judged(old) == as_judged(new):
            same.append(student)
        else:
            data = marked_path(folder, student, slug).read_bytes()
            results.append(Result(slug, student, times[student], judged(new).scores, data))
    return Regraded(tuple(results), tuple(same), tuple(left), memory)


def submission_times(store: Store, slug: str) -> dict:
    """Return when each submission was handed in, as the gradebook has it."""
    query = select(SubmittedAssignment.student_id, SubmittedAssignment.timestamp)
    query = query.where(SubmittedAssignment.assignment_id == store.gradebook.find_assignment(slug).id)
    return {row.student_id: row.timestamp for row in store.gradebook.db.execute(query)}


def attempt(notebook: dict) -> str:
    """Return the digest of the submitted file."""
    return str(notebook["metadata"]["autograder"]["attempt"])


def as_judged(notebook: dict) -> str:
    """Return a notebook as the judge left it, whatever was decided since, to compare it with another."""
    copy = json.loads(json.dumps(notebook))
    for cell in copy["cells"]:
        take_back(cell)
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            data.update({kind: "".join(text) for kind, text in data.items() if isinstance(text, list)})
    return json.dumps(copy, sort_keys=True)
