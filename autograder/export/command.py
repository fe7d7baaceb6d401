"""The verb `autograder export`."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.course.options import add_db

HELP = "write grades in the format of a learning platform"
FORMATS = {
    "canvas": "Canvas's gradebook, for Grades > Import; needs the file that Canvas exported as --roster",
    "moodle": "Moodle's grading worksheet, given as --roster, filled in; without it a file for Grades > Import > CSV",
    "nbgrader": "the CSV file of `nbgrader export`",
    "json": "every check of every submission, for programs of your own",
}


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verb to the command line."""
    formats = "\n".join(f"  {name:10}{what}" for name, what in FORMATS.items())
    parser = subparsers.add_parser(
        "export",
        help=HELP,
        description=f"{HELP[0].upper()}{HELP[1:]}.",
        epilog=f"formats:\n{formats}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("format", choices=FORMATS, metavar="FORMAT", help=f"one of: {', '.join(FORMATS)}")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the results are (default: _build/grading)")
    add_db(parser)
    parser.add_argument("--assignment", metavar="SLUG", help="export this one only (default: a file for each)")
    parser.add_argument("--roster", type=Path, metavar="CSV", help="the platform's own file, to be filled in")
    parser.add_argument(
        "--to", type=Path, metavar="FILE", help="the file to write; - prints it (default: DIR/FORMAT_SLUG.csv or .json)"
    )
    parser.add_argument("--column", metavar="NAME", help="what Canvas calls the assignment (default: what fits SLUG)")
    parser.add_argument(
        "--only-finished", action="store_true", help="leave out whose written answers a person has still to grade"
    )
    parser.add_argument(
        "--scale", action="store_true", help="turn points into the platform's where it counts out of another number"
    )
    parser.set_defaults(handler=run)


def run(args: argparse.Namespace) -> int:
    """Write the files and return 0."""
    from autograder.export.run import export_all  # nbgrader takes seconds to import; other verbs need not wait

    return export_all(args)
