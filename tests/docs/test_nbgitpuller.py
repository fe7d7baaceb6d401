"""nbgitpuller brings what is handed out later, and keeps what a learner has written."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest

from tests.docs.courses import SLUG, git
from tests.docs.shell import ROOT

nbgitpuller = pytest.importorskip("nbgitpuller", reason="this test needs nbgitpuller")
NEXT = "03_bahdanau_attention"
MINE = "def softmax(scores, axis=-1):\n    return 42  # mine"


@pytest.fixture
def handed_out(tmp_path, monkeypatch) -> Path:
    """Return a clone of a repository with one chapter."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".gitconfig").write_text("[user]\nname = Somebody\nemail = somebody@example.org\n")
    git("init", "--quiet", "--bare", "--initial-branch", "main", tmp_path / "host.git")
    git("clone", "--quiet", tmp_path / "host.git", tmp_path / "handed_out")
    git("-C", tmp_path / "handed_out", "checkout", "--quiet", "-B", "main")
    publish(tmp_path / "handed_out", SLUG)
    return tmp_path / "handed_out"


def publish(place: Path, slug: str) -> None:
    """Hand out a chapter."""
    shutil.copytree(ROOT / "exercises" / slug, place / slug)
    git("-C", place, "add", ".")
    git("-C", place, "commit", "--quiet", "--message", slug)
    git("-C", place, "push", "--quiet", "origin", "main")


def test_the_learners_answers_stay_and_what_is_new_comes(handed_out, tmp_path):
    def pull() -> None:
        list(nbgitpuller.GitPuller(str(tmp_path / "host.git"), str(tmp_path / "home"), branch="main").pull())

    pull()
    path = tmp_path / "home" / SLUG / f"{SLUG}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    next(cell for cell in notebook.cells if cell.id == "solution-softmax").source = MINE
    nbformat.write(notebook, path)
    mended = handed_out / SLUG / f"{SLUG}.ipynb"
    text = mended.read_text(encoding="utf-8")
    assert "# Dot-product attention" in text and "# TODO: 1. from the scores" in text
    text = text.replace("# Dot-product attention", "# Mended").replace("# TODO: 1. from the scores", "# TODO: mended")
    mended.write_text(text, encoding="utf-8")
    with (handed_out / SLUG / "check.py").open("a") as file:
        file.write("# mended\n")
    publish(handed_out, NEXT)
    pull()
    cells = {cell.id: cell.source for cell in nbformat.read(path, as_version=4).cells}
    assert cells["solution-softmax"] == MINE and any(source.startswith("# Mended") for source in cells.values())
    assert (path.parent / "check.py").read_text().endswith("# mended\n")
    assert (tmp_path / "home" / NEXT / f"{NEXT}.ipynb").is_file()
