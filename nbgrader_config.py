"""nbgrader's configuration of this course; every setting is explained in autograder/gradebook/nbgrader_config.py."""

import sys
from pathlib import Path

from autograder.errors import UserError
from autograder.gradebook.nbgrader_config import configure

ROOT = Path(__file__).resolve().parent

try:
    configure(get_config(), course_root=ROOT, grading_root=ROOT / "_build" / "grading")  # noqa: F821 (nbgrader defines it)
except UserError as error:  # nbgrader would go on without these settings, and so without the sandbox
    sys.exit(f"nbgrader_config.py: {error}")
