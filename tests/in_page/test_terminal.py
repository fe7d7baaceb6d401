"""What is printed into the page, as a terminal shows it; run by QuickJS, without a browser."""

from __future__ import annotations

import json

import pytest
import quickjs

from tests.built_book import ROOT

SCRIPT = ROOT / "book" / "_ext" / "in_page" / "js" / "terminal.js"
RED, GREEN = "var(--nb-ansi-1)", "var(--nb-ansi-2)"
# As much of a document as the script asks for.
DOCUMENT = """
class Piece {
  constructor(text = "") {
    Object.assign(this, {text, style: {}, names: [], classList: {add: name => this.names.push(name)}});
  }
  append(text) { this.text += text; }
  remove() { shown.splice(shown.indexOf(this), 1); }
}
const shown = [], pre = {append: (...pieces) => shown.push(...pieces)};
const document = {createTextNode: text => new Piece(text), createElement: () => new Piece()};
const said = ({text, style, names}) => [text, style.color ?? "", style.backgroundColor ?? "", ...names];
"""


def printed(*texts: str) -> list[list[str]]:
    """Return the pieces that are shown in the end: text, colour, ground, classes."""
    context = quickjs.Context()
    context.eval(DOCUMENT + SCRIPT.read_text(encoding="utf-8").replace("export class", "class"))
    context.eval("const terminal = new Terminal(pre)")
    for text in texts:
        context.eval(f"terminal.write({json.dumps(text)})")
    return json.loads(context.eval("JSON.stringify(shown.map(said))"))


def text_of(*texts: str) -> str:
    return "".join(piece[0] for piece in printed(*texts))


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (["a\n", "b", "c\n"], "a\nbc\n"),
        (["10%\r", "20%\r", "done\n", "x"], "done\nx"),
        (["long line\rshort"], "shortline"),
        (["long line\r\x1b[Kshort\n"], "short\n"),
        (["a\r", "\nb\r\nc"], "a\nb\nc"),
        (["ab\bc"], "ac"),
        (["\x1b[2J\x1b[?25lx"], "x"),
        (["한국\r어"], "어국"),
        (["😀b\rc"], "cb"),
    ],
)
def test_a_line_is_written_over(texts, shown):
    assert text_of(*texts) == shown


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("a\x1b[31mb\x1b[0mc", [["a", "", ""], ["b", RED, ""], ["c", "", ""]]),
        ("\x1b[1;32mok", [["ok", GREEN, "", "nb-bold"]]),
        ("\x1b[38;5;196mx\x1b[48;2;1;2;3my", [["x", "rgb(255 0 0)", ""], ["y", "rgb(255 0 0)", "rgb(1 2 3)"]]),
        ("\x1b[38;5;250mx\x1b[38;5;2my", [["x", "rgb(188 188 188)", ""], ["y", GREEN, ""]]),
        ("\x1b[31;7mx\x1b[27my", [["x", "var(--pst-color-background)", RED], ["y", RED, ""]]),
        ("\x1b[91mx\x1b[39my", [["x", "var(--nb-ansi-9)", ""], ["y", "", ""]]),
        ("\x1b[31mone\ntwo\x1b[0m", [["one\n", RED, ""], ["two", RED, ""]]),
    ],
)
def test_colours_are_those_that_the_codes_say(text, pieces):
    assert printed(text) == pieces
    halves = printed(text[: len(text) // 2], text[len(text) // 2 :])
    assert "".join(piece[0] for piece in halves) == "".join(piece[0] for piece in pieces), "sent in two parts"


def test_markup_stays_text():
    assert printed("\x1b[31m<b>&amp;") == [["<b>&amp;", RED, ""]]
