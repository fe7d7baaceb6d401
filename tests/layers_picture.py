"""Draws the layers of the package into CONTRIBUTING.md: `python -m tests.layers_picture`.

The layers are stated once, in pyproject.toml ([tool.importlinter]); what each room is for is the first sentence of its
docstring. A test draws the picture again and compares.
"""

from __future__ import annotations

import ast
import re
import textwrap
import tomllib
from itertools import accumulate, pairwise, zip_longest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "CONTRIBUTING.md"
BEGIN = "<!-- drawn by `python -m tests.layers_picture` -->\n"
END = "<!-- end of the drawing -->\n"
WIDTH = 98  # letters from the left edge of a picture to its right edge


def layers(container: str) -> list[list[str]]:
    """Return the layers of a package from top to bottom, each with the names that stand in it."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (stated,) = (c["layers"] for c in settings["contracts"] if c.get("containers") == [container])
    return [[name.strip() for name in layer.split("|")] for layer in stated]


def purpose(dotted: str) -> str:
    """Return the first sentence of a module's or a room's docstring."""
    path = ROOT / dotted.replace(".", "/")
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    paragraph = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n\n")[0]
    return re.split(r"(?<=\.)\s", " ".join(paragraph.split()))[0]


def widths(boxes: int) -> list[int]:
    """Return the widths of boxes side by side, without their edges."""
    room = WIDTH - boxes - 1
    return [room // boxes + (n < room % boxes) for n in range(boxes)]


def edges(boxes: int) -> set[int]:
    """Return the columns of the edges of so many boxes."""
    return set(accumulate((width + 1 for width in widths(boxes)), initial=0)) if boxes else set()


def border(above: int, below: int) -> str:
    """Return the line between so many boxes above it and so many below; 0 at the top and at the bottom."""
    up, down = edges(above), edges(below)
    signs = {0: {1: "┌", 2: "└", 3: "├"}, WIDTH - 1: {1: "┐", 2: "┘", 3: "┤"}}
    between = {0: "─", 1: "┬", 2: "┴", 3: "┼"}
    return "".join(signs.get(n, between)[(n in down) + 2 * (n in up)] for n in range(WIDTH))


def row(container: str, names: list[str]) -> list[str]:
    """Return the lines of one layer: in each box a name, and what it is for."""
    sizes = widths(len(names))
    texts = [
        [name, *textwrap.wrap(purpose(f"{container}.{name}"), size - 2)]
        for name, size in zip(names, sizes, strict=True)
    ]
    lines = zip_longest(*texts, fillvalue="")
    padded = [[f" {text:<{size - 1}}" for text, size in zip(line, sizes, strict=True)] for line in lines]
    return [f"│{'│'.join(line)}│" for line in padded]


def picture(container: str) -> str:
    """Return the picture of one package: an import may only run downwards."""
    rows = layers(container)
    lines = [f"{container.replace('.', '/')}/"]
    for above, names in pairwise([[], *rows]):
        lines += [border(len(above), len(names)), *row(container, names)]
    return "\n".join([*lines, border(len(rows[-1]), 0)])


def drawn(text: str) -> str:
    """Return the text of the page with the pictures as they are now."""
    before, rest = text.split(BEGIN)
    pictures = "\n\n".join(map(picture, ("autograder", "autograder.grade")))
    return f"{before}{BEGIN}\n```text\n{pictures}\n```\n\n{rest[rest.index(END) :]}"


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
