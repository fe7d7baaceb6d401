"""nbgrader's own `generate_assignment`, run on a folder of solved notebooks."""

from __future__ import annotations

import logging
from pathlib import Path

from traitlets.config import Config

from autograder.errors import UserError
from autograder.gradebook.nbgrader_config import configure


def release(course: Path, slug: str) -> None:
    """Turn `course/solutions/<slug>` into `course/exercises/<slug>` as nbgrader does."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory

    config = Config()
    configure(config, course_root=course, grading_root=course / "_build" / "grading")
    config.CourseDirectory.assignment_id = slug
    config.GenerateAssignment.no_database = True  # these two are nbgrader's own --no-db
    config.SaveCells.enabled = False
    converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
    converter.log.setLevel(logging.ERROR)
    try:
        converter.start()
    except Exception as error:
        raise UserError(f"nbgrader could not make the release of {slug}: {error}") from error
