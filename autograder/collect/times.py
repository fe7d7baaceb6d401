"""When a submission was handed in, as far as a download tells.

A zip holds local times without a zone; they are read as times of this machine, or of the zone that is given, unless
the archive keeps the time in UTC as well, as Info-ZIP and 7-Zip do: https://libzip.org/specifications/extrafld.txt
A tar holds seconds in UTC. In the night in which clocks go back an hour is shown twice: the earlier is taken, and told.

Canvas and today's Moodle write the moment of the *download* beside every file, not the moment at which it was
handed in. Taken for the latter it would make the whole class late. So times that lie close together, or climb in the
archive's own order, are not believed: https://github.com/instructure/canvas-lms/issues/2219 and, in Moodle,
files/classes/local/archive_writer/zip_writer.php, which gives ZipStream no time. Moodle's grading worksheet has the
true times (see roster.py).
"""

from __future__ import annotations

import datetime as dt
import struct
from contextlib import suppress
from zipfile import ZipInfo

from autograder.course.clocks import OddTime, in_utc

EARLIEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
ONE_GO = dt.timedelta(minutes=10)  # nobody's class hands in everything within this time …
LONG_GO = dt.timedelta(hours=3)  # … nor in the order of the archive within this
IN_ORDER = 6  # so many that their order is no accident
EXTENDED, NTFS = 0x5455, 0x000A
NTFS_EPOCH = dt.datetime(1601, 1, 1, tzinfo=dt.UTC)


def zip_time(info: ZipInfo, zone: dt.tzinfo | None = None) -> dt.datetime | None:
    """Return the time of a member of a zip in UTC; None where there is none that makes sense."""
    with suppress(ValueError, OverflowError, OSError, struct.error):
        exact = extra_time(info.extra)
        return sane(exact or earlier(dt.datetime(*info.date_time), zone))
    return None


def is_doubtful(info: ZipInfo, zone: dt.tzinfo | None = None) -> bool:
    """Say whether the clocks of a zone show the time of a member of a zip twice or never."""
    with suppress(ValueError, OverflowError, OSError, struct.error):
        if extra_time(info.extra) is None:
            try:
                in_utc(dt.datetime(*info.date_time), zone)
            except OddTime:
                return True
    return False


def earlier(local: dt.datetime, zone: dt.tzinfo | None) -> dt.datetime:
    """Return in UTC what the clocks of a zone show; where they show it twice, the first of them."""
    return min(local.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1))


def extra_time(extra: bytes) -> dt.datetime | None:
    """Return the time in UTC that some programs keep in a zip's extra field."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == EXTENDED and len(field) >= 5 and field[0] & 1:
            return seconds(struct.unpack_from("<i", field, 1)[0])
        if kind == NTFS and len(field) >= 16 and struct.unpack_from("<H", field, 4)[0] == 1:
            return NTFS_EPOCH + dt.timedelta(microseconds=struct.unpack_from("<Q", field, 8)[0] // 10)
    return None


def seconds(since: float) -> dt.datetime | None:
    """Return a time given in seconds since 1970; None where it makes no sense."""
    with suppress(ValueError, OverflowError, OSError):
        return sane(dt.datetime.fromtimestamp(since, dt.UTC))
    return None


def sane(time: dt.datetime | None) -> dt.datetime | None:
    """Return a time if somebody can have handed in then: many programs write 1980 or 1970 for none."""
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    return time.replace(microsecond=0) if time is not None and EARLIEST <= time <= tomorrow else None


def written_in_one_go(times: list[dt.datetime]) -> bool:
    """Say whether times, in the order of an archive, are those of its making and tell nothing of the hand-in."""
    if len(times) < 2 or max(times) - min(times) <= ONE_GO:
        return True
    return len(times) >= IN_ORDER and times == sorted(times) and max(times) - min(times) <= LONG_GO


def as_utc(time: dt.datetime | None) -> dt.datetime | None:
    """Return nbgrader's time, which is in UTC without saying so, as one that says so."""
    return time.replace(tzinfo=dt.UTC) if time is not None else None


def as_nbgrader(time: dt.datetime) -> str:
    """Return a time as nbgrader writes it into `timestamp.txt`."""
    return time.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
