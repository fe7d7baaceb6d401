"""Tests of what a learner sees: every sentence of `check`, `hint` and `progress`."""

import builtins
import importlib.util
import json
import math
import os
import subprocess
import sys
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from autograder.course.answer_key import AnswerKey, Check, Misconception, Same, SumsToOne
from autograder.course.reference import reference_json
from autograder.grade.judge.judge import draw, judge
from autograder.grade.run.execute import Record
from autograder.learner import check as checker
from autograder.learner.check import Box, NotYet, Unusable, as_array, as_result, decode, encode
from tests.waiting import PATIENT


# ---------------------------------------------------------------- a small chapter
def share(x, **options):
    """Return the rows of x divided by their sums, and the sums."""
    sums = x.sum(axis=1, keepdims=True)
    return x / sums, sums[:, 0]


def stop():
    raise RuntimeError


def cases(rng):
    first = np.round(rng.uniform(1, 2, size=(2, 3)), 3)
    return {
        "two rows": {"x": first, "scale": 2, "how": "rows", "mask": None},
        "two rows, turned": {"x": first[::-1].copy(), "scale": 2, "how": "rows", "mask": None},
        "five rows": {"x": np.round(rng.uniform(1, 2, size=(5, 5)), 3), "scale": 3, "how": "rows", "mask": None},
    }


SHARES = Check(
    name="shares",
    claim="sum_to_one",
    title="Shares of a <total>",
    function="share",
    inputs=cases,
    reference=share,
    second_route=share,
    returns=("shares", "sums"),
    points={"shares": 1, "sums": 2.5},
    misconceptions=(
        Misconception("columns", lambda x, **o: (x / x.sum(0), x.sum(1)), "You summed <columns>.", "Axes"),
        Misconception("means", lambda x, **o: (x / x.mean(1)[:, None], x.mean(1)), "You took the mean.", partly=True),
        Misconception("averages", lambda x, **o: (x / x.mean(1)[:, None], x.mean(1)), "You took the average."),
        Misconception("always_raises", lambda x, **o: {}["sums"], "You looked for sums."),
        Misconception("raises_late", lambda x, **o: share(x) if len(x) < 3 else stop(), "You gave up at three rows."),
        Misconception("shapes", lambda x, **o: (x / x.sum(1), x.sum(1)), "The sums lost their axis."),
        Misconception("powers", lambda x, **o: share(x**2), "You took a power.", also=(lambda x, **o: share(x**3),)),
        Misconception("sums_tripled", lambda x, **o: (share(x)[0], 3 * share(x)[1]), "The sums are tripled."),
    ),
    hints=("First step.", "Second <step>."),
    read="Shares",
    properties=(
        SumsToOne("two rows", "shares", "Your rows do not sum to one."),
        Same("two rows", "two rows, turned", "shares", (1, 0), 0, "Turning the rows must turn the result."),
        Same("two rows", "two rows, turned", "sums", (1, 0), 0, "Sums turn too.", given="five rows"),
    ),
    advice={r"^KeyError: 'scale(\w*)'": "Take scale\\1 from the options.", " is NaN in": "Look at the zeros."},
    names=lambda inputs: {"ROWS": len(inputs["x"])},
    stale=("sums", "weights"),
    uses=("column",),
    survives=("rows turned", "five rows"),
)
ALSO = "Right, also for rows turned and five rows."
WRONG = {mistake.name: mistake.wrong for mistake in SHARES.misconceptions}
COLUMN = Check(
    name="column",
    claim="is_the_first_one",
    title="The first column",
    function="column",
    inputs=lambda rng: {"a matrix": {"x": np.round(rng.normal(size=(3, 2)), 3)}},
    reference=lambda x: x[:, :1] @ x[:1, :],
    second_route=lambda x: np.outer(x[:, 0], x[0]),
    returns=("product",),
    points={"product": 1},
    misconceptions=(),
    hints=("Only step.",),
    read="Columns",
    accepts={"transposed": "It lies on its side."},
    few_because="a fixture",
)
ERRORS = Check(
    name="errors",
    claim="are_raised",
    title="A clear error",
    function="halve",
    inputs=lambda rng: {"an even number": {"n": 6}, "an odd number": {"n": 5}},
    reference=lambda n: np.array([n / 2]) if n % 2 == 0 else int("odd"),
    second_route=lambda n: np.array([n / 2]),
    returns=("half",),
    points={"half": 1},
    misconceptions=(),
    hints=("Only step.",),
    read="Errors",
    few_because="a fixture",
)
NEEDY = Check(**{**vars(COLUMN), "name": "needy", "title": "With a library", "needs": "a_library_nobody_has"})
KEY = AnswerKey("09_shares", (SHARES, COLUMN, ERRORS, NEEDY))
exercise = checker.Exercise(Path())  # the small chapter as a learner does it; each test begins it anew


@pytest.fixture(autouse=True)
def chapter(tmp_path, monkeypatch):
    """Write the small chapter's reference.json, and begin it anew for each test."""
    (tmp_path / "reference.json").write_text(reference_json(KEY), encoding="utf-8")
    monkeypatch.setitem(globals(), "exercise", checker.Exercise(tmp_path))
    monkeypatch.delattr(builtins, "display", raising=False)  # another test may have left IPython's
    return tmp_path


def said(capsys, name, answer):
    """Return what `check` prints about a wrong answer."""
    with pytest.raises(NotYet):
        exercise.check(name, answer)
    return capsys.readouterr().out


# ---------------------------------------------------------------- right
def test_a_right_answer_is_called_right(capsys):
    exercise.check("shares", share)
    assert capsys.readouterr().out == f"✓ Shares of a <total>: 3.5 of 3.5 points\n  {ALSO}\n"


def test_a_check_cell_may_make_the_remarks_of_its_check(capsys, monkeypatch):
    def answer(x, **options):
        return dict(zip(("shares", "sums"), share(x), strict=True)) | {"remarks": ["shared", "unknown"]}

    find = checker.Exercise._find
    monkeypatch.setattr(checker.Exercise, "_find", lambda *a: find(*a) | {"remarks": {"shared": "One for all."}})
    exercise.check("shares", answer)
    assert capsys.readouterr().out == "✓ Shares of a <total>: 3.5 of 3.5 points\n  One for all.\n"


def test_a_right_answer_hears_which_odd_cases_it_survived(capsys):
    assert checker.right_also_for([]) == "Right."
    assert checker.right_also_for(["no rows"]) == "Right, also for no rows."
    assert (
        checker.right_also_for(["no rows", "one row", "a row of 0"])
        == "Right, also for no rows, one row and a row of 0."
    )
    exercise.check("column", COLUMN.reference)
    assert capsys.readouterr().out == "✓ The first column: 1 of 1 points\n  Right.\n"


def test_a_dictionary_of_parts_is_right_from_a_check_cell_alone(capsys):
    def parts(x):
        return dict(zip(("shares", "sums"), share(x), strict=True))

    exercise.check("shares", lambda x, **o: parts(x) | {"remarks": []})
    assert ALSO in capsys.readouterr().out
    out = said(capsys, "shares", lambda x, **o: parts(x))
    assert "returned a dictionary of 'shares', 'sums'; return the parts themselves: `return shares, sums`." in out
    assert "As `shares` and `sums`, what you returned is right." in out


def test_an_extra_axis_is_accepted_with_a_remark(capsys):
    exercise.check("shares", lambda x, **o: tuple(part[..., None] for part in share(x)))
    out = capsys.readouterr().out
    assert out.startswith("✓")
    assert "extra axis of length 1" in out


def test_an_extra_axis_in_some_cases_only_is_accepted(capsys):
    def answer(x, **options):
        shares, sums = share(x)
        return shares, sums[:, None] if len(x) > 2 else sums

    exercise.check("shares", answer)
    assert capsys.readouterr().out.startswith("✓")


@pytest.mark.parametrize("axes", [(), (None,)])
def test_an_accepted_transpose_gets_the_keys_own_remark(capsys, axes):
    exercise.check("column", lambda x: np.outer(x[0], x[:, 0])[axes])
    assert "It lies on its side." in capsys.readouterr().out


def test_a_change_in_place_is_remarked_on(capsys):
    def answer(x, **options):
        sums = x.sum(axis=1)
        x /= sums[:, None]
        return x, sums

    exercise.check("shares", answer)
    assert "Right, but your function changes its argument x in place; work on a copy." in capsys.readouterr().out


def test_the_inputs_of_later_cases_and_runs_are_untouched_by_changes_in_place():
    def answer(x, **options):
        result = share(x)
        x[:] = 0
        return result

    for _ in range(2):
        exercise.check("shares", answer)


def test_warnings_and_writing_to_stderr_do_no_harm(capsys):
    def answer(x, **options):
        print("careful", file=sys.stderr)
        np.float64(1.0) / np.zeros(1)
        return share(x)

    exercise.check("shares", answer)
    assert capsys.readouterr().err == ""


# ---------------------------------------------------------------- known mistakes
def test_a_known_mistake_is_named_with_where_to_read(capsys):
    out = said(capsys, "shares", WRONG["columns"])
    assert out == (
        "◐ Shares of a <total>: 2.5 of 3.5 points\n"
        "  `shares` is wrong; `sums` is right.\n  You summed <columns>.\n"
        "  Not passed yet in this session: “The first column”. If your answer here uses it, begin there.\n"
        "  Read: Axes\n"
    )


def test_two_mistakes_with_the_same_numbers_are_both_named(capsys):
    out = said(capsys, "shares", WRONG["means"])
    assert "These 2 mistakes give the same numbers here:\n  You took the mean.\n  You took the average.\n" in out
    assert "Read: Shares" in out


def test_a_mistake_in_one_part_is_named_although_the_other_part_is_right(capsys):
    out = said(capsys, "shares", lambda x, **o: (x / x.mean(1)[:, None], x.sum(1)))
    assert "`shares` is wrong; `sums` is right." in out
    assert "You took the mean." in out


def test_a_mistake_of_several_parts_is_not_seen_in_one_part(capsys):
    out = said(capsys, "shares", lambda x, **o: (share(x**2)[0], share(x)[1]))
    assert "You took a power." not in out
    assert "shares[0, 0] is " in out


def test_a_mistake_that_leaves_the_other_part_right_is_named(capsys):
    out = said(capsys, "shares", WRONG["sums_tripled"])
    assert "`sums` is wrong; `shares` is right.\n  The sums are tripled." in out


def test_another_way_to_make_a_mistake_is_named_with_the_same_sentence(capsys):
    out = said(capsys, "shares", lambda x, **o: share(x**3))
    assert out.startswith("✗ Shares of a <total>: 0 of 3.5 points\n  You took a power.\n")


def test_a_mistake_that_raises_somewhere_is_named_with_what_python_said(capsys):
    out = said(capsys, "shares", WRONG["shapes"])
    assert "The sums lost their axis.\n" in out
    assert "\n    Python said: ValueError: operands could not be broadcast" in out


def test_the_judge_may_leave_out_misconceptions():
    spec = SHARES.spec(np.random.default_rng(0))
    results = [checker.call(WRONG["means"], case["inputs"], spec["returns"]) for case in spec["cases"]]
    assert checker.diagnose(spec, results)["names"] == ["means", "averages"]
    fewer = {**spec, "misconceptions": {"means": spec["misconceptions"]["means"]}}
    assert checker.diagnose(fewer, results)["names"] == ["means"]


def test_a_wrong_answer_hears_of_earlier_checks_until_they_pass(capsys):
    assert "Not passed yet in this session" in said(capsys, "shares", WRONG["columns"])
    exercise.check("column", COLUMN.reference)
    assert "Not passed yet in this session" not in said(capsys, "shares", WRONG["columns"])


def test_a_right_answer_hears_nothing_of_earlier_checks(capsys):
    exercise.check("shares", share)
    assert "Not passed yet in this session" not in capsys.readouterr().out


def test_an_answer_that_always_raises_is_explained_by_what_it_raised(capsys):
    out = said(capsys, "shares", stops(KeyError("total")))
    assert "Python said: KeyError: 'total'" in out
    assert "You looked for sums." not in out


def test_an_answer_that_is_unfinished_for_some_cases_is_called_unfinished(capsys):
    def answer(x, **options):
        if len(x) > 2:
            raise NotImplementedError  # a RuntimeError too, which is what the known mistake raises
        return share(x)

    out = said(capsys, "shares", answer)
    assert "not finished yet" in out
    assert "You gave up" not in out


def test_a_change_in_place_is_remarked_on_beside_a_mistake(capsys):
    def answer(x, **options):
        x *= 2
        return share(x)[0] + 1, x.sum(axis=1)

    assert "Your function changes its argument x in place" in said(capsys, "shares", answer)


# ---------------------------------------------------------------- other differences
def fake(first=None, second=None):
    """Return an answer whose parts are changed by functions of (part, x)."""

    def answer(x, **options):
        shares, sums = share(x)
        return (first(shares, x) if first else shares), (second(sums, x) if second else sums)

    return answer


def with_first(value):
    def change(part, x):
        part = part.copy()
        part[1, 2] = value
        return part

    return change


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (fake(first=with_first(0.5)), "shares[1, 2] is 0.5; expected 0.4"),
        (fake(first=with_first(0.5)), "(1 of 6 numbers differ)."),
        (fake(first=with_first(np.nan)), "shares is NaN in 1 of 6 places."),
        (fake(first=with_first(np.inf)), "shares is infinite in 1 of 6 places."),
        (fake(first=lambda a, x: a * 7), "shares is 7 times what was expected, everywhere"),
        (fake(first=lambda a, x: -a), "shares is -1 times what was expected, everywhere"),
        (fake(first=lambda a, x: a.T), "shares: the numbers are right, but rows and columns are exchanged."),
        (fake(first=lambda a, x: a * (1 + 1e-3)), "shares[0, 0] is "),
        (fake(first=lambda a, x: a[:, :2]), "shares has shape (2, 2); expected (2, 3)."),
        (fake(first=lambda a, x: a[:1]), "shares has shape (1, 3); expected (2, 3). That is the first of 2 "
         "alone."),
        (fake(second=lambda s, x: []), "Nothing was collected: is each result appended to the list?"),
        (fake(first=with_first(np.nan)), "or multiplied by infinity? Look at the zeros."),
        (lambda x, **o: (np.ones((2, 3)), np.ones(2)), "Your function gives the same result in every case. Does it use "
         "its arguments?"),
        (fake(first=lambda a, x: np.broadcast_to(a, (2, *a.shape))), "shares has shape (2, 2, 3); expected (2, 3)."),
        (fake(first=lambda a, x: (9 * a).astype(int)), "shares holds int64 values; expected real numbers."),
        (fake(first=lambda a, x: a > 0.3), "shares holds bool values; expected real numbers."),
        (fake(first=lambda a, x: a + 1j), "shares holds complex numbers; expected real ones."),
        (fake(second=lambda s, x: s + 1), "sums[0] is "),
        (fake(first=with_first(0.5)), "Your rows do not sum to one."),
        (fake(first=lambda a, x: a if x[0, 0] > x[1, 0] else 2 - a), "Turning the rows must turn the result."),
    ],
)  # fmt: skip
def test_a_difference_is_described(capsys, answer, sentence):
    assert sentence in said(capsys, "shares", answer)


def test_at_most_one_property_is_told_and_none_of_wrong_shapes(capsys):
    out = said(capsys, "shares", fake(first=lambda a, x: a + np.tanh(x), second=lambda s, x: s + np.tanh(x[:, 0])))
    assert ("Your rows do not sum to one." in out, "Sums turn too." in out) == (True, False)
    out = said(capsys, "shares", fake(first=lambda a, x: a + x, second=lambda s, x: s[:1]))
    assert "Your rows do not sum to one." not in out


@pytest.mark.parametrize(("rows", "told"), [(2, True), (9, False)])
def test_a_property_waits_for_the_case_it_takes_as_given(capsys, rows, told):
    answer = fake(second=lambda s, x: s + x[0, 0] if len(x) <= rows else s)
    assert ("Sums turn too." in said(capsys, "shares", answer)) == told


def test_the_same_wrong_result_in_every_case_of_one_shape_counts_only_if_the_right_ones_differ():
    spec = COLUMN.spec(np.random.default_rng(0))
    spec["cases"].append({**spec["cases"][0], "label": "the same again"})
    results = [{"product": np.ones((3, 2))}] * 2
    assert "ignores" not in checker.diagnose(spec, results)["says"][0]


def test_a_difference_in_a_later_case_is_found_behind_an_extra_axis(capsys):
    answer = fake(second=lambda s, x: s[:, None] if len(x) == 2 else s + np.tanh(x[:, 0]))
    assert "sums[0] is " in said(capsys, "shares", answer)


def test_an_empty_array_gets_no_further(capsys):
    assert "has shape (0, 3); expected (2, 3)." in said(capsys, "shares", fake(first=lambda a, x: a[:0]))


def test_huge_numbers_are_compared_without_warnings(capsys, recwarn):
    answer = fake(first=lambda a, x: a + np.where(np.arange(a.shape[1]) < 2, 1.7e308, 0))
    assert "shares[0, 0] is 1.7e+308" in said(capsys, "shares", answer)
    assert not recwarn.list


def test_nan_equals_nan():
    values = np.array([np.nan, np.inf])
    assert checker.close(values, values.copy(), {"rtol": 1e-4, "atol": 1e-5})


# ---------------------------------------------------------------- answers that stop, or return something else
def stops(error):
    def answer(x, **options):
        raise error

    return answer


def helper():
    raise NotImplementedError


def calls_helper(x, **options):
    helper()


def of_version(x, **options):
    return np.math.sqrt(x[0, 0])


def of_item(x, **options):
    return float(np.array([[1.0]]))


def of_truth(x, **options):
    return share(x) if x else None


def called(code):
    """Return the function `share`, or `answer`, that a cell defines."""
    space = {"np": np, "right": share}
    exec(code, space)
    return space.get("share") or space["answer"]


def of_method(x, **options):
    class Thing:
        def method():
            pass

    return Thing().method()


def of_init(x, **options):
    class Thing:
        def _init_(self, x):
            pass

    return Thing(x)


def of_text(x, **options):
    class Odd(Exception):
        def __str__(self):
            raise ValueError

    raise Odd


def of_exit(x, **options):
    sys.exit()


def of_local(x, **options):
    total += x  # noqa: F821
    return total


def of_none(x, mask, **options):
    return x + mask


def undefined(x, **options):
    return nothing_of_this_name(x)  # noqa: F821


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (stops(NotImplementedError("todo")), "is not finished yet: it still raises NotImplementedError."),
        (calls_helper, "share needs helper, which is not finished yet: it still raises NotImplementedError."),
        (stops(ZeroDivisionError("by <zero>")), "Your function stopped on the case “two rows” (x (2, 3), scale = 2). "
         "Python said: ZeroDivisionError: by <zero>"),
        (of_version, "This is about the version of NumPy, not about your idea. `np.math` was removed in NumPy 2.0"),
        (stops(AttributeError("module 'numpy' has no attribute 'concat'")), "`np.concatenate` works everywhere."),
        (of_item, "NumPy's functions, such as np.exp, take a whole array."),
        (lambda x, **o: math.exp(x), "float, int and the functions of `math` take one number."),
        (of_truth, "A whole array is neither true nor false. Ask for None with `is not None`; to choose by entry, use"),
        (of_none, "`mask` is None here."),
        (of_local, "`total` is used before it has a value."),
        (of_method, "In a class every method has `self` as its first argument."),
        (of_init, "two underscores on each side, inside the class."),
        (of_exit, "Your function ended Python with exit() or quit(). Hand its result back with `return`."),
        (of_text, "Python said: Odd: (its message cannot be shown)"),
        (lambda x, **o: x(2), "Has it taken the name of one, is a `*` missing, or do square"),
        (lambda x, **o: x[9], "There are only 2 entries, counted from 0."),
        (lambda x, **o: x[4 / 2], "Does it come from `/`, which gives a float? Use `//`."),
        (lambda x, **o: range(4 / 2), "this is a float: `/` gives one, `//` gives a whole number."),
        (lambda x, **o: np.zeros(4 / 2), "must be a whole number. Does it come from `/`, which gives"),
        (lambda x, **o: x @ x, "do not fit: 3 on the left, 2 on the right. They would fit with the left one "
         "transposed, or with the right one transposed. Python said"),
        (lambda x, **o: np.dot(x, x), "The inner sizes do not fit: 3 on the left, 2 on the right."),
        (lambda x, **o: x / x.sum(axis=1), "If it is a sum or a maximum over the last axis, it needs keepdims"),
        (lambda x, **o: x + x.T, "counted from the last axis, sizes must be equal or 1."),
        (stops(KeyError("scales")), "Take scales from the options. Python said: KeyError: 'scales'"),
        (called("def share(x, y): pass"), "Keep the names of the arguments as they were given."),
        (called("def share(x, scale, how, mask, more): pass"), "Keep the names of the arguments as they were given."),
        (called("def answer(y): pass"), "Keep the names of the arguments as they were given."),
        (called("def helper(y): pass\ndef share(x, **o): helper(x=1)"), "`helper` takes (y). Python said"),
        (called("def helper(y): pass\ndef share(x, **o): helper()"), "`helper` takes (y). Python said"),
        (called("class T: pass\nT.__name__ = 'share'\ndef answer(x, **o): return T().W"), "Keep it in `__init__`: "
         "`self.W = …`."),
        (undefined, "No variable called `nothing_of_this_name` exists here. Is it misspelt, or did you give it another "
         "name above? If it is defined in another cell, run that cell first."),
        (lambda x, **o: np.linalg.nrom(x), "There is no `nrom` here. Did you mean `norm`?"),
        (lambda x, **o: maths.sqrt(x), "No variable called `maths` exists here."),  # noqa: F821
        (called("def share(x, **o): return math.sqrt(2)"), "Write `import math` first, or use NumPy's"),
        (called("def share(x, **o): return tf.sqrt(2)"), "This task is for NumPy: use `np`."),
        (stops(ValueError("{{function_node __wrapped__MatMul_device_/job:localhost}} Matrix size-incompatible: In[0]: "
         "[2,3], In[1]: [4,5] [Op:MatMul] name: ")), "The sizes of a product do not fit: [2,3] and [4,5]. "
         "Python said: ValueError: Matrix size-incompatible: In[0]: [2,3], In[1]: "
         "[4,5]\n"),
        (stops(ValueError("In[0]: [2,3], In[1]: [3,5]")), "Your function stopped on the case"),
        (stops(ValueError("not allowed: float\n\t; NodeDef: {{node Sqrt}}; Op<name=Sqrt> [Op:Sqrt]")), "Python said: "
         "ValueError: not allowed: float\n"),
        (stops(AttributeError("Exception encountered when calling MultiHeadAttention.call().\n\n\x1b[1mA tensor has no "
         "attribute 'reshape'.\x1b[0m\n\nArguments received by MultiHeadAttention.call():\n  • query=tf.Tensor()")),
         "Python said: AttributeError: A tensor has no attribute 'reshape'.\n"),
        (stops(RuntimeError("Could not automatically infer the output shape / dtype of 'a' (of type A). Either the "
         "`A.call()` method is incorrect, or you need to implement the `A.compute_output_spec()` method. Error "
         "encountered:\n\nno such axis")), "Python said: RuntimeError: no such axis\n"),
        (stops(NotImplementedError("Cannot convert a symbolic tf.Tensor (a:0) to a numpy array.")), "Your function "
         "stopped on the case"),
        (lambda x, **o: None, "Your function returned None. Is there a `return` at its end?"),
        (lambda x, **o: (share(x)[0], None), "\n  sums is None.\n"),
        (lambda x, **o: x[:1], "Your function returned one array of shape (1, 3); expected 2 things, (shares, sums)."),
        (lambda x, **o: 1.5, "Your function returned one array of shape (); expected 2 things"),
        (lambda x, **o: (*share(x), x), "Your function returned 3 things; expected 2 things, (shares, sums)."),
        (lambda x, **o: {"shares": x}, "Your function returned a dictionary of 'shares'; return the parts themselves"),
        (lambda x, **o: {"a": x, "b": 1}, "a dictionary of 'a', 'b'; return the parts themselves: `return shares, "),
        (lambda x, **o: tuple({"a": x, "b": 1}), "is the text 'a': expected an array of numbers. (A dictionary that"),
        (lambda x, **o: (["1,000"], x), "shares holds text, '1,000': expected numbers."),
        (lambda x, **o: (ValueError("no"), x), "shares is an exception that was returned: `raise` it, and return the"),
        (lambda x, **o: ([[1.0], [1.0, 2.0]], x), "shares is a list whose entries have different shapes."),
        (lambda x, **o: ("a text", x), "shares is a str: expected an array of numbers."),
        (lambda x, **o: (np.array([x, None], dtype=object), x), "shares holds values of the kind object: expected an "
         "array of numbers."),
    ],
)  # fmt: skip
def test_an_answer_that_gives_no_numbers_is_explained(capsys, answer, sentence):
    out = said(capsys, "shares", answer)
    sentence, _, words = sentence.partition("Python said")
    assert sentence.rstrip(" ") in out
    assert f"\n    Python said{words}" in out or not words


def test_a_long_text_of_an_exception_is_cut_before_anything_is_looked_for_in_it(capsys, monkeypatch):
    searched = []

    class Counts:
        """What is given to a regular expression costs time for each character, and with some signs for each pair."""

        def sub(self, new, text):
            searched.append(len(text))
            return noise.sub(new, text)

        def search(self, sign, text):
            searched.append(len(text))
            return search(sign, text)

    noise, search = checker.NOISE, checker.re.search
    monkeypatch.setattr(checker, "NOISE", Counts())
    monkeypatch.setattr(checker.re, "search", Counts().search)
    out = said(capsys, "shares", stops(ValueError(" \n{{[ In[0]: [1,1" * 20_000)))
    assert searched and max(searched) <= 2000
    assert len(out) < 3000


def test_several_things_where_one_is_expected(capsys):
    out = said(capsys, "column", lambda x: (x, x[0]))
    assert "You returned 2 things; return only product." in out
    assert "return only product." in said(capsys, "column", lambda x: (x, None))


ONE = "Your function returned one array of shape (5, 5); expected 2 things, (shares, sums)."
EITHER = "As `shares`, what you returned is not right either:"
MORE = "Your function returned 3 things; expected 2 things, (shares, sums)."


@pytest.mark.parametrize(
    ("answer", "sentences"),
    [
        (lambda x, **o: share(x)[0], [ONE, "As `shares`, what you returned is right."]),
        (lambda x, **o: share(x)[1], ["As `sums`, what you returned is right."]),
        (lambda x, **o: x / x.sum(0), [ONE, EITHER, "You summed <columns>."]),
        (lambda x, **o: x / x.mean(1)[:, None], [EITHER, "2 mistakes give the same numbers here", "the average."]),
        (lambda x, **o: (x**2 / (x**2).sum(1)[:, None], (x**2).sum(1), 0), ["not right either", "You took a power."]),
        (lambda x, **o: (*share(x), x), [MORE, "As `shares` and `sums`, what you returned is right."]),
        (lambda x, **o: {"a": x / x.sum(0)}, ["a dictionary of 'a'", "You summed <columns>."]),
        (lambda x, **o: (x / x.sum(0), None), ["sums is None.", "Besides:", "You summed <columns>."]),
        (lambda x, **o: list(share(x)[0]), ["As `shares`, what you returned is right."]),
    ],
)
def test_what_came_instead_of_a_whole_result_is_judged_too(capsys, answer, sentences):
    out = said(capsys, "shares", answer)
    assert "shares: 0 of" not in out and [one for one in sentences if one not in out] == []
    assert [out.index(one) for one in sentences] == sorted(out.index(one) for one in sentences)


def test_of_several_things_that_came_only_those_that_are_wrong_are_named(capsys):
    out = said(capsys, "shares", lambda x, **o: (x / x.sum(0), x.sum(1), x))
    assert EITHER in out and "`sums`" not in out
    both = said(capsys, "shares", lambda x, **o: (x**2 / (x**2).sum(1)[:, None], (x**2).sum(1), 0))
    assert "As `shares` and `sums`, what you returned is not right either:" in both


def test_none_is_named_where_the_same_mistake_may_be_in_another_part():
    unsure = [{"came": {"0": np.ones(2)}}]
    assert checker.lead_in(unsure, [], wrong=True) == []
    assert checker.lead_in(unsure, ["sums"], wrong=True) == ["As `sums`, what you returned is not right either:"]


@pytest.mark.parametrize(
    "answer",
    [
        lambda x, **o: x + 1,  # no known mistake
        lambda x, **o: np.vstack([x / x.sum(0)] * 2),  # of no part's shape
        lambda x, **o: x / x.sum(0) if len(x) < 3 else None,  # it did not come in every case
        lambda x, **o: (x / x.sum(0), helper()),  # not begun
    ],
)
def test_nothing_is_told_of_what_came_where_it_is_not_certain(capsys, answer):
    out = said(capsys, "shares", answer)
    assert "Besides" not in out and "what you returned" not in out


@pytest.mark.parametrize(("axis", "left"), [(0, "With that mended, this is left:"), (1, "mended, it is right.")])
def test_a_transposed_batch_is_mended_to_see_what_is_left(capsys, axis, left):
    def turned(x, **options):
        batch = x[np.newaxis]
        _ = batch @ batch.T
        return x / x.sum(axis, keepdims=True), x.sum(1)

    out = said(capsys, "shares", turned)
    assert "`batch.T` turns all axes of a batch round" in out and left in out
    assert ("You summed <columns>." in out) == (axis == 0)


def test_an_expected_exception_is_right_and_its_lack_is_not(capsys):
    exercise.check("errors", lambda n: [n / 2] if n % 2 == 0 else int("odd"))
    capsys.readouterr()
    out = said(capsys, "errors", lambda n: np.array([n / 2]))
    assert "For an odd number a ValueError with a clear message was expected." in out


def test_an_exception_of_another_kind_is_not_the_expected_one(capsys):
    out = said(capsys, "errors", lambda n: [n / 2] if n % 2 == 0 else {}["odd"])
    assert "For an odd number a ValueError with a clear message was expected.\n" in out
    assert "\n    Python said: KeyError: 'odd'" in out


def test_an_error_in_an_unexpected_case_is_still_explained(capsys):
    assert "stopped on the case “an even number”" in said(capsys, "errors", lambda n: int("never"))


# ---------------------------------------------------------------- a cell that Python cannot read
ODD = {
    "def share(x):\n\u00a0   return x": "Line 2 of that cell holds a non-breaking space (U+00A0), which Python does",
    "def share(x):\n    return \u200bx": "Line 2 of that cell holds a sign that Python does not read: zero width space",
    "def share(x)\n    return x": "Line 1 of that cell: expected ':'.",
}
OLDER = "Python could not read the last cell that defines `share`, so an older one was checked."


@pytest.mark.parametrize("cell", ODD)
def test_the_check_of_an_older_version_is_told(capsys, monkeypatch, cell):
    monkeypatch.setitem(globals(), "In", ["", "def share(x): return x", cell, "check('shares', share)"])
    out = said(capsys, "shares", stops(NotImplementedError()))
    assert f"{OLDER} {ODD[cell]}" in out
    exercise.check("shares", share)
    assert OLDER in capsys.readouterr().out


@pytest.mark.parametrize(
    "cells", [["def share(x)", "def share(x): pass"], ["x = ", "shared(x)\ndef share_it(x)"], [], None, "def"]
)
def test_and_not_where_the_last_cell_can_be_read_or_defines_something_else(capsys, monkeypatch, cells):
    monkeypatch.setitem(globals(), "In", cells)
    exercise.check("shares", share)
    assert OLDER not in capsys.readouterr().out


# ---------------------------------------------------------------- the notebook's globals
SIZES = "def share(x, **o):\n    assert len(x) == ROWS\n    return right(x)"


def reads_globals(x, **options):
    assert len(x) == ROWS  # noqa: F821
    return share(x)


def test_an_answer_that_reads_sizes_from_the_notebook_gets_the_cases(capsys):
    exercise.check("shares", called(SIZES))
    assert "Your code reads `ROWS` from the notebook; take sizes from the shapes" in capsys.readouterr().out
    exercise.check("shares", reads_globals)
    assert "ROWS" not in globals()


def test_globals_are_put_back(monkeypatch):
    monkeypatch.setitem(globals(), "ROWS", 99)
    monkeypatch.setitem(globals(), "sums", "mine")
    exercise.check("shares", reads_globals)
    assert (ROWS, sums) == (99, "mine")  # noqa: F821


def test_globals_are_put_back_after_an_error(monkeypatch):
    monkeypatch.setitem(globals(), "ROWS", 99)
    with pytest.raises(NotYet):
        exercise.check("shares", stops(ValueError("no")))
    assert ROWS == 99  # noqa: F821


def test_leftovers_of_earlier_runs_are_hidden(capsys, monkeypatch):
    monkeypatch.setitem(globals(), "sums", np.ones(2))

    def answer(x, **options):
        return x, sums  # noqa: F821

    out = said(capsys, "shares", answer)
    assert "`sums` has no value inside your function; compute it there, from its arguments." in out
    assert "sums" in globals()


@pytest.mark.parametrize(
    ("value", "hidden"),
    [(np.ones(2), True), ([1.0], True), ((1.0,), True), ({"a": 1}, True), (-1e9, False), (3, False), ("text", False),
     (None, False), (np.float64(2.0), False), (np, False), (len, False)],
)  # fmt: skip
def test_only_what_may_be_a_result_is_a_leftover(value, hidden):
    assert checker.is_leftover(value) == hidden


def test_tensors_are_leftovers_but_their_scalars_are_not():
    tf = pytest.importorskip("tensorflow")
    assert checker.is_leftover(tf.ones((2, 1)))
    assert not checker.is_leftover(tf.constant(2.0))


def test_a_constant_with_the_name_of_a_leftover_is_not_hidden(monkeypatch):
    monkeypatch.setitem(globals(), "weights", 1.0)
    exercise.check("shares", lambda x, **o: tuple(part * weights for part in share(x)))  # noqa: F821


def test_a_helper_function_with_the_name_of_a_leftover_is_not_hidden(monkeypatch):
    monkeypatch.setitem(globals(), "sums", lambda x: x.sum(axis=1))
    exercise.check("shares", lambda x, **o: (x / sums(x)[:, None], sums(x)))  # noqa: F821


# ---------------------------------------------------------------- files and names
def test_a_missing_reference_file_is_said_in_one_sentence(chapter):
    (chapter / "reference.json").unlink()
    with pytest.raises(Unusable, match=r"reference\.json is not beside check\.py .* Download the folder"):
        exercise.check("shares", share)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"checks": []}', '{"checks": {"shares": {}}}', '{"checks": {"shares": {"cases": [{}]}}}',
     '{"checks": {"shares": {"cases": [{"inputs": {"x": {"data": [1], "dtype": "nonsense", "shape": [1]}}}]}}}'],
)  # fmt: skip
def test_a_damaged_reference_file_is_said_in_one_sentence(chapter, text):
    (chapter / "reference.json").write_text(text)
    with pytest.raises(Unusable, match=r"^reference\.json is damaged\. Download the folder of this exercise again\.$"):
        exercise.check("shares", share)


def test_a_reference_file_that_is_no_text_is_damaged(chapter):
    (chapter / "reference.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Unusable, match="damaged"):
        exercise.progress()


def test_a_wrong_name_lists_the_right_ones():
    with pytest.raises(
        Unusable, match=r"There is no check called 'shapes'\. The checks here: shares, column, errors, needy\."
    ):
        exercise.check("shapes", share)


def test_the_name_of_the_function_will_do(capsys):
    exercise.check("share", share)
    exercise.hint("share", 1)
    assert ALSO in capsys.readouterr().out
    with pytest.raises(Unusable, match="The name of the task comes first"):
        exercise.hint()


@pytest.mark.parametrize("arguments", [(share,), (share, "shares"), (None, share)])
def test_arguments_in_the_wrong_order_are_explained(arguments):
    with pytest.raises(Unusable, match=r"The name of the task comes first, in quotes: check\("):
        exercise.check(*arguments)


def test_a_forgotten_function_is_explained():
    with pytest.raises(Unusable, match=r"check needs two things, a name and a function: check\('shares', share\)\."):
        exercise.check("shares")


def test_a_result_in_place_of_the_function_is_explained():
    with pytest.raises(Unusable, match=r"needs the function itself, not its result"):
        exercise.check("shares", np.ones(3))


def test_a_missing_library_skips_the_check(capsys):
    exercise.check("needy", stops(AssertionError("never called")))
    said = "With a library\n  needs a_library_nobody_has: run this part locally or in Colab.\n"
    assert capsys.readouterr().out == said
    assert (exercise._boxes, exercise._passed) == ({}, set())


def test_a_library_is_called_by_its_own_name(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert checker.lacking({"needs": "tensorflow"}) == "TensorFlow"
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    assert checker.lacking({"needs": "tensorflow"}) == checker.lacking({}) == ""


def test_the_learners_file_needs_only_numpy():
    code = (
        "import importlib.util, sys; "
        f"s = importlib.util.spec_from_file_location('check', {checker.__file__!r}); "
        "m = importlib.util.module_from_spec(s); s.loader.exec_module(m); "
        "sys.exit(any(name.partition('.')[0] in ('autograder', 'IPython', 'tensorflow') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ---------------------------------------------------------------- hints and progress
def test_hints_come_one_at_a_time_and_the_last_stays(capsys):
    for expected in ("Hint 1 of 2: Shares of a <total>\n  First step.", "Hint 2 of 2", "Hint 2 of 2"):
        exercise.hint("shares")
        assert capsys.readouterr().out.startswith(expected)


def test_a_hint_can_be_asked_for_by_number(capsys):
    exercise.hint("shares", 2)
    assert "Second <step>." in capsys.readouterr().out


@pytest.mark.parametrize("step", [0, 3, "a", 1.5])
def test_a_hint_that_does_not_exist_is_said(step):
    with pytest.raises(Unusable, match=r"shares has hints 1 to 2: hint\('shares', 1\) shows the first\."):
        exercise.hint("shares", step)


def test_progress_numbers_the_tasks_and_names_the_next(capsys):
    exercise.check("column", COLUMN.reference)
    with pytest.raises(NotYet):
        exercise.check("shares", WRONG["columns"])
    capsys.readouterr()
    exercise.progress()
    assert capsys.readouterr().out == (
        "1 of 4 checks passed, 3.5 of 6.5 points\n  ◐ Task 1: Shares of a <total> (partly right, 2.5 of 3.5 points)\n"
        "  ✓ Task 2: The first column (done, 1 of 1 points)\n"
        "  · Task 3: A clear error (not checked in this session, 0 of 1 points)\n"
        "  – Task 4: With a library (skipped, 0 of 1 points)\n  Next: Task 1: Shares of a <total>\n"
    )


def test_progress_goes_on_to_the_first_task_that_is_left_and_ends(shown, chapter):
    exercise.check("shares", share)
    exercise.progress()
    assert shown[-1].lines[-1] == "Next: Task 2: The first column"
    exercise.check("column", COLUMN.reference)
    exercise.check("errors", ERRORS.reference)
    exercise.progress()
    assert (shown[-1].title, shown[-1].lines[-1]) == (
        "3 of 4 checks passed, 5.5 of 6.5 points",
        "All checks that can run here have passed.",
    )


def test_progress_takes_the_numbers_of_the_notebook(shown, chapter):
    (chapter / "reference.json").write_text(reference_json(KEY, {"shares": 1, "column": 3}), encoding="utf-8")
    exercise.progress()
    assert [line.partition(":")[0] for line in shown[-1].lines[:3]] == ["· Task 1", "· Task 3", "· Task 3"]


def test_an_answer_that_was_interrupted_counts_as_not_tried(shown):
    exercise.check("column", COLUMN.reference)
    with pytest.raises(KeyboardInterrupt):
        exercise.check("column", stops(KeyboardInterrupt()))
    exercise.progress()
    assert "· Task 2: The first column (not checked in this session, 0 of 1 points)" in shown[-1].lines


def test_progress_forgets_a_success_that_was_lost(capsys):
    exercise.check("column", COLUMN.reference)
    with pytest.raises(NotYet):
        exercise.check("column", lambda x: x)
    exercise.progress()
    assert "0 of 4 checks passed" in capsys.readouterr().out


# ---------------------------------------------------------------- the box, and who shows it
@pytest.fixture
def shown(monkeypatch):
    """Act as a notebook, or as the page of the book, and return the boxes that are displayed."""
    boxes = []
    monkeypatch.setattr(builtins, "display", boxes.append, raising=False)
    return boxes


def test_a_box_as_html_and_as_text():
    box = Box(
        "Shares of a <total>", False, ["You summed `<columns>`."], "Axes & sums", 1.5, 2, python="KeyError: 'a<'\nb"
    )
    assert box._repr_html_() == (
        '<div style="border-left:4px solid #b7791f;background:#b7791f1f;padding:.5em .8em;max-width:46em;'
        'overflow-wrap:anywhere"><strong>◐ Shares of a &lt;total&gt;: 1.5 of 2 points</strong>'
        "<div>You summed <code>&lt;columns&gt;</code>.</div><div>Read: Axes &amp; sums</div>"
        '<details><summary>Python said</summary><div style="white-space:pre-wrap;font-family:monospace">'
        "KeyError: &#x27;a&lt;&#x27;\nb</div></details></div>"
    )
    assert (
        str(box)
        == repr(box)
        == (
            "◐ Shares of a <total>: 1.5 of 2 points\n  You summed `<columns>`.\n  Read: Axes & sums\n"
            "    Python said: KeyError: 'a<'\n    b"
        )
    )


def test_where_to_read_is_a_link_where_the_book_has_an_address(shown, chapter):
    (chapter / "reference.json").write_text(reference_json(KEY, book="https://book.test"), encoding="utf-8")
    fields_of(shown, "shares", WRONG["columns"])
    address = "https://book.test/09_shares.html#axes"
    assert (
        f'<div>Read: <a href="{address}" style="color:inherit;text-decoration:underline">Axes</a></div>'
        in shown[-1]._repr_html_()
    )
    assert f"\n  Read: Axes ({address})" in str(shown[-1])


def test_a_mistake_without_a_name_may_be_found_among_the_known_ones(shown, chapter):
    text = reference_json(KEY, book="https://book.test", mistakes="https://book.test/which_mistake.html")
    (chapter / "reference.json").write_text(text, encoding="utf-8")
    address = "https://book.test/which_mistake.html?q=share"
    link = f'<div><a href="{address}" style="color:inherit;text-decoration:underline">Which mistake is this?</a></div>'
    fields = fields_of(shown, "shares", lambda x, **others: (x + 1, x.sum(1)))
    assert (fields["unnamed"], fields["mistakes"]) == ("share", address)
    assert link in shown[-1]._repr_html_() and f"\n  Which mistake is this? ({address})" in str(shown[-1])
    for answer in (share, WRONG["columns"], stops(NotImplementedError())):
        fields = fields_of(shown, "shares", answer)
        assert (fields["unnamed"], fields["mistakes"]) == ("", "") and link not in shown[-1]._repr_html_()


def test_without_a_book_no_box_leads_to_the_known_mistakes(shown):
    fields = fields_of(shown, "shares", lambda x, **others: (x + 1, x.sum(1)))
    assert (fields["unnamed"], fields["mistakes"]) == ("share", "")
    assert "Which mistake" not in str(shown[-1]) + shown[-1]._repr_html_()


def test_what_python_said_is_folded_away_from_every_sentence():
    assert checker.folded(["Cause.", "Cure. Python said: KeyError: 'a'", "Python said: b", "c"]) == (
        ["Cause.", "Cure.", "c"],
        "KeyError: 'a'\nb",
    )


def test_a_box_escapes_what_learners_control(shown, capsys):
    with pytest.raises(NotYet):
        exercise.check("shares", stops(ValueError("<script>alert(1)</script> & more")))
    page = shown[0]._repr_html_()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page
    assert "<script" not in page
    assert "Shares of a &lt;total&gt;" in page
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("answer", "colour"), [(share, "#2e8b57"), (WRONG["columns"], "#b7791f"), (calls_helper, "#c0392b")]
)
def test_a_box_is_green_amber_or_red(shown, answer, colour):
    with suppress(NotYet):
        exercise.check("shares", answer)
    assert f"border-left:4px solid {colour}" in shown[0]._repr_html_()


def test_a_skipped_check_has_a_grey_box(shown):
    exercise.check("needy", share)
    assert "border-left:4px solid #6c757d" in shown[0]._repr_html_()


@pytest.mark.parametrize("spoilt", ["my display", None, share, 3])
def test_where_display_is_something_else_the_box_is_printed(monkeypatch, capsys, spoilt):
    monkeypatch.setattr(builtins, "display", spoilt, raising=False)
    exercise.hint("shares")
    assert capsys.readouterr().out == "Hint 1 of 2: Shares of a <total>\n  First step.\n"


def test_an_interrupt_while_a_box_is_shown_gets_through(monkeypatch):
    def interrupted(box):
        raise KeyboardInterrupt

    monkeypatch.setattr(builtins, "display", interrupted, raising=False)
    with pytest.raises(KeyboardInterrupt):
        exercise.hint("shares")


def test_nothing_is_returned_that_a_notebook_would_show_again(shown):
    assert (exercise.check("shares", share), exercise.check("needy"), exercise.hint("shares"), exercise.progress()) == (
        (None,) * 4
    )
    assert len(shown) == 4


# ---------------------------------------------------------------- the fields of a box
def fields_of(shown, name, answer):
    """Return the fields of the box that a check shows, after a journey as JSON."""
    with suppress(NotYet):
        exercise.check(name, answer)
    return json.loads(json.dumps(shown[-1]._repr_check_()))


def test_the_fields_of_a_right_answer(shown):
    assert fields_of(shown, "shares", share) == {
        "title": "Shares of a <total>", "right": True, "lines": [ALSO], "read": "",
        "earned": 3.5, "points": 3.5, "needs": "", "python": "", "address": "",
        "unnamed": "", "mistakes": "",
    }  # fmt: skip


def test_the_fields_of_a_partly_right_answer(shown):
    exercise.check("column", COLUMN.reference)
    assert fields_of(shown, "shares", WRONG["columns"]) == {
        "title": "Shares of a <total>", "right": False, "read": "Axes", "earned": 2.5, "points": 3.5, "needs": "",
        "lines": ["`shares` is wrong; `sums` is right.", "You summed <columns>."], "python": "", "address": "",
        "unnamed": "", "mistakes": "",
    }  # fmt: skip


def test_the_fields_of_a_check_that_cannot_run_here(shown, monkeypatch):
    monkeypatch.setitem(checker.LIBRARIES, "a_library_nobody_has", "TensorFlow")
    assert fields_of(shown, "needy", share) == {
        "title": "With a library", "right": None, "lines": ["needs TensorFlow: run this part locally or in Colab."],
        "read": "", "earned": None, "points": None, "needs": "TensorFlow", "python": "", "address": "",
        "unnamed": "", "mistakes": "",
    }  # fmt: skip


def test_the_fields_of_hints_and_of_the_list_of_checks(shown):
    exercise.hint("column")
    exercise.progress()
    fields = [json.loads(json.dumps(box._repr_check_())) for box in shown]
    assert fields[0]["lines"] == ["Only step."]
    assert fields[1]["title"] == "0 of 4 checks passed, 0 of 6.5 points" and len(fields[1]["lines"]) == 5
    assert all(
        (f["right"], f["earned"], f["points"], f["needs"], f["read"]) == (None, None, None, "", "") for f in fields
    )


def score_of(answer):
    """Return the points that the grader's judge gives for an answer to `shares`."""
    spec = SHARES.spec(np.random.default_rng(0))
    drawn = draw(SHARES, spec, b"a secret", "a learner", KEY.chapter, "first")
    results = [checker.call(answer, case["inputs"], spec["returns"]) for case in drawn.cases]
    return judge(SHARES, drawn, Record(end="done", results=[results, results]), None).score


@pytest.mark.parametrize("answer", [
    share, WRONG["columns"], WRONG["sums_tripled"], WRONG["powers"], WRONG["means"], WRONG["raises_late"],
    fake(second=lambda s, x: s[:, None]), fake(first=lambda a, x: a.T), calls_helper, lambda x, **o: None,
])  # fmt: skip
def test_the_points_earned_are_those_that_the_judge_gives(shown, answer):
    fields = fields_of(shown, "shares", answer)
    assert (fields["earned"], fields["points"]) == (score_of(answer), SHARES.max_score)


def test_those_answers_earn_all_or_nothing_or_the_points_of_either_part():
    assert {score_of(answer) for answer in (share, WRONG["columns"], WRONG["sums_tripled"], calls_helper)} == {
        3.5,
        2.5,
        1,
        0,
    }


def test_the_points_of_each_part_are_in_the_reference_file():
    assert json.loads(reference_json(KEY))["checks"]["shares"]["points"] == {"shares": 1, "sums": 2.5}


def test_points_are_in_the_heading_and_in_no_sentence(shown):
    for answer in (share, WRONG["columns"]):
        fields = fields_of(shown, "shares", answer)
        assert f": {fields['earned']:g} of 3.5 points" in str(shown[-1]).splitlines()[0]
        assert "point" not in " ".join(fields["lines"])


def test_a_reference_file_from_before_there_were_points_will_do(shown, chapter):
    data = json.loads(reference_json(KEY))
    for spec in data["checks"].values():
        del spec["points"], spec["survives"]
    (chapter / "reference.json").write_text(json.dumps(data), encoding="utf-8")
    assert fields_of(shown, "shares", share)["lines"] == ["Right."]
    exercise.progress()
    assert [str(box).splitlines()[0] for box in shown] == ["✓ Shares of a <total>", "1 of 4 checks passed"]


# ---------------------------------------------------------------- places that show boxes
@pytest.fixture
def beside(chapter):
    """Put check.py beside the chapter's reference.json, as learners have it."""
    (chapter / "check.py").write_bytes(Path(checker.__file__).read_bytes())
    return chapter


def test_a_kernel_shows_boxes_as_html_and_as_text(beside):
    cells = [
        "from check import check, hint, progress",
        "check('column', lambda x: x[:, :1] @ x[:1, :])",
        "check('column', lambda x: x.missing)",
        "display = 'mine'\nhint('shares')",
        "import builtins\nbuiltins.display = 'mine'\nprogress()",
    ]
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    place = {"metadata": {"path": str(beside)}}
    NotebookClient(notebook, kernel_name="python3", allow_errors=True, resources=place, **PATIENT).execute()
    _, right, wrong, hinted, printed = [cell.outputs for cell in notebook.cells]
    assert right[0].data["text/plain"] == "✓ The first column: 1 of 1 points\n  Right."
    assert right[0].data["text/html"].startswith('<div style="border-left:4px solid #2e8b57')
    assert (
        wrong[0]
        .data["text/plain"]
        .startswith("✗ The first column: 0 of 1 points\n  Your function stopped on the case “a matrix”")
    )
    assert (wrong[1].ename, wrong[1].traceback) == ("NotYet", ["Not yet: The first column."])
    assert hinted[0].data["text/plain"] == "Hint 1 of 2: Shares of a <total>\n  First step."
    assert printed[0].text.startswith(
        "0 of 4 checks passed, 0 of 6.5 points\n"
        "  · Task 1: Shares of a <total> (not checked in this session, 0 of 3.5 points)\n"
    )
    assert [len(outputs) for outputs in (right, wrong, hinted, printed)] == [1, 2, 1, 1]


@pytest.mark.parametrize("program", [["-m", "IPython", "--quick", "--no-banner"], []])
def test_a_terminal_shows_boxes_as_text(beside, program):
    environment = {**os.environ, "IPYTHONDIR": str(beside / "ipython"), "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, *program, "-c", "import check; check.check('needy', len); check.hint('shares')"]
    done = subprocess.run(command, cwd=beside, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.stdout == (
        "With a library\n  needs a_library_nobody_has: run this part locally or in Colab.\n"
        "Hint 1 of 2: Shares of a <total>\n  First step.\n"
    ), done.stderr


IN_THE_GRADERS_SHELL = """
import json
from autograder.grade.run.clean_outputs import clean_outputs
from autograder.grade.run.ipython_shell import make_shell
outputs, _ = make_shell().run("import check; check.hint('shares')")
print(json.dumps(clean_outputs(outputs)))
"""


def test_the_graders_shell_keeps_a_box_as_html_and_as_text(beside):
    command = [sys.executable, "-c", IN_THE_GRADERS_SHELL]
    done = subprocess.run(command, cwd=beside, capture_output=True, encoding="utf-8", check=False)
    (output,) = json.loads(done.stdout)
    assert output["output_type"] == "display_data"
    assert output["data"]["text/plain"] == "Hint 1 of 2: Shares of a <total>\n  First step."
    assert "<strong>Hint 1 of 2: Shares of a &lt;total&gt;</strong>" in output["data"]["text/html"]


def test_ipython_shows_one_line_and_no_traceback_of_the_checker():
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    try:
        shell.user_ns.update(check=exercise.check, answer=lambda x, **o: None)
        result = shell.run_cell("check('shares', answer)")
        lines = result.error_in_exec._render_traceback_()
        assert lines == ["Not yet: Shares of a <total>."]
        assert isinstance(result.error_in_exec, AssertionError)
    finally:
        InteractiveShell.clear_instance()


# ---------------------------------------------------------------- values in reference.json
@pytest.mark.parametrize(
    "value",
    [None, 3, 0.5, True, "text", float("inf"), np.array([[1, 2], [3, 4]]), np.array([0.5, np.nan, -np.inf]),
     np.zeros((0, 3)), np.array(2.5), np.array([True, False]), np.array([1.5], np.float32)],
)  # fmt: skip
def test_values_survive_the_reference_file(value):
    again = decode(json.loads(json.dumps(encode(value))))
    if isinstance(value, np.ndarray):
        assert (again.dtype, again.shape) == (value.dtype, value.shape)
        assert np.array_equal(again, value, equal_nan=value.dtype.kind == "f")
    else:
        assert again == value
        assert type(again) is type(value)


def test_numbers_are_rounded_without_a_negative_zero():
    assert str(encode(-1e-12)) == "0.0"
    assert encode(np.array([1 / 3]))["data"] == [0.33333333]


def test_an_array_is_unpacked_into_its_parts():
    assert list(as_result(np.eye(2), ["a", "b"])) == ["a", "b"]


def test_a_matrix_or_masked_array_becomes_an_ordinary_one():
    assert type(as_array(np.ma.array([1.0, 2.0]))) is np.ndarray


def test_a_matrix_made_a_number_is_an_error_before_numpy_2_4_too():
    """Older versions warn only, and the grader's does not take it: float() of an array (1, 1)."""
    said = "Conversion of an array with ndim > 0 to a scalar is deprecated"
    old = checker.call(lambda x: warnings.warn(said, DeprecationWarning, stacklevel=1), {"x": 0}, ["value"])
    new = checker.call(lambda x: float(np.ones((1, 1))), {"x": 0}, ["value"])
    assert (old["raises"], old["text"]) == (new["raises"], new["text"])
    seen = checker.Seen({}, {}, {"one": "(1, 1)"})
    assert "x.item()" in " ".join(checker.advice_on(old["text"], checker.ADVICE, seen))


def test_what_passed_before_python_was_started_counts_as_passed(shown):
    exercise.remember(["shares"])
    exercise.progress()
    assert shown[-1].title == "1 of 4 checks passed, 3.5 of 6.5 points"
    assert shown[-1].lines[0] == "✓ Task 1: Shares of a <total> (done, 3.5 of 3.5 points)"
