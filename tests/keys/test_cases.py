"""The cases of every check bring mistakes out, come back from a file as they were, and depend on the seed alone."""

import json
from itertools import combinations

import numpy as np

from autograder.course.reference import DECIMALS_OF_INPUTS, public_rng
from autograder.learner.check import decode, encode
from tests.keys.claims import every_check, every_seed, none_fail, spec_of


def arrays_of(inputs):
    return {name: value for name, value in inputs.items() if isinstance(value, np.ndarray)}


def what_hides(inputs):
    """Yield a sentence on each array of a case that lets mistakes through unseen."""
    arrays = arrays_of(inputs)
    for name, array in arrays.items():
        if array.size > 1 and np.ptp(array) == 0:
            yield f"{name} is constant"
        square = array.ndim > 1 and array.shape[-1] == array.shape[-2] > 1
        if square and np.array_equal(array, np.swapaxes(array, -1, -2)):
            yield f"{name} is symmetric"
        if "mask" in name and set(np.unique(array)) != {0, 1}:
            yield f"{name} hides all or nothing"
    for one, other in combinations(arrays, 2):
        if np.array_equal(arrays[one], arrays[other]):
            yield f"{one} equals {other}"


@every_check
@every_seed
def test_no_case_has_arrays_that_hide_mistakes(slug, check, seed):
    cases = spec_of(slug, check.name, seed)["cases"]
    assert all(case["inputs"] for case in cases)
    none_fail(f"{case['label']}: {found}" for case in cases for found in what_hides(case["inputs"]))


def test_what_hides_a_mistake_is_found():
    square, ones = np.arange(9.0).reshape(3, 3), np.ones((2, 3))
    assert list(what_hides({"query": square, "key": square})) == ["query equals key"]
    assert list(what_hides({"query": square + square.T})) == ["query is symmetric"]
    assert list(what_hides({"mask": ones})) == ["mask is constant", "mask hides all or nothing"]
    assert list(what_hides({"query": square, "value": ones[0, :1], "n": 1})) == []


@every_check
def test_sizes_of_the_first_case_do_not_coincide(slug, check):
    inputs = next(iter(check.inputs(public_rng(check)).values()))
    lengths = {length for array in arrays_of(inputs).values() for length in array.shape if length > 1}
    assert 4 not in lengths, "an array has a size of 4, whose root is its half: a mistake could go unnoticed"
    many_axes = any(np.squeeze(array).ndim > 1 for array in arrays_of(inputs).values())
    assert not many_axes or len(lengths) > 1, f"the first case has one size only: {lengths}"


@every_check
def test_inputs_survive_being_written_to_a_file(slug, check):
    for case in spec_of(slug, check.name)["cases"]:
        for name, value in case["inputs"].items():
            again = decode(json.loads(json.dumps(encode(value, DECIMALS_OF_INPUTS))))
            assert np.array_equal(again, value) if isinstance(value, np.ndarray) else again == value, name


ALWAYS_ALIKE = {  # sizes that are the same in all fresh cases, and why
    ("04-x_prime", "N"): "a sum written out in three terms is right, as in the classic notebook",
    ("01-find_the_bug", "d_h"): "only one of its cases has several steps, and the other uses no matrix",
}


@every_check
def test_every_size_that_has_a_name_varies_in_fresh_cases(slug, check):
    """A number of another chapter or of the visible example, written into an answer, must not pass."""
    if check.names is None:
        return
    sizes = [check.names(inputs) for inputs in check.inputs(np.random.default_rng(1)).values()]
    alike = {name for name in sizes[0] if len({case[name] for case in sizes}) == 1}
    assert alike == {name for one, name in ALWAYS_ALIKE if one == f"{slug[:2]}-{check.name}"}


@every_check
@every_seed
def test_a_case_that_is_always_the_same_comes_first_and_is_never_fresh(slug, check, seed):
    labels = [case["label"] for case in spec_of(slug, check.name, seed)["cases"]]
    shown = list(check.shown_first())
    assert labels[: len(shown)] == shown if seed == "public" else not set(shown) & set(labels)


@every_check
def test_cases_depend_on_the_seed_alone(slug, check):
    texts = [
        json.dumps({label: {n: encode(v) for n, v in case.items()} for label, case in check.inputs(rng).items()})
        for rng in map(np.random.default_rng, (1, 1, 2))
    ]
    assert texts[0] == texts[1] != texts[2]
