"""What a cell prints, on its way to the page: in pieces, in order, and not too much of it."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any

Send = Callable[[dict[str, Any]], None]

MOST_TEXT = 100_000  # characters that one cell may print
MOST_LETTERS = 20_000  # of a sentence, an error, a traceback
TOO_MUCH = "\n… (the cell printed more than 100,000 characters; the rest is not shown: print less of it)\n"
EVERY = 0.05  # seconds between two messages with printed text


class Output:
    """What a cell prints and shows as text: sent in pieces and in order, and cut when it is too much."""

    def __init__(self, send: Send) -> None:
        """Send messages by `send`."""
        self.send = send
        self.room = MOST_TEXT
        self.pieces: list[list[str]] = []  # of stream and text
        self.last = time.monotonic()

    def write(self, stream: str, text: str) -> None:
        """Take text of a stream; it reaches the page within a moment."""
        if self.room < 0:
            return
        part = text[: self.room]
        self.room -= len(text)
        part += TOO_MUCH if self.room < 0 else ""
        if self.pieces and self.pieces[-1][0] == stream:
            self.pieces[-1][1] += part
        else:
            self.pieces.append([stream, part])
        if self.room < 0 or time.monotonic() - self.last > EVERY:
            self.flush()

    def flush(self) -> None:
        """Send what is waiting."""
        for stream, text in self.pieces:
            self.send({"what": "text", "stream": stream, "text": text})
        self.pieces, self.last = [], time.monotonic()


class Stream(io.TextIOBase):
    """A file that writes to the output of the cell."""

    def __init__(self, output: Output, name: str) -> None:
        """Write as the stream `name`."""
        self.output, self.name = output, name

    def writable(self) -> bool:
        """Say that one can write here."""
        return True

    def write(self, text: str) -> int:
        """Write text."""
        self.output.write(self.name, text)
        return len(text)


def cut(text: str, most: int = MOST_LETTERS) -> str:
    """Return a text without its middle, where it is very long."""
    half, out = most // 2, len(text) - most
    return text if out <= 0 else f"{text[:half]}\n… ({out:,} letters are left out here) …\n{text[-half:]}"
