"""Running and judging: what each kind of answer earns, and that one bad check costs one check."""

from __future__ import annotations

import re

import pytest

from autograder.grade.run.execute import Attempt
from autograder.grade.sandbox.time_limits import Times
from tests.grade import fake_course
from tests.grade.fake_course import RIGHT
from tests.waiting import LONG

MEAN = RIGHT["mean_rows"]


def scores(verdicts) -> dict[str, tuple[float, str]]:
    """Return score and status of each check."""
    return {name: (verdict.score, verdict.status) for name, verdict in verdicts.items()}


def test_right_answers_in_another_style_earn_all(grade):
    assert scores(grade()) == {"mean_rows": (2, "right"), "center": (3, "right")}


def test_the_blank_release_earns_nothing(grade, course):
    verdicts = grade(fake_course.released(course))
    assert scores(verdicts) == {"mean_rows": (0, "unfinished"), "center": (0, "unfinished")}


def test_a_misconception_is_named(grade):
    verdict = grade(mean_rows="def mean_rows(X):\n    return X.mean(axis=1)")["mean_rows"]
    assert (verdict.score, verdict.status, verdict.names) == (0, "wrong", ("wrong_axis",))
    assert verdict.says == ("You averaged over the columns.",) and verdict.read == "Axes"


def test_one_right_part_earns_its_points(grade):
    verdict = grade(center="def center(X, scale):\n    c = scale * (X - X.mean(0))\n    return c, c.max() + 1")[
        "center"
    ]
    assert (verdict.score, verdict.status) == (1, "partial")


def test_an_answer_that_knows_the_public_example_only_is_wrong(grade, trusted):
    known = trusted.public["mean_rows"]["cases"][0]
    first, answer = known["inputs"]["X"][0, 0], known["expected"]["mean"].tolist()
    text = f"def mean_rows(X):\n    return {answer} if abs(X[0, 0] - {first}) < 1e-9 else 0 * X[0]"
    verdict = grade(mean_rows=text)["mean_rows"]
    assert verdict.score == 0 and "not on other numbers" in verdict.says[0]


def test_expected_numbers_of_fresh_cases_are_not_told(grade, trusted):
    known = trusted.public["mean_rows"]["cases"][0]["inputs"]["X"][0, 0]
    text = f"def mean_rows(X):\n    return X.mean(0) + [0, 0, float(abs(X[0, 0] - {known}) > 1e-9)]"
    verdict = grade(mean_rows=text)["mean_rows"]
    assert verdict.score == 0
    assert any("1 of 3 numbers differ" in sentence for sentence in verdict.says)
    assert not re.search(r"expected \S*\d", " ".join(verdict.says))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("def mean_rows(X):\n    while True: pass", "timeout"),
        ("import os\ndef mean_rows(X):\n    os._exit(0)", "error"),
        ("import ctypes\ndef mean_rows(X):\n    ctypes.string_at(0)", "error"),
        ("import sys\ndef mean_rows(X):\n    sys.exit()", "error"),
        (
            "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ndef mean_rows(X):\n    while True: pass",
            "timeout",
        ),
        ("def mean_rows(X):\n    raise KeyboardInterrupt", "error"),
        ("def mean_rows(X):\n    return 1 / 0", "error"),
        ("def other(X):\n    return X.mean(0)", "error"),
        ("def mean_rows(X)\n    return X.mean(0)", "error"),
    ],
    ids=["endless", "exit", "segfault", "sys.exit", "ignores signals", "interrupt", "raises", "other name", "syntax"],
)
def test_one_bad_check_costs_one_check(grade, text, status):
    verdicts = grade(mean_rows=text)
    assert scores(verdicts) == {"mean_rows": (0, status), "center": (3, "right")}, verdicts


@pytest.mark.parametrize("text", ["while True: pass", "import os; os._exit(3)", "import os; os.kill(os.getpid(), 11)"])
def test_a_cell_that_never_ends_keeps_what_it_defines(grade, text):
    assert scores(grade(mean_rows=f"{MEAN}\n{text}"))["mean_rows"] == (2, "right")


def test_sys_exit_in_a_cell_stops_nothing_else(grade):
    assert scores(grade(mean_rows=f"{MEAN}\nimport sys\nsys.exit(0)")) == {
        "mean_rows": (2, "right"),
        "center": (3, "right"),
    }


def test_points_earned_before_a_crash_stay(grade):
    verdicts = grade(center="import os\ndef center(X, scale):\n    os._exit(1)")
    assert scores(verdicts) == {"mean_rows": (2, "right"), "center": (0, "error")}


def test_a_process_left_behind_is_not_waited_for(grade):
    text = f"import os, time\nif os.fork() == 0:\n    time.sleep({10 * LONG}); os._exit(0)"
    patient = Times(LONG, LONG)
    assert scores(grade(times=patient, mean_rows=f"{MEAN}\n{text}"))["mean_rows"] == (2, "right")


def test_a_forked_copy_of_the_run_says_nothing(grade):
    assert scores(grade(mean_rows=f"{MEAN}\nimport os\nos.fork()"))["center"] == (3, "right")


def test_a_flood_of_output_is_cut_before_it_is_sent(grade, monkeypatch):
    def counted(attempt, run, size):
        sizes.append(size)
        return read(attempt, run, size)

    sizes, read = [], Attempt.read
    monkeypatch.setattr(Attempt, "read", counted)
    assert scores(grade(mean_rows=f"{MEAN}\nfor i in range(300):\n    print('x' * 100_000)"))["mean_rows"] == (
        2,
        "right",
    )
    assert 0 < sum(sizes) < 2_000_000 and len(str(grade.notebook)) < 2_000_000


def test_too_much_memory_costs_one_check(grade):
    text = "import numpy as np\ndef mean_rows(X):\n    return np.ones((1 << 30,)).sum()"
    assert scores(grade(mean_rows=text)) == {"mean_rows": (0, "error"), "center": (3, "right")}


def test_warnings_on_stderr_cost_nothing(grade):
    noise = "import sys, warnings, os\nprint('careful', file=sys.stderr); warnings.warn('old'); os.write(2, b'low')"
    text = f"{noise}\ndef mean_rows(X):\n    import warnings; warnings.warn('again')\n    return X.mean(0)"
    assert scores(grade(mean_rows=text))["mean_rows"] == (2, "right")


@pytest.mark.parametrize(
    "line",
    [
        "%matplotlib inline",
        "%tensorflow_version 2.x",
        "!pip install numpy",
        "files = !ls",
        "from google.colab import drive; drive.mount('/content')",
        "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()",
    ],
)
def test_lines_of_other_notebook_services_do_no_harm(grade, line):
    assert scores(grade(mean_rows=f"{line}\n{MEAN}"))["mean_rows"] == (2, "right")


def test_figures_reach_the_page(grade):
    grade(mean_rows=f"import matplotlib.pyplot as plt\nplt.plot([1, 2])\n{MEAN}")
    outputs = [output for cell in grade.notebook.cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in outputs)


def test_names_of_the_notebook_have_the_sizes_of_the_case(grade):
    assert scores(grade(mean_rows="def mean_rows(X):\n    return X.sum(0) / N"))["mean_rows"] == (2, "right")


def test_a_size_that_is_read_from_the_notebook_is_remarked_on(grade):
    verdict = grade(mean_rows="def mean_rows(X):\n    return X.sum(0) / N")["mean_rows"]
    assert verdict.says == ("Your code reads `N` from the notebook; take sizes from the shapes of the arguments.",)
    assert not any("from the notebook" in sentence for sentence in grade()["mean_rows"].says)


def test_one_part_alone_is_judged_as_that_part(grade):
    verdict = grade(center="def center(X, scale):\n    return X - X.mean(axis=0)")["center"]
    assert (verdict.score, verdict.status, verdict.names) == (0, "wrong", ("unscaled",))
    assert "returned one array of shape (5, 3)" in verdict.says[0] and "You forgot the scale." in verdict.says
    right = grade(center="def center(X, scale):\n    return scale * (X - X.mean(axis=0))")["center"]
    assert (right.score, right.names, right.says[-1]) == (0, (), "As `centered`, what you returned is right.")


def test_what_stands_in_the_code_reaches_the_page(grade):
    verdict = grade(center="def center(X, scale):\n    np.sqrt(X)\n    return X + 1, X.max() + 2")["center"]
    told = "Your code does not use the argument `scale`."
    assert verdict.says[-2:] == (told, "What `np.sqrt(X)` gives is lost: give it a name, as in `x = …`.")


def test_a_leftover_does_not_answer(grade):
    text = "import numpy as np\nleftover = np.ones(3)\ndef mean_rows(X):\n    return leftover"
    assert scores(grade(mean_rows=text))["mean_rows"] == (0, "error")


def test_state_between_calls_is_noticed(grade):
    text = "seen = []\ndef mean_rows(X):\n    seen.append(1)\n    return X.mean(0) + (len(seen) > 2)"
    verdict = grade(mean_rows=text)["mean_rows"]
    assert verdict.score == 0 and "second time" in verdict.says[0]


def test_a_tensorflow_answer_is_judged_like_any_other(grade):
    text = "import tensorflow as tf\ndef mean_rows(X):\n    return tf.reduce_mean(tf.constant(X), axis=0)"
    assert scores(grade(mean_rows=text))["mean_rows"] == (2, "right")
