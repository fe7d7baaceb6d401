"""The verb `autograder export`."""

from __future__ import annotations

import argparse
import sys
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.course.chapters import find_root
from autograder.export.formats import FORMATS
from autograder.options import add_db, add_output, console_of, print_json
from autograder.storage.safe_text import one_line

if TYPE_CHECKING:
    from autograder.export.run import Exported

HELP = "write grades in the format of a learning platform"


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verb to the command line."""
    lines = [textwrap.fill(f"  {name:10}{what}", 79, subsequent_indent=12 * " ") for name, what in FORMATS.items()]
    parser = subparsers.add_parser(
        "export",
        help=HELP,
        description=f"{HELP[0].upper()}{HELP[1:]}.",
        epilog="\n".join(["formats:", *lines]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("format", choices=tuple(FORMATS), metavar="FORMAT", help=f"one of: {', '.join(FORMATS)}")
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
    add_output(parser)
    parser.set_defaults(handler=run)


def run(args: argparse.Namespace) -> int:
    """Write the files and say on stderr what is to be known about them; return 1 where one of them has no grade."""
    from autograder.export.run import Settings, exports  # nbgrader takes seconds to import; other verbs need not wait

    settings = Settings(
        course_root=find_root(),
        format=args.format,
        out=args.out,
        db=args.db,
        assignment=args.assignment,
        roster=args.roster,
        to=args.to,
        column=args.column,
        only_finished=args.only_finished,
        scale=args.scale,
    )
    found = []
    for made in exports(settings, console_of(args, stderr=True)):
        found.append(made)
        if not args.json:
            tell(made, Console(stderr=True), args.quiet)
    if args.json:
        print_json({"files": [asdict(made) for made in found]})
    return 0 if all(made.count for made in found) else 1


def tell(made: Exported, console: Console, quiet: bool) -> None:
    """Print a file that was not written, or say where it is; then what is to be known about it."""
    lines = list(made.notes)
    if made.path is None:
        sys.stdout.buffer.write(made.text.encode("utf-8", "replace"))
        sys.stdout.flush()
    elif not quiet:
        lines.insert(0, f"{made.count} rows with a grade: {made.path}")
    for line in lines:
        console.print(one_line(line), markup=False, highlight=False, soft_wrap=True)
