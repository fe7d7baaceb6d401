"""What an attack is, and what is known after a class that holds it was graded."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
from nbformat import NotebookNode

from tests.grade.fake_course import SLUG

WRONG = "def mean_rows(X): return X[0]\n"


@dataclass(frozen=True)
class Outcome:
    """What grading left of one submission."""

    root: Path
    student: str
    said: str

    def rows(self, name: str) -> list[dict]:
        """Return the rows of this student in a CSV file, as they are in the file."""
        with (self.root / "_build" / "grading" / name).open(encoding="utf-8", newline="") as file:
            return [row for row in csv.DictReader(file) if row["student_id"] == self.student]

    @property
    def points(self) -> dict[str, float]:
        """Return the points of each check."""
        return {row["check"]: float(row["score"]) for row in self.rows("checks.csv")}

    def place(self, step: str, kind: str) -> Path:
        """Return a file that grading wrote."""
        return self.root / "_build" / "grading" / step / self.student / SLUG / f"{SLUG}.{kind}"

    @cached_property
    def notebook(self) -> NotebookNode:
        """Return the marked notebook."""
        return nbformat.read(self.place("autograded", "ipynb"), as_version=4)

    @cached_property
    def page(self) -> str:
        """Return the feedback page."""
        return self.place("feedback", "html").read_text(encoding="utf-8")

    @property
    def printed(self) -> str:
        """Return what the submission printed and showed."""
        outputs = [output for cell in self.notebook.cells for output in cell.get("outputs", [])]
        return "".join(str(output.get("text", output.get("data", ""))) for output in outputs)


@dataclass(frozen=True)
class Attack:
    """One submission that tries something, and what must come of it.

    name    what kind of attack it is, which several may share; `how` says what exactly it tries
    text    what stands in the solution cell of `mean_rows` (2 points); `center` (3 points) is answered right
    points  what must be given for the two checks
    edit    changes the notebook, or returns other bytes for its file
    beside  puts things into the submission's folder
    after   asserts what must hold besides
    """

    name: str
    text: str = WRONG
    how: str = ""
    points: tuple[float, float] = (0, 3)
    edit: Callable[[NotebookNode], bytes | None] | None = None
    beside: Callable[[Path], object] | None = None
    after: Callable[[Outcome], None] | None = None

    @property
    def id(self) -> str:
        """Return the name of the test."""
        return f"{self.name} ({self.how})" if self.how else self.name


SAFE_ADDRESS = re.compile(r"https?://|mailto:|#|data:image/png;base64,|$", re.IGNORECASE)
HARMLESS = {"div", "span", "table", "input", "a", "p", "pre", "code", "img", "h4", "ul", "li", "b", "hr"}


def assert_runs_nothing(page: str) -> None:
    """Assert that the body of a page holds nothing that a browser runs, loads or sends."""
    body = BeautifulSoup(page, "html.parser").body
    for element in body.find_all(True):
        assert element.name not in {
            "script",
            "style",
            "iframe",
            "object",
            "embed",
            "svg",
            "math",
            "form",
            "base",
            "link",
        }
        assert element.name not in {"meta", "video", "audio", "template", "button", "textarea", "select"}
        for name, value in element.attrs.items():
            text = " ".join(value) if isinstance(value, list) else value
            assert not name.lower().startswith("on"), element
            assert name not in ("srcdoc", "srcset", "action", "formaction", "background"), element
            if name in ("href", "src", "xlink:href"):
                assert SAFE_ADDRESS.match(re.sub(r"[\x00-\x20]", "", text)), element
            if name == "style":
                assert not re.search(r"position|url\(|expression|fixed|absolute|z-index", text, re.IGNORECASE), element
            if name == "class":
                assert not re.search(r"modal|navbar|fixed|overlay|comment|score\b", text), element
