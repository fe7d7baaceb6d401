"""What came out against what was expected, as a table or a heat map for the feedback page.

Made from the public cases only, which every learner has, so that nothing of the fresh ones can get into it. All
text is written here from numbers; the result is HTML that formgrader shows too.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.grade.judge.diff_heatmap import picture
from autograder.grade.judge.diff_tables import MOST_ACROSS, telling_digits, two_lists, two_rows, two_tables
from autograder.learner.check import close, views

Spec = dict[str, Any]
Result = dict[str, Any]
MOST_PARTS = 2
MOST_TEXT = 60  # characters of a shape


def difference_as_html(spec: Spec, results: list[Result], right: dict[str, bool], says: Sequence[str] = ()) -> str:
    """Return HTML for the first public case whose numbers are not as expected; nothing where there is none.

    right  says of each part whether it is right on the public cases
    says   what the learner is told already, and need not be told again
    """
    for case, got in zip(spec["cases"], results, strict=True):
        wanted = case["expected"]
        if "raises" in got or "raises" in wanted:
            continue
        pairs = {part: (fitting(got[part], wanted[part]), wanted[part]) for part in right if not right[part]}
        shown = [part_as_html(part, *pair, spec, says) for part, pair in pairs.items() if not close(*pair, spec)]
        shown = [text for text in shown if text]
        if shown:
            more = len(shown) - MOST_PARTS
            rest = f"<div>Other parts of the result differ too: {more}.</div>" if more > 0 else ""
            label = html.escape(str(case["label"]))
            return f"<div>On the public case “{label}”, {''.join(shown[:MOST_PARTS])}{rest}</div>"
    return ""


def fitting(got: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return an array with the axes of length 1 that the expected one has."""
    return views(got, wanted).get("squeezed", got)


def part_as_html(part: str, got: np.ndarray, wanted: np.ndarray, spec: Spec, says: Sequence[str]) -> str:
    """Return HTML that shows how one part of a result differs; nothing for complex numbers and empty arrays."""
    if got.dtype.kind == "c" or wanted.dtype.kind == "c" or not wanted.size:
        return ""
    if got.shape != wanted.shape:
        return other_shape(part, got, wanted, says)
    wrong = ~np.isclose(got.astype(float), wanted.astype(float), rtol=spec["rtol"], atol=spec["atol"], equal_nan=True)
    place = tuple(int(i) for i in np.argwhere(wrong)[0])[:-2]  # of the matrix that holds the first wrong number
    head = f"<code>{html.escape(part)}{list(place) if place else ''}</code>: {how_many_differ(wrong, place)}."
    return picked(head, *(np.atleast_1d(array[place]) for array in (got, wanted, wrong)))


def how_many_differ(wrong: np.ndarray, place: tuple[int, ...]) -> str:
    """Say how many numbers differ in the matrix that is shown, and how many beside it."""
    here = wrong[place]
    if wrong.size == 1:
        return "the number differs"
    elsewhere = int(wrong.sum() - here.sum())
    more = f", and {elsewhere} elsewhere" if elsewhere else ""
    return f"{int(here.sum())} of {here.size} numbers differ{more}"


def picked(head: str, got: np.ndarray, wanted: np.ndarray, wrong: np.ndarray) -> str:
    """Return the numbers of a row or a small matrix as tables, of a larger one as a picture."""
    if got.ndim == 1:
        return f"{head}<div>{two_rows(got, wanted, wrong)}</div>"
    if max(got.shape) <= MOST_ACROSS:
        return f"{head}<div>{two_tables(got, wanted, wrong)}</div>"
    return f"{head} {worst(got, wanted, wrong)}<div>{heat_map(got, wanted, wrong)}</div>"


# ---------------------------------------------------------------- other shapes
def other_shape(part: str, got: np.ndarray, wanted: np.ndarray, says: Sequence[str]) -> str:
    """Return both shapes, unless they are told already, and both rows of numbers where they are short."""
    shapes = f" has shape {shape(got)}; expected {shape(wanted)}."
    told = any(f"{part}{shapes}" in sentence for sentence in says)
    short = got.ndim == wanted.ndim == 1 and max(got.size, wanted.size) <= MOST_ACROSS
    if told and not short:
        return ""
    head = f"<code>{html.escape(part)}</code>{':' if told else shapes}"
    return f"{head}<div>{two_lists(got, wanted)}</div>" if short else head


def shape(array: np.ndarray) -> str:
    """Return a shape as text, cut where it has very many axes."""
    text = str(array.shape)
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}…"


# ---------------------------------------------------------------- large arrays
def worst(got: np.ndarray, wanted: np.ndarray, wrong: np.ndarray) -> str:
    """Say where two matrices differ most: a number that is none comes before all others."""
    a, b = got.astype(float), wanted.astype(float)
    off = np.where(wrong, np.abs(a - b), 0.0)
    place = np.unravel_index(int(np.argmax(np.where(np.isfinite(off), off, np.inf))), off.shape)
    (mine,), (theirs,) = telling_digits(got[place].reshape(1), wanted[place].reshape(1), np.array([True]))
    return f"The largest difference is in row {place[0]}, column {place[1]}: expected {theirs}, got {mine}."


def heat_map(got: np.ndarray, wanted: np.ndarray, wrong: np.ndarray) -> str:
    """Return a picture of how far each number of a matrix is off."""
    off = np.where(wrong, np.abs(got.astype(float) - wanted.astype(float)), 0.0)
    size = " × ".join(map(str, off.shape))
    text = f"|expected − got| of {size} numbers: white is right, the darker the further off"
    text += ", black is NaN or infinite" if not np.isfinite(off).all() else ""
    data, width, height = picture(off, wrong)
    image = f'<img src="{data}" width="{width}" height="{height}" alt="{text}">'
    return f"{image}{text}."
