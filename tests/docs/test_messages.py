"""Every sentence that the page of troubles quotes is one that the program can print."""

from __future__ import annotations

import ast
import re

import pytest

from tests.docs.blocks import ROOT

GAP = "…"
PAGE = ROOT / "book" / "teach" / "trouble.md"
TEXT = PAGE.read_text(encoding="utf-8")
QUOTED = [sentence for _, sentence in re.findall(r"^(`+)(.+?)\1\n: ", TEXT, re.MULTILINE)]


def texts_of(source: str) -> list[str]:
    """Return all strings of a module, with `…` for what is filled in."""
    return [text_of(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant | ast.JoinedStr)]


def text_of(node: ast.AST) -> str:
    """Return a string as it stands there; an f-string with gaps."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else GAP for part in node.values)
    return str(node.value)


PRINTED = [
    re.sub(r"\{\w*\}", GAP, text)
    for path in sorted((ROOT / "autograder").rglob("*.py"))
    for text in texts_of(path.read_text(encoding="utf-8"))
]


def is_printed(sentence: str) -> bool:
    """Say whether one string of the program has all pieces of a sentence, in order."""
    pieces = [re.escape(piece.strip()) for piece in sentence.split(GAP) if piece.strip(" .;:,")]
    return any(re.search(".*".join(pieces), text, re.DOTALL) for text in PRINTED)


@pytest.mark.parametrize("sentence", QUOTED)
def test_a_quoted_sentence_is_printed(sentence):
    assert is_printed(sentence), "no string of the program is like this"


def test_a_sentence_that_nobody_prints_is_noticed():
    assert len(QUOTED) == len(re.findall(r"^: ", TEXT, re.MULTILINE)) > 20
    assert is_printed("There is no folder …") and not is_printed("There is a folder …")
    assert not is_printed("run this in the folder that holds _config.yml. No course found in …")
