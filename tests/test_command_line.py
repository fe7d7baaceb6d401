"""The options that all verbs have, on a tiny course: what is printed where, for people and for programs."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import warnings
from importlib.metadata import version
from itertools import count
from pathlib import Path

import pytest
from rich.console import Console

from autograder import api, cli, progress
from autograder.cli import main
from autograder.collect.rows import LONG, NEW, OFTEN, UNCLEAR, Collected, Row, show
from autograder.course.chapters import by_number
from autograder.errors import UserError
from autograder.grade.session import Class
from autograder.grade.settings import Settings
from autograder.options import print_json
from autograder.progress import SECONDS, Lines, each
from autograder.storage.layout import Found
from tests.build.course import SLUG, make_course
from tests.test_api import make_downloads

KNOWN = ["01_one", "02_two", "10_ten", "11_a", "11_b"]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Return a course with a class whose downloads are not collected yet."""
    root = make_course(tmp_path_factory.mktemp("course"))
    api.build_course(course=root)
    make_downloads(root)
    return root


@pytest.fixture
def say(course, monkeypatch, capfd):
    """Return what runs a verb in the course and gives its exit code, what it printed, and what went to stderr."""

    monkeypatch.setattr(progress, "SECONDS", float("inf"))  # however busy the machine is

    def run(*line: str):
        monkeypatch.chdir(course)
        capfd.readouterr()
        code = main(list(line))
        return code, *capfd.readouterr()

    return run


# ---------------------------------------------------------------- one after the other, as in a week
def test_a_week_for_a_program(say, course):
    verbs = {
        "build": ("build", "09"),
        "check": ("check", SLUG),
        "collect": ("collect", "downloads/moodle.zip", "--roster", "roster.csv", "--assignment", "9"),
        "grade": ("grade", "--jobs", "1", "--student", "s1", "--student", "s2", "--assignment", "09"),
        "report": ("report", "--assignment", "09"),
        "export": ("export", "json", "--assignment", "09"),
    }
    found = {}
    for verb, line in verbs.items():
        code, printed, told = say(*line, "--json")
        assert (code, told, printed.count("\n")) == (0, "", 1), verb
        found[verb] = json.loads(printed)
    assert (found["build"]["changes"], found["check"]["changes"]) == ([], [])
    assert found["collect"]["counts"] == {NEW: 2} and found["collect"]["complete"]
    assert {row["student"]: row["score"] for row in found["grade"]["rows"]} == {"s1": 1, "s2": 0}
    assert found["grade"]["complete"] and Path(found["grade"]["out"]).is_dir()
    (part,) = found["report"]["assignments"]
    assert (part["assignment"], part["submissions"], part["mistakes"][0]["students"]) == (SLUG, 2, ["s2"])
    (file,) = found["export"]["files"]
    assert file["count"] == 2 and Path(file["path"]).read_text(encoding="utf-8") == file["text"]

    _, printed, _ = say("report", "--json", "--anonymous")
    assert '"s2"' not in printed and json.loads(printed)["assignments"][0]["mistakes"][0]["count"] == 1
    for quiet in ("build", "check", "collect", "grade", "report"):
        assert say(*verbs[quiet], "--quiet") == (0, "", "")
    code, printed, told = say(*verbs["export"], "--quiet")
    assert (code, printed) == (0, "") and "2 of 2 submissions wait for a person" in told and "rows" not in told


def test_json_is_clean_and_what_it_was(capsys):
    text = "\x1b[31m \x7f \u202e é \udcff"
    print_json({"text": text}, path=Path("a"))
    printed = capsys.readouterr().out
    assert printed.isascii() and printed.strip().isprintable()
    assert json.loads(printed) == {"text": text, "path": "a"}


def test_what_needs_a_look_is_said_quietly_too(say, course):
    (course / "empty").mkdir()
    (course / "empty" / "notes.ipynb").write_text("{", encoding="utf-8")
    code, printed, told = say("collect", "empty", "--out", "elsewhere", "--quiet")
    assert code in (1, 2) and printed == "" and "notes.ipynb" in told
    code, printed, told = say("grade", "--json", "--assignment", "12")
    assert (code, printed) == (2, "") and f"there are: {SLUG}." in told


# ---------------------------------------------------------------- names
@pytest.mark.parametrize(
    ("given", "meant"),
    [("1", "01_one"), ("01", "01_one"), ("10", "10_ten"), ("02_two", "02_two"), ("3", "3"), ("11", "11"), ("", "")]
    + [("001", "001"), ("-1", "-1"), ("٠١", "٠١")],
)
def test_a_number_names_the_only_chapter_that_has_it(given, meant):
    assert by_number(given, KNOWN) == meant


# ---------------------------------------------------------------- beside the verbs
def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0 and capsys.readouterr().out == f"autograder {version('attention-autograder')}\n"


def test_bash_completes_verbs_options_and_choices(capsys, tmp_path):
    with pytest.raises(SystemExit):
        main(["--print-completion", "bash"])
    (tmp_path / "done.sh").write_text(
        capsys.readouterr().out + '\ntried() { COMP_WORDS=(autograder "$@"); COMP_CWORD=$#; COMPREPLY=(); '
        '_shtab_autograder; echo "${COMPREPLY[@]}"; }\ntried gr; tried grade --ass; tried export mo\n',
        encoding="utf-8",
    )
    done = subprocess.run([shutil.which("bash"), "done.sh"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["grade", "--assignment", "moodle"]


def test_warnings_of_libraries_are_not_printed(monkeypatch, capfd):
    def verb(_):
        warnings.warn("for programmers", RuntimeWarning, stacklevel=1)
        return 0

    monkeypatch.setattr(cli.report, "run", verb)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        monkeypatch.setattr("sys.warnoptions", [])
        assert main(["report"]) == 0
        assert capfd.readouterr().err == ""
        monkeypatch.setattr("sys.warnoptions", ["default"])
        with pytest.warns(RuntimeWarning, match="for programmers"):
            main(["report"])


# ---------------------------------------------------------------- how far it is
def printed_by(action) -> str:
    """Return what an action prints to a console that is a file."""
    file = io.StringIO()
    action(Console(file=file, width=80))
    return file.getvalue()


def test_a_file_gets_a_line_each_half_minute():
    def run(console):
        times = count(0, SECONDS // 3)
        lines = Lines(console, "grading", 7, lambda: next(times))
        for _ in range(7):
            lines.step(1)

    assert printed_by(run).splitlines() == ["grading: 3 of 7, 6 a minute", "grading: 6 of 7, 6 a minute"]


def test_what_is_done_at_once_needs_no_line():
    assert printed_by(lambda console: list(each(console, "reading", [1, 2, 3]))) == ""


# ---------------------------------------------------------------- once for all
def test_what_is_the_same_of_many_submissions_is_said_once_with_all_names(tmp_path):
    class_ = Class(Settings(tmp_path), "", Console(quiet=True), problems=["First."])
    for student in ("bob", "ann", "zoe"):
        class_.tell(Found(student, SLUG, tmp_path, None), "Too little time." if student != "zoe" else "Broken.")
    assert class_.told == ["First.", f"ann, bob, {SLUG}: Too little time.", f"zoe, {SLUG}: Broken."]


@pytest.mark.parametrize("result", [NEW, UNCLEAR])
def test_a_remark_in_many_rows_is_said_once_below_them(tmp_path, result):
    remark = f"Group work of A: {', '.join(f's{n}' for n in range(LONG))}."
    rows = [Row(result, "zip", f"file{n}", f"s{n}", SLUG, remark=remark) for n in range(OFTEN)]
    rows += [Row(result, "zip", "other", "zoe", SLUG, remark="Another remark.")]
    text = printed_by(lambda console: show(console, Collected(tuple(rows), (), tmp_path, False)))
    assert text.count("Group work") == 1 and text.count("note 1") == OFTEN + 1
    assert "Another" in text and "note 2" not in text
    few = printed_by(lambda console: show(console, Collected(tuple(rows[1:]), (), tmp_path, False)))
    assert few.count("Group") == OFTEN - 1


def test_an_error_is_a_sentence_on_stderr(monkeypatch, capfd):
    def verb(_):
        raise UserError("Do this.")

    monkeypatch.setattr(cli.report, "run", verb)
    assert main(["report"]) == 2 and capfd.readouterr() == ("", "autograder: Do this.\n")
