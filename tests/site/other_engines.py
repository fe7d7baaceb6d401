"""Firefox and WebKit in place of Chromium: BROWSER_ENGINE=firefox or BROWSER_ENGINE=webkit.

For the tests that read, click, search and do an exercise. What asks Chromium itself (its log of requests and of the
console, a screen as narrow as a phone, paper) is skipped there. Firefox needs firefox-esr and geckodriver, WebKit
webkit2gtk-driver and a display, such as that of xvfb-run.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

from tests.site.browser import DESK, HEIGHT, Browser
from tests.waiting import LONG

ENGINE = "BROWSER_ENGINE"
MINIBROWSER = "lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser"
OWN = "only Chromium has this command"
ASKED = "return [location.href, ...performance.getEntriesByType('resource').map(one => one.name)]"


def chosen() -> str:
    """Return the name of the engine that the environment asks for; Chromium's where it asks for none."""
    return os.environ.get(ENGINE) or "chromium"


def firefox() -> Any:
    """Start Firefox."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if not (program and shutil.which("geckodriver")):
        pytest.skip("no Firefox: install firefox-esr and geckodriver")
    options = webdriver.FirefoxOptions()
    options.add_argument("-headless")
    options.binary_location = program
    options.set_preference("ui.prefersReducedMotion", 1)
    return webdriver.Firefox(options, webdriver.FirefoxService(shutil.which("geckodriver")))


def webkit() -> Any:
    """Start WebKit's small browser."""
    browser, driver = Path("/usr") / MINIBROWSER, shutil.which("WebKitWebDriver")
    if not (driver and browser.is_file()):
        pytest.skip("no WebKit: install webkit2gtk-driver")
    options = webdriver.WebKitGTKOptions()
    options.binary_location = str(browser)
    options.add_argument("--automation")
    return webdriver.WebKitGTK(options, webdriver.WebKitGTKService(driver))


class OtherBrowser(Browser):
    """One Firefox or WebKit with one window."""

    def __init__(self, engine: str) -> None:
        self.driver = {"firefox": firefox, "webkit": webkit}[engine]()
        self.driver.execute_cdp_cmd = lambda *_: pytest.skip(OWN)
        self.driver.set_script_timeout(LONG)
        self.driver.set_page_load_timeout(LONG)
        self.driver.command_executor.client_config.timeout = LONG

    def open(self, page: Path | str, width: int = DESK, scripts: bool = True) -> None:
        """Load a page in a window of this width."""
        if not scripts:
            pytest.skip(OWN)
        self.resize(width)
        self.driver.get(page.as_uri() if isinstance(page, Path) else page)

    def resize(self, width: int) -> None:
        """Show the same page in a window of another width."""
        self.driver.set_window_size(width, HEIGHT)
        frame = self.run("return outerWidth - innerWidth")
        self.driver.set_window_size(width + frame, HEIGHT)
        if self.run("return innerWidth") > width + 1:
            pytest.skip(f"this browser has no window of {width} pixels")

    def drain(self) -> None:
        """Forget nothing: nothing is logged."""

    def requests(self) -> list[str]:
        """Return the addresses that the page says it asked for."""
        return self.run(ASKED)

    def complaints(self) -> list[str]:
        """Return none: these drivers do not hand out the console."""
        return []
