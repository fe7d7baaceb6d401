"""The class driver: runs several submissions at a time and writes their results one by one."""

from __future__ import annotations

import traceback
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from rich.console import Console

from autograder.course.assignment import Releases, Trusted, asked_for, course_files, slugs
from autograder.course.book_links import book_url, mistakes_url
from autograder.errors import UserError
from autograder.grade.helper.messages import Message, to_mark, to_show
from autograder.grade.helper.workers import DaskWorkers, LocalWorkers, make_workers
from autograder.grade.pipeline import DELAYED, course_secret
from autograder.grade.report import Graded, Others, Row, no_verdict, read_row, rows_of_nobody, write_csv
from autograder.grade.result_cache import Memory, digest_of, made_from
from autograder.grade.run.execute import carry_out
from autograder.grade.run.fork_client import ForkServerError
from autograder.grade.run.plan import Plan, Step
from autograder.grade.run.pools import flavours
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times
from autograder.grade.settings import Settings
from autograder.gradebook.database import db_url
from autograder.gradebook.gradebook import alone_at
from autograder.gradebook.marked_notebook import marked_path
from autograder.gradebook.points import Points
from autograder.gradebook.scores import Scores, scores_from
from autograder.gradebook.store import Result, Store
from autograder.progress import steps
from autograder.storage.exchange_secret import pass_on, put_secret, read_secret
from autograder.storage.folders import ATTEMPTS, graded_nothing
from autograder.storage.layout import Found, Search
from autograder.storage.locks import alone_in, writing_to
from autograder.storage.safe_files import write_new
from autograder.storage.timestamps import NAME as TIMESTAMP
from autograder.storage.timestamps import trust_timestamps

CHANGED_SINCE = (
    "{}, {}: the answer to {} that was accepted by hand has been changed since; look at it, and accept it again if it "
    "is right."
)
WITHOUT_SANDBOX = (
    "without the sandbox a submission can read your files (the answer key and the gradebook among them), change "
    "them, use the network, and disturb other submissions. Scores are still decided outside its process."
)


@dataclass(frozen=True)
class Marked:
    """What came back of a submission: plain data, and the bytes of the marked notebook.

    delayed  whether points may be missing because the machine had too little time or memory for it
    lost     why it could not be run, if so: it is tried again the next time
    aside    why it could not be read, if so: a person has to look at it
    """

    points: float
    delayed: bool
    lost: str
    aside: str
    scores: Scores
    notebook: bytes

    @classmethod
    def of(cls, answer: Message) -> Marked:
        """Return what an answer says."""
        head, notebook = answer.head, answer.parts["notebook"]
        lost, aside = str(head["lost"]), str(head["aside"])
        return cls(float(head["points"]), bool(head["delayed"]), lost, aside, scores_from(head["scores"]), notebook)


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
    marked: Marked | None = None
    alone: bool = False  # whether it is run while no other is
    points: dict[str, Any] = field(default_factory=dict)  # what the gradebook says of it, for its page
    page: bytes = b""

    def load(self) -> Work:
        """Read the bytes of the submitted file, and say what the results will be made from."""
        self.data, self.note = self.found.read()
        parts = (self.note, str(self.found.timestamp()), self.trusted.fingerprint, self.settings)
        self.made_from = made_from(self.data, *parts)
        return self

    def let_go(self) -> None:
        """Forget what is written: the whole class stays in a list, and so would its notebooks and pages."""
        self.data = self.marked = None
        self.points, self.page = {}, b""

    def take(self, marked: Marked) -> None:
        """Take what was made of it; of two attempts the one with more points counts, else the later one."""
        if self.marked is None or self.marked.points <= marked.points:
            self.marked = marked


@dataclass
class Class:
    """A class being graded."""

    settings: Settings
    url: str  # of the gradebook; it may hold a password
    console: Console  # of the progress, and of a warning before it
    releases: Releases = field(default_factory=Releases)
    problems: list[str] = field(default_factory=list)
    of_many: dict[tuple[str, str], list[str]] = field(default_factory=dict)  # students by assignment and sentence
    failed: set[tuple[str, str]] = field(default_factory=set)  # submissions that the grader itself failed on
    count: int = 0
    late: int = 0  # penalties for being late that have changed
    decided: int = 0  # results that have changed by what an instructor decided
    missing: dict[str, dict[str, str]] = field(default_factory=dict)  # who handed in nothing: by slug, id, name
    others: Others = Others()  # whom `--student` leaves out
    secret: str = ""  # a digest of the course's secret, from which fresh cases are drawn
    course_files: dict[str, dict[str, bytes]] = field(default_factory=dict)

    @property
    def course_root(self) -> Path:
        """Return the folder of the course."""
        return self.settings.course_root

    @cached_property
    def out(self) -> Path:
        """Return the folder of the results."""
        return self.settings.results

    @cached_property
    def links(self) -> tuple[str, str]:
        """Return the addresses to which pages link: of the book, and of its page of mistakes."""
        return book_url(self.course_root), mistakes_url(self.course_root)

    @property
    def made_with(self) -> str:
        """Return what results are made with, besides the submission and the release."""
        return f"{self.settings.fingerprint} {self.secret}"

    def tell(self, found: Found, sentence: str) -> None:
        """Take note of what is to be told of one submission."""
        self.of_many.setdefault((found.slug, sentence), []).append(found.student)

    @property
    def told(self) -> list[str]:
        """Return all that is to be told; what is the same of many submissions is said once, with all their names."""
        same = self.of_many.items()
        return [*self.problems, *(f"{', '.join(sorted(who))}, {slug}: {sentence}" for (slug, sentence), who in same)]

    def files(self, slug: str) -> dict[str, bytes]:
        """Return the files that decide about a verdict, which helpers are given."""
        if slug not in self.course_files:
            self.course_files[slug] = course_files(self.course_root, slug)
        return self.course_files[slug]


@dataclass(frozen=True)
class Desk:
    """Who marks, and with what: the same for all submissions."""

    workers: LocalWorkers | DaskWorkers
    secret: bytes
    limits: Limits
    times: Times


def grade_class(settings: Settings, console: Console, early: LocalWorkers | None = None) -> Graded:
    """Grade a folder of submissions and return what became of it. Raises UserError where that cannot be done.

    console  shows how far it is; the results are for whoever called this to show
    early    helpers of this machine that are starting already
    """
    url = db_url(settings.results, settings.db)
    with alone_in(settings.results), alone_at(url, settings.results):
        return grade_into(Class(settings, url, console), early)


def grade_into(class_: Class, early: LocalWorkers | None) -> Graded:
    """Grade into a folder that nobody else grades into."""
    settings, course_root, out = class_.settings, class_.course_root, class_.out
    wanted = asked_for(settings.assignment, slugs(course_root)) if settings.assignment else None
    if not settings.sandbox:
        class_.console.print(f"[bold red]Warning:[/] {WITHOUT_SANDBOX}", soft_wrap=True)
    trusted = trust_timestamps(course_root, settings.folder, out)
    search = Search(slugs(course_root), wanted, settings.students, trusted, out)
    found = search.below(settings.folder)
    class_.problems += search.passed_over
    workers = early or make_workers(settings.scheduler, settings.jobs, sandboxed=settings.sandbox)
    with workers:
        if early is None and (settings.force or graded_nothing(out)):  # there will be something to run
            workers.warm_up(flavours(course_root, {one.slug for one in found}))
        with writing_to(out):
            secret = course_secret(out)
            class_.secret = digest_of(secret)
            store = Store(course_root, out, class_.url)
            if settings.folder.name != ATTEMPTS:  # versions of a few people are no class, so nobody is missing
                store.add_class(settings.folder.parent, out)
        try:
            desk = Desk(workers, secret, Limits.of(settings.memory, settings.timeout), Times.of(settings.timeout))
            todo = open_work(class_, found, store)
            class_.others = left_out(class_, replace(search, students=(), passed_over=[]), store)
            grade_all(class_, todo, desk, store)
            with writing_to(out):
                slugs_found = sorted({one.slug for one in found} & set(slugs(course_root)))
                for slug in slugs_found:
                    bring_up_to_date(class_, slug, workers, store)
                points = {slug: store.graded(slug) for slug in slugs(course_root)}
                rows = [row_of(class_, one, points) for one in found]
                known = {slug: {*points[slug], *(one.student for one in found if one.slug == slug)} for slug in points}
                class_.missing = missing(known, store)
                write_csv(out, [*rows, *earlier_rows(class_, found, points), *rows_of_nobody(class_.missing)])
        finally:
            store.close()
    unchanged = sum(not one.refused for one in found) - len(todo)
    told = tuple(class_.told), out, class_.missing, class_.others, class_.decided
    return Graded(tuple(rows), class_.count, unchanged, class_.late, *told)


def open_work(class_: Class, found: list[Found], store: Store) -> list[Work]:
    """Return what is to be graded: all that is new or changed."""
    memory, known, todo = Memory(class_.out), set(slugs(class_.course_root)), []
    in_gradebook, trusted = {}, {}
    for slug in sorted({one.slug for one in found}):
        if slug in known:
            with writing_to(class_.out):
                trusted[slug] = class_.releases.load(class_.course_root, slug)
                store.add_assignment(trusted[slug])
            in_gradebook[slug] = store.graded(slug)
        else:
            class_.problems.append(f"There is no released assignment {slug} with an answer key; it was left out.")
    for one in found:
        if one.slug not in known or one.refused:
            continue
        work = Work(one, trusted[one.slug], class_.made_with).load()
        if class_.settings.force or one.student not in in_gradebook[one.slug] or not memory.knows(one, work.made_from):
            todo.append(Work(one, work.trusted, work.settings))
    return todo


def left_out(class_: Class, everybody: Search, store: Store) -> Others:
    """Return how many of the class are left out by `--student` who have to be graded, too."""
    students = class_.settings.students
    if not students:
        return Others()
    memory, changed, new = Memory(class_.out), 0, 0
    graded = {slug: store.graded(slug) for slug in store.cells}
    for one in everybody.below(class_.settings.folder):
        if one.slug in graded and one.student not in students and not one.refused:
            work = Work(one, class_.releases.load(class_.course_root, one.slug), class_.made_with).load()
            is_new = one.student not in graded[one.slug]
            new += is_new
            changed += not is_new and not memory.knows(one, work.made_from)
    return Others(changed, new)


def row_of(class_: Class, one: Found, points: dict[str, dict[str, Points]]) -> Row:
    """Return the row of a submission; one that was refused, or failed on, keeps no row of an earlier version."""
    if one.refused or (one.student, one.slug) in class_.failed:
        return no_verdict(one.student, one.slug)
    return read_row(class_.out, one.student, one.slug, points.get(one.slug, {}).get(one.student))


def earlier_rows(class_: Class, found: list[Found], points: dict[str, dict[str, Points]]) -> list[Row]:
    """Return the results that are in the gradebook already, of submissions that were not looked for this time."""
    this_time = {(one.student, one.slug) for one in found}
    others = {(student, slug) for slug in points for student in points[slug]} - this_time
    rows = [read_row(class_.out, student, slug, points[slug][student]) for student, slug in sorted(others)]
    return [row for row in rows if row.score is not None]


def bring_up_to_date(class_: Class, slug: str, workers: LocalWorkers | DaskWorkers, store: Store) -> None:
    """Apply what was decided, take off what being late costs now, graded today or not, and make those pages anew."""
    memory, kept = Memory(class_.out), dict[str, bytes]()
    changed = store.bring_up_to_date(slug, lambda names: kept.update(memory.suspend(slug, names)))
    write_pages(class_, slug, changed.people, workers, store)
    memory.resume(slug, kept)
    class_.late += len(changed.late)
    class_.decided += len(set(changed.decided) - set(changed.late))
    class_.problems += [CHANGED_SINCE.format(student, slug, cell) for student, cell in changed.applied.stale]


def write_pages(
    class_: Class, slug: str, students: Sequence[str], workers: LocalWorkers | DaskWorkers, store: Store
) -> None:
    """Make pages anew of submissions that are graded."""
    points = store.for_pages(slug, students) if students else {}
    for student in students:
        path = marked_path(class_.out, student, slug)
        if path.is_file():  # else it was graded elsewhere, and its page is there too
            what = slug, student, path.read_bytes(), asdict(points[student])
            store.write_page(slug, student, workers.answer(to_show(*what, *class_.links)).parts["page"])


def missing(here: Mapping[str, Collection[str]], store: Store) -> dict[str, dict[str, str]]:
    """Return who of the class has handed in nothing, by assignment; `here` is who has handed in."""
    return {slug: store.absent(people) for slug, people in sorted(here.items()) if people}


def grade_all(class_: Class, todo: list[Work], desk: Desk, store: Store) -> None:
    """Have several submissions marked at a time, save what comes back, and have its pages made.

    One that was stopped while the machine was the bottleneck is run once more, alone, when all others are done.

    Threads are enough: each waits for a helper, or for a worker of a scheduler. Only a few submissions are held at a
    time, so that memory does not grow with the class.
    """
    for slug in {work.found.slug for work in todo}:
        class_.files(slug)  # read here: all threads begin at the same moment, and each would read them
    waiting, again = iter(todo), list[Work]()
    running: dict[Future[None], Work] = {}
    executor = ThreadPoolExecutor(desk.workers.threads)
    with steps(class_.console, "grading", len(todo)) as step:
        try:
            while True:
                while len(running) < desk.workers.ahead() and (work := next(waiting, None)):
                    running[executor.submit(mark, class_, work, desk)] = work
                if not running and again:
                    work = again.pop(0)
                    running[executor.submit(mark, class_, work, desk)] = work
                if not running:
                    return
                done = wait(running, return_when=FIRST_COMPLETED).done
                ended = {one: running.pop(one) for one in list(running) if one in done}  # in the order of the class
                good = [work for future, work in ended.items() if went_well(class_, future, work, desk)]
                marked, with_page = [one for one in good if not one.page], [one for one in good if one.page]
                for work in [one for one in marked if one.marked and one.marked.delayed and not one.alone]:
                    work.alone = True
                    again.append(work)
                    marked.remove(work)
                saved = save(class_, marked, store)
                for work in with_points(saved, store):
                    running[executor.submit(show, class_, work, desk)] = work
                class_.count += sum(finished(class_, work, store) for work in with_page)
                step(len(ended) - len(good) + len(marked) - len(saved) + len(with_page))
        finally:
            if running:  # interrupted: end what runs, so that nobody waits for it
                desk.workers.close()
            executor.shutdown(cancel_futures=True)


def mark(class_: Class, work: Work, desk: Desk) -> None:
    """Have one submission marked; its bytes are handed on as they are."""
    work.load()
    times = replace(desk.times, alone=True) if work.alone else desk.times
    what = work.found.slug, work.found.student, work.data, work.note, class_.files(work.found.slug)
    request = to_mark(*what, desk.secret, desk.limits, times, class_.settings.pictures)
    work.take(Marked.of(desk.workers.answer(request)))


def with_points(works: list[Work], store: Store) -> list[Work]:
    """Return submissions that are saved with what the gradebook says of them now."""
    for slug in {work.found.slug for work in works}:
        some = [work for work in works if work.found.slug == slug]
        points = store.for_pages(slug, [work.found.student for work in some])
        for work in some:
            work.points = asdict(points[work.found.student])
    return works


def show(class_: Class, work: Work, desk: Desk) -> None:
    """Have the page of one submission made."""
    assert work.marked is not None, "a submission is marked before it is shown"
    what = work.found.slug, work.found.student, work.marked.notebook, work.points
    work.page = desk.workers.answer(to_show(*what, *class_.links)).parts["page"]


def went_well(class_: Class, future: Future, work: Work, desk: Desk) -> bool:
    """Say whether a submission was graded; a failure of the grader itself is told and stops nobody else."""
    error = future.exception()
    if isinstance(error, UserError):
        raise error
    if isinstance(error, ForkServerError) and not runs_at_all(desk):
        raise UserError(str(error))
    if isinstance(error, Exception):
        failed(class_, work, error)
    elif error is not None:
        raise error
    return error is None


def runs_at_all(desk: Desk) -> bool:
    """Say whether a run can be started here, to tell one submission's trouble from everybody's."""
    if isinstance(desk.workers, DaskWorkers):
        return True
    with suppress(ForkServerError):
        return bool(carry_out(Plan((Step(0, "run", "pass"),)), desk.workers.pool, desk.limits, desk.times))
    return False


def failed(class_: Class, work: Work, error: Exception) -> None:
    """Tell that the grader failed on one submission, and keep the details for whoever mends it."""
    log = class_.out / "errors.log"
    with writing_to(class_.out), log.open("a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(f"{work.found.folder}\n{''.join(traceback.format_exception(error))}\n")
    work.let_go()
    class_.failed.add((work.found.student, work.found.slug))
    class_.tell(work.found, f"the grader failed ({error}); see {log}.")


def save(class_: Class, works: list[Work], store: Store) -> list[Work]:
    """Save the scores of submissions, in one transaction if all is well; return those that are saved.

    Where it is not, each is saved by itself: a failure with one is told and stops nobody else.
    """
    for some in [works, *([work] for work in works if len(works) > 1)]:
        try:
            with writing_to(class_.out):
                save_together(class_, some, store)
        except UserError:
            raise
        except Exception as error:
            if len(some) == 1:
                failed(class_, some[0], error)
        else:
            if some is works:
                break
    return [work for work in works if (work.found.student, work.found.slug) not in class_.failed]


def save_together(class_: Class, works: Sequence[Work], store: Store) -> None:
    """Save the results of submissions in one transaction.

    Killed while it does, the grader has forgotten these submissions and does them again.
    """
    for work in works:
        Memory(class_.out).forget(work.found)
        stage(class_, work)
    for work, result in zip(works, store.save([result_of(work) for work in works]), strict=True):
        assert work.marked is not None, "a submission is marked before it is saved"
        work.marked = replace(work.marked, notebook=result.notebook)  # what counts was written into it


def result_of(work: Work) -> Result:
    """Return what is kept of a submission."""
    found, marked = work.found, work.marked
    assert marked is not None, "a submission is marked before it is saved"
    return Result(found.slug, found.student, found.timestamp(), marked.scores, marked.notebook)


def finished(class_: Class, work: Work, store: Store) -> bool:
    """Finish one submission; a failure here is told and stops nobody else."""
    try:
        with writing_to(class_.out):
            finish(class_, work, store)
    except UserError:
        raise
    except Exception as error:
        failed(class_, work, error)
        return False
    finally:
        work.let_go()
    return True


def finish(class_: Class, work: Work, store: Store) -> None:
    """Write the page of a submission whose scores are saved, then remember that it is graded."""
    found, marked = work.found, work.marked
    assert marked is not None, "a submission is marked before it is finished"
    page = store.write_page(found.slug, found.student, work.page)
    pass_on(placed(class_, found, "submitted"), (placed(class_, found, "autograded"), page.parent))
    if marked.lost:
        class_.tell(found, f"{marked.lost} Repeat the command to try again.")
    elif marked.delayed:
        class_.tell(found, DELAYED)
    else:
        Memory(class_.out).keep(found, work.made_from)
    if marked.aside:
        class_.tell(found, f"{marked.aside} A person has to look at it.")


def placed(class_: Class, found: Found, step: str) -> Path:
    """Return nbgrader's folder of a submission at one of its steps."""
    return class_.out / step / found.student / found.slug


def stage(class_: Class, work: Work) -> None:
    """Copy a submission, under its right name, to where nbgrader's own commands look for it."""
    folder = placed(class_, work.found, "submitted")
    if folder.resolve() == work.found.folder.resolve():
        return
    notebook, timestamp, time = folder / f"{work.found.slug}.ipynb", folder / TIMESTAMP, work.found.timestamp()
    if work.data is None:
        notebook.unlink(missing_ok=True)
    else:
        write_new(notebook, work.data)
    put_secret(folder, read_secret(work.found.folder))
    timestamp.unlink(missing_ok=True)
    if time:
        write_new(timestamp, f"{time.isoformat(' ')} UTC")
