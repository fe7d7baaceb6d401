"""What the command line does, as functions: for scripts, notebooks and services of your own.

    from autograder import api

    graded = api.grade("downloads/class", course="attention", timeout=10)
    print({row.student: row.score for row in graded.rows})

Every function takes paths as text or `Path`, finds the course from the working directory upwards where `course` is not
given, and returns frozen dataclasses of plain data. An assignment or a chapter is named by its slug, or by its number
alone, such as "04". None of them prints: a bar or a line that shows how far it is goes to the `console` of rich that
you give. What you can mend is raised as UserError, whose text is a sentence.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.course.chapters import find_root
from autograder.errors import UserError

if TYPE_CHECKING:
    from autograder.amend.plan import Amended
    from autograder.authoring.generate import Generated
    from autograder.collect.rows import Collected
    from autograder.export.run import Exported
    from autograder.grade.report import Graded
    from autograder.report.making import Report

__all__ = ["UserError", "amend", "build_course", "check_course", "collect", "export", "grade", "report"]
AnyPath = str | os.PathLike[str]


def grade(
    submissions: AnyPath | None = None,
    out: AnyPath | None = None,
    *,
    course: AnyPath | None = None,
    db: str | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    assignment: str | None = None,
    student: str | Iterable[str] | None = None,
    timeout: float = 30.0,
    memory: int = 2048,
    pictures: bool = False,
    force: bool = False,
    sandbox: bool = True,
    console: Console | None = None,
) -> Graded:
    """Grade submissions in nbgrader's layout, STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb, as `autograder grade` does.

    submissions  the folder that holds one folder for each student (default: `submitted` in `out`)
    out          where gradebook, feedback pages and tables go (default: `_build/grading` of the course)
    course       a folder of the course (default: the working directory)
    db           the gradebook's address, such as postgresql://USER@HOST/DATABASE
    jobs         how many are run at a time (default: one a processor)
    scheduler    the address of a Dask scheduler whose workers run them
    assignment   grade this one only
    student      grade the work of this one only, or of these
    timeout      seconds of processor time for one cell; ten times as many on the clock
    memory       megabytes for one run
    pictures     draw the notebook's own figures into the feedback
    force        grade again even what is unchanged
    sandbox      False runs submissions that you trust where no sandbox can be built

    The result has a row for each submission: points, lateness in seconds, what was found in each check. Raises
    UserError where there are no submissions, where somebody else grades into `out`, or where nothing can be run or
    written; what was graded until then is kept. A submission that cannot be graded is a row without a score.
    """
    from autograder.grade.session import grade_class  # nbgrader takes seconds to import
    from autograder.grade.settings import Settings

    settings = Settings(
        course_root=root_of(course),
        submissions=path_of(submissions),
        out=path_of(out),
        db=db,
        jobs=jobs,
        scheduler=scheduler,
        assignment=assignment,
        students=() if student is None else tuple(listed(student)),
        timeout=timeout,
        memory=memory,
        pictures=pictures,
        force=force,
        sandbox=sandbox,
    )
    return grade_class(settings, console or silent())


def collect(
    downloads: AnyPath | Iterable[AnyPath],
    out: AnyPath | None = None,
    *,
    course: AnyPath | None = None,
    assignment: str | None = None,
    roster: AnyPath | None = None,
    dry_run: bool = False,
    id_column: str = "",
    take: Iterable[str] = (),
    times: AnyPath | None = None,
    timezone: str | None = None,
    remove_unlisted: bool = False,
    console: Console | None = None,
) -> Collected:
    """Sort what a learning platform hands out into STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb, as `autograder collect` does.

    downloads   a zip, a tar, a folder or a notebook, or several of them
    out         where submissions go (default: `_build/grading/submitted` of the course)
    course      a folder of the course (default: the working directory)
    assignment  what all of it is for (default: seen from each notebook)
    roster      a CSV file or an .xlsx with the ids and names of the class
    dry_run     write nothing, and say what would happen
    id_column   the roster's column with the ids (default: that of the first roster, else seen from the names)
    take        where somebody handed in several: those that count, as "STUDENT__1" or as `Row.file` has them
    times       a file that says when work was handed in: Canvas's submissions from its API (JSON), or a CSV file
    timezone    the zone of times that name none, such as "Europe/Berlin" (default: this machine's)
    remove_unlisted  take those out of the class whom this roster does not list any more (default: they stay)

    The result has a row for each notebook and for each file that was not taken, and says whether any needs a look.
    Its `accounts` have for each assignment a sum in which everybody of the class counts once.
    Raises UserError for a download, a roster or an assignment that is not there, and where nothing can be written.
    """
    from autograder.collect.collecting import Settings, collect_all

    paths = [downloads] if isinstance(downloads, str | os.PathLike) else downloads
    files = tuple(Path(path) for path in paths)
    settings = Settings(
        course_root=root_of(course),
        files=files,
        out=path_of(out),
        assignment=assignment,
        roster=path_of(roster),
        dry=dry_run,
        id_column=id_column,
        take=tuple(take),
        times=path_of(times),
        timezone=timezone,
        remove_unlisted=remove_unlisted,
    )
    return collect_all(settings, console or silent())


def amend(
    what: str,
    assignment: str = "",
    *,
    check: str = "",
    student: str = "",
    points: float | None = None,
    to: str = "everybody",
    until: str = "",
    number: int = 0,
    reason: str = "",
    dry_run: bool = False,
    out: AnyPath | None = None,
    course: AnyPath | None = None,
    db: str | None = None,
    submissions: AnyPath | None = None,
    timeout: float = 30.0,
    memory: int = 2048,
    pictures: bool = False,
    sandbox: bool = True,
    jobs: int | None = None,
    console: Console | None = None,
) -> Amended:
    """Change grades by decision, as `autograder amend` does; nobody is asked.

    what        "drop", "points", "accept", "extend", "attempt", "regrade" or "undo"
    assignment  the assignment; "undo" knows it by itself
    check       the name of a check or of a written answer, for "drop", "points", "accept" and "regrade"
    student     the one person, for "accept", "extend" and "attempt"
    points      "points": how many the question counts; "accept": how many are given (default: all)
    to          "drop": who gets the points, "everybody" who has handed in, or "nobody"
    until       "extend", "attempt": when the work is due then, such as "2026-12-03 23:59 Europe/Berlin"
    number      "undo": which decision is taken back
    reason      why; of "drop", "points" and "accept" learners read it on their page
    dry_run     change nothing, and say what would change
    out         where the results are (default: `_build/grading` of the course)
    course      a folder of the course (default: the working directory)
    db          the gradebook's address, such as postgresql://USER@HOST/DATABASE

    For "regrade" give what the class was graded with: submissions, timeout, memory, pictures, sandbox; and jobs. The
    result says for whom what changes. Raises UserError for what cannot be meant, and where nothing has been graded.
    """
    from autograder.amend.amending import amend
    from autograder.amend.wishes import Settings

    settings = Settings(
        course_root=root_of(course),
        what=what,
        assignment=assignment,
        check=check,
        student=student,
        points=points,
        to=to,
        until=until,
        number=number,
        reason=reason,
        out=path_of(out),
        db=db,
        submissions=path_of(submissions),
        timeout=timeout,
        memory=memory,
        pictures=pictures,
        sandbox=sandbox,
        jobs=jobs,
    )
    return amend(settings, console or silent(), lambda plan: not dry_run)


def report(
    out: AnyPath | None = None,
    *,
    course: AnyPath | None = None,
    db: str | None = None,
    assignment: str | None = None,
    html: AnyPath | None = None,
    anonymous: bool = False,
    console: Console | None = None,
) -> Report:
    """Write one page on what the class understands and what it does not, as `autograder report` does.

    out         where the results are (default: `_build/grading` of the course)
    course      a folder of the course (default: the working directory)
    db          the gradebook's address, such as postgresql://USER@HOST/DATABASE
    assignment  report on this one only
    html        the page to write (default: `report.html` in `out`)
    anonymous   leave out all names and all code

    The result names the page, and holds for each assignment the numbers that it shows. Raises UserError where nothing
    has been graded, and where the page cannot be written.
    """
    from autograder.report.making import Settings, make_report

    settings = Settings(root_of(course), path_of(out), db, assignment, path_of(html), anonymous)
    return make_report(settings, console or silent())


def export(
    format: str,
    out: AnyPath | None = None,
    *,
    course: AnyPath | None = None,
    db: str | None = None,
    assignment: str | None = None,
    roster: AnyPath | None = None,
    to: AnyPath | None = None,
    column: str | None = None,
    only_finished: bool = False,
    scale: bool = False,
    console: Console | None = None,
) -> tuple[Exported, ...]:
    """Write grades in the format of a learning platform, a file for each assignment, as `autograder export` does.

    format         "canvas", "moodle", "nbgrader" or "json"
    out            where the results are (default: `_build/grading` of the course)
    course         a folder of the course (default: the working directory)
    db             the gradebook's address, such as postgresql://USER@HOST/DATABASE
    assignment     export this one only
    roster         the platform's own file, to be filled in; Canvas's is needed
    to             the file to write (default: FORMAT_ASSIGNMENT.csv or .json in `out`); "-" writes none
    column         what Canvas calls the assignment (default: what fits its name)
    only_finished  leave out those whose written answers a person has still to grade
    scale          turn points into the platform's, where it counts out of another number

    Each result holds the text of the file, and sentences about what is to be known. Raises UserError where nothing has
    been graded, for a format or a roster that does not fit, and where a file cannot be written.
    """
    from autograder.export.run import Settings, exports

    settings = Settings(
        course_root=root_of(course),
        format=format,
        out=path_of(out),
        db=db,
        assignment=assignment,
        roster=path_of(roster),
        to=path_of(to),
        column=column,
        only_finished=only_finished,
        scale=scale,
    )
    return tuple(exports(settings, console or silent()))


def build_course(
    chapters: Iterable[str] = (), *, course: AnyPath | None = None, console: Console | None = None
) -> Generated:
    """Generate notebooks and reference outputs from the hand-written sources, as `autograder build` does.

    chapters  by slug or number (default: all)
    course    a folder of the course (default: the working directory)

    The result names the files that were written or removed. Raises UserError for a chapter that is not there or lacks
    a file, and for sources that do not agree.
    """
    from autograder.authoring import generate

    return generate.build_course(root_of(course), listed(chapters), console or silent())


def check_course(
    chapters: Iterable[str] = (), *, course: AnyPath | None = None, console: Console | None = None
) -> Generated:
    """Compare the generated files with what the sources give, as `autograder check` does; nothing is written.

    The arguments and errors are those of `build_course`; the result names the files that are stale, missing or
    orphaned, and none where all is as it should be.
    """
    from autograder.authoring import generate

    return generate.check_course(root_of(course), listed(chapters), console or silent())


def root_of(course: AnyPath | None) -> Path:
    """Return the root of the course that a folder belongs to. Raises UserError where it belongs to none."""
    folder = path_of(course)
    if folder is not None and not folder.is_dir():
        raise UserError(f"There is no folder {folder}; give the folder of the course, which holds _config.yml.")
    return find_root(folder)


def path_of(given: AnyPath | None) -> Path | None:
    """Return a path that was given, as one."""
    return None if given is None else Path(given)


def listed(given: str | Iterable[str]) -> list[str]:
    """Return the names that were given; one alone is no row of letters."""
    return [given] if isinstance(given, str) else list(given)


def silent() -> Console:
    """Return a console that shows nothing."""
    return Console(quiet=True)
