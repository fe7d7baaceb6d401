"""Other browsers in place of Chromium: BROWSER_ENGINE=firefox or BROWSER_ENGINE=webkit.

What a browser cannot be asked for skips the test, with the reason. `make test-engines` runs the tests in all three;
CONTRIBUTING.md says what each needs, and what was run where.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.site.browser import DESK, Browser

ENGINE = "BROWSER_ENGINE"
OWN = "of the three drivers, Chromium's alone has this command"
ASKED = "return [location.href, ...performance.getEntriesByType('resource').map(one => one.name)]"
PASTE = """
const clipboardData = new DataTransfer(), event = new ClipboardEvent("paste", {bubbles: true, cancelable: true});
clipboardData.setData("text/plain", arguments[0]);
Object.defineProperty(event, "clipboardData", {value: clipboardData});  // Firefox leaves it out when it is given
document.activeElement.dispatchEvent(event);
"""


def chosen() -> str:
    """Return the name of the engine that the environment asks for; Chromium's where it asks for none."""
    return os.environ.get(ENGINE) or "chromium"


def start() -> Browser:
    """Start the browser that the environment asks for."""
    from tests.site.firefox import Firefox  # which look at this file
    from tests.site.webkit import WebKit

    return {"chromium": Browser, "firefox": Firefox, "webkit": WebKit}[chosen()]()


class OtherBrowser(Browser):
    """A browser other than Chromium, with one window; what its driver has no command for skips the test."""

    lists_files = False

    def drive(self, driver: Any) -> None:
        """Take a driver."""
        super().drive(driver)
        driver.execute_cdp_cmd = lambda *_: pytest.skip(OWN)

    def open(self, page: Path | str, width: int = DESK, scripts: bool = True) -> None:
        """Load a page in a window of this width."""
        if not scripts:
            pytest.skip(OWN)
        self.resize(width)
        self.drain()
        self.driver.get(page.as_uri() if isinstance(page, Path) else page)

    def drain(self) -> None:
        """Forget nothing: nothing is logged."""

    def insert(self, text: str) -> None:
        """Paste a text where the keyboard is."""
        self.run(PASTE, text)

    def requests(self) -> list[str]:
        """Return the addresses that the page says it asked for."""
        return self.run(ASKED)

    def complaints(self) -> list[str]:
        """Return none: the driver does not hand out the console."""
        return []
