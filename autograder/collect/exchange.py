"""Reads nbgrader's exchange: `inbound/USER+ASSIGNMENT+TIME+HASH/NAME`, a folder for each hand-in.

The hash can be switched off, and a user's name may hold a `+`. The time is the one that nbgrader's own `collect` goes
by, and so is ours; it is in UTC unless the exchange is set to another zone, which the name then says. Where a program
cannot write `:` into a name, another sign stands there.
https://github.com/jupyter/nbgrader/blob/main/nbgrader/exchange/default/submit.py
https://github.com/jupyter/nbgrader/blob/main/nbgrader/exchange/default/collect.py
"""

from __future__ import annotations

import datetime as dt
import re

from autograder.collect.claim import EXCHANGE, Claim
from autograder.collect.times import sane
from autograder.course.clocks import OddTime, read_time

INBOUND = re.compile(
    r"(?P<user>.+)\+(?P<slug>[^+]+)"
    r"\+(?P<day>\d{4}-\d\d-\d\d) (?P<clock>\d\d[:_.\-]\d\d[:_.\-]\d\d(?:\.\d+)?)"
    r" ?(?P<zone>[A-Za-z]+(?:/[\w/]+)?|[+-]\d{4})?"
    r"(?:\+(?P<hash>[\w=\-]+))?"
)


def exchange_claim(parts: tuple[str, ...], known: list[str]) -> Claim | None:
    """Read the folder of a hand-in."""
    found = INBOUND.fullmatch(parts[0]) if len(parts) > 1 else None
    if not found:
        return None
    clock = re.sub(r"[_.\-]", ":", found["clock"][:8]) + found["clock"][8:]
    try:
        time = read_time(f"{found['day']} {clock} {found['zone'] or 'UTC'}", dt.UTC)
    except OddTime:
        return None
    slug = found["slug"] if found["slug"] in known else ""
    order = int(time.timestamp() * 1_000_000)
    return Claim(EXCHANGE, found["user"], "", parts[0], "/".join(parts[1:]), slug, order=order, handed_in=sane(time))
