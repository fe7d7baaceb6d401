"""Steps of right and wrong answers that the keys of several chapters exchange. A mask holds 1 where it hides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.course.drawing import Array


def as_it_is(value: Any, *others: Any) -> Any:
    """Return what is given: nothing is done in this step."""
    return value


def swap(a: Array) -> Array:
    """Exchange the last two axes."""
    return np.swapaxes(a, -1, -2)


def relu(x: Array) -> Array:
    """Return x, and 0 for negative numbers."""
    return np.maximum(x, 0)


def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-x))


def softmax(scores: Array) -> Array:
    """Return the softmax along the last axis."""
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


def query_key(query: Array, key: Array) -> Array:
    """Return the scores Q K^T: (..., T_q, d_k), (..., T_k, d_k) -> (..., T_q, T_k)."""
    return query @ swap(key)


def weighted_sum(weights: Array, value: Array) -> Array:
    """Return the weighted sum of the values: (..., T_q, T_k), (..., T_k, d_v) -> (..., T_q, d_v)."""
    return weights @ value


def by_slices(x: Array, num_heads: int) -> Array:
    """Return x (B, T, d_model) in heads (B, H, T, d_k), one slice of the columns after the other."""
    d_k = x.shape[-1] // num_heads
    return np.stack([x[:, :, h * d_k : (h + 1) * d_k] for h in range(num_heads)], axis=1)


def side_by_side(heads: Array) -> Array:
    """Return heads (B, H, T, d_k) side by side: (B, T, H * d_k)."""
    return np.concatenate([heads[:, h] for h in range(heads.shape[1])], axis=-1)


def reshaped_only(x: Array, num_heads: int) -> Array:
    """Return x reshaped to (B, H, T, d_k) without a transpose."""
    return x.reshape(len(x), num_heads, x.shape[1], -1)


def minus_infinity(scores: Array, mask: Array | None) -> Array:
    """Return the scores with -inf where the mask is 1."""
    return scores if mask is None else np.where(mask == 1, -np.inf, scores)


def any_mask(step: Callable) -> Callable:
    """Return a step of (numbers, mask) that leaves the numbers alone where there is no mask."""
    return lambda numbers, mask: numbers if mask is None else step(numbers, mask)


def first_alone(found: Array) -> Array:
    """Return the first entry alone, as when `return` stands inside the loop."""
    return found[:1]


def last_alone(found: Array) -> Array:
    """Return the last entry alone, as when a list is made anew in each round."""
    return found[-1:]


def one_kept(found: Array, number: int, axis: int = 0) -> Array:
    """Return zeros, and the entry of one number along an axis as it is."""
    kept = np.zeros_like(found)
    place = (slice(None),) * (axis % found.ndim) + (number,)
    kept[place] = found[place]
    return kept


def replaced(by: float) -> Callable:
    """Return a step that puts a number in the place of hidden scores."""
    return any_mask(lambda scores, mask: np.where(mask == 1, by, scores))


def lowered(by: float) -> Callable:
    """Return a step that lowers hidden scores by a number."""
    return any_mask(lambda scores, mask: scores - by * mask)


def takes(**sources: str) -> dict[str, Callable]:
    """Return steps in which parameters take the values of others: takes(W_q="W_k")."""
    return {"change": lambda **p: {**p, **{name: p[source] for name, source in sources.items()}}}
