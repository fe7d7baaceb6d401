"""Two mistakes made together are both named: to the learner, by the judge, and in single precision."""

from itertools import product

import numpy as np
import pytest

from autograder.course.exchange import both
from autograder.grade.judge.judge import Drawn, judge_results
from autograder.learner.check import without_praise
from tests.chapters import ROOT
from tests.keys.claims import (
    KEYS,
    every_chapter,
    every_check,
    results_of,
    spec_of,
    stored_specs,
    verdict_on,
    ways_of,
)
from tests.keys.test_mistakes import single_precision

DAILY = 1  # pair of each check
some_pairs = pytest.mark.parametrize("count", [DAILY, pytest.param(25, marks=pytest.mark.thorough)])
MOST_BYTES = 500_000  # of what a learner downloads beside a notebook


def pairs_of(slug, check, count):
    """Yield so many of the pairs that a release can name, spread over all of them, each with answers that make both."""
    known = stored_specs(slug)[check.name]["known"]
    names = sorted({tuple(known["names"][n] for n in pair) for pair in known["two"]["mistakes"] if len(pair) == 2})
    ways = {}
    for way, (name, wrong) in ways_of(check).items():
        ways.setdefault(name, {})[way] = wrong
    for place in np.unique(np.linspace(0, len(names) - 1, count, dtype=int)) if names else []:
        one, other = names[place]
        made = [answer for a, b in product(ways[one].values(), ways[other].values()) for _, answer in both(a, b)]
        assert made, f"{one} and {other} cannot be made together"
        yield names[place], made


@every_check
@some_pairs
def test_both_mistakes_are_named_to_the_learner_and_by_the_judge(slug, check, count):
    spec, public, fresh = stored_specs(slug)[check.name], dict(spec_of(slug, check.name)), spec_of(slug, check.name, 1)
    assert "two" not in fresh["known"], "a right answer must not pay for it"
    public["known"] = {**public["known"], "two": spec["known"]["two"]}
    for names, made in pairs_of(slug, check, count):
        told = [(answer, verdict_on(spec, answer)) for answer in made[:12]]
        told = [(answer, verdict) for answer, verdict in told if set(verdict["names"]) == set(names)]
        assert told, names
        answer, verdict = told[0]
        assert tuple(verdict["names"]) in (names, names[::-1]) and not all(verdict["right"].values())
        says = [without_praise(spec["misconceptions"][name]["says"]) for name in verdict["names"]]
        assert [line for line in verdict["says"] if line in says] == says
        assert any("Two mistakes at once" in line for line in verdict["says"])
        assert overflows(spec, answer) or set(verdict_on(spec, single_precision(answer))["names"]) == set(names)
        # not each way of a mistake shows on every fresh case, but one of them does
        assert any(set(judged(check, Drawn(public, fresh), one).names) == set(names) for one, _ in told), "by the judge"


def overflows(spec, answer):
    """Say whether a result has numbers that single precision does not know, such as exponentials of large scores."""
    results = [result for result in results_of(spec, answer) if "raises" not in result]
    arrays = [np.abs(result[part].astype(float)) for result in results for part in spec["returns"]]
    return any((np.isfinite(array) & (array > np.finfo(np.float32).max)).any() for array in arrays)


def judged(check, drawn, answer):
    """Return the judge's verdict on an answer."""
    results = [result for spec in (drawn.public, drawn.fresh) for result in results_of(spec, answer)]
    return judge_results(check, drawn, [results, results])


@every_chapter
def test_a_pair_is_made_of_two_mistakes_and_none_stands_twice(slug):
    for check in KEYS[slug].checks:
        two = stored_specs(slug)[check.name]["known"]["two"]
        assert all(len(set(pair)) == len(pair) in (1, 2) for pair in two["mistakes"])
        rows = [
            (tuple(sorted(pair)), *(prints_of(two["parts"][part], n) for part in check.returns))
            for n, pair in enumerate(two["mistakes"])
        ]
        assert len(rows) == len(set(rows))


def prints_of(column, number):
    """Return the shapes and the prints of one explanation."""
    width = len(column["prints"]) // len(column["shape"])
    return column["shape"][number], tuple(column["prints"][number * width : (number + 1) * width])


@every_chapter
def test_what_learners_download_stays_small(slug):
    assert (ROOT / "exercises" / slug / "reference.json").stat().st_size < MOST_BYTES


def test_there_are_pairs_in_every_chapter():
    count = {slug: sum(len(s["known"]["two"]["mistakes"]) for s in stored_specs(slug).values()) for slug in KEYS}
    assert min(count.values()) > 100, count
