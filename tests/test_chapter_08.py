"""Chapter 08: losses, schedules and decoding by other routes, the small chatbot, and what learners are told."""

import json
from functools import partial

import numpy as np
import pytest

from tests import chapters
from tests.chapters import ROOT
from tests.closeness import assert_equal_up_to_rounding

SLUG = "08_training_a_chatbot"
KEY = chapters.key_of(SLUG)
verdict_on = partial(chapters.verdict_on, SLUG)
TARGETS = np.array([[5, 3, 1, 2, 0], [4, 0, 0, 0, 0], [0, 0, 0, 0, 0]], dtype="int32")


@pytest.fixture(scope="module")
def tf():
    return pytest.importorskip("tensorflow")


def logits_of(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


# ---------------------------------------------------------------- other routes
def test_the_loss_is_keras_own_with_padding_ignored(solved, tf):
    keras = pytest.importorskip("keras")
    logits = logits_of(0, 3, 5, 7)
    theirs = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0, reduction="sum")(
        TARGETS, logits
    )
    # Seven exponentials in each of five losses, which are added up; all are of order 5.
    assert_equal_up_to_rounding(solved["masked_loss"](TARGETS, logits), theirs / 5, terms=7 + 5, magnitude=5)


def test_the_accuracy_is_keras_own_with_weights(solved, tf):
    keras = pytest.importorskip("keras")
    logits = logits_of(1, 3, 5, 7)
    logits[0, 0, 5] = logits[1, 0, 4] = 9
    metric = keras.metrics.SparseCategoricalAccuracy()
    metric.update_state(TARGETS, logits, sample_weight=TARGETS != 0)
    assert 0 < float(metric.result()) < 1
    found = solved["masked_accuracy"](tf.constant(TARGETS), logits)
    assert_equal_up_to_rounding(found, metric.result(), terms=5)  # the tokens that count


@pytest.mark.parametrize("extra", [1, 4])
def test_more_padding_changes_neither_loss_nor_accuracy(solved, tf, extra):
    logits = logits_of(2, 3, 5, 7)
    longer = np.pad(TARGETS, ((0, 0), (0, extra)))
    more = np.concatenate([logits, logits_of(3, 3, extra, 7)], axis=1)
    for name in ("masked_loss", "masked_accuracy"):
        few, many = solved[name](tf.constant(TARGETS), logits), solved[name](tf.constant(longer), more)
        assert_equal_up_to_rounding(few, many, terms=7 + 5, magnitude=5)


def test_sentences_added_one_by_one_weigh_by_their_tokens(solved, tf):
    logits = logits_of(4, 3, 5, 7)
    single = [float(solved["masked_loss"](TARGETS[b : b + 1], logits[b : b + 1])) for b in range(3)]
    assert single[2] == 0
    together = solved["masked_loss"](TARGETS, logits)
    assert_equal_up_to_rounding(together, (4 * single[0] + single[1]) / 5, terms=7 + 5, magnitude=5)


def test_the_schedule_peaks_at_the_end_of_the_warm_up_and_is_a_line_before(solved):
    schedule = solved["warmup_schedule"]
    for d_model, warmup in [(512, 4000), (12, 7)]:
        rates = schedule(np.arange(4 * warmup + 1), d_model, warmup)
        assert rates.argmax() == warmup and np.isfinite(rates).all() and rates[0] == 0
        np.testing.assert_allclose(np.diff(rates[: warmup + 1]), rates[1], rtol=1e-6)
        np.testing.assert_allclose(rates[warmup], (d_model * warmup) ** -0.5)
        np.testing.assert_allclose(rates[4 * warmup], rates[warmup] / 2)
    assert schedule(1, 512) == schedule(1, 512, 4000) == schedule(1.0, 512)


def test_targets_are_the_inputs_of_the_next_position(solved):
    dec_inputs, targets = solved["shift_targets"](solved["ANSWERS"])
    np.testing.assert_array_equal(dec_inputs[:, 1:], targets[:, :-1])
    assert (dec_inputs[:, 0] == solved["START"]).all()
    assert ((targets == solved["END"]).sum(axis=1) == 1).all()


def test_the_greedy_reply_is_the_best_at_each_place_and_a_full_search_may_beat_it(solved):
    probabilities = {(1,): [0, 0, 0.1, 0.5, 0.4], (1, 3): [0, 0, 0.4, 0.3, 0.3], (1, 4): [0, 0, 0.9, 0.1, 0]}

    def next_logits(ids):
        return np.log(np.array(probabilities.get(tuple(ids), [0, 0, 1, 0, 0])) + 1e-9)

    assert solved["greedy_decode"](next_logits, 1, 2, 5) == [3]
    assert 0.5 * 0.4 < 0.4 * 0.9  # “4” is the likelier reply


# ---------------------------------------------------------------- the data and the small chatbot
def test_the_pairs_fit_their_tables_and_no_wording_is_in_both_parts(solved):
    train, held_back = solved["TRAIN"], solved["HELD_BACK"]
    assert len(train) == 59 and len(held_back) == 19
    assert not {q for q, _ in train} & {q for q, _ in held_back}
    assert {a for _, a in held_back} == {a for _, a in train}
    for table in (solved["QUESTIONS"], solved["ANSWERS"]):
        assert ((table == solved["END"]).sum(axis=1) == 1).all()
        assert len(np.unique(table, axis=0)) > 17
    for (question, reply), asked, said in zip(train, solved["QUESTIONS"], solved["ANSWERS"], strict=True):
        assert solved["decode"](asked[asked > 2]) == " ".join(solved["words_of"](question))
        assert solved["decode"](said[said > 2]) == " ".join(solved["words_of"](reply))


def test_the_small_transformer_sees_neither_the_future_nor_padding(solved, tf):
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(0)
    model = solved["tiny_transformer"](20, 6, 5, d_model=12, num_heads=3, dff=16)
    asked, said = np.array([[1, 7, 9, 2, 0, 0]], "int32"), np.array([[1, 5, 6, 8, 3]], "int32")

    def logits(asked, said):
        return np.asarray(model([tf.constant(asked), tf.constant(said)], training=False)[0])

    before = logits(asked, said)
    assert before.shape == (1, 5, 20)
    later = said.copy()
    later[0, 3:] = 11
    # Two attentions with projections of 12, scores of 4 and a mean of 6; the network of 12 and 16; 12 for a logit.
    assert_equal_up_to_rounding(
        logits(asked, later)[:, :3], before[:, :3], terms=2 * (12 + 4 + 6 + 12) + 12 + 16 + 5 * 12 + 12
    )
    assert np.abs(logits(asked, later)[:, 3:] - before[:, 3:]).max() > 1e-3
    other = asked.copy()
    other[0, 1] = 11
    assert np.abs(logits(other, said) - before).max() > 1e-3
    weights = np.asarray(model([tf.constant(asked), tf.constant(said)], training=False)[1])
    assert weights.shape == (1, 3, 5, 6) and np.abs(weights[..., 4:]).max() == 0


@pytest.mark.training
def test_the_training_loop_learns(solved, tf, capsys):
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(0)
    size = len(solved["VOCABULARY"])
    model = solved["tiny_transformer"](
        size, solved["Q_LENGTH"], solved["A_LENGTH"] - 1, d_model=24, num_heads=3, dff=32
    )
    history = solved["train_chatbot"](model, epochs=4, d_model=24, warmup_steps=20)
    assert history.shape == (4, 4) and np.isfinite(history).all()
    assert history[-1, 0] < 0.8 * history[0, 0]
    next_logits = solved["asker"](model)("hello")
    assert next_logits([1]).shape == (size,)
    assert len(solved["greedy_decode"](next_logits, 1, 2, 12)) <= 12


def test_the_broken_functions_show_their_symptoms(solved, capsys):
    broken = solved["CountingModel"](*solved["broken_batch"]([[5, 6, 7], [5, 8]], 1, 2, 6))
    assert broken.loss == 0 and broken.expects([1, 5]) == 5 and broken.expects([1]) == 1
    mended = solved["CountingModel"](*solved["mended_batch"]([[5, 6, 7], [5, 8]], 1, 2, 6))
    assert mended.loss > 0 and mended.expects([1, 5]) == 6 and mended.expects([1]) == 5
    capsys.readouterr()
    solved["show_replies"](solved["broken_epoch"])
    assert "1 different answers" in capsys.readouterr().out
    solved["show_replies"](solved["mended_epoch"])
    assert "18 different answers" in capsys.readouterr().out
    solved["show_log"](solved["broken_log"])
    assert capsys.readouterr().out == "padded to 48 tokens: loss 0.0061, accuracy 0.1684\n"
    solved["show_log"](solved["mended_log"])
    solved["show_log"](solved["mended_log"], 200)
    first, further = (line.partition(":")[2] for line in capsys.readouterr().out.splitlines())
    assert first == further and "accuracy 0.97" in first


# ---------------------------------------------------------------- what learners write, and what they are told
CODE = {
    "shift_targets": """
def shift_targets(answers):
    dec_inputs = answers[:, :-1]
    targets = answers[:, 1:]
    return dec_inputs, targets
""",
    "find_the_copy": """
def mended_batch(replies, start_id, end_id, length):
    table = np.zeros((len(replies), length + 1), dtype=int)
    for row, reply in zip(table, replies):
        sentence = [start_id, *reply, end_id]
        row[: len(sentence)] = sentence
    dec_inputs = table[:, :-1]
    targets = table[:, 1:]
    return dec_inputs, targets
""",
    "find_the_shuffle": """
def mended_epoch(questions, answers, rng):
    order = rng.permutation(len(questions))
    return questions[order], answers[order]
""",
    "warmup_schedule": """
def warmup_schedule(step, d_model, warmup_steps=4000):
    step = np.asarray(step, dtype=float)
    a = np.maximum(step, 1e-9) ** -0.5
    b = step * warmup_steps ** -1.5
    return d_model ** -0.5 * np.minimum(a, b)
""",
    "greedy_decode": """
def greedy_decode(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    for _ in range(max_length):
        logits = next_logits(ids)
        token = int(np.argmax(logits))
        if token == end_id:
            break
        ids.append(token)
    return ids[1:]
""",
    "find_the_padding": """
def mended_log(targets, losses, guesses):
    real = targets != 0
    loss = np.sum(losses * real) / np.sum(real)
    accuracy = np.sum((guesses == targets) * real) / np.sum(real)
    return loss, accuracy
""",
    "masked_loss": """
def masked_loss(targets, logits):
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
    mask = tf.cast(targets != 0, tf.float32)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))
""",
    "masked_accuracy": """
def masked_accuracy(targets, logits):
    guesses = tf.cast(tf.argmax(logits, axis=-1), tf.int32)
    mask = tf.cast(targets != 0, tf.float32)
    right = tf.cast(tf.equal(guesses, targets), tf.float32)
    return tf.math.divide_no_nan(tf.reduce_sum(right * mask), tf.reduce_sum(mask))
""",
}
CE = "tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)"
MEAN = "tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))"
ARGMAX = "tf.cast(tf.argmax(logits, axis=-1), tf.int32)"
# Another reply each time, as a drawn one would be, but surely another: odd and even tokens take turns.
EVERY_OTHER_TIME = (
    "int(np.argmax(logits + 9 * ((np.arange(len(logits)) + len(vars(greedy_decode).setdefault('calls', []))"
    " + (vars(greedy_decode)['calls'].append(0) or 0 if len(ids) == 1 else 0)) % 2)))"
)
TOLD = [
    # right, written otherwise
    ("shift_targets", "answers[:, 1:]", "np.roll(answers, -1, axis=1)[:, :-1]", set()),
    ("shift_targets", "answers[:, 1:]", "[list(row[1:]) for row in answers]", set()),
    ("shift_targets", "answers[:, :-1]", "np.delete(answers, -1, axis=1)", set()),
    ("find_the_copy", "table[:, 1:]", "shift_targets(table)[1]", set()),
    ("find_the_shuffle", "order = rng.permutation(len(questions))",
     "order = np.arange(len(questions))\n    rng.shuffle(order)", set()),
    ("find_the_shuffle", "rng.permutation(len(questions))", "np.argsort(rng.random(len(questions)))", set()),
    ("find_the_shuffle", "questions[order], answers[order]",
     "[questions[n] for n in order], [answers[n] for n in order]", set()),
    ("warmup_schedule", "np.minimum(a, b)", "np.where(step < warmup_steps, b, a)", set()),
    ("warmup_schedule", "np.maximum(step, 1e-9)", "np.maximum(step, 1)", set()),
    ("warmup_schedule", "np.maximum(step, 1e-9)", "step", set()),
    ("warmup_schedule", "    step = np.asarray(step, dtype=float)\n",
     "    step = np.maximum(np.asarray(step, dtype=float), 1)\n", set()),
    ("greedy_decode", "int(np.argmax(logits))", "np.argmax(np.exp(logits) / np.exp(logits).sum())", set()),
    ("greedy_decode", "int(np.argmax(logits))", "max(range(len(logits)), key=lambda i: logits[i])", set()),
    ("greedy_decode", "next_logits(ids)", "next_logits(np.array(ids))", set()),
    ("greedy_decode", "return ids[1:]", "return np.array(ids[1:], dtype=int)", set()),
    ("masked_loss", CE, "tf.keras.losses.sparse_categorical_crossentropy(targets, logits, from_logits=True)", set()),
    ("masked_loss", CE,
     "-tf.reduce_sum(tf.one_hot(targets, tf.shape(logits)[-1]) * tf.nn.log_softmax(logits), axis=-1)", set()),
    ("masked_loss", MEAN, "tf.reduce_sum(losses * mask) / tf.maximum(tf.reduce_sum(mask), 1)", set()),
    ("masked_loss", MEAN, "tf.reduce_sum(tf.where(targets != 0, losses, 0.0)) / (tf.reduce_sum(mask) + 1e-9)", set()),
    ("masked_accuracy", ARGMAX, "tf.argmax(logits, axis=2, output_type=tf.int32)", set()),
    ("masked_accuracy", ARGMAX, "tf.cast(tf.argmax(tf.nn.softmax(logits), axis=-1), targets.dtype)", set()),
    ("find_the_padding", "np.sum(losses * real) / np.sum(real)", "np.average(losses, weights=real)", set()),
    ("find_the_padding", "np.sum((guesses == targets) * real) / np.sum(real)",
     "(guesses == targets)[real].mean()", set()),
    ("find_the_padding", "return loss, accuracy", "return [float(loss), float(accuracy)]", set()),
    # named mistakes, written in their commonest forms
    ("shift_targets", "answers[:, :-1]", "answers[:, 1:]", {"inputs_shifted_too"}),
    ("shift_targets", "answers[:, 1:]", "answers[:, :-1]", {"not_shifted"}),
    ("shift_targets", "return dec_inputs, targets", "return targets, dec_inputs", {"wrong_way"}),
    ("shift_targets", "answers[:, :-1]", "answers", {"inputs_not_cut"}),
    ("shift_targets", "answers[:, 1:]", "answers", {"targets_not_cut"}),
    ("shift_targets", "dec_inputs = answers[:, :-1]\n    targets = answers[:, 1:]",
     "dec_inputs = answers\n    targets = np.roll(answers, -1, axis=1)", {"rolled_round"}),
    ("shift_targets", "dec_inputs = answers[:, :-1]\n    targets = answers[:, 1:]",
     "dec_inputs = answers[:-1]\n    targets = answers[1:]", {"rows_cut"}),
    ("shift_targets", "answers[:, 1:]", "answers[:, 2:]", {"shifted_by_two"}),
    ("shift_targets", "return dec_inputs, targets", "return targets", "one array of shape"),
    ("find_the_copy", "table[:, 1:]", "table[:, :length]", {"still_not_shifted"}),
    ("find_the_copy", "table[:, :-1]", "table[:, 1:]", {"inputs_shifted_too"}),
    ("find_the_copy", "table[:, 1:]", "np.roll(dec_inputs, -1, axis=1)", {"rolled_round"}),
    ("find_the_copy", "[start_id, *reply, end_id]", "[START, *reply, END]", {"start_and_end_from_the_notebook"}),
    ("find_the_copy", "[start_id, *reply, end_id]", "[start_id, *reply, END]", {"start_and_end_from_the_notebook"}),
    ("find_the_copy", "[start_id, *reply, end_id]", "[0, *reply, end_id]", {"zero_in_front"}),
    ("find_the_copy", "table[:, 1:]", "np.pad(dec_inputs[:, :-1], ((0, 0), (1, 0)))", {"zero_in_front"}),
    ("find_the_copy", "return dec_inputs, targets", "return np.where(dec_inputs == end_id, 0, dec_inputs), targets",
     {"end_not_given"}),
    ("find_the_copy", "table[:, 1:]", "table", {"not_cut"}),
    ("find_the_copy", "table[:, 1:]", "np.roll(table, -1)[:, :-1]", set()),
    ("find_the_copy", "[start_id, *reply, end_id]", "[*reply, end_id]", {"start_missing"}),
    ("find_the_copy", "[start_id, *reply, end_id]", "[start_id, *reply]", {"end_missing"}),
    ("find_the_shuffle", "questions[order], answers[order]", "rng.permutation(questions), rng.permutation(answers)",
     {"still_apart"}),
    ("find_the_shuffle", "questions[order], answers[order]", "questions[order], answers", {"one_table_only"}),
    ("find_the_shuffle", "questions[order], answers[order]", "questions, answers", {"not_shuffled"}),
    ("find_the_shuffle", "rng.permutation(len", "np.random.default_rng(3).permutation(len", {"same_order_every_time"}),
    ("find_the_shuffle", "rng.permutation(len(questions))", "rng.integers(0, len(questions), len(questions))",
     {"some_twice"}),
    ("find_the_shuffle", "questions[order], answers[order]", "rng.shuffle(questions), rng.shuffle(answers)",
     "works in place and returns None"),
    ("find_the_shuffle", "order = rng.permutation(len(questions))",
     "order = rng.shuffle(np.arange(len(questions)))", "`rng.shuffle` works in place and returns None"),
    ("find_the_shuffle", "rng.permutation(len(questions))", "np.random.permutation(len(questions))",
     {"other_randomness"}),
    ("find_the_shuffle", "    return questions[order], answers[order]",
     "    questions[:] = questions[order]\n    answers[:] = answers[order]\n    return questions, answers",
     {"arguments_changed"}),
    ("find_the_shuffle", "rng.permutation(len(questions))",
     "np.roll(np.arange(len(questions)), rng.integers(len(questions)))", {"only_rotated"}),
    ("find_the_shuffle", "order = rng.permutation(len(questions))",
     "order = np.arange(len(questions))\n    i, j = rng.permutation(order)[[0, -1]]\n    order[[i, j]] = order[[j, i]]",
     {"most_rows_in_place"}),
    ("find_the_shuffle", "questions[order], answers[order]", "questions[order[1:]], answers[order[1:]]", {"rows_lost"}),
    ("find_the_shuffle", "    return questions[order], answers[order]",
     "    both = rng.permuted(np.hstack([questions, answers]), axis=0)\n"
     "    return both[:, : questions.shape[1]], both[:, questions.shape[1] :]", {"rows_torn"}),
    ("find_the_shuffle", "questions[order], answers[order]", "answers[order], questions[order]", {"tables_exchanged"}),
    ("find_the_shuffle", "questions[order], answers[order]",
     "questions[order], answers[rng.permutation(len(answers))]", {"still_apart"}),
    ("find_the_shuffle", "    return", "    order[order == 0] = len(order) - 1\n    return", {"some_twice"}),
    ("warmup_schedule", "np.minimum(a, b)", "np.maximum(a, b)", {"larger_branch"}),
    ("warmup_schedule", "d_model ** -0.5", "d_model ** 0.5", {"width_to_plus_half"}),
    ("warmup_schedule", "d_model ** -0.5 * ", "", {"width_left_out"}),
    ("warmup_schedule", "warmup_steps ** -1.5", "warmup_steps ** -0.5", {"warmup_to_minus_half"}),
    ("warmup_schedule", "warmup_steps ** -1.5", "warmup_steps ** 1.5", {"no_warm_up"}),
    ("warmup_schedule", "warmup_steps ** -1.5", "4000 ** -1.5", {"warmup_ignored"}),
    ("warmup_schedule", "1e-9) ** -0.5", "1e-9) ** 0.5", {"rises_only"}),
    ("warmup_schedule", "step * warmup_steps ** -1.5", "(step * warmup_steps) ** -1.5", {"exponent_on_the_product"}),
    ("warmup_schedule", "np.maximum(step, 1e-9) ** -0.5\n    b = step * warmup_steps ** -1.5",
     "step ** -0.5\n    b = (step * warmup_steps) ** -1.5", {"exponent_on_the_product"}),
    ("warmup_schedule", "d_model ** -0.5 * np.minimum(a, b)", "np.minimum(d_model ** -0.5 * a, b)",
     {"width_on_one_branch"}),
    ("warmup_schedule", "d_model ** -0.5 * np.minimum(a, b)", "np.minimum(a, d_model ** -0.5 * b)",
     {"width_on_one_branch"}),
    ("warmup_schedule", "np.minimum(a, b)", "np.where(step == 0, a, np.minimum(a, b))", {"too_large_at_step_0"}),
    ("warmup_schedule", "    step = np.asarray(step, dtype=float)\n",
     "    step = np.asarray(step)\n    step[step == 0] = 1\n", "changes its argument steps in place"),
    ("warmup_schedule",
     "    step = np.asarray(step, dtype=float)\n    a = np.maximum(step, 1e-9) ** -0.5\n"
     "    b = step * warmup_steps ** -1.5\n    return d_model ** -0.5 * np.minimum(a, b)",
     "    step = np.asarray(step)\n    rates = np.zeros_like(step)\n    s = np.maximum(step, 1.0)\n"
     "    rates[...] = d_model ** -0.5 * np.minimum(s ** -0.5, s * warmup_steps ** -1.5)\n    return rates",
     "an array of integers"),
    ("warmup_schedule",
     "    step = np.asarray(step, dtype=float)\n    a = np.maximum(step, 1e-9) ** -0.5\n"
     "    b = step * warmup_steps ** -1.5\n    return d_model ** -0.5 * np.minimum(a, b)",
     "    return [d_model ** -0.5 * min(max(s, 1) ** -0.5, s * warmup_steps ** -1.5) for s in step]",
     "A single number must also do"),
    ("warmup_schedule", "np.minimum(a, b)", "np.minimum(a, b).min()", {"one_number_for_all"}),
    ("warmup_schedule", "np.minimum(a, b)", "min(a, b)", "go entry by entry"),
    ("warmup_schedule", "    step = np.asarray(step, dtype=float)\n    a = np.maximum(step, 1e-9) ** -0.5",
     "    a = step ** -0.5", "treat 0 by itself"),
    ("warmup_schedule",
     "    a = np.maximum(step, 1e-9) ** -0.5\n    b = step * warmup_steps ** -1.5\n    return d_model ** -0.5 "
     "* np.minimum(a, b)", "    return d_model ** -0.5 * step ** -0.5 * np.minimum(1, (step / warmup_steps) ** 1.5)",
     {"nan_at_step_0"}),
    ("warmup_schedule", "return d_model", "d_model", "Is there a `return`"),
    ("greedy_decode", "return ids[1:]", "return ids", {"start_returned"}),
    ("greedy_decode", "if token == end_id:\n            break\n        ids.append(token)",
     "ids.append(token)\n        if token == end_id:\n            break", {"end_returned"}),
    ("greedy_decode", "if token == end_id:", "if False:", {"does_not_stop_at_the_end"}),
    ("greedy_decode", "range(max_length)", "range(max_length - 1)", {"one_too_few"}),
    ("greedy_decode", "range(max_length)", "range(max_length + 1)", {"one_too_many"}),
    ("greedy_decode", "range(max_length)", "range(max(max_length, 1))", {"asked_before_the_limit"}),
    ("greedy_decode", "for _ in range(max_length):\n        logits = next_logits(ids)",
     "logits = next_logits(ids)\n    for _ in range(max_length):", {"asked_only_once"}),
    ("greedy_decode", "if token == end_id:", "if token in (start_id, end_id):", {"start_is_a_token_too"}),
    ("greedy_decode", "logits = next_logits(ids)", "logits = next_logits(ids)\n        logits[start_id] = -1e9",
     {"start_is_a_token_too"}),
    ("greedy_decode", "return ids[1:]", "return [i for i in ids if i != start_id]", {"start_is_a_token_too"}),
    ("greedy_decode", "ids = [start_id]", "ids = [START]", {"start_and_end_from_the_notebook"}),
    ("greedy_decode", "token == end_id", "token == END", {"start_and_end_from_the_notebook"}),
    ("greedy_decode", "ids.append(token)", "ids.append(token)\n        ids = ids[:3]",
     "Your reply has 2 tokens instead of 3"),
    ("greedy_decode", "ids = [start_id]", "ids = [start_id]\n    next_logits(ids)",
     "the model was asked 5 times instead of 4"),
    ("greedy_decode", "next_logits(ids)", "next_logits(ids[-1:])", {"last_token_only"}),
    ("greedy_decode", "next_logits(ids)", "next_logits([start_id])", {"nothing_appended"}),
    ("greedy_decode", "next_logits(ids)", "next_logits(ids[1:])", {"start_not_given"}),
    ("greedy_decode", "argmax", "argmin", {"least_likely"}),
    ("greedy_decode", "int(np.argmax(logits))",
     "int(np.argsort(logits)[-1]) if False else len(logits) - 1 - int(np.argmax(logits[::-1]))", {"last_of_equals"}),
    ("greedy_decode", "    return ids[1:]", "        return ids[1:]", "Is there a `return` at its end?"),
    ("greedy_decode", "if token == end_id:", "if token in (0, end_id):", {"stops_at_padding"}),
    ("greedy_decode", "int(np.argmax(logits))",
     EVERY_OTHER_TIME, "gave two different replies"),
    ("greedy_decode", "for _ in range(max_length):", "while True:", "has to end at end_id and at max_length"),
    ("greedy_decode", "int(np.argmax(logits))", "np.max(logits)", "is the *number* of the likeliest token"),
    ("greedy_decode", "return ids[1:]", "return ids[1:-1]", {"last_token_dropped"}),
    ("find_the_padding", "np.sum(losses * real) / np.sum(real)", "np.mean(losses * real)",
     {"only_the_accuracy_mended"}),
    ("find_the_padding", "np.sum((guesses == targets) * real) / np.sum(real)", "np.mean(guesses == targets)",
     {"only_the_loss_mended"}),
    ("find_the_padding", "np.sum((guesses == targets) * real) / np.sum(real)",
     "np.mean((guesses == targets) * real)", {"hits_divided_by_all"}),
    ("find_the_padding", " / np.sum(real)", " / real.size", {"only_the_accuracy_mended", "hits_divided_by_all"}),
    ("find_the_padding", "np.sum(losses * real)", "np.sum(losses)", {"padding_in_the_sum"}),
    ("find_the_padding", "targets != 0", "targets == 0", {"mask_inverted"}),
    ("find_the_padding", "real = targets != 0", "real = guesses != 0", {"mask_from_guesses"}),
    ("find_the_padding", "targets != 0", "(targets != 0) & (targets != END)", {"end_left_out"}),
    ("find_the_padding", "return loss, accuracy", "return accuracy, loss", {"exchanged"}),
    ("find_the_padding", "return loss, accuracy", "return loss, 100 * accuracy", {"in_per_cent"}),
    ("find_the_padding", "return loss, accuracy", "return loss", "expected 2 things, (loss, accuracy)"),
    ("masked_loss", MEAN, "tf.reduce_mean(losses)", {"padding_counted"}),
    ("masked_loss", MEAN, "tf.reduce_mean(losses * mask)", {"divided_by_all"}),
    ("masked_loss", MEAN, "tf.reduce_sum(losses * mask)", {"summed"}),
    ("masked_loss", MEAN, "tf.reduce_sum(losses * mask) / tf.reduce_sum(mask)", {"nan_without_tokens"}),
    ("masked_loss", MEAN, "tf.reduce_mean(tf.boolean_mask(losses, targets != 0))", {"nan_without_tokens"}),
    ("masked_loss", MEAN,
     "tf.reduce_mean(tf.math.divide_no_nan(tf.reduce_sum(losses * mask, -1), tf.reduce_sum(mask, -1)))",
     {"mean_of_sentence_means"}),
    ("masked_loss", MEAN, "losses * mask", {"not_averaged"}),
    ("masked_loss", MEAN,
     "tf.where(tf.reduce_sum(mask) > 0, tf.reduce_sum(losses * mask) / tf.reduce_sum(mask), 0.0)",
     {"gradient_not_finite"}),
    ("masked_loss", MEAN, "tf.math.divide_no_nan(tf.reduce_sum(losses), tf.reduce_sum(mask))", {"padding_in_the_sum"}),
    ("masked_loss", CE, "tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)(targets, logits)",
     {"averaged_before_the_mask"}),
    ("masked_loss", CE,
     "tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction=None)(targets, logits)", set()),
    ("masked_loss", MEAN,
     "tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits * mask[..., None]))",
     {"logits_masked"}),
    ("masked_loss", "targets != 0", "(targets != 0) & (targets != 2)", {"end_left_out"}),
    ("masked_loss", "targets != 0", "targets > END", {"end_left_out"}),
    ("masked_loss", CE,
     "-tf.math.log(tf.gather(tf.nn.softmax(logits), targets, axis=-1, batch_dims=2) + 1e-9)",
     {"probabilities_clipped"}),
    ("masked_loss", CE, "tf.nn.sparse_softmax_cross_entropy_with_logits(logits, targets)", "have changed places"),
    ("masked_loss", CE, "tf.keras.losses.sparse_categorical_crossentropy(logits, targets, from_logits=True)",
     "have changed places"),
    ("masked_loss", MEAN, "losses * mask + 1", "loss has shape (3, 5)"),
    ("masked_loss", "targets != 0", "targets == 0", {"mask_inverted"}),
    ("masked_loss", CE, "tf.nn.sparse_softmax_cross_entropy_with_logits(targets, tf.nn.softmax(logits))",
     {"softmax_twice"}),
    ("masked_loss", CE, "tf.keras.losses.sparse_categorical_crossentropy(targets, logits)",
     {"logits_as_probabilities"}),
    ("masked_loss", "targets != 0", "tf.argmax(logits, -1) != 0", {"mask_from_predictions"}),
    ("masked_loss", "return tf", "return -tf", {"sign_lost"}),
    ("masked_loss", CE, "-np.log(np.exp(logits))", "While a graph is built"),
    ("masked_loss", MEAN,
     "tf.constant(0.0) if tf.reduce_sum(mask) == 0 else tf.reduce_sum(losses * mask) / tf.reduce_sum(mask)",
     "While a graph is built"),
    ("masked_loss", "tf.cast(targets != 0, tf.float32)", "targets != 0", "makes numbers of them"),
    ("masked_loss", MEAN, "tf.round(tf.reduce_sum(losses))", "Nothing connects your result"),
    ("masked_accuracy", "tf.math.divide_no_nan(tf.reduce_sum(right * mask), tf.reduce_sum(mask))",
     "tf.reduce_mean(right)", {"padding_counted"}),
    ("masked_accuracy", "tf.math.divide_no_nan(tf.reduce_sum(right * mask), tf.reduce_sum(mask))",
     "tf.reduce_mean(right * mask)", {"divided_by_all"}),
    ("masked_accuracy", "tf.math.divide_no_nan(tf.reduce_sum(right * mask), tf.reduce_sum(mask))",
     "tf.reduce_sum(right * mask) / tf.reduce_sum(mask)", {"nan_without_tokens"}),
    ("masked_accuracy", "right = tf.cast(tf.equal(guesses, targets), tf.float32)",
     "right = tf.cast(tf.gather(tf.nn.softmax(logits), targets, axis=-1, batch_dims=2) > 0.5, tf.float32)",
     {"above_one_half"}),
    ("masked_accuracy", "right = tf.cast(tf.equal(guesses, targets), tf.float32)",
     "right = tf.gather(tf.nn.softmax(logits), targets, axis=-1, batch_dims=2)", {"mean_probability"}),
    ("masked_accuracy", ARGMAX, "tf.argmax(logits[..., 1:], axis=-1, output_type=tf.int32) + 1",
     {"padding_not_guessed"}),
    ("masked_accuracy", "right * mask", "right", {"padding_in_the_sum"}),
    ("masked_accuracy", "targets != 0", "(targets != 0) & (targets != END)", {"end_left_out"}),
    ("masked_accuracy", "tf.math.divide_no_nan(tf.reduce_sum(right * mask), tf.reduce_sum(mask))",
     "tf.reduce_mean(tf.cast(tf.reduce_all((right == 1) | (mask == 0), axis=-1), tf.float32))", {"whole_sentences"}),
    ("masked_accuracy", "tf.math.divide_no_nan(tf.reduce_sum(right * mask), tf.reduce_sum(mask))",
     "tf.reduce_sum(tf.cast(right * mask, tf.int32)) // tf.reduce_sum(tf.cast(mask, tf.int32))",
     "Whole numbers have no NaN"),
    ("masked_accuracy", "targets != 0", "guesses != 0", {"mask_from_predictions"}),
    ("masked_accuracy", "axis=-1", "axis=1", {"likeliest_along_the_positions"}),
    ("masked_accuracy", "axis=-1", "axis=0", {"likeliest_along_the_batch"}),
    ("masked_accuracy", "tf.equal(guesses, targets)", "tf.cast(tf.argmax(logits), tf.int32) == targets",
     {"likeliest_along_the_batch"}),
    ("masked_accuracy", "argmax", "argmin", {"least_likely"}),
    ("masked_accuracy", "tf.cast(tf.argmax(logits, axis=-1), tf.int32)", "tf.argmax(logits, axis=-1)",
     "cast one of them"),
    ("masked_accuracy", "return tf", "return 100 * tf", {"in_per_cent"}),
]  # fmt: skip


@pytest.mark.parametrize("name", CODE)
def test_the_right_code_of_the_table_is_right(notebook, name):
    if KEY[name].needs:
        pytest.importorskip(KEY[name].needs)
    verdict = verdict_on(notebook, name, CODE[name])
    assert (verdict["kind"], verdict["says"]) == ("right", [])


@pytest.mark.parametrize(("name", "right", "wrong", "told"), TOLD)
def test_what_a_learner_is_told(notebook, name, right, wrong, told):
    if KEY[name].needs:
        pytest.importorskip(KEY[name].needs)
    assert right in CODE[name]
    verdict = verdict_on(notebook, name, CODE[name].replace(right, wrong))
    if isinstance(told, set):
        assert (set(verdict["names"]), verdict["kind"]) == (told, "misconception" if told else "right"), verdict["says"]
    else:
        assert told in " ".join(verdict["says"]), verdict["says"]
        assert "Keep the names of the arguments" not in " ".join(verdict["says"])


@pytest.mark.parametrize(
    ("name", "function"), [("find_the_copy", "broken_batch"), ("find_the_shuffle", "broken_epoch")]
)
def test_the_broken_function_handed_in_as_it_is_is_named(notebook, name, function):
    verdict = verdict_on(notebook, name, f"{KEY[name].function} = {function}")
    assert verdict["names"] == [{"find_the_copy": "still_not_shifted", "find_the_shuffle": "still_apart"}[name]]


def test_what_python_says_of_a_graph_is_one_line(notebook):
    pytest.importorskip("tensorflow")
    code = CODE["masked_accuracy"].replace(
        "tf.math.divide_no_nan(tf.reduce_sum(right * mask), tf.reduce_sum(mask))",
        "tf.reduce_sum(tf.cast(right * mask, tf.int32)) // tf.reduce_sum(tf.cast(mask, tf.int32))",
    )
    said = " ".join(verdict_on(notebook, "masked_accuracy", code)["says"])
    assert "Integer division by zero" in said and "File" not in said and "\n" not in said


def test_many_checks_in_a_row_give_no_warning(notebook, capfd):
    pytest.importorskip("tensorflow")
    for _ in range(2):
        assert verdict_on(notebook, "masked_accuracy", CODE["masked_accuracy"])["kind"] == "right"
    assert "WARNING" not in capfd.readouterr().err


def test_a_step_0_set_to_1_in_place_is_right_but_for_that(notebook):
    code = CODE["warmup_schedule"].replace(
        "    step = np.asarray(step, dtype=float)\n", "    step = np.asarray(step)\n    step[step == 0] = 1\n"
    )
    code = code.replace("np.maximum(step, 1e-9)", "np.asarray(step, dtype=float)")
    verdict = verdict_on(notebook, "warmup_schedule", code)
    assert (verdict["kind"], len(verdict["says"])) == ("right", 1) and "in place" in verdict["says"][0]


def test_the_two_functions_that_test_the_promises_are_one(solved):
    shuffle = KEY["find_the_shuffle"]
    for misconception in shuffle.misconceptions:
        for wrong in misconception.ways().values():
            for case in shuffle.inputs(np.random.default_rng(3)).values():
                theirs = solved["promises_kept"](wrong.steps["make_epoch"], **case)
                np.testing.assert_array_equal(theirs, wrong(**case))


def test_fresh_cases_of_many_seeds_can_be_drawn():
    for seed in range(40):
        rng = np.random.default_rng(seed)
        for check in KEY.checks:
            assert check.inputs(rng)


# ---------------------------------------------------------------- the notebook and the page


@pytest.mark.parametrize(
    "path", sorted((ROOT / "book" / "_data").glob("08_chatbot_korean_*.json")), ids=lambda p: p.stem
)
def test_the_stored_trainings_are_whole_and_agree_with_themselves(path):
    run = json.loads(path.read_text(encoding="utf-8"))
    assert [epoch["epoch"] for epoch in run["history"]] == list(range(1, len(run["history"]) + 1))
    real = 1 - run["tokens"]["padding_share"]
    for part in ("train", "held_back"):
        found = run["evaluation"][part]
        np.testing.assert_allclose(found["perplexity"], np.exp(found["loss"]), rtol=0.02)
        assert found["padded_loss"] < found["loss"] and found["padded_accuracy"] < real + 0.05
    assert len(run["replies"]) == 20
