"""A class whose folders have hostile names, through all commands: each has a row or a sentence, and nothing acts."""

from __future__ import annotations

import csv
import io
import json
from contextlib import chdir, redirect_stderr, redirect_stdout

import pytest

from autograder.cli import main
from autograder.storage.safe_text import ACTING, HIDDEN
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes, make_course, submit

pytestmark = pytest.mark.usefixtures("same_workers")
HOSTILE = {  # the name of a folder, and the id that its student gets
    "bob\x1b]0;owned\x07\x1b[2J": "bob\\x1b]0;owned\\x07\\x1b[2J",
    "\u202enna\u200b": "\\u202enna\\u200b",
    "a;=1+1": "a;=1+1",
    "\uff1d1+1": "\uff1d1+1",
    "<script>alert(1)<∕script>[bold]": "<script>alert(1)<∕script>[bold]",
    "CON": "CON",
    "ann.": "ann.",
    b"caf\xe9".decode("utf-8", "surrogateescape"): "caf\\xe9",
    "\udcff" * 100: "\\xff" * 25 + "-da6f14970ce3",
}
TWINS = ("x\\u200b", "x\u200b")
COMMANDS = [["grade", "class"], ["report"], *(["export", kind] for kind in ("moodle", "nbgrader", "json"))]


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Grade the class, report on it and export it; return the root and what was printed by each command."""
    root = make_course(tmp_path_factory.mktemp("names"))
    right = as_bytes(answered(root, **RIGHT))
    for name in ("ann", *HOSTILE, *TWINS, ".hidden", "__MACOSX"):
        submit(root / "class", name, right)
    (root / "class" / "linked").symlink_to(root / "class" / "ann")
    said = []
    for command in COMMANDS:
        printed = io.StringIO()
        with chdir(root), redirect_stdout(printed), redirect_stderr(printed), pytest.MonkeyPatch.context() as patch:
            patch.setenv("COLUMNS", "300")
            assert main(command) == (1 if command[0] == "grade" else 0), printed.getvalue()
        said.append(printed.getvalue())
    return root, said


def test_everybody_has_a_row_or_a_sentence(graded):
    root, (told, *_) = graded
    with (root / "_build" / "grading" / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: (row["score"], row["status"]) for row in csv.DictReader(file)}
    full = {name.replace(";=", ";'=").replace("\uff1d", "'\uff1d"): ("5.0", "graded") for name in HOSTILE.values()}
    assert rows == {
        "ann": ("5.0", "graded"),
        "linked": ("0.0", "not readable"),
        TWINS[0]: ("", "no verdict"),
        **full,
    }
    assert f"The folders {TWINS[0]!r} and {TWINS[1]!r} would get the same id" in told
    assert all(f"{name} holds {SLUG}/{SLUG}.ipynb and was left out" in told for name in (".hidden", "__MACOSX"))


def test_nothing_of_the_twins_is_written(graded):
    for step in ("submitted", "autograded", "feedback", "state"):
        assert not (graded[0] / "_build" / "grading" / step / TWINS[0]).exists()


def test_nothing_that_was_printed_or_written_acts(graded):
    root, said = graded
    out = root / "_build" / "grading"
    files = [*out.glob("*.csv"), *out.glob("*.json"), out / "report.html"]
    assert len(files) >= 6
    for text in [*said, *(path.read_text(encoding="utf-8") for path in files)]:
        assert not HIDDEN.search(text.replace("\r\n", "\n"))
    for page in out.glob("feedback/*/*/*.html"):
        assert not ACTING.search(page.read_text(encoding="utf-8"))
    (exported,) = out.glob("json_*.json")
    ids = {one["student"] for one in json.loads(exported.read_text(encoding="utf-8"))["submissions"]}
    assert ids == {"ann", "linked", *HOSTILE.values()}
