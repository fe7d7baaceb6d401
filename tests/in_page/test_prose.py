"""The prose of a page: formulas are set, hints open, headings step down, sections are linked, nothing else gets in."""

from __future__ import annotations

import hashlib
import json
import re

import pytest
from bs4 import BeautifulSoup

from tests.chapters import ROOT, key_of
from tests.in_page.extension import load
from tests.in_page.released import AROUND, SLUGS, article, cells_of, checks_of, files_of, straight
from tests.site.test_html import steps_too_far

page, prose = load("page"), load("prose")
CODE = re.compile(r"(`+)(?:(?!\1)[\s\S])+\1")
FORMULA = re.compile(r"(\$\$?)(?=\S)(?:[^$])+?\1")
# What stands in raw text and should not: a word with an underscore, and a shape, as "(B, T)", "(d,)" or "(n, t + n)".
SYMBOL = r"(?:\.\.\.|…|\d+|[^\W\d_])"
TERM = rf"{SYMBOL}(?: [-+*/·] {SYMBOL})*"
UNDRESSED = re.compile(rf"\S*_\S*|\({TERM}(?:,|(?:, {TERM})+)\)")


def sources(slug: str) -> list[str]:
    """Return the Markdown of the cells that are prose."""
    found = (cell for cell in cells_of(slug) if cell["cell_type"] == "markdown" and "nbgrader" not in cell["metadata"])
    return ["".join(cell["source"]) for cell in found]


def one(source: str, sections: dict[str, str] | None = None) -> BeautifulSoup:
    """Return a cell below a title as HTML."""
    setter = prose.Prose(sections or {})
    assert setter.html("# A title") == ""
    return BeautifulSoup(setter.html(source), "html.parser")


# --- the released notebooks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", SLUGS)
def test_the_list_of_tasks_leads_to_each_task_and_its_graded_cells_are_known(slug: str) -> None:
    found = article(slug)
    links = found.select('.nb-prose td > a[href^="#task-"]')
    headings = [heading["id"] for heading in found.select('[id^="task-"]')]
    assert [link["href"] for link in links] == [f"#{name}" for name in headings] and len(headings) > 1
    assert [link.text.split()[0] for link in links] == [name.removeprefix("task-") for name in headings]
    graded = found.select('[data-kind="check"], [data-kind="written"]')
    assert {f"task-{cell['data-task']}" for cell in graded} == set(headings)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_formula_is_set_and_nothing_is_left_of_the_markdown(slug: str) -> None:
    wanted = sum(len(FORMULA.findall(CODE.sub("", source))) for source in sources(slug))
    parts = article(slug).select(".nb-prose")
    assert sum(len(part.select(".katex-html")) for part in parts) == wanted
    for part in parts:
        part = BeautifulSoup(str(part), "html.parser")
        for element in part.select("code, .math"):
            element.decompose()
        assert not re.search(r"[$`<>\\|]|\*\S|\S\*|^#|&lt;|details", part.text, re.MULTILINE), part.text


def test_the_released_notebooks_have_formulas_in_lines_and_between_them() -> None:
    assert sum(len(article(slug).select("span.math")) for slug in SLUGS) > 20
    assert sum(len(article(slug).select("div.math > .katex-display")) for slug in SLUGS) > 5


def undressed(sources: list[str]) -> list[str]:
    """Return what should be a formula or code: in text and titles of links, not in code, formulas and addresses."""
    markdown = prose.Prose({}).markdown
    inline = [child for source in sources for token in markdown.parse(source) for child in token.children or []]
    text = "".join(child.content if child.type == "text" else " " for child in inline)
    return UNDRESSED.findall(text)


@pytest.mark.parametrize("slug", SLUGS)
def test_symbols_are_formulas_and_names_are_code(slug: str) -> None:
    """In what learners read and, in the solved notebook, in the written answers and what is said of them."""
    solved = json.loads((ROOT / "solutions" / slug / f"{slug}.ipynb").read_text(encoding="utf-8"))["cells"]
    assert undressed(sources(slug)) == []
    assert undressed(["".join(cell["source"]) for cell in solved if cell["cell_type"] == "markdown"]) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_formulas_are_written_as_in_the_chapters_and_without_what_the_book_alone_knows(slug: str) -> None:
    """Jupyter, VS Code and Colab set them too: there the book's commands for colours are unknown."""
    formulas = [found[0] for source in sources(slug) for found in FORMULA.finditer(CODE.sub("", source))]
    odd = re.compile(r"\\(query|key|val|html\w*)\b|\\text\{(softmax|attention|score)\}|\^\{?T\b")
    assert [formula for formula in formulas if odd.search(formula)] == []


@pytest.mark.parametrize(
    "raw", ["s_t", "HELD_BACK", "(B, T)", "(u,)", "(..., T, 1)", "(n, t + n)", "(0, 1)", "d_k = 2"]
)
def test_a_symbol_in_raw_text_is_found(raw: str) -> None:
    assert undressed([f"It is {raw}."]) and undressed([f"| a |\n|---|\n| {raw} |"]) and undressed([f"# A *{raw}*"])
    assert undressed([f"`{raw}` and $ {raw} $", f"```\n{raw}\n```", f"    {raw}", "[a](https://a.org/b_c)"]) == []
    assert undressed(["(a) is (so, it says) of (5) or ($B$, $T$)"]) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_hints_stand_in_each_other_as_in_the_notebook(slug: str) -> None:
    hints = [source for source in sources(slug) if source.startswith("<details>")]
    found = article(slug).select('[data-id^="hints-"]')
    assert len(found) == len(hints) == len(checks_of(slug)) > 0
    for cell, source in zip(found, hints, strict=True):
        deepest = cell.select("details")[-1]
        assert len(list(deepest.parents)) - len(list(cell.parents)) == source.count("<details>")
        assert [summary.text for summary in cell.select("details > summary")] == re.findall(r"<summary>(.+?)<", source)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_notebooks_title_is_the_pages_and_headings_step_down(slug: str) -> None:
    title, *others = re.findall(r"^#+ (.+)$", "\n\n".join(sources(slug)), re.MULTILINE)
    headings = article(slug).find_all(re.compile("^h[1-6]$"))
    assert [straight(heading.text) for heading in headings] == [title, *others]
    levels = [int(heading.name[1]) for heading in headings]
    assert levels.count(1) == 1 and steps_too_far(levels) == []
    assert headings[0].parent.select_one("#notebook"), "the title stands above the notebook"


@pytest.mark.parametrize("slug", SLUGS)
def test_sections_that_tasks_name_are_linked(slug: str) -> None:
    linked = {straight(link.text) for link in article(slug).select(".nb-prose p > a > em")}
    assert {check["read"] for check in checks_of(slug).values()} - linked <= {"What goes wrong"}
    for link in article(slug).select(".nb-prose a"):
        assert re.fullmatch(rf"\.\./{slug}\.html#a-\d+|#task-\d+", link["href"])


# --- one cell -----------------------------------------------------------------------------------------------------


def test_a_title_in_italics_is_a_link_where_the_chapter_has_the_section() -> None:
    sections = {'The "same"': "../x.html#the-same"}
    assert one('*The "same"*', sections).a["href"] == "../x.html#the-same"
    for source in ("*Another*", 'See *The "same"*', '**The "same"**', 'The "same"', '- *The "same"*\n- b'):
        assert one(source, sections).a is None or source.startswith("-")


def test_headings_are_lifted_only_where_a_level_is_left_out() -> None:
    headings = one("### a\n\n## b\n\n### c\n\n##### d\n\n# e").find_all()
    assert [heading.name for heading in headings] == ["h2", "h2", "h3", "h4", "h2"]


def test_code_is_escaped_and_python_has_colours() -> None:
    html = one("`a < b & $c$`\n\n```python\ndef f(): return 1 < 2\n```\n\n```\n<b>&\n```")
    assert [code.text for code in html.select("code")] == ["a < b & $c$", "def f(): return 1 < 2\n", "<b>&\n"]
    assert html.select_one("pre.highlight .k").text == "def" and html.b is None and not html.select(".katex")


def test_quotes_are_curly_outside_of_code() -> None:
    assert one("It's \"so\", says `d[\"x']`; the check's").text.strip() == "It’s “so”, says d[\"x']; the check’s"


def test_an_empty_corner_of_a_table_is_no_heading() -> None:
    row, other = one("| | a |\n|---|---|\n| | 1 |").find_all("tr")
    assert [cell.name for cell in row.find_all(True)] == ["td", "th"]
    assert [cell.name for cell in other.find_all(True)] == ["td", "td"]


def test_a_formula_stays_on_a_line_with_its_brackets_and_stops() -> None:
    html = one("It is ($x$), or $y$. *And $z$!* But $w$ goes on.")
    assert [span.get_text()[0] + span.get_text()[-1] for span in html.select("span.unbroken")] == ["(,", "y.", "z!"]
    for math in html.select(".math"):
        math.replace_with("M")
    assert html.text.strip() == "It is (M), or M. And M! But M goes on."
    (whole,) = one("There are $u = 2$ units, and $1000 + 1000 + 1000$ more.").select("span.unbroken")
    assert whole.annotation.text == "u = 2"


def test_a_number_stays_with_its_name_and_code_as_it_is() -> None:
    html = one("See *chapter 4* and chapter\n5: `chapter 6`, 3 kB and [chapter 7](https://example.org).")
    assert html.text.strip() == "See chapter_4 and chapter_5: chapter 6, 3_kB and chapter_7.".replace("_", "\xa0")
    assert html.em.text == "chapter\xa04" and html.code.text == "chapter 6" and html.a.text == "chapter\xa07"


def test_a_word_with_a_hyphen_stays_whole_and_code_as_it_is() -> None:
    html = one("The top-k of *n-grams* in [5-grams](https://example.org), `top-p`.")
    assert html.text.strip() == "The top-k of n-grams in 5-grams, top-p."
    assert [word.text for word in html.select("span.whole")] == ["top-k", "n-grams", "5-grams"]


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "<details onclick='alert(1)'><summary>x</summary></details>",
        "<details><summary><b>x</b></summary></details>",
        "<!-- hidden -->",
        "![a picture](a.png)",
        "[here](../book/page.md)",
        "[there](http://example.org)",
    ],
)
def test_other_markup_is_refused(source: str) -> None:
    with pytest.raises(prose.UnknownProse):
        one(source)


def test_a_link_to_the_web_and_an_entity_are_welcome() -> None:
    html = one("[there](https://example.org/?a=1&b=2) &lt;b&gt; 1 < 2")
    assert html.a["href"] == "https://example.org/?a=1&b=2" and "<b> 1 < 2" in html.text and html.b is None


def test_a_formula_that_katex_does_not_know_is_an_error() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        one(r"$\nonsense$")


def test_a_notebook_without_a_title_is_an_error() -> None:
    for source in ("Some text.\n\n# A title", "## A title", ""):
        with pytest.raises(prose.UnknownProse, match="title"):
            prose.Prose({}).html(source)


# --- the page around ----------------------------------------------------------------------------------------------


def test_a_title_with_markup_is_text_in_the_tab_and_html_on_the_page(tmp_path) -> None:
    cells = [{"id": "a", "cell_type": "markdown", "metadata": {}, "source": "# Rows & `<pad>`"}]
    paths = [tmp_path / name for name in ("x.ipynb", "check.py", "reference.json")]
    paths[0].write_text(json.dumps({"cells": cells}))
    paths[2].write_text('{"checks": {}}')
    made = page.make_page("x", paths, {}, AROUND)
    assert made.title == "Rows & <pad>"
    assert "<h1>Rows &amp; <code>&lt;pad&gt;</code></h1>" in made.body


def test_python_gets_what_else_the_notebook_reads(tmp_path) -> None:
    paths = [tmp_path / name for name in ("x.ipynb", "check.py", "reference.json", "model.py")]
    paths[0].write_text(json.dumps({"cells": [{"id": "a", "cell_type": "markdown", "metadata": {}, "source": "# X"}]}))
    paths[2].write_text('{"checks": {}}')
    html = BeautifulSoup(page.make_page("x", paths, {}, AROUND).body, "html.parser")
    facts = json.loads(html.select_one("script#notebook-facts").string)
    assert facts["files"] == ["check.py", "reference.json", "model.py"]


def test_the_script_finds_all_that_it_needs() -> None:
    slug = "02_dot_product_attention"
    sections = {"Exercise": "exercise", "</script><b>": "x"}
    body = page.make_page(slug, files_of(slug), sections, AROUND).body
    html = BeautifulSoup(body, "html.parser")
    place = html.select_one("#notebook")
    assert (place["data-slug"], place["data-files"]) == (slug, f"{slug}/")
    assert (place["data-pyodide"], place["data-kernel"]) == ("../_static/pyodide/0/", "../_static/in_page/0/")
    assert json.loads(place.select_one("script#notebook-facts").string) == {
        "sections": {"Exercise": f"../{slug}.html#exercise", "</script><b>": f"../{slug}.html#x"},
        "mistakes": "",
        "bytes": {"core": 1, "numpy": 2, "matplotlib": 3},
        "files": ["check.py", "reference.json"],
        "release": hashlib.sha256(files_of(slug)[2].read_bytes()).hexdigest()[:12],
    }
    assert [child["id"] for child in place.find_all("div", recursive=False)] == ["nb-bar", "nb-notices", "nb-cells"]
    assert place.noscript.a["href"] == f"../{slug}.html#exercise"
    assert html.select_one('script[type="module"]')["src"] == "../_static/in_page/0/page.js"
    assert html.select_one(".nb-back a")["href"] == f"../{slug}.html#exercise"


def test_the_script_knows_whose_answers_it_may_bring() -> None:
    slug = "12_your_transformer_speaks"
    facts = json.loads(article(slug).select_one("script#notebook-facts").string)
    assert facts["gathers"] == {"by": "speaks", "from": list(key_of(slug).gathers)}
    assert f"{facts['gathers']['by']}.py" in facts["files"]
