"""Brings a class up to date without grading it: by what was decided, and by what being late costs now."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import SubmittedAssignment
from nbgrader.preprocessors import AssignLatePenalties

from autograder.course.assignment import Trusted
from autograder.gradebook.apply_decisions import Applied, Task, apply
from autograder.gradebook.decided_notebook import judged, name_of, read_notebook, released_points, write_decided
from autograder.gradebook.decisions import Decisions
from autograder.gradebook.gradebook import OpenGradebook
from autograder.gradebook.late_penalty import wrong_penalties
from autograder.gradebook.marked_notebook import marked_path
from autograder.gradebook.points import read_points
from autograder.storage.safe_files import write_new


@dataclass(frozen=True)
class Settled:
    """Whose results have changed without being graded: by what being late costs, or by what was decided.

    applied  what applying the decisions has changed
    """

    late: list[str]
    decided: list[str]
    applied: Applied

    @property
    def people(self) -> list[str]:
        """Return everybody, each once."""
        return sorted({*self.late, *self.decided})


@dataclass(frozen=True)
class Settling:
    """What a class is brought up to date with.

    root      the folder of the results
    released  the points of each graded cell in the release
    rule      what being late costs
    fresh     marked notebooks that count in place of those in the folder, by student
    """

    root: Path
    slug: str
    decisions: Decisions
    released: Mapping[str, float]
    rule: AssignLatePenalties
    fresh: Mapping[str, bytes]

    def settle(self, gradebook: OpenGradebook) -> Settled:
        """Bring the tables up to date, in the transaction that has begun; say whose results that changes."""
        stale = set()

        def read(student: str) -> dict[str, Any] | None:
            notebook = self.notebook(student)
            if notebook and self.rewrite(notebook, student):
                stale.add(student)
            return notebook

        applied = apply(gradebook.db, Task(self.slug, self.decisions, self.released, read))
        gradebook.db.expire_all()
        points = read_points(gradebook, self.slug)
        concerned = [student for student, one in points.items() if one.late > 0 or one.penalty]
        late = [one for one in concerned if take_off(gradebook.find_submission(self.slug, one), self.rule)]
        gradebook.db.flush()
        return Settled(late, sorted(applied.people | stale), applied)

    def notebook(self, student: str) -> dict[str, Any] | None:
        """Return somebody's marked notebook, if there is one."""
        if student in self.fresh:
            return json.loads(self.fresh[student])
        return read_notebook(self.root, student, self.slug)

    def rewrite(self, notebook: dict[str, Any], student: str) -> bool:
        """Write into a notebook what counts; say whether that has changed it."""
        decided = judged(notebook).decided(self.decisions, self.slug, student)
        return write_decided(notebook, decided, self.decisions.cells(self.slug))

    def rewrite_file(self, student: str) -> None:
        """Write into somebody's marked notebook what counts, where that changes it."""
        notebook = self.notebook(student)
        if notebook and self.rewrite(notebook, student):
            write_new(marked_path(self.root, student, self.slug), as_bytes(notebook))


def as_bytes(notebook: Mapping[str, Any]) -> bytes:
    """Return a notebook as nbformat writes it, but for its lines."""
    return json.dumps(notebook, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def take_off(submission: SubmittedAssignment, rule: AssignLatePenalties) -> bool:
    """Take off what being late costs now; say whether that has changed."""
    wrong = list(wrong_penalties(submission, rule))
    for notebook, right in wrong:
        notebook.late_submission_penalty = right
    return bool(wrong)


def with_points(trusted: Trusted, decisions: Decisions) -> NotebookNode:
    """Return a release with the points that were decided about, for nbgrader's table of its cells."""
    release = copy.deepcopy(trusted.release)
    for cell in release.cells:
        if name := name_of(cell):
            cell.metadata.nbgrader["points"] = decisions.most(trusted.slug, name, released_points(cell))
    return release
