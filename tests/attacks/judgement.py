"""Attacks on the verdict: to be judged right without being right."""

from __future__ import annotations

from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

from tests.attacks.record import WRONG, Attack, Outcome

FRAME = """
import json, os, struct
import numpy as np
def frame(head, arrays=()):
    from autograder.grade.run.protocol import message_bytes
    return message_bytes(head, list(arrays))
def raw(text, *parts):
    data = text if isinstance(text, bytes) else text.encode()
    return struct.pack(">I", len(data)) + data + b"".join(struct.pack(">Q", len(p)) + p for p in parts)
def channel():
    return [int(n) for n in os.listdir("/proc/self/fd") if int(n) > 2 and os.path.exists("/proc/self/fd/" + n)
            and os.readlink("/proc/self/fd/" + n).startswith("socket")]
def send(data):
    for handle in channel():
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view):]
"""
WHILE_CALLED = "def mean_rows(X):\n    send({0})\n    return X[0]\n"
AT_ONCE = "send({0})\n" + WRONG


def forged(how: str, data: str, text: str = WHILE_CALLED) -> Attack:
    """Return an attack that writes to the private channel by hand."""
    return Attack("messages", FRAME + text.format(data), how)


def kept_no_number(outcome: Outcome) -> None:
    """Assert that nothing but the judge's own line is an execute_result: nbgrader reads these as scores."""
    found = [
        (cell.id, output.data["text/plain"])
        for cell in outcome.notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "execute_result"
    ]
    checks = [cell.id for cell in outcome.notebook.cells if "autograder" in cell.metadata]
    assert [place for place, _ in found] == checks and found[0][1] == "0.0"


def file_beside(name: str, text: str) -> Attack:
    """Return an attack that hands in a module to be imported in place of the real one."""

    def beside(folder: Path) -> None:
        (folder / name).write_text(text)
        (folder / "check").mkdir(exist_ok=True)
        (folder / "check" / "__init__.py").write_text(text)

    return Attack(f"`{name}`", "import numpy\nprint(numpy.__file__)\n" + WRONG, beside=beside, after=not_taken)


def not_taken(outcome: Outcome) -> None:
    """Assert that a module beside the notebook was not imported."""
    assert "TAKEN" not in outcome.printed and "site-packages/numpy" in outcome.printed


def edited_checks(notebook: NotebookNode) -> None:
    """Change, copy and delete check cells; the results of checks are put into the file."""
    for cell in notebook.cells:
        if "averages" in cell.id:
            cell.source = "check('mean_rows', lambda X: X.mean(axis=0))"
            cell.outputs = [new_output("execute_result", data={"text/plain": "2.0"})]
    notebook.cells += [
        new_code_cell("check('mean_rows', lambda X: X.mean(axis=0))", metadata=cell.metadata)
        for cell in notebook.cells
        if "averages" in cell.id
    ]


def deleted_checks(notebook: NotebookNode) -> None:
    """Delete all check cells."""
    notebook.cells = [cell for cell in notebook.cells if "check(" not in cell.source]


def points_in_metadata(notebook: NotebookNode) -> None:
    """Write points, scores and verdicts into the file."""
    for cell in notebook.cells:
        if "averages" in cell.id:
            cell.metadata.nbgrader.update(points=1000, grade=False, locked=False, solution=True, score=2)
            cell.metadata["autograder"] = {"check": "mean_rows", "status": "right", "diagnosis": "Right."}
    notebook.metadata["autograder"] = {"attempt": "mine", "notes": [], "unreadable": ""}


BAD_HEADER = 'b"\\x93NUMPY\\x01\\x00" + struct.pack("<H", {0}) + {1}'
HEAD = '{"type": "case", "step": 4, "turn": 0, "case": 0, "parts": ["mean"], "arrays": 1}'


def header(how: str, text: str) -> Attack:
    """Return an attack whose array file has an odd header."""
    data = f"raw({HEAD!r}, (lambda h: b'\\x93NUMPY\\x01\\x00' + struct.pack('<H', min(len(h), 65535)) + h)({text}))"
    return Attack("header bombs in array files", FRAME + WHILE_CALLED.format(data), how)


ATTACKS = [
    Attack(
        "objects always equal",
        """
class Yes:
    shape = (3,); dtype = float; ndim = 1; size = 3; nbytes = 0
    def __eq__(self, other): return True
    __ne__ = __lt__ = lambda self, other: False
    __le__ = __ge__ = __bool__ = lambda self, *other: True
    __hash__ = None
    def __getattr__(self, name): return Yes()
    def __call__(self, *a, **k): return Yes()
    def __iter__(self): return iter([Yes()] * 3)
    def __float__(self): return 0.0
    def __len__(self): return 3
def mean_rows(X): return Yes()
""",
    ),
    Attack(
        "array subclasses with `__array_function__`",
        """
import numpy as np
class Sly(np.ndarray):
    def __array_function__(self, *a): return True
    def __array_ufunc__(self, *a, **k): return True
    def __eq__(self, other): return True
    def __array_finalize__(self, other): pass
    __array_priority__ = 1e9
def mean_rows(X): return np.zeros(3).view(Sly)
""",
    ),
    Attack(
        "array subclasses with `__array_function__`",
        """
import numpy as np
class Sly(np.ndarray):
    pass
class Box:
    def __array__(self, *a, **k):
        self.__class__ = Sly2
        return np.zeros(3).view(Sly)
class Sly2(Box):
    def __array__(self, *a, **k): raise SystemExit(0)
def mean_rows(X): return Box()
""",
        "__array__ and a change of __class__",
    ),
    Attack(
        "patched `np.allclose`",
        """
import numpy as np
yes = lambda *a, **k: True
np.allclose = np.isclose = np.array_equal = np.testing.assert_allclose = np.all = np.core.numeric.allclose = yes
"""
        + WRONG,
    ),
    Attack(
        "patched `assert`",
        """
import builtins, sys
class Never(Exception):
    def __new__(cls, *a): return Exception()
builtins.AssertionError = builtins.Exception = Never
"""
        + WRONG,
    ),
    Attack(
        "patched `check`",
        """
import sys, types
fake = types.ModuleType("check")
fake.check = check = lambda *a: None
sys.modules["check"] = fake
get_ipython().user_ns["check"] = check
"""
        + WRONG,
    ),
    Attack(
        "patched `check`",
        """
import sys
for name, module in list(sys.modules.items()):
    if name.startswith("autograder"):
        for attribute in list(vars(module)):
            if attribute in ("diagnose", "close", "same", "equals", "comparable", "near", "reading", "judge"):
                setattr(module, attribute, lambda *a, **k: True)
"""
        + WRONG,
        "sys.modules of the worker",
    ),
    Attack(
        "patched test framework",
        """
import sys, unittest
import numpy as np
unittest.TestCase.assertEqual = unittest.TestCase.assertTrue = lambda *a, **k: None
worker = sys.modules["autograder.grade.run.worker"]
worker.call = lambda answer, inputs, returns: {name: np.zeros(3) for name in returns}
worker.ROUNDS = 1
worker.Recorder.__call__ = lambda self, name, answer: None
"""
        + WRONG,
        "the worker's own functions",
        (0, 0),  # the recorder of the other check is gone with it
    ),
    Attack(
        "patched test framework",
        """
import gc, sys
def mean_rows(X):
    frame = sys._getframe()
    while frame:
        here = frame.f_locals
        if "self" in here and hasattr(here["self"], "send"):
            recorder = here["self"]
            recorder.step["returns"] = ["mean"]
            recorder.send("probe", recorder.step["step"], error=None, score=2.0, right={"mean": True})
        frame = frame.f_back
    return X[0]
""",
        "the recorder, found by its frame",
    ),
    Attack(
        "patched test framework",
        """
import sys
def watch(frame, event, value):
    if event == "return" and frame.f_code.co_name in ("same", "close", "call", "result"):
        frame.f_locals["right"] = True
    return watch
sys.settrace(watch)
sys.setprofile(watch)
"""
        + WRONG,
        "sys.settrace and sys.setprofile",
    ),
    Attack(
        "AST and input transformers",
        """
import ast
class All(ast.NodeTransformer):
    def visit_Call(self, node): return ast.Constant(2.0)
    def visit_Constant(self, node): return ast.Constant(2)
get_ipython().ast_transformers.append(All())
get_ipython().input_transformers_cleanup.append(lambda lines: ["pass"])
get_ipython().input_transformers_post.append(lambda lines: ["pass"])
"""
        + WRONG,
        points=(0, 0),  # its own later cells are gone with it
    ),
    Attack(
        "swallowed exceptions",
        """
import sys, threading
get_ipython().set_custom_exc((BaseException,), lambda *a, **k: None)
sys.excepthook = threading.excepthook = sys.unraisablehook = lambda *a: None
def mean_rows(X):
    try:
        raise SystemExit(0)
    finally:
        return X[0]
""",
    ),
    Attack(
        "swallowed exceptions", "def mean_rows(X): raise GeneratorExit('all is well')\n", "raises what is no Exception"
    ),
    Attack(
        "forged results",
        FRAME
        + """
def mean_rows(X):
    for turn in range(2):
        for case in range(2):
            send(frame({"type": "case", "step": 4, "turn": turn, "case": case, "parts": ["mean"], "right": True,
                        "score": 2}, [np.zeros(3)]))
    send(frame({"type": "probe", "step": 4, "error": None, "score": 2.0}))
    os._exit(0)
""",
        "with the right framing and order",
    ),
    Attack(
        "forged results",
        FRAME + "send(frame({'type': 'done', 'step': -1}))\n" + WRONG,
        "the end of all steps",
    ),
    Attack(
        "forged results",
        "import atexit\n" + FRAME + "atexit.register(lambda: send(frame({'type': 'done', 'step': -1})))\n" + WRONG,
        "by an atexit handler",
    ),
    Attack("partial grades", "print(2.0)\nprint('2.0', 'execute_result')\n2.0\n" + WRONG + "2.0", after=kept_no_number),
    Attack(
        "partial grades",
        """
from IPython.core.displayhook import DisplayHook
from IPython.display import display
get_ipython().display_pub.publish({"text/plain": "2.0"})
display({"text/plain": "2.0"}, raw=True)
get_ipython().tape.outputs.append({"output_type": "execute_result", "data": {"text/plain": "2.0"}})
"""
        + WRONG
        + "2.0",
        "outputs as the kernel would send them",
        after=kept_no_number,
    ),
    forged("garbage", "os.urandom(100_000)"),
    forged("garbage, at once", "os.urandom(100_000)", AT_ONCE),
    forged("a length of 4 GB", "b'\\xff' * 64"),
    forged("a failure of the grader", "frame({'type': 'failed', 'step': -1, 'text': 'the machine is full'})", AT_ONCE),
    forged("deep JSON", "raw('[' * 100_000)"),
    forged(
        "JSON as deep as it can be read",
        'raw(\'{"type": "probe", "step": 4, "error": {"raises": [\' + \'[\' * 950 + \']\' * 950 + \']}}\')',
    ),
    forged("long numbers", "raw('{\"arrays\": ' + '9' * 100_000 + '}')"),
    forged(
        "parts that are no names", 'raw(\'{"type":"case","step":4,"turn":0,"case":0,"parts":[{}],"arrays":1}\', b\'x\')'
    ),
    forged("a negative number of arrays", "raw('{\"arrays\": -1}')"),
    forged(
        "outputs that are none",
        'raw(\'{"type":"cell","step":3,"outputs":[1,[],{"output_type":[]},{"output_type":"error","traceback":[{}],"ename":[[]]}]}\')',
        AT_ONCE,
    ),
    header(
        "axes that are too long",
        "b\"{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999, 9999999999, 0), }\"",
    ),
    header("a petabyte", "b\"{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999, 9999999), }\""),
    header("code", "b\"{'descr': __import__('os').system('id'), 'fortran_order': False, 'shape': (), }\""),
    header("nested for minutes", "b\"{'descr': \" + b'(' * 60000 + b\"}\""),
    header(
        "an object", "b\"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\" + __import__('pickle').dumps(print)"
    ),
    file_beside("ipykernel_launcher.py", "print('TAKEN')"),
    file_beside("numpy.py", "print('TAKEN')"),
    file_beside("check.py", "print('TAKEN')\ndef check(*a): print('TAKEN')"),
    file_beside("sitecustomize.py", "print('TAKEN')"),
    Attack(
        "`check.py`",
        "import sys\nopen('check.py', 'w').write('check = hint = progress = lambda *a: None')\n"
        "open('numpy.py', 'w').write('allclose = lambda *a: True')\nsys.modules.pop('check', None)\n" + WRONG,
        "written while running",
    ),
    Attack(
        "poisoned random generator",
        """
import random
import numpy as np
np.random.default_rng = lambda *a: type("R", (), {"normal": lambda self, size=None, **k: np.zeros(size)})()
np.random.seed(0); random.seed(0)
np.random.normal = np.random.randn = lambda *a, **k: np.zeros((5, 3))
def mean_rows(X): return np.zeros(3)
""",
    ),
    Attack("inputs changed in place", "def mean_rows(X):\n    X[:] = 0\n    return X.mean(axis=0)\n"),
    Attack(
        "inputs changed in place",
        """
import gc, sys
import numpy as np
def mean_rows(X):
    frame = sys._getframe()
    while frame:
        for value in list(frame.f_locals.values()):
            if isinstance(value, dict) and isinstance(value.get("X"), np.ndarray): value["X"][...] = 0
        frame = frame.f_back
    return np.zeros(3)
""",
        "those that the recorder holds",
    ),
    Attack(
        "inputs changed in place",
        "kept = []\ndef mean_rows(X):\n    kept.append(1)\n    return X.mean(axis=0) if len(kept) < 3 else X[0]\n",
        "right only the first times",
    ),
    Attack("empty arrays", "import numpy as np\ndef mean_rows(X): return np.zeros((0, 3))\n"),
    Attack("empty arrays", "import numpy as np\ndef mean_rows(X): return np.empty(())\n", "of no axis"),
    Attack("broadcastable shapes", "def mean_rows(X): return X.mean()\n", "one number"),
    Attack(
        "broadcastable shapes", "import numpy as np\ndef mean_rows(X): return np.tile(X.mean(0), (5, 1))\n", "more rows"
    ),
    Attack("broadcastable shapes", "def mean_rows(X): return X\n", "the input itself"),
    Attack("NaN", "import numpy as np\ndef mean_rows(X): return np.full(3, np.nan)\n"),
    Attack("NaN", "import numpy as np\ndef mean_rows(X): return np.full(3, np.nan + 1j * np.inf)\n", "complex"),
    Attack(
        "NaN", "import numpy as np\ndef mean_rows(X): return np.full(3, np.longdouble('1e4000'))\n", "beyond float64"
    ),
    Attack(
        "result files written by hand",
        """
import json, pathlib
for name in ("result.json", "results.json", "grades.csv", "gradebook.db", "reference.json", ".autograder", "/result",
             "../results.json", "/proc/self/results"):
    try: pathlib.Path(name).write_text(json.dumps({"mean_rows": 2, "score": 2, "checks": {}}))
    except OSError: pass
"""
        + WRONG,
    ),
    Attack("edited or deleted check cells", how="edited and copied", edit=edited_checks),
    Attack("edited or deleted check cells", how="deleted", edit=deleted_checks),
    Attack("edited or deleted check cells", how="points in the metadata", edit=points_in_metadata),
    *(
        Attack("early exit, clean or not", f"import os, sys, signal\n{end}\n{WRONG}", f"{end}, at once")
        for end in ("os._exit(0)", "sys.exit(0)", "os.abort()", "os.kill(os.getpid(), 9)", "quit()")
    ),
    *(
        Attack(
            "early exit, clean or not", f"import os, sys, ctypes\ndef mean_rows(X):\n    {end}\n", f"{end}, when called"
        )
        for end in (
            "os._exit(0)",
            "sys.exit(0)",
            "ctypes.string_at(0)",
            "os.closerange(3, 256)",
            "raise KeyboardInterrupt",
        )
    ),
    Attack(
        "patched pickling",
        """
import copy, copyreg, json, pickle, socket
import numpy as np
copy.deepcopy = copy.copy = lambda value, *a: value
pickle.loads = pickle.dumps = lambda *a, **k: b"2.0"
np.save = np.lib.format.write_array = lambda *a, **k: None
json.dumps = lambda value, *a, **k: '{"type": "done", "step": -1, "arrays": 0}'
"""
        + WRONG,
        points=(0, 3),
    ),
    Attack(
        "patched pickling",
        """
import os, socket, sys
border = sys.modules["autograder.grade.run.protocol"]
worker = sys.modules["autograder.grade.run.worker"]
worker.message_bytes = border.message_bytes = lambda head, arrays=(): b""
os.getpid = lambda: 1
"""
        + WRONG,
        "the message's own bytes",
    ),
]
