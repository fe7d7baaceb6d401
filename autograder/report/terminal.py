"""The report in the terminal: the hardest checks and the most frequent misconceptions, and where the page is."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.grade.judge.telling import the_point
from autograder.report.page import Part, percent
from autograder.storage.safe_text import shown

MOST = 5


def show(console: Console, parts: tuple[Part, ...], path: Path) -> None:
    """Print each assignment in short, and where the page is."""
    for part in parts:
        mean = f", mean {percent(part.spread.mean)}" if part.spread else ""
        pairs = f", {len(part.pairs)} nearly the same pairs" if len(part.pairs) > 1 else ""
        pairs = ", 1 nearly the same pair" if len(part.pairs) == 1 else pairs
        missing = f", {len(part.class_.missing)} missing" if part.class_.missing else ""
        graded = f"{len(part.class_.submissions)} graded{mean}, {part.waiting} wait for a person{missing}{pairs}"
        console.print(f"[bold]{shown(part.class_.slug)}[/]: {graded}", highlight=False)
        console.print(table_of(part))
    console.print(f"the page: {shown(str(path))}", highlight=False, soft_wrap=True)


def table_of(part: Part) -> Table:
    """Return the hardest checks, then the most frequent misconceptions."""
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    table.add_column()
    hard = [check for check in part.checks if check.share is not None and check.share < 1][:MOST]
    for check in hard:
        table.add_row("hardest" if check is hard[0] else "", percent(check.share), shown(check.title))
    for mistake in part.mistakes[:MOST]:
        said = f"{the_point(mistake.says)} ({mistake.check})"
        table.add_row("most frequent" if mistake is part.mistakes[0] else "", str(len(mistake.students)), shown(said))
    return table
