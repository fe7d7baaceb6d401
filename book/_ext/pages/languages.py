"""Korean text in the pages is marked as Korean, so that it is read aloud and drawn as such."""

from __future__ import annotations

import re

from sphinx.application import Sphinx

# Words in Hangul, with the numbers, spaces and marks that join them.
_HANGUL = r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]"
KOREAN = re.compile(rf"\d*{_HANGUL}+(?:[ \u00a0,.?!~\u00b7\d]+{_HANGUL}+)*")
# Where words are tokens, the stop stands apart, as in 12시 땡 ! It stays with its word, but for code, which is copied.
STOP = re.compile(rf"(?<={_HANGUL}) (?=[.,?!])")
# What is copied as it stands: comments, elements whose text may hold no further element, and tags.
COPIED = re.compile(
    r"""(<!--.*?-->
    | <(?:script|style|title|textarea|option|annotation)\b.*?</(?:script|style|title|textarea|option|annotation)\s*>
    | <(?:[^<>"']|"[^"]*"|'[^']*')*>)""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)


def mark_korean(page: str) -> str:
    """Return HTML with an element `lang="ko"` around every run of Korean text, attributes left alone."""
    if not KOREAN.search(page):
        return page
    marked, element, code = [], "span", 0
    for n, piece in enumerate(COPIED.split(page)):
        if n % 2 == 0:  # text between two tags
            piece = piece if code else STOP.sub("\N{NO-BREAK SPACE}", piece)
            piece = KOREAN.sub(rf'<{element} lang="ko">\g<0></{element}>', piece)
        elif found := re.match(r"<(/?)(?:pre|code)\b", piece, re.IGNORECASE):
            code += -1 if found[1] else 1
        elif re.match(r"</?svg\b", piece, re.IGNORECASE):
            element = "span" if piece.startswith("</") else "tspan"  # SVG text knows no span
        marked.append(piece)
    return "".join(marked)


def mark_page(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    """Mark the body of a page."""
    if context.get("body"):
        context["body"] = mark_korean(context["body"])


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx, after whatever else changes the body of a page."""
    app.connect("html-page-context", mark_page, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
