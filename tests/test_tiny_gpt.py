"""The small GPT of chapter 9: its layers against the notebook's functions, its cache, the n-grams, and the command."""

from __future__ import annotations

import json
import math
from collections import Counter

import numpy as np
import pytest

from experiments import tiny_gpt
from experiments.common import InputError
from experiments.gpt import text
from experiments.gpt.ngrams import Ngrams
from tests.chapters import solved_notebook

SENTENCES = [f"{who} {does} the {what}{end}" for who in ("Ann", "Bob", "Tom") for does in ("sees", "likes", "has")
             for what in ("cat", "dog", "old hat", "map") for end in ".?!"]  # fmt: skip
SIZES = {"num_layers": 2, "d_model": 12, "num_heads": 3, "dff": 20, "dropout": 0.1}


# ---------------------------------------------------------------- the text
def test_sentences_held_back_are_others_and_a_tenth():
    known, new = text.split(SENTENCES)
    assert len(new) == round(len(SENTENCES) / 10) and sorted(known + new) == sorted(SENTENCES)
    assert text.split(SENTENCES) == (known, new)


def test_rows_begin_with_a_line_end_and_hold_every_sentence():
    alphabet = text.Alphabet(SENTENCES)
    found = text.rows(alphabet, SENTENCES, np.random.default_rng(1), 41)
    assert found.shape[1] == 41 and (found[:, 0] == text.LINE_END).all()
    whole = {line for row in found for line in alphabet.decode(row).split("\n")}
    assert len(set(SENTENCES) - whole) <= 2  # those of the last row, which was too short


def test_a_folder_without_the_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"holds no kor\.txt: download https://"):
        text.find(tmp_path)
    (tmp_path / "kor.txt").write_text("Go.\tx\ty\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds 1 sentences"):
        text.read(text.find(tmp_path))


# ---------------------------------------------------------------- the n-grams
TEXTS = [[0, 1, 2, 1, 2, 0], [0, 1, 1, 2, 0], [0, 2, 1, 2, 2, 0]]


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_the_probabilities_of_every_context_sum_to_one(order):
    model = Ngrams(TEXTS, order, 4)
    for context in ([], [0], [1], [0, 1], [1, 2], [2, 2, 2], [3], [0, 1, 2, 1]):
        p = model.probabilities(context)
        assert p.sum() == pytest.approx(1) and (p >= 0).all()
    assert len(model.losses(TEXTS[0])) == 5
    assert model.seen(TEXTS) == 1 and model.seen([[0, 3, 3, 3]]) == (1 if order == 1 else 1 / 3)


def test_bigrams_are_those_of_the_formula():
    """P(w | v) = (c(v w) - D) / c(v) + D N(v .) / c(v) P(w), and P(w) counts the contexts that w follows."""
    pairs = Counter(pair for ids in TEXTS for pair in zip(ids, ids[1:], strict=False))
    D = sum(n == 1 for n in pairs.values()) / (
        sum(n == 1 for n in pairs.values()) + 2 * sum(n == 2 for n in pairs.values())
    )
    kinds = Counter(w for _, w in pairs)
    E = sum(n == 1 for n in kinds.values()) / max(
        1, sum(n == 1 for n in kinds.values()) + 2 * sum(n == 2 for n in kinds.values())
    )
    lower = {w: (max(kinds[w] - E, 0) + E * len(kinds) / 4) / sum(kinds.values()) for w in range(4)}
    model = Ngrams(TEXTS, 2, 4)
    for v in range(3):
        total, types = sum(n for (a, _), n in pairs.items() if a == v), sum(a == v for a, _ in pairs)
        wanted = [(max(pairs[v, w] - D, 0) + D * types * lower[w]) / total for w in range(4)]
        np.testing.assert_allclose(model.probabilities([v]), wanted)


def test_more_context_helps_where_there_is_something_to_learn():
    known, new = text.split(SENTENCES)
    alphabet = text.Alphabet(SENTENCES)
    texts, unseen = ([alphabet.encode(f"\n{one}\n") for one in part] for part in (known, new))
    losses = [np.mean([np.mean(Ngrams(texts, n, len(alphabet)).losses(one)) for one in unseen]) for n in (1, 3, 6)]
    assert math.log(len(alphabet)) > losses[0] > losses[1] > losses[2]


# ---------------------------------------------------------------- the model
@pytest.fixture(scope="module")
def model():
    keras = pytest.importorskip("keras")
    from experiments.gpt.model import gpt

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float64")
    keras.utils.set_random_seed(3)
    made = gpt(17, **SIZES)
    rng = np.random.default_rng(3)
    made.set_weights([rng.normal(w.ndim == 1, 0.4, w.shape) if w.dtype == "float64" else w for w in made.get_weights()])
    yield made
    keras.config.set_dtype_policy(before)


def test_the_functions_of_the_notebook_are_the_same_model(model):
    solved, _ = solved_notebook("09_decoder_only")
    weights = {variable.path: np.asarray(variable) for variable in model.trainable_variables}
    layers = [
        {
            "attention": [weights[f"block_{n}/{name}/kernel"] for name in ("query", "key", "value", "output")],
            "feed_forward": [weights[f"block_{n}/{name}/kernel"] for name in ("gate", "up", "down")],
            "gains": [weights[f"block_{n}/norm_{m}/scale"] for m in range(2)],
        }
        for n in range(SIZES["num_layers"])
    ]
    gain, table = weights["norm/scale"], weights["embedding/embeddings"]
    ours = {"table": table, "layers": layers, "gain": gain, "num_heads": SIZES["num_heads"]}
    ids = np.random.default_rng(4).integers(0, 17, size=(2, 9))
    np.testing.assert_allclose(np.asarray(model(ids)), solved["logits_of"](ids, ours), rtol=1e-8, atol=1e-8)


def test_logits_with_a_cache_are_those_of_the_whole_text(model):
    from experiments.gpt.model import Writer

    ids = np.random.default_rng(5).integers(0, 17, size=(2, 8)).astype("int32")
    whole, writer = np.asarray(model(ids)), Writer(model)
    for start, end in [(0, 3), (3, 4), (4, 8)]:
        np.testing.assert_allclose(writer.read(ids[:, start:end]), whole[:, end - 1], atol=1e-9)


def test_what_is_drawn_from_is_what_the_notebook_draws_from():
    pytest.importorskip("keras")
    from experiments.gpt.writing import counts, probabilities

    solved, _ = solved_notebook("09_decoder_only")
    logits = np.random.default_rng(6).normal(size=(3, 11))
    for row, found in zip(logits, probabilities(logits, 0.7, 0.8), strict=True):
        np.testing.assert_allclose(found, solved["top_p"](solved["softmax"](row / 0.7), 0.8))
    told = counts(["Tom is here.", "Tim is here."], ["Tom is here.", "Is Bob?"])
    assert (told["copied"], told["known_words"]) == (0.5, 5 / 6)


@pytest.mark.training
def test_the_command_trains_measures_and_writes_its_file(tmp_path):
    pytest.importorskip("tensorflow")
    asked = [*tiny_gpt.BEGINNINGS, tiny_gpt.READ]  # the alphabet has to have their characters
    lines = "".join(f"{sentence}\tx\tCC-BY\n" for sentence in [*SENTENCES, *asked])
    (tmp_path / "kor.txt").write_text(lines, encoding="utf-8")
    out = tmp_path / "found.json"
    where = ["--data-dir", str(tmp_path), "--work", str(tmp_path / "work"), "--out", str(out)]
    assert tiny_gpt.main(["--quick", *where]) == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    stored = json.loads(tiny_gpt.BOOK_FILE.read_text(encoding="utf-8"))
    assert set(found) == set(stored) and set(found["runs"][0]) == set(stored["runs"][0])
    assert [entry["order"] for entry in found["ngrams"]] == [1, 2, 3]
    assert str(tmp_path) not in out.read_text(encoding="utf-8")
    assert tiny_gpt.main(["--quick", "--data-dir", str(tmp_path / "nowhere")]) == 1
