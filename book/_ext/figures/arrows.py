"""Arrows (chapter 2): the decoder's state and three encoder states, to be dragged; scores and weights follow."""

from __future__ import annotations

import numpy as np

from autograder.course.steps import softmax
from figures.drawing import shape
from figures.markup import Figure, button, number, percent, slot, table

WORDS = ["she", "reads", "books"]
STATES = np.array([[2.0, 0.0], [1.0, 1.0], [-2.0, 1.0]])
QUERY = np.array([1.0, 2.0])
UNIT, FURTHEST, STEP = 52, 2.5, 0.25  # pixels to a unit; an arrow ends at most there, and at quarters
LOWERED = '<tspan dy="4" font-size="12">{}</tspan>'
TITLE = "Try it: drag the arrows"
SAYS = (
    "The query ({x}, {y}) scores {scores}. “{best}” gets {share} of the weight. The attention value is ({right}, {up})."
)


def figure() -> Figure:
    """Return the figure at the example of the page."""
    scores = STATES @ QUERY
    weights = softmax(scores)
    value = weights @ STATES
    best = int(weights.argmax())
    return Figure(
        title=TITLE,
        script="arrows",
        data={
            "names": WORDS,
            "start": [QUERY.tolist(), *STATES.tolist()],
            "unit": UNIT,
            "furthest": FURTHEST,
            "step": STEP,
        },
        controls=button("again", "As on the page"),
        view=f'<div class="seeing-pair">{plane(weights, value)}{bars(scores, weights)}</div>',
        says=SAYS.format(
            x=number(QUERY[0], 2),
            y=number(QUERY[1], 2),
            scores=", ".join(number(score, 2) for score in scores),
            best=WORDS[best],
            share=percent(weights[best]),
            right=number(value[0], 2),
            up=number(value[1], 2),
        ),
        facts=turned(),
        about="The query turned around once, as a table",
        sentences={"says": SAYS},
    )


def pixels(point: np.ndarray) -> tuple[float, float]:
    """Return where a point of the plane is drawn; up is up."""
    return UNIT * float(point[0]), -UNIT * float(point[1])


def plane(weights: np.ndarray, value: np.ndarray) -> str:
    """Return the plane with its arrows; each state's arrow is as thick as its weight is large."""
    marks = "".join(f"M{UNIT * x} {UNIT * y}h.01" for x in range(-2, 3) for y in range(-2, 3))
    corners = " ".join(f"{x:g},{y:g}" for x, y in map(pixels, STATES))
    x, y = pixels(value)
    arrows = "".join(arrow(n + 1, f"h_{n + 1}", h, 2 + 8 * float(weights[n])) for n, h in enumerate(STATES))
    parts = (
        shape("path", class_="marks", d=marks),
        shape("path", class_="axes", d="M-138 0H138M0 138V-138"),
        shape("polygon", class_="hull", slot="hull", points=corners),
        arrows,
        arrow(0, "s_t", QUERY, 4),
        f'<g class="value" data-slot="value" transform="translate({x:.1f} {y:.1f})"><path d="M0 -8L8 0L0 8L-8 0Z"/>'
        f'<text x="18" y="16" aria-hidden="true">a{LOWERED.format("t")}</text></g>',
    )
    return (
        f'<svg class="seeing-plane" viewBox="-148 -148 296 296" role="group" aria-label="Arrows">{"".join(parts)}</svg>'
    )


def arrow(n: int, name: str, point: np.ndarray, width: float) -> str:
    """Return arrow n: its line, and at its tip a handle with head and name."""
    x, y = pixels(point)
    turn = float(np.degrees(np.arctan2(y, x)))
    label, lowered = name.split("_")
    kind = "query" if n == 0 else "key"
    dx, dy = label_place(point)
    return (
        shape("line", class_=kind, slot=f"line{n}", x1=0, y1=0, x2=x, y2=y, stroke_width=width)
        + f'<g class="seeing-handle {kind}" data-slot="handle{n}" transform="translate({x:g} {y:g})">'
        + '<circle class="reach" r="22"/>'
        + shape("path", class_="head", slot=f"head{n}", d="M9 0L-9 8L-5 0L-9 -8Z", transform=f"rotate({turn:.1f})")
        + f'<text data-slot="name{n}" x="{dx}" y="{dy}" aria-hidden="true">{label}{LOWERED.format(lowered)}</text></g>'
    )


def label_place(point: np.ndarray) -> tuple[int, int]:
    """Return where the name stands beside the tip: further out, but inside the picture."""
    return (-20 if point[0] > 2 or point[0] < 0 and point[0] > -2 else 20), (-12 if point[1] >= 0 else 22)


def bars(scores: np.ndarray, weights: np.ndarray) -> str:
    """Return the scores as bars to both sides of zero, and the weights as bars that grow."""
    rows = [
        [
            f"<i>h</i><sub>{n + 1}</sub> {word}",
            slot(f"score{n}", number(scores[n], 2), "td", share=scores[n] / (2 * FURTHEST**2), class_="signed"),
            slot(f"weight{n}", number(weights[n], 3), "td", share=weights[n], class_="bar"),
        ]
        for n, word in enumerate(WORDS)
    ]
    head = ["state", "score <i>s·h</i>", "weight"]
    return table("Dot products, and what softmax makes of them", head, rows, "drawn")


def turned() -> str:
    """Return scores and weights for a query of the same length in eight directions."""
    rows, length = [], np.linalg.norm(QUERY)
    for degrees in range(0, 360, 45):
        query = length * np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
        scores = STATES @ query
        told = [", ".join(number(x, 2) for x in row) for row in (scores, softmax(scores))]
        rows.append([f"{degrees}°", *told])
    head = ["direction", "scores", "weights"]
    return table("A query as long as that of the page (0° points right, 90° up), and she, reads, books", head, rows)
