"""Each known mistake, in every way it is made, is diagnosed as itself and as nothing else."""

from itertools import combinations

import numpy as np

from autograder.learner.check import close
from tests.keys.claims import (
    KEYS,
    every_check,
    every_seed,
    in_float32,
    none_fail,
    spec_of,
    stored_specs,
    verdict_on,
    ways_of,
)


def test_no_check_and_no_mistake_has_gone():
    """What a key loses is missing in the generated file, too, where a difference shows it to everybody."""
    kept = {slug: {name: stored_ways(spec) for name, spec in stored_specs(slug).items()} for slug in KEYS}
    assert kept == {slug: {check.name: set(ways_of(check)) for check in key.checks} for slug, key in KEYS.items()}
    assert kept and all(kept.values()) and all(ways for checks in kept.values() for ways in checks.values())


def stored_ways(spec):
    """Return the ways to make a mistake that are stored, as the key names them: the second one name#2, and so on."""
    names = [spec["known"]["names"][number] for (number,) in spec["known"]["one"]["mistakes"]]
    return {name if n == 1 else f"{name}#{n}" for name in names for n in range(1, names.count(name) + 1)}


@every_check
@every_seed
def test_each_way_is_diagnosed_as_its_mistake_and_as_nothing_else(slug, check, seed):
    spec, ways = spec_of(slug, check.name, seed), ways_of(check)
    assert all(set(case["wrong"]) == set(ways) for case in spec["cases"])
    none_fail(failures(spec, check, ways))


def failures(spec, check, ways):
    """Yield a sentence on each way that is diagnosed as something else, or is not told in the words of its mistake."""
    says = {mistake.name: mistake.says for mistake in check.misconceptions}
    for way, (name, wrong) in ways.items():
        verdict = verdict_on(spec, wrong)
        if (verdict["kind"], verdict["names"]) != ("misconception", [name]):
            yield f"{way}: {verdict['kind']} {verdict['names']}"
        elif says[name] not in verdict["says"] or all(verdict["right"].values()):
            yield f"{way}: {verdict['right']} {verdict['says']}"


@every_check
def test_each_way_is_named_from_the_stored_reference(slug, check):
    spec, ways = stored_specs(slug)[check.name], ways_of(check)
    assert stored_ways(spec) == set(ways)
    for case in spec["cases"]:
        assert all(isinstance(value, np.ndarray) for name, value in case["expected"].items() if name != "raises")
    found = {way: (name, verdict_on(spec, wrong)["names"]) for way, (name, wrong) in ways.items()}
    none_fail(f"{way}: {names}" for way, (name, names) in found.items() if names != [name])


@every_check
def test_each_way_is_recognised_in_float32(slug, check):
    spec, ways = spec_of(slug, check.name), ways_of(check)
    found = {way: (name, verdict_on(spec, single_precision(wrong))["names"]) for way, (name, wrong) in ways.items()}
    none_fail(f"{way}: {names}" for way, (name, names) in found.items() if names != [name])


def single_precision(wrong):
    """Return an answer with its result in float32."""

    def answer(**inputs):
        result = wrong(**inputs)
        if isinstance(result, tuple):
            return tuple(in_float32(np.asarray(part)) for part in result)
        return in_float32(np.asarray(result))

    return answer


def far_apart(one, other, spec, factor=100.0):
    """Say whether two results differ by a multiple of the tolerance, or in shape, or in raising."""
    if "raises" in one or "raises" in other:
        return one != other
    loose = {"rtol": factor * spec["rtol"], "atol": factor * spec["atol"]}
    return any(not close(one[part], other[part], loose) for part in spec["returns"])


@every_check
@every_seed
def test_answers_differ_by_far_more_than_the_tolerance(slug, check, seed):
    spec = spec_of(slug, check.name, seed)
    answers = {"right": [case["expected"] for case in spec["cases"]]}
    answers |= {way: [case["wrong"][way] for case in spec["cases"]] for way in ways_of(check)}
    assert len(answers) > 1
    none_fail(
        f"{one} and {other} are too close"
        for one, other in combinations(answers, 2)
        if one.partition("#")[0] != other.partition("#")[0]
        and not any(far_apart(a, b, spec) for a, b in zip(answers[one], answers[other], strict=True))
    )


@every_check
def test_the_ways_of_a_mistake_differ(slug, check):
    spec = spec_of(slug, check.name)
    for mistake in check.misconceptions:
        outputs = {way: [case["wrong"][way] for case in spec["cases"]] for way in mistake.ways()}
        assert len(outputs) == 1 + len(mistake.also)
        none_fail(
            f"{other} adds nothing to {one}"
            for one, other in combinations(outputs, 2)
            if not any(far_apart(a, b, spec, 1.0) for a, b in zip(outputs[one], outputs[other], strict=True))
        )


@every_check
def test_no_misconception_only_raises(slug, check):
    cases = spec_of(slug, check.name)["cases"]
    raising = [way for way in ways_of(check) if all("raises" in case["wrong"][way] for case in cases)]
    none_fail(f"{way}: any error would be called that" for way in raising)


@every_check
def test_there_are_three_misconceptions_or_a_reason(slug, check):
    names = [mistake.name for mistake in check.misconceptions]
    assert len(names) == len(set(names))
    assert len(names) >= 3 or check.few_because
