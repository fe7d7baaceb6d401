"""The folder of submissions in nbgrader's layout: what lies there, and putting something newer in its place.

Beside each notebook lies `.collected.json`: what the notebook was made from, so that a second run knows what is new.
The notebook comes first, then its time, then that note. A run that is killed between them is put right by the next
one, for only a note whose digest is the notebook's is believed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from autograder.collect.times import as_nbgrader, as_utc
from autograder.storage.exchange_secret import put_secret
from autograder.storage.safe_files import MOST_BYTES, read_plain, write_new
from autograder.storage.timestamps import NAME as TIMESTAMP
from autograder.storage.timestamps import read_timestamp

NOTE = ".collected.json"
CLOSE = dt.timedelta(seconds=2)  # a zip's times are no finer


@dataclass(frozen=True)
class Version:
    """One notebook that somebody handed in, as far as one needs to know which of two is newer.

    digest     of its bytes
    handed_in  when, if that is known
    seen       when the download that held it was made or says that it was changed
    kind       the transport
    order      the platform's growing number of the file; 0 where it has none
    batch      the download
    over       the digests of others that somebody has chosen it over
    group      the ids of everybody whose work it is, where these are several
    """

    digest: str
    handed_in: dt.datetime | None
    seen: dt.datetime | None
    kind: str = ""
    order: int = 0
    batch: str = ""
    over: tuple[str, ...] = ()
    group: tuple[str, ...] = ()

    def newer_than(self, other: Version) -> bool | None:
        """Say whether this one was handed in later; None where there is no way to tell."""
        if self.order and other.order and self.kind == other.kind:
            return self.order > other.order
        later = is_later(self.handed_in, other.handed_in)
        if later is not None or self.batch == other.batch:
            return later  # the times of one download's making say nothing of what is in it
        if self.kind == other.kind:
            return is_later(self.seen, other.seen)  # a later download of the same place holds what is newer
        if is_later(self.handed_in, other.seen):
            return True
        return False if is_later(other.handed_in, self.seen) else None


def is_later(mine: dt.datetime | None, theirs: dt.datetime | None) -> bool | None:
    """Say whether one time is later than another; None where one is missing or they are too close."""
    if mine is None or theirs is None or abs(mine - theirs) < CLOSE:
        return None
    return mine > theirs


@dataclass
class Shelf:
    """The folder of submissions."""

    root: Path

    def place(self, student: str, slug: str) -> Path:
        """Return the folder of a submission."""
        return self.root / student / slug

    def there(self, student: str, slug: str) -> Version | None:
        """Return what is there already; None where there is nothing."""
        place = self.place(student, slug)
        path = place / f"{slug}.ipynb"
        if not os.path.lexists(path):
            return None
        try:
            digest = digest_of(read_plain(path, MOST_BYTES))
        except (OSError, ValueError):
            digest = ""  # somebody put something odd there
        time, note = as_utc(read_timestamp(place / TIMESTAMP)), self.noted(place)
        if note is not None and note.digest == digest:
            return replace(note, handed_in=time)
        return Version(digest, time, None)

    def data(self, student: str, slug: str) -> bytes:
        """Return the bytes of the notebook that is there; none where it cannot be read."""
        try:
            return read_plain(self.place(student, slug) / f"{slug}.ipynb", MOST_BYTES)
        except (OSError, ValueError):
            return b""

    def lacks_time(self, student: str, slug: str, version: Version) -> bool:
        """Say whether the time beside a notebook, which is there already, is to be written anew."""
        there, note = self.there(student, slug), self.noted(self.place(student, slug))
        if there is None or there.digest != version.digest:
            return False
        if note is not None and note.digest != there.digest:
            return True  # a run was killed before it wrote the time
        if version.handed_in is None:
            return False  # without --times or the worksheet the same download says nothing, and takes nothing back
        again = note is not None and note.batch == version.batch and there.handed_in != version.handed_in
        return again or there.handed_in is None

    def noted(self, place: Path) -> Version | None:
        """Return the note that was left beside a notebook; None where there is none that can be read."""
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            note = json.loads(read_plain(place / NOTE, 10_000))
            times = {name: note[name] and dt.datetime.fromisoformat(note[name]) for name in ("handed_in", "seen")}
            lists = {name: tuple(map(str, note.get(name, ()))) for name in ("over", "group")}
            return Version(**{**note, **times, **lists})
        return None

    def put(self, student: str, slug: str, data: bytes, version: Version, secret: bytes = b"") -> None:
        """Put a notebook in its place, with its time and its secret; each file is there whole or not at all."""
        place = self.place(student, slug)
        write_new(place / f"{slug}.ipynb", data)
        put_secret(place, secret)
        self.put_time(student, slug, version)

    def put_time(self, student: str, slug: str, version: Version) -> None:
        """Write when a notebook was handed in, if that is known, and the note on where it came from."""
        place = self.place(student, slug)
        if version.handed_in is None:
            (place / TIMESTAMP).unlink(missing_ok=True)
        else:
            write_new(place / TIMESTAMP, as_nbgrader(version.handed_in))
        write_new(place / NOTE, json.dumps(asdict(version), indent=1, default=dt.datetime.isoformat) + "\n")


def digest_of(data: bytes) -> str:
    """Return what tells the bytes of a notebook from those of another."""
    return hashlib.sha256(data).hexdigest()
