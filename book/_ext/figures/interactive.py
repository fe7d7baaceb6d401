"""`{interactive} NAME`: a figure that can be played with, complete before and without its script.

Every number of a figure comes from Python, when the book is built: the first state is written out as HTML, and what the
script needs for the others goes with it as JSON.
"""

from __future__ import annotations

import zlib
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective

from figures import FETCHED, FIGURES, Figure
from figures.markup import json_for_script

FOLDER = "interactive/"  # in _static
SCRIPTS = Path(__file__).parents[2] / "_static" / FOLDER
STYLES = ("interactive", "pictures")


def scripts_of(figure: Figure) -> str:
    """Return the files that bring a figure to life, in order, each with a number that changes when the file does."""
    files = [SCRIPTS / f"{name}.js" for name in (*figure.needs, figure.script)]
    return " ".join(f"{file.name}?v={zlib.crc32(file.read_bytes()):08x}" for file in files)


def html_of(name: str, figure: Figure) -> str:
    """Return all of a figure but its title, which is a node of its own."""
    controls = f'<fieldset class="seeing-controls" disabled><legend>Settings</legend>{figure.controls}</fieldset>'
    view = f'<fieldset class="seeing-view" disabled>{figure.view}</fieldset>' if figure.handled else figure.view
    return f"""\
<div class="seeing" role="group" aria-labelledby="seeing-{name}" data-figure="{figure.script}"
 data-scripts="{scripts_of(figure)}">
{controls if figure.controls else ""}
<noscript><p class="seeing-off">{figure.off}</p></noscript>
{view}
<p class="seeing-says" role="status">{escape(figure.says)}</p>
<details class="seeing-facts"><summary>{figure.about}</summary>{figure.facts}</details>
<script type="application/json">{json_for_script({**figure.data, "sentences": figure.sentences})}</script>
</div>
"""


class Interactive(SphinxDirective):
    """The figure called NAME; the content says what to try. With a name and a caption it is numbered."""

    required_arguments = 1
    has_content = True
    option_spec = {"name": directives.unchanged, "caption": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Return the card: title, what to try, figure."""
        name = self.arguments[0]
        if name not in FIGURES:
            raise self.error(f"there is no interactive figure {name}, only {', '.join(FIGURES)}")
        figure = FIGURES[name]()
        self.env.metadata[self.env.docname].setdefault("interactive", []).append(name)
        card = nodes.container(classes=["seeing-card"])
        card += nodes.paragraph(text=figure.title, classes=["seeing-title"], ids=[f"seeing-{name}"])
        self.state.nested_parse(self.content, self.content_offset, card)
        card += self.captioned(nodes.raw("", html_of(name, figure), format="html"))
        return [card]

    def captioned(self, drawing: nodes.raw) -> nodes.Node:
        """Return the drawing, in a figure with a caption where there is one."""
        if "caption" not in self.options:
            return drawing
        words, _ = self.state.inline_text(self.options["caption"], self.lineno)
        figure = nodes.figure("", drawing, nodes.caption("", "", *words))
        self.add_name(figure)
        return figure


def leave_out_of_other_pages(app: Sphinx, config: Config) -> None:
    """Take our files from the list that Jupyter Book makes of all of `_static`, which is loaded by every page."""
    for files in (config.html_js_files, config.html_css_files):
        files[:] = [file for file in files if not str(file).startswith(FOLDER)]


def load_where_used(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Load the styles on a page that has figures, and the script that fetches those of a figure when it comes near.

    What a figure fetches only when a reader asks for it is put beside the scripts.
    """
    if not (names := app.env.metadata.get(page, {}).get("interactive")):
        return
    for file in {file for name in names for file in FIGURES[name]().fetched}:
        there = Path(app.outdir) / "_static" / FOLDER
        there.mkdir(parents=True, exist_ok=True)
        (there / file).write_text(FETCHED[file](), encoding="utf-8")
    for style in STYLES:
        app.add_css_file(f"{FOLDER}{style}.css")
    app.add_js_file(f"{FOLDER}interactive.js", loading_method="defer")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive and its files with Sphinx."""
    app.connect("config-inited", leave_out_of_other_pages)
    app.connect("html-page-context", load_where_used)
    app.add_directive("interactive", Interactive)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
