"""What surrounds a grading is odd: clocks, disks, users, keys, gradebooks of before, and what is far too large."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import chdir, closing
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.cli import main
from autograder.storage.safe_files import MOST_BYTES
from tests.faults.test_contract import told
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes, make_course, submit
from tests.grade.test_course import grade, in_gradebook, page, rows
from tests.waiting import LONG

pytestmark = pytest.mark.usefixtures("same_workers")
NBGRADER = Path(sys.executable).with_name("nbgrader")


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """Grade two submissions and return the root of the course."""
    root = make_course(tmp_path_factory.mktemp("odd"))
    for student in ("ann", "bob"):
        submit(root / "class", student, as_bytes(answered(root, **RIGHT)))
    grade(root)
    return root


@pytest.fixture
def small(once, tmp_path):
    """Return a course of its own with two submissions, graded."""
    return shutil.copytree(once, tmp_path / "course")


def test_a_clock_that_goes_backwards_costs_nobody_anything(small, monkeypatch):
    """As after a summer time that was set by hand; what is measured is measured by another clock."""
    now = [time.time()]

    def backwards() -> float:
        now[0] -= 3600
        return now[0]

    monkeypatch.setattr(time, "time", backwards)
    for path in (small / "_build" / "grading").rglob("*"):
        os.utime(path, (now[0] + 10**6, now[0] + 10**6))
    assert "0 graded, 2 unchanged" in grade(small)
    submit(small / "class", "cho", as_bytes(answered(small, **RIGHT)))
    assert "1 graded, 2 unchanged" in grade(small)
    assert "3 graded, 0 unchanged" in grade(small, "--force")
    assert in_gradebook(small) == {"ann": 5, "bob": 5, "cho": 5}


def test_results_that_may_only_be_read_are_told_and_stay(small, tmp_path):
    place = small / "_build" / "grading"
    submit(small / "class", "cho", as_bytes(answered(small, **RIGHT)))
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    mount = f'mount --bind "{place}" "{place}" && mount -o remount,bind,ro "{place}"'
    script = f"{mount} && {sys.executable} -m autograder grade class --no-sandbox"
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", script]
    done = subprocess.run(command, cwd=small, capture_output=True, text=True, timeout=LONG)
    if "mount" in done.stderr or "unshare" in done.stderr:
        pytest.skip("no file system can be mounted here")
    assert done.returncode == 2 and "Results cannot be written to" in done.stderr and done.stderr.count("\n") == 1
    assert "Read-only file system" in done.stderr
    assert before == {path: path.read_bytes() for path in before}
    assert "1 graded, 2 unchanged" in grade(small)


def test_a_gradebook_of_an_older_nbgrader_is_told_upgraded_and_used_again(small, capsys):
    """The last step of its own upgrades is undone, as a release before it would have left the tables."""
    path = small / "_build" / "grading" / "gradebook.db"
    with closing(sqlite3.connect(path)) as base:
        (version,) = base.execute("SELECT version_num FROM alembic_version").fetchone()
        base.execute("UPDATE alembic_version SET version_num = 'b6d005d67074'")
        base.commit()
    assert version != "b6d005d67074"
    assert "run `nbgrader db upgrade` first" in told(small, capsys, "class")
    assert in_gradebook(small) == {"ann": 5, "bob": 5}


def test_marked_notebooks_and_notes_of_an_older_release_are_made_again(small):
    """They lack what is written today: metadata of the judge, what the results were made from."""
    out = small / "_build" / "grading"
    (out / "state" / "ann" / f"{SLUG}.json").write_text('{"digest": "of another release"}')
    marked = out / "autograded" / "ann" / SLUG / f"{SLUG}.ipynb"
    marked.write_text(marked.read_text().replace('"autograder"', '"attention_grader"'))
    assert "1 graded, 1 unchanged" in grade(small)
    assert in_gradebook(small) == {"ann": 5, "bob": 5}
    assert '"autograder"' in marked.read_text()


def test_a_key_that_changes_between_two_runs_means_another_grading(small):
    path = small / "solutions" / f"{SLUG}_key.py"
    path.write_text(path.read_text() + "\n# One more word.\n")
    assert "2 graded, 0 unchanged" in grade(small)
    assert "0 graded, 2 unchanged" in grade(small)


@pytest.mark.parametrize("megabytes", [200])
def test_a_file_of_200_megabytes_is_not_read(small, megabytes):
    """It takes no room on the disk, and none in memory."""
    with submit(small / "class", "cho", b"").open("wb") as file:
        file.truncate(megabytes << 20)
    assert "1 graded, 2 unchanged" in grade(small)
    assert f"too large ({megabytes} MB; the limit is {MOST_BYTES >> 20} MB)" in page(small, "cho")
    assert not (small / "_build" / "grading" / "submitted" / "cho" / SLUG / f"{SLUG}.ipynb").exists()


@pytest.mark.parametrize("kind", ["text", "code"])
def test_a_notebook_of_100_000_cells_ends_and_keeps_nobody_waiting(small, kind):
    notebook = answered(small, **RIGHT)
    cell = {"text": new_markdown_cell("x"), "code": new_code_cell("x = 1")}[kind]
    notebook.cells += [{**cell, "id": f"c{number}"} for number in range(100_000)]
    submit(small / "class", "cho", as_bytes(notebook))
    grade(small)
    (row,) = [row for row in rows(small, "grades.csv") if row["student_id"] == "cho"]
    assert row["status"] in ("graded", "not readable") and len(page(small, "cho")) < 50_000_000


def test_an_ordinary_user_grades_in_the_sandbox(once):
    if os.geteuid() != 0:
        pytest.skip("whoever runs this is one, and so all tests are this test")
    drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    tried = [
        *drop,
        sys.executable,
        "-c",
        "import os, sys, autograder; sys.exit(not os.access(sys.executable, os.X_OK))",
    ]
    if shutil.which("setpriv") is None or subprocess.run(tried, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("this Python can be read by root alone")
    with tempfile.TemporaryDirectory() as folder:  # pytest closes its own to others
        Path(folder).chmod(0o755)
        root = shutil.copytree(once, Path(folder) / "course", ignore=shutil.ignore_patterns("_build"))
        for path in [root, *root.rglob("*")]:
            os.chown(path, 65534, 65534)
        command = [*drop, sys.executable, "-m", "autograder", "grade", "class"]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=LONG)
        assert done.returncode == 0, done.stderr
        assert in_gradebook(root) == {"ann": 5, "bob": 5}


@pytest.mark.parametrize("kind", ["moodle", "nbgrader", "json"])
def test_a_folder_of_results_that_vanishes_is_told_by_exports(small, capsys, kind):
    shutil.rmtree(small / "_build")
    with chdir(small):
        assert main(["export", kind]) == 2
    assert "There is no gradebook" in capsys.readouterr().err
