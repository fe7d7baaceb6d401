"""When a page shows its first words over a slow connection, and what it asks for until it is complete."""

from __future__ import annotations

import gzip
from functools import partial
from pathlib import Path
from typing import Any

from tests.in_page.served import Quiet, served
from tests.site.browser import PHONE, Browser

LATENCY, RATE = 150, 1.6e6  # milliseconds; bits a second, as Lighthouse has it for a phone
SMALLER = {".html", ".css", ".js", ".mjs", ".svg", ".json", ".wasm"}
LIMIT = {True: 2.5, False: 4.0}  # seconds to reach, with and without compression
PAINTED = "return performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
LOADED = """
if (document.readyState !== "complete") return null;
const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
return {files: all.length, bytes: all.reduce((sum, one) => sum + one.encodedBodySize, 0)};
"""


class Files(Quiet):
    """Serves a folder, compressed or not."""

    def __init__(self, *given: Any, packed: bool, **more: Any) -> None:
        """Answer one request."""
        self.packed = packed
        super().__init__(*given, **more)

    def do_GET(self) -> None:
        """Send a file."""
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            return self.send_error(404)
        data, packed = path.read_bytes(), self.packed and path.suffix in SMALLER
        data = gzip.compress(data) if packed else data
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(data)))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(data)


def first_paints(html: Path, names: list[str]) -> dict[str, dict[str, Any]]:
    """Return for each page files and bytes, and seconds to the first paint with compression and without."""
    found: dict[str, dict[str, Any]] = {name: {} for name in names}
    browser = Browser()
    try:
        for packed in (True, False):
            with served(html, answering=partial(Files, packed=packed)) as address:
                for name in names:
                    found[name]["compressed" if packed else "plain"] = visit(browser, f"{address}/{name}.html")
    finally:
        browser.close()
    return found


def visit(browser: Browser, address: str) -> dict[str, Any]:
    """Return the figures of one page, on a phone that has not seen it."""
    slow = {"offline": False, "latency": LATENCY, "downloadThroughput": RATE / 8, "uploadThroughput": RATE / 8}
    browser.driver.execute_cdp_cmd("Network.enable", {})
    browser.driver.execute_cdp_cmd("Network.emulateNetworkConditions", slow)
    browser.open(address, PHONE)
    return {"seconds": browser.wait(PAINTED) / 1000, **browser.wait(LOADED)}


def table(found: dict[str, dict[str, Any]]) -> str:
    """Return the figures as Markdown."""
    head = "| first paint at 1.6 Mbit/s | files | kB, compressed | seconds | kB, plain | seconds |\n"
    rows = [row(name, one["compressed"], one["plain"]) for name, one in found.items()]
    note = (
        f"An empty cache, {LATENCY} ms of latency, Chromium's own brake. To reach: {LIMIT[True]:g} s with compression, "
        f"{LIMIT[False]:g} s without."
    )
    return head + "|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n\n" + note


def row(name: str, packed: dict[str, Any], plain: dict[str, Any]) -> str:
    """Return the line of one page."""
    sizes = [f"{one['bytes'] / 1e3:.0f} | **{one['seconds']:.1f}**" for one in (packed, plain)]
    return f"| {name} | {packed['files']} | {' | '.join(sizes)} |"
