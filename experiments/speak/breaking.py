"""What the trained model says when one of its functions is wrong: in how many sentences that changes the reply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.speak import speaks
from experiments.speak.speaks import Functions

SENTENCES = 100  # of those held back, the first ones


def wrong_functions(right: Functions) -> dict[str, Functions]:
    """Return in words what can be wrong, each with the function that stands in the place of the right one."""
    attention, masks = right["scaled_dot_product_attention"], right["decoder_masks"]

    def unscaled(query: np.ndarray, key: np.ndarray, value: np.ndarray, mask: Any = None) -> Any:
        return attention(query * np.sqrt(key.shape[-1]), key, value, mask)

    def inverted(source: np.ndarray, target: np.ndarray) -> Any:
        return [1 - mask for mask in masks(source, target)]

    def nowhere(length: int, d_model: int) -> np.ndarray:
        return 0 * right["positional_encoding"](length, d_model)

    def late(length: int, d_model: int) -> np.ndarray:
        return right["positional_encoding"](length + 1, d_model)[:, 1:]

    def linear(x: np.ndarray, W_1: np.ndarray, b_1: np.ndarray, W_2: np.ndarray, b_2: np.ndarray) -> np.ndarray:
        return (x @ W_1 + b_1) @ W_2 + b_2

    return {
        "scores that are not divided by the root of d_k": {"scaled_dot_product_attention": unscaled},
        "masks inverted": {"decoder_masks": inverted},
        "positions counted from 1": {"positional_encoding": late},
        "no positions": {"positional_encoding": nowhere},
        "no ReLU": {"position_wise_feed_forward": linear},
    }


def changed(file: Path, right: Functions, texts: Iterable[str]) -> list[dict[str, Any]]:
    """Return for each wrong function the share of other replies, and the first sentence in which it changes one."""
    texts = list(texts)
    model = speaks.load(right, file)
    said = {text: model.reply(text).text for text in texts}
    return [row_of(what, said, speaks.load({**right, **wrong}, file)) for what, wrong in wrong_functions(right).items()]


def row_of(what: str, said: Mapping[str, str], broken: speaks.Transformer) -> dict[str, Any]:
    """Return what one wrong function does to the replies."""
    others = {text: broken.reply(text).text for text in said}
    text = next((text for text in said if others[text] != said[text]), "")
    row = {"what": what, "sentences": len(said), "share": float(np.mean([others[text] != said[text] for text in said]))}
    return row | {"sentence": text, "right": said.get(text, ""), "reply": others.get(text, "")}
