"""The positional encoding (chapter 7): hands of clocks, the row of numbers, and dot products against distance."""

from __future__ import annotations

import numpy as np

from figures.dials import CURVE, POSITIONS, clocks, curve, dial
from figures.markup import Figure, button, number, select, slider, slot, table

MODELS, CLOCKS = (4, 8, 16, 32, 64), 8
TITLE = "Try it: turn the hands"
SAYS = (
    "Positions {here} and {there} are {distance} apart; the dot product of their rows is {dot} of at most {most}. "
    "Hand {pair}, dimensions {even} and {odd}, turns by {speed} radians a step, once around in {round} positions. "
    "It adds {part} to the dot product."
)
HERE, THERE = "here", "there"


def speeds(d_model: int) -> np.ndarray:
    """Return how far each hand turns from one position to the next, in radians: (d_model / 2,)."""
    return 10000.0 ** (-2 * np.arange(d_model // 2) / d_model)


def dots(d_model: int, distance: np.ndarray) -> np.ndarray:
    """Return the dot product of two rows that are `distance` apart: a sum of cosines."""
    return np.cos(np.multiply.outer(distance, speeds(d_model))).sum(axis=-1)


def shown_pairs(d_model: int) -> list[int]:
    """Return the hands that get a small clock: all up to eight, then every second, every fourth."""
    count = d_model // 2
    return list(range(0, count, max(1, count // CLOCKS)))


def figure(d_model: int = 16, here: int = 3, there: int = 10, pair: int = 1) -> Figure:
    """Return the figure for two positions and one hand."""
    return Figure(
        title=TITLE,
        script="positions",
        data={"positions": POSITIONS, "curve": CURVE, "speeds": {str(d): speeds(d).tolist() for d in MODELS}},
        controls=slider(HERE, "position", 0, POSITIONS - 1, here, str(here))
        + slider(THERE, "compared with position", 0, POSITIONS - 1, there, str(there))
        + select("model", "d<sub>model</sub>", {str(d): str(d) for d in MODELS}, str(d_model))
        + slider("pair", "hand (pair of dimensions)", 0, d_model // 2 - 1, pair, str(pair))
        + button("along", "Both one place on"),
        view=view(d_model, here, there, pair),
        says=summary(d_model, here, there, pair),
        facts=hands_table(d_model) + distances_table(),
        sentences={"says": SAYS},
    )


def view(d_model: int, here: int, there: int, pair: int) -> str:
    """Return one clock with its numbers, the row of the encoding, and the curve."""
    angles, pairs = speeds(d_model) * here, shown_pairs(d_model)
    everywhere = dots(d_model, np.arange(POSITIONS) - here)
    return (
        f'<div class="seeing-pair">{dial(angles[pair], there * speeds(d_model)[pair])}'
        f"{angle_table(d_model, here, there, pair)}</div>"
        f'<p class="seeing-caption">The row of position {slot("row-here", str(here))}: '
        "sine above cosine, hand by hand</p>"
        f"{clocks(pairs, angles[pairs].tolist(), pair)}"
        '<p class="seeing-caption">Dot product with every position (the dot: the position compared with)</p>'
        f"{curve(everywhere.tolist(), d_model // 2, here, there)}"
    )


def angle_table(d_model: int, here: int, there: int, pair: int) -> str:
    """Return angle, sine and cosine of one hand at both positions."""
    angles = {HERE: here * speeds(d_model)[pair], THERE: there * speeds(d_model)[pair]}
    rows = [["angle (radians)", *(slot(f"{name}-angle", number(angle)) for name, angle in angles.items())]]
    for label, function, index in (("sine", np.sin, 2 * pair), ("cosine", np.cos, 2 * pair + 1)):
        first = f"{label}, dimension " + slot(f"{label}-dimension", str(index))
        rows.append([first, *(slot(f"{name}-{label}", number(function(a))) for name, a in angles.items())])
    head = ["hand " + slot("table-pair", str(pair))]
    head += [
        f'<span class="{name}-key">position {slot(f"table-{name}", str(position))}</span>'
        for name, position in ((HERE, here), (THERE, there))
    ]
    return table("One hand, two positions", head, rows)


def summary(d_model: int, here: int, there: int, pair: int) -> str:
    """Return the state in words."""
    speed = speeds(d_model)[pair]
    return SAYS.format(
        here=here,
        there=there,
        distance=abs(here - there),
        dot=number(dots(d_model, np.array(here - there)).item(), 2),
        most=d_model // 2,
        pair=pair,
        even=2 * pair,
        odd=2 * pair + 1,
        speed=number(speed, 4),
        round=number(2 * np.pi / speed, 1),
        part=number(np.cos(speed * (here - there)), 2),
    )


def hands_table(d_model: int) -> str:
    """Return the speed of every hand."""
    rows = [[str(k), number(speed, 5), number(2 * np.pi / speed, 1)] for k, speed in enumerate(speeds(d_model))]
    head = ["hand", "radians a step", "positions once around"]
    return table(f"The hands of d<sub>model</sub> = {d_model}", head, rows)


def distances_table() -> str:
    """Return dot products by distance for every width."""
    distances = np.array([0, 1, 2, 3, 5, 10, 20, 50])
    rows = [[str(n), *(number(dots(d, n).item(), 2) for d in MODELS)] for n in distances]
    return table("Dot product of two rows by distance and d<sub>model</sub>", ["distance", *map(str, MODELS)], rows)
