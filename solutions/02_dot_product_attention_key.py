"""Answer key of chapter 02: attention as a soft lookup, and dot-product (Luong) attention in a decoder.

Right and wrong answers come from a few functions whose steps can be exchanged. The softmax has three styles, because
learners write a mistake in any of them: `NAIVE` (exponentials over their sum), `TEXTBOOK` (less the largest score,
but NaN where a row holds nothing but -inf, and an error where it holds nothing at all) and the whole thing.
In the cases None stands for an empty array: a sequence without states, rows without scores.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograder.course import standard_mistakes as standard
from autograder.course.answer_key import AnswerKey, Check, Misconception, Same, SumsToOne
from autograder.course.drawing import Array, Cases, Inputs, eighths, normal
from autograder.course.rows import mistakes, ways_of
from autograder.course.steps import as_it_is, swap

# Sections of the chapter's page.
LOOKUP = "The idea: a lookup that answers with a mixture"
FORMULA = "The formula, with shapes"
BY_HAND = "One decoder step by hand"
SOFTMAX_SAFE = "A softmax that survives"
NOTHING = "Nothing to attend to"
NAMES = "Three scores by name"
AT_ONCE = "All steps, all sentences at once"
WRONG = "What goes wrong"


# ---------------------------------------------------------------- data
def shares(rng: np.random.Generator, count: int) -> Array:
    """Draw positive weights of three decimals that sum to one, none close to another."""
    while True:
        cuts = np.sort(rng.choice(np.arange(50, 950), size=count - 1, replace=False))
        weights = np.diff([0, *cuts, 1000]) / 1000
        if np.diff(np.sort(weights)).min() > 0.01:
            return weights


def or_empty(array: Array | None, *shape: int) -> Array:
    """Return the array; None stands for an empty one of the given shape."""
    return np.zeros(shape) if array is None else array


# ---------------------------------------------------------------- the softmax in exchangeable steps
def largest_or_zero(scores: Array, axis: int | None) -> Array:
    """Return the largest score along an axis, 0 where there is none but -inf, or none at all."""
    largest = np.max(scores, axis=axis, keepdims=True, initial=-np.inf)
    return np.where(np.isneginf(largest), 0.0, largest)


def largest(scores: Array, axis: int | None) -> Array:
    """Return the largest score along an axis; stops where there is none."""
    return np.max(scores, axis=axis, keepdims=True)


def largest_of_some(scores: Array, axis: int | None) -> Array:
    """Return the largest score along an axis, -inf where there is none."""
    return np.max(scores, axis=axis, keepdims=True, initial=-np.inf)


def nothing(scores: Array, axis: int | None) -> float:
    """Return 0: nothing is subtracted."""
    return 0.0


def share_or_zero(exps: Array, total: Array) -> Array:
    """Return exps / total, and 0 where the total is 0."""
    return exps / np.where(total == 0, 1, total)


def share(exps: Array, total: Array) -> Array:
    """Return exps / total, NaN where both are 0."""
    return exps / total


def nan_to_zero(exps: Array, total: Array) -> Array:
    """Return exps / total with 0 for every NaN."""
    return np.nan_to_num(exps / total)


def total_along(exps: Array, axis: int | None) -> Array:
    """Return the sum along an axis, which stays with length 1."""
    return np.sum(exps, axis=axis, keepdims=True)


def normalise(
    scores: Array,
    axis: int | None = -1,
    *,
    shift: Callable = largest_or_zero,
    top: Callable = np.exp,
    bottom: Callable | None = None,
    total: Callable = total_along,
    divide: Callable = share_or_zero,
    along: Callable = lambda axis: axis,
) -> Array:
    """Return top(shifted scores) divided by the total of bottom(shifted scores) along an axis."""
    axis = along(axis)
    shifted = scores - shift(scores, axis)
    return divide(top(shifted), total((bottom or top)(shifted), axis))


NAIVE = {"shift": nothing, "divide": share}
TEXTBOOK = {"shift": largest, "divide": share}
WHOLE = {}


def in_every_style(**steps: Any) -> list[dict]:
    """Return a mistake in the three styles of a softmax."""
    return [{**style, **steps} for style in (NAIVE, TEXTBOOK, WHOLE)]


# ---------------------------------------------------------------- 1 softmax
def softmax(
    scores: Array | None,
    axis: int = -1,
    *,
    prepare: Callable = np.asarray,
    times: int = 1,
    finish: Callable = as_it_is,
    **steps: Any,
) -> Array:
    """Return the softmax along an axis; a row without any finite score gets zeros."""
    weights = prepare(or_empty(scores, 3, 0))
    for _ in range(times):
        weights = normalise(weights, axis, **steps)
    return finish(weights)


def softmax_by_loops(scores: Array | None, axis: int = -1) -> Array:
    """Return the same from Python's own exp and sum, one row after the other."""
    rows = np.moveaxis(or_empty(scores, 3, 0), axis, -1)
    found = np.zeros(rows.shape)
    for place in np.ndindex(rows.shape[:-1]):
        row = rows[place].tolist()
        exps = [math.exp(number - max(row)) if number > -math.inf else 0.0 for number in row]
        if any(exps):
            found[place] = [number / math.fsum(exps) for number in exps]
    return np.moveaxis(found, -1, axis)


FAR = [  # added to scores: the first, the last, the smallest or the mean of a row is 1000 or more below the largest
    [-1000, 1000, -1000, 1000, -1000],
    [1000, -1000, 1000, -1000, -1000],
    [-np.inf, 1000, -1000, -1000, 1000],
]


def softmax_inputs(rng: np.random.Generator) -> Cases:
    """Draw ordinary scores along several axes, rows far apart and wide, rows with -inf, rows of one score and of none."""
    rows = eighths(rng, 3, 5)
    hidden = eighths(rng, 3, 6)
    hidden[0, rng.integers(6)] = -np.inf
    hidden[1] = -np.inf
    return {
        "three rows": {"scores": rows},
        "along axis 0": {"scores": eighths(rng, 6, 3), "axis": 0},
        "along axis 1 of three": {"scores": eighths(rng, 2, 3, 5), "axis": 1},
        "as many rows as columns": {"scores": eighths(rng, 3, 3)},
        "three rows, near 1000, 0 and -1000": {"scores": rows + np.array([[1000], [0], [-1000]])},
        "1000, -1000 and -inf in one row": {"scores": eighths(rng, 3, 5) + np.array(FAR)},
        "a row with one -inf, a row of nothing else": {"scores": hidden},
        "rows of one score": {"scores": eighths(rng, 3, 1)},
        "rows without scores": {"scores": None},
    }


def other_largest(axis: int) -> Callable:
    """Return the largest score along a fixed axis."""
    return lambda scores, _: np.max(scores, axis=axis, keepdims=True)


def other_largest_or_zero(axis: int) -> Callable:
    """Return the largest score along a fixed axis, 0 where there is none."""
    return lambda scores, _: largest_or_zero(scores, axis)


def flat_total(exps: Array, axis: int | None) -> Array:
    """Return the sum along an axis, which goes."""
    return np.sum(exps, axis=axis)


def flat_largest(scores: Array, axis: int | None) -> Array:
    """Return the largest score along an axis, which goes."""
    return np.max(scores, axis=axis)


def put_back_last(reduce: Callable) -> Callable:
    """Return a sum or maximum that loses its axis and gets one at the end."""
    return lambda numbers, axis: reduce(numbers, axis=axis)[..., np.newaxis]


def or_zero(shift: Callable) -> Callable:
    """Return a step that subtracts 0 where `shift` gives -inf, and in rows without scores."""

    def finite(scores: Array, axis: int | None) -> Array | float:
        if not scores.size:
            return 0.0
        found = shift(scores, axis)
        return np.where(np.isfinite(found), found, 0.0)

    return finite


def smallest(scores: Array, axis: int | None) -> Array:
    """Return the smallest score along an axis."""
    return np.min(scores, axis=axis, keepdims=True)


def taken(index: int) -> Callable:
    """Return the score at one place along an axis."""
    return lambda scores, axis: np.take(scores, [index], axis=axis)


def shifted_above_only(
    scores: Array | None, axis: int = -1, shift: Callable = largest_or_zero, divide: Callable = share_or_zero
) -> Array:
    """Return exponentials of shifted scores divided by the sum of those of the scores as they came."""
    scores = or_empty(scores, 3, 0)
    return divide(np.exp(scores - shift(scores, axis)), total_along(np.exp(scores), axis))


def default_axis(default: int | None, **style: Any) -> Callable:
    """Return a softmax whose axis is another where the caller names none."""
    return lambda scores, axis=default: softmax(scores, axis, **style)


def total_or_one(exps: Array, axis: int | None) -> Array:
    """Return the sum along an axis, 1 where it is 0."""
    found = total_along(exps, axis)
    return np.where(found == 0, 1, found)


def log_softmax(
    scores: Array | None, axis: int = -1, shift: Callable = largest_or_zero, total: Callable = total_along
) -> Array:
    """Return the logarithms of the weights."""
    scores = or_empty(scores, 3, 0)
    shifted = scores - shift(scores, axis)
    return shifted - np.log(total(np.exp(shifted), axis))


def clipped_with_care(lowest: float, highest: float) -> Callable:
    """Return a step that clips all scores but those of -inf."""
    return lambda scores: np.where(np.isneginf(scores), scores, np.clip(scores, lowest, highest))


def divided_by_the_largest(scores: Array | None, axis: int = -1, *, size: Callable = as_it_is) -> Array:
    """Return a softmax of scores divided by the largest along an axis, or by their largest `size`; 0 for no finite score."""
    scores = or_empty(scores, 3, 0)
    finite = np.isfinite(scores)
    sizes = np.where(finite, size(np.where(finite, scores, 0)), -np.inf)
    with np.errstate(all="ignore"):
        divided = np.where(finite, scores / largest_or_zero(sizes, axis), -np.inf)
    return normalise(divided, axis, shift=nothing)


def replaced(number: float) -> Callable:
    """Return a step that writes a number for every -inf."""
    return lambda scores: np.where(np.isneginf(scores), number, scores)


def raised(scores: Array, axis: int | None, by: float) -> Array:
    """Return the sum along an axis and a small number."""
    return total_along(scores, axis) + by


def only_the_largest(scores: Array | None, axis: int = -1) -> Array:
    """Return 1 where a score is the largest along an axis, a row of nothing but -inf included; stops where there is none."""
    scores = or_empty(scores, 3, 0)
    return (scores == largest(scores, axis)).astype(float)


def rescaled(scores: Array | None, axis: int = -1) -> Array:
    """Return the scores less the smallest, divided by how far the largest is above it; stops where there is none."""
    scores = or_empty(scores, 3, 0)
    low, high = smallest(scores, axis), largest(scores, axis)
    return (scores - low) / (high - low)


def by_first_axis(scores: Array | None, axis: int = -1, **style: Any) -> Array:
    """Return what a loop over the first axis gives that takes each part for one row."""
    return np.array([normalise(row, None, **style) for row in or_empty(scores, 3, 0)])


NOT_A_LIBRARY = (  # each of these is the whole task
    "special.softmax",
    "nn.softmax",
    "functional.softmax",
    "ops.softmax",
    "activations.softmax",
    "torch.softmax",
)
# Advice on what Python says.
NO_ROW = {
    r"index -?\d+ is out of bounds for axis 0 with size 0": (
        "This case has no encoder states, so no H[0]. The size of a state is H.shape[1].",
        "empty H",
    )
}
ONE_NUMBER = {
    r"setting an array element with a sequence": "One number was expected there. `*` gives a whole vector of products, `@` their sum.",
    r"index \d+ is out of bounds for axis 0 with size [1-9]": "There is one score for each row of H: count to len(H), and make room for "
    "as many.",
}
EMPTY_MAX = {
    r"zero-size array to reduction operation (\w+)": "Of no scores there is no largest, and np.max stops. "
    "np.max(…, initial=-np.inf) answers -inf instead."
}
# fmt: off
SOFTMAX_MISTAKES = mistakes(softmax, SOFTMAX_SAFE,
    ("no_maximum_subtracted", [NAIVE, {"shift": nothing}, {"shift": nothing, "divide": nan_to_zero}],
     "Right for small scores. exp(1000) overflows to inf, and far below every exponential is 0. Subtract from each row "
     "its own largest score first."),
    ("one_maximum_for_everything",
     [{**TEXTBOOK, "shift": lambda scores, axis: np.max(scores)}, {"shift": lambda scores, axis: np.max(scores)},
      {"shift": lambda scores, axis: largest_or_zero(scores, None)}],
     "The largest of all the scores was subtracted everywhere. In a row far below it every exponential is 0, and so is "
     "their sum. Each row needs its own largest."),
    ("special_rows_forgotten", TEXTBOOK,
     "Right for ordinary and for large scores. A row of nothing but -inf gives NaN: it should get zeros. And np.max "
     "stops where there are no scores: initial=-np.inf.", NOTHING),
    ("nan_where_nothing_is_left", {"shift": largest_of_some, "divide": share},
     "A row of nothing but -inf gives NaN: -inf minus -inf, or 0 divided by 0. Nothing there can take weight, so its "
     "weights should be zeros.", NOTHING),
    ("no_scores_stop", [{"shift": lambda scores, axis: np.nan_to_num(largest(scores, axis), neginf=0)}],
     "Only rows without scores are missing: they give an empty result, not an error. np.max has no largest of nothing; "
     "with initial=-np.inf it answers -inf.", NOTHING),
    ("equal_weights_where_nothing_is_left", [{**TEXTBOOK, "prepare": replaced(-1e9)}, {"prepare": replaced(-1e9)}],
     "A row of nothing but -inf shared its weight out equally. It should get zeros: nothing there may take "
     "weight.", NOTHING),
    ("minus_infinity_as_zero",
     [{**TEXTBOOK, "prepare": replaced(0.0)}, {"prepare": replaced(0.0)}, {**NAIVE, "prepare": replaced(0.0)}],
     "A score of -inf got weight, as if it were 0 (np.nan_to_num writes numbers of its own for infinities). Its "
     "exponential, and so its weight, is 0.", NOTHING),
    ("scores_clipped",
     [{**NAIVE, "prepare": lambda scores: np.clip(scores, -500, 500)},
      {**NAIVE, "prepare": lambda scores: np.clip(scores, None, 500)},
      {"shift": nothing, "prepare": clipped_with_care(-500, 500)},
      {"shift": nothing, "prepare": clipped_with_care(-np.inf, 500)}],
     "The scores were clipped, so that large ones became equal and lost their order. Subtract the largest instead: "
     "that changes no weight."),
    ("zero_among_the_scores",
     [{"shift": lambda scores, axis: np.max(scores, axis=axis, keepdims=True, initial=0)},
      {"shift": lambda scores, axis: np.max(scores, axis=axis, keepdims=True, initial=0), "divide": share},
      {"shift": lambda scores, axis: largest_or_zero(np.abs(scores), axis), "divide": share_or_zero},
      {"shift": lambda scores, axis: largest(np.abs(scores), axis), "divide": share}],
     "What was subtracted is never below 0: np.max(…, initial=0), or the largest absolute value. In a row near -1000 "
     "every exponential is then 0. Subtract the row's own largest score."),
    ("not_the_largest_subtracted",
     [{**TEXTBOOK, "shift": smallest},
      {**TEXTBOOK, "shift": lambda scores, axis: np.mean(scores, axis=axis, keepdims=True)},
      {"shift": or_zero(smallest)}],
     "Not the largest score was subtracted but the smallest, the mean or the median. Where the largest is far above "
     "that, its exponential still overflows; and a -inf makes smallest and mean -inf too."),
    ("first_score_subtracted",
     [{"shift": or_zero(taken(0))}, {"shift": or_zero(taken(-1))}, {**TEXTBOOK, "shift": taken(0)}],
     "What was subtracted is the first or the last score of each row. Where another is far above it, an exponential "
     "still overflows. Subtract the largest."),
    ("shifted_above_only", [shifted_above_only, partial(shifted_above_only, shift=largest, divide=share)],
     "The largest score was subtracted above the fraction bar but not below it, so the weights do not sum to one. Take "
     "the exponentials once, and divide them by their own sum."),
    ("axis_put_back_last",
     [{"shift": or_zero(put_back_last(np.max)), "total": put_back_last(np.sum)},
      {**TEXTBOOK, "shift": put_back_last(np.max), "total": put_back_last(np.sum)},
      {**NAIVE, "total": put_back_last(np.sum)}],
     "Right along the last axis only: the axis that a sum or a maximum loses was put back at the end, wherever it had "
     "been. keepdims=True keeps it in its place."),
    ("another_default_axis",
     [*(default_axis(0, **style) for style in (NAIVE, TEXTBOOK)),
      *(default_axis(None, **style) for style in (NAIVE, TEXTBOOK, WHOLE))],
     "Right where the caller names an axis. Without one it must be the last: the first line of the function was given "
     "with axis=-1."),
    ("maximum_of_another_axis",
     [{"shift": other_largest(0), "divide": share}, {"shift": other_largest_or_zero(0)},
      {"shift": other_largest(-1), "divide": share}, {"shift": other_largest_or_zero(-1)}],
     "The largest score was taken along one axis and the sum along another. Numbers in one row must all lose the same "
     "amount: use `axis` for both."),
    ("axis_ignored", [*in_every_style(along=lambda axis: -1), *in_every_style(along=lambda axis: 1)],
     "`axis` was ignored: the weights always sum to one along the same axis. Pass axis=axis on."),
    ("always_axis_0", [{**NAIVE, "along": lambda axis: 0}, {**TEXTBOOK, "along": lambda axis: 0}],
     "The weights always sum to one along axis 0. They must do so along `axis`, which is -1, the last, unless the "
     "caller says otherwise."),
    ("everything",
     [*in_every_style(along=lambda axis: None), {**TEXTBOOK, "total": lambda exps, axis: np.sum(exps)},
      {"total": lambda exps, axis: np.sum(exps)}],
     "All the weights together sum to one. Each row must do so by itself: sum along `axis` only."),
    ("sums_without_keepdims",
     [{**NAIVE, "total": flat_total}, {**TEXTBOOK, "total": flat_total},
      {**TEXTBOOK, "total": flat_total, "shift": flat_largest}],
     "A sum or a maximum lost its axis, and NumPy lays it along the columns, or stops. Write keepdims=True, so that it "
     "stays beside its own row."),
    ("maximum_without_keepdims", {**TEXTBOOK, "shift": flat_largest},
     "The maxima lost their axis, so NumPy lays them along the columns, or stops. Write keepdims=True there as well."),
    (standard.SOFTMAX_TWICE, in_every_style(times=2)),
    ("not_normalised", [{**style, "total": lambda exps, axis: 1.0} for style in (NAIVE, TEXTBOOK, WHOLE)],
     "These are exponentials. They still have to be divided by their sum. (Less the largest score, the largest of them "
     "is 1.)", BY_HAND),
    (standard.EXPONENTIAL_FORGOTTEN(so=", so some weights are negative"), in_every_style(top=np.asarray), BY_HAND),
    (standard.SUM_OF_THE_SCORES, [{**NAIVE, "bottom": np.asarray}, {**TEXTBOOK, "bottom": np.asarray}], BY_HAND),
    (standard.DIVIDED_BY_THE_MEAN,
     [{**style, "total": lambda exps, axis: np.mean(exps, axis=axis, keepdims=True)}
      for style in (NAIVE, TEXTBOOK, WHOLE)], BY_HAND),
    ("divided_by_the_largest", {**NAIVE, "total": lambda exps, axis: np.max(exps, axis=axis, keepdims=True)},
     "The exponentials were divided by the largest of them, so the largest weight is 1. Divide by their sum.", BY_HAND),
    ("sign_turned",
     [*in_every_style(prepare=np.negative),
      *({**style, "top": lambda shifted: np.exp(-shifted)} for style in (TEXTBOOK, WHOLE))],
     "The largest score got the smallest weight: there is a minus sign too many before the exponential.", BY_HAND),
    ("scores_divided_by_the_largest",
     [{**NAIVE, "prepare": lambda scores: scores / np.max(scores, axis=-1, keepdims=True)},
      {**NAIVE, "prepare": lambda scores: scores / np.max(scores)},
      divided_by_the_largest, partial(divided_by_the_largest, size=np.abs)],
     "The scores were divided by the largest one. That changes the weights; subtracting it does not."),
    ("sigmoid_for_softmax", {**NAIVE, "top": lambda scores: 1 / (1 + np.exp(-scores)), "total": lambda exps, axis: 1.0},
     "This is the sigmoid, of each score by itself. A softmax compares the scores of a row: exponentials divided by "
     "their sum.", BY_HAND),
    ("scores_rescaled", rescaled,
     "The scores were shifted and stretched to 0 … 1. A softmax takes exponentials, and divides them by their "
     "sum.", BY_HAND),
    ("small_number_added",
     [{**style, "total": partial(raised, by=by)} for style in (TEXTBOOK, WHOLE) for by in (1e-2, 1.0)],
     "A number was added to the sums, so the weights sum to less than one. Divide by the sum itself, and by 1 "
     "where it is 0.", NOTHING),
    ("another_base", [{**style, "top": base} for base in (np.exp2, lambda x: 10.0**x) for style in (NAIVE, TEXTBOOK, WHOLE)],
     "These are powers of another number than e. Take the exponentials with np.exp.", BY_HAND),
    ("hard_maximum",
     [{"top": lambda shifted: (shifted == 0) * 1.0, "total": lambda exps, axis: 1.0},
      {"shift": largest, "top": lambda shifted: (shifted == 0) * 1.0, "total": lambda exps, axis: 1.0}, only_the_largest],
     "The largest score got all the weight. A softmax shares it out: exponentials divided by their sum.", BY_HAND),
    ("first_axis_looped", [partial(by_first_axis, **style) for style in (WHOLE, TEXTBOOK, NAIVE)],
     "The loop goes through the first axis, whatever `axis` says. Leave the loop out: sums and maxima take axis=axis "
     "and keepdims=True."),
    ("shifted_scores_returned",
     [{"top": np.asarray, "total": lambda exps, axis: 1.0}, {**TEXTBOOK, "top": np.asarray, "total": lambda exps, axis: 1.0}],
     "These are the scores less their largest. What is missing are the exponentials, and the division by their sum."),
    ("input_returned", {**NAIVE, "top": np.asarray, "total": lambda exps, axis: 1.0},
     "These are the scores as they came in. Return the weights that you computed of them."),
    (standard.ZEROS_RETURNED, [{"finish": np.zeros_like}, {"finish": np.zeros_like, "shift": largest}]),
    ("logarithms_returned",
     [log_softmax, partial(log_softmax, shift=largest), partial(log_softmax, shift=nothing),
      partial(log_softmax, total=total_or_one)],
     "These are the logarithms of the weights. Return the weights themselves."),
)
# fmt: on
SOFTMAX = Check(
    name="softmax",
    claim="gives_shares_of_one_whatever_the_scores",
    title="A softmax that survives",
    function="softmax",
    forbidden=NOT_A_LIBRARY,
    inputs=softmax_inputs,
    reference=softmax,
    second_route=softmax_by_loops,
    returns=("weights",),
    points={"weights": 4},
    read=SOFTMAX_SAFE,
    survives=("1000 and -inf in one row", "a row of nothing but -inf", "rows of one score", "rows without scores"),
    hints=(
        "Begin with ordinary scores: exponentials divided by their sum along `axis`. With `keepdims=True` a sum stays "
        "beside its own row, whatever the axis.",
        "exp(1000) is too large for a float. The weights depend on differences only, so subtract from each row its own "
        "largest score first.",
        "A row of nothing but `-inf` has largest score `-inf`, and `-inf` minus `-inf` is NaN: subtract 0 there. Its "
        "exponentials are then all 0, and so is their sum: divide by 1 there.",
        "`largest = np.max(scores, axis=axis, keepdims=True, initial=-np.inf)` also serves where there are no scores; then "
        "`np.where(largest == -np.inf, 0, largest)`, and the same idea for a total of 0.",
    ),
    misconceptions=SOFTMAX_MISTAKES,
    properties=(
        SumsToOne("three rows", "weights", "Your rows do not sum to one."),
        Same(
            "three rows",
            "three rows, near 1000, 0 and -1000",
            "weights",
            (0, 1, 2),
            0,
            "One number added to all the scores of a row must not change its weights; with 1000 or -1000, yours change.",
            given="three rows",
        ),
    ),
    advice={
        **EMPTY_MAX,
        r"^weights is (NaN|infinite)": "Which row is it? Look at one near 1000 or -1000, at one of nothing but -inf, and at rows "
        "without scores.",
        r"times a number of its own, 0\.999": "That is a little less than 1: was a small number added to the sums? Divide by "
        "the sum itself, and by 1 where it is 0.",
        r"truth value of an array": "`if`, like Python's own max, wants one number, and here there is one for each row. To choose "
        "row by row use np.where; for the largest, np.max with axis=axis and keepdims=True.",
        r"^weights has shape .*; expected \(3, 0\)": "That is the case of rows without scores: the result is as empty as they are.",
    },
    stale=("weights", "exps", "scores", "largest", "total", "exp_scores"),
    rtol=1e-5,  # so that what is added to a sum, 1e-4 for instance, shows
)


# ---------------------------------------------------------------- 2 dot scores
def refuses(make: Callable, *sizes: int) -> int:
    """Call make(): return 3 for a ValueError with all sizes in its message, 2 for another ValueError, 1 for another error, 0 for none."""
    try:
        make()
    except ValueError as error:
        return 3 if {str(size) for size in sizes} <= set(re.findall(r"\d+", str(error))) else 2
    except Exception:
        return 1
    return 0


def dot(
    s_t: Array,
    H: Array | None,
    misfit: Array,
    *,
    formula: Callable = lambda s_t, H: H @ s_t,
    scale: Callable = as_it_is,
    weigh: Callable = as_it_is,
    pick: Callable = as_it_is,
    refuse: Callable = refuses,
) -> tuple[Array, Array]:
    """Return s_t . h_i for each row of H, and how encoder states of another size are refused."""

    def run(H: Array) -> Array:
        return pick(weigh(scale(formula(s_t, H), s_t, H)))

    scores = run(or_empty(H, 0, len(s_t)))
    code = refuse(lambda: run(misfit), len(s_t), misfit.shape[1])
    return scores, np.array([float(code)])


def products_by_loops(s_t: Array, H: Array) -> Array:
    """Return the dot products as sums of products."""
    if H.shape[1] != len(s_t):
        raise ValueError(f"{len(s_t)} is not {H.shape[1]}")
    return np.array([math.fsum(s * h for s, h in zip(s_t, h_i, strict=True)) for h_i in H])


def dot_by_loops(s_t: Array, H: Array | None, misfit: Array) -> tuple[Array, Array]:
    """Return the same from loops."""
    return dot(s_t, H, misfit, formula=products_by_loops)


def always(code: int) -> Callable:
    """Return a step that refuses every misfit in the same way."""
    return lambda make, *sizes: code


def one_if_any(scores: Array, row: int, none: Any) -> Any:
    """Return one score, or something else where there is none."""
    return scores[row] if len(scores) else none


def one_late(scores: Array) -> Array:
    """Return the scores one place later, a 0 in front."""
    return np.append(0.0, scores)[: len(scores)]


def dot_scores_inputs(rng: np.random.Generator) -> Cases:
    """Draw five states of three numbers, a square H, one state, none; each with encoder states of another size."""

    def draw(T: int, d: int, misfit: tuple[int, int]) -> Inputs:
        H = normal(rng, T, d) if T else None
        return {"s_t": normal(rng, d), "H": H, "misfit": normal(rng, *misfit)}

    return {
        "five states": draw(5, 3, (3, 5)),
        "as many states as numbers in one": draw(3, 3, (5, 1)),
        "one state": draw(1, 6, (2, 5)),
        "no states": draw(0, 5, (3, 1)),
    }


def lengths(a: Array) -> Array:
    """Return the length of each vector."""
    return np.linalg.norm(a, axis=-1)


CODES = {
    r"^error_for_other_sizes": "(3 stands for a ValueError that names both sizes, 2 for one that does not, 1 for another error, 0 "
    "for none.)"
}


def refusals(answer: Callable, formulas: list[dict]) -> tuple[Misconception, ...]:
    """Return the mistakes in refusing states of different sizes, the rest being right."""
    # fmt: off
    return mistakes(answer, NAMES,
        ("sizes_not_compared", formulas,
         "Right where the sizes agree. Where they differ no ValueError came: zip and loops cut, `*` and einsum stretch "
         "a size of 1, an index fails with another error. Raise one, as `@` does."),
        ("another_kind_of_error", {"refuse": always(1)},
         "The numbers are right, but states of different sizes ended in an error that is no ValueError. `assert` "
         "raises an AssertionError, an index an IndexError: use `@`, or `raise ValueError(…)`."),
        ("sizes_not_named", {"refuse": always(2)},
         "The numbers are right, but the message of the ValueError does not name both sizes, so its reader has to "
         "search."),
    )
    # fmt: on


# fmt: off
DOT_SCORES_MISTAKES = (
    *mistakes(dot, BY_HAND,
        ("not_summed", ways_of("formula", lambda s_t, H: H * s_t),
         "`*` multiplies number by number and leaves T rows of products. A score is their sum, one number for each "
         "row.", "partly"),
        ("summed_over_the_states", ways_of("formula", lambda s_t, H: (H * s_t).sum(axis=0)),
         "The products were added up over the states, which leaves one number for each entry of a state. Add along the "
         "rows: one number for each state.", "partly"),
        ("everything_summed", ways_of("formula", lambda s_t, H: np.sum(H * s_t)),
         "All products were added up into one number. Each state needs a score of its own: sum along the last "
         "axis.", "partly"),
        ("rows_and_columns_exchanged", ways_of("formula", lambda s_t, H: s_t @ H),
         "`s_t @ H`, or `H.T @ s_t`, multiplies s_t with the columns of H, which runs only where T = d. The states are "
         "its rows.", "partly"),
        (standard.SCALED(instead="That is chapter 4's scale; here nothing is divided."),
         {"scale": lambda scores, s_t, H: scores / math.sqrt(len(s_t))}, NAMES, "partly"),
        (standard.MEAN_OF_THE_PRODUCTS, ways_of("formula", lambda s_t, H: (H * s_t).mean(axis=-1)), "partly"),
        ("cosine",
         ways_of("scale", lambda scores, s_t, H: scores / lengths(H) / lengths(s_t),
             lambda scores, s_t, H: scores / lengths(H), lambda scores, s_t, H: scores / lengths(s_t)),
         "The scores were divided by the lengths of the vectors (cosine similarity). The dot score divides by "
         "nothing.", NAMES, "partly"),
        (standard.SOFTMAX_ALREADY(instead="the dot products themselves"),
         ways_of("weigh", normalise, partial(normalise, **TEXTBOOK)), FORMULA, "partly"),
        ("distance",
         ways_of("formula", lambda s_t, H: lengths(H - s_t), lambda s_t, H: -lengths(H - s_t),
             lambda s_t, H: lengths(H - s_t) ** 2, lambda s_t, H: -(lengths(H - s_t) ** 2)),
         "These are distances between the vectors. The dot score multiplies entry by entry and adds up.", "partly"),
        ("last_state_only",
         ways_of("pick", lambda scores: scores[-1], lambda scores: scores[0],
             *(partial(one_if_any, row=row, none=none) for row, none in ((0, None), (-1, np.zeros(0)), (0, np.zeros(0))))),
         "Only one state was compared. Every row of H needs a score. Is `return` inside the loop?", "partly"),
        ("one_state_left_out", ways_of("pick", lambda scores: scores[1:], lambda scores: scores[:-1]),
         "The first or the last state got no score: range(len(H)) counts all of them, from 0.", "partly"),
        ("as_many_scores_as_numbers_in_a_state",
         ways_of("formula", lambda s_t, H: np.array([H[i] @ s_t for i in range(len(s_t))])),
         "The loop runs over the size of a state. It has to run over the states: len(H) of them.", "partly"),
        ("last_product_only", ways_of("formula", lambda s_t, H: H[:, -1] * s_t[-1], lambda s_t, H: H[:, 0] * s_t[0]),
         "Each score is one product only, of the last or the first numbers. Add up the products of all numbers: in a "
         "loop, `+=`, and `return` or append below it.", "partly"),
        ("one_product_left_out",
         ways_of("formula", lambda s_t, H: H[:, :-1] @ s_t[:-1], lambda s_t, H: H[:, 1:] @ s_t[1:]),
         "In each score one product is missing, of the last or the first numbers: range(len(s_t)) counts all of them, "
         "from 0.", "partly"),
        (standard.NOT_RESET(what="score", of="row of H"), {"pick": np.cumsum}, "partly"),
        ("stored_before_the_product", {"pick": one_late},
         "The scores stand one place too late: each was stored before its product was computed. Compute first, then "
         "store.", "partly"),
        (standard.EACH_TWICE(what="score"), {"pick": lambda scores: np.repeat(scores, 2)}, "partly"),
        (standard.ZEROS_RETURNED, {"pick": np.zeros_like}, "partly"),
        ("only_the_first_filled", {"pick": lambda scores: np.where(np.arange(len(scores)) == 0, scores, 0)},
         "All scores are 0 but the first: `return` stands inside the loop. Move it to the left, below the "
         "loop.", "partly"),
        ("sorted", [{"pick": np.sort}, {"pick": lambda scores: -np.sort(-scores)}],
         "The scores were sorted, so nobody knows any more which belongs to which state. Leave them in the order of the "
         "rows of H.", "partly"),
        ("states_alone_summed", {"formula": lambda s_t, H: H.sum(axis=1)},
         "The numbers of each state were added up without s_t. Each is multiplied by the number of s_t in its place "
         "first.", "partly"),
        ("argument_returned", {"formula": lambda s_t, H: s_t},
         "This is s_t, as it came in. Return the scores that you computed of it.", "partly"),
        ("absolute_values", ways_of("scale", lambda scores, s_t, H: np.abs(scores), lambda scores, s_t, H: scores**2),
         "The sign is lost: an absolute value or a square was taken. A negative score says that two states do not fit.", "partly"),
    ),
    *refusals(dot,
        [{"refuse": always(0)}] + ways_of("formula", lambda s_t, H: (H * s_t).sum(axis=-1),
            lambda s_t, H: np.array([sum(s_t[j] * h[j] for j in range(len(s_t))) for h in H]),
            lambda s_t, H: np.array([sum(s_t[j] * h[j] for j in range(len(h))) for h in H]))),
)
# fmt: on
DOT_SCORES = Check(
    name="dot_scores",
    claim="compares_the_decoder_state_with_every_encoder_state",
    title="Dot scores",
    function="dot_scores",
    inputs=dot_scores_inputs,
    reference=dot,
    second_route=dot_by_loops,
    returns=("scores", "error_for_other_sizes"),
    points={"scores": 2, "error_for_other_sizes": 1},
    read=BY_HAND,
    survives=("one state", "no states"),
    hints=(
        "One score for each row of `H`: that row times `s_t`, number by number, added up.",
        "A matrix `(T, d)` times a vector `(d,)` gives `T` dot products at once. Which of `H @ s_t` and `s_t @ H` has these shapes?",
        "`H @ s_t`. When the sizes differ, `@` raises the ValueError by itself.",
    ),
    misconceptions=DOT_SCORES_MISTAKES,
    advice={**NO_ROW, **ONE_NUMBER, **CODES},
    stale=("scores", "score", "weights", "e_t"),
)


# ---------------------------------------------------------------- 3 general scores
def general(
    s_t: Array,
    H: Array | None,
    W: Array,
    *,
    ask: Callable = lambda s_t, W, H: s_t @ W,
    score: Callable = lambda q, H, W: H @ q,
    scale: Callable = as_it_is,
    squash: Callable = as_it_is,
    weigh: Callable = as_it_is,
    pick: Callable = as_it_is,
) -> Array:
    """Return s_t^T W h_i for each row of H."""
    H = or_empty(H, 0, W.shape[1])
    return pick(weigh(squash(scale(score(ask(s_t, W, H), H, W), W))), s_t, H)


def general_by_einsum(s_t: Array, H: Array | None, W: Array) -> Array:
    """Return the same as a sum over two indices."""
    return np.einsum("a,ab,tb->t", s_t, W, or_empty(H, 0, W.shape[1]))


def general_scores_inputs(rng: np.random.Generator) -> Cases:
    """Draw states of different sizes, all sizes alike, one state, none."""

    def draw(T: int, d_s: int, d_h: int) -> Inputs:
        return {"s_t": normal(rng, d_s), "H": normal(rng, T, d_h), "W": normal(rng, d_s, d_h, scale=1 / math.sqrt(d_s))}

    return {
        "five states, sizes 3 and 6": draw(5, 3, 6),
        "all sizes alike": draw(3, 3, 3),
        "one state": draw(1, 5, 2),
        "no states": {**draw(1, 2, 5), "H": None},
    }


# fmt: off
GENERAL_SCORES_MISTAKES = mistakes(general, NAMES,
    ("W_transposed",
     [{"ask": lambda s_t, W, H: W @ s_t}, {"ask": lambda s_t, W, H: W @ s_t if len(H) else s_t @ W},
      {"ask": lambda s_t, W, H: W @ s_t if W.shape[0] == W.shape[1] else s_t @ W}],
     "W was used the wrong way round, which runs only where both states have one size. In s_t^T W h_i the decoder "
     "state stands before W, and h_i behind it."),
    ("W_ignored", {"ask": lambda s_t, W, H: s_t},
     "These are dot scores: W was not used. It also lets the two states have different sizes."),
    (standard.SOFTMAX_ALREADY(instead="the scores themselves"),
     [{"weigh": normalise}, {"weigh": partial(normalise, **TEXTBOOK)}], FORMULA),
    (standard.SCALED(instead="That is chapter 4's scale; here nothing is divided."),
     [{"scale": lambda scores, W: scores / math.sqrt(W.shape[1])},
      {"scale": lambda scores, W: scores / math.sqrt(W.shape[0])}]),
    ("tanh_added",
     [{"squash": np.tanh}, {"ask": lambda s_t, W, H: np.tanh(s_t @ W)},
      {"ask": lambda s_t, W, H: s_t, "score": lambda q, H, W: np.tanh(H @ W.T) @ q}],
     "A tanh was applied. The general score has none; it belongs to concat, and to the attentional state."),
    ("not_summed", {"score": lambda q, H, W: H * q},
     "`*` leaves T rows of products. A score is one number for each row: their sum."),
    ("summed_over_the_states", {"score": lambda q, H, W: (H * q).sum(axis=0)},
     "The products were added up over the states, which leaves one number for each entry of a state. Each state needs "
     "one score."),
    ("everything_summed", {"score": lambda q, H, W: np.sum(H @ q)},
     "All scores were added up into one number. Each state needs a score of its own."),
    ("only_projected",
     [{"score": lambda q, H, W: q}, {"ask": lambda s_t, W, H: s_t, "score": lambda q, H, W: H @ W.T}],
     "One of the two states was multiplied by W, but not compared with the other yet: a dot product is missing."),
    (standard.MEAN_OF_THE_PRODUCTS, {"score": lambda q, H, W: (H * q).mean(axis=-1)}),
    ("last_state_only",
     ways_of("pick", lambda scores, *_: scores[-1], lambda scores, *_: scores[0],
         *((lambda scores, *_, row=row, none=none: one_if_any(scores, row, none))
           for row, none in ((0, None), (-1, np.zeros(0)), (0, np.zeros(0))))),
     "Only one state was compared. Every row of H needs a score. Is `return` inside the loop?"),
    ("one_state_left_out", ways_of("pick", lambda scores, *_: scores[1:], lambda scores, *_: scores[:-1]),
     "The first or the last state got no score: range(len(H)) counts all of them, from 0."),
    ("as_many_scores_as_numbers_in_a_state",
     ways_of("pick", lambda scores, s_t, H: np.array([scores[i] for i in range(len(s_t))]),
         lambda scores, s_t, H: np.array([scores[i] for i in range(H.shape[1])])),
     "The loop runs over the size of a state. It has to run over the states: len(H) of them."),
    (standard.NOT_RESET(what="score", of="row of H"), {"pick": lambda scores, *_: np.cumsum(scores)}),
    (standard.EACH_TWICE(what="score"), {"pick": lambda scores, *_: np.repeat(scores, 2)}),
    (standard.ZEROS_RETURNED, {"pick": lambda scores, *_: np.zeros_like(scores)}),
)
# fmt: on
GENERAL_SCORES = Check(
    name="general_scores",
    claim="lets_a_matrix_stand_between_the_two_states",
    title="General scores",
    function="general_scores",
    inputs=general_scores_inputs,
    reference=general,
    second_route=general_by_einsum,
    returns=("scores",),
    points={"scores": 2},
    read=NAMES,
    survives=("one state", "no states"),
    hints=(
        "`W` turns `s_t` into a vector as long as an encoder state. Then it is dot scores again.",
        "`s_t` has `d_s` numbers and `W` is `(d_s, d_h)`. Which product of the two has `d_h` numbers?",
        "`s_t @ W` (or `W.T @ s_t`) has `d_h` numbers; compare it with every row of `H`.",
    ),
    misconceptions=GENERAL_SCORES_MISTAKES,
    advice={
        **NO_ROW,
        r"size (\d+) is different from (\d+)": (
            "The two states differ in size, \\2 and \\1. W stands between them and makes them fit: where does this product use it?",
            r"not code \bW\b",
            r"length s_t \1",
        ),
    },
    uses=("dot_scores",),
    stale=("scores", "score", "weights", "projected"),
)


# ---------------------------------------------------------------- 4 attention value
def weighed(weights: Array, H: Array) -> Array:
    """Return the rows, each times its weight."""
    return weights[:, np.newaxis] * H


def value(
    weights: Array | None,
    H: Array | None,
    *,
    prepare: Callable = as_it_is,
    weigh: Callable = weighed,
    reduce: Callable = lambda rows: rows.sum(axis=0),
) -> Array:
    """Return the weighted sum of the rows of H; the zero vector where there is none."""
    return reduce(weigh(prepare(or_empty(weights, 0)), or_empty(H, 0, 3)))


def whole(mix: Callable) -> dict[str, Callable]:
    """Return steps of `value` that do all in one: mix(weights, H)."""
    return {"weigh": mix, "reduce": as_it_is}


def value_by_loops(weights: Array | None, H: Array | None) -> Array:
    """Return the same, one number after the other."""
    weights, H = or_empty(weights, 0), or_empty(H, 0, 3)
    return np.array([math.fsum(w * h for w, h in zip(weights, column, strict=True)) for column in H.T])


def attention_value_inputs(rng: np.random.Generator) -> Cases:
    """Draw weights that sum to one and states; one state with all the weight; one with none; no states."""
    return {
        "five states": {"weights": shares(rng, 5), "H": normal(rng, 5, 3)},
        "as many states as numbers in one": {"weights": shares(rng, 3), "H": normal(rng, 3, 3)},
        "one state": {"weights": np.array([1.0]), "H": normal(rng, 1, 6)},
        "one state, and no weight for it": {"weights": np.array([0.0]), "H": normal(rng, 1, 5)},
        "no states": {"weights": None, "H": None},
    }


def by_own_sum(weights: Array, H: Array) -> Array:
    """Return the weighted sum divided by the sum of the weights."""
    return weights @ H / weights.sum()


def starting_at_zero(weights: Array, H: Array) -> Any:
    """Return what Python's sum gives: the number 0 for no rows."""
    return sum(w * h for w, h in zip(weights, H, strict=True))


def best_if_any(weights: Array, H: Array) -> Array:
    """Return the state with the largest weight, zeros where there is none."""
    return H[np.argmax(weights)] if len(H) else np.zeros(H.shape[1])


def best_if_any_weight(weights: Array, H: Array) -> Array:
    """Return the state with the largest weight, zeros where none has weight."""
    return H[np.argmax(weights)] if weights.any() else np.zeros(H.shape[1])


# fmt: off
ATTENTION_VALUE_MISTAKES = mistakes(value, BY_HAND,
    (standard.PLAIN_MEAN, {"weigh": lambda weights, H: H, "reduce": lambda rows: rows.mean(axis=0)}),
    (standard.PLAIN_SUM, {"weigh": lambda weights, H: H}),
    ("mean_of_weighted_states", [{"reduce": lambda rows: rows.mean(axis=0)}, {"reduce": lambda rows: rows.sum(axis=0) / max(len(rows), 1)}],
     "The weighted states were averaged, so the result is divided by T. The weights sum to one already: add up."),
    ("summed_over_the_features",
     ways_of("reduce", lambda rows: rows.sum(axis=1), lambda rows: rows.mean(axis=1),
         lambda rows: rows.sum(axis=1) / max(len(rows), 1)),
     "The sum, or a mean, ran along each state and left one number for each of them. Add up over the states, axis=0, "
     "and divide by nothing: one vector is left."),
    ("everything_summed", {"reduce": np.sum},
     "Everything was added up into one number. Sum over the states only, axis=0."),
    ("not_summed", {"reduce": as_it_is},
     "Each state was multiplied by its weight. What is missing is the sum over the states."),
    ("wrong_side", whole(lambda weights, H: H @ weights),
     "`H @ weights` adds along each state and runs only where T = d. The sum has to run over the states: on which side "
     "do the weights stand then?"),
    ("weights_along_the_features",
     [{"weigh": lambda weights, H: weights * H}, {"weigh": lambda weights, H: weights * H, "reduce": as_it_is}],
     "`weights * H` lays the weights along the numbers of each state. Each belongs to a row: make a column (T, 1) of "
     "them first. The sum over the states comes after that."),
    ("softmax_again", [{"prepare": normalise}, {"prepare": partial(normalise, **TEXTBOOK)}],
     "The weights went through the softmax again. They are weights already: use them as they come."),
    ("only_the_best_state",
     [whole(lambda weights, H: H[np.argmax(weights)]), whole(best_if_any), whole(best_if_any_weight),
      whole(lambda weights, H: weights.max() * H[np.argmax(weights)])],
     "Only the state with the largest weight was taken. A soft lookup mixes all of them.", LOOKUP),
    ("last_state",
     [whole(lambda weights, H: H[-1]), whole(lambda weights, H: weights[-1] * H[-1]),
      whole(lambda weights, H: weights[-1:] @ H[-1:])],
     "Only the last state is in your result. Add up all of them; in a loop, `+=` keeps what was there before."),
    ("weights_used_twice", {"prepare": np.square},
     "Each state was multiplied by its weight twice. Once is enough."),
    ("first_state_alone",
     [{"reduce": lambda rows: rows[0]}, {"reduce": lambda rows: rows[:1].sum(axis=0)}, whole(lambda weights, H: H[0])],
     "Only the first state is in your result: is `return` inside the loop? Add up all of them."),
    (standard.ZEROS_RETURNED(it="what you return", more=" (In a loop, `value + …` alone is lost; `value += …` keeps it.)"),
     {"reduce": lambda rows: np.zeros(rows.shape[1])}),
    ("largest_number", {"reduce": lambda rows: rows.max(axis=0)},
     "The largest of the weighted numbers was taken. They are added up."),
    ("one_state_left_out",
     [{"reduce": lambda rows: rows[1:].sum(axis=0)}, {"reduce": lambda rows: rows[:-1].sum(axis=0)}],
     "The first or the last state was left out: range(len(H)) counts all of them, from 0."),
    ("divided_by_the_sum_of_the_weights", whole(by_own_sum),
     "Right, except where there is no weight at all: dividing by the sum of the weights is 0 / 0 there. Do not divide; "
     "the value is then the zero vector.", NOTHING),
    ("average_stops", whole(lambda weights, H: np.average(H, axis=0, weights=weights)),
     "Right, except where there is no weight at all: np.average divides by the sum of the weights and stops at 0. The "
     "value is then the zero vector.", NOTHING),
    ("no_vector_for_no_states",
     [whole(starting_at_zero), whole(lambda weights, H: weights @ H if len(H) else None)],
     "Right, except for no states: there the value is the zero vector, np.zeros(H.shape[1]). (A sum that begins with "
     "the number 0 stays a number.)", NOTHING),
)
# fmt: on
ATTENTION_VALUE = Check(
    name="attention_value",
    claim="is_the_weighted_sum_of_the_encoder_states",
    title="Attention value",
    function="attention_value",
    inputs=attention_value_inputs,
    reference=value,
    second_route=value_by_loops,
    returns=("value",),
    points={"value": 2},
    read=BY_HAND,
    survives=("one state", "no states"),
    hints=(
        "Each state is multiplied by its own weight, and the results are added up: one vector, as long as a state.",
        "With a loop: begin with `np.zeros(H.shape[1])` and add `weights[i] * H[i]` for every `i`.",
        "Without one: which of `weights @ H` and `H @ weights` has shapes that fit, `(T,)` and `(T, d)`?",
    ),
    misconceptions=ATTENTION_VALUE_MISTAKES,
    advice={
        **NO_ROW,
        **EMPTY_MAX,
        r"could not be broadcast": "The value has as many numbers as one state, H.shape[1]; and a weight goes with its own row of H.",
    },
    stale=("value", "values", "a_t", "context", "weighted"),
)


# ---------------------------------------------------------------- 5 attentional state
def joined(
    s_t: Array,
    a_t: Array,
    W_c: Array,
    b_c: Array,
    *,
    order: Callable = lambda s_t, a_t: (a_t, s_t),
    product: Callable = lambda W_c, both: W_c @ both,
    add: Callable = lambda z, b_c: z + b_c,
    squash: Callable = np.tanh,
    after: Callable = as_it_is,
) -> Array:
    """Return tanh(W_c [a_t; s_t] + b_c)."""
    return after(squash(add(product(W_c, np.concatenate(order(s_t, a_t))), b_c)), b_c)


def joined_by_blocks(s_t: Array, a_t: Array, W_c: Array, b_c: Array) -> Array:
    """Return the same with W_c cut into the part for the value and the part for the state."""
    z = np.einsum("ij,j->i", W_c[:, : len(a_t)], a_t) + np.einsum("ij,j->i", W_c[:, len(a_t) :], s_t) + b_c
    return (np.exp(2 * z) - 1) / (np.exp(2 * z) + 1)


def attentional_state_inputs(rng: np.random.Generator) -> Cases:
    """Draw a state and a value of different sizes, as many outputs as inputs, and equal sizes."""

    def draw(d_s: int, d_h: int, d: int) -> Inputs:
        W_c = normal(rng, d, d_h + d_s, scale=1 / math.sqrt(d_h + d_s))
        return {"s_t": normal(rng, d_s), "a_t": normal(rng, d_h), "W_c": W_c, "b_c": normal(rng, d, scale=0.7)}

    return {
        "sizes 3 and 5": draw(3, 5, 6),
        "as many numbers out as in": draw(2, 3, 5),
        "equal sizes": draw(3, 3, 2),
    }


def softmax_of(z: Array) -> Array:
    """Return the softmax of a vector."""
    return normalise(z)


# fmt: off
ATTENTIONAL_STATE_MISTAKES = mistakes(joined, BY_HAND,
    ("state_first", {"order": lambda s_t, a_t: (s_t, a_t)},
     "The state came first. The shapes do not complain, but W_c expects the value first: [a_t; s_t]."),
    ("tanh_forgotten", {"squash": np.asarray},
     "The tanh is missing: some of your numbers are not between -1 and 1, or could leave that range."),
    ("bias_forgotten", {"add": as_it_is},
     "The bias b_c is missing. Add it after the product, before the tanh."),
    ("bias_and_tanh_forgotten", {"add": as_it_is, "squash": np.asarray},
     "Bias and tanh are both missing: tanh(W_c [a_t; s_t] + b_c)."),
    ("bias_outside_the_tanh", {"add": as_it_is, "after": lambda state, b_c: state + b_c},
     "The bias was added after the tanh. It belongs inside: tanh(W_c [a_t; s_t] + b_c)."),
    (standard.BIAS_SUBTRACTED, {"add": lambda z, b_c: z - b_c}),
    ("W_c_transposed",
     [{"product": lambda W_c, both: both @ W_c}, {"product": lambda W_c, both: both @ W_c, "order": lambda s_t, a_t: (s_t, a_t)}],
     "The vector stood on the left of W_c, which runs only where W_c is square. In the formula the matrix stands on "
     "the left."),
    (standard.MULTIPLIED_BY_ENTRY, {"product": lambda W_c, both: W_c * both}),
    ("tanh_too_early",
     [{"order": lambda s_t, a_t: (np.tanh(a_t), np.tanh(s_t)), "squash": np.asarray},
      {"order": lambda s_t, a_t: (np.tanh(a_t), np.tanh(s_t))}, {"order": lambda s_t, a_t: (np.tanh(a_t), s_t)}],
     "A tanh was applied before the product. It comes last, once: tanh(W_c [a_t; s_t] + b_c)."),
    ("another_function",
     [{"squash": lambda z: 1 / (1 + np.exp(-z))}, {"squash": lambda z: np.maximum(z, 0)}, {"squash": softmax_of},
      {"squash": lambda z: 1 - np.tanh(z) ** 2}],
     "Another function than tanh was applied: a sigmoid, a ReLU, a softmax or the slope of tanh."),
    ("only_the_value", [{"order": lambda s_t, a_t: (a_t, 0 * s_t)}, {"order": lambda s_t, a_t: (0 * a_t, s_t)}],
     "Only one of the two vectors has an effect on your result. Both go in, end to end."),
    ("one_vector_twice", [{"order": lambda s_t, a_t: (s_t, s_t)}, {"order": lambda s_t, a_t: (a_t, a_t)}],
     "The same vector went in twice. Join the value a_t and the state s_t."),
    ("joined_vector_returned", lambda s_t, a_t, W_c, b_c: np.concatenate([a_t, s_t]),
     "This is the joined vector [a_t; s_t]. It still has to go through W_c, b_c and tanh."),
    ("everything_summed", {"product": lambda W_c, both: np.sum(W_c * both)},
     "np.sum without an axis made one number of the whole matrix. Each number needs the sum of its own row of W_c: "
     "`W_c @ …`."),
    ("argument_returned", [lambda s_t, a_t, W_c, b_c: a_t, lambda s_t, a_t, W_c, b_c: s_t],
     "This is one of the two vectors as it came in. Return what W_c, b_c and tanh make of both."),
    (standard.ONE_RETURNED(what="entry"),
     [{"after": lambda state, b_c: state[-1]}, {"after": lambda state, b_c: state[0]}]),
    (standard.ZEROS_RETURNED, {"after": lambda state, b_c: np.zeros_like(state)}),
)
# fmt: on
ATTENTIONAL_STATE = Check(
    name="attentional_state",
    claim="joins_the_value_and_the_state",
    title="Attentional state",
    function="attentional_state",
    inputs=attentional_state_inputs,
    reference=joined,
    second_route=joined_by_blocks,
    returns=("state",),
    points={"state": 2},
    read=BY_HAND,
    hints=(
        "Three steps: put the two vectors end to end, the value first; multiply by `W_c` and add `b_c`; apply tanh.",
        "`np.concatenate` takes a list or a tuple of arrays: `np.concatenate([first, second])`.",
        "`np.tanh(W_c @ np.concatenate([…, …]) + b_c)`, with the value before the state.",
    ),
    misconceptions=ATTENTIONAL_STATE_MISTAKES,
    advice={
        r"only (0-dimensional arrays|length-1 arrays|size-1 arrays) can be converted": "math.tanh and float take one number. Use "
        "np.tanh for a whole vector.",
        r"only integer scalar arrays can be converted": "If it is np.concatenate: it takes one list, np.concatenate([first, second]), with brackets.",
        r"same shape|inhomogeneous shape|all the input array dimensions": "np.concatenate([first, second]) puts two vectors end to "
        "end. A plain list, np.stack and np.vstack make rows of them.",
        r"out of bounds for array of dimension 1": "A vector has one axis only, number 0: leave `axis` out.",
        r"could not be broadcast": "`+` adds entry by entry. To put a_t and s_t end to end use np.concatenate.",
    },
    stale=("state", "joined", "both", "concat", "concatenated"),
)


# ---------------------------------------------------------------- 6 one decoder step
def rnn_cell(W_x: Array, W_s: Array, b: Array) -> Callable:
    """Return a tanh RNN's cell, cell(x_t, s_prev) -> s_t."""
    return lambda x_t, s_prev: np.tanh(W_x @ x_t + W_s @ s_prev + b)


def step(
    x_t: Array,
    s_prev: Array,
    H: Array | None,
    W_x: Array,
    W_s: Array,
    b: Array,
    W_c: Array,
    b_c: Array,
    *,
    new: Callable = lambda cell, x_t, s_prev: cell(x_t, s_prev),
    ask: Callable = lambda s_t, s_prev: s_t,
    score: Callable = lambda s, H: H @ s,
    weigh: Callable = normalise,
    mix: Callable = lambda weights, H: weights @ H,
    join: Callable = lambda a_t, s_t, s_prev, weights: (a_t, s_t),
    affine: Callable = lambda W_c, both, b_c: W_c @ both + b_c,
    squash: Callable = np.tanh,
    first: Callable = lambda state, **others: state,
    second: Callable = lambda weights, **others: weights,
    give: Callable = lambda first, second: (first, second),
) -> tuple[Array, ...]:
    """Return (attentional state, weights): cell, scores, softmax, value, attentional state."""
    H = or_empty(H, 0, len(s_prev))
    s_t = new(rnn_cell(W_x, W_s, b), x_t, s_prev)
    scores = score(ask(s_t, s_prev), H)
    weights = weigh(scores)
    a_t = mix(weights, H)
    state = squash(affine(W_c, np.concatenate(join(a_t, s_t, s_prev, weights)), b_c))
    found = {"state": state, "weights": weights, "s_t": s_t, "a_t": a_t, "scores": scores}
    return give(first(**found), second(**found))


def step_by_einsum(
    x_t: Array, s_prev: Array, H: Array | None, W_x: Array, W_s: Array, b: Array, W_c: Array, b_c: Array
) -> tuple[Array, Array]:
    """Return the same with index sums, and W_c in two blocks."""
    H = or_empty(H, 0, len(s_prev))
    s_t = np.tanh(np.einsum("ij,j->i", W_x, x_t) + np.einsum("ij,j->i", W_s, s_prev) + b)
    weights = softmax_by_loops(np.einsum("td,d->t", H, s_t))
    a_t = np.einsum("t,td->d", weights, H)
    d = len(a_t)
    return np.tanh(np.einsum("ij,j->i", W_c[:, :d], a_t) + np.einsum("ij,j->i", W_c[:, d:], s_t) + b_c), weights


def decided(scores: Array) -> bool:
    """Say whether one score of each row is so far above the others that it gets all the weight, in float32 too.

    An exponential that overflows must do so in both kinds of float.
    """
    highest = np.sort(scores, axis=-1)
    alike = ((scores < 80) | (scores > 720)).all()
    return bool(alike and (highest[..., -1] - highest[..., -2]).min() > 50)


def luong_step_inputs(rng: np.random.Generator) -> Cases:
    """Draw five states, all sizes alike, one state, none, five large states with scores beyond 1000."""

    def draw(d_x: int, d: int, T: int) -> Inputs:
        return {
            "x_t": normal(rng, d_x),
            "s_prev": normal(rng, d),
            "H": normal(rng, T, d, scale=1.5) if T else None,
            "W_x": normal(rng, d, d_x, scale=1 / math.sqrt(d_x)),
            "W_s": normal(rng, d, d, scale=0.7 / math.sqrt(d)),
            "b": normal(rng, d, scale=0.5),
            "W_c": normal(rng, d, 2 * d, scale=0.8 / math.sqrt(d)),
            "b_c": normal(rng, d, scale=0.5),
        }

    def large() -> Inputs:
        while True:
            inputs = draw(3, 6, 5)
            inputs["H"] = normal(rng, 5, 6, scale=2000)
            sums, scores = step(**inputs, squash=np.asarray, second=lambda scores, **others: scores)
            # Terms near 1000 that nearly cancel leave a sum that float32 holds to 1e-4 at best; tanh must not show it.
            if decided(scores) and scores.max() > 1000 and np.abs(sums).min() > 20:
                return inputs

    return {
        "five states": draw(2, 6, 5),
        "all sizes alike": draw(3, 3, 3),
        "one state": draw(5, 3, 1),
        "no states": draw(3, 5, 0),
        "five large states": large(),
    }


# fmt: off
LUONG_STEP_MISTAKES = mistakes(step, BY_HAND,
    ("previous_state_asks", {"ask": lambda s_t, s_prev: s_prev},
     "The scores were made with s_prev. Luong's attention asks with s_t, what the cell gives. (Asking with s_prev is "
     "what chapter 3 does.)"),
    ("cell_not_used", {"new": lambda cell, x_t, s_prev: s_prev},
     "The previous state was used everywhere: the cell was not called, or its result was not kept. s_t = cell(x_t, "
     "s_prev)."),
    ("previous_state_joined", {"join": lambda a_t, s_t, s_prev, weights: (a_t, s_prev)},
     "The scores are right, but the value was joined with s_prev. Join it with s_t."),
    ("cell_called_twice", {"new": lambda cell, x_t, s_prev: cell(x_t, cell(x_t, s_prev))},
     "The cell ran twice, the second time on its own result. One step calls it once."),
    ("arguments_of_the_cell_swapped", {"new": lambda cell, x_t, s_prev: cell(s_prev, x_t)},
     "The cell was given s_prev and x_t in the wrong order, which runs only where they have one size: cell(x_t, "
     "s_prev)."),
    ("state_returned", {"first": lambda s_t, **others: s_t},
     "You returned the cell's s_t. Return the attentional state, what attentional_state makes of s_t and the value."),
    ("value_returned", {"first": lambda a_t, **others: a_t},
     "You returned the attention value. It still has to be joined with s_t and go through attentional_state."),
    (standard.SCORES_RETURNED(output="The attentional state is"),
     {"second": lambda scores, **others: scores}),
    ("value_in_place_of_the_weights", {"second": lambda a_t, **others: a_t},
     "The attentional state is right. The second thing you return is the attention value; return the weights."),
    (standard.RETURNED_BACKWARDS(order="the attentional state, then the weights"),
     {"give": lambda first, second: (second, first)}),
    ("weights_joined", {"join": lambda a_t, s_t, s_prev, weights: (weights, s_t)},
     "The weights were joined with s_t, which runs only where T = d. What is joined is the value, the mixture that the "
     "weights make.", WRONG),
    ("state_first", {"join": lambda a_t, s_t, s_prev, weights: (s_t, a_t)},
     "The weights are right, but the state stood before the value: attentional_state takes s_t, then a_t, and joins "
     "[a_t; s_t]."),
    ("previous_state_in_place_of_the_value",
     [{"join": lambda a_t, s_t, s_prev, weights: (s_t, s_prev)},
      {"join": lambda a_t, s_t, s_prev, weights: (s_prev, s_t)}],
     "The weights are right, but the two states were joined with each other, s_t and s_prev. The attention value has "
     "no effect then: join it with s_t."),
    ("tanh_forgotten", {"squash": np.asarray}, "The tanh of the attentional state is missing."),
    ("tanh_twice", {"squash": lambda z: np.tanh(np.tanh(z))},
     "A second tanh was applied to the attentional state. attentional_state has applied it already."),
    (standard.NO_MAXIMUM_SUBTRACTED(task="task 3"), {"weigh": lambda scores: normalise(scores, **NAIVE)}, SOFTMAX_SAFE),
    ("bias_forgotten", {"affine": lambda W_c, both, b_c: W_c @ both},
     "The bias b_c of the attentional state is missing."),
    (standard.SCALED(instead="Luong's dot score is not divided; chapter 4's is."),
     {"score": lambda s, H: H @ s / math.sqrt(len(s))}, NAMES),
    (standard.NO_SOFTMAX, {"weigh": np.asarray}),
    (standard.SOFTMAX_TWICE, {"weigh": lambda scores: normalise(normalise(scores))}),
    (standard.WEIGHTS_NOT_NORMALISED,
     [{"weigh": np.exp}, {"weigh": lambda scores: np.exp(scores - np.max(scores, initial=-np.inf))}]),
    ("plain_mean",
     [{"mix": lambda weights, H: H.mean(axis=0)},
      {"mix": lambda weights, H: H.mean(axis=0) if len(H) else np.zeros(H.shape[1])},
      {"mix": lambda weights, H: H.sum(axis=0)}],
     "The weights are right, but the value was made without them: it is the weighted sum of the states."),
    ("one_vector_twice",
     [{"join": lambda a_t, s_t, s_prev, weights: (a_t, a_t)}, {"join": lambda a_t, s_t, s_prev, weights: (s_t, s_t)}],
     "The weights are right, but one vector was joined with itself. attentional_state takes s_t and the value."),
    ("value_left_out", {"mix": lambda weights, H: np.zeros(H.shape[1])},
     "The weights are right, but the value is nothing but zeros: the weighted sum of the states was not kept."),
    ("only_one_state", [{"mix": lambda weights, H: H[-1]}, {"mix": lambda weights, H: H[np.argmax(weights)]}],
     "The weights are right, but the value is one single encoder state. It is the weighted sum of all of "
     "them.", LOOKUP),
)
# fmt: on
LUONG_STEP = Check(
    name="luong_step",
    claim="asks_with_the_new_state_and_returns_the_attentional_one",
    title="One decoder step",
    function="luong_step",
    inputs=luong_step_inputs,
    reference=step,
    second_route=step_by_einsum,
    returns=("attentional_state", "weights"),
    points={"attentional_state": 2, "weights": 2},
    read=BY_HAND,
    survives=("one state", "no states", "large states"),
    hints=(
        "Five lines, and you have written four of them: the cell gives `s_t`; then `dot_scores`, `softmax`, "
        "`attention_value`, `attentional_state`.",
        "The first line is `s_t = cell(x_t, s_prev)`. From then on `s_prev` is not needed any more.",
        "Return two things: what `attentional_state` gives, and the weights.",
    ),
    misconceptions=LUONG_STEP_MISTAKES,
    uses=("softmax", "dot_scores", "attention_value", "attentional_state"),
    advice={
        r"rnn_cell\(\)": "Use the cell that is handed over: cell(x_t, s_prev). rnn_cell only makes such cells.",
        r"tuple index|is different from|not aligned|could not be broadcast": "Is a vector in the place of another? The calls take "
        "dot_scores(s_t, H), attention_value(weights, H) and attentional_state(s_t, a_t, W_c, b_c).",
        **NO_ROW,
        **EMPTY_MAX,
    },
    properties=(SumsToOne("five states", "weights", "Your weights do not sum to one."),),
    stale=("s_t", "scores", "weights", "a_t", "value", "state", "new_state"),
)


# ---------------------------------------------------------------- 7 all steps, all sentences
def attend(
    S: Array,
    H: Array | None,
    misfit: Array,
    *,
    score: Callable = lambda S, H: S @ swap(H),
    scale: Callable = as_it_is,
    weigh: Callable = normalise,
    mix: Callable = lambda weights, S, H: weights @ H,
    give: Callable = lambda values, weights, scores: (values, weights),
    refuse: Callable = refuses,
) -> tuple[Array, ...]:
    """Return (values, weights) of every decoder state, for a batch, and how states of another size are refused."""

    def run(H: Array) -> tuple[Array, ...]:
        scores = scale(score(S, H), S)
        weights = weigh(scores)
        return give(mix(weights, S, H), weights, scores)

    found = run(or_empty(H, len(S), 0, S.shape[-1]))
    return *found, np.array([float(refuse(lambda: run(misfit), S.shape[-1], misfit.shape[-1]))])


def attend_one_by_one(S: Array, H: Array | None, misfit: Array) -> tuple[Array, Array, Array]:
    """Return the same, one decoder state of one sentence after the other."""
    H = or_empty(H, len(S), 0, S.shape[-1])
    pairs = [(sentence, states) for sentence, states in zip(S, H, strict=True)]
    weights = [[softmax_by_loops(products_by_loops(s, states)) for s in sentence] for sentence, states in pairs]
    values = [[value_by_loops(w, states) for w in rows] for rows, states in zip(weights, H, strict=True)]
    refused = refuses(lambda: products_by_loops(S[0, 0], misfit[0]), S.shape[-1], misfit.shape[-1])
    return np.array(values), np.array(weights), np.array([float(refused)])


ORDER = (3, 0, 4, 1, 2)  # an order that leaves none of five in its place


def dot_attention_inputs(rng: np.random.Generator) -> Cases:
    """Draw a batch of two, the same with its encoder states in another order, equal sizes, one state, none, large states.

    Each has encoder states of another size, some of which NumPy would put up with.
    """
    S, H = normal(rng, 2, 3, 6, scale=0.8), normal(rng, 2, 5, 6, scale=0.8)
    another = {"S": S.copy(), "H": H[:, list(ORDER)], "misfit": normal(rng, 2, 5, 3)}
    return {
        "two sentences": {"S": S, "H": H, "misfit": normal(rng, 2, 6, 1)},
        "two sentences, encoder states in another order": another,
        "all sizes alike": {name: normal(rng, 3, T, d) for name, T, d in (("S", 3, 3), ("H", 3, 3), ("misfit", 5, 1))},
        "one state each": {name: normal(rng, 2, T, d) for name, T, d in (("S", 3, 5), ("H", 1, 5), ("misfit", 5, 2))},
        "no states": {"S": normal(rng, 2, 3, 5), "H": None, "misfit": normal(rng, 2, 3, 1)},
        "large states": {**large_states(rng, (2, 3, 6), (2, 5, 6)), "misfit": normal(rng, 2, 5, 3)},
    }


def large_states(rng: np.random.Generator, *shapes: tuple[int, ...]) -> Inputs:
    """Draw S and H so large that it shows when anything but its largest score is subtracted from a row."""
    while True:
        S, H = (normal(rng, *shape, scale=40) for shape in shapes)
        scores = S @ swap(H)
        tops, means = scores.max(axis=-1), scores.mean(axis=-1)
        low = (tops < -800) & (tops - means > 1500)  # all exponentials are 0; less the mean some overflow
        if decided(scores) and tops.max() > 1500 and low.any():
            return {"S": S, "H": H}


def stretched(S: Array, H: Array) -> Array:
    """Return S H^T as einsum makes it, which stretches a size of 1."""
    return (S[:, :, np.newaxis] * H[:, np.newaxis]).sum(axis=-1)


def by_the_root(scores: Array, S: Array) -> Array:
    """Return the scores divided by the root of the size of a state."""
    return scores / math.sqrt(S.shape[-1])


def reversed_axes(S: Array, H: Array) -> Array:
    """Return what H.T gives: all three axes reversed."""
    return S @ H.T


def reshaped(S: Array, H: Array) -> Array:
    """Return what a reshape in place of a transpose gives."""
    return S @ np.reshape(H, (H.shape[0], H.shape[2], H.shape[1]))


def over(axis: Any, **style: Any) -> Callable:
    """Return a softmax along a fixed axis."""
    return lambda scores: normalise(scores, axis, **style)


# fmt: off
DOT_ATTENTION_MISTAKES = (
    *mistakes(attend, AT_ONCE,
        (standard.SOFTMAX_OVER_DECODER_STEPS(wrong="the decoder states: each column sums to one",
          right="the encoder states, the last axis"),
         [{"weigh": over(-2)}, {"weigh": over(-2), "score": stretched}], WRONG),
        (standard.SOFTMAX_OVER_THE_BATCH(wrong="the batch, so sentences share their weight",
          right="the encoder states, the last axis"),
         {"weigh": over(0)}, WRONG),
        (standard.SOFTMAX_OVER_EVERYTHING(everything="many rows together",
          own="Each decoder state has one whole to share out: the last axis only."),
         [{"weigh": over(None)}, {"weigh": over((1, 2))}, {"weigh": over(None, **TEXTBOOK)}], WRONG),
        ("scaled",
         [{"scale": by_the_root}, {"scale": lambda scores, S: scores / S.shape[-1]},
          {"scale": by_the_root, "score": stretched}],
         "The scores were divided. Luong's dot score is not; the scale comes in chapter 4.", NAMES),
        ("encoder_states_ask", {"score": lambda S, H: H @ swap(S)},
         "The scores are H S^T, with one row for each encoder state. They must be S H^T: one row for each decoder "
         "state."),
        ("not_transposed", {"score": lambda S, H: S @ H},
         "S was multiplied by H as it stands, which runs only where T_k = d. Exchange the last two axes of H first."),
        ("all_axes_reversed", {"score": reversed_axes},
         "`H.T` reverses all three axes, the batch too, which runs only where the sizes happen to fit. Exchange only "
         "the last two, and leave the batch alone."),
        ("reshaped", {"score": reshaped},
         "A reshape gives the right shape but reads the numbers in their old order. Exchange the last two axes "
         "instead."),
        ("batch_axis_exchanged", {"score": lambda S, H: S @ np.swapaxes(H, 0, 1)},
         "The batch was exchanged with the encoder states, which runs only where the sizes happen to fit. Axis 0 is "
         "the batch: leave it alone."),
        ("squeezed", {"score": lambda S, H: S @ np.squeeze(swap(H))},
         "Right until a size is 1: squeeze removes that axis too, and what follows takes another for it. Leave the "
         "squeeze out."),
        (standard.NO_MAXIMUM_SUBTRACTED(task="task 3"), {"weigh": over(-1, **NAIVE)}, SOFTMAX_SAFE),
        (standard.WEIGHTS_TRANSPOSED(only=", which runs only where T_q = T_k", of="", row="decoder state t"),
         {"mix": lambda weights, S, H: swap(weights) @ H}),
        ("decoder_states_mixed", {"mix": lambda weights, S, H: weights @ S},
         "The decoder states were mixed, which runs only where T_q = T_k. What a query gets is a mixture of encoder "
         "states.", FORMULA),
        ("weights_ignored",
         [{"mix": lambda weights, S, H: np.ones_like(weights) @ H},
          {"mix": lambda weights, S, H: np.ones_like(weights) @ H / H.shape[1]}],
         "The weights are right, but the values are the plain sum or mean of the encoder states. The weights have to "
         "go into that sum."),
        ("only_the_best_state",
         {"mix": lambda weights, S, H: np.stack([h[rows.argmax(axis=-1)] for rows, h in zip(weights, H, strict=True)])},
         "The weights are right, but each value is the one best encoder state. A soft lookup mixes all of "
         "them.", LOOKUP),
        (standard.NO_SOFTMAX, {"weigh": np.asarray}),
        (standard.SOFTMAX_TWICE, {"weigh": lambda scores: normalise(normalise(scores))}),
        (standard.WEIGHTS_NOT_NORMALISED,
         [{"weigh": np.exp}, {"weigh": lambda scores: np.exp(scores - largest_or_zero(scores, -1))}]),
        (standard.SUMS_WITHOUT_KEEPDIMS(wrong="the wrong one", mend="Use your softmax, or keepdims=True."),
         {"weigh": lambda scores: np.exp(scores) / np.exp(scores).sum(axis=-1)}, WRONG),
        ("first_sentence_for_all",
         [{"score": lambda S, H: S @ swap(H[:1]), "mix": lambda weights, S, H: weights @ H[:1]},
          {"score": lambda S, H: S @ H[0].T}],
         "Every sentence was compared with the encoder states of the first one. Each has its own: H, not H[0]."),
        (standard.RETURNED_BACKWARDS(order="values, weights"),
         {"give": lambda values, weights, scores: (weights, values)}),
        (standard.SCORES_RETURNED(output="The values are"), {"give": lambda values, weights, scores: (values, scores)}),
        ("one_sentence_only",
         [{"give": lambda values, weights, scores: (values[-1], weights[-1])},
          {"give": lambda values, weights, scores: (values[0], weights[0])}],
         "Only one sentence of the batch came out: each pass of the loop overwrites the last, or `return` stands inside "
         "the loop. No loop is needed: `@` goes through the batch by itself."),
        ("summed_over_decoder_steps",
         [{"mix": lambda weights, S, H: (weights[..., np.newaxis] * H[:, np.newaxis]).sum(axis=1)},
          {"mix": lambda weights, S, H: (weights @ H).sum(axis=1)}],
         "The weights are right, but the sum of the values runs over the decoder states. Each decoder state gets a sum "
         "over the encoder states: `weights @ H`."),
        ("everything_summed", {"mix": lambda weights, S, H: np.sum(weights @ H)},
         "The weights are right, but np.sum without an axis made one number of all values. Each decoder state gets a "
         "vector: `weights @ H`."),
        ("decoder_states_returned", {"mix": lambda weights, S, H: S},
         "The weights are right. The first thing you return is S itself; return the values, which the weights make of "
         "H."),
        ("values_averaged", [{"mix": lambda weights, S, H: weights @ H / H.shape[1]},
          {"mix": lambda weights, S, H: weights @ H / max(H.shape[1], 1)}],
         "The weights are right, but the weighted states were averaged. The weights sum to one already: add up."),
        ("hard_maximum",
         [{"weigh": lambda scores: (scores == np.max(scores, axis=-1, keepdims=True, initial=-np.inf)) * 1.0},
          {"weigh": lambda scores: (scores == scores.max(axis=-1, keepdims=True)) * 1.0}],
         "The largest score got all the weight. A softmax shares it out: your softmax of task 3 does.", LOOKUP),
        (standard.ZEROS_RETURNED, {"mix": lambda weights, S, H: np.zeros_like(S)}),
        ("no_states_stop", {"weigh": over(-1, **TEXTBOOK)},
         "Only the case without encoder states is missing: values of zeros, not an error. np.max of nothing stops; "
         "your softmax of task 3 knows what to do.", NOTHING),
    ),
    *refusals(attend, [{"score": stretched}]),
)
# fmt: on
DOT_ATTENTION = Check(
    name="dot_attention",
    claim="answers_every_decoder_state_of_every_sentence",
    title="All steps, all sentences at once",
    function="dot_attention",
    inputs=dot_attention_inputs,
    reference=attend,
    second_route=attend_one_by_one,
    returns=("values", "weights", "error_for_other_sizes"),
    points={"values": 2, "weights": 2, "error_for_other_sizes": 1},
    read=AT_ONCE,
    forbidden=(
        "layers.Attention",
        "layers.MultiHeadAttention",
        "ops.dot_product_attention",
        "nn.dot_product_attention",
        "functional.scaled_dot_product_attention",
    ),
    survives=("one state each", "no states", "large states"),
    hints=(
        "Think of one sentence first: which product of `(T_q, d)` and `(T_k, d)` has one row for each decoder state "
        "and one column for each encoder state?",
        "`np.swapaxes(H, 1, 2)` exchanges the last two axes of `H` and leaves the batch alone; `@` multiplies one pair "
        "of matrices for each sentence.",
        "Your softmax runs along the last axis unless told otherwise, and the last axis of the scores belongs to the encoder "
        "states.",
        "`weights = softmax(S @ np.swapaxes(H, 1, 2))`, and the values are the weights times `H`.",
    ),
    misconceptions=DOT_ATTENTION_MISTAKES,
    properties=(
        SumsToOne("two sentences", "weights", "Your rows of weights do not sum to one."),
        Same(
            "two sentences",
            "two sentences, encoder states in another order",
            "values",
            (0, 1),
            0,
            "The order of the encoder states must not matter to the values: each takes its weight along. Yours change.",
        ),
    ),
    uses=("softmax",),
    advice={
        r"axes don't match array|values to unpack": [
            ("S and H have three axes: batch, position, size.", "inside"),
            ("Return two things: values, weights.", "not inside"),
        ],
        r"could not broadcast input array": "T_q and T_k differ: one row of weights for each decoder state, one column for each "
        "encoder state.",
        r"has shape \((\d+, ){3}": "If it is np.dot: that pairs every sentence with every other; `@` pairs each with its own.",
        **CODES,
        **EMPTY_MAX,
    },
    stale=("scores", "weights", "values", "exps", "context"),
)


# ---------------------------------------------------------------- 8 find the bug
def align(
    S: Array,
    H: Array,
    *,
    scale: Callable = as_it_is,
    weigh: Callable = normalise,
    after: Callable = np.asarray,
    **steps: Any,
) -> tuple:
    """Return (values, weights) of one sentence, (T_q, d) and (T_q, T_k)."""
    weights = after(weigh(scale(S @ H.T, S), **steps))
    return weights @ H, weights


def align_row_by_row(S: Array, H: Array) -> tuple[Array, Array]:
    """Return the same, one decoder state after the other."""
    weights = np.array([softmax_by_loops(products_by_loops(s, H)) for s in S])
    return np.array([value_by_loops(row, H) for row in weights]), weights


def find_the_bug_inputs(rng: np.random.Generator) -> Cases:
    """Draw three queries and five states, one query, as many queries as states, one state, large states."""
    return {
        "three decoder states": {"S": normal(rng, 3, 6, scale=0.7), "H": normal(rng, 5, 6, scale=0.7)},
        "one decoder state": {"S": normal(rng, 1, 3), "H": normal(rng, 5, 3)},
        "as many decoder as encoder states": {"S": normal(rng, 3, 2), "H": normal(rng, 3, 2)},
        "one encoder state": {"S": normal(rng, 3, 5), "H": normal(rng, 1, 5)},
        "large states": large_states(rng, (3, 6), (5, 6)),
    }


def rows_sum_to_one(weights: Array) -> Array:
    """Return the weights with each row divided by its sum."""
    return weights / weights.sum(axis=1, keepdims=True)


# fmt: off
FIND_THE_BUG_MISTAKES = mistakes(align, WRONG,
    ("still_over_decoder_states", {"axis": 0},
     "The columns still sum to one: the softmax runs over the decoder states. Look at both lines with an axis."),
    ("only_the_sum_mended", {"shift": other_largest(0), "divide": share},
     "The sum is mended, but the largest score is still that of each column, so the numbers in a row lose different "
     "amounts."),
    ("only_the_largest_mended", {"axis": 0, "shift": other_largest(1), "divide": share},
     "The largest score is now that of each row, but the sum still runs over the decoder states."),
    ("rows_divided_afterwards", {"axis": 0, "after": rows_sum_to_one},
     "The rows sum to one now, but only because they were divided once more: the weights of one state still depend on "
     "the others. Mend the softmax itself."),
    ("over_everything", {"axis": None},
     "Now all the weights together sum to one. Each decoder state has one whole to share out."),
    ("sums_without_keepdims",
     [{"shift": flat_largest, "total": flat_total, "divide": share}, {"total": flat_total, "divide": share}],
     "The axis is right, but sums or maxima along it lie down along the columns. keepdims=True keeps them beside their "
     "rows."),
    ("not_normalised", {"total": lambda exps, axis: 1.0},
     "The exponentials are no longer divided by their sum."),
    ("no_maximum_subtracted", NAIVE,
     "The sum is mended, but no largest score is subtracted any more, so large scores overflow. Each row loses its own "
     "largest.", SOFTMAX_SAFE),
    ("one_maximum_for_everything",
     {"shift": lambda scores, axis: np.max(scores), "divide": share},
     "The sum is mended, but one largest score is subtracted from all rows. In a row far below it every exponential is "
     "0, and so is their sum.", SOFTMAX_SAFE),
    ("not_the_largest_subtracted",
     [{"shift": smallest, "divide": share},
      {"shift": lambda scores, axis: np.mean(scores, axis, keepdims=True), "divide": share}],
     "The sum is mended, but each row loses its smallest score or its mean, so large scores overflow. It has to lose "
     "its largest.", SOFTMAX_SAFE),
    ("softmax_twice", {"weigh": lambda scores: normalise(normalise(scores))},
     "The softmax runs twice now. Once, over the encoder states, is enough."),
    ("scaled", {"scale": by_the_root},
     "The softmax is mended, but the scores were divided as well. Luong's dot score is not; change nothing "
     "else.", NAMES),
    ("encoder_states_ask", [lambda S, H: align(H, S, axis=0), lambda S, H: align(H, S)],
     "S and H have changed places: there is one row of weights for each encoder state. The product S @ H.T was right."),
    ("last_row_for_all", {"after": lambda weights: np.repeat(weights[-1:], len(weights), axis=0)},
     "All rows of weights are those of the last decoder state: in the loop each one overwrites all. Write into row i "
     "only."),
    (standard.ZEROS_RETURNED, {"after": np.zeros_like}),
    ("softmax_of_old_weights", {"axis": 0, "after": normalise},
     "A second softmax was put on top of the wrong one. Mend the first: the weights of one state must not depend on "
     "the others."),
)
# fmt: on
FIND_THE_BUG = Check(
    name="find_the_bug",
    claim="a_state_alone_gets_what_it_gets_in_company",
    title="Find the bug: alone and in company",
    function="mended_attention",
    inputs=find_the_bug_inputs,
    reference=align,
    second_route=align_row_by_row,
    returns=("values", "weights"),
    points={"values": 1, "weights": 1},
    read=WRONG,
    survives=("one decoder state", "one encoder state", "large states"),
    hints=(
        "What do the rows of weights have to do with each other in a right function? And in this one?",
        "Print `weights.sum(axis=0)` and `weights.sum(axis=1)`. Which of the two should be all ones?",
        "Axis 0 runs over the decoder states, axis 1 over the encoder states. Both the largest score and the sum have to run "
        "over the encoder states, and to stay beside their own rows.",
    ),
    misconceptions=FIND_THE_BUG_MISTAKES,
    properties=(SumsToOne("three decoder states", "weights", "Your rows of weights do not sum to one."),),
    uses=("softmax",),
    stale=("scores", "weights", "values", "exps"),
)


KEY = AnswerKey(
    "02_dot_product_attention",
    (
        DOT_SCORES,
        GENERAL_SCORES,
        SOFTMAX,
        ATTENTION_VALUE,
        ATTENTIONAL_STATE,
        LUONG_STEP,
        DOT_ATTENTION,
        FIND_THE_BUG,
    ),
)
