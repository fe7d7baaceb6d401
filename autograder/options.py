"""Options that several verbs of the command line have; for the modules called `command` alone."""

from __future__ import annotations

import argparse


def add_db(parser: argparse.ArgumentParser) -> None:
    """Add the option that says where the gradebook is."""
    parser.add_argument(
        "--db",
        metavar="URL",
        help="the gradebook's database, such as postgresql://USER@HOST/DATABASE "
        "(default: the environment variable ATTENTION_DB, else DIR/gradebook.db)",
    )
