"""Reads times as people and programs write them, and never guesses which zone is meant.

A zone is a place of the tz database in any capitals (`europe/berlin`), UTC, or an offset (`+02:00`, `UTC+1`). Short
names are read only where a time bears one that has a single meaning, as nbgrader writes them into `timestamp.txt`
(Exchange.timezone); CST is America's, China's and Cuba's time, so nobody can tell: it is refused. When clocks go
back, an hour is shown twice, and when they go forward, one is not shown at all: such times are refused without an
offset.
https://nbgrader.readthedocs.io/en/stable/configuration/config_options.html
https://en.wikipedia.org/wiki/List_of_time_zone_abbreviations
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from dateutil.parser import parse

UTC_NAMES = {"utc", "gmt", "z", "uct", "zulu"}
OFFSET = re.compile(r"(?:UTC|GMT)? ?([+-])(\d{1,2})(?::?(\d\d))?", re.IGNORECASE)
MOST_HOURS = 14
ONE_MEANING = {  # hours from UTC
    **{"CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "WET": 0, "WEST": 1, "MSK": 3, "JST": 9, "KST": 9},
    **{"EDT": -4, "MDT": -6, "PDT": -7, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13},
}
SHORT = re.compile(r"[A-Za-z]{2,5}")
SHORT_PLACES = {"EST", "MST", "HST", "CET", "MET", "EET", "WET"}  # the tz database has them, and they are no places
TIME = re.compile(
    r"(?P<when>.*?\d(?:[ T]\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?|, \d{1,2}:\d\d(?::\d\d)?)(?: ?[AaPp]\.?[Mm]\b\.?)?)"
    r"\s*(?P<zone>\S.*)?"
)
YEAR_FIRST = re.compile(r"\d{4}\D")
ISO = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{3}|\.\d{6})?", re.ASCII)  # by far the most frequent
DEFAULTS = (dt.datetime(2000, 1, 1), dt.datetime(2004, 2, 2))  # what a time lacks is taken from these, and differs
WRITE = "write a place, such as Europe/Berlin, or an offset, such as +02:00"


class OddTime(ValueError):
    """Nobody can tell which moment is meant; the text says why, in a sentence without its full stop."""


def zone_of(name: str) -> dt.tzinfo:
    """Return the time zone of a name. Raises OddTime where there is none or where it may be one of several."""
    text = name.strip().replace("\u2212", "-")
    if text.casefold() in UTC_NAMES:
        return dt.UTC
    if found := OFFSET.fullmatch(text):
        return offset(found)
    place = places().get(text.casefold().replace(" ", "_"))
    if place and place not in SHORT_PLACES:
        return ZoneInfo(place)
    if SHORT.fullmatch(text):
        raise OddTime(f"{text} is a short name, which several time zones may have; {WRITE}")
    raise OddTime(f"there is no time zone {text[:60]!r}; {WRITE}")


def offset(found: re.Match[str]) -> dt.tzinfo:
    """Return the zone of an offset. Raises OddTime for one that no clock on earth has."""
    hours, minutes = int(found[2]), int(found[3] or 0)
    if hours > MOST_HOURS or minutes > 59:
        raise OddTime(f"no time zone is {found[0]} from UTC; {WRITE}")
    away = dt.timedelta(hours=hours, minutes=minutes)
    return dt.timezone(-away if found[1] == "-" else away)


@lru_cache
def places() -> dict[str, str]:
    """Return the names of the tz database by the same in small letters."""
    return {name.casefold(): name for name in available_timezones()}


def in_utc(local: dt.datetime, zone: dt.tzinfo | None = None) -> dt.datetime:
    """Return in UTC what the clocks of a zone show; None is this machine's. Raises OddTime for what they never show,
    and for what they show twice."""
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    if first == second:
        return first
    if first.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise OddTime(f"{shown(local)} is skipped there, for clocks go forward; write another time")
    offsets = " or ".join(f"{one.astimezone(zone):%z}"[:5] for one in (first, second))
    raise OddTime(f"{shown(local)} comes twice there, for clocks go back; write which, by its offset: {offsets}")


def shown(local: dt.datetime) -> str:
    """Return a time of the day with its date."""
    return f"{local:%Y-%m-%d %H:%M}"


def on_the_calendar(when: str) -> dt.datetime:
    """Return a date with a time of the day. Raises OddTime where the day is missing or may be two days."""
    if ISO.fullmatch(when):
        return dt.datetime.fromisoformat(when)
    local, other = (parse(when, default=default, ignoretz=True) for default in DEFAULTS)
    if local != other:
        raise OddTime(f"{when[:60]!r} lacks the day, the month or the year")
    if not YEAR_FIRST.match(when) and parse(when, default=DEFAULTS[0], dayfirst=True, ignoretz=True) != local:
        raise OddTime(f"{when[:60]!r} may be two days; write {local:%Y-%m-%d} or {local:%Y-%d-%m}")
    return local


def read_time(text: str, zone: dt.tzinfo | None = None) -> dt.datetime:
    """Return the moment of a time that somebody wrote, in UTC. Raises OddTime where nobody can tell which it is.

    zone  where the clock hangs of which the time is, if it does not say so itself; None: here
    """
    found = TIME.fullmatch(text.strip())
    when, named = (found["when"], found["zone"]) if found else (text.strip(), None)
    try:
        local = on_the_calendar(when)
        if not named:
            return in_utc(local, zone)
        hours = ONE_MEANING.get(named)
        return in_utc(local, zone_of(named) if hours is None else dt.timezone(dt.timedelta(hours=hours)))
    except OddTime:
        raise
    except (ValueError, OverflowError, OSError, TypeError):
        raise OddTime(f"{text[:60]!r} is no date and time") from None
