"""Answer key of chapter 09: the pieces of a decoder-only model, in NumPy.

Right and wrong answers come from functions whose steps can be exchanged: a misconception is the function with one
step done the wrong way. Everything here is plain NumPy. The second route of what turns positions multiplies complex
numbers, the others go number by number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.course import standard_mistakes as standard
from autograder.course.answer_key import AnswerKey, Check, Same
from autograder.course.drawing import Array, Cases, Inputs, normal
from autograder.course.rows import mistakes, shared_rows
from autograder.course.steps import (
    as_it_is,
    by_slices,
    minus_infinity,
    query_key,
    reshaped_only,
    side_by_side,
    sigmoid,
    softmax,
    swap,
    takes,
    weighted_sum,
)

# Sections of the chapter's page.
QUESTIONS = "Every position is a question"
NORM = "A norm without a mean"
GATE = "A gate in the feed-forward network"
TURN = "Turn instead of add"
PAIRS = "Which two numbers make a pair"
DISTANCE = "Only the distance is left"
LAYER = "The whole layer"
CHOOSE = "How to choose the next token"
CUT = "Cut off the tail"
CACHE = "Keep keys and values"
COUNT = "The count goes on"
WRONG = "What goes wrong"


# ---------------------------------------------------------------- RMS norm
def squared(x: Array, axis: Any) -> Array:
    """Return the square of each number."""
    return x**2


def about_the_mean(x: Array, axis: Any) -> Array:
    """Return the squared deviations from the mean."""
    return (x - x.mean(axis=axis, keepdims=True)) ** 2


def over_root(x: Array, mean_square: Array, epsilon: float) -> Array:
    """Return x over the root of its mean square, epsilon inside."""
    return x / np.sqrt(mean_square + epsilon)


def rms(
    x: Array,
    gain: Array,
    epsilon: float = 1e-6,
    *,
    before: Callable = as_it_is,
    axis: int | tuple[int, ...] | None = -1,
    square: Callable = squared,
    average: Callable = np.mean,
    top: Callable = as_it_is,
    divide: Callable = over_root,
    finish: Callable = lambda y, gain: gain * y,
) -> Array:
    """Return x (…, d) over the root of its mean square, times gain (d,)."""
    x = before(x, gain)
    return finish(divide(top(x), average(square(x, axis), axis=axis, keepdims=True), epsilon), gain)


def rms_by_loops(x: Array, gain: Array, epsilon: float) -> Array:
    """Return the same, one vector after the other."""
    found = np.zeros(x.shape)
    for where in np.ndindex(*x.shape[:-1]):
        row = x[where].tolist()
        root = math.sqrt(math.fsum(v * v for v in row) / len(row) + epsilon)
        found[where] = [g * v / root for v, g in zip(row, gain.tolist(), strict=True)]
    return found


def rms_inputs(rng: np.random.Generator) -> Cases:
    """Draw a batch, one with a large epsilon, one with a row of zeros, and a single vector."""

    def case(*shape: int, epsilon: float = 1e-6) -> Inputs:
        return {"x": normal(rng, *shape, scale=1.3, mean=0.8), "gain": normal(rng, shape[-1]), "epsilon": epsilon}

    zeros = case(3, 6)
    zeros["x"][1] = 0
    return {
        "two texts": case(2, 3, 5),
        "a large epsilon": case(2, 3, 7, epsilon=0.3),
        "a row of zeros": zeros,
        "one vector": case(7),
    }


# fmt: off
RMS_NORM_MISTAKES = mistakes(rms, NORM,
    ("gain_before_the_norm", {"before": lambda x, gain: x * gain, "finish": lambda y, gain: y},
     "The gain was multiplied in before the norm, which then takes it out again in part. Normalise first, then multiply."),
    ("over_the_positions", {"axis": -2},
     "Each number was normalised over the positions. Every position is normalised by itself: the last axis."),
    ("over_the_batch", {"axis": 0},
     "The mean square was taken over axis 0. Every position has its own: axis=-1, with keepdims=True."),
    ("over_everything", {"axis": None},
     "One mean square was taken of the whole array. Every position has its own: axis=-1, with keepdims=True."),
    ("over_the_whole_text", {"axis": (-2, -1)},
     "One mean square was taken for a whole text. Every position has its own: axis=-1 alone."),
    ("mean_subtracted", {"square": about_the_mean, "top": lambda x: x - x.mean(axis=-1, keepdims=True)},
     "The mean was subtracted: that is layer norm. RMSNorm leaves the mean in, above and below the line."),
    ("variance_taken", {"square": about_the_mean},
     "Divided by the standard deviation, in which the mean is subtracted. Take the mean of the squares of x itself."),
    ("mean_subtracted_above", {"top": lambda x: x - x.mean(axis=-1, keepdims=True)},
     "The mean was subtracted from x above the line. RMSNorm leaves the mean in."),
    ("absolute_values",
     {"square": lambda x, axis: np.abs(x), "divide": lambda x, mean, epsilon: x / (mean + epsilon)},
     "Divided by the mean of the absolute values. Square the numbers, take the mean, then the root."),
    ("sum_for_mean", {"average": np.sum},
     "The squares were added up and not divided by how many there are: that gives every position the length 1. Take "
     "their mean."),
    ("epsilon_outside_the_root", {"divide": lambda x, square, epsilon: x / (np.sqrt(square) + epsilon)},
     "epsilon was added to the root. It is added to the mean square, and then the root is taken."),
    ("epsilon_left_out", {"divide": lambda x, square, epsilon: x / np.sqrt(square)},
     "epsilon is missing: a row of zeros becomes 0 / 0, which is NaN."),
    ("epsilon_fixed",
     [{"divide": lambda x, square, epsilon, fixed=fixed: x / np.sqrt(square + fixed)} for fixed in (1e-6, 1e-2)],
     "epsilon is a fixed number here. It is an argument, and may be given another value."),
    ("no_root", {"divide": lambda x, square, epsilon: x / (square + epsilon)},
     "Divided by the mean square. Divide by its root."),
    ("multiplied", {"divide": lambda x, square, epsilon: x * np.sqrt(square + epsilon)},
     "Multiplied by the root of the mean square. Divide by it."),
    ("root_alone", {"divide": lambda x, square, epsilon: np.sqrt(square + epsilon) + 0 * x},
     "This is the root of the mean square itself. Divide x by it."),
    ("not_divided", {"divide": lambda x, square, epsilon: x},
     "x was multiplied by the gain, but never divided by the root of its mean square."),
    ("no_gain", {"finish": lambda y, gain: y}, "The gain is missing: multiply by it at the end."),
    ("gain_added", {"finish": lambda y, gain: y + gain}, "The gain was added. It is a factor: multiply by it."),
    ("one_plus_gain", {"finish": lambda y, gain: (1 + gain) * y},
     "Multiplied by 1 + gain, as some models store it. Here the gain itself is the factor."),
    ("divided_by_gain", {"finish": lambda y, gain: y / gain}, "Divided by the gain. Multiply by it."),
    (standard.INPUT_RETURNED(it="x"), lambda x, gain, epsilon: x),
    (standard.ZEROS_RETURNED, {"finish": lambda y, gain: 0 * y}),
)
# fmt: on
OWN_NORM = ("layers.RMSNormalization", "ops.rms_normalization", "nn.RMSNorm", "functional.rms_norm")
RMS_NORM = Check(
    name="rms_norm",
    claim="divides_each_position_by_its_root_mean_square",
    title="RMSNorm",
    function="rms_norm",
    inputs=rms_inputs,
    reference=rms,
    second_route=rms_by_loops,
    returns=("normalised",),
    points={"normalised": 2},
    read=NORM,
    survives=("a large epsilon", "a row of zeros", "one vector"),
    hints=(
        "The name read backwards is the recipe: square, mean, root. Then divide `x` by it.",
        "The mean goes over the last axis only. With `keepdims=True` it stays beside its own row.",
        "`x / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + epsilon) * gain`.",
    ),
    misconceptions=RMS_NORM_MISTAKES,
    forbidden=OWN_NORM,
    advice={
        r"could not be broadcast|AxisError": "Take the mean with axis=-1 and keepdims=True: then it is (…, 1) and stands "
        "beside its row, whatever axes come before.",
    },
    stale=("mean_square", "mean", "rms", "normalised"),
)


# ---------------------------------------------------------------- SwiGLU
def silu(x: Array) -> Array:
    """Return x times its sigmoid."""
    return x * sigmoid(x)


def gelu(x: Array) -> Array:
    """Return x times the chance that a standard normal number is below it."""
    return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def gated(
    x: Array,
    W_gate: Array,
    W_up: Array,
    W_down: Array,
    *,
    change: Callable = dict,
    act: Callable = silu,
    lift: Callable = as_it_is,
    join: Callable = lambda gate, up: gate * up,
    inside: Callable = as_it_is,
    down: Callable = lambda hidden, W: hidden @ W,
    after: Callable = as_it_is,
) -> Array:
    """Return (silu(x W_gate) * (x W_up)) W_down."""
    p = change(x=x, W_gate=W_gate, W_up=W_up, W_down=W_down)
    hidden = inside(join(act(p["x"] @ p["W_gate"]), lift(p["x"] @ p["W_up"])))
    return after(down(hidden, p["W_down"]), x)


def gated_by_neurons(x: Array, W_gate: Array, W_up: Array, W_down: Array) -> Array:
    """Return the same as a sum over the d_ff hidden numbers, each with its two columns and its row."""
    found = np.zeros((*x.shape[:-1], W_down.shape[-1]))
    for j in range(len(W_down)):
        gate = np.einsum("btd,d->bt", x, W_gate[:, j])
        up = np.einsum("btd,d->bt", x, W_up[:, j])
        found += (gate * up / (1 + np.exp(-gate)))[..., None] * W_down[j]
    return found


def gated_inputs(rng: np.random.Generator) -> Cases:
    """Draw a batch, one whose matrices are square, and one position."""

    def case(B: int, T: int, d: int, d_ff: int) -> Inputs:
        shapes = {"W_gate": (d, d_ff), "W_up": (d, d_ff), "W_down": (d_ff, d)}
        return {"x": normal(rng, B, T, d), **{name: normal(rng, *shape, scale=0.7) for name, shape in shapes.items()}}

    return {
        "two texts": case(2, 5, 3, 7),
        "d_ff as large as d_model": case(2, 6, 3, 3),
        "one position": case(1, 1, 5, 2),
    }


# fmt: off
SWIGLU_MISTAKES = mistakes(gated, GATE,
    ("gate_and_up_exchanged", takes(W_gate="W_up", W_up="W_gate"),
     "Gate and up have changed places: the SiLU went over x @ W_up. It goes over x @ W_gate, and x @ W_up stays as it "
     "is."),
    ("one_matrix_for_both", [takes(W_up="W_gate"), takes(W_gate="W_up")],
     "The same matrix was used for the gate and for what it gates. W_gate and W_up are two matrices."),
    ("sigmoid_only", {"act": sigmoid},
     "The gate is the sigmoid alone (GLU). SiLU is the number times its sigmoid: z / (1 + exp(-z))."),
    ("relu_for_silu", {"act": lambda z: np.maximum(z, 0)},
     "The gate is a ReLU (ReGLU). SwiGLU has the SiLU there: z / (1 + exp(-z))."),
    ("gelu_for_silu",
     [{"act": gelu}, {"act": lambda z: 0.5 * z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)))}],
     "The gate is a GELU (GEGLU). SwiGLU has the SiLU there: z / (1 + exp(-z))."),
    ("tanh_for_silu", {"act": np.tanh}, "The gate is a tanh. SwiGLU has the SiLU there: z / (1 + exp(-z))."),
    ("no_activation", {"act": as_it_is},
     "The two products were multiplied, but no SiLU was taken. It goes over x @ W_gate."),
    ("sign_in_the_exponent", {"act": lambda z: z * sigmoid(-z)},
     "The exponent has the wrong sign: SiLU is z / (1 + exp(-z)), with a minus."),
    ("divided_by_one_plus", {"act": lambda z: z / (1 + z)},
     "Divided by 1 + z. SiLU divides by 1 + exp(-z)."),
    ("both_activated", {"lift": silu},
     "The SiLU went over both products. Only the gate has one; x @ W_up stays as it is."),
    ("sum_for_product", {"join": lambda gate, up: gate + up},
     "The gate was added. A gate multiplies, number by number."),
    ("activated_after_the_product", {"act": as_it_is, "inside": silu},
     "The two products were multiplied first, and the SiLU taken of the result. It goes over x @ W_gate alone, before."),
    ("up_left_out", {"join": lambda gate, up: gate},
     "x @ W_up is missing: this is a plain feed-forward network with SiLU. Multiply the two, number by number."),
    ("gate_left_out", {"join": lambda gate, up: up},
     "The gate is missing: x @ W_up goes to W_down as it is. Multiply it by silu(x @ W_gate) first."),
    ("no_way_down", {"down": lambda hidden, W: hidden},
     "W_down is missing: the result has d_ff numbers a position, and needs d_model."),
    ("down_transposed", {"down": lambda hidden, W: hidden @ W.T},
     "W_down was transposed, which runs only where it is square. A product is hidden @ W_down, as it stands."),
    ("residual_added", {"after": lambda y, x: x + y},
     "x was added to the result. The residual belongs to the layer around this function, not in it."),
    ("activated_at_the_end", {"after": lambda y, x: silu(y)},
     "A SiLU was taken of the result as well. Nothing follows W_down."),
    (standard.INPUT_RETURNED(it="x"), lambda x, W_gate, W_up, W_down: x),
    (standard.ZEROS_RETURNED, {"after": lambda y, x: 0 * y}),
)
# fmt: on
SWIGLU = Check(
    name="swiglu",
    claim="lets_one_product_gate_the_other",
    title="SwiGLU",
    function="swiglu",
    inputs=gated_inputs,
    reference=gated,
    second_route=gated_by_neurons,
    returns=("output",),
    points={"output": 2},
    read=GATE,
    survives=("one position",),
    hints=(
        "Three products: two from `x`, side by side, and one at the end. Between them the first two meet.",
        "`gate = x @ W_gate`, and its SiLU is `gate / (1 + np.exp(-gate))`.",
        "`(silu * (x @ W_up)) @ W_down`, with a `*` that goes number by number.",
    ),
    misconceptions=SWIGLU_MISTAKES,
    advice={
        r"matmul": "W_gate and W_up are (d_model, d_ff), W_down is (d_ff, d_model). The gate is multiplied number by "
        "number: `*`, not `@`.",
    },
    stale=("gate", "up", "hidden", "silu", "output"),
)


# ---------------------------------------------------------------- rotary positions
def neighbours(x: Array) -> tuple[Array, Array]:
    """Return the first and the second of each pair (2i, 2i + 1)."""
    return x[..., 0::2], x[..., 1::2]


def between(first: Array, second: Array) -> Array:
    """Return pairs put back to places 2i and 2i + 1."""
    return np.stack([first, second], axis=-1).reshape(*first.shape[:-1], -1)


def halves(x: Array) -> tuple[Array, Array]:
    """Return the first and the second of each pair (i, i + d_k / 2)."""
    return x[..., : x.shape[-1] // 2], x[..., x.shape[-1] // 2 :]


def one_after_the_other(first: Array, second: Array) -> Array:
    """Return all first numbers, then all second ones."""
    return np.concatenate([first, second], axis=-1)


def falling_speeds(d_k: int, base: float) -> Array:
    """Return the angle of each pair from one position to the next, (d_k / 2,)."""
    return base ** (-np.arange(0, d_k, 2) / d_k)


def turned(first: Array, second: Array, angle: Array) -> tuple[Array, Array]:
    """Return each pair turned by its angle."""
    cos, sin = np.cos(angle), np.sin(angle)
    return first * cos - second * sin, first * sin + second * cos


def rotated(
    x: Array,
    positions: Array,
    base: float = 10000.0,
    *,
    count: Callable = as_it_is,
    speeds: Callable = falling_speeds,
    sign: int = 1,
    pairs: Callable = neighbours,
    turn: Callable = turned,
    together: Callable = between,
) -> Array:
    """Return x (…, T, d_k) with each pair turned by position times speed."""
    angle = sign * count(positions)[:, np.newaxis] * speeds(x.shape[-1], base)  # (T, d_k / 2)
    return together(*turn(*pairs(x), angle))


def rotated_by_complex_numbers(x: Array, positions: Array, base: float = 10000.0) -> Array:
    """Return the same: a pair is a complex number, and a turn multiplies it by exp(i angle)."""
    d_k = x.shape[-1]
    found = np.zeros(x.shape)
    for t, position in enumerate(positions.tolist()):
        for i in range(d_k // 2):
            z = (x[..., t, 2 * i] + 1j * x[..., t, 2 * i + 1]) * np.exp(1j * position / base ** (2 * i / d_k))
            found[..., t, 2 * i], found[..., t, 2 * i + 1] = z.real, z.imag
    return found


def rotate_inputs(rng: np.random.Generator) -> Cases:
    """Draw heads at the beginning of a text and further on, another base, one position, and H = T."""

    def case(*shape: int, start: int = 0, base: float = 10000.0) -> Inputs:
        return {"x": normal(rng, *shape), "positions": np.arange(start, start + shape[-2]), "base": base}

    return {
        "two texts from their beginning": case(2, 3, 5, 6),
        "positions from 7 on": case(1, 2, 3, 10, start=7),
        "another base": case(2, 1, 3, 6, base=50.0),
        "one position": case(2, 3, 1, 2, start=5),
        "no batch and no heads": case(5, 6, start=2),
        "as many heads as positions": case(2, 3, 3, 6, start=1),
    }


def overwritten(first: Array, second: Array, angle: Array) -> tuple[Array, Array]:
    """Return pairs whose second number was computed from the first one as already turned."""
    cos, sin = np.cos(angle), np.sin(angle)
    new = first * cos - second * sin
    return new, new * sin + second * cos


def along_the_heads(x: Array, positions: Array, base: float) -> Array:
    """Return x turned by the number of the head; an error where there are not as many heads as positions."""
    if x.ndim < 3 or x.shape[-3] != x.shape[-2]:
        raise ValueError("operands could not be broadcast together")
    return swap_positions(rotated(swap_positions(x), positions, base))


def swap_positions(x: Array) -> Array:
    """Exchange heads and positions."""
    return np.swapaxes(x, -2, -3)


def encoding_added(x: Array, positions: Array, base: float, *, half: bool = False) -> Array:
    """Return x plus sines and cosines of the angles."""
    angle = positions[:, np.newaxis] * falling_speeds(x.shape[-1], base)
    return x + (one_after_the_other if half else between)(np.sin(angle), np.cos(angle))


# fmt: off
ROTATE_MISTAKES = mistakes(rotated, TURN,
    ("counted_from_one", {"count": lambda positions: positions + 1},
     "Every position was turned one step too far. Position 0 is not turned at all."),
    ("positions_counted_anew", {"count": lambda positions: np.arange(len(positions))},
     "The positions were counted from 0, whatever `positions` says. A piece from the middle of a text brings its own.",
     COUNT),
    ("speed_by_pair", {"speeds": lambda d_k, base: base ** (-np.arange(d_k // 2) / d_k)},
     "The exponent is half of what it should be: pair i turns by base ** (-2 * i / d_k), with a 2.", PAIRS),
    ("two_too_many", {"speeds": lambda d_k, base: base ** (-2 * np.arange(0, d_k, 2) / d_k)},
     "The exponent is twice what it should be: np.arange(0, d_k, 2) holds 2i already.", PAIRS),
    ("speeds_grow", {"speeds": lambda d_k, base: base ** (np.arange(0, d_k, 2) / d_k)},
     "The speeds grow: the exponent lacks its minus. Later pairs turn more slowly."),
    ("one_speed_for_all", {"speeds": lambda d_k, base: np.ones(d_k // 2)},
     "All pairs turn by the same angle. Pair i turns by position * base ** (-2 * i / d_k)."),
    ("speeds_backwards", {"speeds": lambda d_k, base: falling_speeds(d_k, base)[::-1]},
     "The speeds come in the opposite order. Pair 0 turns fastest, by one radian from a position to the next."),
    ("whole_number_division", {"speeds": lambda d_k, base: base ** (-np.arange(0, d_k, 2) // d_k).astype(float)},
     "`//` rounds the exponent to a whole number. Divide with one stroke."),
    ("base_fixed", {"speeds": lambda d_k, base: falling_speeds(d_k, 10000.0)},
     "The base is 10000 whatever is given. Use the argument `base`."),
    ("one_pair_less", {"speeds": lambda d_k, base: base ** (-np.arange(d_k // 2) / max(1, d_k // 2 - 1))},
     "The exponent of the last pair is -1, so it turns too slowly: pair i turns by base ** (-2 * i / d_k), and the last "
     "exponent is a little above -1."),
    ("turned_backwards", {"sign": -1},
     "Everything is turned the other way round: the sine has the wrong sign. First number cos - second sin, then first "
     "sin + second cos."),
    ("halves", {"pairs": halves, "together": one_after_the_other},
     "The pairs are (i, i + d_k / 2), as some libraries have it. Here they are neighbours, (2i, 2i + 1), as in "
     "RoFormer.", PAIRS),
    ("put_back_in_halves", {"together": one_after_the_other},
     "The turn is right, but the results were put one after the other: all first numbers, then all second ones. They "
     "go back to places 2i and 2i + 1.", PAIRS),
    ("halves_put_between", {"pairs": halves},
     "The pairs were taken from the two halves, and the results put between each other. Take neighbours, 2i and "
     "2i + 1.", PAIRS),
    ("pair_exchanged", {"pairs": lambda x: neighbours(x)[::-1]},
     "The two numbers of each pair have changed places. The even one is first, the odd one second.", PAIRS),
    ("first_overwritten", {"turn": overwritten},
     "The second number was computed from the first as already turned. `x[..., 0::2]` is a view: keep both old numbers "
     "until both new ones are there."),
    ("not_a_turn",
     [{"turn": lambda a, b, angle: (a * np.cos(angle) - b * np.sin(angle), a * np.sin(angle) - b * np.cos(angle))},
      {"turn": lambda a, b, angle: (a * np.cos(angle) + b * np.sin(angle), a * np.sin(angle) + b * np.cos(angle))}],
     "One sign is wrong, so lengths change: this is no turn. First number: cos - sin. Second: sin + cos."),
    ("sine_and_cosine_exchanged",
     {"turn": lambda a, b, angle: (a * np.sin(angle) - b * np.cos(angle), a * np.cos(angle) + b * np.sin(angle))},
     "Sine and cosine have changed places: at position 0, where nothing turns, the cosine is 1."),
    ("only_stretched",
     [{"turn": lambda a, b, angle: (a * np.cos(angle), b * np.sin(angle))},
      {"turn": lambda a, b, angle: (a * np.cos(angle), b * np.cos(angle))}],
     "Each number was only multiplied. In a turn both numbers of a pair go into both results."),
    ("first_pair_only",
     {"turn": lambda a, b, angle: turned(a, b, angle * (np.arange(angle.shape[-1]) == 0))},
     "Only the first pair was turned. All d_k / 2 pairs turn, each at its speed."),
    ("along_the_heads", along_the_heads,
     "The angle followed the number of the head. Positions are the last axis but one of x, whatever comes before."),
    ("encoding_added", [encoding_added, lambda x, positions, base: encoding_added(x, positions, base, half=True)],
     "Sines and cosines were added to x, as in 2017. Here x itself is turned: each pair is multiplied by them."),
    (standard.INPUT_RETURNED(it="x"), lambda x, positions, base: x),
    (standard.ZEROS_RETURNED, {"together": lambda a, b: 0 * between(a, b)}),
)
# fmt: on
ROTATE = Check(
    name="rotate",
    claim="turns_each_pair_by_its_position",
    title="Rotary positions",
    function="rotate",
    inputs=rotate_inputs,
    reference=rotated,
    second_route=rotated_by_complex_numbers,
    returns=("turned",),
    points={"turned": 3},
    read=TURN,
    survives=("positions from 7 on", "another base", "one position", "no batch and no heads"),
    hints=(
        "First the angles: one row for each position, one column for each pair. `positions[:, np.newaxis] * speeds`.",
        "The speeds are `base ** (-np.arange(0, d_k, 2) / d_k)`. The even numbers are `x[..., 0::2]`, the odd ones "
        "`x[..., 1::2]`.",
        "New even: even cos - odd sin. New odd: even sin + odd cos. Write both into an empty array, at `0::2` and `1::2`.",
    ),
    misconceptions=ROTATE_MISTAKES,
    advice={
        r"could not be broadcast|shape mismatch|could not broadcast": "Angles are (T, d_k / 2): a row for each position, a "
        "column for each pair. The even numbers of x are (…, T, d_k / 2), and so are the odd ones.",
        r"Integers to negative integer powers": "NumPy takes no negative whole power of a whole number. Divide by d_k with "
        "one stroke, and keep the base a float.",
    },
    stale=("angles", "angle", "speeds", "even", "odd", "turned", "d_k", "cos", "sin"),
)


# ---------------------------------------------------------------- causal self-attention
def from_zero(x: Array) -> Array:
    """Return the positions 0 to T - 1 of heads (B, H, T, d_k)."""
    return np.arange(x.shape[-2])


def by_places(x: Array, positions: Array) -> Array:
    """Return heads turned by their positions."""
    return rotated(x, positions)


def unturned(x: Array, positions: Array) -> Array:
    """Return heads as they are."""
    return x


def later(n: int, total: int) -> Array:
    """Return the mask (n, total) of the last n of `total` positions: 1 where a key comes after the query."""
    return (np.arange(total) > np.arange(total - n, total)[:, np.newaxis]).astype(int)


def sqrt_d_k(q: Array) -> float:
    """Return what scores are divided by."""
    return math.sqrt(q.shape[-1])


def times(x: Array, W: Array) -> Array:
    """Return x W."""
    return x @ W


def self_attention(
    x: Array,
    W_q: Array,
    W_k: Array,
    W_v: Array,
    W_o: Array,
    num_heads: int,
    *,
    change: Callable = dict,
    whole: Callable = as_it_is,
    cut: Callable = by_slices,
    turn_q: Callable = by_places,
    turn_k: Callable = by_places,
    turn_v: Callable = unturned,
    score: Callable = query_key,
    divisor: Callable = sqrt_d_k,
    future: Callable = later,
    hide: Callable = minus_infinity,
    weigh: Callable = softmax,
    after: Callable = as_it_is,
    join: Callable = side_by_side,
    finish: Callable = times,
    returned: Callable = lambda output, weights: (output, weights),
) -> tuple[Array, Array]:
    """Return (output (B, T, d_model), weights (B, H, T, T)): each position attends to itself and those before it.

    `change` exchanges matrices, `whole` acts on queries and keys before they are cut into heads.
    """
    p = change(W_q=W_q, W_k=W_k, W_v=W_v, W_o=W_o)
    q, k, v = (x @ p[name] for name in ("W_q", "W_k", "W_v"))
    q, k, v = cut(whole(q), num_heads), cut(whole(k), num_heads), cut(v, num_heads)
    q, k, v = turn_q(q, from_zero(q)), turn_k(k, from_zero(k)), turn_v(v, from_zero(v))
    mask = future(q.shape[-2], k.shape[-2])
    weights = after(weigh(hide(score(q, k) / divisor(q), mask)), mask)
    return returned(finish(join(weighted_sum(weights, v)), p["W_o"]), weights)


def self_attention_by_loops(
    x: Array, W_q: Array, W_k: Array, W_v: Array, W_o: Array, num_heads: int
) -> tuple[Array, Array]:
    """Return the same, query by query: pairs are complex numbers, and only visible keys are looked at."""
    B, T, d_model = x.shape
    d_k = d_model // num_heads
    output, weights = np.zeros((B, T, d_model)), np.zeros((B, num_heads, T, T))
    for b, h in np.ndindex(B, num_heads):
        own = slice(h * d_k, (h + 1) * d_k)
        q, k, v = (x[b] @ W[:, own] for W in (W_q, W_k, W_v))
        q, k = rotated_by_complex_numbers(q, np.arange(T)), rotated_by_complex_numbers(k, np.arange(T))
        for i in range(T):
            exps = np.array([math.exp(q[i] @ k[j] / math.sqrt(d_k)) for j in range(i + 1)])
            weights[b, h, i, : i + 1] = exps / exps.sum()
            output[b, i] += weights[b, h, i, : i + 1] @ v[: i + 1] @ W_o[own]
    return output, weights


def matrices(rng: np.random.Generator, d_model: int) -> Inputs:
    """Draw W_q to W_o that keep projections of order 1."""
    return {f"W_{name}": normal(rng, d_model, d_model, scale=1.3 / math.sqrt(d_model)) for name in "qkvo"}


def attention_inputs(rng: np.random.Generator) -> Cases:
    """Draw two texts, the same with another end, one text, H = T, and one position."""

    def case(B: int, T: int, H: int, d_k: int) -> Inputs:
        return {"x": normal(rng, B, T, H * d_k), **matrices(rng, H * d_k), "num_heads": H}

    first = case(2, 5, 2, 6)
    changed = first["x"].copy()
    changed[:, 3:] = normal(rng, 2, 2, 12)
    return {
        "two texts, two heads": first,
        "the same with another end": first | {"x": changed},
        "one text, three heads": case(1, 7, 3, 2),
        "as many heads as positions": case(2, 3, 3, 2),
        "one position": case(2, 1, 1, 6),
    }


def triangle(offset: int) -> Callable:
    """Return a mask that is 1 above the diagonal `offset`, counted from the last position of both."""
    return lambda n, total: np.triu(np.ones((n, total), dtype=int), k=total - n + offset)


def turned_over(n: int, total: int) -> Array:
    """Return the mask with 0 where it has 1: read as if 0 meant hide."""
    return 1 - later(n, total)


def turned_in_halves(x: Array, positions: Array) -> Array:
    """Return heads whose pairs are (i, i + d_k / 2), turned."""
    return rotated(x, positions, pairs=halves, together=one_after_the_other)


def turned_backwards(x: Array, positions: Array) -> Array:
    """Return heads turned the other way."""
    return rotated(x, positions, sign=-1)


def turned_whole(q: Array) -> Array:
    """Return queries or keys (B, T, d_model) turned before they are cut into heads."""
    return rotated(q, np.arange(q.shape[1]))


def input_turned(x: Array, **p: Any) -> tuple[Array, Array]:
    """Return attention over x turned before it is projected."""
    return self_attention(turned_whole(x), turn_q=unturned, turn_k=unturned, **p)


def input_turned_for_the_scores(x: Array, W_v: Array, W_o: Array, num_heads: int, **p: Any) -> tuple[Array, Array]:
    """Return attention whose queries and keys are made of x turned, and whose values of x as it is."""
    weights = input_turned(x=x, W_v=W_v, W_o=W_o, num_heads=num_heads, **p)[1]
    return times(side_by_side(weighted_sum(weights, by_slices(x @ W_v, num_heads))), W_o), weights


def one_wide_head(num_heads: int, **p: Any) -> tuple[Array, Array]:
    """Return attention of a single head of width d_model."""
    return self_attention(num_heads=1, **p)


# fmt: off
SHARED_ATTENTION_MISTAKES = shared_rows(LAYER,
    ("query_and_key_exchanged", takes(W_q="W_k", W_k="W_q"),
     "Queries and keys have changed places: W_q makes queries, W_k makes keys, and the scores are Q K^T, a row for each "
     "query."),
    ("key_and_value_matrices_exchanged", takes(W_k="W_v", W_v="W_k"),
     "W_k and W_v have changed places: keys are made with W_k, values with W_v."),
    ("one_matrix_for_two", [takes(W_k="W_q"), takes(W_v="W_k"), takes(W_q="W_k")],
     "Two of query, key and value went through the same matrix. Each has its own: W_q, W_k, W_v."),
    ("values_turned", {"turn_v": by_places},
     "The values were turned as well. Only queries and keys are: the turn is there for the scores, and what is mixed "
     "stays as it is.", DISTANCE),
    ("nothing_turned", {"turn_q": unturned, "turn_k": unturned},
     "Nothing was turned, so the layer does not know in which order the words stand. Turn queries and keys.", TURN),
    ("only_queries_turned", {"turn_k": unturned},
     "Only the queries were turned, so a score depends on where the query stands. Turn the keys, too: then only the "
     "distance is left.", DISTANCE),
    ("only_keys_turned", {"turn_q": unturned},
     "Only the keys were turned, so a score depends on where the key stands. Turn the queries, too: then only the "
     "distance is left.", DISTANCE),
    ("not_scaled", {"divisor": lambda q: 1.0}, "The scores were not divided by the square root of d_k."),
    ("scaled_by_d_k", {"divisor": lambda q: float(q.shape[-1])},
     "The scores were divided by d_k itself, or twice by its root. Divide once by the square root of d_k."),
    ("root_of_d_model", {"divisor": lambda q: math.sqrt(q.shape[-1] * q.shape[1])},
     "The scores were divided by the square root of d_model. A head compares d_k numbers: divide by the root of d_k."),
    (standard.HIDDEN_SCORES_ZERO, {"hide": lambda scores, mask: scores * (1 - mask)}),
    (standard.MASK_AFTER_SOFTMAX,
     {"hide": lambda scores, mask: scores, "after": lambda weights, mask: weights * (1 - mask)}),
    ("no_output_projection", {"finish": lambda merged, W: merged},
     "The merged heads are not the output yet: multiply by W_o."),
)
CAUSAL_MISTAKES = mistakes(self_attention, LAYER,
    *SHARED_ATTENTION_MISTAKES,
    ("turned_before_the_split",
     {"whole": turned_whole, "turn_q": unturned, "turn_k": unturned},
     "Queries and keys were turned before they were cut into heads, so the heads got different speeds. Cut first: every "
     "head turns its own d_k numbers."),
    ("input_turned", [input_turned, input_turned_for_the_scores],
     "x was turned, and then projected. Project first: what is turned are queries and keys.", TURN),
    ("turned_in_halves", {"turn_q": turned_in_halves, "turn_k": turned_in_halves},
     "The pairs are (i, i + d_k / 2). Here they are neighbours, (2i, 2i + 1): use your rotate.", PAIRS),
    ("turned_backwards", {"turn_q": turned_backwards, "turn_k": turned_backwards},
     "Queries and keys were turned backwards. Turn them by their positions, 0, 1, 2 and so on.", TURN),
    ("opposite_turns", [{"turn_k": turned_backwards}, {"turn_q": turned_backwards}],
     "Queries and keys were turned in opposite directions, so that a score depends on the sum of two positions. Turn both "
     "the same way.", DISTANCE),
    ("split_by_reshape",
     [{"cut": reshaped_only},
      {"cut": reshaped_only, "join": lambda heads: heads.reshape(len(heads), heads.shape[2], -1)}],
     "The heads were cut by a reshape alone, so they are made of other positions. Use split_heads."),
    ("merged_by_reshape", {"join": lambda heads: heads.reshape(len(heads), heads.shape[2], -1)},
     "The weights are right. The heads were merged by a reshape alone, so positions got mixed. Use merge_heads."),
    ("one_wide_head", one_wide_head,
     "There is a single head as wide as d_model. Cut queries, keys and values into num_heads heads first."),
    ("future_visible", {"hide": as_it_is},
     "Nothing is hidden: every position sees those after it, and with them the answer. Mask the future.", WRONG),
    ("past_hidden",
     [{"future": lambda n, total: np.tril(np.ones((n, total), dtype=int), k=-1)},
      {"future": turned_over, "hide": lambda scores, mask: np.where(mask == 1, -1e9, scores)}],
     "The past is hidden and the future is visible: the other triangle. 1 means hide.", WRONG),
    ("present_hidden",
     [{"future": triangle(0), "hide": lambda scores, mask: np.where(mask == 1, -1e9, scores)},
      {"future": triangle(0)}],
     "The diagonal is hidden, too. Every position sees itself: the mask is 1 where a key comes *after* the query.", WRONG),
    ("next_visible", {"future": triangle(2)},
     "Every position still sees the next one, which is the answer: the diagonal is off by one.", WRONG),
    ("softmax_over_the_queries",
     {"weigh": lambda scores: over_queries(scores)},
     "The softmax ran over the queries. It runs over the keys, the last axis."),
    ("output_matrix_transposed", {"finish": lambda merged, W: merged @ W.T},
     "The weights are right. W_o was transposed: multiply by W_o as it stands."),
    (standard.RETURNED_BACKWARDS, {"returned": lambda output, weights: (weights, output)}),
    ("weights_averaged_over_heads", {"returned": lambda output, weights: (output, weights.mean(axis=1))},
     "The output is right. The weights were averaged over the heads; return them for each head, (B, H, T, T)."),
    (standard.SCORES_RETURNED(instead="what the softmax made of them, (B, H, T, T)"),
     lambda **p: (self_attention(**p)[0], self_attention(**p, weigh=as_it_is, hide=lambda s, m: s - 1e9 * m)[1])),
    (standard.ZEROS_RETURNED, {"finish": lambda merged, W: 0 * merged}),
)
# fmt: on


def over_queries(scores: Array) -> Array:
    """Return the softmax along the queries."""
    return swap(softmax(swap(scores)))


ATTENTION_ADVICE = {
    r"size (\d+) is different from (\d+)": "A product does not fit: \\2 numbers met \\1 rows. Project x first, (B, T, "
    "d_model) times (d_model, d_model), then cut into heads; put the heads side by side before W_o.",
    r"could not be broadcast together with shapes \((\d+),(\d+),(\d+),(\d+)\)": "Heads are (B, H, T, d_k), with the positions on "
    "the last axis but one. rotate takes them so, with T positions; the mask is (T, T) or (n, t + n).",
    r" is NaN in": "A row in which everything is hidden becomes NaN. Every position sees itself.",
}
CAUSAL_SELF_ATTENTION = Check(
    name="causal_self_attention",
    claim="mixes_what_came_before",
    title="Causal self-attention with rotary positions",
    function="causal_self_attention",
    inputs=attention_inputs,
    reference=self_attention,
    second_route=self_attention_by_loops,
    returns=("output", "attention_weights"),
    points={"output": 2, "attention_weights": 2},
    read=LAYER,
    survives=("one position",),
    hints=(
        "The steps of chapter 5, without biases: project, split, attend, merge, project. New is one line after the split.",
        "After the split, `rotate(q, np.arange(T))` and the same for `k`. The values stay as they are.",
        "The mask is `np.triu(np.ones((T, T)), k=1)`; where it is 1 the score becomes `-1e9` (`np.where`), before the softmax.",
        "`merge_heads(weights @ v) @ W_o`, and return the weights behind it.",
    ),
    misconceptions=CAUSAL_MISTAKES,
    properties=(
        Same(
            "two texts, two heads",
            "the same with another end",
            "output",
            (0, 1, 2),
            -2,
            "Only what stands after position 2 was changed here, and the first three outputs moved: something looks ahead.",
        ),
    ),
    uses=("rotate",),
    advice=ATTENTION_ADVICE,
    stale=("q", "k", "v", "scores", "weights", "mask", "T", "d_k", "output"),
)


# ---------------------------------------------------------------- next-token loss
def log_softmax(logits: Array, axis: int = -1) -> Array:
    """Return the logarithm of the softmax."""
    logits = logits - logits.max(axis=axis, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=axis, keepdims=True))


def picked(values: Array, ids: Array) -> Array:
    """Return the value of each id: (B, T, V), (B, T) -> (B, T)."""
    return np.take_along_axis(values, ids[..., np.newaxis], axis=-1)[..., 0]


def one_ahead(logits: Array, ids: Array) -> tuple[Array, Array]:
    """Return the logits of all positions but the last, and the ids of all but the first."""
    return logits[:, :-1], ids[:, 1:]


def log_probability(logits: Array, ids: Array) -> Array:
    """Return the logarithm of the probability of each id."""
    return picked(log_softmax(logits), ids)


def mean_of_all(values: Array, ids: Array) -> Array:
    """Return the mean over all positions of all texts."""
    return values.mean()


def loss_of(
    logits: Array,
    ids: Array,
    *,
    shift: Callable = one_ahead,
    value: Callable = log_probability,
    reduce: Callable = mean_of_all,
    sign: int = -1,
    finish: Callable = as_it_is,
) -> Array:
    """Return the mean loss of the next token, (1,)."""
    loss = np.asarray(finish(sign * reduce(value(*shift(logits, ids)), ids)), dtype=float)
    return loss if loss.ndim else loss[np.newaxis]


def loss_by_loops(logits: Array, ids: Array) -> Array:
    """Return the same, token by token."""
    losses = []
    for b, t in np.ndindex(ids.shape[0], ids.shape[1] - 1):
        top = max(logits[b, t])
        total = math.fsum(math.exp(z - top) for z in logits[b, t])
        losses.append(top + math.log(total) - logits[b, t, ids[b, t + 1]])
    return np.array([math.fsum(losses) / len(losses)])


def loss_inputs(rng: np.random.Generator) -> Cases:
    """Draw two texts, one text, texts of two tokens, and large logits."""

    def case(B: int, T: int, V: int, scale: float = 1.4) -> Inputs:
        while True:
            drawn = {"logits": normal(rng, B, T, V, scale=scale), "ids": rng.integers(0, V, size=(B, T))}
            told = (drawn["ids"][:, 1:] != drawn["ids"][:, :-1]).any()
            # Of a large loss and of the logit of a target the exponential is infinite.
            large = loss_of(**drawn) > 720 and picked(*one_ahead(**drawn)).max() > 720
            if told and (large or scale < 10):
                return drawn

    return {
        "two texts": case(2, 5, 7),
        "one text": case(1, 6, 3),
        "two tokens": case(3, 2, 5),
        "large logits": case(2, 3, 6, scale=1500.0),
    }


def rolled(logits: Array, ids: Array) -> tuple[Array, Array]:
    """Return all logits, and ids of which the first stands at the end."""
    return logits, np.roll(ids, -1, axis=1)


def clipped(logits: Array, ids: Array, floor: float = 1e-9) -> Array:
    """Return the logarithm of probabilities that were made first, with a floor."""
    return np.log(picked(np.exp(log_softmax(logits)), ids) + floor)


def of_all_positions(logits: Array, ids: Array) -> Array:
    """Return for each text and position the mean logarithm of the probability of all targets of all texts."""
    return log_softmax(logits)[..., ids].mean(axis=(-2, -1))


def overflowing(logits: Array, ids: Array) -> Array:
    """Return the logarithm of the softmax without the maximum subtracted."""
    exps = np.exp(logits)
    return np.log(picked(exps / exps.sum(axis=-1, keepdims=True), ids))


# fmt: off
NEXT_TOKEN_LOSS_MISTAKES = mistakes(loss_of, QUESTIONS,
    ("not_shifted",
     [{"shift": lambda logits, ids: (logits, ids)}, {"shift": lambda logits, ids: (logits[:, :-1], ids[:, :-1])},
      {"shift": lambda logits, ids: (logits[:, 1:], ids[:, 1:])}],
     "Nothing was shifted: each position is asked for the token that it was given. Position t predicts token t + 1."),
    ("shifted_the_other_way", {"shift": lambda logits, ids: (logits[:, 1:], ids[:, :-1])},
     "Shifted the other way: each position is asked for the token before it, which it has seen. Position t predicts token "
     "t + 1."),
    ("first_token_asked_last", {"shift": rolled},
     "np.roll puts the first token at the end, so the last position is asked for it. The last position has no answer: "
     "leave it out."),
    ("shifted_by_two",
     {"shift": lambda logits, ids: (logits[:, :-2], ids[:, 2:]) if ids.shape[1] > 2 else (logits[:, :-1], ids[:, 1:])},
     "Shifted by two. Position t predicts token t + 1."),
    ("sum_over_texts", {"reduce": lambda values, ids: values.sum()},
     "The losses were added up. The loss is their mean, so that it does not grow with the text."),
    ("divided_by_all_positions", {"reduce": lambda values, ids: values.sum() / ids.size},
     "The sum was divided by B * T. The last position of a text predicts nothing: divide by B * (T - 1)."),
    ("divided_by_texts", {"reduce": lambda values, ids: values.sum() / len(ids)},
     "The sum was divided by the number of texts. Divide by the number of predictions, B * (T - 1)."),
    ("divided_by_length", {"reduce": lambda values, ids: values.sum() / values.shape[1]},
     "The sum was divided by the length. Divide by the number of predictions in all texts, B * (T - 1)."),
    ("divided_by_vocabulary", {"value": lambda logits, ids: log_probability(logits, ids) / logits.shape[-1]},
     "The loss was divided by the size of the vocabulary, too: was a mean taken over all V tokens? Pick that of the next "
     "token."),
    ("not_averaged", {"reduce": lambda values, ids: values},
     "These are the losses of the single positions. The loss is one number: their mean."),
    ("first_text_only", {"reduce": lambda values, ids: values[0].mean()},
     "Only the first text was looked at. Is `return` inside a loop?"),
    ("last_position_only", {"reduce": lambda values, ids: values[:, -1].mean()},
     "Only the last prediction of each text counts here. Every position is a question: take the mean over all."),
    ("sign_lost", {"sign": 1},
     "The sign is wrong: this is the mean logarithm, which is negative. The loss is minus that."),
    ("every_target_everywhere", {"value": of_all_positions},
     "Every position was asked for the targets of all positions: an index such as `log_p[..., targets]` makes a table of all "
     "pairs. np.take_along_axis picks one number for each position."),
    ("logits_picked", {"value": picked},
     "The logit of the target was taken as it is. Make probabilities of the logits first: log of the softmax."),
    ("logarithm_forgotten", {"value": lambda logits, ids: picked(np.exp(log_softmax(logits)), ids)},
     "The logarithm is missing: the loss of a position is minus the *logarithm* of the probability of the right token."),
    ("likeliest_taken", {"value": lambda logits, ids: log_softmax(logits).max(axis=-1)},
     "This is the loss of the likeliest token. It has to be that of the token that comes next."),
    ("softmax_twice", {"value": lambda logits, ids: log_probability(np.exp(log_softmax(logits)), ids)},
     "The softmax was taken twice. Take it once, of the logits."),
    ("softmax_over_positions", {"value": lambda logits, ids: picked(log_softmax(logits, axis=-2), ids)},
     "The softmax ran over the positions. It runs over the vocabulary, the last axis."),
    ("in_bits", {"finish": lambda loss: loss / math.log(2)},
     "This is the loss in bits (log2). In this book a loss is in nats: np.log."),
    ("perplexity", {"finish": np.exp},
     "This is the perplexity, the exponential of the loss. Return the loss."),
    ("accuracy", {"sign": 1, "value": lambda logits, ids: (logits.argmax(axis=-1) == ids).astype(float)},
     "This is the share of right guesses. The loss is the mean of minus the logarithm of the right token's probability."),
    ("overflows", {"value": overflowing},
     "Right for small logits. exp(1000) overflows: subtract the largest logit first, and take the logarithm in one step."),
    ("probabilities_first", [{"value": clipped}, {"value": lambda logits, ids: clipped(logits, ids, 1e-12)}],
     "Right for small logits. Probabilities were made first and kept above 0 by a small number. Take the logarithm in one "
     "step: z - max - log(sum of exp(z - max))."),
    ("infinite", {"value": lambda logits, ids: np.log(picked(np.exp(log_softmax(logits)), ids))},
     "Right for small logits. A probability that is rounded to 0 has an infinite loss. Take the logarithm in one step: "
     "z - max - log(sum of exp(z - max))."),
)
# fmt: on
NEXT_TOKEN_LOSS = Check(
    name="next_token_loss",
    claim="asks_every_position_for_the_next_token",
    title="Next-token loss",
    function="next_token_loss",
    inputs=loss_inputs,
    reference=loss_of,
    second_route=loss_by_loops,
    returns=("loss",),
    points={"loss": 3},
    read=QUESTIONS,
    survives=("one text", "two tokens", "large logits"),
    hints=(
        "Which logits have an answer, and which ids are one? The last position has no next token, the first token has no "
        "position before it.",
        "`logits[:, :-1]` and `ids[:, 1:]` belong together. The logarithm of the softmax is `z - max - log(sum of exp(z - max))`.",
        "`np.take_along_axis(log_p, targets[..., np.newaxis], axis=-1)` picks one number for each position. Then minus the "
        "mean.",
    ),
    misconceptions=NEXT_TOKEN_LOSS_MISTAKES,
    advice={
        r"could not be broadcast|shape mismatch|must have same|same number of dimensions": "Logits are (B, T, V), ids are "
        "(B, T). For np.take_along_axis the ids need a last axis of length 1.",
    },
    stale=("targets", "log_p", "losses", "loss", "probabilities"),
)


# ---------------------------------------------------------------- temperature and top-k
def divided(logits: Array, temperature: float) -> Array:
    """Return logits over the temperature."""
    return logits / temperature


def likeliest(scaled: Array, k: int) -> Array:
    """Return True for the k largest."""
    return scaled >= np.sort(scaled)[len(scaled) - k]


def hidden_unless(scaled: Array, kept: Array) -> Array:
    """Return -inf for what is not kept."""
    return np.where(kept, scaled, -np.inf)


def from_top_k(
    logits: Array,
    k: int,
    temperature: float = 1.0,
    *,
    divide: Callable = divided,
    choose: Callable = likeliest,
    drop: Callable = hidden_unless,
    share: Callable = softmax,
    after: Callable = as_it_is,
) -> Array:
    """Return the probabilities (V,) of the next token: those of the k likeliest at a temperature, 0 for the others."""
    scaled = divide(logits, temperature)
    kept = choose(scaled, k)
    return after(share(drop(scaled, kept)), kept, scaled)


def top_k_by_ranks(logits: Array, k: int, temperature: float) -> Array:
    """Return the same, token by token: each is kept if fewer than k are larger."""
    kept = [i for i, z in enumerate(logits) if sum(other > z for other in logits) < k]
    top = max(logits)
    weights = {i: math.exp((logits[i] - top) / temperature) for i in kept}
    return np.array([weights.get(i, 0.0) / sum(weights.values()) for i in range(len(logits))])


def apart(rng: np.random.Generator, V: int, around: float = 0.0) -> Array:
    """Draw logits around a number, in whole eighths, no two alike and not in the order of their size."""
    while True:
        logits = around + rng.choice(np.arange(-16, 17), size=V, replace=False) / 8
        order = np.argsort(-logits)
        if (order[order] != np.arange(V)).any() and abs(order[0] - order[-1]) > 1:
            return logits


def top_k_inputs(rng: np.random.Generator) -> Cases:
    """Draw few tokens and more, all kept, one kept, and logits of hundreds."""
    return {
        "seven tokens": {"logits": apart(rng, 7), "k": 3, "temperature": 0.7},
        "six tokens, daring": {"logits": apart(rng, 6), "k": 5, "temperature": 1.9},
        "k as large as V": {"logits": apart(rng, 5), "k": 5, "temperature": 0.5},
        "k of 1": {"logits": apart(rng, 5), "k": 1, "temperature": 1.6},
        "large logits": {"logits": apart(rng, 6, around=1500.0), "k": 3, "temperature": 2.0},
    }


def one_more(by: int) -> Callable:
    """Return a choice of other than k tokens, one at least and all at most."""
    return lambda scaled, k: likeliest(scaled, min(max(k + by, 1), len(scaled)))


def softmax_then_divided(logits: Array, k: int, temperature: float) -> Array:
    """Return the probabilities over the temperature."""
    return from_top_k(logits, k) / temperature


def without_maximum(scaled: Array) -> Array:
    """Return the softmax without the maximum subtracted."""
    exps = np.exp(scaled)
    return exps / exps.sum()


# fmt: off
TOP_K_MISTAKES = mistakes(from_top_k, CHOOSE,
    ("temperature_multiplied", {"divide": lambda logits, temperature: logits * temperature},
     "The logits were multiplied by the temperature. Divide: below 1 the choice grows surer."),
    ("temperature_ignored", {"divide": lambda logits, temperature: logits},
     "The temperature changed nothing. Divide the logits by it before the softmax; after it, a division is taken out again by "
     "the sum."),
    ("temperature_squared", {"divide": lambda logits, temperature: logits / temperature**2},
     "The logits were divided by the temperature twice."),
    ("probabilities_divided", softmax_then_divided,
     "The probabilities were divided by the temperature, so they no longer sum to 1. Divide the logits, before the softmax."),
    ("one_too_many", {"choose": one_more(1)},
     "One token too many was kept: k + 1. np.sort(logits)[-k] is the k-th largest, and it stays.", CUT),
    ("one_too_few", {"choose": one_more(-1)},
     "One token too few was kept: k - 1. The k-th largest stays, too: `>=`, not `>`.", CUT),
    ("nothing_cut", {"choose": lambda scaled, k: np.ones(len(scaled), dtype=bool)},
     "Nothing was cut off: every token has a probability. Only the k likeliest stay.", CUT),
    ("counted_from_the_small_end", {"choose": lambda scaled, k: scaled >= np.sort(scaled)[k - 1]},
     "The bound is the k-th *smallest* logit, so V - k + 1 tokens stay. The k-th largest is np.sort(logits)[-k].", CUT),
    ("unlikeliest_kept", {"choose": lambda scaled, k: likeliest(-scaled, k)},
     "The k *least* likely tokens were kept. np.sort and np.argsort begin with the smallest.", CUT),
    ("first_k_kept", {"choose": lambda scaled, k: np.arange(len(scaled)) < k},
     "The tokens with the first k ids were kept. Keep those with the largest logits.", CUT),
    ("zero_for_minus_infinity", {"drop": lambda scaled, kept: np.where(kept, scaled, 0)},
     "The logits of dropped tokens became 0. exp(0) is 1, so they still get a share: make them -inf, or cut after the "
     "softmax and divide by the new sum.", CUT),
    ("not_shared_out_again", {"drop": lambda scaled, kept: scaled, "after": lambda p, kept, scaled: p * kept},
     "The rest was set to 0, but what is left no longer sums to 1. Divide by the new sum.", CUT),
    ("sorted", {"after": lambda p, kept, scaled: -np.sort(-p)},
     "The probabilities come sorted. Entry i belongs to the token with id i.", CUT),
    ("only_the_k", {"after": lambda p, kept, scaled: p[kept]},
     "Only the k probabilities came back. Return all V, with 0 for the tokens that were dropped.", CUT),
    ("likeliest_alone", {"choose": lambda scaled, k: likeliest(scaled, 1)},
     "All the probability went to the likeliest token: that is greedy decoding. Keep k."),
    ("even_shares", {"after": lambda p, kept, scaled: kept / kept.sum()},
     "The k likeliest tokens share evenly. Their shares are those of the softmax."),
    ("logits_returned", {"share": as_it_is, "drop": lambda scaled, kept: np.where(kept, scaled, -1e9)},
     "These are logits. Take the softmax of them."),
    ("logarithms_returned", {"after": lambda p, kept, scaled: np.log(np.maximum(p, 1e-30))},
     "These are logarithms. Return the probabilities themselves."),
    ("exponentials_returned", {"share": lambda scaled: np.exp(scaled - scaled.max())},
     "The exponentials were never divided by their sum."),
    ("overflows", {"share": without_maximum},
     "Right for small logits. exp(1000) overflows: subtract the largest before the exponentials."),
)
# fmt: on
TOP_K = Check(
    name="top_k",
    claim="shares_out_among_the_likeliest",
    title="Temperature and top-k",
    function="top_k",
    inputs=top_k_inputs,
    reference=from_top_k,
    second_route=top_k_by_ranks,
    returns=("probabilities",),
    points={"probabilities": 2},
    read=CHOOSE,
    survives=("k as large as V", "k of 1", "large logits"),
    hints=(
        "Three steps: divide by the temperature, drop what is too unlikely, softmax. A dropped logit is `-inf`.",
        "`np.sort(logits)[-k]` is the k-th largest logit.",
        "`np.where(scaled >= np.sort(scaled)[-k], scaled, -np.inf)`, then the given softmax.",
    ),
    misconceptions=TOP_K_MISTAKES,
    advice={
        r" is NaN in": "-inf everywhere makes NaN: is at least one token kept? And subtract the largest before the exponentials.",
        r"index -?\d+ is out of bounds": "The k-th largest logit is np.sort(logits)[-k]. One further there is none where k is V.",
    },
    stale=("scaled", "kept", "exps", "probabilities"),
)


# ---------------------------------------------------------------- top-p
def from_the_likeliest(probabilities: Array) -> Array:
    """Return the ids, the likeliest first."""
    return np.argsort(-probabilities, kind="stable")


def until_reached(ranked: Array, p: float) -> Array:
    """Return True for the ranks up to the one with which the sum reaches p."""
    return np.cumsum(ranked) - ranked < p


def back(ranked: Array, order: Array) -> Array:
    """Return what is ranked in the order of the ids."""
    found = np.zeros(len(order))
    found[order] = ranked
    return found


def over_sum(kept: Array, p: float) -> Array:
    """Return shares that sum to 1."""
    return kept / kept.sum()


def from_top_p(
    probabilities: Array,
    p: float,
    *,
    order: Callable = from_the_likeliest,
    keep: Callable = until_reached,
    again: Callable = over_sum,
    undo: Callable = back,
    after: Callable = as_it_is,
) -> Array:
    """Return the probabilities (V,) of the likeliest tokens that reach p together, 0 for the others."""
    ids = order(probabilities)
    ranked = probabilities[ids]
    return after(undo(again(np.where(keep(ranked, p), ranked, 0), p), ids), probabilities)


def top_p_by_loops(probabilities: Array, p: float) -> Array:
    """Return the same: take the likeliest that is left until p is reached."""
    kept: dict[int, float] = {}
    while sum(kept.values()) < p and len(kept) < len(probabilities):
        best = max((i for i in range(len(probabilities)) if i not in kept), key=lambda i: probabilities[i])
        kept[best] = float(probabilities[best])
    return np.array([kept.get(i, 0.0) / sum(kept.values()) for i in range(len(probabilities))])


def few_that_reach(rng: np.random.Generator, V: int, number: int) -> Inputs:
    """Draw probabilities and a p that the `number` likeliest reach together; the ids in their order give another set."""
    while True:
        steps = np.cumsum(rng.uniform(0.4, 1.6, size=V))  # no two are alike
        ranked = np.round(np.sort(steps / steps.sum())[::-1], 3)
        ranked[0] += round(1 - ranked.sum(), 3)
        sums = np.cumsum(ranked)
        p = round(float(sums[number - 1] - ranked[number - 1] / 2), 3)
        order = rng.permutation(V)
        found = np.round(back(ranked, order), 3)
        in_turn = set(np.flatnonzero(until_reached(found, p)))
        if (order[order] != np.arange(V)).any() and (number == V or in_turn != set(order[:number])):
            return {"probabilities": found, "p": p}


def top_p_inputs(rng: np.random.Generator) -> Cases:
    """Draw tokens of which some, one or all are kept."""
    return {
        "seven tokens": few_that_reach(rng, 7, 3),
        "nine tokens": few_that_reach(rng, 9, 6),
        "one token that holds more than p": few_that_reach(rng, 6, 1),
        "a p that keeps nearly all": few_that_reach(rng, 6, 5),
        "a p that keeps all": few_that_reach(rng, 5, 5),
    }


def by_value(threshold: Callable) -> Callable:
    """Return a choice by the size of each probability alone."""
    return lambda ranked, p: ranked >= threshold(p)


# fmt: off
TOP_P_MISTAKES = mistakes(from_top_p, CUT,
    ("order_of_the_ids", {"order": lambda probabilities: np.arange(len(probabilities))},
     "The sum ran over the tokens in the order of their ids. Sort first: the likeliest token comes first."),
    ("unlikeliest_first", {"order": lambda probabilities: np.argsort(probabilities, kind="stable")},
     "The sum began with the least likely token: np.argsort begins with the smallest. Sort by -probabilities."),
    ("cut_one_early", {"keep": lambda ranked, p: np.cumsum(ranked) <= p},
     "Cut one early: the token with which the sum reaches p is part of the set, even if that is the first one. Ask for the "
     "sum *before* each token."),
    ("cut_one_late", {"keep": lambda ranked, p: np.concatenate([[True], (np.cumsum(ranked) - ranked < p)[:-1]])},
     "Cut one late: the sum had reached p without the last token that you kept."),
    ("rest_kept", {"keep": lambda ranked, p: ~until_reached(ranked, p)},
     "The tail was kept and the likeliest tokens were dropped: the comparison is the wrong way round."),
    ("nothing_cut", {"keep": lambda ranked, p: np.ones(len(ranked), dtype=bool)},
     "Nothing was cut off. Keep the likeliest tokens until their sum reaches p."),
    ("likeliest_alone", {"keep": lambda ranked, p: np.arange(len(ranked)) == 0},
     "Only the likeliest token was kept. Keep as many as it takes to reach p."),
    ("compared_one_by_one", [{"keep": by_value(lambda p: 1 - p)}, {"keep": by_value(lambda p: p)}],
     "Each probability was compared with a bound by itself. It is their running sum that is compared with p."),
    ("not_shared_out_again", {"again": lambda kept, p: kept},
     "The rest was set to 0, but what is left no longer sums to 1. Divide by the new sum."),
    ("divided_by_p", {"again": lambda kept, p: kept / p},
     "Divided by p. The tokens that were kept hold p or more: divide by their own sum."),
    ("softmax_again", {"again": lambda kept, p: softmax(np.where(kept > 0, kept, -np.inf))},
     "A softmax was taken of the probabilities that were kept. They are probabilities already: divide by their sum."),
    ("even_shares", {"again": lambda kept, p: (kept > 0) / (kept > 0).sum()},
     "The tokens that were kept share evenly. Keep their proportions: divide by their sum."),
    ("order_not_undone", {"undo": lambda ranked, order: ranked},
     "The probabilities come in sorted order. Entry i belongs to the token with id i: put them back, `result[order] = …`."),
    ("order_applied_twice", {"undo": lambda ranked, order: ranked[order]},
     "`ranked[order]` sorts once more. To put them back, write to these places: `result[order] = ranked`."),
    ("only_the_kept", {"undo": lambda ranked, order: back(ranked, order)[np.sort(order[ranked > 0])]},
     "Only the tokens that were kept came back. Return all V numbers, with 0 for those that were dropped."),
    ("which_are_kept", {"after": lambda found, probabilities: (found > 0).astype(float)},
     "This says which tokens are kept. Return their probabilities, divided by their sum."),
    ("running_sum_returned", lambda probabilities, p: np.cumsum(-np.sort(-probabilities)),
     "This is the running sum itself. It only decides who is kept."),
    (standard.ZEROS_RETURNED, {"after": lambda found, probabilities: 0 * found}),
)
# fmt: on
TOP_P = Check(
    name="top_p",
    claim="keeps_the_likeliest_that_reach_p",
    title="Top-p",
    function="top_p",
    inputs=top_p_inputs,
    reference=from_top_p,
    second_route=top_p_by_loops,
    returns=("probabilities",),
    points={"probabilities": 3},
    read=CUT,
    survives=("one token that holds more than p", "a p that keeps nearly all"),
    hints=(
        "Sort from the likeliest on, and add up. A token is kept as long as the sum *before* it is below `p`.",
        "`order = np.argsort(-probabilities)`, `ranked = probabilities[order]`, and the sum before each is "
        "`np.cumsum(ranked) - ranked`.",
        "To undo the order, write to its places: `kept[order] = np.where(before < p, ranked, 0)`. Then divide by the sum.",
    ),
    misconceptions=TOP_P_MISTAKES,
    advice={
        r" is NaN in": "0 / 0: no token was kept. The likeliest one always is, however small p may be.",
    },
    stale=("order", "ranked", "before", "kept"),
)


# ---------------------------------------------------------------- attention with a cache
def behind(old: Array | None, new: Array) -> Array:
    """Return what was kept and the new behind it, along the positions."""
    return new if old is None else np.concatenate([old, new], axis=2)


def go_on(kept: int, n: int) -> Array:
    """Return the positions of n tokens behind those that are kept."""
    return np.arange(kept, kept + n)


def cached(
    x: Array,
    keys: Array | None,
    values: Array | None,
    W_q: Array,
    W_k: Array,
    W_v: Array,
    W_o: Array,
    num_heads: int,
    *,
    change: Callable = dict,
    places: Callable = go_on,
    key_places: Callable = go_on,
    turn_q: Callable = by_places,
    turn_k: Callable = by_places,
    turn_v: Callable = unturned,
    store: Callable = behind,
    again: Callable = as_it_is,
    seen: Callable = lambda everything, new: everything,
    divisor: Callable = sqrt_d_k,
    future: Callable = later,
    hide: Callable = minus_infinity,
    after: Callable = as_it_is,
    finish: Callable = times,
    returned: Callable = lambda output, keys, values: (output, keys, values),
) -> tuple[Array, Array, Array]:
    """Return (output (B, n, d_model), keys and values of all positions so far, (B, H, t + n, d_k))."""
    p = change(W_q=W_q, W_k=W_k, W_v=W_v, W_o=W_o)
    q, k, v = (by_slices(x @ p[name], num_heads) for name in ("W_q", "W_k", "W_v"))
    t, n = 0 if keys is None else keys.shape[2], x.shape[1]
    q, k, v = turn_q(q, places(t, n)), turn_k(k, key_places(t, n)), turn_v(v, places(t, n))
    all_k, all_v = store(keys, k), store(values, v)
    looked_at, mixed = again(seen(all_k, k)), seen(all_v, v)
    mask = future(n, looked_at.shape[2])
    weights = after(softmax(hide(query_key(q, looked_at) / divisor(q), mask)), mask)
    return returned(finish(side_by_side(weights @ mixed), p["W_o"]), all_k, all_v)


def cached_by_loops(
    x: Array, keys: Array | None, values: Array | None, W_q: Array, W_k: Array, W_v: Array, W_o: Array, num_heads: int
) -> tuple[Array, Array, Array]:
    """Return the same, token by token: one key and one value are appended, and one query looks at all there are."""
    B, n, d_model = x.shape
    d_k = d_model // num_heads
    nothing = np.zeros((B, num_heads, 0, d_k))
    keys, values, outputs = (nothing if keys is None else keys), (nothing if values is None else values), []
    for token in range(n):
        output, place, row = np.zeros((B, d_model)), np.array([keys.shape[2]]), x[:, token]
        new = {name: (row @ W).reshape(B, num_heads, 1, d_k) for name, W in (("q", W_q), ("k", W_k), ("v", W_v))}
        q = rotated_by_complex_numbers(new["q"], place)[:, :, 0]
        keys = np.concatenate([keys, rotated_by_complex_numbers(new["k"], place)], axis=2)
        values = np.concatenate([values, new["v"]], axis=2)
        for b, h in np.ndindex(B, num_heads):
            exps = np.array([math.exp(q[b, h] @ key / math.sqrt(d_k)) for key in keys[b, h]])
            output[b] += exps / exps.sum() @ values[b, h] @ W_o[h * d_k : (h + 1) * d_k]
        outputs.append(output)
    return np.stack(outputs, axis=1), keys, values


def cache_inputs(rng: np.random.Generator) -> Cases:
    """Draw three tokens behind five, one behind six, and the beginning of a text."""

    def case(B: int, t: int, n: int, H: int, d_k: int) -> Inputs:
        kept = {name: normal(rng, B, H, t, d_k) if t else None for name in ("keys", "values")}
        return {"x": normal(rng, B, n, H * d_k), **kept, **matrices(rng, H * d_k), "num_heads": H}

    return {
        "three tokens behind five": case(2, 5, 3, 2, 6),
        "one token behind six": case(1, 6, 1, 3, 2),
        "nothing kept yet": case(2, 0, 3, 2, 2),
        "as many new as kept": case(1, 3, 3, 2, 6),
    }


def shifted(by: int) -> Callable:
    """Return positions that are off by so many."""
    return lambda kept, n: np.arange(kept, kept + n) + by


def from_the_start(kept: int, n: int) -> Array:
    """Return positions that begin at 0 again."""
    return np.arange(n)


def all_at_one_place(kept: int, n: int) -> Array:
    """Return the position of the first new token for all of them."""
    return np.full(n, kept)


def all_turned_again(keys: Array) -> Array:
    """Return all keys turned by their positions, those too that were turned before they were kept."""
    return rotated(keys, np.arange(keys.shape[2]))


def as_turned(output: Array, keys: Array, values: Array) -> tuple[Array, Array, Array]:
    """Return the keys as they were looked at when all of them had been turned."""
    return output, all_turned_again(keys), values


# fmt: off
ATTEND_WITH_CACHE_MISTAKES = mistakes(cached, CACHE,
    *SHARED_ATTENTION_MISTAKES,
    ("count_restarts", {"places": from_the_start, "key_places": from_the_start},
     "The positions begin at 0 again. The new tokens stand behind those in the cache: t, t + 1 and so on, with t = "
     "keys.shape[2].", COUNT),
    ("only_queries_restart", {"places": from_the_start},
     "The queries were turned as if the text began here. They stand behind the cache: t, t + 1 and so on.", COUNT),
    ("only_keys_restart", {"key_places": from_the_start},
     "The new keys were turned as if the text began here. They stand behind the cache: t, t + 1 and so on.", COUNT),
    ("one_place_too_far", {"places": shifted(1), "key_places": shifted(1)},
     "The positions are one too large. With t tokens in the cache, numbered 0 to t - 1, the first new one is number t.",
     COUNT),
    ("one_place_short", {"places": shifted(-1), "key_places": shifted(-1)},
     "The positions are one too small. With t tokens in the cache, numbered 0 to t - 1, the first new one is number t.",
     COUNT),
    ("all_new_at_one_place", {"places": all_at_one_place, "key_places": all_at_one_place},
     "All new tokens were turned by the same position. They are numbered t, t + 1 and so on.", COUNT),
    ("kept_keys_turned_again",
     [{"turn_k": unturned, "again": all_turned_again}, {"turn_k": unturned, "again": all_turned_again, "returned": as_turned}],
     "The keys in the cache have been turned already, when they came in. Turn the new ones only, before they are kept.",
     COUNT),
    ("keys_turned_twice", [{"again": all_turned_again}, {"again": all_turned_again, "returned": as_turned}],
     "All keys were turned once more after they were put together. A key is turned once, by its own position.", COUNT),
    ("cache_not_looked_at", {"seen": lambda everything, new: new},
     "The new tokens look at each other only. They look at all that is in the cache, too."),
    ("new_not_looked_at", {"seen": lambda everything, new: everything[:, :, : everything.shape[2] - new.shape[2]],
      "hide": as_it_is},
     "The new tokens look at the cache only. Append their own keys and values first: every token sees itself."),
    ("new_in_front", {"store": lambda old, new: new if old is None else np.concatenate([new, old], axis=2)},
     "The new keys and values were put in front of the old ones. They go behind."),
    ("only_new_returned",
     {"returned": lambda output, keys, values: (output, keys[:, :, -output.shape[1]:], values[:, :, -output.shape[1]:])},
     "The output is right. Return *all* keys and values, the old ones and the new ones behind them, or the next token will "
     "see only these."),
    ("cache_not_extended",
     {"returned": lambda output, keys, values: (output, *(a[:, :, : a.shape[2] - output.shape[1]] for a in (keys, values)))},
     "The output is right. The cache came back as it was: the new keys and values have to be in it."),
    ("keys_and_values_exchanged", {"returned": lambda output, keys, values: (output, values, keys)},
     "The output is right, but keys and values come back in the wrong order."),
    ("mask_without_the_cache", {"future": lambda n, total: np.triu(np.ones((n, total), dtype=int), k=1)},
     "The mask counts from the wrong end: the first new token sees key 0 only. It sees all of the cache and itself: query i "
     "is number t + i.", COUNT),
    ("future_visible", {"hide": as_it_is},
     "The new tokens see each other in both directions. Among the new ones the future is hidden, too."),
    ("past_hidden", {"future": turned_over, "hide": lambda scores, mask: np.where(mask == 1, -1e9, scores)},
     "The past is hidden and the future is visible: the mask is the wrong way round. 1 means hide.", COUNT),
    ("present_hidden", {"future": triangle(0), "hide": lambda scores, mask: np.where(mask == 1, -1e9, scores)},
     "The diagonal is hidden: no new token sees itself. Hide a key only where it comes *after* the query."),
    ("next_visible", {"future": triangle(2)},
     "Every new token still sees the next one: the diagonal is off by one."),
    ("last_token_only", {"returned": lambda output, keys, values: (output[:, -1:], keys, values)},
     "Only the output of the last token came back. Return all n, (B, n, d_model)."),
    (standard.ZEROS_RETURNED, {"finish": lambda merged, W: 0 * merged}),
)
# fmt: on
ATTEND_WITH_CACHE = Check(
    name="attend_with_cache",
    claim="gives_what_the_whole_text_gives",
    title="Attention with a cache",
    function="attend_with_cache",
    inputs=cache_inputs,
    reference=cached,
    second_route=cached_by_loops,
    returns=("output", "keys", "values"),
    points={"output": 2, "keys": 1, "values": 1},
    read=CACHE,
    survives=("one token behind six", "nothing kept yet"),
    hints=(
        "Most lines are those of `causal_self_attention`. Two things change: at which positions the new tokens stand, "
        "and which keys and values they look at.",
        "`t = 0 if keys is None else keys.shape[2]`. The new tokens are at `np.arange(t, t + n)`.",
        "Turn the new keys first, then `np.concatenate([keys, k], axis=2)`; the old ones have been turned already.",
        "The mask is `(n, t + n)`: `np.triu(np.ones((n, t + n)), k=t + 1)`.",
    ),
    misconceptions=ATTEND_WITH_CACHE_MISTAKES,
    uses=("rotate",),
    advice={
        r"NoneType": "At the beginning of a text keys and values are None: there is nothing to look at but the new tokens. Ask "
        "`if keys is None`.",
        r"truth value of an array": "A whole array is neither true nor false. Ask `if keys is None`.",
        r"zero-dimensional arrays cannot be concatenated|must match exactly": "Keys are (B, H, t, d_k), and the positions are "
        "axis 2: np.concatenate([keys, k], axis=2), or no concatenation where keys is None.",
        **ATTENTION_ADVICE,
    },
    stale=("q", "k", "v", "t", "n", "scores", "weights", "mask", "d_k", "output"),
)


# ---------------------------------------------------------------- find the bug
def scores_of(
    q: Array,
    k: Array,
    positions: Array,
    *,
    count: Callable = as_it_is,
    turn_q: Callable = by_places,
    turn_k: Callable = by_places,
    score: Callable = query_key,
    divisor: Callable = sqrt_d_k,
    after: Callable = as_it_is,
) -> Array:
    """Return scores (…, T, T) of queries and keys that are turned by their positions."""
    positions = count(positions)
    return after(score(turn_q(q, positions), turn_k(k, positions)) / divisor(q))


def from_the_first(positions: Array) -> Array:
    """Return the positions less the first of them."""
    return positions - positions[0]


def scores_by_distance(q: Array, k: Array, positions: Array) -> Array:
    """Return the same from the distances alone: query i as it is, key j turned by its position less that of the query."""
    T, found = len(positions), np.zeros((*q.shape[:-1], q.shape[-2]))
    for i in range(T):
        distances = positions - positions[i]
        found[..., i, :] = np.einsum("...d,...td->...t", q[..., i, :], rotated_by_complex_numbers(k, distances))
    return found / math.sqrt(q.shape[-1])


def scores_inputs(rng: np.random.Generator) -> Cases:
    """Draw heads at the beginning of a text, the same further on, places with gaps, and one position."""
    heads = {"q": normal(rng, 3, 5, 6), "k": normal(rng, 3, 5, 6)}
    return {
        "the beginning of a text": heads | {"positions": np.arange(5)},
        "the same nine places on": heads | {"positions": np.arange(9, 14)},
        "places with gaps": {"q": normal(rng, 2, 3, 10), "k": normal(rng, 2, 3, 10), "positions": np.array([2, 3, 8])},
        "one position": {"q": normal(rng, 2, 1, 6), "k": normal(rng, 2, 1, 6), "positions": np.array([6])},
    }


# fmt: off
FIND_THE_TURN_MISTAKES = mistakes(scores_of, DISTANCE,
    ("positions_counted_anew", {"count": lambda positions: np.arange(len(positions))},
     "The positions were counted from 0, whatever `positions` says. Places may have gaps between them.", COUNT),
    ("still_opposite",
     [{"turn_k": turned_backwards}, {"turn_q": turned_backwards}, {"count": from_the_first, "turn_k": turned_backwards},
      {"count": from_the_first, "turn_q": turned_backwards}],
     "Queries and keys are still turned in opposite directions: the two turns add up to the sum of the positions. Turn both "
     "the same way, and the difference is left."),
    ("both_backwards", {"turn_q": turned_backwards, "turn_k": turned_backwards},
     "Now both are turned backwards. Only the distance is left, but with the wrong sign: what came before looks like what "
     "comes after. Turn both forwards."),
    ("only_queries_turned", {"turn_k": unturned},
     "Now only the queries are turned, so a score depends on where the query stands. Turn the keys, too, forwards."),
    ("only_keys_turned", {"turn_q": unturned},
     "Now only the keys are turned, so a score depends on where the key stands. Turn the queries, too, forwards."),
    ("nothing_turned", {"turn_q": unturned, "turn_k": unturned},
     "Nothing is turned any more: the symptom is gone, and so are the positions. Turn both, the same way."),
    ("keys_turned_twice", {"turn_k": lambda k, positions: by_places(by_places(k, positions), positions)},
     "The keys were turned twice as far as the queries. Turn both by the same angle."),
    ("turned_in_halves", {"turn_q": turned_in_halves, "turn_k": turned_in_halves},
     "The pairs are (i, i + d_k / 2) now. The pairs were right: use rotate as it is.", PAIRS),
    ("scale_lost", {"divisor": lambda q: 1.0},
     "The turns are right, but the scores are no longer divided by the square root of d_k."),
    ("softmax_taken", {"after": softmax},
     "The turns are right, but a softmax was taken. Return the scores."),
    (standard.ZEROS_RETURNED, {"after": lambda scores: 0 * scores}),
)
# fmt: on
FIND_THE_TURN = Check(
    name="find_the_turn",
    claim="depends_on_the_distance_alone",
    title="Find the bug: the same words nine places on",
    function="mended_scores",
    inputs=scores_inputs,
    reference=scores_of,
    second_route=scores_by_distance,
    returns=("scores",),
    points={"scores": 2},
    read=DISTANCE,
    survives=("places with gaps", "one position"),
    hints=(
        "A dot product does not change when both vectors are turned by the same angle. Which angles do `q` and `k` get?",
        "Query `m` is turned by `m`, key `n` by `-n`. What is the angle between them then, and what should it be?",
        "One minus too many: the keys are turned by `positions`, like the queries.",
    ),
    misconceptions=FIND_THE_TURN_MISTAKES,
    properties=(
        Same(
            "the beginning of a text",
            "the same nine places on",
            "scores",
            (0, 1, 2, 3, 4),
            -2,
            "The same queries and keys nine places on get other scores. They should be the same.",
        ),
    ),
    uses=("rotate",),
    stale=("scores", "turned_q", "turned_k", "d_k"),
)


KEY = AnswerKey(
    "09_decoder_only",
    (
        RMS_NORM,
        SWIGLU,
        ROTATE,
        CAUSAL_SELF_ATTENTION,
        NEXT_TOKEN_LOSS,
        TOP_K,
        TOP_P,
        ATTEND_WITH_CACHE,
        FIND_THE_TURN,
    ),
)
