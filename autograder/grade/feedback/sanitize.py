"""Feedback pages in which nothing of a learner's is run, and which load nothing from elsewhere.

The page is made in the grader's own process, so a text must not stop it either: what is very long, very
deep, or has taken too much time already is shown as plain text.
"""

from __future__ import annotations

import html
import re
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import bleach
from bleach.css_sanitizer import CSSSanitizer
from bs4 import BeautifulSoup
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from autograder.grade.feedback.mathml import as_mathml

TEXT_TAGS = {
    "a",
    "abbr",
    "b",
    "br",
    "code",
    "del",
    "em",
    "i",
    "img",
    "kbd",
    "s",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "u",
}
BLOCK_TAGS = {"blockquote", "dd", "details", "div", "dl", "dt", "hr", "li", "ol", "p", "pre", "summary", "ul"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
TABLES = {"caption", "col", "colgroup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
TAGS = TEXT_TAGS | BLOCK_TAGS | HEADINGS | TABLES
ATTRIBUTES = {
    "*": ["class", "title", "style"],
    "a": ["href"],
    "img": ["src", "alt", "width", "height"],
    "td": ["colspan", "rowspan"],
    "th": ["colspan", "rowspan"],
    "details": ["open"],
}
BORDERS = {"border", "border-collapse", "border-color", "border-left", "border-style", "border-width"}
FONTS = {"color", "background-color", "font-style", "font-weight", "text-align"}
STYLES = BORDERS | FONTS | {"max-width", "padding", "vertical-align", "width"}
PROTOCOLS = ["http", "https", "mailto"]
LINK = re.compile(r"\s*(?:https?:|mailto:|#)", re.IGNORECASE)
# colours of code, tables of pandas, boxes of verdicts; others would dress a text up as a part of nbgrader's page
CLASSES = re.compile(
    r" *(?:(?:highlight|hl-\w+|[a-z][a-z0-9]?|cpf|esc|err|hll|dataframe|anchor-link|alert(?:-\w+)?)(?: +|$))*"
)
NOT_SHOWN = ("script", "style")  # their text is code, not prose

PAGE_SECONDS = 5.0  # of processor time, for all texts of one page
MOST_HTML, MOST_TAGS, MOST_DEPTH = 100_000, 5000, 100  # beyond these a parser takes minutes
MOST_MARKDOWN, MOST_FORMULAS = 50_000, 200
MOST_CODE, MOST_LINE = 50_000, 2000
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
WITHOUT_END = {"br", "col", "hr", "img", "input", "li", "link", "meta", "p", "td", "th", "tr", "wbr", "dd", "dt"}
TAGS_APART = re.compile(r"""(<(?:[^<>"']|"[^"]*"|'[^']*')*>)""")
PLACE_SIGNS = re.compile("[\ue000\ue001]")
PLACE, PLACES = "\ue000{}\ue001", re.compile("\ue000(\\d+)\ue001")  # where a formula goes
LANGUAGES = {"python", "python3", "py", "ipython", "ipython3", "pycon", "json", "bash", "text"}


class Patience(threading.local):
    """The seconds that the texts of the page in the making may still take."""

    left = float("inf")


PATIENCE = Patience()


def plain(text: str) -> str:
    """Return text as HTML that shows it as it is."""
    return f"<pre>{html.escape(text)}</pre>"


def carefully(make: Callable[[str], str], text: str, small: bool) -> str:
    """Return `make(text)`, or the plain text where that would take too long or fails."""
    if not small or PATIENCE.left <= 0:
        return plain(text)
    start = time.thread_time()
    try:
        return make(text)
    except Exception:  # parsers fail on odd texts in many ways; one text must not cost the page
        return plain(text)
    finally:
        PATIENCE.left -= time.thread_time() - start


# ---------------------------------------------------------------- HTML
def allowed(tag: str, name: str, value: str) -> bool:
    """Say whether an attribute may stay; pictures come from the page itself, so that opening it tells nobody."""
    if name == "class":
        return CLASSES.fullmatch(value) is not None
    if tag == "a" and name == "href":
        return LINK.match(value) is not None
    if tag == "img" and name == "src":
        return value.startswith("data:image/png;base64,")
    return name in ATTRIBUTES.get(tag, []) or name in ATTRIBUTES["*"]


def safe_html(text: Any) -> str:
    """Return HTML without anything that runs, loads or leaves its place on the page."""
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return carefully(cleaned, text, small_html(text))


def small_html(text: str) -> bool:
    """Say whether a parser is through with a text soon; it takes long over many elements inside each other."""
    pictures = re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]*", "", text)
    if len(pictures) > MOST_HTML or text.count("<") > MOST_TAGS:
        return False
    depth = deepest = 0
    for end, name in TAG.findall(text):
        if name.lower() not in WITHOUT_END:
            depth += -1 if end else 1
            deepest = max(deepest, depth)
    return deepest <= MOST_DEPTH


def cleaned(text: str) -> str:
    """Return HTML with only the elements, attributes, styles and addresses that are allowed."""
    cleaner = bleach.Cleaner(
        tags=TAGS,
        attributes=allowed,
        protocols=[*PROTOCOLS, "data"],
        strip=True,
        css_sanitizer=CSSSanitizer(allowed_css_properties=STYLES),
    )
    return cleaner.clean(without_code(text))


def without_code(text: str) -> str:
    """Return HTML without scripts and style sheets, whose text would otherwise be shown."""
    if not any(f"<{tag}" in text.lower() for tag in NOT_SHOWN):
        return text
    soup = BeautifulSoup(text, "html.parser")
    for element in soup.find_all(list(NOT_SHOWN)):
        element.decompose()
    return str(soup)


# ---------------------------------------------------------------- Markdown and code
class Renderer(IPythonRenderer):
    """Jupyter's renderer, without pictures that were attached, and with code coloured in a few languages only."""

    def _embed_image_or_attachment(self, src: str) -> str:
        """Return no address for an attached picture: only text is taken from a submission."""
        return "" if src.startswith("attachment:") else src

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
    made = MarkdownWithMath(renderer=Renderer(escape=False)).render(source)
    if not small_html(made):
        raise ValueError("too many elements")
    return cleaned(made)


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


@lru_cache(maxsize=2000)
def rendered_with_formulas(source: str) -> str:
    """Return Markdown as safe HTML with MathML; raises ValueError where that would take long."""
    renderer = FormulaRenderer()
    made = MarkdownWithMath(renderer=renderer).render(PLACE_SIGNS.sub("", source))
    if not small_html(made) or sum(map(len, renderer.formulas)) > MOST_HTML:
        raise ValueError("too many elements")
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
    return carefully(highlighted, source, short)


@lru_cache(maxsize=2000)
def highlighted(source: str) -> str:
    """Return Python code as coloured HTML."""
    return Highlight2HTML(pygments_lexer="ipython3")(source)
