"""Attacks on what is secret: each looks around, prints what it finds, and then answers with it if it can."""

from __future__ import annotations

from tests.attacks.record import WRONG, Attack, Outcome

KEY_ONLY = ("mean_rows_loop", "center_loop", "second_route", "Misconception(")  # words of the answer key's file
FIND = """
import os
PYTHON = {"proc", "usr", "lib", "lib64", "bin", "site-packages", "sys"}
def show(*ends):
    for folder, folders, files in os.walk("/"):
        folders[:] = [name for name in folders if name not in PYTHON]
        for path in [os.path.join(folder, name) for name in files if name.endswith(ends)]:
            try: print("FOUND", path, open(path, errors="replace").read()[:3000])
            except OSError as error: print("FOUND", path, error)
"""


def finds_nothing(outcome: Outcome) -> None:
    """Assert that nothing was found, above all nothing of the key, the secret, or the place of the course."""
    secret = (outcome.root / "_build" / "grading" / "course_secret").read_text().strip()
    assert "FOUND" not in outcome.printed, outcome.printed
    for word in (*KEY_ONLY, secret, str(outcome.root)):
        assert word not in outcome.printed, outcome.printed


def looking(name: str, text: str, how: str = "") -> Attack:
    """Return an attack that looks around."""
    return Attack(name, FIND + text + "\nprint('looked')\n" + WRONG, how, after=looked)


def looked(outcome: Outcome) -> None:
    """Assert that it could look, and found nothing."""
    assert "looked" in outcome.printed, outcome.printed
    finds_nothing(outcome)


TRY = """
import ctypes, socket
def attempt(what, action):
    try: print("FOUND", what, action())
    except (OSError, ValueError, AttributeError) as error: pass
"""
COVERT = (
    TRY
    + """
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *a):
    if getattr(libc, name)(*a) < 0: raise OSError(ctypes.get_errno(), name)
attempt("shm", lambda: call("shmget", 4242, 4096, 0o1777))
attempt("sem", lambda: call("semget", 4242, 1, 0o1777))
attempt("msg", lambda: call("msgget", 4242, 0o1777))
attempt("mq", lambda: call("mq_open", b"/covert", 0o102, 0o666, None))
attempt("memfd", lambda: os.memfd_create("covert"))
attempt("dev shm", lambda: open("/dev/shm/covert", "w"))
attempt("dev mqueue", lambda: open("/dev/mqueue/covert", "w"))
attempt("abstract socket of another", lambda: socket.socket(1, 1).connect("\\0covert"))
here = socket.socket(1, 1); here.bind("\\0covert"); here.listen()
for path in ("/tmp/covert", "/covert", "/usr/lib/covert", "/var/tmp/covert"):
    if os.path.exists(path): print("FOUND", path)
    try: open(path, "w").write("from a run")
    except OSError: pass
others = [p for p in os.listdir("/proc") if p.isdigit() and int(p) != os.getpid()]
if others: print("FOUND", others)
"""
)

ATTACKS = [
    looking("own notebook", "show('.ipynb')"),
    looking("source folder", "show('90_fake.py', '_key.py', '.ipynb', '_config.yml', 'course_secret', '.db', '.csv')"),
    looking(
        "key",
        "show('_key.py')\n"
        "try:\n    import autograder.course.answer_key as k; print('FOUND', k)\nexcept ImportError: pass",
    ),
    looking(
        "reference",
        """
import json
data = json.load(open("reference.json"))
table = {}
for case in data["checks"]["mean_rows"]["cases"]:
    table[tuple(round(x, 4) for x in case["inputs"]["X"]["data"])] = case["expected"]["mean"]["data"]
""",
        "the other half of reference.json",
    ),
    Attack(
        "reference",
        """
import json
data = json.load(open("reference.json"))
known = [(c["inputs"]["X"]["data"], c["expected"]["mean"]["data"]) for c in data["checks"]["mean_rows"]["cases"]]
def mean_rows(X):
    for given, wanted in known:
        if len(given) == X.size and abs(X.ravel() - given).max() < 1e-5: return wanted
    return known[0][1]
""",
        "answers for the public cases by heart",
    ),
    looking(
        "other submissions",
        "for p in ('/usr/local/share', '/usr/src', '/srv', '/home', '/var', '/opt', '/mnt', '/usr/local/src'):\n"
        "    if os.path.exists(p): print('FOUND', p)\nshow('.ipynb', 'timestamp.txt', '.db')",
    ),
    looking(
        "running cell text",
        """
import gc, sys
import numpy as np
for thing in gc.get_objects():
    if isinstance(thing, dict) and isinstance(thing.get("text"), str) and "expected" in thing: print("FOUND", thing)
print([c for c in get_ipython().user_ns.get("In", []) if "mean(axis=0)" in c] and "FOUND" or "")
""",
    ),
    Attack(
        "frames",
        """
import sys
def mean_rows(X):
    frame = sys._getframe()
    while frame:
        for value in [*frame.f_locals.values(), *frame.f_globals.values()]:
            if isinstance(value, dict):
                for name in ("expected", "mean", "wanted"):
                    if name in value: return value[name]
        frame = frame.f_back
    return X[0]
""",
    ),
    Attack(
        "`gc`",
        """
import gc
import numpy as np
def mean_rows(X):
    for thing in gc.get_objects():
        if isinstance(thing, dict) and isinstance(thing.get("expected"), dict):
            given = thing.get("inputs", {}).get("X")
            if given is not None and np.array_equal(given, X): return thing["expected"]["mean"]
    return X[0]
""",
    ),
    looking(
        "`/proc/self/mem`",
        """
needles = [b"mean_rows_lo" + b"op", b"second_ro" + b"ute", b"Miscon" + b"ception("]
memory = open("/proc/self/mem", "rb")
for line in open("/proc/self/maps"):
    first, last = (int(x, 16) for x in line.split()[0].split("-"))
    if " rw" not in line: continue
    try:
        memory.seek(first); data = memory.read(last - first)
    except (OSError, ValueError, OverflowError): continue
    for needle in needles:
        if data.count(needle) > 3: print("FOUND", needle)
    del data
""",
    ),
    looking(
        "environment",
        "import sys\nprint(dict(os.environ), sys.argv, open('/proc/self/environ').read())\n"
        "print(open('/proc/self/cmdline').read())",
    ),
    Attack(
        "detecting that grading is on",
        """
import os
import numpy as np
graded = os.environ.get("NBGRADER_EXECUTION") or not os.path.exists("/home") or "check" not in globals()
def mean_rows(X): return X[0] if graded else X.mean(axis=0)
""",
        "it may notice, and earns nothing by it",
    ),
    looking(
        "network",
        TRY
        + """
for family, kind, where in [(2, 1, ("127.0.0.1", 22)), (2, 1, ("1.1.1.1", 53)), (10, 1, ("::1", 22)),
                            (1, 1, "/run/docker.sock"), (1, 1, "\\0/tmp/.X11-unix/X0")]:
    attempt((family, where), lambda: socket.socket(family, kind).connect(where))
attempt("udp", lambda: socket.socket(2, 2).sendto(b"x", ("1.1.1.1", 53)))
attempt("udp loop", lambda: socket.socket(2, 2).sendto(b"x", ("127.0.0.1", 53)))
attempt("name", lambda: socket.getaddrinfo("example.org", 80))
attempt("raw", lambda: socket.socket(2, 3, 1))
attempt("packet", lambda: socket.socket(17, 3))
attempt("vsock", lambda: socket.socket(40, 1))
attempt("alg", lambda: socket.socket(38, 5))
""",
    ),
    looking("covert channels between submissions", COVERT, "first"),
    looking("covert channels between submissions", COVERT, "second"),  # finds nothing of the first
]
