"""Wrong answers to chapter 08, as learners write them, and what each should be told."""

import keras
import numpy as np
import tensorflow as tf

from autograder.course.wrong_answers import wrong

PADDING, START, END = 0, 1, 2  # as in the notebook


# ---------------------------------------------------------------- shift_targets
@wrong("shift_targets", "not shifted", "not_shifted")
def copies(answers):
    dec_inputs = answers.copy()
    targets = answers.copy()
    return dec_inputs, targets


@wrong("shift_targets", "order of the results", "wrong_way")
def targets_first(answers):
    return answers[:, 1:], answers[:, :-1]


@wrong("shift_targets", "rows for columns", "rows_cut")
def one_axis_only(answers):
    return answers[:-1], answers[1:]


@wrong("shift_targets", "the last step missing", "inputs_twice")
def targets_prepared(answers):
    dec_inputs = answers[:, :-1]
    targets = np.zeros_like(dec_inputs)
    for row, answer in zip(targets, answers):
        row = answer[1:]
    return dec_inputs, targets


@wrong("shift_targets", "lists", "padding_cut")
def without_padding(answers):
    dec_inputs = answers[:, :-1]
    targets = [[i for i in row[1:] if i != 0] for row in answers]
    width = max(len(t) for t in targets)
    return dec_inputs[:, :width], np.array([t + [0] * (width - len(t)) for t in targets])


@wrong("shift_targets", "one row only", "one_row_only")
def first_row(answers):
    for row in answers:
        return row[:-1], row[1:]


@wrong("shift_targets", "one thing returned", says=r"2 things|both")
def only_targets(answers):
    return answers[:, 1:]


@wrong("shift_targets", "two mistakes", "inputs_not_cut", "shifted_by_two")
def whole_and_two(answers):
    return answers, answers[:, 2:]


@wrong("shift_targets", "nothing cut", "not_shifted")
def nothing_cut(answers):
    dec_inputs, targets = answers, answers
    return dec_inputs, targets


@wrong("shift_targets", "two mistakes", "inputs_shifted_too", "shifted_by_two")
def one_and_two(answers):
    return answers[:, 1:], answers[:, 2:]


@wrong("shift_targets", "two mistakes", "end_removed", "targets_not_cut")
def no_end_and_whole_targets(answers):
    dec_inputs = np.where(answers == 2, 0, answers)[:, :-1]
    return dec_inputs, answers


@wrong("shift_targets", "the end moved", "padded_instead_of_cut")
def filled_with_zeros(answers):
    targets = np.zeros_like(answers)
    targets[:, :-1] = answers[:, 1:]
    return answers, targets


@wrong("shift_targets", "from the end", "columns_reversed")
def backwards(answers):
    return answers[:, :-1], answers[:, :0:-1]


@wrong("shift_targets", "two mistakes", "not_shifted", "end_removed")
def same_without_end(answers):
    dec_inputs = np.where(answers == 2, 0, answers)[:, :-1]
    return dec_inputs, answers[:, :-1]


# ---------------------------------------------------------------- find_the_copy
@wrong("find_the_copy", "unchanged", "still_not_shifted")
def as_it_was(replies, start_id, end_id, length):
    table = np.zeros((len(replies), length + 1), dtype=int)
    for row, reply in zip(table, replies):
        sentence = [start_id, *reply, end_id]
        row[: len(sentence)] = sentence
    return table[:, :-1], table[:, :length]


@wrong("find_the_copy", "the start removed", "start_missing")
def no_start(replies, start_id, end_id, length):
    table = np.zeros((len(replies), length + 1), dtype=int)
    for row, reply in zip(table, replies):
        sentence = list(reply) + [end_id]
        row[: len(sentence)] = sentence
    return table[:, :-1], table[:, 1:]


@wrong("find_the_copy", "roll", "rolled_round")
def roll(replies, start_id, end_id, length):
    table = np.zeros((len(replies), length + 1), dtype=int)
    for row, reply in zip(table, replies):
        sentence = [start_id, *reply, end_id]
        row[: len(sentence)] = sentence
    targets = np.roll(table, -1, axis=1)
    return table[:, :-1], targets[:, 1:]


@wrong("find_the_copy", "the last step missing", "zeros_returned")
def table_never_filled(replies, start_id, end_id, length):
    table = np.zeros((len(replies), length + 1), dtype=int)
    for row, reply in zip(table, replies):
        sentence = [start_id, *reply, end_id]
        row = sentence
    return table[:, :-1], table[:, 1:]


@wrong("find_the_copy", "return in the loop", "first_reply_only")
def first_reply(replies, start_id, end_id, length):
    table = np.zeros((len(replies), length + 1), dtype=int)
    for row, reply in zip(table, replies):
        sentence = [start_id, *reply, end_id]
        row[: len(sentence)] = sentence
        return table[:, :-1], table[:, 1:]


@wrong("find_the_copy", "two mistakes", "still_not_shifted", "end_missing")
def same_and_no_end(replies, start_id, end_id, length):
    table = np.zeros((len(replies), length + 1), dtype=int)
    for row, reply in zip(table, replies):
        sentence = [start_id, *reply]
        row[: len(sentence)] = sentence
    return table[:, :-1], table[:, :-1]


@wrong("find_the_copy", "two mistakes", "wrong_way", "start_missing")
def backwards_without_start(replies, start_id, end_id, length):
    table = np.zeros((len(replies), length + 1), dtype=int)
    for i, reply in enumerate(replies):
        sentence = [*reply, end_id]
        table[i, : len(sentence)] = sentence
    return table[:, 1:], table[:, :-1]


@wrong("find_the_copy", "two mistakes", "not_cut", "end_missing")
def whole_and_no_end(replies, start_id, end_id, length):
    table = np.zeros((len(replies), length + 1), dtype=int)
    for i, reply in enumerate(replies):
        table[i, : len(reply) + 1] = [start_id, *reply]
    return table, table[:, 1:]


@wrong("find_the_copy", "two mistakes", "start_and_end_from_the_notebook", "still_not_shifted")
def notebook_ids(replies, start_id, end_id, length):
    table = np.zeros((len(replies), length + 1), dtype=int)
    for row, reply in zip(table, replies):
        sentence = [START, *reply, END]
        row[: len(sentence)] = sentence
    return table[:, :-1], table[:, :length]


@wrong("find_the_copy", "two mistakes", "shifted_by_two", "end_missing")
def two_places_no_end(replies, start_id, end_id, length):
    table = np.zeros((len(replies), length + 1), dtype=int)
    for row, reply in zip(table, replies):
        row[: len(reply) + 1] = [start_id, *reply]
    targets = np.zeros((len(replies), length), dtype=int)
    targets[:, :-1] = table[:, 2:]
    return table[:, :-1], targets


@wrong("find_the_copy", "two mistakes", "inputs_shifted_too", "start_missing")
def moved_and_no_start(replies, start_id, end_id, length):
    table = np.zeros((len(replies), length + 1), dtype=int)
    for row, reply in zip(table, replies):
        sentence = [*reply, end_id]
        row[: len(sentence)] = sentence
    return table[:, 1:], table[:, 1:]


@wrong("find_the_copy", "counted from 1", "rows_one_further")
def enumerate_from_one(replies, start_id, end_id, length):
    table = np.zeros((len(replies) + 1, length + 1), dtype=int)
    for n, reply in enumerate(replies, 1):
        sentence = [start_id, *reply, end_id]
        table[n, : len(sentence)] = sentence
    return table[:-1, :-1], table[:-1, 1:]


# ---------------------------------------------------------------- find_the_shuffle
@wrong("find_the_shuffle", "unchanged", "still_apart")
def two_orders(questions, answers, rng):
    i = rng.permutation(len(questions))
    j = rng.permutation(len(answers))
    return questions[i], answers[j]


@wrong("find_the_shuffle", "randomness", "other_randomness")
def global_generator(questions, answers, rng):
    order = np.random.permutation(len(questions))
    return questions[order], answers[order]


@wrong("find_the_shuffle", "a fixed seed", "same_order_every_time")
def own_seed(questions, answers, rng):
    rng = np.random.default_rng(42)
    order = rng.permutation(len(questions))
    return questions[order], answers[order]


@wrong("find_the_shuffle", "in place", "arguments_changed")
def shuffle_in_place(questions, answers, rng):
    order = np.arange(len(questions))
    rng.shuffle(order)
    questions[:] = questions[order]
    answers[:] = answers[order]
    return questions, answers


@wrong("find_the_shuffle", "drawn numbers", "some_twice")
def drawn(questions, answers, rng):
    order = rng.integers(0, len(questions), len(questions))
    return questions[order], answers[order]


@wrong("find_the_shuffle", "half done", "one_table_only")
def only_questions(questions, answers, rng):
    order = rng.permutation(len(questions))
    return questions[order], answers


@wrong("find_the_shuffle", "order not used", "not_shuffled")
def not_used(questions, answers, rng):
    order = rng.permutation(len(questions))
    return questions.copy(), answers.copy()


@wrong("find_the_shuffle", "None", says=r"in place|None|two tables")
def none_returned(questions, answers, rng):
    order = rng.shuffle(np.arange(len(questions)))
    return questions[order], answers[order]


@wrong("find_the_shuffle", "two mistakes", "still_apart", "other_randomness")
def global_and_apart(questions, answers, rng):
    return np.random.permutation(questions), np.random.permutation(answers)


@wrong("find_the_shuffle", "two mistakes", "still_apart", "arguments_changed")
def shuffled_in_place_apart(questions, answers, rng):
    rng.shuffle(questions)
    rng.shuffle(answers)
    return questions, answers


@wrong("find_the_shuffle", "two mistakes", "other_randomness", "arguments_changed")
def in_place_by_np_random(questions, answers, rng):
    order = np.random.permutation(len(questions))
    questions[:], answers[:] = questions[order], answers[order]
    return questions, answers


@wrong("find_the_shuffle", "exchanged", "tables_exchanged")
def exchanged_and_apart(questions, answers, rng):
    return rng.permutation(answers), rng.permutation(questions)


@wrong("find_the_shuffle", "reversed", "same_order_every_time")
def turned_round(questions, answers, rng):
    return questions[::-1], answers[::-1]


@wrong("find_the_shuffle", "sorted", "same_order_every_time")
def sorted_rows(questions, answers, rng):
    order = np.lexsort(questions.T)
    return questions[order], answers[order]


@wrong("find_the_shuffle", "shifted answers", "only_rotated")
def rolled(questions, answers, rng):
    n = rng.integers(1, max(len(questions), 2))
    return np.roll(questions, n, axis=0), np.roll(answers, n, axis=0)


# ---------------------------------------------------------------- warmup_schedule
@wrong("warmup_schedule", "minimum and maximum", "larger_branch")
def maximum(step, d_model, warmup_steps=4000):
    step = np.maximum(np.asarray(step, dtype=float), 1e-9)
    return d_model**-0.5 * np.maximum(step**-0.5, step * warmup_steps**-1.5)


@wrong("warmup_schedule", "exponent", "width_to_plus_half")
def root_of_the_width(step, d_model, warmup_steps=4000):
    step = np.asarray(step, dtype=float)
    return np.sqrt(d_model) * np.minimum(np.maximum(step, 1) ** -0.5, step * warmup_steps**-1.5)


@wrong("warmup_schedule", "exponent", "falling_too_fast")
def minus_one_point_five_on_both(step, d_model, warmup_steps=4000):
    step = np.maximum(np.asarray(step, dtype=float), 1)
    return d_model**-0.5 * np.minimum(step**-1.5, step * warmup_steps**-1.5)


@wrong("warmup_schedule", "power of a quotient", "half_for_the_root")
def half_of_the_width(step, d_model, warmup_steps=4000):
    step = np.asarray(step, dtype=float)
    return d_model**-1 / 2 * np.minimum(np.maximum(step, 1) ** -0.5, step * warmup_steps**-1.5)


@wrong("warmup_schedule", "edge case", says=r"[Ss]tep 0")
def zero_division(step, d_model, warmup_steps=4000):
    return d_model**-0.5 * np.minimum(step**-0.5, step * warmup_steps**-1.5)


@wrong("warmup_schedule", "sum for minimum", "branches_added")
def added(step, d_model, warmup_steps=4000):
    step = np.asarray(step, dtype=float)
    return d_model**-0.5 * (np.maximum(step, 1) ** -0.5 + step * warmup_steps**-1.5)


@wrong("warmup_schedule", "power", says=r"\*\*")
def caret(step, d_model, warmup_steps=4000):
    step = np.maximum(step, 1)
    return d_model ^ -0.5 * np.minimum(step ^ -0.5, step * warmup_steps ^ -1.5)


@wrong("warmup_schedule", "the last step missing", "zeros_returned")
def rates_prepared(step, d_model, warmup_steps=4000):
    rates = np.zeros(np.shape(step))
    rate = d_model**-0.5 * np.minimum(np.maximum(step, 1.0) ** -0.5, step * warmup_steps**-1.5)
    return rates


@wrong("warmup_schedule", "two mistakes", "width_left_out", "larger_branch")
def maximum_without_width(step, d_model, warmup_steps=4000):
    step = np.maximum(np.asarray(step, dtype=float), 1e-9)
    return np.maximum(step**-0.5, step * warmup_steps**-1.5)


@wrong("warmup_schedule", "two mistakes", "width_to_plus_half", "warmup_to_minus_half")
def two_exponents(step, d_model, warmup_steps=4000):
    step = np.asarray(step, dtype=float)
    return d_model**0.5 * np.minimum(np.maximum(step, 1) ** -0.5, step * warmup_steps**-0.5)


@wrong("warmup_schedule", "two mistakes", "inverse_of_step", "width_left_out")
def inverse_without_width(step, d_model, warmup_steps=4000):
    step = np.asarray(step, dtype=float)
    return np.minimum(1 / np.maximum(step, 1), step * warmup_steps**-1.5)


@wrong("warmup_schedule", "two mistakes", "divided_by_width", "warmup_to_minus_one")
def quotients(step, d_model, warmup_steps=4000):
    step = np.asarray(step, dtype=float)
    return 1 / d_model * np.minimum(np.maximum(step, 1) ** -0.5, step / warmup_steps)


@wrong("warmup_schedule", "two mistakes", "warmup_ignored", "width_left_out")
def four_thousand(step, d_model, warmup_steps=4000):
    step = np.asarray(step, dtype=float)
    return np.minimum(np.maximum(step, 1) ** -0.5, step * 4000**-1.5)


@wrong("warmup_schedule", "condition", "flat_after_the_warm_up")
def if_warm(step, d_model, warmup_steps=4000):
    step = np.asarray(step, dtype=float)
    return d_model**-0.5 * np.where(step < warmup_steps, step * warmup_steps**-1.5, warmup_steps**-0.5)


@wrong("warmup_schedule", "two mistakes", "warmup_to_minus_half", "width_left_out")
def no_width_and_half(step, d_model, warmup_steps=4000):
    step = np.asarray(step, dtype=float)
    return np.minimum(np.maximum(step, 1) ** -0.5, step * warmup_steps**-0.5)


@wrong("warmup_schedule", "two mistakes", "steps_from_one", "width_left_out")
def one_more_without_width(step, d_model, warmup_steps=4000):
    step = np.asarray(step, dtype=float) + 1
    return np.minimum(step**-0.5, step * warmup_steps**-1.5)


@wrong("warmup_schedule", "one branch", "one_branch_for_all")
def if_any(step, d_model, warmup_steps=4000):
    if np.any(step < warmup_steps):
        return d_model**-0.5 * step * warmup_steps**-1.5
    return d_model**-0.5 * step**-0.5


# ---------------------------------------------------------------- greedy_decode
@wrong("greedy_decode", "start returned", "start_returned")
def ids_as_they_are(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    while len(ids) <= max_length:
        token = int(np.argmax(next_logits(ids)))
        if token == end_id:
            return ids
        ids.append(token)
    return ids


@wrong("greedy_decode", "append before the test", "end_returned")
def append_then_test(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    for _ in range(max_length):
        token = int(np.argmax(next_logits(ids)))
        ids.append(token)
        if token == end_id:
            break
    return ids[1:]


@wrong("greedy_decode", "no stop", "does_not_stop_at_the_end")
def for_loop(next_logits, start_id, end_id, max_length):
    reply = []
    for _ in range(max_length):
        reply.append(int(np.argmax(next_logits([start_id] + reply))))
    return reply


@wrong("greedy_decode", "nothing appended", "nothing_appended")
def two_lists(next_logits, start_id, end_id, max_length):
    ids, reply = [start_id], []
    while len(reply) < max_length:
        token = int(np.argmax(next_logits(ids)))
        if token == end_id:
            break
        reply.append(token)
    return reply


@wrong("greedy_decode", "list not kept", "empty_reply")
def reply_never_filled(next_logits, start_id, end_id, max_length):
    ids, reply = [start_id], []
    for _ in range(max_length):
        token = int(np.argmax(next_logits(ids)))
        if token == end_id:
            break
        ids = ids + [token]
    return reply


@wrong("greedy_decode", "appended twice", "each_twice")
def twice(next_logits, start_id, end_id, max_length):
    ids, reply = [start_id], []
    for _ in range(max_length):
        token = int(np.argmax(next_logits(ids)))
        if token == end_id:
            break
        ids.append(token)
        reply.append(token)
        reply.append(token)
    return reply


@wrong("greedy_decode", "last value only", "last_token_alone")
def last_token(next_logits, start_id, end_id, max_length):
    ids, token = [start_id], None
    reply = []
    for _ in range(max_length):
        token = int(np.argmax(next_logits(ids)))
        if token == end_id:
            break
        ids.append(token)
        reply = [token]
    return reply


@wrong("greedy_decode", "two mistakes", "start_returned", "one_too_few")
def start_counted(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    while len(ids) < max_length:
        token = int(np.argmax(next_logits(ids)))
        if token == end_id:
            break
        ids.append(token)
    return ids


@wrong("greedy_decode", "two mistakes", "last_token_only", "end_returned")
def no_memory(next_logits, start_id, end_id, max_length):
    token, reply = start_id, []
    for _ in range(max_length):
        token = int(np.argmax(next_logits([token])))
        reply.append(token)
        if token == end_id:
            break
    return reply


@wrong("greedy_decode", "two mistakes", "least_likely", "start_returned")
def argmin_and_start(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    while len(ids) - 1 < max_length:
        token = int(np.argmin(next_logits(ids)))
        if token == end_id:
            break
        ids.append(token)
    return ids


@wrong("greedy_decode", "two mistakes", "start_not_given", "end_returned")
def empty_at_first(next_logits, start_id, end_id, max_length):
    ids = []
    for _ in range(max_length):
        token = int(np.argmax(next_logits(ids)))
        ids.append(token)
        if token == end_id:
            break
    return ids


@wrong("greedy_decode", "two mistakes", "does_not_stop_at_the_end", "start_returned")
def neither_stop_nor_cut(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    for _ in range(max_length):
        ids.append(int(np.argmax(next_logits(ids))))
    return ids


@wrong("greedy_decode", "two mistakes", "last_token_only", "start_returned")
def newest_and_start(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    while len(ids) - 1 < max_length:
        token = int(np.argmax(next_logits(ids[-1:])))
        if token == end_id:
            break
        ids.append(token)
    return ids


@wrong("greedy_decode", "sampling", says=r"random|likeliest|largest|reply")
def samples(next_logits, start_id, end_id, max_length):
    rng = np.random.default_rng(0)
    ids = [start_id]
    while len(ids) - 1 < max_length:
        z = next_logits(ids)
        p = np.exp(z - z.max())
        token = int(rng.choice(len(z), p=p / p.sum()))
        if token == end_id:
            break
        ids.append(token)
    return ids[1:]


@wrong("greedy_decode", "logits appended", says=r"number|id")
def largest_logit(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    for _ in range(max_length):
        token = np.max(next_logits(ids))
        if token == end_id:
            break
        ids.append(token)
    return ids[1:]


@wrong("greedy_decode", "two mistakes", "one_too_many", "end_returned")
def too_long_with_end(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    while len(ids) - 1 <= max_length:
        token = int(np.argmax(next_logits(ids)))
        ids.append(token)
        if token == end_id:
            break
    return ids[1:]


@wrong("greedy_decode", "two mistakes", "stops_at_padding", "start_returned")
def padding_and_start(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    while len(ids) - 1 < max_length:
        token = int(np.argmax(next_logits(ids)))
        if token in (0, end_id):
            break
        ids.append(token)
    return ids


# ---------------------------------------------------------------- find_the_padding
@wrong("find_the_padding", "the bug kept", "still_counted")
def log_copied(targets, losses, guesses):
    real = targets != 0
    loss = np.mean(losses * real)
    accuracy = np.mean(guesses == targets)
    return loss, accuracy


@wrong("find_the_padding", "half mended", "only_the_loss_mended")
def log_with_the_loss_mended(targets, losses, guesses):
    real = targets != 0
    loss = np.sum(losses * real) / np.sum(real)
    accuracy = np.mean(guesses == targets)
    return loss, accuracy


@wrong("find_the_padding", "half mended", "only_the_accuracy_mended", "hits_divided_by_all")
def log_multiplied_by_the_mask(targets, losses, guesses):
    real = targets != 0
    loss = np.mean(losses * real)
    accuracy = np.mean((guesses == targets) * real)
    return loss, accuracy


@wrong("find_the_padding", "padding in the numerator", "padding_in_the_sum")
def log_over_real_tokens(targets, losses, guesses):
    count = np.count_nonzero(targets)
    return losses.sum() / count, (guesses == targets).sum() / count


@wrong("find_the_padding", "one mean a row", "mean_of_sentence_means")
def log_row_by_row(targets, losses, guesses):
    rows = []
    for t, row, g in zip(targets, losses, guesses):
        rows.append((row[t != 0].mean(), (g == t)[t != 0].mean()))
    return tuple(np.mean(rows, axis=0))


@wrong("find_the_padding", "wrong order", "exchanged")
def log_backwards(targets, losses, guesses):
    real = targets != 0
    return np.mean((guesses == targets)[real]), np.mean(losses[real])


# ---------------------------------------------------------------- masked_loss
@wrong("masked_loss", "padding counted", "padding_counted")
def plain_mean(targets, logits):
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits)
    return tf.reduce_mean(losses)


@wrong("masked_loss", "wrong divisor", "divided_by_all")
def mean_of_the_masked(targets, logits):
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits)
    mask = tf.cast(tf.not_equal(targets, 0), tf.float32)
    return tf.reduce_mean(losses * mask)


@wrong("masked_loss", "edge case", "nan_without_tokens")
def plain_division(targets, logits):
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits)
    mask = tf.cast(targets != 0, tf.float32)
    return tf.reduce_sum(losses * mask) / tf.reduce_sum(mask)


@wrong("masked_loss", "softmax twice", "softmax_twice")
def softmax_before(targets, logits):
    p = tf.nn.softmax(logits)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=p)
    mask = tf.cast(targets != 0, tf.float32)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


@wrong("masked_loss", "the last step missing", "not_averaged")
def losses_returned(targets, logits):
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits)
    return losses * tf.cast(targets != 0, tf.float32)


@wrong("masked_loss", "NumPy in a graph", says=r"[Tt]ensor|NumPy|graph")
def numpy_inside(targets, logits):
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    return -np.mean(np.log(p[np.arange(len(p)), targets]))


@wrong("masked_loss", "two mistakes", "softmax_twice", "padding_counted")
def twice_and_padding(targets, logits):
    p = tf.nn.softmax(logits, axis=-1)
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=p))


@wrong("masked_loss", "two mistakes", "softmax_twice", "divided_by_all")
def twice_and_all(targets, logits):
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=tf.nn.softmax(logits))
    return tf.reduce_mean(losses * tf.cast(targets != 0, tf.float32))


@wrong("masked_loss", "two mistakes", "logits_as_probabilities", "padding_counted")
def keras_default(targets, logits):
    return tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(targets, logits))


@wrong("masked_loss", "two mistakes", "sign_lost", "padding_counted")
def sign_and_padding(targets, logits):
    log_p = tf.nn.log_softmax(logits)
    return tf.reduce_mean(tf.gather(log_p, targets, batch_dims=2))


@wrong("masked_loss", "two mistakes", "softmax_twice", "nan_without_tokens")
def twice_and_nan(targets, logits):
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=tf.nn.softmax(logits))
    mask = tf.cast(targets != 0, tf.float32)
    return tf.reduce_sum(losses * mask) / tf.reduce_sum(mask)


@wrong("masked_loss", "two mistakes", "mask_inverted", "summed")
def sum_of_padding(targets, logits):
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits)
    return tf.reduce_sum(losses * tf.cast(targets == 0, tf.float32))


@wrong("masked_loss", "two mistakes", "softmax_twice", "summed")
def sum_of_twice(targets, logits):
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=tf.nn.softmax(logits))
    return tf.reduce_sum(losses * tf.cast(targets != 0, tf.float32))


@wrong("masked_loss", "two mistakes", "sign_lost", "divided_by_all")
def sign_and_all(targets, logits):
    log_p = tf.gather(tf.nn.log_softmax(logits), targets, batch_dims=2)
    return tf.reduce_mean(log_p * tf.cast(targets != 0, tf.float32))


@wrong("masked_loss", "largest probability", "target_not_used")
def best_probability(targets, logits):
    log_p = tf.reduce_max(tf.nn.log_softmax(logits), axis=-1)
    real = tf.cast(targets != 0, tf.float32)
    return -tf.math.divide_no_nan(tf.reduce_sum(log_p * real), tf.reduce_sum(real))


@wrong("masked_loss", "wrong loss", "logarithm_forgotten")
def one_minus_p(targets, logits):
    p = tf.gather(tf.nn.softmax(logits), targets, batch_dims=2)
    real = tf.cast(targets != 0, tf.float32)
    return tf.math.divide_no_nan(tf.reduce_sum((1 - p) * real), tf.reduce_sum(real))


# ---------------------------------------------------------------- masked_accuracy
@wrong("masked_accuracy", "padding counted", "padding_counted")
def accuracy_of_everything(targets, logits):
    guesses = tf.argmax(logits, axis=-1, output_type=tf.int32)
    return tf.reduce_mean(tf.cast(guesses == targets, tf.float32))


@wrong("masked_accuracy", "axis", "likeliest_along_the_positions")
def argmax_axis_one(targets, logits):
    guesses = tf.argmax(logits, axis=1, output_type=tf.int32)
    real = tf.cast(targets != 0, tf.float32)
    right = tf.cast(guesses == targets, tf.float32) * real
    return tf.math.divide_no_nan(tf.reduce_sum(right), tf.reduce_sum(real))


@wrong("masked_accuracy", "padding in the numerator", "padding_in_the_sum")
def numerator_unmasked(targets, logits):
    guesses = tf.argmax(logits, axis=-1, output_type=tf.int32)
    hits = tf.cast(tf.equal(guesses, targets), tf.float32)
    real = tf.cast(targets != 0, tf.float32)
    return tf.math.divide_no_nan(tf.reduce_sum(hits), tf.reduce_sum(real))


@wrong("masked_accuracy", "kinds of number", says=r"int64|cast")
def int64_guesses(targets, logits):
    guesses = tf.argmax(logits, axis=-1)
    real = tf.cast(targets != 0, tf.float32)
    hits = tf.cast(tf.equal(guesses, targets), tf.float32) * real
    return tf.math.divide_no_nan(tf.reduce_sum(hits), tf.reduce_sum(real))


@wrong("masked_accuracy", "the last step missing", "not_averaged")
def hits_returned(targets, logits):
    guesses = tf.argmax(logits, axis=-1, output_type=tf.int32)
    return tf.cast(guesses == targets, tf.float32) * tf.cast(targets != 0, tf.float32)


@wrong("masked_accuracy", "two mistakes", "likeliest_along_the_positions", "padding_counted")
def axis_and_padding(targets, logits):
    guesses = tf.argmax(logits, axis=1, output_type=tf.int32)
    return tf.reduce_mean(tf.cast(guesses == targets, tf.float32))


@wrong("masked_accuracy", "two mistakes", "padding_counted", "in_per_cent")
def per_cent_of_everything(targets, logits):
    guesses = tf.argmax(logits, axis=-1, output_type=tf.int32)
    return 100 * tf.reduce_mean(tf.cast(guesses == targets, tf.float32))


@wrong("masked_accuracy", "two mistakes", "divided_by_all", "in_per_cent")
def per_cent_of_all(targets, logits):
    guesses = tf.argmax(logits, axis=-1, output_type=tf.int32)
    hits = tf.cast(guesses == targets, tf.float32) * tf.cast(targets != 0, tf.float32)
    return tf.reduce_mean(hits) * 100.0


@wrong("masked_accuracy", "two mistakes", "share_of_mistakes", "padding_counted")
def error_rate(targets, logits):
    guesses = tf.argmax(logits, axis=-1, output_type=tf.int32)
    return tf.reduce_mean(tf.cast(guesses != targets, tf.float32))


@wrong("masked_accuracy", "two mistakes", "least_likely", "padding_counted")
def argmin_of_everything(targets, logits):
    guesses = tf.argmin(logits, axis=-1, output_type=tf.int32)
    return tf.reduce_mean(tf.cast(guesses == targets, tf.float32))


@wrong("masked_accuracy", "two mistakes", "mean_probability", "padding_counted")
def mean_probability_of_everything(targets, logits):
    p = tf.gather(tf.nn.softmax(logits), targets, batch_dims=2)
    return tf.reduce_mean(p)


# ---------------------------------------------------------------- slips of somebody who has just read the chapter
@wrong("shift_targets", "two mistakes", "rolled_round", "wrong_way")
def rolled_and_exchanged(answers):
    targets = np.roll(answers, -1, axis=1)
    return targets, answers


@wrong("shift_targets", "roll", "moved_to_the_right")
def rolled_to_the_right(answers):
    return answers, np.roll(answers, 1, axis=1)


@wrong("shift_targets", "moved", "moved_to_the_right")
def zero_before_the_inputs(answers):
    dec_inputs = np.zeros_like(answers)
    dec_inputs[:, 1:] = answers[:, :-1]
    return dec_inputs, answers


@wrong("shift_targets", "the end removed", "end_removed_from_the_targets")
def targets_without_end(answers):
    targets = answers[:, 1:].copy()
    targets[targets == 2] = 0
    return answers[:, :-1], targets


@wrong("shift_targets", "rows for columns", "rows_joined")
def one_long_row(answers):
    flat = answers.ravel()
    return flat[:-1], flat[1:]


@wrong("shift_targets", "the start", "start_added")
def start_in_front(answers):
    start = np.full((len(answers), 1), START)
    return np.hstack([start, answers[:, :-1]]), answers


@wrong("shift_targets", "two mistakes", "rows_cut", "targets_not_cut")
def rows_and_whole_targets(answers):
    return answers[:-1], answers


@wrong("shift_targets", "rows for columns", "rows_cut")
def rows_and_columns(answers):
    return answers[:-1, :-1], answers[1:, 1:]


@wrong("shift_targets", "lists", says=r"lost its padding")
def ragged_rows(answers):
    dec, tar = [], []
    for row in answers:
        words = row[row > 0]
        dec.append(words[:-1])
        tar.append(words[1:])
    return dec, tar


@wrong("shift_targets", "two mistakes", "rows_cut", "wrong_way")
def rows_cut_and_exchanged(answers):
    return answers[1:], answers[:-1]


@wrong("find_the_copy", "padding", "padded_with_the_end")
def filled_with_end(replies, start_id, end_id, length):
    table = np.full((len(replies), length + 1), end_id)
    for row, reply in zip(table, replies, strict=True):
        sentence = [start_id, *reply, end_id]
        row[: len(sentence)] = sentence
    return table[:, :-1], table[:, 1:]


@wrong("find_the_copy", "off by one", "shifted_by_two")
def two_columns_on(replies, start_id, end_id, length):
    table = np.zeros((len(replies), length + 1), dtype=int)
    for row, reply in zip(table, replies, strict=True):
        sentence = [start_id, *reply, end_id]
        row[: len(sentence)] = sentence
    return table[:, :-1], table[:, 2:]


@wrong("find_the_copy", "off by one", "end_of_the_longest_lost")
def end_falls_off(replies, start_id, end_id, length):
    table = np.zeros((len(replies), length), dtype=int)
    for row, reply in zip(table, replies, strict=True):
        sentence = [start_id, *reply, end_id][:length]
        row[: len(sentence)] = sentence
    targets = np.roll(table, -1, axis=1)
    targets[:, -1] = 0
    return table, targets


@wrong("find_the_copy", "the start", "start_twice")
def start_start(replies, start_id, end_id, length):
    table = np.zeros((len(replies), length + 2), dtype=int)
    for row, reply in zip(table, replies, strict=True):
        sentence = [start_id, start_id, *reply, end_id]
        row[: len(sentence)] = sentence
    return table[:, :length], table[:, 1 : length + 1]


@wrong("find_the_copy", "rows for columns", "rows_cut")
def rows_not_columns(replies, start_id, end_id, length):
    table = np.zeros((len(replies), length + 1), dtype=int)
    for row, reply in zip(table, replies, strict=True):
        sentence = [start_id, *reply, end_id]
        row[: len(sentence)] = sentence
    return table[:-1], table[1:]


@wrong("find_the_copy", "start and end", "one_mark_for_both")
def end_in_front(replies, start_id, end_id, length):
    table = np.zeros((len(replies), length + 1), dtype=int)
    for row, reply in zip(table, replies, strict=True):
        sentence = [end_id, *reply, end_id]
        row[: len(sentence)] = sentence
    return table[:, :-1], table[:, 1:]


@wrong("find_the_copy", "order", "reply_reversed")
def words_backwards(replies, start_id, end_id, length):
    table = np.zeros((len(replies), length + 1), dtype=int)
    for row, reply in zip(table, replies, strict=True):
        sentence = [start_id, *reply[::-1], end_id]
        row[: len(sentence)] = sentence
    return table[:, :-1], table[:, 1:]


@wrong("find_the_copy", "lists", says=r"filled up with 0")
def no_padding(replies, start_id, end_id, length):
    dec = [[start_id, *reply] for reply in replies]
    tar = [[*reply, end_id] for reply in replies]
    return dec, tar


@wrong("find_the_copy", "lists", says=r"no list")
def id_plus_list(replies, start_id, end_id, length):
    table = np.zeros((len(replies), length + 1), dtype=int)
    for row, reply in zip(table, replies, strict=True):
        sentence = start_id + reply + end_id
        row[: len(sentence)] = sentence
    return table[:, :-1], table[:, 1:]


@wrong("find_the_copy", "lists", says=r"one by one")
def list_in_list(replies, start_id, end_id, length):
    table = np.zeros((len(replies), length + 1), dtype=int)
    for row, reply in zip(table, replies, strict=True):
        sentence = [start_id, reply, end_id]
        row[: len(sentence)] = sentence
    return table[:, :-1], table[:, 1:]


@wrong("find_the_copy", "two mistakes", "padded_in_front", "still_not_shifted")
def padded_in_front_and_not_shifted(replies, start_id, end_id, length):
    table = np.zeros((len(replies), length + 1), dtype=int)
    for row, reply in zip(table, replies, strict=True):
        sentence = [start_id, *reply, end_id]
        row[-len(sentence) :] = sentence
    return table[:, :-1], table[:, :length]


@wrong("find_the_shuffle", "joined tables", "rows_torn")
def cut_in_two_halves(questions, answers, rng):
    both = np.hstack([questions, answers])
    rng.shuffle(both)
    half = both.shape[1] // 2
    return both[:, :half], both[:, half:]


@wrong("find_the_shuffle", "joined tables", "rows_torn")
def columns_mixed(questions, answers, rng):
    both = rng.permutation(np.hstack([questions, answers]), axis=1)
    return both[:, : questions.shape[1]], both[:, questions.shape[1] :]


@wrong("find_the_shuffle", "no order", "same_order_every_time")
def halves_exchanged(questions, answers, rng):
    k = len(questions) // 2
    return np.concatenate([questions[k:], questions[:k]]), np.concatenate([answers[k:], answers[:k]])


@wrong("find_the_shuffle", "order", says=r"numbers from 0 to N")
def order_of_a_table(questions, answers, rng):
    order = rng.permutation(questions)
    return questions[order], answers[order]


@wrong("find_the_shuffle", "lists", says=r"taken apart")
def list_of_pairs(questions, answers, rng):
    pairs = [(q, a) for q, a in zip(questions, answers)]
    rng.shuffle(pairs)
    return pairs


@wrong("find_the_shuffle", "two mistakes", "rows_lost", "other_randomness")
def own_generator_and_one_lost(questions, answers, rng):
    rng = np.random.default_rng()
    order = rng.permutation(len(questions))[:-1]
    return questions[order], answers[order]


@wrong("warmup_schedule", "exponent", "step_squared")
def square_of_the_step(step, d_model, warmup_steps=4000):
    step = np.maximum(step, 1.0)
    return d_model**-0.5 * np.minimum(step**-0.5, step**2 * warmup_steps**-1.5)


@wrong("warmup_schedule", "exponent", "falling_too_fast")
def minus_two(step, d_model, warmup_steps=4000):
    step = np.maximum(step, 1.0)
    return d_model**-0.5 * np.minimum(step**-2, step * warmup_steps**-1.5)


@wrong("warmup_schedule", "power before division", "half_for_the_root")
def minus_one_by_two(step, d_model, warmup_steps=4000):
    step = np.maximum(step, 1.0)
    return d_model**-0.5 * np.minimum(step**-1 / 2, step * warmup_steps**-1.5)


@wrong("warmup_schedule", "power before division", "half_for_the_root")
def minus_three_by_two(step, d_model, warmup_steps=4000):
    step = np.maximum(step, 1.0)
    return d_model**-0.5 * np.minimum(step**-0.5, step * warmup_steps**-3 / 2)


@wrong("warmup_schedule", "off by one", "one_step_late")
def one_step_back(step, d_model, warmup_steps=4000):
    step = np.maximum(np.asarray(step, dtype=float) - 1, 1)
    return d_model**-0.5 * np.minimum(step**-0.5, step * warmup_steps**-1.5)


@wrong("warmup_schedule", "exponent", "step_and_warm_up_exchanged")
def roles_exchanged(step, d_model, warmup_steps=4000):
    step = np.maximum(step, 1.0)
    return d_model**-0.5 * np.minimum(warmup_steps**-0.5, warmup_steps * step**-1.5)


@wrong("warmup_schedule", "product for power", "product_for_the_power")
def times_minus_a_half(step, d_model, warmup_steps=4000):
    step = np.maximum(step, 1.0)
    return d_model * -0.5 * np.minimum(step**-0.5, step * warmup_steps**-1.5)


@wrong("warmup_schedule", "flat", "flat_after_the_warm_up")
def without_roots(step, d_model, warmup_steps=4000):
    step = np.maximum(step, 1.0)
    return d_model**-0.5 * np.minimum(1.0, step / warmup_steps)


@wrong("warmup_schedule", "minimum", "branches_multiplied")
def product_of_both(step, d_model, warmup_steps=4000):
    step = np.maximum(step, 1.0)
    return d_model**-0.5 * step**-0.5 * step * warmup_steps**-1.5


@wrong("warmup_schedule", "one branch", "width_on_one_branch")
def width_before_alone(step, d_model, warmup_steps=4000):
    step = np.maximum(step, 1.0)
    return np.where(step < warmup_steps, d_model**-0.5 * step * warmup_steps**-1.5, step**-0.5)


@wrong("warmup_schedule", "one branch", "width_on_one_branch")
def width_behind_alone(step, d_model, warmup_steps=4000):
    step = np.maximum(step, 1.0)
    return np.where(step < warmup_steps, step * warmup_steps**-1.5, d_model**-0.5 * step**-0.5)


@wrong("greedy_decode", "index", "zero_each_time")
def batch_of_one(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    for _ in range(max_length):
        token = int(np.argmax(next_logits([ids])[0]))
        if token == end_id:
            break
        ids.append(token)
    return ids[1:]


@wrong("greedy_decode", "index", "zero_each_time")
def last_logit(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    for _ in range(max_length):
        token = int(np.argmax(next_logits(ids)[-1]))
        if token == end_id:
            break
        ids.append(token)
    return ids[1:]


@wrong("greedy_decode", "off by one", "one_too_large")
def from_one(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    for _ in range(max_length):
        token = int(np.argmax(next_logits(ids))) + 1
        if token == end_id:
            break
        ids.append(token)
    return ids[1:]


@wrong("greedy_decode", "the choice", "zero_not_chosen")
def padding_left_out(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    for _ in range(max_length):
        token = int(np.argmax(next_logits(ids)[1:])) + 1
        if token == end_id:
            break
        ids.append(token)
    return ids[1:]


@wrong("greedy_decode", "what is given", "last_token_only")
def last_two(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    for _ in range(max_length):
        token = int(np.argmax(next_logits(ids[-2:])))
        if token == end_id:
            break
        ids.append(token)
    return ids[1:]


@wrong("greedy_decode", "the result", "filled_up")
def filled_with_padding(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    for _ in range(max_length):
        token = int(np.argmax(next_logits(ids)))
        if token == end_id:
            break
        ids.append(token)
    reply = ids[1:]
    return reply + [0] * (max_length - len(reply))


@wrong("greedy_decode", "the result", "reply_reversed")
def last_first(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    for _ in range(max_length):
        token = int(np.argmax(next_logits(ids)))
        if token == end_id:
            break
        ids.append(token)
    return ids[:0:-1]


@wrong("greedy_decode", "the choice", "no_token_twice")
def nothing_twice(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    for _ in range(max_length):
        logits = np.array(next_logits(ids))
        logits[ids] = -np.inf
        token = int(np.argmax(logits))
        if token == end_id:
            break
        ids.append(token)
    return ids[1:]


@wrong("greedy_decode", "the end", "no_token_twice")
def stops_at_a_repeat(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    for _ in range(max_length):
        token = int(np.argmax(next_logits(ids)))
        if token == end_id or token in ids:
            break
        ids.append(token)
    return ids[1:]


@wrong("greedy_decode", "the end", "end_forbidden")
def end_not_allowed(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    for _ in range(max_length):
        logits = np.array(next_logits(ids))
        logits[end_id] = -np.inf
        ids.append(int(np.argmax(logits)))
    return ids[1:]


@wrong("greedy_decode", "index", says=r"without other axes")
def last_column(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    for _ in range(max_length):
        token = int(np.argmax(next_logits(ids)[:, -1]))
        if token == end_id:
            break
        ids.append(token)
    return ids[1:]


@wrong("greedy_decode", "the choice", says=r"place")
def largest_itself(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    for _ in range(max_length):
        token = int(np.max(next_logits(ids)))
        if token == end_id:
            break
        ids.append(token)
    return ids[1:]


@wrong("find_the_padding", "padding counts as right", "padding_counted_as_right")
def both_masked(targets, losses, guesses):
    real = targets != 0
    return np.sum(losses * real) / np.sum(real), np.mean(guesses * real == targets * real)


@wrong("find_the_padding", "the result", "one_number_a_sentence")
def one_a_row(targets, losses, guesses):
    real = targets != 0
    return np.mean(losses, axis=1, where=real), np.mean(guesses == targets, axis=1, where=real)


@wrong("find_the_padding", "wrong share", "whole_sentences")
def whole_replies(targets, losses, guesses):
    real = targets != 0
    return np.mean(losses[real]), np.mean([np.all(g[r] == t[r]) for g, t, r in zip(guesses, targets, real)])


@wrong("find_the_padding", "last step", "exponential_taken")
def perplexity(targets, losses, guesses):
    real = targets != 0
    return np.exp(np.mean(losses[real])), np.mean(guesses[real] == targets[real])


@wrong("find_the_padding", "sign", "sign_lost")
def minus_the_mean(targets, losses, guesses):
    real = targets != 0
    return -np.mean(losses[real]), np.mean(guesses[real] == targets[real])


@wrong("find_the_padding", "mask", "rows_or_columns_left_out")
def full_replies_alone(targets, losses, guesses):
    real = (targets != 0).all(axis=1)
    return np.mean(losses[real]), np.mean(guesses[real] == targets[real])


@wrong("find_the_padding", "mask", "rows_or_columns_left_out")
def full_columns_alone(targets, losses, guesses):
    real = (targets != 0).all(axis=0)
    return np.mean(losses[:, real]), np.mean((guesses == targets)[:, real])


@wrong("find_the_padding", "mask", "end_left_out")
def marks_left_out(targets, losses, guesses):
    real = (targets != PADDING) & (targets != END) & (targets != START)
    return np.mean(losses[real]), np.mean(guesses[real] == targets[real])


@wrong("find_the_padding", "wrong share", "accuracy_from_the_loss")
def from_the_loss(targets, losses, guesses):
    real = targets != 0
    loss = np.mean(losses[real])
    return loss, np.exp(-loss)


@wrong("find_the_padding", "mask", says=r"both sides")
def one_side_picked(targets, losses, guesses):
    real = targets != 0
    return np.mean(losses[real]), np.mean(guesses[real] == targets)


@wrong("masked_loss", "wrong divisor", "one_added_to_the_number")
def one_more(targets, logits):
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits)
    real = tf.cast(targets != 0, tf.float32)
    return tf.reduce_sum(losses * real) / (tf.reduce_sum(real) + 1.0)


@wrong("masked_loss", "wrong loss", "squared_error")
def brier(targets, logits):
    probs = tf.nn.softmax(logits)
    hot = tf.one_hot(targets, tf.shape(logits)[-1])
    losses = tf.reduce_sum((probs - hot) ** 2, axis=-1)
    real = tf.cast(targets != 0, tf.float32)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * real), tf.reduce_sum(real))


@wrong("masked_loss", "wrong loss", "sigmoid_taken")
def sigmoids(targets, logits):
    hot = tf.one_hot(targets, tf.shape(logits)[-1])
    losses = tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(labels=hot, logits=logits), axis=-1)
    real = tf.cast(targets != 0, tf.float32)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * real), tf.reduce_sum(real))


@wrong("masked_loss", "large logits", says=r"taken out first")
def no_largest_taken_out(targets, logits):
    z = tf.gather(logits, targets, batch_dims=2)
    losses = tf.math.log(tf.reduce_sum(tf.exp(logits), axis=-1)) - z
    real = tf.cast(targets != 0, tf.float32)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * real), tf.reduce_sum(real))


@wrong("masked_loss", "the result", "one_loss_a_sentence")
def one_a_sentence(targets, logits):
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits)
    mask = tf.cast(targets != 0, tf.float32)
    return tf.math.divide_no_nan(tf.reduce_sum(loss * mask, axis=1), tf.reduce_sum(mask, axis=1))


@wrong("masked_accuracy", "padding counts as right", "padding_counted_as_right")
def padding_is_right(targets, logits):
    guess = tf.argmax(logits, axis=-1, output_type=tf.int32)
    real = tf.cast(targets != 0, tf.int32)
    right = tf.cast(guess * real == targets * real, tf.float32)
    return tf.reduce_mean(right)


@wrong("masked_accuracy", "wrong divisor", "one_added_to_the_number")
def one_added(targets, logits):
    guess = tf.argmax(logits, axis=-1, output_type=tf.int32)
    real = tf.cast(targets != 0, tf.float32)
    right = tf.cast(guess == targets, tf.float32) * real
    return tf.reduce_sum(right) / (tf.reduce_sum(real) + 1)


@wrong("masked_accuracy", "the choice", "among_the_first")
def two_likeliest(targets, logits):
    hit = tf.math.in_top_k(tf.reshape(targets, [-1]), tf.reshape(logits, [-1, tf.shape(logits)[-1]]), 2)
    real = tf.cast(tf.reshape(targets, [-1]) != 0, tf.float32)
    return tf.math.divide_no_nan(tf.reduce_sum(tf.cast(hit, tf.float32) * real), tf.reduce_sum(real))


@wrong("masked_accuracy", "the result", "one_share_a_sentence")
def share_a_sentence(targets, logits):
    guess = tf.argmax(logits, axis=-1, output_type=tf.int32)
    real = tf.cast(targets != 0, tf.float32)
    right = tf.cast(guess == targets, tf.float32) * real
    return tf.math.divide_no_nan(tf.reduce_sum(right, 1), tf.reduce_sum(real, 1))


@wrong("find_the_padding", "losses of 0 not counted", "zero_losses_left_out")
def counted_by_their_losses(targets, losses, guesses):
    kept = losses * (targets != 0)
    return kept.sum() / np.count_nonzero(kept), np.mean(guesses[targets != 0] == targets[targets != 0])


@wrong("find_the_padding", "losses of 0 not counted", "zero_losses_left_out")
def mask_made_of_the_masked_losses(targets, losses, guesses):
    kept = losses * (targets != 0) > 0
    return losses[kept].mean(), (guesses == targets)[kept].mean()


@wrong("find_the_padding", "losses of 0 not counted", "zero_losses_left_out")
def mask_made_of_the_losses(targets, losses, guesses):
    real = losses != 0
    return losses[real].mean(), (guesses[real] == targets[real]).mean()


@wrong("greedy_decode", "calls", "asked_twice")
def asked_for_the_test_and_again(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    while len(ids) <= max_length:
        if np.argmax(next_logits(ids)) == end_id:
            break
        ids.append(int(np.argmax(next_logits(ids))))
    return ids[1:]


@wrong("greedy_decode", "calls", "asked_twice")
def printed_and_asked_again(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    while len(ids) <= max_length:
        best = np.max(next_logits(ids))
        token = list(next_logits(ids)).index(best)
        if token == end_id:
            break
        ids.append(token)
    return ids[1:]


@wrong("greedy_decode", "calls", says=r"more than three times for each token")
def asked_for_every_word(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    while len(ids) <= max_length:
        token = 0
        for i in range(len(next_logits(ids))):
            if next_logits(ids)[i] > next_logits(ids)[token]:
                token = i
        if token == end_id:
            break
        ids.append(token)
    return ids[1:]


@wrong("greedy_decode", "no end", says=r"as many ids again and again")
def copy_appended(next_logits, start_id, end_id, max_length):
    ids, reply = [start_id], []
    while len(ids) <= max_length:
        token = int(np.argmax(next_logits(ids)))
        if token == end_id:
            break
        reply.append(token)
    return reply


@wrong("greedy_decode", "no end", says=r"The loop does not stop")
def end_alone_tested(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    while True:
        token = int(np.argmax(next_logits(ids)))
        if token == end_id:
            return ids[1:]
        ids.append(token)
