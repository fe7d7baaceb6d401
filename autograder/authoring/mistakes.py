"""Which cases show each known mistake, and which tell it from the others.

The book's page "Which mistake is this?" sorts the same mistakes by what one sees; `symptom` decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from rich.markup import escape
from rich.table import Column, Table

from autograder.course.answer_key import load_key
from autograder.course.chapters import find_chapters
from autograder.course.reference import public_spec
from autograder.errors import UserError
from autograder.learner.check import close

LEGEND = "≠ the output differs from the right one, ! it stops with an error there, · it cannot be seen on this case"
Result = dict[str, Any]
Spec = dict[str, Any]


# ---------------------------------------------------------------- tables
def specs(root: Path, chapters: Sequence[str], name: str | None = None) -> Iterator[tuple[str, Spec]]:
    """Yield a title and the public cases of each check of the chapters, or of the one that is named.

    Raises UserError where no check has that name.
    """
    found = False
    for chapter in find_chapters(root, list(chapters)):
        for check in load_key(chapter.key).checks:
            if name in (None, check.name):
                found = True
                yield f"{chapter.slug}  {check.name}", public_spec(check)
    if not found:
        raise UserError(f"There is no check called {name} in these chapters.")


def tables(title: str, spec: Spec, pairs: bool) -> Iterator[str | Table]:
    """Yield what is printed of one check: its cases by number, then each mistake with the cases that show it."""
    yield f"\n[bold]{escape(title)}[/bold]: {escape(spec['title'])}"
    for number, case in enumerate(spec["cases"], 1):
        yield f"  case {number}: {escape(case['label'])}"
    yield pair_table(spec) if pairs else mistake_table(spec)


def mistake_table(spec: Spec) -> Table:
    """Return a table with a row for each mistake: the cases that show it, and what is hardest to tell it from."""
    outputs = outputs_of(spec)
    table = Table(
        Column("mistake", no_wrap=True),
        *[str(number) for number in range(1, len(spec["cases"]) + 1)],
        Column("nearest", overflow="fold"),
        "told apart by case",
        caption=LEGEND,
    )
    for name in list(outputs)[1:]:
        other, cases = nearest(name, outputs, spec)
        table.add_row(name, *marks(outputs[name], spec), other, case_numbers(cases))
    return table


def pair_table(spec: Spec) -> Table:
    """Return a table with a row for each pair of different mistakes: the cases on which they differ."""
    outputs = outputs_of(spec)
    table = Table("mistake", "other", "told apart by case")
    for one, other in combinations(outputs, 2):
        if base(one) != base(other):
            table.add_row(one, other, case_numbers(telling(outputs[one], outputs[other], spec)))
    return table


# ---------------------------------------------------------------- comparing outputs
def outputs_of(spec: Spec) -> dict[str, list[Result]]:
    """Return what the right answer and each mistake give, one result a case."""
    outputs = {"right": [case["expected"] for case in spec["cases"]]}
    return outputs | {name: [case["wrong"][name] for case in spec["cases"]] for name in spec["cases"][0]["wrong"]}


def base(name: str) -> str:
    """Return the name of a mistake without the number of the way it is made."""
    return name.partition("#")[0]


def alike(one: Result, other: Result, spec: Spec) -> bool:
    """Say whether two results of a case are equal within the tolerance, or raise the same kind of error."""
    if "raises" in one or "raises" in other:
        return one.get("raises", [""])[0] == other.get("raises", [""])[0]
    return all(close(one[part], other[part], spec) for part in spec["returns"])


def telling(one: list[Result], other: list[Result], spec: Spec) -> list[int]:
    """Return the numbers of the cases, from 1, on which two answers differ."""
    return [n for n, pair in enumerate(zip(one, other, strict=True), 1) if not alike(*pair, spec)]


def nearest(name: str, outputs: dict[str, list[Result]], spec: Spec) -> tuple[str, list[int]]:
    """Return the other answer from which the fewest cases tell a mistake apart, and these cases."""
    others = {o: telling(outputs[name], results, spec) for o, results in outputs.items() if base(o) != base(name)}
    return min(others.items(), key=lambda item: len(item[1]))


def marks(results: list[Result], spec: Spec) -> Iterator[str]:
    """Yield for each case whether a mistake shows there."""
    for result, case in zip(results, spec["cases"], strict=True):
        if alike(result, case["expected"], spec):
            yield "·"
        else:
            yield "!" if "raises" in result else "≠"


def case_numbers(cases: list[int]) -> str:
    """Return numbers of cases as text."""
    return ", ".join(map(str, cases)) or "none"


# ---------------------------------------------------------------- what one sees
class Evidence:
    """All that can be seen of one mistake: per case what is right, what came out, and which parts differ."""

    def __init__(self, spec: Spec, name: str) -> None:
        """Compare the outputs of a mistake with the right ones."""
        self.cases = [(case["label"], case["expected"], case["wrong"][name]) for case in spec["cases"]]
        self.shown = [(label, a, b) for label, a, b in self.cases if not alike(a, b, spec)]
        self.hidden_on = [label for label, a, b in self.cases if alike(a, b, spec)]
        self.stops_on = [label for label, a, b in self.cases if "raises" in b and "raises" not in a]
        self.arrays = [
            (part, np.asarray(a[part]), np.asarray(b[part]))
            for _, a, b in self.shown
            if "raises" not in a and "raises" not in b
            for part in spec["returns"]
            if not close(b[part], a[part], spec)
        ]
        self.parts = list(dict.fromkeys(part for part, _, _ in self.arrays))
        self.all_parts = list(spec["returns"])

    def every(self, test: Callable[[np.ndarray, np.ndarray], bool]) -> bool:
        """Say whether all parts that differ pass a test of (right, wrong)."""
        return bool(self.arrays) and all(test(right, wrong) for _, right, wrong in self.arrays)

    def some(self, test: Callable[[np.ndarray, np.ndarray], bool]) -> bool:
        """Say whether any part that differs passes a test of (right, wrong)."""
        return any(test(right, wrong) for _, right, wrong in self.arrays)


def finite(array: np.ndarray) -> bool:
    """Say whether no number is NaN or infinite."""
    return bool(np.isfinite(array.astype(float)).all())


def broken_sums(right: np.ndarray, wrong: np.ndarray) -> bool:
    """Say whether rows that should share out one whole (or nothing) do not."""
    if right.dtype.kind != "f" or right.ndim == 0 or right.shape[-1] < 2 or (right < 0).any():
        return False
    sums, found = right.sum(axis=-1), wrong.sum(axis=-1)
    whole = np.isclose(sums, 1, atol=1e-4) | np.isclose(sums, 0, atol=1e-4)
    return bool(whole.all() and (sums > 0.5).any()) and not np.allclose(sums, found, atol=1e-3)


def moved(right: np.ndarray, wrong: np.ndarray) -> bool:
    """Say whether the right numbers stand in other places."""
    return bool(np.allclose(np.sort(right, axis=None), np.sort(wrong, axis=None), atol=1e-4))


def scaled(right: np.ndarray, wrong: np.ndarray) -> bool:
    """Say whether all numbers are one factor away from the right ones."""
    a, b = right.astype(float), wrong.astype(float)
    factor = (a * b).sum() / (a * a).sum() if a.any() else 0.0
    return a.size > 1 and bool(factor) and bool(np.allclose(b, factor * a, atol=1e-4))


def constant(right: np.ndarray, wrong: np.ndarray) -> bool:
    """Say whether everything is one number, up to the last digits, which differ between processors."""
    return wrong.size > 1 and bool(np.ptp(wrong.astype(float)) <= 1e-4)


# What one sees, the most striking first: the first that is true of a mistake counts.
SYMPTOMS: dict[str, Callable[[Evidence], bool]] = {
    "There are NaNs or infinities": lambda e: e.some(lambda right, wrong: finite(right) and not finite(wrong)),
    "It stops with an error, but only sometimes": lambda e: bool(e.stops_on),
    "An error is missing": lambda e: any("raises" in a and "raises" not in b for _, a, b in e.shown),
    "The shape is another": lambda e: e.some(lambda right, wrong: right.shape != wrong.shape),
    "Rows do not sum to one": lambda e: e.some(broken_sums),
    "Right for some inputs, wrong for others": lambda e: bool(e.hidden_on),
    "One result of several is wrong": lambda e: len(e.parts) == 1 < len(e.all_parts),
    "The right numbers in other places": lambda e: e.every(moved),
    "All numbers are off by one factor": lambda e: e.every(scaled),
    "All numbers are equal": lambda e: e.every(constant),
    "Right shape, other numbers": lambda e: True,
}


@np.errstate(all="ignore")
def symptom(evidence: Evidence) -> str:
    """Return what one sees of a mistake, as one of the titles in SYMPTOMS."""
    return next(title for title, shows in SYMPTOMS.items() if shows(evidence))
