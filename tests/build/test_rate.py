"""`autograder mistakes --rate` on a small course: what counts as named, misnamed, described and right."""

from io import StringIO

import pytest
from rich.console import Console

from autograder.authoring.rate import is_advice, rate_table
from autograder.cli import main
from tests.chapters import SLUGS

from .course import SLUG, make_course

HEAD = "from autograder.course.wrong_answers import wrong\n"
NAMED = '@wrong("twice", "a power", "squared")\ndef power(x):\n    return x**2\n'
OTHER = {
    "named": NAMED,
    "misnamed": '@wrong("twice", "a power", "cubed")\ndef power(x):\n    return x**2\n',
    "described": '@wrong("twice", "a power", "squared")\ndef power(x):\n    return x**4\n',
    "right": '@wrong("twice", "none", "squared")\ndef right(x):\n    return x + x\n',
}
TOLD = '@wrong("twice", "a factor", says="is 2.5 times")\ndef factor(x):\n    return 5 * x\n'


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.chdir(make_course(tmp_path))
    assert main(["build"]) == 0
    return tmp_path


def rated(course, capsys, *answers, more=()):
    """Return the exit code, the numbers of the last row, and all that was printed."""
    (course / "solutions" / f"{SLUG}_wrong.py").write_text(HEAD + "".join(answers))
    capsys.readouterr()
    code = main(["mistakes", "--rate", *more])
    out = capsys.readouterr().out
    *cells, rate, percent = next(line for line in out.splitlines() if line.startswith("all ")).split()
    return code, [*cells[1:], f"{rate} {percent}"], out


@pytest.mark.parametrize("outcome", OTHER)
def test_each_outcome_is_counted(course, capsys, outcome):
    code, row, _ = rated(course, capsys, *[NAMED] * 3, OTHER[outcome])
    count = {name: 3 * (name == "named") + (name == outcome) for name in OTHER}
    assert row == ["4", *map(str, count.values()), "100.0 %" if outcome == "named" else "75.0 %"]
    assert code == (0 if outcome == "named" else 1)


def test_the_longest_slug_is_printed_whole_in_80_letters():
    console, slug = Console(width=80, file=StringIO()), max(SLUGS, key=len)
    console.print(rate_table([(slug, [])]))
    assert len(slug) > 30 and slug in console.file.getvalue()
    assert "…" not in console.file.getvalue() and len(console.file.getvalue().splitlines()) == 3


def test_a_sentence_may_be_what_is_right(course, capsys):
    code, row, _ = rated(course, capsys, TOLD)
    assert (code, row[1]) == (0, "1")
    code, row, _ = rated(course, capsys, TOLD.replace("2.5 times", "half"))
    assert (code, row[3]) == (1, "1"), "what differs is described, no more"
    code, row, _ = rated(course, capsys, TOLD.replace("2.5 times", "half").replace("5 * x", "math.sqrt(x)"))
    assert (code, row[2]) == (1, "1"), "to import math is other advice"


def test_one_in_a_hundred_may_be_misnamed(course, capsys):
    code, row, _ = rated(course, capsys, *[NAMED] * 99, OTHER["misnamed"])
    assert (code, row[-1]) == (0, "99.0 %")
    assert rated(course, capsys, *[NAMED] * 98, *[OTHER["misnamed"]] * 2)[0] == 1


def test_those_that_are_not_named_are_listed(course, capsys):
    out = rated(course, capsys, NAMED, OTHER["described"], more=["--verbose"])[2]
    assert "described: twice, a power; expected squared\n    no name: doubled" in out
    assert out.count("twice") == 1


def test_what_is_wrong_with_a_file_is_said(course, capsys):
    assert main(["mistakes", "--rate"]) == 2
    assert "None of these chapters has wrong answers" in capsys.readouterr().err
    (course / "solutions" / f"{SLUG}_wrong.py").write_text(HEAD + NAMED.replace("twice", "thrice"))
    assert main(["mistakes", "--rate"]) == 2
    assert "answers a check thrice, which the key does not have" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("out has shape (3, 5); expected (3, 2).", False),
        ("out[0] is 2; expected 3 (4 of 9 numbers differ). This is the case “b”; those before it are right.", False),
        ("Python said: ValueError: no", False),
        ("out[0] is 0.2; expected 0.3 (4 of 9 numbers differ). Your rows do not sum to one.", True),
        ("Write `import math` first. Python said: NameError: name 'math' is not defined", True),
    ],
)
def test_advice_is_told_from_what_was_seen(line, advice):
    assert is_advice(line) is advice
