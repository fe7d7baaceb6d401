"""A matrix as a small picture: a PNG of at most 256 colours, whose pixels are places in a palette."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 384, 256  # pixels that the picture fills at most
MOST_ROWS, MOST_COLUMNS = 64, 96  # blocks that are told apart; of larger matrices several numbers share one
LARGEST_BLOCK = 16
LIGHTEST, DARKEST = (255, 214, 170), (110, 20, 10)  # of what differs; lightness alone tells the order
RIGHT, GRID, NOT_FINITE = 0, 1, 2  # places in the palette; 3 to 255 are shades
FIRST_SHADE = 3


def picture(off: np.ndarray, wrong: np.ndarray) -> tuple[str, int, int]:
    """Return the picture of a matrix as an address, its width and its height.

    off    how far each number is off: (rows, columns), 0 where it is right
    wrong  whether it is wrong at all
    """
    blocks = shades(off, wrong)
    size = [max(1, min(LARGEST_BLOCK, most // n)) for most, n in zip((HEIGHT, WIDTH), blocks.shape, strict=True)]
    pixels = np.repeat(np.repeat(blocks, size[0], axis=0), size[1], axis=1)
    cross(pixels, *size)
    pixels = np.pad(pixels, 1, constant_values=GRID)
    data = base64.b64encode(png(pixels)).decode()
    return f"data:image/png;base64,{data}", pixels.shape[1], pixels.shape[0]


def shades(off: np.ndarray, wrong: np.ndarray) -> np.ndarray:
    """Return the place in the palette of each block: the worst of the numbers that share it."""
    finite = np.isfinite(off)
    largest = float(off[finite].max(initial=0.0))
    part = np.sqrt(np.where(finite, off, 0.0) / largest) if largest else np.zeros(off.shape)
    places = np.where(wrong, FIRST_SHADE + np.round(part * (255 - FIRST_SHADE)), RIGHT)
    places = np.where(finite, places, 256)  # above all shades until the largest of a block is taken
    for axis, most in ((0, MOST_ROWS), (1, MOST_COLUMNS)):
        step = -(-places.shape[axis] // most)
        places = np.maximum.reduceat(places, range(0, places.shape[axis], step), axis=axis)
    return np.where(places == 256, NOT_FINITE, places).astype(np.uint8)


def cross(pixels: np.ndarray, tall: int, wide: int) -> None:
    """Draw a diagonal through the blocks that hold what is not finite, in place."""
    down, across = (np.arange(n) for n in pixels.shape)
    diagonal = (down % tall)[:, None] * wide // tall == across % wide
    pixels[diagonal & (pixels == NOT_FINITE)] = RIGHT


def palette() -> bytes:
    """Return the colours: white, grey, black, then from light to dark."""
    shades = np.linspace(LIGHTEST, DARKEST, 256 - FIRST_SHADE).round().astype(np.uint8)
    return bytes([255, 255, 255, 120, 120, 120, 0, 0, 0]) + shades.tobytes()


def png(pixels: np.ndarray) -> bytes:
    """Return a picture whose pixels are places in the palette as a PNG file."""
    image = Image.fromarray(pixels)
    image.putpalette(palette())
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
