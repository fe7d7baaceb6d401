"""The verb `autograder collect`."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from autograder.course.chapters import find_root
from autograder.options import add_output, console_of, print_json

HELP = "sort a learning platform's downloads into folders of students"
MORE = """\
Submissions go to DIR/STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb.

What each download is, is seen from the names in it: Moodle's "Download all
submissions", Canvas's "Download submissions", Gradescope's export, a folder of
GitHub Classroom's repositories, nbgrader's exchange and its own layout, a zip
or tar (gz, bz2, xz) or a folder with one folder a student, loose notebooks
named after their owners, and zips that somebody handed in with the notebook
inside. A folder or a zip may hold such downloads, if it holds nothing else.

Group work goes to each member: Gradescope names them, for Moodle and Canvas
the roster needs a column `group`.

Without --roster an id is Canvas's number for somebody, the full name that
Moodle writes (with Moodle's number where several share a name), or the name
of the folder or file.

Only notebooks count; other files are told and left out. What is unclear is
listed, never guessed. What is dangerous (links, escaping names, encrypted,
broken or huge files, bombs) goes to `quarantine/` beside DIR or is only
listed. All is told in `collected.csv` beside DIR, to which every run adds its
rows. Run it again as you like: what is unchanged stays, what is newer
replaces, and what is older never does.

Of several notebooks of one person the newest that has answers counts. Where
that is not certain, all are listed and lie in `attempts/` beside DIR, where
they can be graded; --take says which one counts, and that is kept.

The column of the first roster that holds the ids is kept in `roster.json`
beside DIR. A later roster that would give people other ids is refused.
Sections may be collected one after the other, each with its own roster: all
are one class, in `class_list.json`. Whoever a newer roster does not list any
more stays in the class and is told, until --remove-unlisted.

At the end stands a sum for each assignment, in which everybody of the class
counts once.

Canvas and today's Moodle write the time of the download into the zip. Such
times are not taken for those of the hand-in. Times without a zone are those
of --timezone, else this machine's (TZ).

The exit code is 0 when all went through, 1 when something needs a look, 2
when it could not be done."""


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser(
        "collect",
        help=HELP,
        description=f"{HELP[0].upper()}{HELP[1:]}.",
        epilog=MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a zip, a tar, a folder or a notebook")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where submissions go (default: _build/grading/submitted)"
    )
    parser.add_argument("--assignment", metavar="SLUG", help="what all of it is for (default: seen from each notebook)")
    parser.add_argument(
        "--roster",
        type=Path,
        metavar="CSV",
        help="the class with ids and names, CSV or .xlsx: Canvas's or Moodle's export, or yours",
    )
    parser.add_argument(
        "--id-column",
        default="",
        metavar="NAME",
        help="the roster's column with the ids (default: that of the first roster, else seen from the names)",
    )
    parser.add_argument(
        "--remove-unlisted",
        action="store_true",
        help="take those out of the class whom this roster does not list any more (default: they stay, and are told)",
    )
    parser.add_argument(
        "--take",
        action="append",
        default=[],
        metavar="FILE",
        help="where somebody handed in several: the one that counts, as STUDENT__1 or the file as it is listed; may be "
        "given several times",
    )
    parser.add_argument(
        "--times",
        type=Path,
        metavar="FILE",
        help="when work was handed in: Canvas's submissions from its API (JSON), Moodle's grading worksheet, or a "
        "CSV file",
    )
    parser.add_argument(
        "--timezone", metavar="ZONE", help="of times that name none, such as Europe/Berlin or UTC+1 (default: TZ's)"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")
    add_output(parser)
    parser.set_defaults(handler=run)


def run(args: argparse.Namespace) -> int:
    """Collect the downloads, print what became of them, and return 0 when all went through."""
    root, console = find_root(), console_of(args)
    from autograder.collect.collecting import Settings, collect_all  # nbgrader takes seconds to import
    from autograder.collect.rows import show, show_what_is_odd

    settings = Settings(
        course_root=root,
        files=tuple(args.files),
        out=args.out,
        assignment=args.assignment,
        roster=args.roster,
        dry=args.dry_run,
        id_column=args.id_column,
        take=tuple(args.take),
        times=args.times,
        timezone=args.timezone,
        remove_unlisted=args.remove_unlisted,
    )
    found = collect_all(settings, console)
    if args.json:
        print_json(found, counts=found.counts, complete=found.complete)
    elif args.quiet:
        show_what_is_odd(Console(stderr=True), found)
    else:
        show(console, found)
    return found.exit_code
