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
        mean = [f"mean {percent(part.spread.mean)}"] if part.spread else []
        pairs = [f"{len(part.pairs)} nearly the same pair{'s' * (len(part.pairs) > 1)}"] if part.pairs else []
        told = "; ".join([everybody(part), ", ".join([*mean, *pairs])]).removesuffix("; ")
        console.print(f"[bold]{shown(part.class_.slug)}[/]: {told}", highlight=False, soft_wrap=True)
        console.print(table_of(part))
    console.print(f"the page: {shown(str(path))}", highlight=False, soft_wrap=True)


def everybody(part: Part) -> str:
    """Return the sum in which everybody of the class counts once."""
    counts = {where: count for where, count in part.account.items() if count or where == "graded"}
    return f"{sum(counts.values())} in the class = {' + '.join(f'{count} {where}' for where, count in counts.items())}"


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
