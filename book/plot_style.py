"""The look of every figure in the book: one palette, inline SVG, and heat maps with words on the axes.

Figures are drawn with Matplotlib and put into the page as inline SVG. Lines and letters take the
colour of the surrounding text, so one drawing suits the light and the dark theme; words stay text.
"""

from __future__ import annotations

import html
import re
import unicodedata
import zlib
from collections.abc import Sequence
from io import StringIO

import matplotlib
import numpy as np
from IPython.display import HTML, display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

# Okabe and Ito's colour-blind-safe hues. Lines that matter also differ in dash, marker or label.
QUERY = "#0072b2"  # blue
KEY = "#d55e00"  # vermilion
VALUE = "#009e73"  # green
ACCENT = "#cc79a7"  # pink

# Stand-ins that Matplotlib can draw with, for what only the page's theme can decide.
INK = "#010203"  # the colour of the text around the figure
HEAT = "#040506"  # a full cell of a heat map
HEAT_LOW = "#070809"  # numbers on a pale cell
HEAT_HIGH = "#0a0b0c"  # numbers on a full cell

_ANCHORS = {"center": "middle", "right": "end"}
_SMALL = {"[\u2080-\u209c\u1d62-\u1d6a]+": 2, "[\u2070-\u207f\u00b9\u00b2\u00b3]+": -3}  # letters, and how far down

# What `svg_of` writes in place of each: the theme's value (see _static/textbook.css), else the light one.
_THEME = {
    INK: "currentColor",
    QUERY: "var(--book-query, #0072b2)",
    KEY: "var(--book-key, #b85000)",
    VALUE: "var(--book-value, #007d5b)",
    ACCENT: "var(--book-accent, #a8527f)",
    HEAT: "var(--book-heat, #002f5e)",
    HEAT_LOW: "var(--book-heat-low, #000000)",
    HEAT_HIGH: "var(--book-heat-high, #ffffff)",
}
_FONT = "var(--pst-font-family-base, system-ui, sans-serif)"
_CODE = "var(--pst-font-family-monospace, monospace)"

# What a phone of 360 pixels leaves for a figure, which shrinks to it, and the smallest words that are read there.
PHONE, READABLE = 328, 11

matplotlib.rcParams.update(
    {
        "svg.fonttype": "none",  # words stay words: they can be read aloud, searched, translated
        "svg.hashsalt": "attention",  # the same drawing gives the same bytes
        "font.size": 9,
        "axes.titlesize": 9.5,
        "axes.linewidth": 0.7,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "lines.linewidth": 1.6,
        "legend.frameon": False,
        "grid.alpha": 0.2,
        "grid.linewidth": 0.6,
        **{
            key: INK
            for key in (
                "text.color",
                "axes.edgecolor",
                "axes.labelcolor",
                "axes.titlecolor",
                "xtick.color",
                "ytick.color",
                "grid.color",
                "patch.edgecolor",
            )
        },
    }
)


def new_figure(width: float = 320, height: float = 260, columns: int = 1) -> tuple[Figure, Axes]:
    """Return an empty figure of `width` by `height` CSS pixels and its axes (an array if `columns` > 1).

    A panel of 320 pixels fits a phone without shrinking, and two of them fit side by side on a desk: see `show`.
    """
    figure = Figure(figsize=(width / 96, height / 96), layout="constrained")
    return figure, figure.subplots(1, columns)


def token_heatmap(
    ax: Axes,
    weights: np.ndarray,
    query_tokens: Sequence[str],
    key_tokens: Sequence[str],
    *,
    title: str = "",
    numbers: str | None = ".2f",
    query_label: str = "query",
    key_label: str = "key",
) -> None:
    """Draw attention weights (T_q, T_k) with the query words down the side and the key words along the top.

    A weight of 0 shows the page, a weight of 1 the full colour. `numbers` is the format of the figures in
    the cells, or None for none.
    """
    weights = np.asarray(weights)
    T_q, T_k = weights.shape
    for row, column in np.ndindex(T_q, T_k):
        weight = float(weights[row, column])
        ax.add_patch(Rectangle((column, row), 1, 1, facecolor=HEAT, edgecolor="none", alpha=weight))
        ax.add_patch(Rectangle((column, row), 1, 1, fill=False, edgecolor=INK, linewidth=0.4, alpha=0.3))
        if numbers is not None:
            ax.text(
                column + 0.5,
                row + 0.5,
                format(weight, numbers),
                ha="center",
                va="center_baseline",
                fontsize=8.5,
                color=HEAT_HIGH if weight > 0.62 else HEAT_LOW,
            )  # contrast 4.2 or more
    ax.set(xlim=(0, T_k), ylim=(T_q, 0), aspect="equal")
    ax.set_xticks(
        np.arange(T_k) + 0.5,
        key_tokens,
        rotation=0 if max(map(len, key_tokens)) < 5 else 40,
        ha="center" if max(map(len, key_tokens)) < 5 else "left",
        rotation_mode="anchor",
    )
    ax.set_yticks(np.arange(T_q) + 0.5, query_tokens)
    ax.xaxis.tick_top()
    ax.tick_params(length=0, pad=3)
    ax.spines[:].set_visible(False)
    ax.set_xlabel(f"{key_label} \N{RIGHTWARDS ARROW}", loc="left")
    ax.xaxis.set_label_position("top")
    ax.set_ylabel(f"\N{LEFTWARDS ARROW} {query_label}", loc="top")
    if title:
        ax.set_title(title, pad=8)


def svg_of(figure: Figure, alt: str) -> str:
    """Return `figure` as one self-contained `<svg>` element that a screen reader announces as `alt`."""
    buffer = StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub("|".join(_THEME), lambda match: _THEME[match[0]], svg)
    svg = re.sub(r"font-family: ([^;\"]+)", lambda match: f"font-family: {_CODE if 'Mono' in match[1] else _FONT}", svg)
    svg = _align_lines(svg, figure)
    svg = re.sub(r"(?<=>)([^<]*)(?=</text>)", _lower_and_raise, svg)
    # Several drawings share a page, so names inside one must not be those of another.
    prefix = f"f{zlib.crc32(svg.encode()):08x}-"
    svg = re.sub(r'id="|url\(#|href="#', lambda match: match[0] + prefix, svg)
    width = figure.get_figwidth() * 96
    _refuse_small_words(svg, width)
    opening = f'<svg role="img" aria-label="{html.escape(alt)}" style="width:{width:.0f}px;max-width:100%;height:auto" '
    svg = re.sub(
        r"<svg (.*?)>",
        lambda match: opening + re.sub(r'\b(width|height)="[^"]*" ?', "", match[1]) + ">",
        svg,
        count=1,
        flags=re.DOTALL,
    )
    return re.sub(r"\n\s*", "\n", svg)  # a blank or indented line would end the HTML block in Markdown


def _refuse_small_words(svg: str, width: float) -> None:
    """Raise an error if words of a drawing, `width` pixels wide, are too small on a phone (a subscript may be)."""
    shrunk = min(1, PHONE / width)
    for size, words in re.findall(r"font-size: ([\d.]+)px[^>]*>([^<]*)", svg):
        if (seen := float(size) * 96 / 72 * shrunk) < READABLE:
            raise ValueError(f'"{words}" has {seen:.1f} pixels on a phone: at least {READABLE} are needed')


def show(*figures: Figure, alt: str | Sequence[str]) -> None:
    """Put the figures into the page, side by side where the screen is wide enough.

    `alt` says in words what each figure shows: one text, or one for each figure.
    """
    alts = [alt] if isinstance(alt, str) else list(alt)
    if len(alts) != len(figures):
        raise ValueError(f"{len(figures)} figures need {len(figures)} alternative texts, got {len(alts)}")
    panels = "".join(svg_of(figure, text) for figure, text in zip(figures, alts, strict=True))
    display(HTML(f'<div class="book-figure">{panels}</div>'))


def _align_lines(svg: str, figure: Figure) -> str:
    """Return the drawing with lines below each other centred, or flush right, in any typeface.

    Matplotlib writes where each line begins in a typeface of its own.
    """
    for text in figure.findobj(Text):
        lines, anchor = text.get_text().split("\n"), _ANCHORS.get(text.get_horizontalalignment())
        if len(lines) > 1 and anchor and not text.get_rotation():
            box = text.get_window_extent(dpi=72)  # in points, as the drawing is
            for line in lines:
                svg = _align_line(svg, html.escape(line, quote=False), anchor, box.x0, box.x1)
    return svg


def _align_line(svg: str, words: str, anchor: str, left: float, right: float) -> str:
    """Return the drawing with the words that begin between two places in their middle, or ending at the second."""
    at = right if anchor == "end" else (left + right) / 2

    def moved(match: re.Match[str]) -> str:
        if not left - 1 <= float(match["x"]) <= right:
            return match[0]  # the same words elsewhere
        return f"{match['before']}; text-anchor: {anchor}{match['between']}{at:.2f}{match['after']}"

    place = r'(?P<before><text style="[^"]*)(?P<between>" transform="translate\()(?P<x>[\d.]+)'
    return re.sub(rf"{place}(?P<after> [\d.]+\)\">{re.escape(words)}</text>)", moved, svg)


def _lower_and_raise(match: re.Match[str]) -> str:
    """Set `d_k` in a label as d with a lowered k, and small letters of Unicode larger (SVG text knows no markup)."""
    text = re.sub(r"_(\w)", lambda low: _moved(low[1], 2), match[1])
    for small, down in _SMALL.items():
        text = re.sub(small, lambda found, down=down: _moved(unicodedata.normalize("NFKC", found[0]), down), text)
    return text


def _moved(letters: str, down: int) -> str:
    """Return small letters, so far below the line, or above it."""
    return f'<tspan dy="{down}" font-size="75%">{letters}</tspan><tspan dy="{-down}">&#8203;</tspan>'
