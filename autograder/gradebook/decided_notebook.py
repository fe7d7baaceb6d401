"""What was decided, in a marked notebook: so that the page, formgrader, the tables and the report say the same.

What the judge found stays in the notebook, and comes back where a decision is taken back. A notebook is handled as
plain data, as it is in its file, for it has a learner's text in it.
"""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.notebooknode import from_dict

from autograder.gradebook.decisions import Decided, Decisions
from autograder.gradebook.marked_notebook import MOST_BYTES, marked_path, text_of, verdict_of
from autograder.gradebook.scores import Scores, scores_of
from autograder.storage.safe_files import read_plain

DECISION = "decision"  # in the metadata of a cell: what is told of it, and what the judge had written there
SIGNS = {"right": "✓", "partial": "◐", "accepted": "✓", "dropped": "–"}
COLOURS = {"accepted": "alert-success", "dropped": "alert-info"}
Notebook = Mapping[str, Any]


@dataclass(frozen=True)
class Judged:
    """What the judge found of one submission: points, whom to ask, and the answers by their digests, by grade id."""

    attempt: str
    scores: Scores
    released: dict[str, float]
    answers: dict[str, str]

    def decided(self, decisions: Decisions, slug: str, student: str) -> dict[str, Decided]:
        """Return what counts for each graded cell about which something was decided."""
        about = {name: self.scores.grades[name][0] for name in decisions.cells(slug) & self.scores.grades.keys()}
        return {
            name: decisions.decide(slug, name, student, score, self.released[name], self.answers[name])
            for name, score in about.items()
        }


def with_decided(scores: Scores, decided: Mapping[str, Decided]) -> Scores:
    """Return what the gradebook is told of a submission: the judge's scores, and what counts in their place."""
    grades = {
        name: (decided[name].score, decided[name].look or (look and not decided[name].fixed))
        if name in decided
        else (score, look)
        for name, (score, look) in scores.grades.items()
    }
    return replace(scores, grades=grades)


# ---------------------------------------------------------------- reading
def read_notebook(root: Path, student: str, slug: str) -> dict[str, Any] | None:
    """Return a marked notebook as plain data; None where it is not there, or is no notebook of ours."""
    try:
        notebook = json.loads(read_plain(marked_path(root, student, slug), MOST_BYTES))
        return notebook if notebook["metadata"]["autograder"]["attempt"] else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def judged(notebook: Notebook) -> Judged:
    """Return what the judge found, whatever was decided since."""
    cells = list(graded_cells(notebook))
    few = NotebookNode(cells=cells, metadata=from_dict({"autograder": notebook["metadata"]["autograder"]}))
    return Judged(notebook["metadata"]["autograder"]["attempt"], scores_of(few), points_in(cells), answers(notebook))


def graded_cells(notebook: Notebook) -> Iterator[NotebookNode]:
    """Yield the graded cells as nbgrader reads them."""
    for cell in notebook["cells"]:
        if name_of(cell):
            metadata = {**cell["metadata"], "autograder": judges_own(cell)}
            yield from_dict({**cell, "source": text_of(cell), "metadata": metadata})


def answers(notebook: Notebook) -> dict[str, str]:
    """Return for each graded cell the digest of the last answer up to it: the one that it is about."""
    found, last = {}, ""
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            last = hashlib.sha256(text_of(cell).encode("utf-8", "surrogatepass")).hexdigest()
        if name_of(cell):
            found[name_of(cell)] = last
    return found


def name_of(cell: Mapping[str, Any]) -> str:
    """Return the grade id of a graded cell; empty for another."""
    about = cell["metadata"].get("nbgrader", {})
    return str(about["grade_id"]) if about.get("grade") else ""


def judges_own(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the judge wrote about a cell, whatever was decided since."""
    return cell["metadata"].get(DECISION, {}).get("verdict", verdict_of(cell))


# ---------------------------------------------------------------- writing
def write_decided(notebook: Notebook, decided: Mapping[str, Decided], cells: Collection[str]) -> bool:
    """Write what counts into those cells of a notebook, in place; say whether that has changed anything."""
    changed = False
    for cell in notebook["cells"]:
        if name_of(cell) in cells:
            before = told(cell)
            take_back(cell)
            if (one := decided.get(name_of(cell))) and one.says:
                put(cell, one)
            changed |= told(cell) != before
    return changed


def told(cell: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return all that a decision may change in a cell."""
    box = box_of(cell)
    return dict(cell["metadata"].get(DECISION, {})), {kind: joined(text) for kind, text in box.items()}


def take_back(cell: Mapping[str, Any]) -> None:
    """Put back what the judge wrote, where something was decided before."""
    before = cell["metadata"].pop(DECISION, None)
    if before and before["verdict"]:
        cell["metadata"]["autograder"] = before["verdict"]
        box_of(cell).update(before["box"])


def put(cell: Mapping[str, Any], decided: Decided) -> None:
    """Write into a cell what counts."""
    verdict, box = verdict_of(cell), {kind: joined(text) for kind, text in box_of(cell).items()}
    cell["metadata"][DECISION] = {"says": decided.says, "verdict": dict(verdict), "box": box}
    if not verdict:
        return  # a written answer: a person has given its points, and there is no box
    status = decided.status or verdict["status"]
    cell["metadata"]["autograder"] = {**verdict, "status": status, **diagnosis(verdict, decided)}
    judged_heading = heading(verdict["status"], verdict["title"], number_in(cell), released_points(cell))
    new_heading = heading(status, verdict["title"], decided.score or 0.0, decided.most)
    page = box.get("text/html", "").replace(html.escape(judged_heading), html.escape(new_heading), 1)
    for colour in ("alert-success", "alert-warning", "alert-danger") if decided.status else ():
        page = page.replace(f'class="alert {colour}"', f'class="alert {COLOURS[decided.status]}"', 1)
    first, end, rest = page.partition("</strong>")
    text = box.get("text/plain", "").replace(judged_heading, f"{new_heading}\n  {decided.says}", 1)
    box_of(cell).update({"text/html": f"{first}{end}<div>{html.escape(decided.says)}</div>{rest}", "text/plain": text})


def diagnosis(verdict: Mapping[str, Any], decided: Decided) -> dict[str, Any]:
    """Return what tables say of a check: an accepted answer has no mistake, and of a dropped task only that counts."""
    if not decided.status:
        return {"diagnosis": f"{verdict['diagnosis']} {decided.says}"}
    names = [] if decided.status == "accepted" else verdict["names"]
    return {"diagnosis": decided.says, "read": "", "names": names}


def heading(status: str, title: str, score: float, most: float) -> str:
    """Return the first line of the box of a verdict."""
    return f"{sign_of(status)} {title}: {score:g} of {most:g} points"


def sign_of(status: str) -> str:
    """Return the sign of a status, which says without colours whether all is right."""
    return SIGNS.get(status, "✗")


def box_of(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return the texts of the judge's box; a new dictionary where there is none."""
    outputs = cell.get("outputs", ())
    return outputs[0].get("data", {}) if outputs and verdict_of(cell) else {}


def number_in(cell: Mapping[str, Any]) -> float:
    """Return the judge's points, which stand behind the box."""
    results = (one["data"]["text/plain"] for one in cell["outputs"] if one["output_type"] == "execute_result")
    return float(joined(next(results, "0")))


def points_in(cells: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Return the points that graded cells have in the release, by grade id."""
    return {name_of(cell): released_points(cell) for cell in cells if name_of(cell)}


def released_points(cell: Mapping[str, Any]) -> float:
    """Return the points of a cell in the release."""
    return float(cell["metadata"]["nbgrader"]["points"])


def joined(text: str | list[str]) -> str:
    """Return a text, which nbformat writes in lines."""
    return "".join(text) if isinstance(text, list) else text
