"""The theme's script does not ask every piece of code for its size; the book's own does, when a size is known."""

from __future__ import annotations

import pytest
from sphinx.errors import ExtensionError

from tests.built_book import BuiltBook
from tests.extensions import extension

theme_script = extension("theme_script")
page_assets = extension("page_assets")


def test_what_asks_each_is_taken_out_once():
    before = (page_assets.THEME / "scripts" / "pydata-sphinx-theme.js").read_text(encoding="utf-8")
    after = theme_script.without_tab_stops(before)
    assert "[].forEach" in after and "[].forEach" not in before
    assert 0 < len(before) - len(after) < 200


def test_another_release_of_the_theme_is_noticed():
    with pytest.raises(ExtensionError, match="new release"):
        theme_script.without_tab_stops("console.log('another script')")


def test_the_built_book_has_the_script_without_it(built_book: BuiltBook):
    text = (built_book.html / theme_script.SCRIPT).read_text(encoding="utf-8")
    assert theme_script.ASKS_EACH.search(text) is None
    assert f"{theme_script.ASKS_NONE}.forEach" in text
