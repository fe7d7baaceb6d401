"""What a page has to be found by: its sections and the words of the glossary, each with its text and its code.

Formulas within a line stay as plain letters, once; displayed ones, outputs and the code of folded cells are left out.
Each paragraph, and each row of a table, is a line of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from html import unescape

from docutils import nodes
from sphinx import addnodes

from search.named import mark
from search.plain_formula import plain_formula

LEFT_OUT = (
    *(nodes.raw, nodes.math_block, nodes.comment, nodes.image, nodes.section, nodes.title, nodes.literal_block),
    *(addnodes.index, addnodes.glossary),
)
FOLDED = {"tag_hide-input", "tag_hide-cell", "tag_remove-input", "tag_remove-cell"}
WORD, TAG = re.compile(r"[^\W\d]\w+"), re.compile(r"<[^>]+>")
MISTAKES = 'class="mistakes'  # the tables of known mistakes are written as HTML
# Chapters come before reference pages, and these before the pages for instructors.
CHAPTER, REFERENCE, INSTRUCTORS = 1.0, 0.8, 0.5


@dataclass(frozen=True)
class Section:
    """One thing that can be found: where it is, what it is called, the title of its page, its text, words of its code.

    `weight` says how much it counts beside others.
    """

    page: str
    anchor: str
    title: str
    chapter: str
    text: str
    code: str
    weight: float

    def as_list(self) -> list[str | float]:
        """Return the fields in their order, for the script."""
        return list(astuple(self))


def sections_of(page: str, tree: nodes.document) -> list[Section]:
    """Return the sections of a page, in order; a page of a glossary has its words besides."""
    chapter, found = "", []
    for one in tree.findall(nodes.section):
        title = words(one[0]) if isinstance(one[0], nodes.title) else ""
        chapter = chapter or title
        whole = title == chapter
        weight = weight_of(page) * (2 if whole else 1)
        found.append(Section(page, "" if whole else one["ids"][0], title, chapter, words(one), code_of(one), weight))
    for entry in tree.findall(nodes.definition_list_item):
        term = entry[0]
        if is_glossary(entry) and isinstance(term, nodes.term) and term["ids"]:
            about = words(entry[-1])
            found.append(Section(page, term["ids"][0], words(term), chapter, about, "", weight_of(page)))
    return found


def weight_of(page: str) -> float:
    """Return how much a page counts."""
    if page[:2].isdigit():
        return CHAPTER
    return INSTRUCTORS if page.startswith("teach/") or page == "which_mistake" else REFERENCE


def is_glossary(entry: nodes.definition_list_item) -> bool:
    """Say whether an entry of a list is a word of a glossary."""
    return entry.parent is not None and isinstance(entry.parent.parent, addnodes.glossary)


def words(node: nodes.Node) -> str:
    """Return the text of a node, a line for each paragraph or row, with single spaces."""
    lines = (" ".join(line.split()) for line in parts(node, top=True))
    return "\n".join(line for line in lines if line)


def parts(node: nodes.Node, top: bool = False) -> Iterator[str]:
    """Yield the pieces of text below a node that are to be found."""
    if isinstance(node, nodes.raw) and MISTAKES in node.astext():
        yield unescape(TAG.sub(" ", node.astext().replace("<wbr>", "")))
    elif isinstance(node, nodes.math):
        yield plain_formula(node.astext())
    elif isinstance(node, addnodes.pending_xref) and (marked := mark(node)):
        yield marked
    elif isinstance(node, nodes.Text):
        yield node.astext()
    elif isinstance(node, nodes.row):
        cells = (" ".join(parts(cell)).strip() for cell in node.children)
        yield " · ".join(cell for cell in cells if cell)
    elif top or not isinstance(node, LEFT_OUT):
        # Between the words of a line are their own spaces; other things stand apart.
        within = isinstance(node, nodes.TextElement)
        pieces = [piece for child in node.children for piece in parts(child)]
        yield from ["".join(pieces)] if within else pieces


def code_of(section: nodes.section) -> str:
    """Return the names in the code of a section's own cells that are not folded, each once."""
    found: dict[str, None] = {}
    for child in section.children:
        if isinstance(child, nodes.Element) and not isinstance(child, nodes.section):
            for block in child.findall(nodes.literal_block):
                if not is_hidden(block):
                    found |= dict.fromkeys(WORD.findall(block.astext()))
    return " ".join(found)


def is_hidden(block: nodes.literal_block) -> bool:
    """Say whether a block is an output, or the code of a folded cell."""
    above = block.parent
    while isinstance(above, nodes.Element):
        classes: set[str] = set(above.get("classes", []))
        if "cell_output" in classes or classes & FOLDED:
            return True
        above = above.parent
    return False
