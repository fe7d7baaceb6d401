"""Saturation (chapter 4): random queries and keys of growing width, their softmax with and without the square root."""

from __future__ import annotations

import numpy as np

from autograder.course.steps import softmax
from figures.markup import Figure, button, number, slider, slot, table

WIDTHS = [2**power for power in range(11)]  # 1 to 1024
KEYS, DRAWS = 8, 5
TITLE = "Try it: wider and wider keys"
SAYS = (
    "Key width {width}, draw {draw} of {draws}, temperature {temperature}: the scores go from {low} to {high}. "
    "Not scaled, the largest of eight weights is {raw} and the entropy {raw_bits} of 3 bits. "
    "Scaled, they are {scaled} and {scaled_bits}."
)


def draw_scores(draw: int, width: int) -> np.ndarray:
    """Return the scores of one query with `KEYS` keys, standard normal, from NumPy's `default_rng([draw, width])`."""
    rng = np.random.default_rng([draw, width])
    query = rng.normal(size=width)
    return (rng.normal(size=(KEYS, width)) @ query).round(3)


def entropy(weights: np.ndarray) -> np.ndarray:
    """Return the entropy of weights in bits, along the last axis; a weight of 0 adds nothing."""
    return -(weights * np.log2(np.where(weights > 0, weights, 1))).sum(axis=-1)


def figure(start: int = 64) -> Figure:
    """Return the figure at width `start`, first draw, temperature 1."""
    scores = [[draw_scores(draw, width).tolist() for width in WIDTHS] for draw in range(1, DRAWS + 1)]
    here = WIDTHS.index(start)
    return Figure(
        title=TITLE,
        script="saturation",
        data={"widths": WIDTHS, "scores": scores},
        controls=slider("width", "key width d<sub>k</sub>", 0, len(WIDTHS) - 1, here, str(start))
        + slider("sharpness", "temperature", 0.25, 4, 1, "1.00", step=0.25)
        + button("again", "Draw again"),
        view=view(np.array(scores[0][here]), start),
        says=summary(np.array(scores[0][here]), start),
        facts=on_average(),
        about="How it goes on average, as a table",
        sentences={"says": SAYS},
    )


def view(scores: np.ndarray, width: int) -> str:
    """Return the table of eight keys: score, weight without scaling, weight with it."""
    raw, scaled = softmax(scores), softmax(scores / np.sqrt(width))
    rows = [
        [
            f"k{n}",
            slot(f"drawn{n}", number(scores[n], 2)),
            slot(f"raw{n}", number(raw[n], 3), "td", share=raw[n], class_="bar bad"),
            slot(f"soft{n}", number(scaled[n], 3), "td", share=scaled[n], class_="bar"),
        ]
        for n in range(KEYS)
    ]
    head = ["key", "score q·k", "weight, not scaled", "weight, scaled by √d<sub>k</sub>"]
    return table("One random query and eight random keys", head, rows)


def summary(scores: np.ndarray, width: int) -> str:
    """Return the state in words."""
    raw, scaled = softmax(scores), softmax(scores / np.sqrt(width))
    return SAYS.format(
        width=width,
        draw=1,
        draws=DRAWS,
        temperature="1.00",
        low=number(scores.min(), 2),
        high=number(scores.max(), 2),
        raw=number(raw.max(), 3),
        raw_bits=number(entropy(raw).item(), 2),
        scaled=number(scaled.max(), 3),
        scaled_bits=number(entropy(scaled).item(), 2),
    )


def on_average(draws: int = 400) -> str:
    """Return a table over the widths: spread of the scores, mean of the largest weight and of the entropy."""
    rng, rows = np.random.default_rng(0), []
    for width in WIDTHS:
        scores = (rng.normal(size=(draws, KEYS, width)) @ rng.normal(size=(draws, width, 1)))[..., 0]
        row = [str(width), number(scores.std(), 1)]
        for weights in (softmax(scores), softmax(scores / np.sqrt(width))):
            row += [number(weights.max(axis=1).mean(), 2), number(entropy(weights).mean(), 2)]
        rows.append(row)
    head = ["d<sub>k</sub>", "spread of scores", "largest weight", "bits", "largest, scaled", "bits, scaled"]
    return table(f"Means over {draws} draws with eight keys each, temperature 1", head, rows)
