"""Formulas: all are set while the book is built, by the very KaTeX that npm has, and can be copied as TeX."""

from __future__ import annotations

import base64
import filecmp
import io

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from fontTools.ttLib import TTFont
from sphinx import addnodes

from tests.built_book import ROOT
from tests.extensions import extension
from tests.site.built_page import read
from tests.site.pages import CHAPTERS, PAGES

SHIPPED = ROOT / "book" / "_ext" / "pages" / "katex"
NPM = ROOT / "node_modules" / "katex"

formulas, punctuation = map(extension, ("formulas", "punctuation"))


def test_a_formula_is_letters_and_mathml_and_tex():
    html = formulas.set_formula(r"\frac{QK^\top}{\sqrt{d_k}}", True)
    assert 'class="katex-display"' in html and "<mfrac>" in html
    assert r'<annotation encoding="application/x-tex">\frac{QK^\top}{\sqrt{d_k}}</annotation>' in html


def test_queries_keys_and_values_are_coloured_and_copied_plainly():
    html = formulas.set_formula(r"\query{Q} \key{\mathbf{k}_n}^\top \val{V}", False)
    assert all(f'class="enclosing book-{name}"' in html for name in ("query", "key", "val"))
    assert r">Q \mathbf{k}_n^\top V</annotation>" in html
    with pytest.raises(formulas.FormulaError):
        formulas.set_formula(r"\htmlId{no}{Q}", False)


def test_an_unknown_command_is_a_warning_and_the_page_shows_the_source(monkeypatch):
    said = []
    monkeypatch.setattr(formulas.logger, "warning", lambda text, *values, **_: said.append(text % values))
    assert formulas.set_or_warn(r"\nosuch{x<y}", False, None) == r"<code>\nosuch{x&lt;y}</code>"
    assert len(said) == 1 and r"\nosuch" in said[0] and "Undefined control sequence" in said[0]


@pytest.mark.parametrize(
    "tex",
    [
        r"\begin{cases} 0 & j \le i \\ -\infty & \text{otherwise} \end{cases}",
        r"\begin{aligned} a &= b \\ c &= d \end{aligned}",
        r"\begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix}",
        r"\operatorname{softmax}(x)_i = \tfrac{e^{x_i}}{\sum_j e^{x_j}}, \quad \boldsymbol\beta, \mathbf{x}^\top",
        r"\text{나는 학생} \mapsto \hat{y}",
    ],
)
def test_what_a_chapter_may_need_is_known(tex):
    assert "katex-html" in formulas.set_formula(tex, True)


@pytest.mark.parametrize(
    ("tex", "parts"),
    [
        (r"N(w - 1)", ["N(w−1)"]),
        (r"17.36 / (17.36 + 0.9) = 95\%", ["17.36/(17.36+0.9)=", "95%"]),
        (r"\tanh(u_{t+1} + w\,(h_t + 1)) + [0, d + 1)", ["tanh(ut+1+w(ht+1))+", "[0,d+1)"]),
        (r"a + b) \cdot (c", ["a+", "b)⋅", "(c"]),
        (r"(1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + (n - 1))", ["(1+", *(f"{n}+" for n in range(2, 9)), "(n−1))"]),
    ],
)
def test_a_line_ends_outside_of_a_short_bracket(tex, parts):
    assert parts_of(tex, display=False) == parts


def test_a_block_may_be_broken_where_katex_has_it():
    assert parts_of(r"N(w - 1)", display=True) == ["N(w−", "1)"]


def parts_of(tex: str, display: bool) -> list[str]:
    """Return the parts of a formula between which a line may end."""
    bases = BeautifulSoup(formulas.set_formula(tex, display), "html.parser").select(".katex-html > .base")
    return ["".join(base.get_text().replace("\u200b", "").split()) for base in bases]


def test_parts_between_blank_lines_become_lines():
    node = formulas.nodes.math_block("", "a = b\n\nc = d\\\\ e = f", nowrap=False)
    tex = formulas.display_tex(node)
    assert tex == r"\begin{gathered}a = b\\\begin{split}c = d\\ e = f\end{split}\end{gathered}"
    assert formulas.set_formula(tex, True)


def test_a_formula_keeps_the_bracket_before_it_and_the_stop_behind_it():
    line = nodes.paragraph(
        "", "", nodes.Text("Scale ("), nodes.math("", "a"), nodes.Text("), and "), nodes.math("", "b")
    )
    line += [nodes.Text(" or "), nodes.math("", "c"), nodes.Text(".")]
    for formula in list(line.findall(nodes.math)):
        punctuation.keep_together(formula)
    assert [child.astext() for child in line] == ["Scale ", "(a),", " and ", "b", " or ", "c.", ""]
    classes = [child["classes"] for child in line.findall(nodes.inline)]
    assert classes == [["unbroken"], ["stop", "pair"], ["unbroken"], ["stop"]]


@pytest.mark.parametrize(
    ("tex", "whole"),
    [
        (r"u = 2", True),
        (r"T_q = T_k = T", True),
        (r"d_{\text{model}} = 512", True),
        (r"-\log 0.1 = 2.303", True),
        (r"d_{\text{model}}", False),  # no line could end within it
        (r"8 \cdot 1000 \cdot 512^2 \approx 2.1", False),
        (r"\nosuch = 2", False),
    ],
)
def test_a_short_formula_is_not_broken_behind_its_equals_sign(tex, whole):
    line = nodes.paragraph("", "", nodes.Text("there are "), nodes.math("", tex), nodes.Text(" units"))
    punctuation.keep_together(line[1])
    assert [child.astext() for child in line] == ["there are ", tex, " units"]
    assert (isinstance(line[1], nodes.inline) and line[1]["classes"] == ["unbroken"]) == whole


@pytest.mark.parametrize(
    ("words", "classes"),
    [
        ("X @ W + b", ["short"]),
        ("--roster roster.csv", []),
        ("python -m experiments.alignment", []),
        ("scaled_dot_product_attention", ["long"]),
    ],
)
def test_code_may_be_broken_only_where_it_is_longer_than_a_phones_line(words, classes):
    code = nodes.literal("", words)
    nodes.paragraph("", "", code)
    punctuation.may_break(code)
    assert code["classes"] == classes


def test_the_name_of_a_download_is_broken_sooner_for_its_sign_takes_room():
    code, linked = (nodes.literal("", "11_looking_inside.ipynb") for _ in range(2))
    nodes.paragraph("", "", code, addnodes.download_reference("", "", linked))
    for one in (code, linked):
        punctuation.may_break(one)
    assert (code["classes"], linked["classes"]) == ([], ["long"])


def test_long_names_are_broken_between_their_words_and_sooner_in_a_cell():
    code = nodes.literal("", "create_look_ahead_mask")
    nodes.entry("", nodes.paragraph("", "", code))
    punctuation.may_break(code)
    assert [child.astext() for child in code] == ["create_", "<wbr>", "look_", "<wbr>", "ahead_", "<wbr>", "mask"]
    assert punctuation.joints("layer.set_weights(model)") == ["layer.", "set_", "weights(", "model)"]
    assert punctuation.joints("solutions/09_cosine.py") == ["solutions/09_", "cosine.py"]
    assert punctuation.joints("tf.sqrt(512.0)") == ["tf.", "sqrt(512.0)"]
    assert punctuation.joints("MultiHeadAttention") == ["Multi", "Head", "Attention"]
    assert punctuation.joints("__init__") == ["__init__"]


STRAY = """
const text = document.createRange();
const box = node => { text.selectNodeContents(node); return text.getBoundingClientRect(); };
const apart = (one, other) => one.top > other.bottom - 2 || one.bottom < other.top + 2;
const bound = [...document.querySelectorAll("article .unbroken")].filter(one => one.offsetParent);
const strays = one => {
  const lines = [...one.querySelectorAll(".katex-html > .base")]; // a long formula has several
  return [[one.firstChild, lines.at(0)], [one.querySelector(".stop")?.firstChild, lines.at(-1)]].some(([part, line]) =>
    part?.nodeType === Node.TEXT_NODE && apart(box(part), line.getBoundingClientRect()));
};
const gap = one => {
  const stop = one.querySelector(".stop"), next = one.nextSibling;
  const at = next?.nodeType === Node.TEXT_NODE ? next.data.search(/\\S/) : -1;
  if (!stop || at < 1) return false;
  text.setStart(next, at);
  text.setEnd(next, at + 1);
  const [here, after] = [stop.getBoundingClientRect(), text.getBoundingClientRect()];
  return !apart(here, after) && after.left - here.right > 0.6 * parseFloat(getComputedStyle(one).fontSize);
};
const ends = some => some.map(one => one.textContent.slice(-40));
return [bound.length, ends(bound.filter(strays)), ends(bound.filter(gap))];
"""


@pytest.mark.parametrize("name", [*CHAPTERS, "notation"])
def test_no_line_begins_with_the_stop_behind_a_formula(built_book, browser, name):
    browser.open(built_book.html / f"{name}.html", 320)
    for width in (320, 360, 390, 1200):
        browser.resize(width)
        bound, stray, gaps = browser.run(STRAY)
        assert stray == [], f"{width} pixels"
        assert gaps == [], f"more than a space behind a stop, {width} pixels"
        assert bound > 30 or not name.startswith("04"), "the page with most of them"


def test_an_address_and_the_name_of_a_file_are_broken_between_their_words():
    address, link = (nodes.reference("", text) for text in ("https://a.org/on/index.html", "See e.g. chapter/two"))
    listing = nodes.container("", nodes.caption("", "solutions/09_wrong.py"), literal_block=True)
    figure = nodes.figure("", nodes.caption("", "A file, 09_wrong.py"))
    named = [text for text in (address, link, listing[0], figure[0]) if punctuation.names_a_file_or_a_page(text)]
    assert named == [address, listing[0]]
    for text in named:
        punctuation.break_at_joints(text)
    assert "".join(child.astext() for child in address) == "https://a.<wbr>org/<wbr>on/<wbr>index.<wbr>html"
    assert "".join(child.astext() for child in listing[0]) == "solutions/09_<wbr>wrong.py"


TORN = """
const signs = one => one.querySelector(".katex-html").textContent.replace(/\\u200b/g, "");
const parts = one => [...one.querySelectorAll(".base")].map(part => part.getBoundingClientRect().left);
return [...document.querySelectorAll("article span.math")].filter(one => one.offsetParent && !one.closest("table"))
  .filter(one => signs(one).length <= 8 && parts(one).some((left, n) => n > 0 && left < parts(one)[n - 1])).map(signs);
"""


@pytest.mark.parametrize("name", CHAPTERS)
def test_on_a_phone_no_short_formula_is_torn(built_book, browser, name):
    browser.open(built_book.html / f"{name}.html", 320)
    for width in (320, 360, 390):
        browser.resize(width)
        assert browser.run(TORN) == [], f"{width} pixels"


def test_the_stylesheet_has_no_font_that_is_not_shipped():
    css = formulas.embedded(formulas.stylesheet(), ["abc√"])
    assert css.count("data:font/woff;base64,") == len(formulas.EMBEDDED)
    assert ".ttf" not in css and ".woff)" not in css
    for name in formulas.re.findall(r"url\(fonts/([^)]+)\)", css):
        assert (SHIPPED / "fonts" / name).is_file()


# The letters of all formulas by the font that the browser looks for them in.
LETTERS = """
const found = {};
for (const one of document.querySelectorAll(".katex-html span, .katex-html")) {
  const text = [...one.childNodes].filter(part => part.nodeType === Node.TEXT_NODE).map(part => part.data).join("");
  if (!text) continue;
  const style = getComputedStyle(one), bold = style.fontWeight >= 600 ? "Bold" : "";
  const family = style.fontFamily.split(",")[0].replace("KaTeX_", "");
  const key = `${family}-${bold + (style.fontStyle === "italic" ? "Italic" : "") || "Regular"}`;
  found[key] = (found[key] ?? "") + text;
}
return Object.entries(found);
"""


def letters_in(font: TTFont) -> set[str]:
    return set(map(chr, font.getBestCmap()))


def test_the_embedded_fonts_have_every_letter_that_is_set_in_them(built_book, browser):
    wanted = dict.fromkeys(formulas.EMBEDDED, "")
    for name in (
        "02_dot_product_attention",
        "03_bahdanau_attention",
        "07_transformer",
        "08_training_a_chatbot",
        "notation",
    ):
        browser.open(built_book.html / f"{name}.html")
        for font, text in browser.run(LETTERS):
            wanted[font] = wanted.get(font, "") + text
    css = (built_book.html / "_static" / "book.css").read_text(encoding="utf-8")
    rules = formulas.re.findall(r"@font-face\s*\{([^}]*KaTeX_[^}]*base64[^}]*)\}", css)
    assert len(rules) == len(formulas.EMBEDDED)
    for rule in rules:
        family = formulas.re.search(r"KaTeX_(\w+)", rule)[1]
        style = ("Bold" if "font-weight:700" in rule else "") + ("Italic" if "font-style:italic" in rule else "")
        name = f"{family}-{style or 'Regular'}"
        cut = TTFont(io.BytesIO(base64.b64decode(formulas.re.search(r"base64,([^)]+)\)", rule)[1])))
        whole = letters_in(TTFont(SHIPPED / "fonts" / f"KaTeX_{name}.woff"))
        assert set(wanted[name]) & whole <= letters_in(cut), name
    assert all(wanted[name] for name in ("Main-Regular", "Main-Bold", "Math-Italic", "Math-BoldItalic"))


def test_an_embedded_font_has_the_letters_that_are_needed_and_no_others():
    whole, few = formulas.font("Math-Italic", "".join(map(chr, range(32, 0x500)))), formulas.font("Math-Italic", "abc")
    assert len(few) < len(whole) / 4
    letters = TTFont(io.BytesIO(base64.b64decode(few))).getBestCmap()
    assert set(map(chr, letters)) == set("abc")


def test_shipped_files_are_those_of_npm():
    if not NPM.is_dir():
        pytest.skip("KaTeX of npm is not there to compare with: `make setup` fetches it where npm is installed")
    dist = NPM / "dist"
    theirs = {path.name: path for place in (NPM, dist, dist / "contrib", dist / "fonts") for path in place.glob("*.*")}
    theirs["LICENSE"] = NPM / "LICENSE"
    for path in SHIPPED.rglob("*"):
        if path.is_file() and path.name != "ORIGIN.txt":
            assert filecmp.cmp(path, theirs[path.name], shallow=False), path.name


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_every_formula_of_a_page_is_set(built_book, name):
    page = read(built_book.html / f"{name}.html")
    assert page.classes.get("katex", 0) == page.classes.get("math", 0)
    assert "katex-error" not in page.classes


@pytest.mark.slow
def test_the_chapters_have_formulas(built_book):
    assert sum(read(built_book.html / f"{name}.html").classes.get("katex", 0) for name in CHAPTERS) > 100


COPY = """
const formula = [...document.querySelectorAll(".katex")].find(one => one.textContent.includes(arguments[0]));
const range = document.createRange();
range.selectNode(formula.closest(".katex-display") ?? formula);
getSelection().removeAllRanges();
getSelection().addRange(range);
const event = new ClipboardEvent("copy", {clipboardData: new DataTransfer(), bubbles: true, cancelable: true});
formula.dispatchEvent(event);
return event.clipboardData.getData("text/plain");
"""


@pytest.mark.slow
def test_a_formula_is_copied_as_tex(built_book, browser):
    browser.open(built_book.html / "04_scaled_dot_product_attention.html")
    copied = " ".join(browser.run(COPY, "softmax").split())
    assert copied == (
        r"$$ \operatorname{Attention}(Q, K, V) = \operatorname{softmax}\!\left(\frac{Q K^\top}{\sqrt{d_k}}"
        r"\right) V $$"
    )
    assert browser.run(COPY, r"\sqrt{d_k}") == r"$\sqrt{d_k}$"
