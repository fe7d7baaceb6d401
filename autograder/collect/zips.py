"""Reads zips member by member: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT.

Names are in UTF-8 where a flag says so, else in code page 437 by the standard (appendix D), though many programs
write UTF-8 or the code page of their Windows there. Windows' own .NET has written `\\` between folders; no name holds
one there.
https://learn.microsoft.com/dotnet/framework/migration-guide/mitigation-ziparchiveentry-fullname-path-separator
"""

from __future__ import annotations

import datetime as dt
import io
import stat
import struct
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import IO, BinaryIO

from autograder.collect.members import BROKEN, Member, Refused
from autograder.collect.times import is_doubtful, zip_time
from autograder.storage.safe_files import MOST_BYTES, kind_of_file

ENCRYPTED, UTF8 = 0x1, 0x800  # flags
READ = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # those that Python unpacks with a limit on what comes out
ENTRY, END = b"PK\x01\x02", b"PK\x05\x06"
END_SIZE, MOST_COMMENT = 22, 65_535
MOST_TIMES, SPARE = 200, 256 << 20  # what all notebooks may unpack to: so many times the zip's size, and so much more
A_BOMB = "It unpacks to far more than its size, as a bomb does, and the archive holds too much of that."
MOST_ENTRIES, MOST_INNER, MOST_INNER_BYTES = 100_000, 1_000, 200 << 20
FROM_WINDOWS = {0, 10, 14}  # FAT, NTFS, VFAT: what made a zip
BROKEN_INSIDE = "The zip that was handed in is broken or cut off."


def is_zip(path: Path) -> bool:
    """Say whether a file is a zip: by its ending, or by what it holds."""
    return path.name.lower().endswith(".zip") or zipfile.is_zipfile(path)


def read_zip(path: Path, stack: ExitStack, zone: dt.tzinfo | None = None) -> Iterator[Member]:
    """List the files in a zip, whose local times are those of a zone; None is this machine's."""
    if path.stat().st_size == 0:
        raise Refused("It is empty; download it again.")
    with path.open("rb") as file:
        if count_entries(file) > MOST_ENTRIES:
            raise Refused(f"It holds more than {MOST_ENTRIES:,} files; a download of a class does not.")
    archive = stack.enter_context(zipfile.ZipFile(path))
    files = [info for info in archive.infolist() if not is_folder(info)]
    too_much = sum(info.file_size for info in files if is_read(info)) > path.stat().st_size * MOST_TIMES + SPARE
    for info in files:
        member = as_member(archive, info, zone)
        if member.is_ignored:
            continue
        if too_much and info.file_size > max(info.compress_size, 1) * MOST_TIMES:
            member = replace(member, danger=A_BOMB, inert=False)
        yield member


def is_folder(info: zipfile.ZipInfo) -> bool:
    """Say whether a member of a zip is a folder."""
    return info.is_dir() or (info.create_system in FROM_WINDOWS and info.orig_filename.endswith("\\"))


def is_read(info: zipfile.ZipInfo) -> bool:
    """Say whether a file in a zip would be read."""
    name = Member(info.filename, info.file_size, None, io.BytesIO)
    return info.file_size <= MOST_BYTES and name.may_be_notebook


def as_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, zone: dt.tzinfo | None = None) -> Member:
    """Return a file in a zip as a member, with what is dangerous about it."""
    name, guessed = true_name(info)
    time, doubted = zip_time(info, zone), is_doubtful(info, zone)
    return Member(
        name, info.file_size, time, lambda: archive.open(info), dangerous(info), guessed=guessed, doubted=doubted
    )


def true_name(info: zipfile.ZipInfo) -> tuple[str, bool]:
    """Return the name of a member, and whether its letters are guessed.

    Python reads a name without the flag for UTF-8 as code page 437, though many programs write UTF-8 there all
    the same. What is none may be in any code page: nobody can tell from the bytes.
    """
    name, guessed = info.orig_filename, False
    if info.create_system in FROM_WINDOWS:
        name = name.replace("\\", "/")
    if not info.flag_bits & UTF8 and not name.isascii():
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            guessed = True
    return unicodedata.normalize("NFC", name) if not guessed else name, guessed


def dangerous(info: zipfile.ZipInfo) -> str:
    """Return in a sentence what is dangerous about a member besides its name."""
    mode = info.external_attr >> 16
    if info.flag_bits & ENCRYPTED:
        return "It is encrypted."
    if stat.S_IFMT(mode) and not stat.S_ISREG(mode):
        return f"It is {kind_of_file(mode)} and no file."
    if info.compress_type not in READ:
        return "It is packed in a way that is not read here; make the archive anew, as a plain zip."
    return ""


def count_entries(file: BinaryIO) -> int:
    """Return how many files a zip lists, counted before anything is made of the list."""
    size = file.seek(0, io.SEEK_END)
    start = max(0, size - MOST_COMMENT - END_SIZE)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(END)
    if at < 0 or len(tail) < at + END_SIZE:
        return 0  # no zip: told when it is opened
    (length,) = struct.unpack_from("<I", tail, at + 12)
    file.seek(max(0, start + at - length) if length < 0xFFFFFFFF else 0)
    return count(file, ENTRY)


def count(file: BinaryIO, mark: bytes) -> int:
    """Return how often a mark occurs in the rest of a file."""
    found, rest = 0, b""
    while block := file.read(1 << 20):
        found += (rest + block).count(mark)
        rest = block[1 - len(mark) :]
    return found


def inside(outer: Member, most: int, most_files: int | None = None) -> list[Member]:
    """Return the files in a zip that was handed in; its times are the learner's, so the outer one's is kept.

    Raises Refused where it cannot be read or holds too much. A zip in such a zip is not looked into.
    """
    data, most_files = outer.read(most), most_files or MOST_INNER
    if count_entries(io.BytesIO(data)) > most_files:
        raise Refused(f"The zip that was handed in holds more than {most_files:,} files.")
    members = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                member = as_member(archive, info)
                if not is_folder(info) and not member.is_ignored:
                    again = lambda info=info: reopened(outer, most, info)  # noqa: E731
                    path = member.path.replace("\\", "/")  # whoever made it, in there a name decides nothing
                    members.append(replace(member, path=path, time=outer.time, doubted=outer.doubted, opened=again))
    except BROKEN:
        raise Refused(BROKEN_INSIDE) from None
    if sum(member.size for member in members if member.may_be_notebook) > MOST_INNER_BYTES:
        raise Refused(f"The zip that was handed in holds more than {MOST_INNER_BYTES >> 20} MB of notebooks.")
    return members


def reopened(outer: Member, most: int, info: zipfile.ZipInfo) -> IO[bytes]:
    """Open a file in a zip that was handed in, which is not kept in memory meanwhile."""
    return zipfile.ZipFile(io.BytesIO(outer.read(most))).open(info)
