"""The search of the book: MiniSearch in the reader's browser, in place of Sphinx's own search.

Sphinx's index knows pages, not sections, and forgives no typing error. Here the build writes all sections into one file
(`sections.py`), which a page loads when somebody searches; `ranking.js` says in which order they come, and `search.js`
shows them below the theme's field and on the page `search.html`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

from search.named import filled
from search.sections import Section, sections_of

HERE = Path(__file__).parent
FOLDER = "_static/search"  # in the built book
FILES = ("search.js", "ranking.js", "search.css", "minisearch/minisearch.js", "minisearch/LICENSE")


def known(env: BuildEnvironment) -> dict[str, list[Section]]:
    """Return the sections of all pages, which the environment keeps from one build to the next."""
    found: dict[str, list[Section]] = env.__dict__.setdefault("book_sections", {})
    return found


def note_page(app: Sphinx, tree: nodes.document) -> None:
    """Note the sections of a page that was read."""
    known(app.env)[app.env.docname] = sections_of(app.env.docname, tree)


def forget_page(app: Sphinx, env: BuildEnvironment, page: str) -> None:
    """Forget the sections of a page that is read again, or gone."""
    known(env).pop(page, None)


def merge_pages(app: Sphinx, env: BuildEnvironment, pages: list[str], other: BuildEnvironment) -> None:
    """Take over what another process has read."""
    known(env).update({page: found for page, found in known(other).items() if page in pages})


def use_templates(app: Sphinx, config: Config) -> None:
    """Look for the page of the search here first."""
    config.templates_path.append(str(HERE / "templates"))


def begin(app: Sphinx) -> None:
    """Switch Sphinx's own search off, and put the scripts and the styles beside the pages, on one page too.

    What is searched stays: a build that finds nothing changed does not write it again.
    """
    if app.builder.format != "html":
        return
    app.builder.search = False  # type: ignore[attr-defined]  # of the builders of HTML
    there = Path(app.outdir) / FOLDER
    there.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copyfile(HERE / name, there / Path(name).name)
    (Path(app.outdir) / "searchindex.js").unlink(missing_ok=True)  # Sphinx's, of an earlier build


def search_page(app: Sphinx) -> Iterator[tuple[str, dict, str]]:
    """Return the page of the search, and write what it searches."""
    if app.builder.name == "html":
        found = [one for page in sorted(known(app.env)) for one in known(app.env)[page]]
        told = [[filled(part, app.env) if isinstance(part, str) else part for part in one.as_list()] for one in found]
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
        (Path(app.outdir) / FOLDER / "sections.js").write_text(f"BookSearch.sections = {text};\n", encoding="utf-8")
        yield "search", {"title": "Search", "pagetitle": "Search"}, "search.html"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("config-inited", use_templates)
    app.connect("builder-inited", begin)
    app.connect("doctree-read", note_page)
    app.connect("env-purge-doc", forget_page)
    app.connect("env-merge-info", merge_pages)
    app.connect("html-collect-pages", search_page)
    app.add_css_file("search/search.css")
    app.add_js_file("search/search.js")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
