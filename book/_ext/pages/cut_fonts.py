"""Cuts the book's two faces from the fonts that they come from, to what the book needs: run by hand, see ORIGIN.txt.

    npm pack @fontsource-variable/source-serif-4@5.3.1 @fontsource-variable/source-sans-3@5.3.1  (and unpack both)
    pip install brotli
    python book/_ext/pages/cut_fonts.py FOLDER_WITH_THE_FILES

Both are under the SIL Open Font License, which lets one change a font under another name; "Source" is a reserved one.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

OUT = Path(__file__).parents[2] / "_static" / "fonts"
# New file, its name inside, where it comes from, and the weights that it can have.
CUTS: list[tuple[str, str, str, float | tuple[float, float]]] = [
    ("book-serif", "Book Serif", "source-serif-4-latin-wght-normal", (400, 700)),
    ("book-serif-italic", "Book Serif Italic", "source-serif-4-latin-wght-italic", 400),
    ("book-sans", "Book Sans", "source-sans-3-latin-wght-normal", (400, 700)),
]
LETTERS = [*range(0x20, 0x7F), *range(0xA0, 0x100), 0x141, 0x142, 0x152, 0x153, *range(0x2010, 0x2016)]
SIGNS = [*range(0x2018, 0x201F), 0x2022, 0x2026, 0x2032, 0x2033, 0x20AC, 0x2190, 0x2191, 0x2192, 0x2193, 0x2212]
FEATURES = ["kern", "liga", "ccmp", "locl", "mark", "tnum", "lnum"]
NAMED = {1: "{}", 3: "{}, cut", 4: "{}", 6: "{}"}  # the entries of a font's table of names that hold its own


def cut(name: str, source: Path, weights: float | tuple[float, float], target: Path) -> None:
    """Write the letters that the book needs, in the weights that it uses, under another name."""
    font = TTFont(source, recalcTimestamp=False)
    options = subset.Options(layout_features=FEATURES, hinting=False, name_IDs=[0, 1, 2, 3, 4, 6, 13, 14])
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=LETTERS + SIGNS)
    subsetter.subset(font)
    font = instancer.instantiateVariableFont(font, {"wght": weights})
    for entry, text in NAMED.items():
        called = text.format(name)
        font["name"].setName(called.replace(" ", "") if entry == 6 else called, entry, 3, 1, 0x409)
    font.flavor = "woff2"
    font.save(target)


if __name__ == "__main__":
    for file, called, origin, wanted in CUTS:
        cut(called, Path(sys.argv[1]) / f"{origin}.woff2", wanted, OUT / f"{file}.woff2")
