"""nbconvert's exporter of feedback pages, with our template and filters."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter

from autograder.grade.feedback.sanitize import PATIENCE, coloured, markdown_of_cell, printed


@lru_cache(maxsize=1)
def code_css() -> str:
    """Return the colours of code, by day and by night."""
    day, night = (HtmlFormatter(style=style).get_style_defs(".highlight") for style in ("default", "github-dark"))
    return f"{day}\n@media (prefers-color-scheme: dark) {{\n{night}\n}}\n.highlight {{ background: none }}"


class FeedbackExporter(HTMLExporter):
    """nbconvert's exporter without its last step, which reads the whole page again to add texts to pictures.

    Ours have their texts (see clean_outputs.py); that step takes two thirds of the time of a page. The page is
    templates/judged.
    """

    def from_notebook_node(  # type: ignore[override]  # as in nbconvert's own HTMLExporter
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the page of a notebook."""
        PATIENCE.renew()
        resources = self._init_resources(resources)
        kinds = WidgetsDataTypeFilter(notebook_metadata=self._nb_metadata, parent=self, resources=resources)
        resources["code_css"] = code_css()
        self.register_filter("markdown2html", markdown_of_cell)
        self.register_filter("highlight_code", coloured)
        self.register_filter("ansi2html", printed)
        self.register_filter("filter_data_type", kinds)
        return TemplateExporter.from_notebook_node(self, nb, resources, **kw)

    def _preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Run the steps before the template on this copy, where nbconvert makes two more and reads a schema."""
        for step in self._preprocessors:
            nb, resources = step(nb, resources)
        return nb, resources
