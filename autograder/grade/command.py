"""The verb `autograder grade`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.course.chapters import by_number, find_root
from autograder.grade.settings import Settings, above_zero
from autograder.options import add_db, add_output, console_of, print_json
from autograder.storage.folders import graded_nothing

if TYPE_CHECKING:
    from autograder.grade.helper.workers import LocalWorkers

HELP = "grade a folder of submissions"


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser("grade", help=HELP, description=f"{HELP[0].upper()}{HELP[1:]}.")
    parser.add_argument(
        "submissions",
        type=Path,
        nargs="?",
        metavar="SUBMISSIONS",
        help="a folder with STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb (default: DIR/submitted, where `autograder collect` "
        "puts them)",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="where results go (default: _build/grading)")
    add_db(parser)
    parser.add_argument(
        "--jobs", type=number_above_zero(int), metavar="N", help="how many to run at a time (default: one a processor)"
    )
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="run submissions on the workers of this Dask scheduler: tcp://HOST:8786"
    )
    parser.add_argument("--assignment", metavar="SLUG", help="grade this assignment only")
    parser.add_argument(
        "--student", action="append", default=[], metavar="ID", help="grade this one only; may be given several times"
    )
    parser.add_argument(
        "--pictures", action="store_true", help="draw the notebook's own figures into the feedback; takes twice as long"
    )
    parser.add_argument("--force", action="store_true", help="grade again even what is unchanged")
    parser.add_argument(
        "--timeout",
        type=number_above_zero(float),
        default=30.0,
        metavar="S",
        help="seconds of processor time for one cell (default: 30); ten times as many on the clock",
    )
    parser.add_argument(
        "--memory", type=number_above_zero(int), default=2048, metavar="MB", help="memory for one run (default: 2048)"
    )
    parser.add_argument(
        "--no-sandbox", action="store_true", help="run submissions you trust where no sandbox can be built"
    )
    add_output(parser)
    parser.set_defaults(handler=run)


def number_above_zero(kind: type[int] | type[float]) -> Callable[[str], float]:
    """Return what reads a number of a kind from the command line, if the settings take it."""

    def number(text: str) -> float:
        value = kind(text)
        if not above_zero(value, whole=kind is int):
            raise argparse.ArgumentTypeError(f"{text} is not above zero")
        return value

    number.__name__ = {int: "whole number", float: "number"}[kind]
    return number


def run(args: argparse.Namespace) -> int:
    """Grade the class, print what became of it, and return 0 when every submission has a verdict."""
    settings, console = settings_of(args), console_of(args)
    workers = early_workers(settings)
    try:
        from autograder.grade import report  # nbgrader takes seconds to import; other verbs need not wait
        from autograder.grade.session import grade_class

        found = grade_class(settings, console, workers)
    finally:
        if workers is not None:
            workers.close()
    if args.json:
        print_json(found, complete=found.complete)
    elif args.quiet:
        report.show_problems(Console(stderr=True), found)
    else:
        report.show(console, found)
    return 0 if found.complete else 1


def settings_of(args: argparse.Namespace) -> Settings:
    """Return what the command line says, for the course around the working directory."""
    return Settings(
        course_root=find_root(),
        submissions=args.submissions,
        out=args.out,
        db=args.db,
        jobs=args.jobs,
        scheduler=args.scheduler,
        assignment=args.assignment,
        students=tuple(args.student),
        timeout=args.timeout,
        memory=args.memory,
        pictures=args.pictures,
        force=args.force,
        sandbox=not args.no_sandbox,
    )


def early_workers(settings: Settings) -> LocalWorkers | None:
    """Start the helpers and warm processes of a first grading, if it is one, while all else is imported.

    A glance at the names of the folders is enough here; everything is looked at with care later.
    """
    try:
        names = {folder.name for student in settings.folder.iterdir() for folder in student.iterdir()}
    except OSError:
        return None  # told later, in words
    if settings.scheduler is not None or not (settings.force or graded_nothing(settings.results)):
        return None
    from autograder.grade.helper.workers import LocalWorkers
    from autograder.grade.run.pools import flavours

    workers = LocalWorkers(settings.jobs, sandboxed=settings.sandbox)
    wanted = by_number(settings.assignment, names) if settings.assignment else None
    workers.warm_up(flavours(settings.course_root, names & {wanted or name for name in names}))
    return workers
