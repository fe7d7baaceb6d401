"""A notebook in its page, used as a learner uses it: keys and clicks in headless Chromium."""

from __future__ import annotations

import json
from typing import Any

from selenium.common.exceptions import ElementClickInterceptedException
from selenium.webdriver import ActionChains, Keys

from tests.site.browser import DESK, Browser
from tests.waiting import wait_for

READY = "return document.querySelector('.nb-says')?.textContent === 'Python is ready.'"
START = """
const button = document.querySelector(".nb-stop");
if (button?.textContent === "Start Python") button.click();
return button && button.textContent !== "Start Python";
"""
STAND_STILL = """
const now = performance.now();
Object.defineProperty(KeyboardEvent.prototype, "timeStamp", {get: () => now, configurable: true});
"""
TEXT = """
const [cell, done] = arguments;
cell.scrollIntoView({block: "center", behavior: "instant"});
const lines = () => [...cell.querySelectorAll(".cm-line")].map(line => line.textContent).join("\\n");
const drawn = () => cell.querySelector(".cm-gap") ? requestAnimationFrame(drawn) : done(lines()); // not yet all
requestAnimationFrame(() => requestAnimationFrame(drawn));
"""
IN_SIGHT = """
arguments[0].scrollIntoView({block: "center", behavior: "instant"});
const {left, top, width, height} = arguments[0].getBoundingClientRect();
return arguments[0].contains(document.elementFromPoint(left + width / 2, top + height / 2));
"""


class NotebookPage:
    """The page of one exercise."""

    def __init__(self, browser: Browser, site: str, slug: str) -> None:
        self.browser, self.slug = browser, slug
        self.address = f"{site}/exercises/{slug}.html"

    # ------------------------------------------------------------ opening
    def open(self, width: int = DESK, work: dict[str, str] | None = None) -> NotebookPage:
        """Open the page with nothing kept from before, or with the given texts of cells."""
        self.browser.open(self.address.rpartition("/exercises/")[0] + "/_static/icons.css")
        self.browser.run("localStorage.clear()")
        if work:
            texts = {name: {"text": text, "base": ""} for name, text in work.items()}
            kept = {"form": 1, "texts": texts, "own": [], "results": {}}
            self.browser.run("localStorage.setItem(arguments[0], arguments[1])", self.key, json.dumps(kept))
        self.browser.open(self.address, width)
        return self.start()

    @property
    def key(self) -> str:
        return f"attention-notebook:{self.slug}"

    def start(self) -> NotebookPage:
        """Load Python, and wait until it is ready."""
        self.press_start()
        return self.ready()

    def press_start(self) -> None:
        """Press the button that loads Python, as soon as the page has it."""
        self.wait(START)

    def ready(self) -> NotebookPage:
        """Wait until Python is ready."""
        self.wait(READY)
        return self

    def reload(self) -> NotebookPage:
        self.browser.driver.refresh()
        return self.start()

    def wait(self, script: str, *arguments: Any) -> Any:
        return self.browser.wait(script, *arguments)

    # ------------------------------------------------------------ cells
    def cell(self, name: str) -> Any:
        return self.browser.find(f'[data-id="{name}"]')

    def editor(self, name: str) -> Any:
        return self.browser.find(f'[data-id="{name}"] .cm-content')

    def text(self, name: str) -> str:
        """Return a cell's text as the page would save it; the editor writes down only the lines that are near."""
        return self.browser.driver.execute_async_script(TEXT, self.cell(name))

    def click_into(self, name: str) -> None:
        editor = self.editor(name)
        self.click_on(editor)

    def write(self, name: str, text: str) -> None:
        """Put text in the place of a cell's own, as pasting does."""
        self.click_into(name)
        self.press("a", Keys.CONTROL)
        self.browser.insert(text)

    def type(self, keys: str) -> None:
        """Type where the keyboard is."""
        self.browser.type(keys)

    def press(self, key: str, *held: str) -> None:
        """Press one key while others are held."""
        chain = ActionChains(self.browser.driver)
        for one in held:
            chain.key_down(one)
        chain.send_keys(key)
        for one in held:
            chain.key_up(one)
        chain.perform()

    def twice(self, key: str) -> None:
        """Press a key twice in the same moment of the page's clock, however slow the machine is."""
        self.browser.run(STAND_STILL)
        self.press(key)
        self.press(key)
        self.browser.run("delete KeyboardEvent.prototype.timeStamp")

    def click(self, selector: str) -> None:
        self.click_on(self.browser.find(selector))

    def click_on(self, button: Any) -> None:
        """Click a button, as soon as it is in sight and nothing lies over it: the page may still move."""
        wait_for(lambda: self.clicked(button), "a button that can be clicked")

    def clicked(self, button: Any) -> bool:
        """Click a button; say whether that reached it, or something came over it in between."""
        self.wait(IN_SIGHT, button)
        try:
            button.click()
        except ElementClickInterceptedException:
            return False
        return True

    def run(self, name: str) -> str:
        """Press the cell's button, wait until it is done, and return what is shown below it."""
        self.click(f'[data-id="{name}"] .nb-run')
        return self.done(name)

    def done(self, name: str) -> str:
        """Wait until a cell that was started is done; return what is shown below it."""
        ends = "return ['done', 'error'].includes(arguments[0].dataset.state)"
        self.wait(ends, self.cell(name))
        return self.shown(name)

    def shown(self, name: str) -> str:
        return self.browser.run("return arguments[0].querySelector('.nb-output').innerText", self.cell(name)).strip()

    def idle(self) -> None:
        """Wait until nothing runs or waits any more."""
        self.wait(READY + " && !document.querySelector('[data-state=waiting], [data-state=running]')")

    # ------------------------------------------------------------ the bar
    def bar(self, name: str) -> None:
        """Press a button of the bar, with the keyboard."""
        buttons = "[...document.querySelectorAll('#nb-bar button')]"
        self.browser.run(f"{buttons}.find(one => one.textContent === arguments[0]).focus()", name)
        self.press(Keys.ENTER)

    @property
    def reached(self) -> str:
        return self.browser.find(".nb-reached").text

    @property
    def earned(self) -> float:
        """Return the points that the page shows."""
        return float(self.reached.split(" of ")[0])

    @property
    def notices(self) -> str:
        return self.browser.find("#nb-notices").text

    def kept(self) -> dict[str, Any]:
        """Return what the browser keeps of this notebook."""
        return json.loads(self.browser.run("return localStorage.getItem(arguments[0])", self.key) or "{}")
