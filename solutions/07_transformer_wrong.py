"""Wrong answers to chapter 07, as learners write them, each with what it should be told."""

import math
from pathlib import Path

import numpy as np

from autograder.authoring.source import read_source
from autograder.course.wrong_answers import wrong

# ---------------------------------------------------------------- what stands in the notebook
NOTEBOOK = {"__name__": "notebook"}
for cell in read_source(Path(__file__).with_name("07_transformer.py")):
    if cell.name in ("libraries", "tensorflow"):
        exec(cell.text, NOTEBOOK)
NEEDED = "tf keras layers Layer register MultiHeadAttention PaddingMask LookAheadMask AddPositions"
tf, keras, layers, Layer, register, MultiHeadAttention, PaddingMask, LookAheadMask, AddPositions = (
    NOTEBOOK[name] for name in NEEDED.split()
)
EncoderLayer = DecoderLayer = encoder = decoder = None  # the checks put stand-ins in their places


def get_angles(position, i, d_model):
    return position / 10000 ** (2 * (i // 2) / d_model)


def layer_norm(x, gamma, beta, epsilon=1e-6):
    mean = x.mean(axis=-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(axis=-1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


# ---------------------------------------------------------------- angles
@wrong("angles", "the pairs", "dimension_for_the_pair")
def two_i(position, i, d_model):
    rates = 1 / np.power(10000.0, 2 * i / d_model)
    return position * rates


@wrong("angles", "the pairs", "a_rate_for_each_dimension")
def i_over_two(position, i, d_model):
    return position / np.power(10000, 2 * (i / 2) / d_model)


@wrong("angles", "the pairs", "factor_two_missing")
def k_alone(position, i, d_model):
    k = i // 2
    return position / 10000 ** (k / d_model)


@wrong("angles", "the pairs", "pairs_shifted")
def rounded_pairs(position, i, d_model):
    k = np.ceil(i / 2)
    return position / 10000 ** (2 * k / d_model)


@wrong("angles", "the power", "multiplied")
def times_the_power(position, i, d_model):
    return position * 10000 ** (2 * (i // 2) / d_model)


@wrong("angles", "the power", "exponent_cut_to_whole_numbers")
def two_strokes(position, i, d_model):
    return position / 10000 ** ((2 * (i // 2)) // d_model)


@wrong("angles", "the power", "another_base")
def a_thousand(position, i, d_model):
    return position / np.power(1000, (2 * (i // 2)) / d_model)


@wrong("angles", "the power", "another_base")
def exponential(position, i, d_model):
    return position * np.exp(-(2 * (i // 2)) / d_model)


@wrong("angles", "the power", "product_for_the_power")
def ten_thousand_times(position, i, d_model):
    return position / (10000 * (2 * (i // 2) / d_model))


@wrong("angles", "the power", "power_before_product")
def parentheses_missing(position, i, d_model):
    return position / 10000 ** (2 * (i // 2)) / d_model


@wrong("angles", "the result", "sine_taken")
def sine_already(position, i, d_model):
    return np.sin(position / np.power(10000, (2 * (i // 2)) / np.float32(d_model)))


@wrong("angles", "last step missing", "positions_forgotten")
def rates_only(position, i, d_model):
    rates = 1 / np.power(10000, (2 * (i // 2)) / d_model)
    return rates


@wrong("angles", "last step missing", "angles_next_to_zero")
def zeros_of_angles(position, i, d_model):
    angles = np.zeros((len(position), i.shape[1]))
    for p in range(len(position)):
        for j in range(i.shape[1]):
            angle = position[p, 0] / 10000 ** (2 * (i[0, j] // 2) / d_model)
    return angles


@wrong("angles", "loop", "place_for_the_position")
def row_number_for_the_position(position, i, d_model):
    angles = np.zeros((len(position), i.shape[1]))
    for p in range(len(position)):
        angles[p] = p / 10000 ** (2 * (i[0] // 2) / d_model)
    return angles


@wrong("angles", "loop", "place_for_the_dimension")
def column_number_for_the_dimension(position, i, d_model):
    angles = np.zeros((len(position), i.shape[1]))
    for j in range(i.shape[1]):
        angles[:, j] = position[:, 0] / 10000 ** (2 * (j // 2) / d_model)
    return angles


@wrong("angles", "Python's signs", says=r"\*\*")
def caret(position, i, d_model):
    return position / 10000 ^ (2 * (i // 2) / d_model)


@wrong("angles", "two mistakes", "dimension_for_the_pair", "multiplied")
def two_i_times(position, i, d_model):
    return position * 10000.0 ** (2 * i / d_model)


@wrong("angles", "two mistakes", "a_rate_for_each_dimension", "another_base")
def i_and_a_thousand(position, i, d_model):
    return position / 1000 ** (i / d_model)


@wrong("angles", "two mistakes", "dimension_for_the_pair", "sine_taken")
def sine_of_two_i(position, i, d_model):
    return np.sin(position / 10000 ** (2 * i / d_model))


@wrong("angles", "two mistakes", "factor_two_missing", "positions_forgotten")
def rates_without_two(position, i, d_model):
    return 1 / 10000 ** ((i // 2) / d_model)


# ---------------------------------------------------------------- positional encoding
@wrong("positional_encoding", "sine and cosine", "sines_and_cosines_exchanged")
def cosine_first(length, d_model):
    angles = get_angles(np.arange(length)[:, None], np.arange(d_model)[None], d_model)
    encoding = np.zeros((length, d_model))
    encoding[:, 0::2] = np.cos(angles[:, 0::2])
    encoding[:, 1::2] = np.sin(angles[:, 1::2])
    return encoding[np.newaxis]


@wrong("positional_encoding", "sine and cosine", "halves_side_by_side")
def as_in_tensorflow_today(length, d_model):
    angles = get_angles(np.arange(length)[:, None], np.arange(d_model)[None], d_model)
    return np.concatenate([np.sin(angles[:, 0::2]), np.cos(angles[:, 1::2])], axis=-1)[np.newaxis, ...]


@wrong("positional_encoding", "sine and cosine", "halves_side_by_side")
def tensorflows_tutorial(length, d_model):
    depth = d_model / 2
    positions = np.arange(length)[:, np.newaxis]
    depths = np.arange(depth)[np.newaxis, :] / depth
    angle_rads = positions * (1 / 10000**depths)
    return np.concatenate([np.sin(angle_rads), np.cos(angle_rads)], axis=-1)[None, :, :d_model]


@wrong("positional_encoding", "odd width", "last_sine_left_out")
def loop_over_pairs(length, d_model):
    encoding = np.zeros((length, d_model))
    for pos in range(length):
        for k in range(d_model // 2):
            encoding[pos, 2 * k] = np.sin(pos / 10000 ** (2 * k / d_model))
            encoding[pos, 2 * k + 1] = np.cos(pos / 10000 ** (2 * k / d_model))
    return encoding[np.newaxis]


@wrong("positional_encoding", "odd width", "last_sine_left_out")
def loop_of_step_two(length, d_model):
    encoding = np.zeros((1, length, d_model))
    for pos in range(length):
        for i in range(0, d_model - 1, 2):
            angle = pos / np.power(10000, i / d_model)
            encoding[0, pos, i] = np.sin(angle)
            encoding[0, pos, i + 1] = np.cos(angle)
    return encoding


@wrong("positional_encoding", "odd width", says=r"index|[Oo]dd|entries")
def loop_past_the_end(length, d_model):
    encoding = np.zeros((1, length, d_model))
    for pos in range(length):
        for i in range(0, d_model, 2):
            encoding[0, pos, i] = np.sin(pos / 10000 ** (i / d_model))
            encoding[0, pos, i + 1] = np.cos(pos / 10000 ** (i / d_model))
    return encoding


@wrong("positional_encoding", "in place", "cosine_of_the_sine")
def changed_before(length, d_model):
    angles = get_angles(np.arange(length)[:, None], np.arange(d_model)[None], d_model)
    angles = np.sin(angles)
    angles[:, 1::2] = np.cos(angles[:, 1::2])
    return angles[None]


@wrong("positional_encoding", "rows for columns", "rows_for_columns")
def every_other_row(length, d_model):
    angles = get_angles(np.arange(length)[:, None], np.arange(d_model)[None], d_model)
    angles[0::2] = np.sin(angles[0::2])
    angles[1::2] = np.cos(angles[1::2])
    return angles[np.newaxis]


@wrong("positional_encoding", "last step missing", "half_of_the_columns_empty")
def cosines_forgotten(length, d_model):
    angles = get_angles(np.arange(length)[:, None], np.arange(d_model)[None], d_model)
    encoding = np.zeros((length, d_model))
    encoding[:, 0::2] = np.sin(angles[:, 0::2])
    return encoding[np.newaxis]


@wrong("positional_encoding", "last step missing", "half_of_the_columns_unchanged")
def cosines_not_taken(length, d_model):
    angles = get_angles(np.arange(length)[:, None], np.arange(d_model)[None], d_model)
    angles[:, 0::2] = np.sin(angles[:, 0::2])
    np.cos(angles[:, 1::2])
    return angles[np.newaxis]


@wrong("positional_encoding", "last step missing", "zeros_returned")
def encoding_stays_zero(length, d_model):
    angles = get_angles(np.arange(length)[:, None], np.arange(d_model)[None], d_model)
    encoding = np.zeros((1, length, d_model))
    sines, cosines = np.sin(angles[:, 0::2]), np.cos(angles[:, 1::2])
    return encoding


@wrong("positional_encoding", "last step missing", "no_batch_axis")
def without_batch(length, d_model):
    angles = get_angles(np.arange(length)[:, None], np.arange(d_model)[None], d_model)
    return np.where(np.arange(d_model) % 2 == 0, np.sin(angles), np.cos(angles))


@wrong("positional_encoding", "kind of number", "whole_numbers")
def array_of_integers(length, d_model):
    position, i = np.arange(length)[:, None], np.arange(d_model)[None]
    encoding = np.zeros_like(position * i)
    angles = get_angles(position, i, d_model)
    encoding[:, 0::2] = np.sin(angles[:, 0::2])
    encoding[:, 1::2] = np.cos(angles[:, 1::2])
    return encoding[None]


@wrong("positional_encoding", "degrees", "degrees_and_radians")
def radians_of_radians(length, d_model):
    angles = np.radians(get_angles(np.arange(length)[:, None], np.arange(d_model)[None], d_model))
    encoding = np.zeros((1, length, d_model))
    encoding[0, :, 0::2] = np.sin(angles[:, 0::2])
    encoding[0, :, 1::2] = np.cos(angles[:, 1::2])
    return encoding


@wrong("positional_encoding", "two mistakes", "sines_and_cosines_exchanged", "counted_from_one")
def cosine_first_from_one(length, d_model):
    angles = get_angles(np.arange(1, length + 1)[:, None], np.arange(d_model)[None], d_model)
    encoding = np.zeros((length, d_model))
    encoding[:, ::2], encoding[:, 1::2] = np.cos(angles[:, ::2]), np.sin(angles[:, 1::2])
    return encoding[None]


@wrong("positional_encoding", "two mistakes", "halves_side_by_side", "no_batch_axis")
def halves_without_batch(length, d_model):
    angles = get_angles(np.arange(length)[:, None], np.arange(d_model)[None], d_model)
    return np.hstack([np.sin(angles[:, 0::2]), np.cos(angles[:, 1::2])])


@wrong("positional_encoding", "two mistakes", "another_rate", "sines_and_cosines_exchanged")
def own_rates_cosine_first(length, d_model):
    angles = np.arange(length)[:, None] / 10000 ** (np.arange(d_model)[None] / d_model)
    encoding = np.zeros((length, d_model))
    encoding[:, 1::2], encoding[:, 0::2] = np.sin(angles[:, 1::2]), np.cos(angles[:, 0::2])
    return encoding[np.newaxis]


@wrong("positional_encoding", "two mistakes", "last_sine_left_out", "no_batch_axis")
def pairs_without_batch(length, d_model):
    encoding = np.zeros((length, d_model))
    for pos in range(length):
        for k in range(d_model // 2):
            angle = pos / 10000 ** (2 * k / d_model)
            encoding[pos, 2 * k], encoding[pos, 2 * k + 1] = math.sin(angle), math.cos(angle)
    return encoding


@wrong("positional_encoding", "two mistakes", "counted_from_one", "no_batch_axis")
def from_one_without_batch(length, d_model):
    angles = get_angles(np.arange(1, length + 1)[:, None], np.arange(d_model)[None], d_model)
    return np.where(np.arange(d_model) % 2, np.cos(angles), np.sin(angles))


# ---------------------------------------------------------------- find the bug: positions
@wrong("find_the_positions", "nothing happened", "still_along_the_batch")
def copied_as_it_was(ids, table, positions):
    x = table[ids] * np.sqrt(table.shape[-1])
    return x + positions[0, : x.shape[0]].reshape(x.shape[0], 1, -1)


@wrong("find_the_positions", "the cut", "cut_to_the_batch")
def len_x(ids, table, positions):
    x = table[ids] * np.sqrt(table.shape[1])
    return x + positions[:, : len(x)]


@wrong("find_the_positions", "the cut", "not_cut")
def all_positions(ids, table, positions):
    x = table[ids] * np.sqrt(table.shape[1])
    return x + positions


@wrong("find_the_positions", "wrong index", "position_from_the_id")
def encoding_of_the_word(ids, table, positions):
    return table[ids] * np.sqrt(table.shape[1]) + positions[0, ids]


@wrong("find_the_positions", "the scale", "not_scaled")
def root_lost(ids, table, positions):
    x = table[ids]
    x * np.sqrt(table.shape[1])
    return x + positions[:, : x.shape[1], :]


@wrong("find_the_positions", "last step missing", "words_left_out")
def positions_alone(ids, table, positions):
    x = table[ids] * np.sqrt(table.shape[1])
    return np.zeros_like(x) + positions[:, : x.shape[1]]


@wrong("find_the_positions", "two mistakes", "still_along_the_batch", "positions_scaled")
def along_the_batch_scaled(ids, table, positions):
    x = table[ids]
    where = positions[0, : len(x)]
    return (x + where[:, np.newaxis, :]) * np.sqrt(table.shape[1])


@wrong("find_the_positions", "two mistakes", "cut_to_the_batch", "not_scaled")
def cut_wrongly_unscaled(ids, table, positions):
    return table[ids] + positions[:, : ids.shape[0]]


@wrong("find_the_positions", "two mistakes", "counted_from_one", "not_scaled")
def from_one_unscaled(ids, table, positions):
    longer = np.concatenate([positions, 0 * positions[:, :1]], axis=1)
    return table[ids] + longer[:, 1 : ids.shape[1] + 1]


# ---------------------------------------------------------------- layer norm
@wrong("layer_norm", "the axis", "over_the_batch")
def axis_zero(x, gamma, beta, epsilon=1e-6):
    x_hat = (x - np.mean(x, axis=0)) / np.sqrt(np.var(x, axis=0) + epsilon)
    return gamma * x_hat + beta


@wrong("layer_norm", "the axis", "over_everything")
def no_axis(x, gamma, beta, epsilon=1e-6):
    return gamma * (x - np.mean(x)) / np.sqrt(np.var(x) + epsilon) + beta


@wrong("layer_norm", "the variance", "divided_by_one_less")
def ddof_one(x, gamma, beta, epsilon=1e-6):
    variance = np.var(x, axis=-1, keepdims=True, ddof=1)
    return gamma * (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(variance + epsilon) + beta


@wrong("layer_norm", "the variance", "epsilon_twice")
def epsilon_inside_and_out(x, gamma, beta, epsilon=1e-6):
    mean, variance = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
    return gamma * (x - mean) / (np.sqrt(variance + epsilon) + epsilon) + beta


@wrong("layer_norm", "the variance", "epsilon_outside_the_root")
def std_plus_epsilon(x, gamma, beta, epsilon=1e-6):
    return gamma * (x - x.mean(axis=-1, keepdims=True)) / (x.std(axis=-1, keepdims=True) + epsilon) + beta


@wrong("layer_norm", "the variance", "no_root")
def divided_by_variance(x, gamma, beta, epsilon=1e-6):
    mean, variance = np.mean(x, -1, keepdims=True), np.var(x, -1, keepdims=True)
    x_hat = (x - mean) / (variance + epsilon)
    return x_hat * gamma + beta


@wrong("layer_norm", "the variance", "sum_for_mean")
def sum_of_squares(x, gamma, beta, epsilon=1e-6):
    deviation = x - x.mean(axis=-1, keepdims=True)
    variance = np.sum(deviation**2, axis=-1, keepdims=True)
    return gamma * deviation / np.sqrt(variance + epsilon) + beta


@wrong("layer_norm", "the variance", "range_for_the_deviation")
def largest_minus_smallest(x, gamma, beta, epsilon=1e-6):
    spread = x.max(axis=-1, keepdims=True) - x.min(axis=-1, keepdims=True)
    return gamma * (x - x.mean(axis=-1, keepdims=True)) / (spread + epsilon) + beta


@wrong("layer_norm", "gamma and beta", "no_gamma_no_beta")
def not_scaled_back(x, gamma, beta, epsilon=1e-6):
    return (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + epsilon)


@wrong("layer_norm", "gamma and beta", "gamma_and_beta_exchanged")
def beta_times(x, gamma, beta, epsilon=1e-6):
    x_hat = (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + epsilon)
    return beta * x_hat + gamma


@wrong("layer_norm", "gamma and beta", "gamma_added")
def gamma_plus(x, gamma, beta, epsilon=1e-6):
    x_hat = (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + epsilon)
    return gamma + x_hat + beta


@wrong("layer_norm", "gamma and beta", "beta_subtracted")
def minus_beta(x, gamma, beta, epsilon=1e-6):
    x_hat = (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + epsilon)
    return gamma * x_hat - beta


@wrong("layer_norm", "last step missing", "input_returned")
def x_handed_back(x, gamma, beta, epsilon=1e-6):
    mean, variance = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
    normalised = gamma * (x - mean) / np.sqrt(variance + epsilon) + beta
    return x


@wrong("layer_norm", "the axis", says=r"keepdims")
def keepdims_forgotten(x, gamma, beta, epsilon=1e-6):
    mean, variance = x.mean(axis=-1), x.var(axis=-1)
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


@wrong("layer_norm", "two mistakes", "divided_by_one_less", "epsilon_outside_the_root")
def as_the_annotated_transformer(x, gamma, beta, epsilon=1e-6):
    mean = x.mean(axis=-1, keepdims=True)
    std = x.std(axis=-1, keepdims=True, ddof=1)
    return gamma * (x - mean) / (std + epsilon) + beta


@wrong("layer_norm", "two mistakes", "over_the_batch", "no_gamma_no_beta")
def batch_without_gamma(x, gamma, beta, epsilon=1e-6):
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon)


@wrong("layer_norm", "two mistakes", "epsilon_left_out", "no_beta")
def no_epsilon_no_beta(x, gamma, beta, epsilon=1e-6):
    return gamma * (x - x.mean(axis=-1, keepdims=True)) / x.std(axis=-1, keepdims=True)


@wrong("layer_norm", "two mistakes", "over_everything", "epsilon_outside_the_root")
def one_std_plus_epsilon(x, gamma, beta, epsilon=1e-6):
    return gamma * (x - x.mean()) / (x.std() + epsilon) + beta


@wrong("layer_norm", "two mistakes", "no_root", "gamma_and_beta_exchanged")
def variance_and_beta_times(x, gamma, beta, epsilon=1e-6):
    mean = x.mean(axis=-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(axis=-1, keepdims=True)
    return beta * (x - mean) / (variance + epsilon) + gamma


# ---------------------------------------------------------------- feed-forward
@wrong("feed_forward", "the function", "relu_missing")
def two_products(x, W_1, b_1, W_2, b_2):
    hidden = np.dot(x, W_1) + b_1
    return np.dot(hidden, W_2) + b_2


@wrong("feed_forward", "the function", "relu_at_the_end")
def maximum_of_all(x, W_1, b_1, W_2, b_2):
    return np.maximum(0, (x @ W_1 + b_1) @ W_2 + b_2)


@wrong("feed_forward", "the function", "relu_before_the_bias")
def bias_after_relu(x, W_1, b_1, W_2, b_2):
    hidden = np.maximum(x @ W_1, 0) + b_1
    return hidden @ W_2 + b_2


@wrong("feed_forward", "the function", "true_for_the_number")
def comparison(x, W_1, b_1, W_2, b_2):
    hidden = x @ W_1 + b_1 > 0
    return hidden @ W_2 + b_2


@wrong("feed_forward", "the function", "another_function")
def softplus(x, W_1, b_1, W_2, b_2):
    hidden = np.log(1 + np.exp(x @ W_1 + b_1))
    return hidden @ W_2 + b_2


@wrong("feed_forward", "the function", "minimum")
def where_turned(x, W_1, b_1, W_2, b_2):
    hidden = x @ W_1 + b_1
    hidden = np.where(hidden > 0, 0, hidden)
    return hidden @ W_2 + b_2


@wrong("feed_forward", "the biases", "first_bias_twice")
def b_one_for_the_hidden_twice(x, W_1, b_1, W_2, b_2):
    hidden = np.maximum(0, x @ W_1 + b_1)
    return (hidden + b_1) @ W_2 + b_2


@wrong("feed_forward", "last step missing", "hidden_returned")
def second_product_missing(x, W_1, b_1, W_2, b_2):
    output = np.maximum(0, x @ W_1 + b_1)
    return output


@wrong("feed_forward", "last step missing", "input_returned")
def x_again(x, W_1, b_1, W_2, b_2):
    hidden = np.maximum(0, x @ W_1 + b_1)
    output = hidden @ W_2 + b_2
    return x


@wrong("feed_forward", "torch habit", says=r"np\.maximum")
def dot_relu(x, W_1, b_1, W_2, b_2):
    return np.relu(x @ W_1 + b_1) @ W_2 + b_2


@wrong("feed_forward", "two mistakes", "relu_missing", "both_biases_forgotten")
def bare_products(x, W_1, b_1, W_2, b_2):
    return x @ W_1 @ W_2


@wrong("feed_forward", "two mistakes", "relu_missing", "residual_added")
def linear_plus_x(x, W_1, b_1, W_2, b_2):
    return x + (x @ W_1 + b_1) @ W_2 + b_2


@wrong("feed_forward", "two mistakes", "relu_twice", "second_bias_forgotten")
def relu_around_all(x, W_1, b_1, W_2, b_2):
    return np.maximum(0, np.maximum(0, x @ W_1 + b_1) @ W_2)


@wrong("feed_forward", "two mistakes", "relu_before_the_bias", "second_bias_forgotten")
def early_relu_no_last_bias(x, W_1, b_1, W_2, b_2):
    return (np.maximum(0, x @ W_1) + b_1) @ W_2


# ---------------------------------------------------------------- add and norm
@wrong("add_and_norm", "the order", "norm_before_the_sum")
def x_plus_norm(x, sublayer_output, gamma, beta):
    return x + layer_norm(sublayer_output, gamma, beta)


@wrong("add_and_norm", "the order", "each_normalised")
def two_norms(x, sublayer_output, gamma, beta):
    return layer_norm(x, gamma, beta) + layer_norm(sublayer_output, gamma, beta)


@wrong("add_and_norm", "the sum", "residual_missing")
def the_output_alone(x, sublayer_output, gamma, beta):
    return layer_norm(sublayer_output, gamma, beta)


@wrong("add_and_norm", "last step missing", "not_normalised")
def norm_not_kept(x, sublayer_output, gamma, beta):
    total = x + sublayer_output
    layer_norm(total, gamma, beta)
    return total


@wrong("add_and_norm", "gamma and beta", "gamma_and_beta_exchanged")
def beta_first(x, sublayer_output, gamma, beta):
    return layer_norm(x + sublayer_output, beta, gamma)


@wrong("add_and_norm", "joined otherwise", "side_by_side")
def concatenated(x, sublayer_output, gamma, beta):
    d = x.shape[-1]
    both = np.concatenate([x, sublayer_output], axis=-1)
    both = layer_norm(both, np.tile(gamma, 2), np.tile(beta, 2))
    return both


@wrong("add_and_norm", "two mistakes", "residual_missing", "gamma_and_beta_not_handed_on")
def bare_norm_of_the_output(x, sublayer_output, gamma, beta):
    return layer_norm(sublayer_output, np.ones(x.shape[-1]), np.zeros(x.shape[-1]))


@wrong("add_and_norm", "two mistakes", "norm_before_the_sum", "gamma_and_beta_exchanged")
def x_plus_exchanged(x, sublayer_output, gamma, beta):
    return x + layer_norm(sublayer_output, beta, gamma)


@wrong("add_and_norm", "two mistakes", "over_the_positions", "gamma_and_beta_exchanged")
def positions_and_exchanged(x, sublayer_output, gamma, beta):
    y = x + sublayer_output
    return beta * (y - y.mean(axis=1, keepdims=True)) / np.sqrt(y.var(axis=1, keepdims=True) + 1e-6) + gamma


# ---------------------------------------------------------------- count
@wrong("count_parameters", "forgotten", "output_projection_forgotten")
def three_matrices(vocab_size, num_layers, dff, d_model, num_heads):
    mha = 3 * (d_model**2 + d_model)
    ffn = d_model * dff + dff + dff * d_model + d_model
    encoder_layer = mha + ffn + 2 * 2 * d_model
    decoder_layer = 2 * mha + ffn + 3 * 2 * d_model
    return 2 * vocab_size * d_model + num_layers * (encoder_layer + decoder_layer) + d_model * vocab_size + vocab_size


@wrong("count_parameters", "forgotten", "one_table_of_words")
def one_embedding(vocab_size, num_layers, dff, d_model, num_heads):
    mha = 4 * (d_model * d_model + d_model)
    ffn = 2 * d_model * dff + dff + d_model
    layers = num_layers * (3 * mha + 2 * ffn + 5 * 2 * d_model)
    return vocab_size * d_model + layers + (d_model + 1) * vocab_size


@wrong("count_parameters", "too much", "multiplied_by_the_heads")
def each_head_whole(vocab_size, num_layers, dff, d_model, num_heads):
    mha = 4 * num_heads * (d_model * d_model + d_model)
    ffn = 2 * d_model * dff + dff + d_model
    layers = num_layers * (3 * mha + 2 * ffn + 5 * 2 * d_model)
    return 2 * vocab_size * d_model + layers + (d_model + 1) * vocab_size


@wrong("count_parameters", "the layers", "decoder_only")
def encoder_layers_forgotten(vocab_size, num_layers, dff, d_model, num_heads):
    mha = 4 * (d_model * d_model + d_model)
    ffn = 2 * d_model * dff + dff + d_model
    return 2 * vocab_size * d_model + num_layers * (2 * mha + ffn + 6 * d_model) + (d_model + 1) * vocab_size


@wrong("count_parameters", "the result", says=r"list|array|number|things")
def text(vocab_size, num_layers, dff, d_model, num_heads):
    mha = 4 * (d_model * d_model + d_model)
    ffn = 2 * d_model * dff + dff + d_model
    layers = num_layers * (3 * mha + 2 * ffn + 5 * 2 * d_model)
    return f"{2 * vocab_size * d_model + layers + (d_model + 1) * vocab_size:,}"


@wrong("count_parameters", "two mistakes", "attention_biases_forgotten", "norms_forgotten")
def no_biases_no_norms(vocab_size, num_layers, dff, d_model, num_heads):
    mha = 4 * d_model * d_model
    ffn = 2 * d_model * dff + dff + d_model
    return 2 * vocab_size * d_model + num_layers * (3 * mha + 2 * ffn) + (d_model + 1) * vocab_size


@wrong("count_parameters", "two mistakes", "no_output_layer")
def one_table_no_last_bias(vocab_size, num_layers, dff, d_model, num_heads):
    mha = 4 * (d_model * d_model + d_model)
    ffn = 2 * d_model * dff + dff + d_model
    layers = num_layers * (3 * mha + 2 * ffn + 5 * 2 * d_model)
    return vocab_size * d_model + layers + d_model * vocab_size


@wrong("count_parameters", "two mistakes", "output_projection_forgotten", "gamma_only")
def three_matrices_gamma_only(vocab_size, num_layers, dff, d_model, num_heads):
    mha = 3 * (d_model * d_model + d_model)
    ffn = 2 * d_model * dff + dff + d_model
    layers = num_layers * (3 * mha + 2 * ffn + 5 * d_model)
    return 2 * vocab_size * d_model + layers + (d_model + 1) * vocab_size


@wrong("count_parameters", "two mistakes", "one_layer_counted", "network_biases_forgotten")
def one_layer_no_network_biases(vocab_size, num_layers, dff, d_model, num_heads):
    mha = 4 * (d_model * d_model + d_model)
    layers = 3 * mha + 2 * (2 * d_model * dff) + 5 * 2 * d_model
    return 2 * vocab_size * d_model + layers + (d_model + 1) * vocab_size


# ---------------------------------------------------------------- the encoder layer
class EncoderParts(Layer):
    """What most of the layers below have in common."""

    def __init__(self, d_model, num_heads, dff, dropout, **kwargs):
        super().__init__(**kwargs)
        self.attention = MultiHeadAttention(d_model, num_heads)
        self.dense_1 = layers.Dense(dff, activation="relu")
        self.dense_2 = layers.Dense(d_model)
        self.norm_1 = layers.LayerNormalization(epsilon=1e-6)
        self.norm_2 = layers.LayerNormalization(epsilon=1e-6)
        self.dropout_1 = layers.Dropout(dropout)
        self.dropout_2 = layers.Dropout(dropout)


@wrong("encoder_layer", "residual", "residual_missing")
@register
class FirstResidualForgotten(EncoderParts):
    def call(self, x, padding_mask=None):
        attended, _ = self.attention(query=x, key=x, value=x, mask=padding_mask)
        h = self.norm_1(self.dropout_1(attended))
        return self.norm_2(h + self.dropout_2(self.dense_2(self.dense_1(h))))


@wrong("encoder_layer", "residual", "second_residual_from_the_input")
@register
class SecondResidualOfX(EncoderParts):
    def call(self, x, padding_mask=None):
        attended, _ = self.attention(query=x, key=x, value=x, mask=padding_mask)
        h = self.norm_1(x + self.dropout_1(attended))
        return self.norm_2(x + self.dropout_2(self.dense_2(self.dense_1(h))))


@wrong("encoder_layer", "norm", "pre_norm")
@register
class NormBefore(EncoderParts):
    def call(self, x, padding_mask=None):
        y = self.norm_1(x)
        attended, _ = self.attention(query=y, key=y, value=y, mask=padding_mask)
        h = x + self.dropout_1(attended)
        return h + self.dropout_2(self.dense_2(self.dense_1(self.norm_2(h))))


@wrong("encoder_layer", "norm", "epsilon_of_keras")
@register
class UsualEpsilon(EncoderParts):
    def __init__(self, d_model, num_heads, dff, dropout, **kwargs):
        super().__init__(d_model, num_heads, dff, dropout, **kwargs)
        self.norm_1, self.norm_2 = layers.LayerNormalization(), layers.LayerNormalization()

    def call(self, x, padding_mask=None):
        attended, _ = self.attention(query=x, key=x, value=x, mask=padding_mask)
        h = self.norm_1(x + self.dropout_1(attended))
        return self.norm_2(h + self.dropout_2(self.dense_2(self.dense_1(h))))


@wrong("encoder_layer", "dropout", "dropout_missing")
@register
class SecondDropoutForgotten(EncoderParts):
    def call(self, x, padding_mask=None):
        attended, _ = self.attention(query=x, key=x, value=x, mask=padding_mask)
        h = self.norm_1(x + self.dropout_1(attended))
        return self.norm_2(h + self.dense_2(self.dense_1(h)))


@wrong("encoder_layer", "dropout", "dropout_left_on")
@register
class AlwaysTraining(EncoderParts):
    def call(self, x, padding_mask=None):
        attended, _ = self.attention(query=x, key=x, value=x, mask=padding_mask)
        h = self.norm_1(x + self.dropout_1(attended, training=True))
        return self.norm_2(h + self.dropout_2(self.dense_2(self.dense_1(h)), training=True))


@wrong("encoder_layer", "mask", "mask_dropped")
@register
class MaskForgotten(EncoderParts):
    def call(self, x, padding_mask=None):
        attended, _ = self.attention(query=x, key=x, value=x)
        h = self.norm_1(x + self.dropout_1(attended))
        return self.norm_2(h + self.dropout_2(self.dense_2(self.dense_1(h))))


@wrong("encoder_layer", "the network", "relu_missing")
@register
class NoActivation(EncoderParts):
    def __init__(self, d_model, num_heads, dff, dropout, **kwargs):
        super().__init__(d_model, num_heads, dff, dropout, **kwargs)
        self.dense_1 = layers.Dense(dff)

    def call(self, x, padding_mask=None):
        attended, _ = self.attention(query=x, key=x, value=x, mask=padding_mask)
        h = self.norm_1(x + self.dropout_1(attended))
        return self.norm_2(h + self.dropout_2(self.dense_2(self.dense_1(h))))


@wrong("encoder_layer", "last step missing", "network_left_out")
@register
class FirstHalfOnly(EncoderParts):
    def call(self, x, padding_mask=None):
        attended, _ = self.attention(query=x, key=x, value=x, mask=padding_mask)
        h = self.norm_1(x + self.dropout_1(attended))
        network = self.dropout_2(self.dense_2(self.dense_1(h)))
        return h


@wrong("encoder_layer", "the pair", says=r"attended, _")
@register
class PairAdded(EncoderParts):
    def call(self, x, padding_mask=None):
        attended = self.attention(query=x, key=x, value=x, mask=padding_mask)
        h = self.norm_1(x + self.dropout_1(attended))
        return self.norm_2(h + self.dropout_2(self.dense_2(self.dense_1(h))))


@wrong("encoder_layer", "class", says=r"super\(\)\.__init__")
@register
class SuperForgotten(Layer):
    def __init__(self, d_model, num_heads, dff, dropout, **kwargs):
        self.attention = MultiHeadAttention(d_model, num_heads)
        self.dense_1, self.dense_2 = layers.Dense(dff, activation="relu"), layers.Dense(d_model)

    def call(self, x, padding_mask=None):
        return x


@wrong("encoder_layer", "class", says=r"by name")
@register
class ByPosition(EncoderParts):
    def call(self, x, padding_mask=None):
        attended, _ = self.attention(x, x, x, padding_mask)
        h = self.norm_1(x + self.dropout_1(attended))
        return self.norm_2(h + self.dropout_2(self.dense_2(self.dense_1(h))))


@wrong("encoder_layer", "two mistakes", "mask_dropped", "second_residual_from_the_input")
@register
class NoMaskAndXAgain(EncoderParts):
    def call(self, x, padding_mask=None):
        attended, _ = self.attention(query=x, key=x, value=x)
        h = self.norm_1(x + self.dropout_1(attended))
        return self.norm_2(x + self.dropout_2(self.dense_2(self.dense_1(h))))


@wrong("encoder_layer", "two mistakes", "mask_dropped", "epsilon_of_keras")
@register
class NoMaskUsualEpsilon(EncoderParts):
    def __init__(self, d_model, num_heads, dff, dropout, **kwargs):
        super().__init__(d_model, num_heads, dff, dropout, **kwargs)
        self.norm_1, self.norm_2 = layers.LayerNormalization(), layers.LayerNormalization()

    def call(self, x, padding_mask=None):
        attended, _ = self.attention(query=x, key=x, value=x)
        h = self.norm_1(x + self.dropout_1(attended))
        return self.norm_2(h + self.dropout_2(self.dense_2(self.dense_1(h))))


@wrong("encoder_layer", "two mistakes", "residual_missing", "relu_missing")
@register
class NoResidualsNoRelu(EncoderParts):
    def __init__(self, d_model, num_heads, dff, dropout, **kwargs):
        super().__init__(d_model, num_heads, dff, dropout, **kwargs)
        self.dense_1 = layers.Dense(dff)

    def call(self, x, padding_mask=None):
        attended, _ = self.attention(query=x, key=x, value=x, mask=padding_mask)
        h = self.norm_1(self.dropout_1(attended))
        return self.norm_2(self.dropout_2(self.dense_2(self.dense_1(h))))


@wrong("encoder_layer", "two mistakes", "dropout_missing", "epsilon_of_keras")
@register
class NoDropoutUsualEpsilon(EncoderParts):
    def __init__(self, d_model, num_heads, dff, dropout, **kwargs):
        super().__init__(d_model, num_heads, dff, dropout, **kwargs)
        self.norm_1, self.norm_2 = layers.LayerNormalization(), layers.LayerNormalization()

    def call(self, x, padding_mask=None):
        attended, _ = self.attention(query=x, key=x, value=x, mask=padding_mask)
        h = self.norm_1(x + attended)
        return self.norm_2(h + self.dense_2(self.dense_1(h)))


# ---------------------------------------------------------------- the decoder layer
class DecoderParts(Layer):
    """What most of the layers below have in common."""

    def __init__(self, d_model, num_heads, dff, dropout, **kwargs):
        super().__init__(**kwargs)
        self.self_attention = MultiHeadAttention(d_model, num_heads)
        self.cross_attention = MultiHeadAttention(d_model, num_heads)
        self.dense_1 = layers.Dense(dff, activation="relu")
        self.dense_2 = layers.Dense(d_model)
        self.norm_1, self.norm_2, self.norm_3 = (layers.LayerNormalization(epsilon=1e-6) for _ in range(3))
        self.dropout_1, self.dropout_2, self.dropout_3 = (layers.Dropout(dropout) for _ in range(3))

    def network(self, h):
        return self.norm_3(h + self.dropout_3(self.dense_2(self.dense_1(h))))


@wrong("decoder_layer", "cross-attention", "queries_from_the_encoder")
@register
class EncoderAsks(DecoderParts):
    def call(self, x, enc_outputs, look_ahead_mask=None, padding_mask=None):
        attended, _ = self.self_attention(query=x, key=x, value=x, mask=look_ahead_mask)
        h = self.norm_1(x + self.dropout_1(attended))
        attended, _ = self.cross_attention(query=enc_outputs, key=h, value=h, mask=None)
        h = self.norm_2(h + self.dropout_2(attended))
        return self.network(h)


@wrong("decoder_layer", "cross-attention", "keys_and_values_of_two_kinds")
@register
class ValuesOfTheDecoder(DecoderParts):
    def call(self, x, enc_outputs, look_ahead_mask=None, padding_mask=None):
        attended, _ = self.self_attention(query=x, key=x, value=x, mask=look_ahead_mask)
        h = self.norm_1(x + self.dropout_1(attended))
        attended, _ = self.cross_attention(query=h, key=enc_outputs, value=h, mask=padding_mask)
        h = self.norm_2(h + self.dropout_2(attended))
        return self.network(h)


@wrong("decoder_layer", "cross-attention", "query_is_the_input")
@register
class XAsks(DecoderParts):
    def call(self, x, enc_outputs, look_ahead_mask=None, padding_mask=None):
        attended, _ = self.self_attention(query=x, key=x, value=x, mask=look_ahead_mask)
        h = self.norm_1(x + self.dropout_1(attended))
        attended, _ = self.cross_attention(query=x, key=enc_outputs, value=enc_outputs, mask=padding_mask)
        h = self.norm_2(h + self.dropout_2(attended))
        return self.network(h)


@wrong("decoder_layer", "masks", "masks_exchanged")
@register
class MasksExchanged(DecoderParts):
    def call(self, x, enc_outputs, look_ahead_mask=None, padding_mask=None):
        attended, _ = self.self_attention(query=x, key=x, value=x, mask=padding_mask)
        h = self.norm_1(x + self.dropout_1(attended))
        attended, _ = self.cross_attention(query=h, key=enc_outputs, value=enc_outputs, mask=look_ahead_mask)
        h = self.norm_2(h + self.dropout_2(attended))
        return self.network(h)


@wrong("decoder_layer", "masks", "padding_mask_dropped")
@register
class NoMaskInCross(DecoderParts):
    def call(self, x, enc_outputs, look_ahead_mask=None, padding_mask=None):
        attended, _ = self.self_attention(query=x, key=x, value=x, mask=look_ahead_mask)
        h = self.norm_1(x + self.dropout_1(attended))
        attended, _ = self.cross_attention(query=h, key=enc_outputs, value=enc_outputs)
        h = self.norm_2(h + self.dropout_2(attended))
        return self.network(h)


@wrong("decoder_layer", "residual", "residual_from_the_input")
@register
class XInTheSecondSum(DecoderParts):
    def call(self, x, enc_outputs, look_ahead_mask=None, padding_mask=None):
        attended, _ = self.self_attention(query=x, key=x, value=x, mask=look_ahead_mask)
        h = self.norm_1(x + self.dropout_1(attended))
        attended, _ = self.cross_attention(query=h, key=enc_outputs, value=enc_outputs, mask=padding_mask)
        h = self.norm_2(x + self.dropout_2(attended))
        return self.network(h)


@wrong("decoder_layer", "norm", "one_norm_for_several")
@register
class NormOneTwice(DecoderParts):
    def call(self, x, enc_outputs, look_ahead_mask=None, padding_mask=None):
        attended, _ = self.self_attention(query=x, key=x, value=x, mask=look_ahead_mask)
        h = self.norm_1(x + self.dropout_1(attended))
        attended, _ = self.cross_attention(query=h, key=enc_outputs, value=enc_outputs, mask=padding_mask)
        h = self.norm_1(h + self.dropout_2(attended))
        return self.network(h)


@wrong("decoder_layer", "last step missing", "network_left_out")
@register
class NetworkForgotten(DecoderParts):
    def call(self, x, enc_outputs, look_ahead_mask=None, padding_mask=None):
        attended, _ = self.self_attention(query=x, key=x, value=x, mask=look_ahead_mask)
        h = self.norm_1(x + self.dropout_1(attended))
        attended, _ = self.cross_attention(query=h, key=enc_outputs, value=enc_outputs, mask=padding_mask)
        return self.norm_2(h + self.dropout_2(attended))


@wrong("decoder_layer", "dropout", "dropout_missing")
@register
class DropoutOnceForgotten(DecoderParts):
    def call(self, x, enc_outputs, look_ahead_mask=None, padding_mask=None):
        attended, _ = self.self_attention(query=x, key=x, value=x, mask=look_ahead_mask)
        h = self.norm_1(x + self.dropout_1(attended))
        attended, _ = self.cross_attention(query=h, key=enc_outputs, value=enc_outputs, mask=padding_mask)
        h = self.norm_2(h + attended)
        return self.network(h)


@wrong("decoder_layer", "two mistakes", "padding_mask_dropped", "residual_from_the_input")
@register
class NoCrossMaskAndX(DecoderParts):
    def call(self, x, enc_outputs, look_ahead_mask=None, padding_mask=None):
        attended, _ = self.self_attention(query=x, key=x, value=x, mask=look_ahead_mask)
        h = self.norm_1(x + self.dropout_1(attended))
        attended, _ = self.cross_attention(query=h, key=enc_outputs, value=enc_outputs)
        h = self.norm_2(x + self.dropout_2(attended))
        return self.network(h)


@wrong("decoder_layer", "two mistakes", "query_is_the_input", "look_ahead_mask_dropped")
@register
class XAsksWithoutLookAhead(DecoderParts):
    def call(self, x, enc_outputs, look_ahead_mask=None, padding_mask=None):
        attended, _ = self.self_attention(query=x, key=x, value=x)
        h = self.norm_1(x + self.dropout_1(attended))
        attended, _ = self.cross_attention(query=x, key=enc_outputs, value=enc_outputs, mask=padding_mask)
        h = self.norm_2(h + self.dropout_2(attended))
        return self.network(h)


@wrong("decoder_layer", "two mistakes", "masks_exchanged", "epsilon_of_keras")
@register
class MasksExchangedUsualEpsilon(DecoderParts):
    def __init__(self, d_model, num_heads, dff, dropout, **kwargs):
        super().__init__(d_model, num_heads, dff, dropout, **kwargs)
        self.norm_1, self.norm_2, self.norm_3 = (layers.LayerNormalization() for _ in range(3))

    def call(self, x, enc_outputs, look_ahead_mask=None, padding_mask=None):
        attended, _ = self.self_attention(query=x, key=x, value=x, mask=padding_mask)
        h = self.norm_1(x + self.dropout_1(attended))
        attended, _ = self.cross_attention(query=h, key=enc_outputs, value=enc_outputs, mask=look_ahead_mask)
        h = self.norm_2(h + self.dropout_2(attended))
        return self.network(h)


@wrong("decoder_layer", "two mistakes", "decoder_asks_itself", "residual_missing")
@register
class AsksItselfWithoutResidual(DecoderParts):
    def call(self, x, enc_outputs, look_ahead_mask=None, padding_mask=None):
        attended, _ = self.self_attention(query=x, key=x, value=x, mask=look_ahead_mask)
        h = self.norm_1(self.dropout_1(attended))
        attended, _ = self.cross_attention(query=h, key=h, value=h, mask=look_ahead_mask)
        h = self.norm_2(h + self.dropout_2(attended))
        return self.network(h)


# ---------------------------------------------------------------- the encoder
@wrong("encoder", "the scale", "not_scaled")
def embedding_unscaled(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="encoder"):
    ids, padding_mask = keras.Input((None,), name="ids"), keras.Input((1, 1, None), name="padding_mask")
    x = AddPositions()(layers.Embedding(vocab_size, d_model)(ids))
    x = layers.Dropout(dropout)(x)
    for _ in range(num_layers):
        x = EncoderLayer(d_model, num_heads, dff, dropout)(x, padding_mask)
    return keras.Model([ids, padding_mask], x, name=name)


@wrong("encoder", "the positions", "positions_scaled_too")
def scaled_at_the_end(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="encoder"):
    ids, padding_mask = keras.Input((None,), name="ids"), keras.Input((1, 1, None), name="padding_mask")
    x = AddPositions()(layers.Embedding(vocab_size, d_model)(ids)) * d_model**0.5
    x = layers.Dropout(dropout)(x)
    for _ in range(num_layers):
        x = EncoderLayer(d_model, num_heads, dff, dropout)(x, padding_mask)
    return keras.Model([ids, padding_mask], x, name=name)


@wrong("encoder", "the layers", "one_layer_again_and_again")
def one_layer_called(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="encoder"):
    ids, padding_mask = keras.Input((None,), name="ids"), keras.Input((1, 1, None), name="padding_mask")
    x = layers.Embedding(vocab_size, d_model)(ids) * d_model**0.5
    x = layers.Dropout(dropout)(AddPositions()(x))
    layer = EncoderLayer(d_model, num_heads, dff, dropout)
    for _ in range(num_layers):
        x = layer(x, padding_mask)
    return keras.Model([ids, padding_mask], x, name=name)


@wrong("encoder", "the layers", "not_chained")
def always_from_the_embedding(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="encoder"):
    ids, padding_mask = keras.Input((None,), name="ids"), keras.Input((1, 1, None), name="padding_mask")
    x = layers.Embedding(vocab_size, d_model)(ids) * d_model**0.5
    x = layers.Dropout(dropout)(AddPositions()(x))
    for _ in range(num_layers):
        output = EncoderLayer(d_model, num_heads, dff, dropout)(x, padding_mask)
    return keras.Model([ids, padding_mask], output, name=name)


@wrong("encoder", "the layers", "sizes_exchanged")
def dff_before_heads(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="encoder"):
    ids, padding_mask = keras.Input((None,), name="ids"), keras.Input((1, 1, None), name="padding_mask")
    x = layers.Embedding(vocab_size, d_model)(ids) * d_model**0.5
    x = layers.Dropout(dropout)(AddPositions()(x))
    for _ in range(num_layers):
        x = EncoderLayer(d_model, dff, num_heads, dropout)(x, padding_mask)
    return keras.Model([ids, padding_mask], x, name=name)


@wrong("encoder", "dropout", "dropout_before_the_positions")
def dropout_first(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="encoder"):
    ids, padding_mask = keras.Input((None,), name="ids"), keras.Input((1, 1, None), name="padding_mask")
    x = layers.Embedding(vocab_size, d_model)(ids) * d_model**0.5
    x = AddPositions()(layers.Dropout(dropout)(x))
    for _ in range(num_layers):
        x = EncoderLayer(d_model, num_heads, dff, dropout)(x, padding_mask)
    return keras.Model([ids, padding_mask], x, name=name)


@wrong("encoder", "last step missing", says=r"keras\.Model")
def tensor_returned(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="encoder"):
    ids, padding_mask = keras.Input((None,), name="ids"), keras.Input((1, 1, None), name="padding_mask")
    x = layers.Embedding(vocab_size, d_model)(ids) * d_model**0.5
    x = layers.Dropout(dropout)(AddPositions()(x))
    for _ in range(num_layers):
        x = EncoderLayer(d_model, num_heads, dff, dropout)(x, padding_mask)
    return x


@wrong("encoder", "last step missing", says=r"name")
def name_not_handed_on(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="encoder"):
    ids, padding_mask = keras.Input((None,), name="ids"), keras.Input((1, 1, None), name="padding_mask")
    x = layers.Embedding(vocab_size, d_model)(ids) * d_model**0.5
    x = layers.Dropout(dropout)(AddPositions()(x))
    for _ in range(num_layers):
        x = EncoderLayer(d_model, num_heads, dff, dropout)(x, padding_mask)
    return keras.Model([ids, padding_mask], x)


@wrong("encoder", "two mistakes", "not_scaled", "mask_not_handed_on")
def unscaled_unmasked(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="encoder"):
    ids, padding_mask = keras.Input((None,), name="ids"), keras.Input((1, 1, None), name="padding_mask")
    x = layers.Dropout(dropout)(AddPositions()(layers.Embedding(vocab_size, d_model)(ids)))
    for _ in range(num_layers):
        x = EncoderLayer(d_model, num_heads, dff, dropout)(x)
    return keras.Model([ids, padding_mask], x, name=name)


@wrong("encoder", "two mistakes", "not_scaled", "one_layer_again_and_again")
def unscaled_and_one_layer(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="encoder"):
    ids, padding_mask = keras.Input((None,), name="ids"), keras.Input((1, 1, None), name="padding_mask")
    x = layers.Dropout(dropout)(AddPositions()(layers.Embedding(vocab_size, d_model)(ids)))
    layer = EncoderLayer(d_model, num_heads, dff, dropout)
    for _ in range(num_layers):
        x = layer(x, padding_mask)
    return keras.Model([ids, padding_mask], x, name=name)


# ---------------------------------------------------------------- the decoder
def four_inputs(d_model):
    """Return the inputs of the model."""
    return [
        keras.Input((None,), name="ids"),
        keras.Input((None, d_model), name="enc_outputs"),
        keras.Input((1, None, None), name="look_ahead_mask"),
        keras.Input((1, 1, None), name="padding_mask"),
    ]


@wrong("decoder", "masks", "masks_exchanged")
def padding_first(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="decoder"):
    ids, enc_outputs, look_ahead_mask, padding_mask = inputs = four_inputs(d_model)
    x = layers.Embedding(vocab_size, d_model)(ids) * d_model**0.5
    x = layers.Dropout(dropout)(AddPositions()(x))
    for _ in range(num_layers):
        x = DecoderLayer(d_model, num_heads, dff, dropout)(x, enc_outputs, padding_mask, look_ahead_mask)
    return keras.Model(inputs, x, name=name)


@wrong("decoder", "the source", "source_replaced")
def enc_outputs_overwritten(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="decoder"):
    ids, enc_outputs, look_ahead_mask, padding_mask = inputs = four_inputs(d_model)
    x = layers.Embedding(vocab_size, d_model)(ids) * d_model**0.5
    x = layers.Dropout(dropout)(AddPositions()(x))
    memory = enc_outputs
    for _ in range(num_layers):
        x = memory = DecoderLayer(d_model, num_heads, dff, dropout)(x, memory, look_ahead_mask, padding_mask)
    return keras.Model(inputs, x, name=name)


@wrong("decoder", "dropout", "dropout_not_handed_on")
def rate_fixed(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="decoder"):
    ids, enc_outputs, look_ahead_mask, padding_mask = inputs = four_inputs(d_model)
    x = layers.Embedding(vocab_size, d_model)(ids) * d_model**0.5
    x = layers.Dropout(dropout)(AddPositions()(x))
    for _ in range(num_layers):
        x = DecoderLayer(d_model, num_heads, dff, 0.1)(x, enc_outputs, look_ahead_mask, padding_mask)
    return keras.Model(inputs, x, name=name)


@wrong("decoder", "the layers", "wrong_number_of_layers")
def range_from_one(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="decoder"):
    ids, enc_outputs, look_ahead_mask, padding_mask = inputs = four_inputs(d_model)
    x = layers.Embedding(vocab_size, d_model)(ids) * d_model**0.5
    x = layers.Dropout(dropout)(AddPositions()(x))
    for _ in range(1, num_layers):
        x = DecoderLayer(d_model, num_heads, dff, dropout)(x, enc_outputs, look_ahead_mask, padding_mask)
    return keras.Model(inputs, x, name=name)


@wrong("decoder", "two mistakes", "not_scaled", "masks_exchanged")
def unscaled_and_exchanged(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="decoder"):
    ids, enc_outputs, look_ahead_mask, padding_mask = inputs = four_inputs(d_model)
    x = layers.Dropout(dropout)(AddPositions()(layers.Embedding(vocab_size, d_model)(ids)))
    for _ in range(num_layers):
        x = DecoderLayer(d_model, num_heads, dff, dropout)(x, enc_outputs, padding_mask, look_ahead_mask)
    return keras.Model(inputs, x, name=name)


@wrong("decoder", "two mistakes", "positions_missing", "padding_mask_not_handed_on")
def no_positions_no_padding(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="decoder"):
    ids, enc_outputs, look_ahead_mask, padding_mask = inputs = four_inputs(d_model)
    x = layers.Dropout(dropout)(layers.Embedding(vocab_size, d_model)(ids) * d_model**0.5)
    for _ in range(num_layers):
        x = DecoderLayer(d_model, num_heads, dff, dropout)(x, enc_outputs, look_ahead_mask)
    return keras.Model(inputs, x, name=name)


# ---------------------------------------------------------------- the Transformer
@wrong("transformer", "masks", "cross_attention_given_the_targets_mask")
def padding_of_the_target(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="transformer"):
    inputs, dec_inputs = keras.Input((None,), name="inputs"), keras.Input((None,), name="dec_inputs")
    look_ahead = LookAheadMask()(dec_inputs)
    enc = encoder(vocab_size, num_layers, dff, d_model, num_heads, dropout)([inputs, PaddingMask()(inputs)])
    x = decoder(vocab_size, num_layers, dff, d_model, num_heads, dropout)(
        [dec_inputs, enc, look_ahead, PaddingMask()(dec_inputs)]
    )
    return keras.Model([inputs, dec_inputs], layers.Dense(vocab_size, name="outputs")(x), name=name)


@wrong("transformer", "the last layer", "softmax_taken")
def softmax_at_the_end(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="transformer"):
    inputs, dec_inputs = keras.Input((None,), name="inputs"), keras.Input((None,), name="dec_inputs")
    padding, look_ahead = PaddingMask()(inputs), LookAheadMask()(dec_inputs)
    enc = encoder(vocab_size, num_layers, dff, d_model, num_heads, dropout)([inputs, padding])
    x = decoder(vocab_size, num_layers, dff, d_model, num_heads, dropout)([dec_inputs, enc, look_ahead, padding])
    outputs = layers.Dense(vocab_size, activation="softmax", name="outputs")(x)
    return keras.Model([inputs, dec_inputs], outputs, name=name)


@wrong("transformer", "names", "inputs_not_named")
def inputs_without_names(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="transformer"):
    inputs, dec_inputs = keras.Input((None,)), keras.Input((None,))
    padding, look_ahead = PaddingMask()(inputs), LookAheadMask()(dec_inputs)
    enc = encoder(vocab_size, num_layers, dff, d_model, num_heads, dropout)([inputs, padding])
    x = decoder(vocab_size, num_layers, dff, d_model, num_heads, dropout)([dec_inputs, enc, look_ahead, padding])
    return keras.Model([inputs, dec_inputs], layers.Dense(vocab_size, name="outputs")(x), name=name)


@wrong("transformer", "called without its list", says=r"list")
def encoder_without_its_list(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="transformer"):
    inputs, dec_inputs = keras.Input((None,), name="inputs"), keras.Input((None,), name="dec_inputs")
    padding, look_ahead = PaddingMask()(inputs), LookAheadMask()(dec_inputs)
    enc = encoder(vocab_size, num_layers, dff, d_model, num_heads, dropout)(inputs, padding)
    x = decoder(vocab_size, num_layers, dff, d_model, num_heads, dropout)([dec_inputs, enc, look_ahead, padding])
    return keras.Model([inputs, dec_inputs], layers.Dense(vocab_size, name="outputs")(x), name=name)


@wrong("transformer", "called without its list", says=r"list")
def decoder_without_its_list(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="transformer"):
    inputs, dec_inputs = keras.Input((None,), name="inputs"), keras.Input((None,), name="dec_inputs")
    padding, look_ahead = PaddingMask()(inputs), LookAheadMask()(dec_inputs)
    enc = encoder(vocab_size, num_layers, dff, d_model, num_heads, dropout)([inputs, padding])
    x = decoder(vocab_size, num_layers, dff, d_model, num_heads, dropout)(dec_inputs, enc, look_ahead, padding)
    return keras.Model([inputs, dec_inputs], layers.Dense(vocab_size, name="outputs")(x), name=name)


@wrong("transformer", "two mistakes", "no_look_ahead_mask", "softmax_taken")
def no_look_ahead_and_softmax(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="transformer"):
    inputs, dec_inputs = keras.Input((None,), name="inputs"), keras.Input((None,), name="dec_inputs")
    padding = PaddingMask()(inputs)
    enc = encoder(vocab_size, num_layers, dff, d_model, num_heads, dropout)([inputs, padding])
    x = decoder(vocab_size, num_layers, dff, d_model, num_heads, dropout)(
        [dec_inputs, enc, PaddingMask()(dec_inputs), padding]
    )
    outputs = layers.Dense(vocab_size, activation="softmax", name="outputs")(x)
    return keras.Model([inputs, dec_inputs], outputs, name=name)


@wrong("transformer", "two mistakes", "cross_attention_given_the_targets_mask", "last_layer_not_named")
def cross_of_the_target_unnamed(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="transformer"):
    inputs, dec_inputs = keras.Input((None,), name="inputs"), keras.Input((None,), name="dec_inputs")
    look_ahead = LookAheadMask()(dec_inputs)
    enc = encoder(vocab_size, num_layers, dff, d_model, num_heads, dropout)([inputs, PaddingMask()(inputs)])
    x = decoder(vocab_size, num_layers, dff, d_model, num_heads, dropout)([dec_inputs, enc, look_ahead, look_ahead])
    return keras.Model([inputs, dec_inputs], layers.Dense(vocab_size)(x), name=name)


# ---------------------------------------------------------------- find the bug: the encoder's inputs
def create_padding_mask(ids):
    return (ids == 0).astype(float)[:, np.newaxis, np.newaxis, :]


def create_look_ahead_mask(ids):
    T = ids.shape[1]
    return np.maximum(np.triu(np.ones((T, T)), k=1), create_padding_mask(ids))


@wrong("find_the_wiring", "half mended", "masks_from_the_target")
def only_the_encoder_mended(inputs, dec_inputs, encode, decode):
    padding_mask = create_padding_mask(dec_inputs)
    enc_outputs = encode(inputs, padding_mask)
    return decode(dec_inputs, enc_outputs, create_look_ahead_mask(dec_inputs), padding_mask)


@wrong("find_the_wiring", "half mended", "encoder_reads_the_decoders_inputs")
def nothing_mended(inputs, dec_inputs, encode, decode):
    padding_mask, look_ahead_mask = create_padding_mask(dec_inputs), create_look_ahead_mask(dec_inputs)
    return decode(dec_inputs, encode(dec_inputs, padding_mask), look_ahead_mask, padding_mask)


@wrong("find_the_wiring", "masks", "no_look_ahead_mask")
def padding_everywhere(inputs, dec_inputs, encode, decode):
    padding_mask = create_padding_mask(inputs)
    enc_outputs = encode(inputs, padding_mask)
    return decode(dec_inputs, enc_outputs, create_padding_mask(dec_inputs), padding_mask)


@wrong("find_the_wiring", "exchanged", "decoder_reads_the_encoders_inputs")
def decoder_reads_inputs(inputs, dec_inputs, encode, decode):
    padding_mask, look_ahead_mask = create_padding_mask(inputs), create_look_ahead_mask(inputs)
    return decode(inputs, encode(inputs, padding_mask), look_ahead_mask, padding_mask)


@wrong("find_the_wiring", "last step missing", "encoder_output_returned")
def encoder_alone(inputs, dec_inputs, encode, decode):
    padding_mask = create_padding_mask(inputs)
    enc_outputs = encode(inputs, padding_mask)
    return enc_outputs


@wrong("find_the_wiring", "two mistakes", "no_look_ahead_mask", "encoder_must_not_look_ahead")
def look_ahead_in_the_encoder(inputs, dec_inputs, encode, decode):
    enc_outputs = encode(inputs, create_look_ahead_mask(inputs))
    return decode(dec_inputs, enc_outputs, create_padding_mask(dec_inputs), create_padding_mask(inputs))


# ---------------------------------------------------------------- slips of somebody who has just read the chapter
@wrong("angles", "the exponent", "factor_two_twice")
def half_the_width(position, i, d_model):
    k = i // 2
    return position / 10000 ** (2 * k / (d_model // 2))


@wrong("angles", "the exponent", "factor_two_twice")
def two_factors_two(position, i, d_model):
    k = 2 * (i // 2)
    return position / 10000 ** (2 * k / d_model)


@wrong("angles", "the pairs", "halves_rounded")
def rounded_half(position, i, d_model):
    k = np.round(i / 2)
    return position / 10000 ** (2 * k / d_model)


@wrong("angles", "the pairs", "pairs_shifted")
def one_less(position, i, d_model):
    k = (i - 1) // 2
    return position / 10000 ** (2 * k / d_model)


@wrong("angles", "the power", "another_base")
def base_ten_and_e(position, i, d_model):
    k = i // 2
    return position * np.exp(-2 * k / d_model * np.log10(10000))


@wrong("angles", "two strokes", "angles_cut")
def whole_angles(position, i, d_model):
    k = i // 2
    return position // 10000 ** (2 * k / d_model)


@wrong("angles", "loop", says=r"i\[0\]")
def loop_over_a_row(position, i, d_model):
    out = np.zeros((len(position), len(i)))
    for a in range(len(position)):
        for b in range(len(i)):
            out[a, b] = position[a] / 10000 ** (2 * (i[b] // 2) / d_model)
    return out


@wrong("positional_encoding", "sine and cosine", "both_added")
def sine_and_cosine_added(length, d_model):
    a = get_angles(np.arange(length)[:, None], np.arange(d_model)[None], d_model)
    return (np.sin(a) + np.cos(a))[None]


@wrong("positional_encoding", "the slices", "of_the_first_angles")
def first_angles(length, d_model):
    a = get_angles(np.arange(length)[:, None], np.arange(d_model)[None], d_model)
    pe = np.zeros((length, d_model))
    pe[:, 0::2] = np.sin(a[:, : (d_model + 1) // 2])
    pe[:, 1::2] = np.cos(a[:, : d_model // 2])
    return pe[None]


@wrong("positional_encoding", "off by one", "another_number_of_positions")
def one_position_more(length, d_model):
    a = get_angles(np.arange(length + 1)[:, None], np.arange(d_model)[None], d_model)
    a[:, 0::2] = np.sin(a[:, 0::2])
    a[:, 1::2] = np.cos(a[:, 1::2])
    return a[None]


@wrong("positional_encoding", "off by one", "another_rate")
def dimensions_from_one(length, d_model):
    a = get_angles(np.arange(length)[:, None], np.arange(1, d_model + 1)[None], d_model)
    a[:, 0::2] = np.sin(a[:, 0::2])
    a[:, 1::2] = np.cos(a[:, 1::2])
    return a[None]


@wrong("positional_encoding", "odd width", says=r"one sine more")
def stacked_pairs(length, d_model):
    a = get_angles(np.arange(length)[:, None], np.arange(d_model)[None], d_model)
    return np.stack([np.sin(a[:, 0::2]), np.cos(a[:, 1::2])], axis=-1).reshape(1, length, d_model)


@wrong("find_the_positions", "the cut", "one_position_for_all")
def all_positions_added_up(ids, table, positions):
    x = table[ids] * np.sqrt(table.shape[1])
    return x + positions.sum(axis=1)


@wrong("find_the_positions", "the cut", "one_position_for_all")
def last_position_for_all(ids, table, positions):
    x = table[ids] * np.sqrt(table.shape[1])
    where = positions[0, ids.shape[1] - 1]
    return x + where


@wrong("find_the_positions", "joined otherwise", "side_by_side")
def behind_the_vectors(ids, table, positions):
    x = table[ids] * np.sqrt(table.shape[1])
    where = np.repeat(positions[:, : ids.shape[1]], len(ids), axis=0)
    return np.concatenate([x, where], axis=-1)


@wrong("find_the_positions", "loop", "counted_on")
def counter_not_reset(ids, table, positions):
    x = table[ids] * np.sqrt(table.shape[1])
    out = []
    p = 0
    for sentence in x:
        rows = []
        for word in sentence:
            rows.append(word + positions[0, p % positions.shape[1]])
            p += 1
        out.append(rows)
    return np.array(out)


@wrong("find_the_positions", "loop", "first_sentence_only")
def return_after_one_sentence(ids, table, positions):
    x = table[ids] * np.sqrt(table.shape[1])
    for n in range(len(x)):
        x[n] = x[n] + positions[0, : ids.shape[1]]
        return x


@wrong("find_the_positions", "added twice", "positions_twice")
def two_times_the_positions(ids, table, positions):
    x = table[ids] * np.sqrt(table.shape[1])
    where = positions[0, : ids.shape[1]]
    x = x + where
    return x + where


@wrong("find_the_positions", "the cut", "positions_reversed")
def from_the_end(ids, table, positions):
    x = table[ids] * np.sqrt(table.shape[1])
    return x + positions[:, ids.shape[1] - 1 :: -1]


@wrong("find_the_positions", "off by one", says=r"4 encodings were taken for 5")
def one_too_few(ids, table, positions):
    x = table[ids] * np.sqrt(table.shape[1])
    return x + positions[:, : ids.shape[1] - 1]


@wrong("find_the_positions", "the cut", says=r"must be \(1, T, d_model\)")
def transposed_positions(ids, table, positions):
    x = table[ids] * np.sqrt(table.shape[1])
    where = positions[0, : ids.shape[1]].T
    return x + where


@wrong("layer_norm", "the variance", "root_twice")
def root_of_the_deviation(x, gamma, beta, epsilon=1e-6):
    mean = x.mean(-1, keepdims=True)
    std = x.std(-1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(std + epsilon) + beta


@wrong("layer_norm", "gamma and beta", "gamma_and_beta_first")
def affine_first(x, gamma, beta, epsilon=1e-6):
    x = gamma * x + beta
    mean = x.mean(-1, keepdims=True)
    var = x.var(-1, keepdims=True)
    return (x - mean) / np.sqrt(var + epsilon)


@wrong("layer_norm", "the mean", "sum_subtracted")
def sum_in_place_of_mean(x, gamma, beta, epsilon=1e-6):
    mean = x.sum(-1, keepdims=True)
    var = ((x - mean) ** 2).mean(-1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + epsilon) + beta


@wrong("layer_norm", "the axis", "over_the_positions")
def axis_one(x, gamma, beta, epsilon=1e-6):
    mean = x.mean(axis=1, keepdims=True)
    var = x.var(axis=1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + epsilon) + beta


@wrong("layer_norm", "brackets", "beta_in_the_divisor")
def beta_in_the_brackets(x, gamma, beta, epsilon=1e-6):
    mean = x.mean(-1, keepdims=True)
    var = x.var(-1, keepdims=True)
    return gamma * (x - mean) / (np.sqrt(var + epsilon) + beta)


@wrong("layer_norm", "the variance", "divided_by_the_length")
def by_its_length(x, gamma, beta, epsilon=1e-6):
    x = x / (np.linalg.norm(x, axis=-1, keepdims=True) + epsilon)
    return gamma * x + beta


@wrong("layer_norm", "the variance", "sum_for_mean")
def centred_and_by_its_length(x, gamma, beta, epsilon=1e-6):
    x = x - x.mean(-1, keepdims=True)
    x = x / (np.linalg.norm(x, axis=-1, keepdims=True) + epsilon)
    return gamma * x + beta


@wrong("layer_norm", "the axis", "mean_of_everything")
def one_mean(x, gamma, beta, epsilon=1e-6):
    mean = x.mean()
    var = x.var(-1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + epsilon) + beta


@wrong("layer_norm", "the axis", "variance_of_everything")
def one_variance(x, gamma, beta, epsilon=1e-6):
    mean = x.mean(-1, keepdims=True)
    var = x.var()
    return gamma * (x - mean) / np.sqrt(var + epsilon) + beta


@wrong("layer_norm", "the variance", "epsilon_multiplied")
def times_epsilon(x, gamma, beta, epsilon=1e-6):
    mean = x.mean(-1, keepdims=True)
    var = x.var(-1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var * epsilon) + beta


@wrong("layer_norm", "another function", "softmax_taken")
def a_softmax(x, gamma, beta, epsilon=1e-6):
    e = np.exp(x - x.max(-1, keepdims=True))
    return gamma * e / e.sum(-1, keepdims=True) + beta


@wrong("layer_norm", "the variance", "square_of_the_mean_missing")
def mean_not_squared(x, gamma, beta, epsilon=1e-6):
    mean = x.mean(-1, keepdims=True)
    var = (x**2).mean(-1, keepdims=True) - mean
    return gamma * (x - mean) / np.sqrt(var + epsilon) + beta


@wrong("layer_norm", "the variance", "deviations_cancel")
def deviations_as_they_are(x, gamma, beta, epsilon=1e-6):
    mean = x.mean(-1, keepdims=True)
    var = (x - mean).mean(-1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + epsilon) + beta


@wrong("layer_norm", "the axis", "over_all_but_the_last")
def all_axes_but_the_last(x, gamma, beta, epsilon=1e-6):
    axes = tuple(range(x.ndim - 1))
    mean = x.mean(axes, keepdims=True)
    var = x.var(axes, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + epsilon) + beta


@wrong("layer_norm", "gamma and beta", says=r"gamma holds a factor")
def matrix_product_with_gamma(x, gamma, beta, epsilon=1e-6):
    mean = x.mean(-1, keepdims=True)
    var = x.var(-1, keepdims=True)
    return (x - mean) / np.sqrt(var + epsilon) @ gamma + beta


@wrong("layer_norm", "loop", says=r"any number of axes")
def loop_over_two_axes(x, gamma, beta, epsilon=1e-6):
    out = np.zeros_like(x)
    for b in range(x.shape[0]):
        for t in range(x.shape[1]):
            row = x[b, t]
            out[b, t] = gamma * (row - row.mean()) / np.sqrt(row.var() + epsilon) + beta
    return out


@wrong("feed_forward", "the function", "another_function")
def softmax_in_place_of_relu(x, W_1, b_1, W_2, b_2):
    h = x @ W_1 + b_1
    e = np.exp(h - h.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True) @ W_2 + b_2


@wrong("feed_forward", "the function", "another_function")
def elu(x, W_1, b_1, W_2, b_2):
    h = x @ W_1 + b_1
    return np.where(h > 0, h, np.exp(h) - 1) @ W_2 + b_2


@wrong("feed_forward", "loop", "one_sentence_only")
def return_after_the_first(x, W_1, b_1, W_2, b_2):
    out = np.zeros_like(x)
    for n in range(len(x)):
        out[n] = np.maximum(0, x[n] @ W_1 + b_1) @ W_2 + b_2
        return out


@wrong("feed_forward", "the positions", "positions_averaged")
def mean_over_the_words(x, W_1, b_1, W_2, b_2):
    pooled = x.mean(axis=1)
    return np.maximum(0, pooled @ W_1 + b_1) @ W_2 + b_2


@wrong("feed_forward", "the function", "relu_of_the_matrix")
def relu_of_w_1(x, W_1, b_1, W_2, b_2):
    return (x @ np.maximum(0, W_1) + b_1) @ W_2 + b_2


@wrong("feed_forward", "too much", "normalised")
def with_a_norm(x, W_1, b_1, W_2, b_2):
    out = np.maximum(0, x @ W_1 + b_1) @ W_2 + b_2
    return (out - out.mean(-1, keepdims=True)) / out.std(-1, keepdims=True)


@wrong("feed_forward", "the biases", "bias_subtracted")
def minus_the_biases(x, W_1, b_1, W_2, b_2):
    return np.maximum(0, x @ W_1 - b_1) @ W_2 - b_2


@wrong("feed_forward", "the biases", says=r"a bias of 3")
def biases_in_the_wrong_place(x, W_1, b_1, W_2, b_2):
    return np.maximum(0, x @ W_1 + b_2) @ W_2 + b_1


@wrong("feed_forward", "brackets", says=r"goes before")
def without_parentheses(x, W_1, b_1, W_2, b_2):
    return x @ np.maximum(0, W_1) + b_1 @ W_2 + b_2


@wrong("feed_forward", "products", says=r"matrix product is written")
def stars(x, W_1, b_1, W_2, b_2):
    return np.maximum(0, x * W_1 + b_1) * W_2 + b_2


@wrong("add_and_norm", "gamma and beta", "gamma_and_beta_twice")
def affine_again(x, sublayer_output, gamma, beta):
    return gamma * layer_norm(x + sublayer_output, gamma, beta) + beta


@wrong("add_and_norm", "the norm", "sum_normalised_twice")
def norm_of_the_norm(x, sublayer_output, gamma, beta):
    return layer_norm(layer_norm(x + sublayer_output, gamma, beta), gamma, beta)


@wrong("add_and_norm", "the arguments", "arguments_of_the_norm")
def two_arguments_for_the_sum(x, sublayer_output, gamma, beta):
    return layer_norm(x, sublayer_output, gamma, beta)


@wrong("add_and_norm", "the axis", "over_everything")
def over_all_numbers(x, sublayer_output, gamma, beta):
    s = x + sublayer_output
    return gamma * (s - s.mean()) / np.sqrt(s.var() + 1e-6) + beta


@wrong("add_and_norm", "gamma and beta", "beta_not_handed_on")
def no_beta_here(x, sublayer_output, gamma, beta):
    return layer_norm(x + sublayer_output, gamma, 0)


@wrong("add_and_norm", "two mistakes", "difference", "not_normalised")
def difference_alone(x, sublayer_output, gamma, beta):
    return x - sublayer_output


@wrong("add_and_norm", "the sum", says=r"added and not called")
def sublayer_called(x, sublayer_output, gamma, beta):
    return layer_norm(x + sublayer_output(x), gamma, beta)


@wrong("count_parameters", "the matrices", "matrices_of_another_shape")
def last_matrix_square(vocab_size, num_layers, dff, d_model, num_heads):
    attention = 4 * (d_model * d_model + d_model)
    network = d_model * dff + dff + dff * d_model + d_model
    norm = 2 * d_model
    enc = attention + network + 2 * norm
    dec = 2 * attention + network + 3 * norm
    return num_layers * (enc + dec) + 2 * vocab_size * d_model + d_model * d_model + vocab_size


@wrong("count_parameters", "brackets", "one_kind_counted_once")
def parentheses_forgotten(vocab_size, num_layers, dff, d_model, num_heads):
    attention = 4 * (d_model * d_model + d_model)
    network = d_model * dff + dff + dff * d_model + d_model
    norm = 2 * d_model
    enc = attention + network + 2 * norm
    dec = 2 * attention + network + 3 * norm
    return num_layers * enc + dec + 3 * vocab_size * d_model + vocab_size


@wrong("count_parameters", "brackets", "biases_of_one_matrix")
def one_bias(vocab_size, num_layers, dff, d_model, num_heads):
    attention = 4 * d_model * d_model + d_model
    network = 2 * d_model * dff + dff + d_model
    norm = 2 * d_model
    enc = attention + network + 2 * norm
    dec = 2 * attention + network + 3 * norm
    return num_layers * (enc + dec) + 3 * vocab_size * d_model + vocab_size


@wrong("count_parameters", "brackets", "counted_for_every_layer")
def all_times_the_layers(vocab_size, num_layers, dff, d_model, num_heads):
    attention = 4 * (d_model * d_model + d_model)
    network = 2 * d_model * dff + dff + d_model
    norm = 2 * d_model
    enc = attention + network + 2 * norm
    dec = 2 * attention + network + 3 * norm
    return num_layers * (enc + dec + 3 * vocab_size * d_model + vocab_size)


@wrong("count_parameters", "the network", "d_ff_taken_for_four_times_d_model")
def four_times(vocab_size, num_layers, dff, d_model, num_heads):
    dff = 4 * d_model
    attention = 4 * (d_model * d_model + d_model)
    network = 2 * d_model * dff + dff + d_model
    norm = 2 * d_model
    return num_layers * (3 * attention + 2 * network + 5 * norm) + 3 * vocab_size * d_model + vocab_size


@wrong("count_parameters", "the layers", "layers_counted_twice")
def twice_the_layers(vocab_size, num_layers, dff, d_model, num_heads):
    attention = 4 * (d_model * d_model + d_model)
    network = 2 * d_model * dff + dff + d_model
    norm = 2 * d_model
    enc = attention + network + 2 * norm
    dec = 2 * attention + network + 3 * norm
    return 2 * num_layers * (enc + dec) + 3 * vocab_size * d_model + vocab_size


@wrong("count_parameters", "the result", says=r"one number")
def two_numbers(vocab_size, num_layers, dff, d_model, num_heads):
    attention = 4 * (d_model * d_model + d_model)
    network = 2 * d_model * dff + dff + d_model
    norm = 2 * d_model
    return [num_layers * (3 * attention + 2 * network + 5 * norm), 3 * vocab_size * d_model + vocab_size]


@wrong("find_the_wiring", "masks", "padding_visible")
def empty_padding_mask(inputs, dec_inputs, encode, decode):
    padding_mask = np.zeros((len(inputs), 1, 1, inputs.shape[1]))
    look_ahead_mask = create_look_ahead_mask(dec_inputs)
    enc_outputs = encode(inputs, padding_mask)
    return decode(dec_inputs, enc_outputs, look_ahead_mask, padding_mask)


@wrong("find_the_wiring", "masks", "targets_padding_visible")
def future_only(inputs, dec_inputs, encode, decode):
    padding_mask = create_padding_mask(inputs)
    T = dec_inputs.shape[1]
    look_ahead_mask = np.triu(np.ones((T, T)), k=1)[None, None]
    enc_outputs = encode(inputs, padding_mask)
    return decode(dec_inputs, enc_outputs, look_ahead_mask, padding_mask)


@wrong("find_the_wiring", "masks", "mask_inverted")
def one_minus_the_mask(inputs, dec_inputs, encode, decode):
    padding_mask = 1 - create_padding_mask(inputs)
    look_ahead_mask = create_look_ahead_mask(dec_inputs)
    enc_outputs = encode(inputs, padding_mask)
    return decode(dec_inputs, enc_outputs, look_ahead_mask, padding_mask)


@wrong("find_the_wiring", "last step", "likeliest_returned")
def likeliest_words(inputs, dec_inputs, encode, decode):
    padding_mask = create_padding_mask(inputs)
    look_ahead_mask = create_look_ahead_mask(dec_inputs)
    enc_outputs = encode(inputs, padding_mask)
    return decode(dec_inputs, enc_outputs, look_ahead_mask, padding_mask).argmax(axis=-1)


@wrong("find_the_wiring", "two mistakes", "masks_from_the_target", "probabilities_returned")
def source_mask_and_softmax(inputs, dec_inputs, encode, decode):
    padding_mask = create_padding_mask(dec_inputs)
    look_ahead_mask = create_look_ahead_mask(dec_inputs)
    z = decode(dec_inputs, encode(inputs, padding_mask), look_ahead_mask, padding_mask)
    e = np.exp(z)
    return e / e.sum(-1, keepdims=True)


@wrong("find_the_wiring", "masks", "past_hidden")
def past_instead_of_future(inputs, dec_inputs, encode, decode):
    padding_mask = create_padding_mask(inputs)
    T = dec_inputs.shape[1]
    look_ahead_mask = np.tril(np.ones((T, T)))[np.newaxis, np.newaxis]
    enc_outputs = encode(inputs, padding_mask)
    return decode(dec_inputs, enc_outputs, look_ahead_mask, padding_mask)


@wrong("count_parameters", "forgotten", "one_table_of_words")
def last_matrix_forgotten(vocab_size, num_layers, dff, d_model, num_heads):
    attention = 4 * (d_model * d_model + d_model)
    network = 2 * d_model * dff + dff + d_model
    norm = 2 * d_model
    layers = num_layers * (3 * attention + 2 * network + 5 * norm)
    return layers + 2 * vocab_size * d_model + vocab_size
