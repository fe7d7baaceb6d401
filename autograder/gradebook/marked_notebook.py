"""The one reader of marked notebooks: what the judge left in them for tables, the report, exports and the next grading.

Whatever is missing or damaged, there is a result or none: nobody who reads a class stops at one notebook.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.storage.safe_files import read_plain

MOST_BYTES = 200 << 20  # of a marked notebook, which is ours


@dataclass(frozen=True)
class Marked:
    """What is in a marked notebook besides its cells' outputs.

    attempt     the digest of the submitted file
    unreadable  why the submission could not be read, if so
    verdicts    what the judge found (`write_verdict` in verdicts.py), by grade id, in the order of the notebook
    answers     the text of each cell with an answer in code, by grade id
    blank       the grade ids of written answers that are as they were released
    """

    attempt: str
    unreadable: str
    verdicts: dict[str, dict[str, Any]]
    answers: dict[str, str]
    blank: tuple[str, ...] = ()


def marked_path(root: Path, student: str, slug: str) -> Path:
    """Return where the marked notebook of a submission lies, below the folder of a grading."""
    return root / "autograded" / student / slug / f"{slug}.ipynb"


def read_marked(path: Path) -> Marked | None:
    """Return what is in a marked notebook; None where there is none, or it is no notebook of ours."""
    try:
        return marked(json.loads(read_plain(path, MOST_BYTES)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def marked(notebook: Mapping[str, Any]) -> Marked:
    """Return what is in a marked notebook, read as JSON; raises KeyError, TypeError, AttributeError for another."""
    about, cells = notebook["metadata"]["autograder"], notebook["cells"]
    verdicts = {cell["metadata"]["nbgrader"]["grade_id"]: verdict_of(cell) for cell in cells if verdict_of(cell)}
    answers = {cell["metadata"]["nbgrader"]["grade_id"]: text_of(cell) for cell in cells if is_answer(cell)}
    blank = tuple(map(str, about.get("blank", ())))
    return Marked(str(about["attempt"]), str(about["unreadable"]), verdicts, answers, blank)


def verdict_of(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the judge wrote about a cell; nothing where it is no check."""
    return cell["metadata"].get("autograder", {})


def is_answer(cell: Mapping[str, Any]) -> bool:
    """Say whether a cell holds an answer in code."""
    return cell["cell_type"] == "code" and bool(cell["metadata"].get("nbgrader", {}).get("solution"))


def text_of(cell: Mapping[str, Any]) -> str:
    """Return the text of a cell, which nbformat writes in lines."""
    source = cell["source"]
    return "".join(source) if isinstance(source, list) else source
