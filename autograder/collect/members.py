"""One file in a download: its name, its time, its bytes up to a limit."""

from __future__ import annotations

import datetime as dt
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from autograder.storage.layout import NOTEBOOK
from autograder.storage.left_out import LEFT_BEHIND
from autograder.storage.safe_files import MOST_BYTES, TOO_LARGE

NOT_READABLE = "It cannot be read: the archive is broken there."
ARCHIVES = (".zip",)
BROKEN = (  # what Python's readers of archives raise for forged and damaged ones
    *(OSError, EOFError, ValueError, RuntimeError, NotImplementedError, MemoryError, IndexError, struct.error),
    *(zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError),
)


class Refused(Exception):
    """A file is not taken; the text says why in a sentence."""


@dataclass(frozen=True)
class Member:
    """A file in an archive or a folder.

    path    its name there, with `/` between the parts
    size    the bytes that it claims to have
    time    when it was last changed, as far as the archive tells
    opened  opens it for reading
    danger  why it is not taken, in a sentence
    inert   whether a dangerous one can be copied as mere bytes
    guessed whether its name was read as code page 437, for nothing says which letters its bytes are
    doubted whether the clocks of its zone show its time twice or never; then `time` is the earlier one
    """

    path: str
    size: int
    time: dt.datetime | None
    opened: Callable[[], IO[bytes]]
    danger: str = ""
    inert: bool = False
    guessed: bool = False
    doubted: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the parts of the name."""
        return tuple(part for part in self.path.split("/") if part not in ("", "."))

    @property
    def name(self) -> str:
        """Return the last part of the name."""
        return self.parts[-1] if self.parts else ""

    @property
    def left_behind(self) -> bool:
        """Say whether a program left it there and nobody handed it in."""
        return any(LEFT_BEHIND.match(part) for part in self.parts)

    @property
    def is_ignored(self) -> bool:
        """Say whether it can be passed over whatever it is: as what is in `.git`, unless it leads elsewhere."""
        return self.left_behind and ".." not in self.parts

    @property
    def is_notebook(self) -> bool:
        """Say whether it has the name of a notebook."""
        return bool(NOTEBOOK.fullmatch(self.name))

    @property
    def may_be_notebook(self) -> bool:
        """Say whether its contents are looked at for a notebook: it is one by its name, or was saved as `.json`."""
        return self.is_notebook or self.name.lower().endswith(".json")

    def holds_notebook(self) -> bool:
        """Say whether it is a notebook by its name or, where that ends with `.json`, by what it holds."""
        if self.is_notebook or not self.may_be_notebook:
            return self.is_notebook
        with suppress(Refused):
            data = self.read()
            return b'"cells"' in data and b'"nbformat"' in data
        return False

    @property
    def is_zip(self) -> bool:
        """Say whether it has the name of an archive that is looked into."""
        return self.name.lower().endswith(ARCHIVES)

    def read(self, most: int = MOST_BYTES) -> bytes:
        """Return its bytes; raises Refused where there are too many or they cannot be read."""
        if self.size > most:
            raise Refused(TOO_LARGE.format(-(-self.size >> 20), most >> 20))
        try:
            with self.opened() as file:
                data = file.read(most + 1)
        except BROKEN as error:
            raise Refused(str(error) if isinstance(error, Bomb) else NOT_READABLE) from None
        if len(data) > most:
            raise Refused(TOO_LARGE.format(-(-len(data) >> 20), most >> 20))
        return data


class Bomb(OSError):
    """An archive unpacks to far more than a download of a class does."""
