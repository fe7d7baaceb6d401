"""nbgrader's gradebook and folders: the one writer of the class driver.

It does what `nbgrader autograde` and `generate_feedback` do, but takes plain data, opens the gradebook once for a class
and not nine times for a submission, and writes several submissions in one transaction.
"""

from __future__ import annotations

import datetime
import json
import logging
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from nbgrader.api import InvalidEntry
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import SaveCells
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SAWarning
from traitlets.config import Config

from autograder.course.assignment import Trusted
from autograder.errors import UserError
from autograder.gradebook.apply_decisions import Applied, Task, apply
from autograder.gradebook.class_list import absent, put_students, read_class
from autograder.gradebook.database import first_line, shown
from autograder.gradebook.decided_notebook import judged, points_in, with_decided, write_decided
from autograder.gradebook.decisions import ASIDE, BACK, Decision
from autograder.gradebook.decisions_file import append, keep_marks, read_decisions
from autograder.gradebook.gradebook import OpenGradebook, open_gradebook
from autograder.gradebook.keep_reviews import unchanged
from autograder.gradebook.late_penalty import late_rule, write_due_date
from autograder.gradebook.marked_notebook import marked_path
from autograder.gradebook.nbgrader_config import configure
from autograder.gradebook.points import Points, read_for_pages, read_points
from autograder.gradebook.score_rows import Cells, read_cells, write_rows
from autograder.gradebook.scores import OnPage, Scores
from autograder.gradebook.settling import Settled, Settling, as_bytes, take_off, with_points
from autograder.storage.locks import writing_to
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


class RolledBack(Exception):
    """Ends a transaction of which nothing is kept."""


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
        self.released: dict[str, dict[str, float]] = {}
        self.decisions = read_decisions(self.root)

    def close(self) -> None:
        """Close the gradebook."""
        self.gradebook.close()

    def add_assignment(self, trusted: Trusted) -> None:
        """Make the gradebook know the cells of a release, as `nbgrader generate_assignment` does, and its due date."""
        self.know(trusted)
        with talking_to(self.directory.db_url):
            self.gradebook.update_or_create_assignment(trusted.slug)
            write_due_date(self.gradebook, self.course_root, trusted.slug)
        resources = {
            "nbgrader": {"notebook": trusted.slug, "assignment": trusted.slug, "db_url": self.directory.db_url}
        }
        try:
            with talking_to(self.directory.db_url):
                SaveCells(config=self.config, log=LOG).preprocess(with_points(trusted, self.decisions), resources)
        except RuntimeError as error:
            raise UserError(
                f"{trusted.slug} has other graded cells than when {self.root} was made; "
                "grade into a new folder with --out."
            ) from error
        self.gradebook.db.expire_all()
        self.cells[trusted.slug] = read_cells(self.gradebook.db, trusted.slug)

    def know(self, trusted: Trusted) -> None:
        """Remember the points of a release, from which those that were decided about are made."""
        self.released[trusted.slug] = points_in(trusted.release.cells)

    def add_class(self, *folders: Path) -> None:
        """Put the class, as its roster lists it in one of these folders, into the gradebook."""
        people = next((found for folder in folders if (found := read_class(folder))), [])
        with talking_to(self.directory.db_url), one_commit(self.gradebook) as gradebook:
            put_students(gradebook.db, people)

    def absent(self, here: Collection[str]) -> dict[str, str]:
        """Return who in the gradebook is not among these students, with their names."""
        with talking_to(self.directory.db_url):
            return absent(self.gradebook.db, here)

    def save(self, results: Sequence[Result]) -> Sequence[Result]:
        """Write the scores of submissions in one transaction, all of them or none, then their marked notebooks.

        Return the results as they count.
        """
        with talking_to(self.directory.db_url), one_commit(self.gradebook) as gradebook:
            results = [self.write_scores(gradebook, result, self.set_aside) for result in results]
        for result in results:  # last: what is there was saved whole
            write_new(marked_path(self.root, result.student, result.slug), result.notebook)
        return results

    def write_scores(
        self, gradebook: OpenGradebook, result: Result, aside: Callable[[str, Applied], None] = lambda slug, done: None
    ) -> Result:
        """Write the scores of one submission as they count, and take off what being late costs; return the result.

        aside  is told of marks by hand that a decision overrules
        """
        slug, student = result.slug, result.student
        same = unchanged(marked_path(self.root, student, slug), result.scores.attempt)
        cells = self.decisions.cells(slug)
        notebook = json.loads(result.notebook) if cells or student in self.decisions.extended(slug) else None
        if notebook is not None:
            counts = judged(notebook).decided(self.decisions, slug, student)
            result = replace(result, scores=with_decided(result.scores, counts))
        late = write_rows(gradebook.db, self.cells[slug], student, result.timestamp, result.scores, same)
        if notebook is not None:
            task = Task(slug, self.decisions, self.released[slug], lambda _: notebook, [student])
            aside(slug, apply(gradebook.db, task))
            write_decided(notebook, counts, cells)
            result = replace(result, notebook=as_bytes(notebook))
            gradebook.db.expire_all()
        if late or notebook is not None:
            take_off(gradebook.find_submission(slug, student), self.late)
        return result

    def set_aside(self, slug: str, applied: Applied) -> None:
        """Note the marks by hand that a decision overrules, before they are taken out of the gradebook."""
        keep_marks(self.root, slug, ASIDE, applied.aside)
        self.decisions = read_decisions(self.root) if applied.aside else self.decisions

    def write_page(self, slug: str, student: str, page: bytes) -> Path:
        """Write a feedback page."""
        return write_new(self.root / "feedback" / student / slug / f"{slug}.html", page)

    def for_pages(self, slug: str, students: Collection[str]) -> dict[str, OnPage]:
        """Return what pages show of the scores and comments in the gradebook, by student."""
        with talking_to(self.directory.db_url):
            return read_for_pages(self.gradebook, slug, students)

    def settling(self, slug: str, decision: Decision | None = None, fresh: Sequence[Result] = ()) -> Settling:
        """Return what a class is brought up to date with; `decision` is one that is only thought of."""
        decisions = self.decisions.with_one(decision) if decision else self.decisions
        notebooks = {one.student: one.notebook for one in fresh}
        return Settling(self.root, slug, decisions, self.released[slug], self.late, notebooks)

    def bring_up_to_date(self, slug: str, before: Callable[[list[str]], None] = lambda names: None) -> Settled:
        """Write what was decided, and take off what being late costs now, from all submissions, graded today or not.

        All of it is one transaction. `before` is told whose results change, before anything is kept.
        """
        with talking_to(self.directory.db_url), one_commit(self.gradebook) as gradebook:
            settled = self.settling(slug).settle(gradebook)
            self.set_aside(slug, settled.applied)
            before(settled.people)
        for student in settled.decided:
            self.settling(slug).rewrite_file(student)
        keep_marks(self.root, slug, BACK, settled.applied.back)
        self.decisions = read_decisions(self.root) if settled.applied.back else self.decisions
        return settled

    def preview(self, slug: str, decision: Decision | None = None, results: Sequence[Result] = ()) -> dict[str, Points]:
        """Return what the gradebook would hold of each submission, were something decided, or submissions graded anew.

        Nothing is kept.
        """
        with talking_to(self.directory.db_url), suppress(RolledBack), one_commit(self.gradebook) as gradebook:
            for result in results:
                self.write_scores(gradebook, result)
            self.settling(slug, decision, results).settle(gradebook)
            found = read_points(gradebook, slug)
            raise RolledBack
        self.gradebook.db.expire_all()
        return found

    def decide(self, decision: Decision) -> Decision:
        """Write a decision into the file beside the gradebook; it counts from then on."""
        with writing_to(self.root):
            decision = append(self.root, decision)
        self.decisions = read_decisions(self.root)
        return decision

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
