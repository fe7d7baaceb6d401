"""What code inside the sandbox sees and can do, asked from inside a real run."""

import ast
import errno
import json
import os
import platform
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


SHARED_BY_A_USER = """
import ctypes, fcntl, os, resource, signal
libc = ctypes.CDLL(None, use_errno=True)
def failed(result):
    return result < 0 and ctypes.get_errno()
def tried(action):
    try: return action() and None
    except OSError as error: return error.errno
one, other = os.pipe()
here = open("lock", "w")
def timers():
    made, number = 0, ctypes.c_int()
    while made < 1000 and libc.timer_create(1, None, ctypes.byref(number)) == 0: made += 1
    return made
print({
    "inotify": [failed(libc.inotify_init()), failed(libc.inotify_init1(0))],
    "fanotify": failed(libc.fanotify_init(0, 0)),
    "pipe": [tried(lambda: fcntl.fcntl(other, 1031, 1 << 20)), fcntl.fcntl(other, 1032)],
    "locks": [tried(lambda: fcntl.lockf(here, fcntl.LOCK_EX)), tried(lambda: fcntl.flock(here, fcntl.LOCK_EX))],
    "aio": failed(libc.syscall(IO_SETUP, 1000, ctypes.byref(ctypes.c_long()))),
    "keys": failed(libc.syscall(KEYCTL, 0, -3, 1)), "perf": failed(libc.syscall(PERF, None, 0, -1, -1, 0)),
    "messages": failed(libc.mq_open(b"/x", 0o102, 0o600, None)), "shared": failed(libc.shmget(1, 4096, 0o1600)),
    "memfd": failed(libc.memfd_create(b"x", 0)), "semaphores": failed(libc.semget(1, 1, 0o1600)),
    "locked memory": failed(libc.mlockall(3)), "real time": failed(libc.sched_setscheduler(0, 1, b"\\1\\0\\0\\0")),
    "timers": timers() <= 128, "nice": tried(lambda: os.nice(-1)),
})
"""
NUMBERS = {"x86_64": (206, 250, 298), "aarch64": (0, 219, 241)}  # io_setup, keyctl, perf_event_open


def test_nothing_that_a_user_has_so_many_of_can_be_used_up(pool):
    """Limits on all processes of a user, or on the machine, would be met by the programs outside."""
    numbers = zip(("IO_SETUP", "KEYCTL", "PERF"), NUMBERS[platform.machine()], strict=True)
    text = "".join(f"{name} = {number}\n" for name, number in numbers) + SHARED_BY_A_USER
    record = carry_out(Plan((Step(0, "run", text),)), pool, Limits(), Times(LONG, LONG))[0]
    assert record.outputs[0]["output_type"] == "stream", record
    seen = ast.literal_eval(record.outputs[0]["text"])
    assert seen.pop("pipe") == [errno.EPERM, 65536]
    assert seen.pop("locks") == [errno.ENOLCK, None]
    assert seen.pop("timers") is True
    assert seen.pop("inotify") == [errno.EPERM] * 2
    assert all(seen.pop(name) in (errno.EPERM, errno.EACCES, errno.ENOMEM, errno.EAGAIN) for name in list(seen))


def test_the_number_of_open_handles_is_limited_for_all_processes_together(pool):
    text = (
        "import os, time\nfor _ in range(20):\n    if os.fork() == 0:\n        kept = [os.pipe() for _ in range(100)]\n"
    )
    text += "        time.sleep(60)\ntime.sleep(60)"
    record = carry_out(Plan((Step(0, "run", text),)), pool, Limits(), Times(LONG, LONG))[0]
    assert record.why == "it held more than 1,024 files, sockets and pipes open at a time"
