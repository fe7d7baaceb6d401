"""The reader of notebooks: whatever bytes arrive, there is a valid notebook to grade, soon and within limits."""

from __future__ import annotations

import json
import time
import tracemalloc

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.grade.intake.read_notebook import MOST_CELLS, MOST_PARTS, MOST_TEXT, read_submission
from autograder.grade.pipeline import rebuilt
from autograder.storage.safe_files import MOST_BYTES
from tests.grade.fake_course import RIGHT, answered, as_bytes

EXAMPLES = settings(max_examples=120)
MEGABYTE = 1 << 20
MOST_WORK = 20  # seconds of processor time, of which most files take one; what grows with the square takes minutes
BYTES_PER_BYTE = 40  # memory that reading may take for each byte of a file …
SPARE_BYTES = 24 * MEGABYTE  # … and for the notebook itself, with a look at the order of its cells

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)
words = st.sampled_from(
    ["cells", "worksheets", "cell_type", "source", "input", "metadata", "nbgrader", "grade_id", "code"]
)
like_notebooks = st.recursive(
    st.none() | st.integers() | st.text() | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=5),
    max_leaves=25,
)


def graded_from(trusted, data: bytes) -> nbformat.NotebookNode:
    """Return the notebook to be graded; it must be a valid one with the release's own cells in their order."""
    notebook = rebuilt(trusted, data)
    nbformat.validate(notebook)
    assert nbformat.writes(notebook).encode("utf-8")
    own = [cell.id for cell in trusted.release.cells]
    assert [cell.id for cell in notebook.cells if cell.id in own] == own
    labels = [cell.metadata for cell in notebook.cells if cell.id not in own]
    assert not any(labels)
    locked = {
        cell.id: cell.source for cell in trusted.release.cells if not cell.metadata.get("nbgrader", {}).get("solution")
    }
    assert locked == {cell.id: cell.source for cell in notebook.cells if cell.id in locked}
    return notebook


@EXAMPLES
@given(data=st.binary(max_size=300))
def test_any_bytes(trusted, data):
    for start in (b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\x00\x00", b'{"cells": [', b"\x00{"):
        graded_from(trusted, start + data)


@EXAMPLES
@given(value=json_values | like_notebooks | st.fixed_dictionaries({"cells": like_notebooks}))
def test_any_json(trusted, value):
    graded_from(trusted, json.dumps(value).encode())


@EXAMPLES
@given(
    cells=st.lists(
        st.fixed_dictionaries({"cell_type": words | st.none(), "source": json_values, "metadata": json_values})
    )
)
def test_any_cells(trusted, cells):
    graded_from(trusted, json.dumps({"cells": cells}).encode())


@EXAMPLES
@given(data=st.data())
def test_a_notebook_with_anything_in_any_place(trusted, course, data):
    notebook = json.loads(as_bytes(answered(course, **RIGHT)))
    for _ in range(data.draw(st.integers(1, 4))):
        put(notebook, data)
    graded_from(trusted, json.dumps(notebook).encode())


def put(value: object, data: st.DataObject) -> None:
    """Replace, remove or double something somewhere below a value."""
    places = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    if not places:
        return
    place = data.draw(st.sampled_from(places))
    what = data.draw(st.sampled_from(["deeper", "deeper", "replace", "remove", "double"]))
    if what == "deeper" and isinstance(value[place], (dict, list)) and value[place]:
        put(value[place], data)
    elif what == "remove":
        del value[place]
    elif what == "double" and isinstance(value, list):
        value.insert(place, value[place])
    else:
        value[place] = data.draw(json_values)


@EXAMPLES
@given(cut=st.integers(0, 10_000), place=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_notebook_with_a_byte_changed_or_the_end_cut_off(trusted, course, cut, place, byte):
    whole = bytearray(as_bytes(answered(course, **RIGHT)))
    whole[place % len(whole)] = byte
    graded_from(trusted, bytes(whole))
    graded_from(trusted, bytes(whole[: cut % len(whole)]))


# ---------------------------------------------------------------- what is large, deep or odd on purpose
def cells(*texts: str) -> bytes:
    """Return a file whose cells are given as JSON text."""
    return ('{"cells": [' + ",".join(texts) + "]}").encode()


def code(text: str) -> str:
    """Return a code cell as JSON text."""
    return json.dumps({"cell_type": "code", "source": text, "metadata": {}})


def text(source: str) -> str:
    """Return a Markdown cell as JSON text."""
    return json.dumps({"cell_type": "markdown", "source": source, "metadata": {}})


X_IS_1 = f'"cells": [{code("x = 1")}]}}'.encode()
NASTY = {
    "deep lists": b"[" * 200_000,
    "deep objects": b'{"cells":' * 100_000,
    "deep in a cell": cells('{"source": ' + "[" * 5000 + "]" * 5000 + "}"),
    "just not too deep": cells('{"metadata": ' + "[" * 900 + "]" * 900 + ', "source": "x = 1"}'),
    "many empty cells": cells(*["{}"] * 300_000),
    "a million cells": b'{"cells": [' + b"0," * MEGABYTE + b"0]}",
    "many lists": b'{"cells": [' + b"[]," * 300_000 + b"[]]}",
    "too many lists": b'{"cells": [' + b"[]," * (MOST_PARTS + 1) + b"[]]}",
    "many short texts": b'{"cells": [' + b'"ab",' * 200_000 + b'""]}',
    "many numbers": b'{"cells": [' + b"1e9," * 250_000 + b"0]}",
    "many keys": ("{" + ",".join(f'"{i}":0' for i in range(100_000)) + "}").encode(),
    "one long text": cells(code("x" * MEGABYTE)),
    "one long line of Hangul": cells(code("가" * 300_000)),
    "a long text in lines": cells('{"cell_type": "code", "source": [' + ",".join(['"a"'] * 200_000) + "]}"),
    "many solution cells": cells(*[code("def mean_rows(X):\n    return 0")] * 2000),
    "long names": cells(code("def " + "f" * 100_000 + "(): pass")),
    "many defs": cells(code("def f(): pass\n" * 20_000)),
    "deep brackets": cells(code("x = " + "(" * 5000 + ")" * 5000)),
    "deep signs": cells(code("x = " + "-" * 50_000 + "1")),
    "deep names": cells(code("x = a" + ".b" * 40_000)),
    "deep sums": cells(code("x = " + "+".join(["1"] * 5000))),
    "huge numbers": b'{"nbformat": 1' + b"0" * 10**5 + b', "x": 1e9999, "y": -1e9999, ' + X_IS_1,
    "not a number": b'{"nbformat": NaN, "x": [Infinity, -Infinity], ' + X_IS_1,
    "lone surrogates": cells('{"source": "\\ud800", "metadata": {"nbgrader": {"grade_id": "\\udfff"}}}'),
    "NUL bytes": cells('{"cell_type": "code", "source": "x = \\u0000"}'),
    "duplicate keys": b'{"cells": 1, "cells": [], ' + X_IS_1,
    "only NULs": bytes(MEGABYTE),
    "only spaces": b" " * MEGABYTE,
    "a fence": cells(text("```python\n" * 20_000)),
    "fences and blanks": cells(text("```" + "\n``` " * 20_000 + " " * 90_000 + "x")),
    "async and blanks": cells(code("async" + " " * 190_000)),
}  # fmt: skip


@pytest.mark.parametrize("name", NASTY)
def test_nasty_files_are_read_with_little_work_and_memory(trusted, name):
    start = time.thread_time()
    graded_from(trusted, NASTY[name])
    assert time.thread_time() - start < MOST_WORK
    tracemalloc.start()
    rebuilt(trusted, NASTY[name])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < BYTES_PER_BYTE * len(NASTY[name]) + SPARE_BYTES


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("deep lists", "nested too deeply"),
        ("too many lists", "far more parts than a notebook"),
        ("only NULs", "is empty"),
        ("many keys", "holds no cells"),
    ],
)
def test_what_cannot_be_a_notebook_is_explained(name, sentence):
    assert sentence in read_submission(NASTY[name]).unreadable


@pytest.mark.parametrize("name", ["huge numbers", "not a number", "duplicate keys", "just not too deep"])
def test_odd_values_do_not_matter_where_nobody_reads_them(name):
    assert [cell.text for cell in read_submission(NASTY[name]).cells] == ["x = 1"]


def test_the_limits_hold(trusted):
    assert len(read_submission(NASTY["many solution cells"]).cells) == MOST_CELLS
    assert len(read_submission(NASTY["one long text"]).cells[0].text) == MOST_TEXT
    assert "too large" in read_submission(b"[" + b" " * MOST_BYTES).unreadable
