"""What the trained model says when one of its functions is wrong: in how many sentences that changes the reply."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from experiments.chat.pairs import Pair
from experiments.speak import speaks
from experiments.speak.speaks import Functions

SENTENCES = 100  # of those held back, the first ones
Says = Callable[[str], str]


def wrong_functions(right: Functions) -> dict[str, Functions]:
    """Return in words what can be wrong, each with the function that stands in the place of the right one."""
    attention, masks = right["scaled_dot_product_attention"], right["decoder_masks"]

    def unscaled(query: np.ndarray, key: np.ndarray, value: np.ndarray, mask: Any = None) -> Any:
        return attention(query * np.sqrt(key.shape[-1]), key, value, mask)

    def past_hidden(source: np.ndarray, target: np.ndarray) -> Any:
        of_encoder, _, of_cross = masks(source, target)
        return of_encoder, np.tril(np.ones((target.shape[1],) * 2, int), k=-1), of_cross

    def nowhere(length: int, d_model: int) -> np.ndarray:
        return 0 * right["positional_encoding"](length, d_model)

    def late(length: int, d_model: int) -> np.ndarray:
        return right["positional_encoding"](length + 1, d_model)[:, 1:]

    def linear(x: np.ndarray, W_1: np.ndarray, b_1: np.ndarray, W_2: np.ndarray, b_2: np.ndarray) -> np.ndarray:
        return (x @ W_1 + b_1) @ W_2 + b_2

    return {
        "scores that are not divided by the root of d_k": {"scaled_dot_product_attention": unscaled},
        "a look-ahead mask that hides the past": {"decoder_masks": past_hidden},
        "positions counted from 1": {"positional_encoding": late},
        "no positions": {"positional_encoding": nowhere},
        "no ReLU": {"position_wise_feed_forward": linear},
    }


def changed(file: Path, right: Functions, pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    """Return for each wrong function in how many of the first sentences it changes the reply, and one of these.

    A pair is a sentence and its translation. What is shown is the first of all sentences in which the right functions
    give the translation and the wrong one does not.
    """
    model = speaks.load(right, file)
    replies = cache(lambda text: model.reply(text).text)
    broken = {what: speaks.load({**right, **wrong}, file) for what, wrong in wrong_functions(right).items()}
    return [row_of(what, pairs, replies, cache(lambda text, m=m: m.reply(text).text)) for what, m in broken.items()]


def row_of(what: str, pairs: Sequence[Pair], right: Says, broken: Says) -> dict[str, Any]:
    """Return what one wrong function does to the replies."""
    first = [text for text, _ in pairs[:SENTENCES]]
    share = float(np.mean([broken(text) != right(text) for text in first]))
    known = (text for text, french in pairs if speaks.plain(right(text)) == speaks.plain(french.replace("' ", "'")))
    text = next((text for text in known if broken(text) != right(text)), "")  # a model hardly trained has none
    row = {"what": what, "sentences": len(first), "share": share}
    return row | {"sentence": text, "right": right(text) if text else "", "reply": broken(text) if text else ""}
