"""The one stylesheet: rules that fit something stay, others go, and the pages look as they did with all of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.built_book import BuiltBook
from tests.extensions import extension
from tests.site.pages import PAGES

styles = extension("styles")
one_stylesheet = extension("one_stylesheet")
PAGE = '<body><div class="a b" id="here"><p hidden data-x="1">text</p></div></body>'
NAMES = styles.names_in([PAGE], ["one.classList.add('scripted')"])


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        (".a{x:1}.gone{x:1}", ".a{x:1;}"),
        (".a .gone,.b>p{x:1}", ".b>p{x:1;}"),
        ("#here,#gone{x:1}", "#here{x:1;}"),
        ("table{x:1}p:hover::before{x:1}", "p:hover::before{x:1;}"),
        (".a:not(.gone){x:1}", ".a:not(.gone){x:1;}"),
        (".a:is(.gone,.b){x:1}:where(.gone) p{x:1}", ".a:is(.gone,.b){x:1;}"),
        ("p[hidden]{x:1}p[lang]{x:1}p[data-y='2']{x:1}", "p[hidden]{x:1;}p[data-y='2']{x:1;}"),
        ("@media (max-width: 9px){.gone{x:1}}@media print{.a{x:1}}", "@media print{.a{x:1;}}"),
        (".scripted{x:1 !important}", ".scripted{x:1!important;}"),
        ("*{x:1}:root{x:1}", "*{x:1;}:root{x:1;}"),
        (
            ":root{--read:1;--unread:2;--chain:var(--read)}.a{x:var(--chain)}",
            ":root{--read:1;--chain:var(--read);}.a{x:var(--chain);}",
        ),
        (
            "@keyframes go{0%{x:1}}@keyframes rest{0%{x:1}}.a{animation:go 1s}",
            "@keyframes go{0%{x:1}}.a{animation:go 1s;}",
        ),
        ("/* note */.a{/* note */x:1}", ".a{x:1;}"),
        ('.a{x:url("a;b{c}.svg");--empty: ;y:var(--empty)}', '.a{x:url("a;b{c}.svg");--empty: ;y:var(--empty);}'),
    ],
)
def test_a_rule_stays_where_something_fits_it(css: str, kept: str) -> None:
    assert styles.purged(css, NAMES).replace('"2"', "'2'") == kept


def test_imports_are_read_and_addresses_stay_right(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "base.css").write_text("p{background:url(p.png)}")
    (tmp_path / "sub" / "a.css").write_text('@import "../base.css";b{src:url("f/x.woff") url(data:x) url(#y)}')
    assert (
        styles.joined(tmp_path, ["sub/a.css"]) == "p{background:url(p.png)}b{src:url(sub/f/x.woff) url(data:x) url(#y)}"
    )


def test_a_variable_stays_that_a_stylesheet_of_one_page_reads(tmp_path: Path) -> None:
    (tmp_path / "own.css").write_text("a{color:var(--read)}")
    (tmp_path / "book.css").write_text("a{color:var(--by-an-earlier-build)}")
    linked = (
        '<link rel="stylesheet" type="text/css" href="own.css?v=1" />',
        '<link rel="stylesheet" href="book.css" />',
    )
    others = one_stylesheet.own_sheets({tmp_path / "page.html": "".join(linked)})
    css = styles.purged(".a{--read:1;--by-an-earlier-build:2}", NAMES, others)
    assert css == ".a{--read:1;}"


@pytest.mark.slow
def test_all_pages_share_one_small_stylesheet(built_book: BuiltBook) -> None:
    linked, others = set(), set()
    for name in PAGES:
        page = (built_book.html / f"{name}.html").read_text(encoding="utf-8")
        first, *more = re.findall(r'<link rel="stylesheet"[^>]*href="([^"]+)"', page)
        linked.add(first.rpartition("/")[2])
        others.update(one.partition("?")[0].rpartition("/")[2] for one in more)
    assert others == {"interactive.css", "pictures.css"}  # of the figures to play with, where there are some
    (one,) = linked
    assert re.fullmatch(r"book\.css\?v=[0-9a-f]{8}", one)
    css = (built_book.html / "_static" / "book.css").read_text(encoding="utf-8")
    assert len(css) < 300_000
    for needed in (".katex", ".admonition", ".bd-sidebar-primary", ".exercise-card", ".seeing", ".highlight", "dialog"):
        assert needed in css
