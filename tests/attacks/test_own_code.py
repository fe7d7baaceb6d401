"""A library call that is the answer earns nothing; the same call beside an own answer costs nothing."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course.answer_key import AnswerKey, load_key
from autograder.grade import pipeline
from autograder.grade.feedback.page import PageMaker
from autograder.grade.intake.python_source import read_all
from autograder.grade.judge.static_rules import forbidden_use
from autograder.grade.pipeline import Grader, rebuilt, run_and_judge
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times
from autograder.gradebook.store import Store
from tests.grade.conftest import result_of
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes

FORBIDDEN = ("numpy.mean", "statistics.mean")
ROOT = Path(__file__).parents[2]
KEY_04 = ROOT / "solutions" / "04_scaled_dot_product_attention_key.py"
USES = {
    "called": "import numpy\ndef mean_rows(X): return numpy.mean(X, axis=0)",
    "under another name": "from numpy import mean as m\ndef mean_rows(X): return m(X, axis=0)",
    "after a magic": "%matplotlib inline\nimport numpy as np\ndef mean_rows(X): return np.mean(X, axis=0)",
    "after a shell command": "x = !true\nimport numpy\ndef mean_rows(X): return numpy.mean(X, axis=0)",
    "after a question": "import numpy\nnumpy.sum?\ndef mean_rows(X): return numpy.mean(X, axis=0)",
    "after a timing": "t = %time 1\nimport numpy\ndef mean_rows(X): return numpy.mean(X, axis=0)",
    "by a new name": "import numpy\nif True:\n    n: object = numpy\n    def mean_rows(X): return n.mean(X, axis=0)",
    "from a star": "from numpy import *\ndef mean_rows(X): return mean(X, axis=0)",
    "by a helper": "import numpy as np\ndef helper(X): return np.mean(X, axis=0)\ndef mean_rows(X): return helper(X)",
}
HOW = {  # names that stand nowhere in the text; they are seen when they are called
    "a name turned round": "def mean_rows(X): return getattr(numpy, 'naem'[::-1])(X, axis=0)",
    "a module by a made name": "def mean_rows(X): return getattr(__import__('numpyx'[:5]), 'naem'[::-1])(X, axis=0)",
    "importlib": "import importlib\ndef mean_rows(X):\n    n = importlib.import_module('ypmun'[::-1])\n"
    "    return vars(n)['naem'[::-1]](X, axis=0)",
    "eval": "def mean_rows(X): return eval(')0 ,X(naem.ypmun'[::-1])",
    "exec": "exec(')0 ,X(naem.ypmun nruter :)X(swor_naem fed'[::-1])\nif 0:\n    def mean_rows(X): pass",
    "globals": "def mean_rows(X): return vars(globals()['ypmun'[::-1]])['naem'[::-1]](X, axis=0)",
    "attrgetter": "import operator\ndef mean_rows(X): return operator.attrgetter('naem'[::-1])(numpy)(X, axis=0)",
    "methodcaller": "import operator\ndef mean_rows(X): return operator.methodcaller('naem'[::-1], X, axis=0)(numpy)",
    "partial": "from functools import partial\nm = partial(getattr(numpy, 'naem'[::-1]), axis=0)\n"
    "def mean_rows(X): return m(X)",
    "unpickled": "import pickle\nm = pickle.loads(b'cnumpy\\n' + b'naem'[::-1] + b'\\n.')\n"
    "def mean_rows(X): return m(X, axis=0)",
    "where NumPy keeps it": "def mean_rows(X): return numpy._core.fromnumeric.mean(X, 0)",
    "its inside": "def mean_rows(X): return getattr(numpy, 'naem'[::-1])._implementation(X, axis=0)",
    "handed to NumPy": "def mean_rows(X): return numpy.apply_along_axis(getattr(numpy, 'naem'[::-1]), 0, X)",
    "in a class": "class M:\n    f = staticmethod(getattr(numpy, 'naem'[::-1]))\n"
    "def mean_rows(X): return M().f(X, axis=0)",
    "Python's own": "import statistics\nm = getattr(statistics, 'naem'[::-1])\n"
    "def mean_rows(X): return [m(c) for c in X.T.tolist()]",
}


@pytest.fixture
def judged(course, trusted, pool):
    """Return a function that grades an answer under a key that forbids NumPy's mean."""
    check = replace(trusted.key["mean_rows"], forbidden=FORBIDDEN)
    strict = replace(trusted, key=AnswerKey(trusted.key.chapter, (check, trusted.key["center"])))

    def run(text: str):
        run.notebook = notebook = rebuilt(strict, as_bytes(answered(course, **{**RIGHT, "mean_rows": text})))
        grader = Grader(pool, b"secret", Limits(), Times())
        return run_and_judge(notebook, strict, "eve", grader)

    return run


@pytest.mark.parametrize("how", USES)
def test_a_forbidden_call_earns_nothing_and_is_named(judged, how):
    verdict, other = judged(USES[how])
    assert (verdict.score, verdict.status, other.score) == (0, "wrong", 3)
    assert verdict.says[0].startswith("This task asks for your own code: `")
    assert verdict.says[0].endswith("mean` would answer it for you.")


@pytest.mark.parametrize("how", HOW)
def test_a_call_whose_name_stands_nowhere_is_seen_when_it_is_made(judged, how):
    text = f"import numpy\n{HOW[how]}"
    assert forbidden_use(text, [], FORBIDDEN) is None
    verdict, other = judged(text)
    assert (verdict.score, verdict.status, other.score) == (0, "wrong", 3)
    assert verdict.says[0].endswith("mean` would answer it for you.")


def test_a_library_that_is_loaded_while_the_check_runs_is_for_a_person(judged):
    text = "def mean_rows(X):\n    m = getattr(__import__('scitsitats'[::-1]), 'naem'[::-1])\n"
    first, other = judged(text + "    return [m(column) for column in X.T.tolist()]")
    assert (first.score, other.look) == (2, "")
    assert first.look.endswith("that the task forbids: it loaded statistics meanwhile.")


def test_what_a_library_does_inside_and_what_other_cells_do_is_not_counted(judged):
    text = "import numpy\nm = getattr(numpy, 'naem'[::-1])\nm([1, 2])\ndef mean_rows(X): return X.mean(axis=0)"
    assert judged(text)[0].score == 2


def test_own_code_keeps_its_points_whatever_stands_beside_it(judged):
    text = RIGHT["mean_rows"] + "\n\ndef mean(X): return X\nmean(1)  # numpy.mean would be shorter"
    assert judged(text)[0].score == 2


@pytest.mark.parametrize(
    "text", [RIGHT["mean_rows"] + "\n" * 2001, RIGHT["mean_rows"] + "\n%pdb off" * 21], ids=["long", "magics"]
)
def test_what_could_not_be_read_is_for_a_person_who_is_asked_once(judged, course, trusted, tmp_path, text):
    first, other = judged(text)
    assert (first.score, first.status, other.score, other.look) == (2, "right", 3, "")
    assert first.look.startswith("A person has to look whether this answer uses a library call that the task forbids: ")
    store = Store(course, tmp_path)
    store.add_assignment(trusted)
    with closing(store):
        store.save([result_of(judged.notebook, SLUG, "eve")])
        grade = store.gradebook.find_grade("mean_rows-averages_over_rows", SLUG, SLUG, "eve")
        assert (grade.score, grade.needs_manual_grade) == (2, True)
        assert not store.gradebook.find_grade("center-gives_rows_and_spread", SLUG, SLUG, "eve").needs_manual_grade
        grade.manual_score, grade.needs_manual_grade = 0, False  # as formgrader does
        store.gradebook.db.commit()
        store.save([result_of(judged.notebook, SLUG, "eve")])
        assert (grade.score, grade.needs_manual_grade) == (0, False)
        page = PageMaker().page(judged.notebook, SLUG, "eve", store.for_pages(SLUG, ["eve"])["eve"], "")
    assert first.look in page


def test_nobody_is_asked_to_look_at_an_answer_without_points_or_without_a_rule(judged):
    assert judged("def mean_rows(X): return X" + "\n" * 2001)[0].look == ""


def test_a_second_definition_further_down_is_looked_at_too(course, trusted, judged):
    assert judged("def mean_rows(X): pass\n\nimport numpy\ndef mean_rows(X): return numpy.mean(X, 0)")[0].score == 0


def test_the_attention_tasks_of_chapter_04_ask_for_own_code():
    key = load_key(KEY_04)
    strict = [check.name for check in key.checks if check.forbidden]
    assert strict == ["scaled_dot_product_attention", "tf_scaled_dot_product_attention"]
    assert "layers.Attention" in key["tf_scaled_dot_product_attention"].forbidden
    answer = "import tensorflow as tf\ndef tf_scaled_dot_product_attention(q, k, v, m):\n"
    answer += "    return tf.keras.layers.Attention()([q, v, k])\n"
    check = key["tf_scaled_dot_product_attention"]
    verdict = pipeline.without_forbidden_calls(check, pipeline.not_run(check, ""), read_all([answer]))
    sentence = "This task asks for your own code: `tensorflow.keras.layers.Attention` would answer it for you."
    assert verdict.status == "wrong" and verdict.says == (sentence,)
