"""The comparison of two checkouts sees what differs."""

from __future__ import annotations

import json

import pytest

from tests.same_results import RESULTS, differences, digest, gradebook, names


def results(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = {name: digest(text.encode()) for name, text in files.items()}
    (folder / RESULTS).write_text(json.dumps(found))
    return folder


FILES = {"graded/grades.csv": "ada,3\nben,2\n", "graded/feedback/ada/x.html": "<p>good</p>", "exercises/x/check.py": ""}


@pytest.fixture
def before(tmp_path):
    return results(tmp_path / "before", FILES)


def test_equal_results_differ_in_nothing(before, tmp_path):
    assert differences(before, results(tmp_path / "after", FILES)) == []


def test_another_score_is_named_with_its_line(before, tmp_path):
    after = results(tmp_path / "after", FILES | {"graded/grades.csv": "ada,3\nben,1\n"})
    assert differences(before, after)[0] == "differs: graded/grades.csv"
    assert differences(before, after)[2:] == ["    -ben,2", "    +ben,1"]


def test_a_file_that_is_there_once_only_is_named(before, tmp_path):
    after = results(tmp_path / "after", {name: text for name, text in FILES.items() if "feedback" not in name})
    line = "graded/feedback/ada/x.html"
    assert differences(before, after) == [f"only in {before}: {line}"]
    assert differences(after, before) == [f"only in {before}: {line}"]


def test_what_python_leaves_behind_is_no_result(tmp_path):
    for name in ("exercises/a/check.py", "exercises/__pycache__/check.pyc", "exercises/a/.check.new"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert names(tmp_path, ("exercises/*/*",)) == ["exercises/a/check.py"]


def test_a_gradebook_is_told_by_its_scores(tmp_path):
    from nbgrader.api import Gradebook

    from tests.sample_class import SLUG

    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}", course_id="attention") as book:
        book.add_assignment(SLUG)
        notebook = book.add_notebook(SLUG, SLUG)
        assert notebook is not None
        book.add_grade_cell("sum-adds", SLUG, SLUG, max_score=3, cell_type="code")
        book.add_student("ada")
        book.add_submission(SLUG, "ada")
        book.find_grade("sum-adds", SLUG, SLUG, "ada").auto_score = 2
        book.db.commit()
    (told,) = gradebook(tmp_path)
    assert (told["student"], told["score"], told["cells"][0]["auto_score"]) == ("ada", 2, 2)
