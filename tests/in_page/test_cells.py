"""The cells of a page are those of the released notebook, one by one, and what is strange is named."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag

from tests.in_page.extension import load
from tests.in_page.released import SLUGS, article, cells_of, checks_of

cells = load("cells")
# How the names of cells begin in all our notebooks; the page goes by nbgrader's metadata.
KIND_BY_NAME = {
    "setup": "setup",
    "locked": "given",
    "solution": "solution",
    "check": "check",
    "code": "plain",
    "written": "written",
    "text": "prose",
    "hints": "prose",
}
BAD = '</code></pre><script>alert("1 & 2")</script>&amp;'


def shown(slug: str) -> list[Tag]:
    return article(slug).select("#nb-cells > .nb-cell")


def kind_of(tag: Tag) -> str:
    return "prose" if "nb-prose" in tag["class"] else tag["data-kind"]


def as_html(cell: Any, called: str = "a cell") -> Tag:
    """Return what a browser makes of a cell's HTML; it must be one element."""
    [element] = BeautifulSoup(cells.cell_html(cell, called), "html.parser").contents
    return element


# --- the released notebooks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", SLUGS)
def test_a_page_has_the_notebooks_cells_in_their_order(slug: str) -> None:
    assert [tag["data-id"] for tag in shown(slug)] == [cell["id"] for cell in cells_of(slug)]
    assert [kind_of(tag) for tag in shown(slug)] == [KIND_BY_NAME[cell["id"].split("-")[0]] for cell in cells_of(slug)]
    for tag in shown(slug):
        assert tag.name == ("div" if kind_of(tag) == "prose" else "section")
        assert kind_of(tag) == "prose" or {"nb-code", f"nb-{kind_of(tag)}"} <= set(tag["class"])


@pytest.mark.parametrize("slug", SLUGS)
def test_code_is_shown_to_the_last_character(slug: str) -> None:
    for tag, cell in zip(shown(slug), cells_of(slug), strict=True):
        if kind_of(tag) != "prose":
            assert tag.select_one("pre.nb-source > code").text == "".join(cell["source"]), cell["id"]


@pytest.mark.parametrize("slug", SLUGS)
def test_checks_and_answers_say_what_they_are_worth_and_what_they_need(slug: str) -> None:
    checks = checks_of(slug)
    released = {cell["id"]: cell["metadata"].get("nbgrader", {}) for cell in cells_of(slug)}
    by_kind = {kind: [tag for tag in shown(slug) if kind_of(tag) == kind] for kind in KIND_BY_NAME.values()}
    for kind in ("check", "solution"):
        assert sorted(tag["data-check"] for tag in by_kind[kind]) == sorted(checks)
        for tag in by_kind[kind]:
            about = checks[tag["data-check"]]
            assert tag["data-title"] == about["title"] and about["title"] in tag["aria-label"]
            assert tag.get("data-needs") == ("TensorFlow" if about["needs"] else None)
    for tag in by_kind["check"]:
        assert f'check("{tag["data-check"]}"' in tag.text
        assert f", {tag['data-points']} point" in tag["aria-label"]
    worth = {tag["data-id"]: float(tag["data-points"]) for tag in shown(slug) if tag.has_attr("data-points")}
    assert worth == {name: about["points"] for name, about in released.items() if "points" in about}


@pytest.mark.parametrize("slug", SLUGS)
def test_every_code_cell_is_called_something_and_no_two_alike(slug: str) -> None:
    called = [tag["aria-label"] for tag in shown(slug) if kind_of(tag) != "prose"]
    # At least the set-up, and for each check its answer; how many more there are is the chapter's own.
    assert len(called) == len(set(called)) > 2 * len(checks_of(slug)) > 0
    assert called[0] == "Set-up, locked"
    given = {tag["aria-label"].partition(" (")[0] for tag in shown(slug) if kind_of(tag) == "given"}
    assert given <= {"Given code, locked"}


def test_some_notebooks_have_given_code() -> None:
    assert sum(kind_of(tag) == "given" for slug in SLUGS for tag in shown(slug)) > 5


def test_some_parts_need_tensorflow() -> None:
    needs = {slug: len(article(slug).select('[data-kind="check"][data-needs="TensorFlow"]')) for slug in SLUGS}
    assert needs["02_dot_product_attention"] == needs["06_masks"] == 0 < needs["07_transformer"]


# --- one cell -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["plain", "written", "solution", "check"])
@pytest.mark.parametrize(
    "source", [BAD, "", "\n\nx = 1\n\n", "if a < b & c > d:\n\tpass", '"""not closed\n', "x = '고마워'"]
)
def test_no_text_of_a_cell_is_markup(kind: str, source: str) -> None:
    element = as_html(cells.Cell("a", kind, source))
    assert element.code.text == source
    assert {tag.name for tag in element.find_all()} <= {"pre", "code", "span"}


def test_no_attribute_of_a_cell_is_markup() -> None:
    bad = '"><b onclick="x">'
    element = as_html(cells.Cell(bad, "check", "x", check=bad, title=bad, needs=bad, points=2), f"Check: {bad}")
    assert (element["data-id"], element["data-check"], element["data-title"], element["data-needs"]) == (bad,) * 4
    assert element["aria-label"] == f"Check: {bad}" and element.b is None


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (cells.Cell("a", "setup", ""), "Set-up, locked"),
        (cells.Cell("a", "given", ""), "Given code, locked"),
        (cells.Cell("a", "plain", ""), "Code to play with"),
        (cells.Cell("a", "solution", "", title="Dot scores", points=0), "Task: Dot scores, your answer"),
        (cells.Cell("a", "check", "", title="Dot scores", points=3), "Check: Dot scores, 3 points"),
        (cells.Cell("a", "check", "", title="Dot scores", points=1), "Check: Dot scores, 1 point"),
        (cells.Cell("a", "written", "", points=2.5), "Your written answer, 2.5 points, graded by a person"),
    ],
)
def test_a_cell_in_words(cell: Any, words: str) -> None:
    assert cells.labels([cell]) == {"a": words}


def test_cells_that_are_alike_are_counted() -> None:
    some = [
        cells.Cell(name, kind, "") for name, kind in {"a": "plain", "b": "given", "c": "prose", "d": "plain"}.items()
    ]
    assert cells.labels(some) == {
        "a": "Code to play with (1 of 2)",
        "b": "Given code, locked",
        "d": "Code to play with (2 of 2)",
    }


# --- what is strange ----------------------------------------------------------------------------------------------

SLUG = "02_dot_product_attention"
KINDS_OF_OTHERS = {"markdown": "some text"}  # the names of texts follow from what they say


def test_a_check_is_called_what_stands_before_the_first_hyphen() -> None:
    cell = copy.deepcopy(next(cell for cell in cells_of(SLUG) if cell["id"] == "check-softmax"))
    cell["metadata"]["nbgrader"]["grade_id"] = "softmax-gives-shares"
    assert cells.read_cell(cell, checks_of(SLUG)).check == "softmax"


def test_the_notebook_itself_can_be_read() -> None:
    assert len(cells.read_cells({"cells": cells_of(SLUG)}, checks_of(SLUG))) == len(cells_of(SLUG))


@pytest.mark.parametrize(
    ("name", "changes", "says"),
    [
        ("some text", {"cell_type": "raw"}, "type raw"),
        ("some text", {"attachments": {"a.png": {}}}, "attachments"),
        ("some text", {"metadata": {"tags": ["hide-input"]}}, "metadata tags"),
        ("setup", {"outputs": [{"output_type": "stream"}]}, "outputs"),
        ("setup", {"id": "check-softmax"}, "2 cells are called check-softmax"),
        ("setup", {"id": ""}, "cannot be told from others"),
        ("check-softmax", {"grade_id": "softmin-gives_shares"}, "no check of reference.json"),
        ("check-softmax", {"solution": True}, "no kind"),  # autograded: the learner's own test
        ("check-softmax", {"points": None}, "no kind"),
        ("solution-softmax", {"points": 3}, "no kind"),
        ("solution-softmax", {"grade_id": "softmax-answer"}, "no check of reference.json"),
        ("solution-softmax", {"locked": True}, "no kind"),
        ("some text", {"grade": True, "locked": False, "solution": False, "task": True, "points": 1}, "no kind"),
    ],
)
def test_a_strange_cell_is_named(name: str, changes: dict[str, Any], says: str) -> None:
    notebook = copy.deepcopy(cells_of(SLUG))
    cell = next(cell for cell in notebook if name in (cell["id"], KINDS_OF_OTHERS.get(cell["cell_type"])))
    if changes.keys() <= {"id", "cell_type", "attachments", "metadata", "outputs"}:
        cell.update(changes)
    else:
        about = cell["metadata"].setdefault("nbgrader", {})
        about.update(changes)
        cell["metadata"]["nbgrader"] = {key: value for key, value in about.items() if value is not None}
    with pytest.raises(cells.UnknownCell, match=says) as raised:
        cells.read_cells({"cells": notebook}, checks_of(SLUG))
    assert cell["id"] in str(raised.value)


def test_given_code_is_folded_where_the_notebook_folds_it() -> None:
    (cell,) = (copy.deepcopy(cell) for cell in cells_of(SLUG) if cell["id"] == "locked-cell")
    assert "data-folded" not in as_html(cells.read_cell(cell, {})).attrs
    cell["metadata"]["jupyter"] = {"source_hidden": True}
    assert as_html(cells.read_cell(cell, {}))["data-folded"] == "yes"


def test_a_need_that_the_page_does_not_know_is_named() -> None:
    checks = copy.deepcopy(checks_of(SLUG)) | {"softmax": {**checks_of(SLUG)["softmax"], "needs": "torch"}}
    with pytest.raises(cells.UnknownCell, match="solution-softmax"):
        cells.read_cells({"cells": cells_of(SLUG)}, checks)


def test_a_check_names_all_answers_that_its_own_may_build_on() -> None:
    checks = {
        "a": {"uses": []},
        "b": {"uses": ["a"]},
        "c": {"uses": ["b"]},
        "d": {"uses": ["c", "a"]},
        "e": {},
    }
    assert [cells.used_by(name, checks) for name in checks] == [[], ["a"], ["a", "b"], ["a", "b", "c"], []]
    (found,) = article("02_dot_product_attention").select("[data-check=dot_attention][data-kind=check]")
    assert found["data-uses"] == " ".join(cells.used_by("dot_attention", checks_of("02_dot_product_attention"))) != ""
