"""Changes grades by decision: says what will change for whom, asks, and does it under the lock of the class."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from autograder.amend.plan import Amended, Plan, cells_changed, compare
from autograder.amend.regrading import Regraded, graded_beside, regraded
from autograder.amend.wishes import Settings, assignment_of, decision, short
from autograder.course.assignment import Releases, asked_for, slugs
from autograder.errors import UserError
from autograder.grade.helper.workers import LocalWorkers
from autograder.grade.report import no_verdict, rows_of_nobody, write_csv
from autograder.grade.result_cache import Memory
from autograder.grade.session import Class, bring_up_to_date, earlier_rows, missing, write_pages
from autograder.grade.settings import Settings as Grading
from autograder.gradebook.apply_decisions import Task, grade_rows
from autograder.gradebook.database import db_url
from autograder.gradebook.decisions import ACCEPT, ATTEMPT, DROP, REGRADE, Decision, Decisions
from autograder.gradebook.decisions_file import NAME, read_decisions
from autograder.gradebook.gradebook import alone_at, read_gradebook
from autograder.gradebook.points import Points
from autograder.gradebook.score_rows import Cells, read_cells
from autograder.gradebook.store import Store
from autograder.storage.folders import ATTEMPTS, results_folder
from autograder.storage.locks import alone_in, writing_to
from autograder.storage.safe_files import entries
from autograder.storage.safe_text import readable

FIRST = ATTEMPTS  # the folder of what was handed in and graded before somebody's second attempt
Agree = Callable[[Plan], bool]


def amend(settings: Settings, console: Console, agree: Agree) -> Amended:
    """Change grades by decision. Raises UserError for what cannot be meant, and where nothing has been graded.

    console  shows how far grading anew is
    agree    is told what will change, and says whether it is to be done
    """
    out = results_folder(settings.out, settings.course_root)
    url = db_url(out, settings.db)
    read_gradebook(url).close()  # there is one, or it is told
    with alone_in(out), alone_at(url, out), writing_to(out), closing(Store(settings.course_root, out, url)) as store:
        slug = asked_for(assignment_of(settings, store.decisions), slugs(settings.course_root))
        return Amending(replace(settings, assignment=slug), store, url, console).run(agree)


def decisions(course_root: Path, out: Path | None) -> Decisions:
    """Return the decisions about a class."""
    return read_decisions(results_folder(out, course_root))


@dataclass
class Amending:
    """One change of grades; `store` is the gradebook, at `url`."""

    settings: Settings
    store: Store
    url: str
    console: Console

    def run(self, agree: Agree) -> Amended:
        """Tell what will change, and do it where that is agreed to."""
        slug, root, store = self.settings.assignment, self.settings.course_root, self.store
        trusted = Releases().load(root, slug)
        before = store.graded(slug)
        if not before:
            raise UserError(f"No submissions of {slug} have been graded; run `autograder grade` first.")
        store.know(trusted)
        wanted = decision(self.settings, trusted, store, before)
        again = wanted.what == REGRADE
        with graded_beside(self.settings, store.root, self.console) if again else nullcontext() as folder:
            found = regraded(folder, slug, store, before) if folder else Regraded((), (), (), {})
            store.cells[slug] = cells_of(store, slug)
            after = store.preview(slug, wanted, found.results)
            told = [*notes(wanted, before, after, found), *about_marks(store, wanted)]
            plan = compare(wanted, before, after, told)
            if not agree(plan):
                return Amended(plan, False, store.root / NAME)
            changes = {one.student: {"before": one.before, "after": one.after} for one in plan.changes}
            if wanted.what == ATTEMPT:
                keep_first(store.root, wanted)
            done = store.decide(replace(wanted, changes=changes))
            if again:
                store.add_assignment(trusted)
            problems = self.carry_out(found)
        return Amended(replace(plan, decision=done), True, store.root / NAME, problems)

    def carry_out(self, found: Regraded) -> tuple[str, ...]:
        """Bring gradebook, pages and tables up to date; return what is to be told besides."""
        slug, store = self.settings.assignment, self.store
        grading = Grading(self.settings.course_root, out=store.root, db=self.url, sandbox=self.settings.sandbox)
        class_, memory = Class(grading, self.url, self.console), Memory(store.root)
        with LocalWorkers(1, sandboxed=grading.sandbox) as workers:
            memory.suspend(slug, found.memory)
            store.save(found.results)
            write_pages(class_, slug, [one.student for one in found.results], workers, store)
            bring_up_to_date(class_, slug, workers, store)
            memory.resume(slug, found.memory)
        write_tables(class_, store)
        return tuple(class_.problems)


def cells_of(store: Store, slug: str) -> Cells:
    """Return the rows of an assignment. Raises UserError where the release has other graded cells by now."""
    cells = read_cells(store.gradebook.db, slug)
    if set(cells.graded) != set(store.released[slug]):
        raise UserError(f"{slug} has other graded cells than when {store.root} was made; grade into a new folder.")
    return cells


def notes(wanted: Decision, before: dict[str, Points], after: dict[str, Points], found: Regraded) -> list[str]:
    """Return what is to be known besides whose points change."""
    told = []
    others = {cell: who for cell, who in cells_changed(before, after).items() if cell != wanted.cell}
    if wanted.what == REGRADE and others:
        same: dict[str, list[str]] = {}
        for cell, who in others.items():
            same.setdefault(", ".join(who), []).append(short(cell))
        names = "; ".join(f"{', '.join(cells)} for {who}" for who, cells in same.items())
        told.append(f"Other checks change too: {names}.")
    if found.left:
        left = ", ".join(found.left)
        told.append(f"Left as they are, for `autograder grade` to see to: {left}.")
    if wanted.what == ATTEMPT:
        one = before[wanted.student]
        told.append(f"What is handed in next counts in place of this, {one.score:g} of {one.max_score:g} points.")
        told.append(f"This attempt is kept in the folder {FIRST}.")
    return told


def about_marks(store: Store, wanted: Decision) -> list[str]:
    """Return the sentence about marks that a person has given to the question."""
    task = Task(wanted.assignment, store.decisions, {}, lambda student: None)
    rows = store.gradebook.db.execute(grade_rows(task, {wanted.cell}))
    concerned = [row for row in rows if wanted.student in ("", row.student_id) and row.manual_score is not None]
    marks = ", ".join(f"{row.student_id} ({row.manual_score:g})" for row in concerned)
    fate = "are set aside until this is undone" if wanted.what in (DROP, ACCEPT) else "stay as they are"
    return [f"Marks by hand {fate}: {marks}."] if marks else []


def keep_first(root: Path, attempt: Decision) -> None:
    """Copy what was handed in and graded to where nothing replaces it."""
    student, slug = attempt.student, attempt.assignment
    for what in ("submitted", "autograded", "feedback"):
        if (root / what / student / slug).is_dir():
            to = root / FIRST / student / slug / attempt.answer[:12] / what
            shutil.copytree(root / what / student / slug, to, symlinks=True, dirs_exist_ok=True)


def write_tables(class_: Class, store: Store) -> None:
    """Write grades.csv and checks.csv anew from the gradebook and the marked notebooks."""
    points = {slug: store.graded(slug) for slug in slugs(class_.course_root)}
    rows = earlier_rows(class_, [], points)
    there = {(row.student, row.slug) for row in rows}
    owners = [owner for owner in entries(class_.out / "submitted") if owner.is_dir()]
    here = {(readable(owner.name), slug) for slug in points for owner in owners if (owner / slug).is_dir()}
    lost = [no_verdict(student, slug) for student, slug in sorted(here - there)]
    with_something = {slug: {student for student, of in here | there if of == slug} for slug in points}
    write_csv(class_.out, [*rows, *lost, *rows_of_nobody(missing(with_something, store))])
