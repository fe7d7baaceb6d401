"""Puts together what a cell prints, as it came: a busy machine sends a line in several messages, torn anywhere.

MyST-NB's `nb_merge_streams` takes each message for lines of its own, and ends it with a line break.
"""

from __future__ import annotations

from myst_nb.core import render
from myst_nb.core.utils import coalesce_streams
from nbformat import NotebookNode
from sphinx.application import Sphinx


def joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return outputs in which messages of one stream that follow each other are one."""
    found: list[NotebookNode] = []
    for output in outputs:
        last = found[-1] if found else NotebookNode()
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            found[-1] = NotebookNode(last, text=last["text"] + output["text"])
        else:
            found.append(output)
    return found


def in_whole_lines(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return outputs with one text for each stream, as MyST-NB wants them."""
    return coalesce_streams(joined(outputs))


def setup(app: Sphinx) -> dict[str, bool]:
    """Take the place of MyST-NB's own function."""
    render.coalesce_streams = in_whole_lines
    return {"parallel_read_safe": True, "parallel_write_safe": True}
