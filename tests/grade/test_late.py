"""What being late costs: by hand, through `autograder grade`, through stock nbgrader, and after a change of mind."""

from __future__ import annotations

import datetime
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from traitlets.config import Config

from autograder.course.deadlines import LATE, due_dates, late_settings
from autograder.errors import UserError
from autograder.gradebook.late_penalty import LatePenalty
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes, make_course, submit
from tests.grade.test_course import grade, page, rows

pytestmark = pytest.mark.usefixtures("same_workers")
HOUR, DAY = 3600, 86400
TEN = {"percent_per_day": 10}
HANDED_IN = {"early": "2026-11-30 12:00", "late": "2026-12-01 23:30", "later": "2026-12-04 22:00", "never": None}


@pytest.mark.parametrize(
    ("settings", "score", "seconds", "penalty"),
    [
        ({}, 20, 9 * DAY, None),
        (TEN, 20, 1, 2),
        (TEN, 20, DAY, 2),
        (TEN, 20, DAY + 1, 4),
        (TEN, 7, 3 * DAY, 2.1),
        (TEN, 0, 3 * DAY, 0),
        (TEN, 20, 10 * DAY, 20),
        (TEN, 20, 400 * DAY, 20),
        (TEN | {"cap_percent": 50}, 20, 4 * DAY, 8),
        (TEN | {"cap_percent": 50}, 20, 6 * DAY, 10),
        (TEN | {"cap_percent": 0}, 20, 6 * DAY, None),
        (TEN | {"grace_minutes": 60}, 20, HOUR, None),
        (TEN | {"grace_minutes": 60}, 20, HOUR + 1, 2),
        (TEN | {"grace_minutes": 60}, 20, DAY + HOUR, 2),
        (TEN | {"grace_minutes": 60}, 20, DAY + HOUR + 1, 4),
        ({"percent_per_day": 2.5}, 8, 2 * DAY, 0.4),
        ({"percent_per_day": 100}, 8, 60, 8),
    ],
)
def test_days_that_have_begun_count_whole_after_the_grace_up_to_the_cap(settings, score, seconds, penalty):
    plugin = LatePenalty(config=Config(LatePenalty=LATE | settings))
    expected = None if penalty is None else pytest.approx(penalty)
    assert plugin.late_submission_penalty("ann", score, seconds) == expected


def configured(root: Path, text: str = "", due: str = "2026-12-01 23:59 Europe/Berlin") -> Path:
    """Write settings into a course."""
    (root / "_config.yml").write_text(
        f"attention:\n  trust_timestamps: true\n  due:\n    {SLUG}: {due}\n{text}", encoding="utf-8"
    )
    return root


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-12-01 23:59 Europe/Berlin", (2026, 12, 1, 22, 59)),
        ("2026-07-01 23:59 Europe/Berlin", (2026, 7, 1, 21, 59)),
        ("2026-12-01 23:59:30 UTC", (2026, 12, 1, 23, 59, 30)),
        ("2026-12-01T23:59 Asia/Seoul", (2026, 12, 1, 14, 59)),
        ("2026-12-01 23:59 -05:00", (2026, 12, 2, 4, 59)),
        ("2026-12-01 23:59:00 +01:00", (2026, 12, 1, 22, 59)),
        ("2026-12-01 23:59 europe/berlin", (2026, 12, 1, 22, 59)),
        ("2026-12-01 23:59 UTC+1", (2026, 12, 1, 22, 59)),
        ("2026-10-25 02:30 +01:00", (2026, 10, 25, 1, 30)),
        ("", None),
    ],
)
def test_due_dates_are_read_with_their_zone(tmp_path, text, utc):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / f"{SLUG}_key.py").touch()
    assert due_dates(configured(tmp_path, due=text)) == {SLUG: utc and datetime.datetime(*utc)}


@pytest.mark.parametrize(
    ("due", "sentence"),
    [
        ("2026-12-01 23:59", "no date, time and zone; write it like"),
        ("2026-12-01", "no date, time and zone; write it like"),
        ("tomorrow, honestly", "no date, time and zone; write it like"),
        ("2026-12-01 23:59 Europe/Atlantis", "there is no time zone 'Europe/Atlantis'; write a place"),
        ("2026-12-01 23:59 ../../etc/passwd", "there is no time zone"),
        ("2026-12-01 23:59 CST", "CST is a short name, which several time zones may have; write a place"),
        ("2026-10-25 02:30 Europe/Berlin", "comes twice there"),
        ("2026-03-29 02:30 Europe/Berlin", "is skipped there"),
        ("2026-12-01 24:00 UTC", "which no clock shows; write it like"),
        ("2026-02-30 23:59 UTC", "which no clock shows; write it like"),
        (f"2026-12-01 23:59 UTC\n    99_other: 2026-12-01 23:59 UTC\n    #{SLUG}", "names 99_other"),
    ],
)
def test_a_due_date_that_cannot_be_meant_is_told(tmp_path, due, sentence):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / f"{SLUG}.py").touch()
    with pytest.raises(UserError) as told:
        due_dates(configured(tmp_path, due=due))
    assert sentence in str(told.value)


@pytest.mark.parametrize(
    ("late", "sentence"),
    [
        ("{percent_per_day: -1}", "percent_per_day in _config.yml is -1; it must be a number from 0 to 100."),
        ("{percent_per_day: 101}", "percent_per_day in _config.yml is 101"),
        ("{cap_percent: 200}", "cap_percent in _config.yml is 200"),
        ("{grace_minutes: soon}", "grace_minutes in _config.yml is soon; it must be a number from 0."),
        ("{grace_minutes: .inf}", "grace_minutes in _config.yml is inf"),
        ("{percent_per_day: true}", "percent_per_day in _config.yml is True"),
        ("{percent: 10}", "has no setting percent; there are: grace_minutes, percent_per_day, cap_percent."),
        ("10 percent", "is no list of settings"),
        ("{percent_per_day: [", "_config.yml cannot be read (line"),
    ],
)
def test_settings_that_make_no_sense_are_told(tmp_path, late, sentence):
    with pytest.raises(UserError) as told:
        late_settings(configured(tmp_path, f"  late: {late}\n"))
    assert sentence in str(told.value)


# ---------------------------------------------------------------- a class
def penalties(root: Path) -> dict[str, float]:
    """Return what the gradebook has taken off."""
    with Gradebook(f"sqlite:///{root / '_build' / 'grading' / 'gradebook.db'}", "attention") as gradebook:
        return {one.student.id: one.late_submission_penalty for one in gradebook.assignment_submissions(SLUG)}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Grade submissions that came early, late and without a time, while lateness costs nothing."""
    root = make_course(tmp_path_factory.mktemp("late"))
    for student, time in HANDED_IN.items():
        path = submit(root / "class", student, as_bytes(answered(root, **RIGHT)))
        if time:
            path.with_name("timestamp.txt").write_text(f"{time} UTC")
    grade(configured(root))
    return root


@pytest.fixture
def course(graded, tmp_path):
    """Return a graded course of one's own."""
    return shutil.copytree(graded, tmp_path / "course")


def test_nothing_is_taken_off_where_nothing_is_configured(graded):
    assert penalties(graded) == dict.fromkeys(HANDED_IN, 0)
    assert {row["student_id"]: float(row["seconds_late"]) for row in rows(graded, "grades.csv")} == {
        "early": 0,
        "late": 31 * 60,
        "later": 2 * DAY + 23 * HOUR + 60,
        "never": 0,
    }


def test_a_new_policy_or_due_date_counts_at_the_next_run_without_running_code_again(course):
    configured(course, "  late: {percent_per_day: 20}\n")
    printed = grade(course)
    assert "0 graded, 4 unchanged" in printed and "2 with a new penalty for being late." in printed
    assert penalties(course) == {"early": 0, "late": 1, "later": 3, "never": 0}
    assert {row["student_id"]: row["score"] for row in rows(course, "grades.csv")} == {
        "early": "5.0",
        "late": "4.0",
        "later": "2.0",
        "never": "5.0",
    }
    assert "(Score: 2.0 / 7.0)" in page(course, "later")
    configured(course, "  late: {percent_per_day: 20}\n", due="2026-11-30 11:59 UTC")
    grade(course)
    assert penalties(course) == {"early": 1, "late": 2, "later": 5, "never": 0}
    configured(course, "  late: {percent_per_day: 20}\n", due="")
    assert "3 with a new penalty" in grade(course)
    assert penalties(course) == dict.fromkeys(HANDED_IN, 0)
    assert "with a new penalty" not in grade(course)


def test_a_penalty_is_right_at_once(course):
    configured(course, "  late: {percent_per_day: 20}\n")
    submit(course / "class", "later", as_bytes(answered(course, center=RIGHT["center"])))
    (course / "class" / "late" / SLUG / "timestamp.txt").write_text("2026-12-03 22:00 UTC")
    shutil.copytree(course / "class" / "late", course / "class" / "new")
    printed = grade(course)
    assert "3 graded, 2 unchanged" in printed and "with a new penalty" not in printed
    assert "late, 1.8 off" in printed and "early" in printed
    assert penalties(course) == {"early": 0, "late": 2, "later": pytest.approx(1.8), "never": 0, "new": 2}


def test_an_extension_and_a_score_given_by_hand_count_at_the_next_run(course):
    configured(course, "  late: {percent_per_day: 20}\n")
    grade(course)
    with Gradebook(f"sqlite:///{course / '_build' / 'grading' / 'gradebook.db'}", "attention") as gradebook:
        gradebook.grant_extension(SLUG, "late", days=1)
        gradebook.find_grade("written-why", SLUG, SLUG, "later").manual_score = 2
        gradebook.db.commit()
    grade(course)
    assert penalties(course) == {"early": 0, "late": 0, "later": pytest.approx(0.6 * 7), "never": 0}


def test_a_due_date_from_formgrader_stays_where_the_configuration_names_none(course):
    (course / "_config.yml").write_text("attention: {trust_timestamps: true, late: {percent_per_day: 100}}\n")
    with Gradebook(f"sqlite:///{course / '_build' / 'grading' / 'gradebook.db'}", "attention") as gradebook:
        gradebook.update_or_create_assignment(SLUG, duedate="2026-12-02 00:00 UTC")
    grade(course)
    assert penalties(course) == {"early": 0, "late": 0, "later": 5, "never": 0}


def test_a_bad_setting_stops_grading_with_a_sentence(course, capsys):
    configured(course, "  late: {percent_per_day: lots}\n")
    grade(course, code=2)
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.slow
def test_stock_nbgrader_takes_off_the_same(course):
    configured(course, "  late: {grace_minutes: 30, percent_per_day: 10, cap_percent: 25}\n")
    grade(course)
    ours, grading = penalties(course), course / "_build" / "grading"
    assert ours == {"early": 0, "late": 0.5, "later": 1.25, "never": 0}
    (grading / "gradebook.db").unlink()
    (grading / "autograded").rename(grading / "ours")
    nbgrader = Path(sys.executable).with_name("nbgrader")
    environment = {"PATH": "/usr/bin", "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    for verb in ("generate_assignment", "autograde"):
        command = [nbgrader, verb, SLUG]
        done = subprocess.run(command, cwd=course, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
    assert penalties(course) == ours
    configured(course, "  late: {percent_per_day: lots}\n")
    done = subprocess.run([nbgrader, "autograde", SLUG], cwd=course, capture_output=True, text=True, env=environment)
    assert done.returncode == 1 and done.stderr.strip().endswith("it must be a number from 0 to 100.")
