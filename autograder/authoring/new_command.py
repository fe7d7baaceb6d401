"""The verb `autograder new`."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

HELP = "make a course of your own, with one chapter to begin with"
NEXT = "The course is in {folder}. Next:\n  cd {folder}\n  autograder build\n  autograder check"


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser("new", help=HELP, description=f"{HELP[0].upper()}{HELP[1:]}.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where to make it: a folder that is not there yet")
    parser.add_argument(
        "--title", default="", metavar="TITLE", help="what the course is called (default: what the folder is called)"
    )
    parser.set_defaults(handler=run)


def run(args: argparse.Namespace) -> int:
    """Make the course, print the next commands, and return 0."""
    from autograder.authoring.new import new_course  # it imports what the other verbs need not wait for

    new_course(args.folder, args.title)
    print(NEXT.format(folder=shlex.quote(str(args.folder))))
    return 0
