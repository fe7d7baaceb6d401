"""Right answers pass: the reference, another route, every form that numbers can have, other ways to write it."""

from collections.abc import Callable

import numpy as np
import pytest

from autograder.learner.check import call
from tests.keys.claims import every_check, every_seed, in_float32, spec_of, verdict_on


@every_check
@every_seed
def test_the_reference_passes(slug, check, seed):
    verdict = verdict_on(spec_of(slug, check.name, seed), check.reference)
    assert verdict == {"right": dict.fromkeys(check.returns, True), "kind": "right", "says": [], "names": []}


@every_check
@every_seed
def test_the_reference_equals_another_route(slug, check, seed):
    for case in spec_of(slug, check.name, seed)["cases"]:
        other = call(check.second_route, case["inputs"], check.returns)
        for part in check.returns:
            if "raises" in case["expected"]:
                assert case["expected"]["raises"][0] in other["raises"]
            else:
                np.testing.assert_allclose(other[part], case["expected"][part], rtol=1e-6, atol=1e-7)


def as_tensor(array):
    import tensorflow as tf

    return tf.constant(array)


CONVERSIONS: dict[str, Callable] = {
    "float32": lambda array: array.astype(np.float32),
    "nested lists": lambda array: array.tolist(),
    "a list of rows": list,
    "a tensor": as_tensor,
    "not contiguous": lambda array: np.repeat(array, 2, axis=-1)[..., ::2],
}


def converted(check, convert):
    """Return the reference with every part of its result converted."""

    def answer(**inputs):
        parts = call(check.reference, inputs, check.returns)
        values = [convert(parts[name]) for name in check.returns]
        return values[0] if len(values) == 1 else tuple(values)

    return answer


@every_check
@pytest.mark.parametrize("form", CONVERSIONS)
def test_right_numbers_pass_in_every_form(slug, check, form):
    verdict = verdict_on(spec_of(slug, check.name), converted(check, CONVERSIONS[form]))
    assert (verdict["kind"], verdict["says"]) == ("right", [])


@every_check
def test_right_numbers_with_an_extra_axis_pass_with_a_remark(slug, check):
    verdict = verdict_on(spec_of(slug, check.name), converted(check, lambda array: array[..., np.newaxis]))
    assert verdict["kind"] == "right"
    assert "extra axis of length 1" in verdict["says"][0]


@every_check
@every_seed
def test_arithmetic_in_float32_passes(slug, check, seed):
    def answer(**inputs):
        return check.reference(**{name: in_float32(value) for name, value in inputs.items()})

    assert verdict_on(spec_of(slug, check.name, seed), answer)["kind"] == "right"


@every_check
def test_transposed_numbers_pass_only_where_the_key_says_so(slug, check):
    spec = spec_of(slug, check.name)
    shapes = {part: [case["expected"][part].shape for case in spec["cases"]] for part in check.returns}
    if any(len(shape) < 2 for part in check.returns for shape in shapes[part]):
        pytest.skip("a vector has no transpose")
    verdict = verdict_on(spec, converted(check, lambda array: np.swapaxes(array, -1, -2)))
    if "transposed" in check.accepts:
        assert (verdict["kind"], verdict["says"]) == ("right", [check.accepts["transposed"]])
        return
    # The transpose of a row or a column holds the same numbers in the same order: an axis of length 1 has moved.
    moved = {part: all(1 in shape[-2:] for shape in shapes[part]) for part in check.returns}
    assert verdict["right"] == moved
    if all(moved.values()):
        assert "extra axis of length 1" in verdict["says"][0]
    else:
        assert verdict["kind"] == "difference"
        assert verdict["says"][0].endswith("the numbers are right, but rows and columns are exchanged.")
