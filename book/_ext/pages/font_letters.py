"""A font with some of its letters alone, as it travels inside a stylesheet."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from logging import WARNING, getLogger
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

getLogger("fontTools.subset").setLevel(WARNING)  # it tells of every table of a font


def font_of(path: Path, letters: str, features: Sequence[str] = ()) -> str:
    """Return a font with these letters alone, as woff in base64; woff2 would take another package."""
    font, out = TTFont(path, recalcTimestamp=False), io.BytesIO()
    subsetter = subset.Subsetter(subset.Options(layout_features=list(features)))
    subsetter.populate(text=letters)
    subsetter.subset(font)
    font.flavor = "woff"
    font.save(out)
    return base64.b64encode(out.getvalue()).decode()
