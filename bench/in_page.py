"""How long a learner waits for Python in the page: until the first check has answered, and for every check after it."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.built_book import build, copy_sources
from tests.chapters import SLUGS, key_of
from tests.in_page.answers import solved
from tests.in_page.notebook_page import NotebookPage
from tests.in_page.pyodide_folder import MISSING, pyodide_folder
from tests.in_page.served import served
from tests.site.browser import Browser

# Presses the first check as soon as it can be pressed, and notes when it has answered, in milliseconds from the start.
WATCH = """
const cell = '[data-id="check-%s"]', found = {};
window.found = found;
const timer = setInterval(() => {
  const run = document.querySelector(cell + " .nb-run");
  if (run && !run.closest("[inert]") && !found.pressed) { found.pressed = performance.now(); run.click(); }
  if (document.querySelector(cell + " .nb-box")) { found.answered = performance.now(); clearInterval(timer); }
}, 10);
"""
# Presses a check and returns the milliseconds until its cell is done.
PRESS = """
const [cell, done] = arguments, before = performance.now();
const watch = new MutationObserver(() => {
  if (!["done", "error"].includes(cell.dataset.state)) return;
  watch.disconnect();
  done(performance.now() - before);
});
watch.observe(cell, {attributeFilter: ["data-state"]});
cell.querySelector(".nb-run").click();
"""
TRIES = {True: 1, False: 2}


def measure(quick: bool) -> dict[str, Any]:
    """Return seconds for each chapter."""
    if not pyodide_folder():
        sys.exit(MISSING)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        copy_sources(folder)
        if (result := build(folder)).returncode:
            sys.exit(result.stdout[-3000:] + result.stderr[-3000:])
        with served(folder / "_build" / "html") as site:
            return {slug: chapter(site, slug, TRIES[quick]) for slug in SLUGS[: 2 if quick else None]}


def chapter(site: str, slug: str, tries: int) -> dict[str, Any]:
    """Measure one chapter, in a browser that has not seen it, with right answers in its cells."""
    checks = [check.name for check in key_of(slug).checks if not check.needs]
    found: dict[str, Any] = {"first_visit": [], "again": [], "checks": []}
    for _ in range(tries):
        browser = Browser()
        try:
            page = NotebookPage(browser, site, slug).open(work=solved(slug))
            browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH % checks[0]})
            browser.driver.execute_cdp_cmd("Network.clearBrowserCache", {})
            found["first_visit"].append(seconds_to_answer(page))
            browser.driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": False})
            seconds_to_answer(page)  # the browser takes the files into its cache
            found["again"].append(seconds_to_answer(page))
            page.bar("Run all")
            page.idle()
            press = browser.driver.execute_async_script
            found["checks"] += [press(PRESS, page.cell(f"check-{name}")) / 1000 for name in checks]
        finally:
            browser.close()
    return {
        "first_visit": min(found["first_visit"]),
        "again": min(found["again"]),
        "check_median": statistics.median(found["checks"]),
        "check_slowest": max(found["checks"]),
    }


def seconds_to_answer(page: NotebookPage) -> float:
    """Load the page anew and return the seconds until its first check has answered."""
    page.browser.driver.refresh()
    return page.wait("return window.found?.answered") / 1000


def table(found: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    columns = ("first_visit", "again", "check_median", "check_slowest")
    head = "| seconds | first visit | visited before | a check, median | the slowest |\n|---|---|---|---|---|\n"
    rows = [f"| {slug} | " + " | ".join(f"{one[name]:.2f}" for name in columns) + " |" for slug, one in found.items()]
    note = (
        "From asking for the page, on a server of this machine, to the answer of the first check, which runs the "
        "set-up and the answer too; then each check once more. Least of two visits; all checks of both."
    )
    return head + "\n".join(rows) + "\n\n" + note
