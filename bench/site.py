"""How heavy the pages of the book are, and how long it takes to build them."""

from __future__ import annotations

import gzip
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import first_paint
from bench.first_paint import first_paints
from tests.built_book import build, copy_sources
from tests.site.browser import Browser, file_of, programs
from tests.site.pages import CHAPTERS, EXERCISES

EDITED = CHAPTERS[3]
KINDS = {".html": "page", ".css": "styles", ".js": "scripts", ".woff2": "fonts"}


def measure(quick: bool) -> dict[str, Any]:
    """Return seconds of builds and, where there is a browser, bytes of chapters."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        copy_sources(folder)
        seconds = {"everything, all cells run": timed_build(folder)}
        for _ in range(1 if quick else 3):
            keep_least(seconds, "nothing changed", timed_build(folder))
            edit_prose(folder / "book" / f"{EDITED}.md")
            keep_least(seconds, "the prose of a chapter edited", timed_build(folder))
        edit_code(folder / "book" / f"{EDITED}.md")
        seconds["a code cell of a chapter edited"] = timed_build(folder)
        seconds["everything, no cell run"] = timed_build(folder, "--all")
        sizes = weigh(folder / "_build" / "html") if programs() else {}
        paints = first_paints(folder / "_build" / "html", [*CHAPTERS, *EXERCISES[:2], "index"]) if programs() else {}
    return {"seconds": seconds, "bytes": sizes, "paints": paints}


def timed_build(folder: Path, *options: str) -> float:
    """Return the seconds of a build."""
    before = time.perf_counter()
    result = build(folder, *options)
    if result.returncode:
        sys.exit(result.stdout[-3000:] + result.stderr[-3000:])
    return time.perf_counter() - before


def keep_least(seconds: dict[str, float], name: str, one: float) -> None:
    """Keep the least of several measurements: other programs only ever add time."""
    seconds[name] = min(one, seconds.get(name, one))


def edit_prose(page: Path) -> None:
    """Add a sentence to a page."""
    page.write_text(page.read_text(encoding="utf-8") + "\nOne more sentence.\n", encoding="utf-8")


def edit_code(page: Path) -> None:
    """Add a line to the last code cell of a page."""
    text = page.read_text(encoding="utf-8")
    cell = list(re.finditer(r"```\{code-cell\}.*?\n```", text, flags=re.DOTALL))[-1]
    page.write_text(text[: cell.end() - 3] + "one_more = 1\n" + text[cell.end() - 3 :], encoding="utf-8")


def weigh(html: Path) -> dict[str, dict[str, int]]:
    """Return for each chapter the compressed bytes of what Chromium asks for with an empty cache, by kind."""
    browser = Browser()
    try:
        return {name: weigh_page(browser, html / f"{name}.html") for name in CHAPTERS}
    finally:
        browser.close()


def weigh_page(browser: Browser, page: Path) -> dict[str, int]:
    """Return the compressed bytes of one page by kind."""
    browser.open(page)
    sizes: dict[str, int] = {}
    for path in {file_of(address) for address in browser.requests() if address.startswith("file:")}:
        kind = KINDS.get(path.suffix, "other")
        sizes[kind] = sizes.get(kind, 0) + len(gzip.compress(path.read_bytes()))
    return sizes


def row(name: str, sizes: list[int]) -> str:
    """Return one line of the table of sizes."""
    return f"| {name} | " + " | ".join(f"{size / 1e3:.0f}" for size in sizes) + " |"


def table(found: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    times = "\n".join(f"| {name} | {one:.1f} |" for name, one in found["seconds"].items())
    lines = [f"| build of the book | seconds |\n|---|---|\n{times}"]
    if found["bytes"]:
        kinds = [kind for kind in [*KINDS.values(), "other"] if any(kind in one for one in found["bytes"].values())]
        head = f"| chapter, kB compressed | {' | '.join(kinds)} | all |\n|---|{'---|' * (len(kinds) + 1)}\n"
        rows = [
            row(name, [*(one.get(kind, 0) for kind in kinds), sum(one.values())])
            for name, one in found["bytes"].items()
        ]
        lines.append(head + "\n".join(rows))
    if found.get("paints"):
        lines.append(first_paint.table(found["paints"]))
    return "\n\n".join(lines)
