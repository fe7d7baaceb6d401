"""Letters that matplotlib's own font lacks, such as those of Korean: drawn with the fonts that the browser has.

Pyodide brings DejaVu Sans, which has no Hangul and no Chinese or Japanese letters. A line of text with a letter that
its font lacks is drawn by the browser into a picture, which takes its place: no font has to be loaded.
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from math import ceil, cos, radians, sin
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.font_manager import weight_dict

FAMILIES = ("serif", "monospace")  # of CSS; all others are drawn without serifs
NOBODYS = "\u0378"  # no letter has this number: it looks as all do for which the browser has no font
MOST_NAMED = 20
LACKS = (
    "The picture has boxes in place of {}: Python finds no font with them in this browser. Write these words in Latin "
    "letters, or open the page in another browser."
)
LACKING: dict[str, None] = {}  # the letters for which boxes were drawn since somebody was told


class Canvas(FigureCanvasAgg):
    """Draws as Agg does, with letters of the browser where the font lacks some."""

    def get_renderer(self) -> Renderer:
        """Return what draws the figure, the same one for as long as its size stays."""
        key = (*self.figure.bbox.size, self.figure.dpi)
        if getattr(self, "drawn_as", None) != key:
            self.renderer, self.drawn_as = Renderer(*key), key
        return self.renderer


class Renderer(RendererAgg):
    """Draws text as the font has it, or as the browser has it, or notes which letters nobody has."""

    def draw_text(
        self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, ismath: Any = False, mtext: Any = None
    ) -> None:
        """Draw a line of text whose baseline begins at x, y."""
        if ismath or self.has(s, prop) or (line := browsers_line(s, self.css(prop))) is None:
            return self.as_usual(super().draw_text, gc, x, y, s, prop, angle, ismath, mtext)
        pixels, descent = line
        x, y = x + descent * sin(radians(angle)), y + descent * cos(radians(angle))
        self._renderer.draw_text_image(pixels, round(x), round(y) + 1, angle, gc)

    def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> tuple[float, float, float]:
        """Return the size of a line of text, and how far it reaches below its baseline."""
        if ismath or self.has(s, prop) or (line := browsers_line(s, self.css(prop))) is None:
            return self.as_usual(super().get_text_width_height_descent, s, prop, ismath)
        pixels, descent = line
        return pixels.shape[1], pixels.shape[0], descent

    def has(self, s: str, prop: Any) -> bool:
        """Say whether the font has all letters; note those that the browser lacks too."""
        font = self._prepare_font(prop)
        lacks = [letter for letter in s if letter >= " " and not font.get_char_index(ord(letter))]
        LACKING.update(dict.fromkeys(letter for letter in lacks if not browser_has(letter)))
        return not lacks

    def css(self, prop: Any) -> str:
        """Return a font as CSS names it."""
        family = next((name for name in prop.get_family() if name in FAMILIES), "sans-serif")
        weight = weight_dict.get(prop.get_weight(), prop.get_weight())
        pixels = self.points_to_pixels(prop.get_size_in_points())
        return f"{prop.get_style()} {weight} {pixels:.2f}px {family}"

    def as_usual(self, draw: Any, *what: Any) -> Any:
        """Let Agg do it, without its warning for each letter that it lacks."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"Glyph \d+ .*missing from")
            return draw(*what)


def told_of_lacking() -> str:
    """Return a sentence about the letters for which there are boxes, or nothing; they count as told of then."""
    letters = "".join(LACKING)[:MOST_NAMED]
    LACKING.clear()
    return LACKS.format(f"“{letters}”") if letters else ""


@lru_cache(500)
def browsers_line(s: str, css: str) -> tuple[np.ndarray, int] | None:
    """Return a line as the browser draws it, (height, width) from 0 to 255, and what is below the baseline.

    None where the browser draws nothing for Python.
    """
    try:
        from js import OffscreenCanvas

        ruler = OffscreenCanvas.new(1, 1).getContext("2d")
        ruler.font = css
        size = ruler.measureText(s)
        left, descent = max(0, ceil(size.actualBoundingBoxLeft)), max(0, ceil(size.actualBoundingBoxDescent))
        ascent, right = (
            max(1, ceil(size.actualBoundingBoxAscent)),
            ceil(max(size.width, size.actualBoundingBoxRight, 1)),
        )
        canvas = OffscreenCanvas.new(left + right, ascent + descent)
        pen = canvas.getContext("2d")
        pen.font = css
        pen.fillText(s, left, ascent)
        pixels = pen.getImageData(0, 0, canvas.width, canvas.height).data.to_py()
    except Exception:  # there is no such canvas, or a browser that lets nobody read it
        return None
    return np.asarray(pixels).reshape(ascent + descent, left + right, 4)[..., 3].copy(), descent


@lru_cache(2000)
def browser_has(letter: str) -> bool:
    """Say whether the browser has a font with a letter."""
    drawn, nobodys = (browsers_line(one, "32px sans-serif") for one in (letter, NOBODYS))
    return drawn is not None and nobodys is not None and not np.array_equal(drawn[0], nobodys[0])
