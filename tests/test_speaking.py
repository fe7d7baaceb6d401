"""The translator of the closing notebook: its sentences, its numbers, and NumPy that runs it on given functions."""

from __future__ import annotations

import functools
import json
import re
import types

import numpy as np
import pytest

from experiments import speaking
from experiments.speak import breaking, french, phrases, sentences, speaks, words
from tests.chapters import ROOT
from tests.closeness import rounding

SENTENCES = ["Hello!", "I love you.", "Tom's sister is not very tall.", "Where do you live?", "We want to go to school"]
SMALL = {"num_layers": 2, "d_model": 12, "num_heads": 3, "dff": 20}


@pytest.fixture(scope="module")
def keras():
    return pytest.importorskip("keras")


@pytest.fixture(scope="module")
def functions():
    return speaks.functions_in(ROOT / "solutions")


@pytest.fixture(scope="module")
def model(functions):
    return speaks.load(functions, speaking.FILE)


# ---------------------------------------------------------------- sentences and words
@pytest.fixture(scope="module")
def drawn():
    return sentences.load(3000, 100)


def test_sentences_are_different_short_and_the_same_every_time(drawn):
    train, held_back = ({english for english, _ in part} for part in (drawn.train, drawn.held_back))
    assert len(held_back) == 100 and not train & held_back
    assert len(drawn.train) == 3000 + sentences.OFTEN * len(sentences.said()) > len(train) > 2500
    assert max(len(text.split()) for pair in drawn.train for text in pair) <= sentences.LONGEST
    assert sentences.load(50, 5) == sentences.load(50, 5) != sentences.load(50, 5, seed=8)


def test_french_is_joined_as_it_is_written(drawn):
    for _, text in drawn.train:
        assert not re.search(r"\b(je|ne|me|te|le|la|de|que) [aeiouyâàéèêîôûœh]", text), text
        assert not re.search(r"\b(à|de) les? ", text), text


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ("je aime la école", "j' aime l' école"),
        ("il va à le marché", "il va au marché"),
        ("le livre de le homme", "le livre de l' homme"),
        ("le père de le garçon", "le père du garçon"),
        ("la porte de les filles", "la porte des filles"),
        ("est-ce que elle me attend", "est-ce qu' elle m' attend"),
        ("il ne les a pas", "il ne les a pas"),
    ],
)
def test_neighbours_change_a_word(parts, text):
    assert " ".join(french.joined(parts.split())) == text


@pytest.mark.parametrize(
    ("noun", "many", "article", "adjective", "text"),
    [
        ("car", False, "a", "red", "une voiture rouge"),
        ("man", False, "this", "old", "ce vieil homme"),
        ("man", False, "this", "", "cet homme"),
        ("story", False, "my", "", "mon histoire"),
        ("story", False, "my", "new", "ma nouvelle histoire"),
        ("horse", True, "", "white", "des chevaux blancs"),
        ("horse", True, "", "beautiful", "de beaux chevaux"),
        ("bread", False, "", "", "du pain"),
        ("water", False, "", "", "de l' eau"),
        ("key", True, "tom's", "", "les clés de Tom"),
    ],
)
def test_words_agree_with_their_noun(noun, many, article, adjective, text):
    (found,) = (one for nouns in words.ALL_NOUNS.values() for one in nouns if one.one == noun)
    assert " ".join(french.joined(phrases.dressed(found, many, article, adjective).french.split())) == text


def test_what_is_denied_and_what_is_liked_have_other_articles():
    nouns = {one.one: one for kind in words.ALL_NOUNS.values() for one in kind}

    def dressed(noun, article, **how):
        return phrases.dressed(nouns[noun], False, article, "", **how).french

    assert (dressed("car", "a", negated=True), dressed("bread", "", negated=True)) == ("de voiture", "de pain")
    assert dressed("bread", "", general=True, negated=True) == "le pain"
    assert (dressed("car", "a", of=True), dressed("bread", "", of=True)) == ("une voiture", "pain")


def test_a_text_becomes_ids_of_words_and_is_put_together_again():
    known = speaks.Words(["<pad>", "<s>", "</s>", "<unk>", "i", "don't", "love", ".", "j'", "aime", "Tom"])
    ids = known.encode(speaks.plain("I DON’T love it"))
    assert [known.words[i] for i in ids] == ["<s>", "i", "don't", "love", "<unk>", ".", "</s>"]
    assert known.decode([1, 8, 9, 10, 7, 2, 0, 0]) == "J'aime Tom."


# ---------------------------------------------------------------- the file
def test_numbers_come_back_to_half_a_step_of_their_row(keras):
    from experiments.speak import weights

    rng = np.random.default_rng(0)
    arrays = {
        "a": rng.normal(size=(3, 5)) * [[1], [100], [0]],
        "b": rng.normal(size=4),
        "c": rng.normal(size=(2, 3, 2)),
    }
    content = json.loads(json.dumps(weights.written(arrays)))
    found = speaks.read_arrays(content)
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        step = np.abs(array).max(axis=-1, keepdims=True) / 127
        assert found[name].shape == array.shape and found[name].dtype == np.float32
        assert (np.abs(found[name] - array) <= 0.501 * step).all()


def test_the_committed_file_is_small_and_says_where_it_comes_from():
    content = json.loads(speaking.FILE.read_text(encoding="utf-8"))
    assert speaking.FILE.stat().st_size < 1_000_000
    assert content["command"] == "python -m experiments.speaking"
    assert {name: content["settings"][name] for name in speaking.SETTINGS} == speaking.SETTINGS
    assert content["data"]["licence"] == sentences.LICENCE
    assert content["parameters"] == sum(np.prod(shape) for _, shape in content["arrays"])
    assert 0.9 < content["measured"]["held_back"]["exact"] <= content["measured"]["train"]["exact"] <= 1


# ---------------------------------------------------------------- the same numbers as Keras
def in_keras(path, sizes, vocabulary):
    from experiments.speak import weights
    from experiments.transformer.model import transformer

    shape = {name: sizes[name] for name in ("num_layers", "dff", "d_model", "num_heads")}
    model = transformer(vocabulary, **shape, dropout=0.1, max_positions=sizes["max_length"])
    weights.read_into(path, model)
    return model


def assert_same_logits(model, keras_model, source, target):
    """A logit goes through these sums: in each layer two attentions at most, the network, and the norms."""
    found, maps = model.logits(source, target)
    wanted = keras_model([source, target], training=False).numpy()
    d, dff, layers = (model.sizes[name] for name in ("d_model", "dff", "num_layers"))
    terms = 2 * layers * (2 * (3 * d + source.shape[1] + target.shape[1]) + d + dff + 3 * d) + d
    real = target != 0
    assert np.abs(found - wanted)[real].max() < rounding(terms, np.abs(wanted).max())
    return maps


def test_a_model_with_any_numbers_gives_the_logits_of_keras(tmp_path, functions, keras):
    from experiments.speak import weights
    from experiments.transformer.model import transformer

    rng = np.random.default_rng(3)
    made = transformer(17, **SMALL, dropout=0.1, max_positions=9)
    for weight in made.weights:
        if weight.trainable:
            weight.assign(rng.normal(size=weight.shape) / np.sqrt(weight.shape[0] if len(weight.shape) > 1 else 4))
    sizes = {**SMALL, "max_length": 9}
    weights.write(tmp_path / "file.json", {"sizes": sizes, "words": list("0123456789abcdefg")}, made)
    model = speaks.load(functions, tmp_path / "file.json")
    source = np.array([[1, 5, 6, 7, 2], [1, 9, 2, 0, 0]])
    target = np.array([[1, 4, 4, 16], [1, 8, 0, 0]])
    assert {name: array.shape for name, array in model.arrays.items()} == speaks.shapes_of(sizes, 17)
    assert list(model.arrays) == list(speaks.shapes_of(sizes, 17))
    maps = assert_same_logits(model, in_keras(tmp_path / "file.json", sizes, 17), source, target)
    assert {name: [of.shape for of in maps[name]] for name in maps} == {
        "encoder": [(2, 3, 5, 5)] * 2,
        "decoder": [(2, 3, 4, 4)] * 2,
        "cross": [(2, 3, 4, 5)] * 2,
    }


def test_the_trained_model_gives_the_logits_and_the_replies_of_keras(model, keras):
    from experiments.chat.replies import reply_to_all

    keras_model = in_keras(speaking.FILE, model.sizes, len(model.words.words))
    for sentence in SENTENCES:
        source = np.array([model.read(sentence)], "int32")
        padded = np.pad(source, ((0, 0), (0, model.sizes["max_length"] - source.shape[1])))
        reply = model.reply(sentence)
        assert reply_to_all(keras_model, padded, model.words) == [reply.text]
        assert_same_logits(model, keras_model, source, np.array([reply.steps[-1].ids]))


# ---------------------------------------------------------------- what is kept
def test_a_reply_keeps_each_step_and_where_it_looked(model):
    reply = model.reply(SENTENCES[2])
    assert reply.text == model.words.decode(model.words.ids[word] for word in reply.words)
    assert len(reply.steps) == len(reply.words) + 1
    for number, step in enumerate(reply.steps):
        chosen = int(np.argmax(step.logits))
        assert model.words.words[chosen] == [*reply.words, "</s>"][number]
        assert len(step.ids) == number + 1
        shapes = {"encoder": (len(reply.question),) * 2, "decoder": (number + 1,) * 2}
        shapes["cross"] = (number + 1, len(reply.question))
        for name, shape in shapes.items():
            assert len(step.maps[name]) == model.sizes["num_layers"]
            for layer in step.maps[name]:
                assert layer.shape == (model.sizes["num_heads"], *shape)
                np.testing.assert_allclose(layer.sum(axis=-1), 1)
        assert not np.triu(step.maps["decoder"][0], 1).any()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (" ", "Write a sentence in English"),
        ("The cat reads Kant, and 7 cats.", "Write a sentence without “kant”, “7”, which the model has never read"),
        ("The chien sleeps.", "Write a sentence without “chien”"),
        ("the " * 40, "Write a shorter sentence: of its 41 words and marks the model reads 16"),
    ],
)
def test_what_the_model_cannot_read_is_said(model, text, message):
    with pytest.raises(ValueError, match=message):
        model.reply(text)


# ---------------------------------------------------------------- the functions that are given
def unscaled(functions):
    right = functions["scaled_dot_product_attention"]
    return {
        "scaled_dot_product_attention": lambda query, key, value, mask=None: right(
            query * np.sqrt(key.shape[-1]), key, value, mask
        )
    }


def softmax_over_the_queries(functions):
    def scaled_dot_product_attention(query, key, value, mask=None):
        scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1]) + (0 if mask is None else mask * -1e9)
        exps = np.exp(scores - scores.max(axis=-2, keepdims=True))
        weights = exps / exps.sum(axis=-2, keepdims=True)
        return weights @ value, weights

    return {"scaled_dot_product_attention": scaled_dot_product_attention}


def cut_by_reshaping_alone(functions):
    def split_heads(x, num_heads):
        return x.reshape(len(x), num_heads, x.shape[1], -1)

    return {"split_heads": split_heads}


def inverted(functions):
    right = functions["decoder_masks"]
    return {"decoder_masks": lambda source, target: [1 - mask for mask in right(source, target)]}


def padding_mask_inverted(functions):
    right = functions["create_padding_mask"]
    return {"create_padding_mask": lambda seq: 1 - right(seq)}


def without_positions(functions):
    right = functions["positional_encoding"]
    return {"positional_encoding": lambda length, d_model: 0 * right(length, d_model)}


def halves_side_by_side(functions):
    right = functions["positional_encoding"]

    def positional_encoding(length, d_model):
        encoding = right(length, d_model)
        return np.concatenate([encoding[..., 0::2], encoding[..., 1::2]], axis=-1)

    return {"positional_encoding": positional_encoding}


def without_relu(functions):
    return {"position_wise_feed_forward": lambda x, W_1, b_1, W_2, b_2: (x @ W_1 + b_1) @ W_2 + b_2}


def without_residual(functions):
    return {"add_and_norm": lambda x, found, gamma, beta: functions["layer_norm"](found, gamma, beta)}


def norm_along_the_positions(functions):
    def layer_norm(x, gamma, beta, epsilon=1e-6):
        return gamma * (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + epsilon) + beta

    return {"layer_norm": layer_norm}


WRONG = [
    *(unscaled, softmax_over_the_queries, cut_by_reshaping_alone, inverted, padding_mask_inverted, without_positions),
    *(halves_side_by_side, without_relu, without_residual, norm_along_the_positions),
]


@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_function_moves_logits_of_sentences_with_padding(model, functions, mistake):
    rows = [model.read(text) for text in SENTENCES[:3]]
    source = np.array([row + [0] * (max(map(len, rows)) - len(row)) for row in rows])
    target = source[:, :4]
    right, _ = model.logits(source, target)
    wrong, _ = speaks.load(functions | mistake(functions), speaking.FILE).logits(source, target)
    assert np.abs(wrong - right).max() > 0.1


def test_what_the_page_says_of_wrong_functions_is_what_they_do(model, functions):
    rows = json.loads(speaking.FILE.read_text(encoding="utf-8"))["broken"]
    shares = [row["share"] for row in rows]
    assert min(shares) < 0.1 and max(shares) > 0.9, "some are hardly seen, some ruin everything"
    assert shares[0] < 0.25, "this model gets by without the scale"
    wrong = breaking.wrong_functions(functions)
    assert [row["what"] for row in rows] == list(wrong)
    for row in rows:
        broken = speaks.load({**functions, **wrong[row["what"]]}, speaking.FILE)
        texts = [one.reply(row["sentence"]).text for one in (model, broken)]
        assert texts == [row["right"], row["reply"]] and texts[0] != texts[1]


def test_without_positions_who_loves_whom_is_lost(model, functions):
    who, whom = ("Tom loves Mary.", "Mary loves Tom.")
    assert [model.reply(text).text for text in (who, whom)] == ["Tom aime Mary.", "Mary aime Tom."]
    lost = speaks.load(functions | without_positions(functions), speaking.FILE)
    assert lost.reply(who).text == lost.reply(whom).text


def test_a_reply_without_an_end_is_stopped(functions):
    def greedy_decode(next_logits, start_id, end_id, max_length):
        ids = [start_id]
        while True:
            ids.append(int(np.argmax(next_logits(ids))))

    endless = speaks.load(functions | {"greedy_decode": greedy_decode}, speaking.FILE)
    with pytest.raises(RuntimeError, match="it has to stop at max_length"):
        endless.reply("Hello.")


def test_all_functions_that_are_missing_are_named(functions):
    given = {name: function for name, function in functions.items() if name not in ("split_heads", "greedy_decode")}
    with pytest.raises(ValueError, match="Give these functions too: split_heads, greedy_decode"):
        speaks.load(given, speaking.FILE)


def gives(result):
    return lambda right: functools.wraps(right)(lambda *given, **by_name: result(right(*given, **by_name)))


def stops(right):
    def function(*given, **by_name):
        return {}["scores"]

    return function


USELESS = {
    ("multi_head_attention", gives(lambda pair: pair[0])): "multi_head_attention gives one result; the model needs 2",
    ("scaled_dot_product_attention", gives(lambda pair: pair[0])): "scaled_dot_product_attention gives one result",
    ("decoder_masks", gives(lambda masks: masks[:2])): "decoder_masks gives 2 results; the model needs 3",
    ("create_padding_mask", gives(lambda mask: mask[:, 0, 0, :2])): "create_padding_mask gives an array of shape",
    ("split_heads", gives(lambda heads: heads[0])): "split_heads gives an array of shape",
    ("merge_heads", gives(lambda joined: joined[0])): "merge_heads gives an array of shape",
    ("layer_norm", gives(lambda x: None)): "layer_norm gives None",
    ("positional_encoding", gives(lambda places: places[:, 1:])): "positional_encoding gives an array of shape",
    ("greedy_decode", gives(lambda ids: None)): "greedy_decode gives NoneType; the model needs a list of ids",
    ("layer_norm", stops): r"layer_norm stopped in the line `return \{\}\[\"scores\"\]`: KeyError: 'scores'",
    ("split_heads", stops): "split_heads stopped",
    ("position_wise_feed_forward", lambda right: lambda *given, **by_name: 0): "position_wise_feed_forward gives an",
    ("decoder_masks", lambda right: lambda *given: (0,)): "decoder_masks gives one result; the model needs 3",
}


@pytest.mark.parametrize(("name", "change"), USELESS)
def test_the_function_that_stops_or_gives_what_is_of_no_use_is_named(functions, name, change):
    broken = speaks.load({**functions, name: change(functions[name])}, speaking.FILE)
    with pytest.raises(speaks.FunctionError, match="^" + USELESS[name, change]):
        broken.reply("Tom loves Mary.")


def test_functions_find_each_other_and_are_left_as_they_were():
    inside, outside = types.ModuleType("inside"), types.ModuleType("outside")
    exec("def half(x): return x / 2\ndef quarter(x, *, twice=2): return half(half(x)) * twice", inside.__dict__)
    exec("def half(x): return -x", outside.__dict__)
    found = speaks.together({"quarter": inside.quarter, "half": outside.half})
    assert found["quarter"](8.0) == 16.0 and inside.quarter(8.0) == 4.0 and found["half"](1) == -1


def test_functions_inside_another_find_each_other_too():
    def once(x):
        return x + 1

    def twice(x):
        return once(once(x))

    assert speaks.together({"twice": twice, "once": lambda x: x * 3})["twice"](2) == 18 and twice(2) == 4


# ---------------------------------------------------------------- functions from notebooks
def notebook(folder, chapter, *cells):
    (folder / chapter).mkdir(parents=True)
    content = {"cells": [{"cell_type": "code", "source": [text]} for text in cells]}
    (folder / chapter / f"{chapter}.ipynb").write_text(json.dumps(content), encoding="utf-8")


def test_all_functions_come_from_solved_notebooks_and_none_from_new_ones(functions):
    assert list(functions) == list(speaks.NEEDED)
    assert speaks.functions_in(ROOT / "exercises") == {}


def test_nothing_but_functions_runs_and_each_comes_from_its_chapter(tmp_path):
    notebook(
        tmp_path,
        "05_multi_head_attention",
        "import numpy as np\nimport nowhere\nAXES = 0, 2\nONE = 1\nraise SystemExit",
        "def merge_heads(x):\n    return np.ones(3) * ONE",
        "%magic\ndef split_heads(x, num_heads):\n    return 1",
        "def split_heads(x, num_heads):\n    # TODO\n    raise NotImplementedError('Write')",
        "def scaled_dot_product_attention(query, key, value, mask=None):\n    return 'given'",
    )
    found = speaks.functions_in(tmp_path)
    assert list(found) == ["merge_heads"] and found["merge_heads"](0).tolist() == [1, 1, 1]


# ---------------------------------------------------------------- the training
@pytest.mark.training
def test_the_command_trains_writes_and_goes_on(tmp_path, keras, capsys):
    command = ["--quick", "--work", str(tmp_path)]
    assert speaking.main(command) == 0
    first = json.loads((tmp_path / "12_speaks.json").read_text(encoding="utf-8"))
    assert first["measured"].keys() == {"train", "held_back"} and first["command"].endswith("--quick")
    capsys.readouterr()
    assert speaking.main(command) == 0
    assert "Going on after epoch 2" in capsys.readouterr().out
    again = json.loads((tmp_path / "12_speaks.json").read_text(encoding="utf-8"))
    assert again["numbers"] == first["numbers"]
