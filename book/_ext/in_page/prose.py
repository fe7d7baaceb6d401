"""The prose of a notebook as HTML: CommonMark and tables, formulas set by KaTeX, hints that open, links to sections."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pages.formulas import set_formula
from pages.no_break import WHOLE, hyphened, unbroken
from pages.punctuation import CLOSING, OPENING, classes_of, stays_whole

from in_page.cells import code_in_colours

# The only HTML in a notebook: hints that open.
HINTS = re.compile(r"(?:</?(?:details|summary)>|[^<>])*")
TASK, LISTED = re.compile(r"Task (\d+):"), re.compile(r"(\d+) \S")
TABLE = "pst-scrollable-table-container"  # the theme's
FORMULA = '<{tag} class="math notranslate nohighlight">{formula}</{tag}>'


class UnknownProse(ValueError):
    """Prose that the page cannot show."""


class Prose:
    """Sets the prose of one notebook, cell by cell; `sections` are titles and addresses of the chapter's page."""

    def __init__(self, sections: Mapping[str, str]) -> None:
        """Begin with no heading seen; `task` is the number of the task that the last heading named."""
        self.sections, self.title, self.level, self.task = sections, "", 0, ""
        self.markdown = MarkdownIt("commonmark", {"html": True, "typographer": True, "highlight": block})
        self.markdown.enable(["table", "smartquotes"])
        self.markdown.use(dollarmath_plugin, allow_labels=False, double_inline=True)
        self.markdown.add_render_rule("math_inline", formula_rule("span", display=False))
        self.markdown.add_render_rule("math_inline_double", formula_rule("span", display=True))
        self.markdown.add_render_rule("math_block", formula_rule("div", display=True))
        self.markdown.add_render_rule("table_open", lambda *_: f'<div class="{TABLE}"><table class="table">\n')
        self.markdown.add_render_rule("table_close", lambda *_: "</table></div>\n")

    def html(self, source: str) -> str:
        """Return one cell. The first heading of all is not in it: it is the `title` of the page, as HTML."""
        tokens = self.markdown.parse(source)
        for token in tokens:
            refuse(token)
            for child in token.children or []:
                refuse(child)
        if not self.title:
            tokens = self.take_title(tokens)
        self.step_down(tokens)
        self.name_task(tokens)
        link_tasks(tokens)
        empty_corners(tokens)
        for before, token in pairwise(tokens):
            if token.type == "inline":
                if before.type != "heading_open":
                    keep_numbers(token)
                keep_formulas_together(token)
                if before.type == "paragraph_open":
                    self.link_section(token)
                if before.type != "heading_open":
                    keep_words(token)
        return self.markdown.renderer.render(tokens, self.markdown.options, {})

    def take_title(self, tokens: list[Token]) -> list[Token]:
        """Return the tokens less the first heading, which a notebook begins with."""
        if not tokens or tokens[0].tag != "h1":
            raise UnknownProse("the notebook's prose does not begin with its title")
        self.title, self.level = self.markdown.renderer.render([tokens[1]], self.markdown.options, {}), 1
        return tokens[3:]

    def step_down(self, tokens: list[Token]) -> None:
        """Let no heading stand more than one level below the one before, and none beside the title."""
        for token in tokens:
            if token.type == "heading_open":
                self.level = max(2, min(int(token.tag[1]), self.level + 1))
            if token.type.startswith("heading_"):
                token.tag = f"h{self.level}"

    def name_task(self, tokens: list[Token]) -> None:
        """Give the heading of a task a name that a link can lead to."""
        for heading, content in pairwise(tokens):
            if heading.type == "heading_open" and (found := TASK.match(content.content)):
                self.task = found[1]
                heading.attrSet("id", f"task-{self.task}")

    def link_section(self, paragraph: Token) -> None:
        """Make a link of a paragraph that is, in italics, the title of a section."""
        children = paragraph.children or []
        kinds = [child.type for child in children]
        address = self.sections.get(paragraph.content.strip("*")) if kinds == ["em_open", "text", "em_close"] else None
        if address:
            children.insert(0, Token("link_open", "a", 1, {"href": address}))
            children.append(Token("link_close", "a", -1))


def link_tasks(tokens: list[Token]) -> None:
    """Make links of the tasks in the list of tasks, a table whose first column is called so."""
    is_list = False
    for cell, content in pairwise(tokens):
        is_list = (is_list or (cell.type == "th_open" and content.content == "task")) and cell.type != "table_close"
        if is_list and cell.type == "td_open" and (found := LISTED.match(content.content)):
            link = Token("link_open", "a", 1, {"href": f"#task-{found[1]}"})
            content.children = [link, *(content.children or []), Token("link_close", "a", -1)]


def empty_corners(tokens: list[Token]) -> None:
    """Make plain cells of the empty ones in the head of a table: an empty heading is read out as one."""
    for begin, content, end in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if begin.type == "th_open" and not content.content:
            begin.tag = end.tag = "td"


def formula_rule(tag: str, display: bool):  # noqa: ANN201 - a rule of markdown-it
    """Return the rule that writes a formula into an element."""

    def rule(renderer: object, tokens: list[Token], n: int, options: object, env: object) -> str:
        return FORMULA.format(tag=tag, formula=set_formula(tokens[n].content.strip(), display))

    return rule


def block(code: str, language: str, attributes: str) -> str:
    """Return a fenced block of Python in colours, any other escaped."""
    text = code_in_colours(code) if language == "python" else escape(code)
    return f'<pre class="highlight"><code>{text}</code></pre>\n'


def refuse(token: Token) -> None:
    """Raise UnknownProse for what would be lost or do harm: other HTML, pictures, links within the folder."""
    if token.type in ("html_block", "html_inline") and not HINTS.fullmatch(token.content):
        raise UnknownProse(f"a notebook's HTML may be details and summary only, not {token.content.strip()[:60]}")
    if token.type == "image":
        raise UnknownProse("a page shows no pictures from a notebook's prose")
    if token.type == "link_open" and not str(token.attrGet("href")).startswith("https://"):
        raise UnknownProse(f"a link leads out of the notebook's folder: {token.attrGet('href')}")


def keep_numbers(paragraph: Token) -> None:
    """Keep a number on one line with its unit or its name, as no_break.py does."""
    pieces = [token for token in paragraph.children or [] if token.nesting == 0]
    written = ["\n" if token.type == "softbreak" else token.content for token in pieces]
    for token, before, kept in zip(pieces, written, unbroken(written), strict=True):
        if kept != before and token.type in ("text", "softbreak"):
            token.type, token.content = "text", kept


def keep_words(paragraph: Token) -> None:
    """Put the words with a hyphen that stay whole into spans, as no_break.py does."""
    bound: list[Token] = []
    for token in paragraph.children or []:
        if token.type != "text":
            bound.append(token)
            continue
        for n, piece in enumerate(hyphened(token.content)):
            bound += span(WHOLE, piece) if n % 2 else [text(piece)]
    paragraph.children = bound


def keep_formulas_together(paragraph: Token) -> None:
    """Keep a formula with the bracket before it and the stop behind it, a short one whole, as punctuation.py does."""
    bound: list[Token] = []
    rest = list(paragraph.children or [])
    for n, token in enumerate(rest):
        if token.type != "math_inline":
            bound.append(token)
            continue
        opening = OPENING.search(bound[-1].content) if bound and bound[-1].type == "text" else None
        after = rest[n + 1] if n + 1 < len(rest) and rest[n + 1].type == "text" else None
        closing = CLOSING.match(after.content) if after else None
        if opening:
            bound[-1].content = bound[-1].content[: opening.start()]
        if after and closing:
            after.content = after.content[closing.end() :]
        held = opening or closing or stays_whole(token.content)
        if held:
            bound.append(Token("span_open", "span", 1, {"class": "unbroken"}))
        bound += [text(opening[0])] if opening else []
        bound.append(token)
        if closing:
            bound += span(" ".join(classes_of(closing[0])), closing[0])
        if held:
            bound.append(Token("span_close", "span", -1))
    paragraph.children = bound


def span(classes: str, content: str) -> list[Token]:
    """Return text in a span of its own."""
    return [Token("span_open", "span", 1, {"class": classes}), text(content), Token("span_close", "span", -1)]


def text(content: str) -> Token:
    """Return text."""
    return Token("text", "", 0, content=content)
