"""The code of a drawing is offered below it and its caption, as a small link; other folded code stays above."""

from __future__ import annotations

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode, HideInputCells
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

SHOW, HIDE = "Show the drawing code", "Hide the drawing code"


class MoveDrawingCode(SphinxPostTransform):
    """Move the folded code of a drawing below it, and name it for what it is."""

    default_priority = HideInputCells.default_priority + 1
    formats = ("html",)

    def run(self, **_: object) -> None:
        """Look at each cell whose code is folded and whose result is a drawing."""
        for folded in list(self.document.findall(HideCodeCellNode)):
            cell = folded.parent
            if folded is cell[0] and any(map(is_drawing, cell[1:])):
                cell.remove(folded)
                cell.append(folded)
                folded["classes"].append("drawing-code")
                if folded["prompt_show"] == self.config.nb_code_prompt_show:
                    folded["prompt_show"], folded["prompt_hide"] = SHOW, HIDE


def is_drawing(output: nodes.Node) -> bool:
    """Say whether the output of a cell shows one of our drawings (see plot_style.py)."""
    return any('class="book-figure"' in raw.astext() for raw in output.findall(nodes.raw))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_post_transform(MoveDrawingCode)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
