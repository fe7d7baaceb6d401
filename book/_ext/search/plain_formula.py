"""A formula as letters in a line, as a snippet shows it: d_k, √(a + b), −∞. KaTeX says what each command means."""

from __future__ import annotations

import re
from unicodedata import category
from xml.etree import ElementTree

from pages.formulas import FormulaError, set_formula

SCRIPTS = ("msub", "msup", "msubsup", "munder", "munderover")
NAME = re.compile(r"(?:sin|cos|tan|sinh|cosh|tanh|exp|log|ln|max|min|softmax)$")  # of a function
MATHML = re.compile(r"<math.*?</math>", re.DOTALL)
LARGE = set("∑∏|∥")  # signs that are not written between two others
UNSEEN = dict.fromkeys(map(ord, "\u2061\u2062\u2063\u200b"))  # "applied to", "times", of which nothing is seen


def plain_formula(tex: str) -> str:
    """Return a formula within a line as letters; one that KaTeX does not know stays as it is."""
    try:
        found = MATHML.search(set_formula(tex, False))
    except FormulaError:
        return tex
    assert found, "KaTeX was asked for MathML"
    return " ".join(told(ElementTree.fromstring(found[0].replace("&nbsp;", " "))).split())


def told(node: ElementTree.Element) -> str:
    """Return an element of MathML as letters."""
    parts = list(node)
    match node.tag.rpartition("}")[2]:
        case "annotation":
            return ""
        case "mspace":
            return " "
        case "mfrac":
            return f"{bound(parts[0])}/{bound(parts[1])}"
        case "msqrt":
            return f"√{root(parts)}"
        case "mover" | "munder" if node.get("accent") == "true":
            return told(parts[0])
        case "msub" | "munder":
            return f"{told(parts[0])}_{bound(parts[1])}"
        case "msup" | "mover":
            return raised(told(parts[0]), parts[1])
        case "msubsup" | "munderover":
            return raised(f"{told(parts[0])}_{bound(parts[1])}", parts[2])
        case "mtr":
            return ", ".join(map(told, parts))
        case "mtable":
            return "; ".join(map(told, parts))
        case _:
            return in_line(parts) if parts else (node.text or "").translate(UNSEEN)


def in_line(parts: list[ElementTree.Element]) -> str:
    """Return elements one after the other, with spaces around the signs that stand between two others."""
    text, before_is_sign, apart = "", True, False
    for part in parts:
        word = told(part)
        sign = part.tag.endswith("mo") and len(word) == 1 and category(word) == "Sm" and word not in LARGE
        if sign and not before_is_sign:
            word = f" {word} "
        elif word[:1].isalnum() and (apart or (NAME.match(word) and (text[-1:].isalnum() or text[-1:] in ")ᵀ"))):
            word = f" {word}"  # log x and W_b s, not logx and W_bs
        text += f"{word} " if word == "," else word
        before_is_sign = sign or (before_is_sign if not word.strip() else word.strip() in "([{,")
        apart = bool(part.tag.rpartition("}")[2] in SCRIPTS or NAME.match(word.strip()) or (apart and not word.strip()))
    return text.replace(", )", ",)")


def raised(base: str, power: ElementTree.Element) -> str:
    """Return a power; the T of a transposed matrix has a letter of its own."""
    return f"{base}ᵀ" if told(power) == "⊤" else f"{base}^{bound(power)}"


def bound(part: ElementTree.Element) -> str:
    """Return an index, a power or a part of a fraction, in brackets where it is no single word."""
    text = told(part).strip()
    return f"({text})" if re.search(r"[ /_^]", text) else text


def root(parts: list[ElementTree.Element]) -> str:
    """Return what stands below a root, in brackets where it has several words."""
    text = in_line(parts).strip()
    return f"({text})" if " " in text else text
