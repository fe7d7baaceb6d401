"""The settings that our preprocessors of nbgrader's share."""

from __future__ import annotations

from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Float, Integer, Unicode


class GraderPreprocessor(NbGraderPreprocessor):
    """What our preprocessors share: where the course and its gradebook are, and the limits."""

    course_root = Unicode(help="The folder with solutions/ and exercises/").tag(config=True)
    grading_root = Unicode(help="The folder with everything that grading makes").tag(config=True)
    cell_seconds = Float(30.0, help="Seconds of processor time that one cell may take").tag(config=True)
    sandbox = Bool(True, help="Whether to run submissions in the sandbox").tag(config=True)
    memory_megabytes = Integer(2048, help="Memory that one run may use").tag(config=True)
    pictures = Bool(False, help="Whether to draw the figures of the release's own cells").tag(config=True)
