"""The interactive figures: each module computes the numbers of one figure and writes its first state as HTML."""

from __future__ import annotations

from figures import attention, decoder, masks, positions, saturation
from figures.markup import Figure

# What a page may ask for by name, and how it is made.
FIGURES = {
    "attention": attention.figure,
    "saturation": saturation.figure,
    "masks": masks.figure,
    "training": decoder.training,
    "writing": decoder.writing,
    "positions": positions.figure,
}

__all__ = ["FIGURES", "Figure"]
