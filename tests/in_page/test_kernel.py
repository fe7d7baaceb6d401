"""The Python side of a notebook in the page, tried without a browser: what comes of a cell, message by message."""

from __future__ import annotations

import asyncio
import base64
import builtins
import importlib
import io
import re
import sys

import pytest
from matplotlib import image

from tests.built_book import ROOT

FOLDER = ROOT / "book" / "_ext" / "in_page" / "python"


@pytest.fixture
def page_kernel(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setenv("MPLBACKEND", "agg")
    module = importlib.import_module("page_kernel")
    monkeypatch.setattr(module, "LIMITS", importlib.import_module("page_output"), raising=False)
    return module


@pytest.fixture
def ran(page_kernel, monkeypatch):
    """Return a function that runs cells and returns the messages of the last and whether it came to its end."""
    messages = []
    kernel = page_kernel.Kernel(messages.append)
    monkeypatch.setattr(builtins, "display", kernel.display, raising=False)

    def run(*sources, cells=None):
        for number, source in enumerate(sources, start=1):
            messages.clear()
            fine = asyncio.run(kernel.run(source, number, (cells or {}).get(number, f"cell {number}")))
        return [*messages, fine]

    return run


def now(coroutine):
    return asyncio.run(coroutine)


def text(messages, stream="stdout"):
    return "".join(one["text"] for one in messages[:-1] if one.get("stream") == stream)


def error(messages):
    (found,) = [one for one in messages[:-1] if one["what"] == "error"]
    assert messages[-1] is False
    return found


def test_a_cell_prints_and_shows_the_value_of_its_last_line(ran):
    found = ran("import sys\nx = 2", "print('<b>', x)\nprint('!', file=sys.stderr)\nx + 1")
    assert (text(found), text(found, "stderr"), text(found, "value"), found[-1]) == ("<b> 2\n", "!\n", "3\n", True)


@pytest.mark.parametrize("source", ["None", "x = 3", "3;", "3 ;  ", "", "# nothing", "def f():\n    return 3"])
def test_no_value_where_there_is_none(ran, source):
    assert ran(source) == [True]


def test_what_is_printed_before_and_after_a_value_keeps_its_place(ran):
    found = ran("print(1)\ndisplay('two')\nprint(3)")
    assert [(one["stream"], one["text"]) for one in found[:-1]] == [
        ("stdout", "1\n"),
        ("value", "'two'\n"),
        ("stdout", "3\n"),
    ]


def test_names_last_and_classes_belong_to_main(ran):
    found = ran("class Here: pass", "4 * 5", "import __main__\nprint(Here.__module__, _)")
    assert text(found) == "__main__ 20\n"


def test_endless_printing_is_cut(ran, page_kernel):
    found = ran("for _ in range(3000):\n    print('x' * 99)")
    assert len(text(found)) == page_kernel.LIMITS.MOST_TEXT + len(page_kernel.LIMITS.TOO_MUCH)
    assert text(found).endswith(page_kernel.LIMITS.TOO_MUCH)
    assert len(text(ran("print('again')"))) == 6


def test_both_streams_share_what_may_be_printed(ran, page_kernel):
    found = ran("import sys\nprint('x' * 99_999)\nprint('y' * 99_999, file=sys.stderr)")
    assert len(text(found)) == page_kernel.LIMITS.MOST_TEXT
    assert text(found, "stderr") == page_kernel.LIMITS.TOO_MUCH


def test_an_exception_shows_the_cells_lines_and_no_others(ran):
    found = error(ran("def half(x):\n    return x / 0\n", "y = 1\nhalf(y)"))
    assert found["trace"].splitlines()[:5] == [
        "Traceback (most recent call last):",
        '  File "<cell [2]>", line 2, in <module>',
        "    half(y)",
        '  File "<cell [1]>", line 2, in half',
        "    return x / 0",
    ]
    assert found["text"] == "ZeroDivisionError: division by zero"
    assert "page_kernel" not in found["trace"]
    assert (found["line"], found["advice"]) == (2, "")


def test_the_frames_below_the_cell_are_shown(ran):
    trace = error(ran("import json\njson.loads('{')"))["trace"]
    assert "<cell [1]>" in trace
    assert "decoder.py" in trace


def test_a_cause_is_shown_with_it(ran):
    trace = error(ran("try:\n    1 / 0\nexcept Exception as e:\n    raise ValueError('no') from e"))["trace"]
    assert trace.index("ZeroDivisionError") < trace.index("ValueError: no")
    assert "page_kernel" not in trace


@pytest.mark.parametrize("source", ["x = (1,\ny = 2", "def f(:", "  x = 1", "x = 'a\n"])
def test_a_syntax_error_shows_its_line_only(ran, source):
    found = error(ran(source))
    assert found["trace"].startswith('  File "<cell [1]>", line 1')
    assert (found["line"], "ast.py" in found["trace"]) == (1, False)


def test_an_error_of_printing_keeps_the_text_before_it_first(ran):
    found = ran("print('before')\n1 / 0")
    assert [one["what"] for one in found[:-1]] == ["text", "error"]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("import tensorflow as tf", "needs TensorFlow: run this part locally or in Colab."),
        ("from tensorflow.keras import layers", "needs TensorFlow: run this part locally or in Colab."),
        ("import no_such_thing", "needs no_such_thing: run this part locally or in Colab."),
        ("%timeit 1 + 1", "Lines that begin with % or ! are commands of Jupyter."),
        ("x = 1\n!ls", "Lines that begin with % or ! are commands of Jupyter."),
        ("raise ModuleNotFoundError('', name='matplotlib')", "matplotlib could not be loaded: check the connection"),
        ("raise MemoryError", "There is no memory left. Press Restart Python."),
        ("import numpy as np\nnp.ones((10**9, 10**9))", "This does not fit into the memory that a page has: make it"),
        ("import numpy as np\nnp.ones(10**30)", "This does not fit into the memory that a page has: make it"),
        ("raise OverflowError('strings are too large to concat')", "This does not fit into the memory"),
        ("float(10**400)", ""),
        ("def f(n):\n    return f(n + 1)\nf(0)", "The calls go too deep. A function that calls itself needs a case"),
        ('raise RuntimeError("can\'t start new thread")', "Python in the page has no network, no threads"),
        ("raise OSError(138, 'emscripten does not support processes.')", "Python in the page has no network"),
        ("from urllib.request import urlopen\nurlopen('odd://a.org')", "Python in the page has no network"),
        ("x = = 1", ""),
        ("{}['a']", ""),
    ],
)
def test_what_works_elsewhere_says_where(ran, monkeypatch, source, says):
    monkeypatch.setitem(sys.modules, "tensorflow", None)  # not there, wherever the test runs
    advice = error(ran(source))["advice"]
    assert advice.startswith(says) if says else advice == ""


def test_exit_and_interrupt_end_the_cell_alone(ran):
    assert error(ran("raise SystemExit('check.py is missing')"))["text"] == "SystemExit: check.py is missing"
    assert error(ran("raise KeyboardInterrupt"))["kind"] == "KeyboardInterrupt"
    assert ran("1")[-1] is True


def test_a_repr_that_raises_is_said(ran):
    found = ran("class Bad:\n    def __repr__(self):\n        raise ValueError('mute')\nBad()")
    assert text(found, "value") == "(its repr raised ValueError: mute)\n"
    assert found[-1] is True


def test_an_error_that_renders_itself_shows_that_alone(ran):
    found = error(
        ran("class Not(Exception):\n    def _render_traceback_(self):\n        return ['Not yet']\nraise Not")
    )
    assert (found["text"], found["trace"]) == ("Not yet", "")


def test_a_box_goes_as_its_fields(ran):
    source = "class Box:\n    def _repr_check_(self):\n        return {'title': '<i>', 'lines': ['a']}\ndisplay(Box())"
    none = {"right": None, "read": "", "python": "", "unnamed": "", "earned": None, "points": None}
    assert ran(source) == [{"what": "box", "title": "<i>", "lines": ["a"], **none}, True]


@pytest.mark.parametrize(
    "fields", ["{}", "{'lines': 3, 'right': 'odd', 'points': 'x', 'earned': True, 'what': 'done'}"]
)
def test_a_box_of_strange_fields_is_a_box(ran, fields):
    found = ran(f"class Box:\n    def _repr_check_(self): return {fields}\ndisplay(Box())")
    plain = {
        "title": "",
        "right": None,
        "lines": [],
        "read": "",
        "python": "",
        "unnamed": "",
        "earned": None,
        "points": None,
        "what": "box",
    }
    assert found == [plain, True]


def test_endless_displays_share_the_room_of_the_cell(ran, page_kernel):
    found = ran("for n in range(100_000):\n    display(n)")
    assert len(text(found, "value")) == page_kernel.LIMITS.MOST_TEXT + len(page_kernel.LIMITS.TOO_MUCH)
    assert len(found) < 500, "values are sent in pieces"


def test_a_very_long_error_is_cut(ran, page_kernel):
    found = error(ran("raise ValueError('x' * 10**6 + 'end')"))
    assert len(found["trace"]) < 1.1 * page_kernel.LIMITS.MOST_LETTERS
    assert found["trace"].endswith("end")
    assert "letters are left out here" in found["trace"]
    assert len(found["text"]) < 1100, "it is read out"


def test_calls_that_were_allowed_to_go_very_deep_are_told_in_a_moment(ran):
    source = "import sys\nsys.setrecursionlimit(100_000)\ndef f(n):\n    return f(n + 1)\ntry:\n    f(0)\n"
    found = error(ran(source + "finally:\n    sys.setrecursionlimit(1000)"))
    assert re.search(r"\[Previous line repeated 99\d more times\]", found["trace"])
    assert found["line"] == 6


def test_a_figure_that_cannot_be_drawn_hides_no_error(ran):
    source = "plt.figure(figsize=(1, 1))\nplt.title(r'$\\frac{1}$')\n"
    assert error(ran("import matplotlib.pyplot as plt", source + "1 / 0"))["kind"] == "ZeroDivisionError"
    assert error(ran("import matplotlib.pyplot as plt", source))["kind"] == "ValueError"


@pytest.mark.parametrize(
    "source",
    [
        "raise ModuleNotFoundError('x', name=3)",
        "class E(Exception):\n    def _render_traceback_(self): return 3\nraise E",
        "class E(Exception):\n    def __str__(self): raise ValueError\nraise E",
    ],
)
def test_an_exception_that_resists_is_still_shown(ran, source):
    assert error(ran(source))["kind"] in ("E", "ModuleNotFoundError")


def test_html_of_a_value_is_never_sent(ran):
    page = "class Page:\n    def _repr_html_(self): return '<script>'\n    def __repr__(self): return 'p'\nPage()"
    found = ran(page)
    assert found == [{"what": "text", "stream": "value", "text": "p\n"}, True]


@pytest.mark.parametrize(("ground", "alpha"), [("white", 255), ("none", 0)])
def test_a_figure_keeps_the_ground_that_its_cell_gave_it(ran, ground, alpha):
    found = ran(
        f"import matplotlib.pyplot as plt\nplt.figure(figsize=(1, 1), facecolor={ground!r}).text(0.4, 0.4, 'a')"
    )
    (png,) = [base64.b64decode(one["png"]) for one in found[:-1] if one["what"] == "picture"]
    assert image.imread(io.BytesIO(png))[0, 0, 3] * 255 == alpha


def test_a_box_tells_what_python_said(ran):
    source = "class Box:\n    def _repr_check_(self):\n        return {'python': 'KeyError: <3>'}\ndisplay(Box())"
    assert ran(source)[0]["python"] == "KeyError: <3>"


def test_figures_are_shown_once_in_their_order_with_words(ran):
    first = "plt.figure(figsize=(2, 1))\nplt.title('First')\nplt.xlabel('step')\n"
    found = ran("import matplotlib.pyplot as plt", first + "plt.figure()\nplt.plot([1, 2])\nprint('end')")
    pictures = [one for one in found[:-1] if one["what"] == "picture"]
    assert [one["alt"] for one in pictures] == ["Picture: First; step", "Picture"]
    assert all(base64.b64decode(one["png"]).startswith(b"\x89PNG") for one in pictures)
    assert 100 < pictures[0]["width"] < 300 < pictures[1]["width"]
    assert ran("1;") == [True]


def test_the_figures_of_a_cell_that_fails_are_shown(ran):
    found = ran("import matplotlib.pyplot as plt", "plt.plot([1])\n1 / 0")
    assert [one["what"] for one in found[:-1]] == ["picture", "error"]


def test_a_figure_as_value_is_a_picture(ran):
    found = ran("import matplotlib.pyplot as plt", "figure = plt.figure()\nplt.close()\nfigure")
    assert [one["what"] for one in found[:-1]] == ["picture"]


def test_no_more_pictures_than_a_page_can_hold(ran, page_kernel):
    source = "plt.rcParams['figure.max_open_warning'] = 0\nfor _ in range(45):\n    plt.figure(figsize=(1, 1))"
    found = ran("import matplotlib.pyplot as plt", source)
    assert sum(one["what"] == "picture" for one in found[:-1]) == page_kernel.MOST_SHOWN
    assert text(found, "stderr") == page_kernel.TOO_MANY


@pytest.mark.parametrize("source", ["input('name? ')", "breakpoint()", "import sys\nfor line in sys.stdin: pass",
                                    "import sys\nsys.stdin.read()", "import sys\nsys.stdin.readline()"])  # fmt: skip
def test_nothing_waits_for_a_keyboard(ran, monkeypatch, source):
    for place, name in ((builtins, "input"), (sys, "breakpointhook"), (sys, "stdin")):
        monkeypatch.setattr(place, name, getattr(place, name))
    importlib.import_module("page_absent").take_keyboard_away()
    found = error(ran(f"x = 1\n{source}"))
    assert found["text"] == "RuntimeError: Nothing can be typed in while a cell runs: write the value into the code."
    assert "page_absent" not in found["trace"]
    assert found["line"] == len(source.split("\n")) + 1


def test_a_cell_that_runs_again_forgets_its_functions_first(page_kernel):
    kernel = page_kernel.Kernel(lambda message: None)
    assert now(kernel.run("def f(): pass\nclass C: pass\nx = 1\nimport os", 1, "answer"))
    assert now(kernel.run("x = x + 1\ng = f", 2, "answer")) is False, "f is gone before the cell runs"
    names = kernel.main.__dict__
    assert {"f", "C", "g"} & names.keys() == set()
    assert (names["x"], "os" in names) == (2, True)
    assert now(kernel.run("def f(): pass", 3, "other"))
    assert now(kernel.run("f", 4, "answer")), "what another cell defined stays"
    assert now(kernel.run("def f(:", 5, "other")) is False
    assert "f" not in names


def test_checks_that_passed_earlier_are_passed_on(page_kernel, monkeypatch):
    told = []
    module = type(sys)("check")
    module.remember = lambda names: told.extend(names)
    kernel = page_kernel.Kernel(lambda message: None)
    monkeypatch.delitem(sys.modules, "check", raising=False)
    assert now(kernel.run("1", 1, "a", ["softmax"]))
    monkeypatch.setitem(sys.modules, "check", module)
    assert now(kernel.run("1", 2, "a", ["softmax"]))
    assert told == ["softmax"]


def test_a_cell_may_await(ran):
    found = ran(
        "import asyncio\nasync def later(x):\n    await asyncio.sleep(0)\n    return x",
        "y = await later(2)\nawait later(y + 1)",
    )
    assert (text(found, "value"), found[-1]) == ("3\n", True)
    trace = error(ran("async def f():\n    1 / 0", "await f()"))["trace"]
    assert trace.splitlines()[1] == '  File "<cell [2]>", line 1, in <module>' and "page_kernel" not in trace


@pytest.mark.parametrize(
    "name, made", [("check", "def check(name): pass"), ("np", "import numpy as np"), ("Tool", "class Tool: pass")]
)
@pytest.mark.parametrize("given", ["setup", "locked-libraries"])
def test_a_name_of_the_set_up_that_was_given_away_is_told_with_a_remedy(ran, name, made, given):
    found = error(ran(made, f"{name} = 3", f"{name}.array({name})", cells={1: given}))
    assert found["advice"].startswith(f"Your code uses the name `{name}` for something else now (int). Choose another")
    assert "Restart Python" in found["advice"]
    assert error(ran(made, f"{name} = 3", "1 / 0", cells={1: given}))["advice"] == "", "the cell does not use it"
    assert error(ran(made, "mine = 3", "mine()", cells={1: given}))["advice"] == "", "the name was the learner's own"


def test_the_code_that_failed_counts_wherever_it_stands(ran):
    given = "import numpy as np\ndef show(x):\n    return np.asarray(x)"
    assert "the name `np`" in error(ran(given, "np = 3", "show([1])", cells={1: "setup"}))["advice"]
    assert "the name `sum`" in error(ran("def total(x):\n    return sum(x)", "sum = 3", "total([1])"))["advice"]


@pytest.mark.parametrize("name", ["print", "max", "list"])
def test_a_name_of_python_itself_that_was_given_away_is_told(ran, name):
    found = error(ran(f"{name} = 3", f"{name}([1, 2])"))
    assert found["advice"].startswith(f"Your code uses the name `{name}` for something else now (int).")
    assert error(ran("max = 3", "max + 'a'"))["advice"] == "", "nothing says that a function was wanted"


def test_a_name_of_the_set_up_that_was_deleted_is_told(ran):
    found = error(ran("import numpy as np", "del np\nnp.ones(2)", cells={1: "setup"}))
    assert found["advice"].startswith("The name `np` of the set-up is gone")
    assert found["advice"].endswith("Press Restart Python.")
    assert error(ran("no_such_name"))["advice"] == ""
    mine = ("def mine(): pass", "def given(): pass", "del mine", "mine()")
    assert error(ran(*mine, cells={2: "locked-given"}))["advice"] == "", "it was no name of the set-up"


def test_a_check_that_is_another_function_by_now_says_why_it_does_not_answer(ran):
    own = "def check(name): return name"
    cells = {1: "setup", 3: "check-softmax"}
    assert ran("def check(name): pass", "1", "check('softmax')", cells=cells) == [True]
    *_, note, fine = ran("def check(name): pass", own, "check('softmax')", cells=cells)
    assert fine and note["what"] == "note"
    assert note["text"].startswith("Your code uses the name `check` for something else now (function).")
    assert ran("def check(name): pass", own, "check", cells={1: "setup"})[0]["what"] == "text", "a cell of one's own"


def test_letters_that_no_font_has_are_told_once_a_picture(ran):
    """Here no browser draws the letters."""
    draw = "plt.figure(figsize=(2, 1)).text(0.1, 0.1, '한국 한')\nplt.title('a국');"
    found = ran("import matplotlib.pyplot as plt", draw)
    assert [one["what"] for one in found[:-1]] == ["picture", "note"], "and no warning of matplotlib"
    assert found[1]["text"].startswith("The picture has boxes in place of “국한”: Python finds no font with them")
    assert [one["what"] for one in ran("plt.plot([1, 2]);")[:-1]] == ["picture"]
