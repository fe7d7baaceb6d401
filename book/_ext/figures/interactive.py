"""`{interactive} NAME`: a figure that can be played with, complete before and without its script.

Every number of a figure comes from Python, when the book is built: the first state is written out as HTML, and what the
script needs for the others goes with it as JSON.
"""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective

from figures import FIGURES, Figure
from figures.markup import json_for_script

FOLDER = "interactive/"  # in _static
OFF = "Scripts are off, so the figure stands still. Its other states are in the tables below it."


def html_of(name: str, figure: Figure) -> str:
    """Return all of a figure but its title, which is a node of its own."""
    return f"""\
<div class="seeing" role="group" aria-labelledby="seeing-{name}" data-figure="{figure.script}">
<fieldset class="seeing-controls" disabled><legend>Settings</legend>{figure.controls}</fieldset>
<noscript><p class="seeing-off">{OFF}</p></noscript>
<div class="seeing-view">{figure.view}</div>
<p class="seeing-says" role="status">{escape(figure.says)}</p>
<details class="seeing-facts"><summary>{figure.about}</summary>{figure.facts}</details>
<script type="application/json">{json_for_script({**figure.data, "sentences": figure.sentences})}</script>
</div>
"""


class Interactive(SphinxDirective):
    """The figure called NAME; the content says what to try."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the card: title, what to try, figure."""
        name = self.arguments[0]
        if name not in FIGURES:
            raise self.error(f"there is no interactive figure {name}, only {', '.join(FIGURES)}")
        figure = FIGURES[name]()
        self.env.metadata[self.env.docname].setdefault("interactive", []).append(figure.script)
        card = nodes.container(classes=["seeing-card"])
        card += nodes.paragraph(text=figure.title, classes=["seeing-title"], ids=[f"seeing-{name}"])
        self.state.nested_parse(self.content, self.content_offset, card)
        card += nodes.raw("", html_of(name, figure), format="html")
        return [card]


def leave_out_of_other_pages(app: Sphinx, config: Config) -> None:
    """Take our files from the list that Jupyter Book makes of all of `_static`, which is loaded by every page."""
    for files in (config.html_js_files, config.html_css_files):
        files[:] = [file for file in files if not str(file).startswith(FOLDER)]


def load_where_used(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Load the style and the scripts on a page that has figures; `defer` keeps the first view from waiting."""
    scripts = app.env.metadata.get(page, {}).get("interactive", [])
    if not scripts:
        return
    app.add_css_file(f"{FOLDER}interactive.css")
    for script in dict.fromkeys(["interactive", *scripts]):
        app.add_js_file(f"{FOLDER}{script}.js", loading_method="defer")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive and its files with Sphinx."""
    app.connect("config-inited", leave_out_of_other_pages)
    app.connect("html-page-context", load_where_used)
    app.add_directive("interactive", Interactive)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
