"""The few Linux system calls that the sandbox needs and Python 3.11 lacks."""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from pathlib import Path

NEWNS, NEWUTS, NEWIPC = 0x00020000, 0x04000000, 0x08000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP = 1, 4, 24
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_CAP_AMBIENT = 38, 22, 47
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
CAPSET_VERSION_3 = 0x20080522

libc = ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> int:
    """Return the result of a system call, or raise OSError that names the call."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def unshare(flags: int) -> None:
    """Give this process, which must have one thread, new namespaces."""
    checked(libc.unshare(flags), "unshare")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """Mount as mount(2)."""
    text = [item.encode() if item else None for item in (source, target, kind, data)]
    result = libc.mount(text[0], text[1], text[2], ctypes.c_ulong(flags), text[3])
    checked(result, f"mount {kind or 'bind'} on {target}")


def umount(target: str) -> None:
    """Detach a mount and all below it."""
    checked(libc.umount2(target.encode(), MNT_DETACH), f"umount {target}")


def pivot_root(new: str, old: str) -> None:
    """Make `new` the root and put the former root at `old`, a folder below it."""
    number = PIVOT_ROOT.get(platform.machine())
    if number is None:
        raise OSError(f"no sandbox for {platform.machine()} processors yet")
    checked(libc.syscall(ctypes.c_long(number), new.encode(), old.encode()), "pivot_root")


def prctl(option: int, a: int = 0, b: int = 0) -> None:
    """Set an attribute of this process as prctl(2)."""
    checked(libc.prctl(option, ctypes.c_ulong(a), ctypes.c_ulong(b), 0, 0), f"prctl {option}")


def drop_capabilities() -> None:
    """Give up every capability for good, now and in programs started later."""
    highest = Path("/proc/sys/kernel/cap_last_cap")
    last = int(highest.read_text()) if highest.exists() else 40
    for capability in range(last + 1):
        prctl(PR_CAPBSET_DROP, capability)
    header = struct.pack("Ii", CAPSET_VERSION_3, 0)
    checked(libc.capset(header, bytes(24)), "capset")


def set_seccomp(program: bytes) -> None:
    """Install a seccomp filter given as packed BPF instructions; it can never be removed."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    buffer = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    filter_ = Program(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    checked(libc.prctl(PR_SET_SECCOMP, 2, ctypes.byref(filter_), 0, 0), "seccomp")
