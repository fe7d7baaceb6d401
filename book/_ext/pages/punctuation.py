"""Keeps a formula on one line with the bracket before it and the stop behind it, and says which code may be broken.

A browser may break a line on either side of a formula, for it cannot see that it is part of a sentence. A box around
both holds them together where they fit into a line; a long formula breaks within the box, and the stylesheet keeps the
last part and the `stop` on one line. A short formula, as "u = 2", has such a box also where nothing stands beside it:
its last number does not begin a line. A word of code stays whole, hyphens and all, unless it is longer than a line of
a phone, or of a cell: then it breaks behind an underscore, a dot or the like, else where it must. So do an address that
is shown, and the name of a file above a listing.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from pages.formulas import FormulaError, set_formula

OPENING = re.compile(r"[(\[“‘]+$")
CLOSING = re.compile(r"[.,;:!?)\]”’]+")
LONGEST, LONGEST_IN_A_CELL = 24, 10  # letters of a word of code that fit into a line of a narrow phone, in a list too
SIGN = 3  # of these the sign before the name of a download takes
SHORT_FORMULA = 12  # signs of a formula that stays on one line
COMMAND, UNSEEN = re.compile(r"\\[a-zA-Z]+|\\."), re.compile(r"[\s{}^_~]")  # of TeX: one sign each, and none
SHORT = 18  # letters of code with blanks in it that stays on one line
ENDING = r"(?:cfg|csv|ipynb|json|md|py|toml|yml|zip)$"  # of a file: its name is not parted from it
JOINT = re.compile(
    rf"(?<=[^\W_])(\.(?!{ENDING})|[_,/=(\[]+|(?<=[a-z])(?=[A-Z]))(?=[^\W\d_])"
)  # where a long word may end a line


def stays_whole(tex: str) -> bool:
    """Say whether a formula is short, and a line could end within it."""
    if len(UNSEEN.sub("", COMMAND.sub("x", tex))) > SHORT_FORMULA:
        return False
    try:
        return set_formula(tex, False).count('class="base"') > 1
    except FormulaError:  # of which formulas.py warns
        return False


def keep_together(formula: nodes.math) -> None:
    """Move a formula into a span with the punctuation around it, or by itself if it is short."""
    parent = formula.parent
    assert isinstance(parent, nodes.Element), "a formula stands in a paragraph or the like"
    at = parent.index(formula)
    before, after = (parent[n] if 0 <= n < len(parent) else None for n in (at - 1, at + 1))
    opening = OPENING.search(before) if isinstance(before, nodes.Text) else None
    closing = CLOSING.match(after) if isinstance(after, nodes.Text) else None
    if not opening and not closing and not stays_whole(formula.astext()):
        return
    bound = nodes.inline(classes=["unbroken"])
    parent[at] = bound
    if opening:
        bound += nodes.Text(opening[0])
        parent[at - 1] = nodes.Text(opening.string[: opening.start()])
    bound += formula
    if closing:
        bound += nodes.inline("", closing[0], classes=classes_of(closing[0]))
        parent[at + 1] = nodes.Text(closing.string[closing.end() :])


def classes_of(stop: str) -> list[str]:
    """Return the classes of the stop behind a formula: the stylesheet leaves room for one sign, or for two."""
    return ["stop", "pair"] if len(stop) > 1 else ["stop"]


def may_break(code: nodes.literal) -> None:
    """Mark code that stays on one line, and code with a word longer than a phone's; say where that may be broken."""
    if len(code.astext()) <= SHORT and not within_cell(code):
        code["classes"].append("short")
    longest = LONGEST_IN_A_CELL if within_cell(code) else LONGEST
    longest -= SIGN * isinstance(code.parent, addnodes.download_reference)
    if not any(len(word) > longest for word in code.astext().split()):
        return
    code["classes"].append("long")
    break_at_joints(code)


def break_at_joints(name: nodes.TextElement) -> None:
    """Say where a line may end within a name that is nothing but text."""
    if all(isinstance(child, nodes.Text) for child in name.children):
        pieces = joints(name.astext())
        name.children.clear()
        for n, piece in enumerate(pieces):
            name += [nodes.raw("", "<wbr>", format="html")] * bool(n) + [nodes.Text(piece)]


def names_a_file_or_a_page(text: nodes.TextElement) -> bool:
    """Say whether a text is an address that is shown, or the caption of a listing."""
    if isinstance(text, nodes.reference):
        return text.astext().startswith("https://")
    return isinstance(text, nodes.caption) and bool(text.parent.get("literal_block"))


def joints(word: str) -> list[str]:
    """Return a name in the pieces between which a line may end: ["multi_", "head_", "attention"]."""
    return JOINT.sub("\\1\n", word).split("\n")


def within_cell(code: nodes.literal) -> bool:
    """Say whether code stands in a table."""
    above: nodes.Node | None = code.parent
    while above is not None and not isinstance(above, nodes.entry):
        above = above.parent
    return above is not None


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
        for name in list(self.document.findall(nodes.TextElement)):
            if names_a_file_or_a_page(name):
                break_at_joints(name)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_post_transform(KeepPunctuation)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
