"""Numbers as small HTML tables: what was expected beside what came out, and a sign at what is wrong."""

from __future__ import annotations

import numpy as np

MOST_ACROSS = 8  # numbers in a row or column of a table; beyond that a picture says more
WRONG, MISSING = "✗", "–"
CELL = ' style="padding:0 .4em"'  # formgrader's style sheet has none


def two_lists(got: np.ndarray, wanted: np.ndarray) -> str:
    """Return a table of two rows of different lengths."""
    length = max(got.size, wanted.size)
    mine, theirs = (texts_of(array) + [MISSING] * (length - array.size) for array in (got, wanted))
    return rows_table(range(length), theirs, mine, [a != b for a, b in zip(mine, theirs, strict=True)])


def two_rows(got: np.ndarray, wanted: np.ndarray, wrong: np.ndarray) -> str:
    """Return a table of two rows with the numbers around the first that is wrong."""
    first = int(np.argmax(wrong))
    start = max(0, min(first - MOST_ACROSS // 2, got.size - MOST_ACROSS))
    part = slice(start, start + MOST_ACROSS)
    mine, theirs = telling_digits(got[part], wanted[part], wrong[part])
    return rows_table(range(start, start + len(mine)), theirs, mine, wrong[part].tolist())


def rows_table(places: range, wanted: list[str], got: list[str], wrong: list[bool]) -> str:
    """Return a table with a row for what was expected and one for what came out."""
    numbers = "".join(f"<th{CELL}>{i}</th>" for i in places)
    head = f"<tr><th></th>{numbers}</tr>" if len(places) > 1 else ""
    expected = "".join(number_cell(text, False) for text in wanted)
    mine = "".join(map(number_cell, got, wrong))
    body = f"<tr><th{CELL}>expected</th>{expected}</tr><tr><th{CELL}>got</th>{mine}</tr>"
    return f"<table>{head}{body}</table>"


def two_tables(got: np.ndarray, wanted: np.ndarray, wrong: np.ndarray) -> str:
    """Return a table of what was expected and one of what came out, with their rows and columns numbered."""
    mine, theirs = telling_digits(got, wanted, wrong)
    flags = wrong.ravel().tolist()
    columns = got.shape[1]
    expected = number_table("expected", theirs, [False] * len(flags), columns)
    return f"{expected} {number_table('got', mine, flags, columns)}"


def number_table(title: str, texts: list[str], wrong: list[bool], columns: int) -> str:
    """Return one table of numbers."""
    head = "".join(f"<th{CELL}>{i}</th>" for i in range(columns))
    cells = list(map(number_cell, texts, wrong))
    rows = [cells[start : start + columns] for start in range(0, len(cells), columns)]
    body = "".join(f"<tr><th{CELL}>{i}</th>{''.join(row)}</tr>" for i, row in enumerate(rows))
    return f"<table><caption>{title}</caption><tr><th></th>{head}</tr>{body}</table>"


def number_cell(text: str, wrong: bool) -> str:
    """Return a cell; what is wrong has a sign and stands out in black and white too."""
    return f"<td{CELL}>{f'<strong>{WRONG} {text}</strong>' if wrong else text}</td>"


# ---------------------------------------------------------------- numbers
def telling_digits(got: np.ndarray, wanted: np.ndarray, wrong: np.ndarray) -> tuple[list[str], list[str]]:
    """Return both arrays as texts, with as many digits as it takes to see each difference."""
    flags = wrong.ravel().tolist()
    for digits in (3, 4, 6, 9):
        mine, theirs = texts_of(got, digits), texts_of(wanted, digits)
        if all(a != b for a, b, flag in zip(mine, theirs, flags, strict=True) if flag):
            break
    return mine, theirs


def texts_of(array: np.ndarray, digits: int = 3) -> list[str]:
    """Return the numbers of an array as texts, `digits` of the largest one and as many decimals of the rest."""
    if array.dtype.kind != "f":
        return [short_number(str(value)) for value in array.ravel().tolist()]
    sizes = np.abs(array[np.isfinite(array)].astype(float))
    largest = float(sizes.max(initial=0.0))
    if largest and not 1e-3 <= largest < 1e5:
        return [f"{value:.{digits}g}" for value in array.ravel().tolist()]
    before = len(str(int(largest))) if largest >= 1 else 0
    decimals = max(digits - before, 1)
    return [f"{value:.{decimals}f}" for value in (array.ravel().astype(float).round(decimals) + 0.0).tolist()]


def short_number(text: str) -> str:
    """Return a whole number as text that fits into a cell."""
    return text if len(text) <= 12 else f"{float(text):.6g}"
