"""The verb `autograder report`."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.course.chapters import find_root
from autograder.options import add_db, add_output, console_of, print_json

HELP = "write one page on what the class understands, and what not"


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser("report", help=HELP, description=f"{HELP[0].upper()}{HELP[1:]}.")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the results are (default: _build/grading)")
    add_db(parser)
    parser.add_argument("--assignment", metavar="SLUG", help="report on this assignment only (default: all)")
    parser.add_argument("--html", type=Path, metavar="FILE", help="the page to write (default: DIR/report.html)")
    parser.add_argument(
        "--anonymous", action="store_true", help="leave out all names and all code, to show the page in class"
    )
    add_output(parser)
    parser.set_defaults(handler=run)


def run(args: argparse.Namespace) -> int:
    """Write the page, print the short form, and return 0."""
    from autograder.report.making import Settings, make_report  # nbgrader takes seconds to import
    from autograder.report.plain_data import plain_data
    from autograder.report.terminal import show

    console = console_of(args)
    settings = Settings(find_root(), args.out, args.db, args.assignment, args.html, args.anonymous)
    report = make_report(settings, console)
    if args.json:
        print_json({"path": report.path, "assignments": [plain_data(part, args.anonymous) for part in report.parts]})
    else:
        show(console, report.parts, report.path)
    return 0
