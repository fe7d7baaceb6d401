"""Headless Chromium for the tests of the site: open a page as a reader would, and see what it asked for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from selenium import webdriver
from selenium.common.exceptions import JavascriptException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.waiting import LONG, WaitedInVain, wait_for

MISSING = "no Chromium: install the packages chromium and chromium-driver (.ci/run does on Debian)"
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --hide-scrollbars "
    "--disable-background-networking --disable-component-update --disable-sync --force-prefers-reduced-motion"
)
PHONE, DESK = 320, 1280
HEIGHT = 800


def programs() -> tuple[str, str] | None:
    """Return where Chromium and its driver are, or None."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    driver = shutil.which("chromedriver")
    return (browser, driver) if browser and driver else None


class Browser:
    """One Chromium with one tab."""

    logs = True  # whom a page asks, and what it says to the console
    lists_files = True  # what a page loads from a disk

    def __init__(self) -> None:
        browser, driver = programs() or pytest.skip(MISSING)
        options = Options()
        for flag in FLAGS.split():
            options.add_argument(flag)
        options.binary_location = browser
        options.page_load_strategy = "normal"
        options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
        self.drive(webdriver.Chrome(options=options, service=Service(driver)))

    def drive(self, driver: Any) -> None:
        """Take a driver, and wait for what it does as long as tests wait."""
        self.driver = driver
        self.driver.set_script_timeout(LONG)
        self.driver.set_page_load_timeout(LONG)
        self.driver.command_executor.client_config.timeout = LONG

    def open(self, page: Path | str, width: int = DESK, scripts: bool = True) -> None:
        """Load a page on a screen of this width, with an empty cache and in the light theme."""
        cdp = self.driver.execute_cdp_cmd
        size = {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        cdp("Emulation.setDeviceMetricsOverride", size)
        cdp("Emulation.setScriptExecutionDisabled", {"value": not scripts})
        cdp("Network.setCacheDisabled", {"cacheDisabled": True})
        self.driver.get("about:blank")
        self.drain()
        self.driver.get(page.as_uri() if isinstance(page, Path) else page)

    def drain(self) -> None:
        """Forget what was logged so far."""
        self.driver.get_log("performance")
        self.driver.get_log("browser")

    def resize(self, width: int) -> None:
        """Show the same page on a screen of another width."""
        size = {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def theme(self, name: str) -> None:
        """Show the page in the theme "light" or "dark", as the theme's own button does."""
        self.run("document.documentElement.dataset.theme = document.documentElement.dataset.mode = arguments[0]", name)

    def emulate(self, media: str = "", forced_colours: bool = False) -> None:
        """Show the page as on "print", or with the few colours that somebody has chosen; without a word as before."""
        features = [{"name": "forced-colors", "value": "active"}] if forced_colours else []
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})

    @contextmanager
    def without(self, files: str) -> Iterator[None]:
        """Load no file whose address fits a pattern, such as "*.woff2", as long as this lasts."""
        self.driver.execute_cdp_cmd("Network.enable", {})
        self.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": [files]})
        try:
            yield
        finally:
            self.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
            self.driver.execute_cdp_cmd("Network.disable", {})

    def download_to(self, folder: Path) -> Path:
        """Return the folder into which what is downloaded comes: the given one, where the browser takes it."""
        where = {"behavior": "allow", "downloadPath": str(folder)}
        self.driver.execute_cdp_cmd("Browser.setDownloadBehavior", where)
        return folder

    def type(self, keys: str) -> None:
        """Press the keys of a text, where the keyboard is."""
        ActionChains(self.driver).send_keys(keys.replace("\n", Keys.ENTER)).perform()

    def insert(self, text: str) -> None:
        """Put a text where the keyboard is, as pasting does."""
        self.driver.execute_cdp_cmd("Input.insertText", {"text": text})

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a script in the page and return what it returns."""
        return self.driver.execute_script(script, *arguments)

    def wait(self, script: str, *arguments: Any) -> Any:
        """Wait until a script returns something true, and return it; what it asks for may not be there at first."""
        last = [None]

        def found() -> Any:
            try:
                last[0] = self.run(script, *arguments)
            except JavascriptException as error:
                last[0] = error.msg
                return None
            return last[0]

        try:
            return wait_for(found, f"{self.driver.current_url} to answer `{script.strip()}`", pause=0.05)
        except WaitedInVain as told:
            raise WaitedInVain(f"{told}; the last answer was {last[0]!r}") from None

    def find(self, selector: str) -> Any:
        """Return the first element of a selector."""
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def requests(self) -> list[str]:
        """Return the addresses that were asked for since the page was opened."""
        logged = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        return [one["params"]["request"]["url"] for one in logged if one["method"] == "Network.requestWillBeSent"]

    def complaints(self) -> list[str]:
        """Return the errors and warnings in the console since the page was opened."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def close(self) -> None:
        """End the browser."""
        self.driver.quit()


def file_of(address: str) -> Path:
    """Return the file that a file:// address names."""
    return Path(unquote(urlsplit(address).path))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a Chromium for all tests of this process, or another browser that the environment names."""
    from tests.site.other_engines import start  # which looks at this file

    one = start()
    yield one
    one.close()
