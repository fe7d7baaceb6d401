"""The functions for programs: each once on a tiny course, what they say of bad input, and that they print nothing."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from rich.console import Console

from autograder import api
from autograder.authoring.generate import Change
from tests.build.course import SLUG, make_course
from tests.chapters import ROOT
from tests.collect.downloads import DAY, MONDAY, moodle, zipped

RELEASE = f"exercises/{SLUG}/{SLUG}.ipynb"
PAGE = ROOT / "book" / "teach" / "week.md"
ROSTER = "student_id,name\ns1,Ann Lee\ns2,Bob Ray\n"


def answer(root: Path, code: str) -> bytes:
    """Return what a learner hands in who has answered the question too; the function has this in its last line."""
    notebook = nbformat.read(root / RELEASE, as_version=4)
    texts = {"solution-twice": f"def twice(x):\n    return {code}", "written-why": "Because."}
    for cell in notebook.cells:
        cell.source = texts.get(cell.id, cell.source)
    return nbformat.writes(notebook).encode()


def make_downloads(root: Path) -> Path:
    """Write what a platform gives out: Ann has it right, Bob has squared; return the zip."""
    (root / "downloads").mkdir()
    (root / "roster.csv").write_text(ROSTER, encoding="utf-8")
    hand_ins = [("Ann Lee", 1, "2 * x", MONDAY), ("Bob Ray", 2, "x * x", MONDAY + DAY)]
    entries = [(moodle(name, number, f"{SLUG}.ipynb"), answer(root, code), at) for name, number, code, at in hand_ins]
    return zipped(root / "downloads" / "moodle.zip", entries)


@pytest.fixture(scope="module")
def week(tmp_path_factory):
    """Call every function once, far from the course; return what they gave and what was printed."""
    root, printed = make_course(tmp_path_factory.mktemp("course")), io.StringIO()
    with chdir(tmp_path_factory.mktemp("elsewhere")), redirect_stdout(printed), redirect_stderr(printed):
        built, checked = api.build_course(course=root), api.check_course("09", course=root)
        collected = api.collect(make_downloads(root), course=root, roster=root / "roster.csv")
        graded = api.grade(course=str(root), jobs=1, timeout=20)
        again = api.grade(course=root / "book", jobs=1, timeout=20.0, assignment="09", student=["s1", "s2"])
        report = api.report(course=root, assignment="9", anonymous=True)
        (exported,) = api.export("json", course=root, assignment="09")
        (unwritten,) = api.export("nbgrader", course=root, to="-")
    found = {name: value for name, value in locals().items() if name != "tmp_path_factory"}
    return SimpleNamespace(**found | {"printed": printed.getvalue()})


def test_nothing_is_printed(week):
    assert week.printed == ""


def test_a_course_is_built_and_then_as_its_sources_give_it(week):
    names = [f"{top}/{SLUG}/{name}" for top in ("exercises", "solutions")
             for name in (f"{SLUG}.ipynb", "check.py", "reference.json")]  # fmt: skip
    assert set(week.built.changes) == {Change(name, "written") for name in names} and week.built.files == len(names)
    assert (week.checked.files, week.checked.changes) == (len(names), ())


def test_what_is_stale_is_named_and_stays(week, tmp_path):
    root = make_course(tmp_path)
    api.build_course(SLUG, course=root)
    (root / RELEASE).write_text("{}")
    assert api.check_course(course=root).changes == (Change(RELEASE, "stale"),)
    assert (root / RELEASE).read_text() == "{}"


def test_downloads_are_collected(week):
    assert {(row.student, row.slug, row.result) for row in week.collected.rows} == {
        ("s1", SLUG, "new"),
        ("s2", SLUG, "new"),
    }
    assert week.collected.complete and not week.collected.dry
    assert (week.collected.out / "s1" / SLUG / f"{SLUG}.ipynb").read_bytes() == answer(week.root, "2 * x")


def test_a_class_is_graded_and_what_is_unchanged_is_not_graded_again(week):
    assert {row.student: (row.score, row.max_score) for row in week.graded.rows} == {"s1": (1, 3), "s2": (0, 3)}
    assert [check["diagnosis"] for row in week.graded.rows for check in row.checks] == ["Right.", "You squared x."]
    assert (week.graded.graded, week.graded.unchanged, week.graded.problems) == (2, 0, ())
    assert week.graded.complete and (week.graded.out / "grades.csv").is_file()
    assert (week.again.graded, week.again.unchanged, week.again.rows) == (0, 2, week.graded.rows)


def test_a_report_is_written(week):
    assert week.report.path == week.graded.out / "report.html"
    (part,) = week.report.parts
    assert (part.class_.slug, part.spread.mean) == (SLUG, pytest.approx(1 / 6))
    text = week.report.path.read_text(encoding="utf-8")
    assert "You squared x." in text and "s1" not in text


def test_grades_are_exported(week):
    assert week.exported.path.read_text(encoding="utf-8") == week.exported.text
    scores = {one["student"]: one["score"] for one in json.loads(week.exported.text)["submissions"]}
    assert scores == {"s1": 1, "s2": 0} and week.exported.count == 2
    assert "2 of 2 submissions wait for a person" in week.exported.notes[0]
    assert week.unwritten.path is None and "s1" in week.unwritten.text
    assert not list(week.graded.out.glob("nbgrader_*"))


def test_the_bar_goes_to_the_console_that_is_given(week, capfd):
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100)
    assert api.grade(course=week.root, jobs=1, timeout=20, student="s1", force=True, console=console).graded == 1
    assert "grading" in screen.getvalue() and "1/1" in screen.getvalue() and "s1" not in screen.getvalue()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda root: api.grade("nowhere", course=root), "There is no folder nowhere;"),
        (lambda root: api.grade(course=root, student="zoe"), "There are no submissions by zoe in"),
        (lambda root: api.grade(course=root, student=["zoe", "max"]), "no submissions by zoe or max in"),
        (lambda root: api.grade(course=root, assignment="99"), f"no released assignment 99; there are: {SLUG}."),
        (lambda root: api.amend("drop", "99", check="twice", course=root), f"assignment 99; there are: {SLUG}."),
        (lambda root: api.grade(course=root, jobs=0), "jobs is 0; give a whole number above zero."),
        (lambda root: api.grade(course=root, memory=0.5), "memory is 0.5; give a whole number above zero."),
        (lambda root: api.grade(course=root, timeout="soon"), "timeout is 'soon'; give a number above zero."),
        (lambda root: api.grade(course=root, timeout=float("nan")), "timeout is nan; give a number above zero."),
        (lambda root: api.grade(course=root / "absent"), "absent; give the folder of the course"),
        (lambda root: api.collect(["absent.zip"], course=root), "There is no absent.zip; give a zip"),
        (lambda root: api.collect(root / "roster.csv", course=root, assignment="99_none"), "no released assignment 99"),
        (lambda root: api.report(root / "absent", course=root), "There is no gradebook in"),
        (lambda root: api.report(course=root, assignment="99_none"), "has no submissions to 99_none; it has some to"),
        (lambda root: api.export("excel", course=root), "There is no format excel; there are: canvas, moodle,"),
        (lambda root: api.export("canvas", course=root), "Canvas wants its own ids"),
        (lambda root: api.check_course(["99_none"], course=root), "There is no chapter 99_none; the chapters are"),
        (lambda root: api.build_course(course="/"), "No course found in /"),
    ],
)
def test_bad_input_is_told_in_a_sentence(week, call, sentence):
    with pytest.raises(api.UserError) as told:
        call(week.root)
    assert sentence in str(told.value) and "\n" not in str(told.value)


def test_importing_it_takes_nothing_that_takes_seconds():
    code = (
        "import sys, autograder; assert 'autograder.api' not in sys.modules; autograder.api.grade; "
        "print(*({'nbgrader', 'IPython', 'numpy', 'tensorflow', 'distributed'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_example_on_the_page_runs(week, tmp_path, monkeypatch, capsys):
    (example,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    root = make_course(tmp_path)
    api.build_course(course=root)
    make_downloads(root)
    monkeypatch.chdir(root)
    exec(compile(example, PAGE.name, "exec"), {})
    printed = capsys.readouterr().out
    assert "s1 1.0 of 3.0\n" in printed and "s2 0.0 of 3.0\n" in printed and f"moodle_{SLUG}.csv" in printed
