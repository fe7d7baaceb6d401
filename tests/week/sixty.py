"""A class of sixty made-up learners of chapter 02, and the downloads in which their work arrives.

Each answer is right or holds one mistake that the tests of the chapter know, and only in tasks on which no other
task rests: so what the grader must find is known before it has seen anything.
"""

from __future__ import annotations

import datetime as dt
import io
import random
import tarfile
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from autograder.authoring.source import read_source
from tests.chapters import max_points, release_of, source_of
from tests.test_chapter_02 import CODE, TOLD

SLUG = "02_dot_product_attention"
LEAVES = ("general_scores", "dot_attention", "luong_step", "find_the_bug")
MISTAKES = {
    check: [(right, wrong, *told) for name, right, wrong, told in TOLD if name == check and told and type(told) is set]
    for check in LEAVES
}
SOLVED = {cell.name: cell.text for cell in read_source(source_of(SLUG)) if cell.role == "solution"}
ANSWERS = CODE | {name: text for name, text in SOLVED.items() if name not in CODE}
FIRST = ["Ada", "Ben", "Cho", "Dia", "Eli", "Fay", "Gus", "Hal", "Ida", "Jan"]
FIRST += ["Kim", "Lea", "Max", "Nia", "Oto", "Pia", "Quy", "Ray", "Sol", "Tui"]
LAST = ("Ångström", "O'Neil", "이")
WRITTEN = "Because the value has the size of an encoder state, whatever the length of the sentence."
DUE = dt.datetime(2024, 11, 20, 23, 59, tzinfo=dt.UTC)


@dataclass
class Learner:
    """One of the sixty.

    wrong  the mistake that is named, by the check that loses its points
    """

    number: int
    first: str
    last: str
    wrong: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    blank: bool = False

    @property
    def identity(self) -> str:
        """Return the id in the roster."""
        return f"s{self.number:03}"

    @property
    def canvas_id(self) -> int:
        """Return the number that Canvas has for the learner."""
        return 7000 + self.number

    @property
    def handed_in(self) -> dt.datetime:
        """Return when the work was handed in: every tenth learner two hours after the due date."""
        early = dt.timedelta(hours=-5, minutes=-37 * self.number)
        return DUE + (dt.timedelta(hours=2) if self.late else early)

    @property
    def late(self) -> bool:
        """Say whether the work came late."""
        return self.number % 10 == 3


def sixty(seed: int = 7) -> list[Learner]:
    """Return the class, the same for each seed."""
    rng = random.Random(seed)
    class_ = [Learner(i + 1, FIRST[i % len(FIRST)], LAST[i // len(FIRST)]) for i in range(60)]
    for learner in class_:
        learner.blank = learner.number in (17, 44)
        for name, code in ANSWERS.items() if not learner.blank else []:
            if name in LEAVES and rng.random() < 0.3:
                right, wrong, told = rng.choice(MISTAKES[name])
                code, learner.wrong[name] = code.replace(right, wrong), told
            learner.answers[name] = code
    return class_


def mistakes(class_: list[Learner]) -> Counter[tuple[str, str]]:
    """Return how many learners made which mistake."""
    return Counter((check, name) for learner in class_ for check, name in learner.wrong.items())


def notebook_of(learner: Learner) -> bytes:
    """Return the file that a learner hands in."""
    notebook = nbformat.read(release_of(SLUG), as_version=4)
    for cell in notebook.cells:
        role, _, name = cell.id.partition("-")
        if role == "solution" and name in learner.answers:
            cell.source = learner.answers[name].strip()
        elif role == "written" and not learner.blank:
            cell.source = f"{WRITTEN} ({learner.first})"
    return nbformat.writes(notebook).encode()


def write_roster(class_: list[Learner], path: Path) -> Path:
    """Write Canvas's gradebook, as it is exported."""
    lines = ["Student,ID,SIS User ID,SIS Login ID,Section,Dot product attention (4711)"]
    lines += [f"    Points Possible,,,,,{max_points(SLUG):.2f}"]
    lines += [f'"{one.last}, {one.first}",{one.canvas_id},,{one.identity},A,' for one in class_]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def moodle_zip(class_: list[Learner], path: Path) -> Path:
    """Write Moodle's "Download all submissions", a folder a learner."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in class_:
            folder = f"{one.first} {one.last}_{88_000 + one.number}_assignsubmission_file"
            archive.writestr(stamped(f"{folder}/{SLUG}.ipynb", one), notebook_of(one))
    return path


def canvas_zip(class_: list[Learner], path: Path) -> Path:
    """Write Canvas's "Download submissions", flat, with its word for late ones."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in class_:
            sortable = "".join(filter(str.isalnum, f"{one.last}{one.first}".lower()))
            name = f"{sortable}_{'LATE_' if one.late else ''}{one.canvas_id}_{990_000 + one.number}_{SLUG}.ipynb"
            archive.writestr(stamped(name, one), notebook_of(one))
    return path


def plain_tar(class_: list[Learner], path: Path) -> Path:
    """Write a tar of folders in nbgrader's layout."""
    with tarfile.open(path, "w:gz") as archive:
        for one in class_:
            data = notebook_of(one)
            member = tarfile.TarInfo(f"hand-in/{one.identity}/{SLUG}/{SLUG}.ipynb")
            member.size, member.mtime = len(data), int(one.handed_in.timestamp())
            archive.addfile(member, io.BytesIO(data))
    return path


def stamped(name: str, learner: Learner) -> zipfile.ZipInfo:
    """Return a member of a zip with the time of the hand-in."""
    return zipfile.ZipInfo(name, learner.handed_in.timetuple()[:6])
