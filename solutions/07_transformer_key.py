"""Answer key of chapter 07: the pieces of a Transformer in NumPy, its layers and the model in Keras.

Right and wrong answers come from functions whose steps can be exchanged: a misconception is the function with one
step done the wrong way. Everything here is plain NumPy; Keras's own layers serve as the second route of the layers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from autograder.course import standard_mistakes as standard
from autograder.course.answer_key import AnswerKey, Check
from autograder.course.drawing import Array, Cases, Inputs, normal
from autograder.course.rows import in_keras, mistakes, shared_rows, ways_of
from autograder.course.steps import as_it_is, one_kept, relu, sigmoid, softmax

# Sections of the chapter's page.
CLOCK = "A clock with many hands"
WHERE = "Where the positions go"
RANGE = "Keep the numbers in range"
THINK = "Think at every position"
ADD = "Add, then norm"
COUNT = "Count what is learned"
ENCODER_LAYER_READ = "The encoder layer"
DECODER_LAYER_READ = "The decoder layer"
STACK = "Stack the layers"
WHOLE = "The whole model"


# ---------------------------------------------------------------- data
def small(rng: np.random.Generator, *shape: int, scale: float = 0.03) -> Array:
    """Draw small numbers, rounded to five decimals."""
    return np.round(rng.normal(0, scale, size=shape), 5)


def padding_of(ids: Array) -> Array:
    """Return the padding mask (B, 1, 1, T) of ids (B, T)."""
    return (ids == 0).astype(float)[:, None, None, :]


def look_ahead_of(ids: Array) -> Array:
    """Return the look-ahead mask (B, 1, T, T) of ids (B, T)."""
    T = ids.shape[1]
    future = np.array([[float(key > query) for key in range(T)] for query in range(T)])
    return np.maximum(future, padding_of(ids))


def sentences(rng: np.random.Generator, words: int, T: int, *lengths: int) -> Array:
    """Draw ids (B, T) below `words`, one sentence for each length, with padding behind."""
    ids = rng.permuted([np.arange(1, words)] * len(lengths), axis=1)[:, :T]  # no word twice in a sentence
    return np.where(np.arange(T) < np.array(lengths)[:, None], ids, 0)


# ---------------------------------------------------------------- angles
def angles(
    position: Array,
    i: Array,
    d_model: int,
    *,
    exponent: Callable = lambda i, d: 2 * (i // 2) / d,
    base: float = 1e4,
    power: Callable | None = None,
    meet: Callable = lambda position, power: position / power,
) -> Array:
    """Return position / base ** exponent, (L, n)."""
    return meet(position, power(i, d_model) if power else base ** exponent(i, d_model))


def angles_by_loops(position: Array, i: Array, d_model: int) -> Array:
    """Return the same, one number after the other, by logarithms."""
    rate = {pair: math.exp(-2 * pair / d_model * math.log(10000)) for pair in range(d_model)}
    return np.array([[p * rate[(n - n % 2) // 2] for n in i[0].tolist()] for p in position[:, 0].tolist()])


def angle_inputs(rng: np.random.Generator) -> Cases:
    """Draw positions and dimensions: all of an even width, some of a wide one, an odd width."""

    def positions(count: int) -> Array:
        return np.sort(rng.choice(np.arange(1, 40), count, replace=False))[:, None]

    some = np.sort(rng.choice(np.arange(2, 20), 6, replace=False))
    some[0], some[-1] = 1, 18
    return {
        "five positions, ten dimensions": {"position": positions(5), "i": np.arange(10)[None], "d_model": 10},
        "six of twenty dimensions": {"position": positions(3), "i": some[None], "d_model": 20},
        "one position, seven dimensions": {"position": positions(1), "i": np.arange(7)[None], "d_model": 7},
    }


# fmt: off
ANGLES_MISTAKES = mistakes(angles, CLOCK,
    ("dimension_for_the_pair", {"exponent": lambda i, d: 2 * i / d},
     "The exponent is twice as large as it should be: i already counts dimensions 0, 1, 2, 3, and 2k counts pairs. "
     "Sine and cosine of a pair share one angle."),
    ("a_rate_for_each_dimension", {"exponent": lambda i, d: i / d},
     "Every dimension has a rate of its own. Dimensions 0 and 1 share a rate, 2 and 3 the next: `i / 2` is not `i // "
     "2`, and `2 * i // 2` is i again."),
    ("factor_two_missing", {"exponent": lambda i, d: (i // 2) / d},
     "The pairs are right, but the exponent is half of what it should be: 2k / d_model, so that the last pair comes "
     "close to 1 / 10000."),
    ("exponent_cut_to_whole_numbers", {"exponent": lambda i, d: 2 * (i // 2) // d},
     "All rates are 1. Dividing by d_model with two strokes cuts the exponent down to 0: one stroke there."),
    ("multiplied", {"meet": lambda p, power: p * power},
     "Later dimensions turn faster here, up to ten thousand times. They should turn more slowly: divide by the power, "
     "and leave the exponent positive."),
    ("factor_two_twice",
     [{"exponent": lambda i, d: 4 * (i // 2) / d}, {"exponent": lambda i, d: 2 * (i // 2) / (d // 2)}],
     "The pairs are right, but the exponent is twice as large as it should be, or nearly: 2k / d_model, with one factor 2 "
     "and all of d_model."),
    ("halves_rounded", {"exponent": lambda i, d: 2 * np.round(i / 2) / d},
     "i / 2 was rounded, and halves go now up and now down. `i // 2` is the number of the pair."),
    ("angles_cut", {"meet": lambda p, power: p // power},
     "The angles were cut to whole numbers, by `//` between position and power, or by an array of integers. They are real "
     "numbers."),
    ("length_for_the_width",
     lambda position, i, d_model: angles(position, i, len(position)),
     "The exponent is divided by the number of positions. It is divided by d_model, the width."),
    # whole numbers, which overflow
    ("power_before_product",
     [{"power": lambda i, d: 1e8 * (i // 2) / d},
      {"power": lambda i, d: 1e4 ** (2.0 * (i // 2)) * d}, {"power": lambda i, d: 10000 ** (2 * (i // 2)) * 1.0 * d}],
     "`**` goes before `*` and `/`, so only a part of the exponent was in it. Put the whole exponent in parentheses, "
     "and what is divided by too."),
    ("angles_next_to_zero",
     [{"meet": lambda p, power: 0 * (p / power)}],
     "All angles are 0, or next to it. Was the array of zeros never filled? Or is only a part of the exponent in the "
     "power? `**` goes before `*` and `/`: put all of the exponent in parentheses."),
    ("product_for_the_power", {"power": lambda i, d: 1e4 * (2 * (i // 2) / d)},
     "10000 was multiplied by the exponent. It is raised to that power: `10000 ** (…)`."),
    ("place_for_the_position", {"meet": lambda p, power: np.arange(len(p))[:, None] / power},
     "The number of the row was taken for the position. The positions are given, and need not be 0, 1, 2: use "
     "`position`."),
    ("place_for_the_dimension", {"exponent": lambda i, d: 2 * (np.arange(np.size(i))[None] // 2) / d},
     "The number of the column was taken for the dimension. The dimensions are given, and some may be left out: use "
     "`i`."),
    ("base_and_exponent_exchanged", {"power": lambda i, d: (2 * (i // 2) / d) ** 1e4},
     "Base and exponent have changed places: 10000 is raised to the power 2k / d_model."),
    ("another_base", [{"base": 1e3}, {"base": 1e5}, {"base": math.e}, {"base": math.exp(4)}],
     "The pairs are right, but the base is not 10000."),
    ("pairs_shifted",
     [{"exponent": lambda i, d: 2 * ((i + 1) // 2) / d}, {"exponent": lambda i, d: 2 * ((i - 1) // 2) / d}],
     "Dimensions 1 and 2 share a rate. Pair 0 is dimensions 0 and 1; i counts from 0."),
    ("remainder_for_quotient", {"exponent": lambda i, d: 2 * (i % 2) / d},
     "There are only two rates, one for even and one for odd dimensions. `%` gives the remainder; you need the number "
     "of the pair."),
    ("positions_forgotten", {"meet": lambda p, power: 1 / power},
     "These are the rates, one row of them. The angle is the position times the rate: (L, 1) and (1, n) give (L, n)."),
    ("sine_taken", [{"meet": lambda p, power: np.sin(p / power)}, {"meet": lambda p, power: np.cos(p / power)}],
     "Sine or cosine was taken already. This function returns the angles."),
    ("width_from_the_dimensions", {"exponent": lambda i, d: 2 * (i // 2) / np.size(i)},
     "The exponent is divided by how many dimensions were given. It is d_model, the width of the whole encoding, an "
     "argument."),
    ("largest_dimension_for_the_width", {"exponent": lambda i, d: 2 * (i // 2) / (d - 1)},
     "The exponent is divided by d_model - 1. It is divided by d_model."),
)
# fmt: on
ANGLES = Check(
    name="angles",
    claim="gives_each_pair_of_dimensions_its_rate",
    title="Angles",
    function="get_angles",
    inputs=angle_inputs,
    reference=angles,
    second_route=angles_by_loops,
    returns=("angles",),
    points={"angles": 1},
    read=CLOCK,
    survives=("one position",),
    hints=(
        "Dimensions 0 and 1 are pair 0, dimensions 2 and 3 are pair 1. Which operation gives the number of the pair?",
        "`i // 2`. The exponent is twice that, divided by `d_model` with `/`, because it is a fraction.",
        "`position / 10000 ** (2 * (i // 2) / d_model)`: `(L, 1)` against `(1, n)` broadcasts to `(L, n)`.",
    ),
    misconceptions=ANGLES_MISTAKES,
    advice={
        r"Integers to negative integer powers": "A whole number cannot be raised to a negative whole one in NumPy: write 10000.0, or "
        "divide by the positive power.",
        r"truth value of an array": "i is an array of dimensions: compute with all of it, without `if`.",
        r"setting an array element with a sequence": "position is a column, (L, 1), and i a row, (1, n): `i[0]` holds the dimensions. Without a loop, "
        "`position / …` of both gives all (L, n) angles at once.",
    },
    stale=("angles", "position", "i", "d_model", "rates", "k"),
)


# ---------------------------------------------------------------- positional encoding
def interleaved(turned: Array) -> Array:
    """Return sines in the even columns and cosines in the odd ones."""
    return np.where(np.arange(turned.shape[1]) % 2 == 0, np.sin(turned), np.cos(turned))


def encoding_of(
    length: int,
    d_model: int,
    *,
    first: int = 0,
    count: Callable = lambda length: length,
    exponent: Callable = lambda i, d: 2 * (i // 2) / d,
    waves: Callable = interleaved,
    finish: Callable = lambda encoding: encoding[None],
) -> tuple[Array, Array]:
    """Return (the encoding (1, L, d_model), its shape)."""
    position = np.arange(first, first + count(length))[:, None]
    found = finish(waves(angles(position, np.arange(d_model)[None], d_model, exponent=exponent)))
    return found, np.array((*found.shape, 0, 0, 0)[:3], dtype=float)


def encoding_by_rotation(length: int, d_model: int) -> tuple[Array, Array]:
    """Return the same: from one position to the next every pair (cosine, sine) is turned by the angle of its rate."""
    pairs = (d_model + 1) // 2
    turn = np.exp(1j / 10000 ** (2 * np.arange(pairs) / d_model))
    hands = np.cumprod(np.vstack([np.ones(pairs), *[turn] * (length - 1)]), axis=0)  # (L, pairs), complex
    both = np.stack([hands.imag, hands.real], axis=-1).reshape(length, 2 * pairs)[:, :d_model]
    return both[None], np.array([1.0, length, d_model])


def encoding_inputs(rng: np.random.Generator) -> Cases:
    """Draw sizes: an even and an odd width, one position, one dimension."""
    return {
        "an even width": {"length": int(rng.integers(5, 8)), "d_model": 2 * int(rng.integers(4, 7))},
        "an odd width": {"length": int(rng.integers(8, 11)), "d_model": int(rng.choice([5, 7]))},
        "one position": {"length": 1, "d_model": 6},
    }


def without_the_odd_one(turned: Array) -> Array:
    """Return sines and cosines by turns, and 0 in the last column where their number is odd."""
    kept = 2 * (turned.shape[1] // 2)
    return np.where(np.arange(turned.shape[1]) < kept, interleaved(turned), 0.0)


def halves(turned: Array) -> Array:
    """Return all sines, then all cosines."""
    return np.concatenate([np.sin(turned[:, 0::2]), np.cos(turned[:, 1::2])], axis=1)


def halves_of_the_dimensions(turned: Array) -> Array:
    """Return the sines of the first half of the dimensions and the cosines of the second half."""
    cut = (turned.shape[1] + 1) // 2
    return np.concatenate([np.sin(turned[:, :cut]), np.cos(turned[:, cut:])], axis=1)


def by_rows(turned: Array) -> Array:
    """Return sines in the even rows and cosines in the odd ones."""
    return np.where(np.arange(len(turned))[:, None] % 2 == 0, np.sin(turned), np.cos(turned))


def cosine_of_sine(turned: Array) -> Array:
    """Return sines, and cosines of the sines in the odd columns."""
    return np.where(np.arange(turned.shape[1]) % 2 == 0, np.sin(turned), np.cos(np.sin(turned)))


def of_the_first_angles(turned: Array) -> Array:
    """Return sines and cosines in their columns, but of the first angles in place of every other one."""
    found = np.zeros_like(turned)
    for start, wave in enumerate((np.sin, np.cos)):
        found[:, start::2] = wave(turned[:, : found[:, start::2].shape[1]])
    return found


def exchanged_in_the_call(length: int, d_model: int) -> tuple[Array, Array]:
    """Return the encoding from angles whose positions are the dimensions, and the other way round."""
    found = interleaved(angles(np.arange(d_model)[None], np.arange(length)[:, None], d_model))[None]
    return found, np.array(found.shape, dtype=float)


# fmt: off
POSITIONAL_ENCODING_MISTAKES = mistakes(encoding_of, CLOCK,
    ("all_sines", {"waves": np.sin}, "Every dimension is a sine. The odd dimensions, 1, 3, 5 and so on, are cosines."),
    ("all_cosines", {"waves": np.cos}, "Every dimension is a cosine. The even dimensions are sines."),
    ("sines_and_cosines_exchanged",
     {"waves": lambda turned: np.where(np.arange(turned.shape[1]) % 2 == 1, np.sin(turned), np.cos(turned))},
     "Sines and cosines have changed places: dimension 0 is a sine, so position 0 begins with 0, 1."),
    ("halves_side_by_side", [{"waves": halves}, {"waves": halves_of_the_dimensions}],
     "The sines stand in the first half and the cosines in the second. Here they take turns: even columns, odd "
     "columns. (Both are in use; one must be chosen.)"),
    ("counted_from_one", {"first": 1}, "The first row belongs to position 1. Positions count from 0."),
    ("rows_for_columns", {"waves": by_rows},
     "Whole positions are sines or cosines, by turns. It is the columns that take turns: `[:, 0::2]`, not `[0::2]`."),
    ("no_sine_no_cosine", {"waves": as_it_is},
     "These are the angles. Take the sine of the even columns and the cosine of the odd ones."),
    ("both_added", {"waves": lambda turned: np.sin(turned) + np.cos(turned)},
     "Sine and cosine were added up in every column. Each column holds one of them: even columns sines, odd ones cosines."),
    ("of_the_first_angles", {"waves": of_the_first_angles},
     "Sines and cosines stand in their columns, but were taken of the first angles, `[:, : …]`. Column i holds the sine or "
     "cosine of the angle of column i."),
    ("another_number_of_positions",
     [{"count": lambda length: length + 1}, {"count": lambda length: length - 1}],
     "There is one position too many, or one too few: length of them, 0 to length - 1, which is np.arange(length)."),
    ("cosine_of_the_sine", {"waves": cosine_of_sine},
     "The odd columns hold the cosine of a sine: they were changed once before. Take both from the angles."),
    ("last_sine_left_out", {"waves": without_the_odd_one},
     "With an odd d_model the last column stays 0: a loop over pairs leaves it out. It holds sines: columns 0::2 are "
     "one more than columns 1::2."),
    ("half_of_the_columns_empty",
     [{"waves": lambda turned: np.where(np.arange(turned.shape[1]) % 2 == 0, np.sin(turned), 0.0)},
      {"waves": lambda turned: np.where(np.arange(turned.shape[1]) % 2 == 1, np.cos(turned), 0.0)}],
     "Every other column is still 0. Write sines into the even columns *and* cosines into the odd ones."),
    ("half_of_the_columns_unchanged",
     [{"waves": lambda turned: np.where(np.arange(turned.shape[1]) % 2 == 0, np.sin(turned), turned)},
      {"waves": lambda turned: np.where(np.arange(turned.shape[1]) % 2 == 1, np.cos(turned), turned)}],
     "Every other column still holds angles: a sine or a cosine was computed and not kept, or not taken."),
    ("degrees_and_radians",
     [{"waves": lambda turned: interleaved(np.radians(turned))}, {"waves": lambda turned: interleaved(np.degrees(turned))}],
     "The angles were turned from degrees to radians, or back. They are radians already, which is what np.sin takes."),
    ("first_columns_only",
     [{"waves": lambda turned: np.where(np.arange(turned.shape[1]) < 2, interleaved(turned), 0.0)},
      {"waves": lambda turned: np.where(np.arange(turned.shape[1]) < 2, interleaved(turned), turned)}],
     "Only columns 0 and 1 hold a sine and a cosine: `[:, 0:2]` ends before column 2. Every other column is `[:, 0::2]`, "
     "with two colons."),
    (standard.ZEROS_RETURNED(it="the encoding"), {"waves": np.zeros_like}),
    ("another_rate",
     [{"exponent": lambda i, d: i / d}, {"exponent": lambda i, d: 2 * i / d},
      {"exponent": lambda i, d: 2 * ((i + 1) // 2) / d}],
     "Sine and cosine of a pair have different angles. Dimensions 2k and 2k + 1 share one: do dimensions count from 0, and "
     "is your get_angles right?"),
    ("whole_numbers", {"waves": lambda turned: np.trunc(interleaved(turned))},
     "All numbers were cut to whole ones: the array was made for integers. np.zeros makes one for real numbers."),
    ("positions_and_dimensions_exchanged", exchanged_in_the_call,
     "Positions and dimensions have changed places in the call: get_angles takes position, i, d_model."),
    ("no_batch_axis", {"finish": as_it_is},
     "The numbers are right, but the shape is (length, d_model). One axis is missing in front, for the batch."),
    ("axis_in_another_place",
     [{"finish": lambda encoding: encoding[:, None]}, {"finish": lambda encoding: encoding[..., None]}],
     "The numbers are right, but the axis of length 1 belongs in front: (1, length, d_model). Elsewhere it would meet "
     "the wrong axis of a batch.", WHERE),
)
# fmt: on
POSITIONAL_ENCODING = Check(
    name="positional_encoding",
    claim="interleaves_sines_and_cosines",
    title="Positional encoding",
    function="positional_encoding",
    inputs=encoding_inputs,
    reference=encoding_of,
    second_route=encoding_by_rotation,
    returns=("encoding", "shape"),
    points={"encoding": 1, "shape": 1},
    read=CLOCK,
    survives=("an odd width", "one position"),
    hints=(
        "Positions as a column, `np.arange(length)[:, np.newaxis]`, dimensions as a row: then `get_angles` gives all angles at once.",
        "A slice with a step takes every other column: `angles[:, 0::2]` are the even ones, `angles[:, 1::2]` the odd ones.",
        "Make an array of zeros `(length, d_model)`, write the sines into its columns `0::2` and the cosines into "
        "`1::2`, and return it with one more axis in front.",
    ),
    misconceptions=POSITIONAL_ENCODING_MISTAKES,
    uses=("angles",),
    advice={
        r"together with shapes \(\d+,\) ": "The positions must be a column, (L, 1), to meet the row of dimensions: "
        "`np.arange(length)[:, np.newaxis]`.",
        r"could not be broadcast|could not broadcast": "Do the shapes fit? With an odd d_model there is one sine more than there are "
        "cosines. Of an array of zeros, columns 0::2 get the sines of angles[:, 0::2], columns 1::2 the cosines of "
        "angles[:, 1::2].",
        r"arrays must have the same shape|must match exactly|cannot reshape": "With an odd d_model there is one sine more "
        "than there are cosines, so pairs do not fill the row. Write into columns 0::2 and 1::2 of an array of zeros.",
        r"inhomogeneous": (
            "Return one array, in which sines and cosines take turns from column to column.",
            "not inside",
        ),
        r"returned None": "Is there a `return` at its end? An assignment such as encoding[:, 0::2] = … returns nothing.",
    },
    stale=("encoding", "angles", "position", "i", "pos_encoding", "sines", "cosines"),
)


# ---------------------------------------------------------------- find the bug: positions along the batch
def embed(
    ids: Array,
    table: Array,
    positions: Array,
    *,
    scale: Callable = lambda x, ids, table: math.sqrt(table.shape[1]),
    place: Callable = lambda positions, ids: positions[:, : ids.shape[1]],
    join: Callable = lambda x, scale, where: x * scale + where,
) -> Array:
    """Return the vectors of the words, scaled, plus the positions: (B, T, d_model)."""
    x = table[ids]
    return join(x, scale(x, ids, table), place(positions, ids))


def embed_by_loops(ids: Array, table: Array, positions: Array) -> Array:
    """Return the same, one number after the other."""
    (B, T), d = ids.shape, table.shape[1]
    found = np.zeros((B, T, d))
    for n, t, j in np.ndindex(B, T, d):
        found[n, t, j] = table[ids[n, t], j] * d**0.5 + positions[0, t, j]
    return found


def embed_inputs(rng: np.random.Generator) -> Cases:
    """Draw a batch, one with as many sentences as words, as many words as positions, and one word each."""

    def case(B: int, T: int, V: int, d: int, L: int) -> Inputs:
        return {
            "ids": sentences(rng, V, T, *[T] * B),
            "table": normal(rng, V, d),
            "positions": normal(rng, 1, L, d),
        }

    first, second, padded = case(2, 5, 9, 6, 11), case(3, 3, 7, 5, 8), case(2, 6, 8, 3, 6)
    padded["ids"][1, 4:] = 0
    return {
        "two sentences of five words": first,
        "as many sentences as words": second,
        "no position left over, and padding": padded,
        "one sentence": case(1, 2, 6, 5, 7),
    }


# fmt: off
FIND_THE_POSITIONS_MISTAKES = mistakes(embed, WHERE,
    ("still_along_the_batch", {"place": lambda positions, ids: positions[0, : len(ids)][:, None]},
     "Each sentence still gets one encoding for all of its words, another one than its neighbour. Positions belong to "
     "axis 1."),
    ("cut_to_the_batch", {"place": lambda positions, ids: positions[:, : len(ids)]},
     "The axis is right now, but the encodings are cut to the number of sentences. How many words does a sentence "
     "have?"),
    ("not_cut", {"place": as_it_is},
     "The encodings are not cut to the length of the sentence: positions has L rows, and the sentence has T words. Cut "
     "axis 1."),
    ("last_positions_taken", {"place": lambda positions, ids: positions[:, -ids.shape[1] :]},
     "The last encodings were taken. The first word stands at position 0."),
    ("counted_from_one",
     {"place": lambda positions, ids: np.pad(positions, [(0, 0), (0, 1), (0, 0)])[:, 1 : ids.shape[1] + 1]},
     "The first word got the encoding of position 1. Positions count from 0."),
    ("one_position_for_all",
     [{"place": lambda positions, ids: positions[:, :1]},
      {"place": lambda positions, ids: positions[:, ids.shape[1] - 1 : ids.shape[1]]},
      {"place": lambda positions, ids: positions.sum(axis=1)}],
     "All words got one and the same encoding. Each position has its own."),
    ("positions_reversed", {"place": lambda positions, ids: positions[:, : ids.shape[1]][:, ::-1]},
     "The encodings run from the end to the beginning. The first word stands at position 0."),
    ("counted_on", {"place": lambda positions, ids: positions[0][np.arange(ids.size).reshape(ids.shape) % positions.shape[1]]},
     "The positions go on from one sentence to the next. Every sentence begins at position 0."),
    ("first_sentence_only",
     {"place": lambda positions, ids: positions[:, : ids.shape[1]] * (np.arange(len(ids)) == 0)[:, None, None]},
     "Only the first sentence got its positions. Is `return` inside a loop? No loop is needed: the axis of length 1 serves "
     "all sentences."),
    ("side_by_side",
     {"join": lambda x, scale, where: np.concatenate([x * scale, np.broadcast_to(where, x.shape)], axis=-1)},
     "The positions stand behind the vectors of the words, which are twice as wide now. They are added."),
    ("positions_twice", {"join": lambda x, scale, where: x * scale + 2 * where},
     "The positions were added twice. Once is enough."),
    ("positions_subtracted", {"join": lambda x, scale, where: x * scale - where},
     "The positions were subtracted. They are added."),
    ("position_from_the_id",
     [{"place": lambda positions, ids: positions[0][np.minimum(ids, positions.shape[1] - 1)]},
      {"place": lambda positions, ids: positions[0][ids]}],
     "The encoding was looked up by the id of the word. It belongs to the place where the word stands."),
    ("words_left_out", {"join": lambda x, scale, where: 0 * x + where},
     "These are the positions alone. They are added to the vectors of the words."),
    ("positions_left_out", {"join": lambda x, scale, where: x * scale},
     "There are no positions any more: the bug is gone, and so is the order of the words."),
    ("positions_scaled", {"join": lambda x, scale, where: (x + where) * scale},
     "The encoding was multiplied by the root too. Only the vectors of the words are; then the positions are added."),
    ("not_scaled", {"scale": lambda *shapes: 1.0},
     "The positions are right, but the vectors of the words are no longer multiplied by the root of d_model."),
    ("another_scale",
     [{"scale": lambda x, ids, table: table.shape[1]}, {"scale": lambda x, ids, table: 1 / math.sqrt(table.shape[1])},
      {"scale": lambda x, ids, table: math.sqrt(ids.shape[1])}, {"scale": lambda x, ids, table: math.sqrt(len(table))},
      {"scale": lambda x, ids, table: table.shape[1] / 2}],
     "The positions are right, but the vectors of the words are multiplied by something else than the root of d_model, "
     "which is table.shape[1]."),
    ("padding_zeroed",
     [{"scale": lambda x, ids, table: math.sqrt(table.shape[1]) * (ids != 0)[..., None]},
      {"scale": lambda x, ids, table: math.sqrt(table.shape[1]) * (ids != 0)[..., None],
       "place": lambda positions, ids: positions[:, : ids.shape[1]] * (ids != 0)[..., None]}],
     "Where the id is 0 the vectors became 0. The id 0 has a row in the table like any other; hiding it is the mask's "
     "work."),
    ("multiplied_by_the_positions", {"join": lambda x, scale, where: x * scale * where},
     "The positions were multiplied in. They are added."),
)
# fmt: on
FIND_THE_POSITIONS = Check(
    name="find_the_positions",
    claim="adds_each_position_to_its_word",
    title="Find the bug: the second sentence sounds different",
    function="mended_embedding",
    inputs=embed_inputs,
    reference=embed,
    second_route=embed_by_loops,
    returns=("embedded",),
    points={"embedded": 2},
    read=WHERE,
    survives=("padding with no position left over", "one sentence"),
    hints=(
        "Write down the shapes: `x` is `(B, T, d_model)`. What is `len(x)`, and what is the shape of `where[:, np.newaxis, :]`?",
        "The encodings lie along the axis of the sentences. They belong along the axis of the words, the same for all sentences.",
        "`positions` is `(1, L, d_model)` already. Cut its axis 1 to `T`, and let the axis of length 1 broadcast over the batch.",
    ),
    misconceptions=FIND_THE_POSITIONS_MISTAKES,
    advice={
        r"shapes \(\d+,(\d+),(\d+)\) \((?:\1,1,\2|\1,\2,1)\)": "The encodings are cut rightly, but the new axis puts them along "
        "the sentences: `positions[:, :T]` is (1, T, d_model) already.",
        r"shapes \(\d+,(\d+),\d+\) \(1,(\d+),\d+\)": (
            "\\2 encodings were taken for \\1 words. They are positions 0 to T - 1: `positions[:, :T]`.",
            "greater \\1 \\2",
        ),
        r"shapes \(\d+,(\d+),(\d+)\) \((?:1,)?(?!\1,)(\d+),\2\)": "\\3 encodings meet sentences of \\1 words. The "
        "encodings must be cut to as many as there are words in a sentence, along axis 1: (1, T, d_model).",
        r"could not be broadcast": "What is added to x (B, T, d_model) must be (1, T, d_model): `positions[:, :T]`.",
        r"out of bounds for axis \d with size (?!1\b)": [
            (
                "Are the encodings looked up by the ids of the words? They belong to the places: the first T of them, "
                "along axis 1.",
                r"code positions|where",
            ),
            ("The ids choose rows of the table: `table[ids]`.", r"code table\["),
        ],
        r"index \d+ is out of bounds": "positions is (1, L, d_model): its axis 0 has one entry.",
    },
    stale=("x", "where", "embedded"),
)


# ---------------------------------------------------------------- layer norm
def norm(
    x: Array,
    gamma: Array,
    beta: Array,
    epsilon: float = 1e-6,
    *,
    axis: int | tuple[int, ...] | None = -1,
    centre: Callable = lambda x, mean: x - mean,
    spread: Callable = lambda x, mean, count: (x - mean) ** 2,
    divide: Callable = lambda x, variance, epsilon: x / np.sqrt(variance + epsilon),
    ddof: int = 0,
    affine: Callable = lambda x, gamma, beta: gamma * x + beta,
) -> Array:
    """Return the layer norm of x (…, d_model)."""
    mean = x.mean(axis=axis, keepdims=True)
    deviations = spread(x, mean, x.shape[-1])
    variance = deviations.mean(axis=axis, keepdims=True)
    count = deviations.size // variance.size
    variance = variance * count / (count - ddof) if count > ddof else np.nan * variance
    return affine(divide(centre(x, mean), variance, epsilon), gamma, beta)


def mean_over_deviation(x: Array, epsilon: float) -> Array:
    """Return the mean of each position divided by its standard deviation."""
    return x.mean(axis=-1, keepdims=True) / np.sqrt(x.var(axis=-1, keepdims=True) + epsilon)


def smallest_to_largest(x: Array, gamma: Array, beta: Array, epsilon: float) -> Array:
    """Return numbers from 0 to 1, times gamma, plus beta."""
    smallest, largest = x.min(axis=-1, keepdims=True), x.max(axis=-1, keepdims=True)
    return gamma * (x - smallest) / (largest - smallest + epsilon) + beta


def norm_by_loops(x: Array, gamma: Array, beta: Array, epsilon: float) -> Array:
    """Return the same, one vector after the other: the variance as mean of squares less square of the mean."""
    found = np.zeros(x.shape)
    for where in np.ndindex(*x.shape[:-1]):
        row, d = x[where].tolist(), x.shape[-1]
        mean = math.fsum(row) / d
        variance = max(0.0, math.fsum(v * v for v in row) / d - mean * mean)
        found[where] = [
            g * (v - mean) / (variance + epsilon) ** 0.5 + b for v, g, b in zip(row, gamma, beta, strict=True)
        ]
    return found


def range_for_the_deviation(x: Array, gamma: Array, beta: Array, epsilon: float) -> Array:
    """Return x less its mean, divided by its range."""
    spread = x.max(axis=-1, keepdims=True) - x.min(axis=-1, keepdims=True)
    return gamma * (x - x.mean(axis=-1, keepdims=True)) / (spread + epsilon) + beta


def norm_inputs(rng: np.random.Generator) -> Cases:
    """Draw a batch, one with a large epsilon, one with a row of equal numbers, and a single vector."""

    def case(*shape: int, epsilon: float = 1e-6) -> Inputs:
        d = shape[-1]
        x = normal(rng, *shape, scale=1.3, mean=0.8)
        return {"x": x, "gamma": normal(rng, d), "beta": normal(rng, d), "epsilon": epsilon}

    equal = case(3, 6)
    equal["x"][1] = 0.5
    return {
        "two sentences": case(2, 3, 5),
        "a large epsilon": case(3, 7, epsilon=0.3),
        "a row of equal numbers": equal,
        "one vector": case(7),
    }


# fmt: off
LAYER_NORM_MISTAKES = mistakes(norm, RANGE,
    ("over_the_positions", ways_of("axis", -2, 1),
     "Each number is normalised over the positions of the sentence. Every position is normalised by itself: the last "
     "axis."),
    ("over_the_batch", {"axis": 0},
     "The mean was taken over axis 0, the sentences of the batch. That is batch norm; here each position is by itself, "
     "axis -1."),
    ("over_all_but_the_last", lambda x, gamma, beta, epsilon: norm(x, gamma, beta, epsilon, axis=tuple(range(x.ndim - 1))),
     "Each of the d_model numbers was normalised over all positions of all sentences. That is batch norm; here each "
     "position is by itself, axis -1."),
    ("mean_of_everything", {"centre": lambda x, mean: x - x.mean()},
     "The mean that was subtracted is that of the whole array. Each position has its own: axis=-1, with keepdims=True."),
    ("variance_of_everything",
     [{"divide": lambda x, variance, epsilon: x / np.sqrt(np.mean(x**2) + epsilon)},
      lambda x, gamma, beta, epsilon: gamma * (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var() + epsilon) + beta],
     "One variance was taken of the whole array. Each position has its own: axis=-1, with keepdims=True."),
    ("over_everything", {"axis": None},
     "One mean and one variance were taken of the whole array. Each position has its own: axis=-1, with "
     "keepdims=True."),
    ("over_the_whole_sentence", {"axis": (-2, -1)},
     "One mean and one variance for a whole sentence. Each position has its own: axis=-1 alone."),
    ("divided_by_one_less", {"ddof": 1},
     "The variance was divided by d_model - 1. Layer norm divides by d_model: no ddof."),
    ("epsilon_outside_the_root", {"divide": lambda x, variance, epsilon: x / (np.sqrt(variance) + epsilon)},
     "epsilon was added to the root. It is added to the variance, and then the root is taken."),
    ("epsilon_left_out", {"divide": lambda x, variance, epsilon: x / np.sqrt(variance)},
     "epsilon is missing: a row of equal numbers has variance 0, and 0 / 0 is NaN."),
    ("epsilon_fixed",
     [{"divide": lambda x, variance, epsilon: x / np.sqrt(variance + 1e-6)},
      {"divide": lambda x, variance, epsilon: x / np.sqrt(variance + 1e-3)}],
     "epsilon is a fixed number here. It is an argument, and may be given another value."),
    ("root_twice", {"divide": lambda x, variance, epsilon: x / np.sqrt(np.sqrt(variance) + epsilon)},
     "The root was taken twice: np.std is the root of the variance already. Divide by np.sqrt(variance + epsilon)."),
    ("epsilon_multiplied", {"divide": lambda x, variance, epsilon: x / np.sqrt(variance * epsilon)},
     "The variance was multiplied by epsilon. epsilon is added to it."),
    ("deviations_cancel", {"spread": lambda x, mean, count: x - mean},
     "The deviations were averaged without being squared: they cancel out, and epsilon alone is left under the root."),
    ("square_of_the_mean_missing", {"spread": lambda x, mean, count: x**2 - mean},
     "The mean itself was subtracted from the mean of the squares. The variance is the mean of the squares less the "
     "*square* of the mean."),
    ("softmax_taken", {"centre": lambda x, mean: x - mean, "divide": lambda x, variance, epsilon: softmax(x)},
     "This is a softmax. Subtract the mean, and divide by the standard deviation."),
    ("no_root", {"divide": lambda x, variance, epsilon: x / (variance + epsilon)},
     "Divided by the variance. Divide by its root, the standard deviation."),
    ("multiplied", {"divide": lambda x, variance, epsilon: x * np.sqrt(variance + epsilon)},
     "Multiplied by the standard deviation. Divide by it."),
    ("not_divided", {"divide": lambda x, variance, epsilon: x},
     "The mean is 0 now, but the numbers were not divided by their standard deviation."),
    ("mean_left_in", {"centre": lambda x, mean: x}, "The mean was not subtracted from x."),
    ("variance_about_zero", {"spread": lambda x, mean, count: x**2},
     "The variance is that of x as it was, the mean of its squares. Square the deviations from the mean."),
    ("root_mean_square", {"spread": lambda x, mean, count: x**2, "centre": lambda x, mean: x},
     "The mean was never subtracted: this divides by the root of the mean square. Some later models do just that "
     "(RMSNorm); here the mean is subtracted first."),
    ("sum_for_mean",
     [{"spread": lambda x, mean, count: count * (x - mean) ** 2},
      {"spread": lambda x, mean, count: count * (x - mean) ** 2,
       "divide": lambda x, variance, epsilon: x / (np.sqrt(variance) + epsilon)}],
     "The squared deviations were added up and not divided by d_model (np.linalg.norm does so, too). The variance is their "
     "mean."),
    ("divided_by_the_length",
     [{"spread": lambda x, mean, count: count * x**2, "centre": lambda x, mean: x},
      {"spread": lambda x, mean, count: count * x**2, "centre": lambda x, mean: x,
       "divide": lambda x, variance, epsilon: x / (np.sqrt(variance) + epsilon)}],
     "Each vector was divided by its length. Subtract the mean first, then divide by the standard deviation."),
    ("sum_subtracted",
     [{"centre": lambda x, mean: x - x.shape[-1] * mean, "spread": lambda x, mean, count: (x - count * mean) ** 2},
      {"centre": lambda x, mean: x - x.shape[-1] * mean}],
     "The sum of a position's numbers was subtracted. Subtract their mean."),
    ("deviations_not_squared",
     {"spread": lambda x, mean, count: np.abs(x - mean),
      "divide": lambda x, variance, epsilon: x / (variance + epsilon)},
     "Divided by the mean of the absolute deviations. The standard deviation is the root of the mean of their "
     "squares."),
    ("epsilon_twice", {"divide": lambda x, variance, epsilon: x / (np.sqrt(variance + epsilon) + epsilon)},
     "epsilon was added twice: to the variance, and to the root once more. Only the variance needs it."),
    ("brackets_missing",
     [lambda x, gamma, beta, epsilon: gamma * x + beta - mean_over_deviation(x, epsilon),
      lambda x, gamma, beta, epsilon: gamma * (x - mean_over_deviation(x, epsilon)) + beta],
     "`/` and `*` come before `-`: only the mean was divided by the standard deviation. Put x - mean in brackets."),
    ("mean_added", {"centre": lambda x, mean: x + mean}, "The mean was added. Subtract it."),
    ("difference_turned", {"centre": lambda x, mean: mean - x},
     "x was subtracted from the mean, so all signs are turned. Subtract the mean from x."),
    ("median_for_the_mean", {"centre": lambda x, mean: x - np.median(x, axis=-1, keepdims=True)},
     "The median was subtracted. Subtract the mean."),
    ("range_for_the_deviation", [range_for_the_deviation, smallest_to_largest],
     "Divided by the largest number less the smallest. Divide by the standard deviation."),
    ("gamma_added", {"affine": lambda x, gamma, beta: gamma + x + beta},
     "gamma was added. It is a factor: multiply by gamma, then add beta."),
    ("beta_subtracted", {"affine": lambda x, gamma, beta: gamma * x - beta}, "beta was subtracted. Add it."),
    (standard.INPUT_RETURNED(it="x"), lambda x, gamma, beta, epsilon: x),
    (standard.ZEROS_RETURNED, {"affine": lambda x, gamma, beta: 0 * x}),
    ("no_gamma_no_beta", {"affine": lambda x, gamma, beta: x},
     "gamma and beta are missing: multiply by gamma, then add beta."),
    ("no_gamma", {"affine": lambda x, gamma, beta: x + beta}, "The factor gamma is missing."),
    ("no_beta", {"affine": lambda x, gamma, beta: gamma * x}, "The offset beta is missing."),
    ("gamma_and_beta_exchanged", {"affine": lambda x, gamma, beta: beta * x + gamma},
     "gamma and beta have changed places: gamma is the factor, beta is added."),
    ("beta_in_the_divisor",
     lambda x, gamma, beta, epsilon: gamma * (x - x.mean(axis=-1, keepdims=True))
     / (np.sqrt(x.var(axis=-1, keepdims=True) + epsilon) + beta),
     "beta stands inside the brackets of the divisor. It is added at the end."),
    ("gamma_and_beta_first", lambda x, gamma, beta, epsilon: norm(gamma * x + beta, np.ones(1), np.zeros(1), epsilon),
     "gamma and beta came before the norm, which takes them out again. Normalise x first, then multiply and add."),
    ("beta_multiplied_too", {"affine": lambda x, gamma, beta: gamma * (x + beta)},
     "beta was added before the product with gamma. Multiply first, then add beta."),
)
# fmt: on
LAYER_NORM = Check(
    name="layer_norm",
    claim="normalises_each_position",
    title="Layer normalisation",
    function="layer_norm",
    inputs=norm_inputs,
    reference=norm,
    second_route=norm_by_loops,
    returns=("normalised",),
    points={"normalised": 3},
    read=RANGE,
    survives=("a large epsilon", "a row of equal numbers", "one vector"),
    hints=(
        "mean and variance are taken over the last axis only. With `keepdims=True` they stay beside their own row.",
        "The variance is the mean of `(x - mean)` squared. `epsilon` joins it before the root is taken.",
        "`gamma * (x - mean) / np.sqrt(variance + epsilon) + beta`.",
    ),
    misconceptions=LAYER_NORM_MISTAKES,
    forbidden=(
        "layers.LayerNormalization",
        "nn.layer_norm",
        "functional.layer_norm",
        "ops.layer_normalization",
        "nn.LayerNorm",
    ),
    advice={
        r"for array of dimension 0": "x may be a single vector: a loop over its first axis hands on single numbers. Compute with "
        "all of x at once, axis=-1.",
        r"setting an array element|'\w*\.?float\w*' object|too many indices|not enough values to unpack": "x may have any number of "
        "axes in front, or none: compute with all of x at once, axis=-1, without a loop.",
        r"could not be broadcast": (
            "gamma holds a factor for each of the d_model numbers: multiply by `*`, not by `@`.",
            r"code @ ?gamma|gamma ?@|dot\(",
        ),
        r"shapes \((\d+(?:,\d+)*),\d+\) \(\1,?\)|AxisError": "Take mean and variance with axis=-1 and keepdims=True: then they are "
        "(…, 1) and stand beside their row, whatever axes come before.",
    },
    stale=("mean", "variance", "std", "var", "normalised"),
)


# ---------------------------------------------------------------- feed-forward
def gelu(x: Array) -> Array:
    """Return x times the chance that a standard normal number is below it."""
    return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def leaky(x: Array, slope: float) -> Array:
    """Return x, and a part of it where it is negative."""
    return np.maximum(x, slope * x)


def network(
    x: Array,
    W_1: Array,
    b_1: Array,
    W_2: Array,
    b_2: Array,
    *,
    given: Callable = lambda *parameters: parameters,
    before: Callable = as_it_is,
    inner: Callable = lambda x, W, b: relu(x @ W + b),
    outer: Callable = lambda hidden, W, b: hidden @ W + b,
    after: Callable = as_it_is,
) -> Array:
    """Return max(0, x W_1 + b_1) W_2 + b_2."""
    W_1, b_1, W_2, b_2 = given(W_1, b_1, W_2, b_2)
    return after(outer(inner(before(x), W_1, b_1), W_2, b_2), x)


def network_by_neurons(x: Array, W_1: Array, b_1: Array, W_2: Array, b_2: Array) -> Array:
    """Return the same as a sum over the d_ff hidden numbers, each with its column of W_1 and its row of W_2."""
    found = np.zeros((*x.shape[:-1], len(b_2))) + b_2
    for j in range(len(b_1)):
        hidden = np.einsum("btd,d->bt", x, W_1[:, j]) + b_1[j]
        found += np.where(hidden > 0, hidden, 0)[..., None] * W_2[j]
    return found


def network_inputs(rng: np.random.Generator) -> Cases:
    """Draw a batch, one whose matrices are square, and one position."""

    def case(B: int, T: int, d: int, dff: int) -> Inputs:
        return {
            "x": normal(rng, B, T, d),
            "W_1": normal(rng, d, dff),
            "b_1": normal(rng, dff),
            "W_2": normal(rng, dff, d),
            "b_2": normal(rng, d),
        }

    return {
        "two sentences": case(2, 5, 3, 7),
        "d_ff as large as d_model": case(2, 6, 3, 3),
        "one position": case(1, 1, 5, 2),
    }


def activated_by(activation: Callable) -> dict:
    """Return the step that takes another function than ReLU."""
    return {"inner": lambda x, W, b: activation(x @ W + b)}


# fmt: off
FEED_FORWARD_MISTAKES = mistakes(network, THINK,
    ("relu_missing", activated_by(as_it_is),
     "There is no ReLU. Without it two products are one: x (W_1 W_2) and a bias, and d_ff is of no use."),
    ("relu_twice", {"after": lambda y, x: relu(y)},
     "The output has a ReLU too, so it cannot be negative. Only the hidden numbers have one."),
    ("relu_at_the_end", {**activated_by(as_it_is), "after": lambda y, x: relu(y)},
     "The ReLU stands at the end. It belongs between the two products."),
    ("relu_of_the_input", {"before": relu, **activated_by(as_it_is)},
     "The ReLU was taken of x. It belongs behind the first product and its bias."),
    ("relu_before_the_bias", {"inner": lambda x, W, b: relu(x @ W) + b},
     "The ReLU comes before b_1 is added. It comes after."),
    ("minimum", activated_by(lambda hidden: np.minimum(hidden, 0)),
     "The positive numbers were set to 0. ReLU keeps those: the *larger* one of 0 and the number."),
    ("sign_lost", activated_by(np.abs), "Negative numbers lost their sign. ReLU sets them to 0."),
    ("largest_over_the_batch", activated_by(lambda hidden: hidden.max(axis=0)),
     "np.max(hidden, 0) takes the largest number along axis 0. np.maximum compares entry by entry with 0."),
    ("true_for_the_number", activated_by(lambda hidden: (hidden > 0) * 1.0),
     "The hidden numbers became 1 or 0: a comparison tells *which* are positive. ReLU keeps their values."),
    ("another_function",
     [activated_by(np.tanh), activated_by(lambda hidden: 1 / (1 + np.exp(-hidden))), activated_by(gelu),
      *(activated_by(partial(leaky, slope=slope)) for slope in (0.01, 0.1, 0.2, 0.3)),
      activated_by(lambda hidden: np.log1p(np.exp(hidden))), activated_by(lambda hidden: hidden / (1 + np.exp(-hidden))),
      activated_by(lambda hidden: np.where(hidden > 0, hidden, np.expm1(hidden))), activated_by(softmax),
      activated_by(lambda hidden: np.maximum(hidden, 1)), activated_by(lambda hidden: relu(hidden) ** 2)],
     "The function between the products is another one than ReLU."),
    ("first_bias_forgotten", {"given": lambda W_1, b_1, W_2, b_2: (W_1, 0 * b_1, W_2, b_2)}, "b_1 is missing."),
    ("first_bias_twice", {"inner": lambda x, W, b: relu(x @ W + b) + b},
     "b_1 was added twice, before the ReLU and after it. Once is enough: before."),
    (standard.INPUT_RETURNED(it="x"), {"after": lambda y, x: x}),
    (standard.ZEROS_RETURNED, {"after": lambda y, x: 0 * y}),
    ("second_bias_forgotten", {"given": lambda W_1, b_1, W_2, b_2: (W_1, b_1, W_2, 0 * b_2)}, "b_2 is missing."),
    ("both_biases_forgotten", {"given": lambda W_1, b_1, W_2, b_2: (W_1, 0 * b_1, W_2, 0 * b_2)},
     "Both biases are missing."),
    ("relu_of_the_matrix", {"inner": lambda x, W, b: x @ relu(W) + b},
     "The ReLU was taken of W_1. It is taken of the hidden numbers, x @ W_1 + b_1."),
    (standard.BIAS_SUBTRACTED(formula=": x @ W + b"),
     [{"given": lambda W_1, b_1, W_2, b_2: (W_1, -b_1, W_2, b_2)}, {"given": lambda W_1, b_1, W_2, b_2: (W_1, b_1, W_2, -b_2)},
      {"given": lambda W_1, b_1, W_2, b_2: (W_1, -b_1, W_2, -b_2)}]),
    ("normalised",
     [{"after": lambda y, x: norm(y, np.ones(1), np.zeros(1))},
      {"after": lambda y, x: norm(y + x, np.ones(1), np.zeros(1))}],
     "The result was normalised, which comes later, in add_and_norm.", ADD),
    ("one_sentence_only",
     [{"after": lambda y, x: one_kept(y, 0)}, {"after": lambda y, x: one_kept(y, len(y) - 1)}],
     "Only one sentence was computed, and the others are still 0. Is `return` inside a loop? No loop is needed: the products "
     "take all positions of all sentences at once."),
    ("positions_averaged", {"before": lambda x: x.mean(axis=1)},
     "The positions were averaged first, so that there is one vector a sentence. The network works on each position by "
     "itself: the products leave all axes but the last alone."),
    ("hidden_returned", {"outer": lambda hidden, W, b: hidden},
     "These are the d_ff hidden numbers. A second product brings them back to d_model."),
    ("residual_added", {"after": lambda y, x: y + x},
     "x was added to the result. The residual connection comes later, in add_and_norm.", ADD),
    ("matrices_exchanged", {"given": lambda W_1, b_1, W_2, b_2: (W_2, b_1, W_1, b_2)},
     "W_1 and W_2 have changed places, which only runs when d_ff is as large as d_model."),
    ("matrices_transposed", {"given": lambda W_1, b_1, W_2, b_2: (W_1.T, b_1, W_2.T, b_2)},
     "The matrices are transposed, which only runs when they are square. W_1 is (d_model, d_ff) as it comes: `x @ "
     "W_1`."),
)
# fmt: on
FEED_FORWARD = Check(
    name="feed_forward",
    claim="works_on_each_position_alone",
    title="Feed-forward network",
    function="position_wise_feed_forward",
    inputs=network_inputs,
    reference=network,
    second_route=network_by_neurons,
    returns=("output",),
    points={"output": 2},
    read=THINK,
    survives=("one position",),
    hints=(
        "A product with a matrix works on the last axis of `x`, so all positions are treated alike and apart.",
        "ReLU is `np.maximum(0, …)`, with two arguments. It stands between the two products, behind the first bias.",
        "`np.maximum(0, x @ W_1 + b_1) @ W_2 + b_2`.",
    ),
    misconceptions=FEED_FORWARD_MISTAKES,
    advice={
        r"could not be broadcast together with shapes \(\d+,\d+,(\d+)\) \((\d+),\)": [
            (
                "`@` goes before `+`, so `b_1 @ W_2` is computed first. Put parentheses around the sum, whose ReLU is taken.",
                r"code \+\s*b_1\s*@",
            ),
            (
                "\\1 numbers and a bias of \\2 do not fit: b_1 (d_ff,) is added to x @ W_1, b_2 (d_model,) to the second product.",
                r"code \bb_[12]\b",
            ),
        ],
        r"could not be broadcast": (
            "`*` multiplies entry by entry. A matrix product is written `@`: x @ W_1.",
            r"code \*\s*W_[12]|W_[12]\s*\*",
        ),
        r"size (\d+) is different from (\d+)|not aligned": "A product does not fit: x @ W_1 is (B, T, d_ff), and that times W_2 is "
        "(B, T, d_model).",
        r"truth value of an array": "`max` of Python takes one number. np.maximum(0, array) works entry by entry.",
        r"cannot be interpreted as an integer|only integer scalar arrays|only (0-dimensional|length-1|size-1) arrays|out of bounds for array": "If it is np.max: that finds the largest entry. np.maximum compares entry by entry.",
    },
    stale=("hidden", "output"),
)


# ---------------------------------------------------------------- add and norm
def add_norm(
    x: Array,
    sublayer_output: Array,
    gamma: Array,
    beta: Array,
    *,
    total: Callable = lambda x, s: x + s,
    given: Callable = lambda gamma, beta: (gamma, beta),
    axis: int | tuple[int, ...] | None = -1,
    epsilon: float = 1e-6,
    join: Callable = lambda x, s, y, N: N(y),
) -> Array:
    """Return the layer norm of x + sublayer_output."""
    gamma, beta = given(gamma, beta)
    y = total(x, sublayer_output)
    return join(x, sublayer_output, y, lambda y: norm(y, gamma, beta, epsilon, axis=axis))


def put_side_by_side(x: Array, sublayer_output: Array, gamma: Array, beta: Array) -> Array:
    """Return the layer norm of both side by side."""
    return norm(np.concatenate([x, sublayer_output], axis=-1), np.tile(gamma, 2), np.tile(beta, 2))


def add_norm_by_loops(x: Array, sublayer_output: Array, gamma: Array, beta: Array) -> Array:
    """Return the same, one vector after the other."""
    return norm_by_loops(np.stack([x, sublayer_output]).sum(axis=0), gamma, beta, 1e-6)


def add_norm_inputs(rng: np.random.Generator) -> Cases:
    """Draw three batches; one position of the first hardly varies, so that epsilon counts there."""

    def case(*shape: int) -> Inputs:
        arrays = {"x": normal(rng, *shape, mean=0.3), "sublayer_output": normal(rng, *shape, scale=0.8)}
        if len(arrays["x"]) * shape[1] == 6:
            for array in arrays.values():
                array[0, 0] = small(rng, shape[-1], scale=0.002)
        return arrays | {"gamma": normal(rng, shape[-1]), "beta": normal(rng, shape[-1])}

    return {"two sentences": case(2, 3, 5), "one position": case(1, 1, 7), "as many words as numbers": case(1, 3, 3)}


# fmt: off
ADD_AND_NORM_MISTAKES = mistakes(add_norm, ADD,
    ("residual_missing", {"total": lambda x, s: s},
     "x is not in the result: only the sublayer's output was normalised. The residual connection adds x first."),
    ("sublayer_missing", {"total": lambda x, s: x},
     "Only x was normalised. The sublayer's output has to be added first."),
    ("norm_before_the_sum", {"join": lambda x, s, y, N: x + N(s)},
     "Only the sublayer's output was normalised, and x added afterwards. Here the *sum* is normalised."),
    ("input_normalised", {"join": lambda x, s, y, N: N(x) + s},
     "x was normalised before the sum. Post-norm normalises the sum."),
    ("each_normalised", {"join": lambda x, s, y, N: N(x) + N(s)},
     "Both were normalised and then added. Add first, then normalise once."),
    ("not_normalised", {"join": lambda x, s, y, N: y}, "The sum is right, but it was not normalised."),
    ("added_again", [{"join": lambda x, s, y, N: x + N(y)}, {"join": lambda x, s, y, N: s + N(y)}],
     "Something was added once more behind the norm."),
    ("added_twice", [{"total": lambda x, s: 2 * x + s}, {"total": lambda x, s: x + 2 * s}],
     "One of the two was added twice."),
    ("difference", [{"total": lambda x, s: x - s}, {"total": lambda x, s: s - x}],
     "One of the two was subtracted from the other. They are added."),
    ("side_by_side", put_side_by_side,
     "x and the sublayer's output were put side by side, so the result is twice as wide. They are added, number by "
     "number: `+`."),
    ("product", {"total": lambda x, s: x * s}, "x and the sublayer's output were multiplied. They are added."),
    ("normalised_twice", {"join": lambda x, s, y, N: N(N(x) + s)},
     "x was normalised before the sum as well. One norm, of the sum."),
    ("sum_normalised_twice", {"join": lambda x, s, y, N: N(N(y))}, "The sum was normalised twice. Once is enough."),
    ("gamma_and_beta_exchanged", {"given": lambda gamma, beta: (beta, gamma)},
     "gamma and beta have changed places.", RANGE),
    ("gamma_and_beta_not_handed_on", {"given": lambda gamma, beta: (1, 0)},
     "gamma and beta are missing: hand them on to layer_norm.", RANGE),
    ("gamma_not_handed_on", {"given": lambda gamma, beta: (1, beta)}, "gamma is missing.", RANGE),
    ("beta_not_handed_on", {"given": lambda gamma, beta: (gamma, 0)}, "beta is missing.", RANGE),
    ("gamma_and_beta_twice",
     [lambda x, sublayer_output, gamma, beta: gamma * add_norm(x, sublayer_output, gamma, beta) + beta,
      lambda x, sublayer_output, gamma, beta: gamma * add_norm(x, sublayer_output, gamma, beta),
      lambda x, sublayer_output, gamma, beta: add_norm(x, sublayer_output, gamma, beta) + beta],
     "gamma or beta came in twice. layer_norm has multiplied by gamma and added beta already.", RANGE),
    ("arguments_of_the_norm",
     [lambda x, sublayer_output, gamma, beta: norm(x, sublayer_output, gamma, beta),
      lambda x, sublayer_output, gamma, beta: norm(gamma, beta, x + sublayer_output)],
     "layer_norm got its arguments in another order. It takes the sum first, then gamma, then beta.", RANGE),
    ("another_epsilon",
     [*ways_of("epsilon", 0.0, 1e-3, 1e-5), {"join": lambda x, s, y, N: N(y / 2)}, {"join": lambda x, s, y, N: N(2 * y)}],
     "Where the sum hardly varies the result is another. There epsilon counts: leave it to layer_norm, and do not "
     "multiply or halve the sum.", RANGE),
    ("over_the_positions", {"axis": -2},
     "The sum was normalised over the positions. Is your layer_norm right? It works on the last axis.", RANGE),
    ("over_everything", [{"axis": None}, {"axis": (-2, -1)}],
     "The sum was normalised over more than one position. Is your layer_norm right? It works on the last axis.", RANGE),
)
# fmt: on
ADD_AND_NORM = Check(
    name="add_and_norm",
    claim="normalises_the_sum",
    title="Add and norm",
    function="add_and_norm",
    inputs=add_norm_inputs,
    reference=add_norm,
    second_route=add_norm_by_loops,
    returns=("output",),
    points={"output": 1},
    read=ADD,
    survives=("one position",),
    hints=("The name says the order: first add, then norm.", "`layer_norm(x + sublayer_output, gamma, beta)`."),
    misconceptions=ADD_AND_NORM_MISTAKES,
    advice={
        r"'numpy\.ndarray' object is not callable": (
            "sublayer_output is an array, what the sublayer gave: it is added and not called.",
            r"code sublayer_output\(",
        ),
    },
    uses=("layer_norm",),
    stale=("output", "mean", "variance"),
)


# ---------------------------------------------------------------- count
def count(
    vocab_size: int,
    num_layers: int,
    dff: int,
    d_model: int,
    num_heads: int,
    *,
    attention: Callable = lambda d, H: 4 * (d * d + d),
    feed_forward: Callable = lambda d, f: 2 * d * f + f + d,
    norms: tuple[int, int] = (2, 3),
    norm_size: int = 2,
    attentions: tuple[int, int] = (1, 2),
    networks: tuple[int, int] = (1, 1),
    embeddings: int = 2,
    output: Callable = lambda d, V: d * V + V,
    number: Callable = lambda layers: (layers, layers),
    once: tuple[str, ...] = ("tables", "output"),
    width: Callable = lambda f, d: f,
) -> Array:
    """Return the number of parameters, in an array of one entry; `once` says what is not counted for every layer."""
    d, V = d_model, vocab_size
    layers = [
        times * (a * attention(d, num_heads) + f * feed_forward(d, width(dff, d)) + n * norm_size * d)
        for times, a, f, n in zip(number(num_layers), attentions, networks, norms, strict=True)
    ]
    besides = {"tables": embeddings * V * d, "output": output(d, V)}
    return np.array([sum(layers) + sum(size * (1 if what in once else num_layers) for what, size in besides.items())])


def count_by_shapes(vocab_size: int, num_layers: int, dff: int, d_model: int, num_heads: int) -> Array:
    """Return the same from a list of the shapes of all arrays."""
    d, f, V = d_model, dff, vocab_size
    heads = [(d, num_heads, d // num_heads), (num_heads, d // num_heads)] * 3 + [(num_heads, d // num_heads, d), (d,)]
    network_shapes, norm_shapes = [(d, f), (f,), (f, d), (d,)], [(d,), (d,)]
    encoder_layer = heads + network_shapes + 2 * norm_shapes
    decoder_layer = 2 * heads + network_shapes + 3 * norm_shapes
    shapes = [(V, d), (V, d), (d, V), (V,)] + num_layers * (encoder_layer + decoder_layer)
    return np.array([sum(math.prod(shape) for shape in shapes)])


def count_inputs(rng: np.random.Generator) -> Cases:
    """Draw three sets of sizes."""

    def case(H: int, d_k: int, layers: int) -> Inputs:
        sizes = {"vocab_size": int(rng.integers(30, 90)), "num_layers": layers, "dff": int(rng.integers(41, 60))}
        return sizes | {"d_model": H * d_k, "num_heads": H}

    return {"two layers": case(3, 5, 2), "five layers": case(2, 9, 5), "one layer, one head": case(1, 7, 1)}


# fmt: off
COUNT_PARAMETERS_MISTAKES = mistakes(count, COUNT,
    ("one_table_of_words", {"embeddings": 1},
     "d_model * V numbers are missing: one of the two tables of word vectors (encoder and decoder each have their own), or "
     "the matrix at the end, which leads to the V words."),
    ("no_table_of_words", {"embeddings": 0},
     "2 * d_model * V numbers are missing: the two tables of word vectors, or one of them and the matrix at the end."),
    ("no_output_layer", {"output": lambda d, V: 0},
     "d_model * V + V numbers are missing: the matrix to the V words at the end with its bias (or one table and that "
     "bias)."),
    ("output_bias_forgotten", {"output": lambda d, V: d * V}, "The bias of the last matrix is missing: V numbers."),
    ("biases_of_one_matrix",
     [{"attention": lambda d, H: 4 * d * d + d}, {"attention": lambda d, H: 4 * (d * d + d // H)},
      {"attention": lambda d, H: 4 * d * d + 3 * d}],
     "Too few biases in the attentions: each of the four matrices has d_model of them, 4 * (d_model * d_model + d_model)."),
    ("attention_biases_forgotten", {"attention": lambda d, H: 4 * d * d},
     "The biases of the attentions are missing: four of d_model numbers in each."),
    ("network_biases_forgotten", {"feed_forward": lambda d, f: 2 * d * f},
     "The biases of the feed-forward networks are missing: d_ff and d_model numbers."),
    ("network_biases_of_one_size",
     [{"feed_forward": lambda d, f: 2 * d * f + 2 * f}, {"feed_forward": lambda d, f: 2 * d * f + 2 * d}],
     "The two biases of a feed-forward network were counted alike. A bias has as many numbers as come out of its "
     "matrix."),
    ("last_bias_of_another_size", {"output": lambda d, V: d * V + d},
     "The last bias was counted with d_model numbers. It has one for each of the V words."),
    ("tables_with_a_bias", {"output": lambda d, V: d * V + V + 2 * d},
     "2 d_model numbers too many: a table of words has no bias, and in this order no norm stands behind the last "
     "layer."),
    ("first_network_bias_forgotten", {"feed_forward": lambda d, f: 2 * d * f + d},
     "The first bias of each feed-forward network is missing: d_ff numbers."),
    ("all_biases_forgotten",
     {"attention": lambda d, H: 4 * d * d, "feed_forward": lambda d, f: 2 * d * f, "output": lambda d, V: d * V},
     "All biases are missing."),
    ("output_projection_forgotten", {"attention": lambda d, H: 3 * (d * d + d)},
     "Each attention was counted with three matrices. The fourth mixes the heads: W_o."),
    ("multiplied_by_the_heads",
     [{"attention": lambda d, H: 4 * H * (d * d + d)}, {"attention": lambda d, H: (3 * H + 1) * (d * d + d)}],
     "The matrices were counted once for each head. The heads *share out* the d_model columns: their number changes "
     "nothing."),
    ("one_head_counted",
     [{"attention": lambda d, H: 4 * (d * (d // H) + d // H)},
      {"attention": lambda d, H: 3 * (d * (d // H) + d // H) + d * d + d}],
     "Only one head was counted. All heads together have matrices (d_model, d_model)."),
    ("norms_forgotten", {"norm_size": 0}, "The layer norms are missing: gamma and beta are learned."),
    ("gamma_only", {"norm_size": 1}, "A layer norm has gamma *and* beta, d_model numbers each."),
    ("wrong_number_of_norms", [{"norms": (2, 2)}, {"norms": (3, 3)}, {"norms": (1, 1)}, {"norms": (1, 2)}],
     "Too many or too few numbers of the size d_model in the layers. A norm stands behind each sublayer, so two in the "
     "encoder, three in the decoder. And has each network its second bias?"),
    ("one_attention_in_the_decoder", [{"attentions": (1, 1)}, {"attentions": (1, 1), "norms": (2, 2)}],
     "A decoder layer was counted like an encoder layer. It has two attentions, and three norms."),
    ("two_attentions_in_the_encoder", [{"attentions": (2, 2)}, {"attentions": (2, 2), "norms": (3, 3)}],
     "An encoder layer was counted like a decoder layer. It has one attention, and two norms."),
    ("no_network_in_the_decoder", {"networks": (1, 0)},
     "One feed-forward network was counted for an encoder and a decoder layer together. Each of them has one."),
    ("half_a_network", {"feed_forward": lambda d, f: d * f + f},
     "A feed-forward network has two matrices: to d_ff and back."),
    ("one_layer_counted", {"number": lambda layers: (1, 1)},
     "The layers were counted once. There are num_layers of each kind, with weights of their own."),
    ("one_kind_counted_once", ways_of("number", lambda layers: (layers, 1), lambda layers: (1, layers)),
     "num_layers multiplies only one of the two kinds of layers: put parentheses around the sum of both, "
     "`num_layers * (… + …)`."),
    ("layers_counted_twice", {"number": lambda layers: (2 * layers, 2 * layers)},
     "The layers were counted twice over. There are num_layers encoder layers and as many decoder layers."),
    ("counted_for_every_layer", ways_of("once", (), ("tables",), ("output",)),
     "The tables of words, the last matrix or both were multiplied by num_layers. They are there once; only the layers "
     "come num_layers times."),
    ("d_ff_taken_for_four_times_d_model", {"width": lambda f, d: 4 * d},
     "d_ff was taken to be 4 * d_model. It is an argument: dff."),
    ("matrices_of_another_shape",
     [{"output": lambda d, V: d * d + V}, {"output": lambda d, V: d * d + d}],
     "The last matrix has another shape: it leads from d_model numbers to the V words, d_model * V, and has V biases."),
    ("encoder_only", {"attentions": (1, 0), "networks": (1, 0), "norms": (2, 0)}, "The decoder layers are missing."),
    ("decoder_only", {"attentions": (0, 2), "networks": (0, 1), "norms": (0, 3)}, "The encoder layers are missing."),
)
# fmt: on
COUNT_PARAMETERS = Check(
    name="count_parameters",
    claim="counts_every_matrix_bias_and_norm",
    title="Count the parameters",
    function="count_parameters",
    inputs=count_inputs,
    reference=count,
    second_route=count_by_shapes,
    returns=("count",),
    points={"count": 2},
    read=COUNT,
    not_needed=("num_heads",),
    rtol=0.0,
    atol=1e-3,
    survives=("one layer with one head",),
    hints=(
        "A `Dense` layer from `a` to `b` numbers has `a * b + b` parameters. A norm has a `gamma` and a `beta` of `d_model` numbers.",
        "Name the parts: `attention = 4 * (d_model * d_model + d_model)`; the network has `d_model * dff + dff` and "
        "`dff * d_model + d_model`; `norm = 2 * d_model`.",
        "Encoder layer: attention, network, 2 norms. Decoder layer: 2 attentions, network, 3 norms. Then `num_layers` "
        "of both, two tables of words, and the output matrix with its bias.",
    ),
    misconceptions=COUNT_PARAMETERS_MISTAKES,
    advice={r"^count has shape": "Return one number: the sum of all parts."},
    stale=("attention", "norm", "feed_forward", "total", "embeddings", "output"),
)


# ---------------------------------------------------------------- layers
def heads_of(x: Array, num_heads: int) -> Array:
    """Return x (B, T, d_model) in heads (B, H, T, d_k)."""
    B, T, d_model = x.shape
    return x.reshape(B, T, num_heads, d_model // num_heads).swapaxes(1, 2)


def attend(query: Array, key: Array, value: Array, mask: Array | None, num_heads: int, weights: tuple) -> Array:
    """Return multi-head attention (B, T_q, d_model); where all keys are hidden, all weights are 0."""
    W_qkv, b_qkv, W_o, b_o = weights
    q, k, v = (heads_of(x @ W_qkv[n] + b_qkv[n], num_heads) for n, x in enumerate((query, key, value)))
    scores = q @ k.swapaxes(-1, -2) / math.sqrt(q.shape[-1])
    if mask is not None and np.broadcast_shapes(scores.shape, mask.shape) != scores.shape:
        raise ValueError("the mask does not fit the scores")
    shown = 1 if mask is None else 1 - mask
    exps = shown * np.exp(scores - scores.max(axis=-1, keepdims=True))
    total = exps.sum(axis=-1, keepdims=True)
    mixed = exps / np.where(total == 0, 1, total) @ v  # (B, H, T_q, d_k)
    return mixed.swapaxes(1, 2).reshape(query.shape) @ W_o + b_o


class Parts(NamedTuple):
    """The parts of a layer with their weights; `keep` is 0 where dropout drops all."""

    num_heads: int
    attentions: tuple
    feed_forward: tuple
    gammas: Array
    betas: Array
    keep: float = 1.0
    epsilons: tuple[float, ...] = (1e-6, 1e-6, 1e-6)
    batch: bool = False
    activation: Callable = relu
    last_activation: Callable = as_it_is

    def attention(self, number: int, query: Array, key: Array, value: Array, mask: Array | None) -> Array:
        """Return what the attention of that number gives."""
        return attend(query, key, value, mask, self.num_heads, self.attentions[number])

    def network(self, x: Array) -> Array:
        """Return what the feed-forward network gives."""
        W_1, b_1, W_2, b_2 = self.feed_forward
        return self.last_activation(self.activation(x @ W_1 + b_1) @ W_2 + b_2)

    def norm(self, number: int, x: Array) -> Array:
        """Return the norm of that number; a batch norm that was never trained has seen nothing but mean 0, variance 1."""
        gamma, beta, epsilon = self.gammas[number], self.betas[number], self.epsilons[number]
        if self.batch and self.keep:
            return gamma * x / np.sqrt(1 + epsilon) + beta
        return norm(x, gamma, beta, epsilon, axis=(0, 1) if self.batch else -1)


def same_shape(x: Array, y: Array) -> Array:
    """Return y, or stop when it does not fit x: a residual must not broadcast."""
    if np.broadcast_shapes(x.shape, y.shape) != x.shape:
        raise ValueError("the residual does not fit")
    return y


def post(p: Parts, n: int, x: Array, sublayer: Callable) -> Array:
    """Return the norm of the sum, as it should be."""
    return p.norm(n, x + same_shape(x, p.keep * sublayer(x)))


# Ways to join a sublayer to its input, most of them wrong: (parts, number of the norm, input, sublayer) -> output.
JOINS: dict[str, Callable] = {
    "no_residual": lambda p, n, x, sub: p.norm(n, p.keep * sub(x)),
    "doubled": lambda p, n, x, sub: p.norm(n, 2 * x + p.keep * sub(x)),
    "pre": lambda p, n, x, sub: x + p.keep * sub(p.norm(n, x)),
    "inside": lambda p, n, x, sub: x + p.norm(n, p.keep * sub(x)),
    "no_norm": lambda p, n, x, sub: x + p.keep * sub(x),
    "again": lambda p, n, x, sub: x + p.norm(n, x + p.keep * sub(x)),
    "no_dropout": lambda p, n, x, sub: p.norm(n, x + sub(x)),
    "dropout_after_sum": lambda p, n, x, sub: p.norm(n, p.keep * (x + sub(x))),
    "dropout_after_norm": lambda p, n, x, sub: p.keep * p.norm(n, x + sub(x)),
    "always": lambda p, n, x, sub: p.norm(n, x + 0 * sub(x)),
    "left_out": lambda p, n, x, sub: x,
    "nothing_found": lambda p, n, x, sub: p.norm(n, x),
}


def one_each_and_all(kind: str, count: int) -> list[dict]:
    """Return the steps that join every sublayer in a wrong way, and each single one."""
    wrong = JOINS[kind]
    single = [{"joins": tuple(wrong if n == m else post for m in range(count))} for n in range(count)]
    return [{"joins": (wrong,) * count}, *single]


# ---------------------------------------------------------------- the encoder layer
def encoder_body(
    p: Parts,
    x: Array,
    padding_mask: Array | None,
    *,
    joins: tuple = (post, post),
    norms: tuple[int, int] = (0, 1),
    masked: Callable = as_it_is,
    second: Callable = lambda p, n, x, h, join: join(p, n, h, p.network),
) -> Array:
    """Return the output of an encoder layer."""
    h = joins[0](p, norms[0], x, lambda y: p.attention(0, y, y, y, masked(padding_mask)))
    return second(p, norms[1], x, h, joins[1])


def encoder_layer(
    x: Array,
    padding_mask: Array | None,
    num_heads: int,
    W_qkv: Array,
    b_qkv: Array,
    W_o: Array,
    b_o: Array,
    W_1: Array,
    b_1: Array,
    W_2: Array,
    b_2: Array,
    gammas: Array,
    betas: Array,
    *,
    parts: dict[str, Any] | None = None,
    too_many: int = 0,
    **steps: Any,
) -> tuple[Array, Array]:
    """Return the output when predicting, and when training with all dropped that can be dropped.

    As in the notebook, every dropout too many adds 1 to the latter.
    """
    weights = (num_heads, ((W_qkv, b_qkv, W_o, b_o),), (W_1, b_1, W_2, b_2), gammas, betas)
    return tuple(
        encoder_body(Parts(*weights, keep=keep)._replace(**(parts or {})), x, padding_mask, **steps)
        + too_many * (1 - keep)
        for keep in (1.0, 0.0)
    )


def keras_attention(weights: tuple, num_heads: int, query: Array, key: Array, mask: Array | None) -> Array:
    """Return what Keras's own multi-head attention gives, in float64."""
    import keras

    W_qkv, b_qkv, W_o, b_o = weights
    d, d_k = len(b_o), len(b_o) // num_heads
    own = keras.layers.MultiHeadAttention(num_heads, d_k, dtype="float64")
    own.build(query.shape, key.shape, key.shape)
    cut = [(W.reshape(d, num_heads, d_k), b.reshape(num_heads, d_k)) for W, b in zip(W_qkv, b_qkv, strict=True)]
    own.set_weights([array for pair in cut for array in pair] + [W_o.reshape(num_heads, d_k, d), b_o])
    keep = None if mask is None else np.broadcast_to(mask[:, 0] == 0, (len(query), query.shape[1], key.shape[1]))
    return np.array(own(query, key, attention_mask=keep))


def keras_norm(x: Array, gamma: Array, beta: Array) -> Array:
    """Return what Keras's own layer norm gives, in float64."""
    import keras

    own = keras.layers.LayerNormalization(epsilon=1e-6, dtype="float64")
    own.build(x.shape)
    own.set_weights([gamma, beta])
    return np.array(own(x))


def encoder_layer_by_keras(x, padding_mask, num_heads, W_qkv, b_qkv, W_o, b_o, W_1, b_1, W_2, b_2, gammas, betas):  # fmt: skip
    """Return the same with Keras's own layers."""
    h = keras_norm(x + keras_attention((W_qkv, b_qkv, W_o, b_o), num_heads, x, x, padding_mask), gammas[0], betas[0])
    output = keras_norm(h + network_by_neurons(h, W_1, b_1, W_2, b_2), gammas[1], betas[1])
    return output, keras_norm(keras_norm(x, gammas[0], betas[0]), gammas[1], betas[1])


def attention_weights(rng: np.random.Generator, d: int, out: Callable = normal) -> tuple[Array, Array, Array, Array]:
    """Draw W_qkv (3, d, d), b_qkv (3, d), W_o (d, d), b_o (d,); with `small`, for small inputs and small outputs."""
    if out is small:  # W_qkv makes numbers of order 1 of small ones, so that the scores differ
        return (
            normal(rng, 3, d, d, scale=12 / math.sqrt(d)),
            normal(rng, 3, d, scale=0.7),
            small(rng, d, d),
            small(rng, d),
        )
    matrices = normal(rng, 3, d, d, scale=1.2 / math.sqrt(d)), normal(rng, 3, d, scale=0.7)
    return *matrices, normal(rng, d, d, scale=1.2 / math.sqrt(d)), normal(rng, d, scale=0.7)


def network_weights(rng: np.random.Generator, d: int, dff: int) -> Inputs:
    """Draw the parameters of a feed-forward network."""
    return {
        "W_1": normal(rng, d, dff, scale=1 / math.sqrt(d)),
        "b_1": normal(rng, dff, scale=0.7),
        "W_2": normal(rng, dff, d, scale=1.2 / math.sqrt(dff)),
        "b_2": normal(rng, d, scale=0.7),
    }


def norm_weights(rng: np.random.Generator, norms: int, d: int) -> Inputs:
    """Draw gammas and betas, (norms, d) each; gammas are not near 0."""
    signs = rng.choice([-1.0, 1.0], size=(norms, d))
    return {"gammas": signs * np.round(rng.uniform(0.5, 1.6, size=(norms, d)), 3), "betas": normal(rng, norms, d)}


def encoder_layer_inputs(rng: np.random.Generator) -> Cases:
    """Draw a batch with two paddings, and one of small numbers, where epsilon counts."""

    def case(x: Array, mask: Array | None, H: int, dff: int, out: Callable) -> Inputs:
        d = x.shape[-1]
        names = dict(zip(("W_qkv", "b_qkv", "W_o", "b_o"), attention_weights(rng, d, out), strict=True))
        found = {"x": x, "padding_mask": mask, "num_heads": H} | names
        return found | network_weights(rng, d, dff) | norm_weights(rng, 2, d)

    mask = padding_of(np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 0]]))
    return {
        "two sentences, two paddings": case(normal(rng, 2, 5, 6), mask, 3, 11, normal),
        "small numbers, no mask": case(small(rng, 1, 3, 10, scale=0.1), None, 2, 7, small),
    }


RESIDUAL_SAYS = "A residual is missing: what goes into a sublayer is added to what comes out, in every sublayer."
LAYER_SAYS = {
    "residual_missing": (RESIDUAL_SAYS, ADD),
    "residual_doubled": ("The input of a sublayer was added twice.", ADD),
    "pre_norm": (
        "The norm comes before the sublayer: x + sublayer(norm(x)). That is pre-norm, a later order. Here the sum is "
        "normalised: norm(x + sublayer(x)).",
        ADD,
    ),
    "norm_before_the_sum": ("The sublayer's output was normalised and then added. Add first, then normalise the sum.", ADD),
    "norm_missing": ("A norm is missing: one stands behind every sum.", ADD),
    "added_again": ("The input was added once more behind the norm.", ADD),
    "norms_exchanged": ("The norms are used in another order than they are numbered: norm_1 belongs to the first sublayer.", ADD),
    "relu_missing": ("The feed-forward network has no ReLU: activation=\"relu\" in dense_1.", THINK),
    "relu_twice": ("dense_2 has a ReLU too. Only the hidden numbers have one.", THINK),
    "relu_at_the_end": ("The ReLU stands behind dense_2. It belongs to dense_1, between the two.", THINK),
    "heads_fixed": ("The number of heads is fixed in the attention. Hand on the argument num_heads.", ENCODER_LAYER_READ),
    "another_function": ("The function in the feed-forward network is another one than ReLU.", THINK),
    "network_left_out": ("The feed-forward network was left out, or its result was.", THINK),
    "dropout_missing": (
        "When predicting all is right. In training a dropout is missing: each sublayer's output goes through one before it is "
        "added.",
        ADD,
    ),
    "dropout_in_another_place": (
        "When predicting all is right, but a dropout stands behind the sum or behind the norm, so it drops the residual too. It "
        "belongs to the sublayer's output alone.",
        ADD,
    ),
    "dropout_too_often": (
        "When predicting all is right. In training a dropout too many is called: one for each sublayer, of its output, and none inside.",
        ADD,
    ),
    "dropout_left_on": (
        "Dropout is on when predicting. Leave `training` to Keras: it hands it on to the dropout layers by itself.",
        ADD,
    ),
    "batch_norm": (
        "This is a batch norm, which takes its mean and variance over positions and sentences. Take "
        "layers.LayerNormalization.",
        RANGE,
    ),
    "epsilon_of_keras": ("A norm, or each, has Keras's usual epsilon, 0.001. Here it is 1e-6, in all of them: epsilon=1e-6.", RANGE),
}  # fmt: skip


def layer_rows(count: int, ways: dict[str, Any]) -> list[tuple]:
    """Return the rows of mistakes that both kinds of layers share; `ways` holds those that differ."""
    joined = {
        "residual_missing": "no_residual",
        "residual_doubled": "doubled",
        "norm_before_the_sum": "inside",
        "norm_missing": "no_norm",
        "dropout_missing": "no_dropout",
    }
    shared = {name: one_each_and_all(kind, count) for name, kind in joined.items()}
    shared["dropout_in_another_place"] = [
        {"joins": (JOINS["dropout_after_norm"],) * count},
        *one_each_and_all("dropout_after_sum", count)[1:],
    ]
    shared["dropout_left_on"] = {"joins": (JOINS["always"],) * count}
    shared["pre_norm"] = {"joins": (JOINS["pre"],) * count}
    shared["added_again"] = {"joins": (JOINS["again"],) * count}
    shared["relu_missing"] = {"parts": {"activation": as_it_is}}
    shared["relu_twice"] = {"parts": {"last_activation": relu}}
    shared["another_function"] = ways_of(
        "parts", *({"activation": other} for other in (gelu, np.tanh, sigmoid)[: 5 - count])
    )
    shared["network_left_out"] = [
        {"joins": (post,) * (count - 1) + (JOINS[kind],)} for kind in ("left_out", "nothing_found")
    ]
    shared["relu_at_the_end"] = {"parts": {"activation": as_it_is, "last_activation": relu}}
    shared["heads_fixed"] = ways_of("parts", {"num_heads": 1}, {"num_heads": 2})
    shared["dropout_too_often"] = ways_of("too_many", 1, 2)
    usual, ours = (1e-3,) * 3, (1e-6,) * 3
    shared["epsilon_of_keras"] = ways_of("parts", {"epsilons": usual}, {"epsilons": (1e-3, 1e-6, 1e-6)})
    shared["batch_norm"] = ways_of("parts", *({"batch": True, "epsilons": some} for some in (usual, ours)[: 4 - count]))
    return [(name, (shared | ways)[name], *LAYER_SAYS[name]) for name in LAYER_SAYS]


PARTS_OF_LAYERS = (
    "attention",
    "self_attention",
    "cross_attention",
    *(f"{part}_{n}" for part in ("dense", "norm") for n in (1, 2, 3)),
)
LAYER_ADVICE = {
    r"the class is not registered": "Leave the line `@register` above the class: without it a saved model cannot be loaded.",
    r"unsupported operand type\(s\) for -: '\w+' and 'NoneType'": "1 already means hide: hand the mask on as it comes. And it may be "
    "None.",
    r"input shapes: \[\?,\?,(\d+)\], \[\?,\?,(?!\1\])\d+\]": "What is added is not d_model wide. In the network dense_1 comes first, "
    "dff units; then dense_2, d_model units.",
    r"cannot be cut into num_heads": "Hand on the arguments d_model and num_heads as they are; no number is fixed.",
    r"has no attribute '(attention|self_attention|cross_attention|dense_1|dense_2|norm_1|norm_2|norm_3)'": [('The check sets the weights of the parts by their names: it looks for `\\1`, and there is `{near}`.', *(f"not is near {part}" for part in PARTS_OF_LAYERS)), ('Keep the part in `__init__`: `self.\\1 = …`. The check sets its weights by that name.',)],
    r"has no attribute '(query_dense|key_dense|value_dense)'": "Attention is the MultiHeadAttention that is given above, not "
    "Keras's own.",
    r"NoneType' object has no attribute 'assign'": "A part lacks its bias, its gamma or its beta: leave them as they are.",
    r"NumPy was used inside a layer": "NumPy cannot work inside a layer: a model calls it without numbers first. Use Keras's layers, "
    "tf's functions and `+`.",
    r"missing a required argument: '(query|key|value)'": "An attention is called with query, key and value. `\\1` is missing.",
    r"got an unexpected keyword argument '(padding_mask|look_ahead_mask)'": "The attention calls its mask `mask`: mask=\\1. And `call` "
    "keeps the arguments that were given.",
    r"name '(attention|self_attention|cross_attention|dense_1|dense_2|norm_1|norm_2|norm_3|dropout_1|dropout_2|dropout_3)' is not "
    "defined": "The parts belong to the layer: write `self.\\1`.",
    r"^all_dropped": "When predicting all is right. Has every dropout the rate that was given, and does it stand before the sum?",
    r"unexpected keyword argument '(look_ahead_mask|padding_mask|training)'|missing a required argument": ('Keep the arguments of `call` as they were given.', 'not inside'),
    r"unexpected keyword argument 'mask'": "Is this Keras's own attention? Take the MultiHeadAttention that is given above.",
    r"From merging shape|/packed|\[\?,\?,\d+\], \[\?,\d+,\?,\?\]": "Is something a pair? Attention returns two things, the output "
    "and the weights: write `attended, _ = …`.",
    r"too many positional": 'Is it the attention? MultiHeadAttention takes its arguments by name: query=…, key=…, value=…, mask=….',
    r"no attribute '(assign|gamma|beta|kernel|bias)'": "A part is of another kind than its name says: dense_1 and dense_2 are Dense "
    "layers, the norms LayerNormalization.",
    r"has a matrix \(|variable\.shape=|must match\. variable|shape of the target variable|Shapes .* are incompatible": "A Dense layer has another size than it should: "
    "dense_1 has dff units, dense_2 has d_model.",
    r"one array was expected, not several|'tuple' object|tuple.*(unsupported|dtype)|unsupported operand type.*tuple": "Attention "
    "returns two things, the output and the weights; the layer returns one, the output. Write `attended, _ = …`.",
    r"object has no attribute '_(?:tracker|lock|layers|losses|auto_|call_|dtype_policy)|forgot to call `super|call_has_": 'Leave `super().__init__(**kwargs)` as the first line of `__init__`.',
    r"takes 1 positional argument|keyword-only|missing \d+ required keyword": 'Is it the attention? MultiHeadAttention takes its arguments by name: query=…, key=…, value=…, mask=….',
    r"KerasTensor cannot be used|convert a KerasTensor|KerasTensor": "NumPy cannot work inside a model: use the layers, and `+`.",
    r"[Ii]ncompatible shapes|could not be broadcast|must be equal|not broadcastable|Dimensions must|Incompatible": "Shapes do not fit. In "
    "attention the output has as many rows as the query, and the mask has as many columns as the key.",
    r"returned None|NoneType": [('Something is None here. Is there a `return` at the end of `call`?', 'not inside'), ('Something is None here. It may be a mask, or what a function without `return` gives.',)],
}  # fmt: skip

ONE_DROPOUT = {
    "one_dropout": "One Dropout layer stands in several places. It has no weights, so it computes the same as several would; the "
    "task gives each place its own."
}
STALE_IN_LAYERS = ("h", "attended", "output", "masks")

# fmt: off
ENCODER_LAYER_MISTAKES = in_keras(mistakes(encoder_layer, ENCODER_LAYER_READ,
    *layer_rows(2, {"norms_exchanged": {"norms": (1, 0)}}),
    ("one_norm_for_both", ways_of("norms", (0, 0), (1, 1)),
     "One norm serves in two places. Each place has its own gamma and beta, norm_1 and norm_2.", ADD),
    ("attention_left_out", {"joins": (JOINS["left_out"], post)}, "The attention was left out, or its result was."),
    ("mask_dropped", {"masked": lambda mask: None},
     "The padding mask has no effect. Hand it to the attention: mask=padding_mask."),
    (standard.MASK_INVERTED(polarity="Here 1 means hide, as the attention wants it: hand it on as it comes."),
     {"masked": lambda mask: None if mask is None else 1 - mask}),
    ("second_residual_from_the_input", {"second": lambda p, n, x, h, join: p.norm(n, x + p.keep * p.network(h))},
     "The second residual adds x, the layer's input. It adds what went into the network: the result of the first "
     "norm.", ADD),
    ("network_reads_the_input", {"second": lambda p, n, x, h, join: p.norm(n, h + p.keep * p.network(x))},
     "The network reads x, the layer's input, and not what the attention made of it."),
    ("network_reads_the_attention",
     {"joins": (lambda p, n, x, sub: (p.keep * sub(x), p.norm(n, x + p.keep * sub(x))), post),
      "second": lambda p, n, x, h, join: p.norm(n, h[1] + p.keep * p.network(h[0]))},
     "The network reads the attention's output. It reads the result of the first add and norm."),
))
# fmt: on
ENCODER_LAYER = Check(
    name="encoder_layer",
    claim="attends_adds_and_norms",
    title="The encoder layer",
    function="EncoderLayer",
    inputs=encoder_layer_inputs,
    reference=encoder_layer,
    second_route=encoder_layer_by_keras,
    returns=("output", "all_dropped"),
    points={"output": 2, "all_dropped": 1},
    remarks=ONE_DROPOUT,
    read=ENCODER_LAYER_READ,
    needs="tensorflow",
    survives=("no mask",),
    hints=(
        "In self-attention query, key and value are all `x`. `MultiHeadAttention` takes them by name and returns a pair.",
        "One sublayer is `h = self.norm_1(x + self.dropout_1(attended))`.",
        "The second reads `h` and adds to `h`: `self.norm_2(h + self.dropout_2(self.dense_2(self.dense_1(h))))`.",
    ),
    misconceptions=ENCODER_LAYER_MISTAKES,
    advice=LAYER_ADVICE,
    stale=STALE_IN_LAYERS,
)


# ---------------------------------------------------------------- the decoder layer
def cross(p: Parts, h: Array, memory: Array, mask: Array | None, x: Array, own_mask: Array | None) -> Array:
    """Return cross-attention: queries from the decoder, keys and values from the encoder."""
    return p.attention(1, h, memory, memory, mask)


def looks_back(p: Parts, y: Array, memory: Array, own_mask: Array | None, mask: Array | None) -> Array:
    """Return masked self-attention."""
    return p.attention(0, y, y, y, own_mask)


def decoder_body(
    p: Parts,
    x: Array,
    memory: Array,
    own_mask: Array | None,
    mask: Array | None,
    *,
    joins: tuple = (post, post, post),
    norms: tuple[int, int, int] = (0, 1, 2),
    masked: Callable = lambda own, padding: (own, padding),
    first: Callable = looks_back,
    second: Callable = cross,
    order: tuple[int, int, int] = (0, 1, 2),
    residual: tuple[str, str] = ("h", "h"),
    reads: str = "h",
) -> Array:
    """Return the output of a decoder layer."""
    own_mask, mask = masked(own_mask, mask)
    sublayers = [
        lambda y: first(p, y, memory, own_mask, mask),
        lambda y: second(p, y, memory, mask, x, own_mask),
        p.network,
    ]
    h = first_result = x
    for place, number in enumerate(order):
        found = {"h": h, "x": x, "memory": memory, "first": first_result}
        sublayer = sublayers[number]
        if place == 2 and reads != "h":
            sublayer = lambda y, read=found[reads]: p.network(read)  # noqa: E731
        source = found[residual[place - 1] if place else "h"]
        h = (
            joins[place](p, norms[place], h, sublayer)
            if source is h
            else p.norm(norms[place], source + same_shape(source, p.keep * sublayer(h)))
        )
        first_result = h if place == 0 else first_result
    return h


def decoder_layer(
    x: Array,
    enc_outputs: Array,
    look_ahead_mask: Array | None,
    padding_mask: Array | None,
    num_heads: int,
    W_self: Array,
    b_self: Array,
    O_self: Array,
    o_self: Array,
    W_cross: Array,
    b_cross: Array,
    O_cross: Array,
    o_cross: Array,
    W_1: Array,
    b_1: Array,
    W_2: Array,
    b_2: Array,
    gammas: Array,
    betas: Array,
    *,
    parts: dict[str, Any] | None = None,
    too_many: int = 0,
    **steps: Any,
) -> tuple[Array, Array]:
    """Return the output when predicting, and when training with all dropped that can be dropped.

    As in the notebook, every dropout too many adds 1 to the latter.
    """
    attentions = ((W_self, b_self, O_self, o_self), (W_cross, b_cross, O_cross, o_cross))
    weights = (num_heads, attentions, (W_1, b_1, W_2, b_2), gammas, betas)
    given = (x, enc_outputs, look_ahead_mask, padding_mask)
    return tuple(
        decoder_body(Parts(*weights, keep=keep)._replace(**(parts or {})), *given, **steps) + too_many * (1 - keep)
        for keep in (1.0, 0.0)
    )


def decoder_layer_by_keras(x, enc_outputs, look_ahead_mask, padding_mask, num_heads, W_self, b_self, O_self, o_self,
                           W_cross, b_cross, O_cross, o_cross, W_1, b_1, W_2, b_2, gammas, betas):  # fmt: skip
    """Return the same with Keras's own layers."""
    norms = [partial(keras_norm, gamma=gamma, beta=beta) for gamma, beta in zip(gammas, betas, strict=True)]
    h = norms[0](x + keras_attention((W_self, b_self, O_self, o_self), num_heads, x, x, look_ahead_mask))
    looked = keras_attention((W_cross, b_cross, O_cross, o_cross), num_heads, h, enc_outputs, padding_mask)
    h = norms[1](h + looked)
    return norms[2](h + network_by_neurons(h, W_1, b_1, W_2, b_2)), norms[2](norms[1](norms[0](x)))


def decoder_layer_inputs(rng: np.random.Generator) -> Cases:
    """Draw a target shorter than its source, and small numbers where both have one length, so that more runs."""

    def case(x: Array, T_s: int, own: Array, mask: Array, H: int, dff: int, out: Callable) -> Inputs:
        d, found = x.shape[-1], {"x": x, "enc_outputs": normal(rng, len(x), T_s, x.shape[-1])}
        found |= {"look_ahead_mask": own, "padding_mask": mask, "num_heads": H}
        for name, kind in (("self", out), ("cross", normal)):
            arrays = attention_weights(rng, d, kind)
            found |= dict(zip((f"W_{name}", f"b_{name}", f"O_{name}", f"o_{name}"), arrays, strict=True))
        return found | network_weights(rng, d, dff) | norm_weights(rng, 3, d)

    target, source = sentences(rng, 9, 3, 3, 2), sentences(rng, 9, 5, 3, 4)
    alike, other = sentences(rng, 9, 3, 3), sentences(rng, 9, 3, 2)
    shorter = case(normal(rng, 2, 3, 6), 5, look_ahead_of(target), padding_of(source), 3, 11, normal)
    same_length = case(small(rng, 1, 3, 10, scale=0.1), 3, look_ahead_of(alike), padding_of(other), 2, 7, small)
    return {"a target shorter than its source": shorter, "small numbers, both of one length": same_length}


# fmt: off
DECODER_LAYER_MISTAKES = in_keras(mistakes(decoder_layer, DECODER_LAYER_READ,
    *layer_rows(3, {"norms_exchanged": ways_of("norms", (1, 0, 2), (0, 2, 1), (2, 1, 0))}),
    ("one_norm_for_several", ways_of("norms", (0, 0, 0), (0, 0, 2), (0, 1, 1), (0, 1, 0)),
     "One norm serves in several places. Each place has its own gamma and beta: norm_1, norm_2, norm_3.", ADD),
    ("cross_attention_given_the_targets_mask", {"masked": lambda own, padding: (own, own)},
     "Cross-attention was given the look-ahead mask. Its keys are the source's, so it takes padding_mask."),
    ("self_attention_given_the_sources_mask", {"masked": lambda own, padding: (padding, padding)},
     "Self-attention was given the source's padding mask. Its keys are the target's, so it takes look_ahead_mask."),
    ("masks_exchanged", {"masked": lambda own, padding: (padding, own)},
     "The two masks have changed places. Ask whose the keys are."),
    ("look_ahead_mask_dropped", {"masked": lambda own, padding: (None, padding)},
     "Self-attention has no mask: every position sees the words that it should predict."),
    ("padding_mask_dropped", {"masked": lambda own, padding: (own, None)},
     "Cross-attention has no mask: it looks at the padding of the source."),
    ("both_masks_dropped", {"masked": lambda own, padding: (None, None)}, "Neither attention has a mask."),
    (standard.MASK_INVERTED(mask="A mask",
      polarity="Here 1 means hide, as the attention wants it: hand the masks on as they come."),
     ways_of("masked", lambda own, padding: (1 - own, 1 - padding), lambda own, padding: (1 - own, padding),
         lambda own, padding: (own, 1 - padding))),
    ("queries_from_the_encoder",
     ways_of("second", lambda p, h, memory, mask, x, own: p.attention(1, memory, h, h, mask),
         lambda p, h, memory, mask, x, own: p.attention(1, memory, h, h, own),
         lambda p, h, memory, mask, x, own: p.attention(1, memory, h, h, None)),
     "In cross-attention the encoder asks and the decoder answers. It is the other way round: the query comes from the "
     "decoder."),
    ("decoder_asks_itself",
     ways_of("second", lambda p, h, memory, mask, x, own: p.attention(1, h, h, h, mask),
         lambda p, h, memory, mask, x, own: p.attention(1, h, h, h, own)),
     "Cross-attention looks at the decoder itself: the encoder's output is never read."),
    ("encoder_asks_itself", {"second": lambda p, h, memory, mask, x, own: p.attention(1, memory, memory, memory, mask)},
     "In cross-attention all three come from the encoder. The query comes from the decoder."),
    ("keys_and_values_of_two_kinds",
     ways_of("second", lambda p, h, memory, mask, x, own: p.attention(1, h, memory, h, mask),
         lambda p, h, memory, mask, x, own: p.attention(1, h, h, memory, mask)),
     "In cross-attention keys and values come from different sides. Both come from the encoder."),
    ("query_is_the_input", {"second": lambda p, h, memory, mask, x, own: p.attention(1, x, memory, memory, mask)},
     "The query of cross-attention is x, the layer's input. It is what the first add and norm made of it."),
    ("self_attention_reads_the_encoder",
     ways_of("first", lambda p, y, memory, own, mask: p.attention(0, y, memory, memory, own),
         lambda p, y, memory, own, mask: p.attention(0, y, memory, memory, mask)),
     "The first attention looks at the encoder. It is self-attention: query, key and value are x."),
    ("one_attention_for_both",
     [{"second": lambda p, h, memory, mask, x, own: p.attention(0, h, memory, memory, mask)},
      {"first": lambda p, y, memory, own, mask: p.attention(1, y, y, y, own)}],
     "One attention layer serves twice. self_attention and cross_attention have weights of their own."),
    ("attentions_exchanged",
     {"first": lambda p, y, memory, own, mask: p.attention(1, y, y, y, own),
      "second": lambda p, h, memory, mask, x, own: p.attention(0, h, memory, memory, mask)},
     "self_attention and cross_attention are used in each other's place."),
    ("another_order",
     [{"order": (1, 0, 2)}, {"order": (1, 0, 2), "norms": (1, 0, 2)}, {"order": (0, 2, 1)},
      {"order": (0, 2, 1), "norms": (0, 2, 1)}],
     "The sublayers come in another order than self-attention, cross-attention, network."),
    ("cross_attention_left_out",
     ways_of("joins", (post, JOINS["left_out"], post), (post, JOINS["nothing_found"], post)),
     "Cross-attention was left out, or its result was: nothing of the source gets in."),
    ("self_attention_left_out", ways_of("joins", (JOINS["left_out"], post, post), (JOINS["nothing_found"], post, post)),
     "Self-attention was left out, or its result was."),
    ("residual_from_the_input", ways_of("residual", ("x", "h"), ("h", "x"), ("x", "x")),
     "A later residual adds x, the layer's input. Each adds what went into its own sublayer.", ADD),
    ("third_residual_from_the_first", {"residual": ("h", "first")},
     "The third residual adds the result of the first add and norm, so cross-attention is cut out of the sum. It adds "
     "what went into the network.", ADD),
    ("network_skips_cross_attention", ways_of("reads", "first", "x"),
     "The network does not read what cross-attention found. It reads the result of the second add and norm."),
    ("residual_from_the_encoder", {"residual": ("memory", "h")},
     "The residual of cross-attention adds the encoder's output. It adds what asked: the decoder's vectors.", ADD),
))
# fmt: on
DECODER_LAYER = Check(
    name="decoder_layer",
    claim="looks_back_then_at_the_source",
    title="The decoder layer",
    function="DecoderLayer",
    inputs=decoder_layer_inputs,
    reference=decoder_layer,
    second_route=decoder_layer_by_keras,
    returns=("output", "all_dropped"),
    points={"output": 2, "all_dropped": 1},
    remarks=ONE_DROPOUT,
    read=DECODER_LAYER_READ,
    needs="tensorflow",
    hints=(
        "Self-attention and the network are as in the encoder layer; only the mask differs.",
        "In cross-attention the decoder asks: the query is `h`, the result of the first add and norm. Keys and values are `enc_outputs`.",
        "`attended, _ = self.cross_attention(query=h, key=enc_outputs, value=enc_outputs, mask=padding_mask)`, then add to `h`, `norm_2`.",
    ),
    misconceptions=DECODER_LAYER_MISTAKES,
    advice=LAYER_ADVICE,
    stale=STALE_IN_LAYERS,
)


# ---------------------------------------------------------------- stacks, with stand-ins for their layers
def shown_mean(x: Array, mask: Array | None) -> Array:
    """Return the mean (B, 1 or T_q, d) of the positions of x (B, T, d) that a mask (B, 1, 1 or T_q, T) shows."""
    if mask is None:
        return x.mean(axis=1, keepdims=True)
    shown = 1 - mask[:, 0]
    return shown / np.maximum(shown.sum(axis=-1, keepdims=True), 1e-9) @ x


def fitting(x: Array, *means: Array) -> Array:
    """Return the sum of x and means that broadcast to it, or stop."""
    for mean in means:
        same_shape(x, mean)
    return sum(means, x)


def positions_to(T: int, d: int) -> Array:
    """Return the positional encoding (1, T, d)."""
    return encoding_of(T, d)[0]


EMBEDDINGS: dict[
    str, Callable
] = {  # (vectors of the words, positions, d_model, keep) -> what goes into the first layer
    "right": lambda x, P, d, keep: keep * (x * math.sqrt(d) + P),
    "not_scaled": lambda x, P, d, keep: keep * (x + P),
    "by_d": lambda x, P, d, keep: keep * (x * d + P),
    "divided": lambda x, P, d, keep: keep * (x / math.sqrt(d) + P),
    "halved": lambda x, P, d, keep: keep * (x * d / 2 + P),
    "no_positions": lambda x, P, d, keep: keep * x * math.sqrt(d),
    "positions_scaled": lambda x, P, d, keep: keep * (x + P) * math.sqrt(d),
    "positions_twice": lambda x, P, d, keep: keep * (x * math.sqrt(d) + 2 * P),
    "dropout_before": lambda x, P, d, keep: keep * x * math.sqrt(d) + P,
    "dropout_missing": lambda x, P, d, keep: x * math.sqrt(d) + P,
    "dropout_always": lambda x, P, d, keep: 0 * x,
}


def stack(
    ids: Array,
    table: Array,
    num_layers: int,
    dff: int,
    num_heads: int,
    *,
    layer: Callable,
    embedding: str = "right",
    numbers: Callable = range,
    chained: bool = True,
    again: bool = False,
    shift: Callable = lambda d, H, dff: 0.05 * d + 0.11 * H + 0.03 * dff + 0.5,
    finish: Callable = lambda x, keep: x,
    too_many: Callable = lambda layers: 0,
    before: Callable = lambda x, keep: x,
    each: Callable = lambda x, keep: x,
    around: Callable = lambda x, y: y,
    gather: Callable = lambda found: found[-1],
) -> tuple[Array, Array]:
    """Return what a stack of stand-in layers gives when predicting, and in training with all dropped.

    `layer(x, number, shift)` is one stand-in. The numbers say how many layers were made before it.
    """
    d, found = table.shape[1], []
    places = positions_to(ids.shape[1], d)
    for keep in (1.0, 0.0):
        x = start = EMBEDDINGS[embedding](table[ids], places, d, keep)
        outputs = [x]
        for place, number in enumerate(numbers(num_layers)):
            x = x if chained else start
            x = each(around(x, layer(before(x, keep), number, shift(d, num_heads, dff))), keep)
            x = x + places if again and place < num_layers - 1 else x
            outputs.append(x)
        found.append(finish(gather(outputs), keep) + too_many(num_layers) * (1 - keep))
    return tuple(found)


def plain_norm(x: Array, keep: float, epsilon: float) -> Array:
    """Return the layer norm of x with gamma 1 and beta 0, as it is before training."""
    return norm(x, np.ones(1), np.zeros(1), epsilon)


def encoder_stack(
    ids: Array,
    padding_mask: Array,
    table: Array,
    num_layers: int,
    dff: int,
    num_heads: int,
    *,
    masked: Callable = as_it_is,
    **steps: Any,
) -> tuple[Array, Array]:
    """Return what the encoder gives with stand-in layers."""

    def layer(x: Array, number: int, shift: float) -> Array:
        return fitting(np.sin(x + number) + shift, shown_mean(x, masked(padding_mask, number)))

    return stack(ids, table, num_layers, dff, num_heads, layer=layer, **steps)


def decoder_stack(
    ids: Array,
    enc_outputs: Array,
    look_ahead_mask: Array,
    padding_mask: Array,
    table: Array,
    num_layers: int,
    dff: int,
    num_heads: int,
    *,
    masked: Callable = lambda own, padding: (own, padding),
    read: Callable = lambda x, memory, number: (x, memory),
    found: Callable = lambda x, own_mean, mean: (x, own_mean, mean),
    source: Callable = as_it_is,
    **steps: Any,
) -> tuple[Array, Array]:
    """Return what the decoder gives with stand-in layers."""
    own_mask, mask = masked(look_ahead_mask, padding_mask)

    def layer(x: Array, number: int, shift: float) -> Array:
        x, memory = read(x, source(enc_outputs), number)
        means = shown_mean(x, own_mask), shown_mean(np.sin(2 * memory), mask)
        return fitting(*found(np.sin(x + number) + shift, *means))

    return stack(ids, table, num_layers, dff, num_heads, layer=layer, **steps)


def encoder_by_loops(ids, padding_mask, table, num_layers, dff, num_heads):  # fmt: skip
    """Return the same, one position after the other."""
    return decoder_by_loops(ids, None, padding_mask, None, table, num_layers, dff, num_heads)


def decoder_by_loops(ids, enc_outputs, look_ahead_mask, padding_mask, table, num_layers, dff, num_heads):  # fmt: skip
    """Return the same, one position after the other; without enc_outputs it is an encoder."""
    (B, T), d, found = ids.shape, table.shape[1], []
    for keep in (1, 0):
        x = np.zeros((B, T, d))
        for n, t in np.ndindex(B, T):
            for j in range(d):
                angle = t / 10000 ** (2 * (j // 2) / d)
                x[n, t, j] = keep * (table[ids[n, t], j] * d**0.5 + (math.cos(angle) if j % 2 else math.sin(angle)))
        for number in range(num_layers):
            y = np.sin(x + number) + 0.05 * d + 0.11 * num_heads + 0.03 * dff + 0.5
            for n, t in np.ndindex(B, T):
                row = look_ahead_mask[n, 0, t if look_ahead_mask.shape[2] > 1 else 0]
                y[n, t] += x[n][row == 0].mean(axis=0)
                if enc_outputs is not None:
                    y[n, t] += np.sin(2 * enc_outputs[n][padding_mask[n, 0, 0] == 0]).mean(axis=0)
            x = y
        found.append(x)
    return tuple(found)


ODD_WIDTH = "two layers, an odd width"


def encoder_unlike(rng: np.random.Generator) -> Cases:
    """Draw the two layers of an odd width for longer sentences and another width in between than a public case has."""
    T = int(rng.integers(6, 9))
    ids = sentences(rng, 11, T, T, int(rng.integers(1, T)))
    sizes = {"num_layers": 2, "dff": int(rng.integers(8, 14)), "num_heads": 5}
    return {ODD_WIDTH: {"ids": ids, "padding_mask": padding_of(ids), "table": normal(rng, 11, 5)} | sizes}


def encoder_inputs(rng: np.random.Generator) -> Cases:
    """Draw three layers of an even width, and two of an odd one with one word in a sentence."""
    first, second = sentences(rng, 13, 5, 5, 3), sentences(rng, 8, 3, 3, 1)
    return {
        "three layers": {
            "ids": first,
            "padding_mask": padding_of(first),
            "table": normal(rng, 13, 6),
            "num_layers": 3,
            "dff": 11,
            "num_heads": 2,
        },
        ODD_WIDTH: {
            "ids": second,
            "padding_mask": padding_of(second),
            "table": normal(rng, 8, 5),
            "num_layers": 2,
            "dff": 7,
            "num_heads": 5,
        },
    }


def decoder_inputs(rng: np.random.Generator) -> Cases:
    """Draw a target shorter than its source, and two of one length."""

    def case(target: Array, source: Array, V: int, d: int, **sizes: int) -> Inputs:
        arrays = {"ids": target, "enc_outputs": normal(rng, *source.shape, d), "look_ahead_mask": look_ahead_of(target)}
        return arrays | {"padding_mask": padding_of(source), "table": normal(rng, V, d)} | sizes

    shorter = (sentences(rng, 13, 5, 5, 3), sentences(rng, 13, 7, 4, 6))
    alike = (sentences(rng, 8, 3, 3, 2), sentences(rng, 8, 3, 2, 1))
    return {
        "a target shorter than its source": case(*shorter, 13, 6, num_layers=3, dff=11, num_heads=2),
        "both of one length": case(*alike, 8, 5, num_layers=2, dff=7, num_heads=5),
    }


def stack_rows(layer: str) -> list[tuple]:
    """Return the rows of mistakes that encoder and decoder share."""
    # fmt: off
    return shared_rows(STACK,
        ("not_scaled", {"embedding": "not_scaled"},
         "The word vectors are not multiplied by the root of d_model, so the positions drown them out.", WHERE),
        ("another_scale", ways_of("embedding", "by_d", "divided", "halved"),
         "The word vectors are multiplied by something else than the root of d_model.", WHERE),
        ("positions_missing", {"embedding": "no_positions"}, "The positions are missing: AddPositions()(x).", WHERE),
        ("positions_scaled_too", {"embedding": "positions_scaled"},
         "The positions were added before the product with the root of d_model. Scale the word vectors first.", WHERE),
        ("positions_added_again", [{"embedding": "positions_twice"}, {"again": True}],
         "The positions were added more than once. They are added once, before the first layer.", WHERE),
        ("dropout_missing", {"embedding": "dropout_missing"},
         "When predicting all is right. In training the dropout of the sum of vectors and positions is missing."),
        ("dropout_before_the_positions", {"embedding": "dropout_before"},
         "When predicting all is right, but dropout stands before the positions are added. It drops from the sum."),
        ("dropout_behind_the_layers", {"embedding": "dropout_missing", "finish": lambda x, keep: keep * x},
         "When predicting all is right, but dropout stands behind the layers. It stands before the first one."),
        ("dropout_inside_the_loop",
         [{"each": lambda x, keep: keep * x, "too_many": lambda layers: layers},
          {"embedding": "dropout_missing", "each": lambda x, keep: keep * x, "too_many": lambda layers: layers - 1},
          {"before": lambda x, keep: keep * x, "too_many": lambda layers: layers - 1}],
         "When predicting all is right, but a dropout stands inside the loop. It stands before the first layer, once; "
         "the layers have their own."),
        ("dropout_too_often", ways_of("too_many", lambda layers: 1, lambda layers: 2),
         "When predicting all is right. In training a dropout too many is called: one, of the sum of vectors and "
         "positions."),
        ("dropout_left_on", {"embedding": "dropout_always"},
         "Dropout is on when predicting. Leave `training` to Keras."),
        ("one_layer_again_and_again", {"numbers": lambda layers: [0] * layers},
         f"One {layer} is called num_layers times, so all of them share their weights. Make a new one in each round."),
        ("one_layer_only", {"numbers": lambda layers: [0]},
         f"Only one {layer} has any effect. Is there a loop, does `return` stand behind it and not inside, and is what "
         "the last layer gives returned?"),
        ("not_chained", {"chained": False},
         f"Only the last {layer} counts, because each reads the same input. Hand the result of each to the next: "
         "x = …(x, …), inside the loop."),
        ("layers_side_by_side",
         {"gather": lambda found: sum(found[1:]), "chained": False},
         f"The results of several {layer}s were added up. Only what the last layer gives is returned; each of "
         "them reads what the one before it gave."),
        ("added_around_the_layers", {"around": lambda x, y: x + y},
         f"x is added to what {layer} gives. The residuals are inside the layers already."),
        ("norm_behind_the_layers",
         {"finish": partial(plain_norm, epsilon=1e-3)},
         "A norm stands behind the layers. In this order, post-norm, every layer ends with one; none is added."),
        ("wrong_number_of_layers",
         ways_of("numbers", lambda layers: range(layers + 1), lambda layers: range(layers - 1)),
         "There is one layer too many, or one too few: num_layers of them."),
        ("dropout_not_handed_on",
         ways_of("shift", lambda d, H, dff: 0.05 * d + 0.11 * H + 0.03 * dff,
             lambda d, H, dff: 0.05 * d + 0.11 * H + 0.03 * dff + 0.05),
         f"Each {layer} got another dropout than the one that was given."),
        ("no_layers", {"numbers": lambda layers: []}, f"No {layer} has any effect on the result."),
        ("sizes_exchanged",
         ways_of("shift", lambda d, H, dff: 0.05 * d + 0.11 * dff + 0.03 * H + 0.5,
             lambda d, H, dff: 0.05 * dff + 0.11 * H + 0.03 * d + 0.5,
             lambda d, H, dff: 0.05 * dff + 0.11 * d + 0.03 * H + 0.5,
             lambda d, H, dff: 0.05 * H + 0.11 * d + 0.03 * dff + 0.5),
         f"The sizes reach {layer} in the wrong order. It takes (d_model, num_heads, dff, dropout); by name "
         "they cannot be mixed up."),
    )
    # fmt: on


STACK_ADVICE = {
    r"has a Lambda layer": "A model with a Lambda layer cannot be loaded again. Use the given layers, and plain `*` for the scale.",
    r"mask_zero=True": "Leave mask_zero out: our masks are arguments of the layers.",
    r"the model is called": "Hand the name on: keras.Model([…], …, name=name).",
    r"^all_dropped": "When predicting all is right. Is the rate of the dropout the one that was given?",
    r"__init__\(\) takes 1 positional argument but 2": "First make the layer, then call it: `AddPositions()(x)`, "
    "`PaddingMask()(inputs)`, with two pairs of parentheses.",
    r"attr 'T' of int32": "A root is taken of a whole number: `d_model**0.5` gives a real one.",
    r"'NoneType' and 'int'|NoneType.* cannot be interpreted": "While the model is put together nobody knows how long a sentence is. "
    "AddPositions()(x) finds out later.",
    r"'int' object is not iterable": "`for _ in range(num_layers)`.",
    r"missing a required argument: '(\w+)'": "A layer lacks its argument \\1.",
    r"missing \d+ required positional": "Sizes come first and make a model; the model is then called on a list: "
    "`encoder(…)([…, …])`.",
    r"has no attribute 'astype'": "Masks are made by layers: `PaddingMask()(…)`, `LookAheadMask()(…)`.",
    r"is not connected to|incompatible with the layer: expected shape": "Are all inputs in the list, in the order that the docstring gives? And is "
    "one of them replaced on the way, as in enc_outputs = …?",
    r"got multiple values for argument '(\w+)'": "\\1 was given twice, by its place and by its name.",
    r"has (\d+) layers of the kind Embedding": "The model has \\1 Embedding layers at its top level. It has one, for the ids.",
    r"is no keras.Model but a (\w+)": "Return the model, keras.Model([…], x, name=name), not a \\1.",
    r"Layer weight shape|not compatible with provided weight shape": "layers.Embedding takes the size of the vocabulary first, then "
    "the width: (vocab_size, d_model).",
    r"takes from \d+ to \d+ positional|got multiple values|__init__\(\) got an unexpected keyword": "The layers take their sizes (d_model, num_heads, dff, "
    "dropout), and then, when called, x, the rest by position or name.",
    r"one array was expected, not several": "The model returns one array.",
    r"cannot be used as input to a TensorFlow|KerasTensor": "Inside a model use Keras layers, and `*` with a plain number: "
    "`x * d_model**0.5`. NumPy's functions do not work here.",
    r"[Ii]ncompatible shapes|could not be broadcast|must be equal|not broadcastable|Dimensions must|Incompatible|not compatible": "Shapes do "
    "not fit. Are vectors and masks handed on in the right places?",
    r"Missing data for input|expects \d+ input|inputs? tensors|structure": "The model's inputs are one list, in the order that the docstring gives.",
}  # fmt: skip
STALE_IN_STACKS = ("x", "model", "enc_outputs", "outputs")

# fmt: off
ENCODER_MISTAKES = in_keras(mistakes(encoder_stack, STACK,
    *stack_rows("EncoderLayer"),
    ("mask_not_handed_on", {"masked": lambda mask, n: None}, "The layers get no mask. Hand padding_mask to each of them."),
    ("mask_handed_to_one_layer_only",
     {"masked": lambda mask, n: None if n else mask},
     "Not all layers get the mask. Hand padding_mask to each of them."),
    (standard.MASK_INVERTED(polarity="Here 1 means hide: hand it on as it comes."), {"masked": lambda mask, n: 1 - mask}),
))
# fmt: on
ENCODER = Check(
    name="encoder",
    claim="embeds_and_stacks_its_layers",
    title="The encoder",
    function="encoder",
    inputs=encoder_inputs,
    unlike=encoder_unlike,
    reference=encoder_stack,
    second_route=encoder_by_loops,
    returns=("output", "all_dropped"),
    points={"output": 1, "all_dropped": 1},
    read=STACK,
    needs="tensorflow",
    survives=("an odd width",),
    hints=(
        "`x = layers.Embedding(vocab_size, d_model)(ids)`, and `x * d_model**0.5` is a step of the model like any other.",
        "`AddPositions()` makes a layer, and a layer is called on `x`: `AddPositions()(x)`. Dropout in the same way.",
        "In the loop: `x = EncoderLayer(d_model, num_heads, dff, dropout)(x, padding_mask)`. A new layer in each round.",
    ),
    misconceptions=ENCODER_MISTAKES,
    advice=STACK_ADVICE,
    stale=STALE_IN_STACKS,
)

# fmt: off
DECODER_MISTAKES = in_keras(mistakes(decoder_stack, STACK,
    *stack_rows("DecoderLayer"),
    ("masks_exchanged", {"masked": lambda own, padding: (padding, own)},
     "The two masks have changed places: look_ahead_mask comes first."),
    ("cross_attention_given_the_targets_mask", {"masked": lambda own, padding: (own, own)},
     "Both masks of the layers are the look-ahead mask. Cross-attention takes padding_mask, the source's."),
    ("self_attention_given_the_sources_mask", {"masked": lambda own, padding: (padding, padding)},
     "Both masks of the layers are the source's padding mask. Self-attention takes look_ahead_mask."),
    ("look_ahead_mask_not_handed_on", {"masked": lambda own, padding: (None, padding)},
     "The layers get no look-ahead mask: the future stays visible."),
    ("padding_mask_not_handed_on", {"masked": lambda own, padding: (own, None)},
     "The layers get no padding mask for cross-attention."),
    ("no_mask_handed_on", {"masked": lambda own, padding: (None, None)}, "The layers get neither of the two masks."),
    ("source_replaced", {"read": lambda x, memory, number: (x, memory if number == 0 else x)},
     "Only the first layer reads enc_outputs; the later ones get what the layer before them gave. Every layer reads "
     "the same enc_outputs."),
    ("positions_added_to_the_source", {"source": lambda memory: memory + positions_to(memory.shape[1], memory.shape[2])},
     "Positions were added to enc_outputs. The encoder has done that; the decoder adds its own to its own words."),
    ("encoder_layers_stacked", {"found": lambda x, own_mean, mean: (x, own_mean)},
     "These are encoder layers: nothing reads enc_outputs. A decoder is made of DecoderLayer."),
    ("encoder_never_read", {"read": lambda x, memory, number: (x, x)},
     "The layers get x in place of the encoder's output: the source is never read."),
    ("encoder_stacked",
     ways_of("read", lambda x, memory, number: (memory, x), lambda x, memory, number: (memory, memory)),
     "The layers work on the encoder's output in place of x. x comes first: it is what they change."),
))
# fmt: on
DECODER = Check(
    name="decoder",
    claim="gives_every_layer_the_source_and_both_masks",
    title="The decoder",
    function="decoder",
    inputs=decoder_inputs,
    reference=decoder_stack,
    second_route=decoder_by_loops,
    returns=("output", "all_dropped"),
    points={"output": 1, "all_dropped": 1},
    read=STACK,
    needs="tensorflow",
    hints=(
        "The first two lines are those of the encoder.",
        "`DecoderLayer(…)(x, enc_outputs, look_ahead_mask, padding_mask)`: `x` changes from layer to layer, the other three do not.",
    ),
    misconceptions=DECODER_MISTAKES,
    advice=STACK_ADVICE,
    stale=STALE_IN_STACKS,
)


# ---------------------------------------------------------------- the whole model
def shift_of(V: int, layers: int, dff: int, d: int, H: int, dropout: float) -> float:
    """Return what a stand-in makes of its sizes."""
    return 0.01 * V + 0.2 * layers + 0.03 * dff + 0.05 * d + 0.11 * H + 0.5 * dropout


def read_ids(
    ids: Array, width: int, own_mask: Array | None, memory: Array | None = None, mask: Array | None = None
) -> Array:
    """Return the vectors that a stand-in makes of ids."""
    x = np.sin(ids[..., None] * np.arange(1, width + 1))
    x = fitting(x, shown_mean(x, own_mask))
    return x if memory is None else fitting(x, shown_mean(np.sin(2 * memory), mask))


def right_wiring(source: Array, target: Array) -> dict[str, Array]:
    """Return what goes where: the ids that are read, and the masks."""
    return {
        "encoder_ids": source,
        "encoder_mask": padding_of(source),
        "decoder_ids": target,
        "look_ahead": look_ahead_of(target),
        "cross_mask": padding_of(source),
    }


def wired(
    source: Array,
    target: Array,
    width: int,
    shifts: tuple[float, float],
    wiring: dict[str, Callable] | None,
    memory: Callable = as_it_is,
    gives: str = "decoder",
) -> Array:
    """Return what the stand-ins give: the encoder's output goes into the decoder's, and that is returned, or the former."""
    w = right_wiring(source, target) | {place: made(source, target) for place, made in (wiring or {}).items()}
    enc_outputs = read_ids(w["encoder_ids"], width, w["encoder_mask"]) + shifts[0]
    enc_outputs = memory(enc_outputs, source, target)
    if gives == "encoder":
        return enc_outputs
    return read_ids(w["decoder_ids"], width, w["look_ahead"], enc_outputs, w["cross_mask"]) + shifts[1]


# What may go into the wrong place: functions of (source, target), each one object, so that two mistakes can be joined.
def source_ids(source: Array, target: Array) -> Array:
    """Return the source."""
    return source


def target_ids(source: Array, target: Array) -> Array:
    """Return the target."""
    return target


def source_padding(source: Array, target: Array) -> Array:
    """Return the padding mask of the source."""
    return padding_of(source)


def target_padding(source: Array, target: Array) -> Array:
    """Return the padding mask of the target."""
    return padding_of(target)


def source_look_ahead(source: Array, target: Array) -> Array:
    """Return the look-ahead mask of the source."""
    return look_ahead_of(source)


def target_look_ahead(source: Array, target: Array) -> Array:
    """Return the look-ahead mask of the target."""
    return look_ahead_of(target)


def empty(mask: Callable) -> Callable:
    """Return a mask of the same shape that hides nothing."""
    return lambda source, target: 0 * mask(source, target)


def future_alone(source: Array, target: Array) -> Array:
    """Return the look-ahead mask of the target without its padding."""
    return look_ahead_of(np.ones_like(target))


def past_hidden(source: Array, target: Array) -> Array:
    """Return a mask that hides the past and the position itself, and leaves the future visible."""
    return 1 - look_ahead_of(np.ones_like(target))


def inverted(mask: Callable) -> Callable:
    """Return a mask that hides what another one shows."""
    return lambda source, target: 1 - mask(source, target)


EXCHANGED = {
    "encoder_ids": target_ids,
    "encoder_mask": target_padding,
    "decoder_ids": source_ids,
    "look_ahead": source_look_ahead,
    "cross_mask": target_padding,
}


def transformer_logits(
    inputs: Array,
    dec_inputs: Array,
    W: Array,
    b: Array,
    num_layers: int,
    dff: int,
    num_heads: int,
    dropout: float,
    *,
    wiring: dict[str, Callable] | None = None,
    sizes: Callable = lambda *sizes: (sizes, sizes),
    gives: str = "decoder",
    after: Callable = as_it_is,
    read: Callable = lambda x, W, b: x @ W + b,
    names: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0),
) -> tuple[Array, Array]:
    """Return (logits, whether inputs, dec_inputs and outputs have their names, and no dropout is called)."""
    d, V = W.shape
    for_encoder, for_decoder = sizes(V, num_layers, dff, d, num_heads, dropout)
    shifts = (shift_of(*for_encoder), 0.3 - shift_of(*for_decoder))
    return after(read(wired(inputs, dec_inputs, d, shifts, wiring, gives=gives), W, b)), np.array(names)


def transformer_by_loops(inputs, dec_inputs, W, b, num_layers, dff, num_heads, dropout):  # fmt: skip
    """Return the same, one sentence and one position after the other."""
    d, V = W.shape
    shift = shift_of(V, num_layers, dff, d, num_heads, dropout)
    logits = np.zeros((*dec_inputs.shape, V))
    for n, (source, target) in enumerate(zip(inputs.tolist(), dec_inputs.tolist(), strict=True)):
        vectors = {w: np.array([math.sin(w * (j + 1)) for j in range(d)]) for w in {*source, *target}}
        words = [vectors[w] for w in source if w]
        memory = [np.sin(2 * (v + np.mean(words, axis=0) + shift)) for v in words]
        for t, word in enumerate(target):
            past = [vectors[w] for w in target[: t + 1] if w]
            y = vectors[word] + np.mean(past, axis=0) + np.mean(memory, axis=0) + 0.3 - shift
            logits[n, t] = y @ W + b
    return logits, np.ones(4)


def transformer_inputs(rng: np.random.Generator) -> Cases:
    """Draw a target shorter than its source, and two of one length."""

    def case(source: Array, target: Array, d: int, V: int, layers: int, dff: int, H: int) -> Inputs:
        found = {"inputs": source, "dec_inputs": target, "W": normal(rng, d, V), "b": normal(rng, V)}
        return found | {"num_layers": layers, "dff": dff, "num_heads": H, "dropout": 0.25}

    shorter = (sentences(rng, 11, 7, 4, 6), sentences(rng, 11, 5, 5, 3))
    alike = (sentences(rng, 8, 3, 2, 3, 1), sentences(rng, 8, 3, 3, 2, 2))
    return {
        "a target shorter than its source": case(*shorter, 6, 11, 2, 13, 3),
        "both of one length": case(*alike, 5, 6, 3, 9, 1),
    }


def wirings(*ways: dict[str, Callable]) -> list[dict]:
    """Return ways to wire the model wrongly."""
    return ways_of("wiring", *ways)


# fmt: off
WIRING_ROWS = shared_rows(WHOLE,
    ("encoder_reads_the_decoders_inputs",
     wirings({"encoder_ids": target_ids, "encoder_mask": target_padding, "cross_mask": target_padding},
         {"encoder_ids": target_ids, "encoder_mask": target_padding}),
     "The encoder reads dec_inputs: the question is never seen, and the answer leaks in from behind. The encoder reads "
     "inputs."),
    ("encoder_reads_the_decoders_inputs_under_the_sources_mask", wirings({"encoder_ids": target_ids}),
     "The masks are the source's, but the encoder still reads dec_inputs."),
    ("decoder_reads_the_encoders_inputs",
     wirings({"decoder_ids": source_ids, "look_ahead": source_look_ahead}, {"decoder_ids": source_ids}),
     "The decoder reads inputs. It reads dec_inputs, the answer so far."),
    ("source_and_target_exchanged", wirings(EXCHANGED),
     "Source and target have changed places everywhere: the encoder reads inputs, the decoder dec_inputs."),
    ("masks_from_the_target", wirings({"encoder_mask": target_padding, "cross_mask": target_padding}),
     "The right ids are read, but the padding mask is still made from the target. Encoder and cross-attention look at "
     "the source."),
    ("cross_attention_given_the_targets_mask",
     wirings({"cross_mask": target_padding}, {"cross_mask": target_look_ahead}),
     "Cross-attention was given a mask made from the target. Its keys are the source's."),
    ("encoder_given_the_targets_mask",
     wirings({"encoder_mask": target_padding}, {"encoder_mask": target_look_ahead}),
     "The encoder was given a mask made from the target."),
    ("encoder_must_not_look_ahead", wirings({"encoder_mask": source_look_ahead}),
     "The encoder got a look-ahead mask. The source is known from its first word to its last: hide padding only."),
    ("no_look_ahead_mask", wirings({"look_ahead": target_padding}),
     "The decoder got a padding mask in place of the look-ahead mask: it sees the words that it should predict."),
    ("look_ahead_mask_from_the_source", wirings({"look_ahead": source_look_ahead}),
     "The look-ahead mask is made from the source. It hides words of the target."),
    ("masks_of_the_decoder_exchanged",
     wirings({"look_ahead": source_padding, "cross_mask": target_look_ahead}),
     "The decoder's two masks have changed places: the look-ahead mask comes first."),
)
# fmt: on

# fmt: off
MADE_BY_HAND = shared_rows(WHOLE,
    ("padding_visible",
     wirings({"encoder_mask": empty(source_padding)}, {"cross_mask": empty(source_padding)},
         {"encoder_mask": empty(source_padding), "cross_mask": empty(source_padding)}),
     "The padding of the source is not hidden everywhere: the encoder and cross-attention both need its padding mask."),
    ("future_visible", wirings({"look_ahead": empty(target_look_ahead)}),
     "The decoder's self-attention has no mask: it sees the words that it should predict."),
    ("targets_padding_visible", wirings({"look_ahead": future_alone}),
     "The look-ahead mask hides the future, but not the padding of the target: create it from dec_inputs as it is given."),
    ("past_hidden", wirings({"look_ahead": past_hidden}),
     "The look-ahead mask works the wrong way round: it hides the past, and 1 means hide."),
    (standard.MASK_INVERTED(mask="The padding mask", effect="real words are hidden"),
     wirings({"encoder_mask": inverted(source_padding), "cross_mask": inverted(source_padding)})),
)
# fmt: on

# fmt: off
TRANSFORMER_MISTAKES = in_keras(mistakes(transformer_logits, WHOLE,
    *WIRING_ROWS,
    ("softmax_taken", {"after": softmax},
     "These are probabilities. Return logits: the loss takes the softmax itself, more safely."),
    ("relu_taken", {"after": relu}, "Negative logits became 0. The last Dense layer has no activation."),
    ("last_layer_reads_the_encoder", {"gives": "encoder"},
     "The last layer reads what the encoder gives. It reads what the decoder gives."),
    ("likeliest_returned", {"after": lambda y: y.argmax(axis=-1).astype(float)},
     "These are the likeliest words. Return all the logits."),
    ("last_position_only", {"after": lambda y: y[:, -1]},
     "Only the last position has logits. Each position of the target has its own."),
    ("last_layer_left_out", {"read": lambda x, W, b: x},
     "This is what the decoder gives, d_model numbers a position. The last Dense layer makes vocab_size of them."),
    ("sizes_exchanged",
     ways_of("sizes", lambda V, layers, dff, d, H, dropout: ((V, dff, layers, d, H, dropout),) * 2,
         lambda V, layers, dff, d, H, dropout: ((V, H, dff, d, layers, dropout),) * 2,
         lambda *sizes: (sizes, (sizes[0], sizes[2], sizes[1], *sizes[3:])),
         lambda *sizes: (sizes, (sizes[0], sizes[4], sizes[2], sizes[3], sizes[1], sizes[5]))),
     "The sizes reach encoder or decoder in the wrong order: (vocab_size, num_layers, dff, d_model, num_heads, "
     "dropout). By name they cannot be mixed up."),
    ("dropout_not_handed_on",
     ways_of("sizes", lambda *sizes: ((*sizes[:5], 0.1),) * 2, lambda *sizes: ((*sizes[:5], 0.0),) * 2,
         lambda *sizes: (sizes, (*sizes[:5], 0.1)), lambda *sizes: ((*sizes[:5], 0.1), sizes)),
     "Encoder or decoder got another dropout than the one that was given."),
    ("inputs_not_named", ways_of("names", (0.0, 0.0, 1.0, 1.0), (1.0, 0.0, 1.0, 1.0), (0.0, 1.0, 1.0, 1.0)),
     'The logits are right, but the inputs are not called inputs and dec_inputs: keras.Input((None,), name="inputs").'),
    ("last_layer_not_named", {"names": (1.0, 1.0, 0.0, 1.0)},
     'The logits are right, but the last layer is not called outputs: layers.Dense(vocab_size, name="outputs").'),
    ("dropout_at_the_end", {"names": (1.0, 1.0, 1.0, 0.0)},
     "When predicting all is right, but a dropout stands between the parts. Encoder and decoder have theirs inside; "
     "add none."),
    ("inputs_in_another_order", {"wiring": EXCHANGED, "names": (0.0, 0.0, 1.0, 1.0)},
     "The model takes its inputs in the order [dec_inputs, inputs]. The source comes first."),
))
# fmt: on
TRANSFORMER = Check(
    name="transformer",
    claim="wires_encoder_and_decoder_to_logits",
    title="The Transformer",
    function="transformer",
    inputs=transformer_inputs,
    reference=transformer_logits,
    second_route=transformer_by_loops,
    returns=("logits", "names"),
    points={"logits": 2, "names": 1},
    read=WHOLE,
    needs="tensorflow",
    hints=(
        "Draw the figure of the page with your functions' names on the boxes, and an arrow for each mask.",
        "Two masks are enough: the source's padding mask serves the encoder and cross-attention.",
        "`encoder(vocab_size, num_layers, dff, d_model, num_heads, dropout)` makes a model; it is called on a list, [inputs, mask]. The "
        "decoder is called on four things.",
    ),
    misconceptions=TRANSFORMER_MISTAKES,
    advice={
        r"has (\d+) layers of the kind Dense": "The model has \\1 Dense layers at its top level. It has one, the last.",
        r"has a matrix \(|shape of the target variable|variable\.shape=": "The last Dense layer has vocab_size units, and reads d_model numbers.",
        r"NoneType' object has no attribute 'assign'": "The last Dense layer has no bias. Leave use_bias as it is.",
        r"too many positional arguments|got multiple values for argument": "encoder(…) and decoder(…) give models, and a model takes "
        "its inputs as one list: `decoder(…)([dec_inputs, enc_outputs, look_ahead_mask, padding_mask])`.",
        r"Invalid input shape for input": "Each model takes its list in its own order: encoder [inputs, padding_mask], decoder "
        "[dec_inputs, enc_outputs, look_ahead_mask, padding_mask].",
        r"zip\(\) argument|Missing data": "The model has two inputs: keras.Model([inputs, dec_inputs], …).",
        **STACK_ADVICE,
    },
    stale=(*STALE_IN_STACKS, "logits", "padding_mask", "look_ahead_mask"),
)  # fmt: skip


# ---------------------------------------------------------------- find the bug: the encoder is given the decoder's inputs
def forward(
    inputs: Array,
    dec_inputs: Array,
    *,
    wiring: dict[str, Callable] | None = None,
    memory: Callable = as_it_is,
    after: Callable = as_it_is,
) -> Array:
    """Return logits (B, T_t, 5) of the toy encoder and decoder."""
    return after(wired(inputs, dec_inputs, 5, (0.0, 0.0), wiring, memory))


def forward_by_loops(inputs: Array, dec_inputs: Array) -> Array:
    """Return the same, one sentence and one position after the other."""
    logits = np.zeros((*dec_inputs.shape, 5))
    for n, (source, target) in enumerate(zip(inputs.tolist(), dec_inputs.tolist(), strict=True)):
        vectors = {w: np.array([math.sin(w * (j + 1)) for j in range(5)]) for w in {*source, *target}}
        words = [vectors[w] for w in source if w]
        memory = [np.sin(2 * (v + np.mean(words, axis=0))) for v in words]
        for t, word in enumerate(target):
            past = [vectors[w] for w in target[: t + 1] if w]
            logits[n, t] = vectors[word] + np.mean(past, axis=0) + np.mean(memory, axis=0)
    return logits


def wiring_inputs(rng: np.random.Generator) -> Cases:
    """Draw a target shorter than its source, and two of one length."""
    return {
        "a target shorter than its source": {
            "inputs": sentences(rng, 11, 7, 4, 6),
            "dec_inputs": sentences(rng, 11, 5, 5, 3),
        },
        "both of one length": {"inputs": sentences(rng, 8, 3, 2, 3, 1), "dec_inputs": sentences(rng, 8, 3, 3, 2, 2)},
        "no padding": {"inputs": sentences(rng, 9, 6, 6), "dec_inputs": sentences(rng, 9, 2, 2)},
    }


FIND_THE_WIRING = Check(
    name="find_the_wiring",
    claim="gives_each_side_its_own_sentence",
    title="Find the bug: the answer is the same to every question",
    function="mended_forward",
    inputs=wiring_inputs,
    reference=forward,
    second_route=forward_by_loops,
    returns=("logits",),
    points={"logits": 2},
    read=WHOLE,
    survives=("no padding",),
    hints=(
        "Go through the four lines and count where `inputs` is used. What does the encoder read?",
        "When the encoder reads something else, its mask must be made from that too, and so must the mask of cross-attention.",
    ),
    misconceptions=mistakes(
        forward,
        WHOLE,
        *WIRING_ROWS,
        *MADE_BY_HAND,
        (
            "encoder_output_returned",
            lambda inputs, dec_inputs: read_ids(inputs, 5, padding_of(inputs)),
            "This is what the encoder gives. The decoder reads it, and what the decoder gives is returned.",
        ),
        (standard.ZEROS_RETURNED, lambda inputs, dec_inputs: 0 * forward(inputs, dec_inputs)),
        (
            "probabilities_returned",
            {"after": softmax},
            "A softmax was taken of what the decoder gives. Return the logits as they are.",
        ),
        (
            "likeliest_returned",
            {"after": lambda logits: logits.argmax(axis=-1)},
            "These are the likeliest words, or their logits. Return all logits as they are.",
        ),
    ),
    advice={
        r"mismatch in its core dimension|could not be broadcast|size (\d+) is different from (\d+)|does not fit": "A mask does not "
        "fit the sentence whose words it hides. Ask of each mask: whose are the keys? And are the arguments "
        "of decode in their order: ids, enc_outputs, look_ahead_mask, padding_mask?",
        r"'NoneType' object is not subscriptable": "A mask is None here. The encoder, self-attention and cross-attention each "
        "need one.",
        r"takes \d+ positional|missing \d+ required": "encode takes (ids, padding_mask); decode takes (ids, enc_outputs, "
        "look_ahead_mask, padding_mask).",
    },
    stale=("padding_mask", "look_ahead_mask", "enc_outputs", "logits"),
)


KEY = AnswerKey(
    "07_transformer",
    (
        ANGLES,
        POSITIONAL_ENCODING,
        FIND_THE_POSITIONS,
        LAYER_NORM,
        FEED_FORWARD,
        ADD_AND_NORM,
        COUNT_PARAMETERS,
        ENCODER_LAYER,
        DECODER_LAYER,
        ENCODER,
        DECODER,
        TRANSFORMER,
        FIND_THE_WIRING,
    ),
)
