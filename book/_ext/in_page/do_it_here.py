""" "Do it here": for every exercise a page on which it is done in the browser, where a folder with Pyodide is at hand.

The folder is named in `_config.yml` (`attention: pyodide`). Without it the book has no such pages and no buttons to
them (exercise_card.py), and the build says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from weakref import WeakKeyDictionary

from docutils import nodes
from pages.exercise_zip import FOLDER, exercises_of
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from autograder.course.config import settings
from in_page.beside import copy_files, digest_of_files, remove_others, script_files
from in_page.distribution import Distribution, Incomplete, copy_to, read_distribution
from in_page.page import Surroundings, make_page

PYODIDE, SCRIPTS = "_static/pyodide", "_static/in_page"  # in the built book
STRAIGHT = str.maketrans("“”‘’", "\"\"''")  # titles as the notebooks write them
ABSENT = "The exercises cannot be done in their pages (attention: pyodide in _config.yml): %s"
FOUND: WeakKeyDictionary[Sphinx, Distribution | Incomplete] = WeakKeyDictionary()  # the Pyodide of each build
logger = logging.getLogger(__name__)


def find_pyodide(course: Path) -> Distribution | Incomplete:
    """Return the Pyodide of a course, or why there is none."""
    if not (named := settings(course).get("pyodide")):
        return Incomplete("it names no folder.")
    try:
        return read_distribution(course / str(named))
    except Incomplete as problem:
        return problem


def note_pyodide(app: Sphinx, config: Config) -> None:
    """Set what the cards of the exercises go by, before Sphinx compares settings with those of the last build."""
    FOUND[app] = found = find_pyodide(Path(app.srcdir).parent)
    config.do_it_here = found.version if isinstance(found, Distribution) else ""


def makes_pages(app: Sphinx) -> bool:
    """Tell whether this build makes our pages; on paper (the builder singlehtml) they are of no use."""
    return app.builder.name == "html" and bool(app.config.do_it_here)


def pyodide_of(app: Sphinx) -> Distribution:
    """Return the Pyodide of a build that makes our pages."""
    found = FOUND[app]
    assert isinstance(found, Distribution)
    return found


def places(app: Sphinx) -> tuple[str, str]:
    """Return the folders of Pyodide and of our scripts in the built book."""
    return f"{PYODIDE}/{pyodide_of(app).version}", f"{SCRIPTS}/{digest_of_files(script_files())}"


def pages_are_old(app: Sphinx, *_: object) -> list[str]:
    """Return one chapter where our scripts have changed, for Sphinx asks for our pages only if it makes others."""
    if not makes_pages(app) or all((Path(app.outdir) / place).is_dir() for place in places(app)):
        return []
    return list(exercises_of(app))[:1]


def collect_pages(app: Sphinx) -> Iterator[tuple[str, dict, str]]:
    """Write what the pages load, and hand the pages to Sphinx, which puts the theme around them."""
    exercises, book = exercises_of(app), Path(app.outdir)
    if not makes_pages(app) or not exercises:
        return
    pyodide, scripts = places(app)
    copy_to(pyodide_of(app), book / pyodide)
    copy_files(script_files(), book / scripts)
    mistakes = "../which_mistake.html" if "which_mistake" in app.env.found_docs else ""
    around = Surroundings(f"../{pyodide}/", f"../{scripts}/", pyodide_of(app).sizes, mistakes)
    for slug, files in exercises.items():
        copy_files({path.name: path for path in files}, book / FOLDER / slug)
        try:
            page = make_page(slug, files, sections_of(app.env, slug), around)
        except ValueError as error:
            logger.warning("%s cannot be done in the page: %s", files[0].name, error, type="do_it_here")
            continue
        title = f"{page.title} — exercise"
        context = {"title": title, "pagetitle": title, "body": page.body, "in_page_scripts": around.scripts}
        context["chapter"] = slug  # which the menu marks
        yield f"{FOLDER}/{slug}", context, "in_page.html"


def sections_of(env: BuildEnvironment, page: str) -> dict[str, str]:
    """Return the sections of a page: title to the name of its anchor."""
    links = (link for link in env.tocs[page].findall(nodes.reference) if link.get("anchorname"))
    return {link.astext().translate(STRAIGHT): link["anchorname"].removeprefix("#") for link in links}


def tidy_up(app: Sphinx, exception: Exception | None) -> None:
    """Take away what an earlier build left, and say why exercises cannot be done in their pages where that is so."""
    if exception or app.builder.format != "html":
        return
    exercises, book = exercises_of(app), Path(app.outdir)
    kept = [book / FOLDER / f"{slug}.zip" for slug in exercises]
    if exercises and makes_pages(app):
        kept += [book / place for place in places(app)]
        kept += [book / FOLDER / f"{slug}{end}" for slug in exercises for end in ("", ".html")]
    for folder in (FOLDER, PYODIDE, SCRIPTS):
        remove_others(book / folder, kept)
    if exercises and not app.config.do_it_here:
        logger.info(ABSENT, FOUND[app])


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_config_value("do_it_here", "", "env")
    app.connect("config-inited", note_pyodide)
    app.connect("env-get-outdated", pages_are_old)
    app.connect("html-collect-pages", collect_pages)
    app.connect("build-finished", tidy_up)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
