"""Drawings of the positional encoding, as SVG: a clock with two hands, a row of small clocks, a curve."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from figures.markup import number, slot

POSITIONS = 100  # how many the curve has
CURVE = {"left": 36, "width": 276, "top": 10, "height": 92}  # from 0 to the largest dot product


def hand(name: str, kind: str, angle: float, length: float = 100) -> str:
    """Return a hand that points up at angle 0 and turns clockwise, so that its tip is (sine, cosine)."""
    x, y = length * np.sin(angle), -length * np.cos(angle)
    return f'<line data-slot="{name}" class="{kind}" x1="0" y1="0" x2="{x:.1f}" y2="{y:.1f}"/>'


def dial(here: float, there: float) -> str:
    """Return a clock with the hands of both positions, given as angles."""
    ticks = '<path class="axes" d="M0 -100V100M-100 0H100"/><circle class="axes" r="100"/>'
    hands = hand("there-hand", "there-hand", there, 92) + hand("here-hand", "here-hand", here)
    return (
        f'<svg class="seeing-dial" viewBox="-124 -124 248 248" aria-hidden="true">{ticks}{hands}'
        '<text x="0" y="-108">cosine</text><text x="98" y="18" class="end">sine</text></svg>'
    )


def clocks(pairs: Sequence[int], angles: Sequence[float], chosen: int) -> str:
    """Return small clocks with their two numbers: the row of the encoding."""
    boxes = ""
    for n, (pair, angle) in enumerate(zip(pairs, angles, strict=True)):
        look = "clock chosen" if pair == chosen else "clock"
        boxes += (
            f'<div data-slot="clock{n}" class="{look}">{slot(f"clock-pair{n}", f"hand {pair}")}'
            '<svg viewBox="-110 -110 220 220" aria-hidden="true"><circle class="axes" r="100"/>'
            f"{hand(f'clock-hand{n}', 'clock-hand', angle)}</svg>"
            f"{slot(f'clock-sine{n}', number(np.sin(angle), 2))}"
            f"{slot(f'clock-cosine{n}', number(np.cos(angle), 2))}</div>"
        )
    return f'<div class="seeing-clocks">{boxes}</div>'


def curve(dots: Sequence[float], most: int, here: int, there: int) -> str:
    """Return the dot products with every position as a line; `most` is the largest that can be."""
    left, width = CURVE["left"], CURVE["width"]
    points = " ".join(f"{across(n):.1f},{down(dot / most):.1f}" for n, dot in enumerate(dots))
    ticks = "".join(f'<text x="{across(n):.1f}" y="166">{n}</text>' for n in (0, 25, 50, 75, POSITIONS - 1))
    return (
        '<svg class="seeing-curve" viewBox="0 0 320 172" aria-hidden="true">'
        f'<path class="axes" d="M{left} {down(1)}h{width}M{left} {down(0)}h{width}M{left} {down(-0.5)}h{width}"/>'
        f'<text x="30" y="{down(1) + 4}" class="end" data-slot="most">{most}</text>'
        f'<text x="30" y="{down(0) + 4}" class="end">0</text>{ticks}'
        f'<line data-slot="curve-here" class="here-hand" x1="{across(here):.1f}" x2="{across(here):.1f}" '
        f'y1="{down(1)}" y2="{down(-0.5)}"/><polyline data-slot="curve" points="{points}"/>'
        f'<circle data-slot="curve-there" class="there-dot" r="5" cx="{across(there):.1f}" '
        f'cy="{down(dots[there] / most):.1f}"/></svg>'
    )


def across(position: float) -> float:
    """Return the x of a position in the curve."""
    return CURVE["left"] + position * CURVE["width"] / (POSITIONS - 1)


def down(share: float) -> float:
    """Return the y of a dot product in the curve, given as a share of the largest."""
    return CURVE["top"] + (1 - share) * CURVE["height"]
