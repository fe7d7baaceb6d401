"""Firefox without a window, by its own driver (geckodriver); WebDriver BiDi tells what a page asks for and says."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

from tests.site.browser import HEIGHT
from tests.site.other_engines import OtherBrowser

MISSING = "no Firefox: install firefox-esr (or firefox) and geckodriver"


def programs() -> tuple[str, str] | None:
    """Return where Firefox and its driver are, or None."""
    browser = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
    driver = shutil.which("geckodriver")
    return (browser, driver) if browser and driver else None


class Firefox(OtherBrowser):
    """One Firefox with one tab."""

    logs = True

    def __init__(self) -> None:
        browser, driver = programs() or pytest.skip(MISSING)
        options = webdriver.FirefoxOptions()
        options.add_argument("-headless")
        options.binary_location = browser
        options.enable_bidi = True
        options.set_preference("ui.prefersReducedMotion", 1)
        options.set_preference("ui.useOverlayScrollbars", 1)  # as on a phone
        self.asked: list[str] = []
        self.said: list[str] = []
        self.drive(webdriver.Firefox(options, webdriver.FirefoxService(driver)))
        self.driver.network.set_cache_behavior(cache_behavior="bypass")
        self.driver.network.add_event_handler("before_request", self.note_request)
        self.driver.network.add_event_handler("fetch_error", self.note_failure)
        self.driver.script.add_console_message_handler(self.note_message)
        self.driver.script.add_javascript_error_handler(self.note_message)

    def note_request(self, event: dict[str, Any]) -> None:
        self.asked.append(event["request"]["url"])

    def note_failure(self, event: Any) -> None:
        self.said.append(f"{event.request['url']}: {event.error_text}")

    def note_message(self, entry: Any) -> None:
        if entry.level in ("error", "warn"):
            self.said.append(entry.text)

    def resize(self, width: int) -> None:
        """Show the same page on a screen of another width."""
        viewport = {"width": width, "height": HEIGHT}
        self.driver.browsing_context.set_viewport(context=self.driver.current_window_handle, viewport=viewport)

    def download_to(self, folder: Path) -> Path:
        """Let what is downloaded come into a folder."""
        self.driver.browser.set_download_behavior(allowed=True, destination_folder=str(folder))
        return folder

    def drain(self) -> None:
        """Forget what was logged so far."""
        self.driver.get("about:blank")
        self.asked.clear()
        self.said.clear()

    def requests(self) -> list[str]:
        """Return the addresses that were asked for since the page was opened."""
        self.driver.browsing_context.get_tree()  # its answer comes after what was told before
        return list(self.asked)

    def complaints(self) -> list[str]:
        """Return the errors and warnings in the console since the page was opened, and what could not be fetched."""
        self.driver.browsing_context.get_tree()
        return list(self.said)
