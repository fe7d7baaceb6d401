"""What a section refers to, in words: a citation by names and year, a figure by its number, a page by its title.

While a page is read, figures have no numbers and other pages no titles yet. So a mark keeps the place of these words,
and the words are put there when the whole book has been read.
"""

from __future__ import annotations

import re

from pybtex.database import BibliographyData, Entry
from sphinx import addnodes
from sphinx.environment import BuildEnvironment

MARK = re.compile("\ue000([a-z]+) ([^\ue001]*)\ue001")  # of letters that no text has
NUMBERED = {"figure": "Fig. {}", "table": "Table {}", "code-block": "Listing {}", "displaymath": "({})"}


def mark(reference: addnodes.pending_xref) -> str | None:
    """Return a mark for a reference that has no words yet, and None for one that has."""
    if reference.get("refdomain") == "cite":
        kind = "citep" if reference["reftype"] == "p" else "cite"
    elif reference["reftype"] in ("eq", "numref") and not reference["refexplicit"]:
        kind = "numbered"
    elif not reference.astext() or (reference["reftype"] == "ref" and not reference["refexplicit"]):
        kind = "doc" if reference.get("refdomain") == "doc" else "label"
    else:
        return None
    return f"\ue000{kind} {reference['reftarget']}\ue001"


def filled(text: str, env: BuildEnvironment) -> str:
    """Return a text with words in place of its marks."""
    return MARK.sub(lambda found: words_for(found[1], found[2], env), text)


def words_for(kind: str, target: str, env: BuildEnvironment) -> str:
    """Return what a reference says on its page, or nothing if it leads nowhere: the build warns of that."""
    if kind in ("cite", "citep"):
        return cited(target.split(","), env.get_domain("cite").bibdata.data, kind == "citep")  # type: ignore[attr-defined]
    if kind == "numbered":
        return numbered(target, env)
    if kind == "doc":
        return env.titles[target].astext() if target in env.titles else ""
    labels = env.get_domain("std").labels  # type: ignore[attr-defined]
    return labels[target][2] if target in labels else ""


def numbered(target: str, env: BuildEnvironment) -> str:
    """Return a figure, a table or a formula by its number."""
    for of_page in env.toc_fignumbers.values():
        for kind, numbers in of_page.items():
            number = numbers.get(target) or numbers.get(f"equation-{target}")
            if number:
                return NUMBERED.get(kind, "{}").format(".".join(map(str, number)))
    return ""


def cited(keys: list[str], known: BibliographyData, in_brackets: bool) -> str:
    """Return citations as the book shows them: Bahdanau et al. (2015), or in brackets (Cho et al., 2014)."""
    found = [known.entries[key.strip()] for key in keys if key.strip() in known.entries]
    if in_brackets:
        return f"({'; '.join(f'{authors(one)}, {year(one)}' for one in found)})"
    return ", ".join(f"{authors(one)} ({year(one)})" for one in found)


def authors(entry: Entry) -> str:
    """Return the last names of those who wrote something."""
    people = entry.persons.get("author") or entry.persons.get("editor") or []
    names = [" ".join([*one.prelast_names, *one.last_names]).strip("{}") for one in people]
    if not names:
        return str(entry.fields.get("title", ""))
    return " and ".join(names) if len(names) < 3 else f"{names[0]} et al."


def year(entry: Entry) -> str:
    """Return when something appeared."""
    return str(entry.fields.get("year", "n.d."))
