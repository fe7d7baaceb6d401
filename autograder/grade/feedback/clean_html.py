"""HTML in which nothing runs, loads or leaves its place, made by nh3, which reads it as browsers do.

What nh3 makes of a short text can be long: HTML lets an element that is still open begin anew in every paragraph, and
elements lie inside each other without end. So there is a bound on what it can make, taken from the text, and one on
what it has made.
"""

from __future__ import annotations

import re
from functools import lru_cache

import nh3

TEXT_TAGS = {
    *("a", "abbr", "b", "br", "code", "del", "em", "i", "img", "kbd", "s", "small", "span", "strong", "sub", "sup", "u")
}
BLOCK_TAGS = {"blockquote", "dd", "details", "div", "dl", "dt", "hr", "li", "ol", "p", "pre", "summary", "ul"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
TABLES = {"caption", "col", "colgroup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
CODE = {"script", "style"}  # their text is no prose
ATTRIBUTES = {
    "*": {"class", "title", "style"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "details": {"open"},
}
BORDERS = {"border", "border-collapse", "border-color", "border-left", "border-style", "border-width"}
FONTS = {"color", "background-color", "font-style", "font-weight", "text-align"}
STYLES = BORDERS | FONTS | {"max-width", "padding", "vertical-align", "width"}
LINK = re.compile(r"\s*(?:https?:|mailto:|#)", re.IGNORECASE)
# colours of code, tables of pandas, boxes of verdicts; others would dress a text up as a part of nbgrader's page
CLASSES = re.compile(
    r" *(?:(?:highlight|hl-\w+|[a-z][a-z0-9]?|cpf|esc|err|hll|dataframe|anchor-link|alert(?:-\w+)?)(?: +|$))*"
)

MOST_TEXT, MOST_TAGS = 100_000, 5000  # of a text, without its pictures
MOST_REOPENED = 2_000_000  # characters of tags that may have to be opened again: half a second, 200 MB
MOST_DEPTH = 100  # of elements inside each other, in what was made: beyond it browsers take long, too
LONGEST = 5 * MOST_TEXT  # of what was made: an ampersand takes five characters
PICTURE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]*")
# The elements that HTML opens again: https://html.spec.whatwg.org/multipage/parsing.html#formatting
REOPENED = re.compile(r"<(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])[^>]*>?", re.IGNORECASE)
WHOLE = re.compile(r"""<\w+(?:\s+[\w-]+(?:="[^"<>]*"|='[^'<>]*'|=[^\s"'<>=`]+)?)*\s*/?>""")  # no value holds a `>`
ALIKE_AT_ONCE = 3  # that are the same in all attributes are opened again; of links only the last one is
NAMED = re.compile(r"</?([A-Za-z][\w-]*)(?=[\s/>])[^<>]*>", re.ASCII)
TAG = re.compile(r"<(/?)(?!(?:br|col|hr|img)\b)\w")  # in what nh3 made, where each is ended but these


def keep(tag: str, name: str, value: str) -> str | None:
    """Return the value of an attribute that may stay; pictures come from the page, so that opening it tells nobody."""
    if name == "class":
        good = CLASSES.fullmatch(value) is not None
    elif tag == "a" and name == "href":
        good = LINK.match(value) is not None
    else:
        good = (tag, name) != ("img", "src") or value.startswith("data:image/png;base64,")
    return value if good else None


CLEANER = nh3.Cleaner(
    tags=TEXT_TAGS | BLOCK_TAGS | HEADINGS | TABLES,
    clean_content_tags=CODE,
    attributes=ATTRIBUTES,
    attribute_filter=keep,
    filter_style_properties=STYLES,
    url_schemes={"http", "https", "mailto", "data"},
    link_rel=None,
)


def cleaned(text: str) -> str:
    """Return HTML with only the elements, attributes, styles and addresses that are allowed.

    Raises ValueError where it would be very much, or be read slowly by a browser.
    """
    if not (is_small(text) and is_small(text := NAMED.sub(prose_of, text))):
        raise ValueError("too many elements")
    made = CLEANER.clean(text)
    if len(PICTURE.sub("", made)) > LONGEST or not is_flat(made):
        raise ValueError("too many elements, or too deep inside each other")
    return made


def prose_of(tag: re.Match[str]) -> str:
    """Return a tag, or nothing in place of one that would cost the text behind it, which may be a learner's answer."""
    name = tag[1].lower()
    return "" if name not in CODE and takes_text(name) else tag[0]


@lru_cache(maxsize=1000)
def takes_text(name: str) -> bool:
    """Say whether nh3 drops what stands in an element: it does with names of MathML, as in `list<int>`, and of SVG."""
    return "prose" not in CLEANER.clean(f"<p><{name}>prose")


def is_small(text: str) -> bool:
    """Say whether a parser makes little of a text: each tag opens again at most what was left open before it."""
    tags = text.count("<")
    return tags <= MOST_TAGS and tags * reopened(text) <= MOST_REOPENED and len(PICTURE.sub("", text)) <= MOST_TEXT


def reopened(text: str) -> int:
    """Return the most characters of tags that HTML opens again at one place."""
    tags = set(REOPENED.findall(text))
    if not all(map(WHOLE.fullmatch, tags)):
        return len(text)
    links = {tag for tag in tags if tag[1:2] in "aA"}
    return ALIKE_AT_ONCE * sum(map(len, tags - links)) + max(map(len, links), default=0)


def is_flat(made: str) -> bool:
    """Say whether elements that nh3 wrote are few and not very deep inside each other."""
    depth = deepest = count = 0
    for end in TAG.findall(made):
        depth += -1 if end else 1
        deepest, count = max(deepest, depth), count + (not end)
    return deepest <= MOST_DEPTH and count <= MOST_TAGS
