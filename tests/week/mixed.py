"""A class of any size whose work comes by every road at once, each with what goes wrong on it, and where each must end.

The first people have one oddity each; everybody else hands in plainly, by one road after the other.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.collect.downloads import DAY, HOUR, LINK, MONDAY, SECOND, canvas, in_code_page, info, moodle, zipped
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes

FIRST = ["Ada", "Ben", "Cho", "Dia", "Eli", "Fay", "Gus", "Hal", "Ida", "Jan"]
FIRST += ["Kim", "Lea", "Max", "Nia", "Oto", "Pia", "Quy", "Ray", "Sol", "Tui"]
LAST = [
    "Núñez",
    "Björk",
    "Ångström",
    "O'Neil",
    "Lee",
    "Kim",
    "Moss",
    "Hill",
    "Fox",
    "Day",
    "Ray",
    "Oh",
    "Wu",
    "Roy",
    "Ek",
]
WRONG = {"mean_rows": "def mean_rows(X):\n    return X.mean(axis=1)", "center": RIGHT["center"]}
WRITTEN = "written-why"
ANSWERS, BLANK, UNREADABLE, LOOK = "with answers", "blank", "not readable", "to look at"
QUARANTINED, NO_NOTEBOOK, ABSENT = "quarantined", "without a notebook", "absent"
ORDER = (ANSWERS, BLANK, UNREADABLE, LOOK, QUARANTINED, NO_NOTEBOOK, ABSENT)


@dataclass(frozen=True)
class Somebody:
    """One of the class."""

    number: int
    case: str

    @property
    def identity(self) -> str:
        return f"s{self.number:03}"

    @property
    def name(self) -> str:
        return f"{FIRST[self.number % len(FIRST)]} {LAST[self.number // len(FIRST) % len(LAST)]}"

    @property
    def canvas_id(self) -> int:
        return 7000 + self.number

    @property
    def time(self):
        return MONDAY + self.number * HOUR / 4

    @property
    def writes(self) -> bool:
        """Say whether the question in words is answered, so that a person has to read it."""
        return self.number % 5 == 0


@dataclass
class Downloads:
    """What is in each download."""

    root: Path  # of the course
    entries: dict[str, list] = field(default_factory=dict)
    submitters: list[tuple[int, list[Somebody]]] = field(default_factory=list)  # Gradescope's

    def add(self, download: str, name: object, data: bytes, time: object = MONDAY) -> None:
        """Add a file; `name` may be the description of one in a zip."""
        self.entries.setdefault(download, []).append((name, data, time) if isinstance(name, str) else (name, data))

    def work(self, who: Somebody, answers: dict[str, str] = RIGHT) -> bytes:
        """Return what somebody hands in."""
        notebook = answered(self.root, **answers)
        for cell in notebook.cells:
            if cell.id == WRITTEN and who.writes and answers:
                cell.source = f"Because every row counts the same, says {who.name}."
        return as_bytes(notebook)

    def moodle(self, who: Somebody, file: str, data: bytes, later: object = 0 * SECOND) -> None:
        self.add("moodle.zip", moodle(who.name, 100 + who.number, file), data, who.time + later)

    def canvas(self, who: Somebody, file: str, data: bytes, late: bool = False) -> None:
        sortable = "".join(filter(str.isalnum, "".join(reversed(who.name.split())).lower()))
        self.add("canvas.zip", canvas(sortable, who.canvas_id, 900 + who.number, file, late), data, who.time)

    def gradescope(self, people: list[Somebody]) -> None:
        who = people[0]
        self.submitters.append((who.number, people))
        self.add("gradescope.zip", f"submission_{who.number}/hw.ipynb", self.work(who), who.time)


def in_drive(to: Downloads, who: Somebody, title: str) -> None:
    to.add("drive.zip", f"Homework/{who.name} - {title}", to.work(who), who.time)


FILE = f"{SLUG}.ipynb"
Way = Callable[[Downloads, Somebody], object]
ROADS: dict[str, Way] = {
    "Moodle": lambda to, who: to.moodle(who, FILE, to.work(who)),
    "Canvas": lambda to, who: to.canvas(who, FILE, to.work(who)),
    "Drive": lambda to, who: in_drive(to, who, FILE),
    "exchange": lambda to, who: to.add(
        "inbound.zip", f"inbound/{who.identity}+{SLUG}+{who.time:%Y-%m-%d %H:%M:%S} UTC+ab12/{FILE}", to.work(who)
    ),
    "git": lambda to, who: to.add("hw1-submissions", f"hw1-{who.identity}/{FILE}", to.work(who)),
    "Gradescope": lambda to, who: to.gradescope([who]),
    "folders": lambda to, who: to.add("folders.zip", f"{who.identity}/{SLUG}/{FILE}", to.work(who), who.time),
}


def two_versions(to: Downloads, who: Somebody) -> None:
    """Hand in a wrong one under the exact name, then a right one under another."""
    to.moodle(who, FILE, to.work(who, WRONG))
    to.moodle(who, f"{SLUG}_final.ipynb", to.work(who), DAY)


def two_at_once(to: Downloads, who: Somebody) -> None:
    """Hand in two of which nobody knows which is newer."""
    to.moodle(who, f"{SLUG}_a.ipynb", to.work(who))
    to.moodle(who, f"{SLUG}_b.ipynb", to.work(who, WRONG))


def in_windows_zip(to: Downloads, who: Somebody) -> None:
    to.add("windows.zip", moodle(who.name, 100 + who.number, FILE), to.work(who), who.time)


def a_link(to: Downloads, who: Somebody) -> None:
    to.add("moodle.zip", info(moodle(who.name, 100 + who.number, FILE), who.time, mode=LINK), b"/etc/passwd")


ODD: dict[str, tuple[Way, str]] = {
    "names in code page 437": (in_windows_zip, ANSWERS),
    "in code page 437 too": (in_windows_zip, ANSWERS),
    "late on Canvas": (lambda to, who: to.canvas(who, FILE, to.work(who), late=True), ANSWERS),
    ".json by mistake": (lambda to, who: to.moodle(who, f"{SLUG}.json", to.work(who)), ANSWERS),
    ".ipynb.txt by mistake": (lambda to, who: to.canvas(who, f"{FILE}.txt", to.work(who)), ANSWERS),
    "a copy in Drive": (lambda to, who: in_drive(to, who, f"Copy of {FILE}"), ANSWERS),
    "two versions": (two_versions, ANSWERS),
    "in a group": (lambda to, who: to.gradescope([who, Somebody(who.number + 1, "its second")]), ANSWERS),
    "its second": (lambda to, who: None, ANSWERS),
    "blank": (lambda to, who: to.moodle(who, FILE, to.work(who, {})), BLANK),
    "unreadable": (lambda to, who: to.add("folders.zip", f"{who.identity}/{SLUG}/{FILE}", b"{", who.time), UNREADABLE),
    "two at once": (two_at_once, LOOK),
    "no id in the roster": (lambda to, who: to.canvas(who, FILE, to.work(who)), LOOK),
    "a link": (a_link, QUARANTINED),
    "a letter only": (lambda to, who: to.canvas(who, "letter.pdf", b"%PDF"), NO_NOTEBOOK),
    "absent": (lambda to, who: None, ABSENT),
}
STRANGERS = 2
FILES_OF_NOBODY = STRANGERS + 1  # and that of whoever has no id


def mixed(size: int) -> list[Somebody]:
    """Return a class."""
    cases = [*ODD, *ROADS] + [road for _ in range(size) for road in ROADS]
    return [Somebody(number, case) for number, case in enumerate(cases[:size])]


def where(class_: list[Somebody]) -> Counter[str]:
    """Return how many must end where."""
    return Counter(ODD[one.case][1] if one.case in ODD else ANSWERS for one in class_)


def write_roster(class_: list[Somebody], path: Path) -> Path:
    """Write the list of the class."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["student_id", "name", "email", "canvas id"])
        for one in class_:
            identity = "" if one.case == "no id in the roster" else one.identity
            rows.writerow([identity, one.name, f"{one.identity}@example.org", one.canvas_id])
    return path


def write_downloads(class_: list[Somebody], root: Path, folder: Path) -> list[Path]:
    """Write what the platforms give for a class; `root` is the course."""
    to = Downloads(root)
    for one in class_:
        (ODD[one.case][0] if one.case in ODD else ROADS[one.case])(to, one)
    nobody = Somebody(0, "not on the roster")
    to.add("moodle.zip", moodle("Zed Nobody", 99, FILE), to.work(nobody), MONDAY - DAY)
    to.add("canvas.zip", canvas("nobodyyan", 9999, 899, FILE), to.work(nobody), MONDAY - DAY)
    lines = [
        f"submission_{number}:\n  :submitters:\n"
        + "".join(f"  - :name: {one.name}\n    :sid: '{one.identity}'\n" for one in people)
        + f"  :created_at: {people[0].time:%Y-%m-%d %H:%M:%S}.000000000 Z\n"
        for number, people in to.submitters
    ]
    to.add("gradescope.zip", "submission_metadata.yml", "".join(lines).encode())
    return [written(folder / name, entries) for name, entries in to.entries.items()]


def written(path: Path, entries: list) -> Path:
    """Write one download: a zip, one as Windows makes it, or a folder."""
    if path.name == "windows.zip":
        return in_code_page(path, entries, "cp437")
    if path.suffix == ".zip":
        return zipped(path, entries)
    for name, data, _ in entries:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path
