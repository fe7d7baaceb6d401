"""`autograder mistakes` on a small course, and what is called which symptom."""

import json

import numpy as np
import pytest

from autograder.authoring.mistakes import SYMPTOMS, Evidence, symptom
from autograder.cli import main

from .course import SLUG, make_course


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.chdir(make_course(tmp_path))
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path


def test_it_lists_cases_and_what_tells_a_mistake_apart(course, capsys):
    assert main(["mistakes"]) == 0
    out = capsys.readouterr().out
    assert f"{SLUG}  twice: Doubling" in out
    assert "case 1: a row" in out
    row = next(line for line in out.splitlines() if "squared" in line)
    assert [cell.strip() for cell in row.strip("│ ").split("│")] == ["squared", "≠", "right", "1"]


@pytest.mark.parametrize("pairs", [[], ["--pairs"]])
def test_the_name_of_a_mistake_stays_whole_in_a_narrow_file(course, capsys, monkeypatch, pairs):
    monkeypatch.setenv("COLUMNS", "40")
    key = course / "solutions" / f"{SLUG}_key.py"
    name = "_".join(["squared"] * 8)
    key.write_text(key.read_text().replace('"squared"', f'"{name}"'))
    assert main(["mistakes", *pairs]) == 0
    assert name in capsys.readouterr().out


def test_a_check_for_a_program(course, capsys):
    assert main(["mistakes", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["checks"]
    assert (found["assignment"], found["check"], found["cases"]) == (SLUG, "twice", ["a row"])
    squared = {"name": "squared", "shown_by": [1], "nearest": "right", "told_apart_by": [1]}
    assert found["mistakes"] == [squared]
    assert main(["mistakes", "--quiet"]) == 0 and capsys.readouterr().out == ""


def test_quietly_it_names_a_check_that_tells_too_little(course, capsys):
    key = course / "solutions" / f"{SLUG}_key.py"
    key.write_text(key.read_text().replace("lambda x: x * x", "lambda x: x / 0.5"))
    assert main(["mistakes", "--quiet"]) == 0 and "squared" in capsys.readouterr().out


def test_pairs_and_one_check(course, capsys):
    assert main(["mistakes", SLUG, "--check", "twice", "--pairs"]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if "squared" in line)
    assert [cell.strip() for cell in row.strip("│ ").split("│")] == ["right", "squared", "1"]


def test_an_unknown_check_and_an_unknown_chapter_are_said(course, capsys):
    assert main(["mistakes", "--check", "thrice"]) == 2
    assert "no check called thrice" in capsys.readouterr().err
    assert main(["mistakes", "10_nothing"]) == 2
    assert f"the chapters are: {SLUG}" in capsys.readouterr().err


def test_help_explains_the_signs(capsys):
    with pytest.raises(SystemExit):
        main(["mistakes", "--help"])
    out = " ".join(capsys.readouterr().out.split())
    assert "tell them apart" in out and "· it cannot be seen on this case" in out


WEIGHTS = np.array([[0.2, 0.8], [0.6, 0.4]])
SEEN = {
    "There are NaNs or infinities": [WEIGHTS, WEIGHTS * np.nan],
    "It stops with an error, but only sometimes": [WEIGHTS, {"raises": ["ValueError"]}],
    "The shape is another": [WEIGHTS, WEIGHTS[0]],
    "Rows do not sum to one": [WEIGHTS, WEIGHTS / 2],
    "Right for some inputs, wrong for others": [WEIGHTS, WEIGHTS],
    "The right numbers in other places": [10 * WEIGHTS, 10 * WEIGHTS.T],
    "All numbers are off by one factor": [10 * WEIGHTS, 5 * WEIGHTS],
    "All numbers are equal": [10 * WEIGHTS, 0.7 * np.ones((2, 2))],
    "Right shape, other numbers": [10 * WEIGHTS, 10 * WEIGHTS**2],
}


@pytest.mark.parametrize("title", SEEN)
def test_a_symptom_is_the_most_striking_thing(title):
    right, wrong = SEEN[title]
    other = 3 * WEIGHTS if np.array_equal(right, wrong) else right
    cases = [
        {"label": "one", "expected": {"y": right}, "wrong": {"m": wrong if isinstance(wrong, dict) else {"y": wrong}}},
    ]
    if other is not right:
        cases.append({"label": "two", "expected": {"y": WEIGHTS + 1}, "wrong": {"m": {"y": other + 1}}})
    spec = {"returns": ["y"], "rtol": 1e-4, "atol": 1e-5, "cases": cases}
    assert symptom(Evidence(spec, "m")) == title


def test_a_missing_error_is_seen():
    cases = [{"label": "one", "expected": {"raises": ["ValueError"]}, "wrong": {"m": {"y": WEIGHTS}}}]
    spec = {"returns": ["y"], "rtol": 1e-4, "atol": 1e-5, "cases": cases}
    assert symptom(Evidence(spec, "m")) == "An error is missing"


def test_one_wrong_part_of_two_is_seen():
    cases = [
        {"label": "one", "expected": {"y": WEIGHTS + 1, "z": WEIGHTS}, "wrong": {"m": {"y": WEIGHTS**2, "z": WEIGHTS}}}
    ]
    spec = {"returns": ["y", "z"], "rtol": 1e-4, "atol": 1e-5, "cases": cases}
    assert symptom(Evidence(spec, "m")) == "One result of several is wrong"


def test_every_symptom_is_tried_here():
    assert {*SEEN, "An error is missing", "One result of several is wrong"} == set(SYMPTOMS)
