"""What explains wrong results: each way of each known mistake, and two mistakes together, as check.py looks for them.

A table of explanations has for each of them the numbers of the mistakes in it, and for each part of the result its
shapes and its prints. Two mistakes together are found, not written: they exchange different steps of one right answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from autograder.course.exchange import both
from autograder.learner.check import DECIMALS_OF_PRINTS, PRINTS, PRINTS_OF_A_CASE, Result, prints

Spec = dict[str, Any]
Answer = Callable[..., Any]
Ways = dict[str, Answer]
Outputs = Callable[[Answer, dict[str, Any]], Result]  # what an answer gives for inputs
PRINTS_OF_PAIRS = 2  # they are many, and each print is a tenth of a file


@dataclass(frozen=True)
class Explanation:
    """Names of mistakes, the one to mend first in front, and what they give together, one result a case."""

    names: tuple[str, ...]
    outputs: list[Result]
    partly: bool = False


def one_mistake(spec: Spec) -> dict[str, Any]:
    """Return the table of single mistakes, every way of each."""
    return table(spec, singles(spec), PRINTS)


def singles(spec: Spec) -> list[Explanation]:
    """Return every way of every mistake as an explanation."""
    about = spec["misconceptions"]
    ways = {way: way.partition("#")[0] for way in spec["cases"][0]["wrong"]}
    return [
        Explanation((name,), [case["wrong"][way] for case in spec["cases"]], about[name]["partly"])
        for way, name in ways.items()
    ]


def two_mistakes(spec: Spec, ways: Ways, outputs: Outputs) -> dict[str, Any]:
    """Return the table of those pairs of mistakes that nothing simpler explains, under the names that are certain.

    A pair that gives what one mistake gives, or what is right, is left out: one of the two is hidden by the other, or
    not to be seen. Of pairs that give the same as each other, what they have in common is kept. Only numbers tell
    apart: a case on which the pair stops, and should not, is left aside, because anything may stop there.
    """
    pairs = list(all_pairs(spec, ways, outputs, ()))
    simple = [Explanation((), [case["expected"] for case in spec["cases"]]), *singles(spec)]
    seen, first = columns([*simple, *pairs], spec), len(simple)
    kept = []
    for number, pair in enumerate(pairs, first):
        if says_nothing(pair, spec):
            continue
        telling = np.repeat(not_stopped(pair, spec), len(spec["returns"]))
        alike = (seen == seen[number])[:, telling].all(axis=1)
        wrong = telling & (seen[number] != seen[0])
        alike_in_part = (seen == seen[number])[:first, wrong].all(axis=1)
        if not alike[:first].any() and not any(alike_in_part[n] for n, one in enumerate(simple) if one.partly):
            others = [pairs[n - first].names for n in np.flatnonzero(alike) if n >= first]
            certain = tuple(name for name in pair.names if all(name in other for other in others))
            if certain:
                kept.append(Explanation(certain, pair.outputs))
    return table(spec, kept, PRINTS_OF_PAIRS)


def says_nothing(pair: Explanation, spec: Spec) -> bool:
    """Say whether a pair gives one number where several are expected: one of its mistakes hides the other."""
    cases = [case["expected"] for case in spec["cases"]]
    wrong = [
        got[part]
        for got, expected in zip(pair.outputs, cases, strict=True)
        if "raises" not in got and "raises" not in expected
        for part in spec["returns"]
        if not is_one_number(expected[part]) and not alike(got[part], expected[part])
    ]
    return bool(wrong) and all(is_one_number(array) for array in wrong)


ROUNDING = 1e-6  # what processors and versions of NumPy differ in is far less


def is_one_number(array: np.ndarray) -> bool:
    """Say whether all entries of an array are one number, up to rounding."""
    return array.size < 2 or alike(array, np.full(array.shape, array.flat[0]))


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Say whether two arrays have one shape and equal numbers, up to rounding."""
    return one.shape == other.shape and np.allclose(one, other, rtol=ROUNDING, atol=ROUNDING, equal_nan=True)


def pairs_with(spec: Spec, ways: Ways, outputs: Outputs, names: Iterable[str]) -> dict[str, Any]:
    """Return the table of all pairs that have these mistakes in them."""
    return table(spec, list(all_pairs(spec, ways, outputs, names)), PRINTS_OF_PAIRS)


def all_pairs(spec: Spec, ways: Ways, outputs: Outputs, names: Iterable[str]) -> Iterator[Explanation]:
    """Yield what two mistakes give together, for every pair of ways that can be joined and has these mistakes in it."""
    wanted = set(names)
    for (way, answer), (other_way, other) in combinations(ways.items(), 2):
        pair = way.partition("#")[0], other_way.partition("#")[0]
        if pair[0] != pair[1] and wanted <= set(pair):
            for in_order, joined in both(answer, other):
                found = [outputs(joined, case["inputs"]) for case in spec["cases"]]
                yield Explanation(pair if in_order else pair[::-1], found)


def not_stopped(one: Explanation, spec: Spec) -> list[bool]:
    """Say for each case whether it tells something of an explanation: it does not stop there, or is right to stop."""
    return [
        "raises" not in got or "raises" in case["expected"]
        for got, case in zip(one.outputs, spec["cases"], strict=True)
    ]


# ---------------------------------------------------------------- which outputs are equal
def columns(found: Sequence[Explanation], spec: Spec) -> np.ndarray:
    """Return a number for each output, one row an explanation: equal in a column where the outputs are equal."""
    numbers = [
        numbered([one.outputs[case] for one in found], part, spec)
        for case in range(len(spec["cases"]))
        for part in spec["returns"]
    ]
    return np.array(numbers).T


def numbered(outputs: Sequence[Result], part: str, spec: Spec) -> np.ndarray:
    """Return the same number for outputs that have one shape, but for axes of length 1, and the same prints."""
    numbers = np.empty(len(outputs), dtype=np.int64)
    places: dict[tuple[Any, ...], list[int]] = {}
    for place, output in enumerate(outputs):
        places.setdefault(without_ones(shapes_of([output], part)), []).append(place)
    for alike in map(np.array, places.values()):
        found = [prints(arrays_of([outputs[place]], part), spec) for place in alike]
        seen, off = np.array([mine for mine, _ in found]), np.array([off for _, off in found])
        left = np.ones(len(alike), dtype=bool)
        while left.any():
            first = int(left.argmax())
            same = left & (np.abs(seen - seen[first]) <= off[first]).all(axis=1)
            numbers[alike[same]] = alike[first]
            left &= ~same
    return numbers


def without_ones(shapes: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return shapes without axes of length 1, which are no difference to a diagnosis."""
    return tuple(one if isinstance(one, str) else tuple(size for size in one if size != 1) for one in shapes)


def shapes_of(outputs: Iterable[Result], part: str) -> tuple[Any, ...]:
    """Return the shape of a part in each case, or the kind of exception that is raised there."""
    return tuple(output["raises"][0] if "raises" in output else output[part].shape for output in outputs)


def arrays_of(outputs: Iterable[Result], part: str) -> list[np.ndarray]:
    """Return a part in each case that does not stop; complex numbers, which equal nothing, as NaN."""
    arrays = [output[part] for output in outputs if "raises" not in output]
    return [np.full(array.shape, np.nan) if array.dtype.kind == "c" else array for array in arrays]


# ---------------------------------------------------------------- tables
Row = tuple[tuple[tuple[Any, ...], tuple[float, ...]], ...]  # of each part the shapes, one a case, and the prints


def row_of(one: Explanation, spec: Spec, count: int) -> Row:
    """Return what a table holds of an explanation, with so many prints."""
    return tuple(
        (shapes_of(one.outputs, part), stored(prints(arrays_of(one.outputs, part), spec)[0][:count]))
        for part in spec["returns"]
    )


def stored(numbers: Iterable[float]) -> tuple[float, ...]:
    """Return prints with the decimals that are kept."""
    return tuple(round(float(x), DECIMALS_OF_PRINTS) + 0.0 for x in numbers)


def table(spec: Spec, found: Sequence[Explanation], count: int) -> dict[str, Any]:
    """Return explanations as `explanations` of check.py reads them, each different one once."""
    rows: dict[Any, tuple[Explanation, Row]] = {}
    for one in found:
        row = row_of(one, spec, count)
        rows.setdefault((frozenset(one.names), row), (one, row))
    number = {name: n for n, name in enumerate(spec["misconceptions"])}
    parts = {part: column([row[place] for _, row in rows.values()]) for place, part in enumerate(spec["returns"])}
    for part in parts if count == PRINTS else ():
        parts[part]["each"] = [x for one, _ in rows.values() for x in case_by_case(one, part, spec)]
    return {"mistakes": [[number[name] for name in one.names] for one, _ in rows.values()], "parts": parts}


def case_by_case(one: Explanation, part: str, spec: Spec) -> list[float]:
    """Return the prints of a part in each case alone; zeros where it stops."""
    return [x for output in one.outputs for x in stored(prints(arrays_of([output], part), spec)[0][:PRINTS_OF_A_CASE])]


def column(found: Sequence[tuple[tuple[Any, ...], tuple[float, ...]]]) -> dict[str, Any]:
    """Return one part of a table: the different shapes, and of each explanation which it has, and its prints."""
    place: dict[tuple[Any, ...], int] = {}
    for shapes, _ in found:
        place.setdefault(shapes, len(place))
    return {
        "shapes": [[list(one) if isinstance(one, tuple) else one for one in shapes] for shapes in place],
        "shape": [place[shapes] for shapes, _ in found],
        "prints": [x for _, numbers in found for x in numbers],
    }
