"""What a page loads: no script that it does not use, none that holds up the first sight, icons without a script."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pydata_sphinx_theme
from sphinx.application import Sphinx
from sphinx.builders.html._assets import _JavaScript
from sphinx.config import Config

from pages.font_letters import font_of

TEMPLATES = Path(__file__).parent / "templates"
THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
# The icons of Font Awesome that the theme's templates and scripts name; tests/site looks for others.
ICONS = (
    "angle-left angle-right angles-left angles-right arrow-up bars chevron-down chevron-right circle-half-stroke "
    "circle-question code download expand file file-pdf list magnifying-glass moon print rocket "
    "sun up-right-from-square xmark"
)
# Runs code on a server elsewhere; marks the words that Sphinx's search found, and this book has another one.
UNUSED = ("thebe", "sphinx_highlight")
# What serves a part of some pages: words of the script, or of the line that it needs, and what stands in the page then.
SERVES = {
    "design-tabs": r"sd-tab-set",
    "toggle": r"toggle|admonition[^\"]*dropdown|dropdown[^\"]*admonition",
    "clipboard": r"highlight",
    "copybutton": r"highlight",
    "copy-tex": r"katex",
}
# What others write into pages, and what assistive devices understand better.
REPAIRS = {
    '<summary aria-label="Toggle hidden content">': "<summary>",  # its name is what one reads there
    '<div role="list" class="citation-list">': '<div class="citation-list">',  # it holds no list items
    ' role="doc-biblioentry"': "",  # is deprecated
    '<th class="head"><p></p></th>': '<td class="head"></td>',  # the corner of a table is no heading
}


def lighten(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Drop unused and doubled scripts and styles of a page, and let the others wait for the text."""
    context["css_files"] = [css for css in context["css_files"] if not is_unused(str(css))]
    body = context.get("body", "")
    texts = ((script, script_text(script)) for script in context["script_files"])
    scripts = unique(script for script, text in texts if not is_unused(text) and serves(text, body))
    context["script_files"] = [deferred(script) for script in scripts]
    if body:
        context["body"] = f'<span id="book-text" tabindex="-1"></span>{body}'
    for found, better in REPAIRS.items():
        context["body"] = context.get("body", "").replace(found, better)


def script_text(script: _JavaScript | str) -> str:
    """Return the file name and the body of a script."""
    return f"{getattr(script, 'filename', script)} {getattr(script, 'attributes', {}).get('body', '')}"


def is_unused(text: str) -> bool:
    """Tell whether a script or style belongs to what the book does not use."""
    return any(word in text.lower() for word in UNUSED)


def serves(text: str, body: str) -> bool:
    """Tell whether a script has something to do on a page."""
    return all(re.search(part, body) for word, part in SERVES.items() if word in text)


def unique(scripts: Iterable[_JavaScript]) -> Iterable[_JavaScript]:
    """Return scripts without repetitions."""
    return {script_text(script): script for script in scripts}.values()


def deferred(script: _JavaScript) -> _JavaScript:
    """Return the same script, to run when the page stands; a line that needs a deferred file waits with it."""
    attributes = dict(script.attributes)
    body = attributes.get("body", "")
    if script.filename:
        attributes |= {} if "async" in attributes else {"defer": "defer"}
    elif body.startswith("DOCUMENTATION_OPTIONS."):
        attributes["body"] = f'document.addEventListener("DOMContentLoaded", () => {{ {body} }});'
    return _JavaScript(script.filename, priority=script.priority, **attributes)


@cache
def icon_styles() -> str:
    """Return a stylesheet that draws the icons in the colour of the text, from the outlines that the theme brings."""
    known = (THEME / "scripts" / "fontawesome.js").read_text(encoding="utf-8")
    rules = [
        ":is(.fa-solid, .fas) { display: inline-block; flex: none; box-sizing: content-box; width: 1.1em; height: 1em; "
        "vertical-align: -0.125em; font-family: inherit; }",
        ".search-button-field > .fa-solid { display: inline-block; }",
        ':is(.fa-solid, .fas)::before { content: "" !important; display: block; width: 100%; height: 100%; '
        "background: currentColor; mask: var(--icon) center / contain no-repeat; }",
        ".fa-lg { font-size: 1.25em; }",
        # Windows' high contrast takes backgrounds away.
        "@media (forced-colors: active) { :is(.fa-solid, .fas)::before "
        "{ background: ButtonText; forced-color-adjust: none; } }",
        "@media print { :is(.fa-solid, .fas)::before { print-color-adjust: exact; } }",
    ]
    return "\n".join([*rules, *(icon_rule(name, known) for name in ICONS.split()), box_font()]) + "\n"


def box_font() -> str:
    """Return a rule with the few letters of Font Awesome that the theme's boxes use, before the whole of it."""
    theme = (THEME / "styles" / "pydata-sphinx-theme.css").read_text(encoding="utf-8")
    letters = "".join(re.findall(r'--pst-icon-[a-z-]+: ?"([^"\\])"', theme)) + " \uf107"
    data = font_of(THEME / "vendor" / "fontawesome" / "webfonts" / "fa-solid-900.ttf", letters)
    return (
        '@font-face { font-family: "Font Awesome 6 Free"; font-weight: 900; font-display: block; '
        f'src: url(data:font/woff;base64,{data}) format("woff"); }}'
    )


def icon_rule(name: str, known: str) -> str:
    """Return the rule of one icon; the last outline of a name is that of the solid set."""
    found = re.findall(rf'(?<![\w-])"?{name}"?:\[(\d+),(\d+),\[[^\]]*\],"[0-9a-f]*",\[?"([^"]+)"', known)
    if not found:
        raise LookupError(f"Font Awesome has no icon {name}")
    width, height, outline = found[-1]
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'><path d='{outline}'/></svg>"
    quoted = svg.replace("<", "%3C").replace(">", "%3E").replace(" ", "%20")
    return f'.fa-{name} {{ --icon: url("data:image/svg+xml,{quoted}"); }}'


def write_icons(app: Sphinx) -> None:
    """Put the stylesheet of the icons beside the pages."""
    if app.builder.format == "html":
        there = Path(app.outdir) / "_static"
        there.mkdir(parents=True, exist_ok=True)
        (there / "icons.css").write_text(icon_styles(), encoding="utf-8")


def use_templates(app: Sphinx, config: Config) -> None:
    """Look for templates here first."""
    config.templates_path.insert(0, str(TEMPLATES))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx; late, when the theme and the extensions have named their scripts."""
    app.connect("config-inited", use_templates)
    app.connect("builder-inited", write_icons)
    app.connect("html-page-context", lighten, priority=900)
    app.add_css_file("icons.css", priority=300)
    app.add_js_file("reading.js")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
