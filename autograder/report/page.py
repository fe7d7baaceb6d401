"""The page: all texts go through Jinja's escaping, and the page's own policy forbids it to run or load anything."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from autograder.course.rubric import Rubric
from autograder.grade.feedback.sanitize import markdown_with_formulas
from autograder.report import plots
from autograder.report.figures import BINS, ONLY_IF_SEEN, STATUSES, CheckFigures, Mistake, Spread
from autograder.report.pairs import LEAST_PEOPLE, SIMILAR, Pair
from autograder.report.submissions import Class
from autograder.storage.safe_text import plain

TEMPLATES = Path(__file__).parent / "templates"
MOST_PAIRS = 50
MOST_SHOWN = 6000  # characters of one text
BIN_NAMES = [f"{100 * n // BINS} to {100 * (n + 1) // BINS} %" for n in range(BINS)]
CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Part:
    """All that the page says of one assignment."""

    class_: Class
    spread: Spread | None
    checks: tuple[CheckFigures, ...]
    mistakes: tuple[Mistake, ...]
    pairs: tuple[Pair, ...]
    rubrics: Mapping[str, Rubric] = field(default_factory=dict)

    @property
    def late(self) -> list[tuple[str, float]]:
        """Return who was late, and by how many seconds."""
        return [(one.student, one.late) for one in self.class_.submissions if one.late > 0]

    @property
    def unreadable(self) -> list[tuple[str, str]]:
        """Return whose file could not be read, and why."""
        return [(one.student, one.unreadable) for one in self.class_.submissions if one.unreadable]

    @property
    def missing(self) -> list[str | tuple[str, str]]:
        """Return who has handed in nothing, with the name where it is known."""
        return [(one, name) if name else one for one, name in self.class_.missing.items()]

    @property
    def statuses(self) -> dict[str, str]:
        """Return the columns of the table of checks; the last ones only where they are needed."""
        seen = {status for check in self.checks for status, count in check.counts.items() if count}
        return {status: word for status, word in STATUSES.items() if status not in ONLY_IF_SEEN or status in seen}

    @property
    def waiting(self) -> int:
        """Return how many submissions wait for a person."""
        return sum(one.needs_manual_grade for one in self.class_.submissions)

    @property
    def account(self) -> dict[str, int]:
        """Return how many of the class are where; together they are everybody."""
        graded = self.class_.submissions
        waiting = sum(one.needs_manual_grade and not one.unreadable for one in graded)
        unreadable = len(self.unreadable)
        return {
            "graded": len(graded) - waiting - unreadable,
            "wait for a person": waiting,
            "not readable": unreadable,
            "without a verdict": len(self.class_.failed),
            "missing": len(self.class_.missing),
        }

    @property
    def max_score(self) -> float:
        """Return the most points that one can have."""
        return max((one.max_score for one in self.class_.submissions), default=0.0)


def page(course: str, parts: list[Part], now: datetime.datetime, anonymous: bool = False) -> str:
    """Return the page; `anonymous` leaves out who did what, and all code."""
    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        percent=percent, visible=visible, short=start_of_code, duration=duration, sentence=sentence, anchor=anchor
    )
    environment.filters.update(prose=prose, question=question)
    style = Markup((TEMPLATES / "report.css").read_text(encoding="utf-8"))
    return environment.get_template("report.html.j2").render(
        course=course,
        parts=parts,
        when=f"{now.day} {now:%B %Y, %H:%M}",
        anonymous=anonymous,
        style=style,
        bins=BIN_NAMES,
        distribution=distribution_drawing,
        shares=shares_drawing,
        most_pairs=MOST_PAIRS,
        least_people=LEAST_PEOPLE,
        similar=SIMILAR,
    )


# ---------------------------------------------------------------- drawings
def distribution_drawing(found: Spread) -> Markup:
    """Return the drawing of the scores."""
    steps = [f"{count} from {step}" for step, count in zip(BIN_NAMES, found.counts, strict=True) if count]
    alt = f"How many submissions have which share of the points: {', '.join(steps)}. Mean {percent(found.mean)}."
    return Markup(plots.distribution(found.counts, alt))


def shares_drawing(checks: tuple[CheckFigures, ...]) -> Markup:
    """Return the drawing of the points per check."""
    rows = [(visible(one.title), one.share) for one in checks if one.share is not None]
    alt = f"Mean share of the points, hardest check first: {', '.join(f'{title} {percent(s)}' for title, s in rows)}."
    return Markup(plots.shares(rows, alt)) if rows else Markup()


# ---------------------------------------------------------------- texts
def percent(share: float | None) -> str:
    """Return a share in percent."""
    return "–" if share is None else f"{100 * share:.0f} %"


def visible(text: object) -> str:
    """Return text in which every sign can be seen."""
    return plain(str(text))


def start_of_code(code: str) -> str:
    """Return code as it is shown: the beginning of what is very long."""
    code = code.strip("\n")
    more = f"\n… ({len(code) - MOST_SHOWN} more characters)" if len(code) > MOST_SHOWN else ""
    return visible(code[:MOST_SHOWN] + more)


def duration(seconds: float) -> str:
    """Return how long something is, in its two largest units."""
    minutes = max(1, round(seconds / 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    units = [(days, "day"), (hours, "hour"), (minutes, "minute")]
    return " ".join([f"{n} {unit}{'s' * (n > 1)}" for n, unit in units if n][:2])


def sentence(text: str) -> Markup:
    """Return a sentence of an answer key as HTML: what stands between backquotes is code, all else is escaped."""
    parts = CODE.split(visible(text))
    return Markup("").join(Markup("<code>{}</code>").format(part) if n % 2 else part for n, part in enumerate(parts))


def prose(text: str) -> Markup:
    """Return Markdown with formulas, such as a line of a rubric, as safe HTML."""
    return Markup(markdown_with_formulas(text))


def question(grade_id: str) -> str:
    """Return what a written question is called."""
    return visible(grade_id.removeprefix("written-").replace("_", " ").capitalize())


def anchor(slug: str) -> str:
    """Return the name of an assignment's part of the page."""
    return f"part-{re.sub('[^A-Za-z0-9_-]', '-', slug)}"
