"""The whole book, built once for all tests that look at it, however many processes run them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.waiting import wait_for

ROOT = Path(__file__).resolve().parents[1]
COMMAND = ("build", "book", "--config", "_config.yml", "--path-output", ".", "-W", "--keep-going")
LONGEST = 900  # seconds that one build may take
CACHE = ".jupyter_cache"
ALREADY_BUILT = "BUILT_BOOK"  # names a folder with _build/html, to try one test without a build


@dataclass(frozen=True)
class BuiltBook:
    """A copy of the book's sources in `folder`, its pages in `html`, and what the builder wrote to the terminal."""

    folder: Path
    said: str

    @property
    def html(self) -> Path:
        return self.folder / "_build" / "html"


def build(folder: Path, *options: str) -> subprocess.CompletedProcess:
    """Build the book in `folder` as the README says."""
    program = Path(sys.executable).with_name("jupyter-book")
    return subprocess.run(
        [program, *COMMAND, *options], cwd=folder, capture_output=True, text=True, timeout=LONGEST, encoding="utf-8"
    )


def copy_sources(folder: Path) -> None:
    """Copy what a build reads, and give it the Pyodide of the tests, so that its exercises have pages."""
    from tests.in_page.pyodide_folder import pyodide_folder  # which looks at ROOT

    for name in ("book", "exercises"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    (folder / "solutions").mkdir()
    for key in (ROOT / "solutions").glob("*_key.py"):  # from which the page of mistakes is made
        shutil.copy(key, folder / "solutions")
    shutil.copy(ROOT / "_config.yml", folder)
    if there := pyodide_folder():
        (folder / ".pyodide").symlink_to(there, target_is_directory=True)


def outputs_of_pages() -> Path | None:
    """Return what the pages printed when this checkout built its book, if that was with the packages of today.

    The cache finds a page by its code and by what pages share (book/_ext/pages/textbook.py), so that a page that was
    changed since runs; in a new clone all do.
    """
    cache, installed = ROOT / "_build" / CACHE, ROOT / ".venv" / ".ready"
    there = cache.is_dir() and installed.exists() and cache.stat().st_mtime > installed.stat().st_mtime
    return cache if there else None


@pytest.fixture(scope="session")
def built_book(tmp_path_factory: pytest.TempPathFactory) -> BuiltBook:
    """Return the built book; the first process that asks builds it, the others wait for that."""
    if already := os.environ.get(ALREADY_BUILT):
        book = BuiltBook(Path(already).resolve(), "")
        assert (book.html / "index.html").exists(), f"{ALREADY_BUILT} names a folder without _build/html/index.html"
        return book
    if not list((ROOT / "exercises").glob("*/*.ipynb")):
        pytest.skip("the exercises have not been generated")
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    folder, failed, done = shared / "whole_book", shared / "whole_book.failed", shared / "whole_book.done"
    try:
        folder.mkdir()
    except FileExistsError:
        wait_for(done.exists, "another process to finish building the book", LONGEST)
    else:
        build_once(folder, failed, done)
    if failed.exists():
        pytest.fail(f"the book does not build:\n{failed.read_text(encoding='utf-8')[-6000:]}")
    return BuiltBook(folder, done.read_text(encoding="utf-8"))


def build_once(folder: Path, failed: Path, done: Path) -> None:
    """Build the book; whatever happens, leave word for those who wait."""
    said = "the build did not come to its end"
    try:
        copy_sources(folder)
        if outputs := outputs_of_pages():
            shutil.copytree(outputs, folder / "_build" / CACHE)
        result = build(folder, "--all")
        said = result.stdout + result.stderr
        if result.returncode:
            failed.write_text(said, encoding="utf-8")
    except BaseException as error:
        failed.write_text(f"{said}\n{error!r}", encoding="utf-8")
        raise
    finally:
        part = done.with_suffix(".part")
        part.write_text(said, encoding="utf-8")
        part.replace(done)
