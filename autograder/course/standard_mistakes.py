"""The standard mistakes of the field, each told in one way wherever it can be made.

A sentence has named fields for what differs from task to task. Fields that have a value here can be left out; the
others must be given: `MASK_INVERTED(effect="padding got the weight")`. What is said must be true in its place, so a
task in which a mistake looks otherwise says so in a field, or tells it in words of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from string import Formatter

from autograder.errors import UserError


@dataclass(frozen=True)
class Standard:
    """A mistake that many tasks know: its name, and a sentence with named fields."""

    name: str
    template: str
    fields: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, **fields: str) -> Standard:
        """Return the mistake with some fields filled in."""
        if unknown := sorted(set(fields) - self.named):
            has = ", ".join(sorted(self.named)) or "none"
            raise UserError(f"The sentence of {self.name} has no field {', '.join(unknown)}; it has: {has}.")
        return replace(self, fields={**self.fields, **fields})

    @property
    def named(self) -> set[str]:
        """Return the names of all fields of the sentence."""
        return {name for _, name, _, _ in Formatter().parse(self.template) if name}

    def __str__(self) -> str:
        """Return the name."""
        return self.name

    @property
    def says(self) -> str:
        """Return the sentence; every field must have been filled in."""
        if missing := sorted(self.named - set(self.fields)):
            given = ", ".join(f'{name}="…"' for name in missing)
            raise UserError(f"The sentence of {self.name} needs {given}; write {self.name.upper()}({given}).")
        return self.template.format(**self.fields)


def standard(name: str, template: str, **fields: str) -> Standard:
    """Return a mistake whose fields have these values where a task gives no others."""
    return Standard(name, template, fields)


# fmt: off
# ---------------------------------------------------------------- masks
MASK_INVERTED = standard("mask_inverted", "{mask} works the wrong way round: {effect}. {polarity}{more}",
    mask="The mask", effect="weight went to the positions where it is 1", polarity="Here 1 means hide.", more="")
LARGE_NUMBER_ADDED = " (A large number added instead of subtracted does the same.)"  # more on an inverted mask
MASK_DROPPED = standard("mask_dropped", "The mask changed nothing: {why}.{more}", more="",
    why="hidden scores are what they were (1e-9 would be nearly 0: it takes -1e9)")
TILDE = " (`~` on integers 0 and 1 gives -1 and -2, both true: use mask == 0.)"  # more on a mask without effect
MASK_ADDED = standard("mask_added",
    "Hidden scores {moved}, as when the mask is {done} as it is. They must become very negative{like}.",
    done="added", moved="grew by 1 against the others", like=", like -1e9")
HIDDEN_SCORES_ZERO = standard("hidden_scores_zero",
    "Hidden scores became 0{or_tiny}. The softmax gives a score of 0 weight like any other{so}.",
    or_tiny="", so=": it must be very negative")
CONSTANT_TOO_SMALL = standard("constant_too_small",
    "Hidden keys still get weight where their scores are high{or_low}: the number is too small. Take -1e9 or -inf.",
    or_low="")
ZERO_TIMES_INFINITY = standard("zero_times_infinity",
    "0 times infinity is NaN, so `mask * -np.inf` destroys the scores that should stay. Use -1e9, or np.where.")
AFTER = "{weights} were set to 0 after the softmax, so {rest} to one. Hide the scores, before it."
MASK_AFTER_SOFTMAX = standard("mask_after_softmax", AFTER, weights="The weights", rest="a row no longer sums")
HIDDEN_AFTER_THE_SOFTMAX = standard("hidden_after_the_softmax", AFTER, **MASK_AFTER_SOFTMAX.fields)
LARGE_NUMBER_AFTER_SOFTMAX = standard("large_number_after_softmax",
    "The very negative number was added to the weights. It belongs to the scores, before the softmax.")

# ---------------------------------------------------------------- the softmax
SOFTMAX_TWICE = standard("softmax_twice", "The softmax was applied twice, which {effect}. Once is enough.",
    effect="makes all weights nearly equal")
NO_SOFTMAX = standard("no_softmax",
    "{scores} themselves were used as weights. They must pass through {softmax} first{so}.",
    scores="The scores", softmax="the softmax", so="")
SOFTMAX_ALREADY = standard("softmax_already", "These are weights. The softmax comes later; return {instead}.")
OVER = "The softmax ran over {wrong}. It must run over {right}."
SOFTMAX_OVER_QUERIES = standard("softmax_over_queries", OVER, right="the keys, the last axis")
SOFTMAX_OVER_THE_BATCH = standard("softmax_over_the_batch", OVER, wrong="the sentences of the batch, axis 0")
SOFTMAX_OVER_DECODER_STEPS = standard("softmax_over_decoder_steps", OVER)
SOFTMAX_OVER_EVERYTHING = standard("softmax_over_everything", "One softmax was taken over {everything}. {own}",
    everything="all scores together", own="Each query needs its own: the last axis.")
WEIGHTS_NOT_NORMALISED = standard("weights_not_normalised",
    "The weights are exponentials that were never divided by their sum, so they do not sum to one.")
EXPONENTIAL_FORGOTTEN = standard("exponential_forgotten",
    "{scores} were shared out as they are, without the exponential{so}.",
    scores="The scores", so=": negative scores would become negative weights")
SUM_OF_THE_SCORES = standard("sum_of_the_scores",
    "The exponentials were divided by the sum of the scores. Divide by the sum of the exponentials.")
DIVIDED_BY_THE_MEAN = standard("divided_by_the_mean",
    "The exponentials were divided by their mean, so the weights sum to how many there are. Divide by the sum.")
DIVIDED_BY_THE_LARGEST = standard("divided_by_the_largest", "The largest weight{where} is 1. Subtracting the largest "
    "is fine, but the exponentials still have to be divided by their sum.", where="")
NO_MAXIMUM_SUBTRACTED = standard("no_maximum_subtracted", "Right for small scores. Those of the large states are "
    "beyond 1000, and their exponentials are infinite. Your softmax of {task} survives them.")
SUMS_WITHOUT_KEEPDIMS = standard("sums_without_keepdims",
    "The row sums lost their axis, and NumPy lays them along {wrong}, or stops. {mend}",
    wrong="the columns", mend="Sum with keepdims=True.")
SIGN_TURNED = standard("sign_turned",
    "The largest score got the smallest weight: the exponent has a minus sign too many.")
HARD_MAXIMUM = standard("hard_maximum", "The largest score{where} got all the weight, 1, and the others none: that "
    "is argmax. The softmax gives each a share: exponentials divided by their sum.", where="")
SIGMOID_TAKEN = standard("sigmoid_taken", "This is the sigmoid, 1 / (1 + exp(-x)), of each score by itself. The "
    "softmax divides exponentials by their sum, so that all weights together make one.")
LOGARITHM_RETURNED = standard("logarithm_returned",
    "These are the logarithms of the weights (log_softmax). Return the weights themselves: the softmax.")

# ---------------------------------------------------------------- the scale
NOT_SCALED = standard("not_scaled", "These are the unscaled {results}: the scaled scores were never computed, or they "
    "were computed but not used.{more}", results="weights", more="")
LESS_A_NUMBER = " (Subtracting one number from all scores changes nothing either.)"  # more on unscaled scores
DIVIDED_WITHOUT_THE_ROOT = standard("divided_without_the_root",
    "The scores were divided by {it} itself, or twice by its root{so}", it="d_k",
    so=". It is the square root of d_k that brings their spread back to about one.")
HALF_OF_D_K = standard("half_of_d_k",
    "`d_k ** 1 / 2` is d_k / 2, because the power comes first. Write `d_k ** 0.5` or np.sqrt.")
MULTIPLIED_BY_THE_ROOT = standard("multiplied_by_the_root",
    "The scores were multiplied by the square root{of}, which makes the weights more extreme. Divide.", of=" of d_k")
DIVIDED_AFTER_THE_SOFTMAX = standard("divided_after_the_softmax",
    "The weights, the values or the output were divided. Only the scores should be, before the softmax.")
ROOT_OF_THE_NUMBER_OF_KEYS = standard("root_of_the_number_of_keys",
    "The scores were divided by the square root of the number of {keys}. {instead}", keys="keys",
    instead="What counts is d_k, the length of one key.")
SCALED = standard("scaled", "The scores were divided by the square root of the size of a state. {instead}")
DIVIDED_BY_D_K_AND_TWO = standard("divided_by_d_k_and_two", "`… / d ** 1 / 2` divides by d and then by 2, because "
    "the power comes first and divisions go from left to right. Divide by np.sqrt(d).")
ROOT_OF_ALL_NUMBERS = standard("root_of_all_numbers", "`.size` counts all the numbers of an array, so the divisor is "
    "too large. {instead}", instead="Take one length from the shape, d_k: `key.shape[-1]`.")
ROOT_OF_THE_NUMBER_OF_AXES = standard("root_of_the_number_of_axes", "`len(key.shape)` and `key.ndim` count axes. d_k "
    "is the length of the last one: `key.shape[-1]`.")

# ---------------------------------------------------------------- queries, keys, values, weights
QUERIES_AND_KEYS_SWAPPED = standard("queries_and_keys_swapped",
    "The scores are K Q^T, with one row for each key. They must be Q K^T, one row for each query.")
KEYS_SUMMED = standard("keys_summed",
    "{keys}. Keys only decide the weights; values are what is passed on.",
    keys="The weighted sum was taken over the keys")
WEIGHTS_TRANSPOSED = standard("weights_transposed",
    "The weights were transposed before the sum{only}. Row t{of} belongs to {row}.",
    only="", of=" of the weights", row="query t: weights @ value")
PLAIN = "{it} is the {plain} of {values}: the weights were not used."
WEIGHTS_IGNORED = standard("weights_ignored", PLAIN, it="The output", plain="plain sum", values="the values")
PLAIN_MEAN = standard("plain_mean", PLAIN, it="This", plain="mean", values="the states")
PLAIN_SUM = standard("plain_sum", PLAIN, it="This", plain="plain sum", values="the states")
STATES_AVERAGED = standard("states_averaged", PLAIN, **PLAIN_MEAN.fields)
MEAN_OF_THE_PRODUCTS = standard("mean_of_the_products",
    "The products were averaged. A dot product adds them up and divides by nothing.")
SCORES_RETURNED = standard("scores_returned",
    "{output} right. In the place of the weights you return the scores; return {instead}.",
    output="The output is", instead="what the softmax made of them")
RETURNED_BACKWARDS = standard("returned_backwards",
    "The numbers are right, but what you return stands in the other order: return {order}.",
    order="output, attention_weights")
VALUES_RETURNED = standard("values_returned",
    "The output is the values as they are: no weights were used. The output is {formula}.", formula="weights @ value")
WEIGHTS_RETURNED = standard("weights_returned", "These are the attention weights. One step is missing: {formula}.",
    formula="the weighted sum of the values")
MEAN_FOR_THE_SUM = standard("mean_for_the_sum", "The weighted values were averaged. Add them up: the weights already "
    "share out one whole, so nothing is left to divide by.")

# ---------------------------------------------------------------- products, biases, loops
PRODUCT = "`*` multiplies entry by entry and leaves {what}. {product} is written `@`."
MULTIPLIED_BY_ENTRY = standard("multiplied_by_entry", PRODUCT, what="a matrix", product="A matrix product")
MULTIPLIED_ENTRY_BY_ENTRY = standard("multiplied_entry_by_entry", PRODUCT, what="a matrix", product="A matrix product")
BIAS_SUBTRACTED = standard("bias_subtracted", "The bias was subtracted. Add it{formula}.", formula="")
RETURN_INSIDE_THE_LOOP = standard("return_inside_the_loop",
    "Only the first result came out, as when `return` stands inside the loop. It belongs to the left, below the loop.")
ZEROS_RETURNED = standard("zeros_returned",
    "Nothing but zeros came out, as if what you compute had never been put into {it}.{more}",
    it="the array that you return",
    more=" (In a loop, `row = …` only gives a name to something; `result[i] = …` stores it.)")
NOT_RESET = standard("not_reset", "The sum goes on from one {of} to the next. Set it to zero for every {what}.")
EACH_TWICE = standard("each_twice", "Every {what} stands there twice. Append it once.")
ONE_RETURNED = standard("one_returned", "Only one {what}'s number came out. Was a single {what} used, does each pass "
    "of a loop overwrite the last, or does `return` stand inside it? Collect all {things}.", things="of them")
INPUT_RETURNED = standard("input_returned", "This is {it}, as it came in. Return what you computed of it.")
LAST_ONE_ONLY = standard("last_one_only", "Only the last {one} is left, as when {list} is made anew, or the line that "
    "stores stands below the loop. {mend}", list="the list", mend="Make it once, before the loop, and store inside it.")
# fmt: on
