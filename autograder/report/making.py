"""Makes the report: reads the gradebook, counts, compares, writes the page."""

from __future__ import annotations

import datetime
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from rich.console import Console

from autograder.course.book_links import book_url
from autograder.course.chapters import by_number
from autograder.course.config import course_config
from autograder.course.rubric import rubrics_of
from autograder.errors import UserError
from autograder.gradebook.database import db_url, reaching, shown
from autograder.gradebook.gradebook import read_gradebook, submitted_assignments
from autograder.progress import steps
from autograder.report.figures import check_figures, mistakes, spread
from autograder.report.page import Part, page
from autograder.report.pairs import pairs
from autograder.report.submissions import Class, read_class
from autograder.report.texts import known_passages
from autograder.storage.folders import results_folder
from autograder.storage.locks import writing_to
from autograder.storage.safe_files import write_new


@dataclass(frozen=True)
class Settings:
    """What is reported on, and how.

    course_root  the folder with `_config.yml`
    out          where the results are; None: `_build/grading` of the course
    db           the gradebook's address; None: the variable ATTENTION_DB, else `gradebook.db` in `out`
    assignment   the only one that is reported on; None: all
    html         the page to write; None: report.html in `out`
    anonymous    whether all names and all code are left out
    """

    course_root: Path
    out: Path | None = None
    db: str | None = None
    assignment: str | None = None
    html: Path | None = None
    anonymous: bool = False


@dataclass(frozen=True)
class Report:
    """The page that was written, and what it says of each assignment."""

    path: Path
    parts: tuple[Part, ...]


def make_report(settings: Settings, console: Console, now: datetime.datetime | None = None) -> Report:
    """Write the page and return what is on it. Raises UserError where there is nothing to report.

    console  shows how far it is
    now      the date that the page gives; None: this moment
    """
    root = settings.course_root
    out = results_folder(settings.out, root)
    url = db_url(out, settings.db)
    with closing(read_gradebook(url)) as gradebook, reaching(url):
        slugs = chosen(gradebook, settings.assignment, shown(url))
        classes = [read_with_progress(gradebook, out, slug, console) for slug in slugs]
    address = book_url(root)
    parts = [part_of(one, root, address) for one in classes]
    path = (settings.html or out / "report.html").resolve()
    text = page(title(root), parts, now or datetime.datetime.now().astimezone(), settings.anonymous)
    with writing_to(path.parent):
        write_new(path, text)
    return Report(path, tuple(parts))


def chosen(gradebook: Gradebook, wanted: str | None, where: str) -> list[str]:
    """Return the assignments to report on. Raises UserError where there is nothing to report."""
    found = submitted_assignments(gradebook)
    if not found:
        raise UserError(f"The gradebook in {where} holds no submissions yet; run `autograder grade` first.")
    slug = by_number(wanted, found) if wanted is not None else None
    if slug is not None and slug not in found:
        raise UserError(f"The gradebook in {where} has no submissions to {wanted}; it has some to: {', '.join(found)}.")
    return [slug] if slug else found


def read_with_progress(gradebook: Gradebook, out: Path, slug: str, console: Console) -> Class:
    """Return what is known of an assignment, and show how far it is."""
    with steps(console, f"reading {slug}", gradebook.find_assignment(slug).num_submissions) as step:
        return read_class(gradebook, out, slug, lambda: step(1))


def part_of(class_: Class, root: Path, address: str) -> Part:
    """Return all that the page says of one assignment."""
    return Part(
        class_,
        spread(class_.submissions),
        tuple(check_figures(class_.submissions)),
        tuple(mistakes(class_, root, address)),
        tuple(pairs(answers_by_task(class_), known_passages(own_code(root, class_.slug)), class_.groups)),
        {name: rubric for name, rubric in rubrics_of(root, class_.slug).items() if rubric.levels or rubric.comments},
    )


def answers_by_task(class_: Class) -> dict[str, dict[str, str]]:
    """Return the answers to each task, by student, in the order of the notebook."""
    tasks: dict[str, dict[str, str]] = {}
    for one in class_.submissions:
        for grade_id, text in one.answers.items():
            tasks.setdefault(grade_id.removeprefix("solution-"), {})[one.student] = text
    return tasks


def own_code(root: Path, slug: str) -> list[str]:
    """Return what the course itself holds of an assignment: release, solved notebook, answer key, page of the book."""
    names = (f"solutions/{slug}.py", f"solutions/{slug}_key.py", f"book/{slug}.md")
    notebooks = (root / "exercises" / slug / f"{slug}.ipynb", root / "solutions" / slug / f"{slug}.ipynb")
    cells = [cell for path in notebooks if path.is_file() for cell in nbformat.read(path, as_version=4).cells]
    texts = [(root / name).read_text(encoding="utf-8") for name in names if (root / name).is_file()]
    return texts + [cell.source for cell in cells if cell.cell_type == "code"]


def title(root: Path) -> str:
    """Return the title of the course."""
    return str(course_config(root).get("title") or "The course")
