"""Read a solved notebook, hand-written as py:percent text, into cells with roles."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import jupytext

from autograder.course.rubric import BEGIN, END, read_rubric
from autograder.errors import UserError

ROLES = ("setup", "solution", "check", "written", "locked")
WITH_ROLES = ("points", "folded")  # what else a header may say
TASK = re.compile(r"^#+ Task (\d+)\b", re.MULTILINE)
TO_THE_FORMATTER = re.compile(r"[ \t]*# fmt: (?:skip|off|on)$", re.MULTILINE)  # which no learner has to read


@dataclass(frozen=True)
class Cell:
    """One cell: its kind ("code" or "markdown"), text, role ("" for none), name, points, and whether it is folded."""

    kind: str
    text: str
    role: str = ""
    name: str = ""
    points: float = 0
    folded: bool = False

    @property
    def id(self) -> str:
        """Return an id that depends on the cell alone, so that builds are byte-stable."""
        if self.role == "setup":
            return "setup"
        if self.role:
            return f"{self.role}-{self.name}"
        digest = hashlib.sha256(self.text.encode()).hexdigest()[:8]
        return f"{'text' if self.kind == 'markdown' else 'code'}-{digest}"


def read_source(path: Path) -> list[Cell]:
    """Return the cells of a py:percent file, or raise UserError naming the cell that is wrong."""
    notebook = jupytext.read(path, fmt="py:percent")
    cells = [read_cell(cell, path) for cell in notebook.cells]
    seen: set[tuple[str, str]] = set()
    for cell in cells:
        if cell.role and (cell.role, cell.name) in seen:
            raise UserError(f'{path.name} has two cells {cell.role}="{cell.name}"; give each its own name.')
        seen.add((cell.role, cell.name))
    return cells


def numbers_of_tasks(cells: list[Cell]) -> dict[str, int]:
    """Return for each check the number in the last heading of a task before it; headings without numbers give none."""
    found: dict[str, int] = {}
    number = ""
    for cell in cells:
        if cell.kind == "markdown":
            number = [number, *TASK.findall(cell.text)][-1]
        elif cell.role == "check" and number:
            found[cell.name] = int(number)
    return found


def read_cell(cell: dict, path: Path) -> Cell:
    """Turn a jupytext cell into ours; its header may give one role: `# %% solution="x_prime"`."""
    require_known_names(cell["metadata"], path)
    roles = [role for role in ROLES if role in cell["metadata"]]
    if len(roles) > 1:
        raise UserError(f"{path.name}: a cell has two roles, {' and '.join(roles)}; it can have one.")
    role = roles[0] if roles else ""
    name = str(cell["metadata"].get(role, "")) if role else ""
    points, folded = float(cell["metadata"].get("points", 0)), cell["metadata"].get("folded", False)
    text = cell["source"] if cell["cell_type"] == "markdown" else TO_THE_FORMATTER.sub("", cell["source"])
    found = Cell(cell["cell_type"], text, role, name, points, folded)
    problem = what_is_wrong(found)
    if problem:
        begins = found.text.partition("\n")[0]
        which = f'cell {role}="{name}"' if role else f'the cell without a role that begins "{begins}"'
        raise UserError(f"{path.name}, {which}: {problem}")
    return found


def require_known_names(header: dict, path: Path) -> None:
    """Raise UserError for a header that jupytext cannot read, that misspells a role, or whose points are no number."""
    if unread := header.get("incorrectly_encoded_metadata"):
        where = place_of(str(unread), path)
        raise UserError(f'{where}: the header {unread} cannot be read; write names in quotes: solution="…", points=2.')
    for name, value in header.items():
        near = get_close_matches(name.lower(), (*ROLES, *WITH_ROLES), n=1)
        if name not in (*ROLES, *WITH_ROLES) and near:
            says = json.dumps(value, ensure_ascii=False)
            raise UserError(f"{place_of(name, path)}: there is no role {name}={says}; write {near[0]}={says}.")
        if name in ROLES and not isinstance(value, str):
            raise UserError(f'{place_of(name, path)}: {name} needs a name; write {name}="…".')
    if not isinstance(header.get("points", 0), int | float):
        raise UserError(f"{place_of('points', path)}: points={header['points']!r} is no number; write points=2.")


def place_of(words: str, path: Path) -> str:
    """Return the file and the line of the first header that holds some words."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [number for number, line in enumerate(lines, 1) if line.startswith("# %%") and words in line]
    return f"{path.name}, line {found[0]}" if found else path.name


def what_is_wrong(cell: Cell) -> str:
    """Return what is wrong with a cell in words, or nothing."""
    marked = BEGIN in cell.text and END in cell.text
    if cell.role in ("solution", "written") and not marked:
        return f"put the answer between {BEGIN} and {END}."
    if cell.role not in ("solution", "written") and (BEGIN in cell.text or END in cell.text):
        return f'{BEGIN} belongs in a cell marked solution="…" or written="…".'
    if cell.folded not in (True, False) or cell.folded and (cell.kind != "code" or cell.role != "locked"):
        return 'folded=true is for code marked locked="…", which is given and need not be read.'
    if cell.role == "written" and (cell.kind != "markdown" or cell.points <= 0):
        return "a written question is a [markdown] cell with points."
    if cell.role == "written":
        return what_is_wrong_with_rubric(cell)
    if cell.role == "check" and not calls_check(cell.text, cell.name):
        return f'the cell must call check("{cell.name}", …).'
    return ""


def what_is_wrong_with_rubric(cell: Cell) -> str:
    """Return what is wrong with the rubric of a written question in words, or nothing."""
    try:
        read_rubric(cell.text, cell.points)
    except UserError as error:
        return str(error)
    return ""


def calls_check(text: str, name: str) -> bool:
    """Say whether the code calls `check("name", …)`."""
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    return any(
        isinstance(call.func, ast.Name)
        and call.func.id == "check"
        and len(call.args) == 2
        and isinstance(call.args[0], ast.Constant)
        and call.args[0].value == name
        for call in calls
    )
