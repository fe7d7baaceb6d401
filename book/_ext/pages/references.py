"""The bibliography: how sphinxcontrib-bibtex shows `references.bib`, with names and years, and every title as it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pybtex.database import Entry
from pybtex.plugin import register_plugin as register_formatting
from pybtex.style.formatting.unsrt import Style
from pybtex.style.template import Node, href, tag
from pybtex.style.template import field as entry_field
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinxcontrib.bibtex.plugin import register_plugin
from sphinxcontrib.bibtex.style.referencing import BracketStyle, GroupReferenceStyle, PersonStyle
from sphinxcontrib.bibtex.style.referencing.basic_author_year import (
    BasicAuthorYearParentheticalReferenceStyle,
    BasicAuthorYearTextualReferenceStyle,
)
from sphinxcontrib.bibtex.style.template import join, reference, year

FILE = "references.bib"


class BookStyle(Style):
    """The style `unsrt`, sorted by name, with titles in their own capitals and addresses without a word in front."""

    default_sorting_style = "author_year_title"

    def format_title(self, entry: Entry, which_field: str, as_sentence: bool = True) -> Node:
        """Return the title as it is written in the file, in italics."""
        ends = not as_sentence or entry.fields[which_field].endswith(("?", "!"))
        return tag("em")[entry_field(which_field), "" if ends else "."]

    def format_btitle(self, entry: Entry, which_field: str, as_sentence: bool = True) -> Node:
        """Return the title of a book in the same way."""
        return self.format_title(entry, which_field, as_sentence)

    def format_url(self, entry: Entry) -> Node:
        """Return the address as its own link."""
        address = entry_field("url", raw=True)
        return href(address)[address]


class WholeLink(BasicAuthorYearTextualReferenceStyle):
    """Names and year as one link, not the year alone: Vaswani et al. (2017)."""

    def inner(self, role_name: str) -> Node:
        """Return the text of one citation in a sentence."""
        return reference[join[self.person.author_or_editor_or_title(full="s" in role_name), " (", year, ")"]]


@dataclass
class NamesAndYear(GroupReferenceStyle):
    """Citations in a sentence, or in round brackets: (Vaswani et al., 2017)."""

    person: PersonStyle = field(default_factory=PersonStyle)

    def __post_init__(self) -> None:
        """Put the two styles together."""
        round_brackets = BracketStyle(left="(", right=")")
        self.styles.extend([BasicAuthorYearParentheticalReferenceStyle(bracket=round_brackets), WholeLink()])
        super().__post_init__()


def use_bibliography(app: Sphinx, config: Config) -> None:
    """Point sphinxcontrib-bibtex to the book's file; a book without the file has no bibliography."""
    config.bibtex_bibfiles = [FILE] if (Path(app.srcdir) / FILE).is_file() else []
    config.bibtex_default_style = "book"
    config.bibtex_reference_style = "names_and_year"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the styles, and sphinxcontrib-bibtex with them."""
    register_formatting("pybtex.style.formatting", "book", BookStyle)
    register_plugin("sphinxcontrib.bibtex.style.referencing", "names_and_year", NamesAndYear)
    app.setup_extension("sphinxcontrib.bibtex")
    app.connect("config-inited", use_bibliography)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
