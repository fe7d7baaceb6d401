"""Every innocent fault: what happens to honest work on its way to the grader.

Each record says what befell a submission, what it earns all the same, and what its learner is told.
Most start from a notebook with right answers, which earns 5 of 7 points; the other 2 wait for a person
when the written question is answered.
"""

from __future__ import annotations

import codecs
import copy
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell

from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes

ALL = 5.0
NAMED = [  # faults that must not go missing here; a new one needs no line in this list
    "duplicate ids",
    "other schema versions",
    "missing metadata",
    "stripped metadata",
    "broken metadata",
    "unknown graded cells",
    "changed flags",
    "deleted cells",
    "code turned into markdown",
    "wrong kernel",
    "absent kernel",
    "empty file",
    "truncated file",
    "BOM",
    "UTF-16",
    "nbformat 3",
    "nbformat 5",
    "odd minors",
    "duplicate cell ids",
    "missing notebook",
    "renamed notebook",
    "extra notebooks",
    "Unicode in names",
    "spaces in names",
    "quotes in names",
    "glob characters in names",
    "bad timestamps",
    "anything on stderr",
    "!pip install",
    "Colab magics",
    "from google.colab import …",
    "cells that only work out of order",
    "float32/float64",
    "lists",
    "tensors",
    "(N, 1) for (N,)",
    "answers that read globals",
    "a dead kernel after some checks have passed",
    "a grader killed half way",
]
MEAN = RIGHT["mean_rows"]
FIRST_STUB = "def mean_rows(X):\n    # TODO\n    "
STUB = FIRST_STUB + 'raise NotImplementedError("Write your answer in place of this line, then run the check below.")'
Change = Callable[[dict], None]


@dataclass(frozen=True)
class Fault:
    """One fault.

    name      its name in the list
    change    what is done to the notebook, a plain dict
    answers   texts of solution cells other than the right ones
    points    what it earns
    says      what its feedback page says, among other things
    encode    how the notebook becomes the bytes of a file
    file      the name of the file, none where nothing was handed in
    beside    other things that are put into the folder
    student   the name of the learner's folder, else made from the name
    stock     whether nbgrader's own `autograde` finds the submission
    """

    name: str
    change: Change = lambda notebook: None
    answers: dict[str, str] = field(default_factory=dict)
    points: float = ALL
    says: str = "Right."
    encode: Callable[[dict], bytes] = lambda notebook: json.dumps(notebook).encode()
    file: str | None = f"{SLUG}.ipynb"
    beside: Callable[[Path], None] = lambda folder: None
    student: str = ""
    stock: bool = True


def cell(notebook: dict, grade_id: str) -> dict:
    """Return the cell with a grade id."""
    return next(c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def place(notebook: dict, grade_id: str) -> int:
    """Return where the cell with a grade id is."""
    return notebook["cells"].index(cell(notebook, grade_id))


# ---------------------------------------------------------------- cells and their labels
def stub_copied(nb: dict) -> None:
    """Copy the solution cell before it was answered: the stub comes first."""
    stub = copy.deepcopy(cell(nb, "solution-mean_rows"))
    nb["cells"].insert(place(nb, "solution-mean_rows"), {**stub, "source": STUB})


def answer_copied(nb: dict) -> None:
    """Copy the answered cell and try something else in the copy."""
    second = copy.deepcopy(cell(nb, "solution-mean_rows"))
    nb["cells"].insert(place(nb, "solution-mean_rows") + 1, {**second, "source": "try_out = mean_rows(np.eye(3))"})


def check_copied(nb: dict) -> None:
    """Copy a check cell to the end."""
    nb["cells"].append(copy.deepcopy(cell(nb, "mean_rows-averages_over_rows")))


def schema(version: object) -> Change:
    """Return a change that leaves metadata of another schema version of nbgrader's."""

    def change(nb: dict) -> None:
        for about in (c["metadata"]["nbgrader"] for c in nb["cells"] if "nbgrader" in c["metadata"]):
            kept = {"grade_id": about["grade_id"], "schema_version": version}
            about.clear()
            about.update(kept)

    return change


def labels_missing(nb: dict) -> None:
    """Take nbgrader's metadata away, leave the rest."""
    for c in nb["cells"]:
        c["metadata"].pop("nbgrader", None)


def labels_stripped(nb: dict) -> None:
    """Take all metadata and ids away, as tools that clear outputs do."""
    nb["metadata"] = {}
    for c in nb["cells"]:
        c["metadata"] = {}
        c.pop("id", None)


def labels_broken(nb: dict) -> None:
    """Leave metadata of the wrong kind."""
    odd = [5, {"grade_id": 3}, {"grade_id": ["x"]}, None, "x", {}, [], 1.5, True]
    for c, value in zip(nb["cells"], odd, strict=True):
        c["metadata"] = {"nbgrader": value}
    nb["cells"][0]["metadata"] = None
    nb["cells"][1]["metadata"] = "x"


def unknown_graded(nb: dict) -> None:
    """Add cells of another assignment, graded ones among them."""
    about = {"grade": True, "locked": True, "solution": False, "task": False, "schema_version": 3, "points": 50}
    added = [new_code_cell("assert False", metadata={"nbgrader": {**about, "grade_id": f"q{i}"}}) for i in range(3)]
    nb["cells"][3:3] = json.loads(json.dumps(added))


def flags_changed(nb: dict) -> None:
    """Change points and flags."""
    cell(nb, "mean_rows-averages_over_rows")["metadata"]["nbgrader"].update(points=100, locked=False, solution=True)
    cell(nb, "solution-mean_rows")["metadata"]["nbgrader"].update(grade=True, solution=False, points=50, task=True)


def checks_deleted(nb: dict) -> None:
    """Delete all cells but the answers."""
    nb["cells"] = [c for c in nb["cells"] if "solution" in str(c.get("id"))]


def answer_deleted(nb: dict) -> None:
    """Delete an answer."""
    nb["cells"].remove(cell(nb, "solution-center"))


def all_deleted(nb: dict) -> None:
    """Delete everything."""
    nb["cells"] = []


def turned_into_text(nb: dict) -> None:
    """Turn an answer into Markdown, and a check too."""
    for grade_id in ("solution-mean_rows", "mean_rows-averages_over_rows"):
        cell(nb, grade_id)["cell_type"] = "markdown"


def fenced(nb: dict) -> None:
    """Turn an answer into Markdown with a fence around its code."""
    answer = cell(nb, "solution-mean_rows")
    answer.update(cell_type="markdown", source=f"```python\n{answer['source']}\n```")


def same_cell_ids(nb: dict) -> None:
    """Give all cells one cell id."""
    for c in nb["cells"]:
        c["id"] = "same"


def moved(nb: dict) -> None:
    """Put the answers at the end, below their checks."""
    nb["cells"].sort(key=lambda c: "solution" in str(c.get("id")))


def helper_at_the_end(nb: dict) -> None:
    """Answer with a helper that a later cell defines: it worked once, in the order of clicking."""
    nb["cells"].append(json.loads(json.dumps(new_code_cell("def average(X):\n    return X.mean(axis=0)"))))


def other_services(nb: dict) -> None:
    """Add cells with the cell magics of other services, and put one on an answer."""
    texts = ["%%shell\nls", "%%bash\nls", "%%html\n<b>x</b>", "%%writefile x.py\nx = 1", "%%unknown\nx", "%%capture\n1"]
    nb["cells"][3:3] = json.loads(json.dumps([new_code_cell(text) for text in texts]))
    cell(nb, "solution-mean_rows")["source"] = f"%%time\n{MEAN}"


# ---------------------------------------------------------------- files
def header(**fields: object) -> Change:
    """Return a change of the notebook's own fields."""
    return lambda nb: nb.update(fields)


def version_3(nb: dict) -> bytes:
    """Return a notebook as a file of version 3."""
    return nbformat.writes(nbformat.convert(nbformat.from_dict(nb), 3), version=3).encode()


def cut(nb: dict) -> bytes:
    """Return half of the file."""
    return json.dumps(nb).encode()[: len(json.dumps(nb)) // 2]


def with_other_notebooks(folder: Path) -> None:
    """Put other notebooks beside the right one."""
    for name in (f"{SLUG}-Copy1.ipynb", "Untitled.ipynb", "scratch.ipynb"):
        (folder / name).write_bytes(b'{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}')


def timestamp(text: bytes) -> Callable[[Path], None]:
    """Return what writes a timestamp."""
    return lambda folder: (folder / "timestamp.txt").write_bytes(text) and None


def timestamp_link(folder: Path) -> None:
    """Make the timestamp a link to something endless."""
    (folder / "timestamp.txt").symlink_to("/dev/zero")


def timestamp_pipe(folder: Path) -> None:
    """Make the timestamp a pipe that nobody writes to."""
    os.mkfifo(folder / "timestamp.txt")


# ---------------------------------------------------------------- answers
NOISY = f"""import logging, os, sys, warnings
print("starting", file=sys.stderr)
warnings.warn("made with another version")
logging.getLogger("mine").error("something odd")
os.write(2, b"low down")
{MEAN.replace(":", ":" + chr(10) + "    warnings.warn('again'); print('called', file=sys.stderr)", 1)}
"""
PIP = f"!pip install -q numpy\n%pip install -q numpy\n{MEAN}"
MAGICS = f"""%tensorflow_version 2.x
%load_ext google.colab.data_table
%load_ext autoreload
%autoreload 2
%cd /content/drive/MyDrive
%matplotlib widget
%tensorboard --logdir logs
%run other.py
files = !ls
help?
{MEAN}"""
UPLOAD = f"""import google.colab
from google.colab import files, userdata
from google.colab.patches import cv2_imshow
uploaded = files.upload()
for name in uploaded.keys():
    print(name)
key = userdata.get("KEY")
{MEAN}"""
COLAB = f"from google.colab import drive, files\ndrive.mount('/content/drive')\n{MEAN}"
FLOAT32 = "import numpy as np\ndef mean_rows(X):\n    return X.astype(np.float32).mean(axis=0)"
FLOAT64 = "import numpy as np\ndef mean_rows(X):\n    return np.asarray(X, dtype='float64').mean(axis=0)"
LISTS = {
    "mean_rows": "def mean_rows(X):\n    return [float(sum(column) / len(column)) for column in X.T]",
    "center": "def center(X, scale):\n    c = scale * (X - X.mean(0))\n    return c.tolist(), float(abs(c).max())",
}
TENSORS = "import tensorflow as tf\ndef mean_rows(X):\n    return tf.reduce_mean(tf.constant(X), axis=0)"
COLUMN = "def mean_rows(X):\n    return X.mean(axis=0).reshape(-1, 1)"
GLOBAL = "def mean_rows(X):\n    return X.sum(0) / N"
DEAD = "import os\ndef center(X, scale):\n    os._exit(1)"
DEAD_CELL = f"{RIGHT['center']}\nimport os\nos.kill(os.getpid(), 9)"
LATER = "def mean_rows(X):\n    return average(X)"


def answers(**texts: str) -> dict:
    """Return the field `answers`."""
    return {"answers": texts}


FAULTS = [
    Fault("duplicate ids", stub_copied),
    Fault("duplicate ids", answer_copied, says="was there 2 times; the first one counted", student="answer copied"),
    Fault("duplicate ids", check_copied, student="check copied"),
    Fault("other schema versions", schema(1)),
    Fault("other schema versions", schema(2), student="schema 2"),
    Fault("other schema versions", schema(99), student="schema 99"),
    Fault("other schema versions", schema("x"), student="schema x"),
    Fault("missing metadata", labels_missing, says="was found by what it defines, not by its label"),
    Fault("stripped metadata", labels_stripped, says="was found by what it defines, not by its label"),
    Fault("broken metadata", labels_broken, says="was found by what it defines, not by its label"),
    Fault("unknown graded cells", unknown_graded),
    Fault("changed flags", flags_changed),
    Fault("deleted cells", checks_deleted),
    Fault("deleted cells", answer_deleted, points=2, says="is not in the notebook", student="answer deleted"),
    Fault("deleted cells", all_deleted, points=0, says="has no cells", student="all deleted"),
    Fault("code turned into markdown", turned_into_text, says="had been turned into text; it was run as code"),
    Fault("code turned into markdown", fenced, says="had been turned into text; it was run as code", student="fenced"),
    Fault("wrong kernel", header(metadata={"kernelspec": {"name": "ir", "language": "R"}})),
    Fault("absent kernel", header(metadata={})),
    Fault("absent kernel", lambda nb: nb.pop("metadata") and None, student="no header at all"),
    Fault("empty file", encode=lambda nb: b"", points=0, says="The submitted file is empty"),
    Fault("truncated file", encode=cut, points=0, says="broken or cut off"),
    Fault("BOM", encode=lambda nb: codecs.BOM_UTF8 + json.dumps(nb).encode()),
    Fault("UTF-16", encode=lambda nb: json.dumps(nb).encode("utf-16"), says="was saved as UTF-16"),
    Fault("UTF-16", encode=lambda nb: json.dumps(nb).encode("utf-16-be"), says="UTF-16", student="no mark"),
    Fault("UTF-16", encode=lambda nb: json.dumps(nb).encode("utf-32"), says="UTF-32", student="four bytes each"),
    Fault("nbformat 3", encode=version_3),
    Fault("nbformat 5", header(nbformat=5, nbformat_minor=0)),
    Fault("odd minors", header(nbformat_minor=99)),
    Fault("odd minors", header(nbformat="4", nbformat_minor=None), student="text minors"),
    Fault("duplicate cell ids", same_cell_ids),
    Fault("missing notebook", file=None, points=0, says="There is no notebook 90_fake.ipynb", stock=False),
    Fault("renamed notebook", file=f"{SLUG} (1).ipynb", says=f"The notebook was called {SLUG} (1).ipynb", stock=False),
    Fault("renamed notebook", file="homework.ipynb", says="called homework.ipynb", stock=False, student="other name"),
    Fault("renamed notebook", file=f"{SLUG}.ipynb.txt", says="ipynb.txt", stock=False, student="other ending"),
    Fault("extra notebooks", beside=with_other_notebooks),
    Fault("Unicode in names", student="이서연 Zoë ☃"),
    Fault("Unicode in names", file=f"{SLUG} – Kopie.ipynb", says="Kopie", stock=False, student="Unicode in a file"),
    Fault("spaces in names", student=" two  words "),
    Fault("quotes in names", student='o\'neil "the" `cat` $HOME; --'),
    Fault("glob characters in names", student="[a-c]*? {x}", stock=False),
    Fault("bad timestamps", beside=timestamp(b"yesterday, honestly")),
    Fault("bad timestamps", beside=timestamp(b""), student="timestamp empty"),
    Fault("bad timestamps", beside=timestamp(b"\xff\xfe\x00\x80"), student="timestamp binary"),
    Fault("bad timestamps", beside=timestamp(b"99999-99-99 99:99:99 ZZZ"), student="timestamp impossible"),
    Fault("bad timestamps", beside=timestamp_link, student="timestamp link"),
    Fault("bad timestamps", beside=timestamp_pipe, student="timestamp pipe"),
    Fault("anything on stderr", **answers(mean_rows=NOISY)),
    Fault("!pip install", **answers(mean_rows=PIP)),
    Fault("Colab magics", **answers(mean_rows=MAGICS)),
    Fault("Colab magics", other_services, student="cell magics"),
    Fault("from google.colab import …", **answers(mean_rows=COLAB)),
    Fault("from google.colab import …", **answers(mean_rows=UPLOAD), student="uploads"),
    Fault(
        "cells that only work out of order",
        helper_at_the_end,
        **answers(mean_rows=LATER),
        points=3,
        says="uses average, which is defined further down only",
    ),
    Fault("cells that only work out of order", moved, student="answers at the end"),
    Fault("float32/float64", **answers(mean_rows=FLOAT32)),
    Fault("float32/float64", **answers(mean_rows=FLOAT64), student="float64"),
    Fault("lists", **answers(**LISTS)),
    Fault("tensors", **answers(mean_rows=TENSORS)),
    Fault("(N, 1) for (N,)", **answers(mean_rows=COLUMN), says="an extra axis of length 1"),
    Fault("answers that read globals", **answers(mean_rows=GLOBAL)),
    Fault("a dead kernel after some checks have passed", **answers(center=DEAD), points=2, says="ended Python"),
    Fault("a dead kernel after some checks have passed", **answers(center=DEAD_CELL), student="dead in its cell"),
    Fault("a grader killed half way"),
]


def student_of(fault: Fault) -> str:
    """Return the name of the folder of a fault's submission."""
    return fault.student or "".join(c if c.isalnum() else "_" for c in fault.name)


def file_of(course: Path, fault: Fault) -> bytes:
    """Return the file that is handed in."""
    notebook = json.loads(as_bytes(answered(course, **{**RIGHT, **fault.answers})))
    fault.change(notebook)
    return fault.encode(notebook)


def hand_in(course: Path, folder: Path, fault: Fault) -> None:
    """Write one submission into nbgrader's layout below a folder."""
    place = folder / student_of(fault) / SLUG
    place.mkdir(parents=True)
    if fault.file:
        (place / fault.file).write_bytes(file_of(course, fault))
    fault.beside(place)
