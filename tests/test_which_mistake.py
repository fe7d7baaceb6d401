"""The page "Which mistake is this?": complete, told in the checks' own words, and its links lead somewhere."""

import re
from types import SimpleNamespace

import pytest
from docutils import nodes

from autograder.authoring.mistakes import SYMPTOMS
from autograder.course.answer_key import load_key
from tests.chapters import ROOT
from tests.extensions import extension

page = extension("which_mistake")
RELEASED = {path.parent.name for path in ROOT.glob("exercises/*/reference.json")}


@pytest.fixture(scope="module")
def rows():
    return page.read_rows(ROOT / "exercises")


def test_every_symptom_has_its_words():
    assert set(page.ABOUT) == set(SYMPTOMS)


@pytest.mark.parametrize("slug", sorted(RELEASED))
def test_every_sentence_of_the_key_is_on_the_page_and_no_other(rows, slug):
    key = load_key(ROOT / "solutions" / f"{slug}_key.py")
    said = {(row.function, row.says) for row in rows if row.slug == slug}
    in_key = {(check.function, m.says) for check in key.checks for m in check.misconceptions}
    assert said == in_key, f"the key says other than exercises/{slug}/reference.json: run `autograder build {slug}`"


def test_no_row_stands_twice(rows):
    assert len(rows) == len(set(rows)) > 100


def test_every_row_names_a_section_of_its_chapter(rows):
    for slug in RELEASED:
        text = (ROOT / "book" / f"{slug}.md").read_text(encoding="utf-8")
        sections = set(re.findall(r"^#{2,3} (.+)$", text, flags=re.MULTILINE))
        assert {row.section for row in rows if row.slug == slug} <= sections


def test_a_sentence_becomes_text_and_code_and_nothing_else():
    found = page.nodes_of("`mask * -1e9`, not <b>*this*</b> or $x$.")
    assert [type(node) for node in found] == [nodes.literal, nodes.Text]
    assert found[0].astext() == "mask * -1e9"
    assert found[1].astext() == ", not <b>*this*</b> or $x$."


def test_a_remark_says_where_to_look():
    seen = SimpleNamespace(parts=["shape"], all_parts=["mask", "shape"], stops_on=["a", "b"], hidden_on=list("cdefg"))
    assert page.remark(seen) == ("Seen in `shape` only. It stops on: a; b. It cannot be seen on: c; d; e; 2 more.")


def test_the_filter_names_no_address():
    assert "http" not in page.FILTER and "src=" not in page.FILTER
    assert page.FILTER.startswith('<p class="mistake-filter" hidden>'), "no dead box where no scripts run"
