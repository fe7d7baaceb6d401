"""The command line: `autograder` or `python -m autograder`."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from autograder.amend import command as amend
from autograder.authoring import command as build
from autograder.authoring import new_command as new
from autograder.collect import command as collect
from autograder.errors import UserError
from autograder.export import command as export
from autograder.grade import command as grade
from autograder.report import command as report
from autograder.storage.safe_text import plain


class Version(argparse.Action):
    """Prints the version; it is looked up only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        """Print and end."""
        print(f"autograder {plain(version('attention-autograder'))}")
        parser.exit()


class Completion(argparse.Action):
    """Prints what makes a shell complete the command."""

    def __call__(self, parser: argparse.ArgumentParser, _: Any, value: str | Sequence[Any] | None, *__: Any) -> None:
        """Print and end."""
        import shtab

        for one in all_parsers(parser):
            for action in one._actions:
                if action.type is Path:
                    action.complete = shtab.FILE  # type: ignore[attr-defined]  # shtab's own mark
        print(plain(shtab.complete(parser, str(value))))
        parser.exit()


def all_parsers(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    """Return a parser and those of its verbs."""
    below = [action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return [parser, *(found for verbs in below for one in verbs.values() for found in all_parsers(one))]


def parser() -> argparse.ArgumentParser:
    """Return the parser with all verbs."""
    top = argparse.ArgumentParser(
        prog="autograder",
        description="Make, check and grade notebooks to fill in.",
        formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=14),  # each verb takes one line
    )
    top.add_argument("--version", action=Version, nargs=0, help="print the version")
    shells = ("bash", "zsh", "tcsh")
    what = "print what completes the command in bash, zsh or tcsh"
    top.add_argument("--print-completion", action=Completion, choices=shells, metavar="SHELL", help=what)
    verbs = top.add_subparsers(title="verbs", metavar="VERB", required=True)
    new.add_parser(verbs)
    build.add_parser(verbs)
    collect.add_parser(verbs)
    grade.add_parser(verbs)
    amend.add_parser(verbs)
    report.add_parser(verbs)
    export.add_parser(verbs)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one verb and return its exit code: 0 done, 1 found wrong, 2 could not be done."""
    args = parser().parse_args(argv)
    try:
        with warnings.catch_warnings():
            if not sys.warnoptions:  # what libraries say to programmers is not for who uses the command
                warnings.simplefilter("ignore")
            return args.handler(args)
    except UserError as error:
        print(f"autograder: {plain(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("autograder: stopped; what was finished is kept.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
