"""The settings of the stock commands of nbgrader: the same gradebook, sandbox and checks."""

import sys
from pathlib import Path

from autograder.errors import UserError
from autograder.gradebook.nbgrader_config import configure

ROOT = Path(__file__).resolve().parent
GRADING = ROOT / "_build" / "grading"

try:
    configure(get_config(), course_root=ROOT, grading_root=GRADING)  # noqa: F821
except UserError as error:
    # nbgrader would go on without these settings, and so without the sandbox
    sys.exit(f"nbgrader_config.py: {error}")
