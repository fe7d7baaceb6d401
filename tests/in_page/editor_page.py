"""A page with three editors, as a learner has them before them, and a server for it: modules need one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.built_book import ROOT
from tests.site.browser import DESK, Browser

BUNDLE = ROOT / "book" / "_ext" / "in_page" / "js" / "editor.min.js"
PAGE = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>Three editors</title><link rel="icon" href="data:,">
<style>
  :root {--nb-code-bg: #f4f4f4; --nb-code-fg: #111; --nb-gutter: #555; --nb-caret: #a00; --nb-selection: #bcd}
  body {margin: 0; font: 16px/1.5 serif}
  .code {font: 16px/1.25 monospace}
  .tok-keyword {color: #00f}
</style>
<main><h1>Three editors</h1><button id="before">Before</button>
<div class="code" id="code"></div><div class="code" id="given"></div><div id="answer"></div>
<button id="after">After</button></main>
<script type="module">
import {makeEditor} from "./editor.min.js";
window.changes = [];
window.pressed = [];
const press = (name, done) => () => { window.pressed.push(name); return done; };
const keys = {"Shift-Enter": press("run", true), "Mod-Enter": press("stay", true), Backspace: press("let by")};
const places = {
  code: {text: "", label: "Code of cell 1", onChange: text => window.changes.push(text), keys},
  given: {text: "import numpy as np", label: "Given code", readOnly: true},
  answer: {text: "", label: "Your answer", language: "text", wrap: true},
};
window.editors = {};
for (const [id, options] of Object.entries(places))
  window.editors[id] = makeEditor({parent: document.getElementById(id), ...options});
</script>
"""


class Handler(BaseHTTPRequestHandler):
    """Answers with the page and the bundle."""

    def do_GET(self) -> None:
        files = {
            "/": ("text/html", PAGE.encode()),
            "/editor.min.js": ("text/javascript", BUNDLE.read_bytes()),
        }
        kind, content = files.get(self.path, ("text/plain", b""))
        self.send_response(200 if self.path in files else 404)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def served() -> Iterator[str]:
    """Serve the page and give its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class Editors:
    """The page in the browser; the first editor, for code, has the focus."""

    def __init__(self, browser: Browser, address: str, width: int = DESK) -> None:
        self.browser, self.run = browser, browser.run
        browser.open(address, width)
        browser.wait("return Object.keys(window.editors ?? {}).length === 3")
        self.focus("code")

    def focus(self, name: str) -> None:
        """Put the caret behind the text of an editor."""
        self.call(name, "focus")
        self.press(Keys.CONTROL, Keys.END)

    def call(self, name: str, method: str, *arguments: Any) -> Any:
        """Call a method of an editor."""
        return self.run("return window.editors[arguments[0]][arguments[1]](...arguments[2])", name, method, arguments)

    def type(self, text: str) -> None:
        """Press the keys of a text."""
        self.browser.type(text)

    def press(self, *keys: str) -> None:
        """Press a key while the keys named before it are held."""
        chain = ActionChains(self.browser.driver)
        for key in keys[:-1]:
            chain.key_down(key)
        chain.send_keys(keys[-1])
        for key in keys[:-1]:
            chain.key_up(key)
        chain.perform()

    def text(self, name: str = "code") -> str:
        """Return the text of an editor."""
        return self.call(name, "text")

    def marked(self) -> list[str]:
        """Return the lines of the code that are marked."""
        return self.run("return [...document.querySelectorAll('#code .cm-errorLine')].map(one => one.textContent)")

    def focused(self) -> str:
        """Return the id of what has the focus, or of the place of the editor that has it."""
        return self.run("return document.activeElement.closest('[id]')?.id ?? ''")

    def style(self, selector: str, name: str, pseudo: str | None = None) -> str:
        """Return one property of an element's style as the browser computes it."""
        self.browser.wait("return !!document.querySelector(arguments[0])", selector)  # words are coloured a bit later
        script = "return getComputedStyle(document.querySelector(arguments[0]), arguments[2])[arguments[1]]"
        return self.run(script, selector, name, pseudo)
