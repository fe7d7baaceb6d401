"""One stylesheet for all pages: what the theme and the extensions bring, less the rules that no page uses.

A browser shows nothing before all styles are there. Those of the theme are made for every site there may be; of their
500 kB this book uses a fifth. A rule stays if each class, id and element that it names stands on a page, or in a script
that may write it there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from posixpath import normpath

import tinycss2
from tinycss2.ast import AtRule, Declaration, Node, QualifiedRule

IMPORT = re.compile(r"@import\s+[\"']([^\"']+)[\"'];")
ADDRESS = re.compile(r"url\(\s*(['\"]?)(?!data:|#|https?:)([^'\")]+)\1\s*\)")
TAG, ATTRIBUTE = re.compile(r"<([a-z][\w-]*)"), re.compile(r"\s([a-z][a-z-]*)=")
VALUES = re.compile(r"\s(?:class|id)=\"([^\"]*)\"")
WORD = re.compile(r"[A-Za-z][\w-]*")
VARIABLE = re.compile(r"--[\w-]+")
MOVES = re.compile(r"@(?:-webkit-)?keyframes ([\w-]+)\{(?:[^{}]*\{[^{}]*\})*\}")
ANY = {"is", "where", "has"}  # pseudo-classes that hold other selectors, of which one has to fit
GROUPS = {"media", "supports", "layer", "container"}


def names_in(pages: Iterable[str], scripts: Iterable[str]) -> set[str]:
    """Return the names of elements, attributes, classes and ids on pages, and all words of scripts."""
    found: set[str] = set()
    for page in pages:
        found.update(TAG.findall(page), ATTRIBUTE.findall(page))
        for values in set(VALUES.findall(page)):
            found.update(values.split())
    for script in scripts:
        found.update(WORD.findall(script))
    return found


def joined(folder: Path, sheets: Iterable[str]) -> str:
    """Return stylesheets one after the other, with what they import, and addresses as they are from the folder."""
    return "\n".join(read_sheet(folder, name) for name in sheets)


def read_sheet(folder: Path, name: str) -> str:
    """Return a stylesheet, given by its path below the folder."""
    text = (folder / name).read_text(encoding="utf-8")
    place = PurePosixPath(name).parent
    text = ADDRESS.sub(lambda found: f"url({normpath(place / found[2])})", text)
    return IMPORT.sub(lambda found: read_sheet(folder, normpath(place / found[1])), text)


def purged(css: str, names: set[str], others: str = "") -> str:
    """Return a stylesheet without the rules that fit nothing, and without variables that nothing reads.

    `others` is the text beside the stylesheet that may read variables: styles in pages, scripts.
    """
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    text = "".join(kept(rules, names))
    still = MOVES.sub("", text)
    text = MOVES.sub(lambda found: found[0] if found[1] in still else "", text)
    while (less := without_unread(text, others)) != text:
        text = less
    return text


def without_unread(css: str, others: str) -> str:
    """Return a stylesheet without the variables that nothing in it reads, nor the other texts."""
    read = set(re.findall(r"var\(\s*(--[\w-]+)", css)) | set(VARIABLE.findall(others))
    return re.sub(r"(--[\w-]+):([^;{}\"']*);", lambda found: found[0] if found[1] in read else "", css)


def kept(rules: Sequence[Node], names: set[str]) -> Iterator[str]:
    """Yield the rules that stay, without blanks and comments."""
    for rule in rules:
        if isinstance(rule, QualifiedRule):
            selectors = [one for one in split(rule.prelude) if fits(one, names)]
            if selectors:
                yield f"{','.join(map(written, selectors))}{{{declarations(rule.content)}}}"
        elif isinstance(rule, AtRule) and rule.lower_at_keyword in GROUPS and rule.content is not None:
            within = "".join(kept(tinycss2.parse_rule_list(rule.content, True, True), names))
            if within:
                yield f"@{rule.at_keyword} {written(rule.prelude)}{{{within}}}"
        elif isinstance(rule, AtRule) and rule.lower_at_keyword != "charset":
            block = f"{{{written(rule.content)}}}" if rule.content is not None else ";"
            yield f"@{rule.at_keyword} {written(rule.prelude)}{block}"


def split(prelude: Sequence[Node]) -> list[list[Node]]:
    """Return the selectors of a list with commas."""
    groups: list[list[Node]] = [[]]
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            groups.append([])
        else:
            groups[-1].append(token)
    return groups


def fits(selector: Sequence[Node], names: set[str]) -> bool:
    """Say whether all that a selector asks for is there somewhere."""
    before = ""
    for token in selector:
        if token.type == "ident" and before != ":" and token.value not in names:
            return False
        if token.type == "hash" and token.value not in names:
            return False
        if token.type == "[] block" and not fits_attribute(token.content, names):
            return False
        if token.type == "function" and token.lower_name in ANY and not fits_one(token.arguments, names):
            return False
        before = token.value if token.type == "literal" else ""
    return True


def fits_one(selectors: Sequence[Node], names: set[str]) -> bool:
    """Say whether one selector of a list fits."""
    return any(fits(one, names) for one in split(selectors))


def fits_attribute(content: Sequence[Node], names: set[str]) -> bool:
    """Say whether some element has the attribute; scripts write those of data by other names."""
    name = next((token.value for token in content if token.type == "ident"), "")
    return name in names or name.startswith(("data-", "aria-")) or name in ("open", "hidden", "disabled", "type")


def declarations(content: Sequence[Node]) -> str:
    """Return what stands between the braces of a rule."""
    found = tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True)
    if not all(isinstance(one, Declaration) for one in found):
        return written(content)  # rules within rules
    return "".join(f"{one.name}:{written(one.value) or ' '}{'!important' * one.important};" for one in found)


def written(tokens: Sequence[Node]) -> str:
    """Return tokens as text, with single spaces and no comments."""
    return re.sub(r"\s+", " ", tinycss2.serialize([one for one in tokens if one.type != "comment"])).strip()
