"""Keeps a number on one line with its unit or its name, as in "12 kB" or "chapter 4", and "…" with words that it cuts.

The spaces there become no-break spaces when a page is written, and a hyphen before a number becomes a minus sign. The
search of the book reads the pages before that, and code keeps the signs that it is copied with. A title keeps its own:
the contents and the links name it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

UNITS = "[kMGTP]?B|[mµ]?s|min|h|px|%"
NAMED = "chapter|fig|figure|formula|equation|exercise|head|layer|listing|position|question|row|section|step|table|task"
CUT = r"(?<=[^\s.!?])[ \n](?=…)|(?:(?<=^…)|(?<=[.!?][ \n]…))[ \n]"  # "Paul mange …" at its end, else "… un livre"
SPACE = re.compile(rf"(?<=\d)[ \n](?=(?:{UNITS})(?!\w))|\b(?i:{NAMED})(?:s|\.)?[ \n](?=\(?\d)|{CUT}")
NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = re.compile(r"(?<![\w.-])-(?=\d)")
COPIED = (nodes.literal, nodes.math, nodes.raw)
NO_BLOCKS = (nodes.Inline, nodes.FixedTextElement, nodes.math_block, nodes.title)


def unbroken(pieces: Sequence[str]) -> list[str]:
    """Return the pieces of a paragraph with no-break spaces and minus signs, also where one piece meets the next."""
    whole = SPACE.sub(lambda found: found[0][:-1] + NO_BREAK, "".join(pieces))
    whole = MINUS.sub("\N{MINUS SIGN}", whole)
    ends = [sum(map(len, pieces[: n + 1])) for n in range(len(pieces))]
    return [whole[end - len(piece) : end] for piece, end in zip(pieces, ends, strict=True)]


def keep_numbers(block: nodes.TextElement) -> None:
    """Put no-break spaces and minus signs into the text of a paragraph, a caption or the like."""
    texts = list(block.findall(nodes.Text))
    for text, kept in zip(texts, unbroken([text.astext() for text in texts]), strict=True):
        if kept != text.astext() and not isinstance(text.parent, COPIED):
            at = next(n for n, child in enumerate(text.parent.children) if child is text)  # not one with equal letters
            text.parent[at] = nodes.Text(kept)


def is_block(node: nodes.Node) -> bool:
    """Say whether a node is a paragraph, a caption or the like: what stands in it, stands on its lines."""
    return isinstance(node, nodes.TextElement) and not isinstance(node, NO_BLOCKS)


class KeepNumbers(SphinxPostTransform):
    """Does so for a whole page, when references and pasted numbers have their words."""

    default_priority = 910
    formats = ("html",)

    def run(self, **ignored: Any) -> None:
        """Change the page."""
        for block in self.document.findall(nodes.TextElement):
            if is_block(block):
                keep_numbers(block)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_post_transform(KeepNumbers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
