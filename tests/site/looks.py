"""What a page must not look like: wider than the screen, or as axe-core forbids."""

from __future__ import annotations

import pytest

from tests.built_book import ROOT
from tests.site.browser import Browser

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
NO_AXE = "axe-core is not there: `make setup` fetches it where npm is installed"
NO_SHIFTS = "this engine does not report what moves"
NO_LOG = "the driver of this engine tells neither whom a page asks nor what it says to the console"
NO_FILES = "the driver of this engine does not tell what a page loads from a disk"
# What sticks out of the page to the right, unless something around it scrolls or hides it. A section that is laid out
# only when it comes near would hide it: here all are laid out.
OUTSIDE = """
document.querySelectorAll("article > section > section").forEach(one => one.style.contentVisibility = "visible");
const width = document.documentElement.clientWidth, out = [];
if (document.documentElement.scrollWidth <= width && document.body.scrollWidth <= width) return out;
for (const one of document.querySelectorAll("main *, header *, footer *")) {
  if (one.getBoundingClientRect().right > width + 1 && !one.closest("svg *"))
    out.push(one.tagName + "." + one.className + ": " + one.textContent.trim().slice(0, 40));
}
return out.slice(0, 5).concat("page " + document.documentElement.scrollWidth + " pixels wide");
"""
# axe-core's verdict; formulas' letters are left out, for they have the text's colour or one of the figures' (their
# MathML is looked at), and of a long table the first rows stand for the others.
RUN_AXE = """
const [options, done] = arguments;
const left_out = [[".katex-html"], ["tbody tr:nth-child(n+9)"]];
axe.run({exclude: left_out}, {...options, resultTypes: ["violations"], preload: false}).then(
  found => done(found.violations
    .map(one => `${one.impact} ${one.id}: ` + one.nodes.slice(0, 4).map(node => node.target + " " +
      node.failureSummary.split("\\n")[1] + " " + node.html.slice(0, 160)).join(" | "))),
  error => done(["axe: " + error]));
"""


def needs_shifts(browser: Browser) -> None:
    """Skip the test where the engine does not report what moves."""
    if "layout-shift" not in browser.run("return PerformanceObserver.supportedEntryTypes"):
        pytest.skip(NO_SHIFTS)


def needs_log(browser: Browser) -> None:
    """Skip the test where nothing tells whom a page asks and what it says."""
    if not browser.logs:
        pytest.skip(NO_LOG)


def needs_files(browser: Browser) -> None:
    """Skip the test where nothing tells what a page loads from a disk."""
    if not browser.lists_files:
        pytest.skip(NO_FILES)


def axe_says(browser: Browser, theme: str) -> list[str]:
    """Return the findings in one theme; what does not depend on colours is asked in the light one only."""
    browser.theme(theme)
    if theme == "light":
        browser.run(AXE.read_text(encoding="utf-8"))
    options = {} if theme == "light" else {"runOnly": ["color-contrast", "link-in-text-block"]}
    return browser.driver.execute_async_script(RUN_AXE, options)
