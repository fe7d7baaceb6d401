"""Makes the feedback page of a marked notebook from what the gradebook says of it; needs no gradebook and no course."""

from __future__ import annotations

import html

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat import NotebookNode
from traitlets.config import Config

from autograder.grade.feedback.exporter import FeedbackExporter
from autograder.grade.feedback.summary import Summary
from autograder.gradebook.nbgrader_config import set_feedback
from autograder.gradebook.scores import OnPage, put_into
from autograder.storage.safe_text import plain

MOST_BYTES = 40 << 20  # of a page with its pictures


class PageMaker:
    """nbgrader's own way to a feedback page, made once for many pages."""

    def __init__(self) -> None:
        """Make the exporter."""
        config = Config()
        set_feedback(config)
        self.exporter, self.summary = FeedbackExporter(config=config), Summary()
        self.exporter.register_preprocessor(CSSHTMLHeaderPreprocessor(), enabled=True)
        self.exporter.register_preprocessor(self.summary, enabled=True)

    def page(
        self, notebook: NotebookNode, slug: str, student: str, points: OnPage, book_url: str, mistakes_url: str = ""
    ) -> str:
        """Return the page of a marked notebook, or a plain one where that cannot be made; `notebook` is changed."""
        try:
            self.summary.book_url, self.summary.mistakes_url = book_url, mistakes_url
            scores = put_into(notebook, points)
            about = {"notebook": slug, "assignment": slug, "student": student, **scores}
            page, _ = self.exporter.from_notebook_node(notebook, resources={"unique_key": slug, "nbgrader": about})
        except Exception:  # text that the libraries choke on, such as Markdown nested a thousand deep
            return plain_page(notebook, slug, student)
        return page if len(page) <= MOST_BYTES else plain_page(notebook, slug, student)


def plain_page(notebook: NotebookNode, slug: str, student: str) -> str:
    """Return a page with nothing but the verdicts, as plain text."""
    about = notebook.metadata.get("autograder", {})
    outputs = [cell.outputs[0].data["text/plain"] for cell in notebook.cells if "autograder" in cell.metadata]
    says = ["The page with your notebook could not be made; these are the results.", *about.get("notes", []), *outputs]
    title, body = html.escape(plain(f"{slug}: {student}")), html.escape(plain("\n\n".join(says)))
    return f"<!DOCTYPE html>\n<html lang='en'><meta charset='utf-8'><title>{title}</title><pre>{body}</pre></html>\n"
