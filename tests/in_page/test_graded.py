"""A notebook done in the page, downloaded and graded by `autograder grade`: the points that the page showed."""

from __future__ import annotations

import csv
import json

import nbformat
import pytest

from autograder.cli import main
from tests.chapters import SLUGS, release_of
from tests.docs.courses import course
from tests.in_page.answers import NO_MAXIMUM, SLUG, needing, points, solved
from tests.waiting import wait_for

pytestmark = pytest.mark.slow

TEXTS = "return [...document.querySelectorAll(arguments[0])].map(one => one.innerText)"
ADDS_ONE = """\
def dot_attention(S, H):
    scores = S @ H.swapaxes(-1, -2)
    exps = np.exp(scores - np.max(scores, axis=-1, keepdims=True, initial=-np.inf))
    weights = exps / exps.sum(axis=-1, keepdims=True)
    return weights @ H + 1, weights"""


def downloaded(page, folder):
    """Press Download and return the file."""
    folder.mkdir()
    path = page.browser.download_to(folder) / f"{page.slug}.ipynb"
    page.bar("Download .ipynb")
    wait_for(lambda: path.is_file() and path.stat().st_size, f"the download of {path.name}")
    return path


@pytest.fixture
def graded(tmp_path, monkeypatch):
    """Return a function that grades a downloaded notebook and gives the points of its checks."""

    def grade(path):
        root = course(tmp_path / "course", path.stem)
        monkeypatch.chdir(root)
        there = root / "class" / "ada" / path.stem / path.name
        there.parent.mkdir(parents=True)
        path.rename(there)
        assert main(["grade", "class"]) == 0
        with (root / "_build" / "grading" / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
            (row,) = csv.DictReader(file)
        return float(row["score"])

    return grade


def test_what_a_learner_did_by_hand_gets_the_points_that_the_page_showed(page_of, graded, tmp_path):
    page = page_of(SLUG).open()
    answers = solved(SLUG)
    for name in ("softmax", "dot_scores", "general_scores", "attention_value"):
        page.write(f"solution-{name}", answers[f"solution-{name}"])
        assert page.run(f"check-{name}").startswith("✓")
    page.write("solution-softmax", NO_MAXIMUM)
    assert page.run("check-softmax").startswith("✗")
    page.write("solution-attentional_state", answers["solution-attentional_state"].replace("np.tanh", ""))
    assert page.run("check-attentional_state").startswith("✗")
    page.write("solution-dot_attention", ADDS_ONE)
    assert page.run("check-dot_attention").startswith("◐")  # its weights are right, and the error for other sizes
    page.write("written-two_sizes", "The sizes differ: <b>a matrix</b> stands between them.")
    assert "Write your answer here" not in page.text("written-two_sizes")
    page.press("\ue00c")  # Escape
    page.press("b")  # a cell of the learner's own below
    page.browser.insert("print('mine')")
    page.bar("Run all")
    page.idle()
    shown = page.earned
    path = downloaded(page, tmp_path / "downloads")
    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    released = json.loads(release_of(SLUG).read_text(encoding="utf-8"))
    own = [cell for cell in notebook.cells if cell.id.startswith("own-")]
    assert [cell.source for cell in own] == ["print('mine')"]
    assert [cell.id for cell in notebook.cells if cell not in own] == [cell["id"] for cell in released["cells"]]
    assert "1 of 2 written" in page.reached
    assert shown == 10
    assert graded(path) == shown


@pytest.mark.parametrize("slug", SLUGS)
def test_a_chapter_is_complete_but_for_its_tensorflow_and_graded_alike(page_of, graded, tmp_path, slug):
    """All answers are right; those that need TensorFlow are left as they were released."""
    later = needing(slug, "tensorflow")
    page = page_of(slug).open(work={n: text for n, text in solved(slug).items() if n.partition("-")[2] not in later})
    page.bar("Run all")
    page.idle()
    assert page.browser.run(TEXTS, "[data-state=error]") == []
    assert page.earned == points(slug)
    skipped = page.browser.run(TEXTS, "[data-kind=check][data-needs] .nb-box")
    assert len(skipped) == len(later)
    assert all("needs TensorFlow: run this part locally or in Colab." in one for one in skipped)
    assert (f"{points(slug, 'tensorflow'):g} points need TensorFlow" in page.reached) == bool(later)
    assert graded(downloaded(page, tmp_path / "downloads")) == page.earned
