"""Attacks on the verdict through Python's own machinery, and by values that are no plain arrays."""

from __future__ import annotations

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from tests.attacks.record import WRONG, Attack, Outcome

PUBLIC = """
import json
import numpy as np
cases = json.load(open("reference.json"))["checks"]["mean_rows"]["cases"]
known = [(c["inputs"]["X"]["data"], c["expected"]["mean"]["data"]) for c in cases]
calls = []
"""


def by_memory(how: str, body: str) -> Attack:
    """Return an attack that answers with what it knows of the public cases, and never computes."""
    return Attack("points by memory", f"{PUBLIC}def mean_rows(X):\n    {body}\n", how)


def machinery(how: str, text: str, points: tuple[float, float] = (0, 3)) -> Attack:
    """Return an attack that changes how Python itself works, and says so once it has."""
    return Attack("Python's machinery", f"{text}\nprint('changed')\n{WRONG}", how, points, after=changed)


def changed(outcome: Outcome) -> None:
    """Assert that the attack came to its end, and not to a typo."""
    assert "changed" in outcome.printed, outcome.printed


def value(how: str, returned: str) -> Attack:
    """Return an attack whose result is no plain array of the right numbers, and may be taken for one."""
    return Attack("odd values", f"import numpy as np\ndef mean_rows(X):\n    return {returned}\n", how)


def locked_cells(notebook: NotebookNode) -> None:
    """Write an answer, and what makes all others right, into the cells that are locked."""
    for cell in notebook.cells:
        if cell.id in ("setup", "libraries"):
            cell.source += (
                "\nimport numpy as np\nnp.allclose = lambda *a, **k: True\ndef mean_rows(X): return X.mean(0)"
            )


def stolen_ids(notebook: NotebookNode) -> None:
    """Give the check's id to a cell of one's own, and the answer's id to many."""
    check = next(cell for cell in notebook.cells if "averages" in cell.id)
    answer = next(cell for cell in notebook.cells if cell.id == "solution-mean_rows")
    for number in range(20):
        notebook.cells.insert(0, new_code_cell("2.0", metadata=check.metadata))
        notebook.cells.append(new_code_cell(f"def mean_rows(X): return X[{number}]", metadata=answer.metadata))


def wild_metadata(notebook: NotebookNode) -> None:
    """Write numbers into nbgrader's metadata that no score is."""
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.update(points=1e308, schema_version=10**9, task=True, checksum="x" * 10_000)


ATTACKS = [
    by_memory("by the number of the call", "calls.append(1)\n    return known[(len(calls) - 1) % len(known)][1]"),
    by_memory("by the number of the call, backwards", "calls.append(1)\n    return known[-len(calls) % len(known)][1]"),
    by_memory("the nearest public case", "return min(known, key=lambda k: abs(X.flat[0] - k[0][0]))[1]"),
    by_memory(
        "public and fresh told apart",
        "same = [k[1] for k in known if len(k[0]) == X.size and np.allclose(X.ravel(), k[0])]\n"
        "    return same[0] if same else np.zeros(X.shape[1])",
    ),
    by_memory("the answer to the call before", "calls.append(X.mean(0))\n    return calls[-2] if calls[1:] else X[0]"),
    machinery("an audit hook", "import sys\nseen = []\nsys.addaudithook(lambda *a: seen.append(a[0]))"),
    machinery(
        "a hook in the collector", "import gc\ngc.callbacks.append(lambda *a: 1 / 0)\ngc.set_threshold(1)\ngc.collect()"
    ),
    machinery(
        "every import",
        "import sys\nclass All:\n    def find_spec(self, name, *a): raise ImportError('taken')\n"
        "sys.meta_path.insert(0, All())",
    ),
    machinery(
        "warnings that are errors",
        "import warnings\nimport numpy as np\nwarnings.simplefilter('error')\nnp.seterr(all='raise')",
    ),
    machinery(
        "no place to print",
        "print('changed')\nimport sys\nclass No:\n    def __getattr__(self, name): raise OSError\n"
        "sys.stdout = sys.stderr = sys.__stdout__ = No()\nprint = lambda *a: None",
    ),
    machinery(
        "no folder to work in", "import os, shutil\nshutil.rmtree(os.getcwd(), ignore_errors=True)\nos.chdir('/proc')"
    ),
    machinery(
        "limits of its own",
        "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))",
    ),
    machinery(
        "names of the language",
        "print('changed')\nimport builtins\nbuiltins.float = builtins.round = str",
    ),
    machinery(
        "a thread that patches for ever",
        """
import sys, threading, time
worker = sys.modules["autograder.grade.run.worker"]
import numpy as np
def patch():
    while True:
        worker.call = lambda answer, inputs, returns: {name: np.zeros(3) for name in returns}
        time.sleep(0.001)
threading.Thread(target=patch, daemon=True).start()
time.sleep(0.01)""",
        (0, 0),
    ),
    value("a coroutine", "(lambda: (yield X.mean(0)))()"),
    value("a masked array in which nothing counts", "np.ma.masked_all(3)"),
    value("a structured array", "np.zeros(3, dtype=[('a', 'f8')])"),
    value("words", "np.array(['%g' % x for x in X[0]])"),
    value("times", "np.array([1, 2, 3], dtype='timedelta64[s]')"),
    value("infinities", "np.full(3, np.inf)"),
    value("an array of no strides", "np.lib.stride_tricks.as_strided(np.zeros(1), (3,), (0,))"),
    value("an iterator that never ends", "__import__('itertools').repeat(0.0)"),
    value("a list that holds itself", "(lambda a: a.append(a) or a)([])"),
    value("a class", "type('mean', (), {'__array__': lambda self, *a, **k: X[0]})"),
    Attack("edited or deleted check cells", how="code in locked cells", edit=locked_cells),
    Attack("edited or deleted check cells", how="ids that are not its own", edit=stolen_ids),
    Attack("edited or deleted check cells", how="metadata beyond all numbers", edit=wild_metadata),
    Attack(
        "hidden source",
        "def mean_rows(X):\n    '''\u202e '''\u2066 return X.mean(axis=0) #\u2069'''\n    return X[0]\n",
        "what reads otherwise than it runs",
    ),
    Attack(
        "hidden source",
        "# -*- coding: utf-7 -*-\ndef mean_rows(X): return X[0] +AAo- + 0\n",
        "a coding of its own",
        (0, 3),
    ),
]
