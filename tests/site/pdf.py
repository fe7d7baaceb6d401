"""The whole book as one PDF: Sphinx puts all pages on one, and Chromium prints it.

`python -m tests.site.pdf OUT.pdf`, or `make pdf`. Links between chapters stay links, and the headings become the
bookmarks of the file.
"""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

from tests.built_book import COMMAND, ROOT
from tests.site.browser import MISSING, Browser, programs

# A4 with room for a hole punch; sizes are in inches.
PAPER = {
    "paperWidth": 8.27,
    "paperHeight": 11.69,
    "marginTop": 0.7,
    "marginBottom": 0.8,
    "marginLeft": 0.75,
    "marginRight": 0.75,
    "printBackground": True,
    "generateDocumentOutline": True,
    "generateTaggedPDF": True,
    "displayHeaderFooter": True,
    "headerTemplate": "<span></span>",
    "footerTemplate": '<div style="width: 100%; text-align: center; font: 8px sans-serif">'
    '<span class="pageNumber"></span></div>',
}


def print_page(browser: Browser, page: Path, out: Path) -> None:
    """Print one HTML page into a PDF file."""
    browser.open(page)
    browser.wait("return document.fonts.status === 'loaded'")
    data = browser.driver.execute_cdp_cmd("Page.printToPDF", PAPER)["data"]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(base64.b64decode(data))


def main() -> int:
    """Build the single page and print it."""
    if programs() is None:
        print(f"The PDF is printed by Chromium, and there is {MISSING}", file=sys.stderr)
        return 1
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "_build/attention.pdf").resolve()
    program = Path(sys.executable).with_name("jupyter-book")
    print("Putting all pages on one …", flush=True)
    built = subprocess.run([program, *COMMAND, "--builder", "singlehtml"], cwd=ROOT, capture_output=True, text=True)
    if built.returncode:
        print(built.stdout[-3000:] + built.stderr[-3000:], file=sys.stderr)
        return built.returncode
    print("Printing …", flush=True)
    browser = Browser()
    try:
        print_page(browser, ROOT / "_build" / "singlehtml" / "index.html", out)
    finally:
        browser.close()
    print(f"The book as PDF: {out} ({out.stat().st_size / 1e6:.1f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
