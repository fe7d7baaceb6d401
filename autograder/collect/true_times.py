"""Takes the times of Moodle's grading worksheet and those of a file of times, which are about one assignment."""

from __future__ import annotations

import datetime as dt

from autograder.collect.claim import MOODLE
from autograder.collect.handed_in import Times
from autograder.collect.person import Person, Roster
from autograder.collect.scan import Notebook
from autograder.collect.times import sane
from autograder.course.clocks import OddTime, in_utc

SEVERAL = "The times of --times were not used, for these are several assignments; collect each by itself."


def take_true_times(
    notebooks: list[Notebook], roster: Roster | None, times: Times, zone: dt.tzinfo | None
) -> list[str]:
    """Note on the notebooks when they were handed in, where that is known better; return what is to be told.

    zone  that of times that name none; None: this machine's
    """
    told = take_from_worksheet(notebooks, roster, zone) if roster else []
    known = {id(one): time for one in notebooks if (time := times.of(one, roster))}
    if len({one.slug for one in notebooks if id(one) in known}) > 1:
        return [*told, SEVERAL]
    for one in notebooks:
        one.handed_in = known.get(id(one), one.handed_in)
    return told


def take_from_worksheet(notebooks: list[Notebook], roster: Roster, zone: dt.tzinfo | None) -> list[str]:
    """Note the times of the worksheet on Moodle's notebooks; return why some are not read."""
    people, told = {person.identity: person for person in roster.people}, []
    mine = [one for one in notebooks if one.claim.kind == MOODLE and one.student in people]
    if len({one.slug for one in mine}) == 1:
        for one in mine:
            try:
                one.handed_in = in_worksheet(people[one.student], zone) or one.handed_in
            except OddTime as odd:
                told.append(f"The worksheet's time of {one.student} was not read: {odd}.")
    return told


def in_worksheet(person: Person, zone: dt.tzinfo | None) -> dt.datetime | None:
    """Return when the worksheet says that somebody has handed in. Raises OddTime where that is not to be read."""
    time = person.handed_in
    try:
        return sane(in_utc(time, zone) if time is not None and time.tzinfo is None else time)
    except OddTime:
        raise
    except (ValueError, OverflowError, OSError):  # in no year that a computer counts
        return None
