"""Helpers that fail on some students' submissions, as a test says: run in place of `autograder.grade.helper.server`.

FAILS_FOR is JSON: for a student "marking" or "showing" and a word of WAYS, or "no page"; for "all", runs are "delayed",
or reading is "without limits". Each failure takes a file of the folder TICKETS away, and without one all is as usual.
"""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from autograder.grade import pipeline
from autograder.grade.feedback import clean_html
from autograder.grade.feedback.exporter import FeedbackExporter
from autograder.grade.helper import marking, server
from autograder.grade.intake import python_source
from autograder.grade.run.execute import Record

FAILS_FOR = json.loads(os.environ["FAILS_FOR"])
TICKETS = Path(os.environ["TICKETS"])


def ticket() -> bool:
    """Take a ticket, if there is one left."""
    for path in TICKETS.iterdir():
        try:
            path.unlink()
        except FileNotFoundError:
            continue
        return True
    return False


def dies() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def loops() -> None:
    while True:
        pass


def eats() -> None:
    block, kept = b"x" * (1 << 20), []
    while True:
        kept.append(bytearray(block))


def mistaken() -> None:
    raise RuntimeError("a mistake of ours")


WAYS = {"dies": dies, "loops": loops, "eats": eats, "mistaken": mistaken}


def failing(make, when):
    """Return a function that does what is asked for, or fails; a request without the student's text is met."""

    def make_or_fail(request, runs):
        moment, _, way = FAILS_FOR.get(request.head["student"], "").partition(" ")
        if moment == when and "why" not in request.head and ticket():
            WAYS[way]()
        return make(request, runs)

    return make_or_fail


def delayed(plan, pool, limits, times):
    """Carry out a plan, and take it for stopped on a busy machine while there are tickets."""
    records = carry_out(plan, pool, limits, times)
    if FAILS_FOR.get("all") == "delayed" and ticket():
        records[max(records)] = Record(end="timeout", why="stopped after 1 s on the clock", delayed=True)
        for record in records.values():
            record.results = [[], []]
    return records


def no_page(exporter, notebook, resources, **more):
    """Make a page, or fail as parsers do on odd texts."""
    if FAILS_FOR.get(resources["nbgrader"]["student"]) == "no page" and ticket():
        raise RecursionError
    return exported(exporter, notebook, resources, **more)


if FAILS_FOR.get("all") == "without limits":
    for module, names in {python_source: ("TEXT", "LINES", "OF_ALL"), clean_html: ("TEXT", "TAGS", "REOPENED")}.items():
        for name in names:
            setattr(module, f"MOST_{name}", 1 << 40)
carry_out, pipeline.carry_out = pipeline.carry_out, delayed
exported, FeedbackExporter.from_notebook_node = FeedbackExporter.from_notebook_node, no_page
marking.marked, marking.shown = failing(marking.marked, "marking"), failing(marking.shown, "showing")
server.main()
