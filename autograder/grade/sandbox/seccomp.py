"""The list of system calls that learner code may not make, as a seccomp filter.

A list of what is denied, not of what is allowed: NumPy and TensorFlow use too many calls to name. It is
the second fence behind the namespaces; it closes parts of the kernel that no answer needs.
"""

from __future__ import annotations

import errno
import platform
import struct

from autograder.grade.sandbox.syscalls import PR_SET_PDEATHSIG

ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
DENIED = {
    "x86_64": {
        "ptrace": 101,
        "process_vm_readv": 310,
        "process_vm_writev": 311,
        "pidfd_getfd": 438,
        "kcmp": 312,
        "mount": 165,
        "umount2": 166,
        "pivot_root": 155,
        "chroot": 161,
        "open_tree": 428,
        "move_mount": 429,
        "fsopen": 430,
        "fsmount": 432,
        "mount_setattr": 442,
        "unshare": 272,
        "setns": 308,
        "add_key": 248,
        "request_key": 249,
        "keyctl": 250,
        "bpf": 321,
        "perf_event_open": 298,
        "userfaultfd": 323,
        "io_uring_setup": 425,
        "io_uring_enter": 426,
        "io_uring_register": 427,
        "open_by_handle_at": 304,
        "name_to_handle_at": 303,
        "init_module": 175,
        "finit_module": 313,
        "delete_module": 176,
        "kexec_load": 246,
        "reboot": 169,
        "swapon": 167,
        "acct": 163,
        "personality": 135,
        "memfd_create": 319,
        "memfd_secret": 447,
        "shmget": 29,
        "shmat": 30,
        "shmctl": 31,
        "msgget": 68,
        "semget": 64,
        "mq_open": 240,
        "fsconfig": 431,
        "fspick": 433,
        "fanotify_init": 300,
        "modify_ldt": 154,
        "swapoff": 168,
        "kexec_file_load": 320,
        "syslog": 103,
        "quotactl": 179,
        "inotify_init": 253,  # a user has 128 of them in all, with those of the programs outside
        "inotify_init1": 294,
        "io_setup": 206,  # of these the whole machine has a number
        "io_submit": 209,
        "semtimedop": 220,
        "msgsnd": 69,
    },
    "aarch64": {
        "ptrace": 117,
        "process_vm_readv": 270,
        "process_vm_writev": 271,
        "pidfd_getfd": 438,
        "kcmp": 272,
        "mount": 40,
        "umount2": 39,
        "pivot_root": 41,
        "chroot": 51,
        "open_tree": 428,
        "move_mount": 429,
        "fsopen": 430,
        "fsmount": 432,
        "mount_setattr": 442,
        "unshare": 97,
        "setns": 268,
        "add_key": 217,
        "request_key": 218,
        "keyctl": 219,
        "bpf": 280,
        "perf_event_open": 241,
        "userfaultfd": 282,
        "io_uring_setup": 425,
        "io_uring_enter": 426,
        "io_uring_register": 427,
        "open_by_handle_at": 265,
        "name_to_handle_at": 264,
        "init_module": 105,
        "finit_module": 273,
        "delete_module": 106,
        "kexec_load": 104,
        "reboot": 142,
        "swapon": 224,
        "acct": 89,
        "personality": 92,
        "memfd_create": 279,
        "memfd_secret": 447,
        "shmget": 194,
        "shmat": 196,
        "shmctl": 195,
        "msgget": 186,
        "semget": 190,
        "mq_open": 180,
        "fsconfig": 431,
        "fspick": 433,
        "fanotify_init": 262,
        "swapoff": 225,
        "kexec_file_load": 294,
        "syslog": 116,
        "quotactl": 60,
        "inotify_init1": 26,
        "io_setup": 0,
        "io_submit": 2,
        "semtimedop": 192,
        "msgsnd": 189,
    },
}
LOOKED_AT = {  # calls that are allowed with some arguments only
    "x86_64": {"clone": 56, "prctl": 157, "socket": 41, "socketpair": 53, "mmap": 9, "fcntl": 72},
    "aarch64": {"clone": 220, "prctl": 167, "socket": 198, "socketpair": 199, "mmap": 222, "fcntl": 25},
}
LOAD, AND, JUMP_EQUAL, JUMP_SET, RETURN = 0x20, 0x54, 0x15, 0x45, 0x06
ALLOW, ERROR, KILL = 0x7FFF0000, 0x00050000, 0x80000000
X32_BIT = 0x40000000  # the second way to call the kernel on x86-64, used by nobody: denied
CLONE3 = 435  # flags behind a pointer cannot be read here; ENOSYS makes the C library use clone instead
NEW_NAMESPACES = 0x7E020000
SHARED_ANONYMOUS = 0x21  # memory that stays when nobody has it mapped, and is then in no process's figures
F_SETPIPE_SIZE = 1031  # a larger buffer is counted against the pages of all pipes of a user
RECORD_LOCKS = [6, 7, 37, 38]  # F_SETLK, F_SETLKW and those of open files: kernel memory that nobody counts or limits
FAMILIES = [1, 2, 10, 16]  # Unix, IPv4, IPv6, netlink; others (vsock, alg …) are not all kept in by the namespace


def bpf(code: int, value: int, when_true: int = 0, when_false: int = 0) -> bytes:
    """Return one BPF instruction; the jumps count the instructions to leave out."""
    return struct.pack("HBBI", code, when_true, when_false, value)


def argument(number: int) -> bytes:
    """Return the instruction that loads the lower half of an argument of the call."""
    return bpf(LOAD, 16 + 8 * number)


def argument_filters() -> dict[str, list[bytes]]:
    """Return, for each call whose arguments decide, the instructions that do."""
    allow, deny = bpf(RETURN, ALLOW), bpf(RETURN, ERROR | errno.EPERM)
    known = [part for family in FAMILIES for part in (bpf(JUMP_EQUAL, family, 0, 1), allow)]
    socket = [argument(0), *known, bpf(RETURN, ERROR | errno.EAFNOSUPPORT)]
    no_locks = bpf(RETURN, ERROR | errno.ENOLCK)
    locks = [part for command in RECORD_LOCKS for part in (bpf(JUMP_EQUAL, command, 0, 1), no_locks)]
    return {
        "fcntl": [argument(1), bpf(JUMP_EQUAL, F_SETPIPE_SIZE, 0, 1), deny, *locks, allow],
        "clone": [argument(0), bpf(JUMP_SET, NEW_NAMESPACES, 0, 1), deny, allow],
        "prctl": [argument(0), bpf(JUMP_EQUAL, PR_SET_PDEATHSIG, 0, 1), deny, allow],
        "socket": socket,
        "socketpair": socket,
        "mmap": [argument(3), bpf(AND, SHARED_ANONYMOUS), bpf(JUMP_EQUAL, SHARED_ANONYMOUS, 0, 1), deny, allow],
    }


def program() -> bytes:
    """Return the filter for this machine: a wrong architecture is killed, a denied call fails with EPERM."""
    machine = platform.machine()
    deny = bpf(RETURN, ERROR | errno.EPERM)
    steps = [bpf(LOAD, 4), bpf(JUMP_EQUAL, ARCHITECTURE[machine], 1, 0), bpf(RETURN, KILL), bpf(LOAD, 0)]
    if machine == "x86_64":
        steps += [bpf(JUMP_SET, X32_BIT, 0, 1), deny]
    for name, decide in argument_filters().items():  # the calls made most come first
        steps += [bpf(JUMP_EQUAL, LOOKED_AT[machine][name], 0, len(decide)), *decide]
    for number in DENIED[machine].values():
        steps += [bpf(JUMP_EQUAL, number, 0, 1), deny]
    steps += [bpf(JUMP_EQUAL, CLONE3, 0, 1), bpf(RETURN, ERROR | errno.ENOSYS)]
    return b"".join([*steps, bpf(RETURN, ALLOW)])
