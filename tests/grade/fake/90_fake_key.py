"""The answer key of a small chapter that exists only to test the grading machinery."""

import numpy as np

from autograder.course.answer_key import AnswerKey, Check, Misconception


def inputs(rng):
    """Return one case: X (5, 3)."""
    return {"five rows": {"X": rng.normal(size=(5, 3))}}


def spread_inputs(rng):
    """Return two cases: X (5, 3) and a scale."""
    return {
        "five rows": {"X": rng.normal(size=(5, 3)), "scale": 2.0},
        "four rows": {"X": rng.normal(size=(4, 6)), "scale": 0.5},
    }


def mean_rows(X):
    """Return the mean of the rows."""
    return X.mean(axis=0)


def mean_rows_loop(X):
    """Return the mean of the rows by adding them up."""
    return sum(X) / len(X)


def center(X, scale):
    """Return the rows less their mean, and the largest distance from it."""
    centered = scale * (X - X.mean(axis=0))
    return centered, np.abs(centered).max()


def center_loop(X, scale):
    """Return the same, row by row."""
    centered = [[scale * (x - m) for x, m in zip(row, mean_rows_loop(X), strict=True)] for row in X]
    return np.array(centered), max(abs(x) for row in centered for x in row)


KEY = AnswerKey(
    chapter="90_fake",
    checks=(
        Check(
            name="mean_rows",
            claim="averages_over_rows",
            title="The mean of the rows",
            function="mean_rows",
            inputs=inputs,
            reference=mean_rows,
            second_route=mean_rows_loop,
            returns=("mean",),
            points={"mean": 2},
            misconceptions=(
                Misconception("wrong_axis", lambda X: X.mean(axis=1), "You averaged over the columns.", "Axes"),
                Misconception("sum", lambda X: X.sum(axis=0), "You added up and did not divide.", "Means"),
            ),
            hints=("Use an axis.",),
            read="Means",
            names=lambda inputs: {"N": inputs["X"].shape[0]},
            stale=("leftover",),
        ),
        Check(
            name="center",
            claim="gives_rows_and_spread",
            title="Centred rows and their spread",
            function="center",
            inputs=spread_inputs,
            reference=center,
            second_route=center_loop,
            returns=("centered", "spread"),
            points={"centered": 1, "spread": 2},
            misconceptions=(
                Misconception("unscaled", lambda X, scale: center(X, 1.0), "You forgot the scale.", "Scales"),
            ),
            hints=("Subtract the mean.",),
            read="Centring",
        ),
    ),
)
