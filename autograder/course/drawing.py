"""Numbers for the cases of a check, rounded so that reference.json can hold them exactly."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray
Inputs = dict[str, Any]
Cases = dict[str, Inputs]


def normal(rng: np.random.Generator, *shape: int, scale: float = 1.0, mean: float = 0.0) -> Array:
    """Draw numbers of order `scale` around `mean`, rounded to three decimals."""
    return np.round(rng.normal(mean, scale, size=shape), 3)


def eighths(rng: np.random.Generator, *shape: int) -> Array:
    """Draw numbers of order 1 that are whole eighths, so that float32 holds them exactly near 1000 too."""
    while True:
        numbers = np.round(8 * rng.normal(size=shape)) / 8
        if np.unique(numbers).size > numbers.size // 2:
            return numbers
