"""Answer key of chapter 01: the encoder-decoder, its one context vector, and the gradient through time.

Right and wrong answers come from a few functions whose steps can be exchanged: a misconception is such a
function with one step done the wrong way. Inputs are rounded to three decimals so that the generated reference
outputs stay readable. Where a case is an empty sequence, the input is a longer array and T says how many of its
rows are read.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from autograder.course import standard_mistakes as standard
from autograder.course.answer_key import AnswerKey, Check, Misconception
from autograder.course.drawing import Array, Cases, Inputs, normal
from autograder.course.rows import every_way, mistakes
from autograder.course.steps import as_it_is, first_alone, one_kept, sigmoid

# Sections of the chapter's page.
FORMULA = "The formula, with shapes"
BY_HAND = "Three words by hand"
SLOPE = "The slope of tanh"
TIME = "Gradient through time"
WRONG = "What goes wrong"


# ---------------------------------------------------------------- data
def between(rng: np.random.Generator, low: float, high: float, *shape: int) -> Array:
    """Draw numbers whose size lies between `low` and `high`, of either sign, rounded to three decimals."""
    return np.round(rng.uniform(low, high, size=shape) * rng.choice([-1, 1], size=shape), 3)


def matrix(rng: np.random.Generator, rows: int, columns: int, gain: float = 1.0) -> Array:
    """Draw a matrix that keeps numbers of order 1 at that order, times `gain`."""
    return normal(rng, rows, columns, scale=gain / math.sqrt(columns))


def stops_on_nothing(way: Callable, least: int = 1, **inputs: Any) -> Any:
    """Return what a way gives, but raise where T is below `least`, as `H[-1]` does; any error equals this one."""
    if inputs["T"] < least:
        raise Exception("stopped on a sequence that is too short")
    return way(**inputs)


def too_short(way: Callable) -> Callable:
    """Return the way with an exception where T is 0."""
    return partial(stops_on_nothing, way)


def right_on_nothing(way: Callable, right: Callable, **inputs: Any) -> Any:
    """Return what a way gives, but what is right where there is nothing to read: a loop over no rows does no harm."""
    return way(**inputs) if inputs["T"] else right(**inputs)


def stopping_too(
    found: tuple[Misconception, ...], on_nothing: dict[str, tuple[Callable, ...]] | None = None
) -> tuple[Misconception, ...]:
    """Add to each mistake the same in code that also stops on an empty sequence: one slip must not hide the other.

    `on_nothing` holds, by name, further ways that differ on an empty sequence only.
    """
    return tuple(
        replace(m, also=(*m.also, *stopping.ways().values(), *(on_nothing or {}).get(m.name, ())))
        for m, stopping in zip(found, every_way(found, too_short), strict=True)
    )


# ---------------------------------------------------------------- slopes of tanh, right and wrong
def slope_at(z: Array) -> Array:
    """Return the derivative of tanh at z."""
    return 1 / np.cosh(z) ** 2


def slope_of(h: Array) -> Array:
    """Return the derivative of tanh where its value is h."""
    return 1 - h**2


def ones(values: Array) -> Array:
    """Return ones of the same shape."""
    return np.ones_like(values)


# ---------------------------------------------------------------- one step of an RNN
def product(W: Array, v: Array) -> Array:
    """Return the matrix times the vector."""
    return W @ v


def nothing(W: Array, v: Array) -> Array:
    """Return zeros instead of the product."""
    return np.zeros(len(W))


def entry_by_entry(W: Array, v: Array) -> Array:
    """Return what `*` gives in place of `@`."""
    return W * v


def summed_up(W: Array, v: Array) -> float:
    """Return what np.sum without an axis gives: one number for the whole matrix."""
    return np.sum(W * v)


def step(
    x_t: Array,
    h_prev: Array,
    W_x: Array,
    W_h: Array,
    b: Array,
    *,
    of_x: Callable = product,
    of_h: Callable = product,
    bias: Callable = as_it_is,
    join: Callable = lambda a, c, b: a + c + b,
    squash: Callable = np.tanh,
    after: Callable = lambda h, h_prev, b: h,
) -> Array:
    """Return the state after one more input, (d_h,)."""
    return after(squash(join(of_x(W_x, x_t), of_h(W_h, h_prev), bias(b))), h_prev, b)


def step_by_loops(x_t: Array, h_prev: Array, W_x: Array, W_h: Array, b: Array) -> list[float]:
    """Return the same, number by number, with Python's own tanh."""
    state = []
    for j in range(len(b)):
        total = float(b[j])
        total += sum(float(W_x[j, i] * x_t[i]) for i in range(len(x_t)))
        total += sum(float(W_h[j, i] * h_prev[i]) for i in range(len(h_prev)))
        state.append(math.tanh(total))
    return state


def recurrent_parameters(rng: np.random.Generator, d_x: int, d_h: int, gain: float = 1.0) -> Inputs:
    """Draw W_x (d_h, d_x), W_h (d_h, d_h) and b (d_h,)."""
    return {"W_x": matrix(rng, d_h, d_x), "W_h": matrix(rng, d_h, d_h, gain), "b": between(rng, 0.3, 0.9, d_h)}


def rnn_step_inputs(rng: np.random.Generator) -> Cases:
    """Draw a step with d_x = 3 and d_h = 5, and one in which both are 6."""
    return {
        label: {"x_t": normal(rng, d_x), "h_prev": between(rng, 0.2, 0.9, d_h), **recurrent_parameters(rng, d_x, d_h)}
        for label, d_x, d_h in (("d_x = 3, d_h = 5", 3, 5), ("d_x = d_h = 6", 6, 6))
    }


TANH_ADVICE = {
    r"name '(math|tanh)' is not defined|can be converted to Python scalars": "Use np.tanh: it takes a whole array.",
}
STEP_ADVICE = {
    r"operands could not be broadcast|size \d+ is different from \d+": "W_x goes with the input, W_h with the state, "
    "and the matrix stands on the left: `W_x @ x_t`, `W_h @ h_prev`.",
    r"h_t has shape \((\d+), \1\)": "A matrix came out. Was a column added to a vector? All vectors here are (d_h,).",
    **TANH_ADVICE,
}

# fmt: off
RNN_STEP_MISTAKES = mistakes(step, FORMULA,
    ("bias_forgotten", {"bias": np.zeros_like}, "The bias is missing: add b before the tanh."),
    ("tanh_forgotten", {"squash": np.asarray},
     "The sum was returned as it is. It must pass through tanh, which keeps a state between -1 and 1."),
    ("state_before_ignored", {"of_h": nothing},
     "The state before has no influence: W_h @ h_prev is missing. Without it the network remembers nothing."),
    ("input_ignored", {"of_x": nothing}, "The input has no influence: W_x @ x_t is missing."),
    ("recurrent_matrix_transposed", {"of_h": lambda W, v: W.T @ v},
     "W_h was transposed, or stands to the right of the state. It is square, so nothing complains; the product is W_h "
     "@ h_prev."),
    ("input_matrix_transposed", {"of_x": lambda W, v: W.T @ v},
     "W_x was transposed, or stands to the right of the input. The product is W_x @ x_t."),
    ("both_matrices_transposed", {"of_x": lambda W, v: W.T @ v, "of_h": lambda W, v: W.T @ v},
     "Both matrices were transposed, or stand to the right of their vectors. In this chapter a matrix stands on the "
     "left: W @ v."),
    (standard.MULTIPLIED_ENTRY_BY_ENTRY(product="The product of a matrix and a vector"),
     [{"of_x": entry_by_entry, "of_h": entry_by_entry}, {"of_h": entry_by_entry}, {"of_x": entry_by_entry}]),
    ("bias_after_the_tanh", {"bias": np.zeros_like, "after": lambda h, h_prev, b: h + b},
     "The bias was added after the tanh. It belongs inside, with the two products."),
    ("products_multiplied", {"join": lambda a, c, b: a * c + b},
     "The two products were multiplied with each other. Add them, and the bias."),
    ("state_subtracted", {"join": lambda a, c, b: a - c + b},
     "The part of the state before was subtracted. All three parts are added."),
    ("total_not_reset", {"squash": lambda z: np.tanh(np.cumsum(z))},
     "The sum goes on from one unit to the next. Set it to zero for every unit."),
    (standard.BIAS_SUBTRACTED, {"bias": np.negative}),
    ("one_bias_for_all", [{"bias": lambda b: b[:1]}, {"bias": lambda b: b[-1:]}, {"bias": np.sum}, {"bias": np.mean}],
     "One number was added to all units, such as b[0], or the sum or the mean of b. Each unit has a bias of its own: "
     "add the whole b."),
    ("bias_multiplied", {"join": lambda a, c, b: (a + c) * b},
     "The bias was multiplied by the sum of the products. It is added to it."),
    ("bias_added_twice", {"bias": lambda b: 2 * b},
     "The bias was added twice. This RNN has one bias, for the input and the state together."),
    ("state_added_without_its_matrix", {"of_h": lambda W, v: v},
     "The state before was added as it is. It must be multiplied by W_h first."),
    ("state_squashed_again", {"of_h": lambda W, v: W @ np.tanh(v)},
     "tanh was applied to the state before as well. h_prev has been through tanh already; only the sum needs it."),
    ("each_product_squashed",
     [{"of_x": lambda W, v: np.tanh(W @ v), "of_h": lambda W, v: np.tanh(W @ v), "squash": np.asarray},
      {"of_h": lambda W, v: np.tanh(W @ v), "join": lambda a, c, b: np.tanh(a + b) + c, "squash": np.asarray},
      {"of_x": lambda W, v: np.tanh(W @ v), "join": lambda a, c, b: a + np.tanh(c + b), "squash": np.asarray},
      {"join": lambda a, c, b: np.tanh(a + b) + np.tanh(c + b), "squash": np.asarray},
      {"of_x": lambda W, v: np.tanh(W @ v), "squash": np.asarray},
      {"of_h": lambda W, v: np.tanh(W @ v), "squash": np.asarray},
      {"join": lambda a, c, b: np.tanh(a + b) + c, "squash": np.asarray},
      {"join": lambda a, c, b: np.tanh(a + b) + c + b, "squash": np.asarray},
      {"join": lambda a, c, b: a + np.tanh(c + b), "squash": np.asarray},
      {"join": lambda a, c, b: a + b + np.tanh(c + b), "squash": np.asarray}],
     "tanh was taken of the parts, or of one of them, and then they were added up. Add first; one tanh is taken of the "
     "whole sum."),
    ("tanh_twice", {"squash": lambda z: np.tanh(np.tanh(z))}, "tanh was applied twice to the sum. Once is enough."),
    ("input_squashed", {"of_x": lambda W, v: W @ np.tanh(v)},
     "tanh was applied to x_t before its product. One tanh is taken, of the whole sum."),
    ("tan_for_tanh", {"squash": np.tan}, "This is the tangent, np.tan. The hyperbolic tangent is np.tanh."),
    ("another_function_for_tanh",
     [{"squash": np.sinh}, {"squash": np.cosh}, {"squash": np.arctan}, {"squash": lambda z: 1 / np.tanh(z)}],
     "This is another function than tanh: sinh, cosh, arctan, or 1 / tanh. np.tanh does it right."),
    ("sigmoid_for_tanh", {"squash": sigmoid},
     "All numbers lie between 0 and 1: that is the sigmoid. This RNN uses tanh, between -1 and 1."),
    ("relu_for_tanh", {"squash": lambda z: np.maximum(z, 0)},
     "No number is negative: that is ReLU. This RNN uses tanh."),
    ("derivative_for_tanh", {"squash": slope_at},
     "You applied the derivative of tanh. The step forward uses tanh itself; its derivative comes with the gradient."),
    ("added_to_the_state_before",
     [{"after": lambda h, h_prev, b: h + h_prev}, {"after": lambda h, h_prev, b: (h + h_prev) / 2}],
     "The new state was added to the one before, or averaged with it. It replaces it: the past comes in through W_h @ "
     "h_prev only."),
    ("tanh_of_half_the_sum", {"squash": lambda z: np.tanh(z / 2)},
     "This is the tanh of *half* the sum: (1 - e^-z) / (1 + e^-z) is tanh(z / 2). np.tanh does it right."),
    ("everything_summed",
     [{"of_x": summed_up, "of_h": summed_up}, {"of_x": summed_up}, {"of_h": summed_up}],
     "np.sum without an axis made one number of a whole matrix, and every unit got the same. Each unit needs the sum "
     "of its own row: `W @ v`."),
    ("joined_in_another_order",
     [lambda x_t, h_prev, W_x, W_h, b: np.tanh(np.hstack([W_x, W_h]) @ np.concatenate([h_prev, x_t]) + b),
      lambda x_t, h_prev, W_x, W_h, b: np.tanh(np.hstack([W_h, W_x]) @ np.concatenate([x_t, h_prev]) + b)],
     "The matrices were joined in one order and the vectors in the other. [W_x W_h] goes with [x_t; h_prev]."),
    ("input_through_both_matrices", lambda x_t, h_prev, W_x, W_h, b: np.tanh(W_h @ (W_x @ x_t + h_prev) + b),
     "W_h multiplied the sum of W_x @ x_t and the state. It multiplies the state alone; then the two are added."),
    ("products_averaged",
     [{"join": lambda a, c, b: (a + c) / 2 + b}, {"join": lambda a, c, b: (a + c + b) / 3}],
     "The products were averaged, or all three parts. Add them up; nothing is divided."),
    ("state_added_besides", {"of_h": lambda W, v: W @ v + v},
     "h_prev itself was added besides W_h @ h_prev. It comes in once, through its matrix."),
    ("softmax_for_tanh", {"squash": lambda z: softmax(z)},
     "These numbers sum to one: that is a softmax. This RNN uses tanh."),
    (standard.ZEROS_RETURNED, {"after": lambda h, h_prev, b: np.zeros_like(h)}),
    ("old_state_returned", {"after": lambda h, h_prev, b: h_prev},
     "This is h_prev, the state that came in. Return the new one."),
    (standard.ONE_RETURNED(what="unit"), [{"after": lambda h, h_prev, b: h[-1]}, {"after": lambda h, h_prev, b: h[0]}]),
    ("bias_added_before_the_product",
     [lambda x_t, h_prev, W_x, W_h, b: step(x_t, h_prev + b, W_x, W_h, 0 * b),
      lambda x_t, h_prev, W_x, W_h, b: step(x_t + b, h_prev, W_x, W_h, 0 * b)],
     "The bias was added to a vector before its product, so the matrix changed it too. Add it to the two products."),
    ("one_of_them_twice",
     [lambda x_t, h_prev, W_x, W_h, b: step(x_t, x_t, W_x, W_h, b),
      lambda x_t, h_prev, W_x, W_h, b: step(h_prev, h_prev, W_x, W_h, b),
      lambda x_t, h_prev, W_x, W_h, b: step(x_t, h_prev, W_x, W_x, b),
      lambda x_t, h_prev, W_x, W_h, b: step(x_t, h_prev, W_h, W_h, b)],
     "One vector or one matrix is used twice, and another not at all. W_x goes with x_t, W_h with h_prev. (Where d_x "
     "and d_h are equal, Python cannot notice.)"),
    ("matrices_exchanged", lambda x_t, h_prev, W_x, W_h, b: step(x_t, h_prev, W_h, W_x, b),
     "The two matrices have changed places: W_x goes with the input, W_h with the state. (Where d_x and d_h are equal, "
     "Python cannot notice.)"),
)
# fmt: on
RNN_STEP = Check(
    name="rnn_step",
    claim="joins_the_input_and_the_state_before",
    title="One step of an RNN",
    function="rnn_step",
    inputs=rnn_step_inputs,
    reference=step,
    second_route=step_by_loops,
    returns=("h_t",),
    points={"h_t": 3},
    read=FORMULA,
    advice=STEP_ADVICE,
    hints=(
        "Three things are added up, each of them a vector `(d_h,)`: something from the input, something from the state "
        "before, and the bias. Then one function squashes the sum.",
        "`@` multiplies a matrix `(d_h, d_x)` with a vector `(d_x,)` and gives a vector `(d_h,)`. `np.tanh` takes a whole array.",
        "Each matrix meets the vector that has as many numbers as the matrix has columns, and stands to the left of "
        "it. Print the three parts: each has `d_h` numbers. Then one `np.tanh` of their sum.",
    ),
    misconceptions=RNN_STEP_MISTAKES,
    names=lambda inputs: {"d_x": len(inputs["x_t"]), "d_h": len(inputs["b"])},
    stale=("h_t", "h", "x_t", "h_prev", "H", "context"),
)


# ---------------------------------------------------------------- the encoder
def last_state(H: Array, h_0: Array) -> Array:
    """Return the last state, or the first of all where no word was read."""
    return H[-1] if len(H) else h_0


def read_sequence(
    X: Array,
    T: int,
    W_x: Array,
    W_h: Array,
    b: Array,
    *,
    advance: Callable = step,
    arrange: Callable = lambda X: X,
    start: Callable = np.zeros_like,
    keep: Callable = lambda H, h_0: H,
    context: Callable = last_state,
    order: Callable = lambda H, context: (H, context),
) -> tuple[Array, Array]:
    """Return (H, context) for the first T rows of X: all states (T, d_h) and the context vector (d_h,).

    `order` puts both into place; of an H without rows only their number is compared, as the check cell has it.
    """
    h_0 = start(b)
    states = [h_0]
    for x_t in arrange(X[:T]):
        states.append(advance(x_t, states[-1], W_x, W_h, b))
    H = np.array(states[1:]).reshape(-1, len(b))
    H, c = order(keep(H, h_0), context(H, h_0))
    return (H if T else np.array([len(H)])), c


def read_backwards_by_recursion(X: Array, T: int, W_x: Array, W_h: Array, b: Array) -> tuple[Array, Array]:
    """Return the same by recursion from the end: what was read is all but the last word, then the last word."""
    if T == 0:
        return np.array([0]), np.zeros(len(b))
    H, context = read_backwards_by_recursion(X, T - 1, W_x, W_h, b)
    new = np.tanh(np.einsum("hx,x->h", W_x, X[T - 1]) + np.einsum("hg,g->h", W_h, context) + b)
    return np.vstack([H, new] if T > 1 else [new]), new


def encode_inputs(rng: np.random.Generator) -> Cases:
    """Draw six words with d_x = 3 and d_h = 5, one word, none, and six words with d_x = d_h = 7."""
    cases = {"six words": (6, 3, 5), "one word": (1, 3, 5), "no words, X[:0]": (0, 3, 5), "d_x = d_h = 7": (6, 7, 7)}
    return {
        label: {"X": normal(rng, 6, d_x), "T": T, **recurrent_parameters(rng, d_x, d_h, gain=1.3)}
        for label, (T, d_x, d_h) in cases.items()
    }


def only_last(H: Array, h_0: Array) -> Array:
    """Return an H in which every row is the last state, as when one array was appended again and again."""
    return np.repeat(H[-1:], len(H), axis=0)


def with_start(H: Array, h_0: Array) -> Array:
    """Return H with h_0 above it."""
    return np.vstack([h_0, H])


def before_each_word(H: Array, h_0: Array) -> Array:
    """Return the states before each word: h_0 and all but the last."""
    return with_start(H, h_0)[:-1]


from_zeros = partial(step, of_h=nothing)  # a step that forgets the state before


def every_second_word(X: Array, T: int, W_x: Array, W_h: Array, b: Array) -> tuple[Array, Array]:
    """Return what a loop with step 2 finds; the rows between stay zero."""
    found, context = read_sequence(X[::2], -(-T // 2), W_x, W_h, b)
    if T == 0:
        return found, context
    H = np.zeros((T, len(b)))
    H[::2] = found
    return H, context


def mean_state(H: Array, h_0: Array) -> Array:
    """Return the mean of the states."""
    return H.mean(axis=0) if len(H) else h_0


def as_a_list(H: Array, h_0: Array) -> Array:
    """Return H as np.array makes it of a list of rows: without rows its shape is (0,)."""
    return H if len(H) else np.zeros(0)


def zeros_below(H: Array, h_0: Array) -> Array:
    """Return H with a row of zeros below it, which was never filled."""
    return np.vstack([H, np.zeros_like(h_0)])


def for_no_words(context: Callable, X: Array, T: int, W_x: Array, W_h: Array, b: Array) -> tuple[Array, Array]:
    """Return what is right, but another context where there are no words."""
    return read_sequence(X, T, W_x, W_h, b) if T else (np.array([0]), context(b))


def context_empty(b: Array) -> Array:
    """Return no numbers."""
    return np.zeros(0)


def context_of_bias(b: Array) -> Array:
    """Return the state of a step without word and state."""
    return np.tanh(b)


def context_of_ones(b: Array) -> Array:
    """Return ones."""
    return np.ones_like(b)


def only_row(H: Array, row: int) -> Array:
    """Return H with zeros in all rows but one."""
    kept = np.zeros_like(H)
    kept[row:][:1] = H[row:][:1]
    return kept


def one_word_alone(X: Array) -> Array:
    """Return the first row alone, as when `return` stands inside the loop."""
    return X[:1]


NOTHING = "Give h its value h_0, zeros, before the loop: where there are no words the loop does nothing, and h is the context."
ENCODE_ADVICE = {
    r"could not broadcast input array from shape \((\d+),1\) into shape \(\1,?\)": "A state was a column, (\\1, 1), where a vector, (\\1,), belongs. If rnn_step returned it, mend it there. (Its own check lets a column pass with a remark.)",
    r"size 1 is different from \d+": "Something has an axis of length 1 where a vector belongs. Is it a row X[t:t+1], h_0, or what rnn_step returns? A state is (d_h,).",
    r"could not broadcast input array from shape \((\d+),\) into shape \((\d+),?\)": "\\1 numbers were put into a place for \\2. H is (T, d_h): a row for each word, with one number for each unit.",
    r"index -1 is out of bounds|list index out of range|local variable '(h|h_t|context|state)'": (
        NOTHING,
        "equals T 0",
    ),
    r"need at least one array": "np.stack and its like refuse an empty list. np.zeros((T, d_h)), filled row by row, needs "
    "no special case.",
    r"cannot unpack non-iterable NoneType": [
        (
            "For a sentence without words your function returned nothing. Does it reach a `return`?",
            "equals T 0",
            "not inside",
        ),
        ("Your function returned nothing. Does it reach a `return`?", "not inside"),
    ],
    r"does not have enough dimensions": "h_0 is a vector of d_h zeros, not the number 0; and rnn_step takes one row of X.",
    r"index (\d+) is out of bounds for axis 0": [
        (
            "Rows count from 0, so of \\1 rows none has the number \\1. Is it a t + 1, or a range that begins at 1? Step t "
            "reads row t of X.",
            "equals T \\1",
            "not equals T 1",
        ),
        ("The loop runs over the rows of X, len(X) of them.",),
    ],
    r"could not be broadcast|size \d+ is different from \d+": "Look at what rnn_step is given: a row of X, then a state "
    "with as many numbers as b, then W_x, W_h and b.",
}

# fmt: off
ENCODE_MISTAKES = mistakes(read_sequence, BY_HAND,
    ("first_state_as_context", {"context": lambda H, h_0: H[0] if len(H) else h_0},
     "The context is the first state, H[0]. It has seen one word only, and of a sentence without words there is none. "
     "Take the last state: it has seen them all.", "partly"),
    ("mean_as_context", {"context": mean_state},
     "The context is the mean of the states. In an encoder-decoder it is the last state, h_T.", "partly"),
    ("sum_as_context", {"context": lambda H, h_0: H.sum(axis=0)},
     "The context is the sum of the states. In an encoder-decoder it is the last state, h_T.", "partly"),
    ("largest_as_context", {"context": lambda H, h_0: H.max(axis=0) if len(H) else h_0},
     "The context holds the largest number of each column of H. In an encoder-decoder it is the last state, "
     "h_T.", "partly"),
    ("all_states_as_context", [{"context": lambda H, h_0: H}, {"context": lambda H, h_0: H.ravel()}],
     "The context is all of H, so it grows with the sentence. It is one vector (d_h,), the last state, whatever the "
     "length.", "partly"),
    ("last_column_as_context", {"context": lambda H, h_0: H[:, -1] if len(H) else h_0},
     "The context is the last column of H: one unit at all times. It is the last row: all units at the last "
     "time.", "partly"),
    ("state_before_the_last_as_context", {"context": lambda H, h_0: with_start(H, h_0)[-2] if len(H) else h_0},
     "The context lacks the last word: it is the state before it. Is h handed on before it is renewed?", "partly"),
    ("context_not_renewed", {"context": lambda H, h_0: h_0},
     "The context is h_0, whatever was read. Does the loop give its new state another name than the one you "
     "return?", "partly"),
    ("context_squashed_again", {"context": lambda H, h_0: np.tanh(last_state(H, h_0))},
     "tanh was applied to the context. It is the last state as it is.", "partly"),
    ("flattened", {"keep": lambda H, h_0: H.ravel()},
     "H is one long vector, as np.append without `axis`, or `extend`, makes it. Each state is a row: collect them in a "
     "list, or write them into np.zeros((T, d_h)).", "partly"),
    ("states_in_columns",
     [{"keep": lambda H, h_0: H.T}, {"keep": lambda H, h_0: H.T, "context": lambda H, h_0: H.T[-1]},
      {"keep": lambda H, h_0: with_start(H, h_0).T}],
     "H has one state in each column. Put one in each row: (T, d_h), from h_1 to h_T without h_0."),
    ("rows_in_reverse_order",
     [{"keep": lambda H, h_0: H[::-1]},
      {"keep": lambda H, h_0: H[::-1], "context": lambda H, h_0: H[0] if len(H) else h_0}],
     "The rows of H are in reverse order. The state after the first word is row 0; each new state goes below the "
     "others."),
    ("sums_kept",
     [{"keep": lambda H, h_0: np.arctanh(H)},
      {"keep": lambda H, h_0: np.arctanh(H), "context": lambda H, h_0: np.arctanh(last_state(H, h_0))}],
     "H holds the sums before tanh. A state is what comes out of tanh: store it after tanh."),
    ("last_state_alone_kept", {"keep": lambda H, h_0: last_state(H, h_0)[np.newaxis]},
     "H holds one state, the last. Is each state stored inside the loop?", "partly"),
    ("start_state_kept", {"keep": with_start},
     "H has one row too many: h_0 stands at the top. H holds the states after each word, h_1 to h_T.", "partly"),
    ("states_before_each_word",
     [{"keep": before_each_word},
      {"keep": before_each_word, "context": lambda H, h_0: before_each_word(H, h_0)[-1] if len(H) else h_0}],
     "H is one step late: its rows are the states before each word, from h_0 to h_(T-1). Renew h first, then store it; "
     "or, where the list begins with h_0, leave that out and read the last word, too.", "partly"),
    ("one_array_stored_many_times", {"keep": only_last},
     "All rows of H are equal to the last: one and the same array was changed in place and stored again and again. "
     "Make a new h in each step, or store a copy; and see that rnn_step does not write into its argument.", "partly"),
    ("state_not_carried_on",
     [{"advance": from_zeros}, {"advance": from_zeros, "context": lambda H, h_0: h_0}],
     "Every step starts from zeros again, so no state knows the words before. Give the new state the name from which "
     "the next step starts."),
    ("start_of_ones", {"start": np.ones_like}, "The first step started from ones. It starts from h_0 = 0."),
    ("starts_from_the_bias", {"start": np.copy},
     "The first step started from the bias. It starts from h_0 = 0; b is added in every step, by rnn_step."),
    ("each_state_twice", {"keep": lambda H, h_0: np.repeat(H, 2, axis=0)},
     "Every state stands in H twice. Append it once for each word.", "partly"),
    ("zeros_returned",
     [{"keep": lambda H, h_0: np.zeros_like(H)},
      {"keep": lambda H, h_0: np.zeros_like(H), "context": lambda H, h_0: h_0}],
     "H holds nothing but zeros. Is each new state stored in its row, `H[t] = …`, and does the name that you store get "
     "the new state?", "partly"),
    ("two_steps_for_each_word",
     {"advance": lambda x, h, W_x, W_h, b: step(x, step(x, h, W_x, W_h, b), W_x, W_h, b)},
     "Two steps were made for each word. Call rnn_step once in each pass, and keep what it returns."),
    ("every_second_word", every_second_word,
     "Only every second word was read. Step t reads row t of X, for all rows."),
    ("stored_in_the_first_row", {"keep": lambda H, h_0: np.roll(only_row(H, -1), 1, axis=0)},
     "Every state was stored in row 0, where the last one is left; the other rows are zero. The state after word t "
     "belongs into row t.", "partly"),
    ("only_the_last_row_filled", {"keep": lambda H, h_0: only_row(H, -1)},
     "All rows of H are zero but the last: the line that stores a state stands below the loop. Move it into the "
     "loop.", "partly"),
    ("one_word_read",
     [{"arrange": one_word_alone}, {"keep": lambda H, h_0: only_row(H, 0), "context": lambda H, h_0: H[0] if len(H) else h_0}],
     "Only the first word was read: is `return` inside the loop?"),
    ("read_backwards", {"arrange": lambda X: X[::-1]},
     "The words were read from last to first. The encoder reads from the first row of X to the last."),
    ("first_word_twice",
     [{"arrange": lambda X: np.repeat(X[:1], len(X), axis=0)}, {"arrange": lambda X: np.repeat(X[-1:], len(X), axis=0)}],
     "Every step read one and the same word, the first or the last. Step t reads row t of X."),
    ("word_before_read", {"arrange": lambda X: np.roll(X, 1, axis=0)},
     "Each step read the row before its own, X[t - 1]; for t = 0 that is the last. Step t reads row t of X."),
    ("words_added_up", {"arrange": lambda X: np.cumsum(X, axis=0)},
     "Each step was given the sum of the words so far. Step t reads row t of X alone."),
    ("first_word_skipped",
     [{"arrange": lambda X: X[1:], "keep": as_a_list}, {"arrange": lambda X: X[1:], "keep": with_start}],
     "The first word was not read. h_0 is no word's state; the loop runs over all rows of X, from row 0."),
    ("last_word_skipped",
     [{"arrange": lambda X: X[:-1], "keep": as_a_list}, {"arrange": lambda X: X[:-1], "keep": zeros_below},
      {"arrange": lambda X: X[:-1], "keep": zeros_below, "context": lambda H, h_0: np.zeros_like(h_0)}],
     "The last word was not read: the loop ends one step too early."),
    ("input_and_state_exchanged", {"advance": lambda x, h, W_x, W_h, b: step(h, x, W_x, W_h, b)},
     "Word and state met each other's matrix: W_x goes with the word, W_h with the state. rnn_step takes input, state, "
     "matrix of the input, matrix of the state.", FORMULA),
    ("states_added_up",
     [{"advance": lambda x, h, W_x, W_h, b: h + step(x, h, W_x, W_h, b)},
      {"advance": lambda x, h, W_x, W_h, b: h + step(x, h, W_x, W_h, b), "keep": only_last}],
     "The new state was added to the one before. It replaces it: `h = …`, not `h += …`."),
    ("bias_forgotten", {"advance": partial(step, bias=np.zeros_like)},
     "The bias is missing in every step. Use your rnn_step: it has the whole formula.", FORMULA),
    ("squashed_again", {"advance": partial(step, squash=lambda z: np.tanh(np.tanh(z)))},
     "tanh was taken once more of each new state. rnn_step has taken it already.", FORMULA),
    ("tanh_forgotten", {"advance": partial(step, squash=np.asarray)},
     "The states did not pass through tanh. Use your rnn_step: it has the whole formula.", FORMULA),
    ("recurrent_matrix_transposed", {"advance": partial(step, of_h=lambda W, v: W.T @ v)},
     "W_h was transposed, or stands to the right of the state. It is square, so nothing complains; the product is W_h "
     "@ h.", FORMULA),
    ("returned_in_the_wrong_order", {"order": lambda H, context: (context, H)},
     "H and the context have changed places. Return (H, context), in this order."),
)
# fmt: on

# fmt: off
NO_WORDS_FORGOTTEN = mistakes(read_sequence, BY_HAND,
    ("no_words_forgotten",
     [partial(stops_on_nothing, read_sequence),
      *(partial(for_no_words, context) for context in (context_empty, context_of_bias, context_of_ones))],
     "What is left is a sentence without words, X[:0]: H has no rows there, and the context is h_0, zeros (d_h,). Return "
     "the two as `H, context`."),
)
# fmt: on

# What NumPy makes of an empty array: a mean is NaN, of (0, d_h) or of a list; a sum of a list is a number.
# And what a loop that skips a word makes of none: nothing, if H was filled with zeros; H[-1] may stop for one word, too.
ON_NO_WORDS = {
    "first_word_skipped": (
        partial(
            right_on_nothing, partial(read_sequence, arrange=lambda X: X[1:], keep=with_start), right=read_sequence
        ),
        partial(stops_on_nothing, partial(read_sequence, arrange=lambda X: X[1:], keep=as_a_list), least=2),
    ),
    "last_word_skipped": (
        partial(
            right_on_nothing, partial(read_sequence, arrange=lambda X: X[:-1], keep=zeros_below), right=read_sequence
        ),
        partial(
            right_on_nothing,
            partial(
                read_sequence, arrange=lambda X: X[:-1], keep=zeros_below, context=lambda H, h_0: np.zeros_like(h_0)
            ),
            right=read_sequence,
        ),
        partial(stops_on_nothing, partial(read_sequence, arrange=lambda X: X[:-1], keep=as_a_list), least=2),
    ),
    "mean_as_context": (
        partial(read_sequence, context=lambda H, h_0: H.mean(axis=0) if len(H) else np.full_like(h_0, np.nan)),
        partial(read_sequence, context=lambda H, h_0: H.mean(axis=0) if len(H) else np.array([np.nan])),
    ),
    "sum_as_context": (partial(read_sequence, context=lambda H, h_0: sum(H) if len(H) else np.zeros(1)),),
    "returned_in_the_wrong_order": (
        partial(read_sequence, order=lambda H, context: (context, H if len(H) else np.array([]))),
    ),
    "states_before_each_word": (partial(read_sequence, arrange=lambda X: X[:-1], keep=with_start),),
    "states_in_columns": (partial(read_sequence, keep=lambda H, h_0: H.T if len(H) else H),),
    "last_state_alone_kept": (partial(read_sequence, keep=lambda H, h_0: H[-1:]),),
    "start_of_ones": (partial(right_on_nothing, partial(read_sequence, start=np.ones_like), right=read_sequence),),
    "starts_from_the_bias": (partial(right_on_nothing, partial(read_sequence, start=np.copy), right=read_sequence),),
}

ENCODE = Check(
    name="encode",
    claim="ends_in_one_context_vector",
    title="The encoder",
    function="encode",
    inputs=encode_inputs,
    reference=read_sequence,
    second_route=read_backwards_by_recursion,
    returns=("H", "context"),
    points={"H": 2, "context": 2},
    read=BY_HAND,
    advice=ENCODE_ADVICE,
    uses=("rnn_step",),
    survives=("one word", "no words"),
    hints=(
        "One loop over the rows of `X`. What does each step need from the step before it?",
        "Start with `h = np.zeros(d_h)`, where `d_h` is the length of `b`. In the loop, `rnn_step` turns a row of `X` "
        "and `h` into the next `h`.",
        "Make `H = np.zeros((len(X), len(b)))` before the loop and put each new `h` into its row. After the loop, `h` "
        "is the context, also where the loop did nothing.",
    ),
    misconceptions=(*stopping_too(ENCODE_MISTAKES, ON_NO_WORDS), *NO_WORDS_FORGOTTEN),
    names=lambda inputs: {"d_x": inputs["X"].shape[1], "d_h": len(inputs["b"]), "T": inputs["T"]},
    stale=("H", "h", "h_t", "context", "states", "X"),
)


# ---------------------------------------------------------------- one step of the decoder
def write_step(
    y_prev: Array,
    s_prev: Array,
    W_y: Array,
    W_s: Array,
    b: Array,
    W_out: Array,
    b_out: Array,
    fits: bool,
    *,
    advance: Callable = step,
    refuses: Callable = lambda size, wanted: True,
    read_out: Callable = lambda W, s, s_prev: W @ s,
    shift: Callable = lambda scores, b: scores + b,
    finish: Callable = as_it_is,
    order: Callable = lambda s_t, logits: (s_t, logits),
    hand_on: Callable = lambda s_t, s_prev: s_t,
) -> tuple[Array, Array]:
    """Return (s_t, logits), (d_h,) and (V,); where sizes do not fit, [1] for a ValueError and [0] for none.

    The check cell turns the error into these numbers in the same way.
    """
    if not fits:
        return (np.array([float(refuses(len(s_prev), len(b)))]),) * 2
    s_t = advance(y_prev, s_prev, W_y, W_s, b)
    return order(hand_on(s_t, s_prev), finish(shift(read_out(W_out, s_t, s_prev), b_out)))


def write_step_by_einsum(
    y_prev: Array, s_prev: Array, W_y: Array, W_s: Array, b: Array, W_out: Array, b_out: Array, fits: bool
) -> tuple[Array, Array]:
    """Return the same from one product with everything stacked: [W_y W_s b] times [y; s; 1]."""
    if s_prev.shape != (W_s.shape[1],):
        return np.array([1.0]), np.array([1.0])
    s_t = np.tanh(np.einsum("hi,i->h", np.column_stack([W_y, W_s, b]), np.concatenate([y_prev, s_prev, [1.0]])))
    return s_t, np.einsum("vh,h->v", np.column_stack([W_out, b_out]), np.append(s_t, 1.0))


def decode_step_inputs(rng: np.random.Generator) -> Cases:
    """Draw a step with d_y = 3, d_h = 5, V = 7; one where all are 6; states one number too long and too short."""
    cases = {
        "d_y = 3, d_h = 5, V = 7": (3, 5, 7, 0),
        "d_y = d_h = V = 6": (6, 6, 6, 0),
        "a state that is too long": (3, 5, 7, 1),
        "a state that is too short": (3, 5, 7, -1),
    }
    found = {}
    for label, (d_y, d_h, V, more) in cases.items():
        found[label] = {
            "y_prev": normal(rng, d_y),
            "s_prev": between(rng, 0.2, 0.9, d_h + more),
            "W_y": matrix(rng, d_h, d_y),
            "W_s": matrix(rng, d_h, d_h),
            "b": between(rng, 0.3, 0.9, d_h),
            "W_out": matrix(rng, V, d_h, gain=1.8),
            "b_out": between(rng, 0.3, 0.9, V),
            "fits": more == 0,
        }
    return found


def biases_joined(
    b: Array,
    b_out: Array,
    fits: bool,
    *,
    state: Callable = lambda b, b_out: b,
    logits: Callable = lambda b, b_out: b_out,
    **rest: Array,
) -> tuple[Array, Array]:
    """Return a step whose biases are made of both; where these differ in length it stops, like a learner's sum."""
    if fits:
        b, b_out = state(b, b_out), logits(b, b_out)
    return write_step(b=b, b_out=b_out, fits=fits, **rest)


def softmax(scores: Array) -> Array:
    """Return the softmax of a vector."""
    exps = np.exp(scores - scores.max())
    return exps / exps.sum()


# fmt: off
DECODE_STEP_MISTAKES = mistakes(write_step, FORMULA,
    ("logits_of_the_state_before", {"read_out": lambda W, s, s_prev: W @ s_prev},
     "The logits were made of s_prev, the state before. The new state s_t makes them: it has read the word "
     "before.", "partly"),
    ("softmax_of_the_logits", {"finish": softmax},
     "These are probabilities. Return the logits, the scores before the softmax.", "partly"),
    ("log_softmax_of_the_logits", {"finish": lambda z: np.log(softmax(z))},
     "These are logarithms of probabilities. Return the logits, the scores before the softmax.", "partly"),
    ("exponentials_of_the_logits", [{"finish": np.exp}, {"finish": lambda z: np.exp(z - z.max())}],
     "These are exponentials. Return the logits themselves: no part of a softmax belongs here.", "partly"),
    ("logits_squashed", [{"finish": np.tanh}, {"finish": sigmoid}, {"finish": lambda z: np.maximum(z, 0)}],
     "The logits passed through tanh, a sigmoid or ReLU. They may be any number; only the state is squashed, by "
     "tanh.", "partly"),
    ("word_instead_of_logits",
     [{"finish": lambda z: np.argmax(z, keepdims=True)}, {"finish": lambda z: np.max(z, keepdims=True)},
      {"finish": lambda z: np.eye(len(z))[np.argmax(z)]}],
     "You chose the best word already. Return the scores of all V words, as they are.", "partly"),
    ("output_bias_forgotten", {"shift": as_it_is}, "The logits lack their bias b_out.", "partly"),
    ("output_bias_twice", {"shift": lambda z, b: z + 2 * b}, "The bias b_out was added twice.", "partly"),
    ("output_bias_subtracted", {"shift": lambda z, b: z - b},
     "The bias b_out was subtracted from the logits. Add it.", "partly"),
    ("logits_of_the_sum", {"read_out": lambda W, s, s_prev: W @ np.arctanh(s)},
     "The logits were made of the sum before tanh. They are made of the state, after tanh.", "partly"),
    ("output_matrix_transposed", {"read_out": lambda W, s, s_prev: W.T @ s},
     "W_out was transposed, or stands to the right of the state. The product is W_out @ s_t.", "partly"),
    ("logits_not_summed",
     [{"read_out": lambda W, s, s_prev: W * s, "shift": lambda z, b: z + b[:, np.newaxis]},
      {"read_out": lambda W, s, s_prev: W * s, "shift": as_it_is}],
     "`W_out * s_t` multiplies entry by entry and leaves a matrix. A logit is the sum of its row: `W_out @ "
     "s_t`.", "partly"),
    ("logits_all_summed", {"read_out": lambda W, s, s_prev: np.sum(W * s)},
     "np.sum without an axis made one number of all products, so the logits differ by their bias only. Each word needs "
     "the sum of its own row: `W_out @ s_t`.", "partly"),
    ("state_squashed_again", {"read_out": lambda W, s, s_prev: W @ np.tanh(s)},
     "tanh was applied to the new state once more before the logits. It has been through tanh already.", "partly"),
    ("both_states_in_the_logits", {"read_out": lambda W, s, s_prev: W @ (s + s_prev)},
     "The logits were made of the sum of both states. The new state alone makes them.", "partly"),
    ("logits_for_the_state", {"order": lambda s_t, logits: (logits, logits)},
     "The first thing you return are the logits again. Return the new state, s_t, in front of them.", "partly"),
    ("state_for_logits", {"read_out": lambda W, s, s_prev: s, "shift": as_it_is},
     "The second thing you return is the state again. The logits are made of it: W_out and b_out come in.", "partly"),
    (standard.ONE_RETURNED(what="word", things="logits"), [{"finish": lambda z: z[-1]}, {"finish": lambda z: z[0]}], "partly"),
    (standard.ZEROS_RETURNED, [{"finish": np.zeros_like}, {"hand_on": lambda s_t, s_prev: np.zeros_like(s_t)}], "partly"),
    ("state_not_renewed", {"hand_on": lambda s_t, s_prev: s_prev},
     "The state that you return is the old one, s_prev. The next step needs the new one.", "partly"),
    ("bias_forgotten", {"advance": partial(step, bias=np.zeros_like)},
     "The state lacks its bias b, inside the tanh."),
    ("bias_added_twice", {"advance": partial(step, bias=lambda b: 2 * b)}, "The bias b was added twice to the state."),
    ("bias_subtracted", {"advance": partial(step, bias=np.negative)},
     "The bias b was subtracted in the new state. Add it."),
    ("bias_after_the_tanh",
     {"advance": partial(step, bias=np.zeros_like, after=lambda h, h_prev, b: h + b)},
     "The bias b was added to the state after the tanh. It belongs inside, with the two products."),
    ("step_made_twice", {"advance": lambda y, s, W_y, W_s, b: step(y, step(y, s, W_y, W_s, b), W_y, W_s, b)},
     "The step was made twice, so the word before was read twice. Make it once, from s_prev."),
    ("squashed_again", {"advance": partial(step, squash=lambda z: np.tanh(np.tanh(z)))},
     "tanh was taken twice of the new state. Once is enough; rnn_step has taken it already."),
    ("added_to_the_state_before", {"advance": partial(step, after=lambda h, h_prev, b: h + h_prev)},
     "The new state was added to the one before. It replaces it: the past comes in through W_s @ s_prev only."),
    ("tanh_forgotten", {"advance": partial(step, squash=np.asarray)}, "The new state did not pass through tanh."),
    ("word_before_ignored", {"advance": partial(step, of_x=nothing)},
     "The word before has no influence: W_y @ y_prev is missing."),
    ("state_before_ignored",
     [{"advance": partial(step, of_h=nothing)},
      {"advance": partial(step, of_h=nothing), "refuses": lambda *sizes: False}],
     "The state before has no influence: W_s @ s_prev is missing. It is the only road from the context to the words."),
    ("state_added_without_its_matrix", {"advance": partial(step, of_h=lambda W, v: v)},
     "The state before was added as it is. It must be multiplied by W_s first."),
    ("recurrent_matrix_transposed", {"advance": partial(step, of_h=lambda W, v: W.T @ v)},
     "W_s was transposed, or stands to the right of the state. It is square, so nothing complains; the product is W_s "
     "@ s_prev."),
    ("word_matrix_transposed", {"advance": partial(step, of_x=lambda W, v: W.T @ v)},
     "W_y was transposed, or stands to the right of the word. The product is W_y @ y_prev."),
    ("word_and_state_exchanged", {"advance": lambda y, s, W_y, W_s, b: step(s, y, W_y, W_s, b)},
     "Word and state met each other's matrix: W_y goes with the word before, W_s with the state before. rnn_step takes "
     "input, state, matrix of the input, matrix of the state."),
    ("sigmoid_for_tanh", {"advance": partial(step, squash=sigmoid)},
     "All numbers of the state lie between 0 and 1: that is the sigmoid. The state uses tanh."),
    ("relu_for_tanh", {"advance": partial(step, squash=lambda z: np.maximum(z, 0))},
     "No number of the state is negative: that is ReLU. The state uses tanh."),
    ("returned_in_the_wrong_order", {"order": lambda s_t, logits: (logits, s_t)},
     "State and logits have changed places. Return (s_t, logits), in this order."),
    ("sizes_cut_to_fit",
     [{"refuses": lambda *sizes: False}, {"refuses": lambda n, wanted: n > wanted},
      {"refuses": lambda n, wanted: n < wanted}],
     "All is right where the sizes fit, but a state of 6 or of 4 numbers was accepted where W_s takes 5: cut by zip or "
     "a slice, or the error was caught. `@` raises a ValueError by itself.", WRONG),
    ("biases_exchanged",
     [lambda b, b_out, **rest: write_step(b=b_out, b_out=b_out, **rest),
      lambda b, b_out, **rest: write_step(b=b, b_out=b, **rest),
      lambda b, b_out, **rest: write_step(b=b_out, b_out=b, **rest),
      partial(biases_joined, state=np.add, logits=lambda b, b_out: 0 * b_out), partial(biases_joined, state=np.add),
      partial(biases_joined, logits=np.add), partial(biases_joined, state=lambda b, b_out: 0 * b, logits=np.add)],
     "A bias is in the wrong place: b, (d_h,), belongs to the state, and b_out, (V,), to the logits. (Where d_h and V "
     "are equal, Python cannot notice.)"),
)
# fmt: on
DECODE_STEP = Check(
    name="decode_step",
    claim="turns_the_context_into_scores_for_words",
    title="One step of the decoder",
    function="decode_step",
    inputs=decode_step_inputs,
    reference=write_step,
    second_route=write_step_by_einsum,
    returns=("s_t", "logits"),
    points={"s_t": 2, "logits": 2},
    read=FORMULA,
    uses=("rnn_step",),
    advice={
        r"logits has shape \((\d+), \1\)": "A matrix came out. Was a vector added to a column? Is s_t a vector (d_h,)? If you use rnn_step, look at what it returns.",
        r"^AssertionError": (
            "For a state of the wrong size raise a ValueError, not an AssertionError; `@` does so by itself.",
            "equals fits False",
        ),
        r"^IndexError": (
            "The state has the wrong size here. It must raise a ValueError, and an index raises another error. `@` does it right; so does comparing the sizes first.",
            "equals fits False",
        ),
        r"operands could not be broadcast together with shapes \((\d+),\) \((\d+),\)": [
            (
                "b_out, (V,), belongs to the logits alone, which W_out makes; the state has its own bias b, (d_h,).",
                r"code \+ b_out$",
                "not code W_out",
            ),
            (
                "Two vectors of different length met, \\1 and \\2 numbers. W_y @ y_prev, W_s @ s_prev and b have d_h numbers "
                "each, W_out @ s_t and b_out have V.",
            ),
        ],
        r"could not be broadcast together with shapes (?!\(\d+,\) \(\d+,\))|size \d+ is different from \d+": "Is each product written `@`, with the matrix on the "
        "left? And which matrix goes with which vector? W_y with the word before, W_s with the state before, W_out with the "
        "new state.",
    },
    survives=("a state that is too long", "a state that is too short"),
    hints=(
        "The first half is a step that you have written already, under other names. The second half makes one number for "
        "each word of the vocabulary.",
        "`rnn_step` takes input, state, matrix of the input, matrix of the state, bias: here `y_prev`, `s_prev`, `W_y`, `W_s`, `b`.",
        "The logits are made of the *new* state: `W_out @ s_t`, plus a bias, and nothing after that.",
    ),
    misconceptions=DECODE_STEP_MISTAKES,
    names=lambda inputs: {"d_y": len(inputs["y_prev"]), "d_h": len(inputs["b"]), "V": len(inputs["b_out"])},
    stale=("s_t", "logits", "h_t", "s_prev", "y_prev", "context"),
)


# ---------------------------------------------------------------- the derivative of tanh
def slope_by_difference(x: Array) -> Array:
    """Return the same as a central difference of tanh."""
    return (np.tanh(x + 1e-5) - np.tanh(x - 1e-5)) / 2e-5


def forward_difference(x: Array, step: float) -> Array:
    """Return a difference of tanh over a wide step."""
    return (np.tanh(x + step) - np.tanh(x)) / step


def first_number_alone(slopes: Array) -> Array:
    """Return zeros but for the first number, as when `return` stands in the inner of two loops."""
    return np.concatenate([slopes.ravel()[:1], np.zeros(slopes.size - 1)]).reshape(slopes.shape)


def of(formula: Callable) -> dict[str, Callable]:
    """Return steps of `slope_formula` that make it another formula."""
    return {"inner": formula, "square": as_it_is, "combine": as_it_is}


def slope_formula(
    x: Array,
    *,
    inner: Callable = np.tanh,
    square: Callable = np.square,
    combine: Callable = lambda squares: 1 - squares,
    after: Callable = as_it_is,
) -> Array:
    """Return the derivative of tanh at x, 1 - tanh(x)^2."""
    return after(combine(square(inner(x))))


def tanh_derivative_inputs(rng: np.random.Generator) -> Cases:
    """Draw a matrix (3, 5) of numbers of order 1, and seven numbers far from 0."""
    return {
        "a matrix (3, 5)": {"x": between(rng, 0.2, 1.8, 3, 5)},
        "seven numbers far from 0": {"x": between(rng, 2.0, 20.0, 7)},
    }


# fmt: off
TANH_DERIVATIVE_MISTAKES = mistakes(slope_formula, SLOPE,
    ("x_in_place_of_tanh", {"inner": as_it_is},
     "This is 1 - x². The square is that of the value tanh(x), not of x. (With 1 - h², h has been through tanh.)"),
    ("tanh_itself", of(np.tanh),
     "This is tanh, not its derivative. A slope of tanh is never negative, and it is 1 at x = 0."),
    ("not_squared", {"square": as_it_is},
     "The square is missing: you have 1 - tanh(x), which is 2 for very negative x. A slope of tanh is never above 1."),
    ("absolute_for_squared", {"square": np.abs},
     "You have 1 - |tanh(x)|. The square of tanh(x) is never negative either, but it is another number: `** 2`."),
    ("doubled_for_squared", {"square": lambda t: 2 * t},
     "tanh(x) was doubled, not squared: a square is written `** 2`."),
    ("one_forgotten", {"combine": np.negative},
     "The 1 is missing: the slope is 1 minus the square of tanh(x), never negative."),
    ("square_alone", {"combine": as_it_is},
     "This is tanh(x)², which is 0 at x = 0 and 1 far out: the wrong way round. Subtract it from 1."),
    ("plus_for_minus", {"combine": lambda squares: 1 + squares}, "The sign is turned: tanh(x)² must be subtracted from 1."),
    ("sign_turned", {"combine": lambda squares: squares - 1},
     "All your numbers are negative, but tanh rises everywhere. Turn the difference round."),
    ("tanh_twice", {"inner": lambda x: np.tanh(np.tanh(x))}, "tanh was taken twice before squaring. Once is enough."),
    ("square_inside", {"inner": lambda x: np.tanh(x**2), "square": as_it_is},
     "x was squared before the tanh. The square belongs to the value: tanh first, then square."),
    ("difference_squared", {"square": as_it_is, "combine": lambda t: (1 - t) ** 2},
     "The square covers the whole difference. Only tanh(x) is squared; then it is subtracted from 1."),
    ("sech_not_squared", [of(lambda x: 1 / np.cosh(x)), of(lambda x: np.cosh(x) ** 2)],
     "You have 1 / cosh(x), or cosh(x)². Both the square and the 1 / are needed."),
    ("rule_of_the_sigmoid", [of(lambda x: np.tanh(x) * (1 - np.tanh(x))), of(lambda x: sigmoid(x) * (1 - sigmoid(x)))],
     "This is the rule of the sigmoid, s(1 - s). tanh has another one."),
    ("derivative_of_tan", [of(lambda x: 1 / np.cos(x) ** 2), of(lambda x: 1 - np.tan(x) ** 2)],
     "This comes from the tangent, tan. The hyperbolic tangent is another function: np.tanh."),
    ("derivative_of_an_inverse", [of(lambda x: 1 / (1 + x**2)), of(lambda x: 1 / (1 - x**2))],
     "This is the derivative of arctan or artanh, the inverse functions. You need that of tanh."),
    ("differentiated_twice",
     [of(lambda x: -2 * np.tanh(x) / np.cosh(x) ** 2), of(lambda x: 2 * np.tanh(x) / np.cosh(x) ** 2)],
     "This is the derivative of 1 - tanh(x)², or of tanh(x)²: one rule too many. 1 - tanh(x)² is the derivative of tanh "
     "already."),
    ("divided_by_tanh",
     [of(lambda x: 1 / np.tanh(x)), of(lambda x: 1 / np.tanh(x) ** 2), {"inner": lambda x: 1 / np.tanh(x)}],
     "You divide by tanh(x). Nothing is divided here: the slope is 1 minus the square of tanh(x)."),
    ("difference_quotient",
     [*(of(partial(forward_difference, step=step)) for step in (0.1, 0.5, 1.0, -0.1, -1.0)),
      of(lambda x: (np.tanh(x + 1) - np.tanh(x - 1)) / 2)],
     "This is a difference quotient with a wide step, which is only near the slope. The rule has no such error: 1 minus "
     "the square of tanh(x)."),
    ("derivative_of_another_function", [of(np.cosh), of(np.sinh)],
     "This is cosh(x) or sinh(x), the derivative of another function. The slope of tanh is 1 minus the square of "
     "tanh(x)."),
    ("multiplied_by_x", of(lambda x: x / np.cosh(x) ** 2),
     "The slope was multiplied by x. It is 1 - tanh(x)² alone."),
    ("power_rule_alone", of(lambda x: 2 * np.tanh(x)),
     "This is 2 tanh(x), the power rule for a square. The derivative of tanh is 1 minus the square of tanh(x)."),
    ("x_for_the_second_factor", of(lambda x: 1 - x * np.tanh(x)),
     "One of the two factors is x. The square is tanh(x) times tanh(x)."),
    ("tanh_of_the_difference", [of(lambda x: np.tanh(1 - x**2)), of(lambda x: np.tanh(1 - x))],
     "tanh was taken last, of a difference. It comes first: tanh, then its square, then 1 minus that."),
    ("ones_returned", {"after": np.ones_like}, "Every slope is 1. That is so at x = 0 only: compute it at each x."),
    ("input_returned", of(as_it_is), "This is x, as it came in. Return what you computed of it."),
    ("everything_summed",
     [{"square": lambda t: np.sum(t**2)}, {"after": np.sum}, {"after": np.mean}],
     "np.sum or np.mean made one number of a whole array. Neither is needed: a slope is asked for at every entry of x."),
    (standard.RETURN_INSIDE_THE_LOOP,
     [{"after": partial(one_kept, number=0)}, {"after": first_number_alone}, {"after": first_alone},
      {"after": lambda slopes: np.where(np.isin(slopes, slopes[:1]), slopes, 1.0)}]),
    (standard.ONE_RETURNED(what="entry"), [{"after": lambda slopes: slopes.ravel()[-1]}, {"after": lambda slopes: slopes.ravel()[0]}]),
    (standard.ZEROS_RETURNED, {"after": np.zeros_like}),
)
# fmt: on
TANH_DERIVATIVE = Check(
    name="tanh_derivative",
    claim="is_largest_at_zero",
    title="The derivative of tanh",
    function="tanh_derivative",
    inputs=tanh_derivative_inputs,
    reference=slope_formula,
    second_route=slope_by_difference,
    returns=("slope",),
    points={"slope": 2},
    read=SLOPE,
    advice={
        r" is NaN in": "(Quotients of e^x overflow far from 0, and a negative number has no real root. np.tanh and `**` "
        "do without both.)",
        r"bitwise_xor": "`^` is no power in Python. Write `** 2`.",
        r"matmul": "`@` is a product of matrices. Here everything goes entry by entry: `**` and `*`.",
        r"is (\d\.\d\d)\d*; expected \1": "That is near, but not near enough. Is it a difference quotient? Its error falls "
        "with the step; the formula on the page has none.",
        r"invalid number of arguments|slope has shape \(3, 4\)": "Is it np.gradient or np.diff? They take differences between "
        "neighbours in an array. The slope is asked for at every entry by itself.",
        r"slope has shape \(2, 3, 5\)": "Is it np.gradient? That takes differences between neighbours in an array. The slope is asked for at every entry by itself.",
        **TANH_ADVICE,
    },
    survives=("numbers far from 0",),
    hints=(
        "The page gives the slope in terms of the *value* of tanh at `x`. Which value belongs to slope 1, which to slope 0?",
        "Compute `np.tanh(x)` once and give it a name. The answer needs nothing else of `x`.",
        "With `h = np.tanh(x)`, one minus the square of `h`.",
    ),
    misconceptions=TANH_DERIVATIVE_MISTAKES,
    stale=("h", "t", "tanh", "slope"),
)


# ---------------------------------------------------------------- gradient through time
def spectral(P: Array) -> float:
    """Return the largest singular value."""
    return float(np.linalg.svd(P, compute_uv=False)[0])


def scaled_rows(slopes: Array, W: Array) -> Array:
    """Return diag(slopes) @ W."""
    return slopes[:, np.newaxis] * W


def multiply_from_the_right(P: Array, J: Array) -> Array:
    """Return the product with the next factor, which belongs to an earlier step, on the right."""
    return P @ J


def from_the_end(jacobians: list[Array], P: Array, join: Callable, norm: Callable) -> list[float]:
    """Return the norms of P and of its products with the Jacobians, from the last one on."""
    found = [norm(P)]
    for J in reversed(jacobians):
        P = join(P, J)
        found.append(norm(P))
    return found[::-1]


def norms_through_time(
    H: Array,
    T: int,
    W_h: Array,
    *,
    slope: Callable = slope_of,
    jacobian: Callable = scaled_rows,
    at: int = 1,
    join: Callable = multiply_from_the_right,
    norm: Callable = spectral,
    begin: Callable = lambda W: np.eye(len(W)),
    chain: Callable = from_the_end,
    arrange: Callable = lambda norms: norms,
) -> Array:
    """Return the norms of d h_T / d h_t for the first T states: (T,), the last of them 1."""
    jacobians = [jacobian(slope(H[t + at]), W_h) for t in range(T - 1)]  # entry t: of the step from row t to the next
    return arrange(np.array(chain(jacobians, begin(W_h), join, norm) if T else [], dtype=float))


def norms_by_differences(H: Array, T: int, W_h: Array) -> Array:
    """Return the same from the network itself, pushed a little: no derivative of tanh, no product of matrices.

    The states say what came in from outside: u_t = artanh(h_t) - W_h h_(t-1).
    """
    H = H[:T]
    outside = np.arctanh(H[1:]) - H[:-1] @ W_h.T if T > 1 else H[1:]

    def last_state_from(t: int, h: Array) -> Array:
        for u in outside[t:]:
            h = np.tanh(W_h @ h + u)
        return h

    def norm_at(t: int) -> float:
        pushes = 1e-5 * np.eye(len(W_h))
        columns = [(last_state_from(t, H[t] + push) - last_state_from(t, H[t] - push)) / 2e-5 for push in pushes]
        return math.sqrt(np.linalg.eigvalsh(np.array(columns) @ np.array(columns).T)[-1])

    return np.array([norm_at(t) for t in range(T)])


def gradient_inputs(rng: np.random.Generator) -> Cases:
    """Draw six states of five units, three of seven, a single state, and none."""
    cases = {"six states": (6, 5), "three states": (3, 7), "one state": (1, 5), "no states, T = 0": (0, 5)}
    return {
        label: {"H": between(rng, 0.15, 0.8, max(T, 2), d_h), "T": T, "W_h": matrix(rng, d_h, d_h, gain=1.5)}
        for label, (T, d_h) in cases.items()
    }


def forwards(jacobians: list[Array], P: Array, join: Callable, norm: Callable) -> list[float]:
    """Return the norms of P and of its products with the Jacobians, from the first one on."""
    found = [norm(P)]
    for J in jacobians:
        P = join(P, J)
        found.append(norm(P))
    return found


def multiply_from_the_left(P: Array, J: Array) -> Array:
    """Return the product with the next factor on the left."""
    return J @ P


def one_place_earlier(norms: Array) -> Array:
    """Return the norms from the second on, and a 1 at the end, as a loop over range(T - 1) stores them."""
    return np.append(norms[1:], 1.0) if len(norms) else norms


def last_step_skipped(H: Array, T: int, W_h: Array) -> Array:
    """Return norms of d h_(T-1) / d h_t, with a 1 for the last two."""
    return np.append(norms_through_time(H, T - 1, W_h), 1.0) if T else np.array([])


def slopes_of_one_state(H: Array, T: int, W_h: Array, row: int) -> Array:
    """Return norms of products in which every factor has the slopes of the same row of H."""
    return norms_through_time(np.repeat(H[:T][row : row + 1 or None], max(T, 1), axis=0), T, W_h) if T else np.array([])


def stored_one_place_late(H: Array, T: int, W_h: Array) -> Array:
    """Return each norm in the place of the state after it."""
    return np.append(1.0, norms_through_time(H, T, W_h)[:-1]) if T else np.array([])


def one_for_no_states(H: Array, T: int, W_h: Array) -> Array:
    """Return what is right, but [1.] where there are no states."""
    return norms_through_time(H, T, W_h) if T else np.ones(1)


def one_factor_too_many(H: Array, T: int, W_h: Array) -> Array:
    """Return norms that take in the step into h_t as well."""
    P, found = np.eye(len(W_h)), []
    for t in reversed(range(T)):
        P = P @ scaled_rows(slope_of(H[t]), W_h)
        found.append(spectral(P))
    return np.array(found[::-1], dtype=float)


def product_not_begun_anew(H: Array, T: int, W_h: Array) -> Array:
    """Return norms of a product that takes in the steps between each state and the last, one state after the other."""
    P, found = np.eye(len(W_h)), []
    for t in range(T):
        for later in range(T - 1, t, -1):
            P = P @ scaled_rows(slope_of(H[later]), W_h)
        found.append(spectral(P))
    return np.array(found, dtype=float)


def product_of_norms(jacobians: list[Array], P: Array, join: Callable, norm: Callable) -> list[float]:
    """Return products of the norms of the factors, from the last one on."""
    found = [1.0]
    for J in reversed(jacobians):
        found.append(found[-1] * norm(J))
    return found[::-1]


def last_entry(value: float) -> Callable:
    """Return a step that puts a number into the last place."""
    return lambda norms: np.append(norms[:-1], value) if len(norms) else norms


def first_entry(value: float) -> Callable:
    """Return a step that puts a number into the first place, where it is not the last as well."""
    return lambda norms: np.append(value, norms[1:]) if len(norms) > 1 else norms


def without_first(norms: Array) -> Array:
    """Return all but the first norm."""
    return norms[1:]


def after_one_step(
    H: Array, T: int, W_h: Array, *, keep: Callable = lambda norms: norms[-2:], for_one: bool = False
) -> Array:
    """Return what is known after one pass of the loop, as when `return` stands in it; raise where there is none.

    `for_one` says that the loop is entered for a single state as well.
    """
    return stops_on_nothing(lambda **inputs: keep(norms_through_time(**inputs)), 2 - for_one, H=H, T=T, W_h=W_h)


def last_two(fill: float) -> Callable:
    """Return a step that fills all places but the last two with a number."""
    return lambda norms: np.append(np.full(len(norms) - 2, fill), norms[-2:])


def right_without_a_step(norms: Array, change: Callable) -> Array:
    """Return the changed norms, but what is right where there are fewer than two states, and so no step to make."""
    return change(norms) if len(norms) > 1 else norms


RETURNED_TOO_EARLY = (
    partial(after_one_step, keep=last_two(1.0)),
    partial(after_one_step, keep=last_two(0.0)),
    partial(after_one_step),
    partial(after_one_step, keep=lambda norms: norms[-2:-1]),
    partial(after_one_step, keep=lambda norms: norms[-1:], for_one=True),
)


def without_last(norms: Array) -> Array:
    """Return all but the last norm."""
    return norms[:-1]


# Of a vector: it is multiplied from the end, and no other norm than its length is taken.
CARRIED_BACK = {"chain": from_the_end, "join": multiply_from_the_right, "norm": np.linalg.norm}

# fmt: off
GRADIENT_MISTAKES = mistakes(norms_through_time, TIME,
    ("tanh_for_its_derivative", [{"slope": lambda h: h}, {"slope": np.tanh}],
     "The states themselves, the values of tanh, stand where its slopes belong: units near 0 pass nothing on. The "
     "slopes are 1 - h².", SLOPE),
    ("tanh_taken_again", {"slope": lambda h: 1 - np.tanh(h) ** 2},
     "tanh was taken once too often: `tanh_derivative` expects what went into tanh, but H holds what came out. With h "
     "from H the slope is 1 - h².", SLOPE),
    ("square_forgotten", [{"slope": lambda h: 1 - h}, {"slope": lambda h: (1 - h) ** 2}],
     "The square of h is missing: the slope is 1 - h², and only h is squared.", SLOPE),
    ("square_alone", {"slope": lambda h: h**2},
     "The slope is h² in your product: 0 for a unit at 0, where tanh is steepest. It is 1 - h².", SLOPE),
    ("slope_left_out", {"slope": ones},
     "The slopes of tanh are missing: this is a product of W_h alone, as if the network were linear."),
    ("matrix_left_out", {"jacobian": lambda slopes, W: np.diag(slopes)},
     "W_h is missing: this is a product of slopes alone."),
    ("slopes_on_the_columns", {"jacobian": lambda slopes, W: slopes * W},
     "The slopes multiply the columns of W_h: `slopes * W_h` does, and `W_h @ np.diag(slopes)`. They belong to the new "
     "state, so slope j multiplies row j. (W_h.T and the factors in the wrong order give the same.)"),
    ("matrix_transposed", {"jacobian": lambda slopes, W: slopes[:, np.newaxis] * W.T},
     "W_h was transposed in the Jacobian, or else the slopes multiply its columns and the factors stand in the other "
     "order. Row j of W_h makes unit j of the next state, and slope j multiplies row j."),
    ("slopes_of_the_state_before", [{"at": 0}, {"at": -1}],
     "The slopes are those of h_t, or of the state before it. The step from h_t to h_(t+1) passes the tanh that makes "
     "h_(t+1): take its slopes."),
    ("product_in_the_wrong_order", {"join": multiply_from_the_left},
     "The factors are in the wrong order. The last step stands on the left, each earlier one is multiplied on the "
     "right; or each Jacobian was transposed, which has the same norms as the wrong order."),
    ("multiplied_entry_by_entry",
     [{"join": lambda P, J: P * J}, {"join": lambda P, J: P * J, "begin": np.ones_like},
      {"join": lambda P, J: P * J, "begin": np.ones_like, "arrange": last_entry(1.0)}],
     "There is a product entry by entry, `*`, where matrices are multiplied: between two Jacobians, or inside one, "
     "between diag(…) and W_h. Both are `@`."),
    ("no_product", {"join": lambda P, J: J},
     "Each norm is that of one step alone. From h_t to h_T the gradient passes all the steps between: multiply their "
     "Jacobians."),
    ("begins_with_another_matrix",
     [{"begin": np.copy}, {"begin": np.copy, "arrange": last_entry(1.0)}, {"begin": np.ones_like},
      {"begin": np.ones_like, "arrange": last_entry(1.0)}],
     "The product does not begin as the identity matrix: there is one factor in it, of W_h or of ones, that belongs to "
     "no step."),
    ("vector_carried_back", [{**CARRIED_BACK, "begin": lambda W: np.ones(len(W))},
      {**CARRIED_BACK, "begin": lambda W: np.ones(len(W)), "arrange": last_entry(1.0)},
      {**CARRIED_BACK, "begin": lambda W: np.ones(len(W)) / math.sqrt(len(W))}],
     "One vector was carried back, and its length taken, which depends on the vector. The spectral norm is the most "
     "that any vector is stretched: multiply the matrices, beginning with the identity."),
    ("added_up", {"join": lambda P, J: P + J}, "The Jacobians were added up. The chain rule multiplies them."),
    ("frobenius_norm", [{"norm": np.linalg.norm}, {"norm": np.linalg.norm, "arrange": last_entry(1.0)}],
     "This is the Frobenius norm, the default of np.linalg.norm: all entries squared and added. The spectral norm is "
     "`np.linalg.norm(product, 2)`."),
    ("spectral_radius", {"norm": lambda P: np.abs(np.linalg.eigvals(P)).max()},
     "This is the largest eigenvalue. The spectral norm is the largest singular value: np.linalg.norm(product, 2)."),
    ("norm_of_another_kind",
     [{"norm": lambda P: np.linalg.norm(P, 1)}, {"norm": lambda P: np.linalg.norm(P, np.inf)},
      {"norm": lambda P: np.abs(P).max()}, {"norm": lambda P: np.linalg.norm(P, -2)},
      {"norm": lambda P: abs(np.linalg.det(P))}, {"norm": lambda P: np.trace(P)}],
     "This is another norm, the determinant, the trace or the smallest singular value. The spectral norm is the largest singular value: "
     "np.linalg.norm(product, 2)."),
    ("norm_squared", {"norm": lambda P: spectral(P) ** 2},
     "This is the square of the spectral norm. An eigenvalue of P.T @ P still needs its root."),
    ("listed_from_the_end", {"arrange": lambda norms: norms[::-1]},
     "The numbers are right, but they begin with h_T. Entry t belongs to h_t, so the last entry is 1."),
    ("stored_before_multiplying", {"arrange": one_place_earlier},
     "The numbers stand one place too early: each norm was stored before its step was multiplied in. Multiply first, "
     "then store."),
    ("first_entry_missing",
     [{"arrange": first_entry(1.0)}, {"arrange": first_entry(0.0)}, {"arrange": without_first},
      {"arrange": lambda norms: norms[1:] if len(norms) > 1 else norms}],
     "The entry of the first state is missing: the loop ends one step too early. A range leaves out its end, so "
     "`range(n, 0, -1)` never comes to row 0."),
    ("last_entry_missing", {"arrange": without_last},
     "There is one entry for each state, T of them; the last, d h_T / d h_T, is missing. Its norm is 1."),
    ("last_entry_zero", {"arrange": last_entry(0.0)},
     "The last entry is 0. It is the norm of d h_T / d h_T, the identity matrix: 1."),
    ("one_factor_too_many", one_factor_too_many,
     "Every product has one factor too many: the step *into* h_t does not lie between h_t and h_T. The last entry is "
     "the norm of the identity matrix, 1."),
    ("last_step_skipped", last_step_skipped,
     "The step into h_T is missing in every product, as if h_(T-1) were the last state. The loop begins at t = T - 2, "
     "with the slopes of row T - 1."),
    ("slopes_of_one_state", [partial(slopes_of_one_state, row=-1), partial(slopes_of_one_state, row=0)],
     "All factors have the slopes of one and the same state. Each step has those of the state that it makes."),
    ("stored_one_place_late", stored_one_place_late,
     "The numbers stand one place too late: what belongs to h_t is stored at t + 1."),
    ("product_of_norms", {"chain": product_of_norms},
     "You multiplied the norms of the steps. That is only an upper bound: multiply the matrices, then take the norm."),
    ("product_not_begun_anew", product_not_begun_anew,
     "The product goes on from one state to the next, so factors come in several times. Begin each with the identity, "
     "or go from the end and store every norm on the way."),
    (standard.ZEROS_RETURNED, {"arrange": np.zeros_like}),
    ("ones_returned", {"arrange": np.ones_like},
     "Every entry is 1, as in an array that np.ones has just made: the norms were not put into it. Store each one, "
     "`norms[t] = …`."),
    ("one_norm_returned",
     [{"arrange": lambda norms: norms[0] if len(norms) else np.array(1.0)}, {"arrange": lambda norms: norms[:1]}],
     "This is the norm of d h_T / d h_1 alone, the last that the loop finds. Keep those on the way, too: one for each "
     "state."),
    ("from_the_first_state",
     [{"chain": forwards, "join": multiply_from_the_left}, {"chain": forwards},
      {"chain": forwards, "join": multiply_from_the_left, "arrange": one_place_earlier},
      {"chain": forwards, "arrange": one_place_earlier}],
     "The product begins with the first state and grows forwards. Asked for is d h_T / d h_t, from each state to the "
     "last: begin at the end."),
)
# fmt: on

# fmt: off
NO_STATES_FORGOTTEN = mistakes(norms_through_time, TIME,
    ("no_states_forgotten", [partial(stops_on_nothing, norms_through_time), one_for_no_states],
     "All is right while there are states. Where there are none, the result is empty, of shape (0,): there is no last "
     "entry to set to 1."),
)
# fmt: on

# fmt: off
RETURN_IN_THE_LOOP = mistakes(norms_through_time, TIME,
    (standard.RETURN_INSIDE_THE_LOOP,
     [RETURNED_TOO_EARLY[0], *RETURNED_TOO_EARLY[1:],
      *(partial(right_on_nothing, way, right=norms_through_time) for way in RETURNED_TOO_EARLY),
      *({"arrange": partial(right_without_a_step, change=last_two(fill))} for fill in (1.0, 0.0))]),
)
# fmt: on

GRADIENT = Check(
    name="gradient_through_time",
    claim="is_the_norm_of_a_product_of_jacobians",
    title="Gradient through time",
    function="gradient_through_time",
    inputs=gradient_inputs,
    reference=norms_through_time,
    second_route=norms_by_differences,
    returns=("norms",),
    points={"norms": 4},
    read=TIME,
    uses=("tanh_derivative",),
    advice={
        r"norms has shape \(\d+, (\d+), \1\)": "These are matrices. Asked for is one number for each state, the spectral norm of its product.",
        r"norms has shape \(\d+, \d+\);": "One number is asked for each state: of all the singular values of its product the largest.",
        r"need at least one array": "np.stack and its like refuse an empty list; np.array does not.",
        r"index [1-9]\d* is out of bounds": "The step into h_(t+1) needs the state t + 1, so the last t that has one is T - 2.",
        r"setting an array element with a sequence": "The norm of a matrix is one number: np.linalg.norm(product, 2).",
        r"Improper number of dimensions": "A matrix times the slopes is a vector. The Jacobian is a matrix: slope j multiplies "
        "row j of W_h.",
        r"does not have enough dimensions": "A product of matrices begins with the identity matrix, np.eye(d_h).",
    },
    survives=("one state", "no states"),
    hints=(
        "One step first: `h_(t+1) = tanh(… + W_h h_t + …)`. Its Jacobian with respect to `h_t` is the slope of tanh, "
        "one for each unit, times `W_h`. The slopes are those at `h_(t+1)`.",
        "`H` holds values that have been through tanh, so the slopes of row `t + 1` are `1 - H[t + 1] ** 2`. "
        "`slopes[:, np.newaxis] * W_h` multiplies row `j` of `W_h` by slope `j`.",
        "Write the products for three states, beginning at the end: `I` for `h_3`, `J_3` for `h_2`, `J_3 @ J_2` for "
        "`h_1`. What is done to one of them to get the next, and on which side?",
        "So each product is made of the one after it, and the identity matrix begins. Go through the rows of `H` from "
        "the end, and store each norm in the place of its state. Try it with three states, then with one, then with "
        "none.",
    ),
    misconceptions=(*stopping_too(GRADIENT_MISTAKES), *RETURN_IN_THE_LOOP, *NO_STATES_FORGOTTEN),
    names=lambda inputs: {"T": inputs["T"], "d_h": len(inputs["W_h"])},
    stale=("norms", "product", "P", "J", "jacobian", "slopes", "H", "gradients"),
)


# ---------------------------------------------------------------- find the bug
def gradients_backwards(
    grad_last: Array,
    Z: Array,
    W_h: Array,
    *,
    rows: Callable = as_it_is,
    at: int = 1,
    slope: Callable = slope_at,
    turn: Callable = np.transpose,
    meet: Callable = np.multiply,
    back: Callable = lambda W, slopes, g, meet: W @ meet(slopes, g),
    last: Callable = lambda grad_last, Z: grad_last,
    carried: bool = True,
    arrange: Callable = as_it_is,
) -> Array:
    """Return the gradient of a loss with respect to every state, (T, d_h), from that of the last."""
    found, Z = [last(grad_last, Z)], rows(Z)
    for t in reversed(range(len(Z) - 1)):
        found.append(back(turn(W_h), slope(Z[t + at]), found[-1] if carried else grad_last, meet))
    return arrange(np.array(found[::-1]))


def gradients_by_matrices(grad_last: Array, Z: Array, W_h: Array) -> Array:
    """Return the same as grad_last^T times the products of Jacobians, each made by differences of the network."""
    rows = [grad_last]
    for z in Z[:0:-1]:
        pushes = 1e-5 * W_h.T  # what a push of each unit of h_t adds to z
        columns = [(np.tanh(z + push) - np.tanh(z - push)) / 2e-5 for push in pushes]
        rows.append(np.array(columns) @ rows[-1])
    return np.array(rows[::-1])


def bug_inputs(rng: np.random.Generator) -> Cases:
    """Draw six steps of five units, and a single one."""
    return {
        label: {
            "grad_last": between(rng, 0.3, 1.2, 5),
            "Z": between(rng, 0.2, 1.3, T, 5),
            "W_h": matrix(rng, 5, 5, gain=1.5),
        }
        for label, T in (("six steps", 6), ("one step", 1))
    }


def matrix_first(W: Array, slopes: Array, g: Array, meet: Callable) -> Array:
    """Return the gradient through the matrix first and the slopes then."""
    return meet(slopes, W @ g)


def last_rows(rows: Array, filled: int) -> Array:
    """Return zeros, but for the last rows."""
    return np.concatenate([0 * rows[:-filled], rows[-filled:]])


def first_row_zero(rows: Array) -> Array:
    """Return the rows, but zeros in the first where it is not the last as well."""
    return np.concatenate([0 * rows[:1], rows[1:]]) if len(rows) > 1 else rows


def returned_after_one_step(rows: Array, *, only: bool = False) -> Array:
    """Return what a `return` inside the loop gives: the last two rows, alone or below zeros.

    For a single step it gives None, which the check refuses as a TypeError.
    """
    if len(rows) == 1:
        raise TypeError("returned None")
    return rows[-2:] if only else last_rows(rows, 2)


def one_row_again(row: int) -> Callable:
    """Return a step that takes one and the same row for every state."""
    return lambda Z: np.repeat(Z[row:][:1], len(Z), axis=0)


def brackets_lost(W: Array, slopes: Array, g: Array, meet: Callable) -> Array:
    """Return what W @ slopes * g gives: the matrix has met the slopes alone."""
    return meet(W @ slopes, g)


NOT_MENDED = (
    "The symptom is still there: a unit at 0 passes nothing on. How large should the factor be for such a unit, and how "
    "large is it?"
)

# fmt: off
FIND_THE_BUG_MISTAKES = mistakes(gradients_backwards, TIME,
    ("not_mended",
     [{"slope": np.tanh}, {"slope": np.tanh, "at": 0},
      {"slope": np.tanh, "turn": as_it_is}, {"slope": np.tanh, "back": matrix_first}, {"slope": lambda z: -np.tanh(z)}],
     NOT_MENDED),
    ("x_in_place_of_tanh", {"slope": lambda z: 1 - z**2},
     "You used 1 - z². Z holds what went into tanh; 1 - h² needs what came out of it.", SLOPE),
    ("tanh_taken_twice", {"slope": lambda z: 1 - np.tanh(np.tanh(z)) ** 2},
     "tanh was taken once too often: `tanh_derivative` takes Z as it is.", SLOPE),
    ("square_forgotten", [{"slope": lambda z: 1 - np.tanh(z)}, {"slope": lambda z: 1 - np.abs(np.tanh(z))}],
     "The square is missing in the slope: neither 1 - tanh(z) nor 1 - |tanh(z)| is the derivative.", SLOPE),
    ("difference_squared", {"slope": lambda z: (1 - np.tanh(z)) ** 2},
     "The square covers the whole difference. Only tanh(z) is squared; then it is subtracted from 1.", SLOPE),
    ("sign_in_the_slope", [{"slope": lambda z: 1 + np.tanh(z) ** 2}, {"slope": lambda z: np.tanh(z) ** 2 - 1}],
     "A sign in the slope is turned: tanh(z)² is subtracted from 1.", SLOPE),
    ("sech_not_squared", {"slope": lambda z: 1 / np.cosh(z)},
     "The factor is 1 / cosh(z), or the root of 1 - tanh(z)². The slope is the square of that.", SLOPE),
    ("rule_of_the_sigmoid",
     [{"slope": lambda z: np.tanh(z) * (1 - np.tanh(z))}, {"slope": lambda z: sigmoid(z) * (1 - sigmoid(z))}],
     "This is the rule of the sigmoid, s(1 - s). tanh has another one.", SLOPE),
    ("slope_squared", {"slope": lambda z: slope_at(z) ** 2},
     "The slope is multiplied twice into each step. Once is enough.", SLOPE),
    ("tanh_of_the_slope", {"slope": lambda z: np.tanh(slope_at(z))},
     "tanh was taken of the slopes. `broken_gradients` takes tanh of what it is given: mend the line in its loop.", SLOPE),
    ("square_alone", {"slope": lambda z: np.tanh(z) ** 2},
     "The factor is tanh(z)² now: a unit at 0 still passes nothing. How steep is tanh there?", SLOPE),
    ("absolute_value", {"slope": lambda z: np.abs(np.tanh(z))},
     "The sign is gone, but a unit at 0 still passes nothing. How steep is tanh there?", SLOPE),
    ("raw_input_for_tanh", {"slope": lambda z: z},
     "The factor is now what went into tanh. The chain rule asks for the slope at that place.", SLOPE),
    ("slope_of_the_gradient",
     [{"slope": as_it_is, "meet": lambda z, g: z * slope_at(g)}, {"slope": as_it_is, "meet": lambda z, g: slope_at(g)},
      {"slope": as_it_is, "meet": lambda z, g: g * slope_at(g)}],
     "The slope of tanh was taken at the gradient. It is taken at Z[t + 1], what went into tanh; then it multiplies the "
     "gradient."),
    ("gradient_left_out", {"meet": lambda slopes, g: slopes},
     "The gradient of the state after does not enter: only the slopes go through the matrix. Multiply them by "
     "gradients[t + 1] first."),
    ("factor_left_out", {"slope": ones}, "The factor is gone: the gradient goes back as if the network had no tanh."),
    ("added_instead", {"meet": np.add},
     "You add the slope. The chain rule multiplies by it."),
    ("divided_instead", {"meet": lambda slopes, g: g / slopes},
     "You divide by the slope. The chain rule multiplies by it: a flat tanh passes little."),
    ("slopes_of_the_state_before", {"at": 0},
     "The slope is that of another step: the way from h_(t+1) back to h_t leads through Z[t + 1]."),
    ("slopes_of_one_state", [{"rows": one_row_again(-1)}, {"rows": one_row_again(0)}],
     "Every step has the slopes of one and the same row of Z. The way from h_(t+1) back to h_t leads through Z[t + 1]."),
    ("matrix_before_the_gradient", {"back": brackets_lost},
     "`W_h.T @ a * g` is `(W_h.T @ a) * g`, so the matrix met the slopes alone. Put the product of slopes and gradient in "
     "brackets: the matrix comes last."),
    ("slopes_after_the_matrix", {"back": matrix_first},
     "The slopes multiply after W_h.T. Going back, the gradient meets the tanh first and the matrix then."),
    ("slopes_of_the_state_before_after_the_matrix", {"at": 0, "back": matrix_first},
     "Two things at once: the slopes are those of Z[t], and they multiply after W_h.T. Going back from h_(t+1), the "
     "gradient meets the tanh that made h_(t+1) first, and then the matrix."),
    ("brackets_missing", {"meet": lambda slopes, g: 1 - (1 - slopes) * g},
     "`*` comes before `-`, so only the square was multiplied by the gradient, not the 1. Put the slope in brackets."),
    ("one_number_for_a_row", {"back": lambda W, slopes, g, meet: np.full_like(g, (W @ slopes) @ g)},
     "All numbers of a row are equal: `@` between two vectors makes one number. The slopes multiply the gradient entry "
     "by entry, `*`."),
    ("matrix_not_transposed", {"turn": as_it_is},
     "W_h lost its transpose. Going back it is W_h.T: the column of a unit says what it gave to the others."),
    ("last_one_scaled_too", {"last": lambda grad_last, Z: grad_last * slope_at(Z[-1])},
     "The last row has changed: it is grad_last itself. The first tanh is met on the way from the last state to the "
     "one before."),
    ("not_carried_on", {"carried": False},
     "Every row is made of grad_last directly. Each step takes the gradient of the step after it."),
    ("rows_not_filled", {"arrange": partial(last_rows, filled=2)},
     "All rows but the last two are zero. Does the loop begin at the first row, and so read rows before they are "
     "filled, or does `return` stand inside it? Begin at the end, and make each row of the one after it."),
    ("rows_not_stored", {"arrange": partial(last_rows, filled=1)},
     "All rows but the last are zero. Each step reads the row after its own, gradients[t + 1], and stores what it "
     "computes in gradients[t]; a range that goes down needs the step -1."),
    (standard.ZEROS_RETURNED(more=" (From a last row of zeros come zeros only: put grad_last there before the loop.)"),
     {"arrange": np.zeros_like}),
    ("last_row_not_filled", {"arrange": lambda rows: np.vstack([rows[:-1], 0 * rows[-1:]])},
     "The last row is zero. It is grad_last, which the loop does not store: put it there before the loop."),
    ("rows_in_reverse_order", {"arrange": lambda rows: rows[::-1]},
     "The rows are in reverse order: they were collected from the end. Turn them round, so that row t belongs to h_t."),
    ("first_gradient_alone", {"arrange": lambda rows: rows[0]},
     "This is the gradient with respect to the first state alone, the last that the loop finds. Keep a row for each "
     "state."),
    ("added_to_the_gradient", {"back": lambda W, slopes, g, meet: g + W @ meet(slopes, g)},
     "Each row was added to the row after it. The gradient that has passed a step takes the place of the one before."),
    ("first_row_not_filled", {"arrange": first_row_zero},
     "Row 0 is still zero: the loop ends one step too early. A range leaves out its end, so `range(n, 0, -1)` never "
     "comes to row 0."),
    (standard.RETURN_INSIDE_THE_LOOP,
     [{"arrange": returned_after_one_step}, {"arrange": partial(returned_after_one_step, only=True)}]),
)
# fmt: on
FIND_THE_BUG = Check(
    name="find_the_bug",
    claim="passes_most_where_tanh_is_steepest",
    title="Find the bug: the wrong way round",
    function="mended_gradients",
    inputs=bug_inputs,
    reference=gradients_backwards,
    second_route=gradients_by_matrices,
    returns=("gradients",),
    points={"gradients": 2},
    read=TIME,
    advice={
        r"could not broadcast input array|does not have enough dimensions": "The slopes multiply the gradient entry by "
        "entry, `*`; then follows one product with a matrix.",
        r"index ([1-9]\d*) is out of bounds for axis 0 with size \1\b": "Rows count from 0, so of \\1 rows none has the number \\1. "
        "The last row has none after it: the loop begins one row before it.",
    },
    uses=("tanh_derivative",),
    survives=("one step",),
    hints=(
        "Take one unit and follow the gradient through one step, once with a unit at 0 and once with a unit at 5. By which "
        "factor *should* it shrink each time?",
        "One factor in the loop has the right shape and the wrong meaning. What does the chain rule ask for at that place?",
        "`Z` holds what went *into* tanh. You have written the function that takes this and gives the factor that is "
        "missing: in task 5.",
    ),
    misconceptions=FIND_THE_BUG_MISTAKES,
    names=lambda inputs: {"T": len(inputs["Z"]), "d_h": len(inputs["W_h"])},
    stale=("gradients", "grads", "Z", "H", "slopes"),
)

KEY = AnswerKey(
    chapter="01_seq2seq_limits",
    checks=(RNN_STEP, ENCODE, DECODE_STEP, TANH_DERIVATIVE, GRADIENT, FIND_THE_BUG),
)
