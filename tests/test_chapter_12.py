"""Chapter 12: functions in every form that is right, what learners are told, and what a wrong function says."""

import json
import re
from functools import partial

import numpy as np
import pytest

from experiments import speaking
from experiments.speak import breaking, speaks
from tests import chapters
from tests.chapters import ROOT

SLUG = "12_your_transformer_speaks"
KEY = chapters.key_of(SLUG)
verdict_on = partial(chapters.verdict_on, SLUG)


# ---------------------------------------------------------------- what learners write, and what they are told
LAST = "return {name: globals()[name] for name in NEEDED}"
GATHERED = speaks.text_in(ROOT / "solutions")  # what the button of the page, and print(text_in("..")), give
NESTED = f"""
def my_functions():
{"".join("    " + line for line in GATHERED.partition("def my_functions")[0].splitlines(keepends=True) if line.strip())}
    return {{name: function for name, function in locals().items() if name in NEEDED}}
"""
EQUAL = {
    "functions": GATHERED,
    "functions, inside": NESTED,
    "functions, a list": GATHERED.replace(LAST, "return dict(zip(NEEDED, map(globals().get, NEEDED)))"),
}


@pytest.mark.parametrize("form", EQUAL)
def test_equal_mathematics_passes(notebook, form):
    verdict = verdict_on(notebook, "functions", EQUAL[form])
    assert (verdict["kind"], verdict["says"]) == ("right", [])


def test_each_function_is_gathered_once_from_its_own_chapter():
    assert [GATHERED.count(f"\ndef {name}(") for name in speaks.NEEDED] == [1] * len(speaks.NEEDED)
    assert GATHERED.startswith("# All 12 functions were found.\n")


def test_what_is_gathered_names_what_is_missing(tmp_path, notebook):
    for chapter in ("04_scaled_dot_product_attention", "08_training_a_chatbot"):
        (tmp_path / chapter).symlink_to(ROOT / "solutions" / chapter)
    text = speaks.text_in(tmp_path)
    first, *_, last = text.splitlines()
    assert first.startswith(
        "# 2 of 12 functions were found. Put these here: split_heads (chapter 5), merge_heads (chap"
    )
    assert last == f"    {LAST}"
    space = {"NEEDED": ["greedy_decode", "scaled_dot_product_attention"]}
    exec(text, space)
    assert set(space["my_functions"]()) == set(space["NEEDED"])
    (tmp_path / "08_training_a_chatbot").unlink()
    exec(text.partition("def greedy_decode")[0] + speaks.MY_FUNCTIONS, space := {"NEEDED": speaks.NEEDED})
    with pytest.raises(KeyError, match="split_heads"):
        space["my_functions"]()


def test_what_stands_in_the_cell_alone_is_kept_with_what_it_uses(tmp_path):
    for chapter in ("04_scaled_dot_product_attention", "07_transformer"):
        (tmp_path / chapter).symlink_to(ROOT / "solutions" / chapter)
    cell = "FACTOR = 2\n\n\ndef twice(x):\n    return FACTOR * x\n\n\ndef split_heads(x, n):\n    return twice(x)\n\n\n"
    cell += (
        "def layer_norm(x):\n    return old(x)\n\n\ndef get_angles(i):\n    return i\n\n\ndef old(x):\n    return x\n"
    )
    text = speaks.text_in(tmp_path, cell)
    assert text.startswith("# 6 of 12 functions were found. Put these here: merge_heads (chapter 5), multi_head")
    assert text.splitlines()[0].endswith(" From this cell comes split_heads.")
    assert text.index("FACTOR = 2") < text.index("def twice") < text.index("def split_heads")
    assert text.count("def layer_norm(") == text.count("def get_angles(") == 1 and "def old" not in text
    assert speaks.text_in(tmp_path, text) == text, "once more changes nothing"
    assert speaks.text_in(tmp_path, cell + "if") == speaks.text_in(tmp_path), (
        "of what Python cannot read nothing is kept"
    )


def with_cells(folder, chapter, **changed):
    """Write the solved notebook of a chapter, with text before the functions that are named, or in their place."""
    notebook = json.loads((ROOT / "solutions" / chapter / f"{chapter}.ipynb").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        for name, more in changed.items():
            if f"def {name}(" in text:
                cell["source"] = f"{more}\n\n\n{text}"
    (folder / chapter).mkdir()
    (folder / chapter / f"{chapter}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def test_a_number_with_a_sign_comes_along_and_what_a_function_lacks_stays_in_the_cell(tmp_path):
    uses = "LEFT = low\nLOW = -1e9\nLOWEST = -np.inf\n\n\ndef low(x):\n    return LOW, LOWEST, FAR"
    with_cells(tmp_path, "06_masks", create_padding_mask=uses.replace("def low", "def unused"))
    with_cells(tmp_path, "08_training_a_chatbot", greedy_decode="")
    path = tmp_path / "08_training_a_chatbot" / "08_training_a_chatbot.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("ids = [start_id]", "ids = [start_id + LOW * FAR]"))
    text = speaks.text_in(tmp_path, "FAR = 0\nNEAR = 1\n")
    assert "FAR = 0" in text and "NEAR" not in text
    with_cells(tmp_path, "04_scaled_dot_product_attention", scaled_dot_product_attention=uses)
    path = tmp_path / "04_scaled_dot_product_attention" / "04_scaled_dot_product_attention.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("scores + mask * -1e9", "scores + mask * low(1)[0]"))
    text = speaks.text_in(tmp_path)
    assert "LOW = -1e9\n" in text and "LOWEST = -np.inf\n" in text and "def unused" not in text and "LEFT" not in text


def test_one_name_for_two_things_is_told(tmp_path):
    help_in = "def helper(x):\n    return {}"
    for chapter, name, does in [
        ("06_masks", "create_padding_mask", "x"),
        ("08_training_a_chatbot", "greedy_decode", "-x"),
    ]:
        with_cells(tmp_path, chapter, **{name: help_in.format(does)})
        path = tmp_path / chapter / f"{chapter}.ipynb"
        cells = json.loads(path.read_text(encoding="utf-8"))
        for cell in cells["cells"]:
            cell["source"] = re.sub(rf"(def {name}\(.*\n)", r"\1    helper(1)\n", "".join(cell["source"]))
        path.write_text(json.dumps(cells), encoding="utf-8")
    first = speaks.text_in(tmp_path).splitlines()[0]
    assert first.endswith(" helper is not the same in chapters 6 and 8: rename it in one of them.")


UNFINISHED = "raise NotImplementedError\n    return"


def test_the_key_knows_each_function_and_its_chapter():
    assert KEY.gathers == tuple(dict.fromkeys(speaks.NEEDED.values()))
    for name, chapter in speaks.NEEDED.items():
        told = [re.sub(error, said, f"KeyError: '{name}'") for error, said in KEY.checks[0].advice.items()]
        assert f"The function {name} is missing: paste yours of chapter {int(chapter[:2])}." in told


def test_why_a_function_was_not_found_is_said(tmp_path):
    chapters = "05_multi_head_attention", "08_training_a_chatbot"
    for chapter, (right, wrong) in zip(chapters, (("    return", f"    {UNFINISHED}"), (":\n", "\n")), strict=True):
        notebook = json.loads((ROOT / "solutions" / chapter / f"{chapter}.ipynb").read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell["source"] = "".join(cell["source"])
            cell["source"] = cell["source"].replace("def merge_heads(", "@staticmethod\ndef merge_heads(")
            if "def split_heads(" in cell["source"] or "def greedy_decode(" in cell["source"]:
                cell["source"] = cell["source"].replace(right, wrong)
        (tmp_path / chapter).mkdir()
        (tmp_path / chapter / f"{chapter}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    said = speaks.text_in(tmp_path).splitlines()[0]
    assert (
        "split_heads (chapter 5, where it still raises NotImplementedError), merge_heads (chapter 5, where it has"
        in said
    )
    assert "it has a decorator), create_padding_mask (chapter 6)," in said
    assert said.endswith("greedy_decode (chapter 8, where Python cannot read line 1 of its cell).")


DICT = "my_functions gives something else than a dictionary of functions by their names."
TOLD = [
    ("functions", " / np.sqrt(key.shape[-1])", "", "does not divide the scores by the root of d_k"),
    ("functions", "def merge_heads", "def merge_head", "The function merge_heads is missing"),
    ("functions", "def get_angles", "def angles_of", "get_angles is missing: a function of yours uses it."),
    ("functions", "def add_and_norm(x, ", "def add_and_norm(", "takes other arguments than its chapter asked for"),
    ("functions", "epsilon)", "epsilon + 0.5)", "This is no mistake that is known here. Each of the twelve"),
    ("functions", "np.triu(", "np.triux(", "create_look_ahead_mask stopped"),
    (
        "functions",
        "while len(ids) - 1 < max_length:",
        "while len(ids) < max_length:",
        "stops one id before `max_length`",
    ),
    ("functions", "while len(ids) - 1 < max_length:", "while True:", "greedy_decode asks for more than 6 words"),
    (
        "functions",
        "int(np.argmax(next_logits(ids)))",
        "int(np.argsort(next_logits(ids))[-2])",
        "it is `greedy_decode` that",
    ),
    (
        "functions",
        "def multi_head_attention(*, query,",
        "def multi_head_attention(*, q,",
        "multi_head_attention takes other",
    ),
    ("functions", LAST, "return NEEDED", DICT),
    ("functions", LAST, "return [globals()[name] for name in NEEDED]", DICT),
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


def test_a_sentence_with_a_word_it_has_not_read_is_told_of_and_the_next_is_read(model, solved, capsys):
    solved["say"](model, "The pomme sleeps.", "Tom sleeps.")
    told = " ".join(capsys.readouterr().out.split())
    assert "Write a sentence without “pomme”" in told and told.endswith("Tom sleeps. Tom dort.")


@pytest.mark.parametrize("kind", ["encoder", "decoder", "cross"])
def test_maps_have_a_row_for_each_reply_and_names_for_their_words(model, solved, kind):
    plt = pytest.importorskip("matplotlib.pyplot")
    replies = {"short": model.reply("Tom sleeps."), "long": model.reply("I do not see the red car.")}
    solved["show_maps"](replies, kind=kind, layer=0, step=1)
    figure = plt.gcf()
    try:
        *maps, scale = figure.axes
        assert len(maps) == 2 * model.sizes["num_heads"] and scale.get_xlabel() == "weight"
        assert max(ax.get_subplotspec().colspan.stop for ax in maps) == 2, "a phone is no wider"
        for ax, reply in zip(maps[:: model.sizes["num_heads"]], replies.values(), strict=True):
            colours = ax.images[0].to_rgba([0.0, 0.5, 1.0])[:, 3]
            assert colours[0] == 0 < colours[1] < colours[2] == 1, "a strong colour is a large weight"
            (drawn,) = ax.images
            weights = reply.steps[1].maps[kind][0][0]
            assert (drawn.get_array() == weights).all()
            rows, columns = (
                [label.get_text() for label in labels] for labels in (ax.get_yticklabels(), ax.get_xticklabels())
            )
            assert (len(rows), len(columns)) == weights.shape
            english = ["start", *reply.question[1:-1], "end"]
            assert rows == (english if kind == "encoder" else reply.words[:2])
            assert columns == (["start", *reply.words[:1]] if kind == "decoder" else english)
    finally:
        plt.close(figure)


TEXT = "Tom loves Mary."
FORMS = {"lowered": "{scores} + mask * -1e9", "replaced": "np.where(mask == 1, -1e9, {scores})"}
FORMS |= {"infinite": "np.where(mask == 1, -np.inf, {scores})"}


def attention_in(form):
    """Return scaled_dot_product_attention that hides scores in one of the forms that are right."""
    scores = "(query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1]))"
    space = {"np": np}
    exec(
        f"""def scaled_dot_product_attention(query, key, value, mask=None):
    scores = {FORMS[form].format(scores=scores)}
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True) @ value, exps / exps.sum(axis=-1, keepdims=True)""",
        space,
    )
    return space["scaled_dot_product_attention"]


def test_the_breaks_do_the_same_in_every_right_form(solved):
    said, functions = {}, speaks.functions_in(ROOT / "solutions")
    for form in FORMS:
        mine = {**functions, "scaled_dot_product_attention": attention_in(form)}
        right = speaks.load(mine, speaking.FILE)
        for what, wrong in breaking.wrong_functions(mine).items():
            model = speaks.load({**mine, **wrong}, speaking.FILE)
            reply = model.reply(TEXT)
            said.setdefault(what, set()).add((reply.text, round(solved["moved"](model, TEXT, right.reply(TEXT)), 3)))
    assert [len(found) for found in said.values()] == [1] * len(said)


def test_what_moved_is_nothing_for_right_functions_and_something_where_no_reply_shows_it(solved):
    mine = speaks.functions_in(ROOT / "solutions")
    late = breaking.wrong_functions(mine)["positions counted from 1"]
    right, wrong = (speaks.load({**mine, **one}, speaking.FILE) for one in ({}, late))
    reply = right.reply(TEXT)
    assert wrong.reply(TEXT).text == reply.text
    assert solved["moved"](right, TEXT, reply) < 1e-3 < 1 < solved["moved"](wrong, TEXT, reply)
