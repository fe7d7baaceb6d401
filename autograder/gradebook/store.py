"""nbgrader's gradebook and folders: the one writer of the class driver.

It does what `nbgrader autograde` and `generate_feedback` do, but takes plain data, opens the gradebook once for a class
and not nine times for a submission, and writes several submissions in one transaction.
"""

from __future__ import annotations

import datetime
import logging
import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import InvalidEntry, SubmittedAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import SaveCells
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SAWarning
from traitlets.config import Config

from autograder.course.assignment import Trusted
from autograder.errors import UserError
from autograder.gradebook.database import first_line, shown
from autograder.gradebook.gradebook import OpenGradebook, open_gradebook
from autograder.gradebook.keep_reviews import unchanged
from autograder.gradebook.late_penalty import late_rule, write_due_date, wrong_penalties
from autograder.gradebook.marked_notebook import marked_path
from autograder.gradebook.nbgrader_config import configure
from autograder.gradebook.points import Points, read_for_pages, read_points
from autograder.gradebook.score_rows import Cells, read_cells, write_rows
from autograder.gradebook.scores import OnPage, Scores
from autograder.storage.safe_files import write_new

LOG = logging.getLogger("autograder.grade")
LOG.setLevel(logging.ERROR)
logging.getLogger("tornado.application").setLevel(logging.CRITICAL)  # nbgrader prints pages on what it raises anyway


@dataclass(frozen=True)
class Result:
    """What is kept of one submission: its scores, when it was handed in, and the marked notebook."""

    slug: str
    student: str
    timestamp: datetime.datetime | None
    scores: Scores
    notebook: bytes


class Store:
    """The gradebook and the folders of one grading root."""

    def __init__(self, course_root: Path, grading_root: Path, db: str | None = None) -> None:
        """Open the gradebook, which is made where there is none; `db` is its address, if it is not the usual one."""
        self.config = Config()
        configure(self.config, course_root, grading_root, db)
        self.course_root, self.root = course_root, grading_root.resolve()
        self.directory = CourseDirectory(config=self.config)
        self.gradebook = open_gradebook(self.directory.db_url, self.directory.course_id)
        self.late = late_rule(course_root)
        self.cells: dict[str, Cells] = {}

    def close(self) -> None:
        """Close the gradebook."""
        self.gradebook.close()

    def add_assignment(self, trusted: Trusted) -> None:
        """Make the gradebook know the cells of a release, as `nbgrader generate_assignment` does, and its due date."""
        with talking_to(self.directory.db_url):
            self.gradebook.update_or_create_assignment(trusted.slug)
            write_due_date(self.gradebook, self.course_root, trusted.slug)
        resources = {
            "nbgrader": {"notebook": trusted.slug, "assignment": trusted.slug, "db_url": self.directory.db_url}
        }
        try:
            with talking_to(self.directory.db_url):
                SaveCells(config=self.config, log=LOG).preprocess(trusted.release, resources)
        except RuntimeError as error:
            raise UserError(
                f"{trusted.slug} has other graded cells than when {self.root} was made; "
                "grade into a new folder with --out."
            ) from error
        self.gradebook.db.expire_all()
        self.cells[trusted.slug] = read_cells(self.gradebook.db, trusted.slug)

    def save(self, results: Sequence[Result]) -> None:
        """Write the scores of submissions in one transaction, all of them or none, then their marked notebooks."""
        with talking_to(self.directory.db_url), one_commit(self.gradebook) as gradebook:
            for result in results:
                self.write_scores(gradebook, result)
        for result in results:  # last: what is there was saved whole
            write_new(marked_path(self.root, result.student, result.slug), result.notebook)

    def write_scores(self, gradebook: OpenGradebook, result: Result) -> None:
        """Write the scores of one submission, and take off what being late costs."""
        same = unchanged(marked_path(self.root, result.student, result.slug), result.scores.attempt)
        cells, about = self.cells[result.slug], (result.student, result.timestamp, result.scores, same)
        if write_rows(gradebook.db, cells, *about):
            self.take_off(gradebook.find_submission(result.slug, result.student))

    def write_page(self, slug: str, student: str, page: bytes) -> Path:
        """Write a feedback page."""
        return write_new(self.root / "feedback" / student / slug / f"{slug}.html", page)

    def for_pages(self, slug: str, students: Collection[str]) -> dict[str, OnPage]:
        """Return what pages show of the scores and comments in the gradebook, by student."""
        with talking_to(self.directory.db_url):
            return read_for_pages(self.gradebook, slug, students)

    def take_off(self, submission: SubmittedAssignment) -> bool:
        """Take off what being late costs now; say whether that has changed."""
        wrong = list(wrong_penalties(submission, self.late))
        for notebook, right in wrong:
            notebook.late_submission_penalty = right
        return bool(wrong)

    def bring_up_to_date(self, slug: str) -> list[str]:
        """Take off what being late costs now from all submissions, graded today or not; return whose have changed."""
        with talking_to(self.directory.db_url), one_commit(self.gradebook) as gradebook:
            points = read_points(gradebook, slug)
            concerned = [student for student, one in points.items() if one.late > 0 or one.penalty]
            return [one for one in concerned if self.take_off(gradebook.find_submission(slug, one))]

    def graded(self, slug: str) -> dict[str, Points]:
        """Return what the gradebook holds of each submission of an assignment, by student."""
        with talking_to(self.directory.db_url):
            return read_points(self.gradebook, slug)


@contextmanager
def talking_to(url: str) -> Iterator[None]:
    """Tell trouble with a database server, which ends the grading, from trouble with what one submission brings."""
    try:
        yield
    except (DBAPIError, InvalidEntry) as error:
        cause = error if isinstance(error, DBAPIError) else error.__context__  # nbgrader wraps what it meets
        if url.startswith("sqlite") or not isinstance(cause, DBAPIError):
            raise
        if isinstance(cause, DataError | IntegrityError):
            raise ValueError(f"the gradebook does not take it: {first_line(cause)}") from error
        raise UserError(
            f"The gradebook {shown(url)} cannot be written ({first_line(cause)}). "
            "What was graded is kept; mend this and run it again."
        ) from None


@contextmanager
def one_commit(gradebook: OpenGradebook) -> Iterator[OpenGradebook]:
    """Give a gradebook of which all is kept at the end, such as all scores of a submission, or nothing."""
    with warnings.catch_warnings(), gradebook.in_one_transaction() as joined:
        warnings.simplefilter("ignore", SAWarning)  # nbgrader's own way of adding a submission causes them
        yield joined
