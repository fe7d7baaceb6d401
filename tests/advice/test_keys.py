"""The advice of the keys: what has a condition is said where that holds, and no rule is found in everything."""

import numpy as np
import pytest

from autograder.learner import check as checker
from tests.advice.telling import first_advice, ways
from tests.keys.claims import KEYS, spec_of

CHECKS = {check.name: check for key in KEYS.values() for check in key.checks}
NONE = "TypeError: 'NoneType' object is not iterable"
BROADCAST = "ValueError: operands could not be broadcast together with shapes"
PAIR = "ValueError: not enough values to unpack (expected 2, got 1)"


def at_work(function):
    """Return the facts of an error inside a function that the check calls."""
    return {"stack": f"answer {function}"}


CALLED, EMPTY = {"stack": "answer"}, np.zeros((0, 3))
# (check, text, how the advice begins, inputs and facts of which it is true, inputs and facts of which it is not)
TOLD = [
    ("encode", "IndexError: list index out of range", "Give h its value h_0", ({"T": 0}, {}), ({"T": 6}, {})),
    ("encode", "IndexError: index 6 is out of bounds for axis 0 with size 6", "Rows count from 0, so of",
     ({"T": 6}, {}), ({"T": 1}, {})),
    ("encode", "TypeError: cannot unpack non-iterable NoneType object", "For a sentence without words",
     ({"T": 0}, CALLED), ({"T": 6}, CALLED)),
    ("encode", "TypeError: cannot unpack non-iterable NoneType object", "Your function returned nothing",
     ({"T": 6}, CALLED), ({"T": 6}, at_work("encode"))),
    ("decode_step", "AssertionError: no", "For a state of the wrong size", ({"fits": False}, {}), ({"fits": True}, {})),
    ("decode_step", "IndexError: no", "The state has the wrong size", ({"fits": False}, {}), ({"fits": True}, {})),
    ("dot_scores", "IndexError: index 0 is out of bounds for axis 0 with size 0", "This case has no encoder states",
     ({"H": EMPTY}, {}), ({"H": np.ones((2, 3))}, {})),
    ("dot_attention", PAIR, "S and H have three axes", ({}, at_work("dot_attention")), ({}, CALLED)),
    ("dot_attention", PAIR, "Return two things", ({}, CALLED), ({}, at_work("dot_attention"))),
    ("general_scores", "ValueError: matmul (size 3 is different from 6)", "The two states differ in size",
     ({"s_t": np.ones(3)}, {"line": "H @ s_t"}), ({"s_t": np.ones(3)}, {"line": "W @ s_t"})),
    ("general_scores", "ValueError: matmul (size 3 is different from 6)", "The two states differ in size",
     ({"s_t": np.ones(3)}, {"line": "H @ s_t"}), ({"s_t": np.ones(5)}, {"line": "H.T @ q"})),
    ("additive_scores", "scores has shape (5, 6); expected (5,).", "One number for each unit",
     ({"w_a": np.ones(6)}, {}), ({"w_a": np.ones(3)}, {})),
    ("bahdanau_step", "ValueError: zero-size array", "With no encoder state", ({"T": 0}, {}), ({"T": 5}, {})),
    ("bahdanau_layer", "AttributeError: 'B' object has no attribute 'query_dense'", "The check sets the weights",
     ({}, {"near": "qeury_dense"}), ({}, {})),
    ("bahdanau_layer", NONE, "Something here is None. Is it the mask", ({"values_mask": None}, {}),
     ({"values_mask": np.ones(3)}, {})),
    ("find_the_bug_mask", "TypeError: 'NoneType' object is not callable", "mended_attention gave nothing back",
     ({}, CALLED), ({}, at_work("mended_attention"))),
    ("scaled_dot_product_attention", "TypeError: unsupported operand type(s) for *: 'NoneType' and 'float'",
     "The mask is None", ({"mask": None}, {"none": "mask"}), ({"mask": None}, {"none": "scores"})),
    ("scaled_dot_product_attention", "TypeError: unsupported operand type(s) for *: 'NoneType' and 'float'",
     "Something here is None. Is it the mask", ({"mask": None}, {}), ({"mask": np.ones(3)}, {})),
    ("scaled_dot_product_attention", PAIR, "Count axes from the end",
     ({}, {"stack": "scaled_dot_product_attention"}), ({}, CALLED)),
    ("split_heads", PAIR, "x has three axes", ({}, at_work("split_heads")), ({}, CALLED)),
    ("split_heads", "ValueError: no", "Is this your own error?", ({}, {"line": "raise ValueError('no')"}),
     ({}, {"line": "np.stack([])"})),
    ("multi_head_attention", "ValueError: matmul (size 6 is different from 2)", "A product does not fit: d_k = 2",
     ({}, {}), ({}, {"within": "scaled_dot_product_attention"})),
    ("multi_head_attention", "ValueError: matmul (size 3 is different from 5)", "A product does not fit: \\2 numbers",
     ({}, {}), ({}, {"within": "scaled_dot_product_attention"})),
    ("decoder_masks", PAIR, "Your function returned {gave}.", ({}, CALLED | {"gave": "2 things"}), ({}, CALLED)),
    ("merge_heads", PAIR, "x has four axes", ({}, at_work("merge_heads")), ({}, CALLED)),
    ("multi_head_attention", "TypeError: unsupported operand type(s) for *: 'NoneType' and 'float'",
     "Something here is None. Is it the mask", ({"mask": None}, {}), ({"mask": np.ones(3)}, {})),
    ("multi_head_layer", "AttributeError: 'M' object has no attribute 'query_dense'", "The check sets the weights",
     ({}, {"near": "q_dense"}), ({}, {})),
    ("multi_head_layer", "AttributeError: 'MultiHeadAttention' object has no attribute 'cut'", "There is no",
     ({}, {"near": "cuts"}), ({}, {})),
    ("multi_head_layer", "AttributeError: 'MultiHeadAttention' object has no attribute 'cut'", "The class has no",
     ({}, {"then": "("}), ({}, {"then": "+"})),
    ("multi_head_layer", "TypeError: missing a required argument: 'q'", "Keep the arguments of `call`",
     ({}, CALLED), ({}, {"stack": "answer MultiHeadAttention.call"})),
    ("apply_mask", NONE, "apply_mask returned None", ({}, CALLED), ({}, at_work("apply_mask"))),
    ("apply_mask", "ValueError: inhomogeneous shape", "Return one array", ({}, CALLED), ({}, at_work("apply_mask"))),
    ("apply_mask", "ValueError: more dimensions than allowed by the axis remapping", "What you return has lost an axis",
     ({}, CALLED), ({}, at_work("apply_mask"))),
    ("decoder_masks", PAIR, "Return three masks", ({}, CALLED), ({}, at_work("decoder_masks"))),
    ("encoder_layer", "AttributeError: 'E' object has no attribute 'norm_1'", "The check sets the weights",
     ({}, {"near": "norm1"}), ({}, {})),
    ("encoder_layer", "TypeError: missing a required argument: 'x'", "Keep the arguments of `call`",
     ({}, CALLED), ({}, {"stack": "answer EncoderLayer.call"})),
    ("encoder_layer", NONE, "Something is None here. Is there a `return`", ({}, CALLED),
     ({}, {"stack": "answer EncoderLayer.call"})),
    ("encoder_layer", "AttributeError: 'E' object has no attribute 'norm_1'", "Keep the part in `__init__`",
     ({}, {"near": "norm_2"}), ({}, {"near": "norm1"})),
    ("positional_encoding", "ValueError: inhomogeneous shape", "Return one array, in which", ({}, CALLED),
     ({}, at_work("positional_encoding"))),
    ("find_the_positions", "IndexError: index 8 is out of bounds for axis 1 with size 6", "Are the encodings looked up",
     ({}, {"line": "positions[0][ids]"}), ({}, {"line": "table[:, ids]"})),
    ("find_the_positions", "IndexError: index 8 is out of bounds for axis 1 with size 6", "The ids choose rows",
     ({}, {"line": "table[:, ids]"}), ({}, {"line": "positions[0][ids]"})),
    ("layer_norm", f"{BROADCAST} (2,3) (5,)", "gamma holds a factor", ({}, {"line": "x @ gamma + beta"}),
     ({}, {"line": "x * gamma - mean"})),
    ("feed_forward", f"{BROADCAST} (2,5,7) (3,)", "`@` goes before `+`", ({}, {"line": "x @ W_1 + b_1 @ W_2"}),
     ({}, {"line": "x @ W_1 + b_2"})),
    ("feed_forward", f"{BROADCAST} (2,5,7) (3,)", "\\1 numbers and a bias", ({}, {"line": "x @ W_1 + b_2"}),
     ({}, {"line": "x @ W_1 + mean"})),
    ("feed_forward", f"{BROADCAST} (2,5,3) (3,7)", "`*` multiplies entry by entry", ({}, {"line": "x * W_1"}),
     ({}, {"line": "x + hidden"})),
    ("add_and_norm", "TypeError: 'numpy.ndarray' object is not callable", "sublayer_output is an array",
     ({}, {"line": "sublayer_output(x)"}), ({}, {"line": "x(sublayer_output)"})),
    ("greedy_decode", "TypeError: 'int' object is not iterable", "`+=` joins lists", ({}, {"line": "ids += token"}),
     ({}, {"line": "list(token)"})),
    ("warmup_schedule", NONE, "warmup_schedule returned None", ({}, CALLED), ({}, at_work("warmup_schedule"))),
    ("greedy_decode", NONE, "greedy_decode returned None", ({}, CALLED), ({}, at_work("greedy_decode"))),
    ("decode_step", "ValueError: operands could not be broadcast together with shapes (5,) (7,)", "b_out, (V,), belo",
     ({}, {"line": "W_y @ y_prev + b + b_out"}), ({}, {"line": "W_out * s_t + b_out"})),
    ("context_vector", "IndexError: index 6 is out of bounds for axis 0 with size 3", "np.argmax of a batch",
     ({}, {"line": "H[np.argmax(weights)]"}), ({}, {"line": "H[6]"})),
    ("find_the_positions", "ValueError: operands could not be broadcast together with shapes (2,6,3) (1,5,3)",
     "\\2 encodings were taken", ({}, {}), None),
    ("bahdanau_step", "ValueError: the cell was given an input of shape (12,); it needs (9,)", "The input is too long",
     ({}, {}), None),
    ("bahdanau_step", "ValueError: the cell was given an input of shape (7,); it needs (9,)", "The input is too short",
     ({}, {}), None),
]  # fmt: skip


def advice(name, text, known):
    """Return the advice of a check's key on a text, as it stands there."""
    inputs, facts = known
    spec = {"function": CHECKS[name].function, "needs": CHECKS[name].needs}
    return first_advice(text, CHECKS[name].advice, checker.Seen(spec, inputs, facts))


@pytest.mark.parametrize(("name", "text", "start", "known"), [row[:4] for row in TOLD])
def test_advice_is_given_where_it_is_true(name, text, start, known):
    assert advice(name, text, known).startswith(start)


@pytest.mark.parametrize(("name", "text", "start", "known"), [(*row[:3], row[4]) for row in TOLD if row[4]])
def test_advice_is_not_given_beside_it(name, text, start, known):
    assert not advice(name, text, known).startswith(start)


def test_an_input_of_another_size_gets_the_other_sentence():
    long, short = (row for row in TOLD if row[4] is None and row[0] == "bahdanau_step")
    assert not advice(long[0], short[1], long[3]).startswith(long[2])
    assert not advice(short[0], long[1], short[3]).startswith(short[2])


@pytest.mark.parametrize(("shape", "begins"), [
    ("(1,5,3)", "5 encodings were taken for 6 words"), ("(1,9,3)", "9 encodings meet sentences of 6"),
    ("(6,1,3)", "The encodings are cut rightly"), ("(6,3,1)", "The encodings are cut rightly"),
    ("(9,3)", "9 encodings meet sentences of 6"), ("(9,1,3)", "What is added to x"), ("(3,6)", "What is added to x"),
])  # fmt: skip
def test_what_is_said_of_encodings_that_do_not_fit(shape, begins):
    text = f"ValueError: operands could not be broadcast together with shapes (2,6,3) {shape}"
    told = checker.advice_on(text, CHECKS["find_the_positions"].advice, checker.Seen({}, {}, {}))
    assert told[0].startswith(begins)


def test_every_condition_has_both():
    starts = {start for _, _, start, *_ in TOLD}
    needs = {
        text
        for check in CHECKS.values()
        for _, text, conditions in ways(check.advice)
        if conditions or checker.FACT.search(text)
    }
    assert not {text for text in needs if not any(text.startswith(start) for start in starts)}, "add them to TOLD"


# What has nothing to do with any task: a rule that is found in it would be found in everything.
UNRELATED = [
    "KeyError: 'total'", "ZeroDivisionEr: by", "RuntimeError: no", "OverflowError: math range error",
    "AttributeError: 'Thing' object has no attribute 'colour'", "NameError: name 'colour' is not defined",
    "TypeError: helper() takes 2 arguments", "ValueError: invalid literal for int() with base 10: 'a'",
    "ModuleNotFoundError: No module named 'torch'", "AttributeError: module 'numpy' has no attribute 'colour'",
    "TypeError: sum() got an unexpected keyword argument 'dims'", "FileNotFoundError: No such file or directory: 'a'",
    "RecursionError: maximum depth", "UnicodeDecodeError: invalid start byte", "MemoryError: ",
    "TypeError: 'type' object does not support the context manager protocol", "StopIteration: ",
    "TypeError: transpose() got an unexpected keyword argument 'axis'", "TypeError: 'module' object is not callable",
    "other has shape (2, 3); expected (2, 5).", "other[0, 1] is 0.5; expected 0.25 (3 of 9 numbers differ).",
    "other: all its numbers are 0. Is what was computed written into it, and returned?",
]  # fmt: skip
TRUE_OF_ANY = {  # a question, and what the dictionary of weights holds
    "^ValueError: (?!operands|could not|array split|matmul)",
    r"KeyError: '?(?!(?:W|b)_[qkvo]\b)(\w+)",
}


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_no_rule_of_a_key_is_found_in_everything(name):
    rules = {sign: rule for sign, rule in CHECKS[name].advice.items() if sign not in TRUE_OF_ANY}
    spec = {"function": CHECKS[name].function, "needs": ""}
    seen = checker.Seen(spec, {}, at_work(CHECKS[name].function))
    assert [first_advice(text, rules, seen) for text in UNRELATED if first_advice(text, rules, seen)] == []


def kernels_alone(num_heads, W_qkv, b_qkv, W_o, b_o):
    """Return the arrays that Keras wants of chapter 5's layer, but the last one."""
    parts = []
    for kernel, bias in zip(W_qkv, b_qkv, strict=True):
        parts += [kernel.reshape(len(b_o), num_heads, -1), bias.reshape(num_heads, -1)]
    return [*parts, W_o.reshape(num_heads, -1, len(b_o))]


def heads_first(num_heads, W_qkv, b_qkv, W_o, b_o):
    """Return them with the heads of the three kernels on axis 0."""
    *parts, last = kernels_alone(num_heads, W_qkv, b_qkv, W_o, b_o)
    return [*(part.transpose(1, 0, 2) if part.ndim > 2 else part for part in parts), last]


def columns_cut(num_heads, W_qkv, b_qkv, W_o, b_o):
    """Return them with the output kernel cut by its columns."""
    *parts, _ = kernels_alone(num_heads, W_qkv, b_qkv, W_o, b_o)
    return [*parts, W_o.reshape(len(b_o), num_heads, -1)]


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        (heads_first, "As `query_kernel` and `key_kernel` and `value_kernel`, what you returned is not right either:"),
        (columns_cut, "As `output_kernel`, what you returned is not right either:"),
    ],
)
def test_of_seven_arrays_only_those_that_are_wrong_are_named(answer, named):
    spec = spec_of("05_multi_head_attention", "keras_weights")
    assert named in checker.diagnose(spec, checker.results_of(spec, answer))["says"]
    right = checker.diagnose(spec, checker.results_of(spec, kernels_alone))["says"]
    assert not any("not right either" in text for text in right)


def test_two_roots_are_told_like_no_root_in_the_find_the_bug_of_chapter_4():
    def mended(query, key, scaled=True, times=2):
        scores = query @ key.T
        scores = scores / np.sqrt(key.shape[-1]) ** (times if scaled else 0)
        exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return exps / exps.sum(axis=-1, keepdims=True)

    spec = spec_of("04_scaled_dot_product_attention", "find_the_bug")
    told = checker.diagnose(spec, checker.results_of(spec, mended))["says"]
    assert "or twice by its root" in " ".join(told)
    once = checker.results_of(spec, lambda query, key, scaled=True: mended(query, key, scaled, 1))
    assert "twice" not in " ".join(checker.diagnose(spec, once)["says"])
