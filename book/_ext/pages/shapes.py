"""The shapes that the pictures of the chapters' cards are drawn from: squares of an attention grid, lines, words.

Colours are the theme's (see _static/textbook.css), so one drawing suits both themes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

WIDTH, HEIGHT, SIZE = 240, 84, 13  # of a picture, and of a square in it, in pixels
QUERY, KEY, VALUE, INK = "var(--book-query)", "var(--book-key)", "var(--book-value)", "currentColor"


def square(x: float, y: float, hue: str, share: float = 1, size: float = SIZE, dashed: bool = False) -> str:
    """Return a square with its corner at (x, y): full for a share of 1, its outline alone for 0."""
    dash = ' stroke-dasharray="3 2"' if dashed else ""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{size:g}" height="{size:g}" rx="2" fill="{hue}" '
        f'fill-opacity="{share:.2g}" stroke="{hue}"{dash}/>'
    )


def line(x1: float, y1: float, x2: float, y2: float, hue: str, width: float = 1.5, ends: str = "") -> str:
    """Return a line."""
    return f'<path d="M{x1:g} {y1:g}L{x2:g} {y2:g}" stroke="{hue}" stroke-width="{width:.3g}"{ends}/>'


def arc(x1: float, x2: float, y: float, hue: str, width: float = 1.5) -> str:
    """Return an arc above two points at the same height."""
    height = 8 + abs(x2 - x1) / 8
    curve = f"M{x1:g} {y:g}Q{(x1 + x2) / 2:g} {y - 2 * height:g} {x2:g} {y:g}"
    return f'<path d="{curve}" stroke="{hue}" stroke-width="{width:.3g}"/>'


def arrow(x1: float, y1: float, x2: float, y2: float, hue: str = INK) -> str:
    """Return a line with a head at its end."""
    along = np.array([x2 - x1, y2 - y1]) / np.hypot(x2 - x1, y2 - y1)
    across = np.array([-along[1], along[0]])
    (ax, ay), (bx, by) = (np.array([x2, y2]) - 5 * along + side * 3.5 * across for side in (1, -1))
    head = f'<path d="M{ax:.4g} {ay:.4g}L{x2:g} {y2:g}L{bx:.4g} {by:.4g}" stroke="{hue}" stroke-width="1.5"/>'
    return line(x1, y1, x2, y2, hue) + head


def bar(x: float, y: float, width: float, height: float, hue: str) -> str:
    """Return a full bar with its corner at (x, y)."""
    return f'<rect x="{x:g}" y="{y:.4g}" width="{width:.3g}" height="{height:.3g}" fill="{hue}"/>'


def words(x: float, y: float, text: str, hue: str = INK) -> str:
    """Return words whose middle is at x and whose foot is at y."""
    return f'<text x="{x:g}" y="{y:g}" fill="{hue}">{text}</text>'


def squares(corners: Iterable[tuple[float, float]], size: float, attributes: str) -> str:
    """Return many squares that look the same, as one path."""
    return f'<path d="{"".join(f"M{x:g} {y:g}h{size:g}v{size:g}h-{size:g}z" for x, y in corners)}" {attributes}/>'


def grid(x: float, y: float, shares: Sequence[Sequence[float | None]], hue: str = QUERY, size: float = SIZE) -> str:
    """Return a grid of squares, one row for each query; what is hidden (None) is hatched."""
    step = size + 2
    cells = [(x + step * n, y + step * m, share) for m, row in enumerate(shares) for n, share in enumerate(row)]
    covered = [(left, top) for left, top, share in cells if share is None]
    hatches = "".join(f"M{left + 2:g} {top + size - 2:g}l{size - 4:g} -{size - 4:g}" for left, top in covered)
    hidden = squares(covered, size, f'stroke="{INK}" stroke-dasharray="3 2"') + f'<path d="{hatches}" stroke="{INK}"/>'
    shown = "".join(square(left, top, hue, share, size) for left, top, share in cells if share is not None)
    return shown + (hidden if covered else "")


def column(x: float, hue: str, count: int = 5) -> list[tuple[float, str]]:
    """Return squares above each other, each with the height of its middle."""
    step = HEIGHT / count
    return [(step * (n + 0.5), square(x, step * (n + 0.5) - SIZE / 2, hue, 0.75)) for n in range(count)]


def stack(x: float, hues: Iterable[str]) -> str:
    """Return boxes above each other, from below."""
    return "".join(
        f'<rect x="{x:g}" y="{62 - 20 * n:g}" width="62" height="14" rx="4" '
        f'fill="{hue}" fill-opacity="0.25" stroke="{hue}"/>'
        for n, hue in enumerate(hues)
    )


def bubble(x: float, y: float, width: float, tail: float, inside: Iterable[str]) -> str:
    """Return a speech bubble with its tail below `tail`, and what it says."""
    outline = f"M{tail:g} {y + 30:g}l0 9l9 -9"
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="30" rx="9" stroke="{INK}" stroke-width="1.5"/>'
        f'<path d="{outline}" stroke="{INK}" stroke-width="1.5"/>' + "".join(inside)
    )
