"""The verb `autograder grade`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from autograder.errors import UserError

HELP = "grade a folder of submissions: student/assignment/assignment.ipynb"


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser("grade", help=HELP, description=f"{HELP[0].upper()}{HELP[1:]}.")
    parser.add_argument("submissions", type=Path, metavar="SUBMISSIONS", help="folder with one folder a student")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where results go (default: _build/grading)")
    parser.add_argument(
        "--jobs", type=above_zero(int), metavar="N", help="how many to run at a time (default: one a processor)"
    )
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="run submissions on the workers of this Dask scheduler: tcp://HOST:8786"
    )
    parser.add_argument("--assignment", metavar="SLUG", help="grade this assignment only")
    parser.add_argument("--student", metavar="ID", help="grade this student only")
    parser.add_argument("--force", action="store_true", help="grade again even what is unchanged")
    parser.add_argument(
        "--timeout", type=above_zero(float), default=30.0, metavar="S", help="seconds for one cell (default: 30)"
    )
    parser.add_argument(
        "--memory", type=above_zero(int), default=2048, metavar="MB", help="memory for one run (default: 2048)"
    )
    parser.add_argument(
        "--no-sandbox", action="store_true", help="run submissions you trust where no sandbox can be built"
    )
    parser.set_defaults(handler=run)


def above_zero(kind: type) -> Callable[[str], float]:
    """Return what reads a number of a kind from the command line, if it is above zero and finite."""

    def number(text: str) -> float:
        value = kind(text)
        if not 0 < value < float("inf"):
            raise argparse.ArgumentTypeError(f"{text} is not above zero")
        return value

    number.__name__ = {int: "whole number", float: "number"}[kind]
    return number


def run(args: argparse.Namespace) -> int:
    """Grade the class and return 0 when every submission has a verdict."""
    if sys.platform == "win32":
        raise UserError("Grading needs Linux, or macOS with --no-sandbox; on Windows run the same command under WSL 2.")
    from autograder.grade.course import grade_class  # nbgrader takes seconds to import; other verbs need not wait

    return grade_class(args)
