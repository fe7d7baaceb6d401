"""What code inside the sandbox sees and can do, asked from inside a real run."""

import json
import os
import subprocess
import sys

import pytest

from autograder.grade.run.execute import carry_out
from autograder.grade.run.plan import Plan, Step
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times
from tests.waiting import LONG

LOOK = """
import json, os, socket, ctypes
def attempt(action):
    try:
        return repr(action())
    except BaseException as error:
        return type(error).__name__
def write(path, size=1):
    with open(path, "wb") as file:
        return file.write(b"x" * size)
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
libc = ctypes.CDLL(None, use_errno=True)
print(json.dumps({
    "user": os.getuid(), "pid": os.getpid(), "root": sorted(os.listdir("/")), "etc": sorted(os.listdir("/etc")),
    "folder": os.getcwd(), "files": sorted(os.listdir(".")), "host": socket.gethostname(),
    "processes": [p for p in os.listdir("/proc") if p.isdigit()],
    "capabilities": [status[name] for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")],
    "no new privileges": status["NoNewPrivs"], "filter": status["Seccomp"],
    "environment": sorted(os.environ), "handles": sorted(map(int, os.listdir("/proc/self/fd"))),
    "course": attempt(lambda: os.listdir(COURSE)), "package": attempt(lambda: os.listdir(PACKAGE)),
    "home": attempt(lambda: os.listdir(HOME)),
    "write to python": attempt(lambda: write(os.path.join(os.path.dirname(json.__file__), "x"))),
    "write to root": attempt(lambda: write("/x")),
    "sysctl": attempt(lambda: write("/proc/sys/kernel/core_pattern")),
    "network": attempt(lambda: socket.create_connection(("127.0.0.1", PORT), 1)),
    "interfaces": attempt(lambda: [name for _, name in socket.if_nameindex()]),
    "namespace": libc.unshare(0x10000000), "ptrace": libc.ptrace(16, 1, 0, 0),
    "mount": libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None),
    "big file": attempt(lambda: write("big", 40 << 20)), "small file": attempt(lambda: write("small")),
    "shared memory": attempt(lambda: write("/dev/shm/x")),
}))
"""


@pytest.fixture(scope="module")
def seen(pool):
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    names = {"COURSE": os.path.join(here, "solutions"), "PACKAGE": os.path.join(here, "autograder"), "PORT": 9}
    head = "".join(f"{n} = {v!r}\n" for n, v in {**names, "HOME": os.path.expanduser("~")}.items())
    records = carry_out(Plan((Step(0, "run", head + LOOK),)), pool, Limits(), Times(LONG, LONG))
    text = "".join(o["text"] for o in records[0].outputs if o["output_type"] == "stream")
    assert text, records[0]
    return json.loads(text)


def test_it_is_nobody_in_a_world_of_its_own(seen):
    assert seen["user"] not in (0,) or os.geteuid() != 0
    assert seen["pid"] == 1 and seen["processes"] == ["1"]
    assert seen["host"] == "notebook"
    assert seen["folder"] == "/scratch" and seen["files"] == []


def test_it_has_no_rights_and_can_get_none(seen):
    assert set(seen["capabilities"]) == {"0" * 16}
    assert seen["no new privileges"] == "1" and seen["filter"] == "2"
    assert seen["namespace"] == seen["ptrace"] == seen["mount"] == -1


def test_it_sees_python_and_nothing_of_the_course(seen):
    assert not {"home", "var", "boot", "sys", "opt", "srv", "mnt"} & set(seen["root"])
    assert set(seen["etc"]) <= {"ld.so.cache", "fonts", "localtime"}
    assert seen["course"] == seen["package"] == "FileNotFoundError"
    assert not any("SECRET" in name or "COURSE" in name for name in seen["environment"])


def test_it_can_write_a_little_to_its_own_folder_only(seen):
    assert seen["write to python"] == seen["write to root"] == "OSError"
    assert seen["sysctl"] in ("PermissionError", "OSError")
    assert seen["big file"] == "OSError" and seen["small file"] == "1"
    assert seen["shared memory"] in ("FileNotFoundError", "OSError", "PermissionError")


def test_it_has_no_network(seen):
    assert seen["network"] == "OSError"
    assert seen["interfaces"] == "['lo']"


def test_it_holds_one_connection_to_the_judge_and_no_other_handle(seen):
    assert len([handle for handle in seen["handles"] if handle > 2]) <= 2  # the channel, and the listing itself


def test_memory_of_all_processes_together_is_limited(pool):
    eat = (
        "import os, time\n"
        "for _ in range(8):\n"
        "    if os.fork() == 0:\n"
        "        block = bytearray(os.urandom(1 << 20) * 100); time.sleep(9999); os._exit(0)\n"
        "time.sleep(9999)\n"
    )
    records = carry_out(Plan((Step(0, "run", eat),)), pool, Limits(memory=256 << 20), Times(LONG, LONG))
    assert "more than 256 MB of memory" in records[0].why


def test_the_number_of_processes_is_limited(pool):
    bomb = (
        "import os, time\ncount = 0\n"
        "try:\n"
        "    while count < 2000:\n"
        "        if os.fork() == 0:\n            time.sleep(9999); os._exit(0)\n"
        "        count += 1\n"
        "except OSError as error:\n    print(type(error).__name__, count)\n"
    )
    records = carry_out(Plan((Step(0, "run", bomb),)), pool, Limits(processes=40), Times(LONG, LONG))
    text = records[0].outputs[0]["text"]
    assert text.startswith("BlockingIOError") and int(text.split()[1]) < 60


REFUSING = """
import sys
from autograder.grade.sandbox import syscalls, namespaces
def refuse(flags):
    raise OSError(1, "Operation not permitted")
syscalls.unshare = refuse
try:
    namespaces.prepare()
except namespaces.Refused as refused:
    print(refused)
"""


def test_where_the_kernel_refuses_it_says_why_and_what_to_do():
    done = subprocess.run([sys.executable, "-c", REFUSING], capture_output=True, text=True, timeout=LONG)
    assert "cannot be built here" in done.stdout and "Operation not permitted" in done.stdout
    assert "--no-sandbox" in done.stdout and done.stdout.count("\n") == 1
