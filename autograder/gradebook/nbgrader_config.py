"""nbgrader's settings for a course, in one place: the builder, the class driver and the stock commands use them."""

from __future__ import annotations

import glob
import os
import sys
from importlib.util import find_spec
from pathlib import Path

from traitlets.config import Config

from autograder.course.config import course_id
from autograder.course.deadlines import late_settings
from autograder.gradebook.database import db_url

CODE_STUB = 'raise NotImplementedError("Write your answer in place of this line, then run the check below.")'
TEXT_STUB = "*Write your answer here, in place of this line.*"
TEMPLATES = Path(__file__).parents[1] / "grade" / "feedback" / "templates"
MARKING = Path(__file__).parent / "templates"
JUDGE = "autograder.grade.nbgrader_preprocessors"
LATE = "autograder.gradebook.late_penalty"
NEVER_COPIED = (".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback")  # nbgrader's own list


def configure(c: Config, course_root: Path, grading_root: Path, db: str | None = None) -> None:
    """Set everything that nbgrader needs for the course at `course_root`, graded below `grading_root`.

    db  the address of the gradebook, where it is not to be found by itself
    """
    scripts_on_path()
    set_folders(c, course_root.resolve(), grading_root.resolve())
    c.CourseDirectory.db_url = db_url(grading_root, db)
    set_release(c)
    set_autograde(c, course_root.resolve(), grading_root.resolve())
    set_late(c, course_root.resolve())
    set_feedback(c)
    set_formgrader(c)


def set_folders(c: Config, course_root: Path, grading_root: Path) -> None:
    """Say where sources, releases and everything that grading makes are; SQLite needs its folder to be there."""
    grading_root.mkdir(parents=True, exist_ok=True)
    c.CourseDirectory.root = str(course_root)
    c.CourseDirectory.course_id = course_id(course_root)
    c.CourseDirectory.source_directory = "solutions"
    c.CourseDirectory.release_directory = "exercises"
    for step in ("submitted", "autograded", "feedback"):
        # an absolute path here wins over the root, so that the two may lie anywhere
        setattr(c.CourseDirectory, f"{step}_directory", str(grading_root / step))
    # nbgrader would copy whatever a learner hands in beside the notebook, with links followed; it passes over
    # folders that match these patterns, and only an absolute one leaves our own folders alone
    c.CourseDirectory.ignore = [*NEVER_COPIED, f"{glob.escape(str(grading_root / 'submitted'))}/*/*"]


def set_release(c: Config) -> None:
    """Say what a learner finds in place of a solution; releases are made anew each time."""
    c.GenerateAssignment.force = True
    c.ClearSolutions.code_stub = {"python": CODE_STUB}
    c.ClearSolutions.text_stub = TEXT_STUB


def set_autograde(c: Config, course_root: Path, grading_root: Path) -> None:
    """Replace nbgrader's reading, cleaning and running of a submission by ours; it keeps the gradebook."""
    c.Autograde.exporter_class = f"{JUDGE}.SubmissionExporter"
    c.Autograde.sanitize_preprocessors = [f"{JUDGE}.Rebuild"]
    c.Autograde.autograde_preprocessors = [
        f"{JUDGE}.RunAndJudge",
        f"{LATE}.WriteDueDate",  # first: an extension is counted from it
        "autograder.gradebook.keep_reviews.KeepsReviewed",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    c.Autograde.pre_convert_hook = f"{JUDGE}.set_odd_timestamp_aside"
    c.Autograde.post_convert_hook = f"{JUDGE}.keep_timestamp"
    c.GraderPreprocessor.course_root = str(course_root)
    c.GraderPreprocessor.grading_root = str(grading_root)
    c.KeepsReviewed.grading_root = str(grading_root)


def set_late(c: Config, course_root: Path) -> None:
    """Take off points for being late as `_config.yml` says."""
    c.WriteDueDate.course_root = str(course_root)
    c.AssignLatePenalties.plugin_class = f"{LATE}.LatePenalty"
    for name, value in late_settings(course_root).items():
        setattr(c.LatePenalty, name, value)


def set_feedback(c: Config) -> None:
    """Make feedback pages anew each time, with nothing in them that a browser would run for a learner."""
    c.GenerateFeedback.force = True
    c.GenerateFeedback.exporter_class = "autograder.grade.feedback.exporter.FeedbackExporter"
    c.GenerateFeedback.preprocessors = [
        "autograder.gradebook.get_grades.GetsWaiting",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
        "autograder.grade.feedback.summary.Summary",
    ]
    c.FeedbackExporter.template_name = "judged"  # of ours only: formgrader has a template of its own
    c.FeedbackExporter.template_file = "judged.html.j2"
    c.FeedbackExporter.extra_template_basedirs = [str(TEMPLATES), str(nbgrader_templates())]
    c.HTMLExporter.sanitize_html = True
    c.HTMLExporter.filters = {
        "markdown2html": "autograder.grade.feedback.sanitize.markdown_of_cell",
        "clean_html": "autograder.grade.feedback.sanitize.safe_html",
        "highlight_code": "autograder.grade.feedback.sanitize.coloured",
    }


def set_formgrader(c: Config) -> None:
    """Show whoever marks in formgrader the rubric of each written answer, and nobody else."""
    c.HTMLExporter.preprocessors = ["autograder.gradebook.show_rubric.ShowsRubric"]
    c.HTMLExporter.template_file = "marking.html.j2"
    c.HTMLExporter.extra_template_paths = [str(MARKING)]
    c.FeedbackExporter.preprocessors = []  # a learner's page is made by an HTMLExporter, too


def nbgrader_templates() -> Path:
    """Return the folder of nbgrader's templates, found without importing nbgrader, which takes seconds."""
    found = find_spec("nbgrader")
    assert found is not None and found.origin is not None, "nbgrader is not installed"
    return Path(found.origin).parent / "server_extensions" / "formgrader" / "templates"


def scripts_on_path() -> None:
    """Put this Python's scripts on PATH: nbgrader starts `alembic` by name when it makes a gradebook."""
    scripts = str(Path(sys.executable).parent)
    if scripts not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([scripts, os.environ.get("PATH", "")])
