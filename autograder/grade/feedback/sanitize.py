"""Feedback pages in which nothing of a learner's is run, and which load nothing from elsewhere.

A text must not stop the making of a page: what is very long, would become very large, or has taken too much time
already is shown as plain text. Nor may all texts together: what would make the page too large for a browser is left
out, with a sentence in its place.
"""

from __future__ import annotations

import html
import re
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.filters import Highlight2HTML, ansi2html, strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from autograder.grade.feedback.clean_html import cleaned
from autograder.grade.feedback.mathml import as_mathml
from autograder.storage.safe_text import ACTING, written_out

PAGE_SECONDS = 5.0  # of processor time, for all texts of one page
PAGE_BYTES, PAGE_ELEMENTS = 10_000_000, 100_000  # of all texts of one page: browsers show that within seconds
MOST_MATHML = 100_000  # characters of all formulas of a text
MOST_MARKDOWN, MOST_FORMULAS = 50_000, 200
MOST_CODE, MOST_LINE = 50_000, 2000
TAGS_APART = re.compile(r"""(<(?:[^<>"']|"[^"]*"|'[^']*')*>)""")
PLACE_SIGNS = re.compile("[\ue000\ue001]")
PLACE, PLACES = "\ue000{}\ue001", re.compile("\ue000(\\d+)\ue001")  # where a formula goes
# where an attached picture goes: no picture begins so in base64
OURS = re.compile(r"attachment:(picture-\d+-\d+)")  # as intake/pictures.py names them
PICTURE_PLACE = "data:image/png;base64,={}"
PICTURE_KINDS = ("image/png", "image/jpeg")
PICTURE_PLACES = re.compile(r' src="data:image/png;base64,=(picture-\d+-\d+)"')
LANGUAGES = {"python", "python3", "py", "ipython", "ipython3", "pycon", "json", "bash", "text"}


class Patience(threading.local):
    """What the texts of the page in the making may still take: seconds, bytes and elements."""

    left = float("inf")
    bytes_left = float("inf")
    elements_left = float("inf")

    def renew(self) -> None:
        """Begin a page."""
        self.left, self.bytes_left, self.elements_left = PAGE_SECONDS, PAGE_BYTES, PAGE_ELEMENTS

    def holds(self, made: str) -> bool:
        """Say whether the page has room for what was made, and count it if so."""
        size, elements = len(made.encode("utf-8", "replace")), made.count("<") // 2
        if size > self.bytes_left or elements > self.elements_left:
            return False
        self.bytes_left, self.elements_left = self.bytes_left - size, self.elements_left - elements
        return True


PATIENCE = Patience()
LEFT_OUT = "<em>This part of the notebook is left out here, because the page would become too large.</em>"


def plain(text: str) -> str:
    """Return text as HTML that shows it as it is."""
    return f"<pre>{html.escape(text)}</pre>"


def carefully(make: Callable[[str], str], text: str, small: bool = True, plainly: Callable[[str], str] = plain) -> str:
    """Return `make(text)`; the plain text where that takes too long or fails; a sentence where it is too much."""
    made = made_in_time(make, text) if small and PATIENCE.left > 0 else None
    made = plainly(text) if made is None else made
    return made if PATIENCE.holds(made) else LEFT_OUT


def made_in_time(make: Callable[[str], str], text: str) -> str | None:
    """Return `make(text)`, or nothing where that fails; the page has less time for other texts then."""
    start = time.thread_time()
    try:
        return make(text)
    except Exception:  # parsers fail on odd texts in many ways; one text must not cost the page
        return None
    finally:
        PATIENCE.left -= time.thread_time() - start


# ---------------------------------------------------------------- HTML
def safe_html(text: Any) -> str:
    """Return HTML without anything that runs, loads or leaves its place on the page."""
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return carefully(cleaned, text)


# ---------------------------------------------------------------- Markdown and code
class Renderer(IPythonRenderer):
    """Jupyter's renderer, with a place for each attached picture, and code coloured in a few languages only."""

    def _embed_image_or_attachment(self, src: str) -> str:
        """Return the address of the place of an attached picture, and no other address of one."""
        found = OURS.fullmatch(src)
        return PICTURE_PLACE.format(found[1]) if found else "" if src.startswith("attachment:") else src

    def block_code(self, code: str, info: str | None = None) -> str:
        """Return a block of code; not every language's colours are quick."""
        language = (info or "").split()[:1]
        return super().block_code(code, language[0] if language and language[0] in LANGUAGES else None)


def safe_markdown(source: str) -> str:
    """Return Markdown as safe HTML; formulas stay for MathJax."""
    return carefully(rendered, source, small_markdown(source))


def small_markdown(source: str) -> bool:
    """Say whether Markdown is read soon: the search for the end of a formula that has none takes long."""
    formulas = sum(source.count(sign) for sign in ("\\\\[", "\\\\(", "\\begin{"))
    return len(source) <= MOST_MARKDOWN and formulas <= MOST_FORMULAS


@lru_cache(maxsize=2000)  # most of a page is the same for the whole class
def rendered(source: str) -> str:
    """Return Markdown as safe HTML; raises ValueError where that would take long."""
    return cleaned(MarkdownWithMath(renderer=Renderer(escape=False)).render(source))


class FormulaRenderer(Renderer):
    """A renderer that keeps formulas apart, so that only what a reader wrote beside them is cleaned."""

    def __init__(self) -> None:
        """Begin with no formula."""
        super().__init__(escape=False)
        self.formulas: list[str] = []

    def inline_math(self, body: str) -> str:
        """Return a place for a formula in a line."""
        return self.place(body, False)

    def block_math(self, body: str) -> str:
        """Return a place for a formula on a line of its own."""
        return self.place(body, True)

    def latex_environment(self, name: str, body: str) -> str:
        """Return a place for an environment such as align."""
        return self.place(f"\\begin{{{name}}}{body}\\end{{{name}}}", True)

    def place(self, tex: str, display: bool) -> str:
        """Return a place for a formula and keep the formula."""
        self.formulas.append(as_mathml(tex, display))
        return PLACE.format(len(self.formulas) - 1)


def markdown_with_formulas(source: str) -> str:
    """Return Markdown as safe HTML with its formulas in MathML, for a page without scripts."""
    return carefully(rendered_with_formulas, source, small_markdown(source))


@pass_context
def markdown_of_cell(context: Context, source: str) -> str:
    """Return Markdown as safe HTML, with the pictures that are attached to its cell, each where it comes first."""
    attachments = dict(context.get("cell", {}).get("attachments", {}))

    def picture(place: re.Match[str]) -> str:
        kinds = attachments.pop(place[1], {})  # shown a second time it would take as much room again
        kind = next((kind for kind in PICTURE_KINDS if kind in kinds), "")
        return f' src="data:{kind};base64,{kinds[kind]}"' if kind else ""

    return PICTURE_PLACES.sub(picture, markdown_with_formulas(source))


@lru_cache(maxsize=2000)
def rendered_with_formulas(source: str) -> str:
    """Return Markdown as safe HTML with MathML; raises ValueError where that would take long."""
    renderer = FormulaRenderer()
    made = MarkdownWithMath(renderer=renderer).render(PLACE_SIGNS.sub("", source))
    if sum(map(len, renderer.formulas)) > MOST_MATHML:
        raise ValueError("too many formulas")
    return with_formulas(cleaned(made), renderer.formulas)


def with_formulas(text: str, formulas: list[str]) -> str:
    """Return cleaned HTML with its formulas in their places; inside of a tag there is no place for one."""
    pieces = TAGS_APART.split(text)
    for i, piece in enumerate(pieces):
        between = i % 2 == 0
        pieces[i] = PLACES.sub(lambda found, between=between: formulas[int(found[1])] if between else "", piece)
    return "".join(pieces)


def coloured(source: str, *ignored: Any, **more: Any) -> str:
    """Return Python code as coloured HTML; takes what nbconvert tells besides."""
    short = len(source) <= MOST_CODE and max(map(len, source.split("\n"))) <= MOST_LINE
    return carefully(highlighted, as_it_runs(source), short)


def as_it_runs(source: str) -> str:
    """Return code in which no mark makes it read otherwise than it runs, such as one that turns the direction."""
    return ACTING.sub(written_out, source.replace("\r\n", "\n"))


@lru_cache(maxsize=2000)
def highlighted(source: str) -> str:
    """Return Python code as coloured HTML."""
    return Highlight2HTML(pygments_lexer="ipython3")(source)


# ---------------------------------------------------------------- what a program printed
def printed(text: str) -> str:
    """Return what a program printed, with the colours of a terminal, for the inside of a `<pre>`."""
    return carefully(ansi2html, text, len(text) <= MOST_CODE, plainly=without_colours)


def without_colours(text: str) -> str:
    """Return what a program printed as escaped text."""
    return html.escape(strip_ansi(text))
