"""Chapter 12: functions in every form that is right, what learners are told, and what a wrong function says."""

from functools import partial

import numpy as np
import pytest

from experiments.speak import speaks
from tests import chapters
from tests.chapters import ROOT

SLUG = "12_your_transformer_speaks"
KEY = chapters.key_of(SLUG)
verdict_on = partial(chapters.verdict_on, SLUG)


# ---------------------------------------------------------------- what learners write, and what they are told
GATHERED = speaks.text_in(ROOT / "solutions")  # what the button of the page, and print(text_in("..")), give
NESTED = f"""
def my_functions():
{"".join("    " + line for line in GATHERED.partition("def my_functions")[0].splitlines(keepends=True) if line.strip())}
    return {{name: function for name, function in locals().items() if name in NEEDED}}
"""
EQUAL = {
    "functions": GATHERED,
    "functions, inside": NESTED,
    "functions, a list": GATHERED.replace(
        "return {name: globals()[name] for name in NEEDED}", "return dict(zip(NEEDED, map(globals().get, NEEDED)))"
    ),
}


@pytest.mark.parametrize("form", EQUAL)
def test_equal_mathematics_passes(notebook, form):
    verdict = verdict_on(notebook, "functions", EQUAL[form])
    assert (verdict["kind"], verdict["says"]) == ("right", [])


def test_each_function_is_gathered_once_from_its_own_chapter():
    assert [GATHERED.count(f"\ndef {name}(") for name in speaks.NEEDED] == [1] * len(speaks.NEEDED)


def test_what_is_gathered_names_what_is_missing(tmp_path, notebook):
    for chapter in ("04_scaled_dot_product_attention", "08_training_a_chatbot"):
        (tmp_path / chapter).symlink_to(ROOT / "solutions" / chapter)
    text = speaks.text_in(tmp_path)
    first, *_, last = text.splitlines()
    assert first.startswith("# Not found, so put them here: split_heads (chapter 5), merge_heads (chapter 5), ")
    assert last == "    return {name: globals()[name] for name in NEEDED}"
    space = {"NEEDED": ["greedy_decode", "scaled_dot_product_attention"]}
    exec(text, space)
    assert set(space["my_functions"]()) == set(space["NEEDED"])
    (tmp_path / "08_training_a_chatbot").unlink()
    exec(text.partition("def greedy_decode")[0] + speaks.MY_FUNCTIONS, space := {"NEEDED": speaks.NEEDED})
    with pytest.raises(KeyError, match="split_heads"):
        space["my_functions"]()


TOLD = [
    ("functions", " / np.sqrt(key.shape[-1])", "", "does not divide the scores by the root of d_k"),
    ("functions", "def merge_heads", "def merge_head", "The function merge_heads is missing"),
    ("functions", "def add_and_norm(x, ", "def add_and_norm(", "takes other arguments than its chapter asked for"),
]


@pytest.mark.parametrize(("form", "right", "wrong", "told"), TOLD)
def test_what_a_learner_is_told(notebook, form, right, wrong, told):
    assert right in EQUAL[form]
    verdict = verdict_on(notebook, form.partition(",")[0], EQUAL[form].replace(right, wrong))
    assert told in " ".join(verdict["says"])


# ---------------------------------------------------------------- the notebook's cells
@pytest.fixture(scope="module")
def model(solved):
    return solved["load"](solved["my_functions"]())


def test_the_model_reads_words_it_names(model, solved):
    english = model.english()
    assert {"tom", "apple", "yesterday", "?"} < set(english) and "pomme" not in english


@pytest.mark.parametrize("kind", ["encoder", "decoder", "cross"])
def test_maps_have_a_row_for_each_reply_and_names_for_their_words(model, solved, kind):
    plt = pytest.importorskip("matplotlib.pyplot")
    replies = {"short": model.reply("Tom sleeps."), "long": model.reply("I do not see the red car.")}
    solved["show_maps"](replies, kind=kind, layer=0, step=1)
    figure = plt.gcf()
    try:
        assert len(figure.axes) == 2 * model.sizes["num_heads"]
        for ax, reply in zip(figure.axes[:: model.sizes["num_heads"]], replies.values(), strict=True):
            (drawn,) = ax.images
            weights = reply.steps[1].maps[kind][0][0]
            assert (drawn.get_array() == weights).all()
            rows, columns = (
                [label.get_text() for label in labels] for labels in (ax.get_yticklabels(), ax.get_xticklabels())
            )
            assert (len(rows), len(columns)) == weights.shape
            expected = {"encoder": reply.question, "decoder": reply.words[:2], "cross": reply.words[:2]}
            assert rows == expected[kind]
    finally:
        plt.close(figure)


def test_how_sure_is_the_mean_probability_of_what_was_chosen(model, solved):
    reply = model.reply("Tom sleeps.")
    shares = [np.exp(step.logits) / np.exp(step.logits).sum() for step in reply.steps]
    chosen = [*(model.words.ids[word] for word in reply.words), speaks.END]
    assert solved["how_sure"](reply) == pytest.approx(np.mean([one[i] for one, i in zip(shares, chosen, strict=True)]))
