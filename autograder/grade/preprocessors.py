"""What nbgrader's own `autograde` calls, by configuration: our reader, rebuilding, running and judging.

`nbgrader autograde` reads each submission through SubmissionExporter and Rebuild, writes it, reads it back
and passes it through RunAndJudge and nbgrader's own SaveAutoGrades.
"""

from __future__ import annotations

import atexit
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_notebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Float, Integer, Unicode

from autograder.grade import confine
from autograder.grade.attempts import Times
from autograder.grade.grading import Grader, course_secret, rebuilt, run_and_judge
from autograder.grade.runs import Pool
from autograder.grade.trusted import load_trusted

LOCK = threading.Lock()


@lru_cache(maxsize=1)
def shared_pool(sandboxed: bool) -> Pool:
    """Return the warm processes of this process, ended when it ends."""
    pool = Pool(sandboxed)
    atexit.register(pool.close)
    return pool


class GraderPreprocessor(NbGraderPreprocessor):
    """What our preprocessors share: where the course and its gradebook are, and the limits."""

    course_root = Unicode(help="The folder with solutions/ and exercises/").tag(config=True)
    grading_root = Unicode(help="The folder with everything that grading makes").tag(config=True)
    cell_seconds = Float(30.0, help="Seconds that one cell may take").tag(config=True)
    sandbox = Bool(True, help="Whether to run submissions in the sandbox").tag(config=True)
    memory_megabytes = Integer(2048, help="Memory that one run may use").tag(config=True)


class Rebuild(GraderPreprocessor):
    """Puts the submitted text into the structure of the trusted release."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the rebuilt notebook; `nb` is empty, the submission's bytes are in the resources."""
        trusted = load_trusted(Path(self.course_root), resources["nbgrader"]["assignment"])
        return rebuilt(trusted, resources["submitted_bytes"]), resources


class RunAndJudge(GraderPreprocessor):
    """Runs the rebuilt notebook apart and writes verdicts into its check cells."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the marked notebook."""
        about = resources["nbgrader"]
        trusted = load_trusted(Path(self.course_root), about["assignment"])
        with LOCK:
            pool, secret = shared_pool(self.sandbox), course_secret(Path(self.grading_root))
        limits = confine.Limits(memory=self.memory_megabytes << 20)
        times = Times(self.cell_seconds, 10 * self.cell_seconds)
        run_and_judge(nb, trusted, about["student"], Grader(pool, secret, limits, times))
        return nb, resources


class SubmissionExporter(NotebookExporter):
    """Reads a submission however damaged it is; nbformat's reader would stop the class at a broken one."""

    def from_filename(self, filename: str, resources: dict | None = None, **kw: Any) -> tuple[str, dict]:
        """Return the exported notebook of a file."""
        if not any(isinstance(step, Rebuild) for step in self._preprocessors):
            return super().from_filename(filename, resources=resources, **kw)  # our own notebook, read back
        resources = {**(resources or {}), "submitted_bytes": Path(filename).read_bytes()}
        return self.from_notebook_node(new_notebook(), resources=resources, **kw)
