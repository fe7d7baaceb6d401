"""The cost of being late as a plugin of nbgrader's, so that its own commands take off the same.

nbgrader keeps the due date, the penalty and extensions in the gradebook:
https://nbgrader.readthedocs.io/en/stable/plugins/late-plugin.html
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Float, Unicode

from autograder.course.deadlines import LATE, due_dates

DAY = 86400  # seconds


class LatePenalty(LateSubmissionPlugin):
    """nbgrader's plugin for late work: so many percent of the points earned for each day begun."""

    grace_minutes = Float(LATE["grace_minutes"], help="Minutes after the due date that cost nothing").tag(config=True)
    percent_per_day = Float(LATE["percent_per_day"], help="Percent of the points for each day begun").tag(config=True)
    cap_percent = Float(LATE["cap_percent"], help="Percent of the points that are taken off at most").tag(config=True)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """Return the points to take off; None where there are none."""
        seconds = total_seconds_late - 60 * self.grace_minutes
        percent = min(math.ceil(seconds / DAY) * self.percent_per_day, self.cap_percent)
        return score * percent / 100 if seconds > 0 and percent else None


class WriteDueDate(NbGraderPreprocessor):
    """Writes the due date into the gradebook before `nbgrader autograde` looks at it."""

    course_root = Unicode(help="The folder with _config.yml").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Write it; the notebook stays as it is."""
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            write_due_date(gradebook, Path(self.course_root), about["assignment"])
        return nb, resources


def write_due_date(gradebook: Gradebook, course_root: Path, slug: str) -> None:
    """Write the due date of an assignment, in UTC; one that `_config.yml` does not mention stays as it is."""
    due = due_dates(course_root)
    if slug in due:
        gradebook.update_or_create_assignment(slug, duedate=due[slug])
