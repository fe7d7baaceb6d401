"""What a run holds, and what two runs at a time know of each other, asked from inside real runs."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace

import numpy as np
import pytest

from autograder.grade.judge.judge import draw
from autograder.grade.pipeline import make_plan, rebuilt
from autograder.grade.run.execute import carry_out
from autograder.grade.run.fork_client import Pool
from autograder.grade.run.plan import Plan, Step
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times
from tests.grade.fake_course import answered, as_bytes
from tests.waiting import LONG, named, wait_for

SECRET = b"the secret of this course, which no run may hold"
MASK = 0x5A  # what is looked for is handed in masked, so that the search does not find itself
SCAN = """
import gc, json
table = bytes(range(256)).translate(bytes(value ^ 0x5A for value in range(256)))
needles = {{name: bytes.fromhex(text) for name, text in json.loads({needles!r}).items()}}
found = dict.fromkeys(needles, 0)
with open("/proc/self/mem", "rb") as memory, open("/proc/self/maps") as maps:
    for line in maps.read().splitlines():
        first, last = (int(part, 16) for part in line.split()[0].split("-"))
        if " rw" not in line:
            continue
        for start in range(first, last, 8 << 20):
            try:
                memory.seek(start)
                data = memory.read(min(8 << 20, last - start) + 64).translate(table)
            except (OSError, ValueError, OverflowError):
                continue
            for name, needle in needles.items():
                found[name] += needle in data
            del data
print(json.dumps(found))
print([sorted(map(str, t)) for t in gc.get_objects() if isinstance(t, dict) and ("expected" in t or "wrong" in t)])
"""


def said(records: dict, number: int) -> str:
    """Return what a cell printed."""
    outputs = records[number].outputs
    return "".join(output.get("text", output.get("evalue", "")) for output in outputs) + records[number].why


def one(text: str, pool: Pool, **limits: int) -> str:
    """Run one cell and return what it printed."""
    return said(carry_out(Plan((Step(0, "run", text),)), pool, Limits(**limits), Times(LONG, LONG)), 0)


NAME = f"stays{os.getpid()}"  # of a run's processes, so that they can be seen from outside
STAY = f"""
import ctypes, time
ctypes.CDLL(None).prctl(15, b"{NAME}", 0, 0, 0)
while True: time.sleep(1)
"""


@contextmanager
def beside(text: str, pool: Pool) -> Iterator[None]:
    """Keep a run at work that takes the name NAME when it has come so far, and never ends by itself."""
    with ThreadPoolExecutor(1) as executor:
        running = executor.submit(one, text, pool)
        try:
            wait_for(lambda: named(NAME) or running.done(), "a run to settle in")
            assert not running.done(), running.result()
            yield
            assert not running.done(), running.result()
        finally:
            for pid in named(NAME):
                os.kill(pid, signal.SIGKILL)


def test_the_memory_of_a_run_holds_the_inputs_and_nothing_that_is_expected(course, trusted, pool):
    notebook = rebuilt(trusted, as_bytes(answered(course, mean_rows="pass", center="pass")))
    places = {c.metadata.nbgrader.grade_id: i for i, c in enumerate(notebook.cells) if "nbgrader" in c.metadata}
    drawn = {
        places[check.grade_id]: draw(check, trusted.public[check.name], SECRET, "ann", trusted.slug, "1")
        for check in trusted.key.checks
    }
    fresh = [drawn[places[check.grade_id]].fresh["cases"] for check in trusted.key.checks]
    seed = hashlib.sha256(SECRET).digest()
    needles = {
        "inputs": fresh[0][0]["inputs"]["X"].tobytes(),
        "expected mean": fresh[0][0]["expected"]["mean"].tobytes(),
        "expected rows": fresh[1][1]["expected"]["centered"].tobytes()[:64],
        "a mistake's result": np.ascontiguousarray(fresh[0][0]["wrong"]["sum"]["mean"]).tobytes(),
        "secret": SECRET,
        "digest of the secret": seed,
        "name in the key": b"mean_rows_loop",
        "another": b"Return the same, row by row.",
    }
    masked = {name: bytes(value ^ MASK for value in needle).hex() for name, needle in needles.items()}
    plan = make_plan(notebook, trusted, drawn)
    last = plan.steps[-1].number + 1
    scan = Step(last, "run", SCAN.format(needles=json.dumps(masked)))
    records = carry_out(replace(plan, steps=(*plan.steps, scan)), pool, Limits(), Times(LONG, LONG))
    counts, objects = said(records, last).splitlines()
    found = json.loads(counts)
    assert found.pop("inputs") > 0  # else the search itself does not work
    assert set(found.values()) == {0}, found
    assert objects == "[]"


LEAVE = (
    """
import ctypes, os, socket, time
libc = ctypes.CDLL(None)
for place in ("/tmp/covert", "/dev/shm/covert", "/var/tmp/covert", "./covert"):
    try: open(place, "w").write("hello")
    except OSError: pass
libc.shmget(4242, 4096, 0o1777); libc.msgget(4242, 0o1777); libc.semget(4242, 1, 0o1777)
libc.mq_open(b"/covert", 0o102, 0o666, None)
here = socket.socket(1, 1); here.bind("\\0covert"); here.listen()
try: there = socket.socket(1, 1); there.bind("/tmp/covert.socket"); there.listen()
except OSError: pass
try: net = socket.create_server(("127.0.0.1", 4242))
except OSError: pass
"""
    + STAY
)
LOOK = """
import ctypes, os, socket
libc = ctypes.CDLL(None)
seen = [place for place in ("/tmp/covert", "/dev/shm/covert", "/var/tmp/covert", "./covert", "/tmp/covert.socket")
        if os.path.exists(place)]
seen += [name for name, made in [("shm", libc.shmget(4242, 4096, 0o777)), ("msg", libc.msgget(4242, 0o777)),
                                 ("sem", libc.semget(4242, 1, 0o777)), ("mq", libc.mq_open(b"/covert", 2))]
         if made >= 0]
for where in ("\\0covert", "/tmp/covert.socket", ("127.0.0.1", 4242)):
    try:
        socket.socket(2 if isinstance(where, tuple) else 1, 1).connect(where); seen.append(where)
    except OSError: pass
seen += [p for p in os.listdir("/proc") if p.isdigit() and p != "1"]
print("seen", seen)
"""


def test_two_runs_at_a_time_see_nothing_of_each_other(pool):
    with beside(LEAVE, pool):
        assert one(LOOK, pool) == "seen []\n"


def test_nothing_of_a_run_is_found_by_the_next(pool):
    one("import builtins, numpy, os\nbuiltins.x = numpy.x = 1\nos.environ['X'] = '1'\nnumpy.random.seed(7)", pool)
    asked = "import builtins, numpy, os\nprint(hasattr(builtins, 'x'), hasattr(numpy, 'x'), 'X' in os.environ)"
    assert one(asked, pool) == "False False False\n"


def test_nobody_outside_hears_a_run(pool):
    tcp, abstract = socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX)
    abstract.bind("\0attention-test")
    abstract.listen()
    port = tcp.getsockname()[1]
    text = (
        "import socket\n"
        f"for family, where in [(2, ('127.0.0.1', {port})), (1, '\\0attention-test')]:\n"
        "    try: socket.socket(family, 1).connect(where); print('connected')\n"
        "    except OSError as error: print(type(error).__name__)\n"
    )
    assert "connected" not in one(text, pool)
    for server in (tcp, abstract):
        with server, pytest.raises(BlockingIOError):  # nobody has connected: a connection made would lie ready
            server.setblocking(False)
            server.accept()


def priorities() -> list[int]:
    """Return how far each of the named processes stands back, from 0 to 19."""
    found = []
    for pid in named(NAME):
        with suppress(ProcessLookupError):  # it has ended
            found.append(os.getpriority(os.PRIO_PROCESS, pid))
    return found


def test_a_run_of_many_busy_processes_makes_way_for_its_neighbour(pool):
    hog = (
        f"import ctypes, os, time\nctypes.CDLL(None).prctl(15, b'{NAME}', 0, 0, 0)\n"
        "for _ in range(50):\n    if os.fork() == 0:\n        while True: pass\n"
        "while True: time.sleep(1)\n"
    )
    with beside(hog, pool):
        wait_for(lambda: len(priorities()) > 50 and set(priorities()) == {19}, "all its processes to stand back")
        assert one("import os\nprint(os.getpriority(os.PRIO_PROCESS, 0))", pool) == "0\n"


@pytest.mark.parametrize("number", [1, 2, 15, 19, 20])
def test_a_signal_to_its_own_group_stays_inside(pool, number):
    text = f"import os, signal\nif {number} != 19: signal.signal({number}, signal.SIG_IGN)\nos.kill(0, {number})\n"
    assert one(text + "print('still here')", pool) == "still here\n"
