"""How many of a chapter's wrong answers are named rightly: `autograder mistakes --rate`.

A wrong answer of `solutions/NN_topic_wrong.py` takes the place of the right one in the solved notebook, and the check
cell calls it as it calls a learner's. What its learner would be told is

named       all mistakes that are in it and no other, or the sentence that the file asks for
misnamed    a mistake that is not in it, or in the place of the sentence asked for some other advice
described   anything else: a difference, what Python said, one mistake of two
right       that it is right, which is an error of the file
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any

from rich.table import Table

from autograder.authoring.source import read_source
from autograder.course.assignment import load_trusted
from autograder.course.chapters import Chapter, find_chapters
from autograder.course.wrong_answers import WrongAnswer, load_wrong, rename
from autograder.errors import UserError
from autograder.learner.check import call, diagnose, lacking, notebook_names, noted, seen_in_code

LEAST_NAMED, MOST_MISNAMED = 0.97, 0.01
OUTCOMES = ("named", "misnamed", "described", "right")
# What a diagnosis says without advice: the rest of its sentences tells what to do.
PLAIN = re.compile(
    r"has shape|; expected|holds .* values|is (NaN|infinite) in|times what was expected|columns are exchanged"
    r"|^Python said|\w+Error: |stopped on the case|(?:is|are) wrong; `|things?, \(|every case gives the same"
    r"|those before it are right|was expected|in place; work on a copy|not finished yet"
)


@dataclass(frozen=True)
class Told:
    """What the learner of a wrong answer is told."""

    wrong: WrongAnswer
    kind: str
    names: tuple[str, ...]
    says: tuple[str, ...]

    @property
    def outcome(self) -> str:
        """Return the one word for it, of OUTCOMES."""
        if self.kind == "right":
            return "right"
        if set(self.names) - set(self.wrong.names):
            return "misnamed"
        if self.wrong.names:
            return "named" if set(self.names) == set(self.wrong.names) else "described"
        if re.search(self.wrong.says, " ".join(self.says)):
            return "named"
        return "misnamed" if any(map(is_advice, self.says)) else "described"


def is_advice(line: str) -> bool:
    """Say whether a line says more than what differs and what Python said."""
    return any(not PLAIN.search(sentence) for sentence in re.split(r"(?<=[.?:]) (?=[A-Z])", line))


class SolvedNotebook:
    """The solved notebook of a chapter, in which one answer at a time can be replaced."""

    def __init__(self, chapter: Chapter) -> None:
        """Read the notebook; nothing is run before an answer is asked for."""
        self.chapter, self.cells = chapter, read_source(chapter.source)
        self.trusted = load_trusted(chapter.root, chapter.slug)

    @cached_property
    def names(self) -> dict[str, Any]:
        """Run the solutions and what the notebook gives, and return its names."""
        os.environ.setdefault("MPLBACKEND", "Agg")
        space: dict[str, Any] = {"check": print, "hint": print, "progress": print, "__name__": "notebook"}
        beside = str(self.chapter.source.with_suffix(""))  # where modules lie that the notebook reads
        sys.path.insert(0, beside)
        try:
            for cell in self.cells:
                if cell.kind == "code" and cell.role in ("solution", "locked"):
                    with redirect_stdout(StringIO()):
                        exec(compile(cell.text, cell.id, "exec"), space)
        finally:
            sys.path.remove(beside)
        return space

    def told(self, wrong: WrongAnswer) -> Told | None:
        """Return what the learner of a wrong answer is told; None where the check needs a library that is missing."""
        if wrong.check not in self.trusted.public:
            raise UserError(f"{self.chapter.wrong.name} answers a check {wrong.check}, which the key does not have.")
        check, spec = self.trusted.key[wrong.check], self.trusted.public[wrong.check]
        if lacking(spec):
            return None
        code = seen_in_code(
            wrong.answer, wrong.answer.__name__, spec["cases"][0]["names"]
        )  # while its source has its name
        rename(wrong.answer, wrong.answer.__qualname__, check.function)
        given: dict[str, Any] = {}
        space = {**self.names, check.function: wrong.answer, "check": given.__setitem__}
        cell = next(cell for cell in self.cells if cell.role == "check" and cell.name == check.name)
        exec(compile(cell.text, cell.id, "exec"), space)
        own = getattr(wrong.answer, "__globals__", {})  # a check may look for what earlier tasks gave: the notebook's
        functions = [self.trusted.key[name].function for name in check.uses]
        own.update({name: self.names[name] for name in functions if name in own})
        answer, results = given[check.name], []
        for case in spec["cases"]:
            with (
                notebook_names(answer, case["names"], spec["stale"]),
                notebook_names(wrong.answer, case["names"], spec["stale"]),
                redirect_stdout(StringIO()),
            ):
                results.append(call(answer, case["inputs"], spec["returns"]))
        results[0] |= noted(code)
        verdict = diagnose(spec, results)
        return Told(wrong, verdict["kind"], tuple(verdict["names"]), tuple(verdict["says"]))


def rates(root: Path, chapters: Sequence[str]) -> Iterator[tuple[str, list[Told]]]:
    """Yield the chapters that have wrong answers, with what is told of each. Raises UserError where none has any."""
    found = [chapter for chapter in find_chapters(root, list(chapters)) if chapter.wrong.is_file()]
    if not found:
        raise UserError("None of these chapters has wrong answers; they stand in solutions/NN_topic_wrong.py.")
    for chapter in found:
        notebook = SolvedNotebook(chapter)
        yield chapter.slug, [told for told in map(notebook.told, load_wrong(chapter.wrong)) if told is not None]


def counts(told: Sequence[Told]) -> dict[str, int]:
    """Return how many have each outcome."""
    return dict.fromkeys(OUTCOMES, 0) | Counter(one.outcome for one in told)


def rate_table(found: Sequence[tuple[str, list[Told]]]) -> Table:
    """Return a table with a row for each chapter, and one for all together."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))  # so that a slug and the numbers fit into 80 letters
    for title in ("chapter", "answers", *OUTCOMES, "rate"):
        table.add_column(title, no_wrap=title == "chapter", justify="left" if title == "chapter" else "right")
    for slug, told in [*found, ("all", [one for _, every in found for one in every])]:
        count = counts(told)
        rate = f"{100 * count['named'] / len(told):.1f} %" if told else "-"
        table.add_row(slug, str(len(told)), *(str(count[outcome]) for outcome in OUTCOMES), rate)
    return table


def good_enough(found: Sequence[tuple[str, list[Told]]]) -> bool:
    """Say whether enough are named, few enough misnamed, and none is right."""
    told = [one for _, every in found for one in every]
    count = counts(told)
    named, misnamed = count["named"] / max(len(told), 1), count["misnamed"] / max(len(told), 1)
    return named >= LEAST_NAMED and misnamed <= MOST_MISNAMED and not count["right"]


def lines_of(told: Sequence[Told]) -> Iterator[str]:
    """Yield a few lines on each wrong answer that is not named: what it is, and what was said."""
    for one in told:
        if one.outcome != "named":
            expected = ", ".join(one.wrong.names) or f"“{one.wrong.says}”"
            yield f"{one.outcome}: {one.wrong.check}, {one.wrong.kind}; expected {expected}"
            yield f"    {', '.join(one.names) or 'no name'}: {' '.join(one.says)}"
