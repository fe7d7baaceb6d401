"""A small course, and a way to collect into it."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder import cli
from tests.collect import downloads


@dataclass
class Result:
    """What a collection did: its exit code, its rows in `collected.csv`, what it printed, and all rows of that log."""

    code: int
    rows: list[dict[str, str]]
    out: Path
    text: str
    logged: list[dict[str, str]]

    def files(self) -> dict[str, bytes]:
        """Return every file that is there afterwards, apart from the lock and the table."""
        found = [path for path in self.out.rglob("*") if path.is_file() or path.is_symlink()]
        return {path.relative_to(self.out).as_posix(): path.read_bytes() for path in found}

    def notebooks(self) -> dict[str, bytes]:
        """Return the notebooks by STUDENT/ASSIGNMENT; each must be named after its assignment."""
        found = {name: data for name, data in self.files().items() if name.endswith(".ipynb")}
        assert all(name.split("/")[1] == name.split("/")[2].removesuffix(".ipynb") for name in found), found
        return {name.rsplit("/", 1)[0]: data for name, data in found.items()}

    def times(self) -> dict[str, str]:
        """Return the times by STUDENT/ASSIGNMENT."""
        return {n.rsplit("/", 1)[0]: d.decode() for n, d in self.files().items() if n.endswith("timestamp.txt")}

    def results(self) -> dict[tuple[str, str], str]:
        """Return what happened by student and file."""
        return {(row["student_id"], row["file"]): row["result"] for row in self.rows}

    def remark(self, file: str) -> str:
        """Return what was remarked on the only row of a file."""
        (found,) = [row["remark"] for row in self.rows if row["file"] == file]
        return found


def assert_it_adds_up(printed: str, code: int) -> None:
    """Assert that in every sum, of which there is one at least where something was read, everybody counts once."""
    sums = re.findall(r"^(?:\S+: )?(\d+) (?:in the class|people|person) = ([^.]+)\.", printed, re.MULTILINE)
    assert sums or code in (2, 130)  # nothing could be done, or it was stopped
    for people, terms in sums:
        assert int(people) == sum(int(term.split()[0]) for term in terms.split(" + ")), printed


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the root of a small course, which is the working directory."""
    root = downloads.make_course(tmp_path / "course")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def collect(course: Path, capsys: pytest.CaptureFixture) -> Callable[..., Result]:
    """Return a function that collects downloads."""

    def run(*files: Path, out: Path | None = None, **options: object) -> Result:
        out = out or course / "_build" / "grading" / "submitted"
        lists = {name: value if isinstance(value, list) else [value] for name, value in options.items()}
        given = [(name.replace("_", "-"), one) for name, values in lists.items() for one in values]
        more = [f"--{name}" + ("" if value is True else f"={value}") for name, value in given]
        code = cli.main(["collect", *map(str, files), f"--out={out}", *more])
        table = out.parent / "collected.csv"
        logged = list(csv.DictReader(table.open(encoding="utf-8", newline=""))) if table.exists() else []
        rows = [row for row in logged if row["run"] == logged[-1]["run"]]
        printed = capsys.readouterr()
        assert_it_adds_up(printed.out, code)
        return Result(code, rows, out, printed.out + printed.err, logged)

    return run
