"""What the table of a class says of a wrong answer is the sentence that says what is wrong."""

from __future__ import annotations

import pytest

from autograder.grade.judge.telling import FRESH, MOST_LETTERS, the_point
from autograder.grade.report import MOST_SHOWN, Row, first_of, what_went_wrong

NOT_DEFINED = "NameError: name 'softmx' is not defined"
POINTS = {
    "the first of two": ("You averaged over the columns. Use the other axis.", "You averaged over the columns"),
    "behind what is right": (
        "The weights are right. The second thing you return are the scores; return the weights.",
        "The second thing you return are the scores; return the weights",
    ),
    "behind what is right now": (
        "The weights are right now, so the split is mended. The last line still has the same fault.",
        "The last line still has the same fault",
    ),
    "right, but": ("The sum is right, but it was not normalised.", "The sum is right, but it was not normalised"),
    "behind which part": (
        "`mean` is wrong; `sum` and `count` are right. You added up and did not divide.",
        "You added up and did not divide",
    ),
    "of several mistakes": (
        "These 2 mistakes give the same numbers here: You divided by n - 1. You summed twice.",
        "You divided by n - 1",
    ),
    "an abbreviation": (
        "Dot and general score differ, e.g. in size. Look at W.",
        "Dot and general score differ, e.g. in size",
    ),
    "full stops in brackets": (
        "A norm (the last one. or both) is missing. Add it.",
        "A norm (the last one. or both) is missing",
    ),
    "what Python said": (
        f"Your function stopped on the case “three rows. of five” (X (3, 5)). Python said: {NOT_DEFINED}",
        f"Python said: {NOT_DEFINED}",
    ),
    "advice before what Python said": (
        f"Is it misspelt? Python said: {NOT_DEFINED}",
        "Is it misspelt?",
    ),
    "numbers of the example only": (f"{FRESH} mean: (1 of 3 numbers differ).", FRESH.rstrip(".")),
    "a known mistake on fresh cases": (f"{FRESH} You averaged over the columns.", "You averaged over the columns"),
    "only what is right": ("The numbers are right.", "The numbers are right"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("diagnosis", "point"), POINTS.values(), ids=POINTS)
def test_the_point_of_a_diagnosis(diagnosis, point):
    assert the_point(diagnosis) == point


def test_a_long_sentence_is_cut_between_two_words():
    made = the_point("You wrote " + "word " * 100 + "here. And more.")
    assert len(made) <= MOST_LETTERS + 2 and made.endswith("word …")


def test_the_table_tells_the_point_and_what_was_left_blank():
    check = {"check": "mean", "status": "wrong", "diagnosis": "The numbers are right. Return them, e.g. as a list."}
    row = Row("ann", "90_fake", 0.0, 5.0, False, 0.0, "graded", (check,), 0.0, ("written-why",))
    assert what_went_wrong(row) == "mean: Return them, e.g. as a list; 1 written answer left blank"


def row_of(number: int, status: str = "graded") -> Row:
    """Return the row of somebody."""
    return Row(f"s{number:04}", "90_fake", 0.0, 5.0, False, 0.0, status)


@pytest.mark.parametrize("lost", [0, 3, MOST_SHOWN + 7])
def test_of_a_large_class_the_table_shows_everybody_without_a_verdict(lost):
    rows = [row_of(n) for n in range(1000 - lost)] + [row_of(2000 + n, "no verdict") for n in range(lost)]
    some, others = first_of(rows)
    assert len(some) == max(MOST_SHOWN, lost) and len(some) + others == 1000
    assert sum(row.status == "no verdict" for row in some) == lost
    assert first_of(rows[:MOST_SHOWN]) == (rows[:MOST_SHOWN], 0)
