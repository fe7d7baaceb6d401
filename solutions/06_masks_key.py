"""Answer key of chapter 06: masks.

A batch of ids is drawn from patterns such as "xx..", x for a word and . for padding, so every case shows where its
padding stands. Each family of checks comes from one function with exchangeable steps: a misconception is that
function with a step done the wrong way. The shape of a mask is judged as a part of its own, because the axes of
length 1 are half of what a mask has to get right.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from autograder.course import standard_mistakes as standard
from autograder.course.answer_key import AnswerKey, Check, Regions, Same, SumsToOne
from autograder.course.drawing import Array, Cases, Inputs, normal
from autograder.course.rows import mistakes, shared_rows
from autograder.course.softmax_slips import slips
from autograder.course.steps import as_it_is, lowered, one_kept, replaced, softmax, swap

# Sections of the chapter's page.
IDEA = "The idea: three things to hide"
PADDING = "Hide the padding"
FUTURE = "Hide the future"
BOTH = "Both at once"
BEFORE = "Before the softmax"
WHERE = "Where each mask goes"
POLARITY = "Two polarities"
NOTHING = "When nothing is left to see"
MOVES = "Two experiments"
LEAK = "One hundred per cent is a warning"

STALE = ("mask", "masks", "padding", "padding_mask", "look_ahead_mask", "future", "seq", "scores", "weights", "hidden")


# ---------------------------------------------------------------- data
def ids(rng: np.random.Generator, *patterns: str) -> Array:
    """Draw ids (B, T), one sequence a pattern: 0 where it has a dot, else 1 to 9; one word is 1, no square is symmetric."""
    shown = np.array([[letter == "x" for letter in pattern] for pattern in patterns])
    while True:
        drawn = np.where(shown, rng.integers(1, 10, size=shown.shape), 0)
        square = len(drawn) > 1 and drawn.shape[0] == drawn.shape[1]
        if (drawn == 1).any() and np.ptp(drawn) > 0 and not (square and np.array_equal(drawn, drawn.T)):
            return drawn


def or_empty(seq: Array | None) -> Array:
    """Return the ids; None stands for two sequences of length 0."""
    return np.zeros((2, 0), dtype=int) if seq is None else seq


def ids_inputs(rng: np.random.Generator) -> Cases:
    """Draw batches with padding at the end, elsewhere, everywhere and nowhere; B = T; lengths 1 and 0."""
    return {
        "padding at the end": {"seq": ids(rng, "xxxxx", "xxx..", "x....")},
        "padding in front, in the middle, at both ends": {"seq": ids(rng, "..xxxx", "xx..xx", ".xx.x.")},
        "one sequence all padding": {"seq": ids(rng, "xx.", "...")},
        "no padding": {"seq": ids(rng, "xxx", "xxx")},
        "as many sequences as positions": {"seq": ids(rng, "xx.", "x.x", "xxx")},
        "sequences of length 1": {"seq": ids(rng, "x", ".")},
        "sequences of length 0": {"seq": None},
    }


def ids_but_empty(rng: np.random.Generator) -> Cases:
    """Draw the same without length 0: a list of lists could not say that it is (2, 1, 0, 0)."""
    return {label: case for label, case in ids_inputs(rng).items() if case["seq"] is not None}


def longer_ids(rng: np.random.Generator, B: int, *others: int) -> Array:
    """Draw ids of a length that no public case has, nor `others`, with words and padding anywhere in the first sequence."""
    T = rng.choice([length for length in (7, 8, 9) if length not in others])
    words = rng.random((B, T)) < 0.6
    words[0, rng.permutation(T)[:2]] = True, False
    return ids(rng, *("".join("x" if word else "." for word in row) for row in words))


def ids_unlike(rng: np.random.Generator) -> Cases:
    """Draw a batch of a size that no public case has."""
    return {"a longer batch": {"seq": longer_ids(rng, rng.integers(2, 6))}}


# ---------------------------------------------------------------- masks in exchangeable steps
def is_padding(seq: Array) -> Array:
    """Return 1 where an id is 0: (B, T) -> (B, T)."""
    return (seq == 0).astype(int)


def is_word(seq: Array) -> Array:
    """Return 1 where an id is not 0."""
    return (seq != 0).astype(int)


def is_one(seq: Array) -> Array:
    """Return 1 where an id is 1."""
    return (seq == 1).astype(int)


def beyond_the_count(seq: Array) -> Array:
    """Return 1 from the position on that equals the number of words: right only for padding at the end."""
    return (np.arange(seq.shape[1]) >= (seq != 0).sum(axis=1, keepdims=True)).astype(int)


def from_first_zero(seq: Array) -> Array:
    """Return 1 from the first id 0 on."""
    return np.maximum.accumulate(is_padding(seq), axis=1)


def of_first_sequence(seq: Array) -> Array:
    """Return the padding of the first sequence for all."""
    return np.repeat(is_padding(seq)[:1], len(seq), axis=0)


def of_any_sequence(seq: Array) -> Array:
    """Return 1 for all where any sequence has padding."""
    return np.repeat(is_padding(seq).max(axis=0, keepdims=True), len(seq), axis=0)


def first_row_only(seq: Array) -> Array:
    """Return the padding of the first sequence, and 0 for the others, as a `return` inside the loop leaves it."""
    return is_padding(seq) * (np.arange(len(seq)) == 0)[:, np.newaxis]


def last_row_only(seq: Array) -> Array:
    """Return the padding of the last sequence, and 0 for the others."""
    return is_padding(seq) * (np.arange(len(seq)) == len(seq) - 1)[:, np.newaxis]


def as_keys(m: Array) -> Array:
    """Give (B, T) two axes of length 1, so that it stands along the keys: (B, 1, 1, T)."""
    return m[:, np.newaxis, np.newaxis, :]


def as_queries(m: Array) -> Array:
    """Give (B, T) two axes of length 1, so that it stands along the queries: (B, 1, T, 1)."""
    return m[:, np.newaxis, :, np.newaxis]


def on_both_axes(m: Array) -> Array:
    """Hide (B, T) along the keys and along the queries: (B, 1, T, T)."""
    return np.maximum(as_keys(m), as_queries(m))


def for_every_query(m: Array) -> Array:
    """Repeat (B, T) for T queries: (B, 1, T, T)."""
    return np.repeat(as_keys(m), m.shape[1], axis=2)


def first_alone(m: Array) -> Array:
    """Return the mask of the first sequence alone."""
    return m[:1]


def to_add(m: Array) -> Array:
    """Return numbers to add to scores: -1e9 where the mask is 1."""
    return m * -1e9


def infinity_to_add(m: Array) -> Array:
    """Return numbers to add to scores: -inf where the mask is 1."""
    return np.where(m == 1, -np.inf, 0.0)


def with_shape(mask: Array) -> tuple[Array, Array]:
    """Return a mask and its shape as an array."""
    return mask, np.array(np.shape(mask))


def padding_mask(
    seq: Array | None, *, find: Callable = is_padding, place: Callable = as_keys, finish: Callable = as_it_is
) -> tuple[Array, Array]:
    """Return the padding mask (B, 1, 1, T), 1 = hide, and its shape."""
    return with_shape(finish(place(find(or_empty(seq)))))


def padding_mask_by_loops(seq: Array | None) -> tuple[Array, Array]:
    """Return the same, id by id."""
    seq = or_empty(seq)
    mask = np.zeros((seq.shape[0], 1, 1, seq.shape[1]))
    for b, t in np.ndindex(*seq.shape):
        mask[b, 0, 0, t] = 1 if seq[b, t] == 0 else 0
    return mask, np.array([seq.shape[0], 1, 1, seq.shape[1]])


KINDS_OF_IDS = (("words", ""), ("padding", "at the end"), ("padding", "elsewhere"))


def kinds_of_ids(seq: Array) -> Array:
    """Return 0 for words, 1 for padding behind the last word, 2 for other padding: (B, 1, 1, T)."""
    at_the_end = np.minimum.accumulate(is_padding(seq)[:, ::-1], axis=1)[:, ::-1]
    return as_keys(is_padding(seq) * (2 - at_the_end))


ASKED = ("for queries that are words", "for queries that are padding")
KINDS_OF_KEYS = (
    *((f"{what} {place}", asked) for what in ("words", "padding") for place in ("before the query", "of the future")
      for asked in ASKED),
    ("words at their own place", ""),
    ("padding at its own place", ""),
)  # fmt: skip


def kinds_of_keys(seq: Array) -> Array:
    """Return the number of KINDS_OF_KEYS of each key for each query: (B, 1, T, T)."""
    padding, future = is_padding(seq), np.triu(np.ones((seq.shape[1], seq.shape[1]), dtype=int), k=1)
    apart = 4 * as_keys(padding) + 2 * future + as_queries(padding)
    return np.where(np.eye(seq.shape[1], dtype=bool), 8 + as_keys(padding), apart)


KEEPS = "Here 1 means hide. Your mask has 1 where a key may be seen, which is Keras's convention (True = keep): turn it over."
ADDITIVE = (
    "These are the numbers that are added to scores. Other libraries call that a mask too; here a mask holds 0 and 1, and "
    "apply_mask will make -1e9 of the 1s."
)
AT_THE_END = (
    "Right only while all padding stands at the end: the words were counted, or everything after the first 0 was hidden. "
    "Ask of each id by itself whether it is padding."
)
ONE_FOR_ALL = (
    "All sequences have the same mask, that of the first or of all together. Each sequence has its own padding."
)
ID_ONE = "The word with id 1 is hidden. 1 is what the *mask* holds where it hides; padding is the id 0."

AXES = {r"^shape has shape \((\d+),\); expected \((\d+),\)": r"Your mask has \1 axes; \2 are expected."}
MASK_ADVICE = {
    **AXES,
    r" is infinite in|\] is -1e\+": ADDITIVE,
    r"cannot reshape array": "The sizes of a reshape must multiply to the number of entries: take them from `seq.shape`.",
    r"boolean index did not match": "(B, T) cannot index an array with more axes. Compare first, then give the result its axes.",
    r"'bitwise_or' not supported": "`|` is for booleans and integers. np.maximum takes floats too.",
    r"takes 0 positional|'builtin_function_or_method'": "The argument is called `seq`.",
    r"'bool' object has no attribute": "`seq == 0` compared something that is no array. Is `seq` still the array of ids?",
    r"numpy boolean subtract": "NumPy does not subtract booleans. Turn them over with `~` or `== 0`, or make integers of them: "
    "`.astype(int)`.",
    r"truth value of an array": "`or`, `and`, `if` and max ask one question of a whole array. Use np.maximum, `|` or "
    "np.where, which go entry by entry.",
}

# fmt: off
PADDING_MASK_MISTAKES = mistakes(padding_mask, PADDING,
    ("keeps_instead_of_hiding", [{"find": is_word}, {"find": is_word, "place": as_it_is}], KEEPS, POLARITY),
    ("numbers_to_add", [{"finish": to_add}, {"finish": infinity_to_add}, {"finish": to_add, "find": is_word}],
     ADDITIVE, BEFORE),
    ("id_one_hidden", {"find": is_one}, ID_ONE),
    ("first_sequence_only", {"find": first_row_only},
     "Only the first sequence was looked at, as when `return` stands inside the loop."),
    ("last_sequence_only", {"find": last_row_only},
     "Only the last sequence was written into the mask, as when the line that writes stands below the loop."),
    ("ids_returned", {"find": as_it_is},
     "The mask holds the ids themselves. It should hold 1 where the id is 0, and 0 elsewhere."),
    ("nothing_hidden", {"find": np.zeros_like},
     "Nothing is hidden: the mask is 0 everywhere. Which comparison is true for padding?"),
    ("everything_hidden", {"find": np.ones_like},
     "Everything is hidden: the mask is 1 everywhere. Which comparison is true for padding only?"),
    ("padding_at_the_end_only", [{"find": beyond_the_count}, {"find": from_first_zero}], AT_THE_END),
    ("one_mask_for_all", [{"find": of_first_sequence}, {"find": of_any_sequence}, {"finish": first_alone}],
     ONE_FOR_ALL),
    ("no_axes_of_length_1", {"place": as_it_is},
     "The mask is still (B, T). Laid on scores (B, H, T_q, T_k) its B would meet the queries: an error, or, where B = "
     "T_q, another sentence's padding. Give it axes of length 1 for heads and queries."),
    ("axes_squeezed_away", {"place": lambda m: np.squeeze(as_keys(m))},
     "np.squeeze takes every axis of length 1 away. Here they are what the mask needs, to fit scores with four axes."),
    ("batch_size_for_length", {"place": lambda m: m.reshape(-1, 1, 1, len(m))},
     "The last axis is B long: len(seq) counts the sequences, not the positions. The mask is (B, 1, 1, T)."),
    ("one_axis_of_length_1", {"place": lambda m: m[:, np.newaxis, :]},
     "The mask is (B, 1, T), one axis short: its B would meet the heads. Scores have four axes."),
    ("on_the_query_axis", [{"place": as_queries}, {"place": lambda m: m[:, :, np.newaxis]}],
     "T stands on the query axis, so padding would ask nothing but could still be seen. What is hidden are keys, the "
     "last axis."),
    ("rows_of_padding_hidden", {"place": on_both_axes},
     "Padding is hidden along the queries too, which makes the mask (B, 1, T, T): its rows see nothing. What is hidden "
     "are keys, (B, 1, 1, T); what padding asks is ignored later.", NOTHING),
    ("axes_behind", {"place": lambda m: m[:, :, np.newaxis, np.newaxis]},
     "The axes of length 1 stand behind T, so T would meet the heads. The keys are the last axis."),
    ("axes_in_front", {"place": lambda m: m[np.newaxis, np.newaxis]},
     "The axes of length 1 stand in front of B, so B would meet the queries. The batch stays the first axis."),
    ("one_axis_in_front", {"place": lambda m: m[np.newaxis, :, np.newaxis, :]},
     "An axis of length 1 stands in front of B, so B would meet the heads. The batch stays the first axis: (B, 1, 1, T)."),
    ("one_axis_too_many", {"place": lambda m: m[:, np.newaxis, np.newaxis, np.newaxis, :]},
     "There is one axis of length 1 too many. Scores have four axes, and so has the mask: (B, 1, 1, T)."),
    ("batch_and_positions_swapped", {"place": lambda m: as_keys(m.T)},
     "Batch and positions have changed places. B comes first, T last."),
    ("repeated_for_every_query", {"place": for_every_query},
     "It would hide the right keys, but it was repeated for T queries. An axis of length 1 does that by itself, and "
     "fits any number of queries, as cross-attention needs.", WHERE),
)
# fmt: on
PADDING_MASK = Check(
    name="padding_mask",
    claim="hides_the_keys_that_are_padding",
    title="Padding mask",
    function="create_padding_mask",
    inputs=ids_inputs,
    unlike=ids_unlike,
    reference=padding_mask,
    second_route=padding_mask_by_loops,
    returns=("mask", "shape"),
    points={"mask": 1, "shape": 1},
    read=PADDING,
    survives=("padding in the middle", "an all-padding sequence", "no padding", "sequences of length 0"),
    hints=(
        "Comparing an array with a number compares every entry: the result is an array of the same shape.",
        "Scores have the shape `(B, H, T_q, T_k)`. The ids have `B` and `T`. Write an axis of length 1 where the heads "
        "and the queries are.",
        "`np.newaxis` in an index makes an axis of length 1: `a[:, np.newaxis, :]` turns `(B, T)` into `(B, 1, T)`.",
    ),
    misconceptions=PADDING_MASK_MISTAKES,
    regions=(Regions("mask", lambda seq: kinds_of_ids(or_empty(seq)), KINDS_OF_IDS),),
    advice=MASK_ADVICE,
    stale=STALE,
)


# ---------------------------------------------------------------- look-ahead
def triangle(offset: int) -> Callable:
    """Return a step that gives 1 above the diagonal `offset`: (T, T), a row for each query."""
    return lambda seq: np.triu(np.ones((seq.shape[1], seq.shape[1]), dtype=int), k=offset)


def lower_triangle(offset: int) -> Callable:
    """Return a step that gives 1 below and on the diagonal `offset`."""
    return lambda seq: np.tril(np.ones((seq.shape[1], seq.shape[1]), dtype=int), k=offset)


strictly_above = triangle(1)


def by_batch_size(seq: Array) -> Array:
    """Return the triangle for len(seq) positions."""
    return np.triu(np.ones((len(seq), len(seq)), dtype=int), k=1)


def look_ahead_mask(
    seq: Array | None,
    *,
    future: Callable = strictly_above,
    find: Callable = is_padding,
    place: Callable = as_keys,
    join: Callable = np.maximum,
    finish: Callable = as_it_is,
) -> tuple[Array, Array]:
    """Return the mask (B, 1, T, T) that hides the future and the padding, 1 = hide, and its shape."""
    seq = or_empty(seq)
    return with_shape(finish(join(future(seq), place(find(seq)))))


def look_ahead_by_loops(seq: Array | None) -> tuple[Array, Array]:
    """Return the same, pair by pair."""
    seq = or_empty(seq)
    B, T = seq.shape
    mask = np.zeros((B, 1, T, T))
    for b, query, key in np.ndindex(B, T, T):
        mask[b, 0, query, key] = float(key > query or seq[b, key] == 0)
    return mask, np.array([B, 1, T, T])


def future_alone(future: Array, padding: Array) -> Array:
    """Return the future for every sequence, without padding."""
    return np.repeat(future[np.newaxis, np.newaxis], len(padding), axis=0)


def padding_alone(future: Array, padding: Array) -> Array:
    """Return the padding for every query, without the future."""
    return np.repeat(padding, len(future), axis=2)


def also_as_queries(future: Array, padding: Array) -> Array:
    """Return future or padding, with the rows of padding hidden as well."""
    return np.maximum(np.maximum(future, padding), swap(padding))


# fmt: off
LOOK_AHEAD_MASK_MISTAKES = mistakes(look_ahead_mask, BOTH,
    ("keeps_instead_of_hiding", [{"finish": lambda m: 1 - m}, {"finish": lambda m: 1 - m[:, 0]}], KEEPS, POLARITY),
    ("future_inverted", {"future": lower_triangle(0)},
     "Past and present are hidden and the future is visible: this triangle is the one to *keep*. Take 1 minus it. A "
     "model with this mask reads the answer.", LEAK),
    ("past_hidden", {"future": lower_triangle(-1)},
     "The wrong triangle: the past is hidden and the future is visible. Row i is a query; what comes later stands to "
     "the right of column i.", FUTURE),
    ("transposed", partial(look_ahead_mask, finish=swap),
     "Rows and columns are exchanged. Queries are the rows (axis -2), keys the columns (axis -1).", FUTURE),
    ("only_itself_visible", {"future": lambda seq: 1 - np.eye(seq.shape[1], dtype=int)},
     "Every position sees only itself: the past is hidden too. Only what comes later is the future.", FUTURE),
    ("only_next_word_hidden", {"future": lambda seq: np.eye(seq.shape[1], k=1, dtype=int)},
     "Only the next word is hidden; the words behind it are still visible. All that comes later is the future.", FUTURE),
    ("last_sequence_only", {"finish": lambda m: one_kept(m, -1)},
     "Only the last sequence was written into the mask, as when the line that writes stands below the loop."),
    ("first_sequence_only", {"finish": lambda m: one_kept(m, 0)},
     "Only the first sequence was looked at, as when `return` stands inside the loop."),
    ("everything_hidden", {"finish": np.ones_like},
     "Everything is hidden: the mask is 1 everywhere. Hidden is what comes later, and padding."),
    ("nothing_hidden", {"finish": np.zeros_like},
     "Nothing is hidden: the mask is 0 everywhere. Is each entry really set? `==` compares, `=` sets."),
    ("two_masks_that_keep", {"future": lower_triangle(0), "find": is_word},
     "Both halves have 1 where a key may be seen, and “or” of the two keeps too much. Let both say hide, then join "
     "them.", POLARITY),
    ("diagonal_hidden", [{"future": triangle(0)}, {"future": triangle(-1)}],
     "The diagonal is hidden too, so no position sees itself, and the first sees nothing at all. Only what comes "
     "*later* is the future.", FUTURE),
    ("next_word_visible", {"future": triangle(2)},
     "The diagonal is off by one: every position still sees the next word, which is the answer.", FUTURE),
    ("padding_dropped",
     [{"join": future_alone}, {"join": lambda f, p: f}, {"join": lambda f, p: f[np.newaxis, np.newaxis]}],
     "Padding is not hidden. A key is hidden when it is in the future *or* padding."),
    ("future_dropped", [{"join": padding_alone}, {"join": lambda f, p: p}],
     "The future is not hidden. A key is hidden when it is in the future *or* padding."),
    ("added", {"join": np.add},
     "Some entries are 2: where a key is both in the future and padding, the two masks were added. Use “or”: "
     "np.maximum."),
    ("both_needed", {"join": np.multiply},
     "A key is hidden only where both masks hide it (a product, a minimum or an “and”). One reason to hide is enough: "
     "use np.maximum."),
    ("both_cancel", {"join": np.bitwise_xor},
     "Where a key is both in the future and padding, the two masks cancel. Use “or”: np.maximum."),
    ("padding_on_the_query_axis", {"place": as_queries},
     "The padding stands on the query axis: rows of padding are hidden, columns are not. Nobody may look *at* padding, "
     "so it belongs to the keys, (B, 1, 1, T).", PADDING),
    ("rows_of_padding_hidden", {"join": also_as_queries},
     "Rows of padding are hidden as well, which leaves queries with nothing to see. Hide keys only; what padding asks "
     "is ignored later.", NOTHING),
    ("padding_inverted", {"find": is_word},
     "The words are hidden and the padding is visible: the padding mask in it is the wrong way round. Here 1 means "
     "hide.", POLARITY),
    ("id_one_hidden", {"find": is_one}, ID_ONE, PADDING),
    ("padding_at_the_end_only", [{"find": beyond_the_count}, {"find": from_first_zero}], AT_THE_END, PADDING),
    ("one_mask_for_all", [{"find": of_first_sequence}, {"find": of_any_sequence}, {"finish": first_alone}],
     ONE_FOR_ALL),
    ("batch_size_for_length", {"future": by_batch_size},
     "The triangle has as many rows as the batch has sequences: len(seq) is B. The length is `seq.shape[1]`.", FUTURE),
    ("numbers_to_add", [{"finish": to_add}, {"finish": infinity_to_add}], ADDITIVE, BEFORE),
    ("no_head_axis", {"finish": lambda m: m[:, 0]},
     "The mask is (B, T, T). Laid on scores (B, H, T, T) its B would meet the heads. It needs an axis of length 1 "
     "there."),
    ("head_axis_elsewhere", [{"finish": lambda m: np.moveaxis(m, 1, 2)}, {"finish": lambda m: np.moveaxis(m, 1, 3)}],
     "The axis of length 1 stands behind a T. It belongs between the batch and the queries: (B, 1, T, T)."),
    ("batch_on_the_head_axis", {"finish": lambda m: np.moveaxis(m, 1, 0)},
     "The axis of length 1 stands in front, so the batch would meet the heads. The shape is (B, 1, T, T)."),
)
# fmt: on
LOOK_AHEAD_MASK = Check(
    name="look_ahead_mask",
    claim="hides_the_future_and_the_padding",
    title="Look-ahead mask",
    function="create_look_ahead_mask",
    inputs=ids_but_empty,
    unlike=ids_unlike,
    reference=look_ahead_mask,
    second_route=look_ahead_by_loops,
    returns=("mask", "shape"),
    points={"mask": 2, "shape": 1},
    read=BOTH,
    survives=("padding in the middle", "an all-padding sequence", "sequences of length 1"),
    hints=(
        "Make the future first, for one sequence of `T` positions: a `(T, T)` array, one row for each query. In which "
        "row is only one key visible?",
        "`np.triu(np.ones((T, T)), k=…)` keeps what is on or above a diagonal and sets the rest to 0. Try `k = 0`, 1 and 2 on `T = 3`.",
        "Key `j` is hidden from query `i` when it is in the future *or* when it is padding. `np.maximum` of two arrays "
        "of 0 and 1 is their “or”.",
        "`(T, T)` and `(B, 1, 1, T)` broadcast to `(B, 1, T, T)` by themselves.",
    ),
    misconceptions=LOOK_AHEAD_MASK_MISTAKES,
    regions=(Regions("mask", kinds_of_keys, KINDS_OF_KEYS),),
    advice={
        r"name 'create_padding_mask' is not defined": "Run the cell of task 1 first; it defines create_padding_mask.",
        r"could not be broadcast.* \((\d+),\1\) \(\d+,\1\)|could not be broadcast.* \(\d+,(\d+)\) \(\2,\2\)": "The padding is "
        "only (B, T) here. Give it its axes of length 1, (B, 1, 1, T): create_padding_mask does.",
        r"could not be broadcast": "A triangle of T rows must meet (B, 1, 1, T). Is T the *length*, `seq.shape[1]`?",
        r"integer scalar array|cannot be interpreted as an integer|only (0-dimensional|length-1|size-1) arrays": "If it is np.max: that looks for the largest entry of *one* array, and takes the second for an axis. np.maximum compares two, entry by entry.",
        **MASK_ADVICE,
    },
    uses=("padding_mask",),
    stale=STALE,
)


# ---------------------------------------------------------------- apply
def normalise(scores: Array) -> Array:
    """Return the softmax along the last axis; a row of nothing but -inf gets zeros."""
    largest = np.max(scores, axis=-1, keepdims=True)
    exps = np.exp(scores - np.where(largest == -np.inf, 0, largest))
    total = exps.sum(axis=-1, keepdims=True)
    return exps / np.where(total == 0, 1, total)


minus_infinity = replaced(-np.inf)


def weights_that_count(
    scores: Array, mask: Array, kind: str, *, hide: Callable = minus_infinity, unchanged: bool = True
) -> tuple[Array, Array]:
    """Return the weights after hiding, with zeros for finite rows that are hidden altogether; the mask is of a kind.

    The second part says whether the arguments are what they were.
    """
    mask = mask.astype(kind)
    weights = normalise(hide(scores, mask))
    hidden = np.broadcast_to(mask == 1, weights.shape).all(axis=-1, keepdims=True)
    return np.where(hidden & np.isfinite(weights), 0.0, weights), np.array([unchanged])


def weights_by_loops(scores: Array, mask: Array, kind: str) -> tuple[Array, Array]:
    """Return the same, one row of scores at a time, over the visible keys alone."""
    mask, weights = np.broadcast_to(mask, scores.shape), np.zeros(scores.shape)
    for row in np.ndindex(*scores.shape[:-1]):
        seen = [k for k in range(scores.shape[-1]) if not mask[row][k]]
        exps = [np.exp(scores[row][k] - max(scores[row][seen])) for k in seen]
        for k, e in zip(seen, exps, strict=True):
            weights[row][k] = e / sum(exps)
    return weights, np.array([True])


def padding_like(rng: np.random.Generator, *patterns: str) -> Array:
    """Return the padding mask (B, 1, 1, T) of patterns."""
    return padding_mask(ids(rng, *patterns))[0]


def apply_inputs(rng: np.random.Generator) -> Cases:
    """Draw scores of H = 3 heads with each kind of mask, of integers, booleans and floats; hidden scores changed; large.

    In the last case visible scores are near -2000 and hidden ones near 2000, in steps that float32 holds exactly.
    """
    scores, mask = normal(rng, 2, 3, 3, 5), padding_like(rng, "xxx..", ".x.xx")
    changed = np.where(mask == 1, normal(rng, 2, 3, 3, 5), scores)
    rows = np.array([[0, 1, 0, 0, 1], [1, 1, 1, 1, 1], [0, 0, 1, 0, 0]])  # the second query sees nothing
    large = normal(rng, 2, 3, 2, 5) + np.where(padding_like(rng, "x.xxx", "xxx.."), 1500, 0)
    far = padding_like(rng, "x..", ".xx")
    steps = np.round(normal(rng, 2, 3, 2, 3) * 16) / 16
    cases = {
        "padding": {"scores": scores, "mask": mask},
        "padding, the hidden scores changed": {"scores": changed, "mask": mask},
        "a look-ahead mask": {
            "scores": normal(rng, 2, 3, 5, 5),
            "mask": look_ahead_mask(ids(rng, "xxxxx", "xx.x."))[0],
        },
        "a row hidden altogether": {
            "scores": normal(rng, 2, 3, 3, 5),
            "mask": np.stack([rows, rows[[2, 0, 1]]])[:, np.newaxis],
        },
        "a mask of booleans": {
            "scores": normal(rng, 2, 3, 2, 5),
            "mask": padding_like(rng, "xx...", "xxxx."),
            "kind": "bool",
        },
        "a mask of floats": {
            "scores": normal(rng, 2, 3, 2, 5),
            "mask": padding_like(rng, "xxxx.", "x.x.."),
            "kind": "float",
        },
        "as many sequences as heads": {
            "scores": normal(rng, 3, 3, 3, 3),
            "mask": look_ahead_mask(ids(rng, "xxx", "xx.", "x.x"))[0],
        },
        "large hidden scores": {"scores": large, "mask": padding_like(rng, "x.xxx", "xxx..")},
        "one query and one key": {"scores": normal(rng, 2, 3, 1, 1), "mask": padding_like(rng, "x", ".")},
        "visible scores far below hidden ones": {"scores": steps + np.where(far == 1, 1990, -1990), "mask": far},
    }
    return {label: {"kind": "int", **case} for label, case in cases.items()}


def inverted(hide: Callable) -> Callable:
    """Return a step that hides where the mask is 0."""
    return lambda scores, mask: hide(scores, np.where(mask == 1, 0, 1))


def after_changing(change: Callable, hide: Callable) -> Callable:
    """Return a step that hides by a mask that was changed first."""
    return lambda scores, mask: hide(scores, change(mask))


def as_an_index(scores: Array, mask: Array) -> Array:
    """Return what `scores[mask] = -1e9` does: with integers it replaces the sequences 0 and 1; else it is an error."""
    scores = scores.copy()
    scores[mask] = -1e9
    return scores


def zero_times_infinity(scores: Array, mask: Array) -> Array:
    """Return scores + mask * -inf: NaN wherever the mask is 0."""
    return scores + mask * -np.inf


def shared_again(weights: Array) -> Array:
    """Return weights divided by their sum, NaN where that is 0."""
    return weights / weights.sum(axis=-1, keepdims=True)


# fmt: off
APPLY_MASK_MISTAKES = mistakes(weights_that_count, BEFORE,
    (standard.MASK_INVERTED(polarity="Here 1 means hide: lower *those* scores.", more=standard.LARGE_NUMBER_ADDED),
     [{"hide": inverted(replaced(by))} for by in (-np.inf, -1e9)]
      + [{"hide": lowered(-1e9)}, {"hide": replaced(1e9)}], POLARITY),
    (standard.MASK_DROPPED, {"hide": lambda scores, mask: scores}),
    (standard.MASK_ADDED, {"hide": lambda scores, mask: scores + mask}),
    (standard.CONSTANT_TOO_SMALL(or_low=" or the visible ones very low"),
     [{"hide": lowered(by)} for by in (1, 5, 10, 100, 3000)] + [{"hide": replaced(by)} for by in (-1, -5, -10, -1000)]
     + [{"hide": lambda scores, mask: np.where(mask == 1, scores.min() - 1, scores)},
        {"hide": lambda scores, mask: np.where(mask == 1, -np.abs(scores).max(), scores)}]),
    (standard.HIDDEN_SCORES_ZERO(so=": exp(0) is 1"), {"hide": lambda scores, mask: scores * (1 - mask)}),
    ("mask_multiplied",
     [{"hide": lambda scores, mask: scores * mask}, {"hide": lambda scores, mask: scores * mask * -1e9}],
     "The scores were multiplied by the mask, so those that should stay became 0."),
    ("multiplied_by_a_large_number", {"hide": lambda scores, mask: np.where(mask == 1, scores * -1e9, scores)},
     "Hidden scores were multiplied by -1e9, so negative ones became hugely positive and win. Replace or add."),
    (standard.ZERO_TIMES_INFINITY, {"hide": zero_times_infinity}, NOTHING),
    ("hidden_as_nan", {"hide": replaced(np.nan)},
     "Hidden scores became NaN or plus infinity, and one of these makes its whole row NaN. Use a hugely negative "
     "number.", NOTHING),
    ("scores_lost",
     [{"hide": lambda scores, mask: np.broadcast_to(mask * -1e9, scores.shape)},
      {"hide": lambda scores, mask: mask * -1e9}],
     "All visible keys have the same weight: the scores themselves are not in what you return. Return them, hidden "
     "ones lowered."),
    ("smallest_score_for_hidden",
     [{"hide": lambda scores, mask: np.where(mask == 1, scores.min(), scores)},
      {"hide": lambda scores, mask: np.where(mask == 1, scores.min(axis=-1, keepdims=True), scores)}],
     "Hidden scores became the smallest score there is, so they still get weight. They must be far below all others, "
     "like -1e9."),
    ("mask_returned", {"hide": lambda scores, mask: np.broadcast_to(mask, scores.shape).astype(float)},
     "This is the mask. Return the scores, the hidden ones lowered."),
    ("softmax_taken",
     [{"hide": lambda scores, mask: normalise(minus_infinity(scores, mask))},
      {"hide": lambda scores, mask: normalise(scores) * (1 - mask)},
      {"hide": lambda scores, mask: shared_again(normalise(scores) * (1 - mask))},
      {"hide": lambda scores, mask: np.exp(scores) * (1 - mask)},
      {"hide": lambda scores, mask: np.exp(minus_infinity(scores, mask))}],
     "apply_mask returns scores. You took exponentials or the softmax already, and the check takes the softmax once "
     "more, which gives hidden keys weight again."),
    ("mask_on_the_query_axis",
     [{"hide": after_changing(swap, hide)} for hide in (minus_infinity, replaced(-1e9), lowered(1e9))],
     "The mask was transposed, which runs only for as many queries as keys. Its last axis already belongs to the "
     "keys."),
    ("head_axis_dropped",
     [{"hide": lambda scores, mask: minus_infinity(scores, mask[:, 0])},
      {"hide": lambda scores, mask: minus_infinity(scores, np.squeeze(mask))}],
     "The mask lost its axis of length 1, so the batch met the heads: an error, unless there are as many sequences as "
     "heads."),
    ("first_mask_for_all",
     [{"hide": after_changing(first_alone, hide)} for hide in (minus_infinity, replaced(-1e9), lowered(1e9))],
     "Every sequence got the mask of the first. Each has its own padding.", PADDING),
    ("mask_as_an_index", {"hide": as_an_index},
     "`scores[mask] = …` with a mask of integers picks whole sequences, numbers 0 and 1; with booleans the shapes do "
     "not fit. Use np.where."),
    ("argument_changed", {"unchanged": False},
     "The weights are right, but an argument was changed in place (`+=`, or an assignment to some of its entries), and "
     "whoever uses it next gets the changed one. Make a new array."),
)
# fmt: on
APPLY_MASK = Check(
    name="apply_mask",
    claim="leaves_hidden_keys_no_weight",
    title="Hide scores",
    function="apply_mask",
    inputs=apply_inputs,
    reference=weights_that_count,
    second_route=weights_by_loops,
    returns=("weights", "arguments"),
    points={"weights": 2, "arguments": 1},
    read=BEFORE,
    survives=("a row hidden altogether", "a mask of booleans", "large hidden scores", "one query with one key"),
    hints=(
        "The exponential of which number is so close to 0 that nothing is left of it?",
        "Where the mask is 1 a score must become hugely negative; where it is 0 the score must stay exactly as it is.",
        "Either add `mask * -1e9`, or choose entry by entry with `np.where(mask == 1, …, scores)`. Both broadcast the mask over "
        "the heads.",
    ),
    misconceptions=APPLY_MASK_MISTAKES,
    properties=(
        SumsToOne("padding", "weights", "The weights of a row no longer sum to one."),
        Same(
            "padding",
            "padding, the hidden scores changed",
            "weights",
            (0, 1, 2),
            -2,
            "What stands at a hidden key must not matter. Here only hidden scores were changed, and your weights changed.",
        ),
    ),
    advice={
        r"^arguments\[": "An argument was changed in place, the scores or the mask. Make a new array.",
        r" is NaN in": "0 times infinity, and infinity minus infinity, are NaN. Use -1e9, or np.where(mask == 1, -np.inf, scores).",
        r"boolean index did not match|too many indices|arrays used as indices": "An index does not broadcast over the heads, and "
        "needs booleans. np.where(mask == 1, …, scores) does both.",
        r"truth value of an array": "`if` asks one question of a whole array. np.where chooses entry by entry.",
        r" is \S+; expected 0 \(": "A hidden key still has weight: is the number huge enough, in every row?",
        r"NoneType": ("apply_mask returned None. Is there a `return` at its end?", "not inside"),
        r"inhomogeneous shape": ("Return one array: the scores.", "not inside"),
        r"axis remapping|more dimensions than allowed": (
            "What you return has lost an axis. It must have the shape of the scores.",
            "not inside",
        ),
        r"bad operand type for unary ~|ufunc 'invert' not supported": "`~` turns booleans over, not floats. Ask `mask == 0` or "
        "`mask == 1`: that works for booleans, integers and floats.",
        r"boolean negative": "NumPy does not negate booleans: multiply them by a negative number instead. (`~`, which NumPy "
        "speaks of, would turn the mask over.)",
        r"Cannot cast ufunc": "The mask, or the scores, cannot hold the result in place. Make a new array: `scores = scores + …`.",
    },
    stale=STALE,
)


# ---------------------------------------------------------------- decoder
def keys_mask(seq: Array, **steps: Callable) -> Array:
    """Return the padding mask without its shape."""
    return padding_mask(seq, **steps)[0]


def causal_mask(seq: Array, **steps: Callable) -> Array:
    """Return the look-ahead mask without its shape."""
    return look_ahead_mask(seq, **steps)[0]


def shapes_of(*masks: Array) -> Array:
    """Return the shapes of masks, one a row, filled up with zeros to four numbers."""
    return np.array([(np.shape(mask) + (0,) * 4)[:4] for mask in masks])


def three_masks(
    source: Array,
    target: Array,
    *,
    encoder: Callable = lambda source, target: keys_mask(source),
    own: Callable = lambda source, target: causal_mask(target),
    cross: Callable = lambda source, target: keys_mask(source),
    order: tuple[int, int, int] = (0, 1, 2),
    finish: Callable = as_it_is,
) -> tuple[Array, ...]:
    """Return the masks of the encoder, of the decoder's self-attention and of cross-attention, and their shapes."""
    masks = [finish(make(source, target)) for make in (encoder, own, cross)]
    masks = [masks[n] for n in order]
    return *masks, shapes_of(*masks)


def three_masks_by_loops(source: Array, target: Array) -> tuple[Array, ...]:
    """Return the same, pair by pair."""
    own = look_ahead_by_loops(target)[0]
    keys = padding_mask_by_loops(source)[0]
    return keys, own, keys.copy(), np.array([keys.shape, own.shape, keys.shape])


def decoder_inputs(rng: np.random.Generator) -> Cases:
    """Draw sources and targets of different lengths and paddings, of one length, all padding, and of length 1."""
    pairs = {
        "a longer source": (("xxxxxx", "xxxx..", "xx...."), ("xxx..", "xxxxx", "x....")),
        "a longer target": (("xx.", "x.x"), ("xxxxx", ".xxx.")),
        "source and target of one length": (("xx.", "xxx"), ("xxx", "x..")),
        "a source that is all padding": (("...", "xxx"), ("xx", "x.")),
        "length 1": (("x", "."), (".", "x")),
    }
    return {label: {"source": ids(rng, *s), "target": ids(rng, *t)} for label, (s, t) in pairs.items()}


def decoder_unlike(rng: np.random.Generator) -> Cases:
    """Draw a batch of sources and targets of lengths that no public case has."""
    B = rng.integers(2, 6)
    source = longer_ids(rng, B)
    return {"a longer batch": {"source": source, "target": longer_ids(rng, B, source.shape[1])}}


def of_target(source: Array, target: Array) -> Array:
    """Return the padding mask of the target."""
    return keys_mask(target)


def of_source(source: Array, target: Array) -> Array:
    """Return the padding mask of the source."""
    return keys_mask(source)


def no_mask(source: Array, target: Array) -> Array:
    """Return a mask that hides nothing of the source."""
    return np.zeros_like(keys_mask(source))


def causal_source(source: Array, target: Array) -> Array:
    """Return the look-ahead mask of the source."""
    return causal_mask(source)


def causal_target(source: Array, target: Array) -> Array:
    """Return the look-ahead mask of the target."""
    return causal_mask(target)


def repeated_for_targets(source: Array, target: Array) -> Array:
    """Return the source's padding for every target position: (B, 1, T_t, T_s)."""
    return np.repeat(keys_mask(source), target.shape[1], axis=2)


def triangle_over_source(source: Array, target: Array) -> Array:
    """Return the source's padding joined with a triangle of T_t rows and T_s columns: (B, 1, T_t, T_s)."""
    future = np.triu(np.ones((target.shape[1], source.shape[1]), dtype=int), k=1)
    return np.maximum(future, keys_mask(source))


def padding_of_both(source: Array, target: Array) -> Array:
    """Return the source's padding as keys and the target's as queries: (B, 1, T_t, T_s)."""
    return np.maximum(keys_mask(source), swap(keys_mask(target)))


# fmt: off
DECODER_MASKS_MISTAKES = mistakes(three_masks, WHERE,
    ("cross_from_the_target", {"cross": of_target},
     "Cross-attention got the padding of the target. Its *keys* are the source: T_s long, with the source's padding."),
    ("cross_looks_ahead", [{"cross": causal_target}, {"cross": causal_source}],
     "Cross-attention got a look-ahead mask. The whole source is known from the start: there is no future in it to "
     "hide."),
    ("cross_hides_the_future",
     [{"cross": triangle_over_source},
      {"cross": lambda s, t: np.maximum(triangle_over_source(s, t), swap(keys_mask(t)))}],
     "A look-ahead triangle went into the cross mask. The whole source is known from the start: hide its padding and "
     "nothing else, (B, 1, 1, T_s)."),
    ("cross_without_mask", {"cross": no_mask},
     "Cross-attention hides nothing, so the target looks at the source's padding."),
    ("cross_hides_queries", {"cross": padding_of_both},
     "Cross-attention also hides the rows of the target's padding, which leaves queries with nothing to see. A mask "
     "hides keys: the source's padding.", NOTHING),
    ("cross_repeated", {"cross": repeated_for_targets},
     "The cross mask hides the right keys, but was repeated for every target position. (B, 1, 1, T_s) does that by "
     "broadcasting."),
    ("encoder_from_the_target", {"encoder": of_target},
     "The encoder got the padding of the target. It reads the source."),
    ("encoder_looks_ahead", {"encoder": causal_source},
     "The encoder got a look-ahead mask. It reads a finished sentence and may look both ways."),
    ("encoder_hides_queries",
     [{"encoder": lambda s, t: keys_mask(s, place=on_both_axes)},
      {"encoder": lambda s, t: keys_mask(s, place=on_both_axes), "cross": lambda s, t: keys_mask(s, place=on_both_axes)}],
     "The encoder's mask hides the rows of padding as well, (B, 1, T_s, T_s), which leaves them nothing to see. A mask "
     "hides keys: (B, 1, 1, T_s).", NOTHING),
    ("self_hides_queries", {"own": lambda s, t: causal_mask(t, join=also_as_queries)},
     "The decoder's self-attention hides the rows of padding as well, which leaves queries with nothing to see. Hide "
     "keys: the future and the padding.", NOTHING),
    ("encoder_and_cross_look_ahead", {"encoder": causal_source, "cross": causal_source},
     "Encoder and cross-attention got a look-ahead mask. The source is finished and known from the start: hide its "
     "padding only."),
    ("self_and_cross_exchanged", {"own": of_target, "cross": causal_target},
     "The look-ahead mask went to cross-attention. It belongs to the decoder's self-attention: the future is in the "
     "target, and there the target is also the keys."),
    ("cross_on_the_query_axis", {"cross": lambda s, t: swap(keys_mask(s))},
     "The cross mask stands on the query axis: its shape is (B, 1, T_s, 1). The source is the keys, the last axis."),
    ("encoder_and_cross_from_the_target", {"encoder": of_target, "cross": of_target},
     "Encoder and cross-attention got the padding of the target. The keys of both are the source."),
    ("self_without_future", [{"own": of_target}, {"own": lambda s, t: keys_mask(t, place=for_every_query)}],
     "The decoder's self-attention hides padding but not the future, so it reads the words that it is to predict."),
    ("self_without_padding",
     [{"own": lambda s, t, join=join: causal_mask(t, join=join)} for join in (future_alone, lambda future, padding: future)],
     "The decoder's self-attention hides the future but not the target's padding.", BOTH),
    ("self_from_the_source", {"own": causal_source},
     "The decoder's self-attention got the look-ahead mask of the source. Its queries and keys are the target."),
    ("self_with_the_padding_of_the_source", {"own": of_source},
     "The decoder's self-attention got the padding of the source. Its keys are the target, and it must not look "
     "ahead."),
    ("source_and_target_swapped", {"encoder": of_target, "own": causal_source, "cross": of_target},
     "Source and target have changed places. The order of the arguments is source, target."),
    ("cross_before_self", {"order": (0, 2, 1)},
     "The masks are right, but what you return stands in another order: return encoder, self, cross."),
    ("self_first", {"order": (1, 0, 2)},
     "The decoder's self mask comes first in what you return. The order is encoder, self, cross."),
    ("keep_instead_of_hide",
     [{"finish": lambda m: 1 - m}, {"encoder": lambda s, t: 1 - keys_mask(s), "cross": lambda s, t: 1 - keys_mask(s)},
      {"cross": lambda s, t: 1 - keys_mask(s)}, {"own": lambda s, t: 1 - causal_mask(t)},
      {"encoder": lambda s, t: 1 - keys_mask(s)}],
     "A mask has 1 where a key may be seen. Here 1 means hide.", POLARITY),
    ("one_mask_for_all", {"finish": first_alone},
     "There is one mask for all sequences, that of the first. Each sequence has its own padding."),
    ("no_head_axis", {"finish": lambda m: m[:, 0]},
     "The masks have three axes. Scores have four: an axis of length 1 has to stand where the heads are.", BOTH),
    ("masks_without_axes",
     [{"encoder": lambda s, t: is_padding(s), "cross": lambda s, t: is_padding(s)},
      {"encoder": lambda s, t: is_padding(s), "own": lambda s, t: causal_mask(t)[:, 0],
       "cross": lambda s, t: is_padding(s)}],
     "The masks of encoder and cross-attention are (B, T_s). Scores have four axes: (B, 1, 1, T_s).", PADDING),
)
# fmt: on
DECODER_MASKS = Check(
    name="decoder_masks",
    claim="gives_each_attention_the_padding_of_its_keys",
    title="Masks for a whole Transformer",
    function="decoder_masks",
    inputs=decoder_inputs,
    unlike=decoder_unlike,
    reference=three_masks,
    second_route=three_masks_by_loops,
    returns=("encoder", "decoder_self", "cross", "shapes"),
    points={"encoder": 0.5, "decoder_self": 1, "cross": 1, "shapes": 0.5},
    read=WHERE,
    survives=("a longer target", "a source that is all padding", "length 1"),
    hints=(
        "Ask for each of the three attentions: whose are the keys? A mask hides keys.",
        "In cross-attention the target asks and the source answers.",
        "One of the three needs the look-ahead mask; the other two are the same mask.",
    ),
    misconceptions=DECODER_MASKS_MISTAKES,
    regions=(
        Regions("encoder", lambda source, target: kinds_of_ids(source), KINDS_OF_IDS),
        Regions("decoder_self", lambda source, target: kinds_of_keys(target), KINDS_OF_KEYS),
        Regions("cross", lambda source, target: kinds_of_ids(source), KINDS_OF_IDS),
    ),
    advice={
        r"^shapes\[": "Each row of `shapes` is the shape of one of your masks, in the order in which you return them.",
        r"values to unpack|cannot unpack": [
            (
                "Your function returned {gave}. Return three masks, one after the other: encoder, self, cross.",
                "not inside",
            ),
            ("Return three masks: encoder, self, cross.", "not inside"),
        ],
        r"missing 1 required positional argument": "Each of your two functions takes one batch of ids.",
        **MASK_ADVICE,
    },
    uses=("padding_mask", "look_ahead_mask"),
    stale=(*STALE, "encoder", "cross", "encoder_mask", "cross_mask", "self_mask", "source", "target"),
)


# ---------------------------------------------------------------- what moves what
def attention_with(mask: Array, size: float, noise: float) -> Callable:
    """Return self-attention X (T, d) -> (T, d) in which every feature is a head, times `size`.

    mask: (T, T), or (d, T, T) with a mask for each feature; noise: how much all numbers of X move every output, in 1e-13.
    """

    def attend(X: Array) -> Array:
        heads = X.T[..., np.newaxis]  # (d, T, 1)
        weights = normalise(np.where(mask == 1, -np.inf, heads @ swap(heads)))
        return size * (weights @ heads)[..., 0].T + 1e-13 * noise * np.sin(X.sum())

    return attend


def one_added(changed: Array, s: int) -> None:
    """Add 1 to the position s."""
    changed[s] += 1


def rows_that_differ(after: Array, before: Array) -> Array:
    """Return for each row whether any of its numbers differs."""
    return ~np.isclose(after, before).all(axis=-1)


def moved_by_row(
    X: Array,
    mask: Array,
    size: float,
    noise: float,
    *,
    alter: Callable = one_added,
    differ: Callable = rows_that_differ,
    rows: Callable = range,
    keep_changes: bool = False,
    finish: Callable = as_it_is,
    unchanged: bool = True,
) -> tuple[Array, Array]:
    """Return (T, T): 1 in row t and column s where output t changes when X[s] does; and whether X is what it was."""
    attend, T = attention_with(mask, size, noise), len(X)
    before, moved, changed = attend(X), np.zeros((T, T), dtype=int), X.copy()
    for s in rows(T):
        changed = changed if keep_changes else X.copy()
        alter(changed, s)
        moved[:, s] = differ(attend(changed), before)
    return finish(moved), np.array([unchanged])


def moved_by_derivative(X: Array, mask: Array, size: float, noise: float) -> tuple[Array, Array]:
    """Return the same from small changes up and down, one number of X at a time."""
    attend, moved = attention_with(mask, size, noise), np.zeros((len(X), len(X)), dtype=int)
    for s, d in np.ndindex(*X.shape):
        step = np.zeros_like(X)
        step[s, d] = 1e-4
        slope = (attend(X + step) - attend(X - step)) / 2e-4 / size
        moved[:, s] |= (np.abs(slope) > 1e-7).any(axis=-1)
    return moved, np.array([True])


def compared_with_inputs(X: Array, mask: Array, size: float, noise: float, *, alter: Callable) -> tuple[Array, Array]:
    """Return what comes of comparing the outputs with the inputs, X as `alter` leaves it."""
    attend, T = attention_with(mask, size, noise), len(X)
    moved = np.zeros((T, T), dtype=int)
    for s in range(T):
        changed, inputs = X.copy(), X.copy()
        one_added(changed, s)
        alter(inputs, s)
        moved[:, s] = rows_that_differ(attend(changed), inputs)
    return moved, np.array([True])


def feature_changed(changed: Array, s: int) -> None:
    """Add 1 to the feature s of all positions."""
    changed[:, s : s + 1] += 1


def nothing_changed(changed: Array, s: int) -> None:
    """Leave all as it is."""


def all_changed(changed: Array, s: int) -> None:
    """Add 1 to all positions."""
    changed += 1


def first_number_changed(changed: Array, s: int) -> None:
    """Add 1 to the first number of the position s."""
    changed[s, 0] += 1


def last_number_changed(changed: Array, s: int) -> None:
    """Add 1 to the last number of the position s."""
    changed[s, -1] += 1


def doubled(changed: Array, s: int) -> None:
    """Double the position s."""
    changed[s] *= 2


def set_to_one(changed: Array, s: int) -> None:
    """Set the position s to 1."""
    changed[s] = 1


def copied(changed: Array, s: int) -> None:
    """Put the position before s in its place."""
    changed[s] = changed[s - 1]


def any_output(moved: Array) -> Array:
    """Return 1 for a whole column when any output moved."""
    return np.repeat(moved.max(axis=0, keepdims=True), len(moved), axis=0)


def all_outputs(moved: Array) -> Array:
    """Return 1 for a column only when every output moved."""
    return np.repeat(moved.min(axis=0, keepdims=True), len(moved), axis=0)


def own(moved: Array) -> Array:
    """Return 1 on the diagonal, else 0."""
    return np.eye(len(moved), dtype=int)


def moves_inputs(rng: np.random.Generator) -> Cases:
    """Draw sequences under masks (T, T), with holes, hidden keys, and a position that only another one moves.

    In one case every feature has a mask of its own, so that few of a position's outputs move; in one some positions
    are all 0 or all 1; in one all outputs are small; in one they move by rounding alone.
    """
    causal = np.triu(np.ones((5, 5), dtype=int), k=1)
    holes = np.array([[0, 0, 1, 0, 1], [1, 0, 0, 1, 1], [0, 1, 1, 1, 0], [1, 1, 0, 0, 0], [0, 0, 0, 1, 1]])
    hidden = np.zeros((3, 3), dtype=int)
    hidden[:, 0] = 1  # key 0 is hidden from all, yet it asks: its own output moves
    one_other = np.array([[0, 1, 1], [0, 0, 1], [0, 1, 1]])  # query 2 sees key 0 alone: its own input moves nothing
    levels = normal(rng, 5, 2)
    levels[[1, 3, 4]] = [[0.0], [1.0], [1.0]]
    cases = {
        "a causal mask": {"X": normal(rng, 5, 3), "mask": causal},
        "a mask with holes": {"X": normal(rng, 5, 2), "mask": holes, "size": -1.0},  # growing inputs, falling outputs
        "a hidden key, and more features than positions": {"X": normal(rng, 3, 6), "mask": hidden},
        "a position that sees one other only": {"X": normal(rng, 3, 2), "mask": one_other},
        "a mask for each feature": {
            "X": normal(rng, 5, 3),
            "mask": np.stack([1 - np.eye(5, dtype=int), causal, np.maximum(causal, holes)]),
        },
        "positions of nothing but 0, or but 1": {"X": levels, "mask": causal},
        "outputs that move by less than 0.01": {
            "X": normal(rng, 3, 2),
            "mask": np.triu(np.ones((3, 3), dtype=int), k=1),
            "size": 1e-3,
        },
        "outputs moved by rounding": {"X": normal(rng, 4, 2), "mask": causal[:4, :4], "noise": 1.0},
    }
    return {label: {"size": 1.0, "noise": 0.0, **case} for label, case in cases.items()}


def moves_unlike(rng: np.random.Generator) -> Cases:
    """Draw a longer sequence under a mask with holes anywhere, as every row sees a key."""
    T = rng.integers(6, 9)
    X = np.round(rng.uniform(-1, 1, size=(T, 3)), 3)  # near 0: no weight is too small to be noticed
    return {"a longer mask with holes": {"X": X, "mask": holes(rng, T, T), "size": 1.0, "noise": 0.0}}


# fmt: off
WHAT_MOVES_MISTAKES = (
    *mistakes(moved_by_row, MOVES,
        ("changes_pile_up", [{"keep_changes": True}, {"keep_changes": True, "unchanged": False}],
         "The changes pile up: when position s is changed, those before it still are. Start from a fresh copy of X "
         "each time."),
        ("argument_changed", {"unchanged": False},
         "The map is right, but X is not what it was: it was changed in place. Change a copy."),
        ("nothing_moves", [{"alter": nothing_changed}, {"alter": nothing_changed, "unchanged": False}],
         "Nothing moves. Was a position really changed, and was the first output computed *before* the change, from "
         "another array? (`changed = X` makes no copy.)"),
        ("everything_moves", {"alter": all_changed},
         "Everything moves, whatever was changed. Was all of X changed at once (`changed += 1`)? Or was `~` put before "
         "np.allclose, whose plain True it turns into -2, which counts as true?"),
        ("features_changed", {"alter": feature_changed},
         "A column of X was changed, one feature of all positions. Position s is the row X[s]."),
        ("one_number_of_d", [{"alter": first_number_changed}, {"alter": last_number_changed}],
         "Only one of a position's d numbers was changed, or only one of an output's was compared. Take all d."),
        ("not_always_a_change", [{"alter": doubled}, {"alter": set_to_one}, {"alter": copied}],
         "Your change leaves some positions as they are: 0 times 2 is 0, and a 1 set to 1, or a copy of a neighbour, "
         "may be what stood there. Add 1."),
        ("all_numbers_must_move", {"differ": lambda after, before: ~np.isclose(after, before).any(axis=-1)},
         "Here an output counts as moved only if all of its d numbers moved. One is enough: it stays where it was only "
         "if `np.isclose` holds for all of them."),
        ("tolerance_too_large",
         [{"differ": lambda after, before: ~np.isclose(after, before, atol=1e-2).all(axis=-1)},
          {"differ": lambda after, before: ~np.isclose(after, before, rtol=1e-1).all(axis=-1)}],
         "Small movements were overlooked: the tolerance is too large. Take np.isclose as it is."),
        ("exact_comparison", {"differ": lambda after, before: (after != before).any(axis=-1)},
         "Outputs were compared exactly. The last digits of a sum may differ though nothing has moved it: ask whether "
         "numbers are close, with `np.isclose`."),
        ("only_growing_outputs",
         [{"differ": lambda after, before: (after - before).max(axis=-1) > 1e-8},
          {"differ": lambda after, before: (after - before).sum(axis=-1) > 1e-8}],
         "Only outputs that grow count as moved. A difference has a sign: take its absolute value first, or "
         "np.isclose."),
        ("what_stays", {"finish": lambda moved: 1 - moved},
         "This is the map of what stays. Put 1 where an output moves."),
        ("rows_and_columns_exchanged", {"finish": np.transpose},
         "Rows and columns are exchanged: row s was filled. What moves when s is changed belongs in column s: "
         "`moved[:, s] = …`."),
        ("last_alone", {"rows": lambda T: range(T - 1, T)},
         "Only the column of the last position was filled, as when the lines that compare and write stand below the loop."),
        ("whole_output_compared", [{"finish": any_output}, {"finish": all_outputs}],
         "Each column is all 0 or all 1, as when the whole output is compared at once. Compare row by row: axis=-1."),
        ("one_left_out", [{"rows": lambda T: range(1, T)}, {"rows": lambda T: range(T - 1)}],
         "The first or the last position was never changed. Go over all T."),
        ("first_alone", {"rows": lambda T: range(1)},
         "Only the first position was changed, as when `return` stands inside the loop."),
        ("own_output_left_out", {"finish": lambda moved: moved * (1 - own(moved))},
         "The diagonal is 0 throughout. Under these masks most positions move their own output too, as a query if not "
         "as a key."),
        ("own_output_taken_for_granted", {"finish": lambda moved: np.maximum(moved, own(moved))},
         "The diagonal is 1 throughout. A position that sees only one other cannot move its own output: try, do not "
         "assume."),
        ("only_own_output", {"finish": lambda moved: moved * own(moved)},
         "Only the diagonal is filled. Look at every output after each change, and compare outputs, not inputs."),
        ("only_one_direction",
         [{"finish": np.tril}, {"finish": lambda moved: np.tril(moved, -1)}, {"finish": np.triu},
          {"finish": lambda moved: np.tril(np.ones_like(moved))}],
         "One triangle is empty whatever the mask says. Change every position and look at every output; do not take "
         "the answer for granted."),
    ),
    *mistakes(compared_with_inputs, MOVES,
        ("compared_with_the_input", [{"alter": nothing_changed}, {"alter": one_added}],
         "Outputs were compared with inputs. What counts is whether an output differs from what it was: `attend(X)`."),
    ),
)
# fmt: on
WHAT_MOVES = Check(
    name="what_moves",
    claim="finds_which_input_moves_which_output",
    title="What moves what?",
    function="what_moves",
    inputs=moves_inputs,
    unlike=moves_unlike,
    reference=moved_by_row,
    second_route=moved_by_derivative,
    returns=("moved", "X"),
    points={"moved": 3, "X": 1},
    read=MOVES,
    survives=(
        "a position that sees one other only",
        "positions of nothing but 0",
        "outputs that move by less than 0.01",
        "rounding",
    ),
    hints=(
        "One experiment a position: change one row of `X`, run `attend` again, and see which rows of the output are "
        "not what they were.",
        "`changed = X.copy()` before each change; else the changes pile up, and `X` itself is changed.",
        "`np.isclose(after, before)` is `(T, d)`. Row `t` has moved unless *all* of its `d` numbers are close.",
        "`moved[:, s] = ~np.isclose(attend(changed), before).all(axis=-1)` fills the column of position `s`.",
    ),
    misconceptions=WHAT_MOVES_MISTAKES,
    advice={
        r"^X\[": "X was changed in place. Change a copy.",
        r"moved\[[^\]]*\] is -[12];": "`~` turns arrays of booleans over. Of one plain True or False, which np.allclose gives, it "
        "makes -2 or -1: write `not`.",
        r"moved\[[^\]]*\] is (?![01];|-[12];)\S+; expected": "The map holds 0 and 1 (or False and True), not how far an output "
        "moved.",
        r"could not broadcast input array": "np.isclose of outputs (T, d) gives (T, d) answers, and a column of the map holds T. "
        "An output is where it was if *all* d answers of its row say so.",
        r"^ValueError: matmul|with shapes \S+ \(\) |too many indices": "`attend` takes a whole sequence (T, d), not one position.",
        r"truth value of an array": "np.isclose of two rows gives d answers. The output is where it was if *all* of them say so: "
        "`.all()`.",
        r"'numpy.ndarray' object is not callable": "`attend` is a function: call it with a whole sequence, `attend(X)`.",
        r"'function' object is not subscriptable": "`attend` is a function: call it first, then take rows of what it returns.",
    },
    stale=(*STALE, "moved", "changed", "before", "after", "X"),
)


# ---------------------------------------------------------------- Keras
def keras_mask(
    mask: Array, kind: str, *, turn: Callable = lambda m: m == 0, place: Callable = lambda m: m[:, 0]
) -> tuple[Array, Array, Array]:
    """Return the mask for Keras, its shape, and whether it is boolean."""
    keep = place(turn(mask.astype(kind)))
    return *with_shape(keep), np.array([keep.dtype == bool])


def keras_mask_by_loops(mask: Array, kind: str) -> tuple[Array, Array, Array]:
    """Return the same, entry by entry."""
    B, _, T_q, T_k = mask.shape
    keep = [[[not mask[b, 0, q, k] for k in range(T_k)] for q in range(T_q)] for b in range(B)]
    return np.array(keep), np.array([B, T_q, T_k]), np.array([True])


def holes(rng: np.random.Generator, *shape: int) -> Array:
    """Draw a mask in which every row hides one key or more, and shows one or more."""
    while True:
        mask = rng.integers(0, 2, size=shape)
        if (np.ptp(mask, axis=-1) == 1).all():
            return mask


def keras_inputs(rng: np.random.Generator) -> Cases:
    """Draw both kinds of mask, of integers, booleans and floats, one sequence alone, and a length of 1."""
    cases = {
        "look-ahead and padding": {"mask": look_ahead_mask(ids(rng, "xxxxx", "xx.x.", "x.x.."))[0]},
        "padding": {"mask": padding_like(rng, "xxx..", "..xxx")},
        "fewer queries than keys": {"mask": holes(rng, 2, 1, 2, 5)},
        "one sequence alone": {"mask": look_ahead_mask(ids(rng, "xx."))[0]},
        "one query": {"mask": padding_like(rng, "x.xxx")},
        "a mask of booleans": {"mask": look_ahead_mask(ids(rng, "xxx", "x.x"))[0], "kind": "bool"},
        "a mask of floats": {"mask": look_ahead_mask(ids(rng, "xxx", "xx."))[0], "kind": "float"},
    }
    return {label: {"kind": "int", **case} for label, case in cases.items()}


def keras_unlike(rng: np.random.Generator) -> Cases:
    """Draw masks of a size that no public case has, of any kind."""
    mask = look_ahead_mask(longer_ids(rng, rng.integers(2, 6)))[0]
    return {"a longer batch": {"mask": mask, "kind": str(rng.choice(["int", "bool", "float"]))}}


def turned_by_tilde(mask: Array) -> Array:
    """Return ~mask: right for booleans, -1 and -2 for integers, an error for floats."""
    return ~mask


def one_minus(mask: Array) -> Array:
    """Return 1 - mask, which is no boolean."""
    return 1 - mask


def is_hidden(mask: Array) -> Array:
    """Return True where the mask hides."""
    return mask == 1


# fmt: off
TO_KERAS_MASK_MISTAKES = mistakes(keras_mask, POLARITY,
    ("not_turned_over",
     [{"turn": is_hidden}, {"turn": as_it_is}],
     "The mask was not turned over: it is still true where a key is hidden. Keras reads True as keep."),
    ("head_axis_kept", {"place": as_it_is},
     "The axis of the heads is still there. Keras adds its own; it expects (B, T_q, T_k)."),
    ("every_axis_of_length_1_removed", {"place": np.squeeze},
     "np.squeeze removes *every* axis of length 1, also the batch of one sequence and the queries of a padding mask. "
     "Remove the second axis only."),
    ("not_boolean", {"turn": one_minus},
     "The numbers are right, but the entries are no booleans. Keras asks for True and False, and other libraries *add* a "
     "mask of numbers to the scores."),
    ("two_axes_removed", {"place": lambda m: m[:, 0, 0]},
     "Two axes were taken away, the heads and the queries, so only the first query is left. Take away the second axis "
     "alone: (B, T_q, T_k)."),
    (standard.INPUT_RETURNED(it="the mask"), partial(keras_mask, turn=as_it_is, place=as_it_is)),
    ("tilde_on_numbers",
     [{"turn": turned_by_tilde}, {"turn": turned_by_tilde, "place": as_it_is}, {"turn": lambda m: ~m.astype(int)}],
     "`~` turns booleans over; of the integers 0 and 1 it makes -1 and -2, which both count as true. Compare instead."),
    ("nothing_kept", {"turn": lambda m: np.zeros_like(m, dtype=bool)},
     "Nothing is kept, whatever the mask says. Ask of each entry whether it is 0: `mask == 0`."),
    ("everything_kept", [{"turn": lambda m: (~m).astype(bool)}, {"turn": lambda m: (~m.astype(int)).astype(bool)}],
     "Everything is kept, whatever the mask says. (`~` on the integers 0 and 1 makes -1 and -2, and both count as true.) "
     "Ask of each entry whether it is 0: `mask == 0`."),
    ("first_sequence_only", {"place": lambda m: m[0]},
     "Only the first sequence is left: `mask[0]` takes away the batch. Take away the second axis."),
    ("first_query_only", {"place": lambda m: m[:, :, 0]},
     "Only the first query is left of every mask: the third axis was taken away. Take away the second."),
    ("transposed", {"place": lambda m: swap(m[:, 0])},
     "Queries and keys are exchanged. (B, T_q, T_k) keeps their order."),
    ("numbers_to_add", [{"turn": to_add}, {"turn": infinity_to_add}, {"turn": to_add, "place": as_it_is}],
     "These are the numbers that are added to scores. Keras makes them itself; it asks for True (keep) and False "
     "(hide)."),
)
# fmt: on
TO_KERAS_MASK = Check(
    name="to_keras_mask",
    claim="says_true_where_a_key_may_be_seen",
    title="A mask for Keras",
    function="to_keras_mask",
    inputs=keras_inputs,
    unlike=keras_unlike,
    reference=keras_mask,
    second_route=keras_mask_by_loops,
    returns=("keep", "shape", "boolean"),
    points={"keep": 1, "shape": 0.5, "boolean": 0.5},
    read=POLARITY,
    survives=("fewer queries than keys", "one query", "a mask of booleans", "a mask of floats"),
    hints=(
        "Three things change: which value hides, the number of axes, and the kind of the entries.",
        "A comparison gives booleans, whatever kind of number the mask holds. Which comparison is true where nothing is hidden?",
        "`a[:, 0]` takes away the second axis and no other.",
    ),
    misconceptions=TO_KERAS_MASK_MISTAKES,
    advice={
        **AXES,
        r"bad operand type for unary ~|ufunc 'invert' not supported": "`~` turns booleans over, not floats. Ask `mask == 0`: that "
        "works for booleans, integers and floats.",
        r"numpy boolean (subtract|negative)": "NumPy neither negates booleans nor subtracts one from another. Ask "
        "`mask == 0`.",
        r"requested shape": "T_q need not be T_k, and 1 stays 1: take away the axis of the heads and leave the others.",
        r"truth value of an array": "`not` and bool() ask one question of a whole array. A comparison goes entry by entry.",
        r"out of bounds for axis 1 with size 1": "The axis of the heads has one entry, number 0. Pick it; np.delete would leave "
        "an axis of length 0.",
        r"cannot select an axis to squeeze out": "Only an axis of length 1 can be squeezed: the second, axis=1.",
    },
    stale=(*STALE, "keep"),
)


# ---------------------------------------------------------------- find the bugs
def causal_weights(
    scores: Array,
    seq: Array | None = None,
    *,
    future: Callable = strictly_above,
    find: Callable = is_padding,
    place: Callable = as_keys,
    join: Callable = np.maximum,
    hide: Callable = minus_infinity,
    weigh: Callable = softmax,
    after: Callable = lambda weights, mask: weights,
) -> Array:
    """Return weights (B, H, T, T) with the future hidden, and the padding of seq (B, T) if it is given."""
    positions = np.zeros((1, scores.shape[-1]))
    mask = future(positions)
    mask = mask if seq is None else join(mask, place(find(seq)))
    return after(weigh(hide(scores, mask)), mask)


def causal_by_loops(scores: Array, seq: Array | None = None) -> Array:
    """Return the same, row by row, over the visible keys alone."""
    weights = np.zeros(scores.shape)
    for b, h, q in np.ndindex(*scores.shape[:3]):
        seen = [k for k in range(q + 1) if seq is None or seq[b, k] != 0]
        exps = np.exp(scores[b, h, q, seen])
        weights[b, h, q, seen] = exps / exps.sum()
    return weights


def over_queries(scores: Array) -> Array:
    """Return the softmax along the queries; where all of them are hidden the weights are 0."""
    largest = scores.max(axis=-2, keepdims=True)
    exps = np.exp(scores - np.where(largest == -np.inf, 0, largest))
    total = exps.sum(axis=-2, keepdims=True)
    return exps / np.where(total == 0, 1, total)


def over_queries_as_they_are(scores: Array) -> Array:
    """Return the softmax along the queries; NaN where all of them are hidden."""
    return swap(softmax(swap(scores)))


def sums_over_queries(scores: Array) -> Array:
    """Return exponentials less the largest of each row, divided by their sums along the queries; NaN for 0 / 0."""
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-2, keepdims=True)


def words_alone(scores: Array) -> Array:
    """Return ids (1, T) without padding for scores (B, H, T, T)."""
    return np.ones((1, scores.shape[-1]), dtype=int)


def whole_rows(weights: Array, mask: Array) -> Array:
    """Return weights with 0 where the mask is 1, not normalised again."""
    return weights * (1 - mask)


def leak_inputs(rng: np.random.Generator) -> Cases:
    """Draw scores of H = 3 heads, the same with the hidden ones changed, and one sequence of length 1."""
    scores = normal(rng, 2, 3, 5, 5)
    later = np.triu(np.ones((5, 5), dtype=bool), k=1)
    return {
        "two sequences": {"scores": scores},
        "the scores of the future changed": {"scores": np.where(later, normal(rng, 2, 3, 5, 5), scores)},
        "as many sequences as positions": {"scores": normal(rng, 3, 3, 3, 3)},
        "large scores": {"scores": np.round(normal(rng, 2, 3, 3, 3) * 200, 1)},
        "length 1": {"scores": normal(rng, 2, 3, 1, 1)},
    }


# fmt: off
LEAK_MISTAKES = shared_rows(BEFORE,
    ("past_hidden", {"future": lower_triangle(-1)},
     "The past is hidden and the future is visible: the other triangle.", FUTURE),
    ("next_word_visible", {"future": triangle(2)},
     "Every position still sees the next word, which is the answer: the diagonal is off by one.", FUTURE),
    (standard.HIDDEN_AFTER_THE_SOFTMAX(rest="rows no longer sum"),
     {"hide": lambda scores, mask: scores, "after": whole_rows}),
    (standard.HIDDEN_SCORES_ZERO, {"hide": lambda scores, mask: scores * (1 - mask)}),
    (standard.CONSTANT_TOO_SMALL, [{"hide": lowered(by)} for by in (1, 5, 10, 100)]),
    (standard.ZERO_TIMES_INFINITY, {"hide": zero_times_infinity}, NOTHING),
)
# fmt: on

# fmt: off
FIND_THE_LEAK_MISTAKES = mistakes(causal_weights, LEAK,
    ("still_inverted",
     [{"future": lower_triangle(0), "hide": lowered(1e9)}, {"future": lower_triangle(0), "hide": replaced(-1e9)},
      {"future": lower_triangle(0)}, {"hide": replaced(1e9)}],
     "The future is still what is visible: the mask has 1 on and below the diagonal, and 1 means hide. (A large number "
     "added instead of subtracted does the same.)"),
    ("mask_dropped", {"hide": lambda scores, mask: scores},
     "Now nothing is hidden at all: every query sees past and future, so the answer still leaks."),
    ("diagonal_hidden",
     [{"future": triangle(0), "hide": lowered(1e9)}, {"future": triangle(0), "hide": replaced(-1e9)},
      {"future": triangle(0)}],
     "The diagonal is hidden too: the first query has nothing to see, and the others miss the present word.", NOTHING),
    ("past_hidden", {"future": lower_triangle(-1)},
     "The past is hidden and the future is visible: the other triangle, or 1e9 was added where it is to be "
     "subtracted.", FUTURE),
    *LEAK_MISTAKES[1:],
    ("only_itself_visible", {"future": lambda positions: 1 - np.eye(positions.shape[1], dtype=int)},
     "Every position sees only itself: the past is hidden too. Only what comes later is the future.", FUTURE),
    (standard.MASK_ADDED, {"hide": lambda scores, mask: scores + mask}, BEFORE),
    (standard.WEIGHTS_NOT_NORMALISED,
     {"weigh": lambda scores: np.exp(scores - scores.max(axis=-1, keepdims=True))}, BEFORE),
    (standard.SOFTMAX_OVER_QUERIES(wrong="the queries"),
     [{"weigh": over_queries}, {"weigh": sums_over_queries}], BEFORE),
    (standard.ZEROS_RETURNED(it="the weights"), {"after": lambda weights, mask: 0 * weights}, BEFORE),
    ("scores_returned", [{"weigh": as_it_is}, {"weigh": as_it_is, "hide": lowered(1e9)}],
     "These are scores, not weights: the softmax is missing.", BEFORE),
    *slips("exponential_forgotten", "multiplied_by_the_sum", "largest_of_each_column", "divided_by_the_mean",
           "sign_turned", "over_everything", hide=lowered(1e9)),
)
# fmt: on
FIND_THE_LEAK = Check(
    name="find_the_leak",
    claim="shows_no_query_the_answer",
    title="Find the bug: full marks in training",
    function="mended_weights",
    inputs=leak_inputs,
    reference=causal_weights,
    second_route=causal_by_loops,
    returns=("weights",),
    points={"weights": 3},
    read=LEAK,
    survives=("large scores", "length 1"),
    hints=(
        "Print `broken_weights` of a `(1, 1, 3, 3)` array of zeros. Which keys does query 0 see?",
        "The comment says what a 1 in the mask does. Which triangle of 1s does the next line make?",
        "The last row of the output looks right, although the mask hides all of it. Why? (The page's table of what `-1e9` does.)",
    ),
    misconceptions=FIND_THE_LEAK_MISTAKES,
    regions=(Regions("weights", lambda scores: kinds_of_keys(words_alone(scores)), KINDS_OF_KEYS, weights=True),),
    properties=(
        Same(
            "two sequences",
            "the scores of the future changed",
            "weights",
            (0, 1, 2, 3, 4),
            -2,
            "Only scores of the future were changed here, and your weights changed: something still looks ahead.",
        ),
    ),
    advice={
        r" is NaN in": "A row in which everything is hidden becomes NaN. Which row is it, and should it be hidden?"
    },
    stale=STALE,
)


def nan_inputs(rng: np.random.Generator) -> Cases:
    """Draw scores and ids whose first id is a word: padding at the end, in the middle, nowhere; B = T; length 1.

    In one case the scores of the future are very high and the others very low.
    """

    def draw(*patterns: str) -> Inputs:
        B, T = len(patterns), len(patterns[0])
        return {"scores": normal(rng, B, 3, T, T), "seq": ids(rng, *patterns)}

    apart = draw("xx.")
    positions, far = apart["seq"], 200 + np.round(50 * np.abs(apart["scores"]), 1)
    return {
        "two sequences": draw("xxxxx", "xxx.."),
        "padding in the middle": draw("x.x.", "xx.x"),
        "as many sequences as positions": draw("xxx", "xx.", "x.."),
        "no padding": draw("xx", "xx"),
        "length 1": draw("x", "x"),
        "high scores in the future": apart | {"scores": np.where(strictly_above(positions) == 1, far, -far)},
    }


def diagonal_but_for_first(columns: slice) -> Callable:
    """Return a triangle that hides the diagonal, but shows the first query some keys."""

    def future(positions: Array) -> Array:
        mask = triangle(0)(positions)
        mask[0, columns] = 0
        return mask

    return future


def zero_for_nan(weights: Array, mask: Array) -> Array:
    """Return weights with 0 for NaN."""
    return np.nan_to_num(weights, nan=0.0)


# fmt: off
FIND_THE_NAN_MISTAKES = mistakes(causal_weights, NOTHING,
    ("still_the_diagonal", {"future": triangle(0)},
     "The first row is still NaN: the diagonal is hidden, so the first query has nothing to see."),
    ("nan_gone_bug_kept",
     [{"future": triangle(0), "hide": lowered(1e9)}, {"future": triangle(0), "hide": replaced(-1e9)}],
     "The NaN is gone, the bug is not: the diagonal is still hidden, and the first query now looks at everything, the "
     "future and the padding included."),
    ("nan_made_zero", {"future": triangle(0), "after": zero_for_nan},
     "The NaN became zeros, so the first position now gets nothing, and the others still do not see themselves. Mend "
     "the mask, not the symptom."),
    ("first_row_patched",
     [{"future": diagonal_but_for_first(slice(1))}, {"future": diagonal_but_for_first(slice(None))}],
     "The first row was patched, but the other positions still do not see themselves. Row t should see keys 0 to "
     "t.", FUTURE),
    ("future_dropped", {"future": lambda positions: 0 * triangle(1)(positions)},
     "The NaN is gone, and so is the triangle: every position sees the future.", FUTURE),
    ("padding_dropped", {"find": np.zeros_like}, "The future is right now, but padding is no longer hidden.", BOTH),
    ("both_needed", {"join": np.minimum},
     "A key is now hidden only if it is in the future *and* padding. One reason is enough: “or”.", BOTH),
    ("future_inverted",
     [{"future": lower_triangle(0)}, {"future": lower_triangle(0), "hide": replaced(-1e9)},
      {"future": lower_triangle(0), "after": zero_for_nan}],
     "Past and present are hidden now, and the future is visible: the comparison is the wrong way round.", LEAK),
    ("everything_dropped", {"hide": lambda scores, mask: scores},
     "The NaN is gone because nothing is hidden any more.", BEFORE),
    ("past_hidden",
     [{"future": lower_triangle(-1)}, {"future": lower_triangle(-1), "hide": replaced(-1e9)},
      {"future": lower_triangle(-1), "hide": lowered(1e9)}, {"future": lower_triangle(-1), "after": zero_for_nan}],
     "The past is hidden and the future is visible: the comparison is the wrong way round.", FUTURE),
    *LEAK_MISTAKES[1:4],
    LEAK_MISTAKES[5],
    (standard.CONSTANT_TOO_SMALL, [{"hide": lowered(10)}, {"hide": lowered(100)}, {"hide": replaced(-10)}], BEFORE),
    ("padding_sees_itself",
     {"join": lambda future, padding: np.maximum(future, padding) * (1 - np.eye(len(future), dtype=int))},
     "Every position sees itself now, padding too, and padding is to be hidden from all. Mend `future`, not the whole "
     "mask.", PADDING),
    ("both_cancel", {"join": np.bitwise_xor},
     "Where a key is both in the future and padding, the two masks cancel (`^`). One reason to hide is enough: "
     "“or”.", BOTH),
    (standard.SOFTMAX_OVER_QUERIES(wrong="the queries"),
     [{"weigh": over_queries}, {"weigh": over_queries, "hide": replaced(-1e9)}, {"weigh": sums_over_queries},
      {"weigh": over_queries_as_they_are}], BEFORE),
    ("padding_on_the_query_axis",
     [{"place": as_queries}, {"place": as_queries, "hide": replaced(-1e9)}, {"place": as_queries, "hide": lowered(1e9)}],
     "Padding stands on the query axis now: its rows are hidden altogether, and words look at it. What is hidden are "
     "keys.", PADDING),
    ("rows_of_padding_hidden",
     [{"join": also_as_queries, "hide": hide} for hide in (minus_infinity, replaced(-1e9), lowered(1e9))],
     "The rows of padding are hidden as well, which leaves them nothing to see. Hide keys only: the future and the "
     "padding.", NOTHING),
    ("padding_inverted", [{"find": is_word, "hide": lowered(1e9)}, {"find": is_word}],
     "The words are hidden and the padding is visible. 1 means hide.", POLARITY),
    *slips("exponential_forgotten", "multiplied_by_the_sum", "divided_by_the_mean", "over_everything", "not_normalised"),
)
# fmt: on
FIND_THE_NAN = Check(
    name="find_the_nan",
    claim="lets_every_position_see_itself",
    title="Find the bug: a first row of NaN",
    function="mended_decoder_weights",
    inputs=nan_inputs,
    reference=causal_weights,
    second_route=causal_by_loops,
    returns=("weights",),
    points={"weights": 3},
    read=NOTHING,
    survives=("padding in the middle", "no padding", "length 1", "high scores in the future"),
    hints=(
        "NaN is where a row has nothing to see. Which key should the first query see?",
        "Print `future` for `T = 3`. What stands on its diagonal?",
        "Mend the comparison that makes `future`; the rest of the function is in order.",
    ),
    misconceptions=FIND_THE_NAN_MISTAKES,
    regions=(Regions("weights", lambda scores, seq: kinds_of_keys(seq), KINDS_OF_KEYS, weights=True),),
    advice={
        r" is NaN in": "A row in which everything is hidden becomes NaN. Which row is it, and should it be hidden?"
    },
    stale=STALE,
)


KEY = AnswerKey(
    "06_masks",
    (
        PADDING_MASK,
        LOOK_AHEAD_MASK,
        APPLY_MASK,
        DECODER_MASKS,
        WHAT_MOVES,
        TO_KERAS_MASK,
        FIND_THE_LEAK,
        FIND_THE_NAN,
    ),
)
