"""Masks (chapter 6): three words and two paddings; cells are hidden one by one, or by the masks of the chapter."""

from __future__ import annotations

import numpy as np

from autograder.course.steps import softmax
from figures.markup import Figure, checkbox, number, radios, slot, table

TOKENS = ["we", "sing", "now", "pad", "pad"]
TITLE = "Try it: paint a mask"
SENTENCES = {
    "sees": "{token} (row {row}) sees {seen}.",
    "nobody": "{token} (row {row}) sees nothing: all its scores are equally low, and softmax shares its attention out "
    "among what it must not see.",
    "nothing": "Nothing is hidden",
    "future": "The future is hidden",
    "padding": "The padding is hidden",
    "both": "The future and the padding are hidden",
    "own": "Your mask hides",
    "whole": "{hidden}: {count} of 25 cells. Every row of weights sums to 1.",
    "lost": "{hidden}: {count} of 25 cells, but only after the softmax. Row {row} keeps {sum} of its attention; "
    "the rest went to what it must not see, and is lost.",
}


def scores() -> np.ndarray:
    """Return scaled scores (5, 5) with one decimal, so that the numbers shown are those calculated with."""
    return (1.5 * np.random.default_rng(6).normal(size=(len(TOKENS), len(TOKENS)))).round(1)


def hidden(future: bool, padding: bool) -> np.ndarray:
    """Return what is hidden, (5, 5): 1 = hide."""
    T = len(TOKENS)
    causal = np.triu(np.ones((T, T), dtype=bool), k=1)
    return (causal & future) | (np.array([token == "pad" for token in TOKENS]) & padding)


def figure() -> Figure:
    """Return the figure with both masks on."""
    S, mask = scores(), hidden(future=True, padding=True)
    return Figure(
        title=TITLE,
        script="masks",
        data={"tokens": TOKENS, "scores": S.tolist()},
        controls=checkbox("future", "hide the future", checked=True)
        + checkbox("padding", "hide the padding", checked=True)
        + radios("when", "Hide", {"before": "before the softmax", "after": "after it (wrong)"}, "before"),
        view=f'<div class="seeing-pair">{score_grid(S, mask)}{weight_grid(S, mask)}</div>',
        handled=True,
        says=SENTENCES["whole"].format(hidden=SENTENCES["both"], count=mask.sum()),
        facts="".join(
            weights_table(S, future, padding, label)
            for future, padding, label in (
                (False, False, "nothing hidden"),
                (False, True, "padding hidden"),
                (True, False, "future hidden"),
                (True, True, "both hidden"),
            )
        )
        + what_rows_see(mask),
        sentences=SENTENCES,
    )


def masked_weights(S: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the weights with hidden scores replaced by minus 10 to the 9."""
    return softmax(np.where(mask, -1e9, S))


def score_grid(S: np.ndarray, mask: np.ndarray) -> str:
    """Return the scores as softmax gets them, each a button that hides its cell; one of them is reached by Tab."""
    rows = [[token, *(cell(i, j, S, mask) for j in range(len(TOKENS)))] for i, token in enumerate(TOKENS)]
    return table("Scores: press a cell to hide it", ["query", *TOKENS], rows, "grid")


def cell(i: int, j: int, S: np.ndarray, mask: np.ndarray) -> str:
    """Return one cell of the scores."""
    shown = slot(f"score{i}-{j}", "−10⁹" if mask[i, j] else number(S[i, j], 1))
    name = f'<span class="seeing-unseen">hide {TOKENS[j]} ({j}) from {TOKENS[i]} ({i}), score </span>'
    return (
        f'<td><button type="button" name="cell{i}-{j}" data-slot="cell{i}-{j}" tabindex="{0 if i == j == 0 else -1}" '
        f'aria-pressed="{str(bool(mask[i, j])).lower()}">{name}{shown}</button></td>'
    )


def weight_grid(S: np.ndarray, mask: np.ndarray) -> str:
    """Return the weights, a bar in each cell, and the sum of each row."""
    weights, T = masked_weights(S, mask), len(TOKENS)
    rows = [
        [token, *(share(i, j, mask, weights) for j in range(T)), slot(f"sum{i}", number(weights[i].sum(), 2))]
        for i, token in enumerate(TOKENS)
    ]
    return table("Weights: the softmax of each row", ["query", *TOKENS, "sum"], rows, "grid")


def share(i: int, j: int, mask: np.ndarray, weights: np.ndarray) -> str:
    """Return one cell of the weights."""
    return slot(
        f"weight{i}-{j}", number(weights[i, j], 2), "td",
        share=weights[i, j], class_="rise hide" if mask[i, j] else "rise",
    )  # fmt: skip


def what_rows_see(mask: np.ndarray) -> str:
    """Return what each row may see with both masks on, a line each."""
    return f"<ul>{''.join(f'<li>{sees(i, mask)}</li>' for i in range(len(TOKENS)))}</ul>"


def sees(row: int, mask: np.ndarray) -> str:
    """Return the sentence of one row."""
    seen = ", ".join(token for token, hide in zip(TOKENS, mask[row], strict=True) if not hide)
    return SENTENCES["sees"].format(token=TOKENS[row], row=row, seen=seen)


def weights_table(S: np.ndarray, future: bool, padding: bool, label: str) -> str:
    """Return the weights under one choice of masks."""
    weights = masked_weights(S, hidden(future, padding))
    rows = [[token, *(number(w, 2) for w in row)] for token, row in zip(TOKENS, weights, strict=True)]
    return table(f"Weights, {label}", ["query", *TOKENS], rows)
