"""No page of the book shows the body of a function that a notebook asks for: pages work by hand, notebooks by code.

The text between a solution's marks is compared with each cell of a page that a reader can see, also where it has to be
unfolded. Names do not count, except those of modules and of attributes: `exps / exps.sum()` and `a / a.sum()` are the
same. A body of very few operations, such as `H @ s_t`, is compared with its own names, because half of all code would
be like it without.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.chapters import ROOT, SLUGS, source_of
from tests.test_book import code_cells

MODULES = {"np", "tf", "keras", "layers", "ops", "math"}
FEW = 3  # fewer operations than that say little without their names
OPERATIONS = (ast.BinOp, ast.UnaryOp, ast.Call, ast.Subscript, ast.Compare)
UNSEEN = {"remove-cell", "remove-input"}
PAGES = sorted((ROOT / "book").glob("*.md"))


def form_of(nodes: list[ast.AST]) -> str:
    """Return a text that is equal for pieces of code that differ in names only, or, if they are short, in nothing."""
    numbers: dict[str, str] | None = {} if operations_in(nodes) >= FEW else None
    return "\n".join(written(node, numbers) for node in nodes)


def written(node: object, numbers: dict[str, str] | None) -> str:
    """Write a node with its names, or with their numbers in order of appearance."""
    if isinstance(node, list):
        return "[" + ", ".join(written(part, numbers) for part in node) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    if isinstance(node, ast.Name):
        known = numbers is None or node.id in MODULES
        return node.id if known else numbers.setdefault(node.id, f"name {len(numbers)}")
    parts = ", ".join(written(part, numbers) for _, part in ast.iter_fields(node))
    return f"{type(node).__name__}({parts})"


def operations_in(nodes: list[ast.AST]) -> int:
    """Count products, sums, calls and the like."""
    return sum(isinstance(part, OPERATIONS) for node in nodes for part in ast.walk(node))


def what_counts(body: list[ast.stmt]) -> list[ast.AST]:
    """Return the statements of a body, of the last only what it returns: on a page that may be printed, or kept."""
    last = body[-1]
    return [*body[:-1], last.value if isinstance(last, ast.Return) and last.value else last]


def bodies(source: str) -> Iterator[list[ast.AST]]:
    """Yield what counts of each function in a solved notebook that stands, wholly or partly, between solution marks."""
    inside: set[int] = set()
    solution = False
    for number, line in enumerate(source.splitlines(), 1):
        solution = "### BEGIN SOLUTION" in line or (solution and "### END SOLUTION" not in line)
        inside |= {number} if solution else set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            body = [statement for statement in node.body if statement.lineno in inside]
            if body:
                yield what_counts(body)


@cache
def wanted() -> dict[tuple, dict[str, str]]:
    """Return the bodies of all chapters: outline -> form -> where it is from and how it reads."""
    found: dict[tuple, dict[str, str]] = {}
    for slug in SLUGS:
        add(found, source_of(slug).read_text(encoding="utf-8"), slug)
    return found


def add(found: dict[tuple, dict[str, str]], source: str, name: str) -> None:
    """Add the bodies of one solved notebook."""
    for body in bodies(source):
        text = "; ".join(ast.unparse(node) for node in body)
        found.setdefault(outline_of(body), {})[form_of(body)] = f"{name}: {text}"


def outline_of(nodes: list[ast.AST]) -> tuple:
    """Return what is quickly compared: of what kinds the statements are."""
    return tuple(type(node) for node in nodes)


def pieces(source: str, lengths: set[int]) -> Iterator[list[ast.AST]]:
    """Yield each expression of a cell, behind so many of the statements before it as a body has."""
    for node in ast.walk(ast.parse(source)):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                for n, statement in enumerate(block):
                    for part in own_parts(statement):
                        yield from ([*block[n + 1 - length : n], part] for length in lengths if length <= n + 1)


def own_parts(statement: ast.AST) -> Iterator[ast.AST]:
    """Yield a statement and the expressions in it, but not the statements in it, which have their own turn."""
    yield statement
    for part in ast.iter_child_nodes(statement):
        if not isinstance(part, ast.stmt):
            yield from own_parts(part)


def given_away(cell: str, answers: dict[tuple, dict[str, str]]) -> list[str]:
    """Return those of the answers that a cell shows."""
    lengths = {len(outline) for outline in answers}
    found = []
    for piece in pieces(cell, lengths):
        forms = answers.get(outline_of(piece))
        if forms and (form := form_of(piece)) in forms:
            found.append(forms[form])
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_no_page_shows_the_body_of_a_graded_function(page: Path) -> None:
    shown = [
        answer
        for cell in code_cells(page)
        if not UNSEEN & set(cell.metadata.get("tags", []))
        for answer in given_away(cell.source, wanted())
    ]
    assert not shown, "\n".join(shown)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_chapter_has_bodies_to_compare(slug: str) -> None:
    assert list(bodies(source_of(slug).read_text(encoding="utf-8")))


SOLVED = """
def softmax(scores):
    ### BEGIN SOLUTION
    exps = np.exp(scores - scores.max())
    return exps / exps.sum()
    ### END SOLUTION

def dot_scores(s_t, H):
    ### BEGIN SOLUTION
    return H @ s_t
    ### END SOLUTION
"""


@pytest.mark.parametrize(
    "cell, count",
    [
        ("e = np.exp(row - row.max())\nprint(e / e.sum())", 1),
        ("def f(row):\n    e = np.exp(row - row.max())\n    return e / e.sum()", 1),
        ("e = np.exp(row - row.max())\nprint(e / row.sum())", 0),
        ("e = np.exp(row)\nprint(e / e.sum())", 0),
        ("scores = H @ s_t", 1),
        ("product = A @ b", 0),
    ],
)
def test_a_body_is_found_under_other_names(cell: str, count: int) -> None:
    answers: dict[tuple, dict[str, str]] = {}
    add(answers, SOLVED, "a chapter")
    assert len(given_away(cell, answers)) == count
