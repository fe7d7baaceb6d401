"""The class driver: runs several submissions at a time and writes their results one by one."""

from __future__ import annotations

import argparse
import os
import shutil
import traceback
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder.build.chapters import find_root
from autograder.errors import UserError
from autograder.grade.attempts import Times
from autograder.grade.confine import Limits
from autograder.grade.grading import Grader, course_secret, rebuilt, run_and_judge
from autograder.grade.report import Row, read_row, show, write_csv
from autograder.grade.runs import ForkServerError, Pool
from autograder.grade.store import Store
from autograder.grade.submissions import Found, Memory, find_submissions, made_from
from autograder.grade.trusted import Trusted, load_trusted, slugs

WITHOUT_SANDBOX = (
    "without the sandbox a submission can read your files (the answer key and the gradebook among them), change "
    "them, use the network, and disturb other submissions. Scores are still decided outside its process."
)
TOTAL_TIMES = 10  # a submission may take this many times as long as one cell


@dataclass
class Work:
    """One submission on its way: what was found, and what was made of it."""

    found: Found
    trusted: Trusted
    data: bytes | None
    made_from: str
    notebook: NotebookNode | None = None


@dataclass
class Class:
    """A class being graded."""

    args: argparse.Namespace
    course_root: Path
    out: Path
    console: Console = field(default_factory=Console)
    problems: list[str] = field(default_factory=list)
    count: int = 0


def grade_class(args: argparse.Namespace) -> int:
    """Grade a folder of submissions; return 0 when every one has a verdict."""
    course_root = find_root()
    class_ = Class(args, course_root, (args.out or course_root / "_build" / "grading").resolve())
    if args.no_sandbox:
        class_.console.print(f"[bold red]Warning:[/] {WITHOUT_SANDBOX}", soft_wrap=True)
    found = find_submissions(args.submissions, slugs(course_root), args.assignment, args.student)
    secret = course_secret(class_.out)
    store = Store(course_root, class_.out)
    try:
        with Pool(sandboxed=not args.no_sandbox) as pool:
            grader = Grader(
                pool, secret, Limits(memory=args.memory << 20), Times(args.timeout, TOTAL_TIMES * args.timeout)
            )
            todo = open_work(class_, found, store)
            for work in graded(class_, todo, grader):
                finish(class_, work, store)
                class_.count += 1
        rows = [read_row(store.gradebook, class_.out, one) for one in found]
    finally:
        store.close()
    write_csv(class_.out, rows)
    tell(class_, rows, len(found) - len(todo))
    return 0 if all(row.score is not None for row in rows) else 1


def open_work(class_: Class, found: list[Found], store: Store) -> list[Work]:
    """Return what is to be graded: all that is new or changed."""
    memory, known, todo = Memory(class_.out), set(slugs(class_.course_root)), []
    for slug in sorted({one.slug for one in found}):
        if slug in known:
            store.add_assignment(load_trusted(class_.course_root, slug))
        else:
            class_.problems.append(f"There is no released assignment {slug} with an answer key; it was left out.")
    for one in found:
        if one.slug not in known:
            continue
        trusted, data = load_trusted(class_.course_root, one.slug), one.data()
        fingerprint = made_from(one, data, trusted.fingerprint)
        if class_.args.force or not memory.knows(one, fingerprint):
            todo.append(Work(one, trusted, data, fingerprint))
    return todo


def graded(class_: Class, todo: list[Work], grader: Grader) -> Iterator[Work]:
    """Run and judge several submissions at a time; hand each on when it is done.

    Threads are enough: each waits for a process of its own. Only a few submissions are held at a time, so
    that memory does not grow with the class.
    """
    jobs = class_.args.jobs or os.cpu_count() or 1
    waiting, running = iter(todo), {}
    columns = (
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    executor = ThreadPoolExecutor(jobs)
    with Progress(*columns, console=class_.console, transient=True) as progress:
        task = progress.add_task("grading", total=len(todo), rate="")
        try:
            while True:
                while len(running) < 2 * jobs and (work := next(waiting, None)):
                    running[executor.submit(run_one, work, grader)] = work
                if not running:
                    return
                done = wait(running, return_when=FIRST_COMPLETED).done
                for future in [one for one in running if one in done]:  # in the order of the class
                    work = running.pop(future)
                    if result_of(class_, future, work):
                        yield work
                    speed = progress.tasks[0].finished_speed or progress.tasks[0].speed
                    progress.update(task, advance=1, rate=f"{60 * speed:.0f} a minute" if speed else "")
        finally:
            if running:  # interrupted: end what runs, so that nobody waits for it
                grader.pool.close()
            executor.shutdown(cancel_futures=True)


def run_one(work: Work, grader: Grader) -> None:
    """Rebuild, run and judge one submission."""
    notebook = rebuilt(work.trusted, work.data, work.found.note)
    run_and_judge(notebook, work.trusted, work.found.student, grader)
    work.notebook = notebook


def result_of(class_: Class, future: Future, work: Work) -> bool:
    """Say whether a submission was graded; a failure of the grader itself is told and stops nobody else."""
    error = future.exception()
    if isinstance(error, ForkServerError):  # nobody's submission can be run
        raise UserError(str(error))
    if isinstance(error, Exception):
        trace = "".join(traceback.format_exception(error))
        log = class_.out / "errors.log"
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{work.found.folder}\n{trace}\n")
        class_.problems.append(f"{work.found.student}, {work.found.slug}: the grader failed ({error}); see {log}.")
    elif error is not None:
        raise error
    return error is None


def finish(class_: Class, work: Work, store: Store) -> None:
    """Store the results of one submission, then remember that it is graded."""
    found = work.found
    stage(class_, work)
    store.save(work.notebook, found.slug, found.student, found.timestamp())
    store.write_feedback(work.notebook, found.slug, found.student)
    Memory(class_.out).keep(found, work.made_from)
    work.notebook = work.data = None


def stage(class_: Class, work: Work) -> None:
    """Copy a submission, under its right name, to where nbgrader's own commands look for it."""
    folder = class_.out / "submitted" / work.found.student / work.found.slug
    if work.data is None or folder.resolve() == work.found.folder.resolve():
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{work.found.slug}.ipynb").write_bytes(work.data)
    (folder / "timestamp.txt").unlink(missing_ok=True)
    if work.found.timestamp():
        shutil.copyfile(work.found.folder / "timestamp.txt", folder / "timestamp.txt", follow_symlinks=False)


def tell(class_: Class, rows: list[Row], same: int) -> None:
    """Print the table and what could not be graded."""
    show(class_.console, rows, class_.out)
    class_.console.print(f"{class_.count} graded, {same} unchanged since they were graded.", highlight=False)
    for problem in class_.problems:
        class_.console.print(problem, style="red", markup=False, highlight=False)
