"""What the pages say without a browser: links and anchors lead somewhere, headings step down, pictures have words."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.site.built_page import read
from tests.site.pages import ALL_PAGES, EXERCISES, PAGES

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def html(built_book) -> Path:
    return built_book.html


def dead_links(page: Path) -> list[str]:
    """Return the links of a page to files and anchors that are not there."""
    dead = []
    for address in dict.fromkeys(read(page).links):
        parts = urlsplit(address)
        if parts.scheme or parts.netloc or address in ("", "#"):
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        anchored = parts.fragment and target.suffix == ".html"
        if not target.is_file() or (anchored and unquote(parts.fragment) not in read(target).ids):
            dead.append(address)
    return dead


def steps_too_far(levels: list[int]) -> list[int]:
    """Return the places where a heading is more than one level below the one before it."""
    return [n for n, (before, level) in enumerate(zip([0, *levels], levels, strict=False)) if level > before + 1]


@pytest.mark.parametrize("name", [*ALL_PAGES, *EXERCISES])
def test_links_and_anchors_lead_somewhere(html, name):
    assert dead_links(html / f"{name}.html") == []


@pytest.mark.parametrize("name", [*ALL_PAGES, *EXERCISES])
def test_nothing_is_fetched_from_elsewhere(html, name):
    foreign = [
        address for address in read(html / f"{name}.html").loaded if urlsplit(address).scheme or address[:2] == "//"
    ]
    assert [address for address in foreign if not address.startswith("data:")] == []


def test_stylesheets_fetch_nothing_from_elsewhere_and_nothing_that_is_missing(html):
    for sheet in html.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        for address in re.findall(r"(?:url\(|@import)\s*['\"]?([^'\");]+)", text):
            if address.startswith(("data:", "#")):
                continue
            assert not urlsplit(address).scheme and address[:2] != "//", f"{sheet}: {address}"
            if "katex" in sheet.name:
                assert (sheet.parent / address).is_file(), f"{sheet}: {address}"


@pytest.mark.parametrize("name", [*ALL_PAGES, *EXERCISES])
def test_the_first_sight_waits_for_no_script(html, name):
    assert read(html / f"{name}.html").blocking == []


@pytest.mark.parametrize("name", [*ALL_PAGES, *EXERCISES])
def test_every_icon_is_drawn(html, name):
    styles = (html / "_static" / "icons.css").read_text(encoding="utf-8")
    icons = {one for one in read(html / f"{name}.html").classes if one.startswith("fa-")} - {"fa-solid"}
    assert {"fa-bars", "fa-magnifying-glass"} <= icons
    assert [one for one in icons if f".{one} " not in styles] == [], (
        "name it in ICONS of book/_ext/pages/page_assets.py"
    )


@pytest.mark.parametrize("name", [*PAGES, *EXERCISES])
def test_headings_step_down_one_at_a_time(html, name):
    levels = read(html / f"{name}.html").headings
    assert levels[0] == 1 and levels.count(1) == 1
    assert steps_too_far(levels) == []


@pytest.mark.parametrize("name", [*ALL_PAGES, *EXERCISES])
def test_the_page_says_its_language_and_pictures_say_what_they_show(html, name):
    page = read(html / f"{name}.html")
    assert page.language == "en"
    assert page.nameless == []


@pytest.mark.parametrize("name", [*PAGES, *EXERCISES])
def test_a_page_that_is_shared_has_a_description_and_a_picture(html, name):
    path = html / f"{name}.html"
    said = dict(re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)"', path.read_text(encoding="utf-8")))
    assert said["og:description"] == said["description"] and 40 < len(said["description"]) <= 260
    assert "<" not in said["description"] and said["og:title"] and said["og:type"] == "article"
    assert (path.parent / said["og:image"]).resolve().read_bytes().startswith(b"\x89PNG")


def test_descriptions_are_the_pages_own(html):
    texts = [
        re.search(r'name="description" content="([^"]*)"', (html / f"{name}.html").read_text("utf-8"))[1]
        for name in PAGES
    ]
    assert len(set(texts)) == len(texts)


def test_next_and_previous_lead_through_the_whole_book(html):
    there = [(name, read(html / f"{name}.html").following) for name in PAGES]
    assert [leads_to(name, one.get("next")) for name, one in there] == [*PAGES[1:], None]
    assert [leads_to(name, one.get("prev")) for name, one in there] == [None, *PAGES[:-1]]


def leads_to(page: str, address: str | None) -> str | None:
    """Return the page to which an address on a page leads."""
    return address and posixpath.normpath(posixpath.join(posixpath.dirname(page), address))


def test_a_page_with_faults_is_noticed(tmp_path):
    (tmp_path / "other.html").write_text('<p id="here">')
    page = tmp_path / "page.html"
    page.write_text(
        '<html><article><h1>One</h1><h3>Three</h3><a href="other.html#here">a</a><a href="other.html#gone">b</a>'
        '<a href="gone.html">c</a><a href="https://example.org/#x">d</a><img src="https://example.org/a.png">'
        '<svg role="img"></svg></article><script src="a.js"></script>'
    )
    assert dead_links(page) == ["other.html#gone", "gone.html"]
    assert steps_too_far(read(page).headings) == [1]
    assert read(page).loaded == ["https://example.org/a.png", "a.js"]
    assert read(page).blocking == ["a.js"]
    assert len(read(page).nameless) == 2
