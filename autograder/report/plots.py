"""The drawings of the report: inline SVG by Matplotlib, in the colours of the page, with a text that says the same."""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import Sequence
from io import StringIO
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

# Stand-ins that Matplotlib can draw with, for what only the style sheet of the page decides.
COLOURS = {"#010203": "currentColor", "#040506": "var(--bar)", "#070809": "var(--line)"}
INK, BAR, LINE = COLOURS
SETTINGS: dict[Any, Any] = {  # Matplotlib's names of them are a type of their own
    "svg.fonttype": "none",  # words stay words
    "svg.hashsalt": "attention",  # the same drawing gives the same bytes
    "font.size": 9,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    **{f"{name}.color": INK for name in ("text", "xtick", "ytick")},
    **{f"axes.{name}color": INK for name in ("edge", "label", "title")},
}
WIDTH = 370  # pixels: on a phone it shrinks a little


def distribution(counts: Sequence[int], alt: str) -> str:
    """Return bars for how many scores lie in each step of points."""
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(WIDTH / 96, 200 / 96), layout="constrained")
        ax = figure.subplots()
        step = 100 / len(counts)
        ax.bar([step * (n + 0.5) for n in range(len(counts))], counts, width=0.9 * step, color=BAR)
        ax.set(xlim=(0, 100), xlabel="share of the points", ylabel="submissions")
        ax.set_xticks(range(0, 101, 20), [f"{n} %" for n in range(0, 101, 20)])
        ax.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5, steps=[1, 2, 5, 10], min_n_ticks=1))
        return svg_of(figure, alt)


def shares(rows: Sequence[tuple[str, float]], alt: str) -> str:
    """Return a bar for each title and its share, the first on top."""
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(WIDTH / 96, (34 * len(rows) + 40) / 96), layout="constrained")
        ax = figure.subplots()
        for row, (title, share) in enumerate(rows):
            ax.barh(row, 1, height=0.36, color=LINE)
            ax.barh(row, share, height=0.36, color=BAR)
            ax.text(0, row - 0.28, title, ha="left", va="bottom", parse_math=False)
            ax.text(1, row - 0.28, f"{100 * share:.0f} %", ha="right", va="bottom")
        ax.set(xlim=(0, 1), ylim=(len(rows) - 0.5, -0.9))
        ax.set_axis_off()
        return svg_of(figure, alt)


def svg_of(figure: Figure, alt: str) -> str:
    """Return a figure as one `<svg>` element that a screen reader announces as `alt`."""
    buffer = StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = re.sub("|".join(COLOURS), lambda match: COLOURS[match[0]], svg)
    svg = re.sub(r"font: ([^;\"]*?)([\d.]+px) [^;\"]+", r"font: \1\2 inherit; font-family: inherit", svg)
    prefix = f"f{zlib.crc32((svg + alt).encode('utf-8', 'replace')):08x}-"  # several drawings share a page
    svg = re.sub(r'id="|url\(#|href="#', lambda match: match[0] + prefix, svg)
    size = f'viewBox="0 0 {72 * figure.get_figwidth():g} {72 * figure.get_figheight():g}"'
    return re.sub(r"<svg [^>]*>", opening(size, alt), svg, count=1).strip()


def opening(size: str, alt: str) -> str:
    """Return the first tag of a drawing."""
    space = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'<svg role="img" aria-label="{html.escape(alt)}" {size} {space} version="1.1">'.replace("\\", "\\\\")
