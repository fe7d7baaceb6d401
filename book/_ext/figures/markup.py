"""HTML for the interactive figures: numbers, tables with places that a script can fill, and native controls.

The scripts in `_static/interactive/` never build a page: they write into what stands here. A place that changes has a
name, its `data-slot`; a control has a name too. So the page is complete before any script runs, and keeps its size.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

OFF = "Scripts are off, so the figure stands still. Its other states are in the tables below it."
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SMALL = re.compile("([⁻⁰-⁹¹²³ᵀ]+)|([ₐ-ₜ₀-₉]+)")  # above the line, and below it


@dataclass(frozen=True)
class Figure:
    """One figure in its first state: what the page shows with and without scripts."""

    title: str
    script: str  # the file in _static/interactive/ that brings it to life, without .js
    data: Mapping[str, object]  # what that script calculates with
    controls: str
    view: str
    says: str  # the state in words; read aloud when it changes
    facts: str  # the other states, for readers without scripts
    about: str = "All the numbers as tables"
    needs: Sequence[str] = ()  # files that the script builds on, without .js
    fetched: Sequence[str] = ()  # what the script fetches when a reader asks for it; FETCHED makes it
    handled: bool = False  # whether the picture has controls of its own
    sentences: Mapping[str, str] = field(default_factory=dict)  # templates with {places}, for the script's own words
    off: str = OFF  # what is said where scripts are off


def number(value: float, digits: int = 3) -> str:
    """Return a number with a true minus sign and no minus before zero."""
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.lstrip("-")


def weight(value: float) -> str:
    """Return a weight with four decimals, or as a power of ten where these would all be 0."""
    if value == 0 or value >= 0.0001:
        return f"{value:.4f}"
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa}·10{str(int(exponent)).translate(_RAISED)}"


def percent(value: float) -> str:
    """Return a share of one as words take it."""
    return f"{100 * value:.1f}%" if value >= 0.0005 else "less than 0.1%"


def slot(name: str, text: str, tag: str = "span", share: float | None = None, **attributes: str) -> str:
    """Return an element whose text a script may replace; `share` in 0..1 is how much of it is coloured."""
    if share is not None:
        attributes["style"] = f"--share: {share:.4f}"
    return f'<{tag} data-slot="{name}"{_written(attributes)}>{legible(text)}</{tag}>'


def legible(text: str) -> str:
    """Return text as HTML, with the small letters of Unicode larger than a typeface has them."""
    return _SMALL.sub(lambda found: f'<span class="{"above" if found[1] else "below"}">{found[0]}</span>', escape(text))


def _written(attributes: Mapping[str, str]) -> str:
    """Return attributes as HTML; `class_` and `for_` lose their underscore, other underscores become hyphens."""
    names = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    return "".join(f' {name}="{escape(value)}"' for name, value in names)


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """Return a table; the first cell of a row names it. A cell that begins with `<td` is taken as it is."""
    tops = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    lines = ""
    for first, *cells in rows:
        first = first if first.startswith("<th") else f'<th scope="row">{first}</th>'
        lines += f"<tr>{first}{''.join(c if c.startswith('<td') else f'<td>{c}</td>' for c in cells)}</tr>"
    return (
        f'<table class="seeing-table {kind}"><caption>{caption}</caption>'
        f"<thead><tr>{tops}</tr></thead><tbody>{lines}</tbody></table>"
    )


def radios(name: str, legend: str, options: Mapping[str, str], chosen: str) -> str:
    """Return a group of radio buttons: value to label."""
    buttons = "".join(
        f'<label><input type="radio" name="{name}" value="{value}" autocomplete="off"'
        f"{' checked' if value == chosen else ''}> {label}</label>"
        for value, label in options.items()
    )
    return f'<fieldset class="seeing-choice"><legend>{legend}</legend>{buttons}</fieldset>'


def checkbox(name: str, label: str, checked: bool) -> str:
    """Return a checkbox with its label."""
    on = " checked" if checked else ""
    return f'<label class="seeing-check"><input type="checkbox" name="{name}" autocomplete="off"{on}> {label}</label>'


def slider(name: str, label: str, low: float, high: float, value: float, shown: str, step: float = 1) -> str:
    """Return a slider; what its number means stands behind it, and is what a screen reader says."""
    return (
        f'<div class="seeing-slider"><label for="seeing-{name}">{label}</label>'
        f'<input type="range" id="seeing-{name}" name="{name}" min="{low:g}" max="{high:g}" step="{step:g}" '
        f'value="{value:g}" aria-valuetext="{escape(shown)}" autocomplete="off">'
        f'<span data-slot="{name}" aria-hidden="true">{escape(shown)}</span></div>'
    )


def select(name: str, label: str, options: Mapping[str, str], chosen: str) -> str:
    """Return a drop-down list: value to label."""
    items = "".join(
        f'<option value="{value}"{" selected" if value == chosen else ""}>{text}</option>'
        for value, text in options.items()
    )
    return (
        f'<div class="seeing-select"><label for="seeing-{name}">{label}</label>'
        f'<select id="seeing-{name}" name="{name}" autocomplete="off">{items}</select></div>'
    )


def text_field(name: str, label: str, text: str, longest: int) -> str:
    """Return a field for a line of text."""
    return (
        f'<div class="seeing-text"><label for="seeing-{name}">{label}</label>'
        f'<input type="text" id="seeing-{name}" name="{name}" value="{escape(text)}" maxlength="{longest}" '
        f'autocomplete="off" spellcheck="false"></div>'
    )


def button(name: str, label: str) -> str:
    """Return a button."""
    return f'<button type="button" name="{name}">{label}</button>'


def json_for_script(data: object) -> str:
    """Return data as JSON that cannot end the script element it stands in."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
