"""Nobody earns a point by memory: who knows the public cases and outputs by heart and computes nothing gets none.

The answers here give whole results, of which each part may be right by itself. They know more than a function in a
notebook could: some are told the shape that is wanted, and what the cell of the check adds is theirs to give as well.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from autograder.course.by_heart import by_heart
from autograder.course.reference import public_spec
from autograder.grade.judge import judge as judging
from autograder.grade.judge.judge import Drawn, draw, judge
from autograder.grade.run.execute import Record
from autograder.learner.check import Exercise, Result, diagnose, same
from tests.keys.claims import KEYS, every_check, none_fail, stored_specs

DAILY = ("a secret", "another")
MORE = tuple(pytest.param(f"secret {n}", marks=pytest.mark.thorough) for n in range(10))
every_secret = pytest.mark.parametrize("secret", (*DAILY, *MORE))
Memory = Callable[[dict, Result], Result]  # from the inputs of a call and what is wanted (for its shapes) to a result


@cache
def bare(slug: str, name: str) -> tuple:
    """Return a check without its mistakes, which take long to compute and bring no points, and its public cases."""
    check = replace(KEYS[slug][name], misconceptions=())
    return check, public_spec(check)


def drawn_for(slug: str, name: str, secret: str) -> Drawn:
    check, public = bare(slug, name)
    return draw(check, public, secret.encode(), "eve", slug, "attempt")


# ---------------------------------------------------------------- answers from memory
def in_turn(outputs: list[Result]) -> Memory:
    """Give one output after the other, whatever the input."""
    calls = count()
    return lambda inputs, wanted: outputs[next(calls) % len(outputs)]


def by_sight(inputs: list[dict], outputs: list[Result], look: Callable[[dict], object]) -> Memory:
    """Give the outputs of the public inputs that look alike, in turn; where none does, all in turn."""
    alike: dict[object, Memory] = {}
    for look_of_one in {look(one) for one in inputs}:
        alike[look_of_one] = in_turn(
            [out for one, out in zip(inputs, outputs, strict=True) if look(one) == look_of_one]
        )
    other = in_turn(outputs)
    return lambda given, wanted: alike.get(look(given), other)(given, wanted)


def sizes(inputs: dict) -> tuple:
    """Return what is seen of inputs without reading the numbers of their arrays."""
    return tuple((name, np.shape(v) if isinstance(v, np.ndarray) else repr(v)) for name, v in sorted(inputs.items()))


def telling_apart(inputs: list[dict], outputs: list[Result], otherwise: Memory) -> Memory:
    """Give the known output for a public input, and something else for others."""

    def answer(given: dict, wanted: Result) -> Result:
        known = (out for one, out in zip(inputs, outputs, strict=True) if all(same(one[n], given[n]) for n in one))
        return next(known, None) or otherwise(given, wanted)

    return answer


def nearest(inputs: list[dict], outputs: list[Result]) -> Memory:
    """Give the output of the public input that is nearest."""

    def far(a: object, b: object) -> float:
        if not isinstance(a, np.ndarray) or not isinstance(b, np.ndarray):
            return float(type(a) is not type(b) or a != b) * 1e3
        return float((a != b).mean()) if a.shape == b.shape else 1e3

    def answer(given: dict, wanted: Result) -> Result:
        distances = [sum(far(one.get(name), value) for name, value in given.items()) for one in inputs]
        return outputs[int(np.argmin(distances))]

    return answer


def of_the_wanted_shape(outputs: list[Result]) -> Memory:
    """Give, for each part, a public one of the shape that is wanted, in turn; zeros where there is none."""
    calls = count()

    def answer(given: dict, wanted: Result) -> Result:
        number, found = next(calls), {}
        for part, value in shaped(wanted, outputs).items():
            fits = [out[part] for out in outputs if "raises" not in out and out[part].shape == value.shape]
            found[part] = fits[number % len(fits)] if fits else np.zeros(value.shape)
        return found

    return answer


def filled(outputs: list[Result], number: float) -> Memory:
    """Give one number everywhere, in the shape that is wanted."""
    return lambda given, wanted: {part: np.full(v.shape, number) for part, v in shaped(wanted, outputs).items()}


def shaped(wanted: Result, outputs: list[Result]) -> Result:
    """Return what is wanted, for its shapes; where that is an exception, a public output."""
    return wanted if "raises" not in wanted else next(out for out in outputs if "raises" not in out)


def the_previous(outputs: list[Result]) -> Memory:
    """Give the right answer to the call before."""
    before = [outputs[0]]

    def answer(given: dict, wanted: Result) -> Result:
        before.append(wanted)
        return before.pop(0)

    return answer


def answers_from_memory(public: dict) -> Iterator[tuple[str, Memory]]:
    """Yield every answer, under its name."""
    inputs = [case["inputs"] for case in public["cases"]]
    outputs = [case["expected"] for case in public["cases"]]
    orders = {f"shifted by {n}": outputs[n:] + outputs[:n] for n in range(len(outputs))} | {"reversed": outputs[::-1]}
    for name, ordered in orders.items():
        yield f"replayed, {name}", in_turn(ordered)
        yield f"replayed to what is not public, {name}", telling_apart(inputs, outputs, in_turn(ordered))
    yield "by sizes", by_sight(inputs, outputs, sizes)
    yield "by sizes to what is not public", telling_apart(inputs, outputs, by_sight(inputs, outputs, sizes))
    yield "the nearest", nearest(inputs, outputs)
    yield "of the wanted shape", telling_apart(inputs, outputs, of_the_wanted_shape(outputs))
    for number, output in enumerate(outputs):
        yield f"always output {number}", in_turn([output])
    fills = {float(v.flat[0]) for out in outputs for v in out.values() if isinstance(v, np.ndarray) and is_one(v)}
    for fill in sorted({0.0, 1.0, *fills}):
        yield f"nothing but {fill}", filled(outputs, fill)
        yield f"nothing but {fill} to what is not public", telling_apart(inputs, outputs, filled(outputs, fill))
    yield "the answer to the call before", the_previous(outputs)


def is_one(value: np.ndarray) -> bool:
    """Say whether an array holds one number only."""
    return value.size > 0 and bool((value == value.flat[0]).all())


# ---------------------------------------------------------------- what they earn
@pytest.fixture(autouse=True)
def no_words(monkeypatch):
    """Leave out what the judge says about results: it brings no points and takes most of the time."""
    monkeypatch.setattr(judging, "difference_as_html", lambda *about: "")


def score(check, drawn: Drawn, answer: Memory) -> float:
    """Return the points of an answer, which is asked in the order in which cases are sent."""
    rounds = [[answer(case["inputs"], case["expected"]) for case in drawn.cases] for _ in range(2)]
    return judge(check, drawn, Record(end="done", results=rounds), None).score


@every_check
@every_secret
def test_no_answer_from_memory_earns_a_point(slug, check, secret):
    check, public = bare(slug, check.name)
    drawn = drawn_for(slug, check.name, secret)
    earned = {name: score(check, drawn, answer) for name, answer in answers_from_memory(public)}
    none_fail(f"{name}: {points}" for name, points in earned.items() if points)


@every_check
def test_what_is_right_earns_all_points_in_any_order(slug, check):
    check, _ = bare(slug, check.name)
    assert score(check, drawn_for(slug, check.name, "a secret"), lambda inputs, wanted: wanted) == check.max_score


@every_check
def test_no_check_asks_only_for_what_can_be_known_by_heart(slug, check):
    check, public = bare(slug, check.name)
    fresh = drawn_for(slug, check.name, "a secret").fresh
    assert not all(by_heart(part, public, fresh) for part in check.returns)


# ---------------------------------------------------------------- the rule on parts that are always the same
def judged(name: str, secret: str, wrong: set[str]) -> tuple:
    """Return the verdict of chapter 06 on an answer that has some parts wrong, and the points of each part."""
    check, _ = bare("06_masks", name)
    drawn = drawn_for("06_masks", name, secret)
    results = [{n: v - 7.0 if n in wrong else v for n, v in case["expected"].items()} for case in drawn.cases]
    return judge(check, drawn, Record(end="done", results=[results, results]), None), check.points


def test_a_part_that_is_always_the_same_counts_only_beside_one_that_is_not():
    verdict, points = judged("to_keras_mask", "a secret", {"keep", "shape"})
    assert (verdict.score, verdict.status) == (0, "wrong")
    assert (
        verdict.says[-1] == "The rest is the same for every input: it earns its points once `keep` or `shape` is right."
    )
    verdict, points = judged("to_keras_mask", "a secret", {"keep"})
    assert (verdict.score, verdict.status) == (points["shape"] + points["boolean"], "partial")
    assert not any("same for every input" in sentence for sentence in verdict.says)


def test_the_rule_is_off_where_the_cases_are_the_public_ones():
    check, public = bare("06_masks", "to_keras_mask")
    results = [{**case["expected"], "keep": case["expected"]["keep"] - 7.0} for case in public["cases"] * 2]
    verdict = judge(check, Drawn(public, public), Record(end="done", results=[results, results]), None)
    assert verdict.score == check.points["shape"] + check.points["boolean"]


def test_public_and_fresh_cases_are_mixed_in_an_order_that_is_drawn():
    drawn = [drawn_for("06_masks", "to_keras_mask", secret) for secret in ("a secret", "a secret", "another")]
    orders = [one.order for one in drawn]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == list(range(len(drawn[0].cases))) != list(orders[0])
    (public, of_public), (fresh, of_fresh) = drawn[0].split([case["label"] for case in drawn[0].cases])
    assert of_public == [case["label"] for case in public["cases"]]
    assert of_fresh == [case["label"] for case in fresh["cases"]]
    assert len(of_fresh) > len(of_public)


@every_secret
@every_check
def test_a_release_knows_which_parts_count_only_beside_others(slug, check, secret):
    """The box beside a notebook gives the points that the grader gives."""
    drawn = drawn_for(slug, check.name, secret)
    known = [part for part in check.returns if by_heart(part, drawn.public, drawn.fresh)]
    stored = stored_specs(slug)[check.name].get("by_heart", [])
    assert stored == (known if len(known) < len(check.returns) else [])


def test_the_box_gives_nothing_for_such_a_part_alone():
    specs = [spec for slug in KEYS for spec in stored_specs(slug).values() if "by_heart" in spec]
    assert specs
    for spec in specs:
        known = spec["by_heart"]
        box = box_for(spec, wrong=[part for part in spec["returns"] if part not in known])
        assert (box.right, box.earned) == (False, 0)
        assert any("The rest is the same" in line for line in box.lines) == bool(box.unnamed)
        assert not any(f"`{known[0]}`" in line for line in box.lines)


def box_for(spec, wrong):
    """Return the box for results of which some parts are wrong."""
    results = [
        case["expected"] | {part: case["expected"][part] + 1 for part in wrong if part in case["expected"]}
        for case in spec["cases"]
    ]
    return Exercise(Path())._boxed(spec | {"uses": []}, diagnose(spec, results))
