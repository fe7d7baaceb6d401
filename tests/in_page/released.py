"""The released exercises and the articles of their pages, made without Sphinx."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup

from tests.built_book import ROOT
from tests.in_page.extension import load

page = load("page")
SLUGS = sorted(path.stem for path in (ROOT / "exercises").glob("*/*.ipynb"))
AROUND = page.Surroundings("../_static/pyodide/0/", "../_static/in_page/0/", {"core": 1, "numpy": 2, "matplotlib": 3})


def straight(text: str) -> str:
    """Return a text with the quotes and apostrophes of the notebook, which the page has set as print does."""
    return text.translate(str.maketrans("“”‘’", "\"\"''"))


def files_of(slug: str) -> list[Path]:
    folder = ROOT / "exercises" / slug
    first = [folder / name for name in (f"{slug}.ipynb", "check.py", "reference.json")]
    return first + sorted(set(folder.glob("*.*")) - set(first))


@cache
def cells_of(slug: str) -> list[dict[str, Any]]:
    """Return the cells of a released notebook."""
    return json.loads(files_of(slug)[0].read_text(encoding="utf-8"))["cells"]


@cache
def checks_of(slug: str) -> dict[str, Any]:
    """Return the checks of its reference outputs."""
    return json.loads(files_of(slug)[2].read_text(encoding="utf-8"))["checks"]


@cache
def article(slug: str) -> BeautifulSoup:
    """Return the page's article; every section that a check names stands in the chapter."""
    sections = {check["read"]: f"a-{n}" for n, check in enumerate(checks_of(slug).values())}
    return BeautifulSoup(page.make_page(slug, files_of(slug), sections, AROUND).body, "html.parser")
