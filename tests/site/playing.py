"""A small book with one page for each interactive figure, and a figure of it in the browser."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains

from tests.site.browser import DESK, Browser
from tests.site.test_interactive import BOOK, FIGURES, value
from tests.waiting import LONG

CONFIG = """\
title: A book of figures
author: Nobody
logo: ""
html: {use_issues_button: false, use_repository_button: false}
sphinx:
  local_extensions: {pages.page_assets: book/_ext, pages.one_stylesheet: book/_ext, figures.interactive: book/_ext}
"""
MIDDLE = """
arguments[0].scrollIntoView({block: "center", behavior: "instant"});
const {x, y, width, height} = arguments[0].getBoundingClientRect();
return [x + width / 2, y + height / 2].map(Math.round);
"""
ALIVE = "return ![...document.querySelectorAll('.seeing')].some(figure => figure.querySelector('fieldset:disabled'))"


@pytest.fixture(scope="session")
def figures_site(tmp_path_factory):
    """Build a book with one page for each figure, and one without; return the folder of its pages."""
    folder = tmp_path_factory.mktemp("figures")
    (folder / "_config.yml").write_text(CONFIG)
    for name in ("_ext", "_static", "_data"):
        shutil.copytree(BOOK / name, folder / "book" / name, ignore=shutil.ignore_patterns("__pycache__"))
    chapters = "".join(f"  - file: {name}\n" for name in FIGURES)
    (folder / "book" / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n{chapters}")
    (folder / "book" / "index.md").write_text("# Start\n")
    for name in FIGURES:
        (folder / "book" / f"{name}.md").write_text(f"# Page\n\n```{{interactive}} {name}\nTry it.\n```\n")
    program = Path(sys.executable).with_name("jupyter-book")
    command = [program, "build", "book", "--config", "_config.yml", "--path-output", ".", "-W", "--keep-going"]
    for _ in range(2):  # the second build finds nothing changed
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LONG)
        assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    return folder / "_build" / "html"


class Page:
    """One figure in the browser."""

    def __init__(self, browser: Browser, site: Path, name: str, width: int = DESK) -> None:
        self.browser, self.run = browser, browser.run
        browser.open(site / f"{name}.html", width)
        browser.wait(ALIVE)

    def choose(self, **settings) -> None:
        """Set controls as a pointer would, the last word being an `input` event."""
        self.run(
            """for (const [name, value] of Object.entries(arguments[0])) {
                 const named = [...document.getElementsByName(name)];
                 const control = named.length > 1 ? named.find(one => one.value === value) : named[0];
                 if (typeof value === "boolean" || named.length > 1) control.checked = named.length > 1 || value;
                 else control.value = value;
                 control.dispatchEvent(new Event("input", { bubbles: true }));
               }""",
            settings,
        )

    def slots(self) -> dict[str, str]:
        """Return the text in every place."""
        return self.run(
            "return Object.fromEntries([...document.querySelectorAll('.seeing [data-slot]')]"
            ".map(place => [place.dataset.slot, place.textContent]))"
        )

    def values(self, pattern: str, count: int) -> list[float]:
        slots = self.slots()
        return [value(slots[pattern.format(n)]) for n in range(count)]

    def says(self) -> str:
        return self.run("return document.querySelector('.seeing [role=status]').textContent")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.browser.driver.switch_to.active_element.send_keys(key)

    def pointer(self, selector: str) -> ActionChains:
        """Return actions that begin in the middle of an element; WebKit's driver cannot go to what is in an SVG."""
        chain = ActionChains(self.browser.driver)
        chain.w3c_actions.pointer_action.move_to_location(*self.run(MIDDLE, self.browser.find(selector)))
        return chain

    def focus(self) -> str:
        """Return the name (or the element) that has the focus; it must be seen to have it."""
        name, outline = self.run(
            "const e = document.activeElement, s = getComputedStyle(e);"
            "return [e.name || e.tagName, s.outlineStyle + ' ' + s.outlineWidth]"
        )
        assert not outline.startswith("none") and not outline.endswith(" 0px"), f"the focus on {name} is not visible"
        return name


@pytest.fixture
def figure(browser, figures_site):
    return lambda name, width=DESK: Page(browser, figures_site, name, width)
