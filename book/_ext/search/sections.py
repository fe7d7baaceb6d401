"""What a page has to be found by: its sections and the words of the glossary, each with its text and its code.

Formulas within a line stay as plain letters, once; displayed ones, outputs and the code of folded cells are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from html import unescape

from docutils import nodes
from sphinx import addnodes

LEFT_OUT = (
    *(nodes.raw, nodes.math_block, nodes.comment, nodes.image, nodes.section, nodes.title, nodes.literal_block),
    *(addnodes.index, addnodes.glossary),
)
FOLDED = {"tag_hide-input", "tag_hide-cell", "tag_remove-input", "tag_remove-cell"}
LABELS = {"eq", "numref", "ref"}  # a reference to these has no words yet, but for a label
SIGNS = {r"^\top": "ᵀ", r"\sqrt": "√", r"\cdot": "·", r"\times": "×", r"\in": "∈", r"\le": "≤", r"\ge": "≥"}
COMMANDS = re.compile(r"\\(?:operatorname|text|mathrm|mathbf|mathbb|mathcal|boldsymbol|left|right|[,;!\s])|[{}$\\]")
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
        if is_glossary(entry) and term["ids"]:
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
    return isinstance(entry.parent.parent, addnodes.glossary)


def words(node: nodes.Node) -> str:
    """Return the text of a node with single spaces."""
    return " ".join(" ".join(parts(node, top=True)).split())


def parts(node: nodes.Node, top: bool = False) -> Iterator[str]:
    """Yield the pieces of text below a node that are to be found."""
    if isinstance(node, nodes.raw) and MISTAKES in node.astext():
        yield unescape(TAG.sub(" ", node.astext()))
    elif isinstance(node, nodes.math):
        yield plain_formula(node.astext())
    elif isinstance(node, nodes.Text):
        yield node.astext()
    elif top or not is_left_out(node):
        # Between the words of a line are their own spaces; other things stand apart.
        within = isinstance(node, nodes.TextElement)
        pieces = [piece for child in node.children for piece in parts(child)]
        yield from ["".join(pieces)] if within else pieces


def plain_formula(tex: str) -> str:
    """Return a formula within a line as letters."""
    for command, sign in SIGNS.items():
        tex = re.sub(re.escape(command) + r"(?![a-z])", sign, tex)
    return COMMANDS.sub("", tex)


def is_left_out(node: nodes.Node) -> bool:
    """Say whether a node is not to be found by its text."""
    if isinstance(node, addnodes.pending_xref):
        return node["reftype"] in LABELS and not node["refexplicit"]
    return isinstance(node, LEFT_OUT)


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
    above: nodes.Node | None = block
    while isinstance(above := above.parent, nodes.Element):
        classes = set(above.get("classes", []))
        if "cell_output" in classes or classes & FOLDED:
            return True
    return False
