"""The verbs `autograder build`, `autograder check` and `autograder mistakes`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.authoring.mistakes import LEGEND, specs, tables
from autograder.authoring.mistakes_data import needs_a_look, plain_data
from autograder.course.chapters import find_root
from autograder.options import add_output, console_of, print_json

if TYPE_CHECKING:
    from autograder.authoring.generate import Generated

BUILD_HELP = "generate what learners get from the hand-written sources"
CHECK_HELP = "compare what is generated with the sources; writes nothing"
MISTAKES_HELP = "list the known mistakes, and the cases that tell them apart"

WIDEST = 1000  # letters in a line of a table


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verbs to the command line."""
    verbs = [
        ("build", BUILD_HELP, "", run_build),
        ("check", CHECK_HELP, "", run_check),
        ("mistakes", MISTAKES_HELP, f" {LEGEND}.", run_mistakes),
    ]
    for verb, text, more, handler in verbs:
        parser = subparsers.add_parser(verb, help=text, description=f"{text[0].upper()}{text[1:]}.{more}")
        parser.add_argument("chapters", nargs="*", metavar="SLUG", help="chapters, by slug or number (default: all)")
        add_output(parser)
        parser.set_defaults(handler=handler)
    parser.add_argument("--check", metavar="NAME", help="one check only, by its name")
    parser.add_argument("--pairs", action="store_true", help="list every pair of mistakes with the cases that differ")
    parser.add_argument("--rate", action="store_true", help="count which of solutions/NN_topic_wrong.py are named")
    parser.add_argument("--verbose", action="store_true", help="with --rate: list those that are not named")


def run_build(args: argparse.Namespace) -> int:
    """Write the files that changed, and name them."""
    from autograder.authoring.generate import (
        build_course,
    )  # nbgrader takes seconds to import; other verbs need not wait

    console = console_of(args)
    made = build_course(find_root(), args.chapters, console)
    if args.json:
        print_json(made)
        return 0
    name_changes(console, made)
    say(console, f"{made.files} generated files, {len(made.changes)} changed.")
    return 0


def run_check(args: argparse.Namespace) -> int:
    """Name each file that is not as the sources give it; return 1 if there is one."""
    from autograder.authoring.generate import check_course

    made = check_course(find_root(), args.chapters, console_of(args))
    if args.json:
        print_json(made)
        return 1 if made.changes else 0
    console = Console(quiet=args.quiet and not made.changes)
    name_changes(console, made)
    if made.changes:
        say(console, "Run `autograder build` and commit what it writes.")
        return 1
    say(console, f"{made.files} generated files, all as the sources give them.")
    return 0


def run_mistakes(args: argparse.Namespace) -> int:
    """Print the checks of the chapters with their cases and mistakes, or how many wrong answers are named.

    Quietly only the checks that tell too little apart.
    """
    if args.rate:
        return run_rate(args)
    console, found = Console(), list(specs(find_root(), args.chapters, args.check))
    if args.json:
        print_json({"checks": [plain_data(title, spec) for title, spec in found]})
        return 0
    if args.quiet:
        found = [(title, spec) for title, spec in found if needs_a_look(plain_data(title, spec))]
    for title, spec in found:
        for part in tables(title, spec, args.pairs):
            if not console.is_terminal:  # in a file or a pipe names stay whole, so that they can be searched for
                wide = console.options.update(max_width=WIDEST)
                console.width = max(console.width, console.measure(part, options=wide).maximum)
            console.print(part, highlight=False)
    return 0


def run_rate(args: argparse.Namespace) -> int:
    """Print how many wrong answers are named; return 1 where they are too few. Quietly only where they are."""
    from autograder.authoring.rate import counts, good_enough, lines_of, rate_table, rates  # they import nbgrader

    found = list(rates(find_root(), args.chapters))
    good, console = good_enough(found), Console()
    lines = [line for _, told in found for line in lines_of(told)] if args.verbose else []
    if args.json:
        print_json({"good_enough": good, "chapters": {slug: counts(told) for slug, told in found}, "not_named": lines})
    elif not (args.quiet and good):
        for line in lines:
            say(console, line)
        console.print(rate_table(found), highlight=False)
    return 0 if good else 1


def name_changes(console: Console, made: Generated) -> None:
    """Print each file that changed, or should."""
    for change in made.changes:
        say(console, f"  {change.what}: {change.path}")


def say(console: Console, text: str) -> None:
    """Print a line as it is."""
    console.print(text, highlight=False, soft_wrap=True)
