"""The task: write a string of random letters backwards.

Every letter counts and none can be guessed from its neighbours, so accuracy says how much of the source was kept.
"""

from __future__ import annotations

import numpy as np

LETTERS = "abcdefghijklmnopqrstuvwxyz"
START = len(LETTERS)  # the id that tells the decoder to begin


def draw_sources(rng: np.random.Generator, count: int, length: int) -> np.ndarray:
    """Draw `count` strings of `length` letters as ids, (count, length)."""
    return rng.integers(len(LETTERS), size=(count, length), dtype=np.int32)


def targets_of(sources: np.ndarray) -> np.ndarray:
    """Return what should be written for each source: its letters backwards, (B, T)."""
    return sources[:, ::-1]


def decoder_inputs(targets: np.ndarray) -> np.ndarray:
    """Return what the decoder reads while it is trained: START, then all but the last target, (B, T)."""
    return np.pad(targets[:, :-1], ((0, 0), (1, 0)), constant_values=START)


def as_text(ids: np.ndarray) -> str:
    """Return one string of ids as letters; START, which no model should write, shows as "?"."""
    return "".join((LETTERS + "?")[i] for i in ids)
