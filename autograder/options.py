"""Options that several verbs of the command line have; for the modules called `command` alone."""

from __future__ import annotations

import argparse
from collections.abc import Callable


def add_db(parser: argparse.ArgumentParser) -> None:
    """Add the option that says where the gradebook is."""
    parser.add_argument(
        "--db",
        metavar="URL",
        help="the gradebook's database, such as postgresql://USER@HOST/DATABASE "
        "(default: the environment variable ATTENTION_DB, else DIR/gradebook.db)",
    )


def above_zero(kind: type) -> Callable[[str], float]:
    """Return what reads a number of a kind from the command line, if it is above zero and finite."""

    def number(text: str) -> float:
        value = kind(text)
        if not 0 < value < float("inf"):
            raise argparse.ArgumentTypeError(f"{text} is not above zero")
        return value

    number.__name__ = {int: "whole number", float: "number"}[kind]
    return number
