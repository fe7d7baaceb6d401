"""Feedback pages in which nothing of a learner's is run, made with nbgrader's own template."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import bleach
from bleach.css_sanitizer import CSSSanitizer
from bs4 import BeautifulSoup
from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter
from nbformat import NotebookNode

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
NOT_SHOWN = ("script", "style")  # their text is code, not prose


def allowed(tag: str, name: str, value: str) -> bool:
    """Say whether an attribute may stay; pictures come from the page itself, so that opening it tells nobody."""
    if tag == "img" and name == "src":
        return value.startswith("data:image/png;base64,")
    return name in ATTRIBUTES.get(tag, []) or name in ATTRIBUTES["*"]


def safe_html(text: Any) -> str:
    """Return HTML without anything that runs, loads or leaves its place on the page."""
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
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


@lru_cache(maxsize=2000)  # most of a page is the same for the whole class
def safe_markdown(source: str) -> str:
    """Return Markdown as safe HTML; formulas stay for MathJax."""
    return safe_html(MarkdownWithMath(renderer=IPythonRenderer(escape=False)).render(source))


@lru_cache(maxsize=2000)
def coloured(source: str) -> str:
    """Return Python code as coloured HTML."""
    return Highlight2HTML(pygments_lexer="ipython3")(source)


class FeedbackExporter(HTMLExporter):
    """nbconvert's exporter without its last step, which reads the whole page again to add texts to pictures.

    Ours have their texts (see outputs.py); that step takes two thirds of the time of a page.
    """

    def from_notebook_node(self, nb: NotebookNode, resources: dict | None = None, **kw: Any) -> tuple[str, dict]:
        """Return the page of a notebook."""
        resources = self._init_resources(resources)
        kinds = WidgetsDataTypeFilter(notebook_metadata=self._nb_metadata, parent=self, resources=resources)
        self.register_filter("highlight_code", lambda source, **ignored: coloured(source))
        self.register_filter("filter_data_type", kinds)
        return TemplateExporter.from_notebook_node(self, nb, resources, **kw)
