"""What a helper does with a request: marks a submission, or makes a page. This is where hostile text is read."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

import nbformat

from autograder.course.assignment import Trusted, load_trusted
from autograder.grade.feedback.page import PageMaker, plain_page
from autograder.grade.helper.messages import MOST_BYTES, Message, digest
from autograder.grade.pipeline import Grader, attempt, rebuilt, set_aside
from autograder.grade.run.execute import Runs
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times
from autograder.gradebook.scores import OnPage, scores_of

KEPT = 20  # assignments whose trusted side a helper remembers


class TooLarge(Exception):
    """What was made is larger than what may come back; the text says so in a sentence."""


def answer(request: Message, runs: Runs) -> Message:
    """Return the answer to a request."""
    return marked(request, runs) if request.head["ask"] == "mark" else shown(request, runs)


def marked(request: Message, runs: Runs) -> Message:
    """Mark a submission: read it, put it into the release, run it, judge it."""
    about = request.head
    trusted = trusted_side(about["slug"], request.parts)
    if "why" in about:
        made = set_aside(trusted, about.get("digest") or digest(b""), about["why"], about["again"])
    else:
        limits, times = Limits(**about["limits"]), Times(**about["times"])
        grader = Grader(runs, bytes.fromhex(about["secret"]), limits, times, about["pictures"])
        notebook = rebuilt(trusted, request.parts.get("data"), about["note"], draws=True)
        made = attempt(notebook, trusted, about["student"], grader)
    notebook = nbformat.v4.writes(made.notebook).encode("utf-8", "replace")  # made here: no schema need be asked
    if len(notebook) > MOST_BYTES:
        raise TooLarge(f"With what it printed this submission is larger than {MOST_BYTES >> 20} MB.")
    told = made.notebook.metadata["autograder"]
    says = {
        "points": made.points,
        "delayed": made.delayed,
        "lost": told.get("lost", ""),
        "aside": told.get("aside", ""),
    }
    return Message(says | {"scores": asdict(scores_of(made.notebook))}, {"notebook": notebook})


def shown(request: Message, runs: Runs) -> Message:
    """Make the page of a marked notebook; where that was tried in vain, one without the learner's text."""
    about = request.head
    notebook, names = nbformat.v4.reads(request.parts["notebook"].decode()), (about["slug"], about["student"])
    if "why" in about:
        page = plain_page(notebook, *names)
    else:
        links = about["book_url"], about["mistakes_url"]
        page = page_maker().page(notebook, *names, OnPage(**about["points"]), *links)
    return Message({}, {"page": page.encode("utf-8", "replace")})


@lru_cache(maxsize=1)
def page_maker() -> PageMaker:
    """Return the maker of pages, which takes a moment to be made."""
    return PageMaker()


TRUSTED: dict[str, Trusted] = {}


def trusted_side(slug: str, parts: Mapping[str, bytes]) -> Trusted:
    """Return the trusted side of an assignment from its files, which are read where nobody else sees them."""
    files = {name.removeprefix("course/"): data for name, data in parts.items() if name.startswith("course/")}
    name = digest(json.dumps([slug, {name: digest(data) for name, data in files.items()}]).encode())
    if name not in TRUSTED:
        if len(TRUSTED) >= KEPT:
            TRUSTED.clear()
        TRUSTED[name] = read_trusted(slug, files)
    return TRUSTED[name]


def read_trusted(slug: str, files: Mapping[str, bytes]) -> Trusted:
    """Read the trusted side of an assignment from a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="course-") as folder:
        for name, data in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return load_trusted(Path(folder), slug)


def warm_up() -> None:
    """Do once, before helpers are forked, what takes each of them a moment."""
    from autograder.grade.intake.python_source import read

    read("%time x = 1")
    maker, empty = page_maker(), nbformat.v4.new_notebook(metadata={"autograder": {}})
    empty.cells = [nbformat.v4.new_code_cell("x = 1"), nbformat.v4.new_markdown_cell("A formula: $x$")]
    maker.page(empty, "", "", OnPage(0.0, 0.0, 0.0, {}, {}), "")
