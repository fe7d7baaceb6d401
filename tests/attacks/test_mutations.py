"""Each fence taken away on purpose lets at least one attack through: the attacks have teeth, and no fence is idle."""

from __future__ import annotations

import io
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from autograder.grade import pipeline
from autograder.grade.feedback import sanitize
from autograder.grade.intake import rebuild
from autograder.grade.judge import judge
from autograder.grade.judge.judge import Drawn
from autograder.grade.pipeline import Grader, rebuilt, run_and_judge
from autograder.grade.run import execute, fork_client, plan, protocol
from autograder.grade.run.execute import carry_out
from autograder.grade.run.fork_client import Pool
from autograder.grade.run.plan import Plan, Step
from autograder.grade.sandbox import process_watch
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times
from tests.attacks.attack_list import ATTACKS
from tests.attacks.grader import DAEMON, GUEST, PWNED
from tests.attacks.judgement import FRAME, WHILE_CALLED
from tests.attacks.record import assert_runs_nothing
from tests.grade.fake_course import RIGHT, answered, as_bytes
from tests.waiting import LONG, named, wait_for

Patch = pytest.MonkeyPatch
Points = Callable[[str], float]


def text_of(identity: str) -> str:
    """Return the text of an attack."""
    return next(attack.text for attack in ATTACKS if attack.id == identity)


@pytest.fixture
def points(course, trusted, pool) -> Points:
    """Return a function that gives the points of an answer to `mean_rows`."""

    def run(text: str, edit: Callable | None = None) -> float:
        notebook = answered(course, **{**RIGHT, "mean_rows": text})
        if edit:
            edit(notebook)
        grader = Grader(pool, b"secret", Limits(memory=512 << 20), Times(3.0, 20.0))
        made = rebuilt(trusted, as_bytes(notebook))
        return run_and_judge(made, trusted, "eve", grader)[0].score

    return run


# ---------------------------------------------------------------- the judge
def trusts_the_learner(patch: Patch) -> None:
    """A verdict that the learner's process sends is believed."""
    real = execute.result_from

    def believing(head: dict, arrays: list, step: Step) -> dict:
        return step.cases[head["case"]]["expected"] if head.get("right") else real(head, arrays, step)

    patch.setattr(execute, "result_from", believing)


def compares_inside(patch: Patch) -> None:
    """The expected values go into the learner's process."""
    real = plan.Step.as_message

    def telling(step: Step) -> dict:
        return {**real(step), "cases": [{n: case[n] for n in ("inputs", "names", "expected")} for case in step.cases]}

    patch.setattr(plan.Step, "as_message", telling)


def draws_no_fresh_cases(patch: Patch) -> None:
    """Only the public cases are judged."""
    patch.setattr(pipeline, "draw", lambda check, public, *about: Drawn(public, public))


def judges_one_round(patch: Patch) -> None:
    """The second round is not looked at."""
    real = judge.judge_results
    patch.setattr(judge, "judge_results", lambda check, drawn, rounds: real(check, drawn, [rounds[0], rounds[0]]))


def compares_with_broadcasting(patch: Patch) -> None:
    """Shapes are not compared, nor sizes before them."""
    from autograder.learner import check

    patch.setattr(check, "comparable", lambda got, wanted, part, spec: True)
    patch.setattr(check, "close", lambda got, wanted, spec: bool(np.allclose(got, wanted, atol=1e-5)))


def runs_submitted_checks(patch: Patch) -> None:
    """Check cells are taken from the submission."""
    real = rebuild.rebuild

    def trusting(release, submission, album):
        notebook, notes = real(release, submission, album)
        theirs = {cell.grade_id: cell.text for cell in reversed(submission.cells) if cell.grade_id}
        for cell in notebook.cells:
            identity = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = theirs.get(identity, cell.source)
        return notebook, notes

    patch.setattr(pipeline, "rebuild", trusting)


FORGED = next(a for a in ATTACKS if a.id == "forged results (with the right framing and order)")
EDITED = next(a for a in ATTACKS if a.id == "edited or deleted check cells (edited and copied)")
JUDGE = [
    (trusts_the_learner, FORGED),
    (compares_inside, next(a for a in ATTACKS if a.id == "`gc`")),
    (draws_no_fresh_cases, next(a for a in ATTACKS if a.id == "reference (answers for the public cases by heart)")),
    (judges_one_round, next(a for a in ATTACKS if a.id == "inputs changed in place (right only the first times)")),
    (compares_with_broadcasting, next(a for a in ATTACKS if a.id == "broadcastable shapes (more rows)")),
    (runs_submitted_checks, EDITED),
]


@pytest.mark.parametrize(("weaken", "attack"), JUDGE, ids=[f"{weaken.__name__}" for weaken, _ in JUDGE])
def test_a_weaker_judge_gives_points_away(points, monkeypatch, weaken, attack):
    assert points(attack.text, attack.edit) == 0
    weaken(monkeypatch)
    assert points(attack.text, attack.edit) == 2


# ---------------------------------------------------------------- the border
PICKLED = (
    FRAME
    + f"""
import io
class Bomb:
    def __reduce__(self): return os.mkdir, ({str(PWNED)!r},)
def mean_rows(X):
    data = io.BytesIO()
    np.save(data, np.array([Bomb()] * 3, dtype=object), allow_pickle=True)
    send(raw('{{"type": "case", "step": 4, "turn": 0, "case": 0, "parts": ["mean"], "arrays": 1}}', data.getvalue()))
    return X[0]
"""
)


def test_a_border_that_unpickles_runs_what_it_is_sent(points, monkeypatch):
    try:
        assert points(PICKLED) == 0 and not PWNED.exists()
        monkeypatch.setattr(
            protocol, "array_from", lambda data, limits=None: np.load(io.BytesIO(data), allow_pickle=True)
        )
        points(PICKLED)
        assert PWNED.exists()
    finally:
        shutil.rmtree(PWNED, ignore_errors=True)


def test_a_border_without_a_cap_takes_all_it_is_sent(points, monkeypatch):
    taken = []
    real = protocol.Reader.take

    def counted(reader: protocol.Reader, size: int, most: int) -> bytes:
        data = real(reader, size, most)
        taken.append(size)
        return data

    monkeypatch.setattr(protocol.Reader, "take", counted)
    flood = FRAME + WHILE_CALLED.format("raw(b'x' * 60_000_000)")
    points(flood)
    assert max(taken) < 1_000_000
    open_wide = protocol.Limits(json=1 << 31, total=1 << 40)
    real_reader = protocol.Reader
    monkeypatch.setattr(protocol, "Reader", lambda read, limits=None: real_reader(read, open_wide))
    points(flood)
    assert max(taken) == 60_000_000


# ---------------------------------------------------------------- the page
def test_a_page_that_is_not_cleaned_runs_scripts(monkeypatch):
    text = "<p>x</p><script>alert(1)</script><img src=x onerror=alert(2)>"
    assert_runs_nothing(f"<body>{sanitize.safe_html(text)}{sanitize.safe_markdown(text + '1')}</body>")
    monkeypatch.setattr(sanitize, "cleaned", lambda text: text)
    with pytest.raises(AssertionError):
        assert_runs_nothing(f"<body>{sanitize.safe_html(text)}</body>")
    with pytest.raises(AssertionError):
        assert_runs_nothing(f"<body>{sanitize.safe_markdown(text + '2')}</body>")


# ---------------------------------------------------------------- the sandbox
def weakened(patch: Patch, code: str) -> Pool:
    """Return a pool whose fork server runs some code before it starts."""
    real = subprocess.Popen
    program = f"{code}\nfrom autograder.grade.run import fork_server\nfork_server.main()"

    def popen(command: list[str], **more: object) -> subprocess.Popen:
        place = command.index("-m")
        return real([*command[:place], "-c", program, *command[place + 2 :]], **more)

    patch.setattr(fork_client.subprocess, "Popen", popen)
    return Pool()


def run(text: str, pool: Pool, **limits: int) -> tuple[str, str]:
    """Run one cell to its end, or to that which the sandbox gives it; return what it printed and why it ended."""
    record = carry_out(Plan((Step(0, "run", text),)), pool, Limits(**limits), Times(LONG, LONG))[0]
    assert record.end != "timeout", "nothing was tried"
    printed = "".join(output.get("text", "") for output in record.outputs)
    return printed + "".join(o.get("evalue", "") for o in record.outputs), record.why


SANDBOX = (
    "from autograder.grade.run import fork_server\n"
    "from autograder.grade.sandbox import limits, namespaces, process_watch, seccomp, syscalls\n"
)
EAT = """
import os, sys, time, ctypes
ctypes.CDLL(None).prctl(15, {name!r}, 0, 0, 0)
full, tell = os.pipe()
for _ in range(8):
    if os.fork() == 0:
        block = bytearray(os.urandom(1 << 20) * 100); os.write(tell, b"x"); time.sleep(WAITS); os._exit(0)
for _ in range(8): os.read(full, 1)
time.sleep(WAITS)  # with all of it in use
print("FOUND memory")
"""
WAITS = {"guarded": LONG, "weak": 3.0}  # a watch that is there has all its time, one that is not uses none
DECODING = """
def children():
    import os
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            parent = int(open(f"/proc/{name}/stat").read().rpartition(")")[2].split()[1])
            found.setdefault(parent, []).append(int(name))
        except (OSError, ValueError): pass
    return found
process_watch.children = children
"""
NETWORK = "import socket\nsocket.create_connection(('127.0.0.1', {port}), WAITS)\nprint('FOUND network')"
FENCES = {
    "no memory watch": ("process_watch.used_memory = lambda *a: 0", EAT.format(name=b"eater"), {"memory": 256 << 20}),
    "names decoded by the watch": (DECODING, EAT.format(name=b"\xff\xfe"), {"memory": 256 << 20}),
    "no filter, memory files": (
        "syscalls.set_seccomp = lambda program: None",
        "import os\nos.memfd_create('x')\nprint('FOUND memfd')",
        {},
    ),
    "no filter, tracing": (
        "syscalls.set_seccomp = lambda program: None",
        "import ctypes, os\npid = os.fork()\nif not pid:\n    import time; time.sleep(WAITS); os._exit(0)\n"
        "assert ctypes.CDLL(None).ptrace(16, pid, 0, 0) == 0\nprint('FOUND trace')",
        {},
    ),
    "arguments not looked at": (
        "real = seccomp.argument_filters\n"
        "seccomp.argument_filters = lambda: {k: v for k, v in real().items() if k != 'mmap'}",
        "import mmap\nmmap.mmap(-1, 1 << 20)\nprint('FOUND shared memory')",
        {},
    ),
    "no network namespace": ("namespaces.NAMESPACES &= ~syscalls.NEWNET", NETWORK, {}),
    "capabilities kept": (
        "syscalls.drop_capabilities = lambda: None\nsyscalls.set_seccomp = lambda program: None",
        "import ctypes\nassert ctypes.CDLL(None, use_errno=True).mount(b'tmpfs', b'/tmp', b'tmpfs', 0, None) == 0\n"
        "print('FOUND mount')",
        {},
    ),
    "no limit of processes": (
        "import resource\nreal = resource.setrlimit\n"
        "limits.resource.setrlimit = lambda n, v: None if n == resource.RLIMIT_NPROC else real(n, v)",
        "import os, time\nfor _ in range(60):\n    if not os.fork(): time.sleep(WAITS); os._exit(0)\n"
        "print('FOUND forks')",
        {"processes": 30},
    ),
    "no limit of a file": (
        "import resource\nreal = resource.setrlimit\n"
        "limits.resource.setrlimit = lambda n, v: None if n == resource.RLIMIT_FSIZE else real(n, v)",
        "open('x', 'wb').write(b'x' * (40 << 20))\nprint('FOUND file')",
        {},
    ),
}


@pytest.mark.parametrize("fence", FENCES)
def test_a_weaker_sandbox_lets_something_through(pool, monkeypatch, fence):
    code, text, limits = FENCES[fence]
    with socket.create_server(("127.0.0.1", 0)) as server:
        text = text.replace("{port}", str(server.getsockname()[1]))
        printed, why = run(text.replace("WAITS", str(WAITS["guarded"])), pool, **limits)
        assert "FOUND" not in printed and (not why or "more than 256 MB" in why), (printed, why)
        with weakened(monkeypatch, SANDBOX + code) as weak:
            printed, why = run(text.replace("WAITS", str(WAITS["weak"])), weak, **limits)
            assert "FOUND" in printed, (printed, why)


def test_without_the_sandbox_the_key_can_be_read(course, pool):
    text = f"print('FOUND', open({str(course / 'solutions' / '90_fake_key.py')!r}).read())"
    assert "FOUND" not in run(text, pool)[0]
    with Pool(sandboxed=False) as bare:
        assert "mean_rows_loop" in run(text, bare)[0]


def killed_with_a_guest(pool: Pool) -> list[int]:
    """Start a run whose first process is deaf to all signals, kill the run, and return that process."""
    started = pool.start_run("numpy", Limits())
    arrays: list[np.ndarray] = []
    packed = protocol.pack(Plan((Step(0, "run", DAEMON + "stay()"),)).as_message(), arrays)
    started.results.sendall(protocol.message_bytes({"plan": packed}, arrays))
    wait_for(lambda: named(GUEST), "the guest to settle in")
    guests = named(GUEST)
    started.kill()
    return guests


def turns(pid: int) -> int:
    """Return how often a process has gone to sleep by itself, and so was awake before; of one that has ended, -1."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return -1
    return int(status.split("\nvoluntary_ctxt_switches:")[1].split()[0])


def test_a_kill_that_stops_at_the_keeper_leaves_a_guest(pool, monkeypatch):
    guests = killed_with_a_guest(pool)
    assert guests
    wait_for(lambda: not named(GUEST), "the guest to end with the run")
    code = (
        "import os, signal\nsyscalls.set_seccomp = lambda program: None\n"
        "def kill(pid):\n    try: os.kill(pid, signal.SIGKILL)\n    except ProcessLookupError: pass\n"
        "fork_server.kill = kill"
    )
    with weakened(monkeypatch, SANDBOX + code) as weak:
        (guest,) = killed_with_a_guest(weak)
        try:
            keeper = weak.warm["numpy"].process.pid
            wait_for(lambda: not process_watch.started_by(keeper), "the keeper to be gone")
            before = turns(guest)
            wait_for(lambda: turns(guest) > before + 10 or turns(guest) < 0, "the guest to go on, or to end")
            assert turns(guest) > 0
        finally:
            os.kill(guest, signal.SIGKILL)
