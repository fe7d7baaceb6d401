"""The verb `autograder grade`."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "grade a folder of submissions: student/assignment/assignment.ipynb"


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser("grade", help=HELP, description=f"{HELP[0].upper()}{HELP[1:]}.")
    parser.add_argument("submissions", type=Path, metavar="SUBMISSIONS", help="folder with one folder a student")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where results go (default: _build/grading)")
    parser.add_argument("--jobs", type=int, metavar="N", help="how many to run at a time (default: one a processor)")
    parser.add_argument("--assignment", metavar="SLUG", help="grade this assignment only")
    parser.add_argument("--student", metavar="ID", help="grade this student only")
    parser.add_argument("--force", action="store_true", help="grade again even what is unchanged")
    parser.add_argument("--timeout", type=float, default=30.0, metavar="S", help="seconds for one cell (default: 30)")
    parser.add_argument("--memory", type=int, default=2048, metavar="MB", help="memory for one run (default: 2048)")
    parser.add_argument(
        "--no-sandbox", action="store_true", help="run submissions you trust where no sandbox can be built"
    )
    parser.set_defaults(handler=run)


def run(args: argparse.Namespace) -> int:
    """Grade the class and return 0 when every submission has a verdict."""
    from autograder.grade.course import grade_class  # nbgrader takes seconds to import; other verbs need not wait

    return grade_class(args)
