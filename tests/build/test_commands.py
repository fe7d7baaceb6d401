"""`autograder build` and `autograder check` on a small course: byte-stable, and each drift is named."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder.cli import main
from autograder.course.chapters import find_root
from autograder.errors import UserError
from autograder.learner.check import prints
from tests.waiting import LONG

from .course import SLUG, make_course

RELEASE = f"exercises/{SLUG}/{SLUG}.ipynb"


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.chdir(make_course(tmp_path))
    return tmp_path


@pytest.fixture
def built(course):
    assert main(["build"]) == 0
    return course


def snapshot(root):
    """Return all files but what Python itself compiles, with their times."""
    files = [path for path in root.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    return {path.relative_to(root): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_build_makes_both_folders_and_a_second_build_touches_nothing(built, capsys):
    folders = {f"{top}/{SLUG}/{name}" for top in ("solutions", "exercises") for name in
               (f"{SLUG}.ipynb", "check.py", "reference.json")}  # fmt: skip
    assert all((built / name).is_file() for name in folders)
    before = snapshot(built)
    assert main(["build"]) == 0
    assert snapshot(built) == before
    assert "0 changed" in capsys.readouterr().out


def test_the_release_has_the_stub_the_points_and_no_solution(built):
    notebook = nbformat.read(built / RELEASE, as_version=4)
    nbformat.validate(notebook)
    cells = {cell.id: cell for cell in notebook.cells}
    assert "return 2 * x" not in str(notebook) and "Because." not in str(notebook)
    assert "raise NotImplementedError" in cells["solution-twice"].source
    assert "TODO: double x" in cells["solution-twice"].source
    assert cells["check-twice"].metadata.nbgrader.points == 1
    assert cells["check-twice"].metadata.nbgrader.grade_id == "twice-doubles"
    assert cells["check-twice"].metadata.editable is False
    assert cells["written-why"].metadata.nbgrader.points == 2
    assert "Add it to itself." in cells["hints-twice"].source
    assert all(not cell.get("outputs") for cell in notebook.cells)


def test_reference_holds_cases_expected_and_prints_of_mistakes(built):
    spec = json.loads((built / f"exercises/{SLUG}/reference.json").read_text())["checks"]["twice"]
    case = spec["cases"][0]
    x = case["inputs"]["x"]["data"]
    assert case["expected"]["doubled"]["data"] == pytest.approx([2 * v for v in x], abs=1e-8)
    squared, off = prints([np.square(x)], spec)
    assert (spec["known"]["names"], spec["known"]["one"]["mistakes"]) == (["squared"], [[0]])
    assert (abs(squared - spec["known"]["one"]["parts"]["doubled"]["prints"]) <= off).all()


def test_what_the_key_wants_beside_the_notebook_is_copied_and_kept_fresh(course, capsys):
    data = course / "trained" / "numbers.json"
    data.parent.mkdir()
    key = course / f"solutions/{SLUG}_key.py"
    key.write_text(key.read_text().rstrip()[:-1] + ', beside=("trained/numbers.json",))\n')
    assert main(["build"]) == 2
    assert "wants trained/numbers.json beside the notebook, which is not there" in capsys.readouterr().err
    data.write_text("[1]")
    assert main(["build"]) == 0
    copies = [course / top / SLUG / data.name for top in ("solutions", "exercises")]
    assert [path.read_text() for path in copies] == ["[1]", "[1]"]
    setup = nbformat.read(course / RELEASE, as_version=4).cells[0].source
    assert 'for name in ("check.py", "reference.json", "numbers.json"):' in setup
    (copies[0].parent / "__pycache__").mkdir()  # of a module that was imported there
    (copies[0].parent / "__pycache__" / "model.cpython-311.pyc").write_bytes(b"x")
    assert main(["check"]) == 0
    data.write_text("[2]")
    assert main(["check"]) == 1
    assert f"stale: exercises/{SLUG}/numbers.json" in capsys.readouterr().out


def test_the_boxes_know_the_numbers_of_the_tasks_and_where_the_book_is(course):
    source = course / f"solutions/{SLUG}.py"
    before = '# %% solution="twice"'
    heading = (
        f"# %% [markdown]\n# ### Task 2: Said\n#\n# In Task 9 of another book.\n#\n# ### Task 3: Doubling\n\n{before}"
    )
    source.write_text(source.read_text().replace(before, heading))
    (course / "_config.yml").write_text("title: x\nattention: {book_url: 'https://book.test'}\n")
    assert main(["build"]) == 0
    spec = json.loads((course / f"exercises/{SLUG}/reference.json").read_text())["checks"]["twice"]
    assert (spec["task"], spec["sections"]) == (3, {"Doubling": f"https://book.test/{SLUG}.html#doubling"})


def test_without_numbers_and_an_address_the_boxes_have_none(built):
    spec = json.loads((built / f"exercises/{SLUG}/reference.json").read_text())["checks"]["twice"]
    assert not {"task", "sections"} & spec.keys()


def edit_key(root):
    path = root / f"solutions/{SLUG}_key.py"
    path.write_text(path.read_text().replace("You squared x.", "You squared it."))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda root: (root / RELEASE).write_text("{}"), f"stale: {RELEASE}"),
        (lambda root: (root / RELEASE).unlink(), f"missing: {RELEASE}"),
        (lambda root: (root / f"exercises/{SLUG}/extra.txt").write_text("x"), f"orphaned: exercises/{SLUG}/extra.txt"),
        (edit_key, f"stale: exercises/{SLUG}/reference.json"),
    ],
)
def test_check_names_each_drift_and_writes_nothing(built, capsys, damage, says):
    assert main(["check"]) == 0
    damage(built)
    before = snapshot(built)
    assert main(["check"]) == 1
    assert says in capsys.readouterr().out
    assert snapshot(built) == before
    assert main(["build"]) == 0
    assert main(["check"]) == 0


def test_a_folder_that_may_not_be_looked_into_holds_no_course(course, monkeypatch):
    real = Path.is_file

    def is_file(path: Path) -> bool:
        if path.name == "_config.yml":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "is_file", is_file)
    with pytest.raises(UserError, match="No course found"):
        find_root(course)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda root: (root / f"solutions/{SLUG}_key.py").unlink(), "lacks solutions/09_doubling_key.py"),
        (lambda root: (root / f"book/{SLUG}.md").unlink(), "lacks book/09_doubling.md"),
        (lambda root: (root / "_config.yml").unlink(), "No course found"),
    ],
)
def test_what_is_missing_is_one_sentence(course, capsys, damage, says):
    damage(course)
    assert main(["build"]) == 2
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1


def test_an_unknown_chapter_is_one_sentence(course, capsys):
    assert main(["build", "10_nothing"]) == 2
    assert "There is no chapter 10_nothing" in capsys.readouterr().err


NOTEBOOK, ANSWER_KEY = f"solutions/{SLUG}.py", f"solutions/{SLUG}_key.py"
PROPERTY = 'properties=(SumsToOne("{}", "{}", "It sums to one."),), hints='


@pytest.mark.parametrize(
    ("path", "old", "new", "says"),
    [
        (NOTEBOOK, '# %% check="twice"\ncheck("twice", twice)\n', "", "differ: twice is only in the key"),
        (NOTEBOOK, '"twice"', '"twise"', "twise is only in the notebook and twice is only in the key"),
        (NOTEBOOK, '# %% solution="twice"', '# %% solution="twise"', 'has no cell solution="twice" before it'),
        (NOTEBOOK, '# %% setup="09_doubling"', "# %%", 'needs one cell setup="09_doubling"; it has none.'),
        (
            NOTEBOOK,
            'setup="09_doubling"',
            'setup="09_dubling"',
            'needs one cell setup="09_doubling"; it has setup="09_',
        ),
        (NOTEBOOK, "def twice(", "def twise(", 'has function="twice", and the cell solution="twice" defines twise;'),
        (NOTEBOOK, "# TODO", "other = 2\n    # TODO", "done"),
        (ANSWER_KEY, 'function="twice"', 'function="twise"', 'has function="twise", and the cell solution="twice" def'),
        (ANSWER_KEY, "09_doubling", "09_dubling", 'solutions/09_doubling_key.py says AnswerKey("09_dubling", …)'),
        (ANSWER_KEY, "KEY =", "KEYS =", "09_doubling_key.py defines no KEY; end it with KEY = AnswerKey("),
        (
            ANSWER_KEY,
            "import AnswerKey",
            "import AnswersKey",
            "09_doubling_key.py cannot be imported: cannot import name",
        ),
        (ANSWER_KEY, 'returns=("doubled"', 'returns=("doubbled"', 'gives points to "doubled", which is no part of'),
        (ANSWER_KEY, 'points={"doubled": 1}', "points={}", "returns doubled and has points for nothing;"),
        (ANSWER_KEY, "hints=", 'uses=("half",), hints=', 'uses the check "half", which is not there; there is: none'),
        (ANSWER_KEY, "hints=", 'survives=("a long row",), hints=', 'survives "a long row"; write that in words'),
        (ANSWER_KEY, "hints=", PROPERTY.format("two row", "doubled"), 'the case "two row", which is not there; there'),
        (
            ANSWER_KEY,
            "hints=",
            PROPERTY.format("a row", "double"),
            'has a property of "double", which is no part of',
        ),
        (ANSWER_KEY, "hints=", PROPERTY.format("a row", "doubled"), "done"),
    ],
)
def test_where_the_hand_written_files_do_not_agree_one_sentence_names_it(course, capsys, path, old, new, says):
    text = (course / path).read_text()
    assert old in text
    (course / path).write_text(text.replace(old, new).replace("Check, Misc", "Check, SumsToOne, Misc"))
    code = main(["build"])
    error = capsys.readouterr().err
    assert (code, error) == (0, "") if says == "done" else code == 2 and says in error and error.count("\n") == 1


def test_the_solved_source_runs_as_a_script(built):
    script = built / "solutions" / f"{SLUG}.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, env=dict(os.environ), timeout=LONG)
    assert done.returncode == 0, done.stderr
    assert "✓ Doubling" in done.stdout
