"""Attention by hand (chapter 4): three inputs of four numbers, lines from one query to the keys, with all numbers."""

from __future__ import annotations

import numpy as np

from autograder.course.steps import softmax
from figures.drawing import lines
from figures.markup import Figure, checkbox, legible, number, percent, slider, slot, table, weight

TITLE = "Try it: one query, step by step"
SAYS = (
    "Query {query}: scores divided by {divisor}. Input {best} gets {share} of the attention, "
    "input {second} gets {second_share}, input {last} {last_share}."
)


def projections(seed_inputs: int = 3, seed_matrices: int = 0, N: int = 3, D: int = 4) -> dict[str, np.ndarray]:
    """Return queries, keys and values, (N, D) each, drawn in the order of the chapter."""
    draw = np.random.RandomState(seed_inputs)
    X = np.array([draw.normal(size=(D, 1))[:, 0] for _ in range(N)])
    draw = np.random.RandomState(seed_matrices)
    omegas = [draw.normal(size=(D, D)) for _ in range(3)]
    betas = [draw.normal(size=(D, 1))[:, 0] for _ in range(3)]
    names = ("queries", "keys", "values")
    return {name: X @ omega.T + beta for name, omega, beta in zip(names, omegas, betas, strict=True)}


def figure(query: int = 0) -> Figure:
    """Return the figure with `query` asking, scores scaled, temperature 1."""
    arrays = projections()
    Q, K, V = arrays.values()
    scores, root = K @ Q[query], np.sqrt(K.shape[1])
    weights = softmax(scores / root)
    return Figure(
        title=TITLE,
        script="attention",
        needs=("lines",),
        data={name: array.tolist() for name, array in arrays.items()},
        controls=checkbox("scale", "divide by √d<sub>k</sub> = 2", checked=True)
        + slider("temperature", "temperature", 0.25, 4, 1, "1.00", step=0.25),
        view=score_lines(query, scores, root, weights) + mixture_table(weights, V),
        handled=True,
        says=summary(query, root, weights),
        facts=all_weights(Q, K) + "".join(vectors(name, arrays[name]) for name in arrays),
        sentences={"says": SAYS},
    )


def score_lines(query: int, scores: np.ndarray, divisor: float, weights: np.ndarray) -> str:
    """Return lines from the query to the keys, and below each key its score, and what it is divided to."""
    notes = [
        f"<small>{slot(f'score{n}', number(score))} ÷ {slot(f'divisor{n}', number(divisor, 2))} = "
        f"{slot(f'scaled{n}', number(score / divisor))}</small>"
        for n, score in enumerate(scores)
    ]
    names = ["x0", "x1", "x2"]
    caption = (
        '<p class="seeing-caption">Who asks, and whom: below each input its score, divided; beside it its weight</p>'
    )
    return caption + lines(
        "query", "Query of", names, names, query, weights.tolist(), [weight(w) for w in weights], notes
    )


def mixture_table(weights: np.ndarray, values: np.ndarray) -> str:
    """Return the table of weighted values and their sum, the output."""
    parts = weights[:, np.newaxis] * values
    rows = [
        [slot(f"times{n}", weight(weights[n])) + f" × v{n}"]
        + [slot(f"part{n}-{i}", number(part)) for i, part in enumerate(parts[n])]
        for n in range(len(values))
    ]
    total = ["output"] + [slot(f"output{i}", number(part)) for i, part in enumerate(parts.sum(axis=0))]
    head = ["weight × v", *map(str, range(values.shape[1]))]
    return table("Mix: the weighted sum of the values", head, [*rows, total], "sum")


def summary(query: int, divisor: float, weights: np.ndarray) -> str:
    """Return the state in words, the largest weight first."""
    best, second, last = np.argsort(-weights)
    return SAYS.format(
        query=query,
        divisor=number(divisor, 2),
        best=best,
        share=percent(weights[best]),
        second=second,
        second_share=percent(weights[second]),
        last=last,
        last_share=percent(weights[last]),
    )


def all_weights(queries: np.ndarray, keys: np.ndarray) -> str:
    """Return the weights of all queries, scaled and not."""
    rows = []
    for n, scores in enumerate(queries @ keys.T):
        for label, divisor in (("not scaled", 1), ("scaled", np.sqrt(keys.shape[1]))):
            rows.append([f"q{n}, {label}", *(legible(weight(w)) for w in softmax(scores / divisor))])
    return table("Attention weights of every query (temperature 1)", ["query", "to 0", "to 1", "to 2"], rows)


def vectors(name: str, array: np.ndarray) -> str:
    """Return the vectors as a table, one row for each input."""
    rows = [[f"{name[0]}{n}", *map(number, row)] for n, row in enumerate(array)]
    return table(name.capitalize(), ["input", *map(str, range(array.shape[1]))], rows)
