"""Opens what was downloaded, a folder, a zip, a tar or a single notebook, and lists the files in it.

Nothing is unpacked to disk. Members are read one by one, with limits; names are only looked at, never followed.
"""

from __future__ import annotations

import datetime as dt
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from autograder.collect import tars, zips
from autograder.collect.members import BROKEN, Member, Refused
from autograder.collect.screening import screened
from autograder.collect.times import seconds
from autograder.storage.layout import NOTEBOOK
from autograder.storage.left_out import LEFT_BEHIND
from autograder.storage.safe_files import QUIETLY, is_plain_file

MOST_MEMBERS = 100_000
A_LINK = "It is a link; links are not followed."


@dataclass
class Parcel:
    """One download: what it is called, when it was made, and the files in it.

    batch    tells this download from another of the same name
    trouble  what keeps (the rest of) it from being read, in a sentence
    """

    name: str
    path: Path
    members: list[Member] = field(default_factory=list)
    trouble: str = ""
    kind: str = ""

    @cached_property
    def made(self) -> dt.datetime | None:
        """Return when the download was made."""
        return seconds(self.path.stat().st_mtime)

    @cached_property
    def batch(self) -> str:
        """Return what tells this download from another of the same name."""
        about = self.path.stat()
        return f"{self.name} {about.st_size} {about.st_mtime_ns}"


def open_parcel(path: Path, stack: ExitStack, zone: dt.tzinfo | None = None) -> Parcel:
    """Return what is in a download; one that cannot be read at all says so in `trouble`.

    stack  closes the files when all is done
    zone   where the clock hangs whose times a zip has; None: here
    """
    parcel = Parcel(path.resolve().name, path)
    try:
        if not path.is_dir() and not path.is_file():
            raise Refused("It is no plain file.")
        reader = next((read for fits, read in READERS if fits(path)), None)
        if reader is None:
            raise Refused("It is no folder, zip, tar or notebook.")
        for member in reader(path, stack, zone):
            if member.is_ignored and not member.danger:
                continue
            if len(parcel.members) == MOST_MEMBERS:
                raise Refused(f"It holds more than {MOST_MEMBERS:,} files; the rest was not looked at.")
            parcel.members.append(member)
    except Refused as error:
        parcel.trouble = str(error)
    except PermissionError:
        parcel.trouble = "It may not be read; change its permissions."
    except BROKEN:
        parcel.trouble = "It is broken or cut off; download it again."
    parcel.members = screened(parcel.members)
    return parcel


def read_folder(path: Path, *_: object) -> Iterator[Member]:
    """List the files below a folder; links are told and not followed."""
    for inside in sorted(path.iterdir()):
        yield from below(inside, path)


def below(path: Path, top: Path) -> Iterator[Member]:
    """List a file, or the files of a folder; what programs leave there, as `.git` and `.venv`, is not gone into."""
    mode = path.lstat().st_mode
    if stat.S_ISDIR(mode):
        if LEFT_BEHIND.match(path.name):
            return
        try:
            inside = sorted(path.iterdir())
        except OSError:
            yield on_disk(path, top, "It is a folder that cannot be read.")
            return
        for one in inside:
            yield from below(one, top)
    elif stat.S_ISLNK(mode):
        yield on_disk(path, top, A_LINK)
    else:
        yield on_disk(path, top, "" if is_plain_file(path) else "It is no plain file, or may not be read.")


def on_disk(path: Path, top: Path, danger: str = "") -> Member:
    """Return a file on disk as a member."""
    about = path.lstat()
    name = path.relative_to(top).as_posix() if path != top else path.name
    return Member(name, about.st_size, seconds(about.st_mtime), lambda: opened(path), danger)


def opened(path: Path) -> BinaryIO:
    """Open a plain file; a link in its place is not followed."""
    return os.fdopen(os.open(path, QUIETLY), "rb")


def read_single(path: Path, *_: object) -> Iterator[Member]:
    """List a single notebook."""
    yield on_disk(path, path)


Reader = Callable[[Path, ExitStack, dt.tzinfo | None], Iterator[Member]]
READERS: list[tuple[Callable[[Path], bool], Reader]] = [
    (Path.is_dir, read_folder),
    (lambda path: bool(NOTEBOOK.fullmatch(path.name)), read_single),
    (tars.is_tar, tars.read_tar),
    (zips.is_zip, zips.read_zip),
]
