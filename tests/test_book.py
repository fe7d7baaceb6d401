"""The book: what its pages may hold, how its figures are drawn, and that it builds, twice, or fails loudly."""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType, SimpleNamespace

import jupytext
import pytest
import yaml

from tests.built_book import BuiltBook, build, outputs_of_pages

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"
SOURCES = sorted((ROOT / "solutions").glob("[0-9][0-9]_*.py"))
SOLUTIONS = [path for path in SOURCES if not path.stem.endswith(("_key", "_wrong"))]
PAGES = sorted(BOOK.rglob("*.md"))


def load(path: Path) -> ModuleType:
    """Import a module of the book, which is no package."""
    spec = importlib.util.spec_from_file_location(f"book_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


textbook = load(BOOK / "_ext" / "pages" / "textbook.py")
plot_style = load(BOOK / "plot_style.py")


def code_cells(page: Path) -> list:
    """Return the code cells of a page; one without jupytext's header runs nothing, it shows commands and files."""
    if not page.read_text(encoding="utf-8").startswith("---\njupytext:"):
        return []
    return [cell for cell in jupytext.read(page).cells if cell.cell_type == "code"]


def defined_names(source: str) -> set[str]:
    """Return every name that a piece of code defines, assigns or imports, at any depth."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".")[0])
    return names


def graded_names(solution: Path) -> set[str]:
    """Return the functions and classes at the top level of the cells that hold a solution."""
    cells = re.split(r"^# %%.*$", solution.read_text(encoding="utf-8"), flags=re.MULTILINE)
    nodes = (node for cell in cells if "### BEGIN SOLUTION" in cell for node in ast.parse(cell).body)
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}


# --- what a page may hold -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("solution", SOLUTIONS, ids=lambda path: path.stem)
@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_no_page_defines_a_graded_name(page: Path, solution: Path) -> None:
    graded = graded_names(solution)
    assert graded, f"no graded function found in {solution.name}"
    for cell in code_cells(page):
        given_away = defined_names(cell.source) & graded
        assert not given_away, f"{page.name} defines {given_away}, which {solution.stem} asks for"


def test_a_given_away_solution_is_noticed(tmp_path: Path) -> None:
    solution = tmp_path / "99_topic.py"
    solution.write_text(
        "# %% solution='a'\ndef softmax(x):\n    ### BEGIN SOLUTION\n    return x\n"
        "    ### END SOLUTION\n# %%\ndef helper():\n    pass\n"
    )
    assert graded_names(solution) == {"softmax"}
    for source in ["def softmax(x): ...", "softmax = lambda x: x", "from m import f as softmax", "class softmax: ..."]:
        assert "softmax" in defined_names(source)
    assert "softmax" not in defined_names("weights = tf.nn.softmax(scores)")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_every_figure_has_a_caption_a_name_and_alternative_text(page: Path) -> None:
    for cell in code_cells(page):
        calls = [
            node
            for node in ast.walk(ast.parse(cell.source))
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "show"
        ]
        figure = cell.metadata.get("mystnb", {}).get("figure")
        assert bool(calls) == bool(figure), f"a figure cell needs show() and a figure entry:\n{cell.source}"
        for call in calls:
            assert len(figure["caption"]) > 40 and figure["name"].startswith("fig-")
            alt = next(ast.literal_eval(keyword.value) for keyword in call.keywords if keyword.arg == "alt")
            texts = [alt] if isinstance(alt, str) else alt
            assert all(len(text) > 40 for text in texts), "say what the figure shows"


def stored_names(page: Path) -> set[str]:
    """Return the names under which a page's code stores what its prose shows."""
    names = set()
    for cell in code_cells(page):
        for node in ast.walk(ast.parse(cell.source)):
            match node:
                case ast.Call(func=ast.Name("put"), keywords=keywords):
                    names |= {keyword.arg for keyword in keywords if keyword.arg}
                case ast.Call(func=ast.Name("glue"), args=[ast.Constant(name), *_]):
                    names.add(name)
    return names


@pytest.mark.parametrize("page", [page for page in PAGES if code_cells(page)], ids=lambda path: path.stem)
def test_what_a_page_computes_for_its_prose_is_shown(page: Path) -> None:
    stored, number = stored_names(page), re.match(r"(\d\d)_", page.name)
    prefix = f"ch{int(number[1])}_" if number else ""  # a chapter's `put` may add it
    shown = re.findall(r"\{glue:text\}`(\w+)", page.read_text(encoding="utf-8"))
    unused = {name for name in stored if not {name, f"{prefix}{name}"} & set(shown)}
    assert not unused, f"{page.name} stores {sorted(unused)}, which no sentence shows"
    assert stored or not number, f"{page.name} computes nothing for its prose"


# Figures are drawn by code: so they take the theme's colours, hold words that can be translated, and cannot grow
# stale. The one exception are screenshots of our own tools on the pages for instructors, which no code of a page
# can draw; they lie in one folder, are small, and are described in words.
SCREENSHOTS = BOOK / "teach" / "images"
MOST_SCREENSHOT = 300_000  # bytes
SCREENSHOT = re.compile(r"^:::\{figure\} images/([a-z_]+\.png)\n((?::.*\n)+)", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_no_pasted_images(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    if page.parent == SCREENSHOTS.parent:
        text = SCREENSHOT.sub("", text)
    assert not re.search(r"!\[[^\]]*\]\(|(```|:::)\{(image|figure)\}|<img\b|data:image", text)


def test_no_image_files_but_screenshots_that_are_used() -> None:
    suffixes = {".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp"}
    found = sorted(path for path in BOOK.rglob("*") if path.suffix.lower() in suffixes)
    texts = [page.read_text(encoding="utf-8") for page in sorted(SCREENSHOTS.parent.glob("*.md"))]
    used = {SCREENSHOTS / name for text in texts for name, _ in SCREENSHOT.findall(text)}
    assert found == sorted(used)
    for path in found:
        assert path.read_bytes().startswith(b"\x89PNG") and path.stat().st_size < MOST_SCREENSHOT, path.name


@pytest.mark.parametrize("page", sorted(SCREENSHOTS.parent.glob("*.md")), ids=lambda path: path.stem)
def test_every_screenshot_is_described(page: Path) -> None:
    for name, options in SCREENSHOT.findall(page.read_text(encoding="utf-8")):
        described = re.search(r"^:alt: (.+)$", options, re.MULTILINE)
        assert described and len(described[1]) > 60, f"say what {name} shows"


def test_contents_and_pages_agree() -> None:
    toc = yaml.safe_load((BOOK / "_toc.yml").read_text(encoding="utf-8"))
    listed = [toc["root"]] + [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    written = [path.relative_to(BOOK).with_suffix("").as_posix() for path in PAGES]
    assert sorted(listed) == sorted(written), "each page has one line in book/_toc.yml, and each line a page"


# --- figures and cards --------------------------------------------------------------------------------------------


def small_figure(number: int):
    figure, ax = plot_style.new_figure()
    plot_style.token_heatmap(ax, [[0.25, 0.75], [0.9, 0.1]], ["a", "b"], ["c", "d_k"], title=f"drawing {number}")
    return figure


def test_svg_is_described_and_takes_the_theme_colours() -> None:
    svg = plot_style.svg_of(small_figure(1), 'two "words" & <weights>')
    assert svg.startswith('<svg role="img" aria-label="two &quot;words&quot; &amp; &lt;weights&gt;"')
    assert "currentColor" in svg and not any(stand_in in svg for stand_in in (plot_style.INK, plot_style.HEAT))
    assert "drawing 1" in svg, "words stay words"
    assert set(re.findall(r"font-family: (\S+?),", svg)) == {"var(--pst-font-family-base"}, "words as in the text"
    assert "<image" not in svg and "<metadata" not in svg and "\n\n" not in svg


def test_svg_names_do_not_collide_and_are_stable() -> None:
    one, two = (plot_style.svg_of(small_figure(number), "x") for number in (1, 2))
    ids = [set(re.findall(r'id="([^"]+)"', svg)) for svg in (one, two)]
    assert ids[0] and not ids[0] & ids[1]
    assert one == plot_style.svg_of(small_figure(1), "x")


@pytest.mark.parametrize(
    ("width", "size", "fits"), [(320, 8.5, True), (320, 8, False), (350, 9, True), (560, 9, False)]
)
def test_words_in_a_figure_can_be_read_on_a_phone(width: int, size: float, fits: bool) -> None:
    figure, ax = plot_style.new_figure(width, 200)
    ax.set_axis_off()
    ax.text(0.5, 0.5, "a word", fontsize=size)
    with nullcontext() if fits else pytest.raises(ValueError, match='"a word" has .* pixels on a phone'):
        plot_style.svg_of(figure, "A word.")


def test_lines_below_each_other_are_centred_in_any_typeface():
    figure, ax = plot_style.new_figure(300, 200)
    ax.set(xlim=(0, 10), ylim=(0, 10))
    ax.text(3, 5, "encoder\nself-attention", ha="center", va="center")
    ax.text(8, 5, "decoder\nself-attention", ha="right", va="center")
    svg = plot_style.svg_of(figure, "two boxes")
    lines = re.findall(r'text-anchor: (\w+)" transform="translate\(([\d.]+) [\d.]+\)">([^<]+)</text>', svg)
    places = {anchor: {x for one, x, _ in lines if one == anchor} for anchor in ("middle", "end")}
    assert [words for _, _, words in lines] == ["encoder", "self-attention", "decoder", "self-attention"]
    assert [len(places[anchor]) for anchor in ("middle", "end")] == [1, 1]


def test_small_letters_of_unicode_are_set_as_large_as_other_subscripts():
    figure, ax = plot_style.new_figure(300, 200)
    ax.text(0.5, 0.5, "[aₜ; sₜ₋₁], d_k, 10⁻¹⁵")
    svg = plot_style.svg_of(figure, "labels")
    assert re.findall(r'<tspan dy="(-?\d)" font-size="75%">([^<]+)<', svg) == [
        ("2", "t"), ("2", "t−1"), ("2", "k"), ("-3", "−15")
    ]  # fmt: skip


def test_show_asks_for_one_description_per_figure() -> None:
    with pytest.raises(ValueError, match="2 figures need 2 alternative texts, got 1"):
        plot_style.show(small_figure(1), small_figure(2), alt="only one")


def test_points_are_read_from_the_notebook() -> None:
    def cell(**nbgrader):
        return {"metadata": {"nbgrader": nbgrader} if nbgrader else {}}

    cells = [
        cell(),
        cell(grade=False, solution=True),
        cell(grade=True, points=0, solution=False),
        cell(grade=True, points=2, solution=False),
        cell(grade=True, points=3, solution=False),
        cell(grade=True, points=4, solution=True),
    ]
    assert textbook.describe_points({"cells": cells}) == "2 checks and 1 written question, 9 points"


def test_cache_key_follows_the_shared_code(tmp_path: Path) -> None:
    def key() -> str:
        config = SimpleNamespace()
        textbook.key_cache_by_shared_code(SimpleNamespace(srcdir=tmp_path, outdir=tmp_path / "html"), config)
        return config.nb_execution_cache_path

    (tmp_path / "plot_style.py").write_text("INK = 1")
    before = key()
    assert key() == before
    (tmp_path / "plot_style.py").write_text("INK = 2")
    assert key() != before


# --- builds (see tests/site/test_rebuild.py too) --------------------------------------------------------------------


def tiny_book(folder: Path, cell: str) -> Path:
    """Write a book of one page with one code cell, under the settings of the real one."""
    shutil.copy(ROOT / "_config.yml", folder)
    shutil.copytree(BOOK / "_ext", folder / "book" / "_ext", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "book" / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    chapter = (BOOK / "04_scaled_dot_product_attention.md").read_text(encoding="utf-8")
    front_matter = chapter[: chapter.index("\n---\n", 4) + 5]
    (folder / "book" / "index.md").write_text(f"{front_matter}# A page\n\n```{{code-cell}} ipython3\n{cell}\n```\n")
    return folder


def test_a_raising_cell_fails_the_build_every_time(tmp_path: Path) -> None:
    folder = tiny_book(tmp_path, "raise ValueError('this page is wrong')")
    for attempt in (1, 2):
        result = build(folder, "--all")
        assert result.returncode != 0, f"attempt {attempt} passed"
        assert "this page is wrong" in result.stdout + result.stderr


@pytest.mark.slow
def test_the_book_builds_twice_without_warnings_or_outside_files(built_book: BuiltBook, tmp_path: Path) -> None:
    if built_book.said and not outputs_of_pages():
        assert "Executing notebook" in built_book.said
    shutil.copytree(built_book.folder, tmp_path, symlinks=True, dirs_exist_ok=True)
    second = build(tmp_path, "--all")
    assert second.returncode == 0, second.stdout[-3000:] + second.stderr[-3000:]
    assert "Executing notebook" not in second.stdout + second.stderr, "the second build ran the pages again"

    for page in PAGES:
        html = (tmp_path / "_build" / "html" / page.relative_to(BOOK)).with_suffix(".html").read_text(encoding="utf-8")
        loaded = re.findall(r'<(?:script|img|iframe)[^>]*\ssrc="(https?:[^"]*)|<link[^>]*\shref="(https?:[^"]*)', html)
        assert loaded == [], "the page asks another server for files"
        drawings = re.findall(r'<div class="book-figure">', html)
        text = page.read_text(encoding="utf-8")
        screenshots, handled = (
            SCREENSHOT.findall(text),
            re.findall(r"^```\{interactive\} \w+\n---$", text, re.MULTILINE),
        )
        assert html.count('src="../_images/') == len(screenshots)
        numbered = re.findall(r'<span class="caption-number">Fig\. \d+', html)
        assert len(numbered) == len(drawings) + len(screenshots) + len(handled)
        assert html.count('<svg role="img" aria-label="') >= len(drawings)
        assert "TF_CPP" not in html and "oneDNN" not in html
