"""Puts `book.css` beside the pages: all styles in one file (see styles.py), with the letters of the formulas in it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from pages.formulas import embedded
from pages.styles import joined, names_in, purged

SHEET = "book.css"
OF_THE_THEME = ("styles/theme.css", "styles/pydata-sphinx-theme.css")  # which its templates name themselves
LINKED = re.compile(rf"({re.escape(SHEET)}\?v=)[\w-]*")
SCRIPT = re.compile(r"<script[^>]*\ssrc=\"([^\"?]+)")
OWN = re.compile(r"<link rel=\"stylesheet\"[^>]*\shref=\"([^\"?]+)")
LATER = ("bootstrap.js",)  # it serves menus alone, and has words for much else
# What it, and the system, may write into a page.
BY_SCRIPTS = {"html", "body", "show", "fade", "tooltip", "tooltip-inner", "tooltip-arrow", "bs-tooltip-auto"}
STYLED = re.compile(r"<style[\s\S]*?</style>|\sstyle=\"[^\"]*\"")


def take_over(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Let a page link the one stylesheet in place of those of all pages; its own come after it."""
    context["css_files"] = [sheet for sheet in context["css_files"] if sheet not in of_all_pages(app)]
    context["book_css"] = SHEET


def of_all_pages(app: Sphinx) -> list[Any]:
    """Return the stylesheets that were registered before the first page was written, as Sphinx keeps them."""
    return app.builder._orig_css_files  # type: ignore[attr-defined]


def sheets_of(app: Sphinx) -> list[str]:
    """Return all stylesheets by their paths below _static, in the order in which Sphinx would link them."""
    registered = sorted(of_all_pages(app), key=lambda sheet: sheet.priority)
    names = [str(sheet.filename).removeprefix("_static/") for sheet in registered]
    return [*OF_THE_THEME, *dict.fromkeys(name for name in names if "thebe" not in name)]


def script_texts(out: Path, pages: dict[Path, str]) -> list[str]:
    """Return the scripts that pages load, and those of the exercises in the page, which load each other."""
    named = {(path.parent / name).resolve() for path, page in pages.items() for name in SCRIPT.findall(page)}
    beside = set((out / "_static").glob("in_page/*/[!e]*.js"))  # the editor brings its own styles
    files = sorted(path for path in named | beside if path.is_file() and path.name not in LATER)
    return [path.read_text(encoding="utf-8") for path in files]


def own_sheets(pages: dict[Path, str]) -> str:
    """Return the stylesheets that some pages have besides this one; they may read its variables."""
    named = {(path.parent / name).resolve() for path, page in pages.items() for name in OWN.findall(page)}
    return "".join(path.read_text(encoding="utf-8") for path in sorted(named) if path.is_file() and path.name != SHEET)


def write_sheet(app: Sphinx, exception: Exception | None) -> None:
    """Write the stylesheet when all pages stand, and its digest into the pages that name another one.

    A build that found nothing changed has written no page, and the stylesheet of the build before stands.
    """
    if exception or app.builder.format != "html" or not hasattr(app.builder, "_orig_css_files"):
        return
    out = Path(app.outdir)
    paths = [path for path in sorted(out.rglob("*.html")) if "_static" not in path.relative_to(out).parts]
    pages = {path: path.read_text(encoding="utf-8") for path in paths}
    scripts = script_texts(out, pages)
    names = names_in(pages.values(), scripts) | BY_SCRIPTS
    others = "".join(scripts) + "".join({style for page in pages.values() for style in STYLED.findall(page)})
    others += own_sheets(pages)
    css = purged(joined(out / "_static", sheets_of(app)), names, others)
    css = embedded(css, pages.values())
    (out / "_static" / SHEET).write_text(css, encoding="utf-8")
    digest = hashlib.sha256(css.encode()).hexdigest()[:8]
    for path, page in pages.items():
        if (linked := LINKED.sub(rf"\g<1>{digest}", page)) != page:
            path.write_text(linked, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx; at last, when all styles are named and all pages stand."""
    app.connect("html-page-context", take_over, priority=950)
    app.connect("build-finished", write_sheet, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
