"""nbgrader's gradebook and folders: the one writer of the class driver.

It does what `nbgrader autograde` and `generate_feedback` do, with nbgrader's own classes, but opens the
gradebook once for a class and not nine times for a submission.
"""

from __future__ import annotations

import datetime
import html
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, InvalidEntry, SubmittedAssignment
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor, SaveAutoGrades, SaveCells
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SAWarning
from traitlets.config import Config

from autograder.course.assignment import Trusted
from autograder.errors import UserError
from autograder.gradebook.database import first_line, shown
from autograder.gradebook.gradebook import OpenGradebook, open_gradebook
from autograder.gradebook.keep_reviews import KeepsReviewed, unchanged
from autograder.gradebook.late_penalty import late_rule, write_due_date, wrong_penalties
from autograder.gradebook.marked_notebook import marked_path
from autograder.gradebook.nbgrader_config import configure
from autograder.storage.safe_files import write_new
from autograder.storage.safe_text import plain

GET_GRADES = (GetGrades, "nbgrader.preprocessors.GetGrades")
LOG = logging.getLogger("autograder.grade")
LOG.setLevel(logging.ERROR)
logging.getLogger("tornado.application").setLevel(logging.CRITICAL)  # nbgrader prints pages on what it raises anyway


class OneGradebook(NbGraderPreprocessor):
    """Mixed into a preprocessor of nbgrader's: it uses the gradebook it was given and opens none."""

    def __init__(self, gradebook: Gradebook) -> None:
        """Use this gradebook."""
        super().__init__(log=LOG)
        self.gradebook = gradebook

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Go through the cells."""
        about = resources["nbgrader"]
        self.notebook_id, self.assignment_id = about["notebook"], about["assignment"]
        self.student_id = about["student"]
        return NbGraderPreprocessor.preprocess(self, nb, resources)


class SaveScores(KeepsReviewed, OneGradebook, SaveAutoGrades):
    """nbgrader's SaveAutoGrades."""


class ReadScores(OneGradebook, GetGrades):
    """nbgrader's GetGrades, which puts scores and comments into the notebook for the feedback page."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Put the scores of the cells into them, and the notebook's score into the resources."""
        nb, resources = super().preprocess(nb, resources)
        found = self.gradebook.find_submission_notebook(self.notebook_id, self.assignment_id, self.student_id)
        late = found.late_submission_penalty or 0
        resources["nbgrader"].update(score=found.score - late, max_score=found.max_score, late_penalty=late)
        return nb, resources


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
        self.page = feedback_exporter(self.directory, self.config, self.gradebook)

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

    def save(self, notebook: NotebookNode, slug: str, student: str, timestamp: datetime.datetime | None) -> None:
        """Write a marked notebook and its scores."""
        path = marked_path(self.root, student, slug)
        about = {**self.about(slug, student), "unchanged": unchanged(path, notebook)}
        with talking_to(self.directory.db_url), one_commit(self.gradebook) as gradebook:
            gradebook.update_or_create_student(student)
            submission = gradebook.update_or_create_submission(slug, student, timestamp=timestamp)
            SaveScores(gradebook).preprocess(notebook, about)
            self.take_off(submission)
        write_new(path, nbformat.writes(notebook, version=4))  # last: what is there was saved whole

    def take_off(self, submission: SubmittedAssignment) -> bool:
        """Take off what being late costs now; say whether that has changed."""
        wrong = list(wrong_penalties(submission, self.late))
        for notebook, right in wrong:
            notebook.late_submission_penalty = right
        return bool(wrong)

    def bring_up_to_date(self, slug: str) -> int:
        """Take off what being late costs now from all submissions, graded today or not; return how many changed."""
        with talking_to(self.directory.db_url), one_commit(self.gradebook) as gradebook:
            concerned = [
                one
                for one in gradebook.assignment_submissions(slug)
                if one.total_seconds_late > 0 or one.late_submission_penalty
            ]
            changed = [one.student_id for one in concerned if self.take_off(one)]
        for student in changed:
            path = marked_path(self.root, student, slug)
            if path.is_file():  # else it was graded elsewhere, and its page is there too
                self.write_feedback(nbformat.read(path, as_version=4), slug, student)
        return len(changed)

    def write_feedback(self, notebook: NotebookNode, slug: str, student: str) -> Path:
        """Write nbgrader's feedback page for a marked notebook, or a plain one where that cannot be made."""
        try:
            page, _ = self.page.from_notebook_node(notebook, resources=self.about(slug, student))
        except Exception:  # text that the libraries choke on, such as Markdown nested a thousand deep
            LOG.exception("The feedback page of %s, %s is a plain one.", student, slug)
            page = plain_page(notebook, student, slug)
        return write_new(self.folder("feedback", student, slug) / f"{slug}.html", page)

    def graded(self, slug: str) -> set[str]:
        """Return the students whose submissions of an assignment are in the gradebook."""
        return {one.student_id for one in self.gradebook.assignment_submissions(slug)}

    def about(self, slug: str, student: str) -> dict[str, Any]:
        """Return nbgrader's resources for one notebook."""
        names = {"notebook": slug, "assignment": slug, "student": student}
        return {
            "unique_key": slug,
            "output_files_dir": f"{slug}_files",
            "nbgrader": {**names, "db_url": self.directory.db_url},
        }

    def folder(self, step: str, student: str, slug: str) -> Path:
        """Return nbgrader's folder for one step of one submission."""
        return self.root / step / student / slug


def plain_page(notebook: NotebookNode, student: str, slug: str) -> str:
    """Return a page with nothing but the verdicts, as plain text."""
    about = notebook.metadata.get("autograder", {})
    outputs = [cell.outputs[0].data["text/plain"] for cell in notebook.cells if "autograder" in cell.metadata]
    says = ["The page with your notebook could not be made; these are the results.", *about.get("notes", []), *outputs]
    title, body = html.escape(plain(f"{slug}: {student}")), html.escape(plain("\n\n".join(says)))
    return f"<!DOCTYPE html>\n<html lang='en'><meta charset='utf-8'><title>{title}</title><pre>{body}</pre></html>\n"


def feedback_exporter(directory: CourseDirectory, config: Config, gradebook: Gradebook) -> Any:
    """Return nbgrader's own exporter of feedback pages, reading scores from an open gradebook."""
    converter = GenerateFeedback(coursedir=directory, config=config)
    converter.log = LOG
    exporter = converter.exporter_class(parent=converter, config=converter.config)
    for step in converter.preprocessors:
        exporter.register_preprocessor(ReadScores(gradebook) if step in GET_GRADES else step, enabled=True)
    return exporter


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
