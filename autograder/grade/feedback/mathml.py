"""Formulas as MathML, which browsers show without a script and without a network.

A formula may be a learner's, so the converter's tree is written out here, with known elements and attributes
only (the converter's own text output is not escaped, and takes links and styles over). What does not fit is
shown as its source.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from xml.etree.ElementTree import Element

from latex2mathml.converter import Converter

MOST_FORMULA = 1000  # characters; a longer one is no formula
LAYOUT = {"mrow", "mstyle", "mpadded", "mspace", "mphantom", "mtable", "mtr", "mtd"}
SCRIPTS = {"mfrac", "msqrt", "mroot", "msub", "msup", "msubsup", "munder", "mover", "munderover"}
ELEMENTS = {"math", "mi", "mn", "mo", "mtext"} | LAYOUT | SCRIPTS
ATTRIBUTES = {
    *("accent", "columnalign", "columnspacing", "display", "displaystyle", "fence", "form", "largeop", "linethickness"),
    *("lspace", "mathvariant", "maxsize", "minsize", "movablelimits", "rowspacing", "rspace", "scriptlevel"),
    *("separator", "stretchy", "symmetric", "width", "xmlns"),
}
VALUE = re.compile(r"[\w.%+\- :/]*")
ESCAPED_SIGN = re.compile(r"\\([_%&#${}])")  # in \text{warmup\_steps}


def as_mathml(tex: str, display: bool = False) -> str:
    r"""Return a formula as MathML, or its source where it is none that a notebook needs.

    tex      without its dollars: ``\sqrt{d_k}``
    display  whether it stands on a line of its own
    """
    try:
        return converted(tex.strip(), display)
    except Exception:  # the converter fails on odd texts in many ways
        return formula_source(tex, display)


def formula_source(tex: str, display: bool = False) -> str:
    """Return a formula as its source, all text escaped."""
    sign = "$$" if display else "$"
    code = f"<code>{html.escape(f'{sign}{tex}{sign}')}</code>"
    return f"<p>{code}</p>" if display else code


@lru_cache(maxsize=2000)  # most of a page is the same for the whole class
def converted(tex: str, display: bool) -> str:
    """Return a formula as MathML with its source as an annotation; raises ValueError where that is not to be."""
    if len(tex) > MOST_FORMULA:
        raise ValueError("too long")
    converter = Converter(display="block" if display else "inline")
    converter.macros = NoMacros()
    tree = converter.convert_to_element(tex)
    annotation = f'<annotation encoding="application/x-tex">{html.escape(tex)}</annotation>'
    inner = "".join(map(as_markup, tree))
    return f"<math{attributes(tree)}><semantics>{inner}{annotation}</semantics></math>"


class NoMacros(dict):
    """The commands that a formula defines itself: none, for a few that use each other can grow without end."""

    def __setitem__(self, name: str, value: object) -> None:
        """Refuse."""
        raise ValueError("a command of its own")


def as_markup(element: Element) -> str:
    """Return one element of MathML, all text escaped; raises ValueError for one that is not known."""
    if element.tag not in ELEMENTS:
        raise ValueError(element.tag)
    text = html.unescape(element.text or "")
    if element.tag == "mtext":
        text = ESCAPED_SIGN.sub(r"\1", text)
    if "\\" in text:
        raise ValueError("an unknown command")
    return f"<{element.tag}{attributes(element)}>{html.escape(text)}{''.join(map(as_markup, element))}</{element.tag}>"


def attributes(element: Element) -> str:
    """Return the attributes of an element; raises ValueError for one that is not known: a link, a style."""
    for name, value in element.attrib.items():
        if name not in ATTRIBUTES or not VALUE.fullmatch(value):
            raise ValueError(name)
    return "".join(f' {name}="{value}"' for name, value in element.attrib.items())
