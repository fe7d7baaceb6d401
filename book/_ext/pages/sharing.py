"""What a link to a page shows where somebody shares it: the page's title, its first sentences, a picture."""

from __future__ import annotations

import io
import re
from html import escape
from pathlib import Path
from typing import Any

import matplotlib
from docutils import nodes
from PIL import Image, ImageDraw, ImageFont
from sphinx.application import Sphinx

from autograder.course.config import settings

PICTURE = "_static/sharing.png"
SIZE = (1200, 630)  # as those who show it ask for
WEIGHTS = ((1.0, 0.3, 0.1), (0.25, 0.2, 1.0), (0.1, 1.0, 0.35))  # the picture in the browser's tab
BLUE, INK = (0, 114, 178), (31, 35, 40)
SHORTEST, LONGEST = 60, 200  # letters of a description
NO_TEXT = (nodes.Admonition, nodes.table, nodes.list_item, nodes.container)


def description_of(tree: nodes.document) -> str:
    """Return the first sentences of a page's own text, or nothing."""
    for paragraph in tree.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if len(text) >= SHORTEST and not is_within(paragraph, NO_TEXT) and not list(paragraph.findall(nodes.math)):
            return shortened(text)
    return ""


def is_within(node: nodes.Node, kinds: tuple[type, ...]) -> bool:
    """Say whether a node lies in one of these kinds."""
    return node.parent is not None and (isinstance(node.parent, kinds) or is_within(node.parent, kinds))


def shortened(text: str) -> str:
    """Return as many whole sentences as there is room for, of one that is too long its beginning."""
    if len(text) <= LONGEST:
        return text
    sentences = re.match(rf".{{,{LONGEST}}}[.!?](?=\s)", text)
    fits = sentences and len(sentences[0]) >= SHORTEST
    return sentences[0] if fits else text[:LONGEST].rpartition(" ")[0] + " …"


def describe(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Add the lines to the head of a page."""
    book = app.config.html_title
    title = re.sub(r"<[^>]+>", "", context.get("title") or book)  # Sphinx has escaped it
    text = (description_of(doctree) if doctree else "") or f"{book}: an online textbook with exercises."
    address = str(settings(Path(app.srcdir).parent).get("book_url") or "")
    picture = f"{address}/{PICTURE}" if address else context["pathto"](PICTURE, 1)
    said = {"og:title": title, "og:site_name": escape(book), "og:type": "article", "og:description": escape(text)}
    said |= {"og:image": escape(picture), "og:image:alt": "Attention weights as a picture of nine squares"}
    if address:
        said["og:url"] = escape(f"{address}/{pagename}.html")
    lines = [f'<meta name="description" content="{escape(text)}" />']
    lines += [f'<meta property="{name}" content="{value}" />' for name, value in said.items()]
    lines.append('<meta name="twitter:card" content="summary_large_image" />')
    context["metatags"] = "\n".join([context.get("metatags", ""), *lines])


def draw(title: str) -> bytes:
    """Return the picture: the weights, and the title of the book beside them."""
    image = Image.new("RGB", SIZE, "white")
    pen = ImageDraw.Draw(image)
    side, gap, left, top = 130, 14, 90, 106
    for row, weights in enumerate(WEIGHTS):
        for column, weight in enumerate(weights):
            colour = tuple(round(255 + weight * (part - 255)) for part in BLUE)
            x, y = left + column * (side + gap), top + row * (side + gap)
            pen.rounded_rectangle((x, y, x + side, y + side), 10, fill=colour)
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    letters = ImageFont.truetype(str(fonts / "DejaVuSans-Bold.ttf"), 58)
    pen.multiline_text((580, SIZE[1] / 2), "\n".join(title.replace(", ", ",\n").split("\n")), INK, letters, "lm", 24)
    out = io.BytesIO()
    image.save(out, "png", optimize=True)
    return out.getvalue()


def write_picture(app: Sphinx) -> None:
    """Put the picture beside the pages."""
    if app.builder.format == "html":
        (Path(app.outdir) / "_static").mkdir(parents=True, exist_ok=True)
        (Path(app.outdir) / PICTURE).write_bytes(draw(app.config.html_title))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("builder-inited", write_picture)
    app.connect("html-page-context", describe)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
