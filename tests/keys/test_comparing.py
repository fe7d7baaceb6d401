"""The cheap signs by which a comparison is ruled out change no verdict: the plain, full comparison says the same."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from autograder.learner import check as checker
from autograder.learner.check import comparable, reading
from tests.keys.claims import every_check, every_seed, results_of, spec_of, ways_of

SPEC = {"rtol": 1e-4, "atol": 1e-5}
NEAR = [1.0, 1.0 + 1.1e-4, 1.0 + 1.1001e-4, 1.0 - 1.09e-4, 1.0 - 1.2e-4]  # on both sides of the tolerance, and at it
NUMBERS = [0.0, -0.0, 1e-5, 1.1e-5, -1.0, 2.0, 1e300, -1e300, np.nan, np.inf, -np.inf, *NEAR]
SHAPES = [(), (1,), (2,), (0,), (1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (1, 2, 2), (2, 1, 2), (2, 2, 1), (0, 2)]
STOPS = [{"raises": ["ValueError", "Exception"], "text": ""}, {"raises": ["TypeError", "Exception"], "text": ""}]


def plain_reading(spec, pairs, parts):
    """Compare everything in every view, as if nothing were ruled out before."""
    for view in ("as is", "squeezed", "transposed"):
        if all(checker.equals(got, wanted, part, view, spec) for got, wanted in pairs for part in parts):
            return view
    return None


@some.composite
def results(draw):
    """Draw a result: an exception, or an array of few different numbers, so that many pairs are equal or nearly so."""
    if draw(some.integers(0, 9)) == 0:
        return draw(some.sampled_from(STOPS))
    shape = draw(some.sampled_from(SHAPES))
    kind = draw(some.sampled_from([float, float, np.float32, np.float16, int, bool, complex]))
    pool = some.sampled_from(NUMBERS if kind in (float, np.float32, np.float16, complex) else [0.0, 1.0, 2.0])
    few = draw(some.lists(pool, min_size=1, max_size=2))
    numbers = draw(some.lists(some.sampled_from(few), min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
    with np.errstate(over="ignore"):
        return {"y": np.array(numbers, dtype=float).reshape(shape).astype(kind)}


@given(some.lists(some.tuples(results(), results()), min_size=1, max_size=2))
@settings(max_examples=500)
def test_any_two_results_are_read_as_the_full_comparison_reads_them(pairs):
    pairs = [(got, wanted) for got, wanted in pairs if "raises" in wanted or wanted["y"].dtype.kind != "c"]
    assert reading(SPEC, pairs, ["y"]) == plain_reading(SPEC, pairs, ["y"])


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_two_numbers_are_compared_as_two_arrays_are(shape):
    for a, b in product(NUMBERS, repeat=2):
        got, wanted = {"y": np.full(shape, a)}, {"y": np.full(shape, b)}
        assert comparable(got, wanted, "y", SPEC) == checker.close(got["y"], wanted["y"], SPEC), (a, b)


def test_most_of_what_differs_is_ruled_out_without_comparing_arrays(monkeypatch):
    spec = spec_of("07_transformer", "add_and_norm")
    wanted = [case["expected"] for case in spec["cases"]]
    wrongs = [[case["wrong"][way] for case in spec["cases"]] for way in spec["cases"][0]["wrong"]]
    asked = []
    close = checker.close
    monkeypatch.setattr(checker, "close", lambda *given: asked.append(given) or close(*given))
    assert [reading(spec, list(zip(wrong, wanted, strict=True)), spec["returns"]) for wrong in wrongs] == [None] * len(
        wrongs
    )
    assert len(asked) < len(wrongs)


@every_check
@every_seed
@pytest.mark.thorough
def test_every_way_of_every_mistake_is_read_as_the_full_comparison_reads_it(slug, check, seed):
    spec = spec_of(slug, check.name, seed)
    outputs = [[case["expected"] for case in spec["cases"]]]
    outputs += [[case["wrong"][way] for case in spec["cases"]] for way in ways_of(check)]
    for _, answer in ways_of(check).values():
        got = results_of(spec, answer)
        for wanted in outputs:
            pairs = list(zip(got, wanted, strict=True))
            assert reading(spec, pairs, spec["returns"]) == plain_reading(spec, pairs, spec["returns"])
            for part in spec["returns"]:
                assert reading(spec, pairs, [part]) == plain_reading(spec, pairs, [part])
