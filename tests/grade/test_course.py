"""A whole class: every submission has a row, everything agrees, and a second run does only what is new."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import sys
from contextlib import chdir, redirect_stdout
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.cli import main
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes, make_course, released, submit

pytestmark = pytest.mark.usefixtures("same_workers")
WRONG = "def mean_rows(X):\n    return X.mean(axis=1)"
SCRIPT = """from IPython.display import HTML, display
display(HTML('<b>shown</b><script>alert(1)</script><img src=x onerror=alert(2)>'))
"""
WRITTEN = "Because <script>alert(3)</script> [a](javascript:alert(4)) **bold** <img src=x onerror=alert(5)> $a<b$"
SCORES = {"ann": 5, "blank": 0, "broken": 0, "wrong": 3, "이 서연 [x]*": 5, "=1+1": 5, "renamed": 5, "missing": 0}


def write_class(root: Path) -> Path:
    """Write a class of all kinds of submissions."""
    folder = root / "class"
    right = as_bytes(answered(root, **RIGHT))
    scripted = answered(root, **{**RIGHT, "mean_rows": SCRIPT + RIGHT["mean_rows"]})
    next(c for c in scripted.cells if c.id == "written-why").source = WRITTEN
    submit(folder, "ann", as_bytes(scripted))
    submit(folder, "blank", as_bytes(released(root)))
    submit(folder, "broken", right[:200])
    submit(folder, "wrong", as_bytes(answered(root, **{**RIGHT, "mean_rows": WRONG})))
    submit(folder, "이 서연 [x]*", right)
    submit(folder, "=1+1", right)
    submit(folder, "renamed", right, f"{SLUG} (1).ipynb")
    (folder / "missing" / SLUG).mkdir(parents=True)
    (folder / "ann" / SLUG / "timestamp.txt").write_text("2026-01-31 10:00:00 UTC")
    (folder / "blank" / SLUG / "timestamp.txt").write_text("yesterday, honestly")
    return folder


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Grade the class once; return the root of the course and what was printed."""
    root = make_course(tmp_path_factory.mktemp("graded"))
    write_class(root)
    return root, grade(root)


def grade(root: Path, *flags: str, code: int = 0) -> str:
    """Run `autograder grade class` in a course and return what it printed."""
    printed = io.StringIO()
    with chdir(root), redirect_stdout(printed), pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "200")
        assert main(["grade", "class", *flags]) == code, printed.getvalue()
    return printed.getvalue()


def rows(root: Path, name: str) -> list[dict]:
    """Return the rows of a CSV file; the mark that keeps a cell from being a formula is taken off."""
    with (root / "_build" / "grading" / name).open(encoding="utf-8", newline="") as file:
        return [{key: value.removeprefix("'") for key, value in row.items()} for row in csv.DictReader(file)]


def page(root: Path, student: str) -> str:
    """Return a feedback page."""
    return (root / "_build" / "grading" / "feedback" / student / SLUG / f"{SLUG}.html").read_text(encoding="utf-8")


def in_gradebook(root: Path, name: str = "gradebook.db") -> dict[str, float]:
    """Return the scores in a gradebook."""
    with Gradebook(f"sqlite:///{root / '_build' / 'grading' / name}", "attention") as gradebook:
        return {one.student.id: one.score for one in gradebook.assignment_submissions(SLUG)}


def test_every_submission_has_the_score_it_should_have(graded):
    assert {row["student_id"]: float(row["score"]) for row in rows(graded[0], "grades.csv")} == SCORES


def test_gradebook_table_pages_and_files_agree(graded):
    root, printed = graded
    assert in_gradebook(root) == SCORES
    sums = {student: 0.0 for student in SCORES}
    for row in rows(root, "checks.csv"):
        sums[row["student_id"]] += float(row["score"])
    assert sums == SCORES
    for student, score in SCORES.items():
        assert re.search(rf"{re.escape(student)} .*│ +{score} / 7", printed), printed
        assert f"(Score: {score:.1f} / 7.0)" in page(root, student)


def test_pages_say_what_is_wrong(graded):
    assert "You averaged over the columns." in page(graded[0], "wrong")
    assert "broken or cut off" in page(graded[0], "broken")
    assert "was called 90_fake \\(1\\).ipynb" in page(graded[0], "renamed").replace("90_fake (1)", "90_fake \\(1\\)")


def test_pages_run_nothing_of_a_learner(graded):
    text = page(graded[0], "ann")
    assert "<b>shown</b>" in text and "<strong>bold</strong>" in text and "alert-success" in text
    body = text[text.index("<body") :]
    assert not re.search(r"<script|<[^>]+(?:onerror|javascript:)", body), re.findall(
        r"<script.{40}|<[^>]+onerror[^>]*", body
    )


def test_a_written_answer_waits_for_a_person_and_the_untouched_one_does_not(graded):
    manual = {row["student_id"]: row["needs_manual_grade"] for row in rows(graded[0], "grades.csv")}
    assert manual["ann"] == "True" and manual["blank"] == "False"


def test_no_cell_of_the_csv_files_is_a_formula(graded):
    text = (graded[0] / "_build" / "grading" / "grades.csv").read_text(encoding="utf-8")
    assert "\n'=1+1," in text


def test_marked_notebooks_are_valid(graded):
    for path in (graded[0] / "_build" / "grading" / "autograded").rglob("*.ipynb"):
        nbformat.validate(nbformat.read(path, as_version=4))


def test_the_secret_is_kept_from_others(graded):
    assert (graded[0] / "_build" / "grading" / "course_secret").stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_stock_nbgrader_gives_the_same_scores(graded, tmp_path):
    root = shutil.copytree(graded[0], tmp_path / "course")
    grading = root / "_build" / "grading"
    before, ours = in_gradebook(root), page(root, "wrong")
    (grading / "gradebook.db").rename(grading / "ours.db")
    (grading / "autograded").rename(grading / "ours")
    nbgrader = Path(sys.executable).with_name("nbgrader")
    for verb in ("generate_assignment", "autograde", "generate_feedback"):
        done = subprocess.run(
            [nbgrader, verb, SLUG], cwd=root, capture_output=True, text=True, env={"PATH": "/usr/bin"}
        )
        assert done.returncode == 0, done.stderr
    stock = in_gradebook(root)
    # nbgrader takes the glob characters of a name for a pattern, and leaves out who handed in no notebook
    assert stock == {student: score for student, score in before.items() if student not in ("이 서연 [x]*", "missing")}
    theirs = page(root, "wrong")
    verdicts = [re.findall(r'<div class="alert.*?</div></div>', text) for text in (ours, theirs)]
    assert verdicts[0] == verdicts[1] and len(verdicts[0]) == 2


# ---------------------------------------------------------------- a second run
@pytest.fixture(scope="module")
def small_once(tmp_path_factory):
    """Grade two submissions; return the root of the course."""
    root = make_course(tmp_path_factory.mktemp("small"))
    for student in ("ann", "bob"):
        submit(root / "class", student, as_bytes(answered(root, **RIGHT)))
    grade(root)
    return root


@pytest.fixture
def small(small_once, tmp_path):
    """Return a course of its own with two submissions, graded."""
    return shutil.copytree(small_once, tmp_path / "course")


def test_a_second_run_does_only_what_is_new_or_changed(small):
    pages = {student: (page(small, student), written(small, student)) for student in ("ann", "bob")}
    assert "0 graded, 2 unchanged" in grade(small)
    assert pages == {student: (page(small, student), written(small, student)) for student in ("ann", "bob")}
    submit(small / "class", "bob", as_bytes(answered(small, **{**RIGHT, "mean_rows": WRONG})))
    submit(small / "class", "cho", as_bytes(released(small)))
    assert "2 graded, 1 unchanged" in grade(small)
    assert in_gradebook(small) == {"ann": 5, "bob": 3, "cho": 0}
    assert written(small, "ann") == pages["ann"][1]
    assert "1 graded, 0 unchanged" in grade(small, "--force", "--student", "ann")
    key = small / "solutions" / f"{SLUG}_key.py"
    key.write_text(key.read_text().replace("You averaged over the columns.", "You took the other axis."))
    assert "3 graded, 0 unchanged" in grade(small)
    assert "You took the other axis." in page(small, "bob")


def written(root: Path, student: str) -> int:
    """Return when a feedback page was written."""
    return (root / "_build" / "grading" / "feedback" / student / SLUG / f"{SLUG}.html").stat().st_mtime_ns


def test_a_grade_given_by_hand_stays(small):
    url = f"sqlite:///{small / '_build' / 'grading' / 'gradebook.db'}"
    with Gradebook(url, "attention") as gradebook:
        gradebook.find_grade("written-why", SLUG, SLUG, "ann").manual_score = 1.5
        gradebook.db.commit()
    grade(small, "--force")
    assert in_gradebook(small)["ann"] == 6.5


def test_what_archives_and_learners_leave_in_the_folders_is_no_submission(small):
    for path in ("__MACOSX/x", "ann/.ipynb_checkpoints", "ann/data"):
        (small / "class" / path).mkdir(parents=True)
    (small / "class" / "notes.txt").write_text("x")
    (small / "class" / "eve").symlink_to(small / "class" / "ann")
    said = grade(small)
    scores = {row["student_id"]: float(row["score"]) for row in rows(small, "grades.csv")}
    assert set(scores) == {"ann", "bob", "eve"} and scores["eve"] == 0  # a link is a row that says so
    assert "__MACOSX" in said and "notes.txt" in said


def test_a_link_is_not_followed(small):
    path = submit(small / "class", "eve", b"")
    path.unlink()
    path.symlink_to(small / "solutions" / SLUG / f"{SLUG}.ipynb")
    grade(small)
    assert in_gradebook(small)["eve"] == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere"], "There is no folder nowhere"),
        (["class", "--student", "zoe"], "There are no submissions by zoe"),
        (["class", "--assignment", "99_other"], "There is no released assignment 99_other; there are: 90_fake."),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(graded, monkeypatch, capsys, arguments, sentence):
    monkeypatch.chdir(graded[0])
    assert main(["grade", *arguments]) == 2
    assert sentence in capsys.readouterr().err


def test_an_unknown_assignment_is_named_and_the_rest_is_graded(small):
    submit(small / "class", "ann", b"{}").parent.rename(small / "class" / "ann" / "99_other")
    submit(small / "class", "ann", as_bytes(answered(small, mean_rows=WRONG)))
    assert "no released assignment 99_other" in grade(small, code=1)
    found = {(row["student_id"], row["assignment"]): row["score"] for row in rows(small, "grades.csv")}
    assert found == {("ann", SLUG): "0.0", ("ann", "99_other"): "", ("bob", SLUG): "5.0"}


def test_a_grader_that_was_killed_goes_on_where_it_stopped(small, monkeypatch):
    from autograder.grade import session

    def killed(class_, work, store):
        if work.found.student == "dan":
            raise KeyboardInterrupt
        return finish(class_, work, store)

    finish = session.finish
    for student in ("cho", "dan", "eve"):
        submit(small / "class", student, as_bytes(answered(small, **RIGHT)))
    monkeypatch.setattr(session, "finish", killed)
    grade(small, "--jobs", "1", code=130)
    monkeypatch.setattr(session, "finish", finish)
    assert "2 graded, 3 unchanged" in grade(small)
    assert in_gradebook(small) == dict.fromkeys(["ann", "bob", "cho", "dan", "eve"], 5)
