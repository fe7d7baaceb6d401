"""What became of the notebooks: which count, which do not, and which a person has to look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from autograder.collect.scan import Notebook


@dataclass
class Chosen:
    """Notebooks, each with the reason in a sentence where it does not count.

    attempts  those of the unclear ones among which a person has to choose
    """

    winners: list[Notebook] = field(default_factory=list)
    left_out: list[tuple[Notebook, str]] = field(default_factory=list)
    unclear: list[tuple[Notebook, str]] = field(default_factory=list)
    refused: list[tuple[Notebook, str]] = field(default_factory=list)
    attempts: list[Notebook] = field(default_factory=list)


def leave_out(group: list[Notebook], test: Callable[[Notebook], bool], why: str, chosen: Chosen) -> list[Notebook]:
    """Return the notebooks of a group for which a test does not hold; the others do not count."""
    chosen.left_out += [(one, why) for one in group if test(one)]
    return [one for one in group if not test(one)]
