"""Masks (chapter 6): three words and two paddings; each mask can be put on and taken off."""

from __future__ import annotations

import numpy as np

from autograder.course.steps import softmax
from figures.markup import Figure, checkbox, number, radios, slot, table

TOKENS = ["we", "sing", "now", "pad", "pad"]
TITLE = "Try it: put the masks on"
SENTENCES = {
    "sees": "{token} (row {row}) sees {seen}.",
    "nothing": "Nothing is hidden",
    "future": "The future is hidden",
    "padding": "The padding is hidden",
    "both": "The future and the padding are hidden",
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
        view=grid(S, mask) + what_rows_see(mask),
        says=SENTENCES["whole"].format(hidden=SENTENCES["both"], count=mask.sum()),
        facts="".join(
            weights_table(S, future, padding, label)
            for future, padding, label in (
                (False, False, "nothing hidden"),
                (False, True, "padding hidden"),
                (True, False, "future hidden"),
                (True, True, "both hidden"),
            )
        ),
        sentences=SENTENCES,
    )


def masked_weights(S: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the weights with hidden scores replaced by minus 10 to the 9."""
    return softmax(np.where(mask, -1e9, S))


def grid(S: np.ndarray, mask: np.ndarray) -> str:
    """Return the matrix: in each cell the score as softmax gets it, and below it the weight."""
    weights, T = masked_weights(S, mask), len(TOKENS)
    rows = [
        [token, *(cell(i, j, S, mask, weights) for j in range(T)), slot(f"sum{i}", number(weights[i].sum(), 2))]
        for i, token in enumerate(TOKENS)
    ]
    caption = "Rows ask, columns are looked at: small the score, bold the weight; hidden cells are hatched"
    return table(caption, ["query", *TOKENS, "sum"], rows, "grid")


def cell(i: int, j: int, S: np.ndarray, mask: np.ndarray, weights: np.ndarray) -> str:
    """Return one cell of the matrix."""
    score = slot(f"score{i}-{j}", "−10⁹" if mask[i, j] else number(S[i, j], 1), "small")
    share = slot(f"weight{i}-{j}", number(weights[i, j], 2), "b")
    look = f'class="heat{" hide" if mask[i, j] else ""}" style="--share: {weights[i, j]:.4f}"'
    return f'<td data-slot="cell{i}-{j}" {look}>{score}{share}</td>'


def what_rows_see(mask: np.ndarray) -> str:
    """Return what each row may see, a line each."""
    lines = (slot(f"sees{i}", sees(i, mask), "li") for i in range(len(TOKENS)))
    return f'<ul class="seeing-lines">{"".join(lines)}</ul>'


def sees(row: int, mask: np.ndarray) -> str:
    """Return the sentence of one row."""
    seen = ", ".join(token for token, hide in zip(TOKENS, mask[row], strict=True) if not hide)
    return SENTENCES["sees"].format(token=TOKENS[row], row=row, seen=seen)


def weights_table(S: np.ndarray, future: bool, padding: bool, label: str) -> str:
    """Return the weights under one choice of masks."""
    weights = masked_weights(S, hidden(future, padding))
    rows = [[token, *(number(w, 2) for w in row)] for token, row in zip(TOKENS, weights, strict=True)]
    return table(f"Weights, {label}", ["query", *TOKENS], rows)
