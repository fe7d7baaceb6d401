"""An instructor's whole week on a class of sixty: collect, grade, two manual scores, report, feedback, exports."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from nbgrader.api import Gradebook

from autograder.cli import main
from tests.chapters import key_of
from tests.docs.courses import course
from tests.week.sixty import SLUG, canvas_zip, mistakes, moodle_zip, plain_tar, sixty, write_roster

CONFIG = """title: A course
attention:
  due: {02_dot_product_attention: "2024-11-20 23:59 UTC"}
  late: {grace_minutes: 60, percent_per_day: 10, cap_percent: 50}
"""
CHECKED = sum(check.max_score for check in key_of(SLUG).checks)  # points that no person has to give


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def week(tmp_path, monkeypatch):
    """Return a course with a due date, in which the commands run, and the folder of its results."""
    monkeypatch.setenv("TZ", "UTC")  # a zip has no zone
    time.tzset()
    root = course(tmp_path / "course")
    (root / "_config.yml").write_text(CONFIG, encoding="utf-8")
    monkeypatch.chdir(root)
    yield root / "_build" / "grading"
    monkeypatch.undo()
    time.tzset()


@pytest.mark.slow
def test_a_week_with_sixty_learners(week, tmp_path):
    class_ = sixty()
    roster = write_roster(class_, tmp_path / "canvas gradebook.csv")
    collect_twice(week, class_, roster, tmp_path)
    grade(week, class_)
    give_manual_scores(week, class_)
    look_at_the_report(week, class_)
    look_at_feedback(week, class_)
    export(week, class_, roster, tmp_path)


def collect_twice(grading, class_, roster, folder):
    downloads = [
        moodle_zip(class_[:20], folder / "moodle.zip"),
        canvas_zip(class_[20:40], folder / "submissions.zip"),
        plain_tar(class_[40:], folder / "hand-in.tar.gz"),
    ]
    command = ["collect", *map(str, downloads), "--roster", str(roster)]
    assert main(command) == 0
    found = {path.parts[-3]: path for path in (grading / "submitted").glob(f"*/{SLUG}/{SLUG}.ipynb")}
    assert sorted(found) == [one.identity for one in class_]
    before = {name: path.stat().st_mtime_ns for name, path in found.items()}
    assert main(command) == 0
    assert {name: path.stat().st_mtime_ns for name, path in found.items()} == before


def grade(grading, class_):
    assert main(["grade"]) == 0
    graded = {row["student_id"]: row for row in rows(grading / "grades.csv")}
    assert sorted(graded) == [one.identity for one in class_]
    assert {name for name, row in graded.items() if float(row["seconds_late"]) > 0} == {
        one.identity for one in class_ if one.late
    }
    for one in class_:
        lost = CHECKED if one.blank else sum(key_of(SLUG)[name].max_score for name in one.wrong)
        penalty = 0.1 * max(CHECKED - lost, 0) if one.late else 0  # a started day
        low, high = (CHECKED - lost - penalty, CHECKED - penalty / 2)  # some mistakes cost a part of the points
        assert low - 1e-6 <= float(graded[one.identity]["score"]) <= (high if one.wrong or one.late else low) + 1e-6


def give_manual_scores(grading, class_):
    """Do in the gradebook what formgrader does; tests/formgrader does it with a browser."""
    two = [one.identity for one in class_[:2]]
    with Gradebook(f"sqlite:///{grading / 'gradebook.db'}", "attention") as gradebook:
        for student, score in zip(two, (2.0, 0.5), strict=True):
            for name in ("written-weights_or_value", "written-two_sizes"):
                written = gradebook.find_grade(name, SLUG, SLUG, student)
                written.manual_score, written.needs_manual_grade = score, False
                comment = gradebook.find_comment(name, SLUG, SLUG, student)
                comment.manual_comment = f"Well said, {student}<script>x</script>"
        gradebook.db.commit()
    before = {row["student_id"]: float(row["score"]) for row in rows(grading / "grades.csv")}
    assert main(["grade", "--force", "--student", two[0]]) == 0  # graded again, it keeps what a person gave
    after = {row["student_id"]: row for row in rows(grading / "grades.csv")}
    assert float(after[two[0]]["score"]) == pytest.approx(before[two[0]] + 4)
    assert float(after[two[1]]["score"]) == pytest.approx(before[two[1]] + 1)
    nothing_to_read = {one.identity for one in class_ if one.blank}
    assert {name for name, row in after.items() if row["status"] == "graded"} == {*two, *nothing_to_read}


def look_at_the_report(grading, class_):
    assert main(["report"]) == 0
    page = BeautifulSoup((grading / "report.html").read_text(encoding="utf-8"), "html.parser")
    assert not page.find_all("script") and not page.find_all(src=re.compile("^http"))
    text = " ".join(page.get_text(" ").split())
    assert "60" in text
    says = {(check.name, one.name): one.says for check in key_of(SLUG).checks for one in check.misconceptions}
    for (check, name), count in mistakes(class_).items():
        beginning = says[check, name].split("`")[0].split("$")[0][:40].strip()
        assert beginning in text, (check, name, count)


def look_at_feedback(grading, class_):
    pages = {path.parts[-3]: path for path in (grading / "feedback").glob(f"*/{SLUG}/{SLUG}.html")}
    assert sorted(pages) == [one.identity for one in class_]
    anew = ["generate_feedback", SLUG, "--force", "--student", class_[1].identity]  # the other has it already
    subprocess.run([sys.executable, "-m", "nbgrader", *anew], check=True, capture_output=True)
    for one in class_[:2]:
        page = pages[one.identity].read_text(encoding="utf-8")
        assert f"Well said, {one.identity}" in page and "<script" not in page
    for one in class_[:20]:
        others = [other.first for other in class_ if other.first != one.first]
        told = BeautifulSoup(pages[one.identity].read_text(encoding="utf-8"), "html.parser").get_text()
        assert (f"({one.first})" in told) != one.blank and not any(f"({name})" in told for name in others)


def export(grading, class_, roster, folder):
    csv_file, json_file = folder / "back to canvas.csv", folder / "checks.json"
    assert main(["export", "canvas", "--roster", str(roster), "--to", str(csv_file)]) == 0
    assert main(["export", "moodle"]) == 0
    assert main(["export", "nbgrader"]) == 0
    assert main(["export", "json", "--to", str(json_file)]) == 0
    scores = {row["student_id"]: float(row["score"]) for row in rows(grading / "grades.csv")}
    canvas = {row["SIS Login ID"]: row["Dot product attention (4711)"] for row in rows(csv_file) if row["SIS Login ID"]}
    moodle = {row["student_id"]: row[SLUG] for row in rows(grading / f"moodle_{SLUG}.csv")}
    nbgrader = {row["student_id"]: row["score"] for row in rows(grading / f"nbgrader_{SLUG}.csv")}
    document = json.loads(json_file.read_text(encoding="utf-8"))
    assert document["version"] == 1
    in_json = {one["student"]: one["score"] for one in document["submissions"]}
    for name, found in (("canvas", canvas), ("moodle", moodle), ("nbgrader", nbgrader), ("json", in_json)):
        assert sorted(found) == sorted(scores), name
        assert all(float(found[one]) == pytest.approx(scores[one], abs=0.01) for one in scores), name
    named = Counter(
        (task["name"], name)
        for one in document["submissions"]
        for task in one["tasks"]
        for name in task["misconceptions"]
    )
    assert named == mistakes(class_)
