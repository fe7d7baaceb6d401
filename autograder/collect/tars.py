"""Reads tars member by member, plain or packed: https://docs.python.org/3/library/tarfile.html."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import tarfile
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, cast

from autograder.collect.members import BROKEN, Bomb, Member, Refused
from autograder.collect.names import cut
from autograder.collect.times import seconds

Opener = Callable[[Path, str], IO[bytes]]
PACKED = cast(dict[bytes, Opener], {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open})
MOST_TIMES, SPARE = 200, 256 << 20  # what a packed tar may unpack to: so many times its size, and so much more
AT_ONCE = 1 << 20
MOST_AT_ONCE = 64 << 20  # more is asked for by a forged header only
TAR_NAME = re.compile(r"\.(?:tar(?:\.(?:gz|bz2|xz))?|tgz|tbz2|txz)$", re.IGNORECASE)
CUT_OFF = "It is broken or cut off behind {}; what came before that was read. Download it again."
HIDES = (
    "It holds {} as a tar does, the first of them {}, which were not looked into: where that is others' work, the "
    "size of this one is forged."
)
CHECKSUM = re.compile(rb"[ 0]*[0-7]{1,7}[\0 ]")  # as in the header of a file, at CHECKSUM_AT
CHECKSUM_AT = 148
ABOUT_ANOTHER = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE, b"X")
KINDS = {
    tarfile.SYMTYPE: "a link",
    tarfile.LNKTYPE: "a hard link",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a pipe",
}


def is_tar(path: Path) -> bool:
    """Say whether a file is a tar, packed or not."""
    return bool(TAR_NAME.search(path.name)) or tarfile.is_tarfile(path)


def read_tar(path: Path, stack: ExitStack, _: object = None) -> Iterator[Member]:
    """List the files in a tar."""
    if path.stat().st_size == 0:
        raise Refused("It is empty; download it again.")
    with path.open("rb") as file:
        start = file.read(6)
    unpack = next((opener for mark, opener in PACKED.items() if start.startswith(mark)), cast(Opener, open))
    limit = path.stat().st_size * MOST_TIMES + SPARE
    last = ""
    limited = stack.enter_context(Limited(stack.enter_context(unpack(path, "rb")), limit))
    try:
        archive = stack.enter_context(tarfile.TarFile(fileobj=limited))
        for info in archive:
            if archive.offset < info.offset_data:
                raise tarfile.ReadError("a negative size, which leads back to what was read")
            limited.skip_to(archive.offset)
            if limited.hidden:
                yield replace(as_member(archive, info), danger=what_it_hides(limited.hidden), inert=False)
            elif not info.isdir():
                yield as_member(archive, info)
            limited.hidden, last = [], info.name
        limited.seek(archive.offset)
        if limited.read(tarfile.BLOCKSIZE).strip(b"\0") or limited.tell() != archive.offset + tarfile.BLOCKSIZE:
            raise tarfile.ReadError("Python's reader takes any rubbish for the end")
        limited.looking = False
    except Bomb as error:
        raise Refused(str(error)) from None
    except (tarfile.TarError, *BROKEN):
        raise Refused(CUT_OFF.format(repr(last) if last else "its beginning")) from None


def what_it_hides(names: list[str]) -> str:
    """Return in a sentence what was found inside of one file."""
    return HIDES.format("a file" if len(names) == 1 else f"{len(names)} files", repr(cut(names[0])))


def headers_in(data: bytes) -> Iterator[str]:
    """Yield the names of files whose headers are in the blocks of some data, where none is expected."""
    for at in range(0, len(data) - tarfile.BLOCKSIZE + 1, tarfile.BLOCKSIZE):
        if CHECKSUM.match(data, at + CHECKSUM_AT, at + CHECKSUM_AT + 8):
            with suppress(tarfile.HeaderError, ValueError):
                about = tarfile.TarInfo.frombuf(data[at : at + tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
                if about.type not in ABOUT_ANOTHER:
                    yield about.name


def as_member(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Member:
    """Return a file in a tar as a member, with what is dangerous about it."""
    plain = info.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and info.sparse is None
    danger = "" if plain else f"It is {KINDS.get(info.type, 'something odd')} and no plain file."
    name, guessed = info.name, False
    if any(0xDC80 <= ord(char) <= 0xDCFF for char in name):
        name, guessed = name.encode("utf-8", "surrogateescape").decode("cp437"), True  # as a zip's is read
    name = name if guessed else unicodedata.normalize("NFC", name)
    return Member(name, info.size, seconds(info.mtime), lambda: contents(archive, info), danger, guessed=guessed)


def contents(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    """Open a file in a tar."""
    file = archive.extractfile(info)
    if file is None:
        raise Refused("It is no plain file.")  # what is none is not taken, so nobody opens it
    return file


class Limited(io.RawIOBase):
    """A file that can be read up to a place, so that a small archive cannot fill the memory.

    A forged size makes others' files part of one file, or of its name; their headers, which lie in what is read in one
    go, are noted in `hidden` as long as it is `looking`. They are not taken: anybody can write a header into a file.
    """

    def __init__(self, file: IO[bytes], limit: int) -> None:
        """Read `file` up to the byte `limit`."""
        super().__init__()
        self.file, self.limit = file, limit
        self.looking, self.hidden = True, list[str]()

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that one can go to another place in it."""
        return True

    def tell(self) -> int:
        """Return the place."""
        return self.file.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; raises Bomb beyond the limit."""
        self.check(offset)
        return self.file.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; raises Bomb beyond the limit."""
        if not 0 <= size <= MOST_AT_ONCE:
            raise Bomb("It asks for far too much memory: a forged archive.")
        self.check(self.file.tell())
        data = self.file.read(size)
        if self.looking and size > tarfile.BLOCKSIZE:
            self.hidden += headers_in(data)
        return data

    def skip_to(self, place: int) -> None:
        """Read on to a place; what looks like a file on the way is noted in `hidden`."""
        self.check(place)
        while (left := place - self.tell()) > 0 and (data := self.file.read(min(left, AT_ONCE))):
            self.hidden += headers_in(data)

    def check(self, place: int) -> None:
        """Raise Bomb for a place beyond the limit."""
        if place > self.limit:
            raise Bomb("It unpacks to far more than its size allows: an archive bomb. The rest was not read.")
