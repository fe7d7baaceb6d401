"""What being late costs: a plugin of nbgrader's, so that its own commands take off the same, and what is out of date.

nbgrader keeps the due date, the penalty and extensions in the gradebook:
https://nbgrader.readthedocs.io/en/stable/plugins/late-plugin.html
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Assignment, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties, NbGraderPreprocessor
from traitlets import Float, Unicode
from traitlets.config import Config

from autograder.course.deadlines import LATE, due_dates
from autograder.gradebook.nbgrader_config import set_late

DAY = 86400  # seconds
LOG = logging.getLogger(__name__)
LOG.setLevel(logging.ERROR)


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


def late_rule(course_root: Path) -> AssignLatePenalties:
    """Return nbgrader's own step that takes off points for being late, as `_config.yml` sets it."""
    config = Config()
    set_late(config, course_root)
    rule = AssignLatePenalties(config=config, log=LOG)
    rule.init_plugin()
    return rule


def wrong_penalties(
    submission: SubmittedAssignment, rule: AssignLatePenalties
) -> Iterator[tuple[SubmittedNotebook, float | None]]:
    """Yield the notebooks whose penalty is not what being late costs now, each with the right one.

    The due date, the policy, an extension or a score given by hand may have changed since it was taken off.
    """
    seconds = submission.total_seconds_late
    for notebook in submission.notebooks:
        right = None
        if seconds > 0:
            right = rule.plugin_inst.late_submission_penalty(submission.student_id, notebook.score, seconds)
        if right is not None:
            right = rule._check_late_penalty(notebook, right)  # nbgrader's: from 0 to the score
        if abs((right or 0) - (notebook.late_submission_penalty or 0)) > 1e-9:
            yield notebook, right


def penalties_outdated(assignment: Assignment, course_root: Path) -> bool:
    """Say whether any penalty of an assignment is out of date, or its due date is."""
    due = due_dates(course_root)
    if due.get(assignment.name, assignment.duedate) != assignment.duedate:
        return True
    rule = late_rule(course_root)
    return any(True for one in assignment.submissions for _ in wrong_penalties(one, rule))
