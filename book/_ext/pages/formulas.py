"""Mathematics set by KaTeX while the book is built: no script has to run in the page, and no other host is asked.

KaTeX is JavaScript; QuickJS, an engine in a small wheel, runs it here. A formula that KaTeX does not know is a
warning, which fails the build. Beside the visible HTML every formula carries MathML with its TeX source: screen
readers read the first, and copying gives the second (`copy-tex.min.js`).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from functools import cache
from itertools import accumulate
from pathlib import Path

import quickjs
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.fileutil import copy_asset
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html import HTML5Translator

from pages.font_letters import font_of

KATEX = Path(__file__).parent / "katex"
# Fonts that most pages need travel inside the stylesheet, with the letters of this book alone: formulas stand at once,
# and nothing moves afterwards. No page is shown before they are there, so the special ones have those letters alone
# that stand in their classes.
SET_IN = {"mathbf": "Main-Bold", "textbf": "Main-Bold", "mathnormal": "Math-Italic", "boldsymbol": "Math-BoldItalic"}
LEAF = re.compile(r'<span class="([^"]*)"[^>]*>([^<]+)<')
EMBEDDED = ("Main-Regular", "Main-Bold", "Math-Italic", "Math-BoldItalic", *(f"Size{n}-Regular" for n in range(1, 5)))
# \query{q}, \key{k} and \val{v} have the colours that they have in the figures; a copied formula has them not.
COLOURED = re.compile(r"\\(query|key|val)\{((?:[^{}]|\{[^{}]*\})*)\}")
SHOWN = '<span class="katex-html" aria-hidden="true">'
BETWEEN = '</span><span class="base">'  # where a line may end
LONGEST_BRACKET = 20  # letters of a bracket that stays on one line
# JSON, because the Python side of QuickJS cannot take strings that JavaScript keeps in pieces.
RENDER = """
function render(tex, displayMode) {
  const macros = Object.fromEntries(
    ["query", "key", "val"].map(name => ["\\\\" + name, "\\\\htmlClass{book-" + name + "}{#1}"]));
  const strict = code => code === "htmlExtension" ? "ignore" : "error";
  return JSON.stringify(katex.renderToString(tex, {
    displayMode, macros, strict, trust: use => use.command === "\\\\htmlClass", output: "htmlAndMathml"}));
}
"""
logger = logging.getLogger(__name__)


class FormulaError(ValueError):
    """KaTeX cannot set a formula."""


@cache
def engine() -> quickjs.Context:
    """Return a JavaScript engine that has read KaTeX."""
    context = quickjs.Context()
    context.eval((KATEX / "katex.min.js").read_text(encoding="utf-8"))
    context.eval(RENDER)
    return context


@cache
def set_formula(tex: str, display: bool) -> str:
    """Return a formula as HTML."""
    if r"\html" in tex:  # KaTeX would only print it in red
        raise FormulaError(r"\html commands stand in the macros alone")
    try:
        written = json.loads(engine().get("render")(tex, display))
    except quickjs.JSException as error:
        raise FormulaError(str(error).splitlines()[0]) from None
    head, tag, source = written.partition('<annotation encoding="application/x-tex">')
    copied, end, rest = source.partition("</annotation>")
    return head + tag + COLOURED.sub(r"\2", copied) + end + (rest if display else with_whole_brackets(rest))


def with_whole_brackets(written: str) -> str:
    """Return a formula within a line such that the line does not end inside a short bracket of it."""
    head, tag, shown = written.partition(SHOWN)
    parts = shown.split(BETWEEN)
    texts = [html.unescape(re.sub(r"<[^>]*>", "", part)) for part in parts]
    brackets, opened = [], []
    for at, letter in enumerate("".join(texts)):
        if letter in "([{":
            opened.append(at)
        elif letter in ")]}" and opened:
            brackets.append((opened.pop(), at))
    short = [(first, last) for first, last in brackets if last - first <= LONGEST_BRACKET]
    ends = accumulate(map(len, texts[:-1]))
    joints = ["" if any(first < end <= last for first, last in short) else BETWEEN for end in ends]
    return head + tag + parts[0] + "".join(joint + part for joint, part in zip(joints, parts[1:], strict=True))


def set_or_warn(tex: str, display: bool, node: nodes.Node) -> str:
    """Return a formula as HTML; where that fails warn, and return its TeX."""
    try:
        return set_formula(tex, display)
    except FormulaError as error:
        logger.warning("%s in the formula %s", error, tex, location=node, type="formulas")
        return f"<code>{html.escape(tex)}</code>"


def display_tex(node: nodes.math_block) -> str:
    """Return the TeX of a block; parts that blank lines part become lines, as Sphinx has it."""
    if node.get("nowrap"):
        return node.astext()
    parts = [part for part in node.astext().split("\n\n") if part.strip()]
    parts = [
        rf"\begin{{split}}{part}\end{{split}}" if r"\\" in part and r"\begin" not in part else part for part in parts
    ]
    return parts[0] if len(parts) == 1 else r"\begin{gathered}" + r"\\".join(parts) + r"\end{gathered}"


def visit_math(self: HTML5Translator, node: nodes.math) -> None:
    """Write a formula within a line."""
    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    self.body.append(set_or_warn(node.astext(), False, node) + "</span>")
    raise nodes.SkipNode


def visit_math_block(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula that stands by itself, with its number if it has one."""
    self.body.append(self.starttag(node, "div", CLASS="math notranslate nohighlight"))
    self.body.append(set_or_warn(display_tex(node), True, node))
    if node.get("number"):
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def stylesheet() -> str:
    """Return KaTeX's stylesheet: woff2 only."""
    css = (KATEX / "katex.min.css").read_text(encoding="utf-8")
    return re.sub(r",url\([^)]*\.(?:woff|ttf)\) format\(\"(?:woff|truetype)\"\)", "", css)


def embedded(css: str, pages: Iterable[str]) -> str:
    """Return a stylesheet with the embedded fonts in it, each with those letters of the pages that are set in it."""
    for name, letters in letters_of(pages).items():
        address = rf"url\(['\"]?[^'\")]*KaTeX_{name}\.woff2['\"]?\)\s*format\(['\"]woff2['\"]\)"
        text = "".join(sorted(letters))
        css = re.sub(address, f'url(data:font/woff;base64,{font(name, text)}) format("woff")', css)
    return css


def letters_of(pages: Iterable[str]) -> dict[str, set[str]]:
    """Return the letters that each embedded font needs; at least a space, for a font has some letter."""
    found = {name: set(" ") for name in EMBEDDED}
    general = found.keys() - set(SET_IN.values())
    for page in pages:
        for classes, text in set(LEAF.findall(page)):
            for name in {SET_IN[one] for one in classes.split() if one in SET_IN}:
                found[name] |= set(html.unescape(text))
        for name in general:
            found[name] |= set(html.unescape(page))
    return found


@cache
def font(name: str, letters: str) -> str:
    """Return one of KaTeX's fonts with these letters alone, in base64."""
    return font_of(KATEX / "fonts" / f"KaTeX_{name}.woff", letters, ["*"])


def copy_katex(app: Sphinx) -> None:
    """Put what readers need of KaTeX beside the pages."""
    if app.builder.format != "html":
        return
    there = Path(app.outdir) / "_static" / "katex"
    there.mkdir(parents=True, exist_ok=True)
    copy_asset(KATEX / "fonts", there / "fonts")
    for name in ("copy-tex.min.js", "LICENSE"):
        copy_asset(KATEX / name, there)
    (there / "katex.css").write_text(stylesheet(), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Make this the way in which formulas are written."""
    app.add_html_math_renderer("katex", (visit_math, None), (visit_math_block, None))
    app.connect("config-inited", lambda app, config: setattr(config, "html_math_renderer", "katex"))
    app.connect("builder-inited", copy_katex)
    app.add_css_file("katex/katex.css", priority=200)
    app.add_js_file("katex/copy-tex.min.js", loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
