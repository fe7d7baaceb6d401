"""What is decided about a question counts everywhere, whatever is graded later, and goes when it is taken back."""

from __future__ import annotations

import getpass

import pytest

from autograder.grade.session import Class
from autograder.gradebook.store import Store
from tests.amend.conftest import (
    CENTER,
    LATE,
    MEAN,
    PARTLY,
    SCORES,
    SLUG,
    WRITTEN,
    WRONG,
    amend,
    everywhere,
    gradebook,
    handed_in,
    log,
    near,
    results,
    rows,
    run,
    submitted,
)

WHY = ("--reason", "It was unclear.")
CASES = {  # the points of ann, bob and cat after it, ann's before a fifth is taken off, and of how many
    "to everybody": (("drop", SLUG, "mean_rows", "--to", "everybody"), (5, 5, 3), 7),
    "to nobody": (("drop", SLUG, "mean_rows", "--to", "nobody"), (3, 3, 1), 5),
    "a written one": (("drop", SLUG, WRITTEN, "--to", "everybody"), (7, 5, 5), 7),
    "other points": (("points", SLUG, "center", "6"), (8, 6, 4), 10),
    "accepted": (("accept", SLUG, "mean_rows", "--student", "bob"), (5, 5, 3), 7),
    "in part": (("accept", SLUG, "mean_rows", "--student", "bob", "--points", "1.5"), (5, 4.5, 3), 7),
}


def scores(points, most) -> dict:
    """Return what counts: ann is late."""
    ann, bob, cat = points
    return {"ann": (0.8 * ann, most), "bob": (bob, most), "cat": (cat, most)}


BEFORE = scores(SCORES.values(), 7)


def state(root) -> dict[str, bytes]:
    """Return all results but the decisions and what exporting writes."""
    kept = {"autograded", "feedback", "state", "grades.csv", "checks.csv"}
    files = [path.relative_to(results(root)) for path in results(root).rglob("*") if path.is_file()]
    return {str(path): (results(root) / path).read_bytes() for path in files if path.parts[0] in kept}


def test_the_class_is_as_it_should_be_before(course):
    assert everywhere(course) == near(BEFORE) and LATE["ann"] == 0.2 * SCORES["ann"]


@pytest.mark.parametrize("case", CASES)
def test_it_counts_everywhere_and_stays_and_goes(course, case):
    arguments, points, most = CASES[case]
    before, wanted = state(course), near(scores(points, most))
    amend(course, *arguments, *WHY)
    assert everywhere(course) == wanted
    changed = state(course)
    run(course, "grade")
    assert everywhere(course) == wanted and state(course) == changed
    amend(course, "undo", "1")
    assert everywhere(course) == near(BEFORE)
    after = state(course)
    assert sorted(after) == sorted(before)
    assert [name for name in before if before[name] != after[name] and not name.startswith("autograded")] == []


def test_all_is_graded_again_and_somebody_new_comes_and_it_still_counts(course):
    amend(course, *CASES["to everybody"][0])
    amend(course, *CASES["other points"][0])
    wanted = scores((8, 8, 4), 10)
    assert everywhere(course) == near(wanted)
    submitted(course, "eve", handed_in(course, mean_rows=WRONG, center=PARTLY), "2026-11-30 12:00 UTC")
    run(course, "grade", "--force")
    assert everywhere(course) == near(wanted | {"eve": (4, 10)})


def test_a_line_says_who_has_decided_what_for_whom_and_why(course):
    amend(course, *CASES["to nobody"][0], *WHY)
    (line,) = log(course)
    changes = {"ann": {"before": 4, "after": 2.4}, "cat": {"before": 3, "after": 1}, "bob": {"before": 3, "after": 3}}
    assert line.pop("when").endswith("+00:00")
    assert {name: {what: pytest.approx(n) for what, n in one.items()} for name, one in changes.items()} == line.pop(
        "changes"
    )
    about = {"number": 1, "what": "drop", "assignment": SLUG, "cell": MEAN, "points": 0.0}
    assert line == about | {"who": getpass.getuser(), "reason": WHY[1]}
    amend(course, "undo", "1", "--reason", "It was clear.")
    assert [one["number"] for one in log(course)] == [1, 2] and log(course)[1]["undoes"] == 1


def test_a_learner_is_told_and_the_report_counts_no_mistake(course):
    amend(course, "accept", SLUG, "mean_rows", "--student", "bob", "--reason", "The page says <rows> & columns.")
    page = (results(course) / "feedback" / "bob" / SLUG / f"{SLUG}.html").read_text(encoding="utf-8")
    assert "A person has accepted this answer. The page says &lt;rows&gt; &amp; columns." in page
    assert "✓ The mean of the rows: 2 of 2 points" in page
    row = next(row for row in rows(course, "checks.csv") if (row["student_id"], row["check"]) == ("bob", "mean_rows"))
    assert (row["status"], row["score"]) == ("accepted", "2.0")
    run(course, "report")
    assert "You averaged over the columns." not in (results(course) / "report.html").read_text(encoding="utf-8")
    amend(course, "drop", SLUG, WRITTEN, "--to", "everybody", "--reason", "Two answers are right.")
    page = (results(course) / "feedback" / "bob" / SLUG / f"{SLUG}.html").read_text(encoding="utf-8")
    assert "This task was dropped: everybody has its points. Two answers are right." in page
    assert {row["needs_manual_grade"] for row in rows(course, "grades.csv") if row["score"]} == {"False"}


# ---------------------------------------------------------------- marks by hand
def mark(root, student, name, points) -> None:
    """Give points in the gradebook, as formgrader does."""
    with gradebook(root) as book:
        grade = book.find_grade(name, SLUG, SLUG, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        book.db.commit()


def marks(root, student) -> dict[str, float | None]:
    """Return the marks by hand."""
    with gradebook(root) as book:
        return {name: book.find_grade(name, SLUG, SLUG, student).manual_score for name in (MEAN, CENTER, WRITTEN)}


def test_marks_by_hand_stay_where_points_change_and_come_back_where_a_task_was_dropped(course, capsys):
    for student, name, points in (("bob", MEAN, 1), ("bob", WRITTEN, 1.5), ("cat", CENTER, 2.5)):
        mark(course, student, name, points)
    given = {one: marks(course, one) for one in ("bob", "cat")}
    run(course, "grade")
    before = everywhere(course, pages=False)
    amend(course, "points", SLUG, "center", "6")
    assert "Marks by hand stay as they are: cat (2.5)." in capsys.readouterr().out
    assert {one: marks(course, one) for one in given} == given
    assert everywhere(course, pages=False) == near({"ann": (6.4, 10), "bob": (8.5, 10), "cat": (4.5, 10)})
    amend(course, "undo", "1")
    amend(course, "drop", SLUG, "mean_rows", "--to", "nobody")
    assert "Marks by hand are set aside until this is undone: bob (1)." in capsys.readouterr().out
    assert everywhere(course, pages=False)["bob"] == (4.5, 5) and marks(course, "bob")[MEAN] is None
    mark(course, "ann", MEAN, 2)  # in vain: the task counts for nobody
    run(course, "grade")
    assert everywhere(course, pages=False)["ann"] == pytest.approx((2.4, 5))
    amend(course, "undo", str(max(one["number"] for one in log(course) if one["what"] == "drop")))
    assert {one: marks(course, one) for one in given} == given and everywhere(course, pages=False) == near(before)
    mark(course, "bob", MEAN, None)
    run(course, "grade")
    assert marks(course, "bob")[MEAN] is None, "what came back once is a person's again"


# ---------------------------------------------------------------- an accepted answer, and a grader that is killed
def test_an_accepted_answer_stays_accepted_and_another_one_is_not(course, capsys):
    amend(course, *CASES["accepted"][0], *WHY)
    submitted(course, "bob", handed_in(course, mean_rows=WRONG, center=PARTLY))
    run(course, "grade")
    assert everywhere(course)["bob"] == (3, 7)  # the same answer to this task: 2 of 2, and 1 for the other
    capsys.readouterr()
    submitted(course, "bob", handed_in(course, mean_rows=f"# again\n{WRONG}"))
    run(course, "grade")
    printed = " ".join(capsys.readouterr().out.split())
    assert (
        "bob, 90_fake: the answer to mean_rows-averages_over_rows that was accepted by hand has been changed" in printed
    )
    assert everywhere(course)["bob"] == (3, 7)
    row = next(row for row in rows(course, "grades.csv") if row["student_id"] == "bob")
    assert row["needs_manual_grade"] == "True"
    with gradebook(course) as book:
        assert book.find_grade(MEAN, SLUG, SLUG, "bob").needs_manual_grade


@pytest.mark.parametrize("moment", ["before anything", "after the gradebook", "among the pages"])
def test_what_a_killed_command_has_begun_the_next_grading_ends(course, monkeypatch, moment):
    class Killed(BaseException):
        pass

    def killed(*_):
        raise Killed

    with monkeypatch.context() as patch:
        if moment == "before anything":
            patch.setattr(Store, "bring_up_to_date", killed)
        elif moment == "after the gradebook":
            patch.setattr("autograder.gradebook.store.write_new", killed)
        else:
            patch.setattr(Class, "links", property(killed))
        with pytest.raises(Killed):
            amend(course, *CASES["to everybody"][0])
    run(course, "grade")
    assert everywhere(course) == near(scores(*CASES["to everybody"][1:]))


def test_a_line_that_was_never_finished_is_nothing_and_a_spoilt_one_is_told(course, capsys):
    amend(course, *CASES["to everybody"][0])
    path = results(course) / "decisions.jsonl"
    with path.open("a") as file:
        file.write('{"number": 2, "what": "dr')
    amend(course, *CASES["other points"][0])
    assert [one["number"] for one in log(course)] == [1, 2]
    path.write_text(path.read_text().replace("{", "", 1))
    capsys.readouterr()
    run(course, "grade", code=2)
    assert "Line 1 of" in capsys.readouterr().err
