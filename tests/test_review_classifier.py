"""The experiment of chapter 3: words and ids, masks, training that goes on after a kill, the files it writes."""

from __future__ import annotations

import csv
import gzip
import json
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from experiments import review_classifier
from experiments.classifier import imdb, small
from experiments.classifier.dataset import PARTS, Dataset, split_off_validation
from experiments.classifier.words import OFFSET, RARE, START, encode, pad, rank_words, split_words, word_id
from experiments.common import InputError

tf = pytest.importorskip("tensorflow")
import keras  # noqa: E402 - needs TensorFlow

from experiments import checkpoints  # noqa: E402 - they import Keras
from experiments.classifier import results, train  # noqa: E402
from experiments.classifier.model import BahdanauAttention, build_classifier, with_attention  # noqa: E402
from tests.closeness import assert_equal_up_to_rounding, rounding  # noqa: E402
from tests.waiting import LONG  # noqa: E402

pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),  # Keras with NumPy 2
    pytest.mark.filterwarnings("ignore:Even though the `tf.config.experimental_run_functions_eagerly`:UserWarning"),
]
ROOT = Path(__file__).resolve().parents[1]
# The sums that one number goes through from an id of the classifier below to its probability: 7 and 5, then 10 and 5
# numbers in each of up to eleven steps of two LSTMs; projections of 10, scores of 6 and a mean of 11; 10 and 20 behind.
TERMS = 11 * (7 + 5 + 10 + 5) + 10 + 6 + 11 + 10 + 20
TEXTS = ["A good, good film!<br />Don't miss it.", "Not good; not bad.", "It's a film\tabout a film-maker"]


# --- words and ids ---------------------------------------------------------------------------------------------------


def test_words_of_a_review_by_hand():
    assert split_words(TEXTS[0]) == ["a", "good", "good", "film", "br", "don't", "miss", "it"]
    assert split_words(TEXTS[2]) == ["it's", "a", "film", "about", "a", "film", "maker"]
    assert split_words(" ?! ") == []


def test_ids_of_a_review_by_hand():
    ranks = rank_words(TEXTS)  # a, film and good three times, not twice, the others once, in alphabetical order
    assert list(ranks) == ["a", "film", "good", "not", "about", "bad", "br", "don't", "it", "it's", "maker", "miss"]
    assert [ranks[word] for word in ("a", "film", "not", "miss")] == [1, 2, 4, 12]
    assert encode("Good, BAD, unheard", ranks, vocab_size=100) == [START, 3 + OFFSET, 6 + OFFSET]
    assert encode("good film, bad miss", ranks, vocab_size=6) == [START, RARE, 5, RARE, RARE]  # ids end with 5
    assert word_id("unheard", ranks, 100) is None


@pytest.fixture
def keras_files(tmp_path, monkeypatch):
    """Let `keras.datasets.imdb` find files of our making, in the form in which Keras publishes its own."""
    module = sys.modules["keras.src.datasets.imdb"]

    def store(train_texts, test_texts, ranks):
        def ranked(texts):
            lists = [[ranks[word] for word in split_words(text) if word in ranks] for text in texts]
            rows = np.empty(len(lists), dtype=object)
            rows[:] = lists
            return rows

        np.savez(
            tmp_path / "imdb.npz",
            x_train=ranked(train_texts),
            y_train=np.arange(len(train_texts)) % 2,
            x_test=ranked(test_texts),
            y_test=np.arange(len(test_texts)) % 2,
        )
        (tmp_path / "imdb_word_index.json").write_text(json.dumps(ranks))
        monkeypatch.setattr(module, "get_file", lambda fname, **_: str(tmp_path / fname))

    return store


def many_texts(count, seed):
    rng = np.random.default_rng(seed)
    words = [f"w{number}" for number in range(60)]
    return [" ".join(rng.choice(words, rng.integers(3, 30), p=np.arange(1, 61) / 1830)) for _ in range(count)]


def test_ids_agree_with_keras(keras_files):
    train_texts, test_texts = many_texts(40, 1), [*many_texts(9, 2), "w3 unheard w5"]
    ranks = rank_words(train_texts)
    keras_files(train_texts, test_texts, ranks)
    by_keras = imdb.load_keras(vocab_size=30, max_len=12)
    ours = [encode(text, ranks, 30) for text in test_texts]
    assert any(RARE in ids for ids in ours) and any(len(ids) > 12 for ids in ours)
    ours = keras.utils.pad_sequences(ours, maxlen=12)  # front padding, the last ids kept: Keras's defaults
    assert sorted(map(tuple, by_keras.test[0])) == sorted(map(tuple, ours))  # Keras shuffles
    assert by_keras.sizes() == [36, 4, 10] and by_keras.ranks == ranks


def test_words_agree_with_the_tokenizer_of_keras():
    text = pytest.importorskip("keras.src.legacy.preprocessing.text")
    tokenizer = text.Tokenizer()
    tokenizer.fit_on_texts(TEXTS)
    assert Counter(word for each in TEXTS for word in split_words(each)) == tokenizer.word_counts
    assert [split_words(each) for each in TEXTS] == [text.text_to_word_sequence(each) for each in TEXTS]


def test_padding_stands_in_front_and_a_long_review_keeps_its_end():
    sequences = [[1, 7], [1, 2, 3, 4, 5], [1]]
    np.testing.assert_array_equal(pad(sequences, 3), [[0, 1, 7], [3, 4, 5], [0, 0, 1]])
    np.testing.assert_array_equal(pad(sequences, 3), keras.utils.pad_sequences(sequences, maxlen=3))


def test_the_validation_part_comes_from_the_training_reviews():
    ids, labels = np.arange(200).reshape(100, 2), np.arange(100.0)
    (train_ids, train_labels), (held_ids, held_labels) = split_off_validation(ids, labels)
    assert len(held_labels) == 10
    np.testing.assert_array_equal(np.sort([*train_labels, *held_labels]), labels)
    np.testing.assert_array_equal(train_ids[:, 0], 2 * train_labels)
    np.testing.assert_array_equal(held_ids[:, 0], 2 * held_labels)


# --- the model -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def classifier():
    keras.utils.set_random_seed(5)
    model = build_classifier(vocab_size=30, max_len=None, embedding_dim=7, lstm_units=5, attention_units=6)
    rng = np.random.default_rng(5)
    for weight in model.trainable_weights:
        weight.assign(rng.normal(0, 0.5, weight.shape))
    return model


REVIEWS = [[1, 5, 9, 12, 4], [1, 2, 8], [1, 11, 29, 3, 3, 6, 7, 8]]


def step_by_step(model, ids):
    """Return probability and attention weights of one review without padding or masks; attention in NumPy."""
    layer = model.get_layer
    states = layer("bilstm_2")(layer("bilstm_1")(layer("embedding")(np.array([ids]))))[0].numpy()[0]  # (T, 2u)
    u = states.shape[1] // 2
    query = np.concatenate([states[-1, :u], states[0, u:]])  # the backward LSTM ends at the first word
    W_values, b_values, W_query, b_query, w, b = layer("attention").get_weights()
    scores = np.tanh(states @ W_values + b_values + query @ W_query + b_query) @ w + b
    weights = np.exp(scores) / np.exp(scores).sum()
    hidden, probability = (layer for layer in model.layers if isinstance(layer, keras.layers.Dense))
    return probability(hidden((weights * states).sum(axis=0, keepdims=True))).numpy()[0], weights[:, 0]


@pytest.mark.parametrize("side", ["front", "end"])
def test_padding_changes_nothing(classifier, side):
    ids = pad(REVIEWS, 11) if side == "front" else keras.utils.pad_sequences(REVIEWS, 11, padding="post")
    probabilities, weights = with_attention(classifier).predict(ids, verbose=0)
    for row, review in enumerate(REVIEWS):
        probability, expected = step_by_step(classifier, review)
        real = ids[row] != 0
        assert_equal_up_to_rounding(probabilities[row], probability, terms=TERMS, magnitude=1)
        assert_equal_up_to_rounding(weights[row, real, 0], expected, terms=TERMS, magnitude=1)
        np.testing.assert_array_equal(weights[row, ~real, 0], 0)


def test_where_everything_is_hidden_nothing_is_attended():
    rng = np.random.default_rng(0)
    values, query = rng.normal(size=(2, 4, 3)).astype("float32"), rng.normal(size=(2, 5)).astype("float32")
    mask = np.array([[True, False, True, True], [False] * 4])
    context, weights = BahdanauAttention(6)(values, query, values_mask=mask)
    assert_equal_up_to_rounding(np.sum(weights, axis=1), [[1.0], [0.0]], terms=4)
    np.testing.assert_array_equal(context[1], 0)
    assert weights[0, 1, 0] == 0


def test_a_saved_model_gives_the_same_numbers(classifier, tmp_path):
    ids = pad(REVIEWS, 9)
    classifier.save(tmp_path / "classifier.keras")
    loaded = keras.saving.load_model(tmp_path / "classifier.keras")
    np.testing.assert_array_equal(loaded.predict(ids, verbose=0), classifier.predict(ids, verbose=0))


def test_the_parameters_of_the_notes():
    lstm = 2 * 4 * 64 * (128 + 64 + 1)  # two directions, four gates; the second layer reads 2 * 64 = 128 numbers too
    attention = 2 * (128 * 64 + 64) + 64 + 1
    assert build_classifier(10_000, 500).count_params() == 10_000 * 128 + 2 * lstm + attention + 129 * 20 + 21


# --- training that is interrupted ------------------------------------------------------------------------------------

TINY = {"epochs": 4, "patience": 4, "batch_size": 8}
TINY_MODEL = {"embedding_dim": 4, "lstm_units": 3, "attention_units": 5}


def tiny_data():
    rng = np.random.default_rng(3)
    parts = [(rng.integers(1, 20, (count, 6)).astype("int32"), rng.integers(0, 2, count)) for count in (24, 8, 8)]
    return Dataset(*parts, ranks={}, source="made up")


def tiny_model():
    return build_classifier(20, 6, **TINY_MODEL)


def train_tiny(folder, **changed):
    tf.config.run_functions_eagerly(True)  # for a few tiny batches quicker than to build a graph
    try:
        return train.train_seed(tiny_model, tiny_data(), TINY | changed, 7, folder)
    finally:
        tf.config.run_functions_eagerly(False)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    return train_tiny(folder), folder


def same_run(result, folder, undisturbed):
    """Compare all but the times."""
    expected, expected_folder = undisturbed
    for name in ("test_loss", "test_accuracy", "best_epoch", "seed"):
        assert result[name] == pytest.approx(expected[name], abs=1e-5), name
    for ours, theirs in zip(result["history"], expected["history"], strict=True):
        for name in ("loss", "accuracy", "validation_loss", "validation_accuracy"):
            assert ours[name] == pytest.approx(theirs[name], abs=1e-5), name
    for name in ("best.keras", "epoch_4.keras"):
        ours, theirs = (keras.saving.load_model(where / name).get_weights() for where in (folder, expected_folder))
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)
    return True


KILLED = """
import os, signal, sys
from pathlib import Path
from tests import test_review_classifier as tests
from experiments.classifier import train

run_epoch = train.run_epoch

def killed_after_training(model, data, batch_size, seed, epoch):
    found = run_epoch(model, data, batch_size, seed, epoch)  # the weights have changed, nothing is saved
    if epoch == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return found

train.run_epoch = killed_after_training
tests.train_tiny(Path(sys.argv[1]))
"""


@pytest.mark.training
def test_a_killed_run_goes_on_as_if_nothing_had_happened(undisturbed, tmp_path, capsys):
    killed = subprocess.run([sys.executable, "-c", KILLED, tmp_path], cwd=ROOT, capture_output=True, timeout=LONG)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-2000:]
    assert {path.name for path in tmp_path.iterdir()} >= {"progress.json", "epoch_2.keras", "best.keras"}
    assert same_run(train_tiny(tmp_path), tmp_path, undisturbed)
    assert "goes on after epoch 2" in capsys.readouterr().out


def test_a_run_stopped_while_saving_goes_on(undisturbed, tmp_path, monkeypatch):
    def stopped(path, content):
        if len(content.get("history", [])) == 2:
            raise KeyboardInterrupt  # the checkpoint of epoch 2 is written, but progress.json still names epoch 1
        write_json(path, content)

    write_json = checkpoints.write_json
    monkeypatch.setattr(checkpoints, "write_json", stopped)
    with pytest.raises(KeyboardInterrupt):
        train_tiny(tmp_path)
    monkeypatch.undo()
    assert same_run(train_tiny(tmp_path), tmp_path, undisturbed)


def test_a_finished_seed_is_not_trained_again(undisturbed, monkeypatch):
    monkeypatch.setattr(train, "run_epoch", None)
    assert train_tiny(undisturbed[1]) == undisturbed[0]


def test_every_epoch_and_every_seed_has_an_order_of_its_own():
    model = tiny_model()
    orders = {tuple(train.seed_epoch(model, seed, epoch).permutation(9)) for seed in (1, 2) for epoch in (1, 2, 1)}
    assert len(orders) == 4


def test_training_stops_when_validation_does_not_improve():
    history = [{"validation_loss": loss} for loss in (0.6, 0.5, 0.55, 0.52)]
    assert train.best_epoch(history) == 2
    assert not train.finished(history, epochs=9, patience=3)
    assert train.finished(history, epochs=9, patience=2)
    assert train.finished(history, epochs=4, patience=9)
    assert not train.finished([], epochs=3, patience=1)


def test_a_run_with_other_settings_is_refused_and_kept(undisturbed):
    before = (undisturbed[1] / "progress.json").read_bytes()
    with pytest.raises(InputError, match=r"holds a run with batch_size 8, not with batch_size 9: say --fresh"):
        train_tiny(undisturbed[1], batch_size=9)
    assert (undisturbed[1] / "progress.json").read_bytes() == before


@pytest.fixture
def half_trained(undisturbed, tmp_path):
    """A folder as an interruption in the last epoch leaves it."""
    progress = json.loads((undisturbed[1] / "progress.json").read_text())
    progress |= {"history": progress["history"][:3], "checkpoint": "epoch_3.keras"}
    (tmp_path / "progress.json").write_text(json.dumps(progress))
    (tmp_path / "epoch_3.keras").write_bytes((undisturbed[1] / "epoch_4.keras").read_bytes())
    return tmp_path


def test_a_checkpoint_of_another_shape_is_refused(half_trained):
    with pytest.raises(InputError, match=r"epoch_3.keras is of a model with other shapes"):
        train.train_seed(lambda: build_classifier(21, 6, **TINY_MODEL), tiny_data(), TINY, 7, half_trained)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("epoch_3.keras", b"half a file", "epoch_3.keras cannot be loaded"),
        ("progress.json", b'{"settings": {', "progress.json is damaged"),
        ("progress.json", b"[]", "progress.json is not the progress of a run"),
    ],
)
def test_a_damaged_checkpoint_is_refused(half_trained, name, content, message):
    (half_trained / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        train_tiny(half_trained)
    assert (half_trained / name).read_bytes() == content


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def quick_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quick")
    arguments = [
        "--data",
        "small",
        "--quick",
        "--seeds",
        "4",
        "--work",
        f"{folder}/work",
        "--out",
        f"{folder}/out.json",
    ]
    assert review_classifier.main(arguments) == 0
    return arguments, folder


def test_the_results_file(quick_run):
    found = json.loads((quick_run[1] / "out.json").read_text())
    assert results_fit(found)
    assert found["command"] == "python experiments/review_classifier.py --data small --seeds 4 --quick"
    assert found["seeds_done"] == [4] and found["settings"]["epochs"] == 1


def test_the_attention_file(quick_run):
    found = json.loads((quick_run[1] / "out_attention.json").read_text())
    assert attention_fits(found)
    assert found["sentences_classified"] == 64  # the test part: the others were trained on


def test_the_same_command_trains_nothing_twice(quick_run, capsys, monkeypatch):
    arguments, folder = quick_run
    before = (folder / "out.json").read_bytes()
    monkeypatch.setattr(train, "run_epoch", None)
    assert review_classifier.main(arguments) == 0
    assert (folder / "out.json").read_bytes() == before
    assert "Seed 4 is trained already" in capsys.readouterr().out


def test_a_stopped_command_says_how_to_go_on(tmp_path, capsys, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(train, "run_epoch", stopped)
    assert review_classifier.main(["--data", "small", "--quick", "--work", str(tmp_path)]) == 130
    assert "The same command goes on" in capsys.readouterr().err


def test_the_command_runs_as_a_script_from_any_folder(tmp_path):
    script = ROOT / "experiments" / "review_classifier.py"
    said = subprocess.run(
        [sys.executable, script, "--help"], cwd=tmp_path, capture_output=True, text=True, timeout=LONG
    )
    assert said.returncode == 0 and "--data-dir" in said.stdout


def test_only_the_settings_of_the_book_write_its_files(tmp_path):
    def named(*flags):
        args = review_classifier.parse(["--data", "imdb", "--work", str(tmp_path), *flags])
        return review_classifier.files(args, "name")

    assert named()[0].parent == ROOT / "book" / "_data"
    assert named()[1] == ROOT / "book" / "_data" / "03_review_attention.json"
    for flags in (["--quick"], ["--epochs", "2"], ["--seeds", "1"]):
        assert {path.parent for path in named(*flags)} == {tmp_path}


@pytest.mark.parametrize("flags", [["--seeds", "-1"], ["--epochs", "0"], ["--data", "nothing"], []])
def test_impossible_arguments_are_refused(flags, capsys):
    with pytest.raises(SystemExit, match="2"):
        review_classifier.parse((["--data", "small"] if flags and flags[0] != "--data" else []) + flags)
    assert "error:" in capsys.readouterr().err


# --- bad input -------------------------------------------------------------------------------------------------------

GOOD = '{"label": 1, "text": "good"}\n{"label": 0, "text": "bad"}\n'


def write_reviews(folder, train_lines, test_lines=GOOD):
    for part, lines in (("train", train_lines), ("test", test_lines)):
        with gzip.open(folder / f"{part}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.write(lines)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (GOOD + '{"label": 1, "te', "train.jsonl.gz, line 3: not a review with text and label as JSON"),
        (GOOD + '{"label": 1}\n', "line 3: not a review with text and label as JSON ('text')"),
        (GOOD + "7\n", "line 3: not a review with text and label as JSON"),
        (GOOD + '{"label": 3, "text": "good"}', "line 3: the label is 3, not 0 or 1"),
        (GOOD + '{"label": 1, "text": " ... "}', "line 3: the review has no words"),
        (GOOD + '{"label": 1, "text": null}', "line 3: the review has no words"),
        ("", "holds no reviews for the part 'train'"),
    ],
)
def test_a_broken_line_is_named(tmp_path, capsys, lines, message):
    write_reviews(tmp_path, lines)
    assert review_classifier.main(["--data", "imdb", "--data-dir", str(tmp_path), "--work", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1


def test_a_damaged_file_is_named(tmp_path):
    write_reviews(tmp_path, GOOD * 5000)
    packed = (tmp_path / "train.jsonl.gz").read_bytes()
    (tmp_path / "train.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(InputError, match=r"train.jsonl.gz, line \d+: the file is damaged"):
        imdb.read_part(tmp_path, "train")


def test_a_folder_without_reviews_is_named(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("ATTENTION_DATA_DIR", str(tmp_path / "nowhere"))
    assert review_classifier.main(["--data", "imdb"]) == 2
    assert "nowhere holds no IMDB reviews: expected aclImdb/train/pos/*.txt" in capsys.readouterr().err


def test_the_folder_as_published_is_read(tmp_path):
    for number, (part, sign) in enumerate((part, sign) for part in ("train", "test") for sign in ("pos", "neg")):
        folder = tmp_path / "aclImdb" / part / sign
        folder.mkdir(parents=True)
        (folder / f"{number}_7.txt").write_text(f"{sign} review", encoding="utf-8")
    texts, labels = imdb.read_part(imdb.find_reviews(tmp_path), "test")
    assert texts == ["pos review", "neg review"] and labels.tolist() == [1, 0]
    (tmp_path / "aclImdb" / "test" / "neg" / "9_1.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"9_1.txt cannot be read as text in UTF-8"):
        imdb.read_part(tmp_path / "aclImdb", "test")


def test_without_a_network_one_sentence_says_what_to_do(capsys, monkeypatch):
    timeouts = []

    def unreachable(**_):
        timeouts.append(socket.getdefaulttimeout())
        raise Exception("URL fetch failure")

    monkeypatch.delenv("ATTENTION_DATA_DIR", raising=False)
    monkeypatch.setattr(keras.datasets.imdb, "load_data", unreachable)
    before = socket.getdefaulttimeout()
    assert review_classifier.main(["--data", "imdb"]) == 2
    said = capsys.readouterr().err
    assert "URL fetch failure" in said and "--data-dir or ATTENTION_DATA_DIR" in said and said.count("\n") == 1
    assert timeouts == [imdb.SECONDS_WITHOUT_AN_ANSWER] and socket.getdefaulttimeout() == before


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("part,label,text\n", "the first line is not part,about,label,text"),
        ("part,about,label,text\ntrain,film,1\n", "row 2: 3 columns, not 4"),
        ("part,about,label,text\ndev,film,1,Good.\n", "row 2: the part is 'dev'"),
        ("part,about,label,text\ntrain,film,good,Good.\n", "row 2: the label is 'good', not 0 or 1"),
        ("part,about,label,text\ntrain,film,1,...\n", "row 2: the review has no words"),
        ("part,about,label,text\ntrain,film,1,Good.\n", "holds no reviews for the part 'validation'"),
    ],
)
def test_a_broken_row_of_the_small_file_is_named(tmp_path, lines, message):
    path = tmp_path / "small.csv"
    path.write_text(lines, encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(message)):
        small.load_small(100, 10, path)


# --- the small data set ----------------------------------------------------------------------------------------------


def test_the_small_reviews():
    sentences = small.read_sentences()
    assert 300 <= len(sentences) <= 500
    normalised = [" ".join(split_words(sentence.text)) for sentence in sentences]
    assert len(set(normalised)) == len(normalised)  # so no sentence is in two parts either
    for sentence in sentences:
        assert re.fullmatch(r"[A-Z].*[.?!]", sentence.text), sentence.text
        assert len(split_words(sentence.text)) < review_classifier.SETTINGS["small"]["max_len"]
    for part in PARTS:
        for about in {sentence.about for sentence in sentences}:
            labels = [s.label for s in sentences if (s.part, s.about) == (part, about)]
            assert len(labels) >= 14 and sum(labels) * 2 == len(labels), (part, about)


def test_the_small_reviews_are_plain_csv():
    with small.FILE.open(encoding="utf-8", newline="") as lines:
        assert [row["text"] for row in csv.DictReader(lines)] == [s.text for s in small.read_sentences()]


# --- the files that the page reads -----------------------------------------------------------------------------------


def results_fit(found):
    """Say whether a results file is whole and agrees with itself."""
    assert set(found) == {
        *("command", "source", "reviews", "different_words", "settings", "versions", "processors", "seeds_wanted"),
        *("seeds_done", "test_accuracy_mean", "test_accuracy_min", "test_accuracy_max", "seeds"),
    }
    accuracies = [seed["test_accuracy"] for seed in found["seeds"]]
    assert found["test_accuracy_mean"] == pytest.approx(np.mean(accuracies), abs=1e-4)
    assert (found["test_accuracy_min"], found["test_accuracy_max"]) == (min(accuracies), max(accuracies))
    assert [seed["seed"] for seed in found["seeds"]] == found["seeds_done"]
    assert {"python", "keras", "numpy"} <= set(found["versions"])
    for seed in found["seeds"]:
        assert len(seed["history"]) <= found["settings"]["epochs"]
        assert seed["seconds"] == pytest.approx(sum(epoch["seconds"] for epoch in seed["history"]), abs=1e-2)
        assert 1 <= seed["best_epoch"] <= len(seed["history"])
    return True


def attention_fits(found):
    """Say whether an attention file is whole, and holds sentences of the project only."""
    assert set(found) == {"command", "seed", "validation", "sentences_classified", "sentences_right", "sentences"}
    assert set(found["validation"]) == {"reviews", "accuracy", "accuracy_equal_weights", "effective_share"}
    own = {sentence.text: sentence for sentence in small.read_sentences()}
    assert 0 < found["sentences_right"] <= found["sentences_classified"]
    for sentence in found["sentences"]:
        written = own[sentence["text"]]
        assert (sentence["label"], sentence["about"]) == (written.label, written.about)
        assert sentence["words"] == split_words(written.text)
        assert len(sentence["weights"]) == len(sentence["known"]) == len(sentence["words"])
        assert sentence["start_weight"] + sum(sentence["weights"]) == pytest.approx(1, abs=2e-3)
        assert sentence["right"] == ((sentence["probability"] > 0.5) == bool(written.label))
    return True


@pytest.mark.parametrize("name", ["imdb", "small"])
def test_the_stored_results(name):
    path = ROOT / "book" / "_data" / f"03_review_classifier_{name}.json"
    if not path.is_file():
        pytest.skip(f"{path.name} is not there: run python experiments/review_classifier.py --data {name}")
    found = json.loads(path.read_text(encoding="utf-8"))
    assert results_fit(found)
    assert found["seeds_done"] == found["seeds_wanted"] == review_classifier.SEEDS
    assert review_classifier.SETTINGS[name].items() <= found["settings"].items()


def test_the_stored_attention():
    path = ROOT / "book" / "_data" / "03_review_attention.json"
    if not path.is_file():
        pytest.skip(f"{path.name} is not there: run python experiments/review_classifier.py --data imdb")
    found = json.loads(path.read_text(encoding="utf-8"))
    assert attention_fits(found) and found["sentences_classified"] == len(small.read_sentences())
    assert {sentence["right"] for sentence in found["sentences"]} == {True, False}


def test_attention_weights_stand_at_their_words(classifier):
    texts = ["good film unheard", "rare"]
    ranks = {"good": 3, "film": 8, "rare": 500}
    model = build_classifier(30, 9, embedding_dim=7, lstm_units=5, attention_units=6)
    model.set_weights(classifier.get_weights())
    found = results.attend(model, [small.Sentence("test", "film", 1, text) for text in texts], ranks, vocab_size=30)
    for sentence, ids in zip(found, [[START, 6, 11], [START, RARE]], strict=True):
        probability, weights = step_by_step(classifier, ids)
        assert sentence["probability"] == pytest.approx(probability[0], abs=rounding(TERMS, 1))
        read = [sentence["start_weight"], *sentence["weights"]][: len(ids)]
        assert_equal_up_to_rounding(read, weights, terms=TERMS, magnitude=1)
    assert [sentence["known"] for sentence in found] == [[True, True, False], [False]]
    assert found[0]["weights"][2] == 0  # "unheard" was left out


def test_what_the_attention_is_worth(classifier):
    ids, labels = pad([*REVIEWS, [1, 4]], 9), np.array([1, 0, 1, 0])
    before = classifier.get_weights()
    found = results.without_attention(classifier, (ids, labels))
    for one, other in zip(classifier.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)
    right, shares, right_if_equal = [], [], []
    for review, label in zip([*REVIEWS, [1, 4]], labels, strict=True):
        probability, weights = step_by_step(classifier, review)
        right.append((probability[0] > 0.5) == label)
        shares.append(np.prod(weights**-weights) / len(review))
    *kept, w, b = classifier.get_layer("attention").get_weights()
    classifier.get_layer("attention").set_weights([*kept, w * 0, b])
    for review, label in zip([*REVIEWS, [1, 4]], labels, strict=True):
        right_if_equal.append((step_by_step(classifier, review)[0][0] > 0.5) == label)
    classifier.set_weights(before)
    assert found["accuracy"] == np.mean(right) and found["accuracy_equal_weights"] == np.mean(right_if_equal)
    assert found["effective_share"] == pytest.approx(np.mean(shares), abs=rounding(TERMS, 1))
    assert results.effective_share(np.full((1, 4), 0.25), np.array([4])) == pytest.approx(1)
    assert results.effective_share(np.eye(1, 4), np.array([4])) == pytest.approx(1 / 4)


def test_shown_sentences_are_chosen_by_their_order():
    attended = [{"number": n, "right": n % 3 > 0, "label": n % 2} for n in range(40)]
    chosen = [each["number"] for each in results.choose(attended)]
    assert chosen == [1, 5, 7, 11, 2, 4, 8, 10, 3, 9, 0, 6]
