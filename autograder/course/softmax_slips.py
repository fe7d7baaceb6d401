"""What goes wrong inside a softmax over the rows of scores: rows of a table for checks whose step `weigh` is one.

A step may need another one beside it, such as the way to hide scores that the notebook uses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.course import standard_mistakes as standard
from autograder.course.drawing import Array


def softmax_by(
    *,
    shift: Callable = lambda scores: scores - scores.max(axis=-1, keepdims=True),
    power: Callable = np.exp,
    total: Callable = lambda exps: exps.sum(axis=-1, keepdims=True),
    divide: Callable = np.divide,
) -> Callable[[Array], Array]:
    """Return a softmax over the last axis some of whose steps are others."""

    def weigh(scores: Array) -> Array:
        exps = power(shift(scores))
        return divide(exps, total(exps))

    return weigh


SUMS_OVER_QUERIES = softmax_by(total=lambda exps: exps.sum(axis=-2, keepdims=True))
SUM_OVER_EVERYTHING = softmax_by(total=np.sum)


# fmt: off
SLIPS: dict[str, tuple[Any, list[Callable], tuple[str, ...]]] = {
    "exponential_forgotten": (standard.EXPONENTIAL_FORGOTTEN,
        [softmax_by(shift=lambda scores: scores, power=lambda x: x), softmax_by(power=lambda x: x)], ()),
    "divided_by_the_mean": (standard.DIVIDED_BY_THE_MEAN,
        [softmax_by(total=lambda exps: exps.mean(axis=-1, keepdims=True))], ()),
    "sign_turned": (standard.SIGN_TURNED,
        [softmax_by(shift=lambda scores: scores.max(axis=-1, keepdims=True) - scores)], ()),
    "over_everything": (standard.SOFTMAX_OVER_EVERYTHING, [SUM_OVER_EVERYTHING], ()),
    "not_normalised": (standard.WEIGHTS_NOT_NORMALISED, [softmax_by(divide=lambda exps, total: exps)], ()),
    "fraction_turned": ("fraction_turned", [softmax_by(divide=lambda exps, total: total / exps)],
        ("The sums were divided by the exponentials. Each exponential is divided by the sum of its row.",)),
    "multiplied_by_the_sum": ("multiplied_by_the_sum", [softmax_by(divide=np.multiply)],
        ("The exponentials were multiplied by the sum of their row. Divide by it.",)),
    "largest_of_each_column": ("largest_of_each_column",
        [softmax_by(shift=lambda scores: scores - scores.max(axis=-2, keepdims=True))],
        ("The largest score of each column was subtracted, so the numbers of one row lose different amounts. Take that "
         "of each row: axis=-1, keepdims=True.",)),
}
# fmt: on


def slips(*names: str, **beside: Callable) -> tuple[tuple, ...]:
    """Return the rows of these slips, each way with the steps that stand beside it."""
    found = [(SLIPS[name][0], [{"weigh": way, **beside} for way in SLIPS[name][1]], *SLIPS[name][2]) for name in names]
    return tuple((name, ways[0] if len(ways) == 1 else ways, *rest) for name, ways, *rest in found)
