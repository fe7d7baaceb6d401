"""The command line: `autograder` or `python -m autograder`."""

from __future__ import annotations

import argparse
import sys

from autograder.amend import command as amend
from autograder.authoring import command as build
from autograder.authoring import new_command as new
from autograder.collect import command as collect
from autograder.errors import UserError
from autograder.export import command as export
from autograder.grade import command as grade
from autograder.report import command as report
from autograder.storage.safe_text import plain


def parser() -> argparse.ArgumentParser:
    """Return the parser with all verbs."""
    top = argparse.ArgumentParser(prog="autograder", description="Make, check and grade notebooks to fill in.")
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
        return args.handler(args)
    except UserError as error:
        print(f"autograder: {plain(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("autograder: stopped; what was finished is kept.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
