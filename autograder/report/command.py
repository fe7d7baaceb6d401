"""The verb `autograder report`."""

from __future__ import annotations

import argparse

HELP = "write one page on what the class understands and what it does not"


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser("report", help=HELP, description=f"{HELP[0].upper()}{HELP[1:]}.")
    parser.set_defaults(handler=run)


def run(args: argparse.Namespace) -> int:
    """Carry out the verb."""
    raise NotImplementedError
