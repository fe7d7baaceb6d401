"""Answer key of chapter 04: scaled dot-product attention.

All right answers and nearly all wrong ones come from one function, `attend`, whose steps can be
exchanged: a misconception is `attend` with one step done the wrong way. Inputs are rounded to three
decimals so that the generated reference outputs stay readable.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograder.course import standard_mistakes as standard
from autograder.course.answer_key import AnswerKey, Check, Misconception, Same, SumsToOne
from autograder.course.drawing import Array, Cases, Inputs, normal
from autograder.course.rows import in_keras, mistakes
from autograder.course.softmax_slips import SUM_OVER_EVERYTHING, SUMS_OVER_QUERIES, slips
from autograder.course.steps import (
    any_mask,
    as_it_is,
    first_alone,
    last_alone,
    lowered,
    minus_infinity,
    one_kept,
    query_key,
    replaced,
    sigmoid,
    swap,
    takes,
    weighted_sum,
)

# Sections of the chapter's page.
SCORES = "One query by hand"
DIVIDE = "Why the square root: measure it"
ROWS = "Rows instead of columns"
SCALE = "What the scale changes"
MASKS = "Rows instead of columns"  # masks have a box there, and a chapter of their own later
ITSELF = "Self-attention as an object"
CROSS = "Cross-attention"
TENSORFLOW = 'The same in TensorFlow: "I love you"'
WRONG = "What goes wrong"


# ---------------------------------------------------------------- data
def holes(rng: np.random.Generator, rows: int, columns: int) -> Array:
    """Draw a mask (rows, columns), 1 = hide, not symmetric: a row hides one or more and shows two, a column shows one."""
    while True:
        mask = rng.integers(0, 2, size=(rows, columns))
        hidden, shown = mask.sum(axis=1), (1 - mask).sum(axis=1)
        fits = (hidden >= 1).all() and (shown >= 2).all() and (mask.sum(axis=0) < rows).all()
        if fits and not np.array_equal(mask, mask.T):
            return mask


CLASSIC = "the three inputs of length 4"  # sqrt(4) = 4 / 2 = 2 hides mistakes, so what is drawn decides
DIGITS = 12  # that are kept of it, so that its published outputs come out to their last digit


def classic(*names: str) -> Inputs:
    """Return these of the inputs and parameters of the classic notebook, drawn from its seeds as it does."""
    for_x, rng = np.random.RandomState(3), np.random.RandomState(0)
    all_x = for_x.normal(size=(3, 4, 1))
    omegas = {f"omega_{p}": rng.normal(size=(4, 4)) for p in "qkv"}
    betas = {f"beta_{p}": rng.normal(size=(4, 1)) for p in "qkv"}
    found = {"all_x": all_x, "X": all_x[:, :, 0].T, **omegas, **betas}
    return {name: np.round(found[name], DIGITS) for name in names}


# ---------------------------------------------------------------- attention in exchangeable steps
def normalise(scores: Array, axis: int | None = -1) -> Array:
    """Return the softmax along one axis, or over all numbers together."""
    exps = np.exp(scores - np.max(scores, axis=axis, keepdims=True))
    return exps / np.sum(exps, axis=axis, keepdims=True)


def sqrt_d_k(query: Array, key: Array, value: Array) -> float:
    """Return what scores are divided by."""
    return float(np.sqrt(key.shape[-1]))


def one(query: Array, key: Array, value: Array) -> float:
    """Return what unscaled scores are divided by."""
    return 1.0


def attend(
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None = None,
    *,
    score: Callable = query_key,
    divisor: Callable = sqrt_d_k,
    hide: Callable = minus_infinity,
    weigh: Callable = normalise,
    after: Callable = as_it_is,
    mixed: Callable = lambda query, key, value: value,
    mix: Callable = weighted_sum,
    returned: Callable = lambda output, weights: (output, weights),
) -> tuple[Array, Array]:
    """Return (output, attention_weights) for rows (..., T, d)."""
    scores = score(query, key) / divisor(query, key, value)
    weights = after(weigh(hide(scores, mask)), mask)
    return returned(mix(weights, mixed(query, key, value)), weights)


# Steps done the wrong way, used by several checks.
def key_query(query: Array, key: Array) -> Array:
    """Return K Q^T."""
    return key @ swap(query)


def between_features(query: Array, key: Array) -> Array:
    """Return products of features, not of positions."""
    return swap(query) @ key


over_queries = partial(normalise, axis=-2)
over_everything = partial(normalise, axis=None)


def back_only(scores: Array, mask: Array | None) -> Array:
    """Return scores with those of later inputs hidden."""
    return minus_infinity(scores, np.triu(np.ones(scores.shape[-2:], dtype=int), k=1))


def twice(scores: Array) -> Array:
    """Return the softmax of the softmax."""
    return normalise(normalise(scores))


def never(scores: Array) -> Array:
    """Return the scores themselves."""
    return scores


def least(scores: Array) -> Array:
    """Return exponentials of scores less the largest of each row, not divided by their sum."""
    return np.exp(scores - np.max(scores, axis=-1, keepdims=True))


def largest_alone(scores: Array) -> Array:
    """Return 1 for the largest score of each row, else 0."""
    return (scores == scores.max(axis=-1, keepdims=True)).astype(float)


def turned(scores: Array) -> Array:
    """Return the softmax of the scores with their signs turned."""
    return normalise(-scores)


def over_their_mean(scores: Array) -> Array:
    """Return exponentials divided by their mean."""
    return normalise(scores) * scores.shape[-1]


def d_k(query: Array, key: Array, value: Array) -> float:
    """Return d_k without the root."""
    return float(key.shape[-1])


def two(query: Array, key: Array, value: Array) -> float:
    """Return 2, the root of the visible example's D = 4."""
    return 2.0


def sqrt_t_k(query: Array, key: Array, value: Array) -> float:
    """Return the root of the number of keys."""
    return float(np.sqrt(key.shape[-2]))


def sqrt_t_q(query: Array, key: Array, value: Array) -> float:
    """Return the root of the number of queries."""
    return float(np.sqrt(query.shape[-2]))


def half_d_k(query: Array, key: Array, value: Array) -> float:
    """Return what `d_k ** 1 / 2` is."""
    return key.shape[-1] / 2


def twice_d_k(query: Array, key: Array, value: Array) -> float:
    """Return what `scores / d_k ** 1 / 2` divides by."""
    return 2.0 * key.shape[-1]


def root_of_size(query: Array, key: Array, value: Array) -> float:
    """Return the root of how many numbers all keys have."""
    return float(np.sqrt(key.size))


def over_sqrt_d_k(query: Array, key: Array, value: Array) -> float:
    """Return what multiplies the scores when it divides them."""
    return 1 / sqrt_d_k(query, key, value)


def norm_of_queries(query: Array, key: Array, value: Array) -> float:
    """Return the root of the sum of the squares of all queries."""
    return float(np.linalg.norm(query))


def spread_of_scores(query: Array, key: Array, value: Array) -> float:
    """Return the standard deviation of all scores."""
    return float(np.std(query_key(query, key)))


def transposed_sum(weights: Array, value: Array) -> Array:
    """Return the sum over the wrong index of the weights."""
    return swap(weights) @ value


def wrong_side(weights: Array, value: Array) -> Array:
    """Return, in rows, what `attention @ values` is in columns."""
    return value @ weights


def best_alone(weights: Array, value: Array) -> Array:
    """Return of each query the value with the largest weight, times this weight."""
    return weights.max(axis=-1, keepdims=True) * value[weights.argmax(axis=-1)]


def plain_sum(weights: Array, value: Array) -> Array:
    """Return the sum of the values, whatever the weights."""
    return np.ones_like(weights) @ value


# Advice on what Python says, or on how a result differs.
AXES = {
    r"axes don't match array|axis -?\d+ is out of bounds|values to unpack": (
        "Count axes from the end, so that leading axes do no harm: `key.shape[-1]`, `np.swapaxes(key, -1, -2)`.",
        "inside",
    )
}
MASK_ADVICE = {
    r"unsupported operand.*NoneType": [
        ("The mask is None in this case: ask `if mask is not None` first.", "is none mask"),
        ("Something here is None. Is it the mask? Ask `if mask is not None` first.", "is_none mask"),
        ("Something here is None. It may be what a function without `return` gives.",),
    ],
    r"truth value of an array": "A whole array is neither true nor false. If you ask for a mask: `if mask is not None`.",
    r" is NaN in": "If it is the mask: 0 times infinity is NaN. Use -1e9, or np.where(mask == 1, -np.inf, scores).",
    r"boolean index did not match": "The mask broadcasts to the scores, but an index does not. Use np.where(mask == 1, "
    "-1e9, scores).",
    **AXES,
}
SOFTMAX_ADVICE = {
    r"softmax\(\) got an unexpected keyword argument 'axis'": "Your softmax of task 2 has no axis and sums over everything."
}
TF_ADVICE = {
    r"has no attribute '(T|transpose|swapaxes)'": "Tensors have no `.\\1`. Use tf.matmul(query, key, transpose_b=True).",
    r"Value for attr 'T' of int": "tf.sqrt and its like need a float: tf.sqrt(tf.cast(d_k, tf.float32)).",
    r"does not support item assignment|converted to a scalar index": "Tensors cannot be changed in place. Use tf.where(mask == 1, -1e9, scores).",
    r" is NaN in": "If it is the mask: 0 times infinity is NaN. Use scores + mask * -1e9, or tf.where.",
    r"expected to be a (\w+) tensor but is a (\w+) tensor": "Two kinds of number met, \\1 and \\2. tf.cast(…, tf.float32) makes "
    "both float32.",
}


# ---------------------------------------------------------------- queries, keys and values
def project_columns(
    all_x: Array,
    omega_q: Array,
    omega_k: Array,
    omega_v: Array,
    beta_q: Array,
    beta_k: Array,
    beta_v: Array,
    *,
    before: Callable = lambda x, beta: x,
    times: Callable = np.matmul,
    plus: Callable = np.add,
    chained: str = "",
    order: str = "qkv",
    omegas: str = "",
    biases: str = "",
    collect: Callable = as_it_is,
) -> tuple[Array, ...]:
    """Return queries, keys and values, each (N, D, 1), by the parameters named in `order`, or in `omegas` and `biases`.

    What is made by the parameters in `chained` takes the place of the input for the next.
    """
    omega, beta = {"q": omega_q, "k": omega_k, "v": omega_v}, {"q": beta_q, "k": beta_k, "v": beta_v}
    found, x = [], all_x
    for o, b in zip(omegas or order, biases or order, strict=True):
        found.append(plus(times(omega[o], before(x, beta[b])), beta[b]))
        x = found[-1] if b in chained else all_x
    return tuple(map(collect, found))


def project_by_einsum(all_x: Array, **parameters: Array) -> tuple[Array, ...]:
    """Return the same with the sums written as indices."""
    return tuple(
        np.einsum("ij,njo->nio", parameters[f"omega_{p}"], all_x) + parameters[f"beta_{p}"][np.newaxis] for p in "qkv"
    )


def columns_parameters(rng: np.random.Generator, features: int) -> Inputs:
    """Draw omega_q … beta_v that keep queries, keys and values of order 1."""
    omegas = {f"omega_{p}": normal(rng, features, features, scale=1.2 / math.sqrt(features)) for p in "qkv"}
    return omegas | {f"beta_{p}": normal(rng, features, 1, scale=0.7) for p in "qkv"}


PARAMETERS = ("omega_q", "omega_k", "omega_v", "beta_q", "beta_k", "beta_v")


def queries_keys_values_inputs(rng: np.random.Generator) -> Cases:
    """Draw N = 5 inputs of D = 6 numbers, and N = 2 of D = 3."""
    return {
        label: {"all_x": normal(rng, n, d, 1), **columns_parameters(rng, d)}
        for label, n, d in (("five inputs", 5, 6), ("two inputs", 2, 3))
    }


# fmt: off
QUERIES_KEYS_VALUES_MISTAKES = mistakes(project_columns, SCORES,
    ("bias_forgotten", {"plus": lambda y, beta: y},
     "The biases are missing: add beta_q, beta_k and beta_v after the products.", "partly"),
    ("omega_transposed", {"times": lambda omega, x: omega.T @ x},
     "You multiplied by the transposed matrices. With inputs in columns it is omega @ x.", ROWS, "partly"),
    ("input_as_a_row",
     [{"times": lambda omega, x: swap(x) @ omega}, {"times": lambda omega, x: swap(x) @ swap(omega)}],
     "A product that begins with x.T is a row, and adding a column to it silently makes a D by D matrix. With columns it "
     "is omega @ x.", ROWS, "partly"),
    (standard.MULTIPLIED_BY_ENTRY(what="a D by D matrix"),
     {"times": np.multiply}, "partly"),
    ("bias_added_to_the_input", {"before": np.add, "plus": lambda y, beta: y},
     "The bias was added before the product, so the matrix changed it too. Add it afterwards: omega @ x + "
     "beta.", "partly"),
    ("bias_transposed", {"plus": lambda y, beta: y + swap(beta)},
     "The bias was added as a row (transposed or flattened), which silently makes a D by D matrix. It is a column "
     "already: omega @ x + beta.", "partly"),
    (standard.BIAS_SUBTRACTED(formula=": omega @ x + beta"),
     {"plus": np.subtract}, "partly"),
    ("bias_of_another", [{"biases": biases} for biases in ("qqq", "kkk", "vvv", "kvq", "vqk")],
     "The bias of another was added: omega_q goes with beta_q, omega_k with beta_k, omega_v with beta_v.", "partly"),
    ("omega_of_another",
     [partial(project_columns, omegas=omegas) for omegas in ("qqq", "kkk", "vvv", "kqv", "vkq", "qvk")],
     "The matrix of another was used: queries are made with omega_q, keys with omega_k, values with omega_v.", "partly"),
    ("input_overwritten", [{"chained": chained} for chained in ("qk", "q", "k")],
     "The keys were made from the queries, or the values from the keys. Each is made from x, so keep that name for the "
     "input.", "partly"),
    (standard.INPUT_RETURNED(it="x"), {"times": lambda omega, x: x, "plus": lambda y, beta: y}, "partly"),
    (standard.RETURN_INSIDE_THE_LOOP, {"collect": first_alone}),
    (standard.LAST_ONE_ONLY(one="input", list="a list"), {"collect": last_alone}),
    ("last_input_everywhere", {"collect": lambda found: np.repeat(found[-1:], len(found), axis=0)},
     "All entries come from the last input. Append inside the loop, each time what this x gave.", "partly"),
    ("columns_side_by_side", {"collect": lambda found: found[:, :, 0].T},
     "The columns stand side by side in one matrix (D, N). Return a list of columns, one for each input: that comes "
     "in task 5.", "partly"),
    (standard.ZEROS_RETURNED, {"collect": np.zeros_like}, "partly"),
    ("one_set_of_parameters", [{"order": "qqq"}, {"order": "kkk"}, {"order": "vvv"}],
     "Queries, keys and values were all made with the same omega and beta. Each has parameters of its own."),
    ("parameters_used_twice", [{"order": order} for order in ("qkk", "qqv", "qkq", "kkv", "vkv", "qvv")],
     "Two of the three were made with the same omega and beta. Each has parameters of its own."),
    ("queries_and_keys_swapped", {"order": "kqv"},
     "Queries and keys have changed places. The function returns queries, keys, values, in this order."),
    ("keys_and_values_swapped", {"order": "qvk"},
     "Keys and values have changed places. The function returns queries, keys, values, in this order."),
    ("queries_and_values_swapped", {"order": "vkq"},
     "Queries and values have changed places. The function returns queries, keys, values, in this order."),
    ("values_first", {"order": "vqk"},
     "The values come first in what you return. The function returns queries, keys, values, in this order."),
    ("queries_last", {"order": "kvq"},
     "The queries come last in what you return. The function returns queries, keys, values, in this order."),
)
# fmt: on
QUERIES_KEYS_VALUES = Check(
    name="queries_keys_values",
    claim="are_three_affine_maps_of_each_input",
    title="Queries, keys and values",
    function="compute_queries_keys_values",
    shown_first=lambda: {CLASSIC: classic("all_x", *PARAMETERS)},
    inputs=queries_keys_values_inputs,
    reference=project_columns,
    second_route=project_by_einsum,
    returns=("queries", "keys", "values"),
    points={"queries": 1, "keys": 1, "values": 1},
    read=SCORES,
    hints=(
        "All three are made in the same way: a matrix times the input, plus a bias. Only the parameters differ.",
        "`@` multiplies a `(D, D)` matrix with a column `(D, 1)` and gives a column `(D, 1)`.",
        "Inside the loop over `all_x`: `query = omega_q @ x + beta_q`, and the same with `k` and `v`.",
    ),
    misconceptions=QUERIES_KEYS_VALUES_MISTAKES,
    names=lambda inputs: {"N": inputs["all_x"].shape[0], "D": inputs["all_x"].shape[1]},
    stale=("query", "key", "value", "all_queries", "all_keys", "all_values", "queries", "keys", "values"),
)


# ---------------------------------------------------------------- softmax of a list
def softmax_of_all(
    items_in: Array,
    *,
    sign: Callable = as_it_is,
    top: Callable = np.exp,
    bottom: Callable = np.exp,
    total: Callable = np.sum,
    finish: Callable = as_it_is,
) -> Array:
    """Return top(items) / total(bottom(items)): the softmax of all the numbers."""
    items = sign(items_in)
    return finish(top(items) / total(bottom(items)))


def power_of(base: float) -> dict[str, Callable]:
    """Return steps that raise another number than e to the power of each item."""
    return {"top": partial(np.power, base), "bottom": partial(np.power, base)}


def softmax_by_loop(items_in: Array) -> Array:
    """Return the same from Python's own exp and sum, with the largest number subtracted."""
    numbers = items_in.ravel().tolist()
    exps = [math.exp(number - max(numbers)) for number in numbers]
    return np.reshape([e / sum(exps) for e in exps], items_in.shape)


def softmax_inputs(rng: np.random.Generator) -> Cases:
    """Draw five numbers, and four as the classic loop makes them: a list of (1, 1) arrays."""
    numbers = normal(rng, 5)
    while abs(numbers.sum()) < 0.5:
        numbers = normal(rng, 5)
    return {"five numbers": {"items_in": numbers}, "four arrays (1, 1)": {"items_in": normal(rng, 4, 1, 1)}}


# fmt: off
SOFTMAX_MISTAKES = mistakes(softmax_of_all, SCORES,
    ("not_normalised", {"total": lambda exps: 1.0}, "These are the exponentials. Divide them by their sum."),
    (standard.EXPONENTIAL_FORGOTTEN(scores="The numbers"), {"top": np.asarray, "bottom": np.asarray}),
    (standard.SUM_OF_THE_SCORES, {"bottom": np.asarray}),
    ("numbers_divided", {"top": np.asarray},
     "The numbers themselves were divided by the sum of the exponentials. What is divided are the exponentials."),
    (standard.DIVIDED_BY_THE_MEAN, {"total": np.mean}),
    (standard.DIVIDED_BY_THE_LARGEST, {"total": np.max}),
    (standard.SIGN_TURNED, {"sign": np.negative}),
    ("divided_by_how_many", {"total": len},
     "The exponentials were divided by how many there are. Divide by their sum."),
    ("divided_by_the_last", {"total": lambda exps: exps[-1]},
     "The exponentials were divided by the last of them: in a loop `=` replaces the total each time. Add up with `+=`, "
     "or use np.sum."),
    ("divided_by_the_sum_so_far", {"total": partial(np.cumsum, axis=0)},
     "Each exponential was divided by the sum as it was at that moment of the loop. Add all of them up first, then "
     "divide in a second loop."),
    ("another_base", [power_of(2.0), power_of(10.0)],
     "Another number than e was raised to the power of the items. The softmax takes np.exp."),
    (standard.SIGMOID_TAKEN, {"top": sigmoid, "total": lambda exps: 1.0}),
    (standard.LOGARITHM_RETURNED, {"finish": np.log}),
    (standard.HARD_MAXIMUM, {"finish": lambda weights: (weights == weights.max()) * 1.0}),
    ("exponential_taken_last", {"top": np.asarray, "bottom": np.asarray, "finish": np.exp},
     "The numbers were divided by their sum first, and then the exponential was taken. It is the other way round: "
     "exponentials, then their sum."),
    (standard.ZEROS_RETURNED, {"finish": np.zeros_like}),
    (standard.INPUT_RETURNED(it="items_in"), {"top": np.asarray, "total": lambda exps: 1.0}),
    ("each_number_alone", [{"total": partial(np.sum, axis=-1, keepdims=True)}, {"total": partial(np.sum, axis=-1)}],
     "In a list of (1, 1) arrays each number was divided by itself, because the sum ran along its last axis only. Sum "
     "over all the items."),
)
# fmt: on
SOFTMAX = Check(
    name="softmax",
    claim="turns_scores_into_weights_that_sum_to_one",
    title="Softmax of a list",
    function="softmax",
    inputs=softmax_inputs,
    reference=softmax_of_all,
    second_route=softmax_by_loop,
    returns=("items_out",),
    points={"items_out": 1},
    read=SCORES,
    survives=("arrays (1, 1)",),
    hints=(
        "Two steps: make every number positive, then divide so that they sum to one.",
        "`np.exp(items_in)` takes a list of numbers, or of `(1, 1)` arrays, and gives one array.",
        "With `exps = np.exp(items_in)` the answer is `exps / np.sum(exps)`.",
    ),
    misconceptions=SOFTMAX_MISTAKES,
    properties=(SumsToOne("five numbers", "items_out", "Your weights do not sum to one."),),
    advice={
        r"axis \d+ is out of bounds": "A list of numbers has one axis only, number 0. Leave `axis` out: the sum is over all the items."
    },
    stale=("items_out", "exps"),
)


# ---------------------------------------------------------------- x_prime: one output at a time
SHUFFLED = (3, 0, 4, 1, 2)  # an order that leaves none of five in its place
THREE_SHUFFLED = (2, 0, 1)


def x_primes(
    all_queries: Array,
    all_keys: Array,
    all_values: Array,
    *,
    change: Callable = dict,
    collect: Callable = as_it_is,
    **steps: Callable,
) -> Array:
    """Return all x'_n, (N, D, 1), from stacked columns (N, D, 1); the scores are not scaled.

    `change` exchanges query, key and value (N, D) before they are used, `collect` is done with the outputs (N, D).
    """
    p = change(query=all_queries[:, :, 0], key=all_keys[:, :, 0], value=all_values[:, :, 0])
    return collect(attend(**p, **{"divisor": one, **steps})[0])[:, :, np.newaxis]


def x_primes_by_einsum(all_queries: Array, all_keys: Array, all_values: Array) -> Array:
    """Return the same from sums written out as indices: n query, m key, d and e features."""
    exps = np.exp(np.einsum("nde,mde->nm", all_queries, all_keys))
    return np.einsum("nm,mde->nde", exps, all_values) / exps.sum(axis=1)[:, np.newaxis, np.newaxis]


def x_primes_inputs(rng: np.random.Generator) -> Cases:
    """Draw three vectors of D = 6 numbers, the same in another order, and three of D = 7.

    Always three, as in the classic notebook, where a sum written out in three terms is right.
    """
    names = ("all_queries", "all_keys", "all_values")
    first = {name: normal(rng, 3, 6, 1) for name in names}
    shuffled = {name: columns[list(THREE_SHUFFLED)] for name, columns in first.items()}
    other = {name: normal(rng, 3, 7, 1) for name in names}
    return {"six features": first, "six features, shuffled": shuffled, "seven features": other}


def classic_columns() -> Inputs:
    """Return the queries, keys and values of the classic inputs."""
    columns = project_columns(**classic("all_x", *PARAMETERS))
    names = ("all_queries", "all_keys", "all_values")
    return {name: np.round(found, DIGITS) for name, found in zip(names, columns, strict=True)}


def by_feature(all_queries: Array, all_keys: Array, all_values: Array, axis: Any = 1) -> Array:
    """Return what comes out when * replaces the dot product: one softmax for each feature, or over all numbers."""
    products = all_queries[:, np.newaxis] * all_keys[np.newaxis]  # (N, N, D, 1)
    return np.sum(normalise(products, axis=axis) * all_values[np.newaxis], axis=1)


def outer_products(
    all_queries: Array, all_keys: Array, all_values: Array, times: Callable = np.matmul, turned: bool = False
) -> Array:
    """Return what comes of scores that are D by D: one softmax over all of them, then its blocks times the values."""
    products = all_queries[:, np.newaxis] @ swap(all_keys)[np.newaxis]  # (N, N, D, D)
    return np.sum(times(normalise(swap(products) if turned else products, axis=(1, 2, 3)), all_values), axis=1)


def distance(query: Array, key: Array) -> Array:
    """Return the distance of each query from each key."""
    return np.linalg.norm(query[:, np.newaxis] - key[np.newaxis], axis=-1)


def every_term(weights: Array, value: Array) -> Array:
    """Return all weighted values, one below the other: (N * N, D)."""
    return (weights[:, :, np.newaxis] * value).reshape(-1, value.shape[-1])


def every_partial_sum(weights: Array, value: Array) -> Array:
    """Return the sums of the first weighted values, one below the other: (N * N, D)."""
    return np.cumsum(weights[:, :, np.newaxis] * value, axis=1).reshape(-1, value.shape[-1])


def all_from(row: int) -> dict[str, Callable]:
    """Return a change in which one query takes the place of all."""
    return {"change": lambda **p: {**p, "query": np.repeat(p["query"][row:][:1], len(p["query"]), axis=0)}}


def own_value_only(weights: Array, value: Array) -> Array:
    """Return a_n[x_n] v_n: no sum."""
    return np.diagonal(weights)[:, np.newaxis] * value


def own_weight(weights: Array, value: Array) -> Array:
    """Return a_n[x_n] times the sum of the values."""
    return np.diagonal(weights)[:, np.newaxis] * np.sum(value, axis=0)


def only(part: slice) -> Callable:
    """Return a sum over some of the values."""
    return lambda weights, value: weights[:, part] @ value[part]


def running_total(weights: Array, value: Array) -> Array:
    """Return outputs that begin with the output before."""
    return np.cumsum(weights @ value, axis=0)


def grand_total(weights: Array, value: Array) -> Array:
    """Return the sum of all outputs, for each output."""
    return np.ones_like(weights) @ (weights @ value)


def left_out(part: slice, all_queries: Array, all_keys: Array, all_values: Array) -> Array:
    """Return outputs that never look at some of the keys and values."""
    query, key, value = (columns[:, :, 0] for columns in (all_queries, all_keys[part], all_values[part]))
    return attend(query, key, value, divisor=one)[0][:, :, np.newaxis]


# fmt: off
X_PRIME_MISTAKES = mistakes(x_primes, SCORES,
    ("queries_and_keys_swapped", {"score": key_query},
     "For output n you compared key n with every query. It is query n that asks, and it asks every key."),
    ("softmax_over_queries", {"weigh": over_queries},
     "Your weights sum to one for each key. They must sum to one for each query: each output spreads one whole over "
     "all the keys."),
    (standard.SOFTMAX_OVER_EVERYTHING(everything="the scores of all queries together",
      own="Each query needs its own, so that the weights of each output sum to one."),
     {"weigh": over_everything}),
    (standard.NO_SOFTMAX(scores="The dot products", so=", so that they are positive and sum to one"), {"weigh": never}),
    (standard.WEIGHTS_NOT_NORMALISED, [{"weigh": np.exp}, {"weigh": least}]),
    (standard.SOFTMAX_TWICE, {"weigh": twice}),
    ("already_scaled", {"divisor": sqrt_d_k},
     "The scores were divided by the square root of D. That comes later; this task uses the plain dot "
     "products.", DIVIDE),
    ("weights_transposed", {"mix": transposed_sum},
     "The sum runs over the wrong index: value m was multiplied by the weight that query m gives to key n. Output n "
     "uses the weights of query n."),
    ("weights_ignored", {"mix": plain_sum},
     "The values were added up without their weights, so every output is the same."),
    ("own_value_only", [{"mix": own_value_only}, {"mix": lambda weights, value: value}],
     "Output n contains value n only. It must add up all the values, each times its weight."),
    ("own_weight_for_all", {"mix": own_weight},
     "Every value was multiplied by weight n. Value m needs weight m: attention[m] * all_values[m]."),
    ("last_term_only", {"mix": only(slice(-1, None))},
     "Only the last term is left: `=` in the loop replaces what was added before. Add up with `+=`."),
    ("not_reset", [{"mix": running_total}, {"mix": grand_total}],
     "The sum goes on from one output to the next. Set it to zero for every n."),
    ("one_left_out",
     [partial(left_out, slice(1, None)), partial(left_out, slice(-1)), partial(x_primes, mix=only(slice(1, None))),
      partial(x_primes, mix=only(slice(-1)))],
     "One input was left out of the loop: range(N) counts all of them, from 0 to N - 1."),
    ("dot_product_by_feature", [by_feature, partial(by_feature, axis=(1, 2, 3))],
     "`*` multiplies two columns number by number and leaves D products. The score is one number, their sum: use a dot "
     "product."),
    ("outer_product",
     [outer_products, partial(outer_products, turned=True), partial(outer_products, times=np.multiply),
      partial(outer_products, times=np.multiply, turned=True),
      {"score": lambda query, key: query.sum(axis=-1)[:, np.newaxis] * key.sum(axis=-1)}],
     "A column times a row is a D by D matrix. The score is one number, a row times a column: `key.T @ query`."),
    (standard.MEAN_OF_THE_PRODUCTS, {"divisor": d_k}),
    ("distance_for_the_dot_product",
     [{"score": lambda q, k: -(distance(q, k) ** 2)}, {"score": lambda q, k: -distance(q, k)}, {"score": distance}],
     "Queries and keys were compared by their distance. The score is the dot product: multiply number by number and "
     "add up."),
    ("lengths_divided_out",
     [{"divisor": lambda query, key, value: np.outer(np.linalg.norm(query, axis=-1), np.linalg.norm(key, axis=-1))},
      {"divisor": lambda query, key, value: np.linalg.norm(key, axis=-1)},
      {"divisor": lambda query, key, value: np.linalg.norm(query, axis=-1)[:, np.newaxis]}],
     "The dot products were divided by lengths of vectors, as for cosines. The score is the plain dot product."),
    ("keys_compared_with_keys", takes(query="key"),
     "Keys were compared with keys. The scores of output n are the dot products of query n with every key."),
    ("queries_compared_with_queries", takes(key="query"),
     "Queries were compared with queries. The scores of output n are the dot products of query n with every key."),
    ("values_in_another_order",
     [{"mix": lambda weights, value: weights @ value[::-1]},
      *({"mix": lambda weights, value, by=by: weights @ np.roll(value, by, axis=0)} for by in (1, -1)),
      {"mix": lambda weights, value: weights @ np.roll(value[::-1], 1, axis=0)}],
     "Each weight met the value of another input. Weight m, which came from key m, goes with value m."),
    ("looks_back_only", {"hide": back_only},
     "Output n is made of the inputs 0 to n alone. Nothing is hidden here: every query looks at every key."),
    (standard.WEIGHTS_RETURNED(formula="add up `attention[m] * all_values[m]`"), {"mix": lambda weights, value: weights}),
    ("first_query_for_all", [all_from(0), all_from(-1)],
     "One query asks for all outputs, so all are equal. Output n belongs to query n: all_queries[n]."),
    ("one_key_for_all", {"weigh": lambda scores: np.full_like(scores, 1 / scores.shape[-1])},
     "Every value got the same weight: the weights were not used, or all scores of a query were equal. In the inner loop "
     "the key has the number m, and the query the number n."),
    ("values_compared", takes(key="value"),
     "The queries were compared with the values. They are compared with the keys; values are what is passed on."),
    ("best_value_only", {"mix": best_alone},
     "Only the value with the largest weight was passed on. Add up all of them, each times its weight."),
    (standard.HARD_MAXIMUM(where=" of each query"), {"weigh": largest_alone}),
    (standard.SIGN_TURNED, {"weigh": turned}),
    (standard.MEAN_FOR_THE_SUM, {"mix": lambda weights, value: weights @ value / len(value)}),
    ("summed_to_one_number", {"mix": lambda weights, value: (weights @ value).sum(axis=-1, keepdims=True)},
     "np.sum without an axis adds up the numbers of all columns, so an output is one number. Add columns: axis=0, or "
     "`+=` in a loop."),
    ("appended_in_the_inner_loop",
     [{"mix": every_term}, {"mix": every_partial_sum},
      {"mix": lambda weights, value: np.repeat(weights @ value, len(value), axis=0)}],
     "There is an output for every value of every query: the line that appends stands in the inner loop. Add up there, "
     "and append once for each n, behind it."),
    (standard.ZEROS_RETURNED(it="what you append", more=" Append x_prime behind the loop that adds up."),
     {"collect": np.zeros_like}),
    (standard.RETURN_INSIDE_THE_LOOP, {"collect": first_alone}),
    (standard.LAST_ONE_ONLY(one="output"), {"collect": last_alone}),
    ("queries_summed", takes(value="query"),
     "The queries were added up instead of the values. They only decide the weights; values are what is passed on."),
    (standard.KEYS_SUMMED(keys="The keys were added up instead of the values"), takes(value="key")),
)
# fmt: on
X_PRIME = Check(
    name="x_prime",
    claim="is_the_weighted_sum_of_the_values",
    title="Outputs, one at a time",
    function="compute_x_primes",
    shown_first=lambda: {CLASSIC: classic_columns()},
    inputs=x_primes_inputs,
    reference=x_primes,
    second_route=x_primes_by_einsum,
    returns=("x_primes",),
    points={"x_primes": 3},
    read=SCORES,
    hints=(
        "Work through one output `n`: it needs one query, all the keys and all the values.",
        "The score for key `m` is one number, the dot product of query `n` and key `m`. Two columns `(D, 1)` give it "
        "as `key.T @ query`.",
        "`softmax` turns the `N` scores of one query into `N` weights. The output is the sum over `m` of weight `m` times value `m`.",
        "For one `n`: `attention = softmax([key.T @ all_queries[n] for key in all_keys])`, then add up `attention[m] * "
        "all_values[m]` for every `m` and append the sum.",
    ),
    misconceptions=X_PRIME_MISTAKES,
    properties=(
        Same(
            "six features",
            "six features, shuffled",
            "x_primes",
            THREE_SHUFFLED,
            0,
            "Putting the inputs in another order must put the outputs in the same other order; yours change.",
        ),
    ),
    uses=("softmax",),
    advice=SOFTMAX_ADVICE,
    names=lambda inputs: {"N": inputs["all_keys"].shape[0], "D": inputs["all_keys"].shape[1]},
    stale=("all_x_prime", "x_prime", "X_prime", "attention", "all_km_qn", "dot_product", "query", "key", "value"),
)


# ---------------------------------------------------------------- softmax of columns
def softmax_of_columns(
    data_in: Array,
    *,
    sign: Callable = as_it_is,
    shift: Callable = as_it_is,
    top: Callable = np.exp,
    total: Callable | None = None,
    finish: Callable = as_it_is,
) -> Array:
    """Return top(data) divided, column by column, by its total over the rows."""
    tops = top(shift(sign(data_in)))
    return finish(tops / (total(tops) if total else tops.sum(axis=0, keepdims=True)))


def divided_one_by_one(exps: Array) -> Array:
    """Return exponentials divided in place, each by the sum of its column as it is at that moment."""
    found = exps.copy()
    for row in found:
        row /= found.sum(axis=0)
    return found


def softmax_column_by_column(data_in: Array) -> Array:
    """Return the same, each column handed to the softmax of a list."""
    return np.stack([softmax_by_loop(column) for column in data_in.T], axis=1)


# fmt: off
SOFTMAX_COLS_MISTAKES = mistakes(softmax_of_columns, SCORES,
    ("each_row", {"total": partial(np.sum, axis=1, keepdims=True)},
     "Your rows sum to one. Here every column must: sum over the rows, axis=0.", ROWS),
    ("everything", {"total": np.sum},
     "All your numbers together sum to one. Every column must do so by itself: sum along axis=0.", ROWS),
    ("row_sums_under_columns", {"total": partial(np.sum, axis=1)},
     "You summed along axis=1, one sum for each row, and then divided the columns by these sums. Sum along axis=0; "
     "keepdims=True shows mistakes of this kind at once.", WRONG),
    ("not_normalised", {"total": lambda exps: 1.0}, "These are the exponentials. Divide each column by its sum."),
    (standard.EXPONENTIAL_FORGOTTEN(scores="The numbers of each column"), {"top": np.asarray}),
    ("numbers_divided", {"top": np.asarray, "total": lambda data: np.exp(data).sum(axis=0)},
     "The numbers themselves were divided by the sums of the exponentials. What is divided are the exponentials."),
    (standard.SOFTMAX_TWICE, {"top": lambda data: np.exp(softmax_of_columns(data)) if data.ndim else data}),
    (standard.DIVIDED_BY_THE_LARGEST(where=" of each column"), {"total": partial(np.max, axis=0, keepdims=True)}),
    (standard.SIGN_TURNED, {"sign": np.negative}),
    ("divided_by_how_many", {"total": len},
     "The exponentials were divided by the number of rows. Divide each column by its sum."),
    (standard.HARD_MAXIMUM(where=" of each column"), {"finish": lambda weights: (weights == weights.max(axis=0)) * 1.0}),
    ("one_column_written", [{"finish": partial(one_kept, number=n, axis=1)} for n in (0, -1)],
     "Only one column was filled, the rest is 0, as when `return` stands inside the loop, or the line that writes a "
     "column below it. Write every column, inside the loop."),
    (standard.ZEROS_RETURNED, {"finish": np.zeros_like}),
    (standard.INPUT_RETURNED(it="data_in"), {"top": np.asarray, "total": lambda data: 1.0}),
    ("divided_by_the_sum_so_far", {"total": partial(np.cumsum, axis=0)},
     "Each exponential was divided by the sum of its column up to its own row. Divide by the sum of the whole column."),
    ("sum_changes", {"finish": divided_one_by_one, "total": lambda exps: 1.0},
     "The sum of a column was taken anew after each division, when the numbers above were divided already. Take the sum "
     "once, then divide."),
    ("row_maximum_subtracted", {"shift": lambda data: data - np.max(data, axis=1, keepdims=True)},
     "The maximum of each row was subtracted, which changes the weights. Within a column the same number must be "
     "subtracted everywhere: axis=0, or the maximum of all."),
)
# fmt: on
SOFTMAX_COLS = Check(
    name="softmax_cols",
    claim="makes_each_column_sum_to_one",
    title="Softmax of each column",
    function="softmax_cols",
    inputs=lambda rng: {
        "five rows, six columns": {"data_in": normal(rng, 5, 6)},
        "as many rows as columns": {"data_in": normal(rng, 3, 3)},
    },
    reference=softmax_of_columns,
    second_route=softmax_column_by_column,
    returns=("weights",),
    points={"weights": 1},
    read=ROWS,
    hints=(
        "Each column is a softmax of its own. Which axis does a sum have to run along so that one number is left for "
        "each column?",
        "`axis=0` adds up over the rows and leaves one sum for each column.",
        "`weights = exp_values / np.sum(exp_values, axis=0)`: the sums line up with the columns.",
    ),
    misconceptions=SOFTMAX_COLS_MISTAKES,
    advice=SOFTMAX_ADVICE,
    properties=(SumsToOne("five rows, six columns", "weights", "Your columns do not sum to one.", axis=0),),
    stale=("weights", "exp_values", "denom"),
)


# ---------------------------------------------------------------- self-attention, columns
def self_attention_columns(
    X: Array,
    omega_v: Array,
    omega_q: Array,
    omega_k: Array,
    beta_v: Array,
    beta_q: Array,
    beta_k: Array,
    *,
    change: Callable = dict,
    finish: Callable = lambda outputs, X: outputs,
    **steps: Callable,
) -> Array:
    """Return X' (D, N) for inputs in the columns of X (D, N), scaled unless a step says otherwise.

    `change` exchanges parameters before they are used; `finish` is done with the outputs (D, N).
    """
    p = change(X=X, omega_v=omega_v, omega_q=omega_q, omega_k=omega_k, beta_v=beta_v, beta_q=beta_q, beta_k=beta_k)
    query, key, value = (swap(p[f"omega_{name}"] @ p["X"] + p[f"beta_{name}"]) for name in "qkv")
    return finish(swap(attend(query, key, value, **steps)[0]), X)


def self_attention_loops(*, root: float, X: Array, **p: Array) -> Array:
    """Return the same by loops over inputs, dividing the scores by `root`."""
    outputs = []
    for x_n in X.T:
        query = p["omega_q"].dot(x_n) + p["beta_q"][:, 0]
        exps = [np.exp(query.dot(p["omega_k"].dot(x_m) + p["beta_k"][:, 0]) / root) for x_m in X.T]
        values = [p["omega_v"].dot(x_m) + p["beta_v"][:, 0] for x_m in X.T]
        outputs.append(sum(e * v for e, v in zip(exps, values, strict=True)) / sum(exps))
    return np.stack(outputs, axis=1)


def columns_inputs(rng: np.random.Generator) -> Cases:
    """Draw N = 5 inputs of D = 6, the same in another order, and one case with N = D."""
    first = {"X": normal(rng, 6, 5), **columns_parameters(rng, 6)}
    shuffled = {**first, "X": first["X"][:, list(SHUFFLED)]}
    alike = {"X": normal(rng, 7, 7), **columns_parameters(rng, 7)}
    cases = {"five inputs": first, "five inputs, shuffled": shuffled, "as many inputs as features": alike}
    return {label: {name: case[name] for name in COLUMNS_ORDER} for label, case in cases.items()}


# The arguments as the notebook's functions have them: an answer with other names for them is called by position.
COLUMNS_ORDER = ("X", "omega_v", "omega_q", "omega_k", "beta_v", "beta_q", "beta_k")


def no_bias(**p: Array) -> Inputs:
    """Return the parameters with every beta set to zero."""
    return {name: np.zeros_like(a) if name.startswith("beta") else a for name, a in p.items()}


def without(*names: str) -> dict:
    """Return a change that sets the named biases to zero."""
    return {"change": lambda **p: {**p, **{name: np.zeros_like(p[name]) for name in names}}}


def turned_biases(*names: str) -> dict:
    """Return a change that turns the signs of the named biases."""
    return {"change": lambda **p: {**p, **{name: -p[name] for name in names}}}


def renamed(order: str) -> dict:
    """Return a change that gives queries, keys and values the parameters named in `order`."""
    pairs = [
        (f"{kind}_{to}", f"{kind}_{source}")
        for kind in ("omega", "beta")
        for to, source in zip("qkv", order, strict=True)
    ]
    return {"change": lambda **p: {**p, **{to: p[source] for to, source in pairs}}}


def biases_as_rows(**p: Array) -> Inputs:
    """Return the parameters with every beta as a row."""
    return {name: a.T if name.startswith("beta") else a for name, a in p.items()}


def values_from_keys(**p: Array) -> Inputs:
    """Return the parameters with those of the keys in place of those of the values."""
    return {**p, "omega_v": p["omega_k"], "beta_v": p["beta_k"]}


def values_from_inputs(**p: Array) -> Inputs:
    """Return the parameters that make the values equal to the inputs."""
    return {**p, "omega_v": np.eye(len(p["X"])), "beta_v": np.zeros_like(p["beta_v"])}


UNSCALED = partial(self_attention_columns, divisor=one)


def matrix_form_mistakes(answer: Callable) -> tuple[Misconception, ...]:
    """Return the mistakes that both matrix forms share; `answer` is the right one."""
    # fmt: off
    return mistakes(answer, SCORES,
        ("queries_and_keys_swapped", {"score": key_query},
         "You computed queries.T @ keys, so column n holds the scores of key n. One column for each query is keys.T @ "
         "queries.", ROWS),
        ("softmax_over_queries", {"weigh": over_queries},
         "The weights of each key sum to one; those of each query must. Here each column belongs to one query: softmax "
         "along axis 0.", ROWS),
        (standard.SOFTMAX_OVER_EVERYTHING(everything="the whole matrix, so all weights together sum to one",
          own="Each column must do so by itself."),
         {"weigh": over_everything}, ROWS),
        (standard.NO_SOFTMAX(scores="The dot products", softmax="`softmax_cols`"), {"weigh": never}),
        (standard.WEIGHTS_NOT_NORMALISED, [{"weigh": np.exp}, {"weigh": least}]),
        (standard.SOFTMAX_TWICE, {"weigh": twice}),
        ("features_compared",
         [{"score": between_features}, {"score": between_features, "mix": wrong_side},
          {"score": between_features, "mix": lambda weights, value: value @ swap(weights)},
          {"score": lambda query, key: swap(key) @ query, "mix": wrong_side}],
         "keys @ queries.T compares features with features and is D by D. Attention compares inputs with inputs: "
         "transpose the left one, keys.T @ queries, for an N by N matrix.", ROWS),
        ("weights_transposed", {"mix": transposed_sum},
         "The attention matrix was transposed, or stands on the wrong side. Column n holds the weights of output n: "
         "values @ attention.", ROWS),
        ("weights_on_the_wrong_side", {"mix": wrong_side},
         "attention @ values mixes the features of each input. With inputs in columns the weights stand on the right: "
         "values @ attention.", ROWS),
        ("bias_forgotten", {"change": no_bias},
         "The biases are missing: queries, keys and values are omega @ X + beta."),
        ("biases_subtracted",
         [turned_biases("beta_q", "beta_k", "beta_v"), turned_biases("beta_q"), turned_biases("beta_v")],
         "A beta was subtracted. Each is added: omega @ X + beta."),
        ("bias_of_another",
         [takes(beta_q="beta_v", beta_v="beta_q"), takes(beta_q="beta_v"), takes(beta_v="beta_q"),
          takes(beta_v="beta_k"), takes(beta_q="beta_k")],
         "The bias of another was added: omega_q goes with beta_q, omega_v with beta_v."),
        ("bias_of_values_forgotten", without("beta_v"), "The values lack their bias: omega_v @ X + beta_v."),
        ("bias_of_queries_forgotten", without("beta_q"), "The queries lack their bias: omega_q @ X + beta_q."),
        ("biases_as_rows", {"change": biases_as_rows},
         "The biases were added as rows (transposed or flattened). They are columns, which stand beside every input: "
         "omega @ X + beta.", ROWS),
        ("parameters_in_another_order", [renamed("vqk"), renamed("kvq"), renamed("vkq"), renamed("qvk")],
         "The parameters reached the wrong places. In self_attention those of the values come first: omega_v, omega_q, "
         "omega_k; compute_queries_keys_values begins with omega_q."),
        ("one_matrix_for_queries_and_keys", [renamed("qqv"), renamed("kkv")],
         "Queries and keys were made with the same parameters. Each has parameters of its own."),
        (standard.KEYS_SUMMED, {"change": values_from_keys}),
        ("omega_of_another",
         [takes(omega_v="omega_k"), takes(omega_v="omega_q"), takes(omega_q="omega_k"),
          takes(omega_q="omega_k", omega_k="omega_q"), takes(omega_q="omega_v"), takes(omega_k="omega_v")],
         "One omega served in the place of another, with the right bias beside it: queries are made with omega_q, keys "
         "with omega_k, values with omega_v."),
        ("matrices_transposed",
         {"change": lambda **p: {name: a.T if name.startswith("omega") else a for name, a in p.items()}},
         "You multiplied by the transposed matrices. With inputs in columns it is omega @ X.", ROWS),
        ("looks_back_only", {"hide": back_only},
         "Output n is made of the inputs 0 to n alone. Nothing is hidden here: every query looks at every key."),
        (standard.SIGN_TURNED, {"weigh": turned}),
        (standard.HARD_MAXIMUM(where=" of each column"), {"weigh": largest_alone}),
        (standard.WEIGHTS_RETURNED(formula="values @ attention"), {"mix": lambda weights, value: weights}),
        (standard.VALUES_RETURNED(formula="values @ attention"), {"mix": lambda weights, value: value}),
        (standard.WEIGHTS_IGNORED, {"mix": plain_sum}),
        ("one_column_written", [{"finish": lambda outputs, X, n=n: one_kept(outputs, n, axis=1)} for n in (0, -1)],
         "Only one output was written into X', the rest is 0, as when `return` stands inside the loop, or the line that "
         "writes below it."),
        (standard.ZEROS_RETURNED, {"finish": lambda outputs, X: np.zeros_like(outputs)}),
        (standard.INPUT_RETURNED(it="X"), {"finish": lambda outputs, X: X}),
        ("inputs_summed", {"change": values_from_inputs},
         "The weighted sum was taken over the inputs X. It is taken over the values, omega_v @ X + beta_v."),
        ("input_added", {"finish": np.add},
         "The inputs were added to the outputs. That comes with the Transformer; here the output is values @ "
         "attention."),
    )
    # fmt: on


MATRIX_FORM = {
    "shown_first": lambda: {CLASSIC: classic(*COLUMNS_ORDER)},
    "inputs": columns_inputs,
    "returns": ("X_prime",),
    "points": {"X_prime": 2},
    "properties": (
        Same(
            "five inputs",
            "five inputs, shuffled",
            "X_prime",
            SHUFFLED,
            1,
            "Putting the inputs in another order must put the outputs in the same other order; yours change.",
        ),
    ),
    "accepts": {
        "transposed": "The numbers are right. You returned one output in each row, (N, D), while X has one input in each "
        "column; later code may expect (D, N)."
    },
    "uses": ("softmax_cols",),
    "advice": SOFTMAX_ADVICE,
    "names": lambda inputs: {"D": inputs["X"].shape[0], "N": inputs["X"].shape[1]},
    "stale": ("X_prime", "all_x_prime", "x_prime", "attention", "all_km_qn", "queries", "keys", "values"),
}

# fmt: off
SELF_ATTENTION_MISTAKES = (
    *mistakes(UNSCALED, DIVIDE,
        ("already_scaled", [{"divisor": sqrt_d_k}, {"divisor": d_k}, {"divisor": sqrt_t_k}],
         "The scores were divided. That is the next task; this one uses the plain dot products."),
    ),
    *matrix_form_mistakes(UNSCALED),
)
# fmt: on
SELF_ATTENTION = Check(
    name="self_attention",
    claim="mixes_the_values_of_all_inputs_in_matrix_form",
    title="Self-attention with matrices",
    function="self_attention",
    reference=UNSCALED,
    second_route=partial(self_attention_loops, root=1.0),
    read=ROWS,
    hints=(
        "The same four steps as before, each for all inputs at once: project, compare, softmax, weighted sum.",
        "`omega_q @ X + beta_q` has one query in each column. The `N` by `N` scores with one column for each query are "
        "`keys.T @ queries`.",
        "`attention = softmax_cols(keys.T @ queries)` and, as column `n` of `attention` weights the columns of "
        "`values`, the result is `values @ attention`.",
    ),
    misconceptions=SELF_ATTENTION_MISTAKES,
    **MATRIX_FORM,
)

# fmt: off
SCALED_SELF_ATTENTION_MISTAKES = (
    *mistakes(self_attention_columns, DIVIDE,
        (standard.NOT_SCALED(results="results", more=standard.LESS_A_NUMBER), {"divisor": one}, WRONG),
        (standard.DIVIDED_WITHOUT_THE_ROOT(it="the length of a query",
          so=". It is the square root that brings their spread back to about one."),
         {"divisor": d_k}),
        ("root_of_the_number_of_inputs", {"divisor": sqrt_t_k},
         "The scores were divided by the square root of N, the number of inputs. What counts is how many products a "
         "dot product adds up: the length of a query."),
        (standard.MULTIPLIED_BY_THE_ROOT(of=""), {"divisor": over_sqrt_d_k}),
        ("divided_by_two", {"divisor": two},
         "The scores were divided by 2, which is right only for queries of length 4. Take the length from the shape."),
        (standard.DIVIDED_AFTER_THE_SOFTMAX,
         [lambda **p: self_attention_columns(**p, divisor=one) / len(p["omega_k"]) ** 0.5,
          lambda **p: self_attention_columns(**p, divisor=one) / len(p["omega_k"])]),
        (standard.HALF_OF_D_K, {"divisor": half_d_k}),
        (standard.DIVIDED_BY_D_K_AND_TWO, {"divisor": twice_d_k}),
        (standard.ROOT_OF_ALL_NUMBERS(instead="Take one length from the shape, that of a query: `queries.shape[0]`."),
         {"divisor": root_of_size}),
        ("inputs_divided",
         {"divisor": one, "change": lambda **p: {**p, "X": p["X"] / np.sqrt(len(p["omega_k"]))}},
         "X itself was divided, so the values are smaller too, and the biases are not. Divide the scores."),
        ("query_divided_before_its_bias",
         {"change": lambda **p: {**p, "beta_q": p["beta_q"] * np.sqrt(len(p["omega_k"]))}},
         "The query's bias was added after the division. Divide the scores, or the query with its bias."),
        ("divided_by_another_number",
         [{"divisor": norm_of_queries}, {"divisor": spread_of_scores},
          {"divisor": lambda query, key, value: key.shape[-1] ** 0.25}],
         "The scores were divided by another number than the square root of the length of a query: by a norm or a "
         "spread of the numbers, or by another power."),
    ),
    *matrix_form_mistakes(self_attention_columns),
)
# fmt: on
SCALED_SELF_ATTENTION = Check(
    name="scaled_self_attention",
    claim="divides_the_scores_by_the_root_of_the_query_length",
    title="Self-attention with scaled scores",
    function="scaled_dot_product_self_attention",
    reference=self_attention_columns,
    second_route=lambda **p: self_attention_loops(root=len(p["omega_k"]) ** 0.5, **p),
    read=SCALE,
    hints=(
        "Only one line is new compared with `self_attention`, between the dot products and the softmax.",
        "Divide by the square root of the length of one query, which is the number of rows of `queries`.",
        "For 36 numbers the divisor is 6. `np.sqrt(queries.shape[0])` takes the length from the shape; the softmax must get "
        "the divided numbers.",
    ),
    misconceptions=SCALED_SELF_ATTENTION_MISTAKES,
    **MATRIX_FORM,
)


# ---------------------------------------------------------------- rows, batches, masks
def attention_by_einsum(query: Array, key: Array, value: Array, mask: Array | None = None) -> tuple[Array, Array]:
    """Return (output, attention_weights) with index sums and a mask of large negative numbers."""
    scores = np.einsum("...qd,...kd->...qk", query, key) * key.shape[-1] ** -0.5
    scores = scores if mask is None else scores - 1e9 * mask
    exps = np.exp(scores - scores.max(-1)[..., np.newaxis])
    weights = exps / np.einsum("...k->...", exps)[..., np.newaxis]
    return np.einsum("...qk,...kv->...qv", weights, value), weights


def attention_inputs(rng: np.random.Generator) -> Cases:
    """Draw one sequence without and with a mask, the same with hidden entries changed, a batch, equal sizes.

    No key is hidden from all queries: the softmax over the wrong axis would depend on how it was hidden.
    """

    def draw(t_q: int, t_k: int, d_k: int, d_v: int, lead: tuple[int, ...] = ()) -> Inputs:
        shapes = {"query": (t_q, d_k), "key": (t_k, d_k), "value": (t_k, d_v)}
        return {name: normal(rng, *lead, *shape) for name, shape in shapes.items()}

    mask = np.hstack([holes(rng, 3, 4), [[1], [1], [0]]])  # the first two queries may not see the last key …
    masked = {**draw(3, 5, 6, 2), "mask": mask}
    changed = {name: a.copy() for name, a in masked.items()}
    changed["key"][-1], changed["value"][-1] = normal(rng, 6), normal(rng, 2)  # … so what it holds is nothing to them
    one_for_three = np.stack([holes(rng, 3, 4), holes(rng, 3, 4)])[:, np.newaxis]  # (2, 1, 3, 4)
    return {
        "one sequence": {**draw(3, 5, 6, 2), "mask": None},
        "a mask": masked,
        "a mask, the hidden key and value changed": changed,
        "several leading axes": {**draw(3, 4, 5, 1, lead=(2, 3)), "mask": one_for_three},
        "all sizes alike": {**draw(3, 3, 3, 3), "mask": holes(rng, 3, 3)},
    }


def zeroed(numbers: Array, mask: Array | None) -> Array:
    """Return the numbers with 0 where the mask is 1."""
    return numbers if mask is None else numbers * (1 - mask)


def as_indices(scores: Array, mask: Array) -> Array:
    """Return what `scores[mask] = -1e9` does when the mask holds integers: rows 0 and 1 are replaced."""
    scores = scores.copy()
    scores[mask] = -1e9
    return scores


WAYS_TO_HIDE = (minus_infinity, lowered(1e9), replaced(-1e9))  # they differ where all positions of an axis are hidden


def inverted(scores: Array, mask: Array | None) -> Array:
    """Return the scores with -inf where the mask is 0."""
    return scores if mask is None else minus_infinity(scores, 1 - mask)


def not_yet(scores: Array, mask: Array | None) -> Array:
    """Return the scores as they are, whatever the mask says."""
    return scores


def from_front(axis: int) -> Callable:
    """Return the root of the length of an axis of the keys, counted from the front."""
    return lambda query, key, value: float(np.sqrt(key.shape[axis]))


# fmt: off
ATTENTION_MISTAKES = mistakes(attend, ROWS,
    (standard.NOT_SCALED(more=standard.LESS_A_NUMBER), {"divisor": one}, WRONG),
    (standard.DIVIDED_WITHOUT_THE_ROOT, {"divisor": d_k}, DIVIDE),
    (standard.ROOT_OF_THE_NUMBER_OF_KEYS(instead="What counts is the length of one key, d_k, its last axis."),
     {"divisor": sqrt_t_k}, DIVIDE),
    ("root_of_the_number_of_queries", {"divisor": sqrt_t_q},
     "The scores were divided by the square root of the number of queries. What counts is the length of one query, "
     "d_k, its last axis.", DIVIDE),
    (standard.HALF_OF_D_K, {"divisor": half_d_k}, DIVIDE),
    (standard.DIVIDED_BY_D_K_AND_TWO, {"divisor": twice_d_k}, DIVIDE),
    (standard.ROOT_OF_ALL_NUMBERS, {"divisor": root_of_size}, DIVIDE),
    (standard.ROOT_OF_THE_NUMBER_OF_AXES, {"divisor": lambda query, key, value: math.sqrt(key.ndim)}, DIVIDE),
    ("divided_by_a_fixed_number", [{"divisor": two}, {"divisor": lambda query, key, value: math.sqrt(512)}],
     "The scores were divided by a fixed number, the root of 4 or of 512, which is right for keys of that length only. "
     "Take d_k from the shape.", DIVIDE),
    ("root_of_d_v", {"divisor": lambda query, key, value: float(np.sqrt(value.shape[-1]))},
     "The scores were divided by the square root of the length of a value. Scores are made of queries and keys: use "
     "d_k.", DIVIDE),
    (standard.MULTIPLIED_BY_THE_ROOT, {"divisor": over_sqrt_d_k}, DIVIDE),
    ("root_of_axis_0", [{"divisor": from_front(0)}, {"divisor": lambda query, key, value: float(np.sqrt(len(query)))}],
     "The length under the root was read from axis 0. d_k is the last axis, whatever stands before it: "
     "`key.shape[-1]`."),
    ("root_of_axis_1", {"divisor": from_front(1)},
     "Right for one sequence. With a batch, axis 1 is no longer d_k: count from the end, `key.shape[-1]`."),
    (standard.QUERIES_AND_KEYS_SWAPPED, {"score": key_query}),
    ("key_not_transposed", {"score": lambda query, key: query @ key},
     "The queries were multiplied by the keys as they stand, which runs only when there are as many keys as d_k. "
     "Exchange the last two axes of the keys first."),
    (standard.SOFTMAX_OVER_QUERIES(wrong="the queries, so the weights of each key sum to one"),
     [{"weigh": over_queries}, {"weigh": SUMS_OVER_QUERIES, "hide": lowered(1e9)}]),
    (standard.SOFTMAX_OVER_EVERYTHING, [{"weigh": over_everything}, {"weigh": SUM_OVER_EVERYTHING}]),
    *slips("exponential_forgotten", "fraction_turned", "multiplied_by_the_sum", "largest_of_each_column", hide=lowered(1e9)),
    ("softmax_over_axis_1", [{"weigh": partial(normalise, axis=1), "hide": hide} for hide in WAYS_TO_HIDE],
     "Right for one sequence. With a batch, axis 1 no longer holds the keys: count from the end, axis=-1."),
    ("softmax_over_axis_0", [{"weigh": partial(normalise, axis=0), "hide": hide} for hide in WAYS_TO_HIDE],
     "The softmax ran along axis 0. Take it over the keys, the last axis, whatever stands before it: axis=-1."),
    (standard.WEIGHTS_NOT_NORMALISED, [{"weigh": np.exp}, {"weigh": least}]),
    (standard.NO_SOFTMAX, [{"weigh": never, "hide": hide} for hide in (minus_infinity, lowered(1e9), zeroed, not_yet)]),
    (standard.SOFTMAX_TWICE(effect="makes the weights nearly equal and lets hidden positions back in"),
     {"weigh": twice}),
    (standard.DIVIDED_BY_THE_MEAN, {"weigh": over_their_mean}),
    (standard.SIGN_TURNED, [{"score": lambda query, key: -query_key(query, key)}, {"weigh": turned, "hide": lowered(1e9)}]),
    (standard.HARD_MAXIMUM(where=" of each query"), {"weigh": largest_alone}),
    (standard.SIGMOID_TAKEN, {"weigh": sigmoid}),
    (standard.LOGARITHM_RETURNED,
     [{"returned": lambda output, weights: (output, np.log(weights))},
      {"returned": lambda output, weights: (output, np.maximum(np.log(weights), -1e9))}]),
    (standard.WEIGHTS_TRANSPOSED, {"mix": transposed_sum}),
    (standard.WEIGHTS_IGNORED, {"mix": plain_sum}),
    (standard.VALUES_RETURNED, {"mix": lambda weights, value: value}),
    (standard.MEAN_FOR_THE_SUM, {"mix": lambda weights, value: weights @ value / value.shape[-2]}),
    (standard.ZEROS_RETURNED,
     [{"mix": lambda weights, value: 0 * (weights @ value)}, {"after": lambda weights, mask: 0 * weights}]),
    (standard.MASK_INVERTED(more=standard.LARGE_NUMBER_ADDED), [{"hide": inverted}, {"hide": replaced(1e9)}], MASKS),
    (standard.MASK_DROPPED(more=standard.TILDE), {"hide": not_yet}, MASKS),
    (standard.MASK_ADDED(like=": add mask * -1e9"), {"hide": any_mask(lambda scores, mask: scores + mask)}, MASKS),
    ("mask_too_weak", [{"hide": lowered(1)}, {"hide": lowered(5)}],
     "Hidden scores were lowered by 1 or by 5 only, so they still get weight. The number must be very large, like "
     "1e9.", MASKS),
    (standard.HIDDEN_SCORES_ZERO(or_tiny=" (or 1e-9 where -1e9 was meant)", so=""), {"hide": zeroed}, MASKS),
    ("mask_multiplied",
     [{"hide": any_mask(lambda s, mask: s * mask)}, {"hide": any_mask(lambda s, mask: s * mask * -1e9)}],
     "The scores were multiplied by the mask, so those that should stay became 0. Add mask * -1e9 instead.", MASKS),
    ("mask_as_an_index", {"hide": any_mask(as_indices)},
     "`scores[mask] = …` with a mask of integers picks the rows 0 and 1. Ask for mask == 1, or use np.where.", MASKS),
    (standard.MASK_AFTER_SOFTMAX, {"hide": not_yet, "after": zeroed}, MASKS),
    (standard.LARGE_NUMBER_AFTER_SOFTMAX,
     {"hide": not_yet, "after": any_mask(lambda weights, mask: weights - 1e9 * mask)}, MASKS),
    ("mask_on_the_queries", {"hide": any_mask(lambda scores, mask: minus_infinity(scores, swap(mask)))},
     "The mask was transposed, which runs only for as many queries as keys. Its last axis already belongs to the "
     "keys.", MASKS),
)
# fmt: on


def divided_late(query: Array, key: Array, value: Array, mask: Array | None = None) -> tuple[Array, Array]:
    """Return unscaled attention divided by the root of d_k at the end."""
    output, weights = attend(query, key, value, mask, divisor=one)
    root = key.shape[-1] ** 0.5
    return output / root, weights / root


def only_matrices(query: Array, key: Array, value: Array, mask: Array | None = None) -> tuple[Array, Array]:
    """Return what is right for matrices and stops on more axes, as key.T does."""
    if query.ndim > 2:
        raise ValueError("shapes do not fit")
    return attend(query, key, value, mask)


def with_scores(
    query: Array, key: Array, value: Array, mask: Array | None = None, *, lowered: float = 0.0
) -> tuple[Array, Array]:
    """Return the output with the scaled scores, hidden ones lowered, in place of the weights."""
    scores = query_key(query, key) / sqrt_d_k(query, key, value)
    return attend(query, key, value, mask)[0], scores if mask is None else scores - lowered * mask


def output_divided(query: Array, key: Array, value: Array, mask: Array | None = None) -> tuple[Array, Array]:
    """Return unscaled attention with the values divided by the root of d_k."""
    output, weights = attend(query, key, value, mask, divisor=one)
    return output / key.shape[-1] ** 0.5, weights


def output_of(
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None = None,
    *,
    made: Callable,
    hide: Callable = minus_infinity,
) -> tuple[Array, Array]:
    """Return an output that was not made of the weights, but of what `made` makes of the scores, and the weights."""
    scores = hide(query_key(query, key) / sqrt_d_k(query, key, value), mask)
    return made(scores) @ value, attend(query, key, value, mask)[1]


# fmt: off
RETURNED = mistakes(attend, ROWS,
    ("output_of_something_else",
     [partial(output_of, made=least),
      *(partial(output_of, made=as_it_is, hide=hide) for hide in (lowered(1e9), not_yet))],
     "The weights are right, but the output is not made of them: it is the sum of the values times the scores, or times "
     "exponentials. It is attention_weights @ value."),
    (standard.KEYS_SUMMED, {"mixed": lambda query, key, value: key}),
    ("queries_summed", {"mixed": lambda query, key, value: query},
     "The weighted sum was taken over the queries. Queries only decide the weights; values are what is passed on."),
    (standard.DIVIDED_AFTER_THE_SOFTMAX, [divided_late, output_divided], DIVIDE),
    (standard.RETURNED_BACKWARDS, {"returned": lambda output, weights: (weights, output)}),
    (standard.SCORES_RETURNED, with_scores),
    ("masked_scores_returned", partial(with_scores, lowered=1e9),
     "The output is right. In the place of the weights you return the masked scores; return what the softmax made of them."),
)
# fmt: on
HIDDEN = Same(
    "a mask",
    "a mask, the hidden key and value changed",
    "output",
    (0, 1),
    0,
    "What stands at a hidden position must not matter. Here only a hidden key and its value were changed, and your "
    "output changed with them. Is the number that hides large enough, like -1e9?",
    given="one sequence",
)
ASK_FOR_OWN_CODE = (  # each of these is the whole of attention
    "layers.Attention",
    "layers.MultiHeadAttention",
    "layers.AdditiveAttention",
    "ops.dot_product_attention",
    "nn.dot_product_attention",
    "functional.scaled_dot_product_attention",
)
ROWS_OF_WEIGHTS = SumsToOne("a mask", "attention_weights", "Your rows of weights do not sum to one.")

# fmt: off
SCALED_DOT_PRODUCT_ATTENTION_MISTAKES = (
    *ATTENTION_MISTAKES,
    *RETURNED,
    *mistakes(attend, ROWS,
        ("one_sequence_only", only_matrices,
         "Right for one sequence, but it stops on a batch. Count axes from the end, so that any may stand before them: "
         "np.swapaxes(key, -1, -2), `key.shape[-1]`, axis=-1, and @."),
        (standard.SUMS_WITHOUT_KEEPDIMS(wrong="the columns, so that each column is divided instead of each row"),
         {"weigh": lambda scores: np.exp(scores) / np.exp(scores).sum(axis=-1)}, WRONG),
    ),
)
# fmt: on
SCALED_DOT_PRODUCT_ATTENTION = Check(
    name="scaled_dot_product_attention",
    claim="weights_the_values_and_hides_masked_positions",
    title="Scaled dot-product attention",
    function="scaled_dot_product_attention",
    forbidden=ASK_FOR_OWN_CODE,
    inputs=attention_inputs,
    reference=attend,
    second_route=attention_by_einsum,
    returns=("output", "attention_weights"),
    points={"output": 2, "attention_weights": 2},
    read=ROWS,
    survives=("a mask", "several leading axes"),
    hints=(
        "Begin with two matrices and no mask. Which product of shapes `(T_q, d_k)` and `(T_k, d_k)` has one row for each query and "
        "one column for each key?",
        "`np.swapaxes(key, -1, -2)` exchanges the last two axes however many stand before them, and `@` multiplies "
        "stacks of matrices. The length of a key is `key.shape[-1]`.",
        "Hide before the softmax: where the mask is 1 the score becomes `-1e9`. `if mask is not None: scores = scores "
        "+ mask * -1e9`.",
        "The softmax is there already, along the last axis. The output is `attention_weights @ value`.",
    ),
    misconceptions=SCALED_DOT_PRODUCT_ATTENTION_MISTAKES,
    properties=(ROWS_OF_WEIGHTS, HIDDEN),
    advice=MASK_ADVICE,
    stale=("output", "attention_weights", "scores", "weights", "attention", "d_k", "query", "key", "value", "mask"),
)


# ---------------------------------------------------------------- self- and cross-attention
def project_and_attend(
    x_query: Array,
    x_key_value: Array,
    W_q: Array,
    W_k: Array,
    W_v: Array,
    *,
    change: Callable = dict,
    project: Callable = np.matmul,
    **steps: Callable,
) -> tuple[Array, Array]:
    """Return (output, attention_weights) of queries from one sequence and keys and values from another.

    `change` exchanges what is projected, by which matrix, before it is used.
    """
    p = {"from_q": x_query, "from_k": x_key_value, "from_v": x_key_value, "W_q": W_q, "W_k": W_k, "W_v": W_v}
    p = change(**p)
    return attend(*(project(p[f"from_{name}"], p[f"W_{name}"]) for name in "qkv"), **steps)


def attend_to_itself(x: Array, W_q: Array, W_k: Array, W_v: Array, **steps: Any) -> tuple[Array, Array]:
    """Return (output, attention_weights) of a sequence with itself."""
    return project_and_attend(x, x, W_q, W_k, W_v, **steps)


def projected_by_loops(x_query: Array, x_key_value: Array, W_q: Array, W_k: Array, W_v: Array) -> tuple[Array, Array]:
    """Return the same one query at a time, for rows (T, d) or batches (B, T, d)."""
    if x_query.ndim > 2:
        pairs = [projected_by_loops(a, b, W_q, W_k, W_v) for a, b in zip(x_query, x_key_value, strict=True)]
        return np.stack([output for output, _ in pairs]), np.stack([weights for _, weights in pairs])
    weights, outputs = [], []
    for x_i in x_query:
        scores = [(W_q.T @ x_i) @ (W_k.T @ x_j) / math.sqrt(W_k.shape[1]) for x_j in x_key_value]
        weights.append(softmax_by_loop(np.array(scores)))
        outputs.append(sum(w * (W_v.T @ x_j) for w, x_j in zip(weights[-1], x_key_value, strict=True)))
    return np.array(outputs), np.array(weights)


def projections(rng: np.random.Generator, d_model: int, d_k: int, d_v: int) -> Inputs:
    """Draw W_q, W_k and W_v that keep projections of order 1."""
    scale = 1.2 / math.sqrt(d_model)
    widths = {"W_q": d_k, "W_k": d_k, "W_v": d_v}
    return {name: normal(rng, d_model, width, scale=scale) for name, width in widths.items()}


def self_attention_inputs(rng: np.random.Generator) -> Cases:
    """Draw T = 5 tokens of d_model = 6, the same in another order, a batch, and equal sizes."""
    first = {"x": normal(rng, 5, 6), **projections(rng, 6, 3, 2)}
    shuffled = {**first, "x": first["x"][list(SHUFFLED)]}
    batch = {"x": normal(rng, 2, 3, 6), **projections(rng, 6, 5, 1)}
    alike = {"x": normal(rng, 3, 3), **projections(rng, 3, 3, 3)}
    return {"five tokens": first, "five tokens, shuffled": shuffled, "a batch": batch, "all sizes alike": alike}


def cross_attention_inputs(rng: np.random.Generator) -> Cases:
    """Draw T_q = 2 and T_k = 5 tokens of d_model = 6, a batch, and equal sizes."""

    def draw(t_q: int, t_k: int, d_model: int, d_k: int, d_v: int, lead: tuple[int, ...] = ()) -> Inputs:
        sentences = {"x_query": normal(rng, *lead, t_q, d_model), "x_key_value": normal(rng, *lead, t_k, d_model)}
        return sentences | projections(rng, d_model, d_k, d_v)

    return {
        "two tokens ask about five": draw(2, 5, 6, 3, 7),
        "a batch": draw(3, 5, 6, 7, 1, lead=(2,)),
        "all sizes alike": draw(3, 3, 3, 3, 3),
    }


def unprojected(*names: str) -> dict:
    """Return a change that multiplies by the identity instead of the named matrices."""
    return {"change": lambda **p: {**p, **{f"W_{name}": np.eye(p[f"from_{name}"].shape[-1]) for name in names}}}


def root_of_d_model(matrices: Inputs) -> Callable:
    """Return a divisor that is the root of d_model."""
    return lambda query, key, value: float(np.sqrt(len(matrices["W_k"])))


def with_the_input(answer: Callable) -> Callable:
    """Return an answer whose output has the sentence added that asks."""

    def added(**p: Array) -> tuple[Array, Array]:
        output, weights = answer(**p)
        return output + p["x" if "x" in p else "x_query"], weights

    return added


def projection_mistakes(answer: Callable) -> tuple[Misconception, ...]:
    """Return the mistakes that self- and cross-attention share."""
    # fmt: off
    return mistakes(answer, ITSELF,
        ("nothing_projected", partial(answer, **unprojected("q", "k", "v")),
         "The embeddings themselves served as queries, keys and values. Multiply them by W_q, W_k and W_v first."),
        ("keys_and_values_not_projected", partial(answer, **unprojected("k", "v")),
         "Only the queries were projected. Keys and values are made of the embeddings, too: multiply by W_k and by "
         "W_v."),
        ("values_not_projected", unprojected("v"),
         "The weighted sum was taken over the embeddings. It is taken over the values: multiply by W_v."),
        ("values_by_the_key_matrix", takes(W_v="W_k"),
         "The values were made with W_k, so they are the keys again. Make them with W_v."),
        ("values_by_the_query_matrix", takes(W_v="W_q"), "The values were made with W_q. Make them with W_v."),
        ("keys_by_the_value_matrix", takes(W_k="W_v"), "The keys were made with W_v. Make them with W_k."),
        ("queries_by_the_value_matrix", takes(W_q="W_v"), "The queries were made with W_v. Make them with W_q."),
        ("query_and_value_matrices_swapped", takes(W_q="W_v", W_v="W_q"),
         "W_q and W_v have changed places: queries are made with W_q, values with W_v."),
        ("all_matrices_in_other_places",
         [takes(W_q="W_v", W_k="W_q", W_v="W_k"), takes(W_q="W_k", W_k="W_v", W_v="W_q")],
         "All three have changed places: queries are made with W_q, keys with W_k, values with W_v, and the attention "
         "function takes query, key, value."),
        ("matrices_on_the_left", {"project": lambda x, W: W @ x},
         "The matrices stand on the left. With tokens in rows they stand on the right: x @ W.", ROWS),
        ("input_added", with_the_input(answer),
         "The embeddings were added to the output. That comes with the Transformer; here the output is the weighted sum "
         "of the values."),
        ("looks_back_only", {"hide": back_only},
         "Keys behind the place of the query are hidden. Here nothing is: every query looks at every key."),
        ("matrices_transposed", {"change": lambda **p: {**p, **{name: p[name].T for name in ("W_q", "W_k", "W_v")}}},
         "You multiplied by the transposed matrices. With tokens in rows it is x @ W.", ROWS),
        (standard.NOT_SCALED, {"divisor": one}, WRONG),
        (standard.DIVIDED_WITHOUT_THE_ROOT(so=": scaled_dot_product_attention already scales."),
         {"divisor": d_k}, DIVIDE),
        (standard.ROOT_OF_THE_NUMBER_OF_KEYS(keys="tokens"), {"divisor": sqrt_t_k}, DIVIDE),
        (standard.HALF_OF_D_K, {"divisor": half_d_k}, DIVIDE),
        ("one_matrix_for_queries_and_keys", [takes(W_k="W_q"), takes(W_q="W_k")],
         "Queries and keys were made with the same matrix. Queries are made with W_q, keys with W_k."),
        ("key_and_value_matrices_swapped", takes(W_k="W_v", W_v="W_k"),
         "W_k and W_v have changed places, or key and value have: keys are made with W_k, values with W_v."),
        (standard.SOFTMAX_OVER_QUERIES(wrong="the queries, so the weights of each key sum to one"),
         {"weigh": over_queries}, ROWS),
        (standard.SOFTMAX_OVER_EVERYTHING, {"weigh": over_everything}, ROWS),
        (standard.WEIGHTS_TRANSPOSED, {"mix": transposed_sum}, ROWS),
        (standard.RETURNED_BACKWARDS, {"returned": lambda output, weights: (weights, output)}, ROWS),
        (standard.VALUES_RETURNED, {"mix": lambda weights, value: value}),
        (standard.ZEROS_RETURNED, {"mix": lambda weights, value: 0 * (weights @ value)}),
        ("root_of_d_model", lambda **p: answer(**p, divisor=root_of_d_model(p)),
         "The scores were divided by the square root of d_model, the length of an embedding. The dot products are "
         "between queries and keys, of length d_k.", DIVIDE),
    )
    # fmt: on


CLASS_ADVICE = {r"name '(W_[qkv])' is not defined": "In a method write `self.\\1`.", **AXES}
ATTEND_STALE = ("output", "attention_weights", "scores", "weights", "query", "key", "value", "Q", "K", "V", "d_k")
# fmt: off
SELF_ATTENTION_CLASS_MISTAKES = (
    *projection_mistakes(attend_to_itself),
    *mistakes(attend_to_itself, ITSELF,
        ("queries_and_keys_swapped", {"score": key_query},
         "Queries and keys have changed places, in the matrices or in the product. The scores are Q K^T with Q = x @ "
         "W_q and K = x @ W_k."),
        ("one_matrix_for_all", partial(attend_to_itself, **takes(W_k="W_q", W_v="W_q")),
         "Queries, keys and values were all made with W_q. Each has a matrix of its own."),
    ),
)
# fmt: on
SELF_ATTENTION_CLASS = Check(
    name="self_attention_class",
    claim="projects_the_tokens_and_lets_them_attend_to_each_other",
    title="A class for self-attention",
    function="SelfAttention",
    inputs=self_attention_inputs,
    reference=attend_to_itself,
    second_route=lambda x, **matrices: projected_by_loops(x, x, **matrices),
    returns=("output", "attention_weights"),
    points={"output": 1, "attention_weights": 1},
    read=ITSELF,
    survives=("a batch",),
    hints=(
        "`__init__` only has to remember the three matrices; the work is done in `compute_attention`.",
        "Self-attention takes queries, keys and values from the same `x`. With tokens in rows, the queries are `x @ W_q`.",
        "`return scaled_dot_product_attention(x @ self.W_q, x @ self.W_k, x @ self.W_v)` is all of `compute_attention`.",
    ),
    misconceptions=SELF_ATTENTION_CLASS_MISTAKES,
    properties=(
        Same(
            "five tokens",
            "five tokens, shuffled",
            "output",
            SHUFFLED,
            0,
            "Putting the tokens in another order must put the outputs in the same other order; yours change.",
        ),
    ),
    uses=("scaled_dot_product_attention",),
    advice=CLASS_ADVICE,
    stale=ATTEND_STALE,
)

# fmt: off
CROSS_ATTENTION_MISTAKES = (
    *projection_mistakes(project_and_attend),
    *mistakes(project_and_attend, CROSS,
        ("sentences_swapped", takes(from_q="from_k", from_k="from_q", from_v="from_q"),
         "The sentences have changed places. The queries come from x_query, the keys and values from x_key_value."),
        ("second_sentence_ignored", takes(from_k="from_q", from_v="from_q"),
         "This is self-attention of x_query. The keys and values come from x_key_value."),
        ("first_sentence_ignored", takes(from_q="from_k"),
         "This is self-attention of x_key_value. The queries come from x_query."),
        ("values_from_the_asking_sentence", takes(from_v="from_q"),
         "The values were taken from x_query. What a query receives comes from the other sentence, x_key_value."),
        ("keys_from_the_asking_sentence", takes(from_k="from_q"),
         "The keys were taken from x_query. Keys and values belong together: both come from x_key_value."),
        ("query_and_key_matrices_swapped", takes(W_q="W_k", W_k="W_q"),
         "W_q and W_k have changed places: queries are made with W_q, keys with W_k."),
        (standard.QUERIES_AND_KEYS_SWAPPED, {"score": key_query}, ROWS),
    ),
)
# fmt: on
CROSS_ATTENTION = Check(
    name="cross_attention",
    claim="asks_with_one_sentence_and_answers_from_the_other",
    title="Cross-attention",
    function="cross_attention",
    inputs=cross_attention_inputs,
    reference=project_and_attend,
    second_route=projected_by_loops,
    returns=("output", "attention_weights"),
    points={"output": 1, "attention_weights": 1},
    read=CROSS,
    survives=("a batch",),
    hints=(
        "One sentence asks, the other answers. Which of query, key and value belong to the one that answers?",
        "Queries come from `x_query`; keys and values both come from `x_key_value`.",
        "`query = x_query @ W_q`, `key = x_key_value @ W_k`, `value = x_key_value @ W_v`, and then the function you "
        "already have.",
    ),
    misconceptions=CROSS_ATTENTION_MISTAKES,
    uses=("scaled_dot_product_attention",),
    advice=AXES,
    stale=ATTEND_STALE,
)


# ---------------------------------------------------------------- find the bug
def weights_if_scaled(
    query: Array,
    key: Array,
    scaled: bool,
    *,
    obey: Callable = bool,
    root: Callable = sqrt_d_k,
    off: Callable = one,
    weigh: Callable = normalise,
    late: Callable = one,
) -> Array:
    """Return the attention weights, scaled or not; `obey` is what is made of the switch, `late` divides the weights."""
    on = obey(scaled)
    weights = attend(query, key, key, divisor=root if on else off, weigh=weigh)[1]
    return weights / (late if on else one)(query, key, key)


def weights_row_by_row(query: Array, key: Array, scaled: bool) -> Array:
    """Return the same by loops."""
    root = math.sqrt(key.shape[1]) if scaled else 1.0
    return np.array([softmax_by_loop(np.array([q_i @ k_j / root for k_j in key])) for q_i in query])


def find_the_bug_inputs(rng: np.random.Generator) -> Cases:
    """Draw T_q = 3 queries and T_k = 5 keys of d_k = 6, with the switch on and off."""
    arrays = {"query": normal(rng, 3, 6), "key": normal(rng, 5, 6)}
    return {"scaled": {**arrays, "scaled": True}, "not scaled": {**arrays, "scaled": False}}


# fmt: off
FIND_THE_BUG_MISTAKES = mistakes(weights_if_scaled, WRONG,
    ("never_scaled", {"obey": lambda scaled: False},
     "The switch still has no effect: with it on or off, these are the unscaled weights."),
    ("always_scaled", {"obey": lambda scaled: True},
     "Now the weights are always scaled. With scaled=False they must stay as they were."),
    ("switch_turned_round", {"obey": lambda scaled: not scaled},
     "The switch works the wrong way round: the weights are scaled when it is off."),
    ("softmax_over_queries", [{"weigh": over_queries}, {"weigh": SUMS_OVER_QUERIES}],
     "The scaling works, but the softmax now runs over the queries. Keep it along the last axis.", ROWS),
    *slips("exponential_forgotten", "fraction_turned", "multiplied_by_the_sum", "largest_of_each_column",
           "divided_by_the_mean", "sign_turned", "over_everything"),
    ("weights_not_normalised", [{"weigh": np.exp}, {"weigh": least}],
     "The scaling works, but the exponentials are no longer divided by their sum.", ROWS),
    ("divided_without_the_root", {"root": d_k},
     "The switch works, but the scores are divided by d_k itself, or twice by its root. Divide once, by the root.", DIVIDE),
    ("divided_by_two", {"root": two},
     "The switch works, but dividing by 2 is right only for keys of length 4. Take the length from the shape.", DIVIDE),
    ("divided_after_the_softmax", {"root": one, "late": sqrt_d_k},
     "The weights are divided after the softmax, so their rows no longer sum to one. Divide the scores.", DIVIDE),
    (standard.MULTIPLIED_BY_THE_ROOT, {"root": over_sqrt_d_k}, DIVIDE),
    (standard.ROOT_OF_THE_NUMBER_OF_KEYS, {"root": sqrt_t_k}, DIVIDE),
    ("root_of_the_number_of_queries", {"root": sqrt_t_q},
     "The scores were divided by the square root of the number of queries. What counts is the length of one key: "
     "`key.shape[-1]`.", DIVIDE),
    (standard.HALF_OF_D_K, {"root": half_d_k}, DIVIDE),
    (standard.DIVIDED_BY_D_K_AND_TWO, {"root": twice_d_k}, DIVIDE),
    ("zero_scores_when_off", {"off": lambda query, key, value: math.inf},
     "With the switch off all weights are equal: the scores were multiplied by False, which is 0. Divide only if "
     "`scaled` is True, and leave them alone otherwise."),
    ("scores_returned", {"weigh": never}, "These are the scores. The softmax comes behind them, as in the broken "
     "function.", ROWS),
)
# fmt: on
FIND_THE_BUG = Check(
    name="find_the_bug",
    claim="the_switch_for_scaling_has_an_effect",
    title="Find the bug: a switch without effect",
    function="mended_weights",
    inputs=find_the_bug_inputs,
    reference=weights_if_scaled,
    second_route=weights_row_by_row,
    returns=("attention_weights",),
    points={"attention_weights": 1},
    read=WRONG,
    hints=(
        "Follow the switch: which line runs only when `scaled` is True, and what does that line leave behind?",
        "An operation on an array makes a new array and leaves the old one as it was. Which name does the new one get, and "
        "which name is read below?",
        "Keep the divided scores under the name that the next line reads: `scores = …` inside the `if`.",
    ),
    misconceptions=FIND_THE_BUG_MISTAKES,
    properties=(SumsToOne("scaled", "attention_weights", "Your rows of weights do not sum to one."),),
    stale=("scores", "weights", "attention_weights"),
)


# ---------------------------------------------------------------- TensorFlow
def thirds(qkv: Array, d_model: int) -> tuple[Array, ...]:
    """Return three blocks of columns of one width."""
    return tuple(np.split(qkv, 3, axis=-1))


def split_of_one_product(
    embedding_matrix: Array, W: Array, *, cut: Callable = thirds, order: tuple[int, ...] = (0, 1, 2)
) -> tuple[Array, ...]:
    """Return query, key and value (T, d): the thirds of embedding_matrix @ W, with W (d_model, 3 d)."""
    parts = cut(embedding_matrix @ W, embedding_matrix.shape[1])
    return tuple(parts[number] for number in order)


def three_products(embedding_matrix: Array, W: Array) -> tuple[Array, ...]:
    """Return the same from three products."""
    d = W.shape[1] // 3
    return tuple(embedding_matrix.dot(W[:, start : start + d]) for start in (0, d, 2 * d))


def sliced(*bounds: slice) -> dict[str, Callable]:
    """Return the step that slices the product at fixed places."""
    return {"cut": lambda qkv, d_model: tuple(qkv[:, part] for part in bounds)}


def by_d_model(qkv: Array, d: int) -> tuple[Array, ...]:
    """Return slices as wide as an embedding, the last with all that is left."""
    return qkv[:, :d], qkv[:, d : 2 * d], qkv[:, 2 * d :]


def rows_cut(qkv: Array, d_model: int) -> tuple[Array, ...]:
    """Return slices of the rows of the product."""
    d = qkv.shape[1] // 3
    return qkv[:d], qkv[d : 2 * d], qkv[2 * d :]


def split_by_rows(qkv: Array, d_model: int) -> tuple[Array, ...]:
    """Return three parts of the rows; it stops, with any exception, when there are not three times as many."""
    try:
        return tuple(np.split(qkv, 3, axis=0))
    except ValueError as error:
        raise Exception(str(error)) from None


def sliced_with(second: int, third: int, third_from: int = 2) -> dict[str, Callable]:
    """Return the step whose second and third slice begin so much too late."""

    def cut(qkv: Array, d_model: int) -> tuple[Array, ...]:
        d = qkv.shape[1] // 3
        return qkv[:, :d], qkv[:, d + second : 2 * d], qkv[:, third_from * d + third :]

    return {"cut": cut}


def to_the_end(qkv: Array, d_model: int) -> tuple[Array, ...]:
    """Return slices that begin at the right places, the second without an end."""
    d = qkv.shape[1] // 3
    return qkv[:, :d], qkv[:, d:], qkv[:, 2 * d :]


def reshaped(qkv: Array, d_model: int) -> tuple[Array, ...]:
    """Return the three parts of the product reshaped to (3, T, d)."""
    return tuple(qkv.reshape(3, len(qkv), -1))


# fmt: off
PROJECT_QKV_MISTAKES = mistakes(split_of_one_product, TENSORFLOW,
    ("cut_at_512", sliced(slice(0, 512), slice(512, 1024), slice(1024, None)),
     "The product was cut at 512 and 1024, whatever its width. Take a third of the columns of W.", WRONG),
    ("cut_by_d_model", {"cut": by_d_model},
     "The parts are as wide as an embedding. They are a third of the columns of W wide, which need not be d_model."),
    ("queries_and_keys_swapped", {"order": (1, 0, 2)},
     "Query and key have changed places. W holds W_q, W_k, W_v from left to right."),
    ("keys_and_values_swapped", {"order": (0, 2, 1)},
     "Key and value have changed places. W holds W_q, W_k, W_v from left to right."),
    ("values_first", {"order": (2, 0, 1)},
     "The last third, the value, comes first in what you return. Return query, key, value."),
    ("queries_last", {"order": (1, 2, 0)},
     "The first third, the query, comes last in what you return. Return query, key, value."),
    ("queries_and_values_swapped", {"order": (2, 1, 0)},
     "Query and value have changed places. W holds W_q, W_k, W_v from left to right."),
    ("cut_along_the_rows", [{"cut": rows_cut}, {"cut": split_by_rows}],
     "The rows of the product were cut, which are the tokens. Cut along the columns: `qkv[:, start:end]`."),
    ("slices_overlap", [sliced_with(0, 0, 1), sliced_with(-1, -1)],
     "Two slices share columns. They run from 0 to d, from d to 2 d and from 2 d to the end."),
    ("second_slice_without_end", {"cut": to_the_end},
     "The second slice has no end, so key holds the value as well. It runs from d to 2 d: `qkv[:, d:2 * d]`."),
    ("slices_with_gaps", sliced_with(1, 1),
     "A column is missing between slices. A slice ends before its last number, so the next one begins with it: `qkv[:, "
     "d:2 * d]`."),
    ("first_third_for_all", {"order": (0, 0, 0)},
     "Query, key and value are all the first third of the product. Cut it in three places."),
    ("every_third_column", sliced(slice(0, None, 3), slice(1, None, 3), slice(2, None, 3)),
     "Every third column went to each part. The three matrices stand side by side in W, so cut the product into three "
     "blocks."),
    ("reshaped_instead_of_cut", {"cut": reshaped},
     "A reshape to (3, T, d) reads the product row by row, so tokens and parts get mixed. Cut along the "
     "columns.", WRONG),
)
# fmt: on
PROJECT_QKV = Check(
    name="project_qkv",
    claim="cuts_one_product_into_query_key_and_value",
    title="One product for query, key and value",
    function="project_qkv",
    inputs=lambda rng: {
        "two tokens": {"embedding_matrix": normal(rng, 2, 6), "W": normal(rng, 6, 15, scale=0.5)},
        "d as long as d_model": {"embedding_matrix": normal(rng, 6, 5), "W": normal(rng, 5, 15, scale=0.5)},
    },
    reference=split_of_one_product,
    second_route=three_products,
    returns=("query", "key", "value"),
    points={"query": 1, "key": 1, "value": 1},
    read=TENSORFLOW,
    needs="tensorflow",
    hints=(
        "`W` holds three matrices side by side, so the product holds query, key and value side by side.",
        "Each part is a third of the columns: `d = W.shape[1] // 3`.",
        "`qkv = tf.matmul(embedding_matrix, W)`, then `qkv[:, :d]`, `qkv[:, d:2 * d]` and `qkv[:, 2 * d:]`.",
    ),
    misconceptions=PROJECT_QKV_MISTAKES,
    advice=TF_ADVICE,
    stale=("qkv", "q", "k", "v", "query", "key", "value", "W_q", "W_k", "W_v"),
)


def attention_by_keras(query: Array, key: Array, value: Array, mask: Array | None = None) -> tuple[Array, Array]:
    """Return (output, attention_weights) by Keras's operations and TensorFlow's softmax."""
    import keras
    import tensorflow as tf

    scores = tf.einsum("...qd,...kd->...qk", query, key) / tf.sqrt(tf.cast(tf.shape(key)[-1], tf.float64))
    hidden = tf.zeros_like(scores, bool) if mask is None else tf.broadcast_to(mask == 1, tf.shape(scores))
    weights = tf.nn.softmax(tf.where(hidden, tf.constant(-1e9, scores.dtype), scores))
    with_head = [np.reshape(a, (-1, *a.shape[-2:]))[:, :, np.newaxis] for a in (query, key, value)]  # (B, T, 1, d)
    keep = np.logical_not(np.reshape(hidden, (-1, 1, *hidden.shape[-2:])))  # (B, 1, T_q, T_k)
    output = keras.ops.dot_product_attention(*(keras.ops.cast(a, "float64") for a in with_head), mask=keep)
    return np.reshape(output, (*query.shape[:-1], value.shape[-1])), weights.numpy()


# fmt: off
TF_MISTAKES = (
    *ATTENTION_MISTAKES,
    *RETURNED,
    *mistakes(attend, ROWS,
        ("one_sequence_only", only_matrices,
         "Right for one sequence, but it stops on a batch. tf.transpose(key) reverses all axes: use tf.matmul(query, "
         "key, transpose_b=True), and count axes from the end."),
    ),
)
# fmt: on
TF_SCALED_DOT_PRODUCT_ATTENTION = Check(
    name="tf_scaled_dot_product_attention",
    claim="agrees_with_the_formula",
    title="Scaled dot-product attention in TensorFlow",
    function="tf_scaled_dot_product_attention",
    forbidden=ASK_FOR_OWN_CODE,
    inputs=attention_inputs,
    reference=attend,
    second_route=attention_by_keras,
    returns=("output", "attention_weights"),
    points={"output": 1, "attention_weights": 1},
    read=TENSORFLOW,
    needs="tensorflow",
    survives=("a mask", "several leading axes"),
    hints=(
        "Line by line this is your NumPy function; only the names of the operations change.",
        "`tf.matmul(query, key, transpose_b=True)` multiplies by the keys with their last two axes exchanged, and "
        "`tf.nn.softmax(scores, axis=-1)` needs no care about large scores.",
        "The root needs a real number: `tf.sqrt(tf.cast(tf.shape(key)[-1], tf.float32))`. Hide with `scores += mask * -1e9` "
        "before the softmax.",
    ),
    misconceptions=in_keras(TF_MISTAKES),
    properties=(ROWS_OF_WEIGHTS, HIDDEN),
    advice=TF_ADVICE | MASK_ADVICE,
    stale=("output", "attention_weights", "scores", "weights", "d_k", "query", "key", "value", "mask"),
)


KEY = AnswerKey(
    "04_scaled_dot_product_attention",
    (
        QUERIES_KEYS_VALUES,
        SOFTMAX,
        X_PRIME,
        SOFTMAX_COLS,
        SELF_ATTENTION,
        SCALED_SELF_ATTENTION,
        SCALED_DOT_PRODUCT_ATTENTION,
        SELF_ATTENTION_CLASS,
        CROSS_ATTENTION,
        FIND_THE_BUG,
        PROJECT_QKV,
        TF_SCALED_DOT_PRODUCT_ATTENTION,
    ),
)
