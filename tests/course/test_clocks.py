"""A time is read with the zone that it names, or refused with the reason; which zone is meant is never guessed."""

from __future__ import annotations

import datetime as dt
import time

import pytest

from autograder.course.clocks import OddTime, in_utc, read_time, zone_of

READ = {
    "2026-10-25 02:30:00 CEST": "2026-10-25 00:30:00",
    "2026-10-25 02:30:00 CET": "2026-10-25 01:30:00",
    "2026-01-31 10:00:00 UTC": "2026-01-31 10:00:00",
    "2026-01-31 10:00": "2026-01-31 10:00:00",
    "2026-01-31T10:00:00+09:00": "2026-01-31 01:00:00",
    "2026-01-31T10:00:00.25Z": "2026-01-31 10:00:00.250000",
    "2026-01-31 10:00 UTC+1": "2026-01-31 09:00:00",
    "2026-01-31 10:00 GMT-05:30": "2026-01-31 15:30:00",
    "2026-07-01 12:00 europe/berlin": "2026-07-01 10:00:00",
    "Friday, 20 November 2026, 10:00 PM": "2026-11-20 22:00:00",
    "2018-07-01 14:22:32.365935000 -07:00": "2018-07-01 21:22:32.365935",
    "20.11.2026 10:00": "2026-11-20 10:00:00",
}
REFUSED = {
    "2026-01-31 10:00:00 CST": "CST is a short name, which several time zones may have",
    "2026-01-31 10:00:00 cest": "short name",
    "2026-01-31 10:00:00 Europe/Atlantis": "no time zone 'Europe/Atlantis'",
    "2026-01-31 10:00:00 /etc/shadow": "no time zone",
    "2026-01-31 10:00:00 +1500": "no time zone is +1500 from UTC",
    "2026-10-25 02:30 Europe/Berlin": "comes twice there, for clocks go back; write which, by its offset: +0200 or",
    "2026-03-29 02:30 Europe/Berlin": "is skipped there",
    "05/06/2026 10:00": "may be two days; write 2026-05-06 or 2026-06-05",
    "10:00 UTC": "lacks the day",
    "2026-02-30 10:00:00": "is no date and time",
    "now": "is no date and time",
}


@pytest.mark.parametrize("text", READ)
def test_a_time_is_read_with_its_zone(text):
    assert str(read_time(text, dt.UTC)) == READ[text] + "+00:00"


@pytest.mark.parametrize("text", REFUSED)
def test_a_time_that_may_be_several_is_refused_with_the_reason(text):
    with pytest.raises(OddTime) as told:
        read_time(text, dt.UTC)
    assert REFUSED[text] in str(told.value)


@pytest.mark.parametrize("name", ["Europe/Berlin", "europe/berlin", " EUROPE/BERLIN "])
def test_a_place_is_known_in_any_capitals(name):
    assert str(zone_of(name)) == "Europe/Berlin"


@pytest.mark.parametrize(
    ("name", "hours"), [("UTC", 0), ("gmt", 0), ("UTC+1", 1), ("utc -3", -3), ("+05:30", 5.5), ("\u22122", -2)]
)
def test_an_offset_counts_as_people_write_it(name, hours):
    """`Etc/GMT+1` of the tz database, where the sign is the other way round, is another name."""
    assert zone_of(name).utcoffset(None) == dt.timedelta(hours=hours)


@pytest.mark.parametrize("name", ["EST", "CET", "CST", "", "x", "../UTC"])
def test_what_is_no_zone_is_refused(name):
    with pytest.raises(OddTime, match="such as Europe/Berlin"):
        zone_of(name)


def test_times_of_this_machine_are_told_as_well(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        assert str(in_utc(dt.datetime(2026, 7, 1, 12))) == "2026-07-01 10:00:00+00:00"
        for local, sentence in ((dt.datetime(2026, 10, 25, 2, 30), "twice"), (dt.datetime(2026, 3, 29, 2, 30), "skip")):
            with pytest.raises(OddTime, match=sentence):
                in_utc(local)
    finally:
        monkeypatch.undo()
        time.tzset()
