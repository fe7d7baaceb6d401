"""`make book` makes only what has changed, and fails every time while something is wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.built_book import ROOT
from tests.test_book import tiny_book
from tests.waiting import LONG

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not there")


def make_book(folder: Path) -> tuple[int, str]:
    """Run the Makefile's recipe for the book in a folder with a small one."""
    return make(folder, "book")


def make(folder: Path, *what: str) -> tuple[int, str]:
    """Run a recipe of the Makefile in a folder; all that it needs is there already."""
    place = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{place}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    command = ["make", "-f", ROOT / "Makefile", "-o", ".venv/.ready", "-o", "exercises", *what]
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LONG)
    return result.returncode, result.stdout + result.stderr


def files(folder: Path) -> set[str]:
    """Return the files of a built book."""
    html = folder / "_build" / "html"
    return {str(path.relative_to(html)) for path in html.rglob("*") if path.is_file()}


def test_a_warning_fails_make_book_until_it_is_mended(tmp_path):
    folder = tiny_book(tmp_path, "1 + 1")
    page = folder / "book" / "index.md"
    right = page.read_text()
    page.write_text(right + "\nSee [](nowhere.md).\n")
    for _ in range(2):
        code, said = make_book(folder)
        assert code and "nowhere.md" in said, said
    page.write_text(right)
    code, said = make_book(folder)
    assert code == 0, said

    # Nothing has changed: nothing is read, and no file goes. Then what all pages share changes: they are read again.
    before = files(folder)
    code, said = make_book(folder)
    assert code == 0 and "0 added, 0 changed, 0 removed" in said and "no targets are out of date" in said
    assert files(folder) == before
    shared = folder / "book" / "_ext" / "pages" / "textbook.py"
    shared.write_text(shared.read_text() + "# another line\n")
    code, said = make_book(folder)
    assert code == 0 and "[config changed ('book_read')] 1 added" in said, said


def test_the_page_of_one_chapter_is_built_alone():
    page = ROOT / "_build" / "page" / "_build" / "html" / "06_masks.html"
    page.unlink(missing_ok=True)
    code, said = make(ROOT, "page", "CHAPTER=06_masks")
    assert code == 0 and page.is_file() and str(page) in said, said
    for given in ([], ["CHAPTER=99_nothing"]):
        code, said = make(ROOT, "page", *given)
        assert code and "Say which page: make page CHAPTER=" in said
