"""How far something is: a bar in a terminal; anywhere else, such as in a file, a line every half minute."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder.storage.safe_text import shown

SECONDS = 30
Thing = TypeVar("Thing")


@contextmanager
def steps(console: Console, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show how far something is as long as this lasts, and give what is to be told how many more are done."""
    if not (console.is_terminal or console.is_jupyter):
        yield Lines(console, what, total).step
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TextColumn("{task.fields[rate]}"), TimeRemainingColumn(), console=console, transient=True
    ) as progress:
        task = progress.add_task(shown(what), total=total, rate="")

        def step(count: int) -> None:
            speed = progress.tasks[0].finished_speed or progress.tasks[0].speed
            progress.update(task, advance=count, rate=a_minute(speed) if speed else "")

        yield step


def each(console: Console, what: str, things: Sequence[Thing]) -> Iterator[Thing]:
    """Go through things, and show how far it is."""
    with steps(console, what, len(things)) as step:
        for thing in things:
            yield thing
            step(1)


@dataclass
class Lines:
    """Lines that say how far something is, none of them within half a minute of the one before."""

    console: Console
    what: str
    total: int
    clock: Callable[[], float] = time.monotonic
    done: int = 0

    def __post_init__(self) -> None:
        """Begin to count the time."""
        self.began = self.told = self.clock()

    def step(self, count: int) -> None:
        """Take note that some more are done, and print a line when it is time."""
        self.done, now = self.done + count, self.clock()
        if self.done and now - self.told >= SECONDS:
            self.told = now
            line = f"{self.what}: {self.done} of {self.total}, {a_minute(self.done / (now - self.began))}"
            self.console.print(shown(line), highlight=False, soft_wrap=True)


def a_minute(speed: float) -> str:
    """Return a speed, given in things a second, in words."""
    return f"{60 * speed:.0f} a minute"
