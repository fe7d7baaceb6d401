"""Three ways to choose a reply, given a function that returns the logits of the next token."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

NextLogits = Callable[[Sequence[int]], np.ndarray]  # ids so far -> logits (V,)


def greedy(next_logits: NextLogits, start: int, end: int, max_length: int) -> list[int]:
    """Return the ids after ``start``: the likeliest token each time, until ``end`` or ``max_length`` ids.

    ``end`` is not in the result.
    """
    return _one_by_one(next_logits, start, end, max_length, lambda logits: int(np.argmax(logits)))


def sample(
    next_logits: NextLogits, start: int, end: int, max_length: int, temperature: float, rng: np.random.Generator
) -> list[int]:
    """Return ids drawn from softmax(logits / temperature): below 1 more careful, above 1 more daring."""
    if temperature <= 0:
        raise ValueError(f"the temperature is {temperature}; it must be above 0 (greedy decoding is its limit at 0)")

    def draw(logits: np.ndarray) -> int:
        powers = np.exp((logits - logits.max()).astype("float64") / temperature)
        return int(rng.choice(len(powers), p=powers / powers.sum()))

    return _one_by_one(next_logits, start, end, max_length, draw)


def _one_by_one(
    next_logits: NextLogits, start: int, end: int, max_length: int, choose: Callable[[np.ndarray], int]
) -> list[int]:
    ids = [start]
    while len(ids) - 1 < max_length:
        token = choose(next_logits(ids))
        if token == end:
            break
        ids.append(token)
    return ids[1:]


def beam(next_logits: NextLogits, start: int, end: int, max_length: int, width: int, alpha: float = 0.6) -> list[int]:
    """Return the best of ``width`` replies that are followed side by side.

    A reply's score is the sum of the logarithms of its tokens' probabilities, ``end`` included, divided by
    ((5 + length) / 6)^alpha, so that long replies are not at a disadvantage (Wu et al., 2016, equation 14).
    Ties go to the smaller ids.
    """
    if width < 1:
        raise ValueError(f"the beam has width {width}; it must be at least 1")
    open_replies, finished = [(0.0, [start])], []
    for _ in range(max_length):
        longer = []
        for total, ids in open_replies:
            logits = np.asarray(next_logits(ids), "float64")
            shifted = logits - logits.max()
            logs = shifted - np.log(np.exp(shifted).sum())
            for token in np.argsort(-logs, kind="stable")[:width]:
                longer.append((total + logs[token], [*ids, int(token)]))
        longer.sort(key=lambda reply: (-reply[0], reply[1]))
        open_replies = []
        for total, ids in longer[:width]:
            if ids[-1] == end:
                finished.append((total / _length_penalty(len(ids) - 1, alpha), ids[1:-1]))
            else:
                open_replies.append((total, ids))
        if not open_replies or len(finished) >= width:
            break
    cut = [(total / _length_penalty(len(ids) - 1, alpha), ids[1:]) for total, ids in open_replies]
    return max(finished or cut, key=lambda reply: reply[0])[1]


def _length_penalty(length: int, alpha: float) -> float:
    return ((5 + length) / 6) ** alpha
