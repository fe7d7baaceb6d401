"""What lies beside or instead of a notebook: links, pipes, devices and huge files are neither followed nor read."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.storage.layout import Search
from autograder.storage.safe_files import MOST_BYTES, read_notebook, read_plain, write_new
from autograder.storage.safe_text import readable
from autograder.storage.timestamps import read_timestamp
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes, make_course, submit
from tests.waiting import LONG

pytestmark = pytest.mark.usefixtures("same_workers")
SECRET = "the answer key of another course"


def linked(path: Path, root: Path) -> None:
    """Make a link to the solved notebook."""
    path.symlink_to(root / "solutions" / SLUG / f"{SLUG}.ipynb")


def huge(path: Path, root: Path) -> None:
    """Make a file that is a little too large; it takes no room on the disk."""
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)


INSTEAD = {  # what takes the notebook's place, and what the learner is told
    "link": (linked, "is a link and no file"),
    "dangling link": (lambda path, root: path.symlink_to(root / "nothing"), "is a link and no file"),
    "endless": (lambda path, root: path.symlink_to("/dev/zero"), "is a link and no file"),
    "pipe": (lambda path, root: os.mkfifo(path), "is a pipe and no file"),
    "device": (lambda path, root: os.mknod(path, 0o20666, os.makedev(1, 5)), "is a device and no file"),
    "folder": (lambda path, root: path.mkdir(), "is a folder and no file"),
    "huge": (huge, "too large (21 MB; the limit is 20 MB)"),
}


def fill_with_traps(folder: Path, root: Path) -> None:
    """Put everything beside a notebook that must not be copied, followed or read."""
    (folder / "secret.txt").symlink_to(root / "secret.txt")
    (folder / "home").symlink_to("/")
    (folder / "endless").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe")
    (folder / "data").mkdir()
    (folder / "data" / "more.csv").write_text("1,2")
    (folder / "check.py").write_text("def check(*a): print('all right')")
    (folder / "ipykernel_launcher.py").write_text("raise SystemExit")
    (folder / "timestamp.txt").symlink_to(root / "secret.txt")
    huge(folder / "huge.bin", root)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Grade a class full of traps and return the course; one that is followed would keep the grader for ever."""
    root = make_course(tmp_path_factory.mktemp("files"))
    (root / "secret.txt").write_text(SECRET)
    right = as_bytes(answered(root, **RIGHT))
    fill_with_traps(submit(root / "class", "traps beside", right).parent, root)
    for name, (make, _) in INSTEAD.items():
        path = submit(root / "class", name, right)
        path.unlink()
        try:
            make(path, root)
        except PermissionError:
            pytest.skip("devices can be made by root only")
    (root / "class" / "linked folder").mkdir()
    (root / "class" / "linked folder" / SLUG).symlink_to(root / "class" / "traps beside" / SLUG)
    (root / "class" / "linked learner").symlink_to(root / "class" / "traps beside")
    with chdir(root):
        assert main(["grade", "class"]) == 0
    return root


def grades(root: Path) -> dict[str, tuple[float, str]]:
    """Return score and status of each submission."""
    with (root / "_build" / "grading" / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {row["student_id"]: (float(row["score"]), row["status"]) for row in csv.DictReader(file)}


def test_the_class_is_graded(graded):
    nothing = dict.fromkeys([*INSTEAD, "linked folder", "linked learner"], (0.0, "not readable"))
    assert grades(graded) == {"traps beside": (5.0, "graded"), **nothing}


@pytest.mark.parametrize("name", INSTEAD)
def test_what_took_the_place_of_a_notebook_is_explained(graded, name):
    page = graded / "_build" / "grading" / "feedback" / name / SLUG / f"{SLUG}.html"
    assert INSTEAD[name][1] in page.read_text(encoding="utf-8")


def test_nothing_but_the_notebook_is_copied(graded):
    out = graded / "_build" / "grading"
    for step, names in {
        "submitted": {f"{SLUG}.ipynb"},
        "autograded": {f"{SLUG}.ipynb"},
        "feedback": {f"{SLUG}.html"},
    }.items():
        assert {path.name for path in (out / step / "traps beside" / SLUG).iterdir()} == names
    texts = [path.read_bytes() for path in out.rglob("*") if path.is_file()]
    assert not any(SECRET.encode() in text for text in texts)


@pytest.mark.slow
def test_stock_autograde_copies_and_follows_nothing_either(graded, tmp_path):
    root = make_course(tmp_path)
    (root / "secret.txt").write_text(SECRET)
    submitted = root / "_build" / "grading" / "submitted"
    right = as_bytes(answered(root, **RIGHT))
    fill_with_traps(submit(submitted, "traps beside", right).parent, root)
    for name in ("link", "endless", "pipe", "device", "huge"):
        path = submit(submitted, name, right)
        path.unlink()
        INSTEAD[name][0](path, root)
    nbgrader = Path(sys.executable).with_name("nbgrader")
    for verb in ("generate_assignment", "autograde", "generate_feedback"):
        done = subprocess.run([nbgrader, verb, SLUG], cwd=root, capture_output=True, text=True, timeout=LONG)
        assert done.returncode == 0, done.stderr
    out = root / "_build" / "grading"
    trusted = {"check.py", "reference.json"}
    for step, names in {"autograded": {f"{SLUG}.ipynb"} | trusted, "feedback": {f"{SLUG}.html"} | trusted}.items():
        assert {path.name for path in out.glob(f"{step}/*/*/*")} == names
    texts = [path.read_bytes() for step in ("autograded", "feedback") for path in out.glob(f"{step}/*/*/*")]
    assert not any(SECRET.encode() in text or b"all right" in text for text in texts)
    assert (root / "exercises" / SLUG / "check.py").is_file()


# ---------------------------------------------------------------- the small parts
def test_a_file_that_is_swapped_for_a_link_is_not_followed(tmp_path, monkeypatch):
    path = tmp_path / "a.ipynb"
    path.symlink_to("/dev/zero")
    monkeypatch.setattr("autograder.storage.safe_files.is_plain_file", lambda path: True)  # it was one a moment ago
    with pytest.raises(OSError):
        read_plain(path)


def test_writing_replaces_a_link_and_leaves_what_it_points_to(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("mine")
    link.symlink_to(target)
    (tmp_path / ".link.new").symlink_to(target)
    assert write_new(link, "new").read_text() == "new"
    assert target.read_text() == "mine" and not link.is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "target"]


def test_a_file_that_cannot_be_written_whole_is_not_there(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_text("old")
    monkeypatch.setattr(os, "replace", lambda *ignored: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    monkeypatch.setattr(Path, "replace", os.replace)
    with pytest.raises(OSError):
        write_new(path, "new")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("a", "old")]


def test_names_that_are_no_text_are_written_out(tmp_path):
    name = b"caf\xe9".decode("utf-8", "surrogateescape")
    submit(tmp_path, name, b"{}")
    found = Search([SLUG]).below(tmp_path)
    assert [one.student for one in found] == ["caf\\xe9"] and found[0].read() == (b"{}", "")
    assert readable("이서연") == "이서연"


@pytest.mark.parametrize(
    ("text", "time"),
    [
        (b"2026-01-31 10:00:00 UTC", "2026-01-31 10:00:00"),
        (b"\xef\xbb\xbf2026-01-31 10:00:00.5 UTC\r\n", "2026-01-31 10:00:00.500000"),
        (b"2026-01-31T10:00:00+09:00", "2026-01-31 01:00:00"),
        (b"2026-01-31 10:00:00 /etc/shadow", "None"),
        (b"0001-01-01 00:00:00 +2300", "None"),
        (b"now", "None"),
        (b"2026-01-31 10:00:00 UTC" + b" " * 2000, "None"),
    ],
)
def test_a_time_is_read_or_passed_over(tmp_path, text, time):
    (tmp_path / "timestamp.txt").write_bytes(text)
    assert str(read_timestamp(tmp_path / "timestamp.txt")) == time


def test_a_notebook_that_goes_away_is_a_submission_without_one(tmp_path):
    assert read_notebook(tmp_path / "gone.ipynb") == (None, "gone.ipynb could not be read.")
