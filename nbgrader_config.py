"""nbgrader's configuration of this course; every setting is explained in autograder/grade/nbgrader_settings.py."""

from pathlib import Path

from autograder.grade.nbgrader_settings import configure

ROOT = Path(__file__).resolve().parent

configure(get_config(), course_root=ROOT, grading_root=ROOT / "_build" / "grading")  # noqa: F821 (nbgrader defines it)
