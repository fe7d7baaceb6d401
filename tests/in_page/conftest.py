"""What the tests of the notebook in the page share: the browser, the book on a server, a chapter's page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.built_book import BuiltBook
from tests.in_page.notebook_page import NotebookPage
from tests.in_page.pyodide_folder import MISSING, pyodide_folder
from tests.in_page.served import served
from tests.site.browser import Browser, browser  # noqa: F401


@pytest.fixture(scope="session")
def site(request) -> Iterator[str]:
    """Return the address of the built book on a server of this machine."""
    if not pyodide_folder():
        pytest.skip(MISSING)
    request.getfixturevalue("browser")  # which skips where there is none, before the book is built
    book: BuiltBook = request.getfixturevalue("built_book")
    with served(book.html) as address:
        yield address


@pytest.fixture
def page_of(site: str, browser: Browser) -> Callable[[str], NotebookPage]:  # noqa: F811
    """Return a function that gives the page of a chapter's exercise, not yet opened."""
    return lambda slug: NotebookPage(browser, site, slug)
