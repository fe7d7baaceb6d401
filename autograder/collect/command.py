"""The verb `autograder collect`."""

from __future__ import annotations

import argparse

HELP = "sort what a learning platform hands out into STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb"


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser("collect", help=HELP, description=f"{HELP[0].upper()}{HELP[1:]}.")
    parser.set_defaults(handler=run)


def run(args: argparse.Namespace) -> int:
    """Carry out the verb."""
    raise NotImplementedError
