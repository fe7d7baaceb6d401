"""Parts of drawings: SVG elements with places that a script can move, and lines from one list of words to another.

Words stand in HTML and only what is drawn in SVG, so that letters keep their size however narrow the page is, and so
that a list of words is a group of native radio buttons: the keyboard's way to what a pointer does by hovering.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from figures.markup import slot


def written(value: object) -> str:
    """Return the value of an attribute, a number with one decimal at most."""
    return f"{round(float(value), 1) + 0.0:g}" if isinstance(value, int | float) else escape(str(value))


def shape(tag: str, text: str | None = None, **attributes: object) -> str:
    """Return an SVG element; `slot` names its place, `class_` loses its underscore, others become hyphens."""
    names = {"slot": "data-slot", "viewBox": "viewBox"}
    listed = "".join(
        f' {names.get(key, key.rstrip("_").replace("_", "-"))}="{written(value)}"' for key, value in attributes.items()
    )
    return f"<{tag}{listed}/>" if text is None else f"<{tag}{listed}>{text}</{tag}>"


def picture(view_box: str, kind: str, *parts: str) -> str:
    """Return a drawing that a screen reader passes over: what it shows is said in words beside it."""
    return shape("svg", "".join(parts), viewBox=view_box, class_=kind, aria_hidden="true")


def thread(start: int, end: int) -> str:
    """Return the path from row `start` on the left to row `end` on the right; a row is 1 high, the way 100 wide."""
    return f"M0 {start + 0.5:g}C45 {start + 0.5:g} 55 {end + 0.5:g} 100 {end + 0.5:g}"


def lines(
    name: str, legend: str, asking: Sequence[str], asked: Sequence[str], chosen: int, weights: Sequence[float],
    shown: Sequence[str], notes: Sequence[str] = (),
) -> str:  # fmt: skip
    """Return two lists of words, and lines from the chosen one on the left, as thick as its weights.

    The words on the left are the radio buttons called `name`; `shown` are the weights as text, and `notes` is HTML for
    a second line below each word on the right.
    """
    buttons = "".join(
        f'<label><input type="radio" name="{name}" value="{n}" autocomplete="off"'
        f"{' checked' if n == chosen else ''}> <span>{escape(word)}</span></label>"
        for n, word in enumerate(asking)
    )
    threads = "".join(
        f'<path data-slot="thread{n}" d="{thread(chosen, n)}" style="--share: {weight:.4f}"/>'
        for n, weight in enumerate(weights)
    )
    items = "".join(
        f'<li data-slot="to{n}" class="bar" style="--share: {weights[n]:.4f}"><span>{escape(word)}</span>'
        f"{slot(f'weight{n}', shown[n], 'b')}{notes[n] if notes else ''}</li>"
        for n, word in enumerate(asked)
    )
    box = f"0 0 100 {max(len(asking), len(asked))}"
    return (
        f'<div class="seeing-lines{" tall" if notes else ""}">'
        f'<div class="seeing-from" role="radiogroup" aria-label="{escape(legend)}">{buttons}</div>'
        f'<svg viewBox="{box}" preserveAspectRatio="none" aria-hidden="true">{threads}</svg>'
        f'<ol class="seeing-to">{items}</ol></div>'
    )
