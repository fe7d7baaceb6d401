"""Innocent faults: each submission is graded as it was meant, or explained, and none stops anything."""

from __future__ import annotations

import codecs
import copy
import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from autograder.grade.intake.read_notebook import read_submission
from autograder.grade.intake.rebuild import rebuild
from autograder.grade.pipeline import rebuilt
from tests.grade.fake_course import RIGHT, answered, as_bytes


def cell(notebook, grade_id):
    """Return the cell with a grade id."""
    return next(c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def no_metadata(nb):
    """Strip all metadata and ids."""
    for c in nb["cells"]:
        c["metadata"] = {}
        c.pop("id", None)


def broken_metadata(nb):
    """Leave metadata of the wrong kind."""
    for c, value in zip(
        nb["cells"], [5, {"grade_id": 3}, {"grade_id": ["x"]}, None, "x", {}, [], 1.5, True], strict=True
    ):
        c["metadata"] = {"nbgrader": value}


def old_schema(nb):
    """Leave metadata of an earlier version of nbgrader."""
    for c in nb["cells"]:
        if "nbgrader" in c["metadata"]:
            c["metadata"]["nbgrader"] = {"schema_version": 1, "grade_id": c["metadata"]["nbgrader"]["grade_id"]}


def stub_copied(nb, place=0):
    """Copy the solution cell, with its stub, before or behind the answer."""
    number = nb["cells"].index(cell(nb, "solution-mean_rows"))
    stub = copy.deepcopy(nb["cells"][number])
    stub["source"] = "def mean_rows(X):\n    # TODO\n    " + STUB
    nb["cells"].insert(number + place, stub)


def check_copied(nb):
    """Copy a check cell."""
    nb["cells"].append(copy.deepcopy(cell(nb, "mean_rows-averages_over_rows")))


def checks_deleted(nb):
    """Delete all cells but the answers."""
    nb["cells"] = [c for c in nb["cells"] if "solution" in str(c.get("id"))]


def checks_edited(nb):
    """Replace the text of the check cells."""
    for name in ("mean_rows-averages_over_rows", "center-gives_rows_and_spread"):
        cell(nb, name)["source"] = "mean_rows = center = None"


def turned_into_text(nb):
    """Turn a code cell into Markdown."""
    cell(nb, "solution-mean_rows").update(cell_type="markdown")


def fenced(nb):
    """Turn a code cell into Markdown with a fence around its code."""
    c = cell(nb, "solution-mean_rows")
    c.update(cell_type="markdown", source=f"```python\n{c['source']}\n```")


def flags_changed(nb):
    """Change points and flags."""
    cell(nb, "mean_rows-averages_over_rows")["metadata"]["nbgrader"].update(points=100, locked=False, solution=True)
    cell(nb, "solution-mean_rows")["metadata"]["nbgrader"].update(grade=True, solution=False, points=50)


def moved(nb):
    """Put the answers at the end."""
    nb["cells"].sort(key=lambda c: "solution" in str(c.get("id")))


def answered_elsewhere(nb):
    """Write an answer into a new cell and leave the stub."""
    number = nb["cells"].index(cell(nb, "solution-mean_rows"))
    text = nb["cells"][number]["source"]
    nb["cells"][number]["source"] = "def mean_rows(X):\n    # TODO\n    " + STUB
    nb["cells"].insert(number, new_code_cell(text))


def lines(nb):
    """Store sources as lists of lines."""
    for c in nb["cells"]:
        c["source"] = c["source"].splitlines(keepends=True)


def other_cells(nb):
    """Add cells that fail, a helper, raw text, and things that are no cells."""
    nb["cells"].insert(2, new_code_cell("1 / 0"))
    nb["cells"].insert(3, new_code_cell("def helper(X):\n    return X.mean(axis=0)"))
    cell(nb, "solution-mean_rows")["source"] = "def mean_rows(X):\n    return helper(X)"
    nb["cells"] += [{"cell_type": "raw", "source": "x", "metadata": {}}, {"cell_type": "odd"}, None, 3, {"source": {}}]


def other_header(nb):
    """Claim another version and kernel."""
    nb.update(nbformat=5, nbformat_minor=99, metadata={"kernelspec": {"name": "ir", "language": "R"}, "x": [None]})


def same_ids(nb):
    """Give all cells one cell id."""
    for c in nb["cells"]:
        c["id"] = "same"


STUB = 'raise NotImplementedError("Write your answer in place of this line, then run the check below.")'
FAULTS = [
    no_metadata,
    broken_metadata,
    old_schema,
    stub_copied,
    lambda nb: stub_copied(nb, 1),
    check_copied,
    checks_deleted,
    checks_edited,
    turned_into_text,
    fenced,
    flags_changed,
    moved,
    answered_elsewhere,
    lines,
    other_cells,
    other_header,
    same_ids,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.__name__.strip("<>"))
def test_an_innocent_fault_costs_nothing(grade, course, fault):
    notebook = answered(course, **RIGHT)
    fault(notebook)
    verdicts = grade(as_bytes(notebook))
    assert [verdict.score for verdict in verdicts.values()] == [2, 3], grade.notebook.metadata
    nbformat.validate(grade.notebook)


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.replace("TODO", "é").encode("latin-1"),
    ],
    ids=["utf-8 with a mark", "utf-16", "utf-16 without a mark", "latin-1"],
)
def test_other_encodings_are_read(grade, course, encode):
    notebook = answered(course, **RIGHT)
    assert [v.score for v in grade(encode(json.dumps(notebook))).values()] == [2, 3]


def test_version_3_is_read(grade, course):
    old = nbformat.convert(answered(course, **RIGHT), 3)
    assert [v.score for v in grade(nbformat.writes(old, version=3).encode()).values()] == [2, 3]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b'{"cells": [{"cell_type": "code", "sou', "broken or cut off"),
        (b"[]", "holds no cells"),
        (b'{"a": 1}', "holds no cells"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "a pointer of Git LFS"),
        (b'{"cells": [\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> mine\n]}', "two versions that git could not merge"),
        (b"PK\x03\x04\x14\x00", "a zip archive or an Office document"),
        (b"%PDF-1.7\n", "is a PDF"),
        (b"[" * 200_000, "nested too deeply"),
        (b"\xff\xfe\x00", "broken or cut off"),
        (bytes(range(256)) * 10, "broken or cut off"),
        (None, "There is no notebook"),
    ],
)
def test_what_is_no_notebook_is_explained(trusted, data, sentence):
    notebook = rebuilt(trusted, data)
    assert sentence in notebook.metadata["autograder"]["unreadable"]
    assert [c.source for c in notebook.cells] == [c.source for c in trusted.release.cells]


def test_a_deleted_answer_costs_its_own_check(grade, course):
    notebook = answered(course, **RIGHT)
    notebook.cells.remove(cell(notebook, "solution-center"))
    verdicts = grade(notebook)
    assert [verdict.score for verdict in verdicts.values()] == [2, 0]
    assert "solution-center” is not in the notebook" in str(grade.notebook.metadata["autograder"]["notes"])


def test_the_first_answer_of_two_with_one_id_counts_and_the_other_stays_in_its_place(trusted, course):
    notebook = answered(course, **RIGHT)
    second = copy.deepcopy(cell(notebook, "solution-mean_rows"))
    second.source = "second = 2"
    notebook.cells.insert(notebook.cells.index(cell(notebook, "solution-mean_rows")) + 1, second)
    made, notes = rebuild(trusted.release, read_submission(as_bytes(notebook)))
    sources = [c.source for c in made.cells]
    assert sources[sources.index(RIGHT["mean_rows"]) + 1] == "second = 2"
    assert "was there 2 times" in notes[0]


def test_only_text_is_taken_from_a_submission(trusted, course):
    notebook = answered(course, **RIGHT)
    flags_changed(notebook)
    notebook.metadata["forged"] = cell(notebook, "solution-mean_rows").metadata["forged"] = "yes"
    cell(notebook, "written-why").attachments = {"x.png": {"text/html": "<script>"}}
    made, _ = rebuild(trusted.release, read_submission(as_bytes(notebook)))
    assert "forged" not in json.dumps(made) and "attachments" not in json.dumps(made)
    for mine, own in zip(made.cells, trusted.release.cells, strict=True):
        assert mine.metadata == own.metadata and mine.id == own.id
