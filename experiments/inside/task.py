"""The task: rows of letters that repeat themselves."""

from __future__ import annotations

import numpy as np

LETTERS = "abcdefghijklmnop"
Array = np.ndarray


def draw_rows(rng: np.random.Generator, count: int, length: int, periods: tuple[int, ...]) -> Array:
    """Return letters as numbers, (count, length): each row says a string of different letters again and again.

    How long the string is, the row's period, is drawn for each row.
    """
    strings = rng.random((count, len(LETTERS))).argsort(axis=1)  # (count, 16): all letters in some order
    period = rng.choice(periods, size=(count, 1))
    return np.take_along_axis(strings, np.arange(length) % period, axis=1)
