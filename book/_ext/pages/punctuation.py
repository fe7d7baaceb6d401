"""Keeps a formula on one line with the bracket before it and the stop behind it, and says which code may be broken.

A browser may break a line on either side of a formula, for it cannot see that it is part of a sentence. A word of code
stays whole, hyphens and all, unless it is longer than a line of a phone: then the stylesheet breaks it.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

OPENING = re.compile(r"[(\[“‘]+$")
CLOSING = re.compile(r"[.,;:!?)\]”’]+")
LONGEST = 24  # letters of a word of code that fit into a line of a narrow phone, in a list too


def keep_together(formula: nodes.math) -> None:
    """Move the punctuation around a formula into a span with it."""
    parent = formula.parent
    assert isinstance(parent, nodes.Element), "a formula stands in a paragraph or the like"
    at = parent.index(formula)
    before, after = (parent[n] if 0 <= n < len(parent) else None for n in (at - 1, at + 1))
    opening = OPENING.search(before) if isinstance(before, nodes.Text) else None
    closing = CLOSING.match(after) if isinstance(after, nodes.Text) else None
    if not opening and not closing:
        return
    bound = nodes.inline(classes=["unbroken"])
    parent[at] = bound
    if opening:
        bound += nodes.Text(opening[0])
        parent[at - 1] = nodes.Text(opening.string[: opening.start()])
    bound += formula
    if closing:
        bound += nodes.Text(closing[0])
        parent[at + 1] = nodes.Text(closing.string[closing.end() :])


def may_break(code: nodes.literal) -> None:
    """Mark code that has a word longer than a phone's line."""
    if any(len(word) > LONGEST for word in code.astext().split()):
        code["classes"].append("long")


class KeepPunctuation(SphinxPostTransform):
    """Does so for all formulas and all code of a page."""

    default_priority = 900
    formats = ("html",)

    def run(self, **ignored: Any) -> None:
        """Change the page."""
        for formula in list(self.document.findall(nodes.math)):
            keep_together(formula)
        for code in self.document.findall(nodes.literal):
            may_break(code)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_post_transform(KeepPunctuation)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
