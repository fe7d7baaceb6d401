"""The interactive figures: each module computes the numbers of one figure and writes its first state as HTML."""

from __future__ import annotations

from figures import (
    alignment,
    arrows,
    attention,
    bottleneck,
    decoder,
    heads,
    masks,
    positions,
    saturation,
    trained_model,
    transformer,
    translator,
    words,
)
from figures.markup import Figure

# What a page may ask for by name, and how it is made.
FIGURES = {
    "bottleneck": bottleneck.figure,
    "arrows": arrows.figure,
    "alignment": alignment.figure,
    "attention": attention.figure,
    "words": words.figure,
    "saturation": saturation.figure,
    "heads": heads.figure,
    "masks": masks.figure,
    "training": decoder.training,
    "writing": decoder.writing,
    "transformer": transformer.figure,
    "positions": positions.figure,
    "translator": translator.figure,
    "sampling": translator.sampling,
}
# Files that a figure fetches when a reader asks for them, and what makes their text.
FETCHED = {trained_model.SCRIPT: trained_model.script}

__all__ = ["FETCHED", "FIGURES", "Figure"]
