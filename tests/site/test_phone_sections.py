"""On a phone, sections are laid out when they come near; whoever jumps into a chapter stays at the place."""

from __future__ import annotations

import pytest

from tests.built_book import BuiltBook
from tests.site.browser import Browser

pytestmark = pytest.mark.slow
PAGE = "07_transformer"
SECTIONS = "return [...document.querySelectorAll('article > section > section')].map(one => one.id)"
# How far the heading stands from the top, when it has stood still for ten pictures.
PLACE = """
const [name, done] = arguments, heading = document.getElementById(name).querySelector("h2");
let last = null, still = 0;
const look = () => {
  const now = Math.round(heading.getBoundingClientRect().top);
  still = now === last ? still + 1 : 0;
  last = now;
  still < 10 ? requestAnimationFrame(look) : done(now);
};
look();
"""


@pytest.mark.parametrize("at", [-1, 3])
def test_a_link_into_a_chapter_leads_to_its_section(built_book: BuiltBook, browser: Browser, at: int) -> None:
    page = built_book.html / f"{PAGE}.html"
    browser.open(page, width=360)
    name = browser.run(SECTIONS)[at]
    browser.open(f"{page.as_uri()}#{name}", width=360)
    assert 0 <= browser.driver.execute_async_script(PLACE, name) < 200


def test_going_up_does_not_move_what_is_read(built_book: BuiltBook, browser: Browser) -> None:
    page = built_book.html / f"{PAGE}.html"
    browser.open(page, width=360)
    name = browser.run(SECTIONS)[4]
    browser.open(f"{page.as_uri()}#{name}", width=360)
    before = browser.driver.execute_async_script(PLACE, name)
    for _ in range(6):
        browser.run("scrollBy({top: -100, behavior: 'instant'})")
        after = browser.driver.execute_async_script(PLACE, name)
        assert abs(after - before - 100) <= 2, "the text jumped"
        before = after
