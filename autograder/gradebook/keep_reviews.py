"""Whom a person has to look at: what was read stays read, and what the judge could not see is to be read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import SaveAutoGrades
from traitlets import Unicode

from autograder.gradebook.apply_decisions import Task, apply
from autograder.gradebook.decided_notebook import judged, points_in, write_decided
from autograder.gradebook.decisions import ASIDE, BACK, Decided, Decisions
from autograder.gradebook.decisions_file import keep_marks, read_decisions
from autograder.gradebook.marked_notebook import read_marked, verdict_of


class KeepsReviewed(SaveAutoGrades):
    """nbgrader's SaveAutoGrades, which asks for a person where one is needed.

    nbgrader asks for another look at every score given by hand when a submission is graded again. That is right
    where something has changed; where a key was mended, or all is graded anew, the class need not be read again.
    Whoever calls it says in the resources whether the submission is `unchanged`. Where the judge could not see all that
    it should, a person is asked to look. What was decided by `autograder amend` counts here as it does there.
    """

    grading_root = Unicode(help="The folder with what was decided").tag(config=True)
    decisions = Decisions()
    decided: Mapping[str, Decided] = {}

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Go through the cells."""
        self.unchanged = resources.get("unchanged", False)
        slug, student = resources["nbgrader"]["assignment"], resources["nbgrader"]["student"]
        if self.grading_root:
            self.decisions = read_decisions(Path(self.grading_root))
            self.decided = judged(nb).decided(self.decisions, slug, student)
        nb, resources = super().preprocess(nb, resources)
        if self.decisions.lines:
            self.apply(nb, resources["nbgrader"]["db_url"], slug, student)
        return nb, resources

    def apply(self, nb: NotebookNode, url: str, slug: str, student: str) -> None:
        """Write what was decided into the gradebook and into the notebook."""
        root = Path(self.grading_root)
        with Gradebook(url) as gradebook:
            applied = apply(gradebook.db, Task(slug, self.decisions, points_in(nb.cells), lambda _: nb, [student]))
            keep_marks(root, slug, ASIDE, applied.aside)
            gradebook.db.commit()
            keep_marks(root, slug, BACK, applied.back)
        write_decided(nb, self.decided, self.decisions.cells(slug))

    def _add_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        """Save a score; what was read stays read where neither the submission nor the judge's score has changed."""
        name = cell.metadata["nbgrader"]["grade_id"]
        grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
        was_read, score = grade.manual_score is not None and not grade.needs_manual_grade, grade.auto_score
        super()._add_score(cell, resources)
        if name in self.decided:
            grade.auto_score = self.decided[name].score
            self.gradebook.db.commit()
        if self.unchanged and was_read and grade.auto_score == score:
            grade.needs_manual_grade = False
            self.gradebook.db.commit()
        elif verdict_of(cell).get("look"):
            grade.needs_manual_grade = True
            self.gradebook.db.commit()


def unchanged(path: Path, attempt: str) -> bool:
    """Say whether the marked notebook in a file was made from the submission with this digest."""
    earlier = read_marked(path)
    return earlier is not None and earlier.attempt == attempt
