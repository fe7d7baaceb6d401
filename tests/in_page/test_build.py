"""A small book with exercises, built with a Pyodide at hand and without one."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.built_book import ROOT, build
from tests.in_page.released import cells_of, files_of, straight
from tests.in_page.small_pyodide import LOCK, NEEDED, write_pyodide
from tests.site.built_page import read
from tests.site.test_html import dead_links

pytestmark = pytest.mark.slow

NUMPY, TENSORFLOW = "02_dot_product_attention", "04_scaled_dot_product_attention"
PAGE = """\
# Chapter {slug}

## A softmax that survives

Yes.

## The same in TensorFlow: "I love you"

Too.

## Exercise

```{{exercise-card}} {slug}
:minutes: 5
:difficulty: easy
```
"""


class Course:
    """A course with two chapters of few words, whose pages run nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.html, self.pyodide = folder, folder / "_build" / "html", folder / ".pyodide"
        for name in ("_ext", "_static"):
            without = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / "book" / name, folder / "book" / name, ignore=without)
        shutil.copy(ROOT / "_config.yml", folder)
        pages = "".join(f"- file: {slug}\n" for slug in (NUMPY, TENSORFLOW))
        self.write("book/_toc.yml", f"format: jb-book\nroot: index\nchapters:\n{pages}")
        self.write("book/index.md", "# A book\n")
        for slug in (NUMPY, TENSORFLOW):
            shutil.copytree(ROOT / "exercises" / slug, folder / "exercises" / slug)
            self.write(f"book/{slug}.md", PAGE.format(slug=slug))
        write_pyodide(self.pyodide)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def build(self) -> str:
        """Build as `make book` does; return what was said."""
        result = build(self.folder)
        said = result.stdout + result.stderr
        assert result.returncode == 0, said[-3000:]
        return said

    def source(self, page: str) -> str:
        return (self.html / f"{page}.html").read_text(encoding="utf-8")

    def soup(self, page: str) -> BeautifulSoup:
        return BeautifulSoup(self.source(page), "html.parser")

    def files(self, place: str) -> set[str]:
        """Return all files below a place in the built book."""
        folder = self.html / place
        return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Return a course whose book is built with Pyodide."""
    made = Course(tmp_path_factory.mktemp("course"))
    assert "cannot be done" not in made.build()
    return made


# --- with a Pyodide -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", [NUMPY, TENSORFLOW])
def test_the_card_leads_to_the_page_first(course: Course, slug: str) -> None:
    [card] = course.soup(slug).select(".exercise-card")
    buttons = card.select("a.exercise-button")
    assert [button.text.split(" (")[0] for button in buttons] == ["Do it here", "Download the exercise"]
    assert buttons[0]["href"] == f"exercises/{slug}.html" and "do-it-here" in buttons[0]["class"]
    runs = "All but the parts with TensorFlow run in" if slug == TENSORFLOW else "It runs in"
    assert f"{runs} your browser, with nothing to install. Or unpack the zip" in " ".join(card.text.split())


@pytest.mark.parametrize("slug", [NUMPY, TENSORFLOW])
def test_the_page_is_one_of_the_book(course: Course, slug: str) -> None:
    page = course.soup(f"exercises/{slug}")
    title = "".join(cells_of(slug)[1]["source"]).splitlines()[0].removeprefix("# ")
    assert page.title.text == f"{title} — exercise — Attention, built by hand"
    assert [heading.text for heading in page.article.select("h1")] == [f"Exercise {int(slug[:2])}. {title}"]
    assert page.html["lang"] == "en"
    sidebar = page.select_one(".bd-sidebar-primary")
    assert {f"../{NUMPY}.html", f"../{TENSORFLOW}.html"} <= {link["href"] for link in sidebar.select("a")}
    marked = sidebar.select("li.current.active > a")  # its chapter's, which is another page
    assert [link["href"] for link in marked] == [f"../{slug}.html"] and not sidebar.select("[aria-current]")
    assert page.select_one("#pst-secondary-sidebar") is None
    assert page.select_one(".theme-switch-button") and page.select_one(".search-button")
    assert not page.select(".dropdown-download-buttons, .btn-download-source-button, [href*=_sources]")
    assert dead_links(course.html / "exercises" / f"{slug}.html") == []


def test_the_page_says_its_theme_before_the_first_sight_and_waits_for_no_script(course: Course) -> None:
    page = read(course.html / "exercises" / f"{NUMPY}.html")
    assert page.blocking == []
    assert "fontawesome" not in " ".join(page.loaded)
    here = course.html / "exercises"
    assert [one for one in page.loaded if one[:5] != "data:" and not (here / one.partition("?")[0]).is_file()] == []
    head = course.source(f"exercises/{NUMPY}").partition("</head>")[0]
    assert head.index("dataset.theme") < head.index("stylesheet")


@pytest.mark.parametrize("slug", [NUMPY, TENSORFLOW])
def test_the_cells_of_the_page_are_the_notebooks(course: Course, slug: str) -> None:
    found = course.soup(f"exercises/{slug}").select("#nb-cells > *")
    assert [cell["data-id"] for cell in found] == [cell["id"] for cell in cells_of(slug)]
    for shown, cell in zip(found, cells_of(slug), strict=True):
        if code := shown.select_one("pre.nb-source"):
            assert code.text == "".join(cell["source"])


@pytest.mark.parametrize("slug", [NUMPY, TENSORFLOW])
def test_the_released_files_lie_beside_the_page(course: Course, slug: str) -> None:
    assert course.files(f"exercises/{slug}") == {path.name for path in files_of(slug)}
    for path in files_of(slug):
        assert (course.html / "exercises" / slug / path.name).read_bytes() == path.read_bytes()


def test_only_what_the_pages_need_of_pyodide_is_in_the_book(course: Course) -> None:
    assert course.files("_static/pyodide") == {f"0.0.1/{name}" for name in NEEDED}
    place = course.soup(f"exercises/{NUMPY}").select_one("#notebook")
    assert place["data-pyodide"] == "../_static/pyodide/0.0.1/"
    sizes = json.loads(place.select_one("#notebook-facts").string)["bytes"]
    built = {path.name: path.stat().st_size for path in (course.html / "_static/pyodide/0.0.1").iterdir()}
    assert sum(sizes.values()) == sum(built.values()) and sizes["core"] > built[LOCK]


def test_the_scripts_lie_together_in_a_folder_of_their_own(course: Course) -> None:
    source = ROOT / "book" / "_ext" / "in_page"
    [digest] = (course.html / "_static" / "in_page").iterdir()
    scripts = {path.relative_to(source / "js").as_posix() for path in (source / "js").rglob("*") if path.is_file()}
    others = {path.name for path in [*source.glob("python/*.py"), *source.glob("*.css")]}
    assert course.files(f"_static/in_page/{digest.name}") == scripts | others
    assert {"page.js", "worker.js", "in_page.css"} <= scripts | others
    page = course.soup(f"exercises/{NUMPY}")
    there = f"../_static/in_page/{digest.name}/"
    assert page.select_one("#notebook")["data-kernel"] == there
    assert [script["src"] for script in page.select('script[type="module"]')] == [f"{there}page.js"]
    assert page.select_one(f'head link[rel="stylesheet"][href="{there}in_page.css"]')


@pytest.mark.parametrize("slug", [NUMPY, TENSORFLOW])
def test_sections_of_the_chapter_are_linked_and_no_others(course: Course, slug: str) -> None:
    page = course.soup(f"exercises/{slug}")
    facts = json.loads(page.select_one("#notebook-facts").string)
    assert facts["sections"] == {
        "A softmax that survives": f"../{slug}.html#a-softmax-that-survives",
        'The same in TensorFlow: "I love you"': f"../{slug}.html#the-same-in-tensorflow-i-love-you",
        "Exercise": f"../{slug}.html#exercise",
    }
    linked = {straight(link.text): link["href"] for link in page.select(".nb-prose a:not([href^='#task-'])")}
    asked = {name for name in facts["sections"] if f"*{name}*" in "".join(map(str, cells_of(slug)))}
    assert linked == {name: facts["sections"][name] for name in asked} and len(linked) == 1
    assert "What goes wrong" in [title.text for title in page.select(".nb-prose p > em:only-child")]


# --- changes, and no Pyodide --------------------------------------------------------------------------------------


def bare(page: str) -> str:
    """Return a chapter's page less the button and its words (and the digests that Sphinx gives addresses, or not)."""
    page = re.sub(r"\?v=[0-9a-f]+", "", page)
    page = re.sub(r'<a class="[^"]*do-it-here[^"]*" href="[^"]*">Do it here</a> ?', "", page)
    return re.sub(r"(?:It runs|All but [\w ]+ run) in your browser, with nothing to install. Or unpack", "Unpack", page)


def test_what_has_changed_is_made_anew_and_all_goes_with_pyodide(tmp_path: Path) -> None:
    course = Course(tmp_path)
    course.build()
    icons = (course.html / "_static" / "icons.css").read_bytes()
    assert "no targets are out of date" in course.build()
    assert (course.html / "_static" / "icons.css").read_bytes() == icons, "pages name the digest of what was there"

    # A script: other pages stay as they are, but for the one that Sphinx has to make.
    scripts = course.files("_static/in_page")
    script = tmp_path / "book" / "_ext" / "in_page" / "js" / "page.js"
    script.write_text(script.read_text(encoding="utf-8") + "// changed\n", encoding="utf-8")
    said = course.build()
    assert "targets for 0 source files" in said and "0 added, 1 changed" in said
    changed = course.files("_static/in_page")
    assert len(changed) == len(scripts) and not changed & scripts, "old scripts beside new ones"
    digest = next(iter(changed)).partition("/")[0]
    assert course.soup(f"exercises/{TENSORFLOW}").select_one("#notebook")["data-kernel"].endswith(f"/{digest}/")

    # A notebook.
    notebook = tmp_path / "exercises" / NUMPY / f"{NUMPY}.ipynb"
    released = notebook.read_text(encoding="utf-8")
    notebook.write_text(released.replace("You build the attention", "You now build the attention"), encoding="utf-8")
    course.build()
    assert "You now build the attention" in course.source(f"exercises/{NUMPY}")
    assert (course.html / "exercises" / NUMPY / notebook.name).read_bytes() == notebook.read_bytes()
    notebook.write_text(released, encoding="utf-8")
    course.build()
    with_button = {slug: course.source(slug) for slug in (NUMPY, TENSORFLOW)}

    # One file of Pyodide is lost: no button, no page, no file, one line. A chapter's page is what it is, less a link.
    lost = tmp_path / "lost"
    (course.pyodide / "python_stdlib.zip").rename(lost)
    for _ in range(2):
        said = [line for line in course.build().splitlines() if "attention: pyodide" in line]
        assert len(said) == 1 and "python_stdlib.zip is missing" in said[0] and "make pyodide" in said[0]
        assert course.files("exercises") == {f"{NUMPY}.zip", f"{TENSORFLOW}.zip"}
        assert not (course.html / "_static" / "in_page").exists() and not (course.html / "_static" / "pyodide").exists()
    for slug, page in with_button.items():
        assert "do-it-here" in page and "browser" not in course.source(slug)
        assert bare(page) == bare(course.source(slug))

    # It is there again.
    lost.rename(course.pyodide / "python_stdlib.zip")
    course.build()
    for slug, page in with_button.items():
        assert "do-it-here" in course.source(slug) and bare(course.source(slug)) == bare(page)
    assert f"{NUMPY}.html" in course.files("exercises")


def test_the_key_may_name_no_folder(tmp_path: Path) -> None:
    course = Course(tmp_path)
    settings = (ROOT / "_config.yml").read_text(encoding="utf-8")
    assert "  pyodide: .pyodide\n" in settings
    course.write("_config.yml", settings.replace("  pyodide: .pyodide\n", "  pyodide:\n"))
    assert "(attention: pyodide in _config.yml): it names no folder" in course.build()
    assert "do-it-here" not in course.source(NUMPY)


def test_a_notebook_that_makes_no_page_fails_the_build_and_is_named(tmp_path: Path) -> None:
    Course(tmp_path)
    notebook = tmp_path / "exercises" / TENSORFLOW / f"{TENSORFLOW}.ipynb"
    notebook.write_text(notebook.read_text(encoding="utf-8").replace('"### Task', '"<iframe></iframe>### Task', 1))
    result = build(tmp_path)
    assert result.returncode != 0
    assert f"{TENSORFLOW}.ipynb cannot be done in the page" in result.stdout + result.stderr
