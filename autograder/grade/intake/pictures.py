"""Pictures that were pasted into a text: found as they came, and made anew before anybody sees them.

A notebook keeps such a picture in the cell, as an attachment, or written out in its text. What is shown of it is a
picture of our own with the same dots: nothing else of the file is handed on. Reading one is work for a process that
may die, so only a helper does it.
"""

from __future__ import annotations

import base64
import io
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard
from urllib.parse import quote, unquote

MOST_PICTURES = 8  # of a notebook
MOST_DOTS = 40_000_000  # of a picture as it came: 160 MB while it is read
MOST_OF_ALL = 120_000_000  # dots of all pictures of a notebook
MOST_SIDE = 1600  # dots on the longer side of what is shown
MOST_BYTES = 400_000  # of a picture that is shown; a larger one is compressed as a photograph is
QUALITY = 80
UNREADABLE = "it is no PNG or JPEG that can be read"
MOST_NAME, MOST_NAMES = 200, 50

PASTED = re.compile(r"data:image/[\w.+-]{1,40};base64,([A-Za-z0-9+/=%]*)", re.IGNORECASE)
HTML = re.compile(r"""<img\b[^>]{0,300}?\bsrc\s*=\s*["']?(attachment:[^"'\s>]{1,300})[^>]{0,300}>""", re.IGNORECASE)
SOURCE = re.compile(
    r"""!\[[^\]\n]{0,300}\]\(\s*<?([^)>\s]{1,300})|<img\b[^>]{0,300}?\bsrc\s*=\s*["']?([^"'\s>]{1,300})""",
    re.IGNORECASE,
)


# ---------------------------------------------------------------- as they came
def attached(raw: Any) -> dict[str, str]:
    """Return the pictures that are attached to a cell, by their names."""
    found: dict[str, str] = {}
    for name, kinds in list(raw.items())[:MOST_NAMES] if isinstance(raw, dict) else []:
        values = [kinds.get(kind) for kind in ("image/png", "image/jpeg", *kinds)] if isinstance(kinds, dict) else []
        texts = ["".join(filter(is_text, value if isinstance(value, list) else [value])) for value in values]
        if any(texts) and len(name) <= MOST_NAME:
            found[name] = next(filter(None, texts))
    return found


def is_text(value: Any) -> TypeGuard[str]:
    """Say whether a value of a file is text."""
    return isinstance(value, str)


def pasted_into(text: str) -> tuple[str, dict[str, str]]:
    """Return a text without the pictures that are written out in it, as Colab does, and these by their new names."""
    found: dict[str, str] = {}

    def named(picture: re.Match[str]) -> str:
        if len(found) < MOST_NAMES:
            found[f"pasted-{len(found) + 1}"] = unquote(picture[1])
        return f"attachment:pasted-{len(found)}"

    return PASTED.sub(named, text), found


# ---------------------------------------------------------------- as they are shown
class NotShown(Exception):
    """A picture cannot be shown; the text says why, as the end of a sentence."""


@dataclass
class Album:
    """Makes the pictures of one submission anew, as many as there is room for; `notes` say what is not shown.

    draws  whether this process may read pictures
    """

    draws: bool = False
    notes: list[str] = field(default_factory=list)
    pictures_left: int = MOST_PICTURES
    dots_left: int = MOST_OF_ALL

    def shown(self, text: str, pictures: Mapping[str, str], number: int, told: str) -> tuple[str, dict[str, Any]]:
        """Return the text of a cell with new names for its pictures, and these as nbformat's attachments.

        number  of the cell, which makes the names its own
        told    what sentences call the cell: “The cell “written-why””
        """
        for place in SOURCE.finditer(text):
            source = place[1] or place[2]
            if not is_inside(source, pictures):
                self.tell(f"{told} names a picture that is not in the notebook, “{source}”, and cannot be seen here.")
        if pictures:
            text = HTML.sub(r"\n\n![](\1)\n\n", text)
        made: dict[str, Any] = {}
        for name, data in pictures.items():
            ours = f"picture-{number}-{len(made) + 1}"
            renamed = references(name).sub(f"attachment:{ours}", text)
            if renamed == text:
                continue  # no text shows it, so the learner does not see it either
            try:
                made[ours] = self.picture(data)
            except NotShown as why:
                self.tell(f"{told} has a picture that is not shown here: {why}.")
            else:
                text = renamed
        return text, made

    def tell(self, sentence: str) -> None:
        """Note what is not shown, once."""
        if sentence not in self.notes and len(self.notes) < MOST_PICTURES:
            self.notes.append(sentence)

    def picture(self, data: str) -> dict[str, str]:
        """Return a picture made anew, in base64 under its kind."""
        if not self.draws:
            raise NotShown("nbgrader's own command leaves pictures out, and `autograder grade` shows them")
        if not self.pictures_left:
            raise NotShown(f"only the first {MOST_PICTURES} of a notebook are")
        self.pictures_left -= 1
        image = opened(data)
        if image.width * image.height > min(MOST_DOTS, self.dots_left):
            raise NotShown(f"it has {image.width} times {image.height} dots, which is too many")
        self.dots_left -= image.width * image.height
        kind, file = made_anew(image)
        return {kind: base64.b64encode(file).decode()}


def is_inside(source: str, pictures: Mapping[str, str]) -> bool:
    """Say whether the source of a picture is in the notebook; of a name with spaces it is the first word."""
    kind, _, name = source.partition(":")
    return kind.lower() == "data" or (kind == "attachment" and any(one.startswith(unquote(name)) for one in pictures))


def references(name: str) -> re.Pattern[str]:
    """Return what finds the places in a text that show an attachment."""
    ways = "|".join(re.escape(way) for way in dict.fromkeys([name, quote(name), name.replace(" ", "%20")]))
    return re.compile(rf"""attachment:(?:{ways})(?=[\s)>"'\]]|\Z)""")


def opened(data: str) -> Any:
    """Return a picture of which only the head is read; its size is known then."""
    from PIL import Image  # here: the driver reads this file, and no picture

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # its size is looked at next
            return Image.open(io.BytesIO(base64.b64decode(data)), formats=("PNG", "JPEG"))
    except Image.DecompressionBombError:
        raise NotShown("it has too many dots") from None
    except Exception:  # Pillow fails on odd files in many ways
        raise NotShown(UNREADABLE) from None


def made_anew(image: Any) -> tuple[str, bytes]:
    """Return the kind and the file of a new picture with the dots of another, which is shrunk to what a page needs."""
    from PIL import Image, ImageOps

    try:
        image.draft("RGB", (MOST_SIDE, MOST_SIDE))  # a JPEG can be read smaller
        image = image.convert("RGB") if image.mode in ("1", "P") else image  # else thin lines would be lost
        image.thumbnail((MOST_SIDE, MOST_SIDE))
        upright = ImageOps.exif_transpose(image).convert("RGBA")
    except Exception:
        raise NotShown(UNREADABLE) from None
    made = Image.new("RGB", upright.size, "white")  # without what else was in the file
    made.paste(upright, mask=upright)
    file = written(made, "PNG", optimize=False)
    return ("image/png", file) if len(file) <= MOST_BYTES else ("image/jpeg", written(made, "JPEG", quality=QUALITY))


def written(image: Any, kind: str, **how: Any) -> bytes:
    """Return a picture as a file."""
    file = io.BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()
