"""A font with some of its letters alone, as it travels inside a stylesheet."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from logging import ERROR, getLogger
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

getLogger("fontTools").setLevel(ERROR)  # it tells of every table of a font, and of dates that are odd


def font_of(path: Path, letters: str, features: Sequence[str] = ()) -> str:
    """Return a font with these letters alone, as woff in base64; woff2 would take another package."""
    font, out = TTFont(path, recalcTimestamp=False), io.BytesIO()
    subsetter = subset.Subsetter(subset.Options(layout_features=list(features), hinting=False))
    subsetter.populate(text=letters)
    subsetter.subset(font)
    font.flavor = "woff"
    font.save(out)
    return base64.b64encode(out.getvalue()).decode()
