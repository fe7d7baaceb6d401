"""The verb `autograder amend`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.course.chapters import find_root
from autograder.errors import UserError
from autograder.options import add_db, add_output, console_of, print_json
from autograder.storage.safe_text import one_line

if TYPE_CHECKING:
    from autograder.amend.plan import Plan
    from autograder.gradebook.decisions import Decision, Decisions

HELP = "change grades by decision, and write down why"
MORE = """\
Each says first what will change for whom, and asks. What is decided stands in
`decisions.jsonl` in DIR, which is only added to, and holds for what is graded
later too, until it is undone."""
CHECK = "the name of a check or of a written answer"
UNTIL = "when the work is due then: 2026-12-03 23:59 Europe/Berlin"


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser(
        "amend",
        help=HELP,
        description=f"{HELP[0].upper()}{HELP[1:]}.",
        epilog=MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = parser.add_subparsers(title="what", metavar="WHAT", dest="what", required=True)
    drop = of_question(kinds, "drop", "drop a question for the class")
    drop.add_argument("--to", choices=("everybody", "nobody"), required=True, help="who gets its points")
    points = of_question(kinds, "points", "change how many points a question counts")
    points.add_argument("points", type=float, metavar="POINTS", help="how many it counts; results keep their share")
    accept = of_question(kinds, "accept", "accept one answer as right")
    accept.add_argument("--student", metavar="ID", required=True, help="whose answer")
    accept.add_argument("--points", type=float, metavar="N", help="give so many points (default: all)")
    for what, help_ in (("extend", "give one person more time"), ("attempt", "give one person a second attempt")):
        one = with_common(kinds.add_parser(what, help=help_, description=f"{help_[0].upper()}{help_[1:]}."))
        one.add_argument("assignment", metavar="SLUG", help="the assignment")
        one.add_argument("--student", metavar="ID", required=True, help="who")
        one.add_argument("--until", metavar="DATE", default="", required=what == "extend", help=UNTIL)
    again = of_question(kinds, "regrade", "grade again by a mended key")
    add_grading(again)
    undo = with_common(kinds.add_parser("undo", help="take a decision back", description="Take a decision back."))
    undo.add_argument("number", type=int, metavar="NUMBER", help="its number in the list")
    text = "list what was decided"
    listed = kinds.add_parser("list", help=text, description=f"{text[0].upper()}{text[1:]}.")
    listed.add_argument("--out", type=Path, metavar="DIR", help="where the results are (default: _build/grading)")
    add_output(listed)
    parser.set_defaults(handler=run)


def of_question(kinds: argparse._SubParsersAction, what: str, help_: str) -> argparse.ArgumentParser:
    """Add the parser of what is decided about one question."""
    parser = with_common(kinds.add_parser(what, help=help_, description=f"{help_[0].upper()}{help_[1:]}."))
    parser.add_argument("assignment", metavar="SLUG", help="the assignment")
    parser.add_argument("check", metavar="CHECK", help=CHECK)
    return parser


def with_common(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the options that all have."""
    parser.add_argument("--reason", default="", metavar="TEXT", help="why; of a question learners read it")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the results are (default: _build/grading)")
    add_db(parser)
    sure = parser.add_mutually_exclusive_group()
    sure.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    sure.add_argument("--yes", action="store_true", help="do it without asking")
    add_output(parser)
    return parser


def add_grading(parser: argparse.ArgumentParser) -> None:
    """Add those options of `grade` that can change a result: give what the class was graded with."""
    parser.add_argument("--submissions", type=Path, metavar="DIR", help="the folder that was graded, as in `grade`")
    parser.add_argument("--jobs", type=int, metavar="N", help="how many to run at a time")
    parser.add_argument("--timeout", type=float, default=30.0, metavar="S", help="as in `grade` (default: 30)")
    parser.add_argument("--memory", type=int, default=2048, metavar="MB", help="as in `grade` (default: 2048)")
    parser.add_argument("--pictures", action="store_true", help="as in `grade`")
    parser.add_argument("--no-sandbox", dest="sandbox", action="store_false", help="as in `grade`")


def run(args: argparse.Namespace) -> int:
    """Say what will change, ask, do it, and return 0; 1 where it was not agreed to."""
    from autograder.amend.amending import amend, decisions  # nbgrader takes seconds to import
    from autograder.amend.wishes import Settings

    given = {name: value for name, value in vars(args).items() if name in Settings.__dataclass_fields__}
    console = console_of(args)
    if args.what == "list":
        list_decisions(decisions(find_root(), args.out), args, console)
        return 0
    done = amend(Settings(find_root(), **given), console, asking(console, args))
    if args.json:
        print_json(done)
    elif args.quiet:
        tell(Console(stderr=True), [*done.plan.notes, *done.notes])
    elif done.applied:
        tell(console, [f"Done; decision {done.plan.decision.number} in {done.file}.", *done.notes])
    else:
        tell(console, ["Nothing was changed."])
    return 0 if done.applied or args.dry_run else 1


def list_decisions(found: Decisions, args: argparse.Namespace, console: Console) -> None:
    """Print what was decided."""
    lines = [(one, one.number in found.undone) for one in found.lines]
    if args.json:
        print_json({"decisions": [asdict(one) | {"undone": undone} for one, undone in lines]})
    else:
        tell(console, [line_of(one, undone) for one, undone in lines] or ["Nothing was decided."])


def asking(console: Console, args: argparse.Namespace) -> Callable[[Plan], bool]:
    """Return what shows a plan and asks, unless the command line has answered already."""
    from autograder.amend.plan import sentences

    def agree(plan: Plan) -> bool:
        if args.dry_run or args.yes:
            tell(console, [] if args.json else sentences(plan))
            return bool(args.yes)
        tell(asked := Console(stderr=args.json), sentences(plan))
        if args.json or not sys.stdin.isatty():
            raise UserError("Nobody is there to be asked: say --yes to do it, or --dry-run to see what would change.")
        return asked.input("Do it? [y/N] ").strip().lower() in ("y", "yes")

    return agree


def tell(console: Console, lines: list[str]) -> None:
    """Print lines as they are."""
    for line in lines:
        console.print(one_line(line), markup=False, highlight=False, soft_wrap=True)


def line_of(decision: Decision, undone: bool) -> str:
    """Return a decision in a line."""
    from autograder.amend.plan import said

    back = " (undone)" if undone else ""
    why = f": {decision.reason}" if decision.reason else ""
    return f"{decision.number}  {decision.when}  {decision.who}  {said(decision)}{back}{why}"
