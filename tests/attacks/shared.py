"""Attacks on what all processes of a user, or of the machine, have together: each is refused, or ends its own run."""

from __future__ import annotations

from tests.attacks.record import Attack
from tests.attacks.resources import eating

TAKE = """
import ctypes, fcntl, os, platform
libc = ctypes.CDLL(None, use_errno=True)
def taken(action):
    "Say whether it can be had 300 times; a user has 128 instances of inotify."
    for _ in range(300):
        try: result = action()
        except OSError: return False
        if isinstance(result, int) and result < 0: return False
    return True
"""


def refused(how: str, action: str) -> Attack:
    """Return an attack whose answer is right if it was refused what it wanted; so it is known to have tried."""
    text = f"{TAKE}\ndef mean_rows(X):\n    return X[0] if taken(lambda: {action}) else X.mean(axis=0)\n"
    return Attack("what a user has so many of", text, how, (2, 3))


ATTACKS = [
    refused("watches of files", "libc.inotify_init1(0)"),
    refused("watches of file systems", "libc.fanotify_init(0, 0)"),
    refused("pages of pipes", "fcntl.fcntl(os.pipe()[1], 1031, 1 << 20)"),
    refused("locks", "fcntl.lockf(open('x', 'w'), fcntl.LOCK_EX)"),
    refused("timers", "libc.timer_create(1, None, ctypes.byref(ctypes.c_long()))"),
    refused("open files", "os.dup(0)"),
    refused("keys", "libc.syscall(250 if platform.machine() == 'x86_64' else 219, 1, 0, 0)"),
    refused("queues of messages", "libc.mq_open(b'/x', 0o102, 0o600, None)"),
    refused("shared memory", "libc.shmget(0, 1 << 20, 0o1600)"),
    refused("semaphores", "libc.semget(0, 100, 0o1600)"),
    refused("memory that is locked", "libc.mlockall(3)"),
    refused("the first place in the queue", "libc.sched_setscheduler(0, 1, b'\\1\\0\\0\\0')"),
    eating(
        "what a user has so many of",
        "pipes, in many processes",
        "def many():\n    global kept\n    kept = []\n    while True:\n        try: kept.append(os.pipe())\n"
        "        except OSError: return\ndef mean_rows(X):\n    forked(many, 60); time.sleep(20)",
    ),
    eating(
        "disk and `/dev/shm`",
        "a file of a terabyte, and as many as there can be",
        "def mean_rows(X):\n    with open('x', 'wb') as file:\n        try: os.truncate('x', 1 << 40)\n"
        "        except OSError: pass\n    try:\n        for n in range(10 ** 5): open(f'f{n}', 'w').close()\n"
        "    except OSError: pass\n    return X[0]",
    ),
]
