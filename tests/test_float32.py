"""A right answer in float32 passes on every processor, with large and small numbers: the judge's tolerances have room.

Processors are imitated by what OpenBLAS, NumPy and oneDNN let one choose. `tests/float32_answers.py` measures.
"""

import importlib.util
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from autograder.course.answer_key import Check
from tests.chapters import SLUGS, key_of
from tests.closeness import assert_equal_up_to_rounding, precision_of, rounding
from tests.float32_answers import Single, share_of_part, share_of_tolerance, single

NO_AVX = "X86_V3 X86_V4 AVX512_ICL AVX512_SPR AVX2 FMA3 AVX512F AVX512_SKX"  # the names in NumPy from 2.4, and before
NO_AVX512 = "X86_V4 AVX512_ICL AVX512_SPR AVX512F AVX512_SKX AVX512_CLX AVX512_CNL"
PROCESSORS = {
    "as old as SSE3": {
        "OPENBLAS_CORETYPE": "Prescott",
        "NPY_DISABLE_CPU_FEATURES": NO_AVX,
        "ONEDNN_MAX_CPU_ISA": "SSE41",
    },
    "with AVX2": {"OPENBLAS_CORETYPE": "Haswell", "NPY_DISABLE_CPU_FEATURES": NO_AVX512, "ONEDNN_MAX_CPU_ISA": "AVX2"},
    "of AMD, without oneDNN": {"OPENBLAS_CORETYPE": "Zen", "TF_ENABLE_ONEDNN_OPTS": "0"},
    "with AVX-512": {"OPENBLAS_CORETYPE": "SkylakeX", "TF_ENABLE_ONEDNN_OPTS": "1"},
}
# What a right answer may use up of a tolerance here. Of 2000 draws of the cases, as fresh ones are, the worst lies
# about four times as far off as the worst of the few that are drawn here; the rest is room for other processors.
ROOM = 1 / 8
# TensorFlow's layer norm in float32 loses a digit where the variance is small (chapter 7); no step is in float64 there.
ROOM_IN_LAYERS = 1 / 4

on_every_processor = pytest.mark.parametrize("processor", PROCESSORS)


def measured(processor, *arguments):
    """Return the shares that a run on a processor measures."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.float32_answers", *arguments]
    environment = {**os.environ, **PROCESSORS[processor]}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def assert_there_is_room(shares, room):
    """Assert that every check was measured, and that none comes near its tolerance."""
    assert list(shares) == [f"{slug}/{check.name}" for slug in SLUGS for check in key_of(slug).checks]
    assert {name: share for name, share in shares.items() if share > room} == {}
    assert sum(share > 0 for share in shares.values()) > len(shares) / 2, "that was not float32"


@on_every_processor
def test_the_references_in_float32_come_nowhere_near_a_tolerance(processor):
    assert_there_is_room(measured(processor, "--seeds", "6"), ROOM)


@pytest.mark.thorough
@on_every_processor
def test_the_solved_notebooks_in_float32_come_nowhere_near_a_tolerance(processor):
    pytest.importorskip("tensorflow")
    assert_there_is_room(measured(processor, "--solved", "--seeds", "5"), ROOM_IN_LAYERS)


# ---------------------------------------------------------------- the measure itself
def a_check(rtol=1e-4, atol=1e-5):
    """Return a check of which only the tolerance counts here."""
    words = dict.fromkeys(("name", "claim", "title", "function", "read"), "a")
    routes = dict.fromkeys(("inputs", "reference", "second_route"), dict)
    return Check(**words, **routes, returns=("y",), points={}, misconceptions=(), hints=(), rtol=rtol, atol=atol)


def test_a_share_of_one_is_where_the_judge_begins_to_call_it_wrong():
    for wanted, off, share in [(0.0, 1e-5, 1), (100.0, 0.01001, 1), (-100.0, 0.005005, 0.5), (0.0, 0.0, 0)]:
        assert share_of_part(np.array([wanted + off]), np.array([wanted]), a_check()) == pytest.approx(share, rel=1e-6)
    strange = np.array([np.nan, np.inf, -np.inf])
    assert share_of_part(strange, strange, a_check()) == 0
    assert share_of_part(strange, np.zeros(3), a_check()) == share_of_part(np.zeros(3), strange, a_check()) == np.inf


def test_an_error_on_one_side_is_no_right_answer():
    stopped, went_on = {"raises": ["ValueError"]}, {"y": np.zeros(2)}
    assert share_of_tolerance(stopped, went_on, a_check()) == share_of_tolerance(went_on, stopped, a_check()) == np.inf
    assert share_of_tolerance(stopped, stopped, a_check()) == share_of_tolerance(went_on, went_on, a_check()) == 0


def test_arithmetic_stays_in_float32_whatever_stands_beside_it():
    given = single({"a": np.full((2, 2), 0.1), "more": [np.ones(3)], "n": 3, "mask": np.array([0, 1])}, Single)
    a = given["a"]
    hidden = np.where(given["mask"] == 1, -np.inf, a)
    for result in (a @ np.eye(2), np.exp(a) + np.full(2, 0.3), a.sum() * np.pi, hidden):
        assert np.asarray(result).dtype == np.float32
    a += np.full(2, 1e-9)
    assert a.dtype == np.float32 and (a == np.float32(0.1)).all()
    assert given["more"][0].dtype == np.float32 and given["n"] == 3 and given["mask"].dtype.kind == "i"


# ---------------------------------------------------------------- the tolerance of other tests
@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("terms", [3, 100, 3000])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_sums_in_any_order_are_equal_up_to_rounding_and_other_sums_are_not(kind, terms, scale):
    rng = np.random.default_rng(terms)
    numbers = (scale * rng.normal(size=(5, terms))).astype(kind)
    magnitude = float(np.abs(numbers).sum(axis=1).max())
    forwards = np.cumsum(numbers, axis=1, dtype=kind)[:, -1]
    backwards = np.cumsum(numbers[:, ::-1], axis=1, dtype=kind)[:, -1]
    assert_equal_up_to_rounding(forwards, backwards, terms=terms, magnitude=magnitude)
    with pytest.raises(AssertionError):
        off = rounding(terms, magnitude, kind)
        assert_equal_up_to_rounding(forwards + 3 * off, backwards, terms=terms, magnitude=magnitude)


def test_the_coarser_kind_of_float_decides():
    assert precision_of(np.zeros(2, "float32"), 0.0, [1, 2]) == np.float32
    assert precision_of(np.zeros(2), np.zeros(2, "int32")) == np.float64
    assert rounding(12, 28.0) == 4 * 2**-23 * 12 * 28


@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs TensorFlow")
def test_a_tensor_is_compared_by_its_own_kind():
    import tensorflow as tf

    assert_equal_up_to_rounding(tf.constant([1.0 + 2e-6]), tf.constant([1.0]), terms=9)
    with pytest.raises(AssertionError):
        assert_equal_up_to_rounding(tf.constant([1.0 + 2e-6], tf.float64), tf.constant([1.0], tf.float64), terms=9)
