"""The class driver: runs several submissions at a time and writes their results one by one."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder.course.assignment import Releases, Trusted, slugs
from autograder.errors import UserError
from autograder.grade.pipeline import DELAYED, Attempt, Grader, attempt, course_secret, rebuilt
from autograder.grade.report import Graded, Row, no_verdict, read_row, write_csv
from autograder.grade.result_cache import Memory, digest_of, made_from
from autograder.grade.run.fork_client import ForkServerError
from autograder.grade.run.plan import Plan, Step
from autograder.grade.run.pools import LocalPool, flavours, make_pool, run_in
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times
from autograder.grade.settings import Settings
from autograder.gradebook.database import db_url
from autograder.gradebook.gradebook import alone_at
from autograder.gradebook.store import Store
from autograder.storage.folders import graded_nothing
from autograder.storage.layout import Found, Search
from autograder.storage.locks import alone_in, writing_to
from autograder.storage.safe_files import write_new
from autograder.storage.timestamps import NAME as TIMESTAMP
from autograder.storage.timestamps import trust_timestamps

WITHOUT_SANDBOX = (
    "without the sandbox a submission can read your files (the answer key and the gradebook among them), change "
    "them, use the network, and disturb other submissions. Scores are still decided outside its process."
)


@dataclass
class Work:
    """One submission on its way: what was found, and what was made of it.

    The file is read anew when its turn comes, so that the files of a class are never held all at once.
    """

    found: Found
    trusted: Trusted
    settings: str
    data: bytes | None = None
    note: str = ""
    made_from: str = ""
    marked: Attempt | None = None
    alone: bool = False  # whether it is run while no other is

    @property
    def delayed(self) -> bool:
        """Say whether points may be missing because the machine had too little time or memory for it."""
        return self.marked is not None and self.marked.delayed

    def load(self) -> Work:
        """Read the submitted file, and say what the results will be made from."""
        self.data, self.note = self.found.read()
        parts = (self.note, str(self.found.timestamp()), self.trusted.fingerprint, self.settings)
        self.made_from = made_from(self.data, *parts)
        return self


@dataclass
class Class:
    """A class being graded."""

    settings: Settings
    url: str  # of the gradebook; it may hold a password
    console: Console  # of the progress, and of a warning before it
    releases: Releases = field(default_factory=Releases)
    problems: list[str] = field(default_factory=list)
    failed: set[tuple[str, str]] = field(default_factory=set)  # submissions that the grader itself failed on
    count: int = 0
    late: int = 0  # penalties for being late that have changed
    secret: str = ""  # a digest of the course's secret, from which fresh cases are drawn

    @property
    def course_root(self) -> Path:
        """Return the folder of the course."""
        return self.settings.course_root

    @property
    def out(self) -> Path:
        """Return the folder of the results."""
        return self.settings.results


def grade_class(settings: Settings, console: Console, early: LocalPool | None = None) -> Graded:
    """Grade a folder of submissions and return what became of it. Raises UserError where that cannot be done.

    console  shows how far it is; the results are for whoever called this to show
    early    warm processes of this machine that are starting already
    """
    url = db_url(settings.results, settings.db)
    with alone_in(settings.results), alone_at(url, settings.results):
        return grade_into(Class(settings, url, console), early)


def grade_into(class_: Class, early: LocalPool | None) -> Graded:
    """Grade into a folder that nobody else grades into."""
    settings, course_root, out = class_.settings, class_.course_root, class_.out
    if not settings.sandbox:
        class_.console.print(f"[bold red]Warning:[/] {WITHOUT_SANDBOX}", soft_wrap=True)
    trusted = trust_timestamps(course_root, settings.folder, out)
    search = Search(slugs(course_root), settings.assignment, settings.student, trusted, out)
    found = search.below(settings.folder)
    class_.problems += search.passed_over
    with early or make_pool(settings.scheduler, settings.jobs, sandboxed=settings.sandbox) as pool:
        if settings.force or graded_nothing(out):  # there will be something to run
            pool.warm_up(flavours(course_root, {one.slug for one in found}))
        with writing_to(out):
            secret = course_secret(out)
            class_.secret = digest_of(secret)
            store = Store(course_root, out, class_.url)
        try:
            limits, times = Limits.of(settings.memory, settings.timeout), Times.of(settings.timeout)
            grader = Grader(pool, secret, limits, times, settings.pictures)
            todo = open_work(class_, found, store)
            for work in graded(class_, todo, grader):
                class_.count += stored(class_, work, store)
            with writing_to(out):
                slugs_found = sorted({one.slug for one in found} & set(slugs(course_root)))
                class_.late = sum(store.bring_up_to_date(slug) for slug in slugs_found)
                rows = [row_of(class_, store, one) for one in found]
                write_csv(out, [*rows, *earlier_rows(class_, found, store)])
        finally:
            store.close()
    unchanged = sum(not one.refused for one in found) - len(todo)
    return Graded(tuple(rows), class_.count, unchanged, class_.late, tuple(class_.problems), out)


def open_work(class_: Class, found: list[Found], store: Store) -> list[Work]:
    """Return what is to be graded: all that is new or changed."""
    memory, known, todo = Memory(class_.out), set(slugs(class_.course_root)), []
    in_gradebook = {}
    for slug in sorted({one.slug for one in found}):
        if slug in known:
            with writing_to(class_.out):
                store.add_assignment(class_.releases.load(class_.course_root, slug))
            in_gradebook[slug] = store.graded(slug)
        else:
            class_.problems.append(f"There is no released assignment {slug} with an answer key; it was left out.")
    for one in found:
        if one.slug not in known or one.refused:
            continue
        trusted = class_.releases.load(class_.course_root, one.slug)
        work = Work(one, trusted, f"{class_.settings.fingerprint} {class_.secret}").load()
        if class_.settings.force or one.student not in in_gradebook[one.slug] or not memory.knows(one, work.made_from):
            todo.append(Work(one, work.trusted, work.settings))
    return todo


def row_of(class_: Class, store: Store, one: Found) -> Row:
    """Return the row of a submission; one that was refused, or failed on, keeps no row of an earlier version."""
    if one.refused or (one.student, one.slug) in class_.failed:
        return no_verdict(one.student, one.slug)
    return read_row(store.gradebook, class_.out, one.student, one.slug)


def earlier_rows(class_: Class, found: list[Found], store: Store) -> list[Row]:
    """Return the results that are in the gradebook already, of submissions that were not looked for this time."""
    this_time = {(one.student, one.slug) for one in found}
    others = {(student, slug) for slug in slugs(class_.course_root) for student in store.graded(slug)} - this_time
    rows = [read_row(store.gradebook, class_.out, *one) for one in sorted(others)]
    return [row for row in rows if row.score is not None]


def graded(class_: Class, todo: list[Work], grader: Grader) -> Iterator[Work]:
    """Run and judge several submissions at a time; hand each on when it is done.

    One that was stopped while the machine was the bottleneck is run once more, alone, when all others are done.

    Threads are enough: each waits for a process of its own, or for a worker of a scheduler. Only a few
    submissions are held at a time, so that memory does not grow with the class.
    """
    waiting, again = iter(todo), list[Work]()
    running: dict[Future[None], Work] = {}
    columns = (
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    executor = ThreadPoolExecutor(grader.pool.threads)
    with Progress(*columns, console=class_.console, transient=True) as progress:
        task = progress.add_task("grading", total=len(todo), rate="")
        try:
            while True:
                while len(running) < grader.pool.ahead() and (work := next(waiting, None)):
                    running[executor.submit(run_one, work, grader)] = work
                if not running and again:
                    work = again.pop(0)
                    running[executor.submit(run_one, work, grader)] = work
                if not running:
                    return
                done = wait(running, return_when=FIRST_COMPLETED).done
                for future in [one for one in running if one in done]:  # in the order of the class
                    work = running.pop(future)
                    if result_of(class_, future, work, grader):
                        if work.delayed and not work.alone:
                            work.alone = True
                            again.append(work)
                            continue
                        yield work
                    speed = progress.tasks[0].finished_speed or progress.tasks[0].speed
                    progress.update(task, advance=1, rate=f"{60 * speed:.0f} a minute" if speed else "")
        finally:
            if running:  # interrupted: end what runs, so that nobody waits for it
                grader.pool.close()
            executor.shutdown(cancel_futures=True)


def run_one(work: Work, grader: Grader) -> None:
    """Read, rebuild, run and judge one submission; of two runs the one with more points stays."""
    work.load()
    notebook = rebuilt(work.trusted, work.data, work.note)
    how = grader.alone() if work.alone else grader
    work.marked = attempt(notebook, work.trusted, work.found.student, how, earlier=work.marked)


def result_of(class_: Class, future: Future, work: Work, grader: Grader) -> bool:
    """Say whether a submission was graded; a failure of the grader itself is told and stops nobody else."""
    error = future.exception()
    if isinstance(error, UserError):
        raise error
    if isinstance(error, ForkServerError) and not runs_at_all(work, grader):
        raise UserError(str(error))
    if isinstance(error, Exception):
        failed(class_, work, error)
    elif error is not None:
        raise error
    return error is None


def runs_at_all(work: Work, grader: Grader) -> bool:
    """Say whether a run can be started here, to tell one submission's trouble from everybody's."""
    with suppress(ForkServerError):
        return bool(run_in(grader.pool, Plan((Step(0, "run", "pass"),)), grader.limits, grader.times))
    return False


def failed(class_: Class, work: Work, error: Exception) -> None:
    """Tell that the grader failed on one submission, and keep the details for whoever mends it."""
    log = class_.out / "errors.log"
    with writing_to(class_.out), log.open("a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(f"{work.found.folder}\n{''.join(traceback.format_exception(error))}\n")
    class_.failed.add((work.found.student, work.found.slug))
    class_.problems.append(f"{work.found.student}, {work.found.slug}: the grader failed ({error}); see {log}.")


def stored(class_: Class, work: Work, store: Store) -> bool:
    """Store the results of one submission; a failure here is told and stops nobody else."""
    try:
        with writing_to(class_.out):
            finish(class_, work, store)
    except UserError:
        raise
    except Exception as error:
        failed(class_, work, error)
        return False
    finally:
        work.marked = work.data = None
    return True


def finish(class_: Class, work: Work, store: Store) -> None:
    """Store the results of one submission, then remember that it is graded.

    Killed in between, the grader has forgotten the submission and does it again.
    """
    assert work.marked is not None, "a submission is judged before it is stored"
    found, notebook, memory = work.found, work.marked.notebook, Memory(class_.out)
    memory.forget(found)
    stage(class_, work)
    store.save(notebook, found.slug, found.student, found.timestamp())
    store.write_feedback(notebook, found.slug, found.student)
    if lost := notebook.metadata["autograder"].get("lost"):
        class_.problems.append(f"{found.student}, {found.slug}: {lost} Repeat the command to try again.")
    elif work.delayed:
        class_.problems.append(f"{found.student}, {found.slug}: {DELAYED}")
    else:
        memory.keep(found, work.made_from)


def stage(class_: Class, work: Work) -> None:
    """Copy a submission, under its right name, to where nbgrader's own commands look for it."""
    folder = class_.out / "submitted" / work.found.student / work.found.slug
    if folder.resolve() == work.found.folder.resolve():
        return
    notebook, timestamp, time = folder / f"{work.found.slug}.ipynb", folder / TIMESTAMP, work.found.timestamp()
    if work.data is None:
        notebook.unlink(missing_ok=True)
    else:
        write_new(notebook, work.data)
    timestamp.unlink(missing_ok=True)
    if time:
        write_new(timestamp, f"{time.isoformat(' ')} UTC")
