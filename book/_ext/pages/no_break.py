"""Keeps a number on one line with its unit or its name, as in "12 kB" or "chapter 4", and "…" with words that it cuts.

The spaces there become no-break spaces when a page is written, those of "1 = hide" too, and a hyphen before a number
becomes a minus sign. The search of the book reads the pages before that, and code keeps the signs that it is copied
with. A title keeps its own: the contents and the links name it. A word as "top-k" or "n-grams" is whole by its style,
with a plain hyphen: a browser that looks for it in the page does not find it with a no-break hyphen.
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
SHORT = r"[\w.\N{MINUS SIGN}]{1,6}"
EQUALS = rf"(?<![\w.\N{{MINUS SIGN}}]){SHORT}[ \n]=[ \n](?={SHORT}(?!\w))"
HELD = re.compile(rf"(?<=\d)[ \n](?=(?:{UNITS})(?!\w))|\b(?i:{NAMED})(?:s|\.)?[ \n](?=\(?\d)|{CUT}|{EQUALS}")
SPACE, NO_BREAK = re.compile(r"[ \n]"), "\N{NO-BREAK SPACE}"
HYPHENED = re.compile(r"(?<![\w-])(?:[A-Za-z0-9]-[a-z]{2,}|[A-Za-z]{2,}-[A-Za-z])(?![\w-])")
WHOLE = "whole"  # the class of such a word
TABLE, CELL = re.compile(r"<table class='table'>.*?</table>", re.DOTALL), re.compile(r"(?<=>)[^<>]+(?=</t[dh]>)")
MINUS = re.compile(r"(?<![\w.-])-(?=\d)")
COPIED = (nodes.literal, nodes.math, nodes.raw)
NO_BLOCKS = (nodes.Inline, nodes.FixedTextElement, nodes.math_block, nodes.title)


def unbroken(pieces: Sequence[str]) -> list[str]:
    """Return the pieces of a paragraph with no-break spaces and minus signs, also where one piece meets the next."""
    whole = MINUS.sub("\N{MINUS SIGN}", "".join(pieces))
    whole = HELD.sub(lambda found: SPACE.sub(NO_BREAK, found[0]), whole)
    ends = [sum(map(len, pieces[: n + 1])) for n in range(len(pieces))]
    return [whole[end - len(piece) : end] for piece, end in zip(pieces, ends, strict=True)]


def hyphened(text: str) -> list[str]:
    """Return a text in pieces, of which every second one is a word that stays whole: ["the ", "top-k", " of it"]."""
    pieces, end = [], 0
    for found in HYPHENED.finditer(text):
        pieces += [text[end : found.start()], found[0]]
        end = found.end()
    return [*pieces, text[end:]]


def keep_numbers(block: nodes.TextElement) -> None:
    """Put no-break spaces and minus signs into the text of a paragraph, a caption or the like."""
    texts = list(block.findall(nodes.Text))
    for text, kept in zip(texts, unbroken([text.astext() for text in texts]), strict=True):
        if kept != text.astext() and not isinstance(text.parent, COPIED):
            at = next(n for n, child in enumerate(text.parent.children) if child is text)  # not one with equal letters
            text.parent[at] = nodes.Text(kept)


def keep_words(block: nodes.TextElement) -> None:
    """Put the words with a hyphen that stay whole into spans."""
    for text in list(block.findall(nodes.Text)):
        pieces = hyphened(text.astext())
        if len(pieces) > 1 and not isinstance(text.parent, COPIED):
            held = [
                nodes.inline("", piece, classes=[WHOLE]) if n % 2 else nodes.Text(piece)
                for n, piece in enumerate(pieces)
            ]
            at = next(n for n, child in enumerate(text.parent.children) if child is text)
            text.parent[at : at + 1] = [one for one in held if one.astext()]


def keep_cells(html: str) -> str:
    """Return what a cell of code has shown, with no-break spaces and minus signs in the tables."""
    return TABLE.sub(lambda table: CELL.sub(lambda cell: unbroken([cell[0]])[0], table[0]), html)


def is_block(node: nodes.Node) -> bool:
    """Say whether a node is a paragraph, a caption or the like: what stands in it, stands on its lines."""
    return isinstance(node, nodes.TextElement) and not isinstance(node, NO_BLOCKS)


class KeepNumbers(SphinxPostTransform):
    """Does so for a whole page, when references and pasted numbers have their words."""

    default_priority = 910
    formats = ("html",)

    def run(self, **ignored: Any) -> None:
        """Change the page."""
        for block in list(self.document.findall(nodes.TextElement)):
            if is_block(block):
                keep_numbers(block)
                keep_words(block)
            elif isinstance(block, nodes.raw) and (kept := keep_cells(block.astext())) != block.astext():
                block.replace_self(nodes.raw("", kept, format="html"))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_post_transform(KeepNumbers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
