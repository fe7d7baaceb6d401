"""What nbgrader's own `autograde` calls, by configuration: our reader, rebuilding, running and judging.

`nbgrader autograde` reads each submission through SubmissionExporter and Rebuild, writes it, reads it back
and passes it through RunAndJudge and nbgrader's own SaveAutoGrades.
"""

from __future__ import annotations

import datetime
import os
from copy import deepcopy
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_notebook
from nbgrader.utils import parse_utc

from autograder.course.assignment import Releases
from autograder.grade.pipeline import DELAYED, Grader, attempt, course_secret, rebuilt
from autograder.grade.run.fork_client import KeptPools
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times
from autograder.gradebook.grader_preprocessor import GraderPreprocessor
from autograder.storage.exchange_secret import pass_on
from autograder.storage.safe_files import read_notebook, write_new
from autograder.storage.timestamps import NAME as TIMESTAMP
from autograder.storage.timestamps import read_timestamp

# nbgrader makes its preprocessors anew for every notebook, so what they keep from one to the next is kept here.
RELEASES, POOLS = Releases(), KeptPools()


class Rebuild(GraderPreprocessor):
    """Puts the submitted text into the structure of the trusted release."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the rebuilt notebook; `nb` is empty, what was submitted is in the resources."""
        trusted = RELEASES.load(Path(self.course_root), resources["nbgrader"]["assignment"])
        return rebuilt(trusted, *resources["submitted"]), resources


class RunAndJudge(GraderPreprocessor):
    """Runs the rebuilt notebook apart and writes verdicts into its check cells."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the marked notebook."""
        about = resources["nbgrader"]
        trusted = RELEASES.load(Path(self.course_root), about["assignment"])
        pool, secret = POOLS.of(self.sandbox), course_secret(Path(self.grading_root))
        limits, times = Limits.of(self.memory_megabytes, self.cell_seconds), Times.of(self.cell_seconds)
        grader, again = Grader(pool, secret, limits, times, self.pictures), deepcopy(nb)
        marked = attempt(nb, trusted, about["student"], grader)
        if marked.delayed:  # it was stopped while the machine was the bottleneck, and is run again: it is alone here
            marked = attempt(again, trusted, about["student"], grader.alone(), earlier=marked)
        if marked.delayed:
            self.log.warning("%s, %s: %s", about["student"], about["assignment"], DELAYED)
        return marked.notebook, resources


class SubmissionExporter(NotebookExporter):
    """Reads a submission however damaged it is; nbformat's reader would stop the class at a broken one."""

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the exported notebook of a file."""
        if not any(isinstance(step, Rebuild) for step in self._preprocessors):
            return super().from_filename(filename, resources=resources, **kw)  # our own notebook, read back
        resources = {**(resources or {}), "submitted": read_notebook(Path(filename))}
        return self.from_notebook_node(new_notebook(), resources=resources, **kw)


def set_odd_timestamp_aside(assignment: str, student: str, notebooks: list[str]) -> None:
    """Rename a `timestamp.txt` that nbgrader would stumble over: no plain file, or no time in it.

    One whose zone nbgrader would pass over, such as CEST, is renamed as well, and its time written anew in UTC.
    """
    path = Path(notebooks[0]).with_name(TIMESTAMP)
    time = read_timestamp(path)
    if os.path.lexists(path) and (time is None or nbgraders_time(path) != time):
        path.rename(path.with_name(f"{TIMESTAMP}.odd"))
        if time is not None:
            write_new(path, f"{time.isoformat(' ')} UTC")


def nbgraders_time(path: Path) -> datetime.datetime | None:
    """Return the time that nbgrader finds in a file; None for none."""
    try:
        return parse_utc(path.read_text(encoding="utf-8-sig").strip())
    except Exception:  # dateutil raises errors of many kinds
        return None


def keep_timestamp(assignment: str, student: str, notebooks: list[str]) -> None:
    """Leave the time beside the results, by which nbgrader sees that a newer submission has come, and the secret."""
    submitted = Path(notebooks[0]).parent
    autograded = submitted.parents[1].with_name("autograded") / submitted.parent.name / submitted.name
    pass_on(submitted, [autograded])
    time = read_timestamp(submitted / TIMESTAMP)
    if time is not None:
        write_new(autograded / TIMESTAMP, f"{time.isoformat(' ')} UTC")
