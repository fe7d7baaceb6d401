"""Alignment (chapter 3): each French word lights up the English words at which a trained translator looked."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path

import numpy as np

from autograder.course.steps import softmax
from figures.drawing import lines
from figures.markup import Figure, percent, radios, table

FILE = Path(__file__).parents[2] / "_data" / "02_alignment.json"  # measured: `python -m experiments.alignment`
MODELS = {"left_to_right": "left to right", "both_directions": "both directions"}
TITLE = "Try it: where did it look?"
SAYS = "When it writes “{word}”, the decoder looks most at {best} ({share}), then at {second} ({second_share})."


def weights_of(states: dict[str, list]) -> np.ndarray:
    """Return the weights of all steps (T_q, T_k), from the states that were stored."""
    return softmax(np.array(states["S"]) @ np.array(states["H"]).T)


def told_apart(words: list[str]) -> list[str]:
    """Return words in quotes; of those that occur again, with the number of the place."""
    return [f"“{word}”" if words.count(word) == 1 else f"“{word}” ({n + 1})" for n, word in enumerate(words)]


def figure(step: int = 1) -> Figure:
    """Return the figure at the step that writes the second word."""
    stored = json.loads(FILE.read_text(encoding="utf-8"))
    english, french = (stored["sentences"]["page"][language] for language in ("english", "french"))
    weights = {name: weights_of(stored[name]["page"]).round(4) for name in MODELS}
    now, names = weights["left_to_right"][step], told_apart(english)
    best, second = np.argsort(-now)[:2]
    return Figure(
        title=TITLE,
        script="alignment",
        needs=("lines",),
        data={"french": french, "names": names, "weights": {name: map_.tolist() for name, map_ in weights.items()}},
        controls=radios("reader", "The encoder reads", MODELS, "left_to_right"),
        view=lines("step", "The decoder writes", french, english, step, now.tolist(), [f"{w:.2f}" for w in now]),
        handled=True,
        says=SAYS.format(
            word=french[step],
            best=names[best],
            share=percent(now[best]),
            second=names[second],
            second_share=percent(now[second]),
        ),
        facts="".join(looked_at(label, french, names, weights[name]) for name, label in MODELS.items()),
        about="All steps as tables",
        sentences={"says": SAYS},
    )


def looked_at(label: str, french: list[str], names: list[str], weights: np.ndarray) -> str:
    """Return for each word that is written the three words at which the decoder looked most."""
    rows = [
        [escape(word), ", ".join(f"{names[n]} {row[n]:.2f}" for n in np.argsort(-row)[:3])]
        for word, row in zip(french, weights, strict=True)
    ]
    return table(f"The encoder reads {label}: the three largest weights", ["writes", "looks at"], rows)
