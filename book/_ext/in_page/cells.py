"""The cells of a released notebook: which kind each is, and what the page shows of it before any script runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

# By nbgrader's words on a cell: its type, whether it is graded, locked, a solution.
KINDS = {
    ("code", False, True, False): "given",
    ("code", False, False, True): "solution",
    ("code", True, True, False): "check",
    ("markdown", True, False, True): "written",
}
KNOWN = {"deletable", "editable", "nbgrader", "jupyter", "cellView"}  # metadata of a cell; the last two fold it
NEEDS = {"": "", "tensorflow": "TensorFlow"}
# Whatever a cell begins and ends with stays: its text on the page is its text in the notebook.
PYTHON, COLOURS = PythonLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True)


class UnknownCell(ValueError):
    """A cell that the page cannot show."""


@dataclass(frozen=True)
class Cell:
    """One cell: `check` names the check that it is, or that its answer is for; `title` and `needs` are that check's.

    `uses` are the checks on whose answers that of a check may build; `folded` is given code that need not be read.
    """

    id: str
    kind: str  # prose, plain, setup, given, solution, check, written
    source: str
    check: str = ""
    title: str = ""
    needs: str = ""
    points: float = 0
    uses: tuple[str, ...] = ()
    folded: bool = False


def read_cells(notebook: Mapping, checks: Mapping) -> list[Cell]:
    """Return the cells of a notebook; `checks` are those of reference.json. Raises UnknownCell."""
    cells = [read_cell(cell, checks) for cell in notebook["cells"]]
    for name, count in Counter(cell.id for cell in cells).items():
        if count > 1:
            raise UnknownCell(f"{count} cells are called {name}")
    return cells


def read_cell(cell: Mapping, checks: Mapping) -> Cell:
    """Return one cell."""
    name, about = cell.get("id", ""), cell["metadata"].get("nbgrader")
    if problem := strange(cell):
        raise UnknownCell(f"the cell {name or '(without a name)'} {problem}")
    source = "".join(cell["source"])
    if about is None:
        return Cell(name, "prose" if cell["cell_type"] == "markdown" else "plain", source)
    kind = kind_of_cell(cell["cell_type"], about)
    if kind == "given":
        folded = bool(cell["metadata"].get("jupyter", {}).get("source_hidden"))
        return Cell(name, "setup" if about["grade_id"] == "setup" else kind, source, folded=folded)
    if kind == "written":
        return Cell(name, kind, source, points=about["points"])
    check = about["grade_id"].partition("-")[0] if kind == "check" else about["grade_id"].removeprefix("solution-")
    if check not in checks or checks[check]["needs"] not in NEEDS:
        raise UnknownCell(f"the cell {name} belongs to no check of reference.json that the page knows")
    about_check = {"check": check, "title": checks[check]["title"], "needs": NEEDS[checks[check]["needs"]]}
    uses = tuple(used_by(check, checks)) if kind == "check" else ()
    return Cell(name, kind, source, **about_check, points=about.get("points", 0), uses=uses)


def used_by(check: str, checks: Mapping) -> list[str]:
    """Return the checks on whose answers one may build, and those on which these may."""
    found: list[str] = []
    for name in checks[check].get("uses", []):
        found += [one for one in [*used_by(name, checks), name] if one not in found]
    return found


def strange(cell: Mapping) -> str:
    """Return what a page cannot show of a cell, or nothing."""
    about = cell["metadata"].get("nbgrader")
    if not cell.get("id"):
        return "cannot be told from others"
    if cell["cell_type"] not in ("code", "markdown"):
        return f"is of the type {cell['cell_type']}"
    if unknown := sorted(cell["metadata"].keys() - KNOWN):
        return f"has the metadata {', '.join(unknown)}"
    if cell.get("attachments"):
        return "has attachments"
    if cell.get("outputs"):
        return "has outputs"
    if about is not None and not kind_of_cell(cell["cell_type"], about):
        return "is of no kind that nbgrader is used for here"
    return ""


def kind_of_cell(cell_type: str, about: Mapping) -> str:
    """Return the kind of a cell from nbgrader's metadata; nothing for one that is not known."""
    if about.get("task") or ("points" in about) != bool(about["grade"]):
        return ""
    return KINDS.get((cell_type, about["grade"], about["locked"], about["solution"]), "")


def labels(cells: Iterable[Cell]) -> dict[str, str]:
    """Return what a screen reader calls each cell that is not prose; those that are alike are counted."""
    called = {cell.id: label(cell) for cell in cells if cell.kind != "prose"}
    total, seen = Counter(called.values()), Counter[str]()
    for name, words in called.items():
        seen[words] += 1
        if total[words] > 1:
            called[name] = f"{words} ({seen[words]} of {total[words]})"
    return called


def label(cell: Cell) -> str:
    """Return a cell in words."""
    points = f"{cell.points:g} point{'' if cell.points == 1 else 's'}"
    return {
        "setup": "Set-up, locked",
        "given": "Given code, locked",
        "plain": "Code to play with",
        "solution": f"Task: {cell.title}, your answer",
        "check": f"Check: {cell.title}, {points}",
        "written": f"Your written answer, {points}, graded by a person",
    }[cell.kind]


def cell_html(cell: Cell, called: str, task: str = "") -> str:
    """Return a cell that is not prose as HTML; its text can be read, and copied as it is. `task` is its number."""
    points = f"{cell.points:g}" if cell.kind in ("check", "written") else ""
    about = {"id": cell.id, "kind": cell.kind, "check": cell.check, "points": points, "title": cell.title}
    about |= {"needs": cell.needs, "uses": " ".join(cell.uses), "folded": "yes" if cell.folded else "", "task": task}
    data = "".join(f' data-{name}="{escape(text)}"' for name, text in about.items() if text)
    text = escape(cell.source) if cell.kind == "written" else code_in_colours(cell.source)
    return (
        f'<section class="nb-cell nb-code nb-{cell.kind}" role="group"{data} aria-label="{escape(called)}">'
        f'<pre class="nb-source highlight"><code>{text}</code></pre></section>'
    )


def code_in_colours(source: str) -> str:
    """Return Python as HTML in colours; its text is the source, to the last character."""
    text = highlight(source, PYTHON, COLOURS)
    return text if source.endswith("\n") else text.removesuffix("\n")  # the formatter ends every line
