"""Attacks on the grader itself, its gradebook, its pages and tables, and on whoever reads them."""

from __future__ import annotations

import io
import os
import pickle
import tempfile
from pathlib import Path

import numpy as np
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from tests.attacks.record import WRONG, Attack, Outcome, assert_runs_nothing
from tests.attacks.stealing import TRY, looking
from tests.waiting import named, wait_for

# Both with the number of this process: other tests, or another run of the same, may be at work beside it.
PWNED = Path(tempfile.gettempdir()) / f"attention-attack-was-here-{os.getpid()}"
GUEST = f"late{os.getpid()}"
SCRIPTS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "<svg onload=alert(3)><script>alert(4)</script><a xlink:href='javascript:alert(5)'>x</a></svg>",
    "<a href='javascript:alert(6)'>x</a><a href='data:text/html,<script>alert(7)</script>'>y</a>",
    "<a href='java\tscript:alert(8)'>x</a><a href=' &#1;javascript:alert(9)'>y</a><a href='vbscript:x'>z</a>",
    "<iframe src='//evil.example'></iframe><object data='x'></object><embed src='x'><base href='//evil.example'>",
    "<form action='//evil.example'><input name=a><button formaction='javascript:alert(10)'>x</button></form>",
    "<div style='position:fixed;top:0;left:0;width:100%;height:100%;background:url(//evil.example)'>x</div>",
    "<div class='modal fade in navbar-fixed-top comment score'>x</div><link rel=stylesheet href='//evil.example'>",
    "<meta http-equiv=refresh content='0;url=//evil.example'><style>body{display:none}</style>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(11)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(12)>'>",
    "</div></div></body><script>alert(13)</script><!-- <![CDATA[ ",
    "$\\href{javascript:alert(14)}{x}$ $\\require{html}\\style{position:fixed}{x}\\class{modal}{x}\\cssId{top}{x}$",
    "[x](javascript:alert(15)) ![x](attachment:none.png) ![x](//evil.example/p.png) <javascript:alert(16)>",
    '```mermaid\ngraph TD; A-->B; click A href "javascript:alert(17)"\n```\n```smithy\n<script>alert(18)</script>\n```',
    "{{ 7*7 }} {% raw %} {{ config }} ${7*7} <%= 7*7 %>",
    "<p style='color:" + "(" * 3000 + "'>x</p>",
    "<b>" * 5000,
    "<div>" * 20000,
    "\\begin{a}" * 20000,
    "\\\\[" * 20000,
]


def shows_scripts() -> str:
    """Return a cell that shows scripts in every way that a cell can show something."""
    return f"""
from IPython.display import HTML, SVG, Javascript, Latex, Markdown, display
for text in {SCRIPTS!r}:
    for kind in (HTML, Markdown, Latex):
        display(kind(text))
    print(text[:200])
    display({{"image/svg+xml": text, "application/javascript": text, "text/vnd.mermaid": text,
             "image/png": text, "application/vnd.jupyter.widget-view+json": text}}, raw=True)
display(Javascript("alert(20)"))
class Titled(Exception): pass
Titled.__name__ = "<script>alert(21)</script>"
def mean_rows(X):
    raise Titled("<script>alert(22)</script><img src=x onerror=alert(23)> $\\\\href{{javascript:alert(24)}}{{x}}$")
"""


def scripts_in_prose(notebook: NotebookNode) -> None:
    """Put scripts into the written answer and into cells of the learner's own."""
    written = next(cell for cell in notebook.cells if cell.id == "written-why")
    written.source = "\n\n".join(SCRIPTS[:18])
    notebook.cells += [new_markdown_cell(text) for text in SCRIPTS]
    notebook.cells.append(new_markdown_cell("![pasted](attachment:image.png)", attachments={"image.png": {}}))


def page_runs_nothing(outcome: Outcome) -> None:
    """Assert that the feedback page shows the texts and runs none."""
    assert_runs_nothing(outcome.page)
    assert "alert(" in outcome.page


def nothing_was_unpickled(outcome: Outcome) -> None:
    """Assert that no code of a pickle was run outside."""
    assert not PWNED.exists()


class Bomb:
    """Pickles as a call that leaves a mark."""

    def __reduce__(self) -> tuple:
        """Say what unpickling would do."""
        return os.mkdir, (str(PWNED),)


def pickles_beside(folder: Path) -> None:
    """Put pickles where a careless reader would load them."""
    array = io.BytesIO()
    np.save(array, np.array([Bomb()], dtype=object), allow_pickle=True)
    for name in ("reference.pkl", "results.pickle", "state.joblib"):
        (folder / name).write_bytes(pickle.dumps(Bomb()))
    for name in ("answers.npy", "mean_rows.npy"):
        (folder / name).write_bytes(array.getvalue())


def linked(folder: Path) -> None:
    """Put links to what is secret, devices and pipes beside the notebook."""
    root = folder.parents[2]
    (folder / "key.py").symlink_to(root / "solutions" / "90_fake_key.py")
    (folder / "all").symlink_to(root, target_is_directory=True)
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    os.mkfifo(folder / "pipe.txt")
    os.mkfifo(folder / "other.ipynb")
    (folder / "random").symlink_to("/dev/urandom")


def linked_notebook(folder: Path) -> None:
    """Hand in a link to another's notebook."""
    notebook = next(folder.glob("*.ipynb"))
    notebook.unlink()
    notebook.symlink_to(folder.parents[1] / "honest-0" / folder.name / notebook.name)


def pipe_for_notebook(folder: Path) -> None:
    """Hand in a pipe, at which a reader would wait for ever."""
    notebook = next(folder.glob("*.ipynb"))
    notebook.unlink()
    os.mkfifo(notebook)


def nothing_was_copied(outcome: Outcome) -> None:
    """Assert that nothing but the notebook and its page went on, and nothing of the key with it."""
    out = outcome.root / "_build" / "grading"
    for step in ("submitted", "autograded", "feedback"):
        for path in (out / step / outcome.student).rglob("*"):
            assert path.is_dir() or path.suffix in (".ipynb", ".html"), path
            assert not path.is_symlink() and (path.is_dir() or path.is_file())
            assert path.is_dir() or "mean_rows_loop" not in path.read_text(encoding="utf-8")


def no_escape_is_shown(outcome: Outcome) -> None:
    """Assert that neither the table nor the CSV files hold anything a terminal obeys."""
    tables = "".join(str(row) for name in ("grades.csv", "checks.csv") for row in outcome.rows(name))
    raw = (outcome.root / "_build" / "grading" / "checks.csv").read_text(encoding="utf-8")
    for text in (outcome.said, tables, raw):
        assert not any(sign in text for sign in "\x1b\x9b\x07\x08\u202e\u2066")


def no_formula_is_written(outcome: Outcome) -> None:
    """Assert that no cell of a table begins like a formula."""
    cells = [value for name in ("grades.csv", "checks.csv") for row in outcome.rows(name) for value in row.values()]
    assert cells and not any(cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") for cell in cells)
    assert any("HYPERLINK" in cell for cell in cells)


def never_late(outcome: Outcome) -> None:
    """Assert that no time counts that a learner has written down."""
    assert [float(row["seconds_late"]) for row in outcome.rows("grades.csv")] == [0]


def nothing_is_shared(outcome: Outcome) -> None:
    """Assert that the run had no memory that others can write to as well."""
    assert "SHARED" not in outcome.printed, outcome.printed


def timestamped(text: str) -> Attack:
    """Return an attack with a timestamp of its own."""
    return Attack(
        "forged timestamps",
        how=text[:20],
        beside=lambda folder: Path(folder / "timestamp.txt").write_text(text),
        after=never_late,
    )


def no_guest_is_left(outcome: Outcome) -> None:
    """Assert that no process of the attack is alive, once the killed ones have come to their end."""
    wait_for(lambda: not named(GUEST), "the last process of the attack to end")


DAEMON = f"""
import ctypes, os, signal, time
libc = ctypes.CDLL(None, use_errno=True)
def stay():
    libc.prctl(15, b"{GUEST}", 0, 0, 0)
    libc.prctl(1, 0, 0, 0, 0)  # not to die with the parent
    for number in range(1, 65):
        try: signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError): pass
    while True: time.sleep(0.05)
"""

ATTACKS = [
    Attack(
        "database writes",
        """
import glob, sqlite3
for path in ["gradebook.db", "/gradebook.db", "../gradebook.db", *glob.glob("/*/*.db"), *glob.glob("/proc/self/fd/*")]:
    try:
        with sqlite3.connect(path) as base: base.execute("update grade set auto_score = 1000")
    except (sqlite3.Error, OSError): pass
"""
        + WRONG,
    ),
    Attack(
        "late daemons",
        DAEMON
        + """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: stay()
    os._exit(0)
"""
        + WRONG,
        "two forks and a session of its own",
        after=no_guest_is_left,
    ),
    Attack(
        "late daemons",
        DAEMON + "def mean_rows(X):\n    try: os.setsid()\n    except OSError: pass\n    stay()\n",
        "the first process itself, deaf to its parent's death",
        after=no_guest_is_left,
    ),
    Attack(
        "persistence",
        """
import os, site, sys
places = [os.path.expanduser("~/.ipython/profile_default/startup/00.py"), os.path.expanduser("~/.config/x.py"),
          *[os.path.join(p, "x.pth") for p in sys.path if p], *[os.path.join(p, "usercustomize.py") for p in sys.path],
          "/tmp/startup.py", os.path.join(os.path.dirname(os.__file__), "sitecustomize.py"), "/etc/profile", "/x"]
for place in places:
    try:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        open(place, "w").write("import os; print('FOUND a guest')")
    except OSError: pass
"""
        + WRONG,
    ),
    looking(
        "persistence",
        "import sys\nif os.path.exists(os.path.expanduser('~/.ipython/profile_default/startup/00.py')): print('FOUND')"
        "\nif any(os.path.exists(os.path.join(p, 'x.pth')) for p in sys.path): print('FOUND')",
        "what the run before left",
    ),
    *(
        Attack(
            "killing or tracing parents",
            f"import ctypes, os, signal\ntry:\n    {how}\nexcept OSError: pass\n" + WRONG,
            how,
        )
        for how in (
            "os.kill(os.getppid(), 9)",
            "os.kill(-1, 9)",
            "os.killpg(0, 9)",
            "os.kill(0, signal.SIGSTOP)",
            "[os.kill(pid, 9) for pid in range(2, 3000) if os.path.exists(f'/proc/{pid}')]",
            "[ctypes.CDLL(None).ptrace(16, pid, 0, 0) for pid in range(0, 3000)]",
            "open('/proc/1/mem', 'wb').write(b'x')",
        )
    ),
    Attack(
        "poisoning the fork server or siblings",
        """
import builtins, gc, mmap, os, sys
import numpy as np
builtins.POISON = np.POISON = sys.POISON = "FOUND"
for name, module in list(sys.modules.items()):
    if name.startswith("autograder"): module.POISON = "FOUND"
os.environ["POISON"] = "FOUND"
for line in open("/proc/self/maps"):
    if "rw-s" in line: print("SHARED", line)
"""
        + WRONG,
        after=nothing_is_shared,
    ),
    looking(
        "poisoning the fork server or siblings",
        "import builtins, sys\nimport numpy as np\n"
        "print([getattr(place, 'POISON', '') for place in (builtins, np, sys)], os.environ.get('POISON', ''))",
        "what the run before left",
    ),
    Attack(
        "pickle through results",
        f"""
import os
import numpy as np
class Bomb:
    def __reduce__(self): return os.mkdir, ({str(PWNED)!r},)
def mean_rows(X): return np.array([Bomb()] * 3, dtype=object)
""",
        after=nothing_was_unpickled,
    ),
    Attack(
        "pickle through submitted files", how="beside the notebook", beside=pickles_beside, after=nothing_was_unpickled
    ),
    Attack(
        "pickle through submitted files",
        how="in place of the notebook",
        points=(0, 0),
        edit=lambda notebook: pickle.dumps(Bomb()),
        after=nothing_was_unpickled,
    ),
    Attack("script in feedback and formgrader", shows_scripts(), "shown, printed and raised", after=page_runs_nothing),
    Attack("script in feedback and formgrader", how="in markdown", edit=scripts_in_prose, after=page_runs_nothing),
    Attack(
        "script in feedback and formgrader",
        "<script>alert(1)</script>\n<img src=x onerror=alert(2)>\n"
        + "a." * 30_000
        + "\n'''</pre><script>alert(3)</script>",
        "in code",
        after=page_runs_nothing,
    ),
    Attack("links, devices, fifos", how="beside the notebook", beside=linked, after=nothing_was_copied),
    Attack(
        "links, devices, fifos",
        how="a link for a notebook",
        points=(0, 0),
        beside=linked_notebook,
        after=nothing_was_copied,
    ),
    Attack(
        "links, devices, fifos",
        how="a pipe for a notebook",
        points=(0, 0),
        beside=pipe_for_notebook,
        after=nothing_was_copied,
    ),
    Attack(
        "terminal escapes",
        "print('\\x1b]0;owned\\x07\\x1b[2J\\x9b31m')\n"
        "def mean_rows(X): raise ValueError('\\x1b]0;owned\\x07 \\x1b[2J \\x9b31m \\u202e txt.exe \\r\\n right')\n",
        after=no_escape_is_shown,
    ),
    Attack(
        "terminal escapes",
        "class Bad(Exception): pass\nBad.__name__ = '\\x1b[2J' + 'a' * 50\n"
        "Bad.__qualname__ = '\\x1b]52;c;x\\x07'\nraise Bad('\\x1b[2J')\n",
        "in the name of an error",
        after=no_escape_is_shown,
    ),
    Attack(
        "formula injection in CSV",
        "class Unreadable(TypeError): pass\n"
        "def mean_rows(X): raise Unreadable('\\t\\n =HYPERLINK(\"http://evil.example\")')\n",
        after=no_formula_is_written,
    ),
    timestamped("1970-01-01 00:00:00 UTC"),
    timestamped("9999-12-31 23:59:59.999999 UTC"),
    timestamped("-1" * 5000),
    timestamped("/etc/passwd"),
    timestamped("2026-01-01 00:00:00 <script>alert(1)</script>"),
    looking(
        "reaching the Dask scheduler",
        TRY
        + """
for name in os.environ:
    if "DASK" in name or "SCHEDULER" in name: print("FOUND", name)
for port in (8786, 8787, 8788):
    for where in ("127.0.0.1", "localhost", "::1"):
        attempt((where, port), lambda: socket.create_connection((where, port), 0.2))
""",
    ),
]
