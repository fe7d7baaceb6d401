"""WebKit with the small browser that Debian ships for tests (webkit2gtk-driver); it needs a display (xvfb-run)."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from unittest.mock import patch

import pytest
from selenium import webdriver

from tests.site.browser import HEIGHT
from tests.site.other_engines import OtherBrowser
from tests.waiting import wait_for

BROWSERS = ("/usr/lib/*/webkit2gtk-4.1/MiniBrowser", "/usr/lib*/webkit2gtk-4.1/MiniBrowser")
MISSING = "no WebKit: install the package webkit2gtk-driver"
NO_DISPLAY = "WebKit needs a display: run the tests with xvfb-run -a"
# The browser's own bar may be as narrow as a phone, nothing moves, and what is downloaded comes into a folder of ours.
SETTINGS = {
    "gtk-3.0/gtk.css": "* {font-size: 1px; min-width: 0; min-height: 0; padding: 0; margin: 0; border-width: 0}\n",
    "gtk-3.0/settings.ini": "[Settings]\ngtk-enable-animations=0\n",
    "user-dirs.dirs": 'XDG_DOWNLOAD_DIR="{downloads}"\n',
}


def programs() -> tuple[str, str] | None:
    """Return where the browser and its driver are, or None."""
    browser = next((str(path) for pattern in BROWSERS for path in Path("/").glob(pattern[1:])), None)
    driver = shutil.which("WebKitWebDriver")
    return (browser, driver) if browser and driver else None


class WebKit(OtherBrowser):
    """One WebKit with one window."""

    logs = False

    def __init__(self) -> None:
        browser, driver = programs() or pytest.skip(MISSING)
        if not os.environ.get("DISPLAY"):
            pytest.skip(NO_DISPLAY)
        self.folder = tempfile.TemporaryDirectory(prefix="webkit-")
        self.downloads = Path(self.folder.name) / "downloads"
        self.downloads.mkdir()
        for name, text in SETTINGS.items():
            path = Path(self.folder.name) / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text.replace("{downloads}", str(self.downloads)), encoding="utf-8")
        options = webdriver.WebKitGTKOptions()
        options.binary_location = browser
        options.add_argument("--automation")
        with patch.dict(os.environ, XDG_CONFIG_HOME=self.folder.name):
            self.drive(webdriver.WebKitGTK(options, webdriver.WebKitGTKService(driver)))
        # Without a window manager the keyboard is where the pointer is, which xvfb-run lets stand at (640, 512).
        self.driver.set_window_position(500, 0)
        self.wait("return innerHeight > 0")

    def resize(self, width: int) -> None:
        """Show the same page in a window of another width."""
        wait_for(lambda: self.fits(width), f"a page {width} pixels wide and {HEIGHT} high")

    def fits(self, width: int) -> bool:
        """Make the window as large as the page asks; say whether it was. After a download a second bar is there."""
        if self.run("return [innerWidth, innerHeight]") == [width, HEIGHT]:
            return True
        self.driver.set_window_size(width, HEIGHT + self.run("return outerHeight - innerHeight"))
        return False

    def download_to(self, folder: Path) -> Path:
        """Return the folder into which what is downloaded comes."""
        return self.downloads

    def close(self) -> None:
        """End the browser."""
        super().close()
        self.folder.cleanup()
