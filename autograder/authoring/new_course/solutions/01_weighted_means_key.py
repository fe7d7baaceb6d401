"""The answer key of chapter 1: what is right, and which mistakes are known."""

import numpy as np
from autograder.course.answer_key import AnswerKey, Check
from autograder.course.rows import mistakes

# Sections of the chapter's page.
COUNT = "Some tests count more"
DIVIDE = "Divide by the weights"


# ---------------------------------------------------------------- the cases
def inputs(rng):
    """Draw marks (students, tests) and weights (tests,): with a fraction, and whole."""
    return {
        "three students, five tests": {
            "marks": rng.uniform(1, 20, size=(3, 5)).round(1),
            "weights": rng.uniform(1, 6, size=5).round(1),
        },
        "seven students, whole marks": {
            "marks": rng.integers(1, 21, size=(7, 3)),
            "weights": rng.permutation([1, 2, 4]),
        },
    }


# ---------------------------------------------------------------- the right answer, twice
def means(marks, weights, axis=1, divisor=np.sum):
    """Return the weighted mean of each row; a mistake exchanges one of the steps."""
    return (marks * weights).sum(axis=axis) / divisor(weights)


def by_loops(marks, weights):
    """Return the same, number by number."""
    sums = [sum(m * w for m, w in zip(row, weights, strict=True)) for row in marks]
    return [total / sum(weights) for total in sums]


# ---------------------------------------------------------------- what learners get wrong
def cut(marks, weights):
    """Put the means into an array of the kind of the marks, which may be whole numbers."""
    return means(marks, weights).astype(marks.dtype)


# A row: name, how it is made (a step exchanged, or a whole wrong answer), what is told.
# fmt: off
MISTAKES = mistakes(means, DIVIDE,
    ("weights_ignored", lambda marks, weights: marks.mean(axis=1),
     "In the plain mean every test counts the same. Multiply by the weights first.", COUNT),
    ("not_divided", {"divisor": lambda weights: 1},
     "These are weighted sums. Divide them by the sum of the weights."),
    ("divided_by_how_many", {"divisor": len},
     "You divided by the number of tests. Divide by the sum of their weights."),
    ("divided_by_the_largest", {"divisor": np.max},
     "You divided by the largest weight. Divide by the sum of the weights."),
    ("over_the_students", {"axis": 0},
     "You summed over the students, axis=0. Sum over the tests: axis=1.", COUNT),
    ("one_for_all", [{"axis": None}, lambda **given: means(**given).mean()],
     "This is one number for all students. Sum over the tests alone: axis=1.", COUNT),
    ("cut_to_whole_numbers", cut,
     "An array made like the marks holds whole numbers only. Use np.zeros(len(marks))."),
)
# fmt: on

WEIGHTED_MEANS = Check(
    name="weighted_means",
    claim="divides_by_the_sum_of_weights",
    title="A mean for each student",
    function="weighted_means",
    inputs=inputs,
    reference=means,
    second_route=by_loops,
    returns=("means",),
    points={"means": 2},
    misconceptions=MISTAKES,
    hints=(
        "`marks * weights` multiplies each column by the weight of its test.",
        "Sum that with `axis=1`, and divide by `weights.sum()`.",
    ),
    read=DIVIDE,
)

KEY = AnswerKey(chapter="01_weighted_means", checks=(WEIGHTED_MEANS,))
