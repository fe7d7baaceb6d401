"""The search: what is found, and in which order; run by QuickJS on the sections of the book, without a browser."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import quickjs
from docutils import nodes
from pybtex.database import BibliographyData, Entry, Person
from sphinx import addnodes

from tests.built_book import ROOT, BuiltBook
from tests.extensions import extension
from tests.site.pages import CHAPTERS, PAGES

FOLDER = ROOT / "book" / "_ext" / "search"
NPM = ROOT / "node_modules" / "minisearch"
ROOM = ("sections", "named", "plain_formula", "site_search")
sections, named, plain_formula, site_search = (extension(name, "search") for name in ROOM)


@pytest.fixture(scope="module")
def engine(built_book: BuiltBook) -> quickjs.Context:
    """Return an engine that has read what a page of the built book loads."""
    context, there = quickjs.Context(), built_book.html / "_static" / "search"
    for name in ("minisearch.js", "ranking.js", "sections.js"):
        context.eval((there / name).read_text(encoding="utf-8"))
    return context


@pytest.fixture
def find(engine: quickjs.Context) -> Any:
    """Return a function that searches: addresses in their order, and whether they are only close."""

    def search(query: str) -> tuple[list[str], bool]:
        found = json.loads(engine.eval(f"JSON.stringify(BookSearch.find({json.dumps(query)}))"))
        return [f"{one['page']}#{one['anchor']}" for one in found["results"]], found["close"]

    return search


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("mask", "06_masks#"),
        ("Masks", "06_masks#"),
        ("multi-head attention", "05_multi_head_attention#"),
        ("scaled dot product", "04_scaled_dot_product_attention#"),
        ("bahdanau", "03_bahdanau_attention#"),
        ("chatbot", "08_training_a_chatbot#"),
    ],
)
def test_the_chapter_of_that_name_comes_first(find: Any, query: str, first: str) -> None:
    found, close = find(query)
    assert (found[0], close) == (first, False)


def test_titles_come_before_texts(find: Any) -> None:
    found, _ = find("softmax")
    assert "02_dot_product_attention#a-softmax-that-survives" in found[:3] and "glossary#term-softmax" in found[:4]


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("sotfmax", "glossary#term-softmax"),
        ("attentoin", "02_dot_product_attention#"),
        ("mulit-head", "05_multi_head_attention#"),
        ("Bahdanua", "03_bahdanau_attention#"),
        ("posotional encodimg", "07_transformer#"),
    ],
)
def test_a_typing_error_is_forgiven_and_said(find: Any, query: str, meant: str) -> None:
    found, close = find(query)
    assert close and meant.partition("#")[0] in [one.partition("#")[0] for one in found[:5]]


def test_korean_and_the_beginning_of_a_word_are_found(find: Any) -> None:
    found, close = find("고마")
    assert not close and any(one.startswith("08_training_a_chatbot#") for one in found)
    assert find("tokeni")[0] and not find("tokeni")[1]


def test_names_in_code_are_found(find: Any) -> None:
    assert any(one.startswith("08_training_a_chatbot#") for one in find("masked_loss")[0])


def test_what_is_nowhere_is_not_found(find: Any) -> None:
    assert find("qqqqqqqqqqqqqq") == ([], False) and find("   ")[0] == []


def test_each_page_is_there_without_markup_and_json(built_book: BuiltBook, engine: quickjs.Context) -> None:
    written = json.loads(engine.eval("JSON.stringify(BookSearch.sections)"))
    assert {section[0] for section in written} == set(PAGES)
    for page, anchor, title, chapter, text, _, weight in written:
        assert title and chapter and weight > 0
        assert not re.search(r'\\frac|\\begin|\\mathbf|</(div|span|p)>|"(cell_type|source|metadata)":', text), (
            page,
            anchor,
        )
        if anchor:
            assert f'id="{anchor}"' in (built_book.html / f"{page}.html").read_text(encoding="utf-8")
    assert [section[0] for section in written if section[0] in CHAPTERS and not section[1]] == CHAPTERS


def test_a_sentence_with_the_words_is_shown_with_the_words_marked(engine: quickjs.Context) -> None:
    found = json.loads(engine.eval('JSON.stringify(BookSearch.find("look-ahead mask").results[0])'))
    marked = [text.lower() for text, is_found in found["parts"] if is_found]
    assert {"look", "ahead"} <= set(marked)


def test_all_that_is_found_can_be_asked_for(engine: quickjs.Context) -> None:
    ask = "JSON.stringify([BookSearch.find('mask'{}), BookSearch.MOST])"
    first, most = json.loads(engine.eval(ask.format("")))
    assert len(first["results"]) == most < first["total"], "a word that more sections have than are shown at once"
    whole, _ = json.loads(engine.eval(ask.format(f", {first['total']}")))
    assert len(whole["results"]) == first["total"] == whole["total"]
    assert whole["results"][:most] == first["results"]


SOURCE = re.compile(r"\\[a-z]+|\$[^$\s]|\binfty\b|[\ue000\ue001]|\b(?:eq|fig)-[a-z]|\b[a-z]+(?:19|20)\d\d[a-z]*\b")


def test_no_section_has_letters_that_no_page_shows(built_book: BuiltBook, engine: quickjs.Context) -> None:
    def as_printed(text: str) -> str:
        return text.replace(r"\u202e", "").replace("${student", "")  # the pages themselves show these

    written = json.loads(engine.eval("JSON.stringify(BookSearch.sections)"))
    found = {
        (page, anchor): SOURCE.findall(as_printed(f"{title}\n{text}")) for page, anchor, title, _, text, *_ in written
    }
    assert {place: words for place, words in found.items() if words} == {}


@pytest.mark.parametrize(
    ("tex", "letters"),
    [
        (r"-\infty", "−∞"),
        (r"d_\text{model}", "d_model"),
        (r"W_a^\top\tanh(W_b s_{t-1})", "W_aᵀ tanh(W_b s_(t − 1))"),
        (r"-\sum_i \alpha_i \log_2 \alpha_i", "−∑_i α_i log_2 α_i"),
        (r"\sin a\cos b = \tfrac{1}{2}", "sin a cos b = 1/2"),
        (r"(d_x,)", "(d_x,)"),
        (r"10^{-2i/d}", "10^(−2i/d)"),
        (r"\sqrt{a+b}", "√(a + b)"),
        (r"\query{q}\cdot\key{k}", "q ⋅ k"),
        (r"\nosuch", r"\nosuch"),
    ],
)
def test_a_formula_in_a_snippet_is_plain_letters(tex: str, letters: str) -> None:
    assert plain_formula.plain_formula(tex) == letters


def test_citations_and_references_are_words() -> None:
    people = [Person("van Dyk, Ada"), Person("Cho, Ben"), Person("Lee, Eun")]
    known = BibliographyData({"a2001": Entry("article", {"year": "2001"}, {"author": people})})
    known.entries["b2002"] = Entry("article", {"year": "2002"}, {"author": people[1:]})
    assert named.cited(["a2001"], known, in_brackets=False) == "van Dyk et al. (2001)"
    assert named.cited(["b2002", "a2001"], known, in_brackets=True) == "(Cho and Lee, 2002; van Dyk et al., 2001)"
    about = {"refdomain": "std", "reftype": "numref", "reftarget": "fig-a", "refexplicit": False}
    line = nodes.paragraph("", "", nodes.Text("See "), addnodes.pending_xref("", nodes.inline("", "fig-a"), **about))
    text = sections.words(line)
    assert named.MARK.sub(lambda found: f"[{found[1]} {found[2]}]", text) == "See [numbered fig-a]"


def test_formulas_within_a_line_are_letters_once_and_folded_code_is_left_out() -> None:
    section = nodes.section("", nodes.title("", "Scale"), ids=["scale"])
    line = nodes.paragraph("", "", nodes.Text("Divide by "), nodes.math("", r"\sqrt{d_k}"), nodes.Text("."))
    folded = nodes.container("", nodes.literal_block("", "secret = 1"), classes=["cell", "tag_hide-input"])
    plain = nodes.container("", nodes.literal_block("", "shown = scale(2)"), classes=["cell"])
    section += [line, nodes.math_block("", r"\frac{a}{b}"), folded, plain, nodes.raw("", '{"a": 1}', format="html")]
    tree = nodes.document("", "")
    tree += section
    (found,) = sections.sections_of("04_scale", tree)
    assert (found.text, found.code) == ("Divide by √d_k.", "shown scale")


def test_the_book_on_one_page_finds_the_styles_of_the_search(tmp_path: Path) -> None:
    builder = SimpleNamespace(name="singlehtml", format="html", search=True)
    site_search.begin(SimpleNamespace(builder=builder, outdir=str(tmp_path)))
    assert (tmp_path / "_static" / "search" / "search.css").is_file()


def test_words_of_a_glossary_are_found_by_themselves() -> None:
    term = nodes.term("", "mask", ids=["term-mask"])
    entry = nodes.definition_list_item("", term, nodes.definition("", nodes.paragraph("", "Hides keys.")))
    section = nodes.section("", nodes.title("", "Glossary"), ids=["glossary"])
    section += addnodes.glossary("", nodes.definition_list("", entry))
    tree = nodes.document("", "")
    tree += section
    whole, word = sections.sections_of("glossary", tree)
    assert (word.title, word.anchor, word.text, word.chapter) == ("mask", "term-mask", "Hides keys.", "Glossary")
    assert "Hides" not in whole.text


def test_the_shipped_script_is_that_of_npm() -> None:
    if not NPM.is_dir():
        pytest.skip("MiniSearch of npm is not there to compare with: `make setup` fetches it where npm is installed")
    assert (FOLDER / "minisearch" / "minisearch.js").read_bytes() == (NPM / "dist" / "umd" / "index.js").read_bytes()
