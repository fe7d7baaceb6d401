"""The table of the page "From the notes to the book": what the notes contain, where it stands here, and what shows it.

The rows are data, `book/_data/from_the_notes.yml`: notes, each with items. An item says `what` the notes have, `where`
it stands (a page and the anchor of a section, `04_scaled_dot_product_attention#one-query-by-hand`), and what shows it:

    page   words of that page's source: a line of code, a number that a cell compares with, a sentence
    cell   words of the source of that chapter's notebook
    check  the name of one of that chapter's checks

`told` names a slip of the notes that is told at that place. tests/docs/test_from_the_notes.py looks each of them up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

SHOWN_BY = ("page", "cell", "check")
FENCED = re.compile(r"^(```+|~~~+).*?^\1$", re.MULTILINE | re.DOTALL)
FIELDS = {"what", "where", "told", *SHOWN_BY}


@dataclass(frozen=True)
class Item:
    """One thing that the notes have: where the book has it, and the words, the cell or the check that show it."""

    note: str
    what: str
    page: str
    anchor: str
    shown_by: tuple[tuple[str, str], ...]
    told: str = ""


def read_items(path: Path) -> list[Item]:
    """Return the items of the table in order; raise ValueError where a row is not of the form above."""
    return list(items_of(yaml.safe_load(path.read_text(encoding="utf-8"))))


def items_of(notes: list[dict]) -> Iterator[Item]:
    """Yield the items of each note."""
    for note in notes:
        for row in note["items"]:
            page, hash_sign, anchor = str(row.get("where", "")).partition("#")
            shown_by = tuple((kind, row[kind]) for kind in SHOWN_BY if kind in row)
            if set(row) - FIELDS or not row.get("what") or not hash_sign or not anchor or not shown_by:
                raise ValueError(f"a row of {note['note']!r} lacks what, where (page#section) or what shows it: {row}")
            yield Item(note["note"], row["what"], page, anchor, shown_by, row.get("told", ""))


class FromTheNotes(SphinxDirective):
    """`{from-the-notes}`: a section for each of the notes, with a table of its items."""

    def run(self) -> list[nodes.Node]:
        """Return the sections; report an error where the table is not as it should be."""
        path = Path(self.env.srcdir) / "_data" / "from_the_notes.yml"
        self.env.note_dependency(str(path))
        try:
            items = read_items(path)
        except ValueError as error:
            raise self.error(str(error)) from error
        return [self.section(note, items) for note in dict.fromkeys(item.note for item in items)]

    def section(self, note: str, items: list[Item]) -> nodes.section:
        """Return the section of one note."""
        section = nodes.section(ids=[nodes.make_id(note)], names=[note.lower()])
        section += nodes.title(text=note)
        table, group = nodes.table(classes=["from-the-notes"]), nodes.tgroup(cols=2)
        group += [nodes.colspec(colwidth=60), nodes.colspec(colwidth=40)]
        group += nodes.thead("", row_of([nodes.paragraph(text="in the notes")], [nodes.paragraph(text="in this book")]))
        group += nodes.tbody("", *[row_of(self.what(item), self.where(item)) for item in items if item.note == note])
        table += group
        section += table
        return section

    def what(self, item: Item) -> list[nodes.Node]:
        """Return what the notes have, and the slip that is told."""
        said: list[nodes.Node] = [self.prose(item.what)]
        return said + ([self.prose(f"A slip of the notes: {item.told}")] if item.told else [])

    def prose(self, text: str) -> nodes.paragraph:
        """Return a sentence with its code and its formulas."""
        found, messages = self.parse_inline(text, lineno=self.lineno)
        return nodes.paragraph("", "", *found, *messages)

    def where(self, item: Item) -> list[nodes.Node]:
        """Return a link to the section, and the check that asks for it."""
        link = nodes.reference("", self.title_of(item), internal=True, refuri=f"{item.page}.html#{item.anchor}")
        place: list[nodes.Node] = (
            [nodes.Text(f"Chapter {int(item.page[:2])}, "), link] if item.page[:2].isdigit() else [link]
        )
        checks = [name for kind, name in item.shown_by if kind == "check"]
        asked: list[nodes.Node] = [nodes.Text("; check "), nodes.literal(text=checks[0])] if checks else []
        return [nodes.paragraph("", "", *place, *asked)]

    def title_of(self, item: Item) -> str:
        """Return the heading of the section that an item names."""
        headings = headings_of(Path(self.env.srcdir) / f"{item.page}.md")
        return headings.get(item.anchor, item.anchor)


def headings_of(page: Path) -> dict[str, str]:
    """Return the headings of a page, anchor -> title; code between fences has none."""
    from myst_parser.mdit_to_docutils.base import default_slugify  # the anchors are MyST's own

    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    return {default_slugify(title): title for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def row_of(*cells: list[nodes.Node]) -> nodes.row:
    """Return one row of a table."""
    return nodes.row("", *[nodes.entry("", *cell) for cell in cells])


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive with Sphinx."""
    app.add_directive("from-the-notes", FromTheNotes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
