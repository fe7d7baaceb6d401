"""One submission from bytes to a marked notebook. The class driver and nbgrader's own commands both call this."""

from __future__ import annotations

import copy
import hashlib
import os
import re
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import compute_checksum, is_grade, is_solution

from autograder.course.answer_key import Check
from autograder.course.assignment import Trusted, is_check
from autograder.grade.intake.other_meanings import given_names, imports, why_it_stops
from autograder.grade.intake.pictures import Album
from autograder.grade.intake.python_source import read, read_all
from autograder.grade.intake.read_notebook import Submission, read_submission
from autograder.grade.intake.rebuild import rebuild
from autograder.grade.judge.judge import Drawn, Verdict, draw, judge, without_forbidden_calls
from autograder.grade.judge.stopped_cells import why_undefined
from autograder.grade.judge.verdicts import write_notes, write_records, write_verdict
from autograder.grade.run.bytecode import with_bytecode
from autograder.grade.run.execute import Record, Runs, carry_out
from autograder.grade.run.plan import Plan, Step
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times

SECRET_VARIABLE = "ATTENTION_COURSE_SECRET"
PAGE_CALL = re.compile(r"\s*(?:progress|hint)\([^()]*\)\s*")  # these report on `check.py`, which grading does not use
BIGGEST_FILE = 20 << 20
DELAYED = (
    "points may be missing. It was run twice, the second time alone, and stopped both times while the machine had too "
    "little time or memory for it. Repeat the command when the machine has less to do."
)


A_PERSON = "A person has to look at it."


@dataclass(frozen=True)
class Grader:
    """What is the same for all submissions: where to run, the limits, the course's secret.

    `pictures` says whether the release's own figures are drawn: they cost more time than all the rest.
    """

    pool: Runs
    secret: bytes
    limits: Limits = Limits()
    times: Times = Times()
    pictures: bool = False

    def alone(self) -> Grader:
        """Return the same for a submission beside which no other is run."""
        return replace(self, times=replace(self.times, alone=True))


def course_secret(grading_root: Path) -> bytes:
    """Return the secret from which fresh cases are drawn; it is made once and kept beside the gradebook."""
    given = os.environ.get(SECRET_VARIABLE)
    if given:
        return given.encode()
    path = grading_root / "course_secret"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.{os.getpid()}")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        new.rename(path)  # in one step: a process killed in between leaves no empty secret
    return path.read_bytes().strip()


def rebuilt(trusted: Trusted, data: bytes | None, note: str = "", draws: bool = False) -> NotebookNode:
    """Return the notebook to be graded; what must be remembered about the submission is in its metadata.

    data   the submitted file, None where there is none; `note` is what its finder says about it
    draws  whether pasted pictures may be read: only in a process that may die
    """
    nothing = Submission(unreadable=note or f"There is no notebook {trusted.slug}.ipynb in what was handed in.")
    submission = read_submission(data) if data is not None else nothing
    notebook, notes = rebuild(trusted.release, submission, Album(draws))
    notes = [submission.unreadable] if submission.unreadable else [*([note] if note else []), *notes]
    attempt = hashlib.sha256(data or b"").hexdigest()
    about = {"attempt": attempt, "notes": notes, "unreadable": submission.unreadable}
    blank = [] if submission.unreadable else left_blank(notebook)
    notebook.metadata["autograder"] = about | ({"blank": blank} if blank else {})
    return notebook


def left_blank(notebook: NotebookNode) -> list[str]:
    """Return the grade ids of the written answers that are as they were released: nbgrader gives them no points."""
    written = [cell for cell in notebook.cells if cell.cell_type == "markdown" and is_solution(cell) and is_grade(cell)]
    return [c.metadata.nbgrader.grade_id for c in written if c.metadata.nbgrader.get("checksum") == compute_checksum(c)]


def run_and_judge(notebook: NotebookNode, trusted: Trusted, student: str, grader: Grader) -> list[Verdict]:
    """Run a rebuilt notebook, judge its checks and write everything into it.

    Its metadata say so where points may be missing for want of time or memory on this machine ("delayed").
    """
    about = notebook.metadata["autograder"]
    checks = {
        i: trusted.key.by_grade_id[c.metadata.nbgrader.grade_id]
        for i, c in enumerate(notebook.cells)
        if is_known_check(c, trusted)
    }
    if about["unreadable"]:
        verdicts = {i: not_run(check, about["unreadable"]) for i, check in checks.items()}
    else:
        drawn = {
            i: draw(check, trusted.public[check.name], grader.secret, student, trusted.slug, about["attempt"])
            for i, check in checks.items()
        }
        plan = make_plan(notebook, trusted, drawn, grader.pictures)
        records = carry_out(plan, grader.pool, grader.limits, grader.times)
        verdicts = judge_all(notebook, checks, drawn, records, trusted)
        if any(record.delayed for record in records.values()) and not all_points(verdicts.values()):
            about["delayed"] = True
    for i, verdict in verdicts.items():
        write_verdict(notebook.cells[i], verdict)
        notebook.cells[i].metadata["autograder"]["function"] = checks[i].function
    write_notes(notebook, about["notes"])
    return list(verdicts.values())


@dataclass(frozen=True)
class Attempt:
    """A marked notebook and the points of its checks."""

    notebook: NotebookNode
    points: float

    @property
    def delayed(self) -> bool:
        """Say whether points may be missing because the machine had too little time or memory for it."""
        return bool(self.notebook.metadata["autograder"].get("delayed"))


def attempt(
    notebook: NotebookNode, trusted: Trusted, student: str, grader: Grader, earlier: Attempt | None = None
) -> Attempt:
    """Run and judge a rebuilt notebook; of two attempts the one with more points counts, else the later one.

    earlier  what came of the same submission while the machine was busy; the notebook is rebuilt anew
    """
    points = sum(verdict.score for verdict in run_and_judge(notebook, trusted, student, grader))
    return earlier if earlier is not None and earlier.points > points else Attempt(notebook, points)


def set_aside(trusted: Trusted, digest: str, why: str, again: bool) -> Attempt:
    """Return a marked notebook in place of a submission that could not be read or run: no points, and a sentence.

    digest  of the submitted file, of which nothing is in this notebook
    again   whether the submission is graded anew the next time; else a person has to look at it
    """
    notebook = copy.deepcopy(trusted.release)
    about: dict[str, Any] = {"attempt": digest, "notes": [why], "unreadable": "", "lost" if again else "aside": why}
    notebook.metadata["autograder"] = about
    for cell in notebook.cells:
        if is_known_check(cell, trusted):
            verdict = not_run(trusted.key.by_grade_id[cell.metadata.nbgrader.grade_id], why)
            write_verdict(cell, verdict if again else replace(verdict, look=A_PERSON))
    write_notes(notebook, about["notes"])
    return Attempt(notebook, 0.0)


def all_points(verdicts: Iterable[Verdict]) -> bool:
    """Say whether no point is missing."""
    return all(verdict.score >= verdict.max_score for verdict in verdicts)


def judge_all(
    notebook: NotebookNode,
    checks: dict[int, Check],
    drawn: dict[int, Drawn],
    records: dict[int, Record],
    trusted: Trusted,
) -> dict[int, Verdict]:
    """Judge all checks from the records of a run, and write what the other cells showed into the notebook."""
    answers = answer_cells(notebook)
    write_records(notebook, {i: record for i, record in records.items() if i not in checks})
    found = {}
    for i, check in checks.items():
        at = answers.get(i, -1)
        text = notebook.cells[at].source if at in records else ""
        verdict = judge(check, drawn[i], records[i], records.get(at), text)
        found[i] = with_causes(verdict, text, notebook.cells[:i], trusted.release)
    own = read_all(cell.source for cell in notebook.cells if is_learners_code(cell))
    return {i: without_forbidden_calls(checks[i], verdict, own, records[i]) for i, verdict in found.items()}


def with_causes(verdict: Verdict, answer: str, above: list[NotebookNode], release: NotebookNode) -> Verdict:
    """Return the verdict with what the cells above have to do with an answer that stopped, if anything."""
    if verdict.status != "error":
        return verdict
    own = [cell for cell in above if is_learners_code(cell)]
    says = [why_undefined(sentence, own) or sentence for sentence in verdict.says]
    return replace(verdict, says=(*why_it_stops(answer, above, release), *says))


def is_learners_code(cell: NotebookNode) -> bool:
    """Say whether a cell holds code that the learner may have written: a solution cell or a free one."""
    return cell.cell_type == "code" and (is_solution(cell) or "nbgrader" not in cell.metadata)


def is_known_check(cell: NotebookNode, trusted: Trusted) -> bool:
    """Say whether a cell is a check with an entry in the answer key."""
    return is_check(cell) and cell.metadata.nbgrader.grade_id in trusted.key.by_grade_id


def not_run(check: Check, reason: str) -> Verdict:
    """Return the verdict on a check of a submission that cannot be run."""
    return Verdict(check.name, check.title, 0.0, check.max_score, "not_run", (reason,))


def make_plan(notebook: NotebookNode, trusted: Trusted, drawn: dict[int, Drawn], pictures: bool = True) -> Plan:
    """Return the plan of a rebuilt notebook."""
    steps = []
    own = {cell.source for cell in trusted.release.cells}
    given = tuple(sorted(given_names(notebook, trusted.release)))
    for i, cell in enumerate(notebook.cells):
        if i in drawn:
            spec = drawn[i].public
            check = trusted.key.by_grade_id[cell.metadata.nbgrader.grade_id]
            about = check.name, tuple(spec["returns"]), tuple(spec["stale"])
            step = Step(i, "probe", cell.source, *about, tuple(drawn[i].cases), check.forbidden, given=given)
            steps.append(replace(step, function=check.function, remarks=tuple(check.remarks)))
        elif cell.cell_type == "code" and cell.source.strip() and not PAGE_CALL.fullmatch(cell.source):
            shows = "nbgrader" not in cell.metadata and cell.source in own
            step = Step(i, "run", cell.source, shows=shows, draws=pictures or not shows)
            ours = given and cell.source in own and not is_solution(cell)
            steps.append(replace(step, given=given, keeps=imported_by(cell, given)) if ours else step)
    files = {name: data for name, data in trusted.files.items() if len(data) <= BIGGEST_FILE}
    return Plan(tuple(steps), with_bytecode(files))


def imported_by(cell: NotebookNode, names: Collection[str]) -> tuple[str, ...]:
    """Return those of these names that a cell imports."""
    return tuple(name for name in imports([read(cell.source)]) if name in names)


def answer_cells(notebook: NotebookNode) -> dict[int, int]:
    """Return for each check cell the last solution cell before it."""
    found, last = {}, None
    for i, cell in enumerate(notebook.cells):
        if is_solution(cell) and cell.cell_type == "code":
            last = i
        elif is_check(cell) and last is not None:
            found[i] = last
    return found
