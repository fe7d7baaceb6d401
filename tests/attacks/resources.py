"""Attacks on time, memory, disk and the patience of whatever reads what they leave."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from tests.attacks.grader import DAEMON, no_guest_is_left
from tests.attacks.record import WRONG, Attack, Outcome

EAT = """
import ctypes, mmap, os, signal, socket, time
libc = ctypes.CDLL(None, use_errno=True)
def forked(action, count=64):
    for _ in range(count):
        try:
            if os.fork() == 0:
                action(); time.sleep(20); os._exit(0)
        except OSError: break
"""


def small(outcome: Outcome) -> None:
    """Assert that what was shown is small."""
    assert len(outcome.page) < 8_000_000


def eating(name: str, how: str, text: str, points: tuple[float, float] = (0, 3)) -> Attack:
    """Return an attack that takes what it can get while it is called."""
    return Attack(name, EAT + text + "\n", how, points, after=small)


def zip_of(*names: str) -> bytes:
    """Return an archive with files of these names."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, b"unpacked" + b"\0" * 5_000_000)
    return made.getvalue()


def archives(*names: str) -> Callable[[Path], None]:
    """Return what puts an archive, and an archive in an archive, beside the notebook."""

    def beside(folder: Path) -> None:
        (folder / "files.zip").write_bytes(zip_of(*names))
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w") as archive:
            archive.writestr("inner.zip", zip_of(*names))
        (folder / "nested.zip").write_bytes(inner.getvalue())

    return beside


def nothing_was_unpacked(outcome: Outcome) -> None:
    """Assert that no archive was opened."""
    names = {path.name for path in [*outcome.root.rglob("*"), *outcome.root.parent.glob("*")]}
    assert not names & {"unpacked.txt", "escaped.txt", "inner.zip"}


def filled_up(notebook: NotebookNode) -> bytes:
    """Return a notebook of 19 MB that grows to six times that when it is sent on: each bad byte to `\\ufffd`."""
    notebook.cells += [new_code_cell("#@") for _ in range(98)]
    return json.dumps(notebook).encode().replace(b"#@", b"#" + b"\xff" * 195_000)


DEEP = ('{"cells": ' + "[" * 100_000 + "]" * 100_000 + "}").encode()
IN_CELL = ('{"cells": [{"cell_type": "code", "source": ' + "[" * 900 + "]" * 900 + "}]}").encode()

ATTACKS = [
    Attack("endless loops", "while True: pass\n" + WRONG, "at once"),
    Attack("endless loops", "def mean_rows(X):\n    while True: pass\n", "when called"),
    Attack(
        "endless loops",
        DAEMON + "def mean_rows(X):\n    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n    stay()\n",
        "also ignoring signals",
        after=no_guest_is_left,
    ),
    Attack(
        "endless loops",
        "def mean_rows(X):\n    return sum(range(10 ** 12)) or (10 ** 10 ** 9)\n",
        "in C, where no signal is heard",
    ),
    eating("memory", "one process", "def mean_rows(X): return bytearray(3 << 30)"),
    eating(
        "memory",
        "many processes, with names that cannot be read",
        "def eat():\n    libc.prctl(15, b'\\xff\\xfe) Z (', 0, 0, 0)\n    global kept\n    kept = b'x' * (200 << 20)\n"
        "def mean_rows(X):\n    libc.prctl(15, b'\\xff\\xfe', 0, 0, 0)\n    forked(eat, 12); time.sleep(20)",
    ),
    eating(
        "memory",
        "many processes that hide their maps",
        "def eat():\n    libc.prctl(4, 0, 0, 0, 0)\n    global kept\n    kept = b'x' * (200 << 20)\n"
        "def mean_rows(X):\n    forked(eat, 12); time.sleep(20)",
    ),
    eating(
        "memory",
        "shared, and in files that nobody has mapped",
        "def mean_rows(X):\n    kept = []\n"
        "    for make in (lambda: mmap.mmap(-1, 200 << 20), lambda: os.memfd_create('x'),\n"
        "                 lambda: mmap.mmap(os.open('/dev/zero', 2), 200 << 20)):\n"
        "        try: kept.append(make())\n        except (OSError, AttributeError, ValueError): pass\n"
        "    return X.mean(0) if not kept else X[0]",
        (2, 3),  # every way is closed, and the answer is then right
    ),
    eating(
        "memory",
        "in the buffers of sockets",
        "def eat():\n    global pairs\n    pairs = []\n    while True:\n"
        "        try: pairs.append(socket.socketpair())\n        except OSError: return\n"
        "        for one in pairs[-1]:\n            one.setblocking(False)\n            try:\n"
        "                while one.send(b'x' * 65536): pass\n            except OSError: pass\n"
        "def mean_rows(X):\n    forked(eat, 60); time.sleep(20)",
    ),
    eating(
        "fork and thread bombs",
        "processes",
        "def bomb():\n    while True: forked(bomb, 2)\ndef mean_rows(X):\n    bomb()",
    ),
    eating(
        "fork and thread bombs",
        "threads",
        "import threading\ndef spin():\n    while True: pass\ndef mean_rows(X):\n"
        "    while True:\n        try: threading.Thread(target=spin, daemon=True).start()\n"
        "        except RuntimeError: time.sleep(20)",
    ),
    eating(
        "disk and `/dev/shm`",
        "one file and many",
        "def mean_rows(X):\n    for n in range(10 ** 6):\n"
        "        for place in ('/tmp', '/dev/shm', '/var/tmp', '/', '.'):\n"
        "            try: open(f'{place}/{n}', 'wb').write(b'x' * (1 << 20))\n            except OSError: pass\n"
        "        if n > 200: return X[0]",
    ),
    eating("60 MB lines", "printed", "print('x' * 60_000_000)\n" + WRONG),
    eating(
        "60 MB lines",
        "shown as HTML",
        "from IPython.display import HTML, display\ndisplay(HTML('<b>x' * 15_000_000))\n" + WRONG,
    ),
    eating("60 MB lines", "raised", "def mean_rows(X): raise ValueError('x' * 60_000_000)"),
    eating("60 MB lines", "returned", "import numpy as np\ndef mean_rows(X): return np.zeros(60_000_000 // 8)"),
    eating("200,000 lines", "printed", "for n in range(200_000): print(n)\n" + WRONG),
    eating(
        "200,000 lines",
        "in a traceback",
        "def down(n): return down(n - 1) if n else 1 / 0\nimport sys; sys.setrecursionlimit(10 ** 6)\ndown(20_000)\n"
        + WRONG,
    ),
    Attack("nested archives", beside=archives("unpacked.txt"), after=nothing_was_unpacked),
    Attack(
        "zip paths that escape",
        beside=archives("../../escaped.txt", "/tmp/escaped.txt", "..\\escaped.txt"),
        after=nothing_was_unpacked,
    ),
    Attack("deeply nested JSON", how="100,000 lists", points=(0, 0), edit=lambda notebook: DEEP),
    Attack("deeply nested JSON", how="in a cell", points=(0, 0), edit=lambda notebook: IN_CELL),
    Attack(
        "deeply nested JSON",
        how="code that cannot be unparsed, in a cell that ends Python",
        text="import os\ndef f(): return " + "(" * 90 + "1" + ")" * 90 + "\nx = " + "-" * 900 + "1\n"
        "def mean_rows(X):\n    return " + "not " * 700 + "1\nos._exit(1)\n",
    ),
    Attack(
        "60 MB lines",
        how="of bytes that no text is, in the file",
        edit=filled_up,
        points=(0, 0),
    ),
    Attack("`input()` and `breakpoint()`", "print(input('your name? '))\n" + WRONG, "input, at once"),
    Attack("`input()` and `breakpoint()`", "def mean_rows(X): return input()\n", "input, when called"),
    Attack("`input()` and `breakpoint()`", "def mean_rows(X):\n    breakpoint()\n    return X[0]\n", "breakpoint"),
    Attack(
        "60 MB lines",
        "class Big:\n    def __repr__(self): return 'x' * 60_000_000\n    _repr_html_ = __repr__\n"
        "x = 10 ** 100_000\nBig()\n"
        "def mean_rows(X): return Big()\nBig()",
        "in a repr",
        after=small,
    ),
    Attack(
        "60 MB lines",
        "def mean_rows(X): raise ValueError((' is ' + 'a' * 20 + ';' + ' expected 1 (') * 100)\n",
        "regular expressions of the judge",
    ),
]
