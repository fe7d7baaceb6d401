"""Options that several verbs of the command line have; for the modules called `command` alone."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from autograder.storage.safe_text import plain

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def add_db(parser: argparse.ArgumentParser) -> None:
    """Add the option that says where the gradebook is."""
    parser.add_argument(
        "--db",
        metavar="URL",
        help="the gradebook's database, such as postgresql://USER@HOST/DATABASE "
        "(default: the environment variable ATTENTION_DB, else DIR/gradebook.db)",
    )


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how much is printed, and for whom."""
    parser.add_argument("--quiet", action="store_true", help="print only what needs a look")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object, for programs")


def console_of(args: argparse.Namespace, stderr: bool = False) -> Console:
    """Return where it is shown how far something is: beside a JSON object that is on stderr."""
    return Console(quiet=args.quiet, stderr=stderr or args.json)


def print_json(result: DataclassInstance | dict[str, Any], **more: object) -> None:
    """Print a result as one object in one line, in letters that every terminal and every program takes."""
    found = (result if isinstance(result, dict) else asdict(result)) | more
    print(plain(json.dumps(found, default=in_text).replace("\x7f", "\\u007f")))


def in_text(value: object) -> str:
    """Return what JSON has no word for."""
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no plain data")
