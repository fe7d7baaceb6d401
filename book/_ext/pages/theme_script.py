"""The theme's script without what holds a long page up: `reading.js` does that part when there is something to do.

The theme gives each piece of code that scrolls a place in the order of the Tab key. It asks one for its size, changes
it, and asks the next, so that the browser lays the page out once for each: a fifth of a second on a fast machine.
"""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

SCRIPT = "_static/scripts/pydata-sphinx-theme.js"
ASKS_EACH = re.compile(
    r'document\.querySelectorAll\(\["pre",[^\]]*\]\.join\(", "\)\)(?=\.forEach\(\w+=>\{\w+\.tabIndex=)'
)
ASKS_NONE = "[]"


def without_tab_stops(text: str) -> str:
    """Return the theme's script without its search for what scrolls; raises ExtensionError if it is not there."""
    text, count = ASKS_EACH.subn(ASKS_NONE, text)
    if not count:
        raise ExtensionError(
            f"{SCRIPT} no longer holds what theme_script.py takes out: look at the theme's new release"
        )
    return text


def rewrite(app: Sphinx, exception: Exception | None) -> None:
    """Rewrite the script among the pages; it is copied anew by each build that finds it changed."""
    path = Path(app.outdir) / SCRIPT
    if exception or not path.exists():
        return
    text = path.read_text(encoding="utf-8")
    if f"{ASKS_NONE}.forEach" not in text:
        path.write_text(without_tab_stops(text), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Take part in the build."""
    app.connect("build-finished", rewrite)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
